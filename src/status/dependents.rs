//! Which KMS hosts belong to which path, so that the machines which use a host are known to depend on the path.

use super::store::FleetQuestion;
use crate::config::Status;
use crate::host::{Host, is_same_host};
use crate::path::{Discovery, Path, Way};
use crate::state::PathReport;
use crate::walk::Walk;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The KMS hosts that machines use, by the paths that lead to them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dependents(Vec<(Arc<str>, BTreeSet<String>)>);

impl Dependents {
    /// Ties the hosts that machines use to paths: to each that leads to the host by name or address. A host no path
    /// leads to right now, which is also what a lookup that fails looks like, belongs to the paths whose domain it is
    /// in.
    pub fn new(paths: &[Path], known: &[Arc<PathReport>], used: &[String]) -> Self {
        let roads: Vec<Road<'_>> = paths.iter().filter_map(|path| Road::new(path, known)).collect();
        let mut dependents: Vec<_> = roads.iter().map(|road| (Arc::clone(road.path), BTreeSet::new())).collect();
        for host in used {
            let is_led_to = roads.iter().any(|road| road.leads_to(host));
            for (road, (_, hosts)) in roads.iter().zip(&mut dependents) {
                if if is_led_to { road.leads_to(host) } else { road.has_in_domain(host) } {
                    hosts.insert(host.clone());
                }
            }
        }
        Self(dependents)
    }

    /// What to ask a store: for the fleet as it is now, and the machines on each path, with so many licenses at risk.
    pub fn question(&self, status: &Status, at_risk: usize) -> FleetQuestion {
        let question = FleetQuestion::new(Timestamp::now(), status.stale_after());
        FleetQuestion { at_risk, paths: self.0.clone(), ..question }
    }

    /// The hosts of a path; `None` where there is no such path to KMS hosts.
    pub fn hosts_of(&self, path: &str) -> Option<&BTreeSet<String>> {
        self.0.iter().find(|(name, _)| &**name == path).map(|(_, hosts)| hosts)
    }

    /// The first path that a host belongs to.
    pub fn path_of(&self, host: &str) -> Option<&str> {
        self.0.iter().find(|(_, hosts)| hosts.contains(host)).map(|(path, _)| &**path)
    }
}

/// A path, and where it leads.
struct Road<'a> {
    path: &'a Arc<str>,
    hosts: BTreeSet<String>,
    domains: &'a [crate::host::DnsName],
}

impl<'a> Road<'a> {
    fn new(path: &'a Path, known: &[Arc<PathReport>]) -> Option<Self> {
        let Way::Kms(kms) = &path.way else { return None };
        let (mut hosts, domains) = match &kms.discovery {
            Discovery::Domains { domains, expected_hosts, .. } => {
                (expected_hosts.iter().map(ToString::to_string).collect(), domains.as_slice())
            }
            Discovery::Hosts(hosts) => {
                (hosts.iter().map(|host| host.host.to_string()).collect::<BTreeSet<_>>(), [].as_slice())
            }
        };
        let walked = known.iter().find(|report| report.name == path.name).map(|report| &report.walk);
        if let Some(Walk::Kms(walk)) = walked {
            for host in walk.hosts() {
                hosts.insert(host.host().to_owned());
                hosts.extend(host.address.map(|address| address.ip().to_string()));
            }
        }
        Some(Self { path: &path.name, hosts, domains })
    }

    fn leads_to(&self, host: &str) -> bool {
        self.hosts.contains(host) || self.hosts.iter().any(|known| is_same_host(known, host))
    }

    fn has_in_domain(&self, host: &str) -> bool {
        let is_address = matches!(host.parse(), Ok(Host::Address(_)));
        let within = |domain: &str| host.strip_suffix(domain).is_some_and(|start| start.ends_with('.'));
        !is_address && self.domains.iter().any(|domain| within(domain.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, System};

    fn dependents(paths: &str, used: &[&str]) -> Vec<(String, Vec<String>)> {
        let system = System { nameservers: Vec::new(), domains: Vec::new() };
        let config = Config::parse(format!("paths: {paths}").as_bytes(), "test", &system, &|_| None).unwrap();
        let used: Vec<_> = used.iter().map(ToString::to_string).collect();
        let dependents = Dependents::new(&config.paths, &[], &used);
        let listed = |hosts: &BTreeSet<String>| hosts.iter().cloned().collect();
        dependents.0.iter().map(|(name, hosts)| (name.to_string(), listed(hosts))).collect()
    }

    fn path(name: &str, hosts: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), hosts.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_host_belongs_to_the_paths_that_lead_to_it() {
        let paths = "[{name: a, kms: {hosts: [kms01.corp.example, 192.0.2.10]}}, \
                     {name: b, kms: {hosts: [kms02.corp.example]}}]";
        assert_eq!(
            dependents(
                paths,
                &["kms01.corp.example", "kms01", "192.0.2.10", "kms02.corp.example", "kms01.lab.example"]
            ),
            [path("a", &["192.0.2.10", "kms01", "kms01.corp.example"]), path("b", &["kms02.corp.example"])]
        );
    }

    #[test]
    fn where_no_lookup_succeeds_the_domain_tells() {
        let paths = "[{name: corp, kms: {domain: corp.example}}, {name: lab, kms: {domain: lab.example}}]";
        assert_eq!(
            dependents(
                paths,
                &["kms01.corp.example", "kms.xlab.example", "lab.example", "10.0.0.1", "kms09.lab.example"]
            ),
            [path("corp", &["kms01.corp.example"]), path("lab", &["kms09.lab.example"])]
        );
    }

    #[test]
    fn a_host_that_a_path_leads_to_is_not_given_to_another_for_its_domain() {
        let paths = "[{name: branch, kms: {hosts: [kms03.corp.example]}}, {name: corp, kms: {domain: corp.example}}]";
        assert_eq!(
            dependents(paths, &["kms03.corp.example", "kms01.corp.example"]),
            [path("branch", &["kms03.corp.example"]), path("corp", &["kms01.corp.example"])]
        );
    }
}
