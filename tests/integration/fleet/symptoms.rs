//! What the machines on a path report that no probe can see.

use super::{Asked, aggregate, client, day, in_status, question, report, take, to_hosts, via, windows};
use gracewatch::codes::Code;
use gracewatch::fleet::dependencies::{Reach, ReachKind};
use gracewatch::fleet::known::Received;
use gracewatch::fleet::{Affected, Fleet, Outage, Symptoms, Urgency, WrongKey};
use gracewatch::license::{Channel, License, LicenseStatus, PartialProductKey, Remaining};
use gracewatch::observation::Stage;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

const NO_HOST: Code = Code(0xC004_F074);
const KEY: Code = Code(0xC004_F050);
const EXPIRED: Code = Code(0xC004_F00F);

/// The only path, to this host.
fn corp() -> Vec<(Arc<str>, Reach)> {
    vec![(Arc::from("corp"), to_hosts(&["kms1"]))]
}

fn symptoms(fleet: &Fleet, question: Asked) -> Symptoms {
    let paths = if question.paths.is_empty() { corp() } else { question.paths };
    let totals = aggregate(fleet, &Asked { paths, ..question });
    totals.symptoms.into_values().next().unwrap()
}

/// How many machines there are, and the worst of them.
type Worst<'a> = (u64, Vec<&'a str>);

fn worst(affected: &Affected) -> Worst<'_> {
    (affected.machines, affected.names().collect())
}

/// The same of those that fail, by their codes.
fn by_code(symptoms: &Symptoms) -> Vec<(Option<Code>, Worst<'_>)> {
    symptoms.failing.iter().map(|group| (group.code, worst(&group.affected))).collect()
}

/// The same license, of which the last attempt ended with this code.
fn failed(code: Code, license: License) -> License {
    License { last_error: Some(code), ..license }
}

/// The same license, which was never activated and may wait for so many days.
fn in_first_grace(days: u32, license: License) -> License {
    License { remaining: Some(Remaining::Minutes(days * 24 * 60)), ..in_status(LicenseStatus::OobGrace, license) }
}

#[test]
fn machines_that_fail_are_identified_by_their_codes() {
    let mut fleet = Fleet::default();
    let kms = |days| via("kms1", windows(days));
    let lapsed = License { reason_code: Some(EXPIRED), ..in_status(LicenseStatus::Notification, kms(0)) };
    let batch = vec![
        report("fine", 10, vec![kms(179)]),
        // Not renewed for two weeks, and silent about why.
        report("overdue", 10, vec![kms(160)]),
        report("nohost2", 10, vec![failed(NO_HOST, kms(160))]),
        // It has time, and its last attempt failed today.
        report("nohost1", 10, vec![failed(NO_HOST, kms(176))]),
        report("key", 10, vec![failed(KEY, in_status(LicenseStatus::Notification, kms(0)))]),
        // Where no attempt is known, the reason of its state is.
        report("lapsed", 10, vec![lapsed]),
        // A machine counts once, for the license that shows a code.
        report("both", 10, vec![kms(160), failed(KEY, via("kms1", client(150)))]),
        // One has its first weeks to be activated in, the other had them.
        report("new", 10, vec![in_first_grace(20, kms(0))]),
        report("late", 10, vec![in_first_grace(2, kms(0))]),
        // Another path's, and one that has gone silent.
        report("elsewhere", 10, vec![via("kms9", windows(100))]),
        report("silent", 0, vec![failed(NO_HOST, kms(100))]),
    ];
    take(&mut fleet, batch);
    let reported = symptoms(&fleet, question(10));
    assert_eq!(
        by_code(&reported),
        [
            // Those that lost activation, those that lose it within a week, and the others.
            (Some(EXPIRED), (1, vec!["lapsed"])),
            (Some(KEY), (1, vec!["key"])),
            (None, (1, vec!["late"])),
            (Some(NO_HOST), (2, vec!["nohost2", "nohost1"])),
            (None, (1, vec!["overdue"])),
            (Some(KEY), (1, vec!["both"])),
        ]
    );
}

#[test]
fn what_was_reported_before_a_path_recovered_is_not_reported() {
    let mut fleet = Fleet::default();
    let hours = |hours: i64| SignedDuration::from_hours(hours);
    let at = |moment: Timestamp, received: Received| Received { reported_at: moment, received_at: moment, ..received };
    let failing = |machine| report(machine, 10, vec![failed(NO_HOST, via("kms1", windows(160)))]);
    let recovered = day(10) - hours(10);
    let batch = vec![
        at(recovered - hours(1), failing("before")),
        at(recovered + hours(1), failing("retried")),
        // It had not tried again when it reported, as far as anyone knows.
        at(recovered + hours(1), report("waiting", 10, vec![via("kms1", windows(160))])),
        at(recovered + hours(3), report("gave-up", 10, vec![via("kms1", windows(160))])),
    ];
    take(&mut fleet, batch);
    let reported = |began_at, stage| {
        let outage = Outage { began_at, ended_at: recovered, stages: [stage].into() };
        let reach = Reach { outages: vec![outage], ..to_hosts(&["kms1"]) };
        by_code_owned(&symptoms(&fleet, Asked { paths: vec![(Arc::from("corp"), reach)], ..question(10) }))
    };
    let month = recovered - hours(30 * 24);
    assert_eq!(reported(month, Stage::Tcp), "none: gave-up; 0xC004F074: retried; ");
    let all = "none: waiting gave-up; 0xC004F074: before retried; ";
    // They were late, and the first failed, before one round failed.
    assert_eq!(reported(recovered - SignedDuration::from_mins(1), Stage::Tcp), all);
    // An outage at another stage shows another code. Who reports none is excused.
    assert_eq!(reported(month, Stage::Srv), "0xC004F074: before retried; none: gave-up; ");
    // Nothing is known of an outage.
    let known = symptoms(&fleet, question(10));
    assert_eq!(by_code_owned(&known), all);
}

/// The machines that fail, by the code they report.
fn by_code_owned(symptoms: &Symptoms) -> String {
    let reported = symptoms.failing.iter().map(|group| {
        let code = group.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        format!("{code}: {}; ", group.affected.names().collect::<Vec<_>>().join(" "))
    });
    reported.collect()
}

#[test]
fn a_machine_that_is_lost_is_never_excused() {
    let mut fleet = Fleet::default();
    let lost = failed(NO_HOST, in_status(LicenseStatus::Notification, via("kms1", windows(0))));
    let soon = failed(NO_HOST, via("kms1", windows(5)));
    take(&mut fleet, vec![report("lost", 10, vec![lost]), report("soon", 10, vec![soon])]);
    let outage = Outage { began_at: day(-300), ended_at: day(10), stages: [Stage::Tcp].into() };
    let reach = Reach { outages: vec![outage], ..to_hosts(&["kms1"]) };
    let known = symptoms(&fleet, Asked { paths: vec![(Arc::from("corp"), reach)], ..question(10) });
    assert_eq!(by_code_owned(&known), "0xC004F074: lost; ");
}

#[test]
fn lost_machines_and_late_ones_are_distinguished_whatever_their_number() {
    let mut fleet = Fleet::default();
    let lost = |machine| report(machine, 10, vec![in_status(LicenseStatus::Notification, via("kms1", windows(0)))]);
    let late = |machine, days| report(machine, 10, vec![via("kms1", windows(days))]);
    take(&mut fleet, vec![lost("lost"), late("soon", 5), late("late1", 150), late("late2", 140), late("late3", 160)]);
    let known = symptoms(&fleet, question(10));
    let reported: Vec<_> = known.failing.iter().map(|group| (group.urgency, group.affected.machines)).collect();
    assert_eq!(reported, [(Urgency::Lost, 1), (Urgency::WithinWeek, 1), (Urgency::Later, 3)]);
    assert_eq!(known.failing[2].affected.names().collect::<Vec<_>>(), ["late2", "late1", "late3"]);
}

#[test]
fn machines_that_share_an_id_are_counted_while_they_report() {
    let mut fleet = Fleet::default();
    let with_id = |machine: &str, on, id, host| {
        let mut received = report(machine, on, vec![via(host, windows(178))]);
        received.report.client_machine_id = Some(Uuid::from_u128(id));
        received
    };
    let batch = vec![
        with_id("clone2", 10, 1, "kms1"),
        with_id("clone1", 10, 1, "kms1"),
        with_id("clone3", 10, 2, "kms1"),
        // On another path, and counted there by another host.
        with_id("clone4", 10, 2, "kms9"),
        with_id("single", 10, 3, "kms1"),
        // Renamed: the old name has gone silent.
        with_id("renamed", 10, 4, "kms1"),
        with_id("old-name", 0, 4, "kms1"),
    ];
    take(&mut fleet, batch);
    let reported = symptoms(&fleet, question(10));
    assert_eq!((worst(&reported.duplicates), reported.duplicate_ids), ((2, vec!["clone1", "clone2"]), 1));
}

#[test]
fn what_no_way_can_help_is_reported_where_the_machine_is() {
    let mut fleet = Fleet::default();
    let of = |channel: &str, key: &str, license: License| License {
        channel: Channel::new(channel),
        partial_product_key: PartialProductKey::new(key),
        ..license
    };
    let named = |product: &str, license: License| License { product: Some(product.to_owned()), ..license };
    let unlicensed = || in_status(LicenseStatus::Notification, windows(0));
    let activated = License { remaining: Some(Remaining::Permanent), ..windows(0) };
    let batch = vec![
        report("mak1", 10, vec![of("VOLUME_MAK", "AAAAA", unlicensed())]),
        report("oem", 10, vec![of("OEM_DM", "AAAAA", unlicensed())]),
        report("mak2", 10, vec![of("VOLUME_MAK", "AAAAA", activated)]),
        report("lab1", 10, vec![of("TIMEBASED_EVAL", "AAAAA", windows(20))]),
        report("lab2", 10, vec![of("TIMEBASED_EVAL", "AAAAA", windows(10))]),
        report("lab3", 10, vec![of("TIMEBASED_EVAL", "AAAAA", windows(100))]),
        report("right", 10, vec![of("VOLUME_KMSCLIENT", "2YT43", via("kms1", windows(178)))]),
        report("wrong2", 10, vec![of("VOLUME_KMSCLIENT", "T83GX", via("kms1", windows(178)))]),
        report(
            "wrong1",
            10,
            vec![named(
                "Windows(R), ServerDatacenter edition",
                of("VOLUME_KMSCLIENT", "J464C", via("kms1", client(178))),
            )],
        ),
        // It uses a host that no path leads to.
        report("foreign", 10, vec![of("VOLUME_KMSCLIENT", "T83GX", via("kms9", windows(178)))]),
    ];
    take(&mut fleet, batch);
    let reported = symptoms(&fleet, question(10));
    assert_eq!(worst(&reported.not_volume), (2, vec!["mak1", "oem"]));
    assert_eq!(
        (worst(&reported.evaluations), reported.first_evaluation_end),
        ((2, vec!["lab2", "lab1"]), Some(day(20)))
    );
    assert_eq!(worst(&reported.wrong_keys), (2, vec!["wrong1", "wrong2"]));
    let expected = WrongKey {
        product: "Windows(R), ServerDatacenter edition".to_owned(),
        last_five: PartialProductKey::new("J464C").unwrap(),
        edition: "Windows Server 2019 Standard",
    };
    assert_eq!(reported.wrong_key, Some(expected));

    // With a way to Microsoft beside it, machines that need one have it.
    let paths = [
        (Arc::from("corp"), to_hosts(&["kms1"])),
        (Arc::from("microsoft"), Reach { kind: ReachKind::Online, outages: Vec::new() }),
    ];
    let totals = aggregate(&fleet, &Asked { paths: paths.into_iter().collect(), ..question(10) });
    assert!(totals.symptoms.values().all(|symptoms| symptoms.not_volume.is_empty()));
    assert_eq!(totals.symptoms["microsoft"].failing.iter().map(|group| group.affected.machines).sum::<u64>(), 2);
}

#[test]
fn an_evaluation_ends_and_does_not_fail() {
    use LicenseStatus::{Licensed, Notification, OobGrace};
    let evaluation = |status, days: u32| License {
        channel: Channel::new("TIMEBASED_EVAL"),
        status: Some(status),
        remaining: Some(Remaining::Minutes(days * 24 * 60)),
        ..windows(0)
    };
    // The status, the days that were left ten days ago, and whether it ends.
    let expected = [
        (Licensed, 110, false),
        (Licensed, 20, true),
        (Licensed, 9, true),
        (Notification, 0, true),
        (OobGrace, 18, false),
        (OobGrace, 9, true),
    ];
    for (status, days, ends) in expected {
        let mut fleet = Fleet::default();
        take(&mut fleet, vec![report("lab", 0, vec![evaluation(status, days)])]);
        // Not stale, since another report came in that says nothing of it.
        take(&mut fleet, vec![report("lab", 10, vec![])]);
        let paths = vec![(Arc::from("corp"), Reach { kind: ReachKind::Online, outages: Vec::new() })];
        let found = symptoms(&fleet, Asked { paths, ..question(10) });
        assert_eq!((found.evaluations.machines, found.failing), (u64::from(ends), vec![]), "{status:?} {days}");
    }
}
