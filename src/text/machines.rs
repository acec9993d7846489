//! What is wrong with machines on a path, as clauses of a sentence.

use super::NAMED;
use crate::codes::Code;
use crate::observation::{Reason, Stage};
use crate::verdict::Problem;
use crate::verdict::subject::{Evaluations, Example, Failing, Reporters, SharedIds, WrongKey};
use crate::words::day_of;

/// A machine in place of those whose names are not known.
const ONE_OF_THEM: &str = "one of them";

/// The machine named as an example.
pub(super) fn example(example: &Example) -> &str {
    example.example.as_deref().unwrap_or(ONE_OF_THEM)
}

/// The group of machines that says the most: one that reports a code.
pub(super) fn telling(failing: &Failing) -> (Option<Code>, &str) {
    let telling = failing.codes.iter().find(|reporters| reporters.code.is_some()).or_else(|| failing.codes.first());
    telling.map_or((None, ONE_OF_THEM), |reporters| (reporters.code, example(&reporters.example)))
}

/// Machines that fail although the path works.
pub(super) fn failing(problem: &Problem, failing: &Failing) -> String {
    let machines = counted(problem);
    let is_one = problem.machines == Some(1);
    let codes = codes(&failing.codes);
    let report = if is_one { "reports" } else { "report" };
    let reporting = format!("{machines} {report} {codes}");
    let elsewhere =
        if is_one { "it may stand elsewhere in the network" } else { "they may stand elsewhere in the network" };
    match (problem.reason, problem.stage) {
        (Reason::Elsewhere, Stage::Clock) if !failing.is_host_clock_known => {
            let between = if is_one { "its clock" } else { "their clocks" };
            format!(
                "{reporting}: more than four hours lie between {between} and that of the KMS host, which cannot be read \
                 from here"
            )
        }
        (Reason::Elsewhere, Stage::Clock) => {
            let own = if is_one { "its own is not" } else { "their own are not" };
            format!("{reporting}, while the clock of the KMS host is right: {own}")
        }
        (Reason::Elsewhere, stage @ (Stage::Host | Stage::Count)) => {
            format!("{reporting}, while {stage} is fine here: another KMS host may answer there")
        }
        (Reason::Elsewhere, stage) if !failing.passes_here => {
            format!("{reporting}, of {stage}, which is no part of the way from here: {elsewhere}")
        }
        (Reason::Elsewhere, stage) => format!("{reporting}, while {stage} passes from here: {elsewhere}"),
        (Reason::Unlicensed | Reason::TooLow, _) => format!("{reporting} of the KMS host"),
        _ => {
            let are = if is_one { "is" } else { "are" };
            let who = who_reports(&failing.codes);
            format!("{machines} on it {are} not activated or renewed, though the way is fine: {who}")
        }
    }
}

/// `0xC004F074 or 0x800706BA`.
fn codes(reporters: &[Reporters]) -> String {
    let codes: Vec<_> = reporters.iter().take(NAMED).map(|reporters| named(reporters.code)).collect();
    codes.join(" or ")
}

/// `0xC004F074`, or `no code`.
fn named(code: Option<Code>) -> String {
    code.map_or_else(|| "no code".to_owned(), |code| code.to_string())
}

/// `they report 0xC004F050`, or `7 report 0xC004F050, 2 report no code`.
fn who_reports(reporters: &[Reporters]) -> String {
    let report = |machines| if machines == 1 { "reports" } else { "report" };
    if let [Reporters { code, machines, .. }] = reporters {
        let they = if *machines == 1 { "it" } else { "they" };
        return format!("{they} {} {}", report(*machines), named(*code));
    }
    let first = reporters.iter().take(NAMED);
    let mut groups: Vec<_> =
        first.map(|group| format!("{} {} {}", group.machines, report(group.machines), named(group.code))).collect();
    let rest: u64 = reporters.iter().skip(NAMED).map(|group| group.machines).sum();
    if rest > 0 {
        groups.push(format!("{rest} {} other codes", report(rest)));
    }
    groups.join(", ")
}

/// Machines that KMS hosts count as one.
pub(super) fn shared_ids(problem: &Problem, shared: &SharedIds) -> String {
    let ids = match shared.ids {
        1 => "one client machine ID".to_owned(),
        ids => format!("{ids} client machine IDs"),
    };
    format!("{} share {ids}, and a KMS host counts those with the same one once", counted(problem))
}

/// Machines whose keys no KMS host activates.
pub(super) fn not_volume(problem: &Problem) -> String {
    let (machines, have) = (counted(problem), has_or_have(problem));
    format!("{machines} {have} a MAK or retail key that is not activated, and no KMS host activates those")
}

/// Machines with the published key of another edition.
pub(super) fn wrong_key(problem: &Problem, key: &WrongKey) -> String {
    let (machines, have) = (counted(problem), has_or_have(problem));
    let WrongKey { product, edition, last_five, example: first } = key;
    format!(
        "{machines} {have} the published key of another edition: {}, with {product}, has that of {edition} (it ends in \
         {last_five})",
        example(first)
    )
}

/// Machines whose evaluation ends.
pub(super) fn evaluations(problem: &Problem, evaluations: &Evaluations) -> String {
    let example = example(&evaluations.example);
    let ending = match (problem.machines, evaluations.first_end.map(day_of)) {
        (Some(1), Some(day)) => format!("the evaluation on {example} ends or ended on {day}"),
        (Some(1), None) => format!("the evaluation on {example} is over"),
        (_, Some(day)) => {
            format!("the evaluations on {} end or are over, that on {example} first, on {day}", counted(problem))
        }
        (_, None) => format!("the evaluations on {} end or are over, that on {example} first", counted(problem)),
    };
    format!("{ending}: Windows then shuts down every hour")
}

/// `1 machine`, `12 machines`.
fn counted(problem: &Problem) -> String {
    match problem.machines.unwrap_or_default() {
        1 => "1 machine".to_owned(),
        machines => format!("{machines} machines"),
    }
}

const fn has_or_have(problem: &Problem) -> &'static str {
    if matches!(problem.machines, Some(1)) { "has" } else { "have" }
}
