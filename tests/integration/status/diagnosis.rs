//! Ways and machines together: one sentence about a whole site, wherever it is read.

use std::fmt::Write;

use serde_json::Value;

use crate::servers::knot::Knot;
use crate::servers::process;
use crate::servers::rpc::RpcServer;
use crate::support::check::verdict;
use crate::support::config;
use crate::support::program::run;
use crate::support::reports::{Client, now};
use crate::support::status::{Kept, text};

const MACHINES: usize = 500;

/// A site of 500 machines, of which one has not renewed for five months and has five days left.
fn site() -> String {
    let mut reports = String::new();
    for number in 1..=MACHINES {
        let client = Client::new(&format!("ws{number:04}.corp.example"));
        let client = if number == 417 { Client { minutes: 5 * 24 * 60, ..client } } else { client };
        writeln!(reports, "{}", client.text()).expect("a string takes it");
    }
    reports
}

#[test]
#[ignore = "needs knot, python3-impacket"]
fn a_closed_port_is_reported_with_who_depends_on_it_and_what_to_do_in_one_sentence() {
    let rpc = RpcServer::start(0);
    let port = rpc.address().port();
    let dns = Knot::start("corp.example", &format!("_vlmcs._tcp SRV 0 0 {port} kms01\nkms01 A 127.0.0.1"));
    let paths = config::discovered(&[dns.address()]) + "clock: {ntp: [], host_clocks: off}\n";
    let kept = Kept::new().with_paths(&paths);
    let imported = kept.import_text("site.json", site());
    assert_eq!(imported.exit_code, Some(0), "{imported:?}");
    let expires_on = (now() + jiff::SignedDuration::from_hours(5 * 24)).to_string();
    let expires_on = expires_on.split('T').next().expect("a day");

    let daemon = kept.serve();
    let path = || daemon.report()["paths"][0].clone();
    let stands = |expected: &str| {
        let complaint = format!("it is not {expected}");
        process::wait_until(&complaint, || verdict(&path()) == expected);
        path()
    };
    // The way is fine, and that machine is on its own.
    let works = stands("degraded client not_activated - -");
    let summary = text(&works["summary"]);
    assert!(summary.contains(" loses activation within 7 days, and reports no code"), "{works:#}");
    let named = works["problems"][0]["machine_names"][0].as_str().expect("it is named");
    assert!(summary.contains(named), "{works:#}");

    let concerned = |stage: &str| daemon.scrape().value("gracewatch_path_problem_machines", &[("stage", stage)]);
    assert_eq!((works["problems"][0]["machines"].as_u64(), concerned("client")), (Some(1), Some(1.0)), "{works:#}");

    drop(rpc);
    let blocked = stands("blocked tcp refused 0xC004F074 0x800706BA");
    assert_eq!(blocked["machines"], MACHINES);
    let refuses = format!("kms01.corp.example:{port} (127.0.0.1) refuses connections; the usual port is 1688");
    let sentence = format!("Path corp is blocked at tcp: {refuses}.");
    let impact = text(&blocked["impact"]);
    assert!(impact.starts_with("500 machines depend on path corp"), "{impact}");
    assert!(impact.contains("ws0417.corp.example") && impact.contains(expires_on), "{impact}");
    assert_eq!(text(&blocked["summary"]), sentence);
    assert_eq!(daemon.log_lines(&sentence).len(), 1, "{}", daemon.log());
    assert_eq!(daemon.scrape().value("gracewatch_path_machines", &[("path", "corp")]), Some(500.0));
    assert_eq!(
        daemon.scrape().value("gracewatch_path_problem_info", &[("stage", "tcp"), ("reason", "refused")]),
        Some(1.0)
    );
    // A closed way concerns all of them.
    assert_eq!((&blocked["problems"][0]["machines"], concerned("tcp")), (&Value::Null, None));

    let printed = run(kept.command("check"));
    assert_eq!(printed.exit_code, Some(2), "{printed:?}");
    assert!(printed.stdout.contains(&sentence), "{}", printed.stdout);
    let mut json = kept.command("check");
    json.args(["--output", "json"]);
    let json: Value = serde_json::from_str(&run(json).stdout).expect("it is JSON");
    assert_eq!(text(&json["paths"][0]["summary"]), sentence);

    // What that machine reported was before the outage, which does not explain it: it is still on its own.
    let _rpc = RpcServer::start(port);
    stands("degraded client not_activated - -");
    let logged = daemon.log_lines("loses activation within 7 days, and reports no code").len();
    assert_eq!(logged, 2, "{}", daemon.log());
}
