use super::*;
use crate::codes::Code;
use crate::license::{
    Application, Channel, KmsCounts, KmsHost, LicenseStatus, Publication, Published, Source, WINDOWS,
};

fn asked(sku: &str, required_count: u32) -> License {
    License {
        sku: Some(sku.parse().unwrap()),
        application: (required_count == 25).then_some(WINDOWS),
        channel: Channel::new("VOLUME_KMSCLIENT"),
        required_count: Some(required_count),
        discovered_host: crate::host::HostPort::parse("kms01.corp.example", 1688).ok(),
        ..License::default()
    }
}

fn report(source: Source, machine: &str, time: &str, license: License) -> Report {
    Report {
        machine: Some(machine.parse().unwrap()),
        reported_at: Some(time.parse().unwrap()),
        client_machine_id: Some(CMID.parse().unwrap()),
        licenses: vec![license],
        ..Report::new(source)
    }
}

#[test]
fn the_log_of_a_host_gives_the_newest_of_each_license_and_the_host() {
    let outcome = of_xml(HOST_WEVTUTIL);
    assert_eq!((outcome.result, outcome.skipped), (Ok(()), Skipped::default()));
    let office = License {
        status: Some(LicenseStatus::OotGrace),
        remaining: Some(Remaining::Minutes(40_320)),
        last_error: Some(Code(0xC004_F06C)),
        ..asked(OFFICE_SKU, 5)
    };
    let server = License { status: Some(LicenseStatus::Notification), ..asked(SERVER_SKU, 5) };
    let windows = License {
        status: Some(LicenseStatus::Licensed),
        remaining: Some(Remaining::Minutes(249_120)),
        ..asked(WINDOWS_SKU, 25)
    };
    let of_host = |machine, time, license| report(Source::HostEvents, machine, time, license);
    let last = "2026-11-24T09:00:07.1234567Z".parse().unwrap();
    let published = Publication { at: "2026-11-24T03:00:00Z".parse().unwrap(), outcome: Published::Succeeded };
    let host = Report {
        machine: Some("kms01.corp.example".parse().unwrap()),
        reported_at: Some(last),
        kms_host: Some(KmsHost {
            last_request_at: Some(last),
            publications: [("corp.example".to_owned(), published)].into(),
            ..KmsHost::default()
        }),
        ..Report::new(Source::HostEvents)
    };
    let server = Report {
        client_machine_id: Some("5f1d2c7e-9b60-4c5d-8a11-2f64d0c3be77".parse().unwrap()),
        ..of_host("srv-db2", "2026-11-24T08:30:00Z", server)
    };
    let expected = [
        of_host("ws0417.corp.example", "2026-11-24T02:15:00Z", office),
        server,
        of_host("ws0417.corp.example", "2026-11-24T09:00:07.1234567Z", windows),
        host,
    ];
    assert_eq!(outcome.reports, expected);
}

#[test]
fn an_export_of_the_event_viewer_is_read_from_its_data_or_its_text() {
    let outcome = of_xml(HOST_VIEWER);
    assert_eq!((outcome.result, outcome.skipped), (Ok(()), Skipped::default()));
    let [server, client, host] = outcome.reports.as_slice() else { panic!("{:?}", outcome.reports) };
    assert_eq!(server.machine.as_ref().unwrap().as_str(), "srv-db2");
    assert_eq!((license(server).status, minutes(server)), (Some(LicenseStatus::OobGrace), Some(41_760)));
    assert_eq!(client.machine.as_ref().unwrap().as_str(), "ws0417");
    assert_eq!(minutes(client), Some(249_120));
    assert_eq!(host.machine.as_ref().unwrap().as_str(), "kms01.corp.example");
}

#[test]
fn the_log_of_a_client_shows_what_it_asked_and_was_answered() {
    let outcome = of_xml(CLIENT_WEVTUTIL);
    assert_eq!((outcome.result, outcome.skipped), (Ok(()), Skipped::default()));
    let of_client = |time, license| report(Source::ClientEvents, "ws0417.corp.example", time, license);
    let without_id = |report: Report| Report { client_machine_id: None, ..report };
    let refused = License {
        status: Some(LicenseStatus::Licensed),
        remaining: Some(Remaining::Minutes(250_680)),
        last_error: Some(Code(0xC004_F06C)),
        discovered_host: crate::host::HostPort::parse("192.0.2.10", 1688).ok(),
        ..asked(SERVER_SKU, 5)
    };
    let attempt = License {
        sku: Some(WINDOWS_SKU.parse().unwrap()),
        application: Some(WINDOWS),
        last_error: Some(Code(0xC004_F074)),
        ..License::default()
    };
    let office = License {
        status: Some(LicenseStatus::OobGrace),
        remaining: Some(Remaining::Minutes(41_700)),
        ..asked(OFFICE_SKU, 5)
    };
    // The answer was no failure, and did not activate: the host counts too few.
    let too_few = License {
        last_error: Some(Code(0xC004_F038)),
        activation_interval: Some(120),
        renewal_interval: Some(10_080),
        ..asked(OFFICE_SKU, 5)
    };
    let windows = License {
        status: Some(LicenseStatus::Licensed),
        remaining: Some(Remaining::Minutes(249_120)),
        ..asked(WINDOWS_SKU, 25)
    };
    let renewed = License {
        remaining: Some(Remaining::Minutes(259_200)),
        activated_by_domain: Some(false),
        activation_interval: Some(120),
        renewal_interval: Some(10_080),
        ..windows.clone()
    };
    let scheduled = License {
        sku: Some(WINDOWS_SKU.parse().unwrap()),
        application: Some(WINDOWS),
        channel: Channel::new("VOLUME_KMSCLIENT"),
        partial_product_key: crate::license::PartialProductKey::new("ABCD9"),
        status: Some(LicenseStatus::Licensed),
        reason_code: Some(Code(0)),
        remaining: Some(Remaining::Minutes(259_199)),
        ..License::default()
    };
    let host = Report {
        machine: Some("kms01.corp.example".parse().unwrap()),
        reported_at: Some("2026-11-24T09:00:09.2Z".parse().unwrap()),
        kms_host: Some(counting_windows(50)),
        ..Report::new(Source::ClientEvents)
    };
    // What the host counts of Office is not what it counts of Windows.
    let of_office = Report {
        reported_at: Some("2026-11-24T07:00:03Z".parse().unwrap()),
        kms_host: Some(KmsHost { counted_for: Some((OFFICE_SKU.parse().unwrap(), 4)), ..KmsHost::default() }),
        ..host.clone()
    };
    let expected = [
        without_id(of_client("2026-11-23T06:00:00Z", attempt)),
        of_client("2026-11-23T07:00:02Z", refused),
        of_client("2026-11-24T07:00:02Z", office),
        of_client("2026-11-24T07:00:03Z", too_few),
        of_client("2026-11-24T09:00:08.1Z", windows),
        of_client("2026-11-24T09:00:09.2Z", renewed),
        without_id(of_client("2026-11-24T09:00:10.5Z", scheduled)),
        host,
        of_office,
    ];
    assert_eq!(outcome.reports, expected);
}

/// A host that counts so many clients for Windows.
fn counting_windows(current: u32) -> KmsHost {
    KmsHost::counting(Application::Windows, KmsCounts { current: Some(current), ..KmsCounts::default() })
}

fn request(time: &str, client_time: &str, sku: &str) -> String {
    event(12288, time, "ws1", &[&format!("0x0,0x0,kms01:1688,{CMID},{client_time},0,1,100,{sku},25")])
}

fn response(time: &str, client_time: &str, interval: u32) -> String {
    event(12289, time, "ws1", &[&format!("0x0,0x0,1,0,50,120,{interval},{client_time}")])
}

/// The license of each answer, with the interval that identifies the answer.
fn answers(text: &str) -> Vec<(String, u32)> {
    let reports = of_xml(text).reports;
    let answers = reports.iter().filter(|report| report.kms_host.is_none()).map(license);
    answers.filter_map(|license| Some((license.sku?.to_string(), license.renewal_interval?))).collect()
}

#[test]
fn an_answer_belongs_to_the_last_request_before_it() {
    let steps = [
        request("2026-11-24T09:00:00Z", "2026/11/24 9:00", WINDOWS_SKU),
        request("2026-11-24T09:01:00Z", "2026/11/24 9:01", OFFICE_SKU),
        // Both answers come after both requests, and name the minute of theirs.
        response("2026-11-24T09:01:01Z", "2026/11/24 9:00", 1000),
        response("2026-11-24T09:01:02Z", "2026/11/24 9:01", 2000),
        request("2026-11-24T10:00:00Z", "2026/11/24 10:00", SERVER_SKU),
        response("2026-11-24T10:00:00Z", "11/24/2026 10:00", 3000),
        // Too late, and with nothing before it.
        response("2026-11-24T11:00:00Z", "2026/11/24 11:00", 4000),
        response("2026-11-20T11:00:00Z", "2026/11/20 11:00", 5000),
    ];
    let expected = [(WINDOWS_SKU, 1000), (OFFICE_SKU, 2000), (SERVER_SKU, 3000)];
    let expected = expected.map(|(sku, interval)| (sku.to_owned(), interval));
    assert_eq!(answers(&steps.concat()), expected);
    let backwards: Vec<_> = steps.iter().rev().map(String::as_str).collect();
    assert_eq!(answers(&backwards.concat()), expected);
}

#[test]
fn an_answer_ten_minutes_later_is_the_last_that_counts() {
    let asked = request("2026-11-24T09:00:00Z", "2026/11/24 9:00", WINDOWS_SKU);
    assert_eq!(answers(&(asked.clone() + &response("2026-11-24T09:10:00Z", "", 1000))).len(), 1);
    assert_eq!(answers(&(asked + &response("2026-11-24T09:10:01Z", "", 1000))).len(), 0);
}

#[test]
fn a_host_that_is_named_by_its_address_has_no_report() {
    let text = request("2026-11-24T09:00:00Z", "2026/11/24 9:00", WINDOWS_SKU).replace("kms01", "192.0.2.10")
        + &response("2026-11-24T09:00:01Z", "2026/11/24 9:00", 1000);
    assert_eq!(of_xml(&text).reports.len(), 2);
}

#[test]
fn an_event_without_a_computer_has_no_machine_and_one_with_a_wrong_one_is_passed_over() {
    let text = request("2026-11-24T09:00:00Z", "2026/11/24 9:00", WINDOWS_SKU);
    let outcome = of_xml(&text.replace("<Computer>ws1</Computer>", ""));
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (1, 0));
    assert_eq!(outcome.reports[0].machine, None);
    let outcome = of_xml(&text.replace("ws1", "no name"));
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (0, 1));
}

#[test]
fn without_the_time_of_the_event_that_of_the_client_counts() {
    let text = HOST_WEVTUTIL.replace("TimeCreated SystemTime", "TimeCreated Other");
    let outcome = of_xml(&text);
    let times: Vec<_> = outcome.reports.iter().map(|report| report.reported_at.map(|time| time.to_string())).collect();
    let expected = ["2026-11-23T20:15:00Z", "2026-11-24T08:29:00Z", "2026-11-24T09:00:00Z"];
    assert_eq!(times, expected.map(|time| Some(time.to_owned())).into_iter().chain([None]).collect::<Vec<_>>());
}

#[test]
fn events_of_other_ids_and_providers_are_passed_over_without_a_word() {
    let other = event(12290, "2026-11-24T09:00:00Z", "ws1", &["x"]).replace("Microsoft-Windows-Security-SPP", "Other");
    let noise = [12295, 12296, 8233, 1003, 100, 0].map(|id| event(id, "", "ws1", &["x"])).concat();
    let outcome = of_xml(&(other + &noise + "<Event/><Event><System/></Event>"));
    assert_eq!((outcome.reports.len(), outcome.skipped, outcome.result), (0, Skipped::default(), Ok(())));
}

#[test]
fn an_event_that_cannot_be_read_is_counted_and_quoted() {
    let text =
        [12288, 12289, 12290, 8198, 8230, 12293, 12294].map(|id| event(id, "", "ws1", &["what, is it"])).concat();
    let outcome = of_xml(&text);
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (0, 7));
    assert_eq!(outcome.skipped.first.unwrap(), "event 1: event 12288 is not readable: what, is it,");
    // Where no provider is named the data decide.
    let outcome = of_xml(&HOST_WEVTUTIL.replace("<Provider", "<Unknown"));
    assert_eq!((outcome.reports.len(), outcome.skipped.count), (4, 0));
}

#[test]
fn events_are_recognized_by_the_first_element() {
    for text in [
        HOST_WEVTUTIL,
        HOST_VIEWER,
        CLIENT_WEVTUTIL,
        "\u{feff}<?xml version='1.0'?>\n<!-- x -->- <Event>",
        "<e:Events/>",
    ] {
        assert!(recognizes_xml(text), "{text}");
    }
    for text in ["", "Event", "<Eve", "<Eventful>", "<Objs/>", "{\"Event\": {}}", "a <Event>", "<!-- <Event>"] {
        assert!(!recognizes_xml(text), "{text}");
    }
}

#[test]
fn an_event_that_is_cut_within_an_attribute_is_not_continued_by_another() {
    let cut = event(12288, "2026-11-24T09:00:00Z", "ws1", &["x"]);
    let (cut, _) = cut.split_once("T09:00").unwrap();
    let next = event(12288, "2026-11-24T09:00:00Z", "ws2", &["it's"]).replace("='", "=\"").replace("' ", "\" ");
    let next = next.replace("'>", "\">").replace("'/>", "\"/>");
    let outcome = of_xml(&format!("{cut}{next}"));
    let Err(FormatError::Malformed { place, detail }) = &outcome.result else { panic!("{:?}", outcome.result) };
    assert_eq!((place.as_str(), detail.as_str(), outcome.reports.len()), ("event 1", "an attribute is cut", 0));
}
