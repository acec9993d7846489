//! What is reported of a KMS host becomes the last two stages of the walk to it: nobody can probe them.

use serde_json::Value;

use crate::servers::knot::Knot;
use crate::servers::rpc::RpcServer;
use crate::support::check::{verdict, walk};
use crate::support::config;
use crate::support::daemon::Daemon;
use crate::support::post::Sender;
use crate::support::reports::{Client, kms_host, minutes_ago, now};
use crate::support::status::{Kept, sender, text};

const HOST: &str = "kms01.corp.example";

/// A KMS host that takes a bind, and the DNS in which it is found.
fn host() -> (RpcServer, Knot) {
    let rpc = RpcServer::start(0);
    let records = format!("_vlmcs._tcp SRV 0 0 {} kms01\nkms01 A 127.0.0.1", rpc.address().port());
    let dns = Knot::start("corp.example", &records);
    (rpc, dns)
}

fn kept(dns: &Knot) -> Kept {
    Kept::new().with_paths(&(config::discovered(&[dns.address()]) + "clock: {ntp: [], host_clocks: off}\n"))
}

fn path(daemon: &Daemon<'_>) -> Value {
    daemon.report()["paths"][0].clone()
}

/// Waits until the verdict is this, and returns the path.
#[track_caller]
fn wait_for(daemon: &Daemon<'_>, expected: &str) -> Value {
    let mut last = Value::Null;
    let begun = std::time::Instant::now();
    while begun.elapsed() < std::time::Duration::from_secs(20) {
        last = path(daemon);
        if verdict(&last) == expected {
            return last;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{} is not {expected}: {last:#}", verdict(&last));
}

/// The stages beyond those that are probed.
fn reported_stages(path: &Value) -> Vec<String> {
    let lines = walk(path).into_iter().filter(|line| line.contains(" host ") || line.contains(" count "));
    lines.map(|line| line.rsplit_once('@').map_or(line.clone(), |(_, rest)| rest.to_owned())).collect()
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn what_a_host_and_its_clients_report_is_judged_as_a_client_would_find_it() {
    let (_rpc, dns) = host();
    let kept = kept(&dns);
    let daemon = kept.serve();
    daemon.wait_until_ready();
    assert_eq!(reported_stages(&wait_for(&daemon, "ok - - - -")), [""; 0]);
    let sender = sender(daemon.address());
    let report = |status, count| {
        let answer = sender.send(kms_host("KMS01.corp.example", now(), status, count));
        assert_eq!((answer.status, answer.count("not_understood")), (202, 0), "{answer:?}");
        // Two reports of one second would be in no order.
        let second = now();
        crate::servers::process::wait_until("time stands still", || now() > second);
    };
    // Clients that need the host to count 5 and 25.
    for client in [Client::new("srv01"), Client::windows("ws01")] {
        assert_eq!(sender.send(client.text()).status, 202);
    }

    report(1, 3);
    wait_for(&daemon, "blocked count too_low 0xC004F038 -");
    report(1, 40);
    let path = wait_for(&daemon, "ok - - - -");
    assert_eq!(reported_stages(&path), ["127.0.0.1 host ok", "127.0.0.1 count ok"]);
    assert_eq!(path["machines"], 2, "{path:#}");
    let scrape = daemon.scrape();
    assert_eq!(
        scrape.value("gracewatch_kms_host_current_clients", &[("machine", HOST), ("application", "windows")]),
        Some(40.0)
    );
    assert_eq!(
        scrape.value("gracewatch_kms_host_required_clients", &[("machine", HOST), ("application", "windows")]),
        Some(25.0)
    );
    assert_eq!(scrape.value("gracewatch_kms_host_licensed", &[("machine", HOST)]), Some(1.0));
    assert_eq!(scrape.value("gracewatch_stage_up", &[("path", "corp"), ("stage", "count")]), Some(1.0));

    report(1, 10);
    let path = wait_for(&daemon, "degraded count too_low - -");
    assert!(text(&path["summary"]).contains("10"), "{path:#}");
    report(5, 40);
    let path = wait_for(&daemon, "blocked host unlicensed 0xC004F041 -");
    assert_eq!(reported_stages(&path), ["127.0.0.1 host unlicensed"]);
    assert_eq!(daemon.scrape().value("gracewatch_kms_host_licensed", &[("machine", HOST)]), Some(0.0));
    let blocked = [("path", "corp"), ("stage", "host"), ("reason", "unlicensed"), ("code", "0xC004F041")];
    assert_eq!(daemon.scrape().value("gracewatch_path_blocked_info", &blocked), Some(1.0));
    report(1, 40);
    wait_for(&daemon, "ok - - - -");
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn a_host_of_strangers_is_no_other_for_sharing_its_short_name() {
    const OTHER: &str = "0123456789abcdef-elsewhere";
    let rpc = RpcServer::start(0);
    let dns = Knot::start("kms03", "@ A 127.0.0.1");
    let paths = format!(
        "paths: [{{name: corp, kms: {{hosts: [\"kms03:{}\"], nameservers: [\"{}\"]}}}}]\n\
         clock: {{ntp: [], host_clocks: off}}\n",
        rpc.address().port(),
        dns.address()
    );
    let kept = Kept::new().with_paths(&paths);
    let tokens = kept.directory().path().join("tokens");
    let known = std::fs::read_to_string(&tokens).expect("it is there");
    kept.directory().write_private("tokens", known + &format!("elsewhere {OTHER} *.evil.example\n"));
    let daemon = kept.serve();
    wait_for(&daemon, "ok - - - -");
    let sender = sender(daemon.address());
    for number in 0..3 {
        let client = Client { kms_host: "kms03".to_owned(), ..Client::new(&format!("srv{number}.corp.example")) };
        assert_eq!(sender.send(client.text()).status, 202);
    }
    let stranger = Sender::with_token(daemon.address(), OTHER);
    assert_eq!(stranger.send(kms_host("kms03.evil.example", now(), 5, 0)).status, 202);
    daemon.scrape_until("the report is not aggregated", |scrape| {
        scrape.value("gracewatch_kms_host_licensed", &[("machine", "kms03.evil.example")]) == Some(0.0)
    });
    daemon.wait_for_rounds("rpc", 3);
    let path = path(&daemon);
    assert_eq!((verdict(&path).as_str(), reported_stages(&path)), ("ok - - - -", vec![]));
    assert_eq!(path["machines"], 3, "{path:#}");

    // The host itself reports under the name by which it is configured.
    assert_eq!(sender.send(kms_host("KMS03", now(), 5, 40)).status, 202);
    wait_for(&daemon, "blocked host unlicensed 0xC004F041 -");
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn what_was_reported_too_long_ago_says_nothing() {
    let (_rpc, dns) = host();
    let kept = kept(&dns);
    let daemon = kept.serve();
    daemon.wait_until_ready();
    let stale = kms_host(HOST, minutes_ago(9 * 1440), 5, 3);
    assert_eq!(sender(daemon.address()).send(stale).status, 202);
    let reported = |scrape: &crate::support::scrape::Scrape| {
        scrape.value("gracewatch_kms_host_current_clients", &[("machine", HOST), ("application", "windows")])
            == Some(3.0)
    };
    daemon.scrape_until("the report is not aggregated", reported);
    daemon.wait_for_rounds("rpc", 2);
    let path = path(&daemon);
    assert_eq!((verdict(&path).as_str(), reported_stages(&path)), ("ok - - - -", vec![]));
}
