//! What the machines on a path report, held against what was seen of the path.
//!
//! Where the path works and machines fail all the same, either they are elsewhere in the network, which their codes
//! show, or the fault is their own. And some cannot be helped by the path at all: a key that no KMS host activates, one
//! for another edition, an evaluation that ends.

mod failing;

use super::judgement::Judgement;
use super::subject::{Evaluations, Example, SharedIds, Subject, WrongKey};
use super::{Problem, Status};
use crate::fleet::{Affected, Symptoms};
use crate::observation::{Reason, Stage};
use crate::walk::Walk;
use crate::walk::kms::{self, CountState};
use failing::failing;
use std::collections::BTreeSet;

/// Adds what machines report to the judgement of their path. That they fail for what passed again at the stages that
/// `recovered` since is of no use.
pub(super) fn consider(judgement: &mut Judgement, walk: &Walk, symptoms: &Symptoms, recovered: &BTreeSet<Stage>) {
    // A path that could not be measured says nothing of anyone's.
    if judgement.status == Status::Unknown {
        return;
    }
    let mut problems = Vec::new();
    // Where the path is blocked, that is why they fail.
    if judgement.status != Status::Blocked {
        problems.extend(failing(judgement, walk, symptoms, recovered));
    }
    // They are the cause of a count that is blamed, or a part of it.
    let is_count_blamed = judgement.problems.first().is_some_and(|blamed| blamed.stage == Stage::Count);
    let duplicates = duplicates(walk, symptoms);
    problems.extend(duplicates.map(|problem| Problem { contributes: is_count_blamed, ..problem }));
    problems.extend(not_volume(symptoms));
    problems.extend(wrong_keys(symptoms));
    problems.extend(evaluations(symptoms));
    judgement.add(problems);
}

/// A problem of machines.
fn problem(stage: Stage, reason: Reason, affected: &Affected, subject: Subject) -> Problem {
    let names = affected.names().map(Into::into).collect();
    Problem { stage, reason, machines: Some(affected.machines), names, subject, contributes: false }
}

/// Machines that share an ID, where that may keep a count low: where it is not known to be high enough.
fn duplicates(walk: &Walk, symptoms: &Symptoms) -> Option<Problem> {
    let Walk::Kms(walk) = walk else { return None };
    // Of a host that does not work nothing is known, unless that is for its count.
    let mut hosts = walk.hosts().filter(|host| host.works() || host.counts().next().is_some()).peekable();
    let has_enough = |host: &kms::Host| {
        host.counts().next().is_some() && host.counts().all(|count| count.state == CountState::Enough)
    };
    let is_enough = hosts.peek().is_some() && hosts.all(has_enough);
    let Symptoms { duplicates, duplicate_ids, .. } = symptoms;
    let subject = SharedIds { ids: *duplicate_ids, example: Example::from(duplicates) };
    (!duplicates.is_empty() && !is_enough)
        .then(|| problem(Stage::Count, Reason::DuplicateIds, duplicates, Subject::SharedIds(subject)))
}

fn not_volume(symptoms: &Symptoms) -> Option<Problem> {
    let affected = Some(&symptoms.not_volume).filter(|affected| !affected.is_empty())?;
    let subject = Subject::NotVolume(affected.into());
    Some(problem(Stage::Client, Reason::NotVolume, affected, subject))
}

fn wrong_keys(symptoms: &Symptoms) -> Option<Problem> {
    let (affected, key) = (&symptoms.wrong_keys, symptoms.wrong_key.as_ref()?);
    let subject = WrongKey {
        product: key.product.clone(),
        edition: key.edition,
        last_five: key.last_five,
        example: Example::from(affected),
    };
    Some(problem(Stage::Client, Reason::WrongKey, affected, Subject::WrongKey(subject)))
}

fn evaluations(symptoms: &Symptoms) -> Option<Problem> {
    let affected = Some(&symptoms.evaluations).filter(|affected| !affected.is_empty())?;
    let subject = Evaluations { first_end: symptoms.first_evaluation_end, example: affected.into() };
    Some(problem(Stage::Client, Reason::EvaluationEnding, affected, Subject::Evaluations(subject)))
}
