//! The judgement of a walk to online endpoints.
//!
//! Clients differ in what they need: a MAK or a retail key needs the activation endpoints, a digital or subscription
//! license those for licensing. The path is blocked where one of the two is lost to clients. Validation and revocation
//! lists are missed, and nobody loses activation for want of them.

mod coverage;
mod subject;

use super::grouping::Grouping;
use super::judgement::{Judgement, MAX_PROBLEMS};
use super::{Cause, More, Status};
use crate::clock::comparison::{ClockState, Comparison};
use crate::codes::{self, Prediction};
use crate::observation::{Observation, Reason, Stage};
use crate::online::endpoint::{Role, Weight};
use crate::online::proxy::Proxy;
use crate::walk::online::{Target, Walk};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;
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
    One,
    /// Endpoints over every proxy that reaches others, each for reasons of its own. They are blamed where they got
    /// furthest.
    Every,
    /// Targets over whatever proxy: it makes no difference.
    Any,
}

impl Problem<'_> {
    /// True where machines cannot be activated over this proxy for it.
    fn is_essential(&self) -> bool {
        self.targets.iter().any(|target| target.role().is_essential())
    }

    /// True where it keeps clients from an endpoint of one of these roles, all the time and already now.
    fn keeps_from(&self, roles: &[Role]) -> bool {
        let is_failure = self.extent != Extent::Any && !matches!(self.reason, Reason::Expiring | Reason::Intermittent);
        is_failure && self.targets.iter().any(|target| roles.contains(&target.role()))
    }
}

/// Judges a walk along a path. What this machine could not measure leaves the rest to decide.
pub(super) fn judge(walk: &Walk) -> Judgement {
    if let Some(cause) = unknown(walk) {
        return Judgement::unknown(cause);
    }
    let lost = lost_roles(walk);
    let mut problems = problems(walk, !lost.is_empty());
    let status = match (lost.is_empty(), problems.is_empty()) {
        (true, true) => Status::Ok,
        (true, false) => Status::Degraded,
        (false, _) => Status::Blocked,
    };
    if let Some(blamed) = furthest(&problems, &lost) {
        let blamed = problems.remove(blamed);
        problems.insert(0, blamed);
    }
    // Without the others nobody fails to be activated, and no code is shown.
    let is_activation = lost.iter().copied().any(Role::is_essential);
    let prediction = match (status, problems.first()) {
        (Status::Blocked, Some(problem)) if is_activation => codes::predict_online(problem.stage, problem.reason),
        _ => Prediction::default(),
    };
    let coverage = coverage::coverage(walk, &problems, &lost);
    let mut facts = Vec::new();
    let mut more = More::default();
    for (number, problem) in problems.iter().enumerate() {
        let contributes = number > 0 && problem.keeps_from(&lost);
        if number < MAX_PROBLEMS {
            facts.extend(subject::problem(problem, walk, contributes));
        } else {
            more.problems += 1;
        }
    }
    let unmeasured = walk.targets.iter().filter(|target| !is_measured(target)).count();
    Judgement { status, coverage, problems: facts, more, prediction, unmeasured, unread_clocks: Vec::new() }
}

/// True where the outcome is that of the path, and not a fault of this machine or a limit of this program.
fn is_measured(target: &Target) -> bool {
    !target.failure().is_some_and(Observation::is_local)
}

/// Why the status of a path is unknown: none of the targets that decide could be measured from here, or there is none.
/// Those for activation and licensing decide; where there are none of these, all do.
fn unknown(walk: &Walk) -> Option<Cause> {
    let is_any_essential = walk.targets.iter().any(|target| target.role().is_essential());
    let deciding = || walk.targets.iter().filter(|target| target.role().is_essential() == is_any_essential);
    if deciding().any(is_measured) {
        return None;
    }
    // Of equals the first.
    let failed = deciding().filter_map(|target| Some((target, target.failure()?)));
    let furthest = failed.rev().max_by_key(|(_, failure)| failure.stage);
    let cause = furthest.and_then(|(target, failure)| {
        let (stage, reason) = (failure.stage, failure.reason?);
        Some(if reason.is_limit() {
            Cause::Limit { stage, reason, target: Arc::clone(&target.target) }
        } else {
            Cause::LocalError { stage, reason, detail: failure.detail.clone() }
        })
    });
    Some(cause.unwrap_or(Cause::NotMeasured))
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

/// Whether a role is lost: with one of the endpoints that no other replaces, or with all of those that replace one
/// another. An endpoint that was measured over no proxy says nothing.
fn is_lost(role: Role, walk: &Walk) -> bool {
    let (mut shared, mut helpful, mut has_vital) = (None, None, false);
    let has_role = |targets: &&[Target]| targets.iter().any(|target| target.role() == role && is_measured(target));
    for targets in walk.by_endpoint().filter(has_role) {
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
///
/// A target that fails now and then is a problem as such, in place of how it fails right now. Where the path
/// `is_blocked`, how it fails right now is what clients see.
fn problems(walk: &Walk, is_blocked: bool) -> Vec<Problem<'_>> {
    let live = live_proxies(walk);
    let mut by_proxy = Grouping::default();
    let mut by_failures = Grouping::default();
    for targets in walk.by_endpoint() {
        let is_unsteady =
            |target: &&Target| target.intermittent.is_some() && (target.works() || !is_measured(target) || !is_blocked);
        let (unsteady, steady): (Vec<_>, Vec<_>) = targets.iter().partition(is_unsteady);
        by_proxy.extend(unsteady.iter().filter_map(|target| Some((unsteady_at(target)?, *target))));
        let measured = steady.into_iter().filter(|target| is_measured(target));
        let (seen, dead): (Vec<_>, Vec<_>) = measured.partition(|target| live.contains(target.target.proxy.as_ref()));
        by_proxy.extend(dead.into_iter().filter_map(failed_at));
        if !unsteady.is_empty() || seen.len() < 2 || seen.iter().any(|target| target.works()) {
            by_proxy.extend(seen.into_iter().filter_map(failed_at));
        } else {
            // Endpoints that fail alike are one problem.
            let failures = failures(&seen);
            by_failures.extend(seen.into_iter().map(|target| (failures.clone(), target)));
        }
    }
    let out_of_reach = by_failures.groups.into_iter().filter_map(|(_, targets)| every_proxy(targets));
    let mut problems: Vec<_> = out_of_reach.chain(by_proxy.groups.into_iter().map(one_proxy)).collect();
    problems.sort_by_key(|problem| (!problem.is_essential(), Reverse(problem.targets.len())));
    problems.extend(invalid_by_true_time(walk));
    problems.extend(ending(walk));
    problems.extend(own_clock(walk));
    problems
}

/// What targets have in common that are one problem: the stage, the reason and the proxy. Under one name there may be
/// several proxies, of the system's.
type Place<'a> = (Stage, Reason, &'a str, Option<&'a Proxy>);

fn place(target: &Target, stage: Stage, reason: Reason) -> Place<'_> {
    (stage, reason, target.target.proxy.as_ref(), target.target.route.proxy())
}

/// Where a target fails, if it does.
fn failed_at(target: &Target) -> Option<(Place<'_>, &Target)> {
    target.fault().map(|(stage, reason)| (place(target, stage, reason), target))
}

/// Where a target fails now and then, if it does.
fn unsteady_at(target: &Target) -> Option<Place<'_>> {
    target.intermittent.map(|figures| place(target, figures.stage, Reason::Intermittent))
}

/// The proxies over which at least one endpoint is reached that matters.
fn live_proxies(walk: &Walk) -> BTreeSet<&str> {
    let matters = |target: &&Target| target.role().is_essential();
    let there = walk.targets.iter().any(|target| matters(&target));
    let works = |target: &&Target| target.works() && (matters(target) || !there);
    walk.targets.iter().filter(works).map(|target| target.target.proxy.as_ref()).collect()
}

/// The stages at which targets fail, and why.
type Failures = BTreeSet<(Stage, Reason)>;

fn failures(targets: &[&Target]) -> Failures {
    targets.iter().filter_map(|target| target.fault()).collect()
}

/// The problem of endpoints that are reached over no proxy. They are blamed where they got furthest.
fn every_proxy(mut targets: Vec<&Target>) -> Option<Problem<'_>> {
    targets.sort_by_key(|target| Reverse(target.fault().map(|(stage, _)| stage)));
    let (stage, reason) = targets.first()?.fault()?;
    Some(Problem { stage, reason, extent: Extent::Every, targets })
}

/// The problem that targets share over one proxy.
fn one_proxy<'a>(((stage, reason, ..), targets): (Place<'a>, Vec<&'a Target>)) -> Problem<'a> {
    Problem { stage, reason, extent: Extent::One, targets }
}

/// Which is the problem of the target that got furthest, among those of the roles that are lost; of equals the first.
fn furthest(problems: &[Problem<'_>], lost: &[Role]) -> Option<usize> {
    let losses = problems.iter().enumerate().filter(|(_, problem)| problem.keeps_from(lost));
    // The last of equals is what `max_by_key` gives.
    losses.rev().max_by_key(|(_, problem)| problem.stage).map(|(number, _)| number)
}

/// The certificates that end soon: of endpoints, seen over whatever proxy, and of proxies.
fn ending(walk: &Walk) -> Vec<Problem<'_>> {
    let soon =
        |ends: fn(&Target) -> Option<SystemTime>| walk.targets.iter().filter(move |target| ends(target).is_some());
    let mut problems = Vec::new();
    let targets: Vec<_> = soon(Target::ends_soon).collect();
    if !targets.is_empty() {
        let (stage, reason, extent) = (Stage::Tls, Reason::Expiring, Extent::Any);
        problems.push(Problem { stage, reason, extent, targets });
    }
    let mut by_proxy = Grouping::default();
    let proxies = soon(Target::proxy_ends_soon);
    by_proxy.extend(proxies.map(|target| (place(target, Stage::Proxy, Reason::Expiring), target)));
    problems.extend(by_proxy.groups.into_iter().map(one_proxy));
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
        let (stage, extent) = (Stage::Tls, Extent::Any);
        (!targets.is_empty()).then_some(Problem { stage, reason, extent, targets })
    };
    [Reason::Expired, Reason::NotYetValid].into_iter().filter_map(problem).collect()
}

/// What true time was at a moment of our clock; `None` where ours is right, or true time is not known for certain.
fn true_time(moment: SystemTime, walk: &Walk) -> Option<SystemTime> {
    walk.own_clock.as_ref().filter(|clock| clock.supporter.is_none())?;
    let ahead = own_clock_is_off(walk)?.offset.seconds;
    let by = Duration::try_from_secs_f64(ahead.abs()).ok()?;
    if ahead > 0.0 { moment.checked_sub(by) } else { moment.checked_add(by) }
}

/// Our own clock against true time, where it is wrong.
fn own_clock_is_off(walk: &Walk) -> Option<Comparison> {
    let comparison = walk.own_clock.as_ref()?.comparison;
    (comparison.state != ClockState::Right).then_some(comparison)
}

/// Our own clock as a problem: by it the certificates of others are judged.
fn own_clock(walk: &Walk) -> Option<Problem<'static>> {
    let (stage, extent) = (Stage::Clock, Extent::Any);
    own_clock_is_off(walk).map(|_| Problem { stage, reason: Reason::OwnClock, extent, targets: Vec::new() })
}
