//! Which machines depend on which path: by the KMS hosts they use, by their domain where they know none, and by what they
//! still have to ask of Microsoft. `store/on_path` says the same in SQL.

use crate::config::Status;
use crate::host::{DnsName, Host, is_same_host};
use crate::license::{Channel, ChannelKind, License, LicenseStatus};
use crate::path::{Discovery, Path, Way};
use crate::state::PathReport;
use crate::store::{FleetQuestion, Machine};
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
                hosts.insert(host.name().to_string());
                hosts.extend(host.ip().map(|address| address.to_string()));
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
mod tests;
