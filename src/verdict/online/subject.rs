//! What the problems of a walk to online endpoints are about, as facts that outlive the walk.

use super::{Extent, Problem, failures, is_clock_to_blame, own_clock_is_off};
use crate::clock::comparison::ClockState;
use crate::observation::{Reason, Stage};
use crate::verdict;
use crate::verdict::subject::{
    self, CertificateClock, Certificates, Endpoints, Intermittent, Lookup, OwnClock, PastLogin, Proxy, Subject,
    Unsteady,
};
use crate::walk::online::{Target, Walk};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

/// A problem as facts. It `contributes` where it blocks the path as well as what is blamed. `None`
/// where it is about nothing.
pub(super) fn problem(problem: &Problem<'_>, walk: &Walk, contributes: bool) -> Option<verdict::Problem> {
    let subject = match problem.targets.first() {
        Some(target) => of_target(problem, target, walk),
        None => of_machine(walk)?,
    };
    let (stage, reason, names) = (problem.stage, problem.reason, [].into());
    Some(verdict::Problem { stage, reason, machines: None, names, subject, contributes })
}

fn of_target(problem: &Problem<'_>, target: &Target, walk: &Walk) -> Subject {
    let endpoints = endpoints(problem, target);
    let is_validity = matches!(problem.reason, Reason::Expired | Reason::NotYetValid | Reason::Expiring);
    match (problem.stage, target.intermittent) {
        (_, Some(figures)) if problem.reason == Reason::Intermittent => {
            Subject::Intermittent(Intermittent::new(Unsteady::Endpoints(endpoints), figures))
        }
        (Stage::Address, _) => {
            let is_its_own = target.failure().is_some_and(|failure| failure.is_beyond_proxy);
            let asked = if is_its_own { &target.endpoint().host } else { endpoints.first_hop() };
            let alias_of = target.failure().and_then(|failure| failure.alias_of.clone());
            Subject::Lookup(Lookup { name: asked.host.clone(), alias_of, endpoints })
        }
        (Stage::Proxy | Stage::Tls, _) if is_validity => {
            let (ends, clock) = (first_end(problem), certificate_clock(target, walk));
            Subject::Certificates(Certificates { ends, clock, endpoints })
        }
        (Stage::Tcp | Stage::Proxy, _) if endpoints.proxy().is_some() => {
            let demands = target.answer.demanded.as_slice().into();
            Subject::Proxy(Proxy { demands, beyond: beyond(target), endpoints })
        }
        _ => Subject::Endpoints(endpoints),
    }
}

/// The endpoints of a problem, each once.
fn endpoints(problem: &Problem<'_>, target: &Target) -> Endpoints {
    let mut seen = BTreeSet::new();
    let first = problem.targets.iter().filter(|target| seen.insert(target.endpoint()));
    let endpoints: Vec<_> = first.map(|target| Arc::clone(&target.target.endpoint)).collect();
    let extent = match problem.extent {
        Extent::One => subject::Extent::One,
        Extent::Every => subject::Extent::Every(failures(&problem.targets).into_iter().collect()),
        Extent::Any => subject::Extent::Any,
    };
    let detail = target.failure().map(|failure| failure.detail.clone()).unwrap_or_default();
    Endpoints { endpoints: endpoints.into(), target: Arc::clone(&target.target), extent, detail }
}

/// When the first certificate of those that end soon does.
fn first_end(problem: &Problem<'_>) -> Option<SystemTime> {
    let ends = match (problem.reason, problem.stage) {
        (Reason::Expiring, Stage::Proxy) => Target::proxy_ends_soon,
        (Reason::Expiring, _) => Target::ends_soon,
        _ => return None,
    };
    problem.targets.iter().filter_map(|target| ends(target)).min()
}

fn certificate_clock(target: &Target, walk: &Walk) -> CertificateClock {
    let state = walk.own_clock.as_ref().map(|clock| clock.comparison.state);
    match own_clock_is_off(walk) {
        Some(comparison) if is_clock_to_blame(target, walk) => CertificateClock::Blamed(comparison),
        Some(comparison) => CertificateClock::Wrong(comparison),
        None if state == Some(ClockState::Right) => CertificateClock::Right,
        None => CertificateClock::Unknown,
    }
}

/// What was seen past the login of a proxy.
fn beyond(target: &Target) -> Option<PastLogin> {
    let seen = target.failure().map(|failure| PastLogin::Failed(failure.detail.clone()));
    target.is_past_login().then(|| seen.unwrap_or(PastLogin::Reached))
}

/// This machine's clock, by which the certificates of others are judged.
fn of_machine(walk: &Walk) -> Option<Subject> {
    let clock = walk.own_clock.as_ref()?;
    let (comparison, witness, supporter) = (clock.comparison, clock.alone.clone(), clock.supporter.clone());
    Some(Subject::OwnClock(OwnClock { comparison, witness, supporter, are_hosts_right: false }))
}
