//! How long a license holds: the one place that says what is lost, ending and overdue. Pure.

use crate::license::{LicenseStatus, RETRY_INTERVAL};
use jiff::{SignedDuration, Timestamp};

/// How long a renewal may be overdue before it is reported: a client that fails tries again every two hours.
pub const OVERDUE_TOLERANCE: SignedDuration = SignedDuration::from_mins(RETRY_INTERVAL as i64);

/// How long a license holds. All times are seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// Its status, where that is known.
    pub status: Option<LicenseStatus>,
    /// When activation is lost unless it is renewed; `None` where it is by its status, holds without end, or where that
    /// is not known.
    pub expires_at: Option<i64>,
    /// When it was last renewed; `None` where it does not renew.
    pub last_renewed_at: Option<i64>,
    /// From when on its renewal is overdue.
    pub overdue_since: Option<i64>,
}

impl Validity {
    /// True where activation is lost by its status, whatever the time.
    pub fn has_lost_status(&self) -> bool {
        self.status.is_some_and(LicenseStatus::is_lost)
    }

    /// True where activation is lost: by its status, or because its end has passed.
    pub fn is_lost(&self, now: Timestamp) -> bool {
        self.has_lost_status() || self.expires_at.is_some_and(|end| end <= now.as_second())
    }

    /// True where it is not lost and should have been renewed more than [`OVERDUE_TOLERANCE`] ago.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.overdue_since.is_some_and(|since| since <= now.as_second().saturating_sub(OVERDUE_TOLERANCE.as_secs()))
            && !self.is_lost(now)
    }

    /// Seconds until activation is lost, and 0 where it is; `None` where it holds without end or that is not known.
    pub fn grace_remaining_seconds(&self, now: Timestamp) -> Option<u64> {
        if self.is_lost(now) {
            return Some(0);
        }
        self.expires_at.map(|end| seconds_between(now.as_second(), end))
    }

    /// Seconds since it should have been renewed, and 0 where it is in time; `None` where it does not renew, or is
    /// lost.
    pub fn renewal_overdue_seconds(&self, now: Timestamp) -> Option<u64> {
        self.last_renewed_at.filter(|_| !self.is_lost(now))?;
        let since = self.overdue_since.filter(|_| self.is_overdue(now));
        Some(since.map_or(0, |since| seconds_between(since, now.as_second())))
    }
}

/// Seconds from one moment to a later one; 0 where it is not later.
fn seconds_between(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or(0)
}
