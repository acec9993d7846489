//! What the machines on a path report, held against what was seen of its way.
//!
//! Where the way works and machines fail all the same, either they stand elsewhere in the network, which their codes
//! tell, or the fault is their own. And some cannot be helped by the way at all: a key that no KMS host activates, one
//! for another edition, an evaluation that ends.

mod advice;
#[cfg(test)]
mod tests;

use super::judgement::Judgement;
use super::{Problem, Status, TOLD};
use crate::clock::comparison::Clocks;
use crate::codes::{self, Code};
use crate::knowledge::facts;
use crate::observation::{Observation, Reason, Stage};
use crate::status::fleet::{Affected, Symptoms};
use crate::walk::Walk;
use crate::walk::kms::{self, CountStanding};
use crate::words::day_of;
use std::cmp::Reverse;

/// The machines that fail at one stage, by the codes they report.
#[derive(Debug)]
struct Failing<'a> {
    stage: Stage,
    reason: Reason,
    codes: Vec<(Option<Code>, &'a Affected)>,
}

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

/// The machines that fail although their way works, by the stage at which they do; where the most do comes first.
fn failing<'a>(judgement: &Judgement, walk: &Walk, symptoms: &'a Symptoms) -> Vec<Failing<'a>> {
    let mut failing: Vec<Failing<'a>> = Vec::new();
    for (code, machines) in &symptoms.failing {
        let Some((stage, reason)) = place(*code, judgement, walk) else { continue };
        match failing.iter_mut().find(|known| (known.stage, known.reason) == (stage, reason)) {
            Some(known) => known.codes.push((*code, machines)),
            None => failing.push(Failing { stage, reason, codes: vec![(*code, machines)] }),
        }
    }
    failing.sort_by_key(|failing| Reverse(failing.machines()));
    failing
}

/// At which stage a machine fails that reports this code, and why; `None` where what was seen of the way explains it.
fn place(code: Option<Code>, judgement: &Judgement, walk: &Walk) -> Option<(Stage, Reason)> {
    let at_home = Some((Stage::Client, Reason::NotActivated));
    let Some(code) = code else { return at_home };
    let Some(stage) = stage_of(code, walk) else {
        // Of a KMS host that cannot serve one product, such as a newer one, the way says nothing.
        let stage = facts::fact(code).and_then(|fact| fact.stage).filter(|stage| *stage == Stage::Host);
        return stage.map(|stage| (stage, Reason::NotActivated)).or(at_home);
    };
    let explains = |reason: Reason, is_same: bool| match reason {
        // Nobody fails for these.
        Reason::Idle
        | Reason::Expiring
        | Reason::OwnClock
        // Nor for what DNS says beside the hosts they find.
        | Reason::UnexpectedHost
        | Reason::MissingHost => false,
        // For these only who is a little worse off: at the same stage.
        Reason::Drifted | Reason::Low => is_same,
        _ => true,
    };
    let is_explained = judgement.problems.iter().any(|problem| {
        let is_same = problem.stage == stage;
        (is_same || codes_of(walk)(code).contains(&problem.stage)) && explains(problem.reason, is_same)
    });
    if is_explained {
        return None;
    }
    let reason = match (stage, walk) {
        (Stage::Host, Walk::Kms(walk)) if !is_known_of_all(walk, stage) => Reason::Unlicensed,
        (Stage::Count, Walk::Kms(walk)) if !is_known_of_all(walk, stage) => Reason::TooLow,
        _ => Reason::Elsewhere,
    };
    Some((stage, reason))
}

/// The stages of a walk whose failure shows a code.
fn codes_of(walk: &Walk) -> fn(Code) -> std::collections::BTreeSet<Stage> {
    match walk {
        Walk::Kms(_) => codes::kms_stages,
        Walk::Online(_) => codes::online_stages,
    }
}

/// The stage of a walk that a code belongs to; `None` for one that has to do with the client alone, or with the other
/// kind of way.
fn stage_of(code: Code, walk: &Walk) -> Option<Stage> {
    let predicted = codes_of(walk)(code);
    let described = facts::fact(code).and_then(|fact| fact.stage);
    if predicted.is_empty() {
        let has_stage = |stage: &Stage| match walk {
            Walk::Kms(_) => matches!(stage, Stage::Srv | Stage::Address | Stage::Tcp | Stage::Rpc | Stage::Clock),
            Walk::Online(_) => *stage != Stage::Srv && *stage < Stage::Rpc,
        };
        let other = match walk {
            Walk::Kms(_) => codes::online_stages(code),
            Walk::Online(_) => codes::kms_stages(code),
        };
        return described.filter(|stage| other.is_empty() && has_stage(stage));
    }
    described.filter(|stage| predicted.contains(stage)).or_else(|| predicted.first().copied())
}

/// True where a stage was seen to pass somewhere on a walk.
fn is_known(walk: &Walk, stage: Stage) -> bool {
    walk.targets().iter().any(|target| passes(target.stages, stage))
}

/// True where a stage was seen to pass at every KMS host that works: which of them a machine asked is not known.
fn is_known_of_all(walk: &kms::Walk, stage: Stage) -> bool {
    walk.hosts().filter(|host| host.failure().is_none()).all(|host| passes(&host.stages, stage))
}

fn passes(stages: &[Observation], stage: Stage) -> bool {
    stages.iter().any(|seen| seen.stage == stage && seen.is_ok())
}

/// True where a KMS host was seen to have the right time itself, and ours does not stand for it.
fn is_host_clock_known(walk: &Walk) -> bool {
    let Walk::Kms(walk) = walk else { return false };
    walk.hosts().any(|host| host.clock.is_some_and(|known| known.clocks != Clocks::OursAndTrueTime))
}

impl Failing<'_> {
    fn machines(&self) -> u64 {
        self.codes.iter().map(|(_, affected)| affected.machines).sum()
    }

    fn tell(&self, walk: &Walk) -> Problem {
        let machines = self.machines();
        let codes = self.codes_in_words();
        let subject = machines_in_words(machines);
        let (report, stand, are) =
            if machines == 1 { ("reports", "it may stand", "is") } else { ("report", "they may stand", "are") };
        let summary = match (self.reason, self.stage) {
            (Reason::Elsewhere, Stage::Clock) if !is_host_clock_known(walk) => format!(
                "{subject} {report} {codes}: more than four hours lie between {} and that of the KMS host, which cannot be read \
                 from here",
                if machines == 1 { "its clock" } else { "their clocks" }
            ),
            (Reason::Elsewhere, Stage::Clock) => {
                format!(
                    "{subject} {report} {codes}, while the clock of the KMS host is right: {}",
                    if machines == 1 { "its own is not" } else { "their own are not" }
                )
            }
            (Reason::Elsewhere, stage @ (Stage::Host | Stage::Count)) => {
                format!("{subject} {report} {codes}, while {stage} is fine here: another KMS host may answer there")
            }
            (Reason::Elsewhere, stage) if !is_known(walk, stage) => {
                format!(
                    "{subject} {report} {codes}, of {stage}, which is no part of the way from here: {stand} elsewhere in the network"
                )
            }
            (Reason::Elsewhere, stage) => {
                format!("{subject} {report} {codes}, while {stage} passes from here: {stand} elsewhere in the network")
            }
            (Reason::Unlicensed | Reason::TooLow, _) => format!("{subject} {report} {codes} of the KMS host"),
            _ => format!(
                "{subject} on it {are} not activated or renewed, though the way is fine: {}",
                self.who_reports()
            ),
        };
        // One that tells a code says more.
        let telling = self.codes.iter().find(|(code, _)| code.is_some()).or_else(|| self.codes.first());
        let (code, example) = telling.map_or((None, "one of them"), |(code, affected)| (*code, affected.example()));
        let next_steps = match self.reason {
            Reason::Elsewhere => advice::elsewhere(self.stage, example, walk, is_host_clock_known(walk)),
            _ => advice::not_activated(code, example),
        };
        Problem { stage: self.stage, reason: self.reason, summary, next_steps }
    }

    /// `0xC004F074 or 0x800706BA`.
    fn codes_in_words(&self) -> String {
        let codes = self.codes.iter().filter_map(|(code, _)| *code).take(TOLD);
        codes.map(|code| code.to_string()).collect::<Vec<_>>().join(" or ")
    }

    /// `they report 0xC004F050`, or `7 report 0xC004F050, 2 no code`.
    fn who_reports(&self) -> String {
        let name = |code: Option<Code>| code.map_or_else(|| "no code".to_owned(), |code| code.to_string());
        let report = |machines| if machines == 1 { "reports" } else { "report" };
        if let [(code, affected)] = self.codes.as_slice() {
            let they = if affected.machines == 1 { "it" } else { "they" };
            return format!("{they} {} {}", report(affected.machines), name(*code));
        }
        let told = self.codes.iter().take(TOLD);
        let mut told: Vec<_> = told
            .map(|(code, affected)| format!("{} {} {}", affected.machines, report(affected.machines), name(*code)))
            .collect();
        let rest: u64 = self.codes.iter().skip(TOLD).map(|(_, affected)| affected.machines).sum();
        if rest > 0 {
            told.push(format!("{rest} {} other codes", report(rest)));
        }
        told.join(", ")
    }
}

/// Machines that share an ID, where that may keep a count low: where it is not known to be high enough.
fn duplicates(walk: &Walk, symptoms: &Symptoms) -> Option<Problem> {
    let Walk::Kms(walk) = walk else { return None };
    // Of a host that does not work nothing is known, unless that is for its count.
    let mut hosts = walk.hosts().filter(|host| host.failure().is_none() || host.count.is_some()).peekable();
    let has_enough = |host: &kms::Target| host.count.is_some_and(|count| count.standing == CountStanding::Enough);
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
        summary: format!("{summary}: Windows then shuts down every hour"),
        next_steps: advice::evaluation(example),
    })
}

/// `1 machine`, `12 machines`.
fn machines_in_words(machines: u64) -> String {
    if machines == 1 { "1 machine".to_owned() } else { format!("{machines} machines") }
}
