//! What DNS names and is not probed.

use crate::findings::PathFindings;
use crate::host::{DnsName, HostPort};
use crate::path::{Discovery, Kms};
use crate::probe::srv::SrvRecord;
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

/// What DNS names and is not probed, each in its order; empty where all is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Hosts on ports that records may not lead to.
    pub ports: Vec<HostPort>,
    /// Hosts at addresses that records may not lead to.
    pub addresses: Vec<(HostPort, IpAddr)>,
    /// Records beyond the bound, and whose answer they are in.
    pub records: Vec<(DnsName, SocketAddr, usize)>,
    /// Addresses beyond the bound, and whose they are.
    pub more_addresses: Vec<(HostPort, usize)>,
    /// The lines of the configuration that would allow the ports, and the first of the addresses.
    pub lines: Lines,
}

/// Lines of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Lines {
    /// With which the ports are allowed; empty where none is left out.
    pub ports: String,
    /// With which the first of the addresses is allowed; empty where none is left out.
    pub address: String,
}

impl LeftOut {
    pub(super) fn new(kms: &Kms, findings: &PathFindings) -> Self {
        if matches!(kms.discovery, Discovery::Hosts(_)) {
            return Self::default();
        }
        let hosts: BTreeSet<HostPort> = findings.records().into_iter().map(SrvRecord::target).collect();
        let (admitted, ports): (Vec<_>, Vec<_>) = hosts.into_iter().partition(|host| kms.admits_port(host.port));
        let mut left_out = Self { ports, ..Self::default() };
        for host in admitted {
            left_out.addresses.extend(addresses(kms, findings, &host));
            left_out.more_addresses.extend(more_addresses(findings, &host));
        }
        let records = findings.srv.iter().filter(|(_, answer)| answer.left_out > 0);
        left_out.records =
            records.map(|(lookup, answer)| (lookup.domain.clone(), lookup.nameserver, answer.left_out)).collect();
        if !left_out.ports.is_empty() {
            let ports: BTreeSet<u16> = left_out.ports.iter().map(|host| host.port).collect();
            left_out.lines.ports = kms.allowed.line_with_ports(ports.into_iter());
        }
        if let Some((_, address)) = left_out.addresses.first() {
            left_out.lines.address = kms.allowed.line_with_address(*address);
        }
        left_out
    }

    /// True where what was found of the addresses of a host leaves out the same as before.
    pub(super) fn is_same_of(&self, host: &HostPort, kms: &Kms, findings: &PathFindings) -> bool {
        if matches!(kms.discovery, Discovery::Hosts(_)) {
            return true;
        }
        let before = of_host(&self.addresses, host).iter().map(|(_, address)| *address);
        let more = of_host(&self.more_addresses, host).first().map(|(_, more)| *more);
        before.eq(addresses(kms, findings, host).map(|(_, address)| address))
            && more == more_addresses(findings, host).map(|(_, more)| more)
    }

    /// How many targets there are that `srv` stage and `address` stage lead to and that are not probed.
    pub fn counts(&self) -> [usize; 2] {
        let beyond: usize = self.records.iter().map(|(.., count)| count).sum();
        let more: usize = self.more_addresses.iter().map(|(_, count)| count).sum();
        [self.ports.len() + beyond, self.addresses.len() + more]
    }
}

/// What is listed of a host, where hosts are in their order.
fn of_host<'a, T>(listed: &'a [(HostPort, T)], host: &HostPort) -> &'a [(HostPort, T)] {
    let begin = listed.partition_point(|(known, _)| known < host);
    let rest = listed.get(begin..).unwrap_or_default();
    let length = rest.partition_point(|(known, _)| known == host);
    rest.get(..length).unwrap_or_default()
}

fn addresses<'a>(
    kms: &'a Kms,
    findings: &PathFindings,
    host: &HostPort,
) -> impl Iterator<Item = (HostPort, IpAddr)> + use<'a> {
    let known = findings.addresses_of(host).into_iter().map(|at| (at.host, at.address.ip()));
    known.filter(|(_, address)| !kms.admits_address(*address))
}

fn more_addresses(findings: &PathFindings, host: &HostPort) -> Option<(HostPort, usize)> {
    let more = findings.addresses.get(host)?.left_out;
    (more > 0).then(|| (host.clone(), more))
}
