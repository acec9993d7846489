//! What machines report, on walks to KMS hosts.

use super::Worded;
use crate::clock::Offset;
use crate::clock::comparison::{Clocks, Comparison};
use crate::codes::Code;
use crate::fleet::{Affected, FailingMachines, Symptoms, Urgency, WrongKey};
use crate::host::HostPort;
use crate::license::Application;
use crate::license::PartialProductKey;
use crate::observation::{Failure, Observation, Reason, Stage};
use crate::text::{Words, first_steps, next_steps, summary};
use crate::verdict::{Reported, Status, Verdict, judge};
use crate::walk::Walk;
use crate::walk::kms::{self, Count, CountState, Host, Served, Target};
use std::sync::Arc;
use std::time::Duration;

const NO_HOST: Code = Code(0xC004_F074);
const NO_NAME: Code = Code(0x8007_232B);
const CLOCK: Code = Code(0xC004_F06C);
const COUNT: Code = Code(0xC004_F038);
const HOST_LAPSED: Code = Code(0xC004_F041);
const HOST_TOO_OLD: Code = Code(0xC004_F042);
const KEY: Code = Code(0xC004_F050);
const ONLINE: Code = Code(0x8007_2EE7);

fn seen(stage: Stage, reason: Option<Reason>) -> Observation {
    let outcome = reason.map_or(Ok(String::new()), |reason| Err(Failure::new(reason, "what was seen")));
    Observation::new(stage, outcome, Duration::ZERO)
}

pub(super) fn host(stages: &[(Stage, Option<Reason>)]) -> Host {
    let stages = stages.iter().map(|(stage, reason)| seen(*stage, *reason)).collect();
    Host::new(HostPort::parse("kms01.corp.example", 1688).unwrap(), None, stages)
}

/// A host that serves.
pub(super) fn good() -> Host {
    host(&[(Stage::Tcp, None), (Stage::Rpc, None)])
}

/// The same, which is licensed and counts so many clients where 25 are needed.
fn counting(current: u32, state: CountState) -> Host {
    let target = host(&[(Stage::Tcp, None), (Stage::Rpc, None), (Stage::Host, None), (Stage::Count, None)]);
    Host { served: vec![served(current, state)], ..target }
}

/// So many clients of Windows where 25 are needed.
fn served(current: u32, state: CountState) -> Served {
    let application = Application::Windows;
    let count = Count { application, current, required: (5, 25), state };
    Served { application, clients: 1, license: None, lapsed: None, count: Some(count) }
}

pub(super) fn walk(hosts: Vec<Host>) -> Walk {
    let targets = hosts.into_iter().map(|host| Arc::new(Target::Host(host))).collect();
    Walk::Kms(kms::Walk { targets, ..kms::Walk::default() })
}

pub(super) fn affected(machines: u64, example: &str) -> Affected {
    let others = (2..=machines).map(|number| (1, format!("{example}-{number:02}")));
    Affected { machines, worst: std::iter::once((0, example.to_owned())).chain(others).take(10).collect() }
}

/// Codes, and how many machines report each.
pub(super) type Codes<'a> = &'a [(Option<Code>, u64)];

pub(super) fn failing(codes: Codes<'_>) -> Symptoms {
    as_urgent(Urgency::Later, codes)
}

/// Machines that fail as urgently as this.
pub(super) fn as_urgent(urgency: Urgency, codes: Codes<'_>) -> Symptoms {
    let group = |(code, machines): &(Option<Code>, u64)| FailingMachines {
        urgency,
        code: *code,
        cut_off: None,
        networks: [].into(),
        affected: affected(*machines, "ws0417"),
    };
    Symptoms { failing: codes.iter().map(group).collect(), ..Symptoms::default() }
}

/// The verdict, with the whole summary.
pub(super) fn verdict(walk: &Walk, symptoms: &Symptoms) -> Worded {
    let verdict = judge(walk, Reported { symptoms: Some(symptoms), ..Reported::default() });
    Worded {
        summary: summary(Words::ENGLISH, "corp", &verdict),
        next_steps: first_steps(Words::ENGLISH, &verdict),
        verdict,
    }
}

/// The status, and each problem.
fn essence(verdict: &Verdict) -> String {
    let problems = verdict.problems.iter().map(|problem| format!("{} {}", problem.stage, problem.reason));
    let words: Vec<_> = std::iter::once(verdict.status.as_str().to_owned()).chain(problems).collect();
    words.join(", ")
}

#[test]
fn codes_show_whether_machines_are_elsewhere_or_fail_by_themselves() {
    let works = walk(vec![good()]);
    let counted = walk(vec![counting(60, CountState::Enough)]);
    let half_counted = walk(vec![counting(60, CountState::Enough), good()]);
    let expected: [(&Walk, Codes<'_>, &str); 17] = [
        (&works, &[], "ok"),
        (&works, &[(Some(NO_HOST), 3)], "degraded, tcp elsewhere"),
        (&works, &[(Some(NO_NAME), 3)], "degraded, srv elsewhere"),
        (&works, &[(Some(CLOCK), 1)], "degraded, clock elsewhere"),
        (&works, &[(Some(KEY), 3)], "degraded, client not_activated"),
        (&works, &[(None, 3)], "degraded, client not_activated"),
        (&works, &[(Some(ONLINE), 1)], "degraded, client not_activated"),
        (&works, &[(Some(HOST_TOO_OLD), 1)], "degraded, host not_activated"),
        // Of the host nothing is known but what these machines say.
        (&works, &[(Some(COUNT), 3)], "degraded, count too_low"),
        (&works, &[(Some(HOST_LAPSED), 3)], "degraded, host unlicensed"),
        (&counted, &[(Some(COUNT), 3)], "degraded, count elsewhere"),
        (&counted, &[(Some(HOST_LAPSED), 3)], "degraded, host elsewhere"),
        // Of the other host, which they may have asked, nothing is known.
        (&half_counted, &[(Some(COUNT), 3)], "degraded, count too_low"),
        (&half_counted, &[(Some(HOST_LAPSED), 3)], "degraded, host unlicensed"),
        (&works, &[(Some(NO_HOST), 9), (Some(KEY), 2)], "degraded, tcp elsewhere, client not_activated"),
        (&works, &[(Some(NO_HOST), 3), (Some(KEY), 2), (None, 2)], "degraded, client not_activated, tcp elsewhere"),
        (&works, &[(Some(KEY), 9), (None, 2), (Some(NO_NAME), 1)], "degraded, client not_activated, srv elsewhere"),
    ];
    for (walk, codes, essential) in expected {
        assert_eq!(essence(&verdict(walk, &failing(codes))), essential, "{codes:?}");
    }
}

#[test]
fn what_is_seen_on_the_way_explains_the_codes_that_come_of_it() {
    let refusing = || host(&[(Stage::Tcp, Some(Reason::Refused))]);
    let half = walk(vec![good(), refusing()]);
    assert_eq!(essence(&verdict(&half, &failing(&[(Some(NO_HOST), 9)]))), "degraded, tcp refused");
    assert_eq!(
        essence(&verdict(&half, &failing(&[(Some(KEY), 9)]))),
        "degraded, tcp refused, client not_activated",
        "a key is refused on any way"
    );
    let blocked = walk(vec![refusing()]);
    assert_eq!(essence(&verdict(&blocked, &failing(&[(Some(NO_HOST), 9), (Some(KEY), 2)]))), "blocked, tcp refused");
    let short = walk(vec![counting(10, CountState::TooLowForSome)]);
    assert_eq!(essence(&verdict(&short, &failing(&[(Some(COUNT), 9)]))), "degraded, count too_low");
}

#[test]
fn what_nobody_fails_for_explains_no_code() {
    let ahead_by = |hours: f64, clocks| {
        let clock = Comparison::new(clocks, Offset { seconds: hours * 3600.0, bound: 0.01 }, Duration::from_hours(1));
        Host { clock: Some(clock), ..good() }
    };
    let drifted = walk(vec![ahead_by(1.5, Clocks::HostAndTrueTime)]);
    assert_eq!(essence(&verdict(&drifted, &failing(&[(Some(NO_HOST), 9)]))), "degraded, clock drifted, tcp elsewhere");
    assert_eq!(essence(&verdict(&drifted, &failing(&[(Some(CLOCK), 9)]))), "degraded, clock drifted");

    // Whose clock is wrong is known where that of the host is.
    let worded = |hours, clocks| verdict(&walk(vec![ahead_by(hours, clocks)]), &failing(&[(Some(CLOCK), 1)])).summary;
    let right = worded(0.0, Clocks::HostAndTrueTime);
    assert!(right.contains("while the KMS host's clock is right"), "{right}");
    let unknown = worded(0.0, Clocks::OursAndTrueTime);
    assert!(unknown.contains("the host's clock is unreadable"), "{unknown}");
}

#[test]
fn a_stage_that_is_not_probed_is_not_said_to_pass() {
    let worded = verdict(&walk(vec![good()]), &failing(&[(Some(NO_NAME), 3)])).summary;
    assert!(worded.contains("0x8007232B (no such DNS name); srv is not part of the path from here."), "{worded}");
}

#[test]
fn shared_ids_are_reported_where_they_may_keep_a_count_low() {
    let symptoms = Symptoms { duplicates: affected(40, "clone01"), duplicate_ids: 1, ..Symptoms::default() };
    let shown = |walk: &Walk| essence(&verdict(walk, &symptoms));
    assert_eq!(shown(&walk(vec![good()])), "degraded, count duplicate_ids");
    assert_eq!(shown(&walk(vec![counting(60, CountState::Enough)])), "ok");
    let half_counted = walk(vec![counting(60, CountState::Enough), good()]);
    assert_eq!(shown(&half_counted), "degraded, count duplicate_ids");
    assert_eq!(shown(&walk(vec![counting(26, CountState::Low)])), "degraded, count low, count duplicate_ids");

    let stages = [(Stage::Tcp, None), (Stage::Rpc, None), (Stage::Count, Some(Reason::TooLow))];
    let served = vec![served(1, CountState::TooLow)];
    let blocked = verdict(&walk(vec![Host { served, ..host(&stages) }]), &symptoms);
    assert_eq!(essence(&blocked), "blocked, count too_low, count duplicate_ids");
    let cause = "clone01, clone01-02, clone01-03 and 37 more share one client machine ID and count as one client";
    assert_eq!((blocked.clauses()[1].as_str(), blocked.problems[1].contributes), (cause, true));
}

#[test]
fn what_no_way_can_help_is_reported_on_any_but_does_not_block_it() {
    let last_five = PartialProductKey::new("J464C").unwrap();
    let symptoms = Symptoms {
        not_volume: affected(1, "lap1"),
        wrong_keys: affected(2, "srv1"),
        wrong_key: Some(WrongKey {
            product: "Windows(R), ServerDatacenter edition".to_owned(),
            last_five,
            edition: "Windows Server 2019 Standard",
        }),
        evaluations: affected(3, "lab1"),
        first_evaluation_end: "2026-12-03T04:10:00Z".parse().ok(),
        ..Symptoms::default()
    };
    let works = verdict(&walk(vec![good()]), &symptoms);
    assert_eq!(essence(&works), "degraded, client not_volume, client wrong_key, client evaluation_ending");
    assert_eq!(
        works.clauses(),
        [
            "lap1 has an unactivated MAK or retail key, which no KMS host can activate",
            "srv1 and srv1-02 have the published key of another edition, Windows Server 2019 Standard (J464C)",
            "the evaluations on lab1, lab1-02 and lab1-03 end, first on 2026-12-03; Windows then shuts down every hour"
        ]
    );
    assert!(works.problems.iter().all(|problem| next_steps(Words::ENGLISH, problem, &works).len() >= 2));
    assert!(works.code.is_none());

    let blocked = verdict(&walk(vec![host(&[(Stage::Tcp, Some(Reason::Refused))])]), &symptoms);
    assert_eq!(blocked.status, Status::Blocked);
    assert_eq!((blocked.stage, blocked.problems.len()), (Some(Stage::Tcp), 4));
    assert!(!blocked.summary.contains("evaluation"), "{}", blocked.summary);
}

#[test]
fn a_path_that_could_not_be_measured_says_nothing_of_machines() {
    let unprobed = walk(vec![host(&[(Stage::Tcp, Some(Reason::LocalError))])]);
    assert_eq!(essence(&verdict(&unprobed, &failing(&[(Some(KEY), 3)]))), "unknown");
}

#[test]
fn failures_from_before_a_path_recovered_are_not_shown() {
    let symptoms = Symptoms { evaluations: affected(1, "lab1"), ..failing(&[(Some(NO_HOST), 9), (None, 1)]) };
    let essence_after = |symptoms: &Symptoms, recovered: &[Stage]| {
        let recovered = recovered.iter().copied().collect();
        let reported = Reported { symptoms: Some(symptoms), recovered: Some(&recovered), ..Reported::default() };
        essence(&judge(&walk(vec![good()]), reported))
    };
    assert_eq!(essence_after(&symptoms, &[Stage::Tcp]), "degraded, client evaluation_ending");
    assert_eq!(essence_after(&symptoms, &[Stage::Srv]), "degraded, tcp elsewhere, client evaluation_ending");
    let lost = as_urgent(Urgency::Lost, &[(Some(NO_HOST), 9), (None, 1)]);
    assert_eq!(essence_after(&lost, &[Stage::Tcp]), "degraded, tcp elsewhere, client not_activated", "they are never");
}

/// Whoever reports machines makes up any number of codes.
#[test]
fn of_many_codes_json_has_ten_and_how_many_more() {
    let codes: Vec<_> = (0..5000).map(|number| (Some(Code(0x8010_0000 + number)), 5000 - u64::from(number))).collect();
    let verdict = verdict(&walk(vec![good()]), &failing(&codes));
    let problem = &verdict.problems[0];
    let json = serde_json::to_value(&problem.subject).unwrap();
    assert_eq!(json["failing"]["codes"].as_array().unwrap().len(), 10);
    assert_eq!(json["failing"]["codes"][0]["code"], "0x80100000");
    assert_eq!((problem.subject.unlisted(), json.to_string().len() < 2000), (4990, true));
    assert!(verdict.summary.contains("or others"), "{}", verdict.summary);
}

#[test]
fn the_summary_says_which_machines_report_which_code() {
    let summary = |codes: Codes<'_>| verdict(&walk(vec![good()]), &failing(codes)).summary;
    assert_eq!(
        summary(&[(Some(NO_HOST), 12)]),
        "Path corp works, but ws0417, ws0417-02, ws0417-03 and 9 more report 0xC004F074 (no usable KMS host), though tcp \
         passes from here."
    );
    assert_eq!(
        summary(&[(Some(KEY), 7), (None, 2), (Some(Code(0x8007_0005)), 1), (Some(HOST_TOO_OLD), 1)]),
        "Path corp works, but ws0417, ws0417-02, ws0417-03 and 7 more are not activated or renewed, and report 0xC004F050 \
         (the key is invalid) or others."
    );
}

#[test]
fn lost_machines_are_reported_before_late_ones_and_apart_from_them() {
    let mut symptoms = as_urgent(Urgency::Later, &[(Some(KEY), 30)]);
    symptoms.failing.extend(as_urgent(Urgency::Lost, &[(Some(KEY), 2)]).failing);
    symptoms.failing.extend(as_urgent(Urgency::WithinWeek, &[(Some(KEY), 1)]).failing);
    let worded = verdict(&walk(vec![good()]), &symptoms);
    assert_eq!(
        worded.clauses(),
        [
            "ws0417 and ws0417-02 lost activation, and report 0xC004F050 (the key is invalid)",
            "ws0417 loses activation within 7 days, and reports 0xC004F050 (the key is invalid)",
            "ws0417, ws0417-02, ws0417-03 and 27 more are not activated or renewed, and report 0xC004F050 (the key is \
             invalid)",
        ]
    );
    let counts: Vec<_> = worded.problems.iter().map(|problem| (problem.machines, problem.names.len())).collect();
    assert_eq!(counts, [(Some(2), 2), (Some(1), 1), (Some(30), 10)]);
}
