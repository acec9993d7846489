use super::*;
use crate::formats::effort::assert_takes_no_time;
use crate::formats::testing::{Outcome, outcome};
use crate::license::{License, Remaining, Report};
use proptest::prelude::*;

/// A list as it is read where nothing is around it.
fn of(text: &str) -> Outcome {
    outcome(
        |text, reading| {
            let mut outputs = Outputs::default();
            read_part(&Part::whole(text), &mut outputs, reading)?;
            outputs.finish(reading);
            Ok(())
        },
        text,
    )
}

/// Machine, product, channel, status, key and minutes of each license.
fn figures(reports: &[Report]) -> Vec<String> {
    let of = |report: &Report, license: &License| {
        let machine = report.machine.as_ref().map_or("M", |machine| machine.as_str());
        let edition = license.product.as_deref().map_or("-", |name| name.rsplit(", ").next().unwrap());
        let channel = license.channel.as_ref().map_or("-", |channel| channel.as_str());
        let status = license.status.map_or("-".to_owned(), |status| status.number().to_string());
        let key = license.partial_product_key.map_or("-".to_owned(), |key| key.to_string());
        let left = match license.remaining {
            Some(Remaining::Minutes(minutes)) => minutes.to_string(),
            Some(Remaining::Permanent) => "permanent".to_owned(),
            None => "-".to_owned(),
        };
        format!("{machine} {} {channel} {status} {key} {left}", edition.trim_end_matches(" edition"))
    };
    reports.iter().flat_map(|report| report.licenses.iter().map(move |license| of(report, license))).collect()
}

#[track_caller]
fn assert_figures(text: &str, expected: &[&str]) {
    let Outcome { reports, skipped, .. } = of(text);
    assert_eq!(figures(&reports), expected, "{text}\n{skipped:?}");
    assert_eq!(skipped.count, 0, "{text}\n{skipped:?}");
}

#[track_caller]
fn assert_refused(text: &str, why: &str) {
    let Outcome { reports, skipped, .. } = of(text);
    assert_eq!(figures(&reports), Vec::<String>::new(), "{text}");
    assert!(skipped.first.as_ref().is_some_and(|first| first.contains(why)), "{text}\n{skipped:?}");
}

#[test]
fn lists_of_powershell_are_read_with_numbers_and_with_words() {
    let client = "M ServerStandard VOLUME_KMSCLIENT 5 J464C -";
    let numbers = include_str!("../samples/wmi-list-numbers.txt");
    assert_figures(numbers, &[client]);
    assert_eq!(of(numbers).reports[0].licenses[0].reason_code.unwrap().to_string(), "0xC004F00F");
    // As other regions, editors and consoles have it.
    assert_figures(&numbers.replace(" : ", ": "), &[client]);
    assert_figures(&numbers.replace("\r\n", "\r\n\r\n"), &[client]);
    assert_figures(&numbers.replace("\r\n", "\r\r\n"), &[client]);
    assert_figures(&format!("\r\n\r\n{numbers}\r\n\r\n\r\n"), &[client]);
    assert_figures(&numbers.replace(", VOLUME", ",\r\n                       VOLUME"), &[client]);
    assert_figures(
        include_str!("../samples/wmi-list-words-two-machines.txt"),
        &["ws0421 ServerStandard VOLUME_KMSCLIENT 1 - -", "ws0422 ServerStandard VOLUME_KMSCLIENT 5 - -"],
    );
    assert_figures(
        include_str!("../samples/wmi-list-words-name-last.txt"),
        &["ws0421 ServerStandard - 1 - -", "ws0422 ServerDatacenter - 5 - -"],
    );
}

#[test]
fn lists_of_wmic_are_read() {
    let client = "M ServerStandard VOLUME_KMSCLIENT 1 J464C 231111";
    let value = include_str!("../samples/wmi-wmic-value.txt");
    for text in [
        value.to_owned(),
        value.replace("\r\r\n", "\n"),
        value.replace("\r\r\n", "\r\n\r\n"),
        value.replace("\r\r\n", "\n\n\n"),
        format!("\r\r\n\r\r\n{value}\r\r\n\r\r\n\r\r\n"),
    ] {
        assert_figures(&text, &[client]);
    }
    // A product that is not in use is nothing to report.
    let all = format!(
        "\r\r\n\r\r\n{value}\r\r\n\r\r\nDescription=Office 16, RETAIL channel\r\r\nGracePeriodRemaining=0\r\r\n\
         LicenseStatus=0\r\r\nName=Office 16, Office16WordR_Retail edition\r\r\nPartialProductKey=\r\r\n\r\r\n"
    );
    assert_figures(&all, &[client]);
}

#[test]
fn a_list_with_all_properties_is_read() {
    let text = include_str!("../samples/wmi-list-all.txt");
    let Outcome { reports, skipped, .. } = of(text);
    assert_eq!(skipped.count, 0, "{skipped:?}");
    assert_eq!(figures(&reports), ["ws0421 ServerDatacenter VOLUME_KMSCLIENT 1 6XBNP 248560"]);
    let license = &reports[0].licenses[0];
    assert_eq!(license.discovered_host.as_ref().unwrap().to_string(), "kms02.corp.example:1688");
    assert_eq!((license.activation_interval, license.renewal_interval), (Some(120), Some(10_080)));
    assert_eq!(license.sku.unwrap().to_string(), "34e1ae55-27f8-4950-8877-7a03be5fb181");
}

#[test]
fn objects_without_blank_lines_are_divided_where_they_are_alike() {
    let alike = "Name: Windows(R), Pro edition\nLicenseStatus: 1\nPSComputerName: WS1\n\
                 Name: Windows(R), Core edition\nLicenseStatus: 5\nPSComputerName: WS2\n";
    assert_figures(alike, &["ws1 Pro - 1 - -", "ws2 Core - 5 - -"]);
    // Begun in the middle, each name of a machine would be with the product of another.
    let cut = alike.split_once('\n').unwrap().1;
    assert_refused(cut, "objects run together here");
    assert_refused(&alike.replace("LicenseStatus: 5\n", ""), "objects run together here");
}

#[test]
fn a_name_by_itself_holds_for_what_follows() {
    let text = "CSName : WS1\nCaption : Microsoft Windows Server 2022 Standard\n\n\
                Name : Windows(R), ServerStandard edition\nLicenseStatus : 1\n";
    assert_figures(text, &["ws1 ServerStandard - 1 - -"]);
    let behind = "Name : Windows(R), ServerStandard edition\nLicenseStatus : 1\n\nCSName : WS1\nBuild : 20348\n";
    assert_refused(behind, "it names no machine, and others in this text do");
}

#[test]
fn what_cannot_be_of_one_machine_is_of_nobody() {
    let of = |edition: &str, status: u8| {
        format!("Name : Windows(R), {edition} edition\nLicenseStatus : {status}\nPartialProductKey : AAAA1\n\n")
    };
    assert_refused(&(of("Pro", 1) + &of("ServerStandard", 1)), "several machines and no names");
    assert_refused(&(of("Pro", 1) + &of("Pro", 5)), "one product twice");
    let named = format!("PSComputerName : WS1\n{}", of("Pro", 1));
    let Outcome { reports, skipped, .. } = tests::of(&(named + &of("Core", 5)));
    assert_eq!(figures(&reports), ["ws1 Pro - 1 AAAA1 -"]);
    assert!(skipped.first.unwrap().contains("it names no machine"));
    // Beside Windows a machine has what it has.
    let esu =
        "Name : Windows(R), Client-ESU-Year1 add-on for Pro edition\nLicenseStatus : 1\nPartialProductKey : AAAA2\n";
    assert_eq!(tests::of(&(of("Pro", 1) + esu)).reports.len(), 2);
    let wrong = format!("PSComputerName : a b\n{}", of("Pro", 1));
    assert_refused(&wrong, "this is no name of a machine");
}

/// Machine, channel, status, minutes, error and host of each license.
fn events_of(text: &str) -> Vec<String> {
    let Outcome { reports, skipped, .. } = of(text);
    assert_eq!(skipped.count, 0, "{text}\n{skipped:?}");
    let of = |report: &Report| {
        let license = report.licenses.first()?;
        let error = license.last_error.map_or("-".to_owned(), |code| code.to_string());
        let host = license.kms_host().map_or("-".to_owned(), ToString::to_string);
        let line = figures(std::slice::from_ref(report)).remove(0);
        Some(format!("{line} {error} {host}"))
    };
    reports.iter().filter_map(of).collect()
}

const EVENT: &str = "ws0421.corp.example - VOLUME_KMSCLIENT 2 - 14400 0xC004F074 kms02.corp.example:1688";

#[test]
fn events_as_text_are_read() {
    let copy = include_str!("../samples/events-viewer-copy.txt");
    assert_eq!(events_of(copy), [EVENT]);
    assert_eq!(events_of(&copy.replace("\r\n", "\n")), [EVENT]);
    assert_eq!(events_of(&copy.replace("Info:\r\n", "\r\nInfo:\r\n")), [EVENT]);
    assert_eq!(events_of(include_str!("../samples/events-get-eventlog-list.txt")), [EVENT]);
    assert_eq!(
        events_of(include_str!("../samples/events-wevtutil-text.txt")),
        [EVENT, "ws0422.corp.example - VOLUME_KMSCLIENT 1 - 248000 - kms02.corp.example:1688"]
    );
    let japanese = include_str!("../samples/ja-events-viewer-copy.txt");
    assert_eq!(events_of(japanese), [EVENT]);
    // Without a machine, as Get-WinEvent lists them.
    let list = include_str!("../samples/events-get-winevent-list.txt");
    assert_eq!(events_of(list), [EVENT.replace("ws0421.corp.example", "M")]);
    // Two of one machine and one of another: the newest of each.
    let other = copy.replace("ws0421", "ws0422").replace("14400", "14000");
    assert_eq!(events_of(&format!("{copy}\r\n{other}\r\n{copy}")).len(), 2);
}

#[test]
fn the_xml_below_a_text_says_when() {
    let text = include_str!("../samples/events-viewer-copy-xml.txt");
    assert_eq!(events_of(text), [EVENT]);
    assert_eq!(of(text).reports[0].reported_at.unwrap().to_string(), "2026-11-24T09:00:08.5412832Z");
    // Where it is cut, the text above it counts.
    let cut = text.split_once("<TimeCreated").unwrap().0;
    assert_eq!(events_of(cut), [EVENT]);
    assert_eq!(of(cut).reports[0].reported_at.unwrap().to_string(), "2026-11-24T09:00:00Z");
}

#[test]
fn data_that_were_cut_out_are_read() {
    let bare = include_str!("../samples/events-12290-bare.txt");
    assert_eq!(
        events_of(bare),
        ["ws0421.corp.example - VOLUME_KMSCLIENT 1 - 249120 - -", "ws0422.corp.example - VOLUME_KMSCLIENT 5 - - - -"]
    );
    assert_eq!(events_of(&each_with(bare, "Info: ")).len(), 2);
    assert_eq!(events_of(&bare.replace(',', ", ")).len(), 2);
    let client = include_str!("../samples/events-viewer-copy.txt").lines().last().unwrap();
    assert_eq!(events_of(client), [EVENT.replace("ws0421.corp.example", "M")]);
}

fn each_with(text: &str, before: &str) -> String {
    text.lines().flat_map(|line| [before, line, "\r\n"]).collect()
}

#[test]
fn lines_are_known_as_own_or_shared() {
    for line in ["LicenseStatus : 1", "LicenseStatus=1", "Event ID:      12288", "Event[0]:", "  Log Name: Application"]
    {
        assert_eq!(claim(line), Claim::Own, "{line}");
    }
    for line in ["Name : x", "PSComputerName : WS1", "Computer:      ws0421", "Description:"] {
        assert_eq!(claim(line), Claim::Shared, "{line}");
    }
    for line in [
        "License Status: Licensed",
        "Partial Product Key: J464C",
        "C:\\>cscript slmgr.vbs /dlv",
        "[ws1]: PS C:\\> gwmi",
        "---Processing---",
        "hello",
        "",
        ": x",
    ] {
        assert_eq!(claim(line), Claim::No, "{line}");
    }
}

proptest! {
    /// In whatever order objects of two machines follow each other, and wherever the text ends, neither has a figure of
    /// the other.
    #[test]
    fn no_splice_gives_one_machine_what_is_of_another(
        order in proptest::collection::vec(0..3_u8, 1..6), end in 0..40_usize, blanks: bool,
    ) {
        let one = "PSComputerName : WS1\nName : Windows(R), Pro edition\nDescription : a, RETAIL channel\n\
                   LicenseStatus : 1\nPartialProductKey : AAAA1\n";
        let two = "Name : Windows(R), Core edition\nDescription : b, OEM_DM channel\nLicenseStatus : 5\n\
                   PartialProductKey : BBBB2\nPSComputerName : WS2\n";
        let nameless = two.replace("PSComputerName : WS2\n", "").replace("Core", "Home");
        // Right behind it, the name of another would be its own.
        let objects = [one, two, if blanks { nameless.as_str() } else { two }];
        let separate = if blanks { "\n" } else { "" };
        let whole: Vec<String> = order.iter().map(|at| format!("{}{separate}", objects[usize::from(*at)])).collect();
        let text: String = whole.concat().split_inclusive('\n').take(end).collect();
        let has_named = text.contains("PSComputerName");
        for figure in figures(&of(&text).reports) {
            prop_assert!(!figure.starts_with("ws1") || !(figure.contains("Core") || figure.contains("BBBB2")), "{text}");
            prop_assert!(!figure.starts_with("ws2") || !(figure.contains("Pro ") || figure.contains("AAAA1")), "{text}");
            prop_assert!(!figure.starts_with('M') || !has_named, "{figure}\n{text}");
            prop_assert!(!figure.contains("Home") || figure.starts_with('M'), "{figure}\n{text}");
        }
    }

    #[test]
    fn any_text_ends(text in "([A-Za-z =:\\[\\]<>,.0-9]{0,30}\r?\n){0,40}") {
        let _ = of(&text);
    }
}

#[test]
fn long_texts_take_their_time_and_no_more() {
    for text in [
        "LicenseStatus : 1\n".repeat(100_000),
        "Name : x\n\n".repeat(100_000),
        format!("EventID : 12288\nMessage : x\n{}", "a: b\n".repeat(200_000)),
        format!("Description : x\n{}", " continued\n".repeat(200_000)),
        "Event[0]:\n".repeat(100_000),
        "0x0,25,ws0421.corp.example,08c3bda0-c556-4b61-9e4e-7bf6d4df80b1,2026/11/24 9:00,0,1,249120,2de67392-b7a7-462a-b1ca-108dd189f588\n"
            .repeat(20_000),
        ":=".repeat(500_000),
    ] {
        assert_takes_no_time(|| drop(of(&text)));
    }
}
