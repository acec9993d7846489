//! What fails now and then.

use super::kms::{good, host, lookup, walk, with};
use super::online::{activation, judged};
use super::{Worded, essence, half_the_rounds};
use crate::observation::{Reason, Stage};
use crate::online::DIRECT;
use crate::walk::Walk;
use crate::walk::kms::Target;
use crate::walk::online::{self, fixtures::PROXY};

fn unsteady(target: Target, stage: Stage, reason: Reason) -> Target {
    match target {
        Target::Host(_) => with(target, |host| host.intermittent = Some(half_the_rounds(stage, reason))),
        Target::Lookup(mut lookup) => {
            lookup.intermittent = Some(half_the_rounds(stage, reason));
            Target::Lookup(lookup)
        }
    }
}

fn on_kms(targets: Vec<Target>) -> Worded {
    Worded::new("corp", &Walk::Kms(walk(targets)))
}

#[test]
fn a_host_that_fails_now_and_then_degrades_whether_or_not_it_fails_right_now() {
    let passing = unsteady(good("kms01"), Stage::Tcp, Reason::Refused);
    let verdict = on_kms(vec![passing]);
    assert_eq!(essence(&verdict), "degraded tcp intermittent");
    assert_eq!(
        verdict.summary,
        "Path corp works, but kms01:1688 (192.0.2.1) fails in 3 of 6 rounds (tcp refused): perhaps a dead backend."
    );
    assert!(verdict.next_steps[0].contains("load balancer"), "{:?}", verdict.next_steps);

    let failing =
        || unsteady(host("kms02", "192.0.2.2", Stage::Tcp, Some(Reason::Refused)), Stage::Tcp, Reason::Refused);
    let verdict = on_kms(vec![good("kms01"), failing()]);
    assert_eq!((essence(&verdict).as_str(), verdict.problems.len()), ("degraded tcp intermittent", 1));
    assert!(
        verdict.summary.starts_with("Path corp works through 1 of 2 KMS targets, but kms02"),
        "{}",
        verdict.summary
    );
    assert_eq!(
        essence(&on_kms(vec![failing()])),
        "blocked tcp refused 0xC004F074 0x800706BA",
        "where no other works, clients see how it fails right now"
    );
}

#[test]
fn a_lookup_that_fails_now_and_then_degrades() {
    let verdict = on_kms(vec![unsteady(lookup("192.0.2.53", None), Stage::Srv, Reason::TimedOut), good("kms01")]);
    assert_eq!(essence(&verdict), "degraded srv intermittent");
    assert!(
        verdict.summary.contains("nameserver 192.0.2.53:53 fails in 3 of 6 rounds (srv timed_out)"),
        "{}",
        verdict.summary
    );
}

#[test]
fn online_targets_that_fail_now_and_then_over_one_proxy_are_one_problem() {
    let unsteady = |target: online::Target| online::Target {
        intermittent: Some(half_the_rounds(Stage::Tls, Reason::ResetInHandshake)),
        ..target
    };
    let reset = Some((Stage::Tls, Reason::ResetInHandshake));
    let verdict = judged(vec![
        activation(1, DIRECT, None),
        unsteady(activation(1, PROXY, None)),
        activation(2, DIRECT, None),
        unsteady(activation(2, PROXY, reset)),
    ]);
    assert_eq!((essence(&verdict).as_str(), verdict.problems.len()), ("degraded tls intermittent", 1));
    assert_eq!(
        verdict.summary,
        "Path online works through 3 of 4 targets, but https://activation1.example and https://activation2.example \
         through http://proxy.corp.example:3128 fail in 3 of 6 rounds (tls reset_in_handshake)."
    );
    let only = judged(vec![unsteady(activation(1, DIRECT, None))]);
    assert_eq!(
        only.summary,
        "Path online works, but https://activation1.example fails in 3 of 6 rounds (tls reset_in_handshake)."
    );
    let down = judged(vec![unsteady(activation(1, DIRECT, reset))]);
    assert_eq!(essence(&down), "blocked tls reset_in_handshake 0x80072EFE");
}
