//! What a walk to online endpoints adds up to.
//!
//! Clients differ in what they need: a MAK or a retail key needs the activation endpoints, a digital or subscription
//! license those for licensing. The path is blocked where one of the two is lost to clients. Validation and revocation
//! lists are missed, and nobody loses activation for want of them.

mod advice;
mod summary;
#[cfg(test)]
mod tests;

use super::Status;
use super::judgement::{Judgement, MAX_PROBLEMS};
use crate::clock::comparison::{Comparison, Standing};
use crate::codes::{self, Prediction};
use crate::observation::{Reason, Stage};
use crate::online::endpoint::{Role, Weight};
use crate::walk::online::{Target, Walk};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// One thing that is wrong, and with which targets.
#[derive(Debug, Clone)]
struct Problem<'a> {
    stage: Stage,
    reason: Reason,
    extent: Extent,
    /// The targets; none where it is this machine that is wrong.
    targets: Vec<&'a Target>,
}

/// How far a problem goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Targets over one proxy, which fail alike.
    OneProxy,
    /// Endpoints over every proxy that reaches others, each in its way. They are blamed where they got furthest.
    EveryProxy,
    /// Targets over whatever proxy: it makes no difference.
    AnyProxy,
    /// This machine.
    Machine,
}

impl Problem<'_> {
    /// The same in words. `is_activation` is true where machines cannot be activated for what is lost.
    fn tell(&self, walk: &Walk, is_activation: bool) -> super::Problem {
        super::Problem {
            stage: self.stage,
            reason: self.reason,
            machines: None,
            summary: summary::clause(self, walk),
            next_steps: advice::next_steps(self, walk, is_activation),
        }
    }

    /// True where machines cannot be activated over this proxy for it.
    fn is_essential(&self) -> bool {
        self.targets.iter().any(|target| target.role().is_essential())
    }

    /// True where it is about an endpoint of one of these roles.
    fn concerns(&self, roles: &[Role]) -> bool {
        self.targets.iter().any(|target| roles.contains(&target.role()))
    }
}

/// Judges a walk along the path called `name`.
pub(super) fn judge(name: &str, walk: &Walk) -> Judgement {
    let lost = lost_roles(walk);
    let mut problems = problems(walk);
    let status = match (lost.is_empty(), problems.is_empty()) {
        (true, true) => Status::Ok,
        (true, false) => Status::Degraded,
        (false, _) => Status::Blocked,
    };
    if status == Status::Blocked
        && let Some(blamed) = furthest(&problems, &lost)
    {
        let blamed = problems.remove(blamed);
        problems.insert(0, blamed);
    }
    let blamed = problems.first();
    let opening = match status {
        Status::Ok => summary::ok(name, walk),
        Status::Degraded => summary::degraded(name, walk, &problems),
        Status::Blocked => summary::blocked(name, walk, blamed, &lost),
    };
    // Without the others nobody fails to be activated, and no code is shown.
    let is_activation = lost.iter().copied().any(Role::is_essential);
    let prediction = match (status, blamed) {
        (Status::Blocked, Some(problem)) if is_activation => codes::predict_online(problem.stage, problem.reason),
        _ => Prediction::default(),
    };
    let besides = if status == Status::Blocked { summary::besides(walk, &problems, &lost) } else { Vec::new() };
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    let told = problems.iter().take(MAX_PROBLEMS).map(|problem| problem.tell(walk, is_activation)).collect();
    Judgement { status, opening, problems: told, more, prediction, besides }
}

/// The essential roles that are not served any more over any proxy. Where a path has none of these, it is lost with all
/// of its endpoints.
fn lost_roles(walk: &Walk) -> Vec<Role> {
    let there = |role: &Role| walk.targets.iter().any(|target| target.role() == *role);
    let roles: Vec<_> = Role::ALL.into_iter().filter(there).collect();
    if roles.iter().copied().any(Role::is_essential) {
        return roles.into_iter().filter(|role| role.is_essential() && is_lost(*role, walk)).collect();
    }
    if walk.targets.iter().any(Target::works) { Vec::new() } else { roles }
}

/// Whether a role is lost: with one of the endpoints that nobody stands in for, or with all of those that stand in for
/// one another.
fn is_lost(role: Role, walk: &Walk) -> bool {
    let (mut shared, mut helpful, mut has_vital) = (None, None, false);
    for targets in walk.by_endpoint().filter(|targets| targets.iter().any(|target| target.role() == role)) {
        let works = targets.iter().any(Target::works);
        let weight = targets.first().map(|target| target.endpoint().weight);
        match weight {
            Some(Weight::Vital) if !works => return true,
            Some(Weight::Vital) => has_vital = true,
            Some(Weight::Shared) => *shared.get_or_insert(false) |= works,
            Some(Weight::Helpful) => *helpful.get_or_insert(false) |= works,
            None => {}
        }
    }
    // Where a path has no others, those that help are all there is.
    let helpful = helpful.filter(|_| !has_vital);
    shared.or(helpful).is_some_and(|works| !works)
}

/// What is wrong, the worst first: what keeps machines from activation, the most targets first; then what does not;
/// then certificates that are valid by our clock alone, those that end, and our own clock.
fn problems(walk: &Walk) -> Vec<Problem<'_>> {
    let live = live_proxies(walk);
    let mut problems: Vec<Problem<'_>> = Vec::new();
    let mut out_of_reach: Vec<(Ways, Vec<&Target>)> = Vec::new();
    let mut by_proxy = Vec::new();
    for targets in walk.by_endpoint() {
        let (seen, dead): (Vec<_>, Vec<_>) =
            targets.iter().partition(|target| live.contains(&target.target.proxy.as_ref()));
        by_proxy.extend(dead);
        if seen.len() < 2 || seen.iter().any(|target| target.works()) {
            by_proxy.extend(seen);
            continue;
        }
        // Endpoints that fail in the same ways are told together.
        let ways = ways(&seen);
        match out_of_reach.iter_mut().find(|(known, _)| *known == ways) {
            Some((_, others)) => others.extend(seen),
            None => out_of_reach.push((ways, seen)),
        }
    }
    problems.extend(out_of_reach.into_iter().filter_map(|(_, targets)| every_proxy(targets)));
    for target in by_proxy {
        add(&mut problems, target.fault(), target);
    }
    problems.sort_by_key(|problem| (!problem.is_essential(), Reverse(problem.targets.len())));
    problems.extend(invalid_by_true_time(walk));
    problems.extend(ending(walk));
    problems.extend(own_clock(walk));
    problems
}

/// The proxies over which at least one endpoint is reached that matters.
fn live_proxies(walk: &Walk) -> BTreeSet<&str> {
    let matters = |target: &&Target| target.role().is_essential();
    let there = walk.targets.iter().any(|target| matters(&target));
    let works = |target: &&Target| target.works() && (matters(target) || !there);
    walk.targets.iter().filter(works).map(|target| target.target.proxy.as_ref()).collect()
}

/// The ways in which targets fail.
type Ways = BTreeSet<(Stage, Reason)>;

fn ways(targets: &[&Target]) -> Ways {
    targets.iter().filter_map(|target| target.fault()).collect()
}

/// The problem of endpoints that are reached over no proxy. They are blamed where they got furthest.
fn every_proxy(mut targets: Vec<&Target>) -> Option<Problem<'_>> {
    targets.sort_by_key(|target| Reverse(target.fault().map(|(stage, _)| stage)));
    let (stage, reason) = targets.first()?.fault()?;
    Some(Problem { stage, reason, extent: Extent::EveryProxy, targets })
}

/// Adds a target to the problem it shares with others over the same proxy.
fn add<'a>(problems: &mut Vec<Problem<'a>>, fault: Option<(Stage, Reason)>, target: &'a Target) {
    let Some((stage, reason)) = fault else { return };
    let is_same = |problem: &&mut Problem<'_>| {
        // Under one name there may be several proxies, of the system's.
        let is_same_way = |known: &&Target| {
            (&known.target.proxy, known.target.route.proxy()) == (&target.target.proxy, target.target.route.proxy())
        };
        problem.extent == Extent::OneProxy
            && (problem.stage, problem.reason) == (stage, reason)
            && problem.targets.first().is_some_and(is_same_way)
    };
    match problems.iter_mut().find(is_same) {
        Some(problem) => problem.targets.push(target),
        None => problems.push(Problem { stage, reason, extent: Extent::OneProxy, targets: vec![target] }),
    }
}

/// Which is the problem of the target that got furthest, among those of the roles that are lost; of equals the first.
/// What this machine could not do says least.
fn furthest(problems: &[Problem<'_>], lost: &[Role]) -> Option<usize> {
    let losses = problems.iter().enumerate().filter(|(_, problem)| problem.concerns(lost));
    // The last of equals is what `max_by_key` gives.
    let furthest = losses.rev().max_by_key(|(_, problem)| (problem.reason != Reason::LocalError, problem.stage));
    furthest.map(|(number, _)| number)
}

/// The certificates that end soon: of endpoints, seen over whatever proxy, and of proxies.
fn ending(walk: &Walk) -> Vec<Problem<'_>> {
    let soon =
        |ends: fn(&Target) -> Option<SystemTime>| walk.targets.iter().filter(move |target| ends(target).is_some());
    let mut problems = Vec::new();
    let targets: Vec<_> = soon(Target::ends_soon).collect();
    if !targets.is_empty() {
        let (stage, reason, extent) = (Stage::Tls, Reason::Expiring, Extent::AnyProxy);
        problems.push(Problem { stage, reason, extent, targets });
    }
    for target in soon(Target::proxy_ends_soon) {
        add(&mut problems, Some((Stage::Proxy, Reason::Expiring)), target);
    }
    problems
}

/// Whether it is our own clock that makes a certificate seem over, or not begun: by true time it is valid.
fn is_clock_to_blame(target: &Target, walk: &Walk) -> bool {
    let Some(failure) = target.failure().filter(|failure| failure.stage == Stage::Tls) else { return false };
    let moment = true_time(failure.observed_at, walk);
    target.answer.tls.as_ref().zip(moment).is_some_and(|(session, moment)| session.is_valid_at(moment))
}

/// The certificates that are valid by our clock alone, which is wrong: by true time they are over, or not begun. A
/// client with a right clock does not take them.
fn invalid_by_true_time(walk: &Walk) -> Vec<Problem<'_>> {
    let invalid = |target: &Target| {
        let shown = target.answer.stages.iter().find(|seen| seen.stage == Stage::Tls)?.observed_at;
        let (session, moment) = (target.believed()?, true_time(shown, walk)?);
        let reason = if moment > session.ends { Reason::Expired } else { Reason::NotYetValid };
        (!session.is_valid_at(moment)).then_some(reason)
    };
    let problem = |reason| {
        let targets: Vec<_> = walk.targets.iter().filter(|target| invalid(target) == Some(reason)).collect();
        let (stage, extent) = (Stage::Tls, Extent::AnyProxy);
        (!targets.is_empty()).then_some(Problem { stage, reason, extent, targets })
    };
    [Reason::Expired, Reason::NotYetValid].into_iter().filter_map(problem).collect()
}

/// What true time was at a moment of our clock; `None` where ours is right, or true time is not known.
fn true_time(moment: SystemTime, walk: &Walk) -> Option<SystemTime> {
    let ahead = own_clock_is_off(walk)?.offset.seconds;
    let by = Duration::try_from_secs_f64(ahead.abs()).ok()?;
    if ahead > 0.0 { moment.checked_sub(by) } else { moment.checked_add(by) }
}

/// Our own clock against true time, where it is wrong.
fn own_clock_is_off(walk: &Walk) -> Option<Comparison> {
    let comparison = walk.own_clock.as_ref()?.comparison;
    (comparison.standing != Standing::Right).then_some(comparison)
}

/// Our own clock as a problem: by it the certificates of others are judged.
fn own_clock(walk: &Walk) -> Option<Problem<'static>> {
    own_clock_is_off(walk).map(|_| Problem {
        stage: Stage::Clock,
        reason: Reason::OwnClock,
        extent: Extent::Machine,
        targets: Vec::new(),
    })
}
