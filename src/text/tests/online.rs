//! Walks to online endpoints.

use super::{Worded, essence};
use crate::clock::Offset;
use crate::clock::comparison::{Clocks, Comparison};
use crate::observation::{Reason, Stage};
use crate::online::endpoint::{Endpoint, Role, Weight};
use crate::online::{self, DIRECT};
use crate::verdict::Status;
use crate::walk::online::fixtures::{GATEWAY, PROXY, demanding, ending_in, session, showing, target};
use crate::walk::online::{Target, Walk};
use crate::walk::{self, OwnClock};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub(super) fn activation(number: u8, proxy: &str, failed: Option<(Stage, Reason)>) -> Target {
    target(&format!("https://activation{number}.example"), Role::Activation, proxy, failed)
}

pub(super) fn revocation(proxy: &str, failed: Option<(Stage, Reason)>) -> Target {
    target("http://crl.example", Role::Revocation, proxy, failed)
}

/// A walk on a machine whose clock is so far ahead of true time.
fn on_machine(seconds: f64, targets: Vec<Target>) -> Walk {
    let offset = Offset { seconds, bound: 0.01 };
    let comparison = Comparison::new(Clocks::OursAndTrueTime, offset, Duration::from_hours(1));
    Walk { targets, own_clock: Some(OwnClock { comparison, alone: None, supporter: None }) }
}

pub(super) fn judged(targets: Vec<Target>) -> Worded {
    judge("online", &Walk { targets, own_clock: None })
}

/// The verdict, in words.
pub(super) fn judge(name: &str, walk: &Walk) -> Worded {
    Worded::new(name, &walk::Walk::Online(walk.clone()))
}

const REFUSED: Option<(Stage, Reason)> = Some((Stage::Tcp, Reason::Refused));
const FORBIDDEN: Option<(Stage, Reason)> = Some((Stage::Proxy, Reason::ForbiddenByProxy));
const DEMANDED: Option<(Stage, Reason)> = Some((Stage::Proxy, Reason::AuthRequired));
const INTERCEPTED: Option<(Stage, Reason)> = Some((Stage::Tls, Reason::Intercepted));

#[test]
fn what_works_is_said_to() {
    let verdict = judged(vec![activation(1, DIRECT, None)]);
    assert_eq!(essence(&verdict), "ok");
    assert_eq!(verdict.summary, "Path online works: https://activation1.example answers.");
    let verdict = judged(vec![
        activation(1, DIRECT, None),
        activation(1, PROXY, None),
        activation(2, DIRECT, None),
        activation(2, PROXY, None),
    ]);
    assert_eq!(
        verdict.summary,
        "Path online works: both endpoints answer over direct and http://proxy.corp.example:3128."
    );
    assert!(verdict.next_steps.is_empty());
}

#[test]
fn the_target_that_got_furthest_is_blamed() {
    let verdict = judged(vec![activation(1, DIRECT, REFUSED), activation(1, PROXY, INTERCEPTED)]);
    assert_eq!(essence(&verdict), "blocked tls intercepted 0x80072F8F");
    assert_eq!(
        verdict.summary,
        "Path online is blocked at tls: TLS to https://activation1.example through http://proxy.corp.example:3128 is \
         intercepted: what was seen."
    );
    assert_eq!(verdict.clauses()[1], "https://activation1.example refuses connections");
    assert!(verdict.problems[1].contributes);
    assert!(verdict.next_steps.iter().any(|step| step.contains("proxy.corp.example and any other device")));
}

#[test]
fn losing_revocation_is_not_losing_activation() {
    let verdict = judged(vec![activation(1, DIRECT, None), revocation(DIRECT, REFUSED)]);
    assert_eq!(essence(&verdict), "degraded tcp refused");
    assert_eq!(
        verdict.summary,
        "Path online works, and activation is not lost, but http://crl.example refuses connections (revocation lists are fetched there)."
    );
}

#[test]
fn losing_the_last_endpoint_of_a_channel_is_losing_it() {
    let licensing = |failed| target("https://licensing.example", Role::Licensing, DIRECT, failed);
    let verdict = judged(vec![activation(1, DIRECT, REFUSED), activation(2, DIRECT, None), licensing(None)]);
    assert_eq!(essence(&verdict), "degraded tcp refused", "another endpoint of the channel is left");
    let verdict = judged(vec![activation(1, DIRECT, REFUSED), licensing(None)]);
    assert_eq!(essence(&verdict), "blocked tcp refused 0x80072EFD");
    assert!(
        verdict.summary.starts_with("Path online is blocked for MAK and retail keys at tcp: "),
        "{}",
        verdict.summary
    );
    let verdict = judged(vec![activation(1, DIRECT, None), licensing(REFUSED)]);
    let start = "Path online is blocked for digital and subscription licenses at tcp: ";
    assert!(verdict.summary.starts_with(start), "{}", verdict.summary);
    let verdict = judged(vec![revocation(DIRECT, REFUSED)]);
    assert_eq!(essence(&verdict), "blocked tcp refused", "there is nothing else on this path, and no code for it");
    assert!(verdict.next_steps.iter().all(|step| !step.contains("slmgr")), "{:?}", verdict.next_steps);
}

#[test]
fn a_proxy_that_demands_a_login_blocks_windows_also_where_we_get_past() {
    let passed = demanding(activation(1, PROXY, None), &["Negotiate", "NTLM"]);
    let verdict = judged(vec![passed]);
    assert_eq!(essence(&verdict), "blocked proxy auth_required 0x8004FE33");
    assert_eq!(
        verdict.summary,
        "Path online is blocked at proxy: proxy http://proxy.corp.example:3128 requires credentials (Negotiate, NTLM), and Windows sends none when it activates."
    );
    let only = "with the credentials configured here, https://activation1.example can be reached";
    assert!(verdict.next_steps.iter().any(|step| step.ends_with(only)), "{:?}", verdict.next_steps);
    let refused = demanding(activation(1, PROXY, DEMANDED), &["Basic"]);
    let verdict = judged(vec![activation(1, DIRECT, None), refused]);
    assert_eq!(essence(&verdict), "degraded proxy auth_required");
    assert!(verdict.summary.contains("requires credentials (Basic)"), "{}", verdict.summary);
    assert!(verdict.next_steps[0].contains("without credentials"), "{:?}", verdict.next_steps);
}

#[test]
fn endpoints_that_fail_alike_are_reported_together() {
    let targets = (1..=4).flat_map(|number| [activation(number, DIRECT, None), activation(number, PROXY, FORBIDDEN)]);
    let verdict = judged(targets.collect());
    assert_eq!(essence(&verdict), "degraded proxy forbidden_by_proxy");
    assert_eq!(
        verdict.summary,
        "Path online works through 4 of 8 targets, but proxy http://proxy.corp.example:3128 forbids connections to \
         https://activation1.example, https://activation2.example, https://activation3.example and 1 more."
    );
}

#[test]
fn an_endpoint_that_nobody_reaches_is_reported_as_one() {
    let gateway = Some((Stage::Proxy, Reason::ProxyBadGateway));
    let verdict = judged(vec![
        activation(1, DIRECT, None),
        activation(1, PROXY, None),
        activation(1, GATEWAY, None),
        activation(2, DIRECT, REFUSED),
        activation(2, PROXY, gateway),
        activation(2, GATEWAY, gateway),
    ]);
    assert_eq!(essence(&verdict), "degraded proxy proxy_bad_gateway");
    assert_eq!(
        verdict.summary,
        "Path online works through 3 of 6 targets, but https://activation2.example is unreachable through every proxy \
         that reaches the other endpoints (tcp refused, proxy proxy_bad_gateway)."
    );
}

#[test]
fn what_keeps_from_activation_is_reported_first() {
    let verdict = judged(vec![
        revocation(DIRECT, REFUSED),
        activation(1, DIRECT, None),
        activation(2, DIRECT, Some((Stage::Tls, Reason::Expired))),
        activation(3, DIRECT, Some((Stage::Tls, Reason::NameMismatch))),
        activation(4, DIRECT, INTERCEPTED),
    ]);
    assert_eq!(essence(&verdict), "degraded tls expired");
    assert!(verdict.summary.ends_with("the certificate of https://activation2.example has expired."));
    assert_eq!((verdict.problems.len(), verdict.clauses()[3].contains("crl.example")), (4, true));
}

#[test]
fn a_certificate_that_ends_within_thirty_days_degrades() {
    assert_eq!(essence(&judged(vec![ending_in(activation(1, DIRECT, None), 31)])), "ok");
    let soon = || ending_in(activation(1, DIRECT, None), 29);
    let verdict = judged(vec![soon(), ending_in(activation(1, PROXY, None), 29)]);
    assert_eq!(essence(&verdict), "degraded tls expiring");
    let start = "Path online works, but a certificate of https://activation1.example expires on 20";
    assert!(verdict.summary.starts_with(start) && !verdict.summary.contains(PROXY), "{}", verdict.summary);
}

#[test]
fn a_certificate_that_is_valid_by_true_time_is_not_to_blame() {
    let day = Duration::from_hours(24);
    let early = Some((Stage::Tls, Reason::NotYetValid));
    let young = |days: u32| {
        let begins = SystemTime::now() + day * days;
        showing(activation(1, DIRECT, early), session(begins, begins + day * 365))
    };
    let verdict = judge("online", &on_machine(-40.0 * 86_400.0, vec![young(39)]));
    assert_eq!(essence(&verdict), "blocked tls not_yet_valid 0x80072F8F");
    assert_eq!(
        verdict.summary,
        "Path online is blocked at tls: this machine's clock is 40 days behind true time, so the certificate of \
         https://activation1.example seems invalid."
    );
    assert!(verdict.next_steps[0].contains("this machine's clock"), "{:?}", verdict.next_steps);
    let verdict = judge("online", &on_machine(-7200.0, vec![young(39)]));
    assert!(verdict.summary.contains("is not valid yet."), "{}", verdict.summary);
}

#[test]
fn a_certificate_that_is_valid_by_our_wrong_clock_alone_is_reported() {
    let day = Duration::from_hours(24);
    let now = SystemTime::now();
    let old = showing(activation(1, DIRECT, None), session(now - day * 300, now + day * 39));
    let verdict = judge("online", &on_machine(-40.0 * 86_400.0, vec![old]));
    assert_eq!(essence(&verdict), "degraded tls expired");
    assert_eq!(
        verdict.summary,
        "Path online works, but by true time the certificate of https://activation1.example has expired."
    );
    assert_eq!(verdict.clauses()[1], "this machine's clock is 40 days behind true time");
    let young = showing(activation(1, DIRECT, None), session(now - day * 39, now + day * 300));
    let verdict = judge("online", &on_machine(40.0 * 86_400.0, vec![young]));
    assert_eq!(essence(&verdict), "degraded tls not_yet_valid");
}

#[test]
fn a_clock_that_is_wrong_degrades_where_all_else_works() {
    let verdict = judge("online", &on_machine(7200.0, vec![activation(1, DIRECT, None)]));
    assert_eq!(essence(&verdict), "degraded clock own_clock");
    assert_eq!(verdict.summary, "Path online works, but this machine's clock is 2 h ahead of true time.");
}

#[test]
fn what_nobody_stands_in_for_is_vital_and_what_only_helps_is_not() {
    let weighed = |target: Target, weight| {
        let endpoint = Arc::new(Endpoint { weight, ..target.endpoint().clone() });
        let inner = Arc::new(online::Target { endpoint, ..(*target.target).clone() });
        Target { target: inner, ..target }
    };
    let [shared, vital, helpful] = [Weight::Shared, Weight::Vital, Weight::Helpful];
    let ways = |weights: [(Weight, bool); 2]| {
        let targets = (1..).zip(weights).map(|(number, (weight, works))| {
            weighed(activation(number, DIRECT, if works { None } else { REFUSED }), weight)
        });
        judged(targets.collect()).status
    };
    assert_eq!(ways([(vital, false), (shared, true)]), Status::Blocked);
    assert_eq!(ways([(vital, true), (shared, true)]), Status::Ok);
    assert_eq!(ways([(shared, false), (shared, true)]), Status::Degraded);
    assert_eq!(ways([(shared, false), (helpful, true)]), Status::Blocked);
    assert_eq!(ways([(shared, true), (helpful, false)]), Status::Degraded);
    assert_eq!(ways([(helpful, true), (helpful, false)]), Status::Degraded, "it is all there is");
    assert_eq!(ways([(vital, true), (vital, false)]), Status::Blocked);
    assert_eq!(ways([(vital, true), (helpful, false)]), Status::Degraded);
}

#[test]
fn a_login_is_where_windows_stops_whatever_lies_beyond() {
    // Behind the proxy, or at the proxy itself once it is logged in with.
    for beyond in [INTERCEPTED, FORBIDDEN] {
        let verdict = judged(vec![demanding(activation(1, PROXY, beyond), &["Basic"])]);
        assert_eq!(essence(&verdict), "blocked proxy auth_required 0x8004FE33");
        let shown = "With the credentials configured here: what was seen";
        assert!(verdict.next_steps.iter().any(|step| step.ends_with(shown)), "{:?}", verdict.next_steps);
    }
}

#[test]
fn what_this_machine_could_not_do_is_blamed_last() {
    let ours = || activation(1, DIRECT, Some((Stage::Tcp, Reason::LocalError)));
    for targets in [vec![ours(), activation(2, DIRECT, REFUSED)], vec![activation(2, DIRECT, REFUSED), ours()]] {
        assert_eq!(essence(&judged(targets)), "blocked tcp refused 0x80072EFD");
    }
}

#[test]
fn proxies_of_the_system_are_distinguished() {
    let over = |number, proxy: &str| {
        let target = activation(number, proxy, Some((Stage::Tcp, Reason::ProxyRefused)));
        let inner = Arc::new(online::Target { proxy: online::SYSTEM.into(), ..(*target.target).clone() });
        Target { target: inner, ..target }
    };
    let clauses = judged(vec![over(1, PROXY), over(2, GATEWAY)]).clauses().join("; ");
    assert!(clauses.contains(PROXY) && clauses.contains(GATEWAY), "{clauses}");
}

#[test]
fn revocation_lists_alone_do_not_make_a_proxy_one_that_works() {
    let verdict = judged(vec![
        activation(1, DIRECT, INTERCEPTED),
        activation(1, PROXY, INTERCEPTED),
        activation(2, DIRECT, INTERCEPTED),
        activation(2, PROXY, INTERCEPTED),
        revocation(DIRECT, None),
        revocation(PROXY, None),
    ]);
    assert_eq!(essence(&verdict), "blocked tls intercepted 0x80072F8F");
    let both = "TLS to https://activation1.example and https://activation2.example is intercepted.";
    assert!(verdict.summary.ends_with(both), "{}", verdict.summary);
}

#[test]
fn every_reason_at_every_stage_has_a_sentence_and_a_step() {
    let stages = [Stage::Address, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::Http];
    let places = stages.into_iter().flat_map(|stage| [(stage, DIRECT), (stage, PROXY)]);
    for (stage, proxy) in places.filter(|place| *place != (Stage::Proxy, DIRECT)) {
        for reason in Reason::ALL {
            let verdict = judged(vec![activation(1, proxy, Some((stage, reason)))]);
            assert_eq!((verdict.stage, verdict.reason), (Some(stage), Some(reason)));
            assert!(verdict.next_steps.len() >= 3, "{stage} {reason}: {:?}", verdict.next_steps);
            let start = match (reason.is_limit(), reason.is_local()) {
                (true, _) => "Path online cannot be judged: ".to_owned(),
                (false, true) => "Path online cannot be judged: this machine could not ".to_owned(),
                (false, false) => format!("Path online is blocked at {stage}: "),
            };
            let names_it = reason.is_local() && !reason.is_limit() || verdict.summary.contains("example");
            assert!(verdict.summary.starts_with(&start) && names_it, "{}", verdict.summary);
        }
    }
}

#[test]
fn a_fault_of_this_machine_is_not_blamed_on_the_path() {
    let verdict = judged(vec![activation(1, DIRECT, Some((Stage::Tcp, Reason::LocalError)))]);
    assert_eq!(essence(&verdict), "unknown tcp local_error");
    assert!(verdict.next_steps[0].starts_with("Look at the machine that measures"));
}
