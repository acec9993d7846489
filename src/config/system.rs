//! What this machine is set up with: its nameservers and its DNS domains.

use crate::host::{DNS_PORT, DnsName};
use crate::path::Resolution;
use hickory_resolver::config::{ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
#[cfg(unix)]
use hickory_resolver::system_conf::parse_resolv_conf;
use hickory_resolver::system_conf::read_system_conf;
use std::net::{Ipv4Addr, SocketAddr};

/// The DNS settings of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct System {
    /// The nameservers, in the order in which they are asked.
    pub nameservers: Vec<SocketAddr>,
    /// The machine's own domain, then its search domains.
    pub domains: Vec<DnsName>,
}

impl System {
    /// Reads the settings of this machine: `/etc/resolv.conf`, or the registry on Windows. Where they name no
    /// nameserver or cannot be read, it is the one on this machine, as for every other program.
    pub fn read() -> Self {
        let config = read_system_conf().or_else(|_| without_nameserver()).map(|(config, _)| config).unwrap_or_default();
        let mut nameservers: Vec<SocketAddr> = Vec::new();
        for server in config.name_servers() {
            let port = server.connections.first().map_or(DNS_PORT, |connection| connection.port);
            let address = SocketAddr::new(server.ip, port);
            if !nameservers.contains(&address) {
                nameservers.push(address);
            }
        }
        if nameservers.is_empty() {
            nameservers.push((Ipv4Addr::LOCALHOST, DNS_PORT).into());
        }
        let mut domains: Vec<DnsName> = Vec::new();
        for name in config.domain().into_iter().chain(config.search()) {
            let domain = DnsName::from(name);
            if !domain.as_str().is_empty() && !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        Self { nameservers, domains }
    }

    /// How programs on this machine resolve names.
    pub fn resolution(&self) -> Resolution {
        Resolution { nameservers: self.nameservers.clone(), hosts_file: true }
    }
}

/// The settings of a machine whose `/etc/resolv.conf` names no nameserver, which the library takes for an error.
#[cfg(unix)]
fn without_nameserver() -> Result<(ResolverConfig, ResolverOpts), NetError> {
    let mut settings = std::fs::read("/etc/resolv.conf")?;
    settings.extend(format!("\nnameserver {}\n", Ipv4Addr::LOCALHOST).into_bytes());
    parse_resolv_conf(settings)
}

#[cfg(not(unix))]
fn without_nameserver() -> Result<(ResolverConfig, ResolverOpts), NetError> {
    Err(NetError::NoConnections)
}
