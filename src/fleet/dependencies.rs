//! Which machines depend on which path: by the KMS hosts they use, by their domain where they know none, and by what
//! they still have to ask of Microsoft. Pure.

use super::outage::{Excuses, Outage};
use crate::license::{ChannelKind, LicenseStatus, Seen, View};
use crate::observation::Stage;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reach {
    /// To KMS hosts or to Microsoft.
    pub kind: ReachKind,
    /// When something on the path failed that passes again, the last at the end. What machines reported of their
    /// failures then, and this explains, is reported no more.
    pub outages: Vec<Outage>,
}

/// To what a path leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReachKind {
    /// To KMS hosts.
    Kms {
        /// The names and addresses of these, in lower case.
        hosts: BTreeSet<String>,
        /// The domains in which it looks for them, in lower case.
        domains: BTreeSet<String>,
        /// The full names that those of these may have which have no domain, with that name of one label: by the
        /// domains in which this machine looks for names, and not by who reports.
        full_names: BTreeMap<String, String>,
    },
    /// To Microsoft.
    Online,
}

/// Each path, and which machines depend on it. Paths that lead to the same share one set of machines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dependencies {
    /// The number of the set of each path.
    paths: BTreeMap<Arc<str>, usize>,
    /// What the paths of each set lead to, and the first of these paths.
    sets: Vec<(Reach, Arc<str>)>,
    /// The sets that lead to each KMS host, by its whole name or its address.
    by_host: HashMap<String, Vec<usize>>,
    /// The KMS hosts with this short name and a domain: their full names, and the sets that lead to each.
    by_short_name: HashMap<String, Vec<(String, usize)>>,
    /// The full names that KMS hosts may have to which paths lead under a short one, and that.
    full_names: HashMap<String, String>,
    by_domain: HashMap<String, Vec<usize>>,
    online: Vec<usize>,
    /// The sets that clients without a KMS host depend on wherever they are.
    everywhere: Vec<usize>,
    /// True where no path leads to Microsoft beside those to KMS hosts.
    is_kms_only: bool,
}

/// A license, as far as it decides on which paths its machine depends.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dependent<'a> {
    /// The KMS host it uses, in lower case.
    pub kms_host: Option<&'a str>,
    /// What its channel means, where it is known.
    pub kind: Option<ChannelKind>,
    pub status: Option<LicenseStatus>,
    /// True where it has an end.
    pub ends: bool,
    /// True for what comes beside a product.
    pub is_addon: bool,
    /// True where Active Directory activated it: it depends on its domain, and on no path.
    pub is_by_domain: bool,
}

/// The dependencies of machines that use known KMS hosts, each of which is looked up once.
#[derive(Debug)]
pub(super) struct Reaching<'a> {
    dependencies: &'a Dependencies,
    /// The sets that lead to each host.
    by_host: HashMap<&'a str, Vec<usize>>,
    /// The short names that several hosts share. Which of them one stands for, the domain of the machine that uses it
    /// says.
    shared: HashMap<&'a str, &'a [(String, usize)]>,
}

impl Dependencies {
    /// Ties machines to paths: to each that leads to the KMS host they use, by name or address. A host that no path
    /// leads to right now, which is also what a lookup that fails looks like, belongs to the paths whose domain it is
    /// in. Where `are_all` says that these are all the paths there are, the only one to KMS hosts has all clients
    /// without one.
    pub fn new(paths: impl IntoIterator<Item = (Arc<str>, Reach)>, are_all: bool) -> Self {
        let paths: Vec<_> = paths.into_iter().collect();
        let is_kms = |reach: &Reach| reach.kind != ReachKind::Online;
        let kms_paths = paths.iter().filter(|(_, reach)| is_kms(reach)).count();
        let mut all = Self { is_kms_only: are_all && kms_paths == paths.len(), ..Self::default() };
        let mut numbers = HashMap::new();
        for (path, reach) in paths {
            let known = numbers.get(&reach).copied();
            let number = known.unwrap_or_else(|| all.add_set(reach.clone(), Arc::clone(&path)));
            numbers.insert(reach, number);
            all.paths.insert(path, number);
        }
        if are_all && kms_paths == 1 {
            all.everywhere = (0..all.sets.len()).filter(|number| !all.online.contains(number)).collect();
        }
        all
    }

    fn add_set(&mut self, reach: Reach, first: Arc<str>) -> usize {
        let number = self.sets.len();
        match &reach.kind {
            ReachKind::Online => self.online.push(number),
            ReachKind::Kms { hosts, domains, full_names } => {
                for host in hosts {
                    self.by_host.entry(host.clone()).or_default().push(number);
                    if let Some((short, _)) = host.split_once('.').filter(|_| !is_address(host)) {
                        self.by_short_name.entry(short.to_owned()).or_default().push((host.clone(), number));
                    }
                }
                self.full_names.extend(full_names.iter().map(|(full, short)| (full.clone(), short.clone())));
                for domain in domains {
                    self.by_domain.entry(domain.clone()).or_default().push(number);
                }
            }
        }
        self.sets.push((reach, first));
        number
    }

    /// The names of the paths, each with the number of its set.
    pub(super) fn paths(&self) -> impl Iterator<Item = (&Arc<str>, usize)> {
        self.paths.iter().map(|(path, number)| (path, *number))
    }

    /// What the paths of each set lead to.
    pub(super) fn sets(&self) -> impl Iterator<Item = &Reach> {
        self.sets.iter().map(|(reach, _)| reach)
    }

    /// What the outages of the paths of a set explain.
    pub(super) fn excuses(&self, number: usize) -> Excuses<'_> {
        let outages = self.sets.get(number).map(|(reach, _)| reach.outages.as_slice()).unwrap_or_default();
        Excuses { outages, is_kms: self.is_kms(number) }
    }

    /// The number of the set of a path; `None` where there is no such path.
    pub(super) fn set_of(&self, path: &str) -> Option<usize> {
        self.paths.get(path).copied()
    }

    /// The names of the paths.
    pub fn path_names(&self) -> impl Iterator<Item = &str> {
        self.paths.keys().map(AsRef::as_ref)
    }

    /// True where there is a path of this name.
    pub fn has_path(&self, path: &str) -> bool {
        self.paths.contains_key(path)
    }

    /// True where no path leads to Microsoft beside those to KMS hosts.
    pub(super) const fn is_kms_only(&self) -> bool {
        self.is_kms_only
    }

    /// The names under which paths lead to a host of this name.
    ///
    /// A short name stands for the one host that has it with a domain; where several have it, for none of them. A full
    /// name is that of a host to which a path leads under the short one where something else says that it is in that
    /// domain: who reports under the same name in a domain of strangers is another host.
    pub(super) fn targets<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a str> {
        let exact = self.by_host.contains_key(host).then_some(host);
        let short = self.full_names.get(host).map(String::as_str).filter(|short| self.by_host.contains_key(*short));
        exact.into_iter().chain(short).chain(self.only_one_called(host))
    }

    /// The full name of the one host to which paths lead that has this short name.
    fn only_one_called(&self, short: &str) -> Option<&str> {
        let called = self.by_short_name.get(short)?;
        let (first, _) = called.first()?;
        called.iter().all(|(full, _)| full == first).then_some(first)
    }

    /// True where paths lead to hosts with this short name, with a domain or without.
    pub(super) fn knows_short_name(&self, short: &str) -> bool {
        self.by_host.contains_key(short) || self.by_short_name.contains_key(short)
    }

    /// The dependencies of machines that use these KMS hosts.
    pub(super) fn reaching<'a>(&'a self, hosts: impl Iterator<Item = &'a str>) -> Reaching<'a> {
        let (mut by_host, mut shared) = (HashMap::new(), HashMap::new());
        for host in hosts {
            let mut leading = self.leading_to(host);
            if let Some(called) = self.by_short_name.get(host).filter(|_| self.only_one_called(host).is_none()) {
                leading.extend(called.iter().map(|(_, number)| *number));
                shared.insert(host, called.as_slice());
            }
            by_host.insert(host, distinct(leading));
        }
        Reaching { dependencies: self, by_host, shared }
    }

    /// The stage at which a machine fails by its own view of the KMS hosts to which the paths of a set lead: the furthest of
    /// them. `None` where it reaches one, or says nothing of them.
    pub(super) fn fails_at(&self, number: usize, view: &View) -> Option<Stage> {
        let concerns = |seen: &&Seen| match &seen.host {
            Some(host) => self.leading_to(&host.host.to_string()).contains(&number),
            None => self.is_kms(number),
        };
        let mut furthest = None;
        for seen in view.seen.iter().filter(concerns) {
            furthest = furthest.max(Some(seen.failed?.0));
        }
        furthest
    }

    fn is_kms(&self, number: usize) -> bool {
        self.sets.get(number).is_some_and(|(reach, _)| reach.kind != ReachKind::Online)
    }

    /// The sets that lead to a KMS host; where none does, those whose domain it is in.
    fn leading_to(&self, host: &str) -> Vec<usize> {
        let direct = self.targets(host).filter_map(|target| self.by_host.get(target)).flatten().copied();
        let direct: Vec<_> = direct.collect();
        if !direct.is_empty() || is_address(host) {
            return distinct(direct);
        }
        distinct(suffixes(host).filter_map(|domain| self.by_domain.get(domain)).flatten().copied().collect())
    }

    /// The sets that a machine would ask for a KMS host: those with the longest domain it is in.
    fn paths_of(&self, machine: &str) -> &[usize] {
        if !self.everywhere.is_empty() {
            return &self.everywhere;
        }
        suffixes(machine).find_map(|domain| self.by_domain.get(domain)).map_or(&[], Vec::as_slice)
    }
}

impl<'a> Reaching<'a> {
    /// The numbers of the sets that a machine with these licenses depends on. One may come more than once.
    pub(super) fn depends_on<'n>(
        &self,
        machine: &str,
        dependents: impl Iterator<Item = Dependent<'n>> + Clone,
    ) -> impl Iterator<Item = usize> {
        let has_kms_host = dependents.clone().any(|dependent| dependent.kms_host.is_some());
        let lacks_host = !has_kms_host && dependents.clone().any(|dependent| dependent.lacks_kms_host());
        let asks_online = dependents.clone().any(|dependent| dependent.asks_online());
        let by_hosts =
            dependents.filter_map(|dependent| dependent.kms_host).flat_map(|host| self.leading_to(machine, host));
        let own_paths = if lacks_host { self.dependencies.paths_of(machine) } else { &[] };
        let online = if asks_online { self.dependencies.online.as_slice() } else { &[] };
        by_hosts.chain(own_paths.iter().chain(online).copied())
    }

    /// The sets that lead to the KMS host that a machine uses.
    fn leading_to(&self, machine: &str, host: &str) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let sets = self.by_host.get(host).map_or(&[][..], Vec::as_slice).iter().copied();
        // Few hosts share a short name, and all machines ask.
        let shared = if self.shared.is_empty() { None } else { self.shared.get(host).copied() };
        let own = shared.map(|shared| self.own_sets(machine, host, shared));
        sets.filter(move |number| own.as_ref().is_none_or(|own| own.contains(number)))
    }

    /// The sets that lead to those of the hosts that share a short name which a machine would ask: those in its own
    /// domain, and one of that very name.
    fn own_sets(&self, machine: &str, host: &str, shared: &[(String, usize)]) -> Vec<usize> {
        let in_domain = |domain| shared.iter().filter(move |(full, _)| is_within(full, domain));
        let domain = suffixes(machine).find(|domain| in_domain(domain).next().is_some());
        let own = domain.into_iter().flat_map(in_domain).map(|(_, number)| *number);
        own.chain(self.dependencies.by_host.get(host).into_iter().flatten().copied()).collect()
    }

    /// The numbers of the sets that a machine belongs to though it may not depend on them: those that it would ask for
    /// a KMS host. Where no path leads to KMS hosts, every machine belongs to all.
    pub(super) fn paths_of<'n>(
        &self,
        machine: &str,
        mut dependents: impl Iterator<Item = Dependent<'n>>,
    ) -> &'a [usize] {
        if self.dependencies.online.len() == self.dependencies.sets.len() {
            return &self.dependencies.online;
        }
        if dependents.any(|dependent| dependent.kms_host.is_some()) { &[] } else { self.dependencies.paths_of(machine) }
    }

    /// The numbers of the sets on whose paths a machine is, in order: those that it depends on, and where something
    /// `is_wrong` with it that no path can help, those that it belongs to, each of which has that problem.
    pub(super) fn on<'n>(
        &self,
        machine: &str,
        dependents: impl Iterator<Item = Dependent<'n>> + Clone,
        is_wrong: bool,
    ) -> Vec<usize> {
        distinct(self.all_on(machine, dependents, is_wrong).collect())
    }

    /// The same, in any order. One may come more than once.
    pub(super) fn all_on<'n>(
        &self,
        machine: &str,
        dependents: impl Iterator<Item = Dependent<'n>> + Clone,
        is_wrong: bool,
    ) -> impl Iterator<Item = usize> {
        let own_paths = if is_wrong { self.paths_of(machine, dependents.clone()) } else { &[] };
        self.depends_on(machine, dependents).chain(own_paths.iter().copied())
    }

    /// True for a license for which its machine depends on the paths of a set, where it does.
    pub(super) fn concerns(&self, number: usize, dependent: &Dependent<'_>) -> bool {
        if !self.dependencies.is_kms(number) {
            return dependent.asks_online();
        }
        match dependent.kms_host {
            // A host may still be set for a key that no KMS host activates.
            Some(host) => {
                let leads_to = self.by_host.get(host).is_some_and(|numbers| numbers.contains(&number));
                leads_to && dependent.kind.is_none_or(|kind| kind == ChannelKind::KmsClient)
            }
            None => dependent.lacks_kms_host(),
        }
    }

    /// The first path of these sets. One to KMS hosts comes before one to Microsoft.
    pub(super) fn first_path(&self, numbers: &[usize]) -> Option<&'a Arc<str>> {
        let first = numbers.iter().copied().min_by_key(|number| (!self.dependencies.is_kms(*number), *number))?;
        self.dependencies.sets.get(first).map(|(_, path)| path)
    }
}

impl Dependent<'_> {
    /// True for one that a KMS host is to activate, and has not, and that knows no host. A machine that is licensed and
    /// knows no host was activated otherwise. What Active Directory activated waits for that, licensed or not.
    fn lacks_kms_host(&self) -> bool {
        let is_pending = self.status != Some(LicenseStatus::Licensed) && !self.is_by_domain;
        self.kms_host.is_none() && !self.is_addon && is_pending && self.kind == Some(ChannelKind::KmsClient)
    }

    /// True for one that is activated by Microsoft and is not yet, or ends. What is activated without end needs nobody
    /// any more.
    fn asks_online(&self) -> bool {
        use ChannelKind::{Evaluation, KmsHost, Mak, Other};
        let is_pending = self.status.is_some_and(|status| status != LicenseStatus::Licensed);
        match self.kind {
            _ if self.is_addon => false,
            // Subscriptions ask again where they end. An evaluation ends for good.
            Some(Mak | Other) => is_pending || self.ends,
            Some(KmsHost | Evaluation) => is_pending,
            _ => false,
        }
    }
}

/// The domains that a name is in, the longest first.
fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(name.split_once('.'), |(_, domain)| domain.split_once('.')).map(|(_, domain)| domain)
}

/// True for the full name of a host in this very domain.
fn is_within(full: &str, domain: &str) -> bool {
    full.split_once('.').is_some_and(|(_, rest)| rest == domain)
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// Numbers in order, each once.
pub(super) fn distinct(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests;
