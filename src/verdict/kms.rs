//! What a walk to KMS hosts adds up to.

mod advice;
mod summary;
#[cfg(test)]
mod tests;

use super::Status;
use super::judgement::{Judgement, MAX_PROBLEMS};
use crate::clock::comparison::{Clocks, Standing};
use crate::codes::{self, Prediction};
use crate::host::HostPort;
use crate::observation::{Reason, Stage};
use crate::walk::kms::{CountStanding, Host, Lookup, Walk, is_empty_answer};
use std::collections::BTreeSet;

/// One thing that is wrong on a path.
#[derive(Debug, Clone, Copy)]
struct Problem<'a> {
    stage: Stage,
    reason: Reason,
    about: About<'a>,
}

/// What a problem is about.
#[derive(Debug, Clone, Copy)]
enum About<'a> {
    /// A lookup that failed.
    Lookup(&'a Lookup),
    /// A KMS host at one of its addresses.
    Host(&'a Host),
    /// Something that only the whole walk shows.
    Walk,
}

impl Problem<'_> {
    /// The same in words.
    fn tell(&self, walk: &Walk, status: Status) -> super::Problem {
        super::Problem {
            stage: self.stage,
            reason: self.reason,
            machines: None,
            summary: summary::clause(self, walk),
            next_steps: advice::next_steps(self, walk, status),
        }
    }

    /// True for the problem of the same target.
    fn is_of(&self, about: About<'_>) -> bool {
        match (self.about, about) {
            (About::Lookup(one), About::Lookup(other)) => std::ptr::eq(one, other),
            (About::Host(one), About::Host(other)) => std::ptr::eq(one, other),
            _ => false,
        }
    }
}

/// Judges a walk along the path called `name`.
pub(super) fn judge(name: &str, walk: &Walk) -> Judgement {
    let works = walk.hosts().any(Host::works);
    let mut problems = faults(walk);
    if !works && let Some(blamed) = furthest(walk) {
        problems.retain(|other| !other.is_of(blamed.about));
        problems.insert(0, blamed);
    }
    let status = match (works, problems.is_empty()) {
        (true, true) => Status::Ok,
        (true, false) => Status::Degraded,
        (false, _) => Status::Blocked,
    };
    let blamed = problems.first().copied();
    let opening = match status {
        Status::Ok => summary::ok(name, walk),
        Status::Degraded => summary::degraded(name, walk),
        Status::Blocked => summary::blocked(name, blamed),
    };
    let prediction = match (status, blamed) {
        (Status::Blocked, Some(problem)) => codes::predict_kms(problem.stage, problem.reason),
        _ => Prediction::default(),
    };
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    let problems = problems.iter().take(MAX_PROBLEMS).map(|problem| problem.tell(walk, status)).collect();
    Judgement { status, opening, problems, more, prediction, besides: Vec::new() }
}

/// The failure of the target that got furthest; among equals one that is not excused, and of those the first, which
/// clients prefer.
fn furthest(walk: &Walk) -> Option<Problem<'_>> {
    let lookups = walk.lookups().filter_map(|lookup| Some((failed_lookup(lookup)?, !is_excused_lookup(lookup, walk))));
    let served = served(walk);
    let hosts = walk.hosts().filter_map(|host| Some((failed_host(host)?, !is_excused_host(host, &served))));
    let mut furthest: Option<(Problem<'_>, bool)> = None;
    for (problem, counts) in lookups.chain(hosts) {
        if furthest.is_none_or(|(known, known_counts)| (problem.stage, counts) > (known.stage, known_counts)) {
            furthest = Some((problem, counts));
        }
    }
    furthest.map(|(problem, _)| problem)
}

fn failed_lookup(lookup: &Lookup) -> Option<Problem<'_>> {
    Some(Problem { stage: lookup.observation.stage, reason: lookup.failure()?, about: About::Lookup(lookup) })
}

fn failed_host(host: &Host) -> Option<Problem<'_>> {
    let observation = host.failure()?;
    Some(Problem { stage: observation.stage, reason: observation.reason?, about: About::Host(host) })
}

/// What is wrong with a path, the worst first: hosts that do not work, then lookups that fail, then counts with which
/// some clients are not activated, then clocks and counts that leave all of them activated, then hosts that nobody asks,
/// then what DNS should not say.
fn faults(walk: &Walk) -> Vec<Problem<'_>> {
    let served = served(walk);
    let hosts = walk.hosts().filter(|host| !is_excused_host(host, &served)).filter_map(failed_host);
    let lookups = walk.lookups().filter(|lookup| !is_excused_lookup(lookup, walk)).filter_map(failed_lookup);
    let (short, low) = short_of_clients(walk).partition::<Vec<_>, _>(|problem| problem.reason == Reason::TooLow);
    let mut problems: Vec<_> =
        hosts.chain(lookups).chain(short).chain(drifted(walk)).chain(own_clock(walk)).chain(low).collect();
    problems.extend(idle(walk));
    if let Some(discovered) = &walk.discovered {
        let signs = [
            (!discovered.unexpected.is_empty(), Reason::UnexpectedHost),
            (!discovered.disagreements.is_empty(), Reason::Inconsistent),
            (!discovered.missing.is_empty(), Reason::MissingHost),
        ];
        let shown = signs.into_iter().filter(|(there, _)| *there);
        problems.extend(shown.map(|(_, reason)| Problem { stage: Stage::Srv, reason, about: About::Walk }));
    }
    problems
}

/// The hosts whose clock is off and still tolerated, each once; where it is ours that is compared, that once.
fn drifted(walk: &Walk) -> impl Iterator<Item = Problem<'_>> {
    let mut told = BTreeSet::new();
    walk.hosts().filter_map(move |host| {
        let comparison = host.clock.filter(|comparison| comparison.standing == Standing::Drifted)?;
        let whose = (comparison.clocks != Clocks::OursAndTrueTime).then(|| host.name());
        let problem = Problem { stage: Stage::Clock, reason: Reason::Drifted, about: About::Host(host) };
        told.insert(whose).then_some(problem)
    })
}

/// The hosts that count too few clients for some, or hardly enough; each once.
fn short_of_clients(walk: &Walk) -> impl Iterator<Item = Problem<'_>> {
    let mut told = BTreeSet::new();
    walk.hosts().filter_map(move |host| {
        let reason = match host.count?.standing {
            CountStanding::TooLowForSome => Reason::TooLow,
            CountStanding::Low => Reason::Low,
            CountStanding::Enough | CountStanding::TooLow => return None,
        };
        let problem = Problem { stage: Stage::Count, reason, about: About::Host(host) };
        told.insert(host.name()).then_some(problem)
    })
}

/// The hosts that no client asks, although they serve; each once.
fn idle(walk: &Walk) -> impl Iterator<Item = Problem<'_>> {
    let mut told = BTreeSet::new();
    walk.hosts().filter(|host| host.failure().is_none() && host.idle_since.is_some()).filter_map(move |host| {
        let problem = Problem { stage: Stage::Host, reason: Reason::Idle, about: About::Host(host) };
        told.insert(host.name()).then_some(problem)
    })
}

/// Our own clock, where it is off and the hosts are judged by their own.
fn own_clock(walk: &Walk) -> Option<Problem<'_>> {
    let is_off = walk.own_clock.as_ref().is_some_and(|clock| clock.comparison.standing != Standing::Right);
    let is_judged_apart = |host: &Host| host.clock.is_some_and(|known| known.clocks == Clocks::HostAndTrueTime);
    let problem = Problem { stage: Stage::Clock, reason: Reason::OwnClock, about: About::Walk };
    (is_off && walk.hosts().any(is_judged_apart)).then_some(problem)
}

/// The hosts of which at least one address works.
pub fn served(walk: &Walk) -> BTreeSet<&HostPort> {
    walk.hosts().filter(|host| host.works()).map(|host| &host.host).collect()
}

/// True for an IPv6 address that this machine has no route to, where another address of the host works: a client without
/// IPv6 does not try it either. That is no fault of the path.
pub fn is_excused_host(host: &Host, served: &BTreeSet<&HostPort>) -> bool {
    host.failure().and_then(|failure| failure.reason) == Some(Reason::NoRoute)
        && host.address.is_some_and(|address| address.is_ipv6())
        && served.contains(&host.host)
}

/// True for a domain without records in a search list, which is passed over as clients pass it over.
pub fn is_excused_lookup(lookup: &Lookup, walk: &Walk) -> bool {
    is_empty_answer(lookup.failure()) && walk.discovered.as_ref().is_some_and(|discovered| discovered.search)
}
