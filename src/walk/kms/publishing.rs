//! KMS hosts of a path that do not publish themselves in DNS, by their own word.
//!
//! A host is believed where the path leads to it, or expects it; where DNS names no host at all, where it is in the domain
//! that is asked. What anyone else says of that domain is of no interest.

use super::{HostReports, is_answered};
use crate::codes::Code;
use crate::findings::PathFindings;
use crate::fleet::KmsHostStatus;
use crate::host::{DnsName, Host};
use crate::observation::Reason;
use crate::path::{Discovery, Kms};
use crate::probe::srv::SrvRecord;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A KMS host that does not publish itself in a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpublished {
    /// The name under which it reports.
    pub host: Arc<str>,
    pub domain: DnsName,
    /// When it could not, and why; `None` where it is not to.
    pub failed: Option<(Timestamp, Option<Code>)>,
}

impl Unpublished {
    /// Why it does not: it cannot, or publishing is turned off.
    pub const fn reason(&self) -> Reason {
        if self.failed.is_some() { Reason::PublishingFailed } else { Reason::PublishingOff }
    }
}

/// True for a host of which there is something to say here.
pub(super) fn is_troubled(host: &KmsHostStatus) -> bool {
    !host.unpublished.is_empty() || is_off(host)
}

fn is_off(host: &KmsHostStatus) -> bool {
    host.facts.publishes_dns == Some(false) && !host.stale
}

/// What a host in a record may be called, in lower case: one without a domain may be in any of these.
fn names(host: &Host, domains: &[DnsName]) -> Vec<String> {
    let within = host.dns_name().filter(|name| !name.has_dot()).into_iter();
    let within = within.flat_map(|name| domains.iter().filter_map(|domain| name.within(domain)));
    within.map(|name| name.as_str().to_lowercase()).chain([host.to_string().to_lowercase()]).collect()
}

/// Those of a path, given the records that were found.
pub(super) fn all(
    kms: &Kms,
    findings: &PathFindings,
    records: &BTreeSet<SrvRecord>,
    reports: &HostReports,
) -> Vec<Unpublished> {
    let is_answered =
        |domain: &DnsName| findings.srv.iter().any(|(lookup, answer)| lookup.domain == *domain && is_answered(answer));
    let Discovery::Domains { domains, expected_hosts, .. } = &kms.discovery else { return Vec::new() };
    let found: BTreeSet<String> = records.iter().flat_map(|record| names(&record.host, domains)).collect();
    let expected: BTreeSet<String> = expected_hosts.iter().map(|host| host.as_str().to_lowercase()).collect();
    let mut all = Vec::new();
    for host in &reports.unpublished {
        let names = || host.targets.iter().map(String::as_str).chain([host.machine.as_str()]);
        let (is_found, is_expected) = (names().any(|it| found.contains(it)), names().any(|it| expected.contains(it)));
        let mut has_any = false;
        for domain in domains {
            let name = domain.as_str().to_lowercase();
            let is_within = || host.machine.as_str().strip_suffix(&name).is_some_and(|rest| rest.ends_with('.'));
            let is_of_path = is_expected || expected.is_empty() && (is_found || records.is_empty() && is_within());
            if !is_of_path {
                continue;
            }
            let failed = host.unpublished.get(&name).copied();
            // Where DNS names it all the same, its record is kept by hand. It is off for all domains at once.
            let is_off = || is_off(host) && !is_found && is_answered(domain) && !has_any;
            if failed.is_some() || is_off() {
                has_any = true;
                all.push(Unpublished { host: host.machine.as_str().into(), domain: domain.clone(), failed });
            }
        }
    }
    all
}
