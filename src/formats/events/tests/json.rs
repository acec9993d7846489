use super::*;
use crate::license::{Application, KmsHost, LicenseStatus, Source};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Each wrapping of the same event, and when that was by its own account.
const SAMPLES: [(&str, Option<&str>); 13] = [
    (include_str!("../../samples/events-get-winevent-5.json"), Some("2026-11-24T09:00:07.123Z")),
    (include_str!("../../samples/events-get-winevent-7.json"), Some("2026-11-24T09:00:07.123Z")),
    (include_str!("../../samples/events-select-object.json"), Some("2026-11-24T09:00:07.123Z")),
    (include_str!("../../samples/events-get-eventlog.json"), Some("2026-11-24T09:00:07Z")),
    (include_str!("../../samples/events-winlogbeat.ndjson"), Some("2026-11-24T09:00:07.123Z")),
    (include_str!("../../samples/events-winlogbeat-flat.ndjson"), Some("2026-11-24T09:00:07.123Z")),
    (include_str!("../../samples/events-winlogbeat-6.ndjson"), Some("2026-11-24T09:00:07.123Z")),
    (include_str!("../../samples/events-elasticsearch.ndjson"), Some("2026-11-24T09:00:07.123Z")),
    // Its times have no offset.
    (include_str!("../../samples/events-nxlog.ndjson"), None),
    (include_str!("../../samples/events-fluent-bit.ndjson"), Some("2026-11-24T09:00:07Z")),
    (include_str!("../../samples/events-fluent-bit-winevtlog.ndjson"), Some("2026-11-24T09:00:07Z")),
    (include_str!("../../samples/events-evtx-dump.ndjson"), Some("2026-11-24T09:00:07.123456Z")),
    (
        r#"{"EVENTID": "12290", "computer": "KMS01.corp.example", "eventtime": "2026-11-24T18:00:07+09:00", "data":
        "0x0,25,ws0417.corp.example,08c3bda0-c556-4b61-9e4e-7bf6d4df80be,2026/11/24 9:00,0,1,249120,2de67392-b7a7-462a-b1ca-108dd189f588"}"#,
        Some("2026-11-24T09:00:07Z"),
    ),
];

fn asked_at(last_request_at: Option<Timestamp>) -> KmsHost {
    KmsHost { last_request_at, ..KmsHost::default() }
}

#[test]
fn an_event_says_the_same_in_every_wrapping() {
    for (text, time) in SAMPLES {
        let outcome = of_json(text);
        assert_eq!(outcome.skipped, Skipped::default(), "{text}");
        let [client, host] = outcome.reports.as_slice() else { panic!("{text}: {:?}", outcome.reports) };
        let event_time = time.map(|time| time.parse().unwrap());
        assert_eq!(client.source, Source::HostEvents);
        assert_eq!(client.machine.as_ref().unwrap().as_str(), "ws0417.corp.example", "{text}");
        assert_eq!(client.reported_at, event_time.or("2026-11-24T09:00:00Z".parse().ok()), "{text}");
        assert_eq!(client.client_machine_id, CMID.parse().ok());
        assert_eq!(license(client).sku, WINDOWS_SKU.parse().ok());
        assert_eq!(license(client).status, Some(LicenseStatus::Licensed));
        assert_eq!(minutes(client), Some(249_120));
        assert_eq!(license(client).discovered_host.as_ref().unwrap().to_string(), "kms01.corp.example:1688");
        assert_eq!(host.machine.as_ref().unwrap().as_str(), "kms01.corp.example", "{text}");
        assert_eq!(host.reported_at, event_time);
        let known = host.kms_host.clone().unwrap();
        assert_eq!(KmsHost { publications: BTreeMap::new(), ..known }, asked_at(event_time), "{text}");
    }
}

#[test]
fn the_events_of_a_client_are_read_from_their_text_alone() {
    let text = r#"[
        {"Id": 12288, "TimeCreated": "2026-11-24T09:00:08Z", "MachineName": "ws0417", "Message":
         "The client has sent a request.\r\nInfo:\r\n0x0, 0x0, kms01:1688, 08c3bda0-c556-4b61-9e4e-7bf6d4df80be, 2026/11/24 09:00, 1, 1, 249120, 2de67392-b7a7-462a-b1ca-108dd189f588, 25"},
        {"Id": 12289, "TimeCreated": "2026-11-24T09:00:09Z", "MachineName": "ws0417", "Message":
         "The client has processed an answer.\r\nInfo:\r\n0x0, 0x0, 1, 0, 50, 120, 10080, 2026/11/24 09:00"},
        {"Id": 8198, "TimeCreated": "2026-11-24T08:00:00Z", "MachineName": "ws0417", "Message":
         "It failed with the following error code:\r\nhr=0x8007232B\r\nCommand-line arguments:\r\nRuleId=31e71c49-8da7-4a2f-ad92-45d98a1c79ba;AppId=55c92734-d682-4d71-983e-d6ec3f16059f;SkuId=2de67392-b7a7-462a-b1ca-108dd189f588"},
        {"Id": 8230, "TimeCreated": "2026-11-24T10:00:00Z", "MachineName": "ws0417", "Message":
         "It was re-evaluated.\nKernel policies:\nSecurity-SPP-Action-StateData (REG_SZ) =AppId=55c92734-d682-4d71-983e-d6ec3f16059f;GraceEndDate=2026/11/24:11:00:00;LicenseState=SL_LICENSING_STATUS_IN_GRACE_PERIOD;PartialProductKey=ABCD9;ProductKeyType=Retail;SkuId=2de67392-b7a7-462a-b1ca-108dd189f588"}]"#;
    let outcome = of_json(text);
    assert_eq!(outcome.skipped, Skipped::default());
    let [failed, asked, answered, scheduled, host] = outcome.reports.as_slice() else { panic!("{outcome:?}") };
    assert_eq!(license(failed).last_error.unwrap().to_string(), "0x8007232B");
    assert_eq!([minutes(asked), minutes(answered), minutes(scheduled)], [Some(249_120), Some(259_200), Some(60)]);
    assert_eq!(license(scheduled).status, None);
    let counts = |of| host.kms_host.as_ref().unwrap().count_of(of).current;
    assert_eq!([Application::Windows, Application::Office].map(counts), [Some(50), None]);
}

fn is_event_text(text: &str) -> bool {
    is_event(&Object::of(text).unwrap())
}

#[test]
fn an_object_is_an_event_by_its_id_and_nothing_else() {
    for text in [
        r#"{"EventID": 1003}"#,
        r#"{"Id": 7036, "ProviderName": "Service Control Manager"}"#,
        r#"{"winlog.event_id": "4624"}"#,
        r#"{"_source": {"winlog": {"event_id": 4624}}}"#,
        r##"{"Event": {"System": {"EventID": {"#text": "1", "#attributes": {"Qualifiers": 0}}}}}"##,
    ] {
        assert!(is_event_text(text), "{text}");
    }
    for text in [
        "{}",
        r#"{"ID": "2de67392-b7a7-462a-b1ca-108dd189f588", "LicenseStatus": 1}"#,
        r#"{"Id": 12290}"#,
        r#"{"Id": 12290, "Name": "x", "LicenseStatus": 1}"#,
        r#"{"EventID": null}"#,
        r#"{"EventID": -1}"#,
        r##"{"EventID": {"#text": {"#text": {}}}}"##,
        r#"{"winlog": 5, "event": [1]}"#,
    ] {
        assert!(!is_event_text(text), "{text}");
    }
}

#[test]
fn events_of_other_ids_and_providers_are_passed_over_without_a_word() {
    for text in [
        r#"{"EventID": 12295, "SourceName": "Microsoft-Windows-Security-SPP"}"#,
        r#"{"EventID": 12290, "SourceName": "Something Else"}"#,
        r##"{"Event": {"System": {"EventID": 8198, "Provider": {"#attributes": {"Name": "COM"}}}}}"##,
    ] {
        let outcome = of_json(text);
        assert_eq!((outcome.reports.len(), outcome.skipped), (0, Skipped::default()), "{text}");
    }
    let outcome = of_json(r#"{"EventID": 12290, "SourceName": "Software Licensing Service", "Message": "x"}"#);
    assert_eq!(outcome.skipped.first.unwrap(), "here: event 12290 is not readable: x");
}

#[test]
fn whatever_is_wrong_in_an_object_stays_without_a_panic() {
    // Each value of each sample replaced by what it is not, one after another.
    fn replaced(value: &Value, at: &mut i32, by: &Value) -> Value {
        *at -= 1;
        if *at == -1 {
            return by.clone();
        }
        match value {
            Value::Array(values) => values.iter().map(|value| replaced(value, at, by)).collect(),
            Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), replaced(value, at, by))).collect(),
            value => value.clone(),
        }
    }
    let others = [r"null", "-1", "1e300", "[]", "{}", r#""\u0000,\u00e4""#, r#"[[[[[[[[["0x0"]]]]]]]]]"#, "12290"];
    for (text, _) in SAMPLES {
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>().map(Result::unwrap) {
            for other in others.map(|other| serde_json::from_str(other).unwrap()) {
                for position in 1..100 {
                    let value = replaced(&value, &mut position.clone(), &other);
                    let values = if let Value::Array(values) = value { values } else { vec![value] };
                    let outcome = reading(|reading| {
                        let mut events = Events::new();
                        for text in values.iter().map(ToString::to_string) {
                            if let Some(object) = Object::of(&text) {
                                events.object(&object, None, "here", reading);
                            }
                        }
                        events.finish(reading);
                        Ok(())
                    });
                    for report in outcome.reports.iter().filter(|report| report.kms_host.is_none()) {
                        assert_eq!(license(report).sku, WINDOWS_SKU.parse().ok());
                    }
                }
            }
        }
    }
}

#[test]
fn every_sample_cut_anywhere_gives_nothing_the_whole_does_not_give() {
    for (text, _) in SAMPLES {
        let whole = of_json(text).reports;
        // The samples have one event, or the same several times.
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            for report in of_json(&text[..end]).reports {
                assert!(whole.contains(&report), "{}", &text[..end]);
            }
        }
    }
}
