//! What senders may send who mean no good: readings that nobody waits for.

use super::*;
use crate::license::Report;
use std::sync::atomic::{AtomicBool, Ordering};

/// A text of each format, with the reports of several machines in it.
pub(super) fn fleets() -> Vec<(&'static str, String)> {
    let product = r#"{"PSComputerName":"ws1","Name":"Windows","PartialProductKey":"J464C","LicenseStatus":1}"#;
    let row = "ws1,Windows,J464C,1\r\n";
    let events = include_str!("samples/events-host-wevtutil.xml");
    let vamt = include_str!("samples/vamt-console.csv");
    let cilx = include_str!("samples/vamt.cilx");
    let [slmgr, ospp] =
        [include_str!("samples/en-dlv-mak.txt"), include_str!("samples/ospp-dstatus-office2019-oobgrace.txt")];
    let headed = |text: &str| format!("\\\\WS1:\r\n{text}\r\n\\\\WS2:\r\n{text}\r\n\\\\WS3:\r\n{text}\r\n");
    vec![
        ("JSON", format!("[{product},{product},{product}]")),
        ("JSON lines", format!("{product}\n{product}\n{product}\n")),
        ("wrapped JSON", format!("{{\"reports\":[{product},{product},{product}]}}")),
        ("WMI as CSV", format!("PSComputerName,Name,PartialProductKey,LicenseStatus\r\n{row}{row}{row}")),
        ("events", events.to_owned()),
        ("VAMT", vamt.to_owned()),
        ("CILX", cilx.to_owned()),
        ("slmgr", headed(slmgr)),
        ("ospp", headed(ospp)),
    ]
}

#[test]
fn a_reading_that_nobody_waits_for_any_more_ends() {
    for (format, text) in fleets() {
        let (never, stop) = (AtomicBool::new(false), AtomicBool::new(false));
        let mut all = 0;
        read(text.as_bytes(), &mut Reading::stoppable(&mut |_| all += 1, &never)).unwrap();
        assert!(all > 1, "{format}: {all}");

        let mut reports = 0;
        let mut take = |_: Report| {
            reports += 1;
            stop.store(true, Ordering::Relaxed);
        };
        let mut reading = Reading::stoppable(&mut take, &stop);
        let result = read(text.as_bytes(), &mut reading);
        assert_eq!(reading.reports(), 1, "{format}");
        assert_eq!(result, Err(FormatError::Stopped), "{format}");
        assert_eq!(reports, 1, "{format}");
        assert_eq!(read(text.as_bytes(), &mut Reading::stoppable(&mut |_| (), &stop)), Err(FormatError::Stopped));
    }
}

/// Every sample, by the name of its file.
fn samples() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/formats/samples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), text(&path))).collect()
}

#[test]
fn no_sample_is_taken_for_a_key() {
    let samples = samples();
    assert!(samples.len() > 40, "{}", samples.len());
    for (file, text) in samples {
        // Where it stands for one.
        let text = text.replace("AAAAA-EEEEE-IIIII-OOOOO-UUUU5", "");
        assert_eq!(crate::words::cut_keys(&text), text, "{file}");
    }
}

#[test]
fn no_key_comes_through_any_format() {
    // No key of anyone's.
    let groups = ["BCDFG", "HJKMN", "PQRTV", "WXY23", "46789"];
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    for (file, text) in samples() {
        for divider in ["-", "  ", "\u{a0}", ".", ":", "/", "~", "\u{2013} ", "\u{ad}", "", "&#45;"] {
            let key = groups.join(divider);
            for place in ["edition", "Windows", "J464C", "LicenseStatus", "12290", "VOLUME", "corp", "Name"] {
                let planted = text.replace(place, &format!("{place} {key} "));
                let mut reported = Vec::new();
                let mut take = |report: Report| reported.push(format!("{report:?}"));
                let mut reading = Reading::new(&mut take);
                let result = read(planted.as_bytes(), &mut reading);
                let skipped = reading.skipped().clone();
                reported.extend([format!("{skipped:?}"), format!("{result:?}")]);
                for reported in reported {
                    let is_shown = plain(&reported).contains(&groups[..2].concat());
                    assert!(!is_shown, "{file}: {place} with {divider:?}: {reported}");
                }
            }
        }
    }
}

#[test]
fn what_is_too_much_is_refused_with_a_reason() {
    let header = "PSComputerName,Name,PartialProductKey,LicenseStatus\n";
    let members: String = (0..2001).map(|number| format!("\"{number}\":1,")).collect::<Vec<_>>().concat();
    let wrappers = "{\"reports\":[]},".repeat(50_001);
    for (text, reason) in [
        (format!("{{{members}\"a\":1}}"), "an object has more than 2,000 members"),
        (format!("{{\"a\":{{{members}\"a\":1}}}}"), "an object has more than 2,000 members"),
        (format!("[{wrappers}{{}}]"), "more than 50,000 lists of reports stand in one value"),
        (format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200)), "objects stand in one another too deeply"),
        ("[".repeat(200), "objects stand in one another too deeply"),
        ("a,".repeat(1001), "the table has more than 1,000 columns"),
        (format!("{header}{}\n", ",".repeat(300_000)), "the row is longer than 256 KiB"),
        (format!("{header}\"{}\n", "\n".repeat(300_000)), "the row is longer than 256 KiB"),
        (format!("<Events>{}", "<a>".repeat(100)), "elements stand in one another too deeply"),
        (format!("<SoftwareLicensingData>{}", "<a>".repeat(100)), "elements stand in one another too deeply"),
    ] {
        let refusal = read(text.as_bytes(), &mut Reading::new(&mut |_| ())).unwrap_err();
        let refusal = refusal.to_string();
        let (place, detail) = refusal.split_once(": ").unwrap();
        assert_eq!(detail, reason, "{}", &text[..40]);
        assert!(place.starts_with("line ") || place == "event 0", "{place}");
    }
}
