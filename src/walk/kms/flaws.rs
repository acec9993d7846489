//! Records in DNS that are not as they should be, beside others that clients can use.

use crate::findings::PathFindings;
use crate::host::{DnsName, Host, HostPort};
use crate::probe::srv::{MAX_RECORDS, SrvRecord};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An SRV record that is not as it should be. The worst first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Flaw {
    /// What is wrong with it.
    pub fault: Fault,
    /// The domain whose record it is.
    #[serde(serialize_with = "text")]
    pub domain: DnsName,
    /// What it names.
    pub target: Arc<str>,
    pub port: u16,
}

/// What can be wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Its port is 0: nobody connects.
    NoPort,
    /// Its target is `.`, by which a domain says that it has no such service (RFC 2782).
    NoService,
    /// Its target has one label. Clients complete it with domains of their own, which need not be the right ones.
    NoDomain,
    /// Its target is an address, where records name hosts.
    Address,
}

impl Fault {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPort => "no_port",
            Self::NoService => "no_service",
            Self::NoDomain => "no_domain",
            Self::Address => "address",
        }
    }
}

impl Flaw {
    /// True where it is about what a record names that leads to this host.
    pub fn is_of(&self, host: &HostPort) -> bool {
        self.port == host.port && *self.target == *host.host.to_string()
    }
}

/// The flaws in all records, whichever nameserver gave them. No more are kept than records are probed.
pub(super) fn all(findings: &PathFindings) -> Vec<Flaw> {
    let mut flaws = BTreeSet::new();
    for (lookup, answer) in &findings.srv {
        let flaw =
            |fault, target: &str, port| Flaw { fault, domain: lookup.domain.clone(), target: target.into(), port };
        flaws.extend(answer.unusable.iter().map(|record| {
            let fault = if record.target.is_some() { Fault::NoPort } else { Fault::NoService };
            flaw(fault, record.target.as_ref().map_or(".", DnsName::as_str), record.port)
        }));
        let flawed = answer.records.iter().filter_map(|record| Some((fault(record)?, record)));
        flaws.extend(flawed.map(|(fault, record)| flaw(fault, &record.host.to_string(), record.port)));
    }
    flaws.into_iter().take(MAX_RECORDS).collect()
}

/// What is wrong with a record that leads to a host all the same.
fn fault(record: &SrvRecord) -> Option<Fault> {
    match &record.host {
        Host::Address(_) => Some(Fault::Address),
        host @ Host::Name(_) => host.short_name().map(|_| Fault::NoDomain),
    }
}

fn text<S: serde::Serializer>(name: &DnsName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(name)
}
