//! What the store knows of a machine and its licenses, and what follows from it.

use crate::fleet::OVERDUE_TOLERANCE;
use crate::license::{ChannelKind, KmsHost, License, LicenseStatus, MachineName, Source};
use jiff::Timestamp;
use uuid::Uuid;

/// What is known of a machine, put together from its reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMachine {
    /// Its name.
    pub name: MachineName,
    /// When it last reported, by its own clock.
    pub reported_at: Timestamp,
    /// When the last report that told anything came in.
    pub received_at: Timestamp,
    /// Where its last report came from.
    pub source: Source,
    /// When a report last listed every license.
    pub complete_at: Option<Timestamp>,
    /// The ID by which a KMS host counts it (CMID).
    pub client_machine_id: Option<Uuid>,
    /// How often the grace periods of Windows can still be reset.
    pub remaining_windows_rearms: Option<u32>,
    /// The version of the licensing service.
    pub service_version: Option<String>,
    /// What is known of it as a KMS host.
    pub kms_host: Option<KmsHost>,
    /// When that was last told.
    pub kms_host_reported_at: Option<Timestamp>,
    /// When it first told how many requests it received.
    pub requests_known_at: Option<Timestamp>,
    /// When it last told of another number of requests than before; `None` where it never did.
    pub requests_grew_at: Option<Timestamp>,
}

impl KnownMachine {
    /// When a client is last known to have asked it as a KMS host: by its events, or because it had counted more
    /// requests. `None` where neither is known.
    pub fn last_asked_at(&self) -> Option<Timestamp> {
        let by_events = self.kms_host.as_ref().and_then(|host| host.last_request_at);
        by_events.max(self.requests_grew_at)
    }

    /// Since when no client is known to have asked it as a KMS host: since the last did, or since the number of its
    /// requests is known, where that has not grown. `None` where nothing can be said.
    pub fn idle_since(&self) -> Option<Timestamp> {
        self.last_asked_at().or(self.requests_known_at)
    }
}

/// What is known of a license, put together from reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLicense {
    /// What is known of it. How long it holds is as of `status_at`.
    pub license: License,
    /// When its status and its minutes were told; `None` where they never were.
    pub status_at: Option<Timestamp>,
    /// Who told them.
    pub status_source: Option<Source>,
    /// When the last failed attempt to activate was told.
    pub last_error_at: Option<Timestamp>,
    /// When it was last reported.
    pub reported_at: Timestamp,
    /// Where that report came from.
    pub source: Source,
}

impl KnownLicense {
    /// When activation is lost unless it is renewed; as [`License::expires_at`].
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.license.expires_at(self.counted_from())
    }

    /// When it was last renewed; as [`License::last_renewed_at`].
    pub fn last_renewed_at(&self) -> Option<Timestamp> {
        self.license.last_renewed_at(self.counted_from())
    }

    /// From when on its renewal is overdue; as [`License::renewal_overdue_since`].
    pub fn overdue_since(&self) -> Option<Timestamp> {
        self.license.renewal_overdue_since(self.counted_from(), self.status_source.unwrap_or(self.source))
    }

    /// True where activation is lost: by its status, or because its end has passed.
    pub fn is_lost(&self, now: Timestamp) -> bool {
        self.license.status.is_some_and(LicenseStatus::is_lost) || self.expires_at().is_some_and(|end| end <= now)
    }

    /// Seconds until activation is lost, and 0 where it is; `None` where it holds without end or that is not known.
    pub fn grace_remaining_seconds(&self, now: Timestamp) -> Option<u64> {
        if self.is_lost(now) {
            return Some(0);
        }
        self.expires_at().map(|end| seconds_between(now, end))
    }

    /// Seconds since it should have been renewed, and 0 where it is in time; `None` where it does not renew, or is
    /// lost.
    pub fn renewal_overdue_seconds(&self, now: Timestamp) -> Option<u64> {
        self.last_renewed_at().filter(|_| !self.is_lost(now))?;
        let overdue = self.overdue_since().map_or(0, |since| seconds_between(since, now));
        Some(if overdue >= OVERDUE_TOLERANCE.as_secs().unsigned_abs() { overdue } else { 0 })
    }

    /// True for the license of a KMS host as such.
    pub fn is_of_kms_host(&self) -> bool {
        self.license.channel.as_ref().is_some_and(|channel| channel.kind() == ChannelKind::KmsHost)
    }

    /// The moment from which its minutes run.
    fn counted_from(&self) -> Timestamp {
        self.status_at.unwrap_or(self.reported_at)
    }
}

/// Seconds from one moment to a later one; 0 where it is not later.
fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_second().saturating_sub(from.as_second())).unwrap_or(0)
}
