//! The KMS hosts, those that paths lead to and those that report: what `/api/v1/kms-hosts` answers.

use super::machines::FailedStartJson;
use super::rfc3339::Rfc3339;
use crate::clock::comparison::Clocks;
use crate::codes::Code;
use crate::fleet::{Aggregate, ApplicationStatus, KeyStatus, KmsHostStatus};
use crate::license::{Application, HostKey, LicenseStatus, PartialProductKey};
use crate::observation::Reason;
use crate::state::{PathReport, Snapshot};
use crate::walk::{Walk, kms};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many hosts are listed at the most, and by default.
pub const MOST: usize = 1000;

/// All KMS hosts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KmsHostsReport<'a> {
    /// When what machines report was aggregated; null where none is kept, or that never was.
    pub as_of: Option<Rfc3339>,
    /// Those that paths lead to are first.
    pub kms_hosts: Vec<KmsHostReport<'a>>,
    /// How many there are.
    pub total: u64,
}

/// One KMS host.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KmsHostReport<'a> {
    /// The name under which it reports, else the one under which paths lead to it.
    pub host: String,
    /// What it reports of itself; null where it does not.
    pub reported: Option<ReportedJson>,
    /// What is seen of it on each path that leads to it, at each of its addresses.
    pub targets: Vec<HostTargetJson<'a>>,
}

/// What a KMS host reports of itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportedJson {
    /// When it did.
    pub reported_at: Rfc3339,
    /// True where that is too long ago.
    pub stale: bool,
    pub listening_port: Option<u16>,
    /// When a client last asked it, by its events.
    pub last_request_at: Option<Rfc3339>,
    /// Since when no client is known to have asked it; null where nothing can be said.
    pub idle_since: Option<Rfc3339>,
    /// The last time that it could not start; null where it did since, or that is long ago.
    pub failed_start: Option<FailedStartJson>,
    /// True where it publishes itself in DNS; null where it does not say.
    pub publishes_dns: Option<bool>,
    /// The domains in which it could not publish itself the last time that it tried.
    pub unpublished: Vec<UnpublishedJson>,
    /// What it counts, and the license by which it activates, for each application.
    pub applications: Vec<ApplicationJson>,
}

/// A domain in which a KMS host could not publish itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnpublishedJson {
    pub domain: String,
    /// When it tried.
    pub failed_at: Rfc3339,
    /// Why it could not, as Windows puts it; null where it did not say.
    pub code: Option<Code>,
}

/// A KMS host for one application.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ApplicationJson {
    /// `windows`, `office` or `office2010`.
    pub application: &'static str,
    /// When it said what it counts, and whether that is too long ago; null where it did not.
    pub counted_at: Option<Rfc3339>,
    pub stale: bool,
    /// How many clients it counts: what it reported last by any of its keys.
    pub current_count: Option<u32>,
    /// How many it must count before it activates any.
    pub required_count: Option<u32>,
    /// How many machines use it for this application.
    pub clients: u64,
    /// The fewest and the most clients that those who use it want it to count.
    pub required_by_clients: Option<RequiredJson>,
    /// How many requests it received, by all of its keys.
    pub requests: Option<u32>,
    pub failed_requests: Option<u32>,
    /// The number of the status of its own license; of several, the one that is in force.
    pub license_status: Option<u8>,
    /// Why it is that, as Windows puts it.
    pub reason_code: Option<Code>,
    /// What is known of each of its keys.
    pub keys: Vec<HostKeyJson>,
}

/// A key of a KMS host.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HostKeyJson {
    /// The SKU of its license, which Windows calls the activation ID; null where that is not reported.
    pub sku: Option<String>,
    /// What its license is called.
    pub product: Option<String>,
    /// The last five characters.
    pub partial_product_key: Option<String>,
    /// When the host said what it counts by this key, and whether that is too long ago; null where it did not.
    pub counted_at: Option<Rfc3339>,
    pub stale: bool,
    pub current_count: Option<u32>,
    pub required_count: Option<u32>,
    pub requests: Option<u32>,
    pub failed_requests: Option<u32>,
    /// The number of the status of its license.
    pub license_status: Option<u8>,
    /// Why it is that, as Windows puts it.
    pub reason_code: Option<Code>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RequiredJson {
    pub least: u32,
    pub most: u32,
}

/// A KMS host at one of its addresses, as it is seen on a path.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HostTargetJson<'a> {
    pub path: &'a str,
    /// Its name and port there.
    pub target: String,
    pub address: Option<String>,
    /// True where it serves.
    pub works: bool,
    /// Where it fails, and why.
    pub stage: Option<&'static str>,
    pub reason: Option<&'static str>,
    /// Its clock minus true time, or minus ours where true time is not known; null where it cannot be read.
    pub clock_offset_seconds: Option<f64>,
    /// The bound of that.
    pub clock_error_seconds: Option<f64>,
}

impl<'a> KmsHostsReport<'a> {
    /// So many of the hosts that are known at the most.
    pub fn new(snapshot: &'a Snapshot, most: usize) -> Self {
        let fleet = snapshot.fleet.as_deref();
        let mut targets = targets(snapshot);
        let reporting = fleet.map(|fleet| fleet.kms_hosts.as_slice()).unwrap_or_default();
        let mut hosts: Vec<_> = reporting
            .iter()
            .map(|status| {
                let own = status.machine.as_str().to_owned();
                let names = status.targets.iter().chain([&own]);
                let targets: Vec<_> = names.filter_map(|name| targets.remove(name)).flatten().collect();
                KmsHostReport { host: own, reported: Some(ReportedJson::new(status)), targets }
            })
            .collect();
        // What does not report is seen on a path.
        hosts.extend(targets.into_iter().map(|(host, targets)| KmsHostReport { host, reported: None, targets }));
        hosts.sort_by_key(|host| host.targets.is_empty());
        let left_out = fleet.map_or(0, |fleet| fleet.kms_hosts_left_out);
        let total = hosts.len() as u64 + left_out;
        hosts.truncate(most);
        Self { as_of: fleet.map(as_of), kms_hosts: hosts, total }
    }
}

fn as_of(fleet: &Aggregate) -> Rfc3339 {
    Rfc3339(fleet.as_of)
}

/// What paths show of KMS hosts, by their names without the port, in lower case.
fn targets(snapshot: &Snapshot) -> BTreeMap<String, Vec<HostTargetJson<'_>>> {
    let mut targets: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for path in &snapshot.paths {
        let Walk::Kms(walk) = &path.walk else { continue };
        for host in walk.hosts() {
            targets.entry(host.name().to_string().to_lowercase()).or_default().push(HostTargetJson::new(path, host));
        }
    }
    targets
}

impl<'a> HostTargetJson<'a> {
    fn new(path: &'a PathReport, host: &kms::Host) -> Self {
        let failure = host.failure();
        // Where ours is off, that says nothing of the host.
        let clock = host.clock.filter(|comparison| comparison.clocks != Clocks::OursAndTrueTime);
        Self {
            path: &path.name,
            target: host.host.to_string(),
            address: host.ip().map(|address| address.to_string()),
            works: failure.is_none(),
            stage: failure.map(|failure| failure.stage.as_str()),
            reason: failure.and_then(|failure| failure.reason).map(Reason::as_str),
            clock_offset_seconds: clock.map(|comparison| comparison.offset.seconds),
            clock_error_seconds: clock.map(|comparison| comparison.offset.bound),
        }
    }
}

impl ReportedJson {
    fn new(status: &KmsHostStatus) -> Self {
        let facts = &status.facts;
        let applications = status.applications.iter();
        let applications = applications.map(|(application, known)| ApplicationJson {
            keys: keys(status, *application),
            ..ApplicationJson::new(*application, known)
        });
        let unpublished = status.unpublished.iter();
        let unpublished = unpublished.map(|(domain, (at, code))| UnpublishedJson {
            domain: domain.clone(),
            failed_at: Rfc3339(*at),
            code: *code,
        });
        Self {
            reported_at: Rfc3339(status.reported_at),
            stale: status.stale,
            listening_port: facts.listening_port,
            last_request_at: facts.last_request_at.map(Rfc3339),
            idle_since: status.idle_since.map(Rfc3339),
            failed_start: status.failed_start.map(Into::into),
            publishes_dns: facts.publishes_dns,
            unpublished: unpublished.collect(),
            applications: applications.collect(),
        }
    }
}

impl ApplicationJson {
    fn new(application: Application, status: &ApplicationStatus) -> Self {
        let counts = status.counts.unwrap_or_default();
        Self {
            application: application.as_str(),
            counted_at: status.counted_at.map(Rfc3339),
            stale: status.stale,
            current_count: counts.current,
            required_count: counts.required,
            clients: status.clients,
            required_by_clients: status.required_by_clients.map(|(least, most)| RequiredJson { least, most }),
            requests: counts.requests,
            failed_requests: counts.failed_requests,
            license_status: status.own_license.map(LicenseStatus::number),
            reason_code: status.own_reason,
            keys: Vec::new(),
        }
    }
}

/// The keys of a host for an application.
fn keys(status: &KmsHostStatus, application: Application) -> Vec<HostKeyJson> {
    let keys = status.keys.iter().filter(|(key, _)| key.application == application);
    keys.map(|(key, status)| HostKeyJson::new(*key, status)).collect()
}

impl HostKeyJson {
    fn new(key: HostKey, status: &KeyStatus) -> Self {
        let counts = status.counts.unwrap_or_default();
        Self {
            sku: key.sku.map(|sku| sku.to_string()),
            product: status.product.clone(),
            partial_product_key: status.partial_product_key.as_ref().map(PartialProductKey::as_str).map(str::to_owned),
            counted_at: status.counted_at.map(Rfc3339),
            stale: status.stale,
            current_count: counts.current,
            required_count: counts.required,
            requests: counts.requests,
            failed_requests: counts.failed_requests,
            license_status: status.license.map(LicenseStatus::number),
            reason_code: status.reason,
        }
    }
}
