//! A walk to KMS hosts: the lookups, then one host after the other.

use super::{Intermittent, OwnClock, Walked};
use crate::clock::comparison::{ClockState, Comparison};
use crate::findings::PathFindings;
use crate::host::{self, DnsName, HostPort};
use crate::license::FailedStart;
use crate::observation::{Observation, Reason, Stage};
use crate::path::{Discovery, Kms};
use crate::probe::srv::{SrvAnswer, SrvRecord};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

mod disagreement;
mod flaws;
mod layout;
mod left_out;
mod publishing;
mod reported;

#[cfg(test)]
mod tests;

pub use disagreement::{Disagreement, Lack};
pub use flaws::{Fault, Flaw};
pub use layout::{KmsSources, Layout};
pub use left_out::{LeftOut, Lines};
pub use publishing::Unpublished;
pub use reported::{Count, CountState, HostReports, LapsedKey, OwnLicense, Served};

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
    /// True where it serves, and its clock was asked for and not read.
    pub is_clock_unread: bool,
    /// Its own license and its count for each application that it is used for, where it serves and they are reported.
    pub served: Vec<Served>,
    /// That it could not start, where it does not answer and that is reported.
    pub failed_start: Option<FailedStart>,
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

    fn weighs_alike(&self, other: &Self) -> bool {
        self.observation.weighs_alike(&other.observation) && self.intermittent == other.intermittent
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
        Self {
            host,
            address,
            stages,
            clock: None,
            is_clock_unread: false,
            served: Vec::new(),
            failed_start: None,
            idle_since: None,
            intermittent: None,
        }
    }

    /// The stage that failed, if one did.
    pub fn failure(&self) -> Option<&Observation> {
        self.stages.iter().find(|observation| !observation.is_ok())
    }

    /// True where every stage passed.
    pub fn works(&self) -> bool {
        self.failure().is_none()
    }

    /// What it reports for the application for which it is blamed to fail at a stage.
    pub fn blamed(&self, stage: Stage) -> Option<&Served> {
        self.served.iter().find(|served| served.fails_at() == Some(stage))
    }

    /// How many clients it counts of each application.
    pub fn counts(&self) -> impl Iterator<Item = Count> {
        self.served.iter().filter_map(|served| served.count)
    }

    /// The name or address, without the port.
    pub const fn name(&self) -> &host::Host {
        &self.host.host
    }

    /// The address as it is shown: without the port, which is in the target already.
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.map(|address| address.ip())
    }

    fn weighs_alike(&self, other: &Self) -> bool {
        let is_same_clock = match (self.clock, other.clock) {
            (Some(one), Some(two)) if one.state == ClockState::Right => {
                (one.clocks, one.state) == (two.clocks, two.state)
            }
            (one, two) => one == two,
        };
        is_same_clock
            && self.is_clock_unread == other.is_clock_unread
            && Observation::all_weigh_alike(&self.stages, &other.stages)
            && (&self.host, self.address) == (&other.host, other.address)
            && (&self.served, self.failed_start) == (&other.served, other.failed_start)
            && (self.idle_since, self.intermittent) == (other.idle_since, other.intermittent)
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
    /// True where every stage passed.
    pub fn works(&self) -> bool {
        match self {
            Self::Lookup(lookup) => lookup.failure().is_none(),
            Self::Host(host) => host.works(),
        }
    }

    /// True where the two give the same verdict: all that differs is how long it took, when it was, and what a stage
    /// that passed showed beside that.
    pub fn weighs_alike(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Lookup(one), Self::Lookup(two)) => one.weighs_alike(two),
            (Self::Host(one), Self::Host(two)) => one.weighs_alike(two),
            (Self::Lookup(_), Self::Host(_)) | (Self::Host(_), Self::Lookup(_)) => false,
        }
    }

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
    pub discovered: Option<Arc<Discovered>>,
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
    /// Hosts in DNS that are not among the expected ones, in the order of their names. Empty where none are configured
    /// as expected.
    pub unexpected: Vec<host::Host>,
    /// The hosts that are expected, where any are.
    pub expected: Vec<DnsName>,
    /// Expected hosts that are not in DNS.
    pub missing: Vec<DnsName>,
    /// Hosts that do not publish themselves there, by their own word.
    pub unpublished: Vec<Unpublished>,
    /// What DNS names and is not probed.
    pub left_out: LeftOut,
    /// Records that are not as they should be, the worst first.
    pub flaws: Vec<Flaw>,
    /// True where a domain without records is no fault as long as another has some.
    pub search: bool,
}

impl Walk {
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

    /// True for a host that DNS names and nobody expects.
    pub fn is_unexpected(&self, host: &Host) -> bool {
        self.discovered.as_ref().is_some_and(|discovered| !discovered.is_expected(host.name()))
    }

    /// The KMS hosts, each address on its own.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.targets.iter().filter_map(|target| match &**target {
            Target::Lookup(_) => None,
            Target::Host(host) => Some(host),
        })
    }
}

impl Discovered {
    fn new(kms: &Kms, findings: &PathFindings, reports: &HostReports) -> Option<Self> {
        let Discovery::Domains { domains, search, expected_hosts } = &kms.discovery else { return None };
        let records: BTreeSet<SrvRecord> = findings.records().into_iter().cloned().collect();
        let found: BTreeSet<&host::Host> = records.iter().map(|record| &record.host).collect();
        // Without its domain, a host is the same.
        let is = |host: &host::Host, expected: &DnsName| match host {
            host::Host::Name(name) => {
                name == expected
                    || !name.has_dot() && domains.iter().any(|domain| name.within(domain).as_ref() == Some(expected))
            }
            host::Host::Address(_) => false,
        };
        let is_expected = |host: &host::Host| expected_hosts.iter().any(|expected| is(host, expected));
        let unexpected = found.iter().filter(|host| !expected_hosts.is_empty() && !is_expected(host));
        // Where no nameserver answers nothing is known to be missing.
        let is_missing = |expected: &&DnsName| !found.is_empty() && !found.iter().any(|host| is(host, expected));
        let missing = expected_hosts.iter().filter(is_missing);
        let mut counts = BTreeMap::new();
        for (lookup, answer) in findings.srv.iter().filter(|(_, answer)| is_answered(answer)) {
            *counts.entry(lookup.nameserver).or_default() += answer.records.len();
        }
        Some(Self {
            unexpected: unexpected.map(|host| (*host).clone()).collect(),
            missing: missing.cloned().collect(),
            expected: expected_hosts.clone(),
            disagreements: disagreement::all(findings),
            left_out: LeftOut::new(kms, findings),
            unpublished: publishing::all(kms, findings, &records, reports),
            flaws: flaws::all(findings),
            counts,
            search: *search,
            records,
        })
    }

    /// True where a host of this name is expected, or none are configured as expected.
    pub fn is_expected(&self, host: &host::Host) -> bool {
        self.unexpected.binary_search(host).is_err()
    }
}

/// True for an answer that says there are no records, as against no answer.
pub const fn is_empty_answer(reason: Option<Reason>) -> bool {
    matches!(reason, Some(Reason::Nxdomain | Reason::NoRecords | Reason::NoService))
}

fn is_answered(answer: &SrvAnswer) -> bool {
    answer.observation.is_ok() || is_empty_answer(answer.observation.reason)
}
