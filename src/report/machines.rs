//! Machines and their licenses as JSON: what `machines --output json` prints and `/api/v1/machines` answers.

use super::expected::ExpectationsJson;
use super::rfc3339::Rfc3339;
use crate::codes::Code;
use crate::fleet::known::{KnownLicense, KnownMachine};
use crate::fleet::{Aggregate, Machine, MachinePage, Runway};
use crate::license::{Channel, FailedStart, KmsHost, LicenseStatus, PartialProductKey, Published, Remaining};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A page of machines.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MachinesReport<'a> {
    pub machines: Vec<MachineJson<'a>>,
    /// How many there are in all that were asked for, and how many of them come before this page.
    pub total: u64,
    offset: u64,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MachineJson<'a> {
    /// Its name.
    pub machine: Cow<'a, str>,
    /// When it reported last.
    pub reported_at: Rfc3339,
    /// True where that is too long ago.
    pub stale: bool,
    /// The first path it depends on; null where it depends on none that is watched.
    pub path: Option<Cow<'a, str>>,
    /// Where its last report came from.
    pub source: Cow<'a, str>,
    /// How often the grace periods of Windows can still be reset.
    pub remaining_windows_rearms: Option<u32>,
    pub licenses: Vec<LicenseJson<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_host: Option<KmsHostJson>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LicenseJson<'a> {
    pub product: Option<Cow<'a, str>>,
    pub sku: Option<String>,
    /// How it is activated.
    pub channel: Option<Cow<'a, str>>,
    /// The last five characters of its key.
    pub partial_product_key: Option<Cow<'a, str>>,
    /// True for what comes beside a product.
    pub addon: bool,
    /// The number of its status.
    pub license_status: Option<u8>,
    /// Why, as Windows puts it.
    pub reason_code: Option<Code>,
    /// What the last failed attempt to activate ended with.
    pub last_error: Option<Code>,
    /// True where it holds without end; then, and where it is not known when it ends, the next two are null.
    pub permanent: bool,
    /// Seconds until it is lost; 0 where it is.
    pub grace_remaining_seconds: Option<u64>,
    /// When it is lost unless it is renewed, or was.
    pub expires_at: Option<Rfc3339>,
    pub last_renewed_at: Option<Rfc3339>,
    /// Seconds since it should have been renewed; 0 where it is in time.
    pub renewal_overdue_seconds: Option<u64>,
    /// The KMS host that it uses, with its port.
    pub kms_host: Option<String>,
    /// True where Active Directory activated it; null where that is not known.
    #[serde(default)]
    pub activated_by_domain: Option<bool>,
    pub reported_at: Rfc3339,
    source: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct KmsHostJson {
    listening_port: Option<u16>,
    /// False where it does not publish itself in DNS.
    #[serde(default)]
    publishes_dns: Option<bool>,
    last_request_at: Option<Rfc3339>,
    /// The same, or a later moment at which it had counted more requests.
    pub last_asked_at: Option<Rfc3339>,
    /// The last time that it could not start, where nothing shows that it did since.
    #[serde(default)]
    failed_start: Option<FailedStartJson>,
    /// What it counts of each application.
    #[serde(default)]
    pub applications: Vec<CountsJson>,
    /// The last time that it published itself in each domain, or could not.
    #[serde(default)]
    publications: Vec<PublicationJson>,
}

/// When a KMS host could not start, and why.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct FailedStartJson {
    pub at: Rfc3339,
    pub code: Option<Code>,
}

impl From<FailedStart> for FailedStartJson {
    fn from(FailedStart { at, code }: FailedStart) -> Self {
        Self { at: Rfc3339(at), code }
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CountsJson {
    /// The SKU of the license by whose key it counts; null where that is not reported.
    pub sku: Option<String>,
    /// `windows`, `office` or `office2010`.
    pub application: String,
    /// When it said so.
    reported_at: Option<Rfc3339>,
    /// How many clients it counts.
    pub current_count: Option<u32>,
    /// How many it must count before it activates any.
    pub required_count: Option<u32>,
    requests: Option<u32>,
    failed_requests: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct PublicationJson {
    domain: String,
    at: Rfc3339,
    /// True where it did, false where it could not.
    published: bool,
    /// Why it could not.
    code: Option<Code>,
}

impl<'a> MachinesReport<'a> {
    /// The report of a page that begins after `offset` machines, as of `now`.
    pub fn new(page: &'a MachinePage, offset: u64, now: Timestamp) -> Self {
        let machines = page.machines.iter().map(|machine| MachineJson::new(machine, now));
        Self { machines: machines.collect(), total: page.total, offset }
    }

    /// A page and the one after it.
    #[must_use]
    pub fn and(mut self, next: Self) -> Self {
        self.machines.extend(next.machines);
        self
    }
}

impl<'a> MachineJson<'a> {
    /// A machine as of `now`.
    pub fn new(machine: &'a Machine, now: Timestamp) -> Self {
        let known = &machine.machine;
        Self {
            machine: known.name.as_str().into(),
            reported_at: Rfc3339(known.reported_at),
            stale: machine.stale,
            path: machine.path.as_deref().map(Cow::Borrowed),
            source: known.source.as_str().into(),
            remaining_windows_rearms: known.remaining_windows_rearms,
            licenses: machine.licenses.iter().map(|license| LicenseJson::new(license, now)).collect(),
            kms_host: known.kms_host.as_ref().map(|host| KmsHostJson::new(known, host)),
        }
    }
}

impl KmsHostJson {
    fn new(known: &KnownMachine, host: &KmsHost) -> Self {
        let counts = host.counts.iter().map(|(key, counts)| CountsJson {
            application: key.application.as_str().to_owned(),
            sku: key.sku.map(|sku| sku.to_string()),
            reported_at: known.counted_at.get(key).copied().map(Rfc3339),
            current_count: counts.current,
            required_count: counts.required,
            requests: counts.requests,
            failed_requests: counts.failed_requests,
        });
        let publications = host.publications.iter().map(|(domain, last)| PublicationJson {
            domain: domain.clone(),
            at: Rfc3339(last.at),
            published: last.outcome == Published::Succeeded,
            code: if let Published::Failed(code) = last.outcome { code } else { None },
        });
        let failed_start = host.last_failed_start();
        Self {
            listening_port: host.listening_port,
            publishes_dns: host.publishes_dns,
            last_request_at: host.last_request_at.map(Rfc3339),
            last_asked_at: known.last_asked_at().map(Rfc3339),
            failed_start: failed_start.map(Into::into),
            applications: counts.collect(),
            publications: publications.collect(),
        }
    }
}

impl<'a> LicenseJson<'a> {
    fn new(known: &'a KnownLicense, now: Timestamp) -> Self {
        let (license, validity) = (&known.license, known.validity());
        Self {
            product: license.product.as_deref().map(Cow::Borrowed),
            sku: license.sku.map(|sku| sku.to_string()),
            channel: license.channel.as_ref().map(Channel::as_str).map(Cow::Borrowed),
            partial_product_key: license.partial_product_key.as_ref().map(PartialProductKey::as_str).map(Cow::Borrowed),
            addon: license.is_addon == Some(true),
            license_status: license.status.map(LicenseStatus::number),
            reason_code: license.reason_code,
            last_error: license.last_error,
            permanent: license.remaining == Some(Remaining::Permanent),
            grace_remaining_seconds: validity.grace_remaining_seconds(now),
            expires_at: known.expires_at().map(Rfc3339),
            last_renewed_at: known.last_renewed_at().map(Rfc3339),
            renewal_overdue_seconds: validity.renewal_overdue_seconds(now),
            kms_host: license.kms_host().map(ToString::to_string),
            activated_by_domain: license.activated_by_domain,
            reported_at: Rfc3339(known.reported_at),
            source: known.source.as_str().into(),
        }
    }

    /// True where activation is lost.
    pub fn is_lost(&self) -> bool {
        self.grace_remaining_seconds == Some(0)
    }

    /// The code that says why it is not activated or renewed.
    pub fn failure(&self) -> Option<Code> {
        self.reason_code.or(self.last_error).filter(|code| code.is_failure())
    }

    /// Its status, where that is known.
    pub fn status(&self) -> Option<LicenseStatus> {
        self.license_status.and_then(|number| LicenseStatus::from_number(number.into()))
    }
}

/// What the fleet adds up to: what `/api/v1/runway` answers.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct RunwayReport<'a> {
    as_of: String,
    /// All machines.
    pub fleet: RunwayJson<'a>,
    /// Those that depend on each path.
    pub paths: BTreeMap<Cow<'a, str>, RunwayJson<'a>>,
    products: BTreeMap<Cow<'a, str>, RunwayJson<'a>>,
    channels: BTreeMap<Cow<'a, str>, RunwayJson<'a>>,
    /// How these compare with the machines that are expected; left out where it is not known which are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<ExpectationsJson>,
}

/// Machines, counted.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct RunwayJson<'a> {
    pub machines: u64,
    /// Those that have not reported for too long.
    pub stale: u64,
    /// Those that lost activation.
    pub lost: u64,
    /// Those that should have renewed.
    pub renewal_overdue: u64,
    /// Those that lose activation within each time.
    pub expiring: ExpiringJson,
    /// When the next of them loses it.
    pub first_expiry: Option<Rfc3339>,
    pub first_machine: Option<Cow<'a, str>>,
}

/// Machines that lose activation within each time unless they renew.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExpiringJson {
    #[serde(rename = "1d")]
    one_day: u64,
    #[serde(rename = "7d")]
    seven_days: u64,
    #[serde(rename = "30d")]
    thirty_days: u64,
    #[serde(rename = "90d")]
    ninety_days: u64,
}

impl ExpiringJson {
    /// The shortest time within which some do, in days, and how many.
    pub fn first(&self) -> Option<(u64, u64)> {
        let all = [(1, self.one_day), (7, self.seven_days), (30, self.thirty_days), (90, self.ninety_days)];
        all.into_iter().find(|(_, machines)| *machines > 0)
    }
}

impl<'a> RunwayReport<'a> {
    /// The report of a fleet.
    pub fn new(fleet: &'a Aggregate) -> Self {
        let listed = |sets: &'a [(String, Runway)]| {
            sets.iter().map(|(name, runway)| (name.as_str().into(), RunwayJson::new(runway))).collect()
        };
        Self {
            as_of: format!("{:.0}", fleet.as_of),
            fleet: RunwayJson::new(&fleet.totals),
            paths: fleet.paths.iter().map(|(path, runway)| ((&**path).into(), RunwayJson::new(runway))).collect(),
            products: listed(&fleet.products),
            channels: listed(&fleet.channels),
            inventory: fleet.expectations.map(Into::into),
        }
    }
}

impl<'a> RunwayJson<'a> {
    pub(super) fn new(runway: &'a Runway) -> Self {
        let [one_day, seven_days, thirty_days, ninety_days] = runway.expiring;
        Self {
            machines: runway.machines,
            stale: runway.stale,
            lost: runway.lost,
            renewal_overdue: runway.renewal_overdue,
            expiring: ExpiringJson { one_day, seven_days, thirty_days, ninety_days },
            first_expiry: runway.first_expiry.map(Rfc3339),
            first_machine: runway.first_machine.as_deref().map(Cow::Borrowed),
        }
    }

    /// How many lose activation within 7 days.
    pub const fn within_week(&self) -> u64 {
        self.expiring.seven_days
    }
}
