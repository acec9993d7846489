use super::*;
use crate::fleet::known::KnownLicense;
use crate::host::{HostPort, KMS_PORT};
use crate::license::{
    Application, Channel, FailedStart, HostKey, KmsCounts, License, PartialProductKey, Publication, Published,
    Remaining, Report, Source, WINDOWS,
};
use jiff::SignedDuration;
use uuid::Uuid;

const DAY: u32 = 24 * 60;
const OFFICE: Uuid = Uuid::from_u128(9);
const SKU_A: Uuid = Uuid::from_u128(0xa);
const SKU_B: Uuid = Uuid::from_u128(0xb);

/// A day, counted from the one on which all began.
fn day(number: i64) -> Timestamp {
    "2026-12-03T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * number)
}

/// A report of a day, which comes in later than all that are about.
fn report(on: i64, licenses: Vec<License>) -> Received {
    let report = Report { licenses, ..Report::new(Source::Wmi) };
    Received { machine: "ws1".parse().unwrap(), reported_at: day(on), received_at: day(1000), report }
}

fn complete(on: i64, licenses: Vec<License>) -> Received {
    let mut received = report(on, licenses);
    received.report.is_complete = true;
    received
}

/// What is known after these reports, in this order.
fn after(reports: &[Received]) -> Merged {
    let name = "ws1".parse().unwrap();
    let nothing = Merged { known: Known::default(), changes: Vec::new(), outcome: Outcome::Unchanged };
    reports.iter().fold(nothing, |known, received| merge(&known.known, &name, received, MAX_LICENSES))
}

/// The licenses after these reports, in this order: what identifies each, and what is known of it.
fn licenses(reports: &[Received]) -> Vec<(String, KnownLicense)> {
    after(reports).known.licenses.into_iter().collect()
}

/// The only license after these reports.
fn only(reports: &[Received]) -> KnownLicense {
    let mut licenses = licenses(reports);
    assert_eq!(licenses.len(), 1, "{licenses:?}");
    licenses.remove(0).1
}

fn ids(reports: &[Received]) -> Vec<String> {
    licenses(reports).into_iter().map(|(id, _)| id).collect()
}

/// The edition of Windows with this SKU, activated by KMS, with so many days left.
fn windows(sku: Uuid, days: u32) -> License {
    License {
        sku: Some(sku),
        application: Some(WINDOWS),
        product: Some(format!("Windows(R), {:x} edition", sku.as_u128())),
        channel: Channel::new("VOLUME_KMSCLIENT"),
        partial_product_key: PartialProductKey::new("J464C"),
        status: Some(LicenseStatus::Licensed),
        remaining: Some(Remaining::Minutes(days * DAY)),
        ..License::default()
    }
}

fn nameless(product: &str, status: LicenseStatus) -> License {
    License { product: Some(product.to_owned()), status: Some(status), ..License::default() }
}

fn host(text: &str) -> Option<HostPort> {
    HostPort::parse(text, KMS_PORT).ok()
}

#[test]
fn what_a_newer_report_shows_replaces_what_was_known_and_what_it_does_not_report_stays() {
    let first = License { renewal_interval: Some(30), required_count: Some(25), ..windows(SKU_A, 100) };
    let second = License { product: None, renewal_interval: Some(40), ..windows(SKU_A, 179) };
    let known = only(&[report(0, vec![first]), report(1, vec![second])]);
    assert_eq!(known.license.product.as_deref(), Some("Windows(R), a edition"));
    assert_eq!((known.license.renewal_interval, known.license.required_count), (Some(40), Some(25)));
    assert_eq!((known.expires_at(), known.reported_at), (Some(day(180)), day(1)));
}

#[test]
fn an_older_report_only_fills_in_what_was_not_known() {
    let first = License { renewal_interval: None, required_count: Some(25), ..windows(SKU_A, 100) };
    let older = License { renewal_interval: Some(30), required_count: Some(5), ..windows(SKU_A, 179) };
    let merged = after(&[report(2, vec![first]), report(1, vec![older.clone()])]);
    assert_eq!(merged.outcome, Outcome::Stored { changed: false });
    let known = only(&[report(2, vec![windows(SKU_A, 100)]), report(1, vec![older])]);
    assert_eq!((known.license.renewal_interval, known.license.required_count), (Some(30), Some(5)));
    assert_eq!((known.expires_at(), known.reported_at), (Some(day(102)), day(2)));
}

#[test]
fn a_report_that_comes_twice_is_distinguished_from_one_that_comes_late() {
    let reports = [report(0, vec![windows(SKU_A, 100)]), report(1, vec![windows(SKU_A, 99)])];
    let known = after(&reports).known;
    let outcome = |received: &Received| merge(&known, &"ws1".parse().unwrap(), received, MAX_LICENSES).outcome;
    assert_eq!(outcome(&reports[1]), Outcome::Unchanged);
    assert_eq!(outcome(&reports[0]), Outcome::Outdated);
    assert_eq!(outcome(&report(2, vec![windows(SKU_A, 98)])), Outcome::Stored { changed: false });
    assert_eq!(outcome(&report(2, vec![windows(SKU_B, 98)])), Outcome::Stored { changed: true });
    assert_eq!(after(&reports[..1]).outcome, Outcome::Stored { changed: true });
}

#[test]
fn a_status_without_minutes_keeps_the_countdown_where_it_is_the_same() {
    let reported = |status| vec![License { remaining: None, status: Some(status), ..windows(SKU_A, 0) }];
    let first = report(0, vec![windows(SKU_A, 100)]);
    let same = only(&[first.clone(), report(5, reported(LicenseStatus::Licensed))]);
    assert_eq!((same.expires_at(), same.status_at, same.reported_at), (Some(day(100)), Some(day(0)), day(5)));
    let other = only(&[first.clone(), report(5, reported(LicenseStatus::OotGrace))]);
    assert_eq!((other.expires_at(), other.license.status), (None, Some(LicenseStatus::OotGrace)));
    // What is licensed after its end was renewed meanwhile, until nobody knows when.
    let renewed = only(&[first, report(101, reported(LicenseStatus::Licensed))]);
    assert_eq!((renewed.expires_at(), renewed.validity().is_lost(day(101))), (None, false));
}

#[test]
fn minutes_that_are_newer_than_those_known_count_whichever_report_comes_first() {
    let silent = |status| vec![License { remaining: None, status: Some(status), ..windows(SKU_A, 0) }];
    let first = report(0, vec![windows(SKU_A, 100)]);
    let renewed = report(5, vec![windows(SKU_A, 180)]);
    let late = only(&[first.clone(), report(7, silent(LicenseStatus::Licensed)), renewed.clone()]);
    assert_eq!(late.expires_at(), Some(day(185)));
    // Since then it has another status.
    let lapsed = only(&[first, report(7, silent(LicenseStatus::Notification)), renewed]);
    assert_eq!((lapsed.license.status, lapsed.expires_at()), (Some(LicenseStatus::Notification), None));
}

#[test]
fn a_status_that_was_never_reported_is_taken_from_an_older_report() {
    let event = License { sku: Some(SKU_A), last_error: Some(Code(1)), ..License::default() };
    let known = only(&[report(5, vec![event]), report(0, vec![windows(SKU_A, 100)])]);
    assert_eq!((known.expires_at(), known.license.last_error), (Some(day(100)), Some(Code(1))));
}

#[test]
fn what_follows_from_minutes_takes_into_account_what_other_reports_tell() {
    let event = License { sku: Some(SKU_A), renewal_interval: Some(15 * DAY), ..License::default() };
    let known = only(&[report(0, vec![windows(SKU_A, 160)]), report(3, vec![event])]);
    assert_eq!(known.last_renewed_at(), Some(day(-20)));
    assert_eq!(known.overdue_since(), Some(day(-5)));
}

#[test]
fn a_reason_goes_with_its_status() {
    let lost = License {
        status: Some(LicenseStatus::Notification),
        reason_code: Some(Code(0xC004_F056)),
        ..windows(SKU_A, 0)
    };
    let merged = after(&[report(0, vec![windows(SKU_A, 1)]), report(1, vec![lost.clone()])]);
    let change = StatusChange {
        at: day(1),
        license_id: SKU_A.to_string(),
        product: lost.product.clone(),
        from: LicenseStatus::Licensed,
        to: LicenseStatus::Notification,
        reason_code: lost.reason_code,
    };
    assert_eq!((merged.changes, merged.outcome), (vec![change], Outcome::Stored { changed: true }));
    let known = only(&[report(0, vec![lost]), report(1, vec![windows(SKU_A, 180)])]);
    assert_eq!(known.license.reason_code, None);
}

#[test]
fn a_failed_attempt_is_remembered_until_a_renewal() {
    let failed = report(1, vec![License { sku: Some(SKU_A), last_error: Some(Code(7)), ..License::default() }]);
    let known = |reports: &[Received]| {
        let known = only(reports);
        (known.license.last_error.map(|code| code.0), known.last_error_at)
    };
    let first = report(0, vec![windows(SKU_A, 170)]);
    let same_end = report(2, vec![windows(SKU_A, 168)]);
    let renewed = report(3, vec![windows(SKU_A, 180)]);
    assert_eq!(known(&[first.clone(), failed.clone()]), (Some(7), Some(day(1))));
    assert_eq!(known(&[first.clone(), failed.clone(), same_end.clone()]), (Some(7), Some(day(1))));
    assert_eq!(known(&[first.clone(), failed.clone(), same_end, renewed.clone()]), (None, None));
    // The attempt is what is known first.
    assert_eq!(known(&[failed.clone(), report(2, vec![windows(SKU_A, 168)])]), (Some(7), Some(day(1))));
    assert_eq!(known(&[failed.clone(), renewed.clone()]), (None, None));
    // Told late, it is over already.
    assert_eq!(known(&[first, renewed, failed]), (None, None));
}

#[test]
fn the_host_that_is_reported_last_is_the_one_that_is_used() {
    let by_hand = License { configured_host: host("kms1"), ..windows(SKU_A, 100) };
    let by_dns = License { discovered_host: host("kms2"), ..windows(SKU_A, 100) };
    let used = |reports: &[Received]| only(reports).license.kms_host().cloned();
    assert_eq!(used(&[report(0, vec![by_hand.clone()]), report(1, vec![windows(SKU_A, 99)])]), host("kms1"));
    assert_eq!(used(&[report(0, vec![by_hand.clone()]), report(1, vec![by_dns.clone()])]), host("kms2"));
    assert_eq!(used(&[report(1, vec![by_hand]), report(0, vec![by_dns])]), host("kms1"));
}

#[test]
fn a_license_without_a_sku_is_the_one_with_its_product() {
    let office = License { application: Some(OFFICE), product: Some("Office 16".to_owned()), ..windows(SKU_B, 100) };
    let reported = nameless("OFFICE 16", LicenseStatus::Notification);
    let reports = [report(0, vec![windows(SKU_A, 10), office]), report(1, vec![reported])];
    assert_eq!(ids(&reports), [SKU_A.to_string(), SKU_B.to_string()]);
    assert_eq!(licenses(&reports)[1].1.license.status, Some(LicenseStatus::Notification));
}

#[test]
fn windows_without_a_sku_is_the_edition_in_use_whatever_it_is_called() {
    let addon = License { is_addon: Some(true), ..windows(SKU_B, 100) };
    let first = report(0, vec![addon, windows(SKU_A, 10)]);
    for reported in [
        nameless("Windows 10 Pro", LicenseStatus::Notification),
        License { application: Some(WINDOWS), status: Some(LicenseStatus::Notification), ..License::default() },
        License { status: Some(LicenseStatus::Notification), ..License::default() },
    ] {
        let reports = [first.clone(), report(1, vec![reported])];
        assert_eq!(ids(&reports), [SKU_A.to_string(), SKU_B.to_string()]);
        assert_eq!(licenses(&reports)[0].1.license.status, Some(LicenseStatus::Notification));
    }
}

#[test]
fn an_edition_and_the_subscription_that_steps_it_up_are_two() {
    let name = |edition: &str| Some(format!("Windows(R), {edition} edition"));
    let base = License { product: name("Professional"), ..windows(SKU_A, 10) };
    let active = nameless(&name("Enterprise").unwrap(), LicenseStatus::Licensed);
    let expired = License { status: Some(LicenseStatus::Unlicensed), ..active.clone() };
    let subscription = "name:windows(r), enterprise edition".to_owned();
    for base in [base.clone(), License { sku: None, ..base }] {
        let reports = [report(0, vec![base.clone(), active.clone()]), report(1, vec![base.clone(), expired.clone()])];
        assert_eq!(ids(&reports).len(), 2);
        assert!(ids(&reports).contains(&subscription));
        let status = |id: &str| licenses(&reports).into_iter().find(|(known, _)| known == id).unwrap().1.license.status;
        assert_eq!(status(&subscription), Some(LicenseStatus::Unlicensed));
        let other = ids(&reports).into_iter().find(|id| *id != subscription).unwrap();
        assert_eq!(status(&other), Some(LicenseStatus::Licensed));
        // By itself it takes nothing from the edition either.
        let alone = [report(0, vec![base]), report(1, vec![expired.clone()])];
        assert_eq!(ids(&alone).len(), 2);
    }
}

#[test]
fn a_license_is_named_by_what_is_known_of_it_until_its_sku_is() {
    let windows_10 = nameless("Windows 10", LicenseStatus::Licensed);
    let office = nameless("Office 16", LicenseStatus::Licensed);
    let unnamed = License { application: Some(OFFICE), product: None, ..office.clone() };
    assert_eq!(ids(&[report(0, vec![windows_10.clone(), office])]), ["name:office 16", "name:windows 10"]);
    assert_eq!(ids(&[report(0, vec![unnamed])]), [format!("application:{OFFICE}")]);
    assert_eq!(ids(&[report(0, vec![License::default()])]), ["windows"]);
    let with_sku = report(1, vec![License { status: None, remaining: None, ..windows(SKU_A, 0) }]);
    let reports = [report(0, vec![windows_10]), with_sku];
    assert_eq!(ids(&reports), [SKU_A.to_string()]);
    assert_eq!(only(&reports).license.status, Some(LicenseStatus::Licensed));
}

#[test]
fn two_that_turn_out_to_be_one_are_united() {
    let event = License { sku: Some(SKU_B), last_error: Some(Code(7)), ..License::default() };
    let office = nameless("Office 16", LicenseStatus::Licensed);
    let both = License { sku: Some(SKU_B), product: Some("Office 16".to_owned()), ..License::default() };
    let known = only(&[report(0, vec![event]), report(1, vec![office]), report(2, vec![both])]);
    assert_eq!((known.license.status, known.license.last_error), (Some(LicenseStatus::Licensed), Some(Code(7))));
}

#[test]
fn a_machine_has_one_edition_of_windows_in_use() {
    let addon = License { is_addon: Some(true), ..windows(Uuid::from_u128(0xc), 100) };
    let office = License { application: Some(OFFICE), product: Some("Office".to_owned()), ..windows(OFFICE, 100) };
    let first = report(0, vec![windows(SKU_A, 10), addon.clone(), office.clone()]);
    let upgraded = report(1, vec![windows(SKU_B, 100)]);
    let expected = [OFFICE, SKU_B, Uuid::from_u128(0xc)].map(|sku| sku.to_string());
    assert_eq!(ids(&[first.clone(), upgraded.clone()]), expected);
    // Told late, the edition before does not come back.
    assert_eq!(ids(&[upgraded, first.clone()]), expected);
    // An edition that is only installed replaces nothing, nor does one replace another of its own report.
    let installed = License {
        partial_product_key: None,
        status: Some(LicenseStatus::Unlicensed),
        remaining: None,
        ..windows(SKU_B, 0)
    };
    assert!(ids(&[first, report(1, vec![installed])]).contains(&SKU_A.to_string()));
    assert_eq!(ids(&[report(0, vec![windows(SKU_A, 10), windows(SKU_B, 10)])]).len(), 2);
}

#[test]
fn what_a_complete_report_does_not_list_is_gone_and_stays_so() {
    let office = License { application: Some(OFFICE), product: Some("Office".to_owned()), ..windows(OFFICE, 100) };
    let both = report(0, vec![windows(SKU_A, 10), office.clone()]);
    let without = complete(1, vec![windows(SKU_A, 9)]);
    let expected = [SKU_A.to_string()];
    assert_eq!(ids(&[both.clone(), without.clone()]), expected);
    assert_eq!(ids(&[without.clone(), both.clone()]), expected);
    // What is not complete takes nothing away, and what came later stays.
    assert_eq!(ids(&[both, report(1, vec![windows(SKU_A, 9)])]).len(), 2);
    assert_eq!(ids(&[report(2, vec![office]), without]).len(), 2);
}

#[test]
fn what_a_kms_host_reports_of_itself_is_put_together() {
    let reported = |on, kms_host| {
        let mut received = report(on, Vec::new());
        received.report.kms_host = Some(kms_host);
        received
    };
    let counts = |current, required| KmsCounts { current: Some(current), required, ..KmsCounts::default() };
    let by_itself = KmsHost::counting(Application::Windows, counts(50, Some(25)));
    let by_events =
        KmsHost { last_request_at: Some(day(3)), ..KmsHost::counting(Application::Windows, counts(49, None)) };
    let expected = KmsHost { last_request_at: Some(day(3)), ..by_itself.clone() };
    for reports in [
        [reported(5, by_itself.clone()), reported(4, by_events.clone())],
        [reported(4, by_events.clone()), reported(5, by_itself.clone())],
    ] {
        let machine = after(&reports).known.machine.unwrap();
        assert_eq!((machine.kms_host.as_ref(), machine.kms_host_reported_at), (Some(&expected), Some(day(5))));
    }
    let silent = after(&[reported(4, by_itself.clone()), report(5, Vec::new())]).known.machine.unwrap();
    assert_eq!(
        (silent.kms_host, silent.kms_host_reported_at, silent.reported_at),
        (Some(by_itself), Some(day(4)), day(5))
    );
}

/// A report of a KMS host on a day, that it received so many requests.
fn requests(on: i64, requests: u32) -> Received {
    let mut received = report(on, Vec::new());
    let counts = KmsCounts { requests: Some(requests), ..KmsCounts::default() };
    received.report.kms_host = Some(KmsHost::counting(Application::Windows, counts));
    received
}

#[test]
fn a_kms_host_was_asked_when_it_reports_other_requests_than_before() {
    let mut event = report(3, Vec::new());
    event.report.kms_host = Some(KmsHost { last_request_at: Some(day(3)), ..KmsHost::default() });
    let mut no_number = report(9, Vec::new());
    let counts = KmsCounts { current: Some(50), ..KmsCounts::default() };
    no_number.report.kms_host = Some(KmsHost::counting(Application::Windows, counts));
    // The reports in the order in which they come; since when the number is known, when it grew, since when nobody
    // asked.
    let cases: [(&[Received], [Option<i64>; 3]); 13] = [
        (&[report(0, Vec::new())], [None, None, None]),
        (&[requests(1, 0)], [Some(1), None, Some(1)]),
        (&[requests(1, 0), requests(2, 0)], [Some(1), None, Some(1)]),
        (&[requests(1, 0), requests(2, 3)], [Some(1), Some(2), Some(2)]),
        (&[requests(1, 7), requests(2, 9), requests(5, 9), requests(6, 9)], [Some(1), Some(2), Some(2)]),
        (&[requests(1, 7), requests(5, 9), requests(8, 10)], [Some(1), Some(8), Some(8)]),
        // It started over: how far it had come before is not known.
        (&[requests(1, 7), requests(2, 0)], [Some(1), Some(2), Some(2)]),
        // Reports that come late.
        (&[requests(5, 9), requests(3, 9)], [Some(3), None, Some(3)]),
        (&[requests(5, 9), requests(6, 9), requests(3, 7)], [Some(3), Some(5), Some(5)]),
        (&[requests(1, 7), requests(6, 9), requests(3, 8)], [Some(1), Some(6), Some(6)]),
        // What else shows that it was asked, and what does not.
        (&[event.clone()], [None, None, Some(3)]),
        (&[requests(1, 7), event.clone(), requests(4, 7)], [Some(1), None, Some(3)]),
        (&[requests(1, 7), requests(4, 8), event, no_number], [Some(1), Some(4), Some(4)]),
    ];
    for (reports, expected) in cases {
        let machine = after(reports).known.machine.unwrap();
        let reported = [machine.requests_known_at, machine.requests_grew_at, machine.idle_since()];
        assert_eq!(reported, expected.map(|on| on.map(day)), "{reports:?}");
        assert_eq!(machine.last_asked_at(), machine.idle_since().filter(|_| expected[1..] != [None, expected[0]]));
    }
    let again = after(&[requests(1, 7), requests(2, 9), requests(2, 9)]);
    assert_eq!(again.outcome, Outcome::Unchanged);
}

#[test]
fn what_only_a_host_reports_is_overdue_once_the_host_has_no_more_requests() {
    let license = License { channel: None, required_count: Some(25), ..windows(SKU_A, 180) };
    let mut received = report(0, vec![license]);
    received.report.source = Source::HostEvents;
    let by_host = only(&[received.clone()]);
    assert_eq!(by_host.overdue_since(), Some(day(7)));
    assert_eq!(by_host.validity().renewal_overdue_seconds(day(9)), Some(2 * 86_400));
    // It is known to be on time again only by what has minutes.
    let by_itself = only(&[received, report(8, vec![windows(SKU_A, 178)])]);
    assert_eq!((by_itself.overdue_since(), by_itself.validity().renewal_overdue_seconds(day(9))), (None, Some(0)));
}

#[test]
fn what_was_reported_by_a_clock_that_was_ahead_gives_way_to_whatever_comes_in_later() {
    let by_wrong_clock = Received { received_at: day(365), ..report(365, vec![windows(SKU_A, 180)]) };
    // It held an hour before it came in, and says less than the one before.
    let at = day(1) - SignedDuration::from_hours(1);
    let lost = License { status: Some(LicenseStatus::Notification), ..windows(SKU_A, 0) };
    let later = Received { reported_at: at, received_at: day(1), ..report(1, vec![lost.clone()]) };
    let merged = after(&[by_wrong_clock.clone(), later.clone()]);
    assert_eq!(merged.outcome, Outcome::Stored { changed: true });
    let (machine, license) = (merged.known.machine.unwrap(), merged.known.licenses.into_values().next().unwrap());
    assert_eq!((machine.reported_at, machine.received_at), (at, day(1)));
    assert_eq!((license.license.status, license.status_at, license.reported_at), (lost.status, Some(at), at));
    // One that comes in no earlier is older all the same.
    let outdated = Received { received_at: day(365), ..later };
    assert_eq!(after(&[by_wrong_clock, outdated]).outcome, Outcome::Outdated);
}

#[test]
fn what_a_host_counts_of_one_application_says_nothing_of_another_in_whatever_order() {
    let reported = |on, application, current| {
        let mut received = report(on, Vec::new());
        let counts = KmsCounts { current: Some(current), requests: Some(current), ..KmsCounts::default() };
        received.report.kms_host = Some(KmsHost::counting(application, counts));
        received
    };
    let (windows, office) = (reported(4, Application::Windows, 10), reported(5, Application::Office, 50));
    for reports in [[windows.clone(), office.clone()], [office, windows]] {
        let machine = after(&reports).known.machine.unwrap();
        let host = machine.kms_host.as_ref().unwrap();
        let counts = [Application::Windows, Application::Office].map(|of| host.count_of(of).current);
        assert_eq!(counts, [Some(10), Some(50)]);
        let counted_at = [(Application::Windows.into(), day(4)), (Application::Office.into(), day(5))];
        assert_eq!(machine.counted_at, counted_at.into());
        assert_eq!(machine.requests_grew_at, None, "each has its own number of requests");
    }
}

/// A key for Office, by the number of its SKU.
fn office_key(sku: u128) -> HostKey {
    HostKey { application: Application::Office, sku: Some(Uuid::from_u128(sku)) }
}

/// A report of a KMS host on a day, with what it counts by keys: clients, and requests.
fn counting<const N: usize>(on: i64, keys: [(HostKey, u32, Option<u32>); N]) -> Received {
    let mut received = report(on, Vec::new());
    let counts =
        |(key, current, requests)| (key, KmsCounts { current: Some(current), requests, ..KmsCounts::default() });
    received.report.kms_host = Some(KmsHost { counts: keys.map(counts).into(), ..KmsHost::default() });
    received
}

#[test]
fn what_a_host_counts_by_one_key_says_nothing_of_another_in_whatever_order() {
    let (old, new) = (office_key(16), office_key(21));
    let expected = [(new, Some(7), day(5)), (old, Some(50), day(6))];
    let one = counting(4, [(old, 3, Some(100))]);
    let other = counting(5, [(new, 7, Some(9))]);
    let renewed = counting(6, [(old, 50, Some(100))]);
    let both = counting(3, [(old, 1, Some(90)), (new, 2, Some(8))]);
    for reports in [
        [one.clone(), other.clone(), renewed.clone()],
        [other.clone(), renewed.clone(), one.clone()],
        [renewed.clone(), one.clone(), other.clone()],
        [renewed, other, both],
    ] {
        let machine = after(&reports).known.machine.unwrap();
        let host = machine.kms_host.as_ref().unwrap();
        for (key, current, at) in expected {
            assert_eq!((host.count_of(key).current, machine.counted_at[&key]), (current, at), "{reports:?}");
        }
        assert_eq!((host.counts.len(), machine.counted_at.len()), (2, 2));
    }
    let machine = after(&[counting(4, [(old, 3, Some(100))]), counting(5, [(new, 7, Some(9))])]).known.machine.unwrap();
    assert_eq!(machine.requests_grew_at, None, "each has its own number of requests");
}

#[test]
fn what_is_counted_without_a_key_is_of_the_only_one_and_else_of_none() {
    let (old, new) = (office_key(16), office_key(21));
    let unnamed = |on, current| counting(on, [(Application::Office.into(), current, None)]);
    let counts = |reports: &[Received]| {
        let machine = after(reports).known.machine.unwrap();
        let counts = machine.kms_host.unwrap().counts;
        assert!(counts.keys().eq(machine.counted_at.keys()));
        counts.into_iter().map(|(key, counts)| (key, counts.current)).collect::<Vec<_>>()
    };
    let named = |on, key| counting(on, [(key, 50, None)]);
    assert_eq!(counts(&[unnamed(1, 3), named(2, old)]), [(old, Some(50))], "it is taken over");
    assert_eq!(counts(&[unnamed(3, 3), named(2, old)]), [(old, Some(3))]);
    assert_eq!(counts(&[named(2, old), unnamed(3, 3)]), [(old, Some(3))]);
    let apart = [(Application::Office.into(), Some(3)), (old, Some(50)), (new, Some(50))];
    assert_eq!(counts(&[named(2, old), named(2, new), unnamed(3, 3)]), apart);
}

#[test]
fn so_many_keys_are_kept_and_those_that_were_counted_last() {
    let reports: Vec<_> =
        (0..20).map(|sku| counting(sku, [(office_key(sku.unsigned_abs().into()), 5, None)])).collect();
    let machine = after(&reports).known.machine.unwrap();
    let kept: Vec<_> = machine.counted_at.into_keys().collect();
    assert_eq!(kept, (4..20).map(office_key).collect::<Vec<_>>());
    assert!(machine.kms_host.unwrap().counts.into_keys().eq(kept));
}

#[test]
fn of_what_events_say_of_a_host_the_newest_counts_in_whatever_order() {
    let reported = |on, kms_host| {
        let mut received = report(on, Vec::new());
        received.report.kms_host = Some(kms_host);
        received
    };
    let published = |on, outcome| {
        let publications = [("corp.example".to_owned(), Publication { at: day(on), outcome })].into();
        reported(on, KmsHost { publications, ..KmsHost::default() })
    };
    let failed_start = |on| {
        let failed_start = Some(FailedStart { at: day(on), code: Some(Code(0xC004_F00F)) });
        reported(on, KmsHost { failed_start, ..KmsHost::default() })
    };
    let (failed, succeeded) = (Published::Failed(Some(Code(0x8007_2338))), Published::Succeeded);
    let (one, two, three) = (failed_start(3), published(4, failed), published(5, succeeded));
    for reports in [[one.clone(), two.clone(), three.clone()], [three, two, one]] {
        let machine = after(&reports).known.machine.unwrap();
        let host = machine.kms_host.unwrap();
        assert_eq!(host.publications["corp.example"], Publication { at: day(5), outcome: succeeded });
        assert_eq!((host.failed_start.map(|failed| failed.at), host.last_failed_start()), (Some(day(3)), None));
        assert_eq!(machine.kms_host_reported_at, None, "it says nothing of what it counts");
    }
}
