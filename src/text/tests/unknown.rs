//! What could not be measured for a reason of this machine.

use super::kms::{good, host, lookup, walk};
use super::online::{activation, judged, revocation};
use super::{Worded, essence};
use crate::observation::{Reason, Stage};
use crate::online::DIRECT;
use crate::text::{Words, first_steps, summary};
use crate::verdict::Verdict;
use crate::walk::Walk;
use crate::walk::kms::{Discovered, Target};
use crate::walk::online::fixtures::PROXY;

const LOCAL: Option<Reason> = Some(Reason::LocalError);

fn on_kms(targets: Vec<Target>) -> Worded {
    Worded::new("corp", &Walk::Kms(walk(targets)))
}

#[test]
fn a_path_is_unknown_where_nothing_that_decides_was_measured() {
    let unmeasured = |name: &str, at| host(name, "192.0.2.1", at, LOCAL);
    let dead = |name: &str| host(name, "192.0.2.2", Stage::Tcp, Some(Reason::Refused));
    let cases = [
        (vec![], "unknown"),
        (vec![unmeasured("a", Stage::Tcp)], "unknown tcp local_error"),
        (vec![unmeasured("a", Stage::Address), unmeasured("b", Stage::Tcp)], "unknown tcp local_error"),
        (vec![lookup("192.0.2.53", LOCAL)], "unknown srv local_error"),
        // Hosts decide where there are some.
        (vec![lookup("192.0.2.53", None), unmeasured("a", Stage::Rpc)], "unknown rpc local_error"),
        (vec![lookup("192.0.2.53", Some(Reason::TimedOut)), unmeasured("a", Stage::Tcp)], "unknown tcp local_error"),
        // What was measured decides.
        (vec![unmeasured("a", Stage::Rpc), dead("b")], "blocked tcp refused 0xC004F074 0x800706BA"),
        (vec![lookup("192.0.2.53", LOCAL), dead("b")], "blocked tcp refused 0xC004F074 0x800706BA"),
        (
            vec![lookup("192.0.2.53", LOCAL), lookup("192.0.2.54", Some(Reason::Nxdomain))],
            "blocked srv nxdomain 0x8007232B",
        ),
    ];
    for (targets, expected) in cases {
        let verdict = on_kms(targets);
        assert_eq!(essence(&verdict), expected);
        assert_eq!(verdict.problems.is_empty(), expected.starts_with("unknown"));
    }
}

#[test]
fn a_domain_that_is_passed_over_does_not_decide() {
    let targets = vec![lookup("192.0.2.53", Some(Reason::Nxdomain)), lookup("192.0.2.54", LOCAL)];
    let search = Discovered { search: true, ..Discovered::default() };
    let walk = crate::walk::kms::Walk { discovered: Some(std::sync::Arc::new(search)), ..walk(targets) };
    assert_eq!(essence(&Worded::new("corp", &Walk::Kms(walk))), "unknown srv local_error");
}

#[test]
fn one_that_could_not_be_measured_among_others_is_no_problem() {
    let unmeasured = || host("kms02", "192.0.2.2", Stage::Tcp, LOCAL);
    let works = on_kms(vec![good("kms01"), unmeasured()]);
    assert_eq!(essence(&works), "ok");
    assert_eq!(
        works.summary,
        "Path corp works: its KMS host answers; 1 target could not be measured from this machine."
    );
    let half = on_kms(vec![good("kms01"), unmeasured(), host("kms03", "192.0.2.3", Stage::Tcp, Some(Reason::Refused))]);
    assert_eq!((essence(&half).as_str(), half.problems.len()), ("degraded tcp refused", 1));
    assert!(half.summary.starts_with("Path corp works through 1 of 2 KMS targets, but kms03"), "{}", half.summary);
    let unmeasured = crate::text::unmeasured(Words::ENGLISH, &half);
    assert_eq!(unmeasured.as_deref(), Some("1 target could not be measured from this machine."));
}

#[test]
fn the_sentence_says_what_this_machine_could_not_do() {
    let verdict = on_kms(vec![host("kms01", "192.0.2.1", Stage::Tcp, LOCAL)]);
    assert_eq!(verdict.summary, "Path corp cannot be judged: this machine could not connect (local_error).");
    assert!(verdict.next_steps[0].starts_with("Look at the machine that measures"), "{:?}", verdict.next_steps);
    assert!(verdict.next_steps.iter().all(|step| !step.contains("slmgr")), "{:?}", verdict.next_steps);
}

#[test]
fn what_monitors_a_path_can_say_that_it_has_no_verdict() {
    let early = Verdict::not_measured();
    assert_eq!((essence(&early).as_str(), first_steps(Words::ENGLISH, &early).len()), ("unknown", 0));
    assert_eq!(
        summary(Words::ENGLISH, "corp", &early),
        "Path corp cannot be judged yet: nothing on it has been measured."
    );
    let failed = Verdict::monitor_failed("index out of bounds");
    assert_eq!(essence(&failed), "unknown");
    let shown = summary(Words::ENGLISH, "corp", &failed);
    assert!(shown.ends_with(" failed (index out of bounds)."), "{shown}");
    assert!(first_steps(Words::ENGLISH, &failed)[0].starts_with("Restart it"));
}

#[test]
fn online_a_role_is_lost_only_by_what_was_measured() {
    let ours = |number, proxy: &str| activation(number, proxy, Some((Stage::Tcp, Reason::LocalError)));
    let refused = |number, proxy: &str| activation(number, proxy, Some((Stage::Tcp, Reason::Refused)));
    let gone = || revocation(DIRECT, Some((Stage::Tcp, Reason::Refused)));
    let cases = [
        (vec![], "unknown"),
        (vec![ours(1, DIRECT)], "unknown tcp local_error"),
        (vec![ours(1, DIRECT), ours(2, PROXY)], "unknown tcp local_error"),
        (vec![ours(1, DIRECT), revocation(DIRECT, None)], "unknown tcp local_error"),
        (vec![ours(1, DIRECT), gone()], "unknown tcp local_error"),
        (vec![ours(1, DIRECT), activation(2, DIRECT, None)], "ok"),
        (vec![ours(1, DIRECT), activation(1, PROXY, None)], "ok"),
        (vec![refused(1, DIRECT), ours(1, PROXY)], "blocked tcp refused 0x80072EFD"),
        (vec![ours(1, DIRECT), activation(2, DIRECT, None), gone()], "degraded tcp refused"),
    ];
    for (targets, expected) in cases {
        assert_eq!(essence(&judged(targets)), expected);
    }
    // What only this program cannot do says no more of it.
    let limited = |number| activation(number, DIRECT, Some((Stage::Tls, Reason::NoCommonCipher)));
    for (targets, expected) in [
        (vec![limited(1)], "unknown tls no_common_cipher"),
        (vec![ours(1, DIRECT), limited(2)], "unknown tls no_common_cipher"),
        (vec![limited(1), activation(2, DIRECT, None)], "ok"),
        (vec![limited(1), refused(2, DIRECT)], "blocked tcp refused 0x80072EFD"),
    ] {
        assert_eq!(essence(&judged(targets)), expected);
    }
    let verdict = judged(vec![ours(1, DIRECT), activation(2, DIRECT, None)]);
    assert!(verdict.summary.ends_with("; 1 target could not be measured from this machine."), "{}", verdict.summary);
}
