mod envelope;
mod inventory;
mod module;
mod table;

use super::*;
use crate::formats::json;
use crate::formats::testing::{Outcome, assert_cut_anywhere, outcome};
use crate::license::{
    Application, HostKey, KmsCounts, KmsHost, License, LicenseStatus, MAX_MINUTES, Remaining, WINDOWS,
};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// With everything that PowerShell 5.1 writes.
const PRODUCT: &str = include_str!("../samples/wmi-product.json");
const PRODUCTS: &str = include_str!("../samples/wmi-products.json");
const SERVICE: &str = include_str!("../samples/wmi-service.json");

fn of_json(text: &str) -> Outcome {
    outcome(json::read, text)
}

/// The one license in these members of a product.
fn license(members: &str) -> (License, u64) {
    let mut outcome = of_json(&format!("{{\"LicenseStatus\":1,{members}}}"));
    assert_eq!((outcome.reports.len(), outcome.result), (1, Ok(())), "{members}");
    (outcome.reports.remove(0).licenses.remove(0), outcome.skipped.count)
}

fn machine(report: &Report) -> &str {
    report.machine.as_ref().map_or("", |machine| machine.as_str())
}

fn host(license: &License) -> Option<String> {
    license.kms_host().map(ToString::to_string)
}

fn counts_of_sample() -> KmsCounts {
    KmsCounts {
        current: Some(50),
        required: Some(5),
        requests: Some(826),
        failed_requests: Some(3),
        requests_by_status: [Some(20), Some(790), Some(9), Some(2), Some(0), Some(2), None],
    }
}

/// What both samples of products say, apart from the dates, which a table has in the way of a region.
fn check_products(outcome: &Outcome) {
    assert_eq!(outcome.result, Ok(()));
    let reports = &outcome.reports;
    let machines: Vec<&str> = reports.iter().map(machine).collect();
    let one = "ws0417.corp.example";
    assert_eq!(machines, [one, one, one, "pc0033", "eval01.corp.example", "kms01.corp.example"]);
    assert!(reports.iter().all(|report| report.licenses.len() == 1 && !report.is_complete));
    assert!(reports.iter().all(|report| report.source == Source::Wmi && report.reported_at.is_none()));
    let licenses: Vec<&License> = reports.iter().map(|report| &report.licenses[0]).collect();
    let [client, office, esu, mak, evaluation, of_host] = licenses[..] else { panic!("six licenses") };

    assert_eq!(client.sku, Some("de32eafd-aaee-4662-9444-c1befb41bde2".parse().unwrap()));
    assert_eq!(client.application, Some(WINDOWS));
    assert_eq!(client.product.as_deref(), Some("Windows(R), ServerStandard edition"));
    assert_eq!(client.channel.as_ref().unwrap().as_str(), "VOLUME_KMSCLIENT");
    assert_eq!(client.partial_product_key.unwrap().as_str(), "J464C");
    assert_eq!((client.is_addon, client.status), (Some(false), Some(LicenseStatus::Licensed)));
    assert_eq!(client.reason_code.unwrap().to_string(), "0x4004F401");
    assert_eq!((client.remaining, client.evaluation_end), (Some(Remaining::Minutes(253_564)), None));
    assert_eq!((client.configured_host.as_ref(), host(client).as_deref()), (None, Some("kms01.corp.example:1688")));
    assert_eq!((client.activation_interval, client.renewal_interval), (Some(120), Some(10_080)));
    assert_eq!(client.required_count, Some(5));
    assert_eq!((client.remaining_sku_rearms, client.remaining_app_rearms), (Some(1001), Some(1001)));

    assert_eq!(office.status, Some(LicenseStatus::Notification));
    assert_eq!(office.reason_code.unwrap().to_string(), "0xC004F00F");
    assert_eq!(office.configured_host.as_ref().unwrap().to_string(), "kms02.corp.example:1688");
    assert_eq!(office.remaining, Some(Remaining::Minutes(0)));

    assert_eq!((esu.is_addon, esu.remaining), (Some(true), Some(Remaining::Permanent)));
    assert_eq!((mak.remaining, mak.renewal_interval, mak.required_count), (Some(Remaining::Permanent), None, None));
    assert_eq!(mak.channel.as_ref().unwrap().as_str(), "VOLUME_MAK");
    assert_eq!(evaluation.remaining, Some(Remaining::Minutes(12_841)));
    assert_eq!(of_host.channel.as_ref().unwrap().as_str(), "VOLUME_KMS_WS19");
    let key = HostKey { application: Application::Windows, sku: of_host.sku };
    assert!(key.sku.is_some());
    let hosts: Vec<Option<KmsHost>> = reports.iter().map(|report| report.kms_host.clone()).collect();
    assert_eq!(hosts, [None, None, None, None, None, Some(KmsHost::counting(key, counts_of_sample()))]);
}

#[test]
fn products_of_several_machines_are_read_from_json() {
    let outcome = of_json(PRODUCTS);
    check_products(&outcome);
    assert_eq!(outcome.skipped.count, 0, "{:?}", outcome.skipped);
    let end = outcome.reports[4].licenses[0].evaluation_end;
    assert_eq!(end, Some("2026-12-03T04:01:00Z".parse().unwrap()));
}

#[test]
fn a_product_with_all_of_its_properties_is_the_same() {
    let outcome = of_json(PRODUCT);
    let mut same = of_json(PRODUCTS).reports.swap_remove(0);
    // That is in none but all of its properties.
    same.licenses[0].activated_by_domain = Some(false);
    assert_eq!((&outcome.reports[..], outcome.skipped.count), (&[same][..], 0));
    let without_query = PRODUCT.replace("\"PSComputerName\":  \"ws0417.corp.example\"", "\"PSComputerName\":  null");
    assert_eq!(machine(&of_json(&without_query).reports[0]), "ws0417");
}

#[test]
fn a_service_says_what_holds_for_the_machine() {
    let outcome = of_json(SERVICE);
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (1, 0));
    let report = &outcome.reports[0];
    assert_eq!(machine(report), "kms01.corp.example");
    assert_eq!(report.client_machine_id, Some("1f3a6a2e-7a55-4d6b-9e51-1c0f0a5d9b77".parse().unwrap()));
    assert_eq!(report.remaining_windows_rearms, Some(1001));
    assert_eq!(report.service_version.as_deref(), Some("10.0.17763.2028"));
    let counts = KmsCounts { required: Some(25), ..counts_of_sample() };
    let host = KmsHost::counting(Application::Windows, counts);
    let expected = KmsHost { listening_port: Some(1688), publishes_dns: Some(true), ..host };
    assert_eq!(report.kms_host, Some(expected));
    assert!(report.licenses.is_empty() && !format!("{report:?}").contains("EEEEE"));
}

#[test]
fn two_keys_of_one_host_count_apart() {
    let key = |version: u8, current: u32| {
        format!(
            r#"{{"PSComputerName":"kms01","Name":"Office {version}, Office{version}KMSHostVL_KMS_Host edition",
            "ID":"0ff1ce15-0000-4000-8000-0000000000{version}","ApplicationID":"0ff1ce15-a989-479d-af46-f275c6370663",
            "Description":"Office {version}, VOLUME_KMS channel","LicenseStatus":1,"PartialProductKey":"PYWKV",
            "IsKeyManagementServiceMachine":1,"KeyManagementServiceCurrentCount":{current}}}"#
        )
    };
    let office = |version: u8| HostKey {
        application: Application::Office,
        sku: Some(format!("0ff1ce15-0000-4000-8000-0000000000{version}").parse().unwrap()),
    };
    let outcome = of_json(&format!("[{},{}]", key(16, 50), key(21, 4)));
    assert_eq!((outcome.skipped.count, outcome.result), (0, Ok(())));
    let hosts = outcome.reports.iter().map(|report| report.kms_host.as_ref().unwrap());
    let counted = hosts.flat_map(|host| &host.counts).map(|(key, counts)| (*key, counts.current));
    assert_eq!(counted.collect::<Vec<_>>(), [(office(16), Some(50)), (office(21), Some(4))]);
}

#[test]
fn the_name_of_the_machine_is_the_first_that_is_one() {
    for (members, expected) in [
        (r#""PSComputerName":"a","__SERVER":"b""#, "a"),
        (r#""PSComputerName":null,"__SERVER":"WS0417""#, "ws0417"),
        (r#""PSComputerName":"localhost","CimSystemProperties":{"ServerName":"WS1"}"#, "ws1"),
        (r#""PSComputerName":".","csname":"WS2""#, "ws2"),
        (r#""PSComputerName":"127.0.0.1","Hostname":"ws3""#, "ws3"),
        (r#""PSComputerName":"192.0.2.7","__SERVER":"WS3""#, "ws3"),
        (r#""SystemName":"not a name","Computer":"ws4""#, "ws4"),
        (r#""Node":"CORP\\WS5$""#, "ws5"),
        (r#""Name":"ws6""#, ""),
    ] {
        let outcome = of_json(&format!("{{\"LicenseStatus\":1,{members}}}"));
        assert_eq!(machine(&outcome.reports[0]), expected, "{members}");
    }
}

#[test]
fn what_names_its_machine_wrongly_is_not_taken_for_another() {
    let product = r#""LicenseStatus":1,"PartialProductKey":"J464C""#;
    for (name, quote) in [
        ("bad name!", "this is no name of a machine: PSComputerName: bad name!"),
        ("192.0.2.7", "an address is not a machine name: PSComputerName: 192.0.2.7"),
    ] {
        for text in [
            format!(r#"{{"PSComputerName":"{name}",{product}}}"#),
            format!(r#"{{"PSComputerName":"{name}","ClientMachineID":"9d1c0a4b-26f4-4f1e-9a53-2f5f9b1f3c10"}}"#),
            format!(r#"{{"PSComputerName":"{name}","products":[{{{product}}}]}}"#),
            format!(r#"{{"products":[{{"PSComputerName":"{name}",{product}}}]}}"#),
            format!(r#"{{"PSComputerName":"{name}","reports":[{{{product}}}]}}"#),
        ] {
            let outcome = of_json(&text);
            assert_eq!((outcome.reports.len(), outcome.result), (0, Ok(())), "{text}");
            assert!(outcome.skipped.first.as_ref().unwrap().ends_with(quote), "{:?}", outcome.skipped);
        }
    }
}

#[test]
fn the_time_of_a_report_must_mean_the_same_everywhere() {
    for (members, is_known, skipped) in [
        (r#""reported_at":"2026-11-24T18:00:00Z""#, true, 0),
        (r#""ReportedAt":"\/Date(1795543200000)\/""#, true, 0),
        (r#""Timestamp":{"value":"\/Date(1795543200000)\/","DisplayHint":2,"DateTime":"Tuesday"}"#, true, 0),
        (r#""CollectedAt":"2026-11-25T03:00:00+09:00""#, true, 0),
        (r#""reported_at":"2026-11-24T18:00:00""#, false, 1),
        (r#""Timestamp":"11/24/2026 6:00:00 PM""#, false, 0),
        (r#""Timestamp":"11/24/2026 6:00:00 PM","CollectedAt":"2026-11-24T18:00:00Z""#, true, 0),
    ] {
        let outcome = of_json(&format!("{{\"LicenseStatus\":1,{members}}}"));
        let expected = is_known.then(|| "2026-11-24T18:00:00Z".parse().unwrap());
        assert_eq!((outcome.reports[0].reported_at, outcome.skipped.count), (expected, skipped), "{members}");
    }
}

#[test]
fn values_come_as_numbers_texts_and_in_any_case() {
    let (license, skipped) = license(
        r#""gRACEpERIODrEMAINING":"\"7195\"","LICENSEISADDON":"True","LicenseStatusReason":-1073418220,
        "VLRenewalInterval":"4294967295","RequiredClientCount":-1,"PartialProductKey":" j464c ",
        "ProductKeyChannel":"Volume:GVLK","EvaluationEndDate":"20261203040100.000000+540""#,
    );
    assert_eq!((license.remaining, license.is_addon), (Some(Remaining::Minutes(7195)), Some(true)));
    assert_eq!(license.reason_code.unwrap().to_string(), "0xC004F014");
    assert_eq!((license.renewal_interval, license.required_count), (None, None));
    assert_eq!(license.partial_product_key.unwrap().as_str(), "J464C");
    assert_eq!(license.channel.unwrap().as_str(), "VOLUME_KMSCLIENT");
    assert_eq!((license.evaluation_end, skipped), (Some("2026-12-02T19:01:00Z".parse().unwrap()), 0));
}

#[test]
fn what_cannot_be_right_is_counted_and_not_believed() {
    for members in [
        r#""GracePeriodRemaining":-5"#.to_owned(),
        r#""GracePeriodRemaining":"soon""#.to_owned(),
        format!(r#""GracePeriodRemaining":{}"#, MAX_MINUTES + 1),
        r#""Description":"Windows, VOLUME_KMSCLIENT channel","GracePeriodRemaining":259201"#.to_owned(),
        r#""EvaluationEndDate":"12/3/2026 4:01:00 AM""#.to_owned(),
        // Some regions write the year first; it is their time all the same.
        r#""EvaluationEndDate":"2026-12-03 04:01:00""#.to_owned(),
        r#""VLRenewalInterval":50000"#.to_owned(),
        r#""VLActivationInterval":5"#.to_owned(),
        r#""ID":"not a GUID""#.to_owned(),
        r#""PartialProductKey":"J4""#.to_owned(),
        r#""LicenseStatusReason":"strange""#.to_owned(),
        r#""VLActivationInterval":-7"#.to_owned(),
        r#""LicenseIsAddon":"perhaps""#.to_owned(),
        r#""KeyManagementServiceMachine":"no host","KeyManagementServicePort":1688"#.to_owned(),
        r#""KeyManagementServiceMachine":"kms01","KeyManagementServicePort":70000"#.to_owned(),
        r#""KeyManagementServiceMachine":"AAAAA-EEEEE-IIIII-OOOOO-UUUU5""#.to_owned(),
    ] {
        let (license, skipped) = license(&members);
        assert_eq!(skipped, 1, "{members}");
        let expected =
            License { status: Some(LicenseStatus::Licensed), channel: license.channel.clone(), ..License::default() };
        assert_eq!(license, expected, "{members}");
    }
}

#[test]
fn products_that_are_not_in_use_are_left_out_without_a_word() {
    for text in [
        r#"[{"Name":"a","PartialProductKey":null,"LicenseStatus":0}]"#,
        r#"[{"Name":"a","LicenseStatus":0,"LicenseStatusReason":3221549076}]"#,
        r#"[{"Name":"a","PartialProductKey":""}]"#,
    ] {
        let outcome = of_json(text);
        assert_eq!((outcome.reports.len(), outcome.skipped.count, outcome.result), (0, 0, Ok(())), "{text}");
    }
    let lost =
        of_json(r#"[{"Name":"a","PartialProductKey":"J464C","LicenseStatus":0},{"Name":"b","LicenseStatus":5}]"#);
    assert_eq!(lost.reports.len(), 2);
}

#[test]
fn a_license_that_is_lost_is_reported_where_the_query_left_its_key_out() {
    let outcome = of_json(
        r#"{"Name":"Windows(R), Enterprise edition","LicenseStatus":0,"GracePeriodRemaining":0,
        "LicenseStatusReason":3221549077,"PSComputerName":"ws9"}"#,
    );
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (1, 0));
    assert_eq!(outcome.reports[0].licenses[0].status, Some(LicenseStatus::Unlicensed));
}

#[test]
fn a_license_that_has_an_end_is_not_permanent_without_minutes() {
    for (channel, expected) in [
        ("VOLUME_KMSCLIENT", None),
        ("TIMEBASED_EVAL", None),
        ("TIMEBASED_SUB", None),
        ("VIRTUAL_MACHINE_ACTIVATION", None),
        ("VOLUME_MAK", Some(Remaining::Permanent)),
    ] {
        let (license, _) =
            license(&format!(r#""Description":"Windows(R), {channel} channel","GracePeriodRemaining":0"#));
        assert_eq!(license.remaining, expected, "{channel}");
    }
    assert_eq!(license(r#""GracePeriodRemaining":0"#).0.remaining, Some(Remaining::Permanent));
}

#[test]
fn no_whole_product_key_survives_in_any_property() {
    let key = "AAAAA-EEEEE-IIIII-OOOOO-UUUU5";
    let whole: Value = serde_json::from_str(PRODUCT).unwrap();
    for name in whole.as_object().unwrap().keys() {
        for text in [key.to_owned(), format!("of {key}, {key} channel"), key.replace('-', "\n")] {
            let mut product = whole.clone();
            product[name] = Value::from(text);
            let outcome = of_json(&product.to_string());
            let reported = format!("{:?} {:?}", outcome.reports, outcome.skipped).replace("\\n", " ").to_uppercase();
            assert!(!reported.contains("EEEEE"), "{name}: {reported}");
        }
    }
    let others = of_json(&format!("[\"{key}\", {{\"{key}\": \"{key}\"}}]"));
    assert!(!format!("{:?}", others.skipped).contains("EEEEE"));
}

#[test]
fn objects_may_be_cut_anywhere() {
    assert_cut_anywhere(json::read, SERVICE);
    assert_cut_anywhere(json::read, PRODUCT);
}

#[test]
fn lists_may_be_cut_anywhere() {
    assert_cut_anywhere(json::read, PRODUCTS);
}

proptest! {
    #[test]
    fn no_value_makes_a_product_fail(name in "(ID|Name|PartialProductKey|EvaluationEndDate|PSComputerName)", text in ".{0,60}") {
        let mut object = Map::new();
        object.insert("LicenseStatus".to_owned(), 1.into());
        object.insert(name, text.into());
        of_json(&Value::Object(object).to_string());
    }
}
