//! What problems on the path to KMS hosts are about.

use crate::clock::comparison::Comparison;
use crate::codes::Code;
use crate::host::{self, DnsName, HostPort, KMS_PORT};
use crate::license::{Application, LicenseStatus};
use crate::walk::kms::{Count, LeftOut, Lines, Unpublished};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// A nameserver that was asked for the SRV records of a domain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nameserver {
    pub nameserver: SocketAddr,
    #[serde(serialize_with = "super::text")]
    pub domain: DnsName,
    /// A KMS host that its records should name, where one is known.
    #[serde(skip)]
    pub host: Option<DnsName>,
}

/// A KMS host at one of its addresses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Host {
    /// The host as it was discovered or configured.
    #[serde(serialize_with = "super::text")]
    pub host: HostPort,
    /// The address; `None` where none is known.
    pub address: Option<IpAddr>,
    /// True where DNS named it, as against the configuration.
    #[serde(rename = "discovered")]
    pub is_discovered: bool,
    /// Another address at which it serves, where this one does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serves_at: Option<IpAddr>,
    /// The name that its own is an alias of, where that leads nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<Arc<str>>,
    /// Another host of the path, which serves.
    #[serde(skip)]
    pub replacement: Option<HostPort>,
}

impl Host {
    /// True where DNS leads to another port than the usual one.
    pub const fn is_at_unusual_port(&self) -> bool {
        self.is_discovered && self.host.port != KMS_PORT
    }

    /// True where DNS names it without its domain.
    pub fn lacks_domain(&self) -> bool {
        self.is_discovered && self.host.host.short_name().is_some()
    }
}

/// Hosts in DNS that are not expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnexpectedHosts {
    pub hosts: Arc<[host::Host]>,
    /// True where there are expected ones in DNS, and all of them serve.
    pub do_expected_serve: bool,
}

/// The clock of a KMS host, or ours in its stead, and what it was compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HostClock {
    pub host: Host,
    /// How the clocks compare.
    #[serde(serialize_with = "super::compared")]
    pub comparison: Comparison,
    /// The only time server that true time is known from; `None` where several agree on it, or it is not known.
    pub witness: Option<String>,
}

/// The license of a KMS host itself, which lapsed: its only one for an application, or that of one of its keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HostLicense {
    pub host: Host,
    /// For which application.
    #[serde(serialize_with = "super::text")]
    pub application: Application,
    /// What the license of the key that lapsed is called, else its SKU, where another for the application is in force.
    pub product: Option<String>,
    /// How many machines use it for that; 0 where none is known to.
    pub clients: u64,
    #[serde(serialize_with = "label")]
    pub status: LicenseStatus,
    /// Why, as Windows puts it.
    pub code: Option<Code>,
}

/// How many clients a KMS host counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientCount {
    pub host: Host,
    /// How many machines use it for the application; 0 where none is known to.
    pub clients: u64,
    /// The count, and what is required.
    #[serde(flatten, serialize_with = "count")]
    pub count: Count,
}

/// A KMS host that could not start, by its own events.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailedStart {
    pub host: Host,
    /// When it could not.
    #[serde(serialize_with = "super::text")]
    pub since: Timestamp,
    /// Why, where it says so.
    pub code: Option<Code>,
}

/// A KMS host that no client asks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdleHost {
    pub host: Host,
    /// When a client last asked it.
    #[serde(serialize_with = "super::text")]
    pub since: Timestamp,
}

/// This machine's clock.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnClock {
    /// How it compares with true time.
    #[serde(flatten, serialize_with = "super::compared")]
    pub comparison: Comparison,
    /// The only time server that true time is known from; `None` where several agree on it.
    pub witness: Option<String>,
    /// A time server that contradicts the others in favour of this clock.
    pub supporter: Option<String>,
    /// True where every KMS host was seen to have the true time.
    #[serde(rename = "kms_hosts_are_right")]
    pub are_hosts_right: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn label<S: Serializer>(status: &LicenseStatus, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(status.label())
}

/// A count as readers of JSON see it.
#[derive(Serialize)]
struct CountJson {
    application: &'static str,
    current: u32,
    required_for_any: u32,
    required_for_all: u32,
}

fn count<S: Serializer>(count: &Count, serializer: S) -> Result<S::Ok, S::Error> {
    let (required_for_any, required_for_all) = count.required;
    let application = count.application.as_str();
    CountJson { application, current: count.current, required_for_any, required_for_all }.serialize(serializer)
}

/// A KMS host that does not publish itself as readers of JSON see it.
#[derive(Serialize)]
struct UnpublishedJson<'a> {
    host: &'a str,
    domain: &'a str,
    failed_at: Option<String>,
    code: Option<Code>,
}

pub(super) fn unpublished<S: Serializer>(unpublished: &Unpublished, serializer: S) -> Result<S::Ok, S::Error> {
    let (failed_at, code) = unpublished.failed.unzip();
    let failed_at = failed_at.map(|at| at.to_string());
    let (host, domain) = (&*unpublished.host, unpublished.domain.as_str());
    UnpublishedJson { host, domain, failed_at, code: code.flatten() }.serialize(serializer)
}

/// What is left out as readers of JSON see it.
#[derive(Serialize)]
struct LeftOutJson<'a> {
    hosts: Vec<LeftOutHost>,
    more_records: usize,
    more_addresses: usize,
    allowed_by: &'a Lines,
}

#[derive(Serialize)]
struct LeftOutHost {
    host: String,
    address: Option<IpAddr>,
}

pub(super) fn left_out<S: Serializer>(left_out: &LeftOut, serializer: S) -> Result<S::Ok, S::Error> {
    let ports = left_out.ports.iter().map(|host| LeftOutHost { host: host.to_string(), address: None });
    let addresses = left_out.addresses.iter();
    let addresses = addresses.map(|(host, address)| LeftOutHost { host: host.to_string(), address: Some(*address) });
    let json = LeftOutJson {
        hosts: ports.chain(addresses).take(super::MAX_LISTED).collect(),
        more_records: left_out.records.iter().map(|(.., count)| count).sum(),
        more_addresses: left_out.more_addresses.iter().map(|(_, count)| count).sum(),
        allowed_by: &left_out.lines,
    };
    json.serialize(serializer)
}
