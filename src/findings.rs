//! The latest finding of every job, and what is to be probed next because of them.

use crate::config::Config;
use crate::host::{Host, HostPort};
use crate::observation::Observation;
use crate::online::Target;
use crate::path::{Discovery, Kms, MAX_TARGETS, Path, Way};
use crate::probe::address::AddressAnswer;
use crate::probe::host_clock::HostClockAnswer;
use crate::probe::ntp::NtpAnswer;
use crate::probe::online::OnlineAnswer;
use crate::probe::srv::{SrvAnswer, SrvRecord};
use crate::probe::{Finding, HostAddress, Job, SrvLookup};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// All that was found, newest only.
#[derive(Debug, Default)]
pub struct Findings {
    /// By path, under the name of the path.
    pub paths: BTreeMap<Arc<str>, PathFindings>,
    /// What each time server said.
    pub time_servers: BTreeMap<HostPort, NtpAnswer>,
    /// What time each host has.
    pub host_clocks: BTreeMap<IpAddr, HostClockAnswer>,
}

/// The latest findings on one path.
#[derive(Debug, Default)]
pub struct PathFindings {
    /// What each nameserver said of each domain.
    pub srv: BTreeMap<SrvLookup, SrvAnswer>,
    /// Where the hosts live.
    pub addresses: BTreeMap<HostPort, AddressAnswer>,
    /// The `tcp` and `rpc` stages of each host and address.
    pub connections: BTreeMap<HostAddress, Vec<Observation>>,
    /// What was found on the way to each endpoint over each proxy.
    pub online: BTreeMap<Arc<Target>, Arc<OnlineAnswer>>,
}

impl Findings {
    /// Takes in what a job found. Returns the observations of a path that it replaces, in the order of their stages.
    pub fn record(&mut self, job: &Job, finding: Finding) -> Vec<Observation> {
        match (job, finding) {
            (Job::Srv { path, lookup }, Finding::Srv(answer)) => {
                let replaced = self.path(path).srv.insert(lookup.clone(), answer);
                replaced.map(|answer| answer.observation).into_iter().collect()
            }
            (Job::Address { path, host }, Finding::Address(answer)) => {
                let replaced = self.path(path).addresses.insert(host.clone(), answer);
                replaced.map(|answer| answer.observation).into_iter().collect()
            }
            (Job::Connect { path, host }, Finding::Connect(stages)) => {
                self.path(path).connections.insert(host.clone(), stages).unwrap_or_default()
            }
            (Job::Online { path, target }, Finding::Online(answer)) => {
                let replaced = self.path(path).online.insert(Arc::clone(target), Arc::new(answer));
                replaced.map(|answer| answer.stages.clone()).unwrap_or_default()
            }
            (Job::Ntp { source }, Finding::Ntp(answer)) => {
                self.time_servers.insert(source.clone(), answer);
                Vec::new()
            }
            (Job::HostClock { address, .. }, Finding::HostClock(answer)) => {
                self.host_clocks.insert(*address, answer);
                Vec::new()
            }
            // A finding is of its job's kind, so no other pair comes here.
            (
                Job::Srv { .. }
                | Job::Address { .. }
                | Job::Connect { .. }
                | Job::Online { .. }
                | Job::Ntp { .. }
                | Job::HostClock { .. },
                _,
            ) => Vec::new(),
        }
    }

    /// What a job found the last time, for those that are done better if they know.
    pub fn recall(&self, job: &Job) -> Option<Finding> {
        match job {
            Job::Ntp { source } => self.time_servers.get(source).cloned().map(Finding::Ntp),
            Job::HostClock { address, .. } => self.host_clocks.get(address).cloned().map(Finding::HostClock),
            Job::Srv { .. } | Job::Address { .. } | Job::Connect { .. } | Job::Online { .. } => None,
        }
    }

    fn path(&mut self, name: &Arc<str>) -> &mut PathFindings {
        self.paths.entry(Arc::clone(name)).or_default()
    }

    /// Forgets the finding of a job that is no longer planned.
    pub fn forget(&mut self, job: &Job) {
        let findings = job.path().and_then(|path| self.paths.get_mut(path));
        match (job, findings) {
            (Job::Srv { lookup, .. }, Some(findings)) => drop(findings.srv.remove(lookup)),
            (Job::Address { host, .. }, Some(findings)) => drop(findings.addresses.remove(host)),
            (Job::Connect { host, .. }, Some(findings)) => drop(findings.connections.remove(host)),
            (Job::Online { target, .. }, Some(findings)) => drop(findings.online.remove(target)),
            (Job::Ntp { source }, _) => drop(self.time_servers.remove(source)),
            (Job::HostClock { address, .. }, _) => drop(self.host_clocks.remove(address)),
            (_, None) => {}
        }
        self.paths.retain(|_, findings| !findings.is_empty());
    }

    /// True for a job that is not to be done again before its time, whatever the configuration says: nobody is asked
    /// for the time at every reload.
    pub fn lets_rest(&self, job: &Job) -> bool {
        match job {
            Job::Ntp { source } => self.time_servers.get(source).is_some_and(NtpAnswer::rests),
            Job::HostClock { .. } => true,
            Job::Srv { .. } | Job::Address { .. } | Job::Connect { .. } | Job::Online { .. } => false,
        }
    }

    /// Forgets that time servers asked not to be asked, for whoever reads the configuration anew means to ask again.
    pub fn forget_denials(&mut self) {
        self.time_servers.values_mut().for_each(NtpAnswer::forget_denials);
    }

    /// All that is to be probed, given a configuration and what was found so far.
    pub fn plan(&self, config: &Config) -> BTreeSet<Job> {
        let mut jobs: BTreeSet<Job> =
            config.clock.ntp.iter().map(|source| Job::Ntp { source: source.clone() }).collect();
        let ways = &config.clock.host_clocks;
        for path in &config.paths {
            let planned = self.plan_path(path);
            let reads_clocks = matches!(&path.way, Way::Kms(kms) if kms.reads_clocks);
            if reads_clocks && !ways.is_empty() {
                let hosts = planned.iter().filter_map(|job| match job {
                    Job::Connect { host, .. } => Some(host.address.ip()),
                    _ => None,
                });
                jobs.extend(hosts.map(|address| Job::HostClock { address, ways: Arc::clone(ways) }));
            }
            jobs.extend(planned);
        }
        jobs
    }

    /// All that is to be probed on one path, beside the clocks.
    pub fn plan_path(&self, path: &Path) -> BTreeSet<Job> {
        match &path.way {
            Way::Kms(kms) => self.plan_kms(path, kms),
            Way::Online(online) => {
                let job =
                    |target: &Arc<Target>| Job::Online { path: Arc::clone(&path.name), target: Arc::clone(target) };
                online.targets.iter().map(job).collect()
            }
        }
    }

    fn plan_kms(&self, path: &Path, kms: &Kms) -> BTreeSet<Job> {
        let nothing = PathFindings::default();
        let findings = self.paths.get(&path.name).unwrap_or(&nothing);
        let name = || Arc::clone(&path.name);
        let mut jobs = BTreeSet::new();
        if let Discovery::Domains { domains, .. } = &kms.discovery {
            for domain in domains {
                jobs.extend(path.resolution.nameservers.iter().map(|nameserver| Job::Srv {
                    path: name(),
                    lookup: SrvLookup { domain: domain.clone(), nameserver: *nameserver },
                }));
            }
        }
        let hosts = findings.hosts(kms);
        let named = hosts.iter().filter(|host| matches!(host.host, Host::Name(_)));
        jobs.extend(named.map(|host| Job::Address { path: name(), host: host.clone() }));
        let addresses = hosts.iter().flat_map(|host| findings.addresses_of(host));
        jobs.extend(addresses.take(MAX_TARGETS).map(|host| Job::Connect { path: name(), host }));
        jobs
    }
}

impl PathFindings {
    /// All SRV records, of all nameservers and domains, as clients prefer them.
    pub fn records(&self) -> BTreeSet<&SrvRecord> {
        self.srv.values().flat_map(|answer| &answer.records).collect()
    }

    /// The hosts of the path, each once, in the order in which clients prefer them: those configured, or those
    /// discovered, whichever nameserver named them.
    pub fn hosts(&self, kms: &Kms) -> Vec<HostPort> {
        let mut seen = BTreeSet::new();
        let mut hosts = match &kms.discovery {
            Discovery::Hosts(hosts) => hosts.clone(),
            Discovery::Domains { .. } => self.records().into_iter().map(SrvRecord::target).collect(),
        };
        hosts.retain(|host| seen.insert(host.clone()));
        hosts
    }

    /// The addresses of a host, as far as they are known. An address is its own.
    pub fn addresses_of(&self, host: &HostPort) -> Vec<HostAddress> {
        let addresses = match host.host {
            Host::Address(address) => BTreeSet::from([address]),
            Host::Name(_) => self.addresses.get(host).map(|answer| answer.addresses.clone()).unwrap_or_default(),
        };
        let with_host = |address| HostAddress { host: host.clone(), address: SocketAddr::new(address, host.port) };
        addresses.into_iter().map(with_host).collect()
    }

    /// True where one of these addresses of hosts was connected to, or was tried.
    pub fn connects_to_any(&self, addresses: &BTreeSet<IpAddr>) -> bool {
        !addresses.is_empty() && self.connections.keys().any(|host| addresses.contains(&host.address.ip()))
    }

    fn is_empty(&self) -> bool {
        self.srv.is_empty() && self.addresses.is_empty() && self.connections.is_empty() && self.online.is_empty()
    }
}
