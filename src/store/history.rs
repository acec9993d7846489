//! What is kept of the past: the figures of each day, and how long that and the changes of statuses stay.

use super::connection::Value;
use super::insert::Table;
use super::rows::Columns;
use super::{StoreError, Writing};
use crate::fleet::{Aggregate, Count, Runway};
use crate::words::day_of;
use jiff::{SignedDuration, Timestamp};

const DAILY: Table = Table { name: "daily", key: &[] };
const DAILY_RUNWAY: Table = Table { name: "daily_runway", key: &["day"] };

/// What was pruned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Machines that were forgotten, with their licenses.
    pub machines: u64,
    /// Changes of a status.
    pub changes: u64,
    /// Days.
    pub days: u64,
}

impl Writing<'_> {
    /// Writes down the figures of the day. What was written of this day before is replaced.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn write_day(&mut self, fleet: &Aggregate) -> Result<(), StoreError> {
        self.try_to_write_day(fleet).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_write_day(&mut self, fleet: &Aggregate) -> sqlx::Result<()> {
        let day = day_of(fleet.as_of);
        self.connection.execute("DELETE FROM daily WHERE day = $1", vec![day.as_str().into()]).await?;
        let kinds = fleet.counts.iter().map(|count| kind(&day, count)).collect();
        self.connection.insert(DAILY, kinds).await?;
        self.connection.insert(DAILY_RUNWAY, vec![runway(&day, &fleet.totals)]).await
    }

    /// Deletes the history that is older than `history`. Machines are none of it.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn prune(&mut self, now: Timestamp, history: SignedDuration) -> Result<Pruned, StoreError> {
        self.try_to_prune(now, history).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_prune(&mut self, now: Timestamp, history: SignedDuration) -> sqlx::Result<Pruned> {
        let before = now.checked_sub(history).unwrap_or(Timestamp::MIN);
        let (second, day) = (before.as_second(), day_of(before));
        let changes = self.connection.execute("DELETE FROM status_change WHERE at < $1", vec![second.into()]).await?;
        let days = "DELETE FROM daily_runway WHERE day < $1";
        let days = self.connection.execute(days, vec![day.as_str().into()]).await?;
        self.connection.execute("DELETE FROM daily WHERE day < $1", vec![day.as_str().into()]).await?;
        self.connection.execute("DELETE FROM gone WHERE at < $1", vec![second.into()]).await?;
        Ok(Pruned { machines: 0, changes, days })
    }
}

/// The licenses of a kind on a day.
fn kind(day: &str, count: &Count) -> Columns {
    vec![
        ("day", day.into()),
        ("product", count.product.as_str().into()),
        ("channel", count.channel.as_str().into()),
        ("license_status", count.license_status.map(i64::from).into()),
        ("licenses", number(count.licenses)),
    ]
}

/// The fleet on a day.
fn runway(day: &str, totals: &Runway) -> Columns {
    let [one_day, seven_days, thirty_days, ninety_days] = totals.expiring.map(number);
    vec![
        ("day", day.into()),
        ("machines", number(totals.machines)),
        ("lost", number(totals.lost)),
        ("stale", number(totals.stale)),
        ("overdue", number(totals.renewal_overdue)),
        ("within_1d", one_day),
        ("within_7d", seven_days),
        ("within_30d", thirty_days),
        ("within_90d", ninety_days),
        ("first_expiry", totals.first_expiry.map(Timestamp::as_second).into()),
    ]
}

fn number(count: u64) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}
