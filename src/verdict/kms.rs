//! The judgement of a walk to KMS hosts.

mod subject;

use super::judgement::{Judgement, MAX_PROBLEMS};
use super::{Cause, Coverage, More, Status};
use crate::clock::comparison::{ClockState, Clocks};
use crate::codes::{self, Prediction};
use crate::host::HostPort;
use crate::observation::{Observation, Reason, Stage};
use crate::walk::kms::{CountState, Discovered, Flaw, Host, Lookup, Served, Unpublished, Walk, is_empty_answer};
use crate::walk::{Intermittent, OwnClock};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One thing that is wrong on a path.
#[derive(Debug, Clone, Copy)]
struct Problem<'a> {
    stage: Stage,
    reason: Reason,
    about: About<'a>,
    /// True for what keeps the path blocked beside what is blamed, or is its cause.
    contributes: bool,
}

/// What a problem is about.
#[derive(Debug, Clone, Copy)]
enum About<'a> {
    /// A lookup that failed.
    Lookup(&'a Lookup),
    /// A KMS host at one of its addresses.
    Host(&'a Host),
    /// A KMS host that serves others, for the clients of one application.
    Served(&'a Host, &'a Served),
    /// A KMS host that DNS should name.
    Unpublished(&'a Unpublished),
    /// What DNS says of the hosts.
    Discovered(&'a Discovered),
    /// This machine's clock.
    OwnClock(&'a OwnClock),
}

impl<'a> Problem<'a> {
    const fn new(stage: Stage, reason: Reason, about: About<'a>) -> Self {
        Self { stage, reason, about, contributes: false }
    }

    /// The same as facts that outlive the walk.
    fn facts(&self, walk: &Walk, contributes: bool) -> super::Problem {
        super::Problem {
            stage: self.stage,
            reason: self.reason,
            machines: None,
            names: [].into(),
            subject: subject::subject(self, walk),
            contributes: self.contributes || contributes,
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

/// Judges a walk along a path. What this machine could not measure leaves the rest to decide.
pub(super) fn judge(walk: &Walk) -> Judgement {
    let works = walk.hosts().any(Host::works);
    if !works && let Some(cause) = unknown(walk) {
        return Judgement::unknown(cause);
    }
    let served = served(walk);
    let mut problems = faults(walk, &served, works);
    // What clients show where they find none but hosts that are not expected.
    let mut shown = None;
    if !works {
        if let Some(blamed) = furthest(walk, &served, |host| !walk.is_unexpected(host)) {
            // What its own events say of why is beside that.
            problems.retain(|other| other.reason == Reason::CannotStart || !other.is_of(blamed.about));
            problems.insert(0, blamed);
        } else {
            shown = furthest(walk, &served, |_| true);
            let missing = problems.iter().position(|problem| problem.reason == Reason::MissingHost);
            if let Some(missing) = missing {
                let missing = problems.remove(missing);
                problems.insert(0, missing);
            }
        }
    }
    let status = match (works, problems.is_empty()) {
        (true, true) => Status::Ok,
        (true, false) => Status::Degraded,
        (false, _) => Status::Blocked,
    };
    let prediction = match (status, shown.as_ref().or(problems.first())) {
        (Status::Blocked, Some(problem)) => codes::predict_kms(problem.stage, problem.reason),
        _ => Prediction::default(),
    };
    let more = More { problems: problems.len().saturating_sub(MAX_PROBLEMS) };
    let facts = |(number, problem): (usize, &Problem<'_>)| {
        problem.facts(walk, status == Status::Blocked && number > 0 && keeps_from(problem, walk))
    };
    let problems = problems.iter().enumerate().take(MAX_PROBLEMS).map(facts).collect();
    let (unmeasured, unread_clocks) = (unmeasured(walk, &served), unread_clocks(walk));
    Judgement { status, coverage: coverage(walk, &served), problems, more, prediction, unmeasured, unread_clocks }
}

/// True for what keeps clients from being activated right now: a host that should serve and does not, or a lookup that
/// fails where no such host is known.
fn keeps_from(problem: &Problem<'_>, walk: &Walk) -> bool {
    problem.reason != Reason::Intermittent
        && match problem.about {
            About::Host(host) => !walk.is_unexpected(host) && failed_host(host).is_some(),
            About::Lookup(lookup) => expected(walk).next().is_none() && failed_lookup(lookup).is_some(),
            // Those have said so themselves.
            About::Served(..) | About::Unpublished(_) | About::Discovered(_) | About::OwnClock(_) => false,
        }
}

/// Why the status of a path is unknown of which no host works: each target that decides failed for a reason of this
/// machine, or there is none. The hosts decide; where none is known, the lookups that are not excused.
fn unknown(walk: &Walk) -> Option<Cause> {
    if let Some(discovered) = &walk.discovered
        && walk.hosts().next().is_none()
        && let Some(stage) = left_out(discovered).last()
    {
        // Clients try what is left out here, and may well be served.
        return Some(Cause::LeftOut { stage, left_out: Arc::new(discovered.left_out.clone()) });
    }
    let is_any_expected = walk.hosts().any(|host| !walk.is_unexpected(host));
    let hosts = walk.hosts().filter(|host| !is_any_expected || !walk.is_unexpected(host)).filter_map(Host::failure);
    let lookups = |is_excused: bool| {
        let lookups = walk.lookups().filter(move |lookup| is_excused_lookup(lookup, walk) == is_excused);
        lookups.map(|lookup| &lookup.observation).filter(|observation| !observation.is_ok())
    };
    let groups: [Vec<&Observation>; 3] = [hosts.collect(), lookups(false).collect(), lookups(true).collect()];
    let Some(deciding) = groups.into_iter().find(|group| !group.is_empty()) else { return Some(Cause::NotMeasured) };
    if !deciding.iter().all(|failure| failure.is_local()) {
        return None;
    }
    // Of equals the first, which clients prefer.
    let furthest = deciding.into_iter().rev().max_by_key(|failure| failure.stage)?;
    Some(Cause::LocalError { stage: furthest.stage, reason: furthest.reason?, detail: furthest.detail.clone() })
}

/// How many lookups and hosts could not be measured, without those that are excused.
fn unmeasured(walk: &Walk, served: &BTreeSet<&HostPort>) -> usize {
    let hosts = walk.hosts().filter(|host| !is_set_aside(host, walk, served)).filter_map(Host::failure);
    let observations = walk.lookups().map(|lookup| &lookup.observation).chain(hosts);
    observations.filter(|observation| observation.is_local()).count()
}

/// The hosts that serve and whose clocks were not read, each once.
fn unread_clocks(walk: &Walk) -> Vec<Arc<str>> {
    let mut seen = BTreeSet::new();
    let read: BTreeSet<_> =
        walk.hosts().filter(|host| !host.is_clock_unread && host.clock.is_some()).map(Host::name).collect();
    let unread = walk.hosts().filter(|host| host.is_clock_unread && !walk.is_unexpected(host)).map(Host::name);
    let unread = unread.filter(|name| !read.contains(name) && seen.insert(*name));
    unread.map(|name| name.to_string().into()).collect()
}

/// How many KMS hosts work, and how many should. One that is not expected is none of them.
fn coverage(walk: &Walk, served: &BTreeSet<&HostPort>) -> Coverage {
    let is_expected =
        |host: &&Host| !is_set_aside(host, walk, served) && !host.failure().is_some_and(Observation::is_local);
    let expected = || walk.hosts().filter(is_expected);
    Coverage::Kms { working: expected().filter(|host| host.works()).count(), expected: expected().count() }
}

/// The failure of the target that got furthest, among lookups and the hosts that may be blamed; among equals one that
/// is not excused, and of those the first, which clients prefer.
fn furthest<'a>(
    walk: &'a Walk,
    served: &BTreeSet<&HostPort>,
    may_be_blamed: impl Fn(&Host) -> bool,
) -> Option<Problem<'a>> {
    let lookups = walk.lookups().filter_map(|lookup| Some((failed_lookup(lookup)?, !is_excused_lookup(lookup, walk))));
    let hosts = walk.hosts().filter(|host| may_be_blamed(host));
    let hosts = hosts.filter_map(|host| Some((failed_host(host)?, !is_excused_host(host, served))));
    let mut furthest: Option<(Problem<'_>, bool)> = None;
    for (problem, counts) in lookups.chain(hosts) {
        if furthest.is_none_or(|(known, known_counts)| (problem.stage, counts) > (known.stage, known_counts)) {
            furthest = Some((problem, counts));
        }
    }
    furthest.map(|(problem, _)| problem)
}

/// The failure of a lookup that was measured.
fn failed_lookup(lookup: &Lookup) -> Option<Problem<'_>> {
    failure(Some(&lookup.observation), About::Lookup(lookup))
}

/// The failure of a host that was measured.
fn failed_host(host: &Host) -> Option<Problem<'_>> {
    failure(host.failure(), About::Host(host))
}

fn failure<'a>(observation: Option<&Observation>, about: About<'a>) -> Option<Problem<'a>> {
    let observation = observation.filter(|observation| !observation.is_local())?;
    Some(Problem::new(observation.stage, observation.reason?, about))
}

/// What is wrong with one target: that it fails now and then, in place of how it fails right now. Where the path is
/// blocked, how it fails right now is what clients see.
fn fault<'a>(
    failed: Option<Problem<'a>>,
    unsteady: Option<Intermittent>,
    about: About<'a>,
    works: bool,
) -> Option<Problem<'a>> {
    let unsteady = unsteady.map(|figures| Problem::new(figures.stage, Reason::Intermittent, about));
    if works { unsteady.or(failed) } else { failed.or(unsteady) }
}

/// What is wrong with a path, the worst first: hosts that do not work, then lookups that fail, then hosts that could not
/// start, then licenses and counts with which some clients are not activated, then clocks and counts that leave all of
/// them activated, then hosts that nobody asks, then those that do not publish themselves, then what DNS should not say.
fn faults<'a>(walk: &'a Walk, served: &BTreeSet<&HostPort>, works: bool) -> Vec<Problem<'a>> {
    let hosts = walk.hosts().filter(|host| !is_set_aside(host, walk, served));
    let hosts = hosts.filter_map(|host| fault(failed_host(host), host.intermittent, About::Host(host), works));
    let lookups = walk.lookups().filter(|lookup| !is_excused_lookup(lookup, walk));
    let lookups =
        lookups.filter_map(|lookup| fault(failed_lookup(lookup), lookup.intermittent, About::Lookup(lookup), works));
    let (low, short) = short(walk, works).into_iter().partition::<Vec<_>, _>(|problem| problem.reason == Reason::Low);
    let serving = short.into_iter().chain(drifted(walk)).chain(own_clock(walk)).chain(low);
    let mut problems: Vec<_> = hosts.chain(lookups).chain(not_started(walk, works)).chain(serving).collect();
    problems.extend(idle(walk));
    if let Some(discovered) = &walk.discovered {
        problems.extend(unpublished(discovered, works));
        let signs = [
            (flaws(discovered, walk).next().is_some(), Reason::InvalidAnswer),
            (!discovered.unexpected.is_empty(), Reason::UnexpectedHost),
            (!discovered.distinct_disagreements().is_empty(), Reason::Inconsistent),
            (!discovered.missing.is_empty(), Reason::MissingHost),
        ];
        let shown = signs.into_iter().filter(|(there, _)| *there);
        let about = About::Discovered(discovered);
        problems.extend(shown.map(|(_, reason)| Problem::new(Stage::Srv, reason, about)));
        problems.extend(left_out(discovered).map(|stage| Problem::new(stage, Reason::LeftOut, about)));
    }
    problems
}

/// The records that are not as they should be, but those whose hosts are not found: that says what is wrong with them.
fn flaws<'a>(discovered: &'a Discovered, walk: &'a Walk) -> impl Iterator<Item = &'a Flaw> {
    let is_lost = |host: &&Host| host.failure().is_some_and(|failure| failure.stage == Stage::Address);
    let lost: Vec<_> = walk.hosts().filter(is_lost).map(|host| &host.host).collect();
    discovered.flaws.iter().filter(move |flaw| !lost.iter().any(|host| flaw.is_of(host)))
}

/// The stages that lead to what is left out.
fn left_out(discovered: &Discovered) -> impl DoubleEndedIterator<Item = Stage> {
    let counts = [Stage::Srv, Stage::Address].into_iter().zip(discovered.left_out.counts());
    counts.filter(|(_, count)| *count > 0).map(|(stage, _)| stage)
}

/// The hosts but those that are not expected.
fn expected(walk: &Walk) -> impl Iterator<Item = &Host> {
    walk.hosts().filter(|host| !walk.is_unexpected(host))
}

/// The hosts whose clock is off and still tolerated, each once; where it is ours that is compared, that once.
fn drifted(walk: &Walk) -> impl Iterator<Item = Problem<'_>> {
    let mut seen = BTreeSet::new();
    expected(walk).filter_map(move |host| {
        let comparison = host.clock.filter(|comparison| comparison.state == ClockState::Drifted)?;
        let whose = (comparison.clocks != Clocks::OursAndTrueTime).then(|| host.name());
        let problem = Problem::new(Stage::Clock, Reason::Drifted, About::Host(host));
        seen.insert(whose).then_some(problem)
    })
}

/// The applications that hosts do not activate, or not all clients of, or barely; each host once. What a host is blamed
/// for by itself is not among them.
fn short(walk: &Walk, works: bool) -> Vec<Problem<'_>> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for host in expected(walk) {
        let fails_at = host.failure().map(|failure| failure.stage);
        let blamed = fails_at.and_then(|stage| host.blamed(stage)).map(|served| served.application);
        for served in host.served.iter().filter(|served| Some(served.application) != blamed) {
            let counted = served.count.map(|count| count.state);
            let (stage, reason) = match (served.fails_at(), counted) {
                (Some(Stage::Host), _) => (Stage::Host, Reason::Unlicensed),
                (Some(_), _) | (None, Some(CountState::TooLowForSome)) => (Stage::Count, Reason::TooLow),
                (None, _) if served.lapsed.is_some() => (Stage::Host, Reason::Unlicensed),
                (None, Some(CountState::Low)) => (Stage::Count, Reason::Low),
                (None, _) => continue,
            };
            if seen.insert((host.name(), served.application)) {
                let about = About::Served(host, served);
                problems.push(Problem { contributes: !works, ..Problem::new(stage, reason, about) });
            }
        }
    }
    problems
}

/// The hosts that do not answer and could not start, by their own events; each once. Where the path is blocked, that is
/// why.
fn not_started(walk: &Walk, works: bool) -> impl Iterator<Item = Problem<'_>> {
    let mut seen = BTreeSet::new();
    expected(walk).filter(|host| host.failed_start.is_some()).filter_map(move |host| {
        let problem = Problem::new(Stage::Host, Reason::CannotStart, About::Host(host));
        seen.insert(host.name()).then_some(Problem { contributes: !works, ..problem })
    })
}

/// The hosts that do not publish themselves in DNS. Where the path is blocked for want of records, that is why.
fn unpublished(discovered: &Discovered, works: bool) -> impl Iterator<Item = Problem<'_>> {
    let contributes = !works && discovered.records.is_empty();
    discovered.unpublished.iter().map(move |host| {
        let problem = Problem::new(Stage::Srv, host.reason(), About::Unpublished(host));
        Problem { contributes, ..problem }
    })
}

/// The hosts that no client asks, although they serve; each once.
fn idle(walk: &Walk) -> impl Iterator<Item = Problem<'_>> {
    let mut seen = BTreeSet::new();
    expected(walk).filter(|host| host.failure().is_none() && host.idle_since.is_some()).filter_map(move |host| {
        let problem = Problem::new(Stage::Host, Reason::Idle, About::Host(host));
        seen.insert(host.name()).then_some(problem)
    })
}

/// Our own clock, where it is off and the hosts are judged by their own, or not at all as a time server contradicts the
/// others.
fn own_clock(walk: &Walk) -> Option<Problem<'_>> {
    let clock = walk.own_clock.as_ref().filter(|clock| clock.comparison.state != ClockState::Right)?;
    let is_judged_apart = |host: &Host| {
        host.clock.map_or(clock.supporter.is_some() && host.works(), |known| known.clocks == Clocks::HostAndTrueTime)
    };
    let problem = Problem::new(Stage::Clock, Reason::OwnClock, About::OwnClock(clock));
    walk.hosts().any(is_judged_apart).then_some(problem)
}

/// The hosts of which at least one address works.
pub fn served(walk: &Walk) -> BTreeSet<&HostPort> {
    walk.hosts().filter(|host| host.works()).map(|host| &host.host).collect()
}

/// True for a host whose failure is no fault of the path: it is excused, or nobody expects it. That DNS names it all
/// the same is a fault of DNS.
pub fn is_set_aside(host: &Host, walk: &Walk, served: &BTreeSet<&HostPort>) -> bool {
    is_excused_host(host, served) || walk.is_unexpected(host)
}

/// True for an IPv6 address that this machine has no route to, where another address of the host works: a client
/// without IPv6 does not try it either. That is no fault of the path.
pub fn is_excused_host(host: &Host, served: &BTreeSet<&HostPort>) -> bool {
    host.failure().and_then(|failure| failure.reason) == Some(Reason::NoRoute)
        && host.address.is_some_and(|address| address.is_ipv6())
        && served.contains(&host.host)
}

/// True for a domain without records in a search list, which is skipped because clients skip it.
pub fn is_excused_lookup(lookup: &Lookup, walk: &Walk) -> bool {
    is_empty_answer(lookup.failure()) && walk.discovered.as_ref().is_some_and(|discovered| discovered.search)
}
