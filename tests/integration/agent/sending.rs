//! That what is reported is on the server once, whatever happens on the way.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::agent::{KEY, MACHINE, World, rows};
use crate::servers::process::{Process, wait_until};
use crate::servers::rpc::RpcServer;
use crate::support::program::{Printed, run};
use crate::support::scrape::Scrape;
use crate::support::status::{sample, text};

/// The type of an RPC bind.
const BIND: u8 = 11;

/// How it ended, and how much it sent.
fn said(printed: &Printed) -> (Option<i32>, &str) {
    (printed.exit_code, printed.stdout.split(" sent to").next().unwrap_or_default())
}

#[test]
#[ignore = "needs curl, openssl, libfaketime, python3-impacket"]
fn a_report_changes_the_fleet_and_holds_no_key() {
    let kms = RpcServer::start(0);
    let world = World::new();
    let daemon = world.serve();
    let file = world.record(&rows(&kms.address().to_string(), 1, 250_000));
    let printed = world.report(&file);
    assert_eq!(said(&printed), (Some(0), "1 report"), "{printed:?}");
    assert_eq!(printed.stderr, "");

    let known = world.known(MACHINE);
    let license = &known["licenses"][0];
    assert_eq!(license["kms_host"], kms.address().to_string(), "{known:#}");
    assert_eq!(license["license_status"], 1, "{known:#}");
    // What a KMS host would count is not asked for: a bind is all that is sent.
    assert_eq!(BTreeSet::from_iter(kms.received().pdu_types()), BTreeSet::from([BIND]));

    // It is lost, and known to be. Of two reports of one second the second brings nothing new.
    let lost = world.record(&rows(&kms.address().to_string(), 5, 0));
    wait_until("it is not lost", || {
        assert_eq!(said(&world.report(&lost)), (Some(0), "1 report"));
        world.known(MACHINE)["licenses"][0]["license_status"] == 5
    });
    assert_eq!(world.counted("refused"), None);

    let bytes = String::from_utf8_lossy(&world.kept.all_bytes()).into_owned();
    let log = daemon.log();
    for secret in [KEY, "03612-03762-000-000000-03-1033"] {
        assert!(!bytes.contains(secret) && !log.contains(secret));
    }
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn what_could_not_be_sent_waits_and_is_sent_once() {
    let world = World::new();
    // An outage, with something new each time.
    for (run, minutes) in (1..).zip([250_000, 249_000, 248_000]) {
        let printed = world.report(&world.record(&rows("127.0.0.1:9", 1, minutes)));
        assert_eq!(said(&printed), (Some(40), "0 reports"), "{printed:?}");
        assert!(printed.stderr.contains("the server cannot be reached"), "{printed:?}");
        assert_eq!(world.files("spool").len(), run);
    }
    let copy = |file: PathBuf| (fs::read(&file).expect("it is ours"), file);
    let copies: Vec<_> = world.files("spool").into_iter().map(copy).collect();

    let daemon = world.serve();
    let printed = world.report(&world.record(&rows("127.0.0.1:9", 5, 0)));
    assert_eq!(said(&printed), (Some(0), "4 reports"), "{printed:?}");
    assert!(world.files("spool").is_empty());
    assert_eq!([world.counted("stored"), world.counted("unchanged")], [Some(4.0), None]);
    let changes = || world.json("/api/v1/changes?since=1d")["changes"].clone();
    let before = changes();
    assert!(before.to_string().contains(MACHINE), "{before}");

    // The machine lost power after it had sent them, and before it removed them: they are sent again, and count once.
    for (bytes, file) in copies {
        fs::write(file, bytes).expect("it is ours");
    }
    let mut again = world.agent();
    again.arg("--once").arg("--from").arg(world.machine.write("nothing.txt", ""));
    let printed = run(again);
    assert!(printed.stdout.starts_with("3 reports sent"), "{printed:?}");
    assert_eq!(world.counted("stored"), Some(4.0));
    assert_eq!(changes(), before);
    assert_eq!(world.known(MACHINE)["licenses"][0]["license_status"], 5);
    drop(daemon);
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_text_without_a_time_counts_once_however_often_it_is_sent() {
    let world = World::new();
    let file = world.machine.path().join("ws9.txt");
    fs::copy(sample("en-dlv-kmsclient.txt"), &file).expect("it can be copied");
    assert_eq!(world.report(&file).exit_code, Some(40));
    let _daemon = world.serve();
    // The file is what it was, so that its time is.
    let printed = world.report(&file);
    assert_eq!(said(&printed), (Some(0), "2 reports"), "{printed:?}");
    let scrape = Scrape::parse(world.fetch("/metrics"));
    let counted = |result: &str| scrape.value("gracewatch_reports_total", &[("source", "slmgr"), ("result", result)]);
    assert_eq!([counted("stored"), counted("unchanged")], [Some(1.0), Some(1.0)]);
    assert_eq!(text(&world.known("ws9")["machine"]), "ws9");
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn an_agent_goes_on_until_it_is_stopped_and_has_its_folder_to_itself() {
    let world = World::new();
    let file = world.record(&rows("127.0.0.1:9", 1, 250_000));
    let mut command = world.agent();
    command.args(["--spread", "0s", "--interval", "1m", "--from"]).arg(&file);
    let mut agent = Process::start("agent", command, world.machine.path());
    wait_until("nothing fails", || agent.output().contains("outcome=\"server_unreachable\""));
    assert_eq!((world.files("spool").len(), world.report(&file).exit_code), (1, Some(22)));
    let _daemon = world.serve();
    wait_until("it is not sent", || world.files("spool").is_empty());
    assert_eq!(world.counted("stored"), Some(1.0));
    agent.signal("TERM");
    let status = agent.wait(Duration::from_secs(5)).expect("it stops");
    assert!(status.success(), "{status}");
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn what_would_be_sent_is_shown_and_nothing_is_kept() {
    let world = World::new();
    let mut command = world.agent();
    command.arg("--show").arg("--from").arg(world.record(&rows("127.0.0.1:9", 1, 250_000)));
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    let report: serde_json::Value = serde_json::from_str(&printed.stdout).expect("it is JSON");
    assert_eq!(report["machine"], MACHINE);
    assert_eq!(report["products"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["view"]["seen"][0]["stage"], "tcp", "{report:#}");
    assert!(!printed.stdout.contains(KEY) && !printed.stdout.contains("03612"));
    assert!(!world.machine.path().join("state/spool").exists());
}
