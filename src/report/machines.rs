//! Machines and their licenses as JSON: what `machines --output json` prints and `/api/v1/machines` answers.

use crate::codes::Code;
use crate::fleet::known::KnownLicense;
use crate::fleet::{Aggregate, Machine, MachinePage, Runway};
use crate::license::{Channel, LicenseStatus, PartialProductKey, Remaining};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A page of machines.
#[derive(Debug, Serialize)]
pub struct MachinesReport<'a> {
    machines: Vec<MachineJson<'a>>,
    /// How many there are in all that were asked for, and how many of them come before this page.
    total: u64,
    offset: u64,
}

#[derive(Debug, Serialize)]
struct MachineJson<'a> {
    machine: &'a str,
    reported_at: String,
    stale: bool,
    /// The first path it depends on; null where it depends on none that is watched.
    path: Option<&'a str>,
    source: &'static str,
    remaining_windows_rearms: Option<u32>,
    licenses: Vec<LicenseJson<'a>>,
    /// Where it is a KMS host.
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_host: Option<KmsHostJson>,
}

#[derive(Debug, Serialize)]
struct LicenseJson<'a> {
    product: Option<&'a str>,
    sku: Option<String>,
    channel: Option<&'a str>,
    partial_product_key: Option<&'a str>,
    addon: bool,
    license_status: Option<u8>,
    reason_code: Option<Code>,
    /// What the last failed attempt to activate ended with.
    last_error: Option<Code>,
    /// True where it holds without end; then, and where it is not known when it ends, the next two are null.
    permanent: bool,
    grace_remaining_seconds: Option<u64>,
    expires_at: Option<String>,
    last_renewed_at: Option<String>,
    renewal_overdue_seconds: Option<u64>,
    kms_host: Option<String>,
    reported_at: String,
    source: &'static str,
}

#[derive(Debug, Serialize)]
struct KmsHostJson {
    current_count: Option<u32>,
    required_count: Option<u32>,
    listening_port: Option<u16>,
    last_request_at: Option<String>,
    /// The same, or a later moment at which it had counted more requests.
    last_asked_at: Option<String>,
    requests: Option<u32>,
    failed_requests: Option<u32>,
}

impl<'a> MachinesReport<'a> {
    /// The report of a page that begins after `offset` machines, as of `now`.
    pub fn new(page: &'a MachinePage, offset: u64, now: Timestamp) -> Self {
        let machines = page.machines.iter().map(|machine| MachineJson::new(machine, now));
        Self { machines: machines.collect(), total: page.total, offset }
    }
}

impl<'a> MachineJson<'a> {
    fn new(machine: &'a Machine, now: Timestamp) -> Self {
        let known = &machine.machine;
        Self {
            machine: known.name.as_str(),
            reported_at: known.reported_at.to_string(),
            stale: machine.stale,
            path: machine.path.as_deref(),
            source: known.source.as_str(),
            remaining_windows_rearms: known.remaining_windows_rearms,
            licenses: machine.licenses.iter().map(|license| LicenseJson::new(license, now)).collect(),
            kms_host: known.kms_host.as_ref().map(|host| KmsHostJson {
                current_count: host.current_count,
                required_count: host.required_count,
                listening_port: host.listening_port,
                last_request_at: host.last_request_at.map(|moment| moment.to_string()),
                last_asked_at: known.last_asked_at().map(|moment| moment.to_string()),
                requests: host.requests,
                failed_requests: host.failed_requests,
            }),
        }
    }
}

impl<'a> LicenseJson<'a> {
    fn new(known: &'a KnownLicense, now: Timestamp) -> Self {
        let (license, validity) = (&known.license, known.validity());
        Self {
            product: license.product.as_deref(),
            sku: license.sku.map(|sku| sku.to_string()),
            channel: license.channel.as_ref().map(Channel::as_str),
            partial_product_key: license.partial_product_key.as_ref().map(PartialProductKey::as_str),
            addon: license.is_addon == Some(true),
            license_status: license.status.map(LicenseStatus::number),
            reason_code: license.reason_code,
            last_error: license.last_error,
            permanent: license.remaining == Some(Remaining::Permanent),
            grace_remaining_seconds: validity.grace_remaining_seconds(now),
            expires_at: known.expires_at().map(|moment| moment.to_string()),
            last_renewed_at: known.last_renewed_at().map(|moment| moment.to_string()),
            renewal_overdue_seconds: validity.renewal_overdue_seconds(now),
            kms_host: license.kms_host().map(ToString::to_string),
            reported_at: known.reported_at.to_string(),
            source: known.source.as_str(),
        }
    }
}

/// What the fleet adds up to: what `/api/v1/runway` answers.
#[derive(Debug, Serialize)]
pub struct RunwayReport<'a> {
    as_of: String,
    fleet: RunwayJson<'a>,
    paths: BTreeMap<&'a str, RunwayJson<'a>>,
    products: BTreeMap<&'a str, RunwayJson<'a>>,
    channels: BTreeMap<&'a str, RunwayJson<'a>>,
}

#[derive(Debug, Serialize)]
struct RunwayJson<'a> {
    machines: u64,
    stale: u64,
    lost: u64,
    renewal_overdue: u64,
    expiring: ExpiringJson,
    first_expiry: Option<String>,
    first_machine: Option<&'a str>,
}

/// Machines that lose activation within each time unless they renew.
#[derive(Debug, Serialize)]
struct ExpiringJson {
    #[serde(rename = "1d")]
    one_day: u64,
    #[serde(rename = "7d")]
    seven_days: u64,
    #[serde(rename = "30d")]
    thirty_days: u64,
    #[serde(rename = "90d")]
    ninety_days: u64,
}

impl<'a> RunwayReport<'a> {
    /// The report of a fleet.
    pub fn new(fleet: &'a Aggregate) -> Self {
        let listed = |sets: &'a [(String, Runway)]| {
            sets.iter().map(|(name, runway)| (name.as_str(), RunwayJson::new(runway))).collect()
        };
        Self {
            as_of: format!("{:.0}", fleet.as_of),
            fleet: RunwayJson::new(&fleet.totals),
            paths: fleet.paths.iter().map(|(path, runway)| (&**path, RunwayJson::new(runway))).collect(),
            products: listed(&fleet.products),
            channels: listed(&fleet.channels),
        }
    }
}

impl<'a> RunwayJson<'a> {
    fn new(runway: &'a Runway) -> Self {
        let [one_day, seven_days, thirty_days, ninety_days] = runway.expiring;
        Self {
            machines: runway.machines,
            stale: runway.stale,
            lost: runway.lost,
            renewal_overdue: runway.renewal_overdue,
            expiring: ExpiringJson { one_day, seven_days, thirty_days, ninety_days },
            first_expiry: runway.first_expiry.map(|moment| moment.to_string()),
            first_machine: runway.first_machine.as_deref(),
        }
    }
}
