//! What a walk to online endpoints adds up to.
//!
//! Clients differ in what they need: a MAK or a retail key needs the activation endpoints, a digital or subscription
//! licence those for licensing. The path is blocked where one of the two has no endpoint left that a client reaches.
//! Validation and revocation lists are missed, and nobody loses activation for want of them.

mod advice;
mod summary;
#[cfg(test)]
mod tests;

use super::{Status, Verdict};
use crate::clock::comparison::Standing;
use crate::codes::{self, Prediction};
use crate::observation::{Reason, Stage};
use crate::online::endpoint::Role;
use crate::walk::online::{Target, Walk};
use std::cmp::Reverse;
use std::collections::BTreeSet;

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
    /// One endpoint over every proxy that reaches others, each in its way. It is blamed where it got furthest.
    OneEndpoint,
    /// Targets over whatever proxy: it makes no difference.
    AnyProxy,
    /// This machine.
    Machine,
}

impl Problem<'_> {
    /// True where machines cannot be activated over this proxy for it.
    fn is_essential(&self) -> bool {
        self.targets.iter().any(|target| target.role().is_essential())
    }
}

/// Judges a walk along the path called `name`.
pub(super) fn judge(name: &str, walk: &Walk) -> Verdict {
    let lost = lost_roles(walk);
    let problems = problems(walk);
    let (status, blamed) = if lost.is_empty() {
        let status = if problems.is_empty() { Status::Ok } else { Status::Degraded };
        (status, problems.first())
    } else {
        (Status::Blocked, furthest(&problems, &lost))
    };
    let prediction = match (status, blamed) {
        (Status::Blocked, Some(problem)) => codes::predict_online(problem.stage, problem.reason),
        _ => Prediction::default(),
    };
    let summary = match status {
        Status::Ok => summary::ok(name, walk),
        Status::Degraded => summary::degraded(name, walk, &problems),
        Status::Blocked => summary::blocked(name, walk, blamed, &lost, &prediction),
    };
    let steps = blamed.map(|problem| advice::next_steps(problem, walk, status)).unwrap_or_default();
    let blamed = blamed.map(|problem| (problem.stage, problem.reason));
    Verdict::new(status, blamed, prediction, summary, steps)
}

/// The roles that no endpoint serves any more over any proxy. Where a path has none that are essential, it is lost with
/// all of its endpoints.
fn lost_roles(walk: &Walk) -> Vec<Role> {
    let there = |role: &Role| walk.targets.iter().any(|target| target.role() == *role);
    let works = |role: &Role| walk.targets.iter().any(|target| target.role() == *role && target.works());
    let roles: Vec<_> = Role::ALL.into_iter().filter(there).collect();
    if roles.iter().copied().any(Role::is_essential) {
        return roles.into_iter().filter(|role| role.is_essential() && !works(role)).collect();
    }
    if roles.iter().any(works) { Vec::new() } else { roles }
}

/// What is wrong, the worst first: what keeps machines from activation, the most targets first; then what does not;
/// then certificates that end, and our own clock.
fn problems(walk: &Walk) -> Vec<Problem<'_>> {
    let live = live_proxies(walk);
    let mut problems: Vec<Problem<'_>> = Vec::new();
    let mut by_proxy = Vec::new();
    for targets in walk.targets.chunk_by(|one, other| one.endpoint() == other.endpoint()) {
        let (seen, dead): (Vec<_>, Vec<_>) =
            targets.iter().partition(|target| live.contains(&target.target.proxy.as_ref()));
        let is_out_of_reach = seen.len() > 1 && seen.iter().all(|target| fault(target).is_some());
        if is_out_of_reach {
            problems.extend(out_of_reach(seen));
        } else {
            by_proxy.extend(seen);
        }
        by_proxy.extend(dead);
    }
    for target in by_proxy {
        add(&mut problems, fault(target), target);
    }
    problems.sort_by_key(|problem| (!problem.is_essential(), Reverse(problem.targets.len())));
    problems.extend(ending(walk));
    problems.extend(own_clock(walk));
    problems
}

/// What is wrong with a target, if anything is: the stage that failed, or that it took a login to get through.
fn fault(target: &Target) -> Option<(Stage, Reason)> {
    let failed = target.failure().and_then(|failure| Some((failure.stage, failure.reason?)));
    failed.or(target.is_past_login().then_some((Stage::Proxy, Reason::AuthRequired)))
}

/// The proxies over which at least one endpoint is reached.
fn live_proxies(walk: &Walk) -> BTreeSet<&str> {
    walk.targets.iter().filter(|target| target.works()).map(|target| target.target.proxy.as_ref()).collect()
}

/// The problem of an endpoint that is reached over no proxy: where it got furthest first.
fn out_of_reach(mut targets: Vec<&Target>) -> Option<Problem<'_>> {
    targets.sort_by_key(|target| Reverse(fault(target).map(|(stage, _)| stage)));
    let (stage, reason) = fault(targets.first()?)?;
    Some(Problem { stage, reason, extent: Extent::OneEndpoint, targets })
}

/// Adds a target to the problem it shares with others over the same proxy.
fn add<'a>(problems: &mut Vec<Problem<'a>>, fault: Option<(Stage, Reason)>, target: &'a Target) {
    let Some((stage, reason)) = fault else { return };
    let is_same = |problem: &&mut Problem<'_>| {
        let proxy = problem.targets.first().map(|known| &known.target.proxy);
        problem.extent == Extent::OneProxy
            && (problem.stage, problem.reason, proxy) == (stage, reason, Some(&target.target.proxy))
    };
    match problems.iter_mut().find(is_same) {
        Some(problem) => problem.targets.push(target),
        None => problems.push(Problem { stage, reason, extent: Extent::OneProxy, targets: vec![target] }),
    }
}

/// The problem of the target that got furthest, among those of the roles that are lost; of equals the first.
fn furthest<'a, 'b>(problems: &'b [Problem<'a>], lost: &[Role]) -> Option<&'b Problem<'a>> {
    let is_loss = |problem: &&Problem<'_>| problem.targets.iter().any(|target| lost.contains(&target.role()));
    // The last of equals is what `max_by_key` gives.
    problems.iter().filter(is_loss).rev().max_by_key(|problem| problem.stage)
}

/// The certificates that end soon.
fn ending(walk: &Walk) -> Option<Problem<'_>> {
    let targets: Vec<_> = walk.targets.iter().filter(|target| target.ends_soon().is_some()).collect();
    let (stage, reason) = (Stage::Tls, Reason::Expiring);
    (!targets.is_empty()).then_some(Problem { stage, reason, extent: Extent::AnyProxy, targets })
}

/// Our own clock, where it is wrong: by it the certificates of others are judged.
fn own_clock(walk: &Walk) -> Option<Problem<'static>> {
    let clock = walk.own_clock.as_ref()?;
    let is_off = clock.comparison.standing != Standing::Right;
    is_off.then(|| Problem {
        stage: Stage::Clock,
        reason: Reason::OwnClock,
        extent: Extent::Machine,
        targets: Vec::new(),
    })
}
