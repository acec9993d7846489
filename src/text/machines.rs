//! What is wrong with machines on a path, as clauses of a sentence.

use super::{Words, codes, names, say};
use crate::fleet::Urgency;
use crate::observation::{Reason, Stage};
use crate::verdict::Problem;
use crate::verdict::subject::{Evaluations, Example, Failing, Reporters, SharedIds, WrongKey};
use crate::words::day_of;

/// The machine named as an example.
pub(super) fn example(words: Words, example: &Example) -> String {
    example.example.as_deref().map_or_else(|| say!(words, "one-of-them"), str::to_owned)
}

/// The group of machines that says the most: one that reports a code.
pub(super) fn reporters(failing: &Failing) -> Option<&Reporters> {
    failing.codes.iter().find(|reporters| reporters.code.is_some()).or_else(|| failing.codes.first())
}

/// Machines that fail although the path works.
pub(super) fn failing(words: Words, problem: &Problem, failing: &Failing) -> String {
    let kind = match (problem.reason, problem.stage) {
        (Reason::Elsewhere, Stage::Clock) if failing.is_host_clock_known => "clock_right",
        (Reason::Elsewhere, Stage::Clock) => "clock_unread",
        (Reason::Elsewhere, Stage::Host | Stage::Count) => "host",
        (Reason::Elsewhere, _) if failing.passes_here => "passes",
        (Reason::Elsewhere, _) => "not_walked",
        _ => "",
    };
    let (names, count, stage) = (names::machines(words, problem), machines(problem), problem.stage.as_str());
    let code = reporters(failing).and_then(|reporters| reporters.code);
    let codes = code.map_or(0, |_| failing.codes.len() + failing.more_codes);
    let code = code.map(|code| codes::with_meaning(words, code)).unwrap_or_default();
    let urgency = match failing.urgency {
        Urgency::Lost => "lost",
        Urgency::WithinWeek => "week",
        Urgency::Later => "later",
    };
    match (problem.reason, problem.stage) {
        (Reason::Elsewhere, _) if failing.is_own_view => {
            let network = if failing.networks.is_empty() { "unknown" } else { "known" };
            let networks = names::joined(words, failing.networks.iter());
            let passes = if failing.passes_here { "passes" } else { "not_walked" };
            say!(
                words,
                "machines-cut-off",
                network = network,
                networks = networks,
                names = names,
                count = count,
                stage = stage,
                passes = passes,
            )
        }
        (Reason::Elsewhere, _) => {
            say!(
                words,
                "machines-elsewhere",
                kind = kind,
                urgency = urgency,
                stage = stage,
                names = names,
                count = count,
                code = code,
                codes = codes,
            )
        }
        (Reason::Unlicensed | Reason::TooLow, _) => {
            say!(words, "machines-of-host", urgency = urgency, names = names, count = count, code = code, codes = codes)
        }
        _ => say!(
            words,
            "machines-not-activated",
            urgency = urgency,
            names = names,
            count = count,
            code = code,
            codes = codes
        ),
    }
}

/// Machines that KMS hosts count as one.
pub(super) fn shared_ids(words: Words, problem: &Problem, shared: &SharedIds) -> String {
    say!(words, "shared-ids-problem", names = names::machines(words, problem), ids = shared.ids)
}

/// Machines whose keys no KMS host activates.
pub(super) fn not_volume(words: Words, problem: &Problem) -> String {
    say!(words, "not-volume-problem", names = names::machines(words, problem), count = machines(problem))
}

/// Machines with the published key of another edition.
pub(super) fn wrong_key(words: Words, problem: &Problem, key: &WrongKey) -> String {
    let (names, count) = (names::machines(words, problem), machines(problem));
    let last_five = key.last_five.to_string();
    say!(words, "wrong-key-problem", names = names, count = count, edition = key.edition, last_five = last_five)
}

/// Machines whose evaluation ends.
pub(super) fn evaluations(words: Words, problem: &Problem, evaluations: &Evaluations) -> String {
    let day = evaluations.first_end.map_or_else(|| "none".to_owned(), day_of);
    say!(words, "evaluations-problem", names = names::machines(words, problem), count = machines(problem), day = day,)
}

fn machines(problem: &Problem) -> u64 {
    problem.machines.unwrap_or_default()
}
