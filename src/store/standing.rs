//! How a license stands, in SQL: the one place where it is said what counts as lost, ending and overdue.
//!
//! What is lost has no end to come, and what is overdue has one, which saves asking for the status.

use super::rows::Statement;
use crate::fleet::OVERDUE_TOLERANCE;
use jiff::{SignedDuration, Timestamp};

/// The product of a license, in words.
pub(super) const PRODUCT: &str = "COALESCE(l.product, s.product, 'SKU ' || l.sku, 'unknown')";

/// The channel of a license, in words: [`UNKNOWN_CHANNEL`] where it is not known.
///
/// [`UNKNOWN_CHANNEL`]: crate::fleet::dependents::UNKNOWN_CHANNEL
pub(super) const CHANNEL: &str = "COALESCE(l.channel, s.channel, 'unknown')";

/// 1 for what is no license of its own but comes beside one. It is known of a license, or of its SKU.
pub(super) const ADDON: &str = "COALESCE(l.is_addon, s.is_addon, 0)";

/// From machines to their licenses, and what their SKUs are called. A KMS host of which no license is known is there for
/// what its clients say of it, and is none of the machines that may lose activation.
pub(super) const JOINED: &str = "FROM (SELECT * FROM machine AS k WHERE k.is_kms_host = 0 \
     OR EXISTS (SELECT 1 FROM license WHERE machine = k.name)) AS m \
     LEFT JOIN license AS l ON l.machine = m.name LEFT JOIN sku AS s ON s.sku = l.sku";

/// The moment for which to tell, in the parameters `$1` (now), `$2` (the first moment at which a machine that reported
/// is not stale) and `$3` (the last since which a renewal is told as overdue).
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    pub(super) stale_after: SignedDuration,
}

/// How many parameters a [`Moment`] has.
pub(super) const PARAMETERS: usize = 3;

impl Moment {
    /// Binds the parameters.
    pub(super) fn bind(self, query: Statement<'_>) -> Statement<'_> {
        query.bind(self.now.as_second()).bind(self.stale_before()).bind(self.overdue_before())
    }

    /// True for a machine that has not reported for too long.
    pub(super) fn is_stale(self, reported_at: Timestamp) -> bool {
        reported_at.as_second() < self.stale_before()
    }

    /// The first second at which a machine that reported is not stale.
    pub(super) fn stale_before(self) -> i64 {
        self.now.as_second().saturating_sub(self.stale_after.as_secs())
    }

    /// The last second since which a renewal is told as overdue.
    pub(super) fn overdue_before(self) -> i64 {
        self.now.as_second().saturating_sub(OVERDUE_TOLERANCE.as_secs())
    }

    /// The second so many days from now.
    pub(super) fn days_ahead(self, days: i64) -> i64 {
        self.now.as_second().saturating_add(days.saturating_mul(86_400))
    }
}

/// Columns of a machine from its licenses: `lost` and `overdue` as 0 or 1, `first_end`, and `overdue_since`.
pub(super) fn of_machine() -> String {
    format!(
        "MAX(CASE WHEN (l.license_status IN (0, 5) OR l.expires_at <= $1) AND {ADDON} = 0 THEN 1 ELSE 0 END) AS lost, \
         MIN(CASE WHEN l.expires_at > $1 AND {ADDON} = 0 THEN l.expires_at END) AS first_end, \
         MAX(CASE WHEN {overdue} THEN 1 ELSE 0 END) AS overdue, \
         MIN(CASE WHEN {overdue} THEN l.overdue_since END) AS overdue_since",
        overdue = format_args!("l.overdue_since <= $3 AND l.expires_at > $1 AND {ADDON} = 0")
    )
}
