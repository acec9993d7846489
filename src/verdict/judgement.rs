//! A verdict in the making: what the way alone adds up to, then what machines on it report, then the sentence.

use super::{Problem, Status, TOLD, Verdict};
use crate::codes::Prediction;
use crate::fleet::Runway;
use crate::words::day_of;

/// The most problems of a path that are told apart.
pub(super) const MAX_PROBLEMS: usize = 20;

/// What is known so far.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) status: Status,
    /// How the sentence begins, without its end: `Path corp works through 1 of 2 KMS targets`.
    pub(super) opening: String,
    /// What is wrong; the one that is blamed first. About [`MAX_PROBLEMS`] at the most.
    pub(super) problems: Vec<Problem>,
    /// How many more problems there are.
    pub(super) more: usize,
    /// What clients show.
    pub(super) prediction: Prediction,
    /// What else the sentence about a blocked path tells.
    pub(super) besides: Vec<String>,
}

impl Judgement {
    /// Adds what is wrong beside the way. A path that is blocked stays that, and is blamed on its way.
    pub(super) fn add(&mut self, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.status = self.status.max(Status::Degraded);
        }
        // Of many targets that fail alike the last are left out, and not what machines report.
        let room = MAX_PROBLEMS.saturating_sub(problems.len()).max(1);
        self.more += self.problems.len().saturating_sub(room);
        self.problems.truncate(room);
        self.problems.extend(problems);
    }

    /// The verdict, with who depends on the path where something is wrong with it.
    pub(super) fn finish(self, runway: Option<&Runway>) -> Verdict {
        let mut summary = self.sentence();
        if let Some(runway) = runway.filter(|runway| runway.machines > 0 && self.status != Status::Ok) {
            summary.push_str("; ");
            summary.push_str(&dependents(runway));
        }
        let blamed = self.problems.first();
        let next_steps = blamed.map(|problem| problem.next_steps.clone()).unwrap_or_default();
        if let Some(step) = next_steps.first() {
            summary.push_str("; what to do first: ");
            summary.push_str(&decapitalized(step));
        }
        summary.push('.');
        let Prediction { code, inner_code } = self.prediction;
        let (stage, reason) = blamed.map(|problem| (problem.stage, problem.reason)).unzip();
        Verdict { status: self.status, stage, reason, code, inner_code, summary, next_steps, problems: self.problems }
    }

    /// What is broken, in one sentence without its end.
    pub(super) fn sentence(&self) -> String {
        let opening = &self.opening;
        match (self.status, self.problems.first()) {
            (Status::Degraded, Some(_)) => format!("{opening}, but {}", self.told()),
            (Status::Blocked, Some(blamed)) => {
                let shown = match (self.prediction.code, self.prediction.inner_code) {
                    (Some(code), Some(inner)) => format!("; clients show {code}, with {inner} in event 12288"),
                    (Some(code), None) => format!("; clients show {code}"),
                    (None, _) => String::new(),
                };
                let besides = match self.besides.as_slice() {
                    [] => String::new(),
                    besides => format!("; besides, {}", besides.join("; ")),
                };
                format!("{opening}: {}{shown}{besides}", blamed.summary)
            }
            _ => opening.clone(),
        }
    }

    /// The first problems, and how many more there are.
    fn told(&self) -> String {
        let mut told: Vec<_> = self.problems.iter().take(TOLD).map(|problem| problem.summary.clone()).collect();
        let rest = self.problems.len().saturating_sub(TOLD) + self.more;
        if rest > 0 {
            told.push(format!("{rest} more"));
        }
        told.join("; ")
    }
}

/// Who depends on a path, and when the first of them falls, as a clause.
fn dependents(runway: &Runway) -> String {
    let depend = match runway.machines {
        1 => "1 machine depends on it".to_owned(),
        machines => format!("{machines} machines depend on it"),
    };
    let lost = match runway.lost {
        0 => String::new(),
        lost if lost == runway.machines => return format!("{depend} and lost activation already"),
        lost => format!(", of which {lost} lost activation already"),
    };
    let Some(first) = runway.first_expiry else { return depend + &lost };
    let day = day_of(first);
    let next = if lost.is_empty() { "first" } else { "next" };
    let machine = runway.first_machine.as_ref().map(|machine| format!(", {machine},")).unwrap_or_default();
    format!("{depend}{lost}; the {next}{machine} loses activation on {day}")
}

/// A step as it stands within a sentence: `On kms01: ...` as `on kms01: ...`, while `TCP ...` stays.
fn decapitalized(step: &str) -> String {
    let mut characters = step.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(step.chars().skip(1)).collect()
        }
        _ => step.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Reason, Stage};

    fn summary(status: Status, steps: &[&str], runway: &Runway) -> String {
        let problem = Problem {
            stage: Stage::Tcp,
            reason: Reason::Refused,
            machines: None,
            summary: "it refuses".to_owned(),
            next_steps: steps.iter().map(ToString::to_string).collect(),
        };
        let judgement = Judgement {
            status,
            opening: "Path corp stands".to_owned(),
            problems: if status == Status::Ok { Vec::new() } else { vec![problem] },
            more: 0,
            prediction: Prediction::default(),
            besides: Vec::new(),
        };
        judgement.finish(Some(runway)).summary
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
    fn who_depends_on_a_path_is_told_with_what_is_wrong_with_it() {
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
            let told = summary(Status::Blocked, &[], &runway);
            assert_eq!(told, format!("Path corp stands: it refuses; {clause}."));
        }
        assert_eq!(summary(Status::Blocked, &[], &runway(0, 0, None)), "Path corp stands: it refuses.");
        assert_eq!(summary(Status::Ok, &[], &runway(5, 0, first)), "Path corp stands.");
    }

    #[test]
    fn what_to_do_first_ends_the_sentence() {
        let told = |steps: &[&str]| summary(Status::Degraded, steps, &Runway::default());
        assert_eq!(
            told(&["On kms01: `slmgr /dlv`", "Then this"]),
            "Path corp stands, but it refuses; what to do first: on kms01: `slmgr /dlv`."
        );
        assert_eq!(
            told(&["TCP 1688 is to be opened"]),
            "Path corp stands, but it refuses; what to do first: TCP 1688 is to be opened."
        );
    }
}
