//! A walk to KMS hosts that is kept up to date: what one finding changes is laid out again, and nothing else.

use super::{Discovered, Host, HostReports, Lookup, Target, Walk, reported};
use crate::clock::comparison::{ClockState, Comparison};
use crate::clock_report::{ClockReport, Reference};
use crate::config::Damping;
use crate::findings::{PathFindings, Replaced};
use crate::host::HostPort;
use crate::observation::{Failure, Observation, Reason, Stage};
use crate::path::Kms;
use crate::probe::{HostAddress, Job, SrvLookup};
use crate::walk::{Change, OwnClock, Turn};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// What a walk is laid out of.
#[derive(Debug, Clone, Copy)]
pub struct KmsSources<'a> {
    /// What is configured of the path.
    pub kms: &'a Kms,
    /// What was found on it.
    pub findings: &'a PathFindings,
    pub clocks: &'a ClockReport,
    /// When a target that fails now and then is intermittent.
    pub damping: Damping,
    /// What KMS hosts report of themselves.
    pub reports: &'a HostReports,
}

/// A walk, and where its targets are.
#[derive(Debug)]
pub struct Layout {
    walk: Walk,
    lookups: HashMap<SrvLookup, usize>,
    /// The targets of a host are together.
    hosts: HashMap<HostPort, Range<usize>>,
    /// The places of hosts that serve and show their time. Where there is one, our clock need not stand in for those of
    /// clients.
    witnesses: HashSet<usize>,
}

impl Layout {
    /// Lays everything out.
    pub fn new(sources: KmsSources<'_>) -> Self {
        let KmsSources { kms, findings, clocks, .. } = sources;
        let has_witness = findings
            .connections
            .iter()
            .any(|(at, stages)| stages.iter().all(Observation::is_ok) && clocks.comparison(at.address).is_some());
        let stand_in = stand_in(clocks, has_witness);
        let (mut targets, mut lookups, mut hosts) = (Vec::new(), HashMap::new(), HashMap::new());
        for lookup in findings.srv.keys() {
            if let Some(laid_out) = lookup_target(lookup, sources) {
                lookups.insert(lookup.clone(), targets.len());
                targets.push(Arc::new(Target::Lookup(laid_out)));
            }
        }
        for host in findings.hosts(kms) {
            let begin = targets.len();
            targets.extend(host_targets(&host, sources, stand_in).into_iter().map(|host| Arc::new(Target::Host(host))));
            hosts.insert(host, begin..targets.len());
        }
        let witnesses = (0..).zip(&targets).filter(|(_, target)| is_witness(target, clocks)).map(|(place, _)| place);
        let witnesses = witnesses.collect();
        let discovered = Discovered::new(kms, findings, sources.reports).map(Arc::new);
        Self { walk: Walk { targets, discovered, own_clock: OwnClock::new(clocks) }, lookups, hosts, witnesses }
    }

    pub const fn walk(&self) -> &Walk {
        &self.walk
    }

    /// Lays out what a job found in place of `replaced`, and that leads to the same targets. `None` where it does not,
    /// and everything is to be laid out again.
    pub fn update(&mut self, job: &Job, replaced: &Replaced, sources: KmsSources<'_>) -> Option<Change> {
        self.walk.own_clock = OwnClock::new(sources.clocks);
        match job {
            Job::Srv(lookup) => {
                let place = *self.lookups.get(lookup)?;
                // Answers may differ that lead to nothing else. What they say together is seen by looking at all of
                // them.
                let Replaced::Srv(Some(before)) = replaced else { return None };
                if !before.says_the_same(sources.findings.srv.get(lookup)?) {
                    return None;
                }
                Some(self.replace(place, Target::Lookup(lookup_target(lookup, sources)?)))
            }
            Job::Address(host) => {
                let left_out = self.walk.discovered.as_ref().map(|discovered| &discovered.left_out);
                if left_out.is_some_and(|left_out| !left_out.is_same_of(host, sources.kms, sources.findings)) {
                    return None;
                }
                self.update_host(host, sources)
            }
            Job::Connect(at) => self.update_host(&at.host, sources),
            Job::Online(_) | Job::Ntp(_) | Job::HostClock { .. } => Some(Change::default()),
        }
    }

    fn update_host(&mut self, host: &HostPort, sources: KmsSources<'_>) -> Option<Change> {
        let range = self.hosts.get(host)?.clone();
        let had_witness = !self.witnesses.is_empty();
        let targets = host_targets(host, sources, stand_in(sources.clocks, had_witness));
        if targets.len() != range.len() {
            return None;
        }
        let mut change = Change::default();
        for (place, target) in range.zip(targets) {
            let target = Target::Host(target);
            if is_witness(&target, sources.clocks) {
                self.witnesses.insert(place);
            } else {
                self.witnesses.remove(&place);
            }
            change = change.and(self.replace(place, target));
        }
        // The clocks of all others are judged otherwise where the first witness comes, or the last one goes.
        (had_witness != self.witnesses.is_empty()).then_some(change)
    }

    fn replace(&mut self, place: usize, after: Target) -> Change {
        let Some(before) = self.walk.targets.get_mut(place) else { return Change::default() };
        let is_weighty = !before.weighs_alike(&after);
        // Names are made only of what matters.
        let turn = if is_weighty { Turn::between(&before.walked(), &after.walked()) } else { None };
        let change = Change { is_weighty, turns: turn.into_iter().collect() };
        *before = Arc::new(after);
        change
    }
}

/// True for a host that serves and shows its time.
fn is_witness(target: &Target, clocks: &ClockReport) -> bool {
    let Target::Host(host) = target else { return false };
    let serves = host.stages.iter().filter(|seen| seen.stage <= Stage::Rpc).all(Observation::is_ok);
    serves && host.address.is_some_and(|address| clocks.comparison(address).is_some())
}

/// True time, where our clock stands in for those of clients: where it is wrong, only as long as no host that serves
/// shows its own, and no time server contradicts the others.
fn stand_in(clocks: &ClockReport, has_witness: bool) -> Option<&Reference> {
    let is_trusted = !has_witness && clocks.reference.as_ref().is_some_and(|known| known.supporter.is_none());
    clocks.reference.as_ref().filter(|known| known.comparison.state == ClockState::Right || is_trusted)
}

fn lookup_target(lookup: &SrvLookup, sources: KmsSources<'_>) -> Option<Lookup> {
    let KmsSources { findings, damping, .. } = sources;
    Some(Lookup {
        domain: lookup.domain.clone(),
        nameserver: lookup.nameserver,
        observation: findings.srv.get(lookup)?.observation.clone(),
        intermittent: findings.intermittent(&Job::Srv(lookup.clone()), damping),
    })
}

fn host_targets(host: &HostPort, sources: KmsSources<'_>, stand_in: Option<&Reference>) -> Vec<Host> {
    let KmsSources { findings, clocks, damping, reports, .. } = sources;
    // An address given as such was not looked up, so there is no such stage to show.
    let looked_up = findings.addresses.get(host).map(|answer| &answer.observation);
    let of_lookup = || findings.intermittent(&Job::Address(host.clone()), damping);
    if let Some(failed) = looked_up.filter(|observation| !observation.is_ok()) {
        let stages = vec![failed.clone()];
        return vec![Host { intermittent: of_lookup(), ..Host::new(host.clone(), None, stages) }];
    }
    let walked = findings.addresses_of(host).into_iter().filter_map(|at| {
        let connection = findings.connections.get(&at)?;
        let mut stages = Vec::with_capacity(connection.len() + 2);
        stages.extend(looked_up.cloned());
        stages.extend(connection.iter().cloned());
        let serves = stages.iter().all(Observation::is_ok);
        let (clock_stage, clock) = serves.then(|| judge_clock(&at, clocks, stand_in)).flatten().unzip();
        stages.extend(clock_stage);
        let is_clock_unread =
            serves && clocks.hosts.get(&at.address.into()).is_some_and(|host| host.comparison.is_none());
        let intermittent = findings.intermittent(&Job::Connect(at.clone()), damping).or_else(of_lookup);
        let mut walked =
            Host { clock, is_clock_unread, intermittent, ..Host::new(host.clone(), Some(at.address), stages) };
        if let Some(report) = reports.of(&host.host) {
            reported::add(&mut walked, report);
        }
        Some(walked)
    });
    walked.collect()
}

/// The `clock` stage of a KMS host: by its own clock where that is known. Where it is not, by ours against true time,
/// which a client beside us shares; the host is then taken to have the true time. Where ours is right, nothing was seen
/// of the host's. `None` where neither can be judged.
fn judge_clock(
    at: &HostAddress,
    clocks: &ClockReport,
    stand_in: Option<&Reference>,
) -> Option<(Observation, Comparison)> {
    let host = clocks.comparison(at.address);
    let stand_in = || {
        let wrong = stand_in.filter(|reference| reference.comparison.state != ClockState::Right);
        wrong.map(|reference| (reference.comparison, &reference.observation))
    };
    let (comparison, read) = host.or_else(stand_in)?;
    let detail = comparison.detail(&at.host.host.to_string());
    let outcome = match comparison.state {
        ClockState::Skewed => Err(Failure::new(Reason::Skewed, detail)),
        ClockState::Right | ClockState::Drifted => Ok(detail),
    };
    let judged = Observation::new(Stage::Clock, outcome, read.duration);
    Some((Observation { observed_at: read.observed_at, ..judged }, comparison))
}
