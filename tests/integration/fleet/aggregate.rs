//! The totals of the fleet.

use super::{
    Asked, STALE_AFTER, aggregate, client, day, in_status, office, question, report, take, to_hosts, via, windows,
};
use gracewatch::codes::Code;
use gracewatch::fleet::known::Received;
use gracewatch::fleet::{ApplicationStatus, AtRisk, Count, Fleet, KeyStatus, KmsHostStatus, Runway, Validity};
use gracewatch::license::{Application, Channel, HostKey, KmsCounts, KmsHost, License, LicenseStatus, Remaining};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

#[test]
fn an_empty_fleet_is_nothing() {
    let mut fleet = Fleet::default();
    assert_eq!(take(&mut fleet, Vec::new()), Vec::<String>::new());
    let paths = [(Arc::from("corp"), to_hosts(&["kms1"])), (Arc::from("none"), to_hosts(&[]))];
    let paths = paths.into_iter().collect();
    let sums = aggregate(&fleet, &Asked { paths, ..question(0) });
    assert_eq!((sums.totals, sums.as_of), (Runway::default(), day(0)));
    assert_eq!(sums.paths.into_values().collect::<Vec<_>>(), vec![Runway::default(); 2]);
    assert!(sums.products.is_empty() && sums.channels.is_empty() && sums.counts.is_empty());
    assert!(sums.at_risk.is_empty() && sums.kms_hosts.is_empty());
}

#[test]
fn machines_are_counted_by_how_long_they_stay_activated() {
    let mut fleet = Fleet::default();
    let permanent =
        License { remaining: Some(Remaining::Permanent), channel: Channel::new("VOLUME_MAK"), ..windows(0) };
    let batch = vec![
        // Both of its licenses in time.
        report("fine", 10, vec![windows(178), office(175)]),
        report("overdue", 10, vec![windows(80), office(179)]),
        report("week", 10, vec![windows(179), office(6)]),
        report("day", 10, vec![windows(1)]),
        // The end has passed since its report, which is long ago.
        report("silent", 0, vec![windows(5)]),
        report("lost", 10, vec![in_status(LicenseStatus::Notification, windows(0)), office(20)]),
        report("permanent", 10, vec![permanent]),
        report("unknown", 10, vec![License { remaining: None, ..windows(0) }]),
        report("nothing", 10, vec![]),
    ];
    take(&mut fleet, batch);
    let sums = aggregate(&fleet, &question(10));
    let unnamed = |runway: &Runway| Runway { soonest: Vec::new(), ..runway.clone() };
    let expected = Runway {
        machines: 9,
        stale: 1,
        lost: 2,
        expiring: [1, 2, 2, 3],
        first_expiry: Some(day(11)),
        first_machine: Some("day".to_owned()),
        renewal_overdue: 4,
        soonest: Vec::new(),
    };
    assert_eq!(unnamed(&sums.totals), expected);
    let soonest: Vec<_> = sums.totals.soonest.iter().map(|(moment, machine)| (*moment, machine.as_str())).collect();
    assert_eq!(soonest[..2], [(day(11), "day"), (day(16), "week")], "what is lost already is none of them");
    let windows = Runway { machines: 8, expiring: [1, 1, 1, 2], renewal_overdue: 2, ..expected.clone() };
    let office = Runway {
        machines: 4,
        stale: 0,
        lost: 0,
        expiring: [0, 1, 2, 2],
        first_expiry: Some(day(16)),
        first_machine: Some("week".to_owned()),
        renewal_overdue: 2,
        soonest: Vec::new(),
    };
    let reported = [("Windows(R), Enterprise edition", windows), ("Office 16, ProPlus edition", office)];
    let products: Vec<_> = sums.products.iter().map(|(product, runway)| (product.as_str(), unnamed(runway))).collect();
    assert_eq!(products, reported);
    let clients = Runway { machines: 7, ..expected };
    let mak = Runway { machines: 1, ..Runway::default() };
    let reported = [("VOLUME_KMSCLIENT", clients), ("VOLUME_MAK", mak)];
    let channels: Vec<_> = sums.channels.iter().map(|(channel, runway)| (channel.as_str(), unnamed(runway))).collect();
    assert_eq!(channels, reported);
    // Two hours later one more end may have passed, and nobody has reported.
    let later = aggregate(&fleet, &question(14)).totals;
    assert_eq!((later.machines, later.stale, later.lost), (9, 9, 3));
}

#[test]
fn machines_are_counted_on_each_path_by_the_host_they_use() {
    let mut fleet = Fleet::default();
    let batch = vec![
        report("one", 0, vec![via("KMS1.corp.example", windows(10))]),
        report("both", 0, vec![via("kms1.corp.example", windows(20)), via("192.0.2.1:1689", office(5))]),
        report("two", 0, vec![via("192.0.2.1", windows(1))]),
        report("none", 0, vec![windows(1)]),
    ];
    take(&mut fleet, batch);
    let path = |name: &str, hosts: &[&str]| (Arc::from(name), to_hosts(hosts));
    let paths = [
        path("one", &["kms1.corp.example"]),
        path("two", &["192.0.2.1", "kms2.corp.example"]),
        path("all", &["192.0.2.1", "kms1.corp.example"]),
        path("quoted", &["' OR 1 = 1 --"]),
        path("none", &[]),
    ];
    let paths = paths.into_iter().collect();
    let sums = aggregate(&fleet, &Asked { paths, ..question(0) });
    let reported = sums.paths.iter().map(|(path, runway)| {
        let first = runway.first_machine.as_deref().unwrap_or("-");
        format!("{path} {} {:?} {first}", runway.machines, runway.expiring)
    });
    let expected = [
        "all 3 [1, 2, 3, 3] two",
        "none 0 [0, 0, 0, 0] -",
        // On the other machine it is Office that ends first, and that is activated by another host.
        "one 2 [0, 0, 2, 2] one",
        "quoted 0 [0, 0, 0, 0] -",
        "two 2 [1, 2, 2, 2] two",
    ];
    assert_eq!(reported.collect::<Vec<_>>(), expected);
    assert_eq!(sums.totals.machines, 4);
}

#[test]
fn what_comes_beside_a_product_does_not_count() {
    let mut fleet = Fleet::default();
    let addon = License {
        sku: Some(Uuid::from_u128(3)),
        product: Some("Windows(R), Extended Security Updates".to_owned()),
        is_addon: Some(true),
        ..in_status(LicenseStatus::Unlicensed, windows(0))
    };
    // That it is one is known of its SKU from another machine.
    let event =
        License { sku: Some(Uuid::from_u128(3)), status: Some(LicenseStatus::Unlicensed), ..License::default() };
    take(&mut fleet, vec![report("a", 0, vec![windows(179), addon]), report("b", 0, vec![windows(179), event])]);
    let sums = aggregate(&fleet, &question(0));
    assert_eq!((sums.totals.machines, sums.totals.lost), (2, 0));
    assert_eq!((sums.products.len(), sums.counts.len(), sums.at_risk.len()), (1, 1, 2));
}

#[test]
fn licenses_are_counted_by_what_they_are_called() {
    let mut fleet = Fleet::default();
    let sku = Uuid::from_u128(7);
    let event = |sku| License { sku: Some(sku), status: Some(LicenseStatus::OobGrace), ..License::default() };
    let strange = License { product: Some("'; DROP TABLE license; --\0'".to_owned()), ..client(170) };
    let batch = vec![
        report("a", 0, vec![windows(179)]),
        report("b", 0, vec![event(Uuid::from_u128(1))]),
        report("c", 0, vec![event(sku)]),
        report("d", 0, vec![License { required_count: Some(5), ..License::default() }]),
        report("e", 0, vec![strange]),
    ];
    take(&mut fleet, batch);
    let sums = aggregate(&fleet, &question(0));
    let count = |product: &str, channel: &str, license_status, licenses| Count {
        product: product.to_owned(),
        channel: channel.to_owned(),
        license_status,
        licenses,
    };
    let mut counts = sums.counts;
    counts.sort_by(|one, two| (&one.product, one.license_status).cmp(&(&two.product, two.license_status)));
    let expected = [
        count("'; DROP TABLE license; -- '", "VOLUME_KMSCLIENT", Some(1), 1),
        count(&format!("SKU {sku}"), "unknown", Some(2), 1),
        count("Windows(R), Enterprise edition", "VOLUME_KMSCLIENT", Some(1), 1),
        count("Windows(R), Enterprise edition", "VOLUME_KMSCLIENT", Some(2), 1),
        count("unknown", "unknown", None, 1),
    ];
    assert_eq!(counts, expected);
}

#[test]
fn the_largest_kinds_are_reported_and_the_rest_in_one() {
    let mut fleet = Fleet::default();
    let named = |number: usize| License { product: Some(format!("Product {number:03}")), ..client(179) };
    let batch = (0..150).map(|machine| {
        // Each product is on one machine more than the next.
        let products = (0..150 - machine).map(named).collect();
        report(&format!("m{machine}"), 0, products)
    });
    take(&mut fleet, batch.collect());
    let sums = aggregate(&fleet, &question(0));
    let rest = (1..=50).sum::<u64>();
    assert_eq!((sums.products.len(), sums.counts.len()), (101, 101));
    assert_eq!((sums.products[0].0.as_str(), sums.products[0].1.machines), ("Product 000", 150));
    assert_eq!((sums.products[99].0.as_str(), sums.products[99].1.machines), ("Product 099", 51));
    assert_eq!((sums.products[100].0.as_str(), sums.products[100].1.machines), ("other", rest));
    let other = &sums.counts[100];
    assert_eq!((other.product.as_str(), other.channel.as_str(), other.licenses), ("other", "other", rest));
}

#[test]
fn the_licenses_most_at_risk_come_in_the_order_of_their_risk() {
    let mut fleet = Fleet::default();
    let batch = vec![
        report("fine", 10, vec![windows(178)]),
        report("overdue-13", 10, vec![windows(160)]),
        report("overdue-23", 10, vec![windows(150)]),
        report("lost", 10, vec![in_status(LicenseStatus::Notification, windows(0))]),
        report("passed", 0, vec![windows(9)]),
        report("day-20", 10, vec![office(20)]),
        report("day-2", 10, vec![windows(2)]),
        report("permanent", 10, vec![License { remaining: Some(Remaining::Permanent), ..windows(0) }]),
    ];
    take(&mut fleet, batch);
    let names = |at_risk| {
        let sums = aggregate(&fleet, &Asked { at_risk, ..question(10) });
        sums.at_risk.iter().map(|license| license.machine.to_string()).collect::<Vec<_>>()
    };
    let expected = ["day-2", "day-20", "lost", "passed", "overdue-23", "overdue-13", "fine"];
    assert_eq!(names(20), expected);
    assert_eq!(names(3), expected[..3]);
    assert_eq!(names(0), expected[..0]);
    let sums = aggregate(&fleet, &question(10));
    let license = |machine: &str, status, end, grace_remaining_seconds, renewal_overdue_seconds| AtRisk {
        machine: machine.parse().unwrap(),
        product: "Windows(R), Enterprise edition".to_owned(),
        channel: "VOLUME_KMSCLIENT".to_owned(),
        license_status: Some(status),
        expires_at: end,
        grace_remaining_seconds,
        renewal_overdue_seconds,
        validity: Validity::default(),
    };
    let listed = |place: usize| AtRisk { validity: Validity::default(), ..sums.at_risk[place].clone() };
    let day_long = 86_400;
    let licensed = LicenseStatus::Licensed;
    assert_eq!(listed(2), license("lost", LicenseStatus::Notification, None, Some(0), None));
    assert_eq!(listed(3), license("passed", licensed, Some(day(9)), Some(0), None));
    let overdue = license("overdue-13", licensed, Some(day(170)), Some(160 * day_long), Some(13 * day_long));
    assert_eq!(listed(5), overdue);
    assert_eq!(listed(6), license("fine", licensed, Some(day(188)), Some(178 * day_long), Some(0)));
}

/// What is known of a key by which so much was counted on the tenth day.
fn of_key(counts: KmsCounts, stale: bool) -> KeyStatus {
    KeyStatus { counts: Some(counts), counted_at: Some(day(10)), stale, ..KeyStatus::default() }
}

#[test]
fn what_a_host_counts_by_several_keys_is_the_last_count_and_all_requests() {
    let key = |sku| HostKey { application: Application::Office, sku: Some(Uuid::from_u128(sku)) };
    let counts = |current, requests| KmsCounts { current: Some(current), requests, ..KmsCounts::default() };
    let own = |sku, status| License {
        sku: Some(Uuid::from_u128(sku)),
        channel: Channel::new("VOLUME_KMS"),
        status: Some(status),
        ..office(0)
    };
    let reported = |on, sku, counts, status| {
        let mut host = report("kms1", on, vec![own(sku, status)]);
        host.report.kms_host = Some(KmsHost::counting(key(sku), counts));
        // Both arrive on the tenth day: what one brings of a later day would be taken for a clock that is ahead.
        host.received_at = day(10);
        host
    };
    let (licensed, lapsed) = (LicenseStatus::Licensed, LicenseStatus::Notification);
    let old = reported(9, 16, counts(50, Some(100)), licensed);
    let new = reported(10, 21, counts(4, Some(9)), lapsed);
    for reports in [vec![old.clone(), new.clone()], vec![new, old]] {
        let mut fleet = Fleet::default();
        for received in reports {
            take(&mut fleet, vec![received]);
        }
        let host = aggregate(&fleet, &question(10)).kms_hosts.remove(0);
        let status = host.applications[&Application::Office];
        assert_eq!((status.counts, status.counted_at), (Some(counts(4, Some(109))), Some(day(10))));
        assert_eq!((status.own_license, status.lapsed), (Some(licensed), Some(key(21))));
        let keys = host.keys.into_iter().map(|(key, known)| (key, known.counts, known.counted_at, known.license));
        let expected = [
            (key(16), Some(counts(50, Some(100))), Some(day(9)), Some(licensed)),
            (key(21), Some(counts(4, Some(9))), Some(day(10)), Some(lapsed)),
        ];
        assert_eq!(keys.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_kms_host_is_reported_with_its_own_license_and_what_its_clients_need() {
    let mut fleet = Fleet::default();
    let counts = KmsCounts {
        current: Some(50),
        required: Some(25),
        requests_by_status: [Some(1), None, Some(3), None, None, None, Some(7)],
        ..KmsCounts::default()
    };
    let office_counts = KmsCounts { current: Some(3), ..KmsCounts::default() };
    let facts = KmsHost {
        listening_port: Some(1688),
        publishes_dns: Some(true),
        counts: [(Application::Windows.into(), counts), (Application::Office.into(), office_counts)].into(),
        ..KmsHost::default()
    };
    let own = License {
        channel: Channel::new("VOLUME_KMS_WS19"),
        reason_code: Some(Code(0x4004_F00C)),
        remaining: Some(Remaining::Permanent),
        ..windows(0)
    };
    let mut host = report("kms1.corp.example", 10, vec![own]);
    host.report.kms_host = Some(facts.clone());
    let needs = |count, license| License { required_count: Some(count), ..license };
    let server = || License { product: Some("Windows(R), ServerStandard edition".to_owned()), ..windows(179) };
    let batch = vec![
        host,
        report("a", 10, vec![via("kms1.corp.example", needs(25, windows(179)))]),
        report("b", 10, vec![via("KMS1", needs(5, office(179)))]),
        // No host needs so many, or so few, of any product like that, whoever reports it.
        report("e", 10, vec![via("kms1", needs(1000, office(179)))]),
        report("f", 10, vec![via("kms1", needs(25, office(179)))]),
        report("g", 10, vec![via("kms1", needs(5, windows(179)))]),
        report("h", 10, vec![via("kms1", needs(1, windows(179)))]),
        // A machine of another domain has no say beside those of the host's own.
        report("x.evil.example", 10, vec![via("kms1.corp.example", needs(5, server()))]),
        // Too long ago, and of another host.
        report("c", 0, vec![via("kms1", needs(5, server()))]),
        report("d", 10, vec![via("kms2", needs(5, server()))]),
    ];
    take(&mut fleet, batch);
    let expected = |stale| KmsHostStatus {
        machine: "kms1.corp.example".parse().unwrap(),
        targets: Vec::new(),
        facts: facts.clone(),
        reported_at: day(10),
        stale,
        applications: [
            (
                Application::Windows,
                ApplicationStatus {
                    counts: Some(counts),
                    counted_at: Some(day(10)),
                    stale,
                    own_license: (!stale).then_some(LicenseStatus::Licensed),
                    own_reason: (!stale).then_some(Code(0x4004_F00C)),
                    lapsed: None,
                    required_by_clients: (!stale).then_some((25, 25)),
                    clients: if stale { 0 } else { 4 },
                },
            ),
            (
                Application::Office,
                ApplicationStatus {
                    counts: Some(office_counts),
                    counted_at: Some(day(10)),
                    stale,
                    own_license: None,
                    own_reason: None,
                    lapsed: None,
                    required_by_clients: (!stale).then_some((5, 5)),
                    clients: if stale { 0 } else { 3 },
                },
            ),
        ]
        .into(),
        keys: [
            (
                HostKey { application: Application::Windows, sku: Some(Uuid::from_u128(1)) },
                KeyStatus {
                    product: Some("Windows(R), Enterprise edition".to_owned()),
                    license: (!stale).then_some(LicenseStatus::Licensed),
                    reason: (!stale).then_some(Code(0x4004_F00C)),
                    ..of_key(counts, stale)
                },
            ),
            (Application::Office.into(), of_key(office_counts, stale)),
        ]
        .into(),
        failed_start: None,
        unpublished: BTreeMap::new(),
        idle_since: None,
    };
    assert_eq!(aggregate(&fleet, &question(10)).kms_hosts, [expected(false)]);
    let long_after = Asked { now: day(11) + STALE_AFTER, ..question(0) };
    assert_eq!(aggregate(&fleet, &long_after).kms_hosts, [expected(true)]);
}

#[test]
fn a_stranger_keeps_no_machine_out_of_those_most_at_risk() {
    let mut fleet = Fleet::default();
    let strangers = (0..300).map(|number| report(&format!("a{number}.evil.example"), 0, vec![windows(1)]));
    let own = (0..5).map(|number| report(&format!("ws{number}.corp.example"), 0, vec![windows(20 + number)]));
    let fine = (0..50).map(|number| report(&format!("fine{number}.lab.example"), 0, vec![windows(179)]));
    take(&mut fleet, strangers.chain(own).chain(fine).collect());
    let at_risk = |most| {
        let listed = aggregate(&fleet, &Asked { at_risk: most, ..question(0) }).at_risk;
        let of = |end: &str| listed.iter().filter(|license| license.machine.as_str().ends_with(end)).count();
        (of("evil.example"), of("corp.example"), of("lab.example"))
    };
    assert_eq!([at_risk(8), at_risk(20), at_risk(0)], [(4, 4, 0), (15, 5, 0), (0, 0, 0)]);
    assert_eq!(at_risk(10_000), (300, 5, 50));
}

#[test]
fn a_stranger_does_not_hide_that_a_kms_host_is_idle() {
    let mut fleet = Fleet::default();
    for on in [1, 20] {
        let mut host = report("kms1.corp.example", on, Vec::new());
        let counts = KmsCounts { requests: Some(4), current: Some(50), ..KmsCounts::default() };
        host.report.kms_host = Some(KmsHost::counting(Application::Windows, counts));
        take(&mut fleet, vec![host]);
    }
    let renewed = |machine: &str| report(machine, 20, vec![via("kms1.corp.example", windows(180))]);
    let mut idle_since = |clients: &[&str]| {
        take(&mut fleet, clients.iter().copied().map(renewed).collect());
        aggregate(&fleet, &question(20)).kms_hosts[0].idle_since
    };
    assert_eq!(idle_since(&["x.evil.example", "x.xcorp.example", "x.example"]), Some(day(1)));
    assert_eq!(idle_since(&["a.tokyo.corp.example"]), Some(day(20)));
}

#[test]
fn a_kms_host_is_idle_since_it_was_last_asked() {
    let mut fleet = Fleet::default();
    let reported = |machine: &str, on, requests| {
        // Some come in late.
        let mut received = Received { received_at: day(10), ..report(machine, on, Vec::new()) };
        let counts = KmsCounts { requests, current: Some(50), ..KmsCounts::default() };
        received.report.kms_host = Some(KmsHost::counting(Application::Windows, counts));
        received
    };
    let mut asked = reported("events", 10, Some(4));
    asked.report.kms_host.as_mut().unwrap().last_request_at = Some(day(8));
    // One after the other: what is known is written, and read again, before the next is added to it.
    for received in [
        reported("grows", 1, Some(4)),
        reported("grows", 5, Some(9)),
        reported("grows", 10, Some(9)),
        reported("grows", 3, Some(7)),
        reported("rests", 2, Some(4)),
        reported("rests", 10, Some(4)),
        reported("new", 9, Some(0)),
        reported("new", 10, Some(0)),
        reported("silent", 10, None),
        reported("events", 2, Some(4)),
        asked,
        reported("stale", 1, Some(0)),
        reported("renews", 2, Some(4)),
        reported("renews", 10, Some(4)),
        // It has been stale for long, and was renewed on the day before it reported.
        report("client", 5, vec![via("renews", windows(179))]),
    ] {
        take(&mut fleet, vec![received]);
    }
    let hosts = aggregate(&fleet, &question(10)).kms_hosts;
    let reported: Vec<_> = hosts.iter().map(|host| (host.machine.as_str(), host.idle_since)).collect();
    let expected = [
        ("events", Some(day(8))),
        ("grows", Some(day(5))),
        ("renews", Some(day(4))),
        // Nobody is known to have asked these.
        ("new", Some(day(9))),
        ("rests", Some(day(2))),
        ("silent", None),
        ("stale", None),
    ];
    assert_eq!(reported, expected);
}

#[test]
fn figures_hold_until_the_next_moment_at_which_time_changes_them() {
    let mut fleet = Fleet::default();
    let permanent = || License { remaining: Some(Remaining::Permanent), ..windows(0) };
    assert_eq!(aggregate(&fleet, &question(0)).changes_at, None);
    take(&mut fleet, vec![report("a", 0, vec![permanent()])]);
    // It is stale one day.
    let second = SignedDuration::from_secs(1);
    assert_eq!(aggregate(&fleet, &question(0)).changes_at, Some(day(0) + STALE_AFTER + second));
    assert_eq!(aggregate(&fleet, &question(9)).changes_at, None);
    // It ends within 90 days on the tenth day, within 30 on the seventieth, and so on.
    take(&mut fleet, vec![report("b", 0, vec![windows(100)])]);
    let expected = [(4, 10), (10, 70), (70, 93), (93, 99), (99, 100)];
    for (on, next) in expected {
        let sums = aggregate(&fleet, &question(on));
        assert_eq!(sums.changes_at, Some(day(next)), "{on}");
        // Just before, nothing is otherwise but the seconds that are left.
        let before = Asked { now: day(next) - second, ..question(on) };
        assert_eq!(sums.at(before.now), aggregate(&fleet, &before), "{on}");
        let then = aggregate(&fleet, &question(next));
        assert_ne!((sums.totals.expiring, sums.totals.lost), (then.totals.expiring, then.totals.lost), "{on}");
    }
    assert_eq!(aggregate(&fleet, &question(100)).changes_at, None);
}

#[test]
fn the_first_to_lose_activation_is_one_machine_everywhere_and_none_that_lost_it() {
    let mut fleet = Fleet::default();
    let lost = in_status(LicenseStatus::Notification, via("kms1", windows(0)));
    let batch = vec![
        report("lost", 10, vec![lost, via("kms1", office(3))]),
        report("next", 10, vec![via("kms1", windows(9))]),
        report("later", 10, vec![via("kms1", windows(90))]),
    ];
    take(&mut fleet, batch);
    let paths = vec![(Arc::from("corp"), to_hosts(&["kms1"]))];
    let sums = aggregate(&fleet, &Asked { paths, ..question(10) });
    for runway in [&sums.totals, &sums.paths["corp"]] {
        let soonest = runway.soonest.first().map(|(moment, machine)| (*moment, machine.as_str()));
        assert_eq!(soonest, Some((day(19), "next")));
        assert_eq!(runway.first_expiry.zip(runway.first_machine.as_deref()), soonest);
    }
}
