//! Nameservers that do not say the same, and what each of them lacks.

use super::{Discovered, is_answered};
use crate::findings::PathFindings;
use crate::host::{DnsName, HostPort};
use crate::probe::SrvLookup;
use crate::probe::srv::{SrvAnswer, SrvRecord};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Nameservers that do not say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The domain asked for.
    pub domain: DnsName,
    /// The first nameserver.
    pub one: SocketAddr,
    /// A nameserver with another answer.
    pub other: SocketAddr,
    /// What each lacks that another names. Empty where all name the same, with other priorities or weights.
    pub lacks: Vec<Lack>,
}

/// What a nameserver does not name, and another does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    pub nameserver: SocketAddr,
    /// The hosts, as clients prefer them.
    pub hosts: Vec<HostPort>,
    /// True where it names none at all, for which it fails as a lookup.
    pub is_empty: bool,
}

impl Discovered {
    /// The disagreements that are problems of their own: those of nameservers of which one names none are not, as that
    /// one fails for it, unless it is skipped in a search list.
    pub fn distinct_disagreements(&self) -> Vec<Disagreement> {
        let distinct = |pair: &Disagreement| {
            let mut lacks = pair.lacks.clone();
            lacks.retain(|lack| self.search || !lack.is_empty);
            (!lacks.is_empty() || pair.lacks.is_empty()).then(|| Disagreement { lacks, ..pair.clone() })
        };
        self.disagreements.iter().filter_map(distinct).collect()
    }
}

/// The first nameserver that answered otherwise than the first that answered, domain by domain. One that did not answer
/// is a fault of its own and no disagreement.
pub(super) fn all(findings: &PathFindings) -> Vec<Disagreement> {
    let answered: Vec<_> = findings.srv.iter().filter(|(_, answer)| is_answered(answer)).collect();
    let domains = answered.chunk_by(|(one, _), (two, _)| one.domain == two.domain);
    let disagreement = |answers: &[(&SrvLookup, &SrvAnswer)]| {
        let (first, expected) = answers.first()?;
        let (other, _) = answers.iter().find(|(_, answer)| answer.records != expected.records)?;
        let (one, other) = (first.nameserver, other.nameserver);
        Some(Disagreement { domain: first.domain.clone(), one, other, lacks: lacks(answers) })
    };
    domains.filter_map(disagreement).collect()
}

/// What each nameserver lacks that another names.
fn lacks(answers: &[(&SrvLookup, &SrvAnswer)]) -> Vec<Lack> {
    let all: BTreeSet<&SrvRecord> = answers.iter().flat_map(|(_, answer)| &answer.records).collect();
    let lack = |(lookup, answer): &(&SrvLookup, &SrvAnswer)| {
        let known: BTreeSet<HostPort> = answer.records.iter().map(SrvRecord::target).collect();
        let mut seen = BTreeSet::new();
        let lacking = all.iter().map(|record| record.target()).filter(|host| !known.contains(host));
        let hosts = lacking.filter(|host| seen.insert(host.clone())).collect();
        Lack { nameserver: lookup.nameserver, hosts, is_empty: known.is_empty() }
    };
    answers.iter().map(lack).filter(|lack| !lack.hosts.is_empty()).collect()
}
