//! Machines that depend on a path without using a host of it: those that seek a host, and those that ask Microsoft.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::servers::knot::Knot;
use crate::servers::port;
use crate::support::config;
use crate::support::program::run;
use crate::support::reports::{Client, FULL, now};
use crate::support::status::{Kept, text};

/// A report of a machine whose license is of another channel, and uses no KMS host.
fn of_channel(machine: &str, channel: &str, license_status: u8, minutes: i64) -> String {
    let mut report = Client { license_status, minutes, ..Client::new(machine) }.json();
    let license = &mut report["products"][0];
    license["Description"] = json!(format!("Windows(R) Operating System, {channel} channel"));
    license["DiscoveredKeyManagementServiceMachineName"] = Value::Null;
    report.to_string() + "\n"
}

#[test]
fn a_check_shows_for_every_path_how_many_machines_depend_on_it_and_when_the_first_expires() {
    let nobody = port::refusing();
    let kept = Kept::new().with_paths(&format!(
        "paths:\n- {{name: corp, kms: {{hosts: [\"{nobody}\"]}}}}\n\
         - {{name: online, online: {{endpoints: [\"http://{nobody}/\"], proxies: [direct]}}}}\n\
         clock: {{ntp: [], host_clocks: off}}\n"
    ));
    let uses = Client { kms_host: nobody.ip().to_string(), ..Client::new("uses") };
    let reports = [
        uses.text() + "\n",
        of_channel("seeks.lab.example", "VOLUME_KMSCLIENT", 2, 3000),
        of_channel("by_directory", "VOLUME_KMSCLIENT", 1, FULL),
        of_channel("once", "VOLUME_MAK", 1, 0),
        of_channel("not_yet", "VOLUME_MAK", 5, 0),
        of_channel("subscribed", "TIMEBASED_SUB", 1, 5000),
        of_channel("subscribed_longer", "TIMEBASED_SUB", 1, 6000),
    ];
    let printed = kept.import_text("fleet.ndjson", reports.concat());
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{}", printed.stdout);

    let mut command = kept.command("check");
    command.args(["--output", "json"]);
    let printed = run(command);
    assert_eq!(printed.exit_code, Some(2), "{printed:?}");
    let report: Value = serde_json::from_str(&printed.stdout).expect("it is JSON");
    let paths = report["paths"].as_array().expect("there are paths");
    for (path, name, machines, minutes) in [(&paths[0], "corp", 2, 3000), (&paths[1], "online", 3, 5000)] {
        assert_eq!((text(&path["name"]), text(&path["verdict"])), (name, "blocked"), "{path:#}");
        assert_eq!(path["machines"], machines, "{path:#}");
        let first: jiff::Timestamp = text(&path["first_expiry"]).parse().expect("a moment");
        let expected = now() + SignedDuration::from_mins(minutes);
        assert!((expected - SignedDuration::from_mins(5)..=expected).contains(&first), "{path:#}");
        assert!(text(&path["impact"]).contains(&format!("{machines} machines depend on path")), "{path:#}");
    }

    let mut on_path: Vec<_> = kept.machines(&[]);
    on_path.sort_by_key(|machine| text(&machine["machine"]).to_owned());
    let shown: Vec<_> = on_path.iter().map(|machine| (text(&machine["machine"]), machine["path"].as_str())).collect();
    let expected = [
        ("by_directory", None),
        ("not_yet", Some("online")),
        ("once", None),
        ("seeks.lab.example", Some("corp")),
        ("subscribed", Some("online")),
        ("subscribed_longer", Some("online")),
        ("uses", Some("corp")),
    ];
    assert_eq!(shown, expected);
    let names = |path: &str| {
        let machines = kept.machines(&["--path", path]);
        machines.iter().map(|machine| text(&machine["machine"]).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("online"), ["not_yet", "subscribed", "subscribed_longer"]);
    assert_eq!(names("corp"), ["seeks.lab.example", "uses"]);

    // A target is not all there is: who merely seeks a host may go elsewhere.
    let mut command = kept.command("check");
    command.args(["--output", "json", &nobody.to_string()]);
    let report: Value = serde_json::from_str(&run(command).stdout).expect("it is JSON");
    assert_eq!(report["paths"][0]["machines"], 1, "{report:#}");
}

#[test]
#[ignore = "needs knot"]
fn a_check_knows_the_machines_of_a_host_that_dns_alone_leads_to() {
    let nobody = port::refusing();
    let dns = Knot::start(
        "example",
        &format!("_vlmcs._tcp.corp SRV 0 0 {} kms01.datacenter\nkms01.datacenter A {}", nobody.port(), nobody.ip()),
    );
    let paths = config::discovered(&[dns.address()]) + "clock: {ntp: [], host_clocks: off}\n";
    let kept = Kept::new().with_paths(&paths);
    let uses = Client { kms_host: "kms01.datacenter.example".to_owned(), ..Client::new("ws0417.corp.example") };
    let printed = kept.import_text("fleet.ndjson", uses.text());
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");

    let mut command = kept.command("check");
    command.args(["--output", "json"]);
    let report: Value = serde_json::from_str(&run(command).stdout).expect("it is JSON");
    let path = &report["paths"][0];
    assert_eq!(path["machines"], 1, "{path:#}");
    assert!(text(&path["impact"]).contains("1 machine depends on path"), "{path:#}");
}
