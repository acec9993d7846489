//! The paths to activation that are monitored.

mod allowed;
mod version;

pub use allowed::Allowed;
pub use version::FileVersion;

use crate::host::{DnsName, HostPort};
use crate::online::Online;
use crate::words::counted;
use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The most targets of one path that are probed: endpoints over proxies, or KMS hosts, each address on its own. What
/// names resolve to beyond this is left out.
pub const MAX_TARGETS: usize = 16_384;

/// A named path to activation from this vantage point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The name, unique in a configuration.
    pub name: Arc<str>,
    /// What it leads to, and how.
    pub kind: Kind,
    /// Who is asked for addresses.
    pub resolution: Resolution,
}

/// The two kinds of paths to activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Through a KMS host of one's own.
    Kms(Kms),
    /// Through Microsoft's endpoints.
    Online(Online),
}

/// What is configured of a path to KMS hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kms {
    /// How the hosts are found.
    pub discovery: Discovery,
    /// False where the hosts are somebody else's, who is not asked for more than KMS.
    pub reads_clocks: bool,
    /// What records may lead to, where hosts are found by them.
    pub allowed: Allowed,
}

impl Kms {
    /// Whether a host is probed that listens on this port: any that is configured, and of those in DNS what records may
    /// lead to.
    pub fn admits_port(&self, port: u16) -> bool {
        matches!(self.discovery, Discovery::Hosts(_)) || self.allowed.has_port(port)
    }

    /// Whether a host is probed at this address.
    pub fn admits_address(&self, address: IpAddr) -> bool {
        matches!(self.discovery, Discovery::Hosts(_)) || self.allowed.has_address(address)
    }
}

/// What is monitored, in a few words.
impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kms(kms) => kms.discovery.fmt(formatter),
            Self::Online(online) => match online.targets.as_slice() {
                [only] => only.fmt(formatter),
                targets => {
                    let endpoints: BTreeSet<_> = targets.iter().map(|target| &target.endpoint).collect();
                    let proxies: BTreeSet<_> = targets.iter().map(|target| target.proxy.as_ref()).collect();
                    let proxies: Vec<_> = proxies.into_iter().collect();
                    write!(formatter, "{} over {}", counted(endpoints.len(), "endpoint"), proxies.join(", "))
                }
            },
        }
    }
}

impl Kind {
    /// The domains in which its KMS hosts are found.
    pub fn domains(&self) -> &[DnsName] {
        match self {
            Self::Kms(Kms { discovery: Discovery::Domains { domains, .. }, .. }) => domains,
            Self::Kms(_) | Self::Online(_) => &[],
        }
    }
}

/// How the KMS hosts of a path are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovery {
    /// By SRV records.
    Domains {
        /// The domains in which `_vlmcs._tcp` is looked up.
        domains: Vec<DnsName>,
        /// True where the domains are a search list: as for a Windows client, one of them without records is no
        /// fault as long as another has some.
        search: bool,
        /// The hosts that should be found; empty where nothing is expected.
        expected_hosts: Vec<DnsName>,
    },
    /// Given by name or address; DNS is not asked for SRV records.
    Hosts(Vec<HostPort>),
}

impl fmt::Display for Discovery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = match self {
            Self::Domains { domains, .. } => domains.iter().map(DnsName::srv_name).collect::<Vec<_>>(),
            Self::Hosts(hosts) => hosts.iter().map(HostPort::to_string).collect(),
        };
        formatter.write_str(&names.join(", "))
    }
}

/// Who resolves names for a path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolution {
    /// The nameservers. For SRV each is asked on its own; for addresses the first that knows decides, or has some where
    /// a host is listed in DNS.
    pub nameservers: Vec<SocketAddr>,
    /// True where the machine's hosts file has precedence for addresses, as it has for the machine's own programs.
    pub hosts_file: bool,
    /// The hosts file as it was when this was read: what is known by another one is asked for again.
    pub hosts_version: Option<FileVersion>,
    /// The domains in which a name of one label is looked for, in their order.
    pub search: Vec<DnsName>,
    /// Where names may lead; `None` for anywhere.
    pub allowed: Option<Arc<Allowed>>,
}

impl Resolution {
    /// The same for what these domains name: clients in a domain complete names with that first.
    #[must_use]
    pub fn within(mut self, domains: &[DnsName]) -> Self {
        self.search.retain(|domain| !domains.contains(domain));
        self.search.splice(..0, domains.iter().cloned());
        self
    }

    /// What a name may mean: as it is, or in one of the domains where it has one label. Those come first.
    pub fn meanings(&self, name: &DnsName) -> Vec<DnsName> {
        let domains = self.search.iter().filter(|_| !name.has_dot());
        domains.filter_map(|domain| name.within(domain)).chain([name.clone()]).collect()
    }
}
