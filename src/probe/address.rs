//! The `address` stage: where does a KMS host live?

use super::dns::{self, Answer};
use super::{hosts_file, system};
use crate::host::{Address, DnsName, Host};
use crate::observation::{Detail, Failure, Observation, Reason, Stage, Value, detail};
use crate::path::{Allowed, Resolution};
use hickory_resolver::proto::rr::{RData, RecordType};
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// The most addresses of one host that are probed.
pub const MAX_ADDRESSES: usize = 8;

/// What the nameservers answered.
#[derive(Debug, Clone)]
pub struct AddressAnswer {
    /// The `address` stage.
    pub observation: Observation,
    /// The addresses, IPv4 before IPv6; empty where the stage failed.
    pub addresses: BTreeSet<Address>,
    /// How many more there were.
    pub left_out: usize,
    /// How long the answer may be kept. Zero for a failure: it is asked again at the next round.
    pub ttl: Duration,
}

/// What counts where a nameserver says that a host has no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denials {
    /// It has none, as for the machine's own programs.
    Final,
    /// The next nameserver is asked: what lists the hosts of a domain is compared by itself, and one nameserver that
    /// knows nothing of a domain takes no host away that another lists.
    OfOneNameserver,
}

/// Looks up the A and AAAA records of a host. An address is its own answer and stays so.
pub async fn look_up(host: &Host, resolution: &Resolution, denials: Denials, timeout: Duration) -> AddressAnswer {
    let begun = Instant::now();
    let answer = match host {
        Host::Address(address) => {
            Ok(Found { addresses: [*address].into(), left_out: 0, ttl: dns::MAX_TTL, missed: None, full_name: None })
        }
        Host::Name(name) => {
            let found = look_up_name(name, resolution, denials, timeout).await;
            found.and_then(|found| found.admitted(resolution.allowed.as_deref()))
        }
    };
    let (outcome, addresses, left_out, ttl) = match answer {
        Ok(found) => {
            let (left_out, ttl) = (found.left_out, found.ttl);
            let (detail, addresses) = found.into_detail();
            (Ok(detail), addresses, left_out, ttl)
        }
        Err(failure) => (Err(failure), BTreeSet::new(), 0, Duration::ZERO),
    };
    let observation = Observation::new(Stage::Address, outcome, begun.elapsed());
    AddressAnswer { observation, addresses, left_out, ttl }
}

/// The addresses of a host.
struct Found {
    addresses: BTreeSet<Address>,
    left_out: usize,
    ttl: Duration,
    /// Why one family of addresses could not be looked up.
    missed: Option<Failure>,
    /// The name that has them, where that is one with a domain in place of one without.
    full_name: Option<DnsName>,
}

impl Found {
    /// The same without the addresses to which no name may lead.
    fn admitted(mut self, allowed: Option<&Allowed>) -> Result<Self, Failure> {
        let Some(allowed) = allowed else { return Ok(self) };
        self.addresses.retain(|address| allowed.has_address(address.ip()));
        if self.addresses.is_empty() {
            return Err(Failure::new(Reason::NoRecords, detail!("addresses-not-allowed")));
        }
        Ok(self)
    }

    fn into_detail(self) -> (Detail, BTreeSet<Address>) {
        let count = self.addresses.len() + self.left_out;
        let found = match self.left_out {
            0 => detail!("addresses-found", count = count),
            more => detail!("addresses-found-of-more", count = count, more = more),
        };
        let found = match self.full_name {
            Some(name) => detail!("addresses-completed", found = found, name = Value::quoted(name.as_str())),
            None => found,
        };
        let detail = match self.missed {
            Some(failure) => detail!("addresses-missed", found = found, why = failure.detail),
            None => found,
        };
        (detail, self.addresses)
    }
}

async fn look_up_name(
    name: &DnsName,
    resolution: &Resolution,
    denials: Denials,
    timeout: Duration,
) -> Result<Found, Failure> {
    let meanings = resolution.meanings(name);
    if resolution.hosts_file {
        for meaning in std::iter::once(name).chain(&meanings) {
            // The time limit is never longer than a round, so that each round sees what changed.
            let addresses = hosts_file::addresses(meaning, timeout).await;
            let unread = |error: io::Error| {
                Failure::new(Reason::LocalError, detail!("hosts-file-unread", why = system::fault(&error)))
            };
            let addresses = addresses.map_err(unread)?;
            if !addresses.is_empty() {
                // A file has no TTL: it is read again at every round.
                return Ok(Found { addresses, left_out: 0, ttl: Duration::ZERO, missed: None, full_name: None });
            }
        }
    }
    ask_for_any(name, &meanings, resolution, denials, timeout).await
}

/// Asks for one meaning of a name after the other until one has addresses. Each has its share of the time: a domain that
/// is searched and fails takes nothing from the others.
async fn ask_for_any(
    name: &DnsName,
    meanings: &[DnsName],
    resolution: &Resolution,
    denials: Denials,
    timeout: Duration,
) -> Result<Found, Failure> {
    let begun = Instant::now();
    let mut worst: Option<Failure> = None;
    for (place, meaning) in meanings.iter().enumerate() {
        let left = u32::try_from(meanings.len() - place).unwrap_or(u32::MAX);
        let share = timeout.saturating_sub(begun.elapsed()) / left;
        match ask_in_turn(meaning, resolution, denials, share).await {
            Ok(found) => return Ok(Found { full_name: (meaning != name).then(|| meaning.clone()), ..found }),
            Err(failure) => {
                // One that failed may have addresses. A nameserver that knows its own zones alone fails on a name of one
                // label, too.
                let counts = meaning != name || is_final(failure.reason) || meanings.len() == 1;
                let is_worse = |worst: &Failure| is_final(worst.reason) && !is_final(failure.reason);
                if worst.as_ref().is_none_or(|worst| counts && is_worse(worst)) {
                    worst = Some(failure);
                }
            }
        }
    }
    Err(worst.unwrap_or_else(|| Failure::new(Reason::NoRecords, detail!("no-address-record"))))
}

/// Asks one nameserver after the other until one knows the answer, be it that there is none.
async fn ask_in_turn(
    name: &DnsName,
    resolution: &Resolution,
    denials: Denials,
    timeout: Duration,
) -> Result<Found, Failure> {
    let servers = u32::try_from(resolution.nameservers.len()).unwrap_or(u32::MAX).max(1);
    let mut weightiest = Failure::new(Reason::LocalError, detail!("no-nameserver"));
    for nameserver in &resolution.nameservers {
        match ask(*nameserver, name, timeout / servers).await {
            Err(failure) if denials == Denials::OfOneNameserver || !is_final(failure.reason) => {
                if weight(failure.reason) >= weight(weightiest.reason) {
                    weightiest = failure;
                }
            }
            known => return known,
        }
    }
    Err(weightiest)
}

/// A nameserver that says there is none weighs more than one that fails, and what was seen of any more than that this
/// machine cannot ask.
const fn weight(reason: Reason) -> u8 {
    if is_final(reason) {
        2
    } else if reason.is_local() {
        0
    } else {
        1
    }
}

/// True for an answer that another nameserver need not be asked about.
const fn is_final(reason: Reason) -> bool {
    matches!(reason, Reason::Nxdomain | Reason::NoRecords)
}

async fn ask(nameserver: SocketAddr, name: &DnsName, timeout: Duration) -> Result<Found, Failure> {
    let (ipv4, ipv6) = tokio::join!(
        dns::look_up(nameserver, name, RecordType::A, timeout),
        dns::look_up(nameserver, name, RecordType::AAAA, timeout),
    );
    let mut addresses = BTreeSet::new();
    let mut ttl = dns::MAX_TTL;
    for answer in [&ipv4, &ipv6].into_iter().flatten() {
        addresses.extend(addresses_of(answer));
        ttl = ttl.min(answer.ttl);
    }
    // A family whose lookup failed leaves the question open, and weighs more than one that has no addresses.
    let failures = [ipv4.err(), ipv6.err()].into_iter().flatten();
    let failure = failures.min_by_key(|failure| is_final(failure.reason));
    if addresses.is_empty() {
        return Err(failure.unwrap_or_else(|| Failure::new(Reason::NoRecords, detail!("no-address-record"))));
    }
    let missed = failure.filter(|failure| !is_final(failure.reason));
    // What was missed is asked for again at the next round.
    let ttl = if missed.is_some() { Duration::ZERO } else { ttl };
    let left_out = addresses.len().saturating_sub(MAX_ADDRESSES);
    Ok(Found { addresses: addresses.into_iter().take(MAX_ADDRESSES).collect(), left_out, ttl, missed, full_name: None })
}

fn addresses_of(answer: &Answer) -> impl Iterator<Item = Address> + '_ {
    answer.records.iter().filter_map(|record| match record {
        RData::A(address) => Some(IpAddr::V4(address.0).into()),
        RData::AAAA(address) => Some(IpAddr::V6(address.0).into()),
        _ => None,
    })
}
