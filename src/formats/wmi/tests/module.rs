//! What the PowerShell module `OSLicense` writes.

use super::*;
use crate::formats::wmi::{read_csv, recognizes_csv};

const INFO: &str = include_str!("../../samples/oslicense-info.json");
const SUBSCRIPTION: &str = include_str!("../../samples/oslicense-subscription.json");
const KMS: &str = include_str!("../../samples/oslicense-kms.json");
const AD: &str = include_str!("../../samples/oslicense-ad.csv");

fn one(text: &str) -> (Report, u64) {
    let mut outcome = of_json(text);
    assert_eq!((outcome.reports.len(), outcome.result), (1, Ok(())), "{text}");
    (outcome.reports.remove(0), outcome.skipped.count)
}

#[test]
fn a_status_in_a_language_that_is_not_known_is_unknown() {
    let (report, skipped) = one(INFO);
    // Only that word is not understood.
    assert_eq!(skipped, 1);
    assert_eq!(report.client_machine_id.unwrap().to_string(), "08c3bda0-c556-4b61-9e4e-7bf6d4df80b1");
    assert_eq!(report.service_version.as_deref(), Some("10.0.29651.1000"));
    assert_eq!((report.remaining_windows_rearms, report.kms_host), (None, None));
    let license = &report.licenses[0];
    assert_eq!(license.sku.unwrap().to_string(), "de32eafd-aaee-4662-9444-c1befb41bde2");
    assert_eq!((license.status, license.remaining), (None, Some(Remaining::Minutes(248_560))));
    assert_eq!(license.reason_code.unwrap().to_string(), "0x4004F401");
    assert_eq!(host(license).as_deref(), Some("kms02.corp.example:1688"));
    for (word, status) in [
        ("Licensed", Some(LicenseStatus::Licensed)),
        ("Notification", Some(LicenseStatus::Notification)),
        ("Initial grace period", Some(LicenseStatus::OobGrace)),
        ("ライセンスされています", Some(LicenseStatus::Licensed)),
        ("1", Some(LicenseStatus::Licensed)),
        ("Activado", None),
    ] {
        let (report, skipped) = one(&INFO.replace("Sous licence", word));
        assert_eq!((report.licenses[0].status, skipped), (status, u64::from(status.is_none())), "{word}");
    }
}

#[test]
fn words_stand_for_numbers_that_are_not_set() {
    let permanent = INFO
        .replace("VOLUME_KMSCLIENT", "VOLUME_MAK")
        .replace("Sous licence", "Licensed")
        .replace("248560", "\"Unlimited\"")
        .replace("10080", "\"Not Set\"");
    let (report, skipped) = one(&permanent);
    assert_eq!((report.licenses[0].remaining, skipped), (Some(Remaining::Permanent), 0));
    assert_eq!(report.licenses[0].renewal_interval, None);
}

#[test]
fn a_subscription_has_its_status_and_its_end() {
    let (report, skipped) = one(SUBSCRIPTION);
    let license = &report.licenses[0];
    assert_eq!((license.status, license.remaining, skipped), (Some(LicenseStatus::Licensed), None, 0));
    assert_eq!(license.product.as_deref(), Some("Windows(R), Enterprise edition"));
    assert_eq!(license.evaluation_end.unwrap().to_string(), "2026-12-13T09:26:53Z");
    let of = |value: &str| of_json(&SUBSCRIPTION.replace("Value\": 1", &format!("Value\": {value}")));
    let status = |value| of(value).reports[0].licenses[0].status;
    // One that is expired is lost. One that is not active says nothing of the edition below it.
    assert_eq!(status("110"), Some(LicenseStatus::Unlicensed));
    assert_eq!([status("0"), status("100"), status("7")], [None; 3]);
    assert_eq!(of("120").reports.len(), 0);
}

#[test]
fn activated_by_active_directory_it_needs_no_kms_host() {
    assert!(recognizes_csv(AD));
    let outcome = outcome(read_csv, AD);
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (1, 0), "{:?}", outcome.skipped);
    assert_eq!(machine(&outcome.reports[0]), "ws0421");
    let license = &outcome.reports[0].licenses[0];
    assert_eq!((license.status, host(license)), (Some(LicenseStatus::Licensed), None));
    assert_eq!(license.activated_by_domain, Some(true));
    assert_eq!(license.channel.as_ref().unwrap().as_str(), "VOLUME_KMSCLIENT");
    let with_host = INFO.replace("{\n", "{\"ADActivationObjectName\": \"Corp Activation\",\n");
    assert_eq!(host(&one(&with_host).0.licenses[0]), None);
    let without = INFO.replace("{\n", "{\"ADActivationObjectName\": \"N/A\",\n");
    let (report, _) = one(&without);
    assert_eq!(host(&report.licenses[0]).as_deref(), Some("kms02.corp.example:1688"));
    assert_eq!(report.licenses[0].activated_by_domain, Some(false));
    assert_eq!(one(INFO).0.licenses[0].activated_by_domain, None, "it does not say");
}

#[test]
fn a_kms_host_has_its_counts_where_they_are_numbers() {
    let (report, skipped) = one(KMS);
    let host = report.kms_host.unwrap();
    let counts = host.count_of(Application::Windows);
    assert_eq!((counts.current, counts.requests, counts.failed_requests, skipped), (Some(31), Some(826), Some(3), 0));
    assert_eq!(counts.requests_by_status[..3], [None, Some(790), Some(9)]);
    assert_eq!((host.listening_port, host.publishes_dns), (Some(1688), Some(true)));
}

#[test]
fn a_query_that_failed_is_no_license() {
    let outcome = of_json(r#"{"Success": false, "ErrorCode": "0x8007054B", "ErrorMessage": "The domain"}"#);
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (0, 1));
}

/// What a cmdlet shows where nobody asks for another form: its properties as a list, whose names are as wide as the
/// longest.
fn as_list<'t>(properties: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let line = |(name, value): (&str, &str)| format!("{name:<40} : {value}\r\n");
    format!("\r\n{}\r\n\r\n", properties.map(line).collect::<String>())
}

/// The properties of an object that has one on each line.
fn of_object(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(": ")).map(|(name, value)| {
        let value = match value.trim_matches('"') {
            "null" => "",
            "true" => "True",
            "false" => "False",
            value => value,
        };
        (name.trim_matches('"'), value)
    })
}

#[test]
fn the_list_that_a_cmdlet_shows_says_the_same_as_its_json() {
    let read = |text: &str| {
        let mut reports = Vec::new();
        let mut take = |report| reports.push(report);
        let result = crate::formats::read(text.as_bytes(), &mut Reading::new(&mut take));
        assert_eq!(result, Ok(()), "{text}");
        reports
    };
    for sample in [INFO, SUBSCRIPTION, KMS] {
        let list = as_list(of_object(sample));
        assert_eq!(read(&list), of_json(sample).reports, "{list}");
        let prompt = format!("PS C:\\> Get-OSLicenseInfo\r\n{list}PS C:\\>");
        assert_eq!(read(&prompt), of_json(sample).reports, "{prompt}");
    }
    let mut rows = AD.lines().map(|line| line.trim_matches('"').split("\",\""));
    let (names, values) = (rows.next().unwrap(), rows.next().unwrap());
    let list = as_list(names.zip(values));
    assert_eq!(read(&list), outcome(read_csv, AD).reports, "{list}");
    // One cmdlet after the other on one machine.
    let both = [INFO, KMS].map(|sample| as_list(of_object(sample))).concat();
    let reports = read(&both);
    assert_eq!(reports, [INFO, KMS].map(|sample| of_json(sample).reports.remove(0)), "{both}");
}
