//! What the machines on a path report, held against what was seen of its way.
//!
//! Where the way works and machines fail all the same, either they stand elsewhere in the network, which their codes
//! tell, or the fault is their own. And some cannot be helped by the way at all: a key that no KMS host activates, one
//! for another edition, an evaluation that ends.

mod advice;
mod failing;
#[cfg(test)]
mod tests;

use super::judgement::Judgement;
use super::{Problem, Status};
use crate::fleet::Symptoms;
use crate::observation::{Reason, Stage};
use crate::walk::Walk;
use crate::walk::kms::{self, CountStanding};
use crate::words::day_of;
use failing::failing;

/// Adds what machines report to what their way adds up to. Which of them fail is of no use where it `is_outdated`.
pub(super) fn consider(judgement: &mut Judgement, walk: &Walk, symptoms: &Symptoms, is_outdated: bool) {
    let is_blocked = judgement.status == Status::Blocked;
    let blamed = judgement.problems.first().map(|problem| (problem.stage, problem.reason));
    // A way that could not be walked says nothing of anyone's.
    if is_blocked && blamed.is_none_or(|(_, reason)| reason == Reason::LocalError) {
        return;
    }
    let mut problems = Vec::new();
    // Where the way is blocked, that is why they fail.
    if !is_blocked && !is_outdated {
        problems.extend(failing(judgement, walk, symptoms).iter().map(|failing| failing.tell(walk)));
    }
    let duplicates = duplicates(walk, symptoms);
    if blamed.is_some_and(|(stage, _)| stage == Stage::Count) {
        // They are the cause of what is blamed, or a part of it.
        judgement.besides.extend(duplicates.iter().map(|problem| problem.summary.clone()));
    }
    problems.extend(duplicates);
    problems.extend(not_volume(symptoms));
    problems.extend(wrong_keys(symptoms));
    problems.extend(evaluations(symptoms));
    judgement.add(problems);
}

/// Machines that share an ID, where that may keep a count low: where it is not known to be high enough.
fn duplicates(walk: &Walk, symptoms: &Symptoms) -> Option<Problem> {
    let Walk::Kms(walk) = walk else { return None };
    // Of a host that does not work nothing is known, unless that is for its count.
    let mut hosts = walk.hosts().filter(|host| host.works() || host.count.is_some()).peekable();
    let has_enough = |host: &kms::Host| host.count.is_some_and(|count| count.standing == CountStanding::Enough);
    let is_enough = hosts.peek().is_some() && hosts.all(has_enough);
    if symptoms.duplicates.is_empty() || is_enough {
        return None;
    }
    let Symptoms { duplicates, duplicate_ids, .. } = symptoms;
    let ids = if *duplicate_ids == 1 {
        "one client machine ID".to_owned()
    } else {
        format!("{duplicate_ids} client machine IDs")
    };
    Some(Problem {
        stage: Stage::Count,
        reason: Reason::DuplicateIds,
        machines: Some(duplicates.machines),
        summary: format!(
            "{} share {ids}, and a KMS host counts those with the same one once",
            machines_in_words(duplicates.machines)
        ),
        next_steps: advice::duplicates(duplicates.example()),
    })
}

fn not_volume(symptoms: &Symptoms) -> Option<Problem> {
    let Symptoms { not_volume, .. } = symptoms;
    let verb = if not_volume.machines == 1 { "has" } else { "have" };
    (!not_volume.is_empty()).then(|| Problem {
        stage: Stage::Client,
        reason: Reason::NotVolume,
        machines: Some(not_volume.machines),
        summary: format!(
            "{} {verb} a MAK or retail key that is not activated, and no KMS host activates those",
            machines_in_words(not_volume.machines)
        ),
        next_steps: advice::not_volume(not_volume.example()),
    })
}

fn wrong_keys(symptoms: &Symptoms) -> Option<Problem> {
    let Symptoms { wrong_keys, wrong_key, .. } = symptoms;
    let wrong_key = wrong_key.as_ref()?;
    let verb = if wrong_keys.machines == 1 { "has" } else { "have" };
    Some(Problem {
        stage: Stage::Client,
        reason: Reason::WrongKey,
        machines: Some(wrong_keys.machines),
        summary: format!(
            "{} {verb} the published key of another edition: {}, with {}, has that of {} (it ends in {})",
            machines_in_words(wrong_keys.machines),
            wrong_keys.example(),
            wrong_key.product,
            wrong_key.edition,
            wrong_key.last_five
        ),
        next_steps: advice::wrong_key(wrong_keys.example(), wrong_key),
    })
}

fn evaluations(symptoms: &Symptoms) -> Option<Problem> {
    let Symptoms { evaluations, first_evaluation_end, .. } = symptoms;
    let example = evaluations.example();
    let end = first_evaluation_end.map(day_of);
    let summary = match (evaluations.machines, end) {
        (0, _) => return None,
        (1, Some(day)) => format!("the evaluation on {example} ends or ended on {day}"),
        (1, None) => format!("the evaluation on {example} is over"),
        (machines, Some(day)) => {
            format!("the evaluations on {machines} machines end or are over, that on {example} first, on {day}")
        }
        (machines, None) => format!("the evaluations on {machines} machines end or are over, that on {example} first"),
    };
    Some(Problem {
        stage: Stage::Client,
        reason: Reason::EvaluationEnding,
        machines: Some(evaluations.machines),
        summary: format!("{summary}: Windows then shuts down every hour"),
        next_steps: advice::evaluation(example),
    })
}

/// `1 machine`, `12 machines`.
fn machines_in_words(machines: u64) -> String {
    if machines == 1 { "1 machine".to_owned() } else { format!("{machines} machines") }
}
