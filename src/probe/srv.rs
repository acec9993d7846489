//! The `srv` stage: which KMS hosts does one nameserver publish for one domain?

use super::SrvLookup;
use super::dns::{self, Answer};
use crate::host::{DnsName, Host, HostPort};
use crate::observation::{Detail, Failure, Observation, Reason, Stage, Value, detail};
use crate::words::cut_keys;
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use std::borrow::Cow;
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
    /// Mostly a name. Some write an address, which Windows connects to all the same.
    pub host: Host,
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
        HostPort { host: self.host.clone(), port: self.port }
    }
}

/// A record that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusableRecord {
    /// `None` for `.`, by which a domain says that it has no such service (RFC 2782).
    pub target: Option<DnsName>,
    pub port: u16,
}

impl UnusableRecord {
    fn failure(&self) -> Failure {
        match &self.target {
            None => Failure::new(Reason::NoService, detail!("no-service")),
            Some(target) => {
                let target = Value::quoted(target.as_str());
                Failure::new(Reason::InvalidAnswer, detail!("unusable-record", target = target, port = self.port))
            }
        }
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
    /// Records beside them that no client can use.
    pub unusable: BTreeSet<UnusableRecord>,
    /// How long the answer may be kept. Zero for a failure: it is asked again at the next round.
    pub ttl: Duration,
}

impl SrvAnswer {
    /// True where both say the same of the hosts of the domain, whenever that was and however long it took.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let said = |answer: &Self| (answer.observation.reason, answer.left_out);
        said(self) == said(other) && self.records == other.records && self.unusable == other.unusable
    }
}

/// Asks for the SRV records of a domain.
pub async fn look_up(lookup: &SrvLookup, timeout: Duration) -> SrvAnswer {
    let begun = Instant::now();
    let answer = match lookup.domain.srv() {
        Ok(name) => dns::look_up(lookup.nameserver, &name, RecordType::SRV, timeout).await,
        Err(error) => Err(dns::unusable(&error)),
    };
    let (outcome, (records, unusable), ttl) = match answer.and_then(|answer| Ok((read(&answer)?, answer.ttl))) {
        Ok((read, ttl)) => (Ok(describe(read.0.len())), read, ttl),
        Err(failure) => (Err(failure), Read::default(), Duration::ZERO),
    };
    let left_out = records.len().saturating_sub(MAX_RECORDS);
    let records = records.into_iter().take(MAX_RECORDS).collect();
    let unusable = unusable.into_iter().take(MAX_RECORDS).collect();
    let observation = Observation::new(Stage::Srv, outcome, begun.elapsed());
    SrvAnswer { observation, records, left_out, unusable, ttl }
}

/// The records that clients can use, and those that they cannot.
type Read = (BTreeSet<SrvRecord>, BTreeSet<UnusableRecord>);

/// Reads the records of an answer.
///
/// # Errors
/// What is wrong with the last of them where clients can use none.
fn read(answer: &Answer) -> Result<Read, Failure> {
    let (mut records, mut unusable) = Read::default();
    let mut failure = Failure::new(Reason::NoRecords, detail!("no-srv-record"));
    for record in &answer.records {
        let RData::SRV(SRV { priority, weight, port, target, .. }) = record else { continue };
        let Some(target) = without_keys(target) else { continue };
        if target.is_root() || *port == 0 {
            let target = (!target.is_root()).then(|| DnsName::from(&*target));
            let record = UnusableRecord { target, port: *port };
            failure = record.failure();
            unusable.insert(record);
        } else {
            records.insert(SrvRecord { priority: *priority, weight: *weight, host: (&*target).into(), port: *port });
        }
    }
    if records.is_empty() { Err(failure) } else { Ok((records, unusable)) }
}

/// A name with every whole product key in it cut, so that it leads nowhere, but can be shown; `None` where nothing is left.
fn without_keys(target: &Name) -> Option<Cow<'_, Name>> {
    let name = DnsName::from(target);
    match cut_keys(name.as_str()) {
        Cow::Borrowed(_) => Some(Cow::Borrowed(target)),
        Cow::Owned(cut) => Some(Cow::Owned(cut.parse::<DnsName>().ok()?.to_name())),
    }
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
    fn records_that_lead_nowhere_are_kept_apart_from_those_that_lead_somewhere() {
        let name = |text: &str| Name::from_labels(text.split_terminator('.').map(str::as_bytes)).unwrap();
        let record = |port, target: &str| RData::SRV(SRV::new(0, 0, port, name(target.trim_end_matches('.'))));
        let read = |records: &[RData]| read(&Answer { records: records.to_vec(), ttl: Duration::ZERO });
        let (records, unusable) = read(&[
            record(1688, "KMS_01.corp.example."),
            record(1688, "192.0.2.10."),
            record(1688, "::ffff:192.0.2.11."),
            record(1688, "2001:db8::10."),
            record(1688, "kms."),
            record(0, "kms02.corp.example."),
            record(1688, "."),
        ])
        .unwrap();
        let hosts: Vec<_> = records.iter().map(|record| record.host.to_string()).collect();
        let expected = ["kms", "kms_01.corp.example", "192.0.2.10", "192.0.2.11", "2001:db8::10"];
        assert_eq!(hosts, expected);
        assert_eq!(unusable.len(), 2);
        for (records, reason) in [
            (vec![record(0, "kms02.corp.example.")], Reason::InvalidAnswer),
            (vec![record(0, ".")], Reason::NoService),
            (Vec::new(), Reason::NoRecords),
        ] {
            assert_eq!(read(&records).unwrap_err().reason, reason);
        }
    }

    #[test]
    fn no_whole_product_key_is_kept_of_a_target() {
        let name = |text: &str| Name::from_labels(text.split('.').map(str::as_bytes)).unwrap();
        let target = |text: &str| {
            let records = vec![RData::SRV(SRV::new(0, 0, 1688, name(text)))];
            let (records, _) = read(&Answer { records, ttl: Duration::ZERO }).unwrap();
            records.first().unwrap().host.to_string()
        };
        assert_eq!(target("BCDFG-HJKMN-PQRTV-WXY23-46789.corp.example"), "46789.corp.example");
        assert_eq!(target("kms01.corp.example"), "kms01.corp.example");
    }

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
        let hosts: Vec<_> = records.iter().map(|record| record.host.to_string()).collect();
        assert_eq!(hosts, ["also-heavy", "heavy", "light", "backup"]);
        assert_eq!(describe(records.len()), "4 hosts");
        assert_eq!(describe(MAX_RECORDS), "64 hosts");
        assert_eq!(describe(MAX_RECORDS + 2), "66 hosts, of which 2 are left out");
    }
}
