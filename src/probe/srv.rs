//! The `srv` stage: which KMS hosts does one nameserver publish for one domain?

use super::SrvLookup;
use super::dns::{self, Answer};
use crate::host::{DnsName, Host, HostPort};
use crate::observation::{Detail, Failure, Observation, Reason, Stage, Value, detail};
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{RData, RecordType};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The most hosts one answer may add to a path. Sites have a handful; what is beyond this is left out, and reported.
pub const MAX_RECORDS: usize = 64;

/// One SRV record (RFC 2782). Ordered as clients prefer them: by priority, and within one the heaviest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SrvRecord {
    /// Lower is tried first.
    pub priority: u16,
    /// The share of clients among records of one priority.
    pub weight: u16,
    pub host: DnsName,
    /// The port it listens on.
    pub port: u16,
}

impl Ord for SrvRecord {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |record: &Self| (record.priority, Reverse(record.weight), record.port);
        key(self).cmp(&key(other)).then_with(|| self.host.cmp(&other.host))
    }
}

impl PartialOrd for SrvRecord {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl SrvRecord {
    /// The host and port this record leads to.
    pub fn target(&self) -> HostPort {
        HostPort { host: Host::Name(self.host.clone()), port: self.port }
    }
}

/// What one nameserver answered.
#[derive(Debug, Clone)]
pub struct SrvAnswer {
    /// The `srv` stage.
    pub observation: Observation,
    /// The records, duplicates folded; empty where the stage failed.
    pub records: BTreeSet<SrvRecord>,
    /// How many more there were.
    pub left_out: usize,
    /// How long the answer may be kept. Zero for a failure: it is asked again at the next round.
    pub ttl: Duration,
}

impl SrvAnswer {
    /// True where both say the same of the hosts of the domain, whenever that was and however long it took.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let said = |answer: &Self| (answer.observation.reason, answer.left_out);
        said(self) == said(other) && self.records == other.records
    }
}

/// Asks for the SRV records of a domain.
pub async fn look_up(lookup: &SrvLookup, timeout: Duration) -> SrvAnswer {
    let begun = Instant::now();
    let answer = dns::look_up(lookup.nameserver, &lookup.domain.srv_name(), RecordType::SRV, timeout).await;
    let (outcome, records, ttl) = match answer.and_then(|answer| Ok((records(&answer)?, answer.ttl))) {
        Ok((records, ttl)) => (Ok(describe(records.len())), records, ttl),
        Err(failure) => (Err(failure), BTreeSet::new(), Duration::ZERO),
    };
    let left_out = records.len().saturating_sub(MAX_RECORDS);
    let records = records.into_iter().take(MAX_RECORDS).collect();
    let observation = Observation::new(Stage::Srv, outcome, begun.elapsed());
    SrvAnswer { observation, records, left_out, ttl }
}

fn records(answer: &Answer) -> Result<BTreeSet<SrvRecord>, Failure> {
    let mut records = BTreeSet::new();
    let mut useless = Failure::new(Reason::NoRecords, detail!("no-srv-record"));
    for record in &answer.records {
        let RData::SRV(srv) = record else { continue };
        let SRV { priority, weight, port, target, .. } = srv;
        if target.is_root() {
            useless = Failure::new(Reason::NoService, detail!("no-service"));
            continue;
        }
        match DnsName::from(target).as_str().parse() {
            Ok(host) if *port != 0 => {
                records.insert(SrvRecord { priority: *priority, weight: *weight, host, port: *port });
            }
            _ => {
                let target = Value::quoted(&target.to_string());
                let detail = detail!("unusable-record", target = target, port = *port);
                useless = Failure::new(Reason::InvalidAnswer, detail);
            }
        }
    }
    if records.is_empty() { Err(useless) } else { Ok(records) }
}

fn describe(found: usize) -> Detail {
    match found.checked_sub(MAX_RECORDS) {
        None | Some(0) => detail!("hosts-found", count = found),
        Some(more) => detail!("hosts-found-of-more", count = found, more = more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_in_the_order_clients_prefer() {
        let record =
            |priority, weight, host: &str| SrvRecord { priority, weight, host: host.parse().unwrap(), port: 1688 };
        let records = BTreeSet::from([
            record(10, 0, "backup"),
            record(0, 1, "light"),
            record(0, 9, "heavy"),
            record(0, 9, "heavy"),
            record(0, 9, "also-heavy"),
        ]);
        let hosts: Vec<_> = records.iter().map(|record| record.host.as_str()).collect();
        assert_eq!(hosts, ["also-heavy", "heavy", "light", "backup"]);
        assert_eq!(describe(records.len()), "4 hosts");
        assert_eq!(describe(MAX_RECORDS), "64 hosts");
        assert_eq!(describe(MAX_RECORDS + 2), "66 hosts, of which 2 are left out");
    }
}
