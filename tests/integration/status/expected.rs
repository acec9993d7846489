//! Machines that are expected: which never reported, and which report and are not expected.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::daemon::Daemon;
use crate::support::program::{Printed, run, run_with};
use crate::support::reports::{Client, lines, minutes_ago};
use crate::support::status::{Kept, text, text_of};

/// As Windows PowerShell exports it, in UTF-16: five machines, one of them by its short name, and a disabled account.
const EXPORTED: &str = "#TYPE Microsoft.ActiveDirectory.Management.ADComputer\r\n\
    \"DNSHostName\",\"Enabled\",\"LastLogonDate\",\"Name\",\"OperatingSystem\"\r\n\
    \"WS1.corp.example\",\"True\",\"11/28/2026 9:12:03 AM\",\"WS1\",\"Windows 11 Enterprise\"\r\n\
    \"ws2.corp.example\",\"True\",\"11/28/2026 9:12:03 AM\",\"WS2\",\"Windows 11 Enterprise\"\r\n\
    ,\"True\",,\"WS3\",\r\n\
    \"ws4.corp.example\",\"True\",\"6/1/2026 1:00:00 PM\",\"WS4\",\"Windows Server 2022 Standard\"\r\n\
    \"=cmd.corp.example\",\"True\",,\"BAD\",\"=1+1 Windows\"\r\n\
    \"old.corp.example\",\"False\",\"1/2/2024 1:00:00 PM\",\"OLD\",\"Windows 7 Professional\"\r\n";

fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// A place with an inventory, and reports of four machines: one is silent, one is not listed, and one is called by its
/// full name where the inventory has the short one.
fn kept() -> (Kept, PathBuf) {
    let kept = Kept::new();
    let inventory = kept.directory().write("inventory.csv", utf16(EXPORTED));
    let kept = kept.with(&format!("inventory: {}", inventory.display()));
    let silent = Client { reported_at: minutes_ago(9 * 1440), ..Client::new("ws2.corp.example") };
    let reports = [Client::new("ws1.corp.example"), silent, Client::new("ws3.corp.example"), Client::new("guest01")];
    let printed = kept.import_text("fleet.ndjson", lines(&reports));
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
    (kept, inventory)
}

fn machines(kept: &Kept, arguments: &[&str]) -> Printed {
    let mut command = kept.command("machines");
    command.args(arguments);
    run(command)
}

fn answer(daemon: &Daemon<'_>, query: &str, status: u16) -> Value {
    let response = daemon.get(&format!("/api/v1/machines{query}"));
    assert_eq!(response.status, status, "{query}: {}", response.body);
    serde_json::from_str(&response.body).expect("it is JSON")
}

fn names(json: &Value) -> Vec<&str> {
    json["machines"].as_array().expect("a list").iter().map(|machine| text(&machine["machine"])).collect()
}

#[test]
fn the_command_lists_those_that_never_reported_with_what_the_directory_knows_of_them() {
    let (kept, _) = kept();
    let printed = machines(&kept, &["--missing"]);
    let summary = "5 expected, 2 never reported (--missing), 1 silent for too long (--stale); 1 not in the inventory \
                   (--unlisted)";
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
    let mut rows = printed.stdout.lines();
    assert_eq!(rows.next(), Some(summary), "{printed:?}");
    assert!(
        printed.stdout.contains("ws4.corp.example") && printed.stdout.contains("6/1/2026 1:00:00 PM"),
        "{printed:?}"
    );
    assert!(!printed.stdout.contains("ws1.corp.example") && !printed.stdout.contains("old"), "{printed:?}");
    let csv = machines(&kept, &["--missing", "--output", "csv"]).stdout;
    let expected = "machine,last_logon,operating_system\nbad,,'=1+1 Windows\n\
                    ws4.corp.example,6/1/2026 1:00:00 PM,Windows Server 2022 Standard\n";
    assert_eq!(csv, expected);
    let json: Value = serde_json::from_str(&machines(&kept, &["--missing", "--output", "json"]).stdout).expect("JSON");
    assert_eq!(names(&json), ["bad", "ws4.corp.example"]);
    assert_eq!(json["inventory"], serde_json::json!({"expected": 5, "missing": 2, "silent": 1, "unlisted": 1}));
    let japanese = machines(&kept, &["--missing", "--lang", "ja"]).stdout;
    assert!(japanese.starts_with("対象 5 台、一度も報告なし 2 台"), "{japanese}");

    let unlisted: Value =
        serde_json::from_str(&machines(&kept, &["--unlisted", "--output", "json"]).stdout).expect("JSON");
    assert_eq!(names(&unlisted), ["guest01"]);
    let all = machines(&kept, &[]).stdout;
    assert!(all.contains(summary), "{all}");
    let filtered: Value =
        serde_json::from_str(&machines(&kept, &["--missing", "--name", "CORP", "--output", "json"]).stdout)
            .expect("JSON");
    assert_eq!((names(&filtered), &filtered["total"]), (vec!["ws4.corp.example"], &1.into()));
}

#[test]
fn without_an_inventory_the_command_says_how_to_name_one_and_no_metric_is_there() {
    let kept = Kept::new();
    for flag in ["--missing", "--unlisted"] {
        let printed = machines(&kept, &[flag]);
        assert_eq!(printed.exit_code, Some(1), "{printed:?}");
        assert!(printed.stderr.contains("status: {inventory: /etc/gracewatch/inventory.csv}"), "{printed:?}");
    }
    let daemon = kept.serve();
    for query in ["?missing=true", "?unlisted=true"] {
        assert!(text(&answer(&daemon, query, 404)["error"]).starts_with("no inventory is configured"), "{query}");
    }
    let scrape = daemon
        .scrape_until("the fleet is not aggregated", |scrape| scrape.value("gracewatch_machines_known", &[]).is_some());
    for name in ["machines_expected", "machines_missing", "machines_unlisted", "inventory_up"] {
        assert_eq!(scrape.value(&format!("gracewatch_{name}"), &[]), None, "{name}");
    }
}

#[test]
fn the_daemon_shows_them_and_follows_the_file() {
    let (kept, inventory) = kept();
    let daemon = kept.serve();
    let figures = |expected: f64, missing: f64, unlisted: f64| {
        daemon.scrape_until("the figures are others", |scrape| {
            let value = |name: &str| scrape.value(&format!("gracewatch_machines_{name}"), &[]);
            [value("expected"), value("missing"), value("unlisted")] == [Some(expected), Some(missing), Some(unlisted)]
        })
    };
    let scrape = figures(5.0, 2.0, 1.0);
    assert_eq!(scrape.value("gracewatch_inventory_up", &[]), Some(1.0));
    let read = scrape.value("gracewatch_inventory_last_read_timestamp_seconds", &[]).expect("it was read");
    let missing = answer(&daemon, "?missing=true", 200);
    assert_eq!(names(&missing), ["bad", "ws4.corp.example"]);
    assert_eq!(missing["machines"][1]["last_logon"], "6/1/2026 1:00:00 PM");
    assert_eq!((&missing["total"], &missing["inventory_error"]), (&2.into(), &Value::Null));
    assert_eq!(names(&answer(&daemon, "?missing=true&offset=1&limit=1", 200)), ["ws4.corp.example"]);
    assert_eq!(names(&answer(&daemon, "?unlisted=true", 200)), ["guest01"]);
    let both = answer(&daemon, "?missing=true&lost=true", 400);
    assert!(text(&both["error"]).starts_with("`missing` goes with `name`"), "{both}");
    let runway: Value = serde_json::from_str(&daemon.get("/api/v1/runway").body).expect("JSON");
    assert_eq!(runway["inventory"]["missing"], 2);

    // What cannot be read leaves the last good one.
    fs::write(&inventory, "Name,Enabled\n\"WS1").expect("it can be written");
    let scrape =
        daemon.scrape_until("it is not refused", |scrape| scrape.value("gracewatch_inventory_up", &[]) == Some(0.0));
    assert_eq!(scrape.value("gracewatch_machines_expected", &[]), Some(5.0));
    assert_eq!(scrape.value("gracewatch_inventory_last_read_timestamp_seconds", &[]), Some(read));
    let missing = answer(&daemon, "?missing=true", 200);
    assert!(text(&missing["inventory_error"]).contains("it ends in the middle"), "{missing}");
    let log = daemon.log_lines("the inventory is refused, the one before stays");
    assert!(log.len() == 1 && log[0].contains("`inventory.csv`"), "{log:?}");

    fs::write(&inventory, "ws1\nws2\nguest01\nws9\n").expect("it can be written");
    let scrape = figures(4.0, 1.0, 1.0);
    assert_eq!(scrape.value("gracewatch_inventory_up", &[]), Some(1.0));

    // A folder in its place, by a reload.
    let folder = kept.directory().subdirectory("inventories");
    fs::write(folder.join("a.txt"), "ws1\nws2\n").expect("it can be written");
    fs::write(folder.join("b.txt"), "ws3\nguest01\n").expect("it can be written");
    daemon.rewrite(kept.configuration().replace(&inventory.display().to_string(), &folder.display().to_string()));
    daemon.signal("HUP");
    figures(4.0, 0.0, 0.0);
    fs::remove_file(folder.join("b.txt")).expect("it is there");
    figures(2.0, 0.0, 2.0);
}

#[test]
fn a_check_of_the_configuration_reads_the_inventory() {
    let (kept, inventory) = kept();
    let file = kept.directory().write("gracewatch.yaml", kept.configuration());
    let check = || run_with(&["config", "check", text_of(&file)]);
    let printed = check();
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    fs::remove_file(inventory).expect("it is there");
    let printed = check();
    assert_eq!(printed.exit_code, Some(1), "{printed:?}");
    assert!(printed.stderr.contains("the inventory could not be read: cannot be read: No such file"), "{printed:?}");
}
