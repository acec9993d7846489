//! The `address` stage: where does a KMS host live?

use super::{counted, dns};
use crate::observation::{Failure, Observation, Reason, Stage};
use crate::path::{DnsName, Host, Resolution};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::proto::rr::{RData, RecordType};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// The most addresses of one host that are probed.
pub const MAX_ADDRESSES: usize = 16;

/// What the nameservers said.
#[derive(Debug, Clone)]
pub struct AddressAnswer {
    /// The `address` stage.
    pub observation: Observation,
    /// The addresses, IPv4 before IPv6; empty where the stage failed.
    pub addresses: BTreeSet<IpAddr>,
    /// How long the answer may be kept. Zero for a failure: it is asked again at the next round.
    pub ttl: Duration,
}

/// Looks up the A and AAAA records of a host. An address is its own answer and stays so.
pub async fn look_up(host: &Host, resolution: &Resolution, timeout: Duration) -> AddressAnswer {
    let begun = Instant::now();
    let answer = match host {
        Host::Address(address) => Ok((BTreeSet::from([*address]), dns::MAX_TTL)),
        Host::Name(name) => ask_in_turn(name, resolution, timeout).await,
    };
    let (outcome, addresses, ttl) = match answer {
        Ok((addresses, ttl)) => (Ok(counted(addresses.len(), "address")), addresses, ttl),
        Err(failure) => (Err(failure), BTreeSet::new(), Duration::ZERO),
    };
    let observation = Observation::new(Stage::Address, outcome, begun.elapsed());
    AddressAnswer { observation, addresses, ttl }
}

type Addresses = (BTreeSet<IpAddr>, Duration);

/// Asks one nameserver after the other until one knows the answer, be it that there is none.
async fn ask_in_turn(name: &DnsName, resolution: &Resolution, timeout: Duration) -> Result<Addresses, Failure> {
    let servers = u32::try_from(resolution.nameservers.len()).unwrap_or(u32::MAX).max(1);
    let mut last = Failure::new(Reason::LocalError, "this machine has no nameserver configured");
    for nameserver in &resolution.nameservers {
        match ask(*nameserver, name, resolution.hosts_file, timeout / servers).await {
            Err(failure) if !is_final(failure.reason) => last = failure,
            known => return known,
        }
    }
    Err(last)
}

/// True for an answer that another nameserver need not be asked about.
const fn is_final(reason: Reason) -> bool {
    matches!(reason, Reason::Nxdomain | Reason::NoRecords)
}

async fn ask(
    nameserver: SocketAddr,
    name: &DnsName,
    hosts_file: bool,
    timeout: Duration,
) -> Result<Addresses, Failure> {
    let name = name.as_str();
    let (ipv4, ipv6) = tokio::join!(
        dns::look_up(nameserver, name, RecordType::A, hosts_file, timeout),
        dns::look_up(nameserver, name, RecordType::AAAA, hosts_file, timeout),
    );
    let mut addresses = BTreeSet::new();
    let mut ttl = dns::MAX_TTL;
    for lookup in [&ipv4, &ipv6].into_iter().flatten() {
        addresses.extend(addresses_of(lookup));
        ttl = ttl.min(dns::time_to_live(lookup));
    }
    if !addresses.is_empty() {
        return Ok((addresses.into_iter().take(MAX_ADDRESSES).collect(), ttl));
    }
    // Neither family has addresses. A family whose lookup failed leaves the question open.
    let failures = [ipv4.err(), ipv6.err()].into_iter().flatten();
    Err(failures
        .min_by_key(|failure| is_final(failure.reason))
        .unwrap_or_else(|| Failure::new(Reason::NoRecords, "the answer has no address")))
}

fn addresses_of(lookup: &Lookup) -> impl Iterator<Item = IpAddr> + '_ {
    lookup.answers().iter().filter_map(|record| match &record.data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    })
}
