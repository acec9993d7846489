//! The latest finding of every job of one path, and of the clocks.

mod history;

pub use history::Intermittent;

use crate::config::Damping;
use crate::host::{Address, Host, HostPort};
use crate::observation::Observation;
use crate::online::Target;
use crate::path::{Discovery, Kms};
use crate::probe::address::AddressAnswer;
use crate::probe::host_clock::HostClockAnswer;
use crate::probe::ntp::NtpAnswer;
use crate::probe::online::OnlineAnswer;
use crate::probe::srv::{SrvAnswer, SrvRecord};
use crate::probe::{Finding, HostAddress, Job, SrvLookup};
use history::History;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The latest findings on one path.
#[derive(Debug, Default)]
pub struct PathFindings {
    /// What each nameserver answered for each domain.
    pub srv: BTreeMap<SrvLookup, SrvAnswer>,
    pub addresses: HashMap<HostPort, AddressAnswer>,
    /// The `tcp` and `rpc` stages of each host and address.
    pub connections: HashMap<HostAddress, Vec<Observation>>,
    /// What was found at each endpoint over each proxy.
    pub online: HashMap<Arc<Target>, Arc<OnlineAnswer>>,
    /// The jobs that failed in one of their last rounds.
    histories: HashMap<Arc<Job>, History>,
}

/// What a finding took the place of.
#[derive(Debug)]
pub enum Replaced {
    /// What the nameserver answered before; `None` the first time.
    Srv(Option<SrvAnswer>),
    /// The addresses known before; `None` the first time.
    Address(Option<AddressAnswer>),
    /// Something that no other job follows from.
    Nothing,
}

impl PathFindings {
    /// Records what a job found. Returns what that takes the place of.
    pub fn record(&mut self, job: &Arc<Job>, finding: Finding) -> Replaced {
        self.remember(job, finding.observations());
        match (&**job, finding) {
            (Job::Srv(lookup), Finding::Srv(answer)) => Replaced::Srv(self.srv.insert(lookup.clone(), answer)),
            (Job::Address(host), Finding::Address(answer)) => {
                Replaced::Address(self.addresses.insert(host.clone(), answer))
            }
            (Job::Connect(host), Finding::Connect(stages)) => {
                self.connections.insert(host.clone(), stages);
                Replaced::Nothing
            }
            (Job::Online(target), Finding::Online(answer)) => {
                self.online.insert(Arc::clone(target), Arc::new(answer));
                Replaced::Nothing
            }
            // A finding is of its job's kind, and clocks belong to no path.
            _ => Replaced::Nothing,
        }
    }

    /// Remembers how a round of a job ended, for as long as one of those that are remembered failed.
    fn remember(&mut self, job: &Arc<Job>, observations: &[Observation]) {
        let has_failed = observations.iter().any(|observation| !observation.is_ok());
        if let Some(history) = self.histories.get_mut(job) {
            history.note(observations);
            if history.is_clean() {
                self.histories.remove(job);
            }
        } else if has_failed {
            let mut history = History::default();
            history.note(observations);
            self.histories.insert(Arc::clone(job), history);
        }
    }

    /// What a job found the last time, in the order of its stages; nothing where it was never done.
    pub fn observations(&self, job: &Job) -> &[Observation] {
        match job {
            Job::Srv(lookup) => self.srv.get(lookup).map(|answer| std::slice::from_ref(&answer.observation)),
            Job::Address(host) => self.addresses.get(host).map(|answer| std::slice::from_ref(&answer.observation)),
            Job::Connect(host) => self.connections.get(host).map(Vec::as_slice),
            Job::Online(target) => self.online.get(target).map(|answer| answer.stages.as_slice()),
            Job::Ntp(_) | Job::HostClock { .. } => None,
        }
        .unwrap_or_default()
    }

    /// How a job fails now and then; `None` where it does not.
    pub fn intermittent(&self, job: &Job, damping: Damping) -> Option<Intermittent> {
        if self.histories.is_empty() { None } else { self.histories.get(job)?.intermittent(damping) }
    }

    /// Forgets the finding of a job that is no longer planned.
    pub fn forget(&mut self, job: &Job) {
        self.histories.remove(job);
        match job {
            Job::Srv(lookup) => drop(self.srv.remove(lookup)),
            Job::Address(host) => drop(self.addresses.remove(host)),
            Job::Connect(host) => drop(self.connections.remove(host)),
            Job::Online(target) => drop(self.online.remove(target)),
            Job::Ntp(_) | Job::HostClock { .. } => {}
        }
    }

    /// All SRV records, of all nameservers and domains, as clients prefer them.
    pub fn records(&self) -> BTreeSet<&SrvRecord> {
        self.srv.values().flat_map(|answer| &answer.records).collect()
    }

    /// The hosts of the path, each once, in the order in which clients prefer them: those configured, or those
    /// discovered that may be probed, whichever nameserver named them.
    pub fn hosts(&self, kms: &Kms) -> Vec<HostPort> {
        let mut hosts = match &kms.discovery {
            Discovery::Hosts(hosts) => hosts.clone(),
            Discovery::Domains { .. } => {
                let records = self.records().into_iter().filter(|record| kms.admits_port(record.port));
                records.map(SrvRecord::target).collect()
            }
        };
        let mut seen = HashSet::new();
        hosts.retain(|host| seen.insert(host.clone()));
        hosts
    }

    /// The addresses of a host, as far as they are known. An address is its own.
    pub fn addresses_of(&self, host: &HostPort) -> Vec<HostAddress> {
        let with_host = |address: &Address| HostAddress { host: host.clone(), address: address.at(host.port) };
        match &host.host {
            Host::Address(address) => vec![with_host(address)],
            Host::Name(_) => {
                let known = self.addresses.get(host).map(|answer| &answer.addresses);
                known.into_iter().flatten().map(with_host).collect()
            }
        }
    }
}

/// What clocks show.
#[derive(Debug, Default)]
pub struct ClockFindings {
    /// What each time server answered.
    pub time_servers: BTreeMap<HostPort, NtpAnswer>,
    /// What time each host has.
    pub host_clocks: BTreeMap<Address, HostClockAnswer>,
}

impl ClockFindings {
    /// Records what a job found.
    pub fn record(&mut self, job: &Job, finding: Finding) {
        match (job, finding) {
            (Job::Ntp(source), Finding::Ntp(answer)) => drop(self.time_servers.insert(source.clone(), answer)),
            (Job::HostClock { address, .. }, Finding::HostClock(answer)) => {
                self.host_clocks.insert(*address, answer);
            }
            // A finding is of its job's kind, and what else there is belongs to a path.
            _ => {}
        }
    }

    /// What a job found the last time.
    pub fn recall(&self, job: &Job) -> Option<Finding> {
        match job {
            Job::Ntp(source) => self.time_servers.get(source).cloned().map(Finding::Ntp),
            Job::HostClock { address, .. } => self.host_clocks.get(address).cloned().map(Finding::HostClock),
            Job::Srv(_) | Job::Address(_) | Job::Connect(_) | Job::Online(_) => None,
        }
    }

    /// Forgets the finding of a job that is no longer planned.
    pub fn forget(&mut self, job: &Job) {
        match job {
            Job::Ntp(source) => drop(self.time_servers.remove(source)),
            Job::HostClock { address, .. } => drop(self.host_clocks.remove(address)),
            Job::Srv(_) | Job::Address(_) | Job::Connect(_) | Job::Online(_) => {}
        }
    }

    /// True for a job that backs off: it is not to be done again before its time, whatever the configuration says.
    /// Nobody is asked for the time at every reload.
    pub fn backs_off(&self, job: &Job) -> bool {
        match job {
            Job::Ntp(source) => self.time_servers.get(source).is_some_and(NtpAnswer::backs_off),
            Job::HostClock { .. } => true,
            Job::Srv(_) | Job::Address(_) | Job::Connect(_) | Job::Online(_) => false,
        }
    }

    /// Forgets that time servers asked not to be asked, for whoever reads the configuration again means to ask again.
    pub fn forget_denials(&mut self) {
        self.time_servers.values_mut().for_each(NtpAnswer::forget_denials);
    }
}
