//! Walks to KMS hosts.

use super::{Worded, essence, stage};
use crate::clock::Offset;
use crate::clock::comparison::{ClockState, Clocks, Comparison};
use crate::host::HostPort;
use crate::license::{Application, LicenseStatus};
use crate::observation::{Reason, Stage};
use crate::verdict::Status;
use crate::walk::kms::{
    Count, CountState, Disagreement, Discovered, Host, Lack, LapsedKey, Lookup, OwnLicense, Served, Target, Walk,
};
use crate::walk::{self, OwnClock};
use std::sync::Arc;
use std::time::Duration;

/// A KMS host whose walk ends at `last` for `reason`, or goes through to `last`.
pub(super) fn host(name: &str, address: &str, last: Stage, reason: Option<Reason>) -> Target {
    let all = [Stage::Address, Stage::Tcp, Stage::Rpc, Stage::Clock];
    let passed = all.into_iter().filter(|stage| *stage < last);
    let mut stages: Vec<_> = passed.map(|passed| stage(passed, None)).collect();
    stages.push(stage(last, reason));
    let at = HostPort::parse(name, 1688).unwrap();
    Target::Host(Host::new(at, format!("{address}:1688").parse().ok(), stages))
}

/// The same host, with more known of it.
pub(super) fn with(target: Target, change: impl FnOnce(&mut Host)) -> Target {
    let Target::Host(mut host) = target else { panic!("{target:?} is no host") };
    change(&mut host);
    Target::Host(host)
}

pub(super) fn lookup(nameserver: &str, reason: Option<Reason>) -> Target {
    Target::Lookup(Lookup {
        domain: "corp.example".parse().unwrap(),
        nameserver: format!("{nameserver}:53").parse().unwrap(),
        observation: stage(Stage::Srv, reason),
        intermittent: None,
    })
}

pub(super) fn walk(targets: Vec<Target>) -> Walk {
    let targets = targets.into_iter().map(Arc::new).collect();
    Walk { targets, discovered: Some(Arc::new(Discovered::default())), own_clock: None }
}

/// Two clocks, the first so far ahead of the second.
fn compared(clocks: Clocks, seconds: f64) -> Comparison {
    Comparison::new(clocks, Offset { seconds, bound: 0.01 }, Duration::from_hours(1))
}

/// A host that serves, and how its clock compares.
fn timed(name: &str, clocks: Clocks, seconds: f64) -> Target {
    let comparison = compared(clocks, seconds);
    let reason = (comparison.state == ClockState::Skewed).then_some(Reason::Skewed);
    with(host(name, "192.0.2.1", Stage::Clock, reason), |host| host.clock = Some(comparison))
}

/// A walk on a machine whose clock is so far ahead of true time.
fn on_machine(seconds: f64, targets: Vec<Target>) -> Walk {
    let own_clock = OwnClock { comparison: compared(Clocks::OursAndTrueTime, seconds), alone: None, supporter: None };
    Walk { own_clock: Some(own_clock), ..walk(targets) }
}

/// The verdict, in words.
pub(super) fn judge(name: &str, walk: &Walk) -> Worded {
    Worded::new(name, &walk::Walk::Kms(walk.clone()))
}

fn judged(targets: Vec<Target>) -> String {
    essence(&judge("corp", &walk(targets)))
}

pub(super) fn good(name: &str) -> Target {
    host(name, "192.0.2.1", Stage::Rpc, None)
}

#[test]
fn all_targets_pass() {
    let verdict = judge("corp", &walk(vec![lookup("192.0.2.53", None), good("kms01"), good("kms02")]));
    assert_eq!(essence(&verdict), "ok");
    assert_eq!(verdict.summary, "Path corp works: both KMS targets answer.");
    assert!(verdict.next_steps.is_empty());
}

#[test]
fn one_of_two_hosts_down_is_degraded_and_named() {
    let dead = host("kms02", "192.0.2.2", Stage::Tcp, Some(Reason::Refused));
    let verdict = judge("corp", &walk(vec![lookup("192.0.2.53", None), good("kms01"), dead]));
    assert_eq!(essence(&verdict), "degraded tcp refused");
    assert_eq!(
        verdict.summary,
        "Path corp works through 1 of 2 KMS targets, but kms02:1688 (192.0.2.2) refuses connections."
    );
}

#[test]
fn each_host_that_fails_blocks_a_path_without_one_that_serves() {
    let causes = |targets| {
        let verdict = judge("corp", &walk(targets));
        verdict.problems.iter().map(|problem| problem.contributes).collect::<Vec<_>>()
    };
    let refusing = || host("kms01", "192.0.2.1", Stage::Tcp, Some(Reason::Refused));
    let silent = || host("kms02", "192.0.2.2", Stage::Tcp, Some(Reason::TimedOut));
    let unanswered = |nameserver| lookup(nameserver, Some(Reason::TimedOut));
    assert_eq!(causes(vec![lookup("192.0.2.53", None), refusing(), silent()]), [false, true]);
    // Where a host serves, none blocks. A nameserver does where no other leads to a host.
    assert_eq!(causes(vec![lookup("192.0.2.53", None), good("kms00"), refusing(), silent()]), [false, false]);
    assert_eq!(causes(vec![unanswered("192.0.2.53"), refusing()]), [false, false]);
    let failing = lookup("192.0.2.54", Some(Reason::ServerFailure));
    assert_eq!(causes(vec![unanswered("192.0.2.53"), failing]), [false, true]);
}

#[test]
fn a_blocked_path_is_blamed_on_the_target_that_got_furthest() {
    let cases = [
        (vec![lookup("192.0.2.53", Some(Reason::Nxdomain))], "blocked srv nxdomain 0x8007232B"),
        (
            vec![lookup("192.0.2.53", None), host("a", "192.0.2.1", Stage::Address, Some(Reason::Nxdomain))],
            "blocked address nxdomain 0xC004F074 0x80072AF9",
        ),
        (
            vec![
                lookup("192.0.2.53", Some(Reason::TimedOut)),
                lookup("192.0.2.54", None),
                host("a", "192.0.2.1", Stage::Address, Some(Reason::Nxdomain)),
                host("b", "192.0.2.2", Stage::Tcp, Some(Reason::TimedOut)),
            ],
            "blocked tcp timed_out 0xC004F074 0x800706BA",
        ),
        (
            vec![
                host("a", "192.0.2.1", Stage::Tcp, Some(Reason::Refused)),
                host("b", "192.0.2.2", Stage::Rpc, Some(Reason::NotKms)),
                host("c", "192.0.2.3", Stage::Rpc, Some(Reason::NotRpc)),
            ],
            "blocked rpc not_kms 0xC004F074 0x800706B5",
        ),
        (
            vec![host("a", "192.0.2.1", Stage::Clock, Some(Reason::Skewed))],
            "blocked clock skewed 0xC004F074 0xC004F06C",
        ),
    ];
    for (targets, expected) in cases {
        assert_eq!(judged(targets), expected);
    }
}

#[test]
fn a_host_that_refuses_is_to_be_looked_at_before_its_service_is_restarted() {
    let verdict = judge("corp", &walk(vec![host("kms01", "192.0.2.1", Stage::Tcp, Some(Reason::Refused))]));
    let place = |command: &str| verdict.next_steps.iter().position(|step| step.contains(command));
    assert_eq!(place("Get-NetTCPConnection"), Some(0));
    assert!(place("Get-NetTCPConnection") < place("Restart-Service"), "{:?}", verdict.next_steps);
}

#[test]
fn the_steps_of_a_blocked_path_end_with_the_renewal() {
    let verdict = judge("corp", &walk(vec![host("kms01", "192.0.2.1", Stage::Tcp, Some(Reason::Refused))]));
    assert_eq!(
        verdict.next_steps.last().map(String::as_str),
        Some("Once this is fixed, on clients that lost activation: `slmgr /ato`. The others renew by themselves")
    );
}

#[test]
fn every_failure_has_a_sentence_and_steps() {
    for at in [Stage::Srv, Stage::Address, Stage::Tcp, Stage::Rpc, Stage::Clock] {
        for reason in Reason::ALL {
            let target = match at {
                Stage::Srv => lookup("192.0.2.53", Some(reason)),
                _ => host("kms01.corp.example", "192.0.2.1", at, Some(reason)),
            };
            let verdict = judge("corp", &walk(vec![target]));
            assert_eq!((verdict.stage, verdict.reason), (Some(at), Some(reason)));
            assert_eq!(verdict.status == Status::Unknown, reason.is_local());
            assert!(verdict.summary.ends_with('.') && !verdict.summary.contains("  "), "{}", verdict.summary);
            assert!(verdict.next_steps.len() >= 2, "{at} {reason}: {:?}", verdict.next_steps);
        }
    }
}

#[test]
fn a_dead_nameserver_degrades_a_path_that_works() {
    let targets = vec![lookup("192.0.2.53", None), lookup("192.0.2.54", Some(Reason::TimedOut)), good("kms01")];
    assert_eq!(judged(targets), "degraded srv timed_out");
}

#[test]
fn what_dns_should_not_say_degrades_a_path_that_works() {
    let one = "192.0.2.53:53".parse().unwrap();
    let domain: crate::host::DnsName = "corp.example".parse().unwrap();
    let unexpected = Discovered { unexpected: vec!["kms66.corp.example".parse().unwrap()], ..Discovered::default() };
    let missing = Discovered { missing: vec!["kms02.corp.example".parse().unwrap()], ..Discovered::default() };
    let lack = Lack { nameserver: one, hosts: vec![HostPort::parse("kms02", 1688).unwrap()], is_empty: false };
    let pair = Disagreement { domain, one, other: "192.0.2.54:53".parse().unwrap(), lacks: vec![lack] };
    let inconsistent = Discovered { disagreements: vec![pair], ..Discovered::default() };
    let cases = [
        (
            unexpected,
            "unexpected_host",
            "DNS offers kms66.corp.example, which you do not expect; your expected hosts all answer",
        ),
        (missing, "missing_host", "DNS does not list kms02.corp.example, which is expected"),
        (inconsistent, "inconsistent", "nameserver 192.0.2.53:53 lacks kms02"),
    ];
    for (discovered, reason, clause) in cases {
        let walk =
            Walk { targets: vec![Arc::new(good("kms01"))], discovered: Some(Arc::new(discovered)), own_clock: None };
        let verdict = judge("corp", &walk);
        assert_eq!(essence(&verdict), format!("degraded srv {reason}"));
        assert_eq!(verdict.summary, format!("Path corp works, but {clause}."));
        assert!(!verdict.next_steps.is_empty());
    }
}

#[test]
fn a_host_is_blamed_for_its_own_clock() {
    let verdict = judge("corp", &on_machine(0.0, vec![timed("kms01", Clocks::HostAndTrueTime, 14_700.0)]));
    assert_eq!(essence(&verdict), "blocked clock skewed 0xC004F074 0xC004F06C");
    assert_eq!(
        verdict.summary,
        "Path corp is blocked at clock: kms01 is 4 h 5 min ahead of true time, and Windows tolerates four hours."
    );
    assert!(verdict.next_steps[0].contains("On kms01: `w32tm /query /status`"), "{:?}", verdict.next_steps);

    let hosts = ["kms01", "kms01", "kms02"].map(|name| timed(name, Clocks::HostAndTrueTime, -3_700.0));
    let verdict = judge("corp", &on_machine(0.0, hosts.into()));
    assert_eq!(essence(&verdict), "degraded clock drifted");
    assert_eq!(verdict.summary, "Path corp works, but the clocks of kms01 and kms02 are off.");
    assert_eq!(verdict.clauses()[1], "kms02 is 1 h 2 min behind true time");
    assert_eq!(essence(&judge("corp", &on_machine(0.0, vec![timed("kms01", Clocks::HostAndTrueTime, 3_500.0)]))), "ok");
}

#[test]
fn our_own_clock_is_blamed_where_the_hosts_are_right() {
    let verdict = judge("corp", &on_machine(-14_700.0, vec![timed("kms01", Clocks::HostAndTrueTime, 0.0)]));
    assert_eq!(essence(&verdict), "degraded clock own_clock");
    assert_eq!(
        verdict.summary,
        "Path corp works, but this machine's clock is 4 h 5 min behind true time; the KMS hosts' are right."
    );
    assert!(verdict.next_steps.iter().all(|step| !step.contains("kms01")), "{:?}", verdict.next_steps);
    let named = Walk { discovered: None, ..on_machine(3_700.0, vec![timed("kms01", Clocks::HostAndTrueTime, 0.0)]) };
    assert_eq!(essence(&judge("corp", &named)), "degraded clock own_clock");
}

#[test]
fn where_the_hosts_cannot_be_read_our_clock_stands_for_those_of_clients() {
    let unread = |seconds| {
        let hosts = ["kms01", "kms02"].map(|name| timed(name, Clocks::OursAndTrueTime, seconds));
        judge("corp", &on_machine(seconds, hosts.into()))
    };
    assert_eq!(essence(&unread(3_700.0)), "degraded clock drifted");
    assert_eq!(unread(3_700.0).summary, "Path corp works, but this machine's clock is 1 h 2 min ahead of true time.");
    assert_eq!(essence(&unread(-14_700.0)), "blocked clock skewed 0xC004F074 0xC004F06C");
    assert!(unread(-14_700.0).summary.contains("this machine's clock is 4 h 5 min behind true time, and Windows"));
    assert_eq!(essence(&unread(-3_500.0)), "ok");
}

#[test]
fn where_true_time_is_unknown_neither_clock_is_blamed() {
    let verdict = judge("corp", &walk(vec![timed("kms01", Clocks::HostAndOurs, 14_700.0)]));
    assert_eq!(essence(&verdict), "blocked clock skewed 0xC004F074 0xC004F06C");
    let said = "kms01 is 4 h 5 min ahead of this machine's clock, and no time server says which is right";
    assert!(verdict.summary.contains(said), "{}", verdict.summary);
    assert!(verdict.next_steps[0].contains("which of the two is wrong"), "{:?}", verdict.next_steps);
}

#[test]
fn a_single_time_server_is_named_where_its_word_counts() {
    let alone = |own: f64, host| {
        let walk = on_machine(own, vec![timed("kms01", Clocks::HostAndTrueTime, host)]);
        let own_clock = walk.own_clock.clone().map(|clock| OwnClock { alone: Some("ntp1:123".into()), ..clock });
        judge("corp", &Walk { own_clock, ..walk }).summary
    };
    let said = " (by ntp1:123 alone)";
    assert!(
        alone(0.0, 14_700.0).contains(said)
            && alone(14_700.0, 0.0).contains(said)
            && alone(0.0, 3_700.0).contains(said)
    );
    assert!(!alone(0.0, 0.0).contains("ntp1"));
}

#[test]
fn where_time_servers_contradict_one_another_our_clock_is_doubted_and_no_path_is_blocked() {
    let walk = on_machine(-14_700.0, vec![good("kms01")]);
    let supporter = Some("ntp3:123".to_owned());
    let own_clock = walk.own_clock.clone().map(|clock| OwnClock { supporter, ..clock });
    let verdict = judge("corp", &Walk { own_clock, ..walk });
    assert_eq!(essence(&verdict), "degraded clock own_clock");
    let expected =
        "Path corp works, but this machine's clock is 4 h 5 min behind true time, though ntp3:123 agrees with it.";
    assert_eq!(verdict.summary, expected);
    assert!(verdict.next_steps[0].contains("Find out which is right"), "{:?}", verdict.next_steps);
}

#[test]
fn in_a_search_list_a_domain_without_records_is_passed_over() {
    let targets = || vec![lookup("192.0.2.53", Some(Reason::Nxdomain)), lookup("192.0.2.53", None), good("kms01")];
    assert_eq!(judged(targets()), "degraded srv nxdomain");
    let search = Discovered { search: true, ..Discovered::default() };
    let walk = Walk { discovered: Some(Arc::new(search)), ..walk(targets()) };
    assert_eq!(essence(&judge("corp", &walk)), "ok");
}

#[test]
fn a_domain_that_is_passed_over_is_not_blamed_for_another() {
    let targets = vec![lookup("192.0.2.53", Some(Reason::Nxdomain)), lookup("192.0.2.54", Some(Reason::TimedOut))];
    let search = Discovered { search: true, ..Discovered::default() };
    let walk = Walk { discovered: Some(Arc::new(search)), ..walk(targets) };
    assert_eq!(essence(&judge("corp", &walk)), "blocked srv timed_out 0x800705B4");
}

#[test]
fn an_ipv6_address_without_a_route_is_excused_by_a_sibling_that_works() {
    let sibling = host("kms01", "[2001:db8::1]", Stage::Tcp, Some(Reason::NoRoute));
    assert_eq!(judged(vec![good("kms01"), sibling.clone()]), "ok");
    // Where nothing excuses it, it was not measured.
    assert_eq!(judged(vec![good("kms02"), sibling.clone()]), "ok");
    assert_eq!(judged(vec![sibling.clone()]), "unknown tcp no_route");
    let ipv4 = host("kms01", "192.0.2.7", Stage::Tcp, Some(Reason::NoRoute));
    assert_eq!(judged(vec![good("kms01"), ipv4]), "ok");
    let unmeasured = |targets| judge("corp", &walk(targets)).verdict.unmeasured;
    assert_eq!(unmeasured(vec![good("kms01"), sibling.clone()]), 0);
    assert_eq!(unmeasured(vec![good("kms02"), sibling.clone()]), 1);
    let summary = judge("corp", &walk(vec![good("kms01"), sibling])).summary;
    assert_eq!(summary, "Path corp works: its KMS host answers.");
}

#[test]
fn a_count_that_keeps_some_clients_out_is_worse_than_a_clock_that_keeps_out_none() {
    let counting = |current, state| {
        let count = Count { application: Application::Windows, current, required: (5, 25), state };
        let served =
            Served { application: count.application, clients: 1, license: None, lapsed: None, count: Some(count) };
        judged(vec![with(timed("kms01", Clocks::HostAndTrueTime, 5_400.0), |host| host.served = vec![served])])
    };
    assert_eq!(counting(10, CountState::TooLowForSome), "degraded count too_low");
    assert_eq!(counting(26, CountState::Low), "degraded clock drifted");
    assert_eq!(counting(40, CountState::Enough), "degraded clock drifted");
}

#[test]
fn a_key_that_lapsed_beside_one_in_force_is_named() {
    let license = |status| OwnLicense { status, reason_code: None };
    let served = Served {
        application: Application::Office,
        clients: 3,
        license: Some(license(LicenseStatus::Licensed)),
        lapsed: Some(LapsedKey {
            product: "Office 16, Office16KMSHostVL_KMS_Host edition".to_owned(),
            license: license(LicenseStatus::Notification),
        }),
        count: None,
    };
    let verdict = judge("corp", &walk(vec![with(good("kms01"), |host| host.served = vec![served])]));
    assert_eq!(essence(&verdict), "degraded host unlicensed");
    let expected = "Path corp works, but one of the KMS host keys of kms01 for Office has lapsed: the license Office 16, \
                    Office16KMSHostVL_KMS_Host edition is in the state notification.";
    assert_eq!(verdict.summary, expected);
}

#[test]
fn many_hosts_are_counted_and_not_all_named() {
    let dead = |number: u8| host(&format!("kms{number}"), "192.0.2.9", Stage::Tcp, Some(Reason::Unreachable));
    let mut targets = vec![good("kms00")];
    targets.extend((1..=5).map(dead));
    let verdict = judge("corp", &walk(targets));
    let expected = "Path corp works through 1 of 6 KMS targets, but kms1:1688, kms2:1688, kms3:1688 and 2 more are \
                    unreachable.";
    assert_eq!(verdict.summary, expected);
}

#[test]
fn steps_fit_the_way_hosts_were_found() {
    let dead = || host("kms01", "192.0.2.1", Stage::Tcp, Some(Reason::TimedOut));
    let steps = |discovered| judge("corp", &Walk { discovered, ..walk(vec![dead()]) }).next_steps.join("\n");
    assert!(steps(Some(Arc::new(Discovered::default()))).contains("delete the SRV record that names it"));
    assert!(steps(None).contains("slmgr /ckms") && !steps(None).contains("SRV"));
}

#[test]
fn a_nameserver_on_another_port_is_asked_there() {
    let Target::Lookup(mut lookup) = lookup("192.0.2.53", Some(Reason::Nxdomain)) else { panic!("no lookup") };
    lookup.nameserver.set_port(5353);
    let steps = judge("corp", &walk(vec![Target::Lookup(lookup)])).next_steps;
    assert!(steps[0].contains("`nslookup -type=srv -port=5353 _vlmcs._tcp.corp.example 192.0.2.53`"), "{steps:?}");
}
