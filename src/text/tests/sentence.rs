//! What is put together in a summary: who depends on a path, and what to do first.

use super::kms::{good, host, walk};
use crate::fleet::Runway;
use crate::observation::{Reason, Stage};
use crate::text::summary;
use crate::verdict::{Reported, Verdict, judge};
use crate::walk::Walk;
use crate::walk::kms::Target;

fn judged(targets: Vec<Target>, runway: &Runway) -> Verdict {
    judge(&Walk::Kms(walk(targets)), Reported { runway: Some(runway), ..Reported::default() })
}

fn refusing() -> Vec<Target> {
    vec![host("kms01", "192.0.2.1", Stage::Tcp, Some(Reason::Refused))]
}

fn runway(machines: u64, lost: u64, first: Option<&str>) -> Runway {
    Runway {
        machines,
        lost,
        first_expiry: first.map(|moment| moment.parse().unwrap()),
        first_machine: first.map(|_| "ws0417".to_owned()),
        ..Runway::default()
    }
}

#[test]
fn who_depends_on_a_path_is_shown_with_what_is_wrong_with_it() {
    let first = Some("2026-12-03T04:10:00Z");
    let expected = [
        (runway(412, 0, first), "412 machines depend on it; the first, ws0417, loses activation on 2026-12-03"),
        (runway(1, 0, None), "1 machine depends on it"),
        (
            runway(9, 2, first),
            "9 machines depend on it, of which 2 lost activation already; the next, ws0417, loses activation on \
             2026-12-03",
        ),
        (runway(2, 2, None), "2 machines depend on it and lost activation already"),
    ];
    for (runway, clause) in expected {
        let summary = summary("corp", &judged(refusing(), &runway));
        assert!(summary.contains(&format!("in event 12288; {clause}; what to do first: ")), "{summary}");
    }
    assert!(!summary("corp", &judged(refusing(), &runway(0, 0, None))).contains("depend"));
    assert_eq!(
        summary("corp", &judged(vec![good("kms01")], &runway(5, 0, first))),
        "Path corp works: its KMS host answers."
    );
}

#[test]
fn what_to_do_first_ends_the_sentence() {
    let nothing = Runway::default();
    assert_eq!(
        summary("corp", &judged(refusing(), &nothing)),
        "Path corp is blocked at tcp: kms01:1688 (192.0.2.1) refuses connections; clients show 0xC004F074, with \
         0x800706BA in event 12288; what to do first: on kms01: `slmgr /dlv` shows whether it still is a KMS host; where \
         it is, `Restart-Service sppsvc`."
    );
}

#[test]
fn a_copy_shares_what_is_long() {
    let verdict = judged(refusing(), &Runway::default());
    assert!(std::sync::Arc::ptr_eq(&verdict.problems, &verdict.clone().problems));
}
