//! What the configured paths lead to, by what is configured of them and what was seen on them. This is all that the
//! fleet has to know of paths.

use crate::fleet::Dependencies;
use crate::fleet::dependencies::{Reach, ReachKind};
use crate::host::DnsName;
use crate::path::{Discovery, Kind, Kms, Path};
use crate::state::PathReport;
use crate::walk::Walk;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A path, and what it leads to.
pub type Reached = (Arc<str>, Reach);

/// What each of these paths leads to, given what was seen on those that were probed.
pub fn of_paths(paths: &[Path], known: &[Arc<PathReport>]) -> Vec<Reached> {
    let known: HashMap<&str, &PathReport> = known.iter().map(|report| (&*report.name, &**report)).collect();
    paths.iter().map(|path| (Arc::clone(&path.name), reach(path, known.get(&*path.name).copied()))).collect()
}

/// Which machines depend on each of these paths. `are_all` says that these are all the paths there are.
pub fn dependencies(paths: &[Path], are_all: bool, known: &[Arc<PathReport>]) -> Dependencies {
    Dependencies::new(of_paths(paths, known), are_all)
}

fn reach(path: &Path, known: Option<&PathReport>) -> Reach {
    let kind = match &path.kind {
        Kind::Kms(kms) => kms_reach(kms, &path.resolution.search, known.map(|report| &report.walk)),
        Kind::Online(_) => ReachKind::Online,
    };
    Reach { kind, outages: known.map(|report| report.outages.to_vec()).unwrap_or_default() }
}

fn kms_reach(kms: &Kms, search: &[DnsName], walk: Option<&Walk>) -> ReachKind {
    let (mut hosts, domains): (BTreeSet<String>, BTreeSet<String>) = match &kms.discovery {
        Discovery::Domains { domains, expected_hosts, .. } => (
            expected_hosts.iter().map(ToString::to_string).collect(),
            domains.iter().map(ToString::to_string).collect(),
        ),
        Discovery::Hosts(hosts) => (hosts.iter().map(|host| host.host.to_string()).collect(), BTreeSet::new()),
    };
    let mut full_names = BTreeMap::new();
    if let Discovery::Hosts(configured) = &kms.discovery {
        for name in configured.iter().filter_map(|host| host.host.short_name()) {
            let within = search.iter().filter_map(|domain| name.within(domain));
            full_names.extend(within.map(|full| (full.to_string(), name.to_string())));
        }
    }
    if let Some(Walk::Kms(walk)) = walk {
        for host in walk.hosts() {
            hosts.insert(host.name().to_string());
            hosts.extend(host.ip().map(|ip| ip.to_string()));
        }
    }
    ReachKind::Kms { hosts, domains, full_names }
}
