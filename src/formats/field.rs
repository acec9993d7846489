//! Lists, tables, events and objects of tools as people really have them, read whole: what must come out of each.

use super::*;
use crate::license::{License, Remaining, Report};

/// What comes of a text: a line for each license, how reading ended, and how much was not understood.
pub(super) fn of(bytes: &[u8]) -> (Vec<String>, Result<(), FormatError>, Skipped, Option<Nothing>) {
    let mut reports = Vec::new();
    let mut take = |report| reports.push(report);
    let mut reading = Reading::new(&mut take);
    let result = read(bytes, &mut reading);
    let (skipped, nothing) = (reading.skipped().clone(), reading.nothing());
    let lines = reports.iter().flat_map(|report: &Report| report.licenses.iter().map(move |it| line(report, it)));
    (lines.collect(), result, skipped, nothing)
}

/// Machine, edition, channel, status, key, minutes, and then what else is known.
fn line(report: &Report, license: &License) -> String {
    let show = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let edition = license.product.as_deref().map(|name| name.rsplit(", ").next().unwrap_or(name));
    let left = license.remaining.map(|remaining| match remaining {
        Remaining::Minutes(minutes) => minutes.to_string(),
        Remaining::Permanent => "permanent".to_owned(),
    });
    let mut line = vec![
        report.machine.as_ref().map_or("M".to_owned(), ToString::to_string),
        show(edition.map(|name| name.trim_end_matches(" edition").to_owned())),
        show(license.channel.as_ref().map(ToString::to_string)),
        show(license.status.map(|status| status.number().to_string())),
        show(license.partial_product_key.map(|key| key.to_string())),
        show(left),
    ];
    line.extend(license.reason_code.map(|code| format!("reason={code}")));
    line.extend(license.last_error.map(|code| format!("error={code}")));
    line.extend(license.kms_host().map(|host| format!("host={host}")));
    line.extend(license.evaluation_end.map(|end| format!("end={end}")));
    line.join(" ")
}

const EVENT: &str = "ws0421.corp.example - VOLUME_KMSCLIENT 2 - 14400 error=0xC004F074 host=kms02.corp.example:1688";

/// Every input, and the licenses in it.
const INPUTS: [(&str, &[u8], &[&str]); 25] = [
    (
        "list, numbers",
        include_bytes!("samples/wmi-list-numbers.txt"),
        &["M ServerStandard VOLUME_KMSCLIENT 5 J464C - reason=0xC004F00F"],
    ),
    (
        "list, words, two machines",
        include_bytes!("samples/wmi-list-words-two-machines.txt"),
        &["ws0421 ServerStandard VOLUME_KMSCLIENT 1 - -", "ws0422 ServerStandard VOLUME_KMSCLIENT 5 - -"],
    ),
    (
        "list, words, name last",
        include_bytes!("samples/wmi-list-words-name-last.txt"),
        &["ws0421 ServerStandard - 1 - -", "ws0422 ServerDatacenter - 5 - -"],
    ),
    (
        "list, all properties",
        include_bytes!("samples/wmi-list-all.txt"),
        &["ws0421 ServerDatacenter VOLUME_KMSCLIENT 1 6XBNP 248560 reason=0x4004F401 host=kms02.corp.example:1688"],
    ),
    (
        "wmic /value",
        include_bytes!("samples/wmi-wmic-value.txt"),
        &["M ServerStandard VOLUME_KMSCLIENT 1 J464C 231111"],
    ),
    (
        "wmic /format:csv",
        include_bytes!("samples/wmi-wmic-unquoted.csv"),
        &["ws0421 ServerStandard VOLUME_KMSCLIENT 1 J464C 231111"],
    ),
    ("wmic", include_bytes!("samples/wmi-wmic-table.txt"), &["M ServerStandard - 1 J464C 231111"]),
    (
        "CSV for Excel",
        include_bytes!("samples/wmi-sep-line.csv"),
        &["ws0421 ServerStandard VOLUME_KMSCLIENT 1 J464C 231111"],
    ),
    ("computed words", include_bytes!("samples/wmi-computed-words.csv"), &["ws0421 - - 1 - -", "ws0422 - - 5 - -"]),
    (
        "JSON without a description",
        include_bytes!("samples/wmi-no-description.json"),
        &["M Office16StandardVL_KMS_Client VOLUME_KMSCLIENT 1 - 231111"],
    ),
    ("fleet host", include_bytes!("samples/wmi-fleet-host.json"), &["ws0421 Professional - 1 - -"]),
    (
        "Ansible",
        include_bytes!("samples/wmi-ansible-facts.json"),
        &["M Windows(R) ServerStandard VOLUME_KMSCLIENT 1 - -"],
    ),
    ("HTML", include_bytes!("samples/wmi-table.html"), &["ws0421 ServerStandard - 1 - 231111"]),
    (
        "vnextdiag",
        include_bytes!("samples/vnext-license.txt"),
        &["M O365ProPlusRetail - 1 - - end=2027-02-01T07:16:15.4587377Z"],
    ),
    ("viewer, copy", include_bytes!("samples/events-viewer-copy.txt"), &[EVENT]),
    ("viewer, copy with XML", include_bytes!("samples/events-viewer-copy-xml.txt"), &[EVENT]),
    ("viewer, Japanese", include_bytes!("samples/ja-events-viewer-copy.txt"), &[EVENT]),
    (
        "wevtutil /f:text",
        include_bytes!("samples/events-wevtutil-text.txt"),
        &[EVENT, "ws0422.corp.example - VOLUME_KMSCLIENT 1 - 248000 host=kms02.corp.example:1688"],
    ),
    ("Get-WinEvent as CSV", include_bytes!("samples/events-get-winevent.csv"), &[EVENT]),
    ("Get-EventLog as a list", include_bytes!("samples/events-get-eventlog-list.txt"), &[EVENT]),
    (
        "Get-WinEvent as a list",
        include_bytes!("samples/events-get-winevent-list.txt"),
        &["M - VOLUME_KMSCLIENT 2 - 14400 error=0xC004F074 host=kms02.corp.example:1688"],
    ),
    (
        "12290, data alone",
        include_bytes!("samples/events-12290-bare.txt"),
        &["ws0421.corp.example - VOLUME_KMSCLIENT 1 - 249120", "ws0422.corp.example - VOLUME_KMSCLIENT 5 - -"],
    ),
    ("1003", include_bytes!("samples/events-1003.xml"), &[]),
    (
        "Get-ADLicenseInfo",
        include_bytes!("samples/oslicense-ad.csv"),
        &["ws0421 ServerStandard VOLUME_KMSCLIENT 1 - -"],
    ),
    (
        "Get-SubscriptionLicenseInfo",
        include_bytes!("samples/oslicense-subscription.json"),
        &["M Enterprise - 1 - - end=2026-12-13T09:26:53Z"],
    ),
];

#[test]
fn every_input_gives_what_is_in_it() {
    let mut wrong = Vec::new();
    for (name, bytes, expected) in INPUTS {
        let (lines, result, skipped, _) = of(bytes);
        if lines != expected || result != Ok(()) || skipped.count != 0 {
            wrong.push((name, lines, result, skipped));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_text_is_read_in_utf16_and_behind_a_prompt() {
    let mut wrong = Vec::new();
    for (name, bytes, expected) in INPUTS {
        let text = std::str::from_utf8(bytes).unwrap();
        let utf16: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        wrong.extend(Some((name, of(&utf16).0)).filter(|(_, lines)| lines != expected));
        if !text.trim_start().starts_with(['<', '{', '[']) && !text.contains("\r\n\"") {
            let prompted = format!("PS C:\\> Get-CimInstance SoftwareLicensingProduct\r\n{text}");
            wrong.extend(Some((name, of(prompted.as_bytes()).0)).filter(|(_, lines)| lines != expected));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_event_that_is_not_read_is_named() {
    let (lines, _, _, nothing) = of(include_bytes!("samples/events-1003.xml"));
    assert_eq!((lines.len(), nothing), (0, Some(Nothing::Event(1003))));
    let said = nothing.unwrap().message().to_string();
    assert!(said.contains("1003") && said.contains("12290"), "{said}");
    let text = include_str!("samples/events-viewer-copy.txt").replace("12288", "1003");
    assert_eq!(of(text.as_bytes()).3, Some(Nothing::Event(1003)));
    let object = r#"{"Id": 1003, "ProviderName": "Microsoft-Windows-Security-SPP", "Message": "x"}"#;
    assert_eq!(of(object.as_bytes()).3, Some(Nothing::Event(1003)));
    let row = "\"Id\",\"ProviderName\",\"Message\"\r\n\"1003\",\"Microsoft-Windows-Security-SPP\",\"x\"\r\n";
    assert_eq!(of(row.as_bytes()).3, Some(Nothing::Event(1003)));
}

#[test]
fn what_is_refused_names_the_ways_out() {
    let cut = "Name            LicenseStatus\n----            -------------\nWindows(R), ...             1\n";
    for (text, ways) in [
        (cut, ["Format-List", "ConvertTo-Csv", "ConvertTo-Json"]),
        ("<html><body>hello</body></html>", ["ConvertTo-Json", "ConvertTo-Csv", "HTML"]),
    ] {
        let (lines, result, ..) = of(text.as_bytes());
        let said = result.unwrap_err().to_string();
        assert!(lines.is_empty() && ways.iter().all(|way| said.contains(way)), "{said}");
    }
}

#[test]
fn lists_of_several_machines_are_of_each() {
    let one = include_str!("samples/wmi-list-numbers.txt");
    let two = one.replace("ServerStandard", "ServerDatacenter").replace("J464C", "6XBNP");
    let expected = [
        "ws1 ServerStandard VOLUME_KMSCLIENT 5 J464C - reason=0xC004F00F",
        "ws2 ServerDatacenter VOLUME_KMSCLIENT 5 6XBNP - reason=0xC004F00F",
    ];
    for (first, second) in [
        ("==== WS1 ====\r\n", "==== WS2 ====\r\n"),
        (
            "[WS1]: PS C:\\> gcim SoftwareLicensingProduct\r\n\r\n",
            "[WS2]: PS C:\\> gcim SoftwareLicensingProduct\r\n\r\n",
        ),
        ("PSComputerName : WS1\r\n", "\r\nPSComputerName : WS2\r\n"),
        ("__SERVER : WS1\r\n", "\r\n__SERVER : WS2\r\n"),
    ] {
        let text = format!("{first}{one}{second}{two}");
        assert_eq!(of(text.as_bytes()).0, expected, "{text}");
    }
    // Nothing says whose they are.
    let (lines, result, ..) = of(format!("{one}\r\n{two}").as_bytes());
    assert!(lines.is_empty(), "{lines:?} {result:?}");
}
