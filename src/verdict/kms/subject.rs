//! What the problems of a walk to KMS hosts are about, as facts that outlive the walk.

use super::{About, Problem, expected};
use crate::clock::comparison::{ClockState, Clocks, Comparison};
use crate::license::FailedStart;
use crate::observation::{Reason, Stage};
use crate::verdict;
use crate::verdict::subject::{
    ClientCount, Host, HostClock, HostLicense, IdleHost, Intermittent, Nameserver, OwnClock, Subject, UnexpectedHosts,
    Unsteady,
};
use crate::walk;
use crate::walk::kms::{self, Discovered, Lookup, Served, Walk};

/// What a problem is about.
pub(super) fn subject(problem: &Problem<'_>, walk: &Walk) -> Subject {
    match problem.about {
        About::Lookup(lookup) => of_lookup(problem, lookup, walk),
        About::Host(host) => of_host(problem, host, walk),
        About::Served(host, served) => of_served(problem.stage, seen_at(host, walk), served),
        About::Unpublished(unpublished) => Subject::Unpublished(unpublished.clone()),
        About::Discovered(discovered) => of_dns(problem, discovered, walk),
        About::OwnClock(clock) => Subject::OwnClock(own_clock(clock, walk)),
    }
}

fn of_lookup(problem: &Problem<'_>, lookup: &Lookup, walk: &Walk) -> Subject {
    let configured = walk.discovered.as_ref().and_then(|discovered| discovered.expected.first().cloned());
    // Without one in the configuration, one that another nameserver knows.
    let listed = || expected(walk).find_map(|host| host.name().dns_name().cloned());
    let host = configured.or_else(listed);
    let asked = Nameserver { nameserver: lookup.nameserver, domain: lookup.domain.clone(), host };
    match lookup.intermittent.filter(|_| problem.reason == Reason::Intermittent) {
        Some(figures) => Subject::Intermittent(Intermittent::new(Unsteady::Nameserver(asked), figures)),
        None => Subject::Nameserver(asked),
    }
}

/// A host at one of its addresses.
fn seen_at(seen: &kms::Host, walk: &Walk) -> Host {
    let serves_at = walk.hosts().find(|other| other.host == seen.host && other.works()).and_then(kms::Host::ip);
    Host {
        host: seen.host.clone(),
        address: seen.ip(),
        is_discovered: walk.discovered.is_some(),
        serves_at: serves_at.filter(|address| Some(*address) != seen.ip()),
        alias_of: seen.failure().and_then(|failure| failure.alias_of.clone()),
        replacement: expected(walk)
            .find(|other| other.host != seen.host && other.works())
            .map(|other| other.host.clone()),
    }
}

/// What a host reports for one application, at a stage that depends on it.
fn of_served(stage: Stage, host: Host, served: &Served) -> Subject {
    let Served { application, clients, license, ref lapsed, count } = *served;
    let blamed = lapsed.as_ref().map(|key| key.license).or(license);
    match (stage, blamed, count) {
        (Stage::Host, Some(license), _) => Subject::HostLicense(HostLicense {
            host,
            application,
            product: lapsed.as_ref().map(|key| key.product.clone()),
            clients,
            status: license.status,
            code: license.reason_code,
        }),
        (_, _, Some(count)) => Subject::ClientCount(ClientCount { host, clients, count }),
        _ => Subject::Host(host),
    }
}

fn of_host(problem: &Problem<'_>, seen: &kms::Host, walk: &Walk) -> Subject {
    let host = seen_at(seen, walk);
    match (problem.stage, problem.reason) {
        (_, Reason::Intermittent) => match seen.intermittent {
            Some(figures) => Subject::Intermittent(Intermittent::new(Unsteady::Host(host), figures)),
            None => Subject::Host(host),
        },
        (Stage::Clock, _) => match seen.clock {
            Some(comparison) => Subject::HostClock(host_clock(host, comparison, walk)),
            None => Subject::Host(host),
        },
        (Stage::Host, Reason::Idle) => match seen.idle_since {
            Some(since) => Subject::IdleHost(IdleHost { host, since }),
            None => Subject::Host(host),
        },
        (Stage::Host, Reason::CannotStart) => match seen.failed_start {
            Some(FailedStart { at, code }) => {
                Subject::FailedStart(verdict::subject::FailedStart { host, since: at, code })
            }
            None => Subject::Host(host),
        },
        (Stage::Host | Stage::Count, _) => match seen.blamed(problem.stage) {
            Some(served) => of_served(problem.stage, host, served),
            None => Subject::Host(host),
        },
        _ => Subject::Host(host),
    }
}

fn host_clock(host: Host, comparison: Comparison, walk: &Walk) -> HostClock {
    let clock = walk.own_clock.as_ref();
    let witness = clock.filter(|_| comparison.clocks != Clocks::HostAndOurs).and_then(|clock| clock.alone.clone());
    HostClock { host, comparison, witness }
}

fn own_clock(clock: &walk::OwnClock, walk: &Walk) -> OwnClock {
    let is_right = |host: &kms::Host| {
        host.clock.is_some_and(|known| (known.clocks, known.state) == (Clocks::HostAndTrueTime, ClockState::Right))
    };
    let (comparison, witness, supporter) = (clock.comparison, clock.alone.clone(), clock.supporter.clone());
    OwnClock { comparison, witness, supporter, are_hosts_right: walk.hosts().all(is_right) }
}

fn of_dns(problem: &Problem<'_>, discovered: &Discovered, walk: &Walk) -> Subject {
    match problem.reason {
        Reason::LeftOut => Subject::LeftOut(discovered.left_out.clone().into()),
        Reason::InvalidAnswer => Subject::Flaws(super::flaws(discovered, walk).cloned().collect()),
        Reason::UnexpectedHost => Subject::UnexpectedHosts(unexpected_hosts(discovered, walk)),
        Reason::MissingHost => Subject::MissingHosts(discovered.missing.as_slice().into()),
        _ => Subject::Disagreements(discovered.distinct_disagreements().into()),
    }
}

fn unexpected_hosts(discovered: &Discovered, walk: &Walk) -> UnexpectedHosts {
    let mut expected = walk.hosts().filter(|host| !walk.is_unexpected(host)).peekable();
    let do_expected_serve =
        expected.peek().is_some() && expected.all(kms::Host::works) && discovered.missing.is_empty();
    UnexpectedHosts { hosts: discovered.unexpected.as_slice().into(), do_expected_serve }
}
