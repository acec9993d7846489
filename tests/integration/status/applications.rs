//! A KMS host counts the clients of each application apart, and says what is wrong with itself: by real reports, in
//! whatever order, and whoever else speaks.

use serde_json::Value;

use crate::servers::knot::Knot;
use crate::servers::rpc::RpcServer;
use crate::support::check::verdict;
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::post::Sender;
use crate::support::reports::{Client, host_event, kms_host_of_both, kms_host_of_two_offices, minutes_ago};
use crate::support::status::{Kept, sender};

const HOST: &str = "kms01.corp.example";
const EVIL: &str = "0123456789abcdef-elsewhere";

struct World {
    _rpc: RpcServer,
    _dns: Knot,
    kept: Kept,
}

impl World {
    fn new() -> Self {
        let rpc = RpcServer::start(0);
        let records = format!("_vlmcs._tcp SRV 0 0 {} kms01\nkms01 A 127.0.0.1", rpc.address().port());
        let dns = Knot::start("corp.example", &records);
        let paths = config::discovered(&[dns.address()]) + "clock: {ntp: [], host_clocks: off}\n";
        let kept = Kept::new().with_paths(&paths);
        let tokens = kept.directory().path().join("tokens");
        let known = std::fs::read_to_string(&tokens).expect("it is there");
        kept.directory().write_private("tokens", known + &format!("elsewhere {EVIL} *.evil.example\n"));
        Self { _rpc: rpc, _dns: dns, kept }
    }
}

/// Waits until the verdict is this, and returns the path.
#[track_caller]
fn wait_for(daemon: &Daemon<'_>, expected: &str) -> Value {
    let begun = std::time::Instant::now();
    loop {
        let path = daemon.report()["paths"][0].clone();
        if verdict(&path) == expected {
            return path;
        }
        assert!(begun.elapsed().as_secs() < 30, "{} is not {expected}: {path:#}", verdict(&path));
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Waits until everything that was sent is part of the verdict, which is still this.
#[track_caller]
fn stays(daemon: &Daemon<'_>, known: f64, expected: &str) {
    daemon.scrape_until("the reports are not aggregated", |scrape| {
        scrape.value("gracewatch_machines_known", &[]) == Some(known)
    });
    daemon.wait_for_rounds("rpc", 2);
    wait_for(daemon, expected);
}

#[track_caller]
fn send(sender: &Sender, report: String) {
    let answer = sender.send(report);
    assert_eq!((answer.status, answer.count("not_understood")), (202, 0), "{answer:?}");
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn the_clients_of_an_application_are_affected_by_its_count_alone() {
    let world = World::new();
    let daemon = world.kept.serve();
    daemon.wait_until_ready();
    let sender = sender(daemon.address());
    // Both on one report, which used to overwrite each other.
    send(&sender, kms_host_of_both(HOST, minutes_ago(60), 10, 50));
    let path = wait_for(&daemon, "degraded count too_low - -");
    let counted = &path["problems"][0]["subject"]["client_count"];
    assert_eq!((&counted["application"], &counted["current"]), (&"windows".into(), &10.into()), "{path:#}");
    let scrape = daemon.scrape();
    let count = |application| {
        scrape.value("gracewatch_kms_host_current_clients", &[("machine", HOST), ("application", application)])
    };
    assert_eq!(["windows", "office", "office2010"].map(count), [Some(10.0), Some(50.0), None]);

    // Only clients of Windows use it: nobody is activated.
    send(&sender, Client::windows("ws01.corp.example").text());
    wait_for(&daemon, "blocked count too_low 0xC004F038 -");
    send(&sender, Client::office("ws02.corp.example").text());
    let path = wait_for(&daemon, "degraded count too_low - -");
    assert_eq!(path["problems"][0]["subject"]["client_count"]["clients"], 1, "{path:#}");
    // The other way round.
    send(&sender, kms_host_of_both(HOST, minutes_ago(59), 50, 3));
    let path = wait_for(&daemon, "degraded count too_low - -");
    let begun = std::time::Instant::now();
    let mut application = path["problems"][0]["subject"]["client_count"]["application"].clone();
    while application != "office" && begun.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        application = daemon.report()["paths"][0]["problems"][0]["subject"]["client_count"]["application"].clone();
    }
    assert_eq!(application, "office");
    send(&sender, kms_host_of_both(HOST, minutes_ago(58), 50, 50));
    wait_for(&daemon, "ok - - - -");
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn a_key_that_lapses_beside_one_in_force_is_named() {
    const OLD: &str = "Office 16, Office16KMSHostVL_KMS_Host edition";
    let world = World::new();
    let daemon = world.kept.serve();
    daemon.wait_until_ready();
    let sender = sender(daemon.address());
    send(&sender, kms_host_of_two_offices(HOST, minutes_ago(60), 5));
    let path = wait_for(&daemon, "degraded host unlicensed - -");
    let license = &path["problems"][0]["subject"]["host_license"];
    assert_eq!((&license["application"], &license["product"]), (&"office".into(), &OLD.into()), "{path:#}");
    assert!(path["summary"].as_str().expect("it is a text").contains(OLD), "{path:#}");
    let hosts = serde_json::from_str::<Value>(&daemon.get("/api/v1/kms-hosts").body).expect("it is JSON");
    let applications = &hosts["kms_hosts"][0]["reported"]["applications"];
    let keys = applications.as_array().expect("it has some").iter().flat_map(|application| {
        let keys = application["keys"].as_array().expect("each has keys").iter();
        keys.map(|key| (key["product"].clone(), key["license_status"].clone(), key["current_count"].clone()))
    });
    let expected = [
        ("Windows(R), ServerDatacenter edition".into(), 1.into(), 50.into()),
        ("Office 21, Office21KMSHostVL_KMS_Host edition".into(), 1.into(), 50.into()),
        (OLD.into(), 5.into(), 50.into()),
    ];
    assert_eq!(keys.collect::<Vec<_>>(), expected, "{hosts:#}");
    send(&sender, kms_host_of_two_offices(HOST, minutes_ago(59), 1));
    wait_for(&daemon, "ok - - - -");
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn a_stranger_neither_raises_nor_lowers_what_a_host_needs() {
    let world = World::new();
    let daemon = world.kept.serve();
    daemon.wait_until_ready();
    let (sender, stranger) = (sender(daemon.address()), Sender::with_token(daemon.address(), EVIL));
    send(&sender, kms_host_of_both(HOST, minutes_ago(60), 10, 50));
    send(&sender, Client::windows("ws01.corp.example").text());
    wait_for(&daemon, "blocked count too_low 0xC004F038 -");
    // A server needs 5 indeed, and what a client claims to need is not true.
    send(&stranger, Client::new("a.evil.example").text());
    send(&stranger, Client { required_count: 5, ..Client::windows("b.evil.example") }.text());
    send(&stranger, Client { required_count: 1, ..Client::windows("c.evil.example") }.text());
    stays(&daemon, 5.0, "blocked count too_low 0xC004F038 -");

    send(&sender, Client::new("ws01.corp.example").text());
    wait_for(&daemon, "ok - - - -");
    send(&stranger, Client::windows("d.evil.example").text());
    send(&stranger, Client { required_count: 25, ..Client::new("e.evil.example") }.text());
    stays(&daemon, 7.0, "ok - - - -");
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn what_a_host_cannot_do_is_believed_of_itself_until_it_can() {
    let world = World::new();
    let daemon = world.kept.serve();
    daemon.wait_until_ready();
    let (sender, stranger) = (sender(daemon.address()), Sender::with_token(daemon.address(), EVIL));
    let failed = |host, ago| host_event(12293, host, minutes_ago(ago), &["0x80072338", "corp.example"]);
    // Nobody else says it: not of this host, and not of one that is none of the path.
    assert_eq!(stranger.send(failed(HOST, 60)).status, 403);
    send(&stranger, failed("kms66.evil.example", 60));
    daemon.scrape_until("the report is not aggregated", |scrape| {
        scrape
            .value("gracewatch_kms_host_last_report_timestamp_seconds", &[("machine", "kms66.evil.example")])
            .is_some()
    });
    daemon.wait_for_rounds("rpc", 2);
    wait_for(&daemon, "ok - - - -");

    send(&sender, failed(HOST, 50));
    let path = wait_for(&daemon, "degraded srv publishing_failed - -");
    let unpublished = &path["problems"][0]["subject"]["unpublished"];
    assert_eq!((&unpublished["host"], &unpublished["code"]), (&HOST.into(), &"0x80072338".into()), "{path:#}");
    // An older success is none, and that of another domain says nothing of this one.
    let published = |ago, domain| host_event(12294, HOST, minutes_ago(ago), &[domain]);
    send(&sender, published(55, "corp.example"));
    send(&sender, published(40, "lab.example"));
    daemon.wait_for_rounds("rpc", 3);
    wait_for(&daemon, "degraded srv publishing_failed - -");
    send(&sender, published(30, "corp.example"));
    wait_for(&daemon, "ok - - - -");
}
