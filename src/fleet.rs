//! The machines that report, in memory, and their totals. [`Fleet`] holds them; all questions about them are
//! pure functions over it, and each rule is in one place: [`Validity`] says what is lost, ending and overdue,
//! [`dependencies`] which machines depend on which path, `merge` what is known after one more report.

mod aggregate;
pub mod changes;
pub mod countdown;
pub mod dependencies;
pub(crate) mod identity;
mod inventory;
pub mod known;
mod listing;
mod machines;
pub(crate) mod merge;
pub(crate) mod moment;
mod naming;
mod outage;
mod outlook;
mod record;
mod sku;
mod symptoms;
mod terms;
mod validity;
mod views;
mod worst;

pub use aggregate::Question;
pub use dependencies::Dependencies;
pub use inventory::{Expectations, Expected, Inventory};
pub use listing::{Machine, MachinePage, MachineQuery, MachineSort};
pub use machines::Fleet;
pub use moment::Moment;
pub use outage::Outage;
pub use symptoms::{Affected, FailingMachines, LOST, MAX_NAMED, Symptoms, Urgency, WrongKey};
pub use terms::UNKNOWN;
pub use validity::{OVERDUE_TOLERANCE, Validity};
pub use views::SeenBy;

use crate::codes::Code;
use crate::license::{
    Application, FailedStart, HostKey, KmsCounts, KmsHost, LicenseStatus, MachineName, PartialProductKey,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The spans within which licenses are reported to end, by their names in metrics, in days.
pub const WITHIN: [(&str, i64); 4] = [("1d", 1), ("7d", 7), ("30d", 30), ("90d", 90)];

/// How many machines are known at the most. A token could invent any number, and all are in memory: these take some 200
/// MiB, and twice that while the store is read at the start.
pub const MAX_MACHINES: usize = 300_000;

/// How many licenses all machines may have together by default: five for each of these.
pub const MAX_LICENSES: usize = 5 * MAX_MACHINES;

/// How much is known, and how much may be. What senders make up has to end somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Licenses of all machines.
    pub licenses: usize,
    /// How many there may be.
    pub licenses_limit: usize,
    /// The memory that their products, channels, keys and hosts take, about. Licenses that have all of them in common
    /// share it.
    pub terms_bytes: usize,
    /// How much it may be.
    pub terms_limit_bytes: usize,
}

/// The end of a license within so many days puts its machine at risk.
pub const AT_RISK_DAYS: i64 = 30;

/// How many of the machines that are lost next are named.
pub const SOONEST: usize = 3;

/// How many days before its end a grace period was long enough to be activated in.
const ENDING_GRACE_DAYS: i64 = 7;

/// What the fleet adds up to at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aggregate {
    /// The moment it is aggregated for.
    pub as_of: Timestamp,
    /// When it was aggregated, by the clock of this machine, whether that is believed or not.
    pub added_up_at: Timestamp,
    /// The first moment after that at which a figure changes though nothing is reported; `None` where none does.
    pub changes_at: Option<Timestamp>,
    /// All machines.
    pub totals: Runway,
    /// The machines that depend on each path.
    pub paths: BTreeMap<Arc<str>, Runway>,
    /// What the machines on each path report that no probe can see.
    pub symptoms: BTreeMap<Arc<str>, Symptoms>,
    /// The machines with each product, the most first. No more than a hundred; the rest are under `other`, where a
    /// machine counts once for each of its products.
    pub products: Vec<(String, Runway)>,
    /// The machines with a license of each channel, bounded in the same way.
    pub channels: Vec<(String, Runway)>,
    /// How many licenses there are of each kind, the most first, bounded in the same way.
    pub counts: Vec<Count>,
    /// The licenses that are most at risk: those that end within [`AT_RISK_DAYS`], the first one first, then those that
    /// are lost, then those whose renewal is overdue, the longest first, then the others that have an end.
    pub at_risk: Vec<AtRisk>,
    /// The KMS hosts: those that paths lead to, then those that were asked last, then by name.
    pub kms_hosts: Vec<KmsHostStatus>,
    /// How many KMS hosts there are beside these.
    pub kms_hosts_left_out: u64,
    /// How much is known, and how much may be.
    pub usage: Usage,
    /// How the machines that are expected compare with these; `None` where it is not known which are.
    pub expectations: Option<Expectations>,
}

/// How long a set of machines stays activated. It counts machines; what comes beside a product does not count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runway {
    pub machines: u64,
    /// Those that have not reported for too long.
    pub stale: u64,
    /// Those of which a license is lost: by its status, or because its end has passed.
    pub lost: u64,
    /// Those that are not lost, and of which a license ends within each span of [`WITHIN`]; each includes the shorter.
    pub expiring: [u64; 4],
    /// The next end of a license that is still to come, of the machines that are not lost.
    pub first_expiry: Option<Timestamp>,
    pub first_machine: Option<String>,
    /// The machines that are not lost and will be next, up to [`SOONEST`], and when.
    pub soonest: Vec<(Timestamp, String)>,
    /// Those of which a license is not lost and should have been renewed more than [`OVERDUE_TOLERANCE`] ago.
    pub renewal_overdue: u64,
}

impl Runway {
    /// Adds the machines of another set, none of which is in this one.
    pub fn add(&mut self, other: &Self) {
        self.machines += other.machines;
        self.stale += other.stale;
        self.lost += other.lost;
        for (mine, theirs) in self.expiring.iter_mut().zip(other.expiring) {
            *mine += theirs;
        }
        self.renewal_overdue += other.renewal_overdue;
        self.soonest.extend(other.soonest.iter().cloned());
        self.soonest.sort();
        self.soonest.truncate(SOONEST);
        let is_sooner = match (self.first_expiry, other.first_expiry) {
            (Some(mine), Some(theirs)) => (theirs, &other.first_machine) < (mine, &self.first_machine),
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if is_sooner {
            self.first_expiry = other.first_expiry;
            self.first_machine.clone_from(&other.first_machine);
        }
    }
}

/// How many licenses of a product have one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The product, `SKU ` with its GUID, `unknown` or `other`.
    pub product: String,
    /// The channel, `unknown` or `other`.
    pub channel: String,
    /// The number of its status; `None` where that is not known.
    pub license_status: Option<u8>,
    pub licenses: u64,
}

/// A license that may be lost next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtRisk {
    pub machine: MachineName,
    /// The product, `SKU ` with its GUID, or `unknown`.
    pub product: String,
    /// The channel, or `unknown`.
    pub channel: String,
    /// Its status, where that is known.
    pub license_status: Option<LicenseStatus>,
    /// When it ends, or ended.
    pub expires_at: Option<Timestamp>,
    /// Seconds until it ends; 0 where it is lost, `None` where that is not known.
    pub grace_remaining_seconds: Option<u64>,
    /// Seconds since it should have been renewed; 0 where it is in time, `None` where it does not renew.
    pub renewal_overdue_seconds: Option<u64>,
    /// What these follow from.
    pub validity: Validity,
}

impl Aggregate {
    /// The same at a later moment, before which no figure changes but the seconds that are left.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let mut later = Self { as_of: now, added_up_at: now, ..self.clone() };
        for license in &mut later.at_risk {
            license.grace_remaining_seconds = license.validity.grace_remaining_seconds(now);
            license.renewal_overdue_seconds = license.validity.renewal_overdue_seconds(now);
        }
        later
    }
}

impl Count {
    /// What they have in common.
    fn kind(&self) -> (&str, &str, Option<u8>) {
        (&self.product, &self.channel, self.license_status)
    }
}

/// What is known of a KMS host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsHostStatus {
    pub machine: MachineName,
    /// The names under which paths lead to it: its own, and what else is known to be this host.
    pub targets: Vec<String>,
    /// What it says of itself.
    pub facts: KmsHost,
    /// When it said so.
    pub reported_at: Timestamp,
    /// True where that is too long ago.
    pub stale: bool,
    /// What is known of it for each application of which anything is.
    pub applications: BTreeMap<Application, ApplicationStatus>,
    /// What is known of each of its keys.
    pub keys: BTreeMap<HostKey, KeyStatus>,
    /// The last time that it could not start, where nothing shows that it did since, and that is not too long ago.
    pub failed_start: Option<FailedStart>,
    /// The domains in whose DNS it could not publish itself the last time that it tried, with when that was and why.
    pub unpublished: BTreeMap<String, (Timestamp, Option<Code>)>,
    /// Since when no client is known to have asked it: since the last did, by its events, because it had counted more
    /// requests, or because a client says that it was renewed; where its own side of that is not known, since the
    /// number of its requests is, which has not grown since. `None` where nothing can be said, and where it is stale.
    pub idle_since: Option<Timestamp>,
}

/// What is known of a KMS host for one application: it counts the clients of each apart, whichever of
/// its keys for that they ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApplicationStatus {
    /// What it counts: of clients, what it said last by any of its keys; of requests, the sum over these.
    pub counts: Option<KmsCounts>,
    /// When it said so last.
    pub counted_at: Option<Timestamp>,
    /// True where that is too long ago.
    pub stale: bool,
    /// The status of its own license as a KMS host, where that is not too long ago either: of several the best, since
    /// with that it activates.
    pub own_license: Option<LicenseStatus>,
    /// Why, as Windows puts it.
    pub own_reason: Option<Code>,
    /// Another of its keys, whose license is not in force while this one is. What is known of it is among the keys.
    pub lapsed: Option<HostKey>,
    /// How many clients it must count to activate any of those that use it and are not stale, and to activate all: the
    /// least and the largest of their numbers. The machines of other domains have a say where there are none of its own.
    pub required_by_clients: Option<(u32, u32)>,
    /// How many machines use it for this application and are not stale.
    pub clients: u64,
}

/// What is known of one key of a KMS host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyStatus {
    /// What its license is called.
    pub product: Option<String>,
    pub partial_product_key: Option<PartialProductKey>,
    /// What the host counts by it.
    pub counts: Option<KmsCounts>,
    /// When it said so.
    pub counted_at: Option<Timestamp>,
    /// True where that is too long ago.
    pub stale: bool,
    /// The status of its license, where that is not too long ago.
    pub license: Option<LicenseStatus>,
    /// Why, as Windows puts it.
    pub reason: Option<Code>,
}

impl ApplicationStatus {
    /// How many clients it must count to activate any of those that use it, and to activate all: as these have it, else
    /// as it says itself, where that may be true of the application.
    pub fn required(&self, application: Application) -> Option<(u32, u32)> {
        let own = self.counts.and_then(|counts| counts.required);
        let own = own.filter(|count| application.thresholds().contains(count));
        self.required_by_clients.or_else(|| own.map(|count| (count, count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_end_of_two_sets_is_the_sooner_one() {
        let set = |second: i64, machine: &str| Runway {
            machines: 2,
            expiring: [0, 1, 1, 2],
            first_expiry: Timestamp::from_second(second).ok(),
            first_machine: Some(machine.to_owned()),
            ..Runway::default()
        };
        let mut sum = Runway::default();
        for other in [set(7, "c"), set(5, "b"), set(5, "a"), Runway::default()] {
            sum.add(&other);
        }
        assert_eq!(sum, Runway { machines: 6, expiring: [0, 3, 3, 6], ..set(5, "a") });
    }
}
