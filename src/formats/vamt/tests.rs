use super::*;
use crate::formats::FormatError;
use crate::formats::testing::{assert_cut_anywhere, outcome};
use crate::formats::wmi;
use crate::license::{LicenseStatus, Remaining, Report, Source, WINDOWS};
use proptest::prelude::*;

const TABLE: &str = include_str!("../samples/vamt-active-product.csv");
const CONSOLE: &str = include_str!("../samples/vamt-console.csv");
const LIST: &str = include_str!("../samples/vamt.cilx");

fn machine(report: &Report) -> &str {
    report.machine.as_ref().unwrap().as_str()
}

#[test]
fn the_table_of_products_is_read() {
    assert!(recognizes_csv(TABLE) && !wmi::recognizes_csv(TABLE));
    let outcome = outcome(read_csv, TABLE);
    assert_eq!((outcome.reports.len(), outcome.skipped.count, outcome.result), (3, 0, Ok(())));
    let [client, mak, lost] = &outcome.reports[..] else { panic!("three reports") };
    assert!(outcome.reports.iter().all(|report| report.source == Source::Vamt && !report.is_complete));

    assert_eq!(machine(client), "ws0417.corp.example");
    assert_eq!(client.reported_at, Some("2026-11-24T18:00:00Z".parse().unwrap()));
    assert_eq!(client.client_machine_id, Some("9d1c0a4b-26f4-4f1e-9a53-2f5f9b1f3c10".parse().unwrap()));
    let license = &client.licenses[0];
    assert_eq!((license.application, license.status), (Some(WINDOWS), Some(LicenseStatus::Licensed)));
    assert_eq!(license.remaining, Some(Remaining::Minutes(253_084)));
    assert_eq!(license.channel.as_ref().unwrap().as_str(), "VOLUME_KMSCLIENT");
    assert_eq!(license.kms_host().unwrap().to_string(), "kms01.corp.example:1688");
    assert_eq!((license.last_error, license.reason_code.unwrap().to_string().as_str()), (None, "0x4004F401"));

    let license = &mak.licenses[0];
    assert_eq!((license.channel.as_ref().unwrap().as_str(), license.remaining), ("VOLUME_MAK", None));
    assert_eq!((mak.client_machine_id, license.kms_host()), (None, None));

    let license = &lost.licenses[0];
    assert_eq!(license.status, Some(LicenseStatus::Notification));
    assert_eq!(license.reason_code.unwrap().to_string(), "0xC004F00F");
    assert_eq!(license.last_error.unwrap().to_string(), "0xC004F074");
}

#[test]
fn the_list_of_the_console_is_read_without_its_dates() {
    assert!(recognizes_csv(CONSOLE) && !wmi::recognizes_csv(CONSOLE));
    let outcome = outcome(read_csv, CONSOLE);
    assert_eq!((outcome.reports.len(), outcome.result), (2, Ok(())));
    let [client, mak] = &outcome.reports[..] else { panic!("two reports") };
    let license = &client.licenses[0];
    assert_eq!((machine(client), client.reported_at, license.remaining), ("ws0417.corp.example", None, None));
    assert_eq!(license.channel.as_ref().unwrap().as_str(), "VOLUME_KMSCLIENT");
    assert_eq!(license.partial_product_key.unwrap().as_str(), "J464C");
    let license = &mak.licenses[0];
    assert_eq!(license.partial_product_key.unwrap().as_str(), "UUUU5");
    assert_eq!(license.status, Some(LicenseStatus::Notification));
    // The two dates of the first machine.
    assert_eq!(outcome.skipped.count, 2);
    assert!(!format!("{:?} {:?}", outcome.reports, outcome.skipped).contains("EEEEE"));
}

#[test]
fn a_machine_may_be_called_by_its_name_alone() {
    let text = "Name,Product Name,License Status\na,Windows,Licensed\n,Windows,Licensed\nlocalhost,Windows,Licensed\n\
                a b,Windows,Licensed\n";
    assert!(recognizes_csv(text));
    let outcome = outcome(read_csv, text);
    assert_eq!((outcome.reports.len(), machine(&outcome.reports[0]), outcome.skipped.count), (1, "a", 3));
}

#[test]
fn a_computer_information_list_is_read() {
    assert!(recognizes_xml(LIST));
    let outcome = outcome(read_xml, LIST);
    // The computer without a name.
    assert_eq!((outcome.reports.len(), outcome.skipped.count, outcome.result), (2, 1, Ok(())));
    assert!(outcome.skipped.first.unwrap().starts_with("line 24: a product without the name of its machine"));
    let [client, office] = &outcome.reports[..] else { panic!("two reports") };
    assert_eq!((machine(client), machine(office)), ("ws0417.corp.example", "ws0417.corp.example"));
    let license = &client.licenses[0];
    assert_eq!(license.sku, Some("de32eafd-aaee-4662-9444-c1befb41bde2".parse().unwrap()));
    assert_eq!(license.product.as_deref(), Some("Windows(R), ServerStandard edition"));
    assert_eq!((license.application, license.remaining), (Some(WINDOWS), Some(Remaining::Minutes(253_084))));
    let license = &office.licenses[0];
    assert_eq!(license.product.as_deref(), Some("Office & friends 19"));
    assert_eq!(license.kms_host().unwrap().to_string(), "kms01.corp.example:1688");
    assert_eq!(license.channel.as_ref().unwrap().as_str(), "VOLUME_KMSCLIENT");
    assert_eq!(license.partial_product_key, None);
}

#[test]
fn a_name_of_something_else_is_no_name_of_a_machine() {
    let product = "<Product LicenseStatus='1'><Sku Name='Windows'/><Action Name='refresh'/></Product>";
    let named = outcome(
        read_xml,
        &format!("<SoftwareLicensingData><Computer><Name>a</Name>{product}</Computer></SoftwareLicensingData>"),
    );
    assert_eq!((named.reports.len(), machine(&named.reports[0])), (1, "a"));
    let unnamed =
        outcome(read_xml, &format!("<SoftwareLicensingData><Computer>{product}</Computer></SoftwareLicensingData>"));
    assert_eq!((unnamed.reports.len(), unnamed.skipped.count), (0, 1));
    let wrong = product.replace("LicenseStatus", "ComputerName='no name' LicenseStatus");
    let wrong = outcome(
        read_xml,
        &format!("<SoftwareLicensingData><Computer Name='a'>{wrong}</Computer></SoftwareLicensingData>"),
    );
    assert_eq!((wrong.reports.len(), wrong.skipped.count), (0, 1));
}

#[test]
fn xml_that_goes_wrong_gives_what_comes_before() {
    let middle = LIST.find("<Product LicenseStatus").unwrap();
    for end in [middle, middle + 4] {
        let outcome = outcome(read_xml, &LIST[..end]);
        assert_eq!(outcome.reports.len(), 1);
        assert_eq!(outcome.result.unwrap_err().to_string(), "line 15: it ends in the middle");
    }
    let deep = format!("<SoftwareLicensingData>{}", "<a>".repeat(100_000));
    assert!(outcome(read_xml, &deep).result.unwrap_err().to_string().contains("too deeply"));
    assert!(matches!(outcome(read_xml, "<a></b>").result, Err(FormatError::Malformed { .. })));
    assert!(!recognizes_xml("<Events/>") && !recognizes_xml("text") && !recognizes_xml(""));
}

#[test]
fn samples_may_be_cut_anywhere() {
    assert_cut_anywhere(read_csv, TABLE);
    assert_cut_anywhere(read_csv, CONSOLE);
    assert_cut_anywhere(read_xml, LIST);
}

#[test]
fn no_whole_product_key_survives_in_any_column() {
    let key = "AAAAA-EEEEE-IIIII-OOOOO-UUUU5";
    let mut lines = TABLE.lines();
    let (names, row) = (lines.next().unwrap(), lines.next().unwrap());
    let values: Vec<String> = row.replace(", ", "|").split(',').map(|value| value.replace('|', ", ")).collect();
    assert_eq!(values.len(), names.split(',').count());
    for at in 0..values.len() {
        let mut values = values.clone();
        values[at] = key.to_owned();
        let outcome = outcome(read_csv, &format!("{names}\n{}\n", values.join(",")));
        assert!(
            !format!("{:?} {:?}", outcome.reports, outcome.skipped).to_uppercase().contains("EEEEE"),
            "column {at}"
        );
    }
    let list = outcome(read_xml, &LIST.replace("J464C", key).replace("Office ", key));
    assert!(list.reports.len() == 2 && !format!("{:?} {:?}", list.reports, list.skipped).contains("EEEEE"));
}

#[test]
fn ten_megabytes_of_products_are_read_one_by_one() {
    let product = "<Product LicenseStatus='1' PartialProductKey='J464C'/>";
    let count = 10_000_000 / product.len();
    let list = product.repeat(count);
    let text = format!("<SoftwareLicensingData><Computer Name='a'>{list}</Computer></SoftwareLicensingData>");
    assert_eq!(outcome(read_xml, &text).reports.len(), count);
}

proptest! {
    #[test]
    fn no_text_makes_it_fail(
        text in ".{0,200}",
        like in "(<Computer|<Product|</Product>|Name=|Sku|LicenseStatus|[<>/='\"& a1\n,;]){0,80}",
    ) {
        for text in [&text, &like] {
            recognizes_csv(text);
            outcome(read_csv, text);
            recognizes_xml(text);
            outcome(read_xml, text);
            outcome(read_xml, &format!("<SoftwareLicensingData>{text}"));
        }
    }
}
