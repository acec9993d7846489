//! Whole product keys: whatever they are in, no more than their last five characters survives.

use std::fs;

use crate::servers::process::wait_until;
use crate::support::program::run;
use crate::support::reports::Client;
use crate::support::status::{Kept, TOKEN, all_filed, sender, text_of};

/// No key that ever was one, in the letters of keys, and as people write it.
const KEYS: [&str; 4] = [
    "BCDFG-HJKMP-QRTVW-XY234-6789B",
    "BCDFGHJKMPQRTVWXY2346789B",
    "bcdfg-hjkmp-qrtvw-xy234-6789b",
    "BCDFG HJKMP QRTVW XY234 6789B",
];

/// What must be found nowhere, in any case: the middle of the key.
const TRACES: [&str; 3] = ["hjkmp-qrtvw", "hjkmpqrtvw", "hjkmp qrtvw"];

/// Reports with a whole key wherever there is room for one.
fn reports(key: &str) -> Vec<(&'static str, String)> {
    let client = Client::new("ws01").text();
    let slmgr = format!(
        "Name: Windows(R), Enterprise {key} edition\nDescription: Windows(R) Operating System, VOLUME_MAK channel\n\
         Partial Product Key: {key}\nLicense Status: Licensed\nProduct key {key} was installed.\n"
    );
    vec![
        ("ws01.json", client.replace("VDYBN", key)),
        ("ws02.json", client.replace("ServerStandard", key)),
        (
            "ws03.json",
            client.replace("\"ID\":", &format!("\"{key}\": \"{key}\", \"OA3xOriginalProductKey\": \"{key}\", \"ID\":")),
        ),
        ("ws04.json", client.replace("kms01.corp.example", key)),
        ("ws05.json", client.replace("\"LicenseStatus\":1", &format!("\"LicenseStatus\":\"{key}\""))),
        ("ws06.json", format!("{client}\n{{\"what\": \"{key}\"}}\n")),
        ("ws07.json", format!("{client}\n{{\"what\": \"{key}")),
        ("ws08.txt", slmgr.clone()),
        (
            "ws09.txt",
            slmgr.encode_utf16().fold(String::new(), |text, unit| {
                text + &char::from_u32(unit.into()).map_or(String::new(), String::from)
            }),
        ),
        (
            "ws10.csv",
            format!(
                "\"Computer Name\",\"Product Name\",\"Last 5 Characters\",\"License Status\",\"Product Key\"\n\
             \"ws10\",\"Office {key}\",\"{key}\",\"{key}\",\"{key}\"\n"
            ),
        ),
        ("ws11.txt", format!("my key is {key}\n")),
        ("ws12.json", client.replace("ws01", key)),
    ]
}

fn assert_no_trace(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase().replace('\0', "");
    for trace in TRACES {
        let at = text.find(trace);
        let around = at.map(|at| text.get(at.saturating_sub(200)..at + 50).unwrap_or_default());
        assert!(at.is_none(), "{what}: {around:?}");
    }
}

#[test]
fn no_whole_key_is_printed_or_stored_by_import() {
    let kept = Kept::new();
    for key in KEYS {
        for (name, report) in reports(key) {
            let file = kept.directory().write(name, report);
            let printed = kept.import(&[text_of(&file)]);
            assert_no_trace(name, (printed.stdout + &printed.stderr).as_bytes());
            fs::remove_file(file).expect("it is ours");
        }
    }
    for output in ["json", "text"] {
        let mut command = kept.command("machines");
        command.args(["--output", output]);
        let printed = run(command);
        assert!(printed.stdout.contains("ws01") && printed.exit_code == Some(0), "{printed:?}");
        assert_no_trace(output, printed.stdout.as_bytes());
    }
    assert_no_trace("the store", &kept.all_bytes());
}

#[test]
fn no_whole_key_is_logged_answered_or_kept_by_the_daemon() {
    let kept = Kept::new();
    let inbox = kept.directory().subdirectory("inbox");
    let kept = kept.with(&format!("inbox: {}", inbox.display()));
    let daemon = kept.serve();
    let sender = sender(daemon.address());
    let mut files = 0;
    for (number, key) in (1..).zip(KEYS) {
        for (name, report) in reports(key) {
            assert_no_trace(name, sender.send(report.as_str()).json.to_string().as_bytes());
            fs::write(inbox.join(format!("{number}-{name}")), report).expect("the inbox takes it");
            files += 1;
        }
    }
    let moved = || {
        let there = ["done", "failed"].into_iter().flat_map(|folder| all_filed(&inbox, folder));
        there.filter(|file| !file.to_string_lossy().ends_with(".reason.txt")).count() == files
    };
    wait_until("the inbox is not worked off", moved);
    for page in ["/metrics", "/api/v1/machines?limit=1000", "/api/v1/runway", "/api/v1/paths"] {
        assert_no_trace(page, daemon.get(page).body.as_bytes());
    }
    assert_no_trace("the log", daemon.log().as_bytes());
    assert!(!daemon.log().contains(TOKEN), "{}", daemon.log());
    assert_no_trace("the store and the inbox", &kept.all_bytes());
}
