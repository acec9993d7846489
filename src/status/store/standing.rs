//! How a license stands, in SQL: the one place where it is said what counts as lost, ending, overdue and silent.
//!
//! Every statement joins `machine AS m`, `license AS l` and `sku AS s`, and begins with the parameters of [`Moment`].

use super::rows::Statement;
use crate::status::fleet::{OVERDUE_TOLERANCE, WITHIN};
use jiff::{SignedDuration, Timestamp};

/// The product of a license, in words.
pub(super) const PRODUCT: &str = "COALESCE(l.product, s.product, 'SKU ' || l.sku, 'unknown')";

/// The channel of a license, in words.
pub(super) const CHANNEL: &str = "COALESCE(l.channel, s.channel, 'unknown')";

/// True for what is no license of its own but comes beside one. It is known of a license, or of its SKU.
pub(super) const IS_ADDON: &str = "COALESCE(l.is_addon, s.is_addon, 0) = 1";

/// True where a license is lost.
pub(super) const IS_LOST: &str =
    "(l.license_status IS NOT NULL AND l.license_status IN (0, 5) OR l.expires_at IS NOT NULL AND l.expires_at <= $1)";

/// Parameters: now, and from when on a machine is not silent, a renewal not told as overdue, and four ends that are
/// each further away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    pub(super) stale_after: SignedDuration,
}

/// How many parameters a [`Moment`] has.
pub(super) const PARAMETERS: usize = 7;

impl Moment {
    /// Binds `$1` (now), `$2` (the last moment at which a machine that reported is silent), `$3` (the last since which a
    /// renewal is overdue) and `$4` to `$7` (the ends of the spans of [`WITHIN`]).
    pub(super) fn bind(self, query: Statement<'_>) -> Statement<'_> {
        let now = self.now.as_second();
        let query = query
            .bind(now)
            .bind(now.saturating_sub(self.stale_after.as_secs()))
            .bind(now.saturating_sub(OVERDUE_TOLERANCE.as_secs()));
        WITHIN.iter().fold(query, |query, (_, days)| query.bind(now.saturating_add(days * 86_400)))
    }

    /// True for a machine that has not reported for too long.
    pub(super) fn is_stale(self, reported_at: Timestamp) -> bool {
        reported_at.as_second() < self.now.as_second().saturating_sub(self.stale_after.as_secs())
    }
}

/// Columns of a machine, or of a product or a channel of it, from its licenses: `stale`, `lost` and `overdue` as 0 or 1,
/// `first_end`.
pub(super) fn of_machine() -> String {
    format!(
        "MAX(CASE WHEN m.reported_at < $2 THEN 1 ELSE 0 END) AS stale, \
         MAX(CASE WHEN {IS_LOST} AND NOT {IS_ADDON} THEN 1 ELSE 0 END) AS lost, \
         MIN(CASE WHEN NOT {IS_LOST} AND l.expires_at > $1 AND NOT {IS_ADDON} THEN l.expires_at END) AS first_end, \
         MAX(CASE WHEN l.overdue_since <= $3 AND NOT {IS_LOST} AND NOT {IS_ADDON} THEN 1 ELSE 0 END) AS overdue"
    )
}

/// Columns of a set of machines from the columns of [`of_machine`]. The first end and its machine are one text, which
/// sorts as the end does: numbers of twelve digits.
pub(super) fn of_set(machine: &str) -> String {
    let within: Vec<_> = (4..=7)
        .map(|end| format!("COUNT(CASE WHEN lost = 0 AND first_end <= ${end} THEN 1 END) AS within_{}", end - 4))
        .collect();
    format!(
        "COUNT(*) AS machines, COUNT(CASE WHEN stale = 1 THEN 1 END) AS stale, \
         COUNT(CASE WHEN lost = 1 THEN 1 END) AS lost, {}, \
         MIN(CAST(first_end + 100000000000 AS TEXT) || ' ' || {machine}) AS first, \
         COUNT(CASE WHEN overdue = 1 THEN 1 END) AS overdue",
        within.join(", ")
    )
}

/// The sum of the columns of [`of_set`] over sets.
pub(super) fn of_sets() -> String {
    let sums = ["machines", "stale", "lost", "within_0", "within_1", "within_2", "within_3", "overdue"];
    let sums: Vec<_> = sums.iter().map(|column| format!("CAST(SUM({column}) AS BIGINT) AS {column}")).collect();
    format!("{}, MIN(first) AS first", sums.join(", "))
}

/// From machines to their licenses, and what their SKUs are called. A KMS host of which no license is known is there for
/// what its clients say of it, and is none of the machines that may lose activation.
pub(super) const JOINED: &str = "FROM (SELECT * FROM machine AS k WHERE k.is_kms_host = 0 \
     OR EXISTS (SELECT 1 FROM license WHERE machine = k.name)) AS m \
     LEFT JOIN license AS l ON l.machine = m.name LEFT JOIN sku AS s ON s.sku = l.sku";
