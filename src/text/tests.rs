//! Verdicts as tables: walks in, verdicts and their words out.

mod clocks;
mod every_subject;
mod intermittent;
mod kms;
mod machines;
mod online;
mod plain;
mod sentence;
mod unknown;

use super::{Words, clause, first_steps, summary};
use crate::observation::{Failure, Observation, Reason, Stage};
use crate::verdict::{self, Reported, Verdict};
use crate::walk::Walk;
use std::ops::Deref;
use std::time::Duration;

/// A verdict with its words.
struct Worded {
    verdict: Verdict,
    summary: String,
    next_steps: Vec<String>,
}

impl Deref for Worded {
    type Target = Verdict;

    fn deref(&self) -> &Verdict {
        &self.verdict
    }
}

impl Worded {
    /// The verdict on a walk along the path called `name`.
    fn new(name: &str, walk: &Walk) -> Self {
        let verdict = verdict::judge(walk, Reported::default());
        let words = Words::ENGLISH;
        Self { summary: summary(words, name, &verdict), next_steps: first_steps(words, &verdict), verdict }
    }

    /// The clauses of all problems.
    fn clauses(&self) -> Vec<String> {
        self.problems.iter().map(|problem| clause(Words::ENGLISH, problem, self)).collect()
    }
}

/// The status, blamed stage and reason, and codes, in one line.
fn essence(verdict: &Verdict) -> String {
    let mut words = vec![verdict.status.as_str().to_owned()];
    words.extend(verdict.stage.map(|stage| stage.to_string()));
    words.extend(verdict.reason.map(|reason| reason.to_string()));
    words.extend([verdict.code, verdict.inner_code].into_iter().flatten().map(|code| code.to_string()));
    words.join(" ")
}

/// An observation that passed, or failed for a reason.
fn stage(stage: Stage, reason: Option<Reason>) -> Observation {
    let outcome = reason.map_or(Ok(String::new()), |reason| Err(Failure::new(reason, reason.as_str())));
    Observation::new(stage, outcome, Duration::from_millis(1))
}

/// That something failed in 3 of its last 6 rounds.
fn half_the_rounds(stage: Stage, reason: Reason) -> crate::walk::Intermittent {
    crate::walk::Intermittent { stage, reason, failures: 3, of: 6 }
}
