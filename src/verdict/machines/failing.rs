//! The machines that fail although their path works: at which stage, and whether that is for where they are in the network
//! or for themselves.

use super::problem;
use crate::clock::comparison::Clocks;
use crate::codes::{self, Code};
use crate::fleet::{Affected, FailingMachines, Symptoms, Urgency};
use crate::knowledge::facts;
use crate::observation::{Observation, Reason, Stage};
use crate::verdict::Problem;
use crate::verdict::grouping::Grouping;
use crate::verdict::judgement::Judgement;
use crate::verdict::subject::{Failing, MAX_LISTED, Reporters, Subject};
use crate::walk::Walk;
use crate::walk::kms;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The machines that fail although their path works, by how urgent that is and the stage at which they do; of equals, where
/// the most do comes first. Those that are not lost are left out where what passed again since explains it.
pub(super) fn failing(
    judgement: &Judgement,
    walk: &Walk,
    symptoms: &Symptoms,
    recovered: &BTreeSet<Stage>,
) -> Vec<Problem> {
    let is_over = |group: &FailingMachines| {
        let explained = |code| !codes_of(walk)(code).is_disjoint(recovered);
        let may_be_over = group.urgency != Urgency::Lost && group.cut_off.is_none();
        may_be_over && !recovered.is_empty() && group.code.is_none_or(explained)
    };
    let groups = symptoms.failing.iter().filter(|group| !is_over(group));
    let mut by_place = Grouping::default();
    by_place.extend(groups.filter_map(|group| Some(((group.urgency, place(group, judgement, walk)?), group))));
    let groups = by_place.groups.into_iter();
    let mut problems: Vec<_> = groups
        .map(|((urgency, (stage, reason)), groups)| (urgency, failing_at(stage, reason, urgency, &groups, walk)))
        .collect();
    problems.sort_by_key(|(urgency, problem)| (*urgency, Reverse(problem.machines)));
    problems.into_iter().map(|(_, problem)| problem).collect()
}

fn failing_at(stage: Stage, reason: Reason, urgency: Urgency, groups: &[&FailingMachines], walk: &Walk) -> Problem {
    let mut all = Affected::default();
    for group in groups {
        all.join(group.affected.clone());
    }
    let (working_host, domain) = match walk {
        Walk::Kms(walk) => {
            let working =
                walk.hosts().find(|host| host.works() && !walk.is_unexpected(host)).map(|host| host.host.clone());
            (working, walk.lookups().next().map(|lookup| lookup.domain.clone()))
        }
        Walk::Online(_) => (None, None),
    };
    let reporters = |group: &&FailingMachines| {
        let FailingMachines { code, affected, .. } = group;
        Reporters { code: *code, machines: affected.machines, example: affected.into() }
    };
    let subject = Failing {
        urgency,
        codes: groups.iter().take(MAX_LISTED).map(reporters).collect(),
        more_codes: groups.len().saturating_sub(MAX_LISTED),
        passes_here: passes_somewhere(walk, stage),
        is_host_clock_known: is_host_clock_known(walk),
        working_host,
        domain,
        is_own_view: groups.iter().any(|group| group.cut_off.is_some()),
        networks: groups
            .iter()
            .flat_map(|group| group.networks.iter().copied())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    };
    problem(stage, reason, &all, Subject::Failing(subject))
}

/// At which stage machines fail, and why; `None` where what was seen of the path explains it. What they saw themselves
/// comes before what follows from a code.
fn place(group: &FailingMachines, judgement: &Judgement, walk: &Walk) -> Option<(Stage, Reason)> {
    if let Some(stage) = group.cut_off {
        let explains = |problem: &Problem| problem.stage == stage && explains(problem.reason, true);
        return (!judgement.problems.iter().any(explains)).then_some((stage, Reason::Elsewhere));
    }
    let code = group.code;
    let own_fault = Some((Stage::Client, Reason::NotActivated));
    let Some(code) = code else { return own_fault };
    let stages = codes_of(walk)(code);
    let Some(stage) = stage_of(code, &stages, walk) else {
        // Of a KMS host that cannot serve one product, such as a newer one, the path says nothing.
        let stage = facts::fact(code).and_then(|fact| fact.stage).filter(|stage| *stage == Stage::Host);
        return stage.map(|stage| (stage, Reason::NotActivated)).or(own_fault);
    };
    let is_explained = judgement.problems.iter().any(|problem| {
        let is_same = problem.stage == stage;
        (is_same || stages.contains(&problem.stage)) && explains(problem.reason, is_same)
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

/// Whether a problem of the path explains that machines fail, at the same stage or at another that shows the same code.
const fn explains(reason: Reason, is_same_stage: bool) -> bool {
    match reason {
        // Nobody fails for these.
        Reason::Idle
        | Reason::Expiring
        | Reason::OwnClock
        // Nor for what DNS says beside the hosts they find.
        | Reason::UnexpectedHost
        | Reason::LeftOut
        | Reason::MissingHost => false,
        // For these only who is a little worse off: at the same stage.
        Reason::Drifted | Reason::Low => is_same_stage,
        // What fails now and then does so at any stage of theirs that shows the code.
        _ => true,
    }
}

/// The stages of a walk whose failure shows a code.
fn codes_of(walk: &Walk) -> fn(Code) -> BTreeSet<Stage> {
    match walk {
        Walk::Kms(_) => codes::kms_stages,
        Walk::Online(_) => codes::online_stages,
    }
}

/// The stage of a walk that a code belongs to, of those that are predicted to show it; `None` for one that has to do with
/// the client alone, or with the other kind of path.
fn stage_of(code: Code, predicted: &BTreeSet<Stage>, walk: &Walk) -> Option<Stage> {
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
fn passes_somewhere(walk: &Walk, stage: Stage) -> bool {
    match walk {
        Walk::Kms(walk) => {
            walk.hosts().any(|host| passes(&host.stages, stage))
                || walk.lookups().any(|lookup| passes(std::slice::from_ref(&lookup.observation), stage))
        }
        Walk::Online(walk) => walk.targets.iter().any(|target| passes(&target.answer.stages, stage)),
    }
}

/// True where a stage was seen to pass at every KMS host that works: which of them a machine asked is not known.
fn is_known_of_all(walk: &kms::Walk, stage: Stage) -> bool {
    walk.hosts().filter(|host| host.works()).all(|host| passes(&host.stages, stage))
}

fn passes(stages: &[Observation], stage: Stage) -> bool {
    stages.iter().any(|seen| seen.stage == stage && seen.is_ok())
}

/// True where a KMS host was seen to have the right time itself, and is not judged by ours.
fn is_host_clock_known(walk: &Walk) -> bool {
    let Walk::Kms(walk) = walk else { return false };
    walk.hosts().any(|host| host.clock.is_some_and(|known| known.clocks != Clocks::OursAndTrueTime))
}
