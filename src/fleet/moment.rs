//! The moment for which the fleet is judged, and the limits that follow from it. Pure.

use jiff::{SignedDuration, Timestamp};

/// A day, in seconds.
pub(crate) const DAY: i64 = 86_400;

/// How far a moment may lie ahead of now and be believed: clocks differ.
pub(crate) const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// For how long it is believed that a KMS host cannot publish itself: it tries again every day, and each failure is an
/// event, so that one that is older was not repeated.
pub(crate) const PUBLICATION_VALID: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The moment for which the fleet is judged. All limits are seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub now: Timestamp,
    /// After how long without a report a machine is stale.
    pub stale_after: SignedDuration,
}

impl Moment {
    /// True for what was reported too long ago, or at a moment that is still to come: nobody knows how long ago that was.
    pub fn is_stale(self, reported_at: i64) -> bool {
        reported_at < self.stale_before() || self.is_to_come(reported_at)
    }

    /// True for a moment that is still to come, and is not believed.
    pub fn is_to_come(self, second: i64) -> bool {
        second > self.believed_until()
    }

    /// The last second that is believed to have been.
    pub fn believed_until(self) -> i64 {
        self.now.as_second().saturating_add(AHEAD.as_secs())
    }

    /// The first second at which a machine that reported is not stale.
    pub fn stale_before(self) -> i64 {
        self.now.as_second().saturating_sub(self.stale_after.as_secs())
    }

    /// The second so many days from now.
    pub fn days_ahead(self, days: i64) -> i64 {
        self.now.as_second().saturating_add(days.saturating_mul(DAY))
    }
}
