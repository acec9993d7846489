//! What is to be probed on a path, kept up to date answer by answer: SRV records lead to hosts, hosts to addresses, and
//! addresses to connections. An answer that is the same as before changes nothing.

use crate::findings::{PathFindings, Replaced};
use crate::host::{Address, Host, HostPort};
use crate::path::{Discovery, Kind, Kms, MAX_TARGETS, Path};
use crate::probe::srv::{SrvAnswer, SrvRecord};
use crate::probe::{HostAddress, Job, SrvLookup};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What is planned, as far as it follows from answers.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What records may lead to; none on a path to endpoints.
    kms: Option<Kms>,
    /// The hosts, and how many answers or entries of the configuration name each.
    hosts: HashMap<HostPort, usize>,
    connections: HashSet<HostAddress>,
    /// What is beyond [`MAX_TARGETS`]. It is planned once there is room.
    left_out: BTreeSet<HostAddress>,
}

/// What changes about what is planned.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) planned: Vec<Job>,
    pub(super) dropped: Vec<Job>,
}

impl Changes {
    pub(super) const fn is_empty(&self) -> bool {
        self.planned.is_empty() && self.dropped.is_empty()
    }
}

impl Plan {
    /// What follows from a configuration and what is known already, which may be of another configuration of the path.
    /// Returns all jobs there are.
    pub(super) fn new(path: &Path, known: &PathFindings) -> (Self, Vec<Job>) {
        let kms = if let Kind::Kms(kms) = &path.kind { Some(kms.clone()) } else { None };
        let mut plan = Self { kms, ..Self::default() };
        let mut changes = Changes::default();
        match &path.kind {
            Kind::Online(online) => changes.planned.extend(online.targets.iter().map(Arc::clone).map(Job::Online)),
            Kind::Kms(kms) => match &kms.discovery {
                Discovery::Hosts(hosts) => hosts.iter().for_each(|host| plan.add_host(host, known, &mut changes)),
                Discovery::Domains { domains, .. } => {
                    for domain in domains {
                        for nameserver in &path.resolution.nameservers {
                            let lookup = SrvLookup { domain: domain.clone(), nameserver: *nameserver };
                            let hosts = plan.hosts_of(known.srv.get(&lookup));
                            for host in &hosts {
                                plan.add_host(host, known, &mut changes);
                            }
                            changes.planned.push(Job::Srv(lookup));
                        }
                    }
                }
            },
        }
        (plan, changes.planned)
    }

    /// What follows from an answer that has just been recorded.
    pub(super) fn follow(&mut self, job: &Job, replaced: &Replaced, known: &PathFindings) -> Changes {
        let mut changes = Changes::default();
        match (job, replaced) {
            (Job::Srv(lookup), Replaced::Srv(before)) => {
                let after = known.srv.get(lookup);
                if before.as_ref().map(|answer| &answer.records) != after.map(|answer| &answer.records) {
                    let (before, after) = (self.hosts_of(before.as_ref()), self.hosts_of(after));
                    after.difference(&before).for_each(|host| self.add_host(host, known, &mut changes));
                    before.difference(&after).for_each(|host| self.remove_host(host, known, &mut changes));
                }
            }
            (Job::Address(host), Replaced::Address(before)) => {
                let nothing = BTreeSet::new();
                let before = before.as_ref().map_or(&nothing, |answer| &answer.addresses);
                let after = known.addresses.get(host).map_or(&nothing, |answer| &answer.addresses);
                if before != after {
                    let at = |address: &Address| at(host, *address);
                    after.difference(before).map(at).for_each(|at| self.add_connection(at, &mut changes));
                    before.difference(after).map(at).for_each(|at| self.remove_connection(at, &mut changes));
                }
            }
            _ => {}
        }
        self.fill_up(&mut changes);
        changes
    }

    fn add_host(&mut self, host: &HostPort, known: &PathFindings, changes: &mut Changes) {
        let named = self.hosts.entry(host.clone()).or_default();
        *named += 1;
        if *named > 1 {
            return;
        }
        if matches!(host.host, Host::Name(_)) {
            changes.planned.push(Job::Address(host.clone()));
        }
        known.addresses_of(host).into_iter().for_each(|at| self.add_connection(at, changes));
    }

    fn remove_host(&mut self, host: &HostPort, known: &PathFindings, changes: &mut Changes) {
        let Some(named) = self.hosts.get_mut(host) else { return };
        *named -= 1;
        if *named > 0 {
            return;
        }
        self.hosts.remove(host);
        known.addresses_of(host).into_iter().for_each(|at| self.remove_connection(at, changes));
        if matches!(host.host, Host::Name(_)) {
            changes.dropped.push(Job::Address(host.clone()));
        }
    }

    /// The hosts that an answer names and that may be probed.
    fn hosts_of(&self, answer: Option<&SrvAnswer>) -> BTreeSet<HostPort> {
        let hosts = answer.into_iter().flat_map(|answer| &answer.records).map(SrvRecord::target);
        hosts.filter(|host| self.kms.as_ref().is_none_or(|kms| kms.admits_port(host.port))).collect()
    }

    fn add_connection(&mut self, at: HostAddress, changes: &mut Changes) {
        if self.kms.as_ref().is_some_and(|kms| !kms.admits_address(at.address.ip())) {
            return;
        }
        if self.connections.len() >= MAX_TARGETS {
            self.left_out.insert(at);
        } else if self.connections.insert(at.clone()) {
            changes.planned.push(Job::Connect(at));
        }
    }

    fn remove_connection(&mut self, at: HostAddress, changes: &mut Changes) {
        if !self.left_out.remove(&at) && self.connections.remove(&at) {
            changes.dropped.push(Job::Connect(at));
        }
    }

    fn fill_up(&mut self, changes: &mut Changes) {
        while self.connections.len() < MAX_TARGETS
            && let Some(at) = self.left_out.pop_first()
        {
            self.add_connection(at, changes);
        }
    }
}

fn at(host: &HostPort, address: Address) -> HostAddress {
    HostAddress { host: host.clone(), address: address.at(host.port) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Observation, Stage};
    use crate::path::{Allowed, Resolution};
    use crate::probe::Finding;
    use crate::probe::address::AddressAnswer;
    use std::net::SocketAddr;
    use std::time::Duration;

    fn path(discovery: Discovery) -> Path {
        let nameservers = vec!["192.0.2.53:53".parse().unwrap(), "192.0.2.54:53".parse().unwrap()];
        let resolution = Resolution { nameservers, ..Resolution::default() };
        let kind = Kind::Kms(Kms { discovery, reads_clocks: true, allowed: Allowed::usual(&resolution) });
        Path { name: "corp".into(), kind, resolution }
    }

    fn domain() -> Discovery {
        let domains = vec!["corp.example".parse().unwrap()];
        Discovery::Domains { domains, search: false, expected_hosts: Vec::new() }
    }

    fn lookup(nameserver: u8) -> Job {
        let nameserver = SocketAddr::from(([192, 0, 2, nameserver], 53));
        Job::Srv(SrvLookup { domain: "corp.example".parse().unwrap(), nameserver })
    }

    fn host(name: &str) -> HostPort {
        HostPort::parse(name, 1688).unwrap()
    }

    fn connect(name: &str, address: &str) -> Job {
        Job::Connect(at(&host(name), address.parse().unwrap()))
    }

    fn passed(stage: Stage) -> Observation {
        Observation::new(stage, Ok(String::new()), Duration::ZERO)
    }

    fn srv_answer(records: BTreeSet<SrvRecord>) -> SrvAnswer {
        let (observation, ttl) = (passed(Stage::Srv), Duration::ZERO);
        SrvAnswer { observation, records, left_out: 0, unusable: BTreeSet::new(), ttl }
    }

    fn records(hosts: &[&str]) -> Finding {
        let record = |host: &&str| SrvRecord { priority: 0, weight: 0, host: host.parse().unwrap(), port: 1688 };
        let records = hosts.iter().map(record).collect();
        Finding::Srv(srv_answer(records))
    }

    fn addresses(of: &[&str]) -> Finding {
        let addresses = of.iter().map(|address| address.parse().unwrap()).collect();
        Finding::Address(AddressAnswer {
            observation: passed(Stage::Address),
            addresses,
            left_out: 0,
            ttl: Duration::ZERO,
        })
    }

    /// A path that is probed: answers in, changes out.
    struct Probed {
        plan: Plan,
        known: PathFindings,
    }

    impl Probed {
        fn answer(&mut self, job: Job, finding: Finding) -> Changes {
            let job = Arc::new(job);
            let replaced = self.known.record(&job, finding);
            let changes = self.plan.follow(&job, &replaced, &self.known);
            changes.dropped.iter().for_each(|job| self.known.forget(job));
            changes
        }
    }

    fn probed(path: &Path) -> (Probed, Vec<Job>) {
        let known = PathFindings::default();
        let (plan, jobs) = Plan::new(path, &known);
        (Probed { plan, known }, jobs)
    }

    #[test]
    fn answers_lead_on_and_the_same_answer_again_leads_nowhere() {
        let (mut probed, jobs) = probed(&path(domain()));
        assert_eq!(jobs, [lookup(53), lookup(54)]);
        let changes = probed.answer(lookup(53), records(&["kms1", "kms2"]));
        assert_eq!(changes.planned, [Job::Address(host("kms1")), Job::Address(host("kms2"))]);
        assert!(probed.answer(lookup(53), records(&["kms1", "kms2"])).is_empty());
        assert!(probed.answer(lookup(54), records(&["kms1"])).is_empty(), "another nameserver names the same");
        let found = probed.answer(Job::Address(host("kms1")), addresses(&["192.0.2.1", "192.0.2.2"]));
        assert_eq!(found.planned, [connect("kms1", "192.0.2.1"), connect("kms1", "192.0.2.2")]);
        assert!(probed.answer(Job::Address(host("kms1")), addresses(&["192.0.2.1", "192.0.2.2"])).is_empty());
        let moved = probed.answer(Job::Address(host("kms1")), addresses(&["192.0.2.2", "192.0.2.3"]));
        assert_eq!(moved.planned, [connect("kms1", "192.0.2.3")]);
        assert_eq!(moved.dropped, [connect("kms1", "192.0.2.1")]);
    }

    #[test]
    fn a_host_goes_with_the_last_answer_that_names_it() {
        let (mut probed, _) = probed(&path(domain()));
        probed.answer(lookup(53), records(&["kms1"]));
        probed.answer(lookup(54), records(&["kms1"]));
        probed.answer(Job::Address(host("kms1")), addresses(&["192.0.2.1"]));
        assert!(probed.answer(lookup(53), records(&["kms2"])).dropped.is_empty());
        let gone = probed.answer(lookup(54), records(&["kms2"]));
        assert_eq!(gone.dropped, [connect("kms1", "192.0.2.1"), Job::Address(host("kms1"))]);
        assert!(probed.known.addresses.is_empty());
    }

    #[test]
    fn what_is_beyond_the_bound_waits_for_room() {
        let (mut probed, _) = probed(&path(Discovery::Hosts(vec![host("kms1"), host("kms2")])));
        let many: Vec<String> =
            (0..MAX_TARGETS).map(|number| format!("10.0.{}.{}", number / 256, number % 256)).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(probed.answer(Job::Address(host("kms1")), addresses(&many)).planned.len(), MAX_TARGETS);
        assert!(probed.answer(Job::Address(host("kms2")), addresses(&["192.0.2.1"])).is_empty());
        let fewer = probed.answer(Job::Address(host("kms1")), addresses(&many[1..]));
        assert_eq!(fewer.planned, [connect("kms2", "192.0.2.1")]);
        assert_eq!(fewer.dropped, [connect("kms1", "10.0.0.0")]);
    }

    #[test]
    fn what_records_may_not_lead_to_is_not_planned() {
        let mut corp = path(domain());
        let (mut probed, _) = probed(&corp);
        let record = |host: &str, port| SrvRecord { priority: 0, weight: 0, host: host.parse().unwrap(), port };
        let records = [record("kms1", 1688), record("kms2", 22)].into();
        let answer = srv_answer(records);
        let changes = probed.answer(lookup(53), Finding::Srv(answer));
        assert_eq!(changes.planned, [Job::Address(host("kms1"))]);
        let found = probed.answer(Job::Address(host("kms1")), addresses(&["127.0.0.1", "192.0.2.1"]));
        assert_eq!(found.planned, [connect("kms1", "192.0.2.1")]);

        // Another configuration may allow it, and one that names hosts means them.
        let Kind::Kms(kms) = &mut corp.kind else { unreachable!() };
        kms.allowed = Allowed::new(&corp.resolution, Some(vec![22..=22]), None, Vec::new());
        let (_, jobs) = Plan::new(&corp, &probed.known);
        assert_eq!(jobs, [Job::Address(HostPort { port: 22, ..host("kms2") }), lookup(53), lookup(54)]);
        let (_, jobs) = Plan::new(&path(Discovery::Hosts(vec![host("127.0.0.1:22")])), &probed.known);
        assert_eq!(jobs.len(), 1);
    }

    #[test]
    fn another_configuration_takes_up_what_is_known_and_still_of_use() {
        let (mut probed, _) = probed(&path(domain()));
        probed.answer(lookup(53), records(&["kms1", "kms2"]));
        probed.answer(Job::Address(host("kms1")), addresses(&["192.0.2.1"]));
        let mut fewer = path(domain());
        fewer.resolution.nameservers.pop();
        let (_, jobs) = Plan::new(&fewer, &probed.known);
        let expected =
            [Job::Address(host("kms1")), connect("kms1", "192.0.2.1"), Job::Address(host("kms2")), lookup(53)];
        assert_eq!(jobs, expected);
        let (_, jobs) = Plan::new(&path(Discovery::Hosts(vec![host("192.0.2.9")])), &probed.known);
        assert_eq!(jobs, [connect("192.0.2.9", "192.0.2.9")]);
    }
}
