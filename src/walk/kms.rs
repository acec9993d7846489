//! A walk to KMS hosts: the lookups, then one host after the other.

use super::{Intermittent, OwnClock, Walked};
use crate::clock::comparison::{Comparison, Standing};
use crate::clock_report::{ClockReport, Reference};
use crate::findings::PathFindings;
use crate::fleet::KmsHostStatus;
use crate::host::{self, DnsName, HostPort, is_same_host};
use crate::observation::{Failure, Observation, Reason, Stage};
use crate::path::{Discovery, Kms};
use crate::probe::HostAddress;
use crate::probe::srv::SrvRecord;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

mod hearsay;

#[cfg(test)]
mod tests;

pub use hearsay::{Count, CountStanding, OwnLicense};

/// One concrete thing on a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A domain whose SRV records one nameserver was asked for.
    Lookup(Lookup),
    /// A KMS host at one of its addresses.
    Host(Host),
}

/// A domain, and what one nameserver says of its SRV records.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// The domain.
    pub domain: DnsName,
    /// The nameserver that was asked.
    pub nameserver: SocketAddr,
    /// The `srv` stage.
    pub observation: Observation,
    /// That it fails now and then, where it does.
    pub intermittent: Option<Intermittent>,
}

/// A KMS host at one of its addresses.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// The host as it was discovered or configured.
    pub host: HostPort,
    /// The address that is connected to; `None` where none is known.
    pub address: Option<SocketAddr>,
    /// The stages in the order of the walk: all that passed, and the one that failed.
    pub stages: Vec<Observation>,
    /// Its clock, where it serves and clocks are known.
    pub clock: Option<Comparison>,
    /// Its own license, where it serves and the license is reported.
    pub license: Option<OwnLicense>,
    /// Its count, where it serves and the count is reported.
    pub count: Option<Count>,
    /// When a client last asked it, where it has clients and that is longer ago than clients wait.
    pub idle_since: Option<Timestamp>,
    /// That it fails now and then, where it does.
    pub intermittent: Option<Intermittent>,
}

impl Lookup {
    /// Why it failed; `None` where it passed.
    pub const fn failure(&self) -> Option<Reason> {
        self.observation.reason
    }

    /// True where the nameserver answered, be it that there are no records.
    pub const fn is_answered(&self) -> bool {
        self.observation.reason.is_none() || is_empty_answer(self.observation.reason)
    }

    pub(super) fn walked(&self) -> Walked<'_> {
        Walked {
            target: self.domain.srv_name(),
            address: Some(self.nameserver.to_string()),
            stages: std::slice::from_ref(&self.observation),
            works: self.observation.is_ok(),
        }
    }
}

impl Host {
    /// A host of which nothing is known beyond these stages.
    pub const fn new(host: HostPort, address: Option<SocketAddr>, stages: Vec<Observation>) -> Self {
        Self { host, address, stages, clock: None, license: None, count: None, idle_since: None, intermittent: None }
    }

    /// The stage that failed, if one did.
    pub fn failure(&self) -> Option<&Observation> {
        self.stages.iter().find(|observation| !observation.is_ok())
    }

    /// True where every stage passed.
    pub fn works(&self) -> bool {
        self.failure().is_none()
    }

    /// The name or address, without the port.
    pub const fn name(&self) -> &host::Host {
        &self.host.host
    }

    /// The address as it is shown: without the port, which stands in the target already.
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip())
    }

    pub(super) fn walked(&self) -> Walked<'_> {
        Walked {
            target: self.host.to_string(),
            address: self.ip().map(|address| address.to_string()),
            stages: &self.stages,
            works: self.works(),
        }
    }
}

impl Target {
    /// What it has in common with the targets of every walk.
    pub fn walked(&self) -> Walked<'_> {
        match self {
            Self::Lookup(lookup) => lookup.walked(),
            Self::Host(host) => host.walked(),
        }
    }
}

/// All that was observed on a path.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Walk {
    /// The SRV lookups, then the KMS hosts as clients prefer them.
    pub targets: Vec<Arc<Target>>,
    /// What discovery brought. `None` where the hosts are configured.
    pub discovered: Option<Discovered>,
    /// This machine's clock, where true time is known.
    pub own_clock: Option<OwnClock>,
}

/// What DNS says of the KMS hosts of a path.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Discovered {
    /// The records, all nameservers and domains taken together.
    pub records: BTreeSet<SrvRecord>,
    /// How many records each nameserver that answered gave, over all domains.
    pub counts: BTreeMap<SocketAddr, usize>,
    /// Pairs of nameservers that give different answers for a domain, one pair to a domain.
    pub disagreements: Vec<Disagreement>,
    /// Hosts in DNS that are not among the expected ones. Empty where none are configured as expected.
    pub unexpected: Vec<DnsName>,
    /// Expected hosts that are not in DNS.
    pub missing: Vec<DnsName>,
    /// True where a domain without records is no fault as long as another has some.
    pub search: bool,
}

/// Two nameservers that do not say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The domain asked for.
    pub domain: DnsName,
    /// The first nameserver.
    pub one: SocketAddr,
    /// A nameserver with another answer.
    pub other: SocketAddr,
}

impl Walk {
    /// Lays out the findings on a path.
    pub fn new(kms: &Kms, findings: &PathFindings, clocks: &ClockReport) -> Self {
        let lookups = findings.srv.iter().map(|(lookup, answer)| {
            Target::Lookup(Lookup {
                domain: lookup.domain.clone(),
                nameserver: lookup.nameserver,
                observation: answer.observation.clone(),
                intermittent: None,
            })
        });
        let hosts = findings.hosts(kms);
        // Where a host that serves tells its time, ours need not stand for those of clients.
        let stand_in = clocks.reference.as_ref().filter(|known| {
            let tells = |(at, stages): (&HostAddress, &Vec<Observation>)| {
                stages.iter().all(Observation::is_ok) && clocks.comparison(at.address.ip()).is_some()
            };
            known.comparison.standing == Standing::Right || !findings.connections.iter().any(tells)
        });
        let hosts = hosts.iter().flat_map(|host| host_targets(host, findings, clocks, stand_in)).map(Target::Host);
        Self {
            targets: lookups.chain(hosts).map(Arc::new).collect(),
            discovered: Discovered::new(kms, findings),
            own_clock: OwnClock::new(clocks),
        }
    }

    /// Takes in what KMS hosts say of themselves, as of now.
    pub fn hear(&mut self, hosts: &[KmsHostStatus], now: Timestamp) {
        for target in &mut self.targets {
            let Target::Host(host) = &**target else { continue };
            let name = host.name().to_string();
            let Some(reported) = hosts.iter().find(|known| is_same_host(known.machine.as_str(), &name)) else {
                continue;
            };
            if let Target::Host(host) = Arc::make_mut(target) {
                hearsay::add(host, reported, now);
            }
        }
    }

    /// A domain for which no nameserver answered, not even that there are no records.
    pub fn unanswered(&self) -> Option<&DnsName> {
        let answered: BTreeSet<_> =
            self.lookups().filter(|lookup| lookup.is_answered()).map(|lookup| &lookup.domain).collect();
        self.lookups().map(|lookup| &lookup.domain).find(|domain| !answered.contains(domain))
    }

    /// The lookups of SRV records, each nameserver on its own.
    pub fn lookups(&self) -> impl Iterator<Item = &Lookup> {
        self.targets.iter().filter_map(|target| match &**target {
            Target::Lookup(lookup) => Some(lookup),
            Target::Host(_) => None,
        })
    }

    /// The KMS hosts, each address on its own.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.targets.iter().filter_map(|target| match &**target {
            Target::Lookup(_) => None,
            Target::Host(host) => Some(host),
        })
    }
}

fn host_targets(
    host: &HostPort,
    findings: &PathFindings,
    clocks: &ClockReport,
    stand_in: Option<&Reference>,
) -> Vec<Host> {
    // An address given as such was not looked up, so there is no such stage to show.
    let looked_up: Vec<_> = findings.addresses.get(host).map(|answer| answer.observation.clone()).into_iter().collect();
    if looked_up.iter().any(|observation| !observation.is_ok()) {
        return vec![Host::new(host.clone(), None, looked_up)];
    }
    let walked = findings.addresses_of(host).into_iter().filter_map(|at| {
        let connection = findings.connections.get(&at)?;
        let mut stages = looked_up.clone();
        stages.extend(connection.iter().cloned());
        let serves = stages.iter().all(Observation::is_ok);
        let (clock_stage, clock) = serves.then(|| judge_clock(&at, clocks, stand_in)).flatten().unzip();
        stages.extend(clock_stage);
        Some(Host { clock, ..Host::new(host.clone(), Some(at.address), stages) })
    });
    walked.collect()
}

/// The `clock` stage of a KMS host: by its own clock where that is known. Where it is not, by ours against true time,
/// which a client beside us shares; the host is then taken to have the true time. `None` where neither can be said.
fn judge_clock(
    at: &HostAddress,
    clocks: &ClockReport,
    stand_in: Option<&Reference>,
) -> Option<(Observation, Comparison)> {
    let host = clocks.comparison(at.address.ip());
    let stand_in = || stand_in.map(|reference| (reference.comparison, &reference.observation));
    let (comparison, read) = host.or_else(stand_in)?;
    let detail = comparison.describe(&at.host.host.to_string());
    let outcome = match comparison.standing {
        Standing::Skewed => Err(Failure::new(Reason::Skewed, detail)),
        Standing::Right | Standing::Drifted => Ok(detail),
    };
    let judged = Observation::new(Stage::Clock, outcome, read.duration);
    Some((Observation { observed_at: read.observed_at, ..judged }, comparison))
}

impl Discovered {
    fn new(kms: &Kms, findings: &PathFindings) -> Option<Self> {
        let Discovery::Domains { search, expected_hosts, .. } = &kms.discovery else { return None };
        let records: BTreeSet<SrvRecord> = findings.records().into_iter().cloned().collect();
        let found: BTreeSet<&DnsName> = records.iter().map(|record| &record.host).collect();
        let unexpected = found.iter().filter(|host| !expected_hosts.is_empty() && !expected_hosts.contains(host));
        // Where no nameserver answers nothing is known to be missing.
        let missing = expected_hosts.iter().filter(|host| !found.is_empty() && !found.contains(host));
        let mut counts = BTreeMap::new();
        for (lookup, answer) in &findings.srv {
            if answer.observation.is_ok() || is_empty_answer(answer.observation.reason) {
                *counts.entry(lookup.nameserver).or_default() += answer.records.len();
            }
        }
        Some(Self {
            unexpected: unexpected.map(|host| (*host).clone()).collect(),
            missing: missing.cloned().collect(),
            disagreements: disagreements(findings),
            counts,
            search: *search,
            records,
        })
    }

    /// True where a host of this name is expected, or none are configured as expected.
    pub fn is_expected(&self, host: &DnsName) -> bool {
        !self.unexpected.contains(host)
    }
}

/// True for an answer that says there are no records, as against no answer.
pub const fn is_empty_answer(reason: Option<Reason>) -> bool {
    matches!(reason, Some(Reason::Nxdomain | Reason::NoRecords | Reason::NoService))
}

/// The nameservers that answered otherwise than the first that answered, domain by domain. One that did not answer
/// is a fault of its own and no disagreement.
fn disagreements(findings: &PathFindings) -> Vec<Disagreement> {
    let mut first = BTreeMap::new();
    let mut found: Vec<Disagreement> = Vec::new();
    for (lookup, answer) in &findings.srv {
        if !answer.observation.is_ok() && !is_empty_answer(answer.observation.reason) {
            continue;
        }
        let (one, records) = *first.entry(&lookup.domain).or_insert((lookup.nameserver, &answer.records));
        let known = found.iter().any(|disagreement| disagreement.domain == lookup.domain);
        if *records != answer.records && !known {
            found.push(Disagreement { domain: lookup.domain.clone(), one, other: lookup.nameserver });
        }
    }
    found
}
