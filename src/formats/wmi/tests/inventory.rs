//! What inventories, deployment tools and monitoring write of the same, in names of their own.

use super::*;
use crate::formats::wmi::{read_csv, recognizes_csv};
use crate::license::Channel;

/// Machine, product, channel, status and minutes of each license.
fn figures(outcome: &Outcome) -> Vec<String> {
    let of = |report: &Report| {
        let license = report.licenses.first()?;
        let machine = report.machine.as_ref().map_or("M", |machine| machine.as_str());
        let edition = license.product.as_deref().map_or("-", |name| name.rsplit(", ").next().unwrap());
        let channel = license.channel.as_ref().map_or("-", |channel| channel.as_str());
        let status = license.status.map_or("-".to_owned(), |status| status.number().to_string());
        let minutes = match license.remaining {
            Some(Remaining::Minutes(minutes)) => minutes.to_string(),
            _ => "-".to_owned(),
        };
        Some(format!("{machine} {} {channel} {status} {minutes}", edition.trim_end_matches(" edition")))
    };
    outcome.reports.iter().filter_map(of).collect()
}

#[track_caller]
fn assert_json(text: &str, expected: &[&str]) {
    let outcome = of_json(text);
    assert_eq!(figures(&outcome), expected, "{text}");
    assert_eq!((outcome.skipped.count, outcome.result), (0, Ok(())), "{text} {:?}", outcome.skipped);
}

#[track_caller]
fn assert_csv(text: &str, expected: &[&str]) {
    assert!(recognizes_csv(text), "{text}");
    let outcome = outcome(read_csv, text);
    assert_eq!(figures(&outcome), expected, "{text}");
    assert_eq!((outcome.skipped.count, outcome.result), (0, Ok(())), "{text} {:?}", outcome.skipped);
}

#[test]
fn objects_of_tools_are_read() {
    assert_json(include_str!("../../samples/wmi-fleet-host.json"), &["ws0421 Professional - 1 -"]);
    assert_json(
        include_str!("../../samples/wmi-no-description.json"),
        &["M Office16StandardVL_KMS_Client VOLUME_KMSCLIENT 1 231111"],
    );
    assert_json(
        include_str!("../../samples/wmi-ansible-facts.json"),
        &["M Windows(R) ServerStandard VOLUME_KMSCLIENT 1 -"],
    );
    assert_json(
        r#"{"ansible_facts": {"ansible_hostname": "WS0421", "ansible_os_license_status": "Notification",
            "ansible_os_license_edition": "Windows(R), ServerStandard edition"}}"#,
        &["ws0421 ServerStandard - 5 -"],
    );
    assert_json(
        r#"{"computer_name": "ws0421", "license_status": "5", "grace_period_remaining": "0",
            "name": "Windows(R), Professional edition", "partial_product_key": "T83GX"}"#,
        &["ws0421 Professional - 5 0"],
    );
    assert_json(
        r#"[{"Name0": "WS0421", "ProductName0": "Windows(R), ServerStandard edition", "LicenseStatus0": 1,
            "GracePeriodRemaining0": 231111}]"#,
        &["ws0421 ServerStandard - 1 231111"],
    );
    // A query of osquery, as it is logged: differences and snapshots.
    assert_json(
        r#"{"name": "pack/licensing", "hostIdentifier": "ws0421.corp.example", "action": "added",
            "columns": {"Name": "Windows(R), Professional edition", "LicenseStatus": "1"}}"#,
        &["ws0421.corp.example Professional - 1 -"],
    );
    assert_json(
        r#"{"name": "licensing", "hostIdentifier": "4c4c4544-0042-3510-8051-b6c04f4d3332", "action": "snapshot",
            "decorations": {"hostname": "WS0421"},
            "snapshot": [{"Name": "Windows(R), Professional edition", "LicenseStatus": "1"},
                         {"Name": "Office 16, Office16ProPlusVL_MAK edition", "LicenseStatus": "5"}]}"#,
        &["ws0421 Professional - 1 -", "ws0421 Office16ProPlusVL_MAK VOLUME_MAK 5 -"],
    );
}

#[test]
fn the_id_of_a_host_is_not_its_name() {
    let outcome = of_json(
        r#"{"hostIdentifier": "4c4c4544-0042-3510-8051-b6c04f4d3332",
            "columns": {"Name": "Windows(R), Professional edition", "LicenseStatus": "1"}}"#,
    );
    assert_eq!((figures(&outcome).len(), outcome.skipped.count), (0, 1));
    assert!(outcome.skipped.first.unwrap().contains("an ID is no name of a machine"));
}

#[test]
fn the_channel_of_an_office_is_in_its_edition() {
    for (name, channel) in [
        ("Office 16, Office16StandardVL_KMS_Client edition", Some("VOLUME_KMSCLIENT")),
        ("Office 21, Office21ProPlus2021VL_KMS_Client_AE edition", Some("VOLUME_KMSCLIENT")),
        ("Office 19, Office19ProPlus2019VL_MAK_AE edition", Some("VOLUME_MAK")),
        ("Office 16, Office16O365ProPlusR_Subscription1 edition", None),
        ("Windows(R), KMS_Client edition", None),
        ("KMS_Client", None),
    ] {
        let (license, _) = license(&format!("\"Name\":\"{name}\""));
        assert_eq!(license.channel.as_ref().map(Channel::as_str), channel, "{name}");
    }
}

#[test]
fn tables_of_inventories_are_read() {
    let full = "ws0421 ServerStandard VOLUME_KMSCLIENT 1 231111";
    let sep = include_str!("../../samples/wmi-sep-line.csv");
    assert_csv(sep, &[full]);
    assert_csv(&sep.replace(';', ","), &[full]);
    assert_csv(&sep.replace(';', "\t"), &[full]);
    assert_csv(
        "Name0;ProductName0;LicenseStatus0;GracePeriodRemaining0\r\nWS0421;Windows(R), ServerStandard edition;1;231111\r\n",
        &["ws0421 ServerStandard - 1 231111"],
    );
    assert_csv(
        "computer_name,windows_name,license_status\nws0421,\"Windows(R), ServerStandard edition\",OOBGrace\n",
        &["ws0421 ServerStandard - 2 -"],
    );
    assert_csv(
        "\"Name\",\"LicenseName\",\"LicenseStatus\"\n\"WS0421\",\"Windows(R), ServerStandard edition\",\"1\"\n",
        &["ws0421 ServerStandard - 1 -"],
    );
}

#[test]
fn machines_with_a_status_in_words_have_no_product() {
    let text = include_str!("../../samples/wmi-computed-words.csv");
    assert_csv(text, &["ws0421 - - 1 -", "ws0422 - - 5 -"]);
    assert_csv(
        "PSComputerName,Caption,LicenseStatus\nWS1,Microsoft Windows 11 Pro,Licensed\nWS2,Microsoft Windows 11 Pro,Notification\n",
        &["ws1 - - 1 -", "ws2 - - 5 -"],
    );
    // Of two rows one may be of Office.
    let twice = outcome(read_csv, &format!("{text}\"WS0421\",\"Notification\"\r\n"));
    assert_eq!((figures(&twice), twice.skipped.count), (vec!["ws0422 - - 5 -".to_owned()], 2));
    // What anything may have.
    for other in [
        "ComputerName,Status\nWS1,Online\n",
        "ComputerName,Status\nWS1,1\n",
        "Status\nLicensed\n",
        "a,Status\nb,Licensed\n",
    ] {
        assert!(!recognizes_csv(other), "{other}");
    }
}

#[test]
fn commas_of_wmic_are_those_with_a_blank_behind() {
    let text = include_str!("../../samples/wmi-wmic-unquoted.csv");
    assert_csv(text, &["ws0421 ServerStandard VOLUME_KMSCLIENT 1 231111"]);
    assert_csv(&text.replace("\r\r\n", "\r\n\r\n"), &["ws0421 ServerStandard VOLUME_KMSCLIENT 1 231111"]);
    assert_csv(&format!("\r\r\n{text}"), &["ws0421 ServerStandard VOLUME_KMSCLIENT 1 231111"]);
    let unclear = text.replace("Windows(R), ServerStandard edition", "Windows(R),ServerStandard edition");
    let outcome = outcome(read_csv, &unclear);
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (0, 1));
    assert!(outcome.skipped.first.unwrap().contains("ask wmic for /format:list"), "{unclear}");
}

#[test]
fn events_in_tables_are_read() {
    let text = include_str!("../../samples/events-get-winevent.csv");
    assert_csv(text, &["ws0421.corp.example - VOLUME_KMSCLIENT 2 14400"]);
    let viewer = "Level,Date and Time,Source,Event ID,Task Category\r\n\
        Information,11/24/2026 9:00:08 AM,Microsoft-Windows-Security-SPP,12288,None,\"The client has sent an activation \
        request to the key management service machine.\r\nInfo:\r\n0xC004F074, 0x00000000, kms02.corp.example:1688, \
        08c3bda0-c556-4b61-9e4e-7bf6d4df80b1, 2026/11/24 09:00, 1, 2, 14400, de32eafd-aaee-4662-9444-c1befb41bde2, 5\"\r\n\
        Information,11/24/2026 8:59:08 AM,Microsoft-Windows-Security-SPP,1003,None,\"Done\r\n1: x\"\r\n";
    assert_csv(viewer, &["M - VOLUME_KMSCLIENT 2 14400"]);
    let japanese = viewer.replace(
        "Level,Date and Time,Source,Event ID,Task Category",
        "レベル,日付と時刻,ソース,イベント ID,タスクのカテゴリ",
    );
    assert_csv(&japanese, &["M - VOLUME_KMSCLIENT 2 14400"]);
    let tabs = viewer.replace(',', "\t").replace("\t ", ", ");
    assert_csv(&tabs, &["M - VOLUME_KMSCLIENT 2 14400"]);
}

#[test]
fn rows_without_a_name_are_of_one_machine_or_of_nobody() {
    let table = |rows: &str| format!("Name,Description,LicenseStatus,PartialProductKey\n{rows}");
    let pro = "\"Windows(R), Professional edition\",\"a, RETAIL channel\",1,AAAA1\n";
    let server = "\"Windows(R), ServerStandard edition\",\"a, RETAIL channel\",1,BBBB2\n";
    let office = "\"Office 16, Office16ProPlusVL_MAK edition\",\"a, VOLUME_MAK channel\",1,CCCC3\n";
    let of = |rows: &str| outcome(read_csv, &table(rows));
    assert_eq!(of(&format!("{pro}{office}")).reports.len(), 2);
    let both = of(&format!("{pro}{server}{office}"));
    assert_eq!((both.reports.len(), both.skipped.count), (0, 3));
    let twice = of(&format!("{pro}{}", pro.replace(",1,", ",5,")));
    assert_eq!((twice.reports.len(), twice.skipped.count), (0, 2));
    assert_eq!(of(&format!("{pro}{pro}")).skipped.count, 0);
}

#[test]
fn a_row_that_is_there_no_more_says_nothing() {
    let row = |edition: &str, action: &str| {
        format!(
            "{{\"hostIdentifier\":\"ws0421\",\"columns\":{{\"Name\":\"Windows(R), {edition} edition\",\"LicenseStatus\":\"1\"}},\
             \"action\":\"{action}\"}}\n"
        )
    };
    let outcome = of_json(&[row("Pro", "added"), row("Core", "removed"), row("Enterprise", "snapshot")].concat());
    let products: Vec<_> =
        outcome.reports.iter().map(|report| report.licenses[0].product.as_deref().unwrap()).collect();
    assert_eq!(products, ["Windows(R), Pro edition", "Windows(R), Enterprise edition"]);
    assert_eq!((outcome.skipped.count, outcome.result), (0, Ok(())));
}
