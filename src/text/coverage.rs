//! The statement about a path: how much of it works, and what is broken.

use super::{Words, kms, names, say};
use crate::observation::{Reason, Stage};
use crate::verdict::{Coverage, Loss, Status, Verdict};

pub(super) fn works(words: Words, path: &str, verdict: &Verdict) -> String {
    let unmeasured = verdict.unmeasured;
    match &verdict.coverage {
        Coverage::Online { only, endpoints, proxies, .. } => {
            say!(
                words,
                "works-online",
                path = path,
                endpoints = *endpoints,
                endpoint = only.as_ref().map(ToString::to_string).unwrap_or_default(),
                proxies = proxies.len(),
                proxy_names = names::listed(words, proxies.iter(), proxies.len()),
                unmeasured = unmeasured,
            )
        }
        Coverage::Kms { expected, .. } => {
            let statement = say!(words, "works-kms", path = path, expected = *expected, unmeasured = unmeasured);
            if !says_unread(verdict) {
                return statement;
            }
            let clocks = kms::unread_clocks(words, &verdict.unread_clocks);
            say!(words, "works-though", statement = statement, clocks = clocks)
        }
        Coverage::Kept | Coverage::Unknown(_) => String::new(),
    }
}

/// True where the statement that a path works says whose clocks could not be read. It has no room for more.
pub(super) fn says_unread(verdict: &Verdict) -> bool {
    verdict.status == Status::Ok && verdict.unmeasured == 0 && !verdict.unread_clocks.is_empty()
}

/// What it was before a restart, and counts as until enough was measured.
pub(super) fn kept(words: Words, path: &str, verdict: &Verdict) -> String {
    let stage = verdict.stage.map_or("", Stage::as_str);
    let reason = verdict.reason.map_or("", Reason::as_str);
    say!(words, "kept", status = verdict.status.as_str(), path = path, stage = stage, reason = reason)
}

/// That it works, but there is a problem; with how much of it works, where that is less than all.
pub(super) fn degraded(words: Words, path: &str, coverage: &Coverage, is_of_path: bool, problem: String) -> String {
    let (coverage, working, all) = match coverage {
        Coverage::Kms { working: 0, expected: 1.. } => ("unexpected", 0, 0),
        Coverage::Kms { working, expected } if is_of_path && working < expected => ("hosts", *working, *expected),
        Coverage::Online { working, measured, loss, .. } if is_of_path && working < measured => {
            (if *loss == Loss::None { "activation" } else { "targets" }, *working, *measured)
        }
        _ => ("whole", 0, 0),
    };
    say!(words, "degraded", coverage = coverage, path = path, working = working, all = all, problem = problem)
}

/// That it is blocked, and for whom, where it is not everyone that the path is for.
pub(super) fn blocked(words: Words, path: &str, coverage: &Coverage, stage: Stage, problem: String) -> String {
    let whom = match coverage {
        Coverage::Online { loss: Loss::MakAndRetailKeys, .. } => "mak",
        Coverage::Online { loss: Loss::DigitalLicenses, .. } => "digital",
        Coverage::Kms { .. } | Coverage::Online { .. } | Coverage::Kept | Coverage::Unknown(_) => "all",
    };
    say!(words, "blocked", whom = whom, path = path, stage = stage.as_str(), problem = problem)
}
