//! The machines that fail although their way works: at which stage, and whether that is for where they stand or for
//! themselves.

use super::{advice, machines_in_words};
use crate::clock::comparison::Clocks;
use crate::codes::{self, Code};
use crate::fleet::{Affected, Symptoms};
use crate::knowledge::facts;
use crate::observation::{Observation, Reason, Stage};
use crate::verdict::judgement::Judgement;
use crate::verdict::{Problem, TOLD};
use crate::walk::Walk;
use crate::walk::kms;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The machines that fail at one stage, by the codes they report.
#[derive(Debug)]
pub(super) struct Failing<'a> {
    stage: Stage,
    reason: Reason,
    codes: Vec<(Option<Code>, &'a Affected)>,
}

/// The machines that fail although their way works, by the stage at which they do; where the most do comes first.
pub(super) fn failing<'a>(judgement: &Judgement, walk: &Walk, symptoms: &'a Symptoms) -> Vec<Failing<'a>> {
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
fn codes_of(walk: &Walk) -> fn(Code) -> BTreeSet<Stage> {
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
    walk.hosts().filter(|host| host.works()).all(|host| passes(&host.stages, stage))
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

    /// The same in words.
    pub(super) fn tell(&self, walk: &Walk) -> Problem {
        let machines = self.machines();
        let codes = self.codes_in_words();
        let subject = machines_in_words(machines);
        let (report, stand, are) =
            if machines == 1 { ("reports", "it may stand", "is") } else { ("report", "they may stand", "are") };
        let summary = match (self.reason, self.stage) {
            (Reason::Elsewhere, Stage::Clock) if !is_host_clock_known(walk) => format!(
                "{subject} {report} {codes}: more than four hours lie between {} and that of the KMS host, which cannot \
                 be read from here",
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
                    "{subject} {report} {codes}, of {stage}, which is no part of the way from here: {stand} elsewhere in \
                     the network"
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
        Problem { stage: self.stage, reason: self.reason, machines: Some(machines), summary, next_steps }
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
