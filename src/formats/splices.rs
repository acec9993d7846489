//! Texts of two machines that were cut and put together, in every format: neither machine gets a figure of the other. Where
//! nothing in a text says which figure is whose, none is taken.

use super::*;
use crate::license::{Remaining, Report};
use proptest::prelude::*;

/// A machine, with figures that no other has.
#[derive(Debug, Clone, Copy)]
struct Machine {
    name: Option<&'static str>,
    product: &'static str,
    key: &'static str,
    minutes: u32,
}

const ONE: Machine =
    Machine { name: Some("ws0421"), product: "Windows(R), Enterprise edition", key: "2YT43", minutes: 231_111 };
const OTHER: Machine = Machine { name: Some("ws0422"), key: "J464C", minutes: 100_000, ..ONE };

/// A way to write what is known of a machine.
type Write = fn(Machine) -> String;

const JSON: [Write; 8] = [
    object,
    |machine| object(machine).replace(",\"", ",\r\n  \""),
    |machine| format!("[\r\n{},\r\n{}\r\n]\r\n", object(machine), service(machine)),
    |machine| format!("[{},{}]", service(machine), object(machine)),
    |machine| format!("{}\r\n{}\r\n", object(machine), service(machine)),
    |machine| format!("{{\"value\":[{},{}],\"Count\":2}}", object(machine), service(machine)),
    |machine| {
        let (name, bare) = (member(machine), Machine { name: None, ..machine });
        format!("{{{name}\"products\":[{}],\"service\":{}}}\r\n", object(bare), service(bare))
    },
    |machine| {
        let (name, bare) = (member(machine), Machine { name: None, ..machine });
        format!("{{{name}\"reports\":[{},{}]}}", object(bare), service(bare))
    },
];

const TABLES: [Write; 4] = [
    |machine| {
        csv(machine, ",", &["PSComputerName", "Name", "LicenseStatus", "PartialProductKey", "GracePeriodRemaining"])
    },
    |machine| {
        csv(machine, ",", &["GracePeriodRemaining", "LicenseStatus", "Name", "PartialProductKey", "PSComputerName"])
    },
    |machine| {
        csv(machine, ";", &["PSComputerName", "Name", "LicenseStatus", "GracePeriodRemaining", "PartialProductKey"])
    },
    |machine| {
        csv(machine, ";", &["PSComputerName", "PartialProductKey", "LicenseStatus", "Name", "GracePeriodRemaining"])
            .replace('"', "")
    },
];

const PAGES: [Write; 1] = [html];
const ALIGNED: [Write; 2] = [aligned, piped];
const LISTS: [Write; 2] = [|machine| list(machine, " : "), |machine| list(machine, "=")];

/// Those that name their machine themselves or not at all.
const OTHERS: [Write; 4] = [vamt, cilx, record, record_as_json];

/// What a console shows, below a name.
const CONSOLE: [Write; 5] = [
    |machine| {
        let name = machine.name.unwrap_or_default();
        format!("{name} | SUCCESS => {}\r\n", object(Machine { name: None, ..machine }))
    },
    |machine| format!("==== {} ====\r\n{}\r\n", machine.name.unwrap_or_default(), dli(machine)),
    |machine| format!("[{}]: PS C:\\> cscript slmgr.vbs /dli\r\n{}", machine.name.unwrap_or_default(), dli(machine)),
    |machine| format!("Computer: {}\r\n{}", machine.name.unwrap_or_default(), dli(machine)),
    |machine| format!("{} | CHANGED | rc=0 >>\r\n{}", machine.name.unwrap_or_default(), dli(machine)),
];

fn member(machine: Machine) -> String {
    machine.name.map(|name| format!("\"PSComputerName\":\"{name}\",")).unwrap_or_default()
}

fn object(machine: Machine) -> String {
    let Machine { product, key, minutes, .. } = machine;
    format!(
        "{{{}\"Name\":\"{product}\",\"PartialProductKey\":\"{key}\",\"LicenseStatus\":1,\"GracePeriodRemaining\":{minutes}}}",
        member(machine)
    )
}

/// How often it can be reset is a figure of its machine as well.
fn service(machine: Machine) -> String {
    format!("{{{}\"RemainingWindowsReArmCount\":{},\"Version\":\"10.0.1\"}}", member(machine), machine.minutes / 1000)
}

fn value(machine: Machine, column: &str) -> String {
    match column {
        "PSComputerName" => machine.name.unwrap_or_default().to_owned(),
        "Name" => machine.product.to_owned(),
        "PartialProductKey" => machine.key.to_owned(),
        "GracePeriodRemaining" => machine.minutes.to_string(),
        _ => "1".to_owned(),
    }
}

fn csv(machine: Machine, delimiter: &str, columns: &[&str]) -> String {
    let is_there = |column: &&&str| machine.name.is_some() || **column != "PSComputerName";
    let quoted = |text: String| format!("\"{text}\"");
    let names: Vec<_> = columns.iter().filter(is_there).map(|name| quoted((*name).to_owned())).collect();
    let values: Vec<_> = columns.iter().filter(is_there).map(|name| quoted(value(machine, name))).collect();
    format!("{}\r\n{}\r\n", names.join(delimiter), values.join(delimiter))
}

fn list(machine: Machine, sign: &str) -> String {
    let name = machine.name.map(|name| format!("PSComputerName{sign}{name}\r\n")).unwrap_or_default();
    let Machine { product, key, minutes, .. } = machine;
    format!(
        "\r\n{name}Name{sign}{product}\r\nLicenseStatus{sign}1\r\nPartialProductKey{sign}{key}\r\n\
         GracePeriodRemaining{sign}{minutes}\r\n\r\n"
    )
}

fn html(machine: Machine) -> String {
    let columns = ["Name", "LicenseStatus", "PartialProductKey", "GracePeriodRemaining", "PSComputerName"];
    let columns = &columns[..if machine.name.is_some() { 5 } else { 4 }];
    let row = |cell: &str, text: Vec<String>| {
        let cells = text.iter().map(|text| format!("<{cell}>{text}</{cell}>")).collect::<Vec<_>>().concat();
        format!("<tr>{cells}</tr>\r\n")
    };
    let names = row("th", columns.iter().map(|name| (*name).to_owned()).collect());
    let values = row("td", columns.iter().map(|name| value(machine, name)).collect());
    format!("<table>\r\n{names}{values}</table>\r\n")
}

fn aligned(machine: Machine) -> String {
    let columns = ["GracePeriodRemaining", "LicenseStatus", "PartialProductKey", "PSComputerName"];
    let columns = &columns[..if machine.name.is_some() { 4 } else { 3 }];
    let line = |texts: Vec<String>| texts.iter().map(|text| format!("{text:<22}")).collect::<Vec<_>>().concat();
    let names = line(columns.iter().map(|name| (*name).to_owned()).collect());
    format!("{names}\r\n{}\r\n\r\n", line(columns.iter().map(|name| value(machine, name)).collect()))
}

fn piped(machine: Machine) -> String {
    let columns = ["grace_period_remaining", "license_status", "partial_product_key", "computer_name"];
    let columns = &columns[..if machine.name.is_some() { 4 } else { 3 }];
    let line = |texts: Vec<String>| texts.iter().map(|text| format!("| {text:<22} ")).collect::<Vec<_>>().concat();
    let values = ["GracePeriodRemaining", "LicenseStatus", "PartialProductKey", "PSComputerName"];
    let names = line(columns.iter().map(|name| (*name).to_owned()).collect());
    let values = line(values[..columns.len()].iter().map(|name| value(machine, name)).collect());
    format!("{names}|\r\n{values}|\r\n\r\n")
}

fn dli(machine: Machine) -> String {
    let Machine { product, key, minutes, .. } = machine;
    format!(
        "Name: {product}\r\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\r\n\
         Partial Product Key: {key}\r\nLicense Status: Licensed\r\n\
         Volume activation expiration: {minutes} minute(s) ({} day(s))\r\n",
        minutes.div_ceil(1440)
    )
}

fn vamt(machine: Machine) -> String {
    let Machine { product, key, .. } = machine;
    let name = machine.name.unwrap_or_default();
    format!(
        "\"Computer Name\",\"Product Name\",\"Product Key Type\",\"Last 5 Characters\",\"License Status\"\r\n\
         \"{name}\",\"{product}\",\"KMS Client\",\"{key}\",\"Licensed\"\r\n"
    )
}

fn cilx(machine: Machine) -> String {
    let Machine { product, key, .. } = machine;
    let name = machine.name.map(|name| format!(" Name=\"{name}\"")).unwrap_or_default();
    format!(
        "<SoftwareLicensingData Version=\"3.1\"><Computers>\r\n<Computer{name}><Products>\r\n<Product>\
         <Sku Name=\"{product}\" />\r\n<PartialProductKey>{key}</PartialProductKey>\r\n\
         <LicenseStatus>1</LicenseStatus></Product></Products></Computer>\r\n</Computers></SoftwareLicensingData>\r\n"
    )
}

/// What a KMS host has of a client: that names itself.
fn record(machine: Machine) -> String {
    let (name, minutes) = (machine.name.unwrap_or("ws0499"), machine.minutes);
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='Microsoft-Windows-Security-SPP'/><EventID>12290</EventID>\
         <TimeCreated SystemTime='2026-11-24T09:00:07Z'/><Computer>kms01</Computer></System>\r\n<EventData><Data></Data>\
         <Data>0x0</Data><Data>25</Data><Data>{name}</Data><Data>08c3bda0-c556-4b61-9e4e-7bf6d4df80be</Data>\
         <Data>2026/11/24 9:00</Data><Data>0</Data><Data>1</Data><Data>{minutes}</Data>\
         <Data>2de67392-b7a7-462a-b1ca-108dd189f588</Data></EventData></Event>\r\n"
    )
}

fn record_as_json(machine: Machine) -> String {
    let (name, minutes) = (machine.name.unwrap_or("ws0499"), machine.minutes);
    format!(
        "{{\"Id\":12290,\"ProviderName\":\"Microsoft-Windows-Security-SPP\",\"MachineName\":\"kms01\",\"Message\":\
         \"0x0,25,{name},08c3bda0-c556-4b61-9e4e-7bf6d4df80be,2026/11/24 9:00,0,1,{minutes},2de67392-b7a7-462a-b1ca-108dd189f588\"}}\r\n"
    )
}

/// True where a report has a figure of a machine: a key that both machines have is none.
fn is_of(report: &Report, machine: Machine, has_own_key: bool) -> bool {
    let Machine { key, minutes, .. } = machine;
    report.remaining_windows_rearms == Some(minutes / 1000)
        || report.licenses.iter().any(|license| {
            (has_own_key && license.partial_product_key.is_some_and(|found| found.as_str() == key))
                || license.remaining == Some(Remaining::Minutes(minutes))
        })
}

fn reports(text: &str) -> Vec<Report> {
    let mut reports = Vec::new();
    let mut take = |report| reports.push(report);
    let _ = read(text.as_bytes(), &mut Reading::new(&mut take));
    reports
}

/// No report of a splice has figures of both, nor under the name of the other; those without a name are of one of them.
fn check(text: &str, have_own_keys: bool) -> Result<(), TestCaseError> {
    let reports = reports(text);
    let is_of = |report: &Report, machine| is_of(report, machine, have_own_keys);
    let named = |report: &Report| report.machine.as_ref().map(|machine| machine.as_str().to_owned());
    for report in &reports {
        let (is_of_one, is_of_other) = (is_of(report, ONE), is_of(report, OTHER));
        prop_assert!(!(is_of_one && is_of_other), "{report:?} in\n{text}");
        let name = named(report);
        prop_assert!(!is_of_one || name.as_deref() != OTHER.name, "{report:?} in\n{text}");
        prop_assert!(!is_of_other || name.as_deref() != ONE.name, "{report:?} in\n{text}");
    }
    let has = |machine| reports.iter().any(|report| report.machine.is_none() && is_of(report, machine));
    prop_assert!(!(has(ONE) && has(OTHER)), "both are the machine of the input in\n{text}");
    Ok(())
}

/// The start of one text, all of the other, and the end of the one where that is of nobody by itself.
fn spliced(one: &str, other: &str, cut: usize, is_at_line: bool, has_end: bool) -> String {
    let cut = one.floor_char_boundary(cut % (one.len() + 1));
    let cut = if is_at_line { one[..cut].rfind('\n').map_or(0, |at| at + 1) } else { cut };
    let end = Some(&one[cut..]).filter(|_| has_end).unwrap_or_default();
    [&one[..cut], "\r\n", other, end].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_splice_of_named_machines_gives_one_the_figures_of_the_other(
        one in 0_usize..26, other in 0_usize..26, cut in 0_usize..2000, is_at_line: bool, have_own_keys: bool,
    ) {
        let all: Vec<Write> = JSON.into_iter().chain(TABLES).chain(PAGES).chain(ALIGNED).chain(LISTS).chain(OTHERS).chain(CONSOLE).collect();
        let write = |place: usize, machine| all[place % all.len()](machine);
        let key = if have_own_keys { OTHER.key } else { ONE.key };
        let (one, other) = (write(one, ONE), write(other, Machine { key, ..OTHER }));
        check(&spliced(&one, &other, cut, is_at_line, false), have_own_keys)?;
    }

    /// What is behind the other is the one's, where each row or object says so itself.
    #[test]
    fn nor_does_one_that_goes_on_behind_the_other(
        kind in 0_usize..4, one in 0_usize..8, other in 0_usize..8, cut in 0_usize..2000, is_at_line: bool,
        have_own_keys: bool,
    ) {
        let kinds: [&[Write]; 4] = [&JSON[..6], &TABLES, &PAGES, &OTHERS];
        let write = |place: usize, machine| kinds[kind][place % kinds[kind].len()](machine);
        let key = if have_own_keys { OTHER.key } else { ONE.key };
        let (one, other) = (write(one, ONE), write(other, Machine { key, ..OTHER }));
        check(&spliced(&one, &other, cut, is_at_line, true), have_own_keys)?;
    }

    /// Without names nothing is taken that could be of two.
    #[test]
    fn no_splice_of_machines_without_names_takes_them_for_one(
        kind in 0_usize..5, one in 0_usize..8, other in 0_usize..8, cut in 0_usize..2000, is_at_line: bool,
        has_end: bool, is_office: bool,
    ) {
        let kinds: [&[Write]; 5] = [&JSON, &TABLES, &PAGES, &LISTS, &[dli]];
        // Only JSON and tables show where a list ends. Elsewhere the next object may be of the same machine.
        let product = if is_office && kind < 2 { "Office 16, Office16ProPlusVL_KMS_Client edition" } else { OTHER.product };
        let write = |place: usize, machine| kinds[kind][place % kinds[kind].len()](machine);
        let one = write(one, Machine { name: None, ..ONE });
        let other = write(other, Machine { name: None, product, ..OTHER });
        check(&spliced(&one, &other, cut, is_at_line, has_end && kind < 3), true)?;
    }
}

/// Whole texts are read, so that the properties above say something.
#[test]
fn each_text_alone_is_read() {
    for kind in [&JSON[..], &TABLES, &PAGES, &ALIGNED, &LISTS, &OTHERS, &CONSOLE] {
        for write in kind {
            let text = write(ONE);
            let read = reports(&text);
            let is_named =
                |report: &Report| report.machine.as_ref().is_some_and(|name| Some(name.as_str()) == ONE.name);
            assert!(read.iter().any(|report| is_of(report, ONE, true) && is_named(report)), "{read:?} of\n{text}");
        }
    }
    for kind in [&JSON[..6], &JSON[6..], &TABLES, &PAGES, &LISTS] {
        for write in kind {
            let text = write(Machine { name: None, ..ONE });
            let read = reports(&text);
            // Two objects that are by themselves may be of two machines.
            let is_apart = text.contains("}\r\n{");
            assert_eq!(
                read.iter().any(|report| is_of(report, ONE, true) && report.machine.is_none()),
                !is_apart,
                "{text}"
            );
        }
    }
}

/// Why nothing is taken is said, and how to go on.
#[test]
fn what_is_not_taken_without_a_name_is_refused_with_the_reason() {
    let nameless = |machine| object(Machine { name: None, ..machine });
    let (one, other) = (nameless(ONE), nameless(OTHER));
    let office = nameless(Machine { product: "Office 16, Office16ProPlusVL_KMS_Client edition", ..OTHER });
    for (text, why, reports) in [
        (format!("[{one}]\r\n[{office}]"), "the text has several lists", 0),
        (format!("[[{one}],[{office}]]"), "the text has several lists", 0),
        (format!("[{one},{office}]\r\n[]"), "", 2),
        (format!("[{one},{other}]"), "one product twice", 0),
        (format!("[{one},{office}"), "the text goes wrong", 0),
        (format!("[{one},{}]", object(OTHER)), "others in this text do", 1),
    ] {
        let mut count = 0;
        let mut take = |_| count += 1;
        let mut reading = Reading::new(&mut take);
        let _ = read(text.as_bytes(), &mut reading);
        let first = reading.skipped().first.clone().unwrap_or_default();
        assert!(first.contains(why) && first.is_empty() == why.is_empty(), "{first} for {text}");
        assert_eq!(count, reports, "{text}");
    }
}
