//! Which machines depend on which path: by the KMS hosts they use, by their domain where they know none, and by what they
//! still have to ask of Microsoft. `store/on_path` says the same in SQL.

use super::store::{FleetQuestion, Machine};
use crate::config::Status;
use crate::host::{DnsName, Host, is_same_host};
use crate::license::{Channel, ChannelKind, License, LicenseStatus};
use crate::path::{Discovery, Path, Way};
use crate::state::PathReport;
use crate::walk::Walk;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the store calls the channel of a license that is not known.
pub(crate) const UNKNOWN_CHANNEL: &str = "unknown";

/// Each path, and which machines depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dependents {
    claims: Vec<(Arc<str>, Claim)>,
    /// True where these are all the paths there are.
    are_all: bool,
}

/// Which machines depend on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// On one to KMS hosts.
    Kms {
        /// Those with a license that uses one of these hosts, by names and addresses in lower case.
        hosts: BTreeSet<String>,
        /// Of those that seek a host and know none, these.
        seekers: Seekers,
    },
    /// On one to Microsoft: those with a license that is yet to be activated there, or has to be again.
    Online,
}

/// Which of the machines that seek a KMS host and know none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seekers {
    /// All of them: there is no other path for them.
    All,
    /// Those in one of these zones.
    Within(Vec<Zone>),
}

/// A domain without those within it that other paths have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The domain, in lower case.
    pub domain: String,
    /// What is not part of it.
    pub without: Vec<String>,
}

/// A license, as far as it decides on which paths its machine depends.
#[derive(Debug, Clone, Copy, Default)]
pub struct Need<'a> {
    /// The KMS host it uses, in lower case.
    pub kms_host: Option<&'a str>,
    /// The word for its channel.
    pub channel: Option<&'a str>,
    /// How it stands.
    pub status: Option<LicenseStatus>,
    /// True where it has an end.
    pub ends: bool,
    /// True for what comes beside a product.
    pub is_addon: bool,
}

/// A machine, as far as it decides on which paths it depends.
#[derive(Debug, Clone)]
pub struct Needs<'a> {
    machine: &'a str,
    kms_hosts: Vec<&'a str>,
    seeks_kms_host: bool,
    asks_online: bool,
}

impl Dependents {
    /// Ties machines to paths: to each that leads to the KMS host they use, by name or address. A host no path leads to
    /// right now, which is also what a lookup that fails looks like, belongs to the paths whose domain it is in.
    /// `used` are the hosts that machines use. Where `paths` are all that are configured, the only one to KMS hosts is
    /// the one for all who know no host.
    pub fn new(paths: &[Path], are_all: bool, known: &[Arc<PathReport>], used: &[String]) -> Self {
        let roads: Vec<_> = paths.iter().map(|path| (&path.name, Road::new(path, known))).collect();
        let to_hosts: Vec<_> = roads.iter().filter_map(|(_, road)| road.as_ref()).collect();
        let (led_to, astray): (Vec<&String>, Vec<_>) =
            used.iter().partition(|host| to_hosts.iter().any(|road| road.leads_to(host)));
        let is_only = are_all && to_hosts.len() == 1;
        let domains: BTreeSet<_> = to_hosts.iter().flat_map(|road| road.domains).collect();
        let claim = |road: &Road<'_>| {
            let found = led_to.iter().filter(|host| road.leads_to(host));
            let in_domain = astray.iter().filter(|host| road.has_in_domain(host));
            Claim::Kms {
                hosts: found.chain(in_domain).map(|host| (*host).clone()).collect(),
                seekers: if is_only { Seekers::All } else { Seekers::Within(road.zones(&domains)) },
            }
        };
        let claims = roads.iter().map(|(name, road)| {
            let claim = road.as_ref().map_or(Claim::Online, claim);
            (Arc::clone(name), claim)
        });
        Self { claims: claims.collect(), are_all }
    }

    /// What to ask a store: for the fleet as it is now, and the machines on each path, with so many licenses at risk.
    pub fn question(&self, status: &Status, at_risk: usize) -> FleetQuestion {
        let question = FleetQuestion::new(Timestamp::now(), status.stale_after());
        FleetQuestion { at_risk, paths: self.clone(), ..question }
    }

    /// Each path, and which machines depend on it.
    pub fn iter(&self) -> impl Iterator<Item = &(Arc<str>, Claim)> {
        self.claims.iter()
    }

    /// True where there is no way to Microsoft beside those to KMS hosts.
    pub fn is_kms_only(&self) -> bool {
        self.are_all && self.iter().all(|(_, claim)| *claim != Claim::Online)
    }

    /// True where a machine is where a path is, though it may not depend on it: where it would seek a KMS host that it
    /// knows none of. Where no path leads to KMS hosts, every machine is where the others are.
    pub fn is_home(&self, claim: &Claim, needs: &Needs<'_>) -> bool {
        match claim {
            Claim::Kms { seekers, .. } => needs.kms_hosts.is_empty() && seekers.cover(needs.machine),
            Claim::Online => self.iter().all(|(_, claim)| *claim == Claim::Online),
        }
    }

    /// Which machines depend on a path; `None` where there is no such path.
    pub fn claim_of(&self, path: &str) -> Option<&Claim> {
        self.iter().find(|(name, _)| &**name == path).map(|(_, claim)| claim)
    }

    /// The first path that a machine depends on. One to KMS hosts comes before one to Microsoft.
    pub fn path_of(&self, machine: &Machine) -> Option<&str> {
        let host = |license: &License| Some(license.kms_host()?.host.to_string().to_lowercase());
        let hosts: Vec<_> = machine.licenses.iter().map(|known| host(&known.license)).collect();
        let licenses = machine.licenses.iter().zip(&hosts).map(|(known, host)| Need {
            kms_host: host.as_deref(),
            channel: known.license.channel.as_ref().map(Channel::as_str),
            status: known.license.status,
            ends: known.expires_at().is_some(),
            is_addon: known.license.is_addon == Some(true),
        });
        let needs = Needs::new(machine.machine.name.as_str(), licenses);
        let mut covering: Vec<_> = self.iter().filter(|(_, claim)| claim.covers(&needs)).collect();
        covering.sort_by_key(|(_, claim)| *claim == Claim::Online);
        covering.first().map(|(path, _)| &**path)
    }
}

impl FromIterator<(Arc<str>, Claim)> for Dependents {
    fn from_iter<T: IntoIterator<Item = (Arc<str>, Claim)>>(claims: T) -> Self {
        Self { claims: claims.into_iter().collect(), are_all: true }
    }
}

impl Claim {
    /// True where a machine depends on the path.
    pub fn covers(&self, needs: &Needs<'_>) -> bool {
        match self {
            Self::Kms { hosts, seekers } => {
                needs.kms_hosts.iter().any(|host| hosts.contains(*host))
                    || needs.seeks_kms_host && seekers.cover(needs.machine)
            }
            Self::Online => needs.asks_online,
        }
    }
}

impl Claim {
    /// True for a license for which a machine depends on the path, where it does.
    pub fn concerns(&self, need: &Need<'_>) -> bool {
        match self {
            Self::Kms { hosts, .. } => match need.kms_host {
                // A host may still be set for a key that no KMS host activates.
                Some(host) => hosts.contains(host) && need.kind().is_none_or(|kind| kind == ChannelKind::KmsClient),
                None => need.seeks_kms_host(),
            },
            Self::Online => need.asks_online(),
        }
    }
}

impl Seekers {
    fn cover(&self, machine: &str) -> bool {
        match self {
            Self::All => true,
            Self::Within(zones) => zones.iter().any(|zone| {
                is_within(machine, &zone.domain) && !zone.without.iter().any(|domain| is_within(machine, domain))
            }),
        }
    }
}

impl<'a> Needs<'a> {
    /// What a machine with these licenses needs.
    pub fn new(machine: &'a str, licenses: impl Iterator<Item = Need<'a>>) -> Self {
        let mut needs = Self { machine, kms_hosts: Vec::new(), seeks_kms_host: false, asks_online: false };
        for license in licenses {
            needs.kms_hosts.extend(license.kms_host);
            needs.seeks_kms_host |= license.seeks_kms_host();
            needs.asks_online |= license.asks_online();
        }
        needs.seeks_kms_host &= needs.kms_hosts.is_empty();
        needs
    }
}

impl Need<'_> {
    /// The kinds of licenses that ask Microsoft until they are activated.
    pub(crate) const ONLINE: [ChannelKind; 4] =
        [ChannelKind::Mak, ChannelKind::KmsHost, ChannelKind::Other, ChannelKind::Evaluation];

    /// The kinds that ask again where they end: subscriptions. An evaluation ends for good.
    pub(crate) const SUBSCRIBED: [ChannelKind; 2] = [ChannelKind::Mak, ChannelKind::Other];

    fn kind(&self) -> Option<ChannelKind> {
        self.channel.filter(|word| *word != UNKNOWN_CHANNEL).map(ChannelKind::of)
    }

    /// True for one that a KMS host is to activate, and has not. A machine that is licensed and knows no host was
    /// activated otherwise, as by Active Directory.
    fn seeks_kms_host(&self) -> bool {
        !self.is_addon && self.status != Some(LicenseStatus::Licensed) && self.kind() == Some(ChannelKind::KmsClient)
    }

    /// True for one that is activated by Microsoft and is not yet, or ends. What is activated without end needs nobody
    /// any more.
    fn asks_online(&self) -> bool {
        let is_pending = self.status.is_some_and(|status| status != LicenseStatus::Licensed);
        if self.is_addon || !(is_pending || self.ends) {
            return false;
        }
        let is_of = |kinds: &[ChannelKind]| self.kind().is_some_and(|kind| kinds.contains(&kind));
        is_pending && is_of(&Self::ONLINE) || self.ends && is_of(&Self::SUBSCRIBED)
    }
}

/// Where a path to KMS hosts leads.
struct Road<'a> {
    hosts: BTreeSet<String>,
    domains: &'a [DnsName],
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
        Some(Self { hosts, domains })
    }

    fn leads_to(&self, host: &str) -> bool {
        self.hosts.contains(host) || self.hosts.iter().any(|known| is_same_host(known, host))
    }

    fn has_in_domain(&self, host: &str) -> bool {
        let is_address = matches!(host.parse(), Ok(Host::Address(_)));
        !is_address && self.domains.iter().any(|domain| is_within(host, domain.as_str()))
    }

    /// Its domains, each without those within it that are only among the domains of others: a machine goes by the
    /// longest domain it is in.
    fn zones(&self, all: &BTreeSet<&DnsName>) -> Vec<Zone> {
        let zone = |domain: &DnsName| {
            let foreign = all.iter().filter(|other| is_within(other.as_str(), domain.as_str()));
            let foreign = foreign.filter(|other| !self.domains.contains(other));
            Zone { domain: domain.to_string(), without: foreign.map(ToString::to_string).collect() }
        };
        self.domains.iter().map(zone).collect()
    }
}

/// True for a name in a domain, both in lower case.
fn is_within(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|start| start.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, System};

    fn tied(paths: &str, are_all: bool, used: &[&str]) -> Dependents {
        let system = System { nameservers: Vec::new(), domains: Vec::new() };
        let config = Config::parse(format!("paths: {paths}").as_bytes(), "test", &system, &|_| None).unwrap();
        let used: Vec<_> = used.iter().map(ToString::to_string).collect();
        Dependents::new(&config.paths, are_all, &[], &used)
    }

    /// The hosts of each path.
    fn dependents(paths: &str, used: &[&str]) -> Vec<(String, Vec<String>)> {
        let hosts = |claim: &Claim| match claim {
            Claim::Kms { hosts, .. } => hosts.iter().cloned().collect(),
            Claim::Online => Vec::new(),
        };
        tied(paths, true, used).iter().map(|(name, claim)| (name.to_string(), hosts(claim))).collect()
    }

    fn path(name: &str, hosts: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), hosts.iter().map(ToString::to_string).collect())
    }

    /// The paths a machine with these licenses depends on.
    fn covering(dependents: &Dependents, machine: &str, licenses: &[Need<'_>]) -> String {
        let needs = Needs::new(machine, licenses.iter().copied());
        let covering = dependents.iter().filter(|(_, claim)| claim.covers(&needs));
        covering.map(|(name, _)| &**name).collect::<Vec<_>>().join(" ")
    }

    const CLIENT: Need<'_> = Need {
        kms_host: None,
        channel: Some("VOLUME_KMSCLIENT"),
        status: Some(LicenseStatus::OobGrace),
        ends: true,
        is_addon: false,
    };

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

    #[test]
    fn a_machine_that_seeks_a_host_depends_on_the_path_with_the_longest_domain_it_is_in() {
        let paths = "[{name: corp, kms: {domain: corp.example}}, {name: lab, kms: {domain: lab.corp.example}}, \
                     {name: both, kms: {domain: [corp.example, lab.corp.example]}}, \
                     {name: named, kms: {hosts: [kms01.named.example]}}, {name: online, online: {endpoints: microsoft}}]";
        let dependents = tied(paths, true, &["kms01.named.example"]);
        let expected = [
            ("ws1.corp.example", "corp both"),
            ("ws1.lab.corp.example", "lab both"),
            ("ws1.sub.lab.corp.example", "lab both"),
            ("ws1.sub.corp.example", "corp both"),
            ("lab.corp.example", "corp both"),
            ("ws1.xcorp.example", ""),
            ("ws1.named.example", ""),
            ("corp.example", ""),
            ("ws1", ""),
        ];
        for (machine, paths) in expected {
            assert_eq!(covering(&dependents, machine, &[CLIENT]), paths, "{machine}");
        }
        // Whoever knows a host goes by the host.
        let named = Need { kms_host: Some("kms01.named.example"), status: Some(LicenseStatus::Licensed), ..CLIENT };
        assert_eq!(covering(&dependents, "ws1.corp.example", &[CLIENT, named]), "named");
        let elsewhere = Need { kms_host: Some("kms01.other.example"), ..CLIENT };
        assert_eq!(covering(&dependents, "ws1.corp.example", &[elsewhere, CLIENT]), "");
    }

    #[test]
    fn a_path_to_kms_hosts_concerns_the_licenses_that_they_activate() {
        let dependents = tied("[{name: named, kms: {hosts: [kms01.named.example]}}]", true, &["kms01.named.example"]);
        let concerns = |need: &Need<'_>| dependents.claim_of("named").is_some_and(|claim| claim.concerns(need));
        let named = Need { kms_host: Some("kms01.named.example"), ..CLIENT };
        assert!(concerns(&named) && concerns(&CLIENT));
        assert!(
            concerns(&Need { channel: Some(UNKNOWN_CHANNEL), ..named }) && concerns(&Need { channel: None, ..named })
        );
        for other in [
            Need { channel: Some("VOLUME_MAK"), ..named },
            Need { channel: Some("RETAIL"), kms_host: None, ..named },
            Need { kms_host: Some("kms01.other.example"), ..named },
        ] {
            assert!(!concerns(&other), "{other:?}");
        }
    }

    #[test]
    fn the_only_path_to_kms_hosts_is_that_of_all_who_seek_one() {
        for paths in [
            "[{name: corp, kms: {domain: corp.example}}, {name: online, online: {endpoints: microsoft}}]",
            "[{name: corp, kms: {hosts: [kms01.corp.example]}}]",
        ] {
            let dependents = tied(paths, true, &[]);
            for machine in ["ws1.corp.example", "ws1.lab.example", "ws1"] {
                assert_eq!(covering(&dependents, machine, &[CLIENT]), "corp", "{machine}");
            }
            let elsewhere = Need { kms_host: Some("kms01.lab.example"), ..CLIENT };
            assert_eq!(covering(&dependents, "ws1.corp.example", &[elsewhere]), "");
        }
        // Of paths that are not all there are, none is the only one.
        let dependents = tied("[{name: corp, kms: {domain: corp.example}}]", false, &[]);
        let covering = |machine| covering(&dependents, machine, &[CLIENT]);
        assert_eq!(["ws1.corp.example", "ws1.lab.example", "ws1"].map(covering), ["corp", "", ""]);
    }

    #[test]
    fn what_is_not_activated_seeks_a_host_or_asks_online_by_its_kind() {
        const LICENSED: Option<LicenseStatus> = Some(LicenseStatus::Licensed);
        const LOST: Option<LicenseStatus> = Some(LicenseStatus::Notification);
        const GRACE: Option<LicenseStatus> = Some(LicenseStatus::OobGrace);
        let dependents = tied(
            "[{name: kms, kms: {domain: corp.example}}, {name: online, online: {endpoints: microsoft}}]",
            true,
            &[],
        );
        // The channel, the status, whether it ends, and the path its machine depends on.
        let expected = [
            ("VOLUME_KMSCLIENT", GRACE, true, "kms"),
            ("volume_kmsclient", LOST, false, "kms"),
            ("VOLUME_KMSCLIENT", None, false, "kms"),
            // Activated by Active Directory.
            ("VOLUME_KMSCLIENT", LICENSED, true, ""),
            ("VOLUME_MAK", GRACE, true, "online"),
            ("VOLUME_MAK", LOST, false, "online"),
            ("VOLUME_MAK", LICENSED, false, ""),
            ("VOLUME_MAK", LICENSED, true, "online"),
            ("VOLUME_MAK", None, false, ""),
            ("VOLUME_KMS_WS22", LOST, false, "online"),
            ("VOLUME_KMS_WS22", LICENSED, true, ""),
            ("RETAIL", GRACE, true, "online"),
            ("OEM_DM", LICENSED, false, ""),
            ("TIMEBASED_SUB", LICENSED, true, "online"),
            ("TIMEBASED_SUB", None, true, "online"),
            ("TIMEBASED_EVAL", LICENSED, true, ""),
            ("TIMEBASED_EVAL", GRACE, true, "online"),
            ("VIRTUAL_MACHINE_ACTIVATION", LOST, false, ""),
            ("VIRTUAL_MACHINE_ACTIVATION", LICENSED, true, ""),
            ("unknown", LOST, true, ""),
        ];
        for (channel, status, ends, path) in expected {
            let license = Need { channel: Some(channel), status, ends, ..Need::default() };
            assert_eq!(covering(&dependents, "ws1", &[license]), path, "{channel} {status:?} {ends}");
            // What comes beside a product does not count, nor what nobody knows the channel of.
            for other in [Need { is_addon: true, ..license }, Need { channel: None, ..license }] {
                assert_eq!(covering(&dependents, "ws1", &[other]), "", "{channel} {status:?} {ends}");
            }
        }
        let office = Need { channel: Some("RETAIL"), status: GRACE, ..Need::default() };
        assert_eq!(covering(&dependents, "ws1", &[CLIENT, office]), "kms online");
        assert_eq!(covering(&dependents, "ws1", &[]), "");
    }
}
