//! What collectors wrap around the classes.

use super::*;

const ENVELOPE: &str = include_str!("../../samples/wmi-envelope.json");
/// As `deploy/windows/Send-ActivationStatus.ps1` writes it.
const COLLECTOR: &str = include_str!("../../samples/collector.json");

#[test]
fn an_envelope_is_one_report_of_one_machine() {
    let outcome = of_json(ENVELOPE);
    assert_eq!((outcome.reports.len(), outcome.skipped.count, outcome.result), (1, 0, Ok(())));
    let report = &outcome.reports[0];
    assert_eq!(machine(report), "ws0417.corp.example");
    assert_eq!(report.reported_at, Some("2026-11-24T18:00:00Z".parse().unwrap()));
    assert!(report.is_complete && report.kms_host.is_none());
    assert_eq!(report.client_machine_id, Some("9d1c0a4b-26f4-4f1e-9a53-2f5f9b1f3c10".parse().unwrap()));
    let keys: Vec<&str> =
        report.licenses.iter().map(|license| license.partial_product_key.as_ref().unwrap().as_str()).collect();
    assert_eq!(keys, ["J464C", "6MWKP", "QRTVW"]);
}

#[test]
fn an_envelope_is_complete_only_where_it_says_so_and_all_of_it_is_understood() {
    let good = r#"{"Name":"a","LicenseStatus":1,"PartialProductKey":"J464C"}"#;
    let cases = [
        (format!(r#"{{"machine":"a","complete":true,"products":[{good}]}}"#), 1, true),
        (format!(r#"{{"machine":"a","complete":true,"products":{good}}}"#), 1, true),
        (format!(r#"{{"machine":"a","complete":true,"products":{{"value":[{good},{good}],"Count":2}}}}"#), 2, true),
        (r#"{"machine":"a","complete":true,"products":[]}"#.to_owned(), 0, true),
        (format!(r#"{{"machine":"a","products":[{good}]}}"#), 1, false),
        (format!(r#"{{"machine":"a","complete":"yes","products":[{good}]}}"#), 1, false),
        (format!(r#"{{"machine":"a","complete":true,"products":[{good},7]}}"#), 1, false),
        (format!(r#"{{"machine":"a","complete":true,"products":[{good},{{"Name":"b"}}]}}"#), 1, false),
        (r#"{"machine":"a","complete":true,"products":null}"#.to_owned(), 0, false),
        (r#"{"machine":"a","complete":true,"service":{}}"#.to_owned(), 0, false),
    ];
    for (text, licenses, is_complete) in cases {
        let outcome = of_json(&text);
        let report = &outcome.reports[0];
        assert_eq!((report.licenses.len(), report.is_complete), (licenses, is_complete), "{text}");
        assert_eq!(machine(report), "a");
    }
}

#[test]
fn each_key_of_a_host_counts_for_its_application_in_whatever_order() {
    let key = |application: Application, current: u32, required: u32| {
        format!(
            r#"{{"ApplicationID":"{}","Description":"x, VOLUME_KMS channel","PartialProductKey":"H0ST5","LicenseStatus":1,
            "IsKeyManagementServiceMachine":1,"KeyManagementServiceCurrentCount":{current},
            "RequiredClientCount":{required}}}"#,
            application.id()
        )
    };
    let keys = [key(Application::Windows, 10, 25), key(Application::Office, 50, 5), key(Application::Office, 7, 5)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let products = order.map(|place: usize| keys[place].as_str()).join(",");
        // The service says the one or the other.
        let service = r#"{"IsKeyManagementServiceMachine":1,"KeyManagementServiceCurrentCount":50}"#;
        let outcome = of_json(&format!(r#"{{"machine":"a","service":{service},"products":[{products}]}}"#));
        let host = outcome.reports[0].kms_host.as_ref().unwrap();
        let counts = Application::ALL.map(|application| host.count_of(application));
        assert_eq!(counts.map(|counts| counts.current), [Some(10), Some(50), None], "{order:?}");
        assert_eq!(counts.map(|counts| counts.required), [Some(25), Some(5), None], "{order:?}");
    }
}

#[test]
fn objects_that_became_text_are_read_from_it_where_that_can_be() {
    let text = r#"{"machine":"a","complete":true,"products":[
        "@{ID=de32eafd-aaee-4662-9444-c1befb41bde2; Name=Windows; with a; semicolon; PartialProductKey=J464C; LicenseStatus=1; GracePeriodRemaining=10}",
        "SoftwareLicensingProduct (ID = \"de32eafd-aaee-4662-9444-c1befb41bde2\", Version = \"10\")",
        "@{Name=cut; LicenseStatus=1"]}"#;
    let outcome = of_json(text);
    let report = &outcome.reports[0];
    assert_eq!((report.licenses.len(), outcome.skipped.count, report.is_complete), (1, 2, false));
    let license = &report.licenses[0];
    assert_eq!(license.product.as_deref(), Some("Windows; with a; semicolon"));
    assert_eq!(license.remaining, Some(Remaining::Minutes(10)));
    for text in ["@{}", "@{a}", "@{a=@{b=1; c=2}; d=1}", "{a=1}", ""] {
        assert!(object_of_text(text).is_none(), "{text}");
    }
}

#[test]
fn a_product_of_another_machine_is_not_accepted_in_an_envelope() {
    let product = |machine: &str| format!(r#"{{"LicenseStatus":1,"PSComputerName":"{machine}","Name":"x"}}"#);
    let products = ["A.corp.example", "a", "192.0.2.7", "b"].map(product).join(",");
    let outcome = of_json(&format!(r#"{{"machine":"a.corp.example","products":[{products}]}}"#));
    assert_eq!((outcome.reports[0].licenses.len(), outcome.skipped.count), (3, 1));
    let unnamed = of_json(&format!(r#"{{"products":[{products}]}}"#));
    assert_eq!((machine(&unnamed.reports[0]), unnamed.skipped.count), ("a.corp.example", 1));
}

#[test]
fn one_bad_object_does_not_spoil_a_batch() {
    let good = ENVELOPE.trim_end();
    let outcome = of_json(&format!("{{\"reports\":[{good},{{\"machine\":\"a\"}},{good},[17],{good}]}}"));
    assert_eq!((outcome.reports.len(), outcome.skipped.count, outcome.result), (3, 2, Ok(())));
}

#[test]
fn what_wraps_reports_says_for_all_of_them_what_they_do_not_say() {
    let unnamed = r#"{"LicenseStatus":1}"#;
    let named = r#"{"LicenseStatus":1,"PSComputerName":"b","reported_at":"2026-11-20T00:00:00Z"}"#;
    let enveloped = r#"{"products":[{"LicenseStatus":1}]}"#;
    let reports = format!("\"reports\":[{unnamed},{named},{enveloped}]");
    let own = r#""machine":"CORP\\A","reported_at":"2026-11-24T18:00:00Z""#;
    for text in [
        format!("{{{own},{reports}}}"),
        format!("{{{reports},{own}}}"),
        format!("{{{own},{reports}"),
        format!("[{{\"machine\":\"z\",\"reports\":[]}},{{{own},\"reports\":[{{{reports}}}]}}]"),
        format!("{{\"a\":1}}\n{{\"machine\":\"z\",\"reports\":[\n{{{reports},{own}}}\n"),
    ] {
        let outcome = of_json(&text);
        let found: Vec<_> =
            outcome.reports.iter().map(|report| (machine(report), report.reported_at.unwrap().to_string())).collect();
        let [a, b] = [("a", "2026-11-24T18:00:00Z"), ("b", "2026-11-20T00:00:00Z")].map(|(a, b)| (a, b.to_owned()));
        assert_eq!(found, [a.clone(), b, a], "{text}");
    }
    // What is beside an envelope is none of its own, and of whom else it is nothing says.
    let outcome = of_json(&format!("[{{\"reports\":[{unnamed}]}},{{\"machine\":\"z\",\"reports\":[]}},{unnamed}]"));
    assert_eq!(outcome.reports, []);
}

#[test]
fn an_envelope_may_be_cut_anywhere() {
    assert_cut_anywhere(json::read, ENVELOPE);
}

#[test]
fn all_that_the_collector_sends_is_understood() {
    let outcome = of_json(COLLECTOR);
    assert_eq!((outcome.reports.len(), outcome.skipped.count, outcome.result), (1, 0, Ok(())));
    let report = &outcome.reports[0];
    assert_eq!(machine(report), "ws0417.corp.example");
    assert_eq!(report.reported_at, Some("2026-11-24T18:00:00Z".parse().unwrap()));
    assert!(report.is_complete && report.kms_host.is_none() && report.client_machine_id.is_some());
    assert_eq!(report.service_version.as_deref(), Some("10.0.22621.4391"));
    let of = |license: &License| (host(license).unwrap(), license.remaining, license.required_count);
    let expected = [(253_564, 25), (253_576, 5)].map(|(minutes, required)| {
        ("kms01.corp.example:1688".to_owned(), Some(Remaining::Minutes(minutes)), Some(required))
    });
    assert_eq!(report.licenses.iter().map(of).collect::<Vec<_>>(), expected);
}
