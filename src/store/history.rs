//! What is kept of the past: the figures of each day, and how long that and the changes of statuses stay.

use super::connection::{Take, Value};
use super::insert::Table;
use super::rows::Columns;
use super::{StoreError, Writing};
use crate::fleet::{Aggregate, Count, Runway};
use crate::words::day_of;
use jiff::Timestamp;

const DAILY: Table = Table { name: "daily", key: &[] };
const DAILY_RUNWAY: Table = Table { name: "daily_runway", key: &["day"] };

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Machines that were forgotten, with their licenses.
    pub machines: u64,
    /// Changes of a status.
    pub changes: u64,
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

    /// When the last so many days began of which there are figures, today among them; the beginning of time, where
    /// there are not so many. `days` is one at least.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn last_days(&mut self, now: Timestamp, days: i64) -> Result<Timestamp, StoreError> {
        let mut begin = None;
        let sql = "SELECT day FROM daily_runway WHERE day <= $1 ORDER BY day DESC LIMIT 1 OFFSET $2";
        let values = vec![day_of(now).as_str().into(), (days - 1).into()];
        let take: Take<'_> = &mut |row| {
            begin = row.text(0)?.and_then(|day| format!("{day}T00:00:00Z").parse().ok());
            Ok(())
        };
        let read = self.connection.fetch(sql, values, take).await;
        read.map(|()| begin.unwrap_or(Timestamp::MIN)).map_err(|error| self.failed(&error))
    }

    /// Deletes the history before a moment, and what shows on which days the store was in use before another. Machines
    /// are none of it.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn prune(&mut self, history: Timestamp, days: Timestamp) -> Result<Pruned, StoreError> {
        self.try_to_prune(history, days).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_prune(&mut self, history: Timestamp, days: Timestamp) -> sqlx::Result<Pruned> {
        // Others may have written as well.
        self.store.set_history_rows(None);
        let (second, day, in_use) = (history.as_second(), day_of(history), day_of(days));
        let changes = self.connection.execute("DELETE FROM status_change WHERE at < $1", vec![second.into()]).await?;
        let days = "DELETE FROM daily_runway WHERE day < $1";
        let days = self.connection.execute(days, vec![in_use.as_str().into()]).await?;
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
