//! What is done once a day, or more often at no harm: the day's figures are written down, and what is old goes.

use super::statement::{pieces, rows_of_placeholders};
use super::{FleetQuestion, Store, StoreError, settle};
use crate::fleet::Aggregate;
use crate::words::day_of;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AnyConnection, AssertSqlSafe};

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

impl Store {
    /// Writes down how the fleet stands today. What was written of this day before is replaced.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read or written.
    pub async fn roll_up(&self, now: Timestamp, stale_after: SignedDuration) -> Result<(), StoreError> {
        let fleet = self.fleet(&FleetQuestion::new(now, stale_after)).await?;
        let _writing = self.inner.writing.lock().await;
        self.try_to_roll_up(&day_of(now), &fleet).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_roll_up(&self, day: &str, fleet: &Aggregate) -> sqlx::Result<()> {
        let mut connection = self.writer().await?;
        let written = self.limited(self.write_day(&mut connection, day, fleet)).await;
        settle(connection, written).await
    }

    async fn write_day(&self, connection: &mut AnyConnection, day: &str, fleet: &Aggregate) -> sqlx::Result<()> {
        let mut transaction = self.begin_writing(connection).await?;
        for sql in ["DELETE FROM daily WHERE day = $1", "DELETE FROM daily_runway WHERE day = $1"] {
            sqlx::query(sql).bind(day.to_owned()).execute(&mut *transaction).await?;
        }
        for piece in pieces(&fleet.counts) {
            let values = rows_of_placeholders(self.inner.backend, piece.len(), 5);
            let sql = format!("INSERT INTO daily (day, product, channel, license_status, licenses) VALUES {values}");
            let query = piece.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, count| {
                query
                    .bind(day.to_owned())
                    .bind(count.product.clone())
                    .bind(count.channel.clone())
                    .bind(count.license_status.map(i64::from))
                    .bind(number(count.licenses))
            });
            query.execute(&mut *transaction).await?;
        }
        let whole = &fleet.totals;
        let columns = "day, machines, lost, stale, overdue, within_1d, within_7d, within_30d, within_90d, first_expiry";
        let sql =
            format!("INSERT INTO daily_runway ({columns}) VALUES {}", rows_of_placeholders(self.inner.backend, 1, 10));
        let query = sqlx::query(AssertSqlSafe(sql)).bind(day.to_owned());
        let query = [whole.machines, whole.lost, whole.stale, whole.renewal_overdue]
            .into_iter()
            .chain(whole.expiring)
            .fold(query, |query, count| query.bind(number(count)));
        query.bind(whole.first_expiry.map(Timestamp::as_second)).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Deletes the history that is older than `history`, and the machines of which nothing was heard for `forget`.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn prune(
        &self,
        now: Timestamp,
        history: SignedDuration,
        forget: Option<SignedDuration>,
    ) -> Result<Pruned, StoreError> {
        let _writing = self.inner.writing.lock().await;
        self.try_to_prune(now, history, forget).await.map_err(|error| self.failed(&error))
    }

    async fn try_to_prune(
        &self,
        now: Timestamp,
        history: SignedDuration,
        forget: Option<SignedDuration>,
    ) -> sqlx::Result<Pruned> {
        let mut connection = self.writer().await?;
        let pruned = self.limited(self.delete(&mut connection, now, history, forget)).await;
        settle(connection, pruned).await
    }

    async fn delete(
        &self,
        connection: &mut AnyConnection,
        now: Timestamp,
        history: SignedDuration,
        forget: Option<SignedDuration>,
    ) -> sqlx::Result<Pruned> {
        let mut transaction = self.begin_writing(connection).await?;
        let before = before(now, history);
        let mut pruned = Pruned::default();
        let changes = sqlx::query("DELETE FROM status_change WHERE at < $1").bind(before.as_second());
        pruned.changes = affected(changes, &mut transaction).await?;
        let days = sqlx::query("DELETE FROM daily_runway WHERE day < $1").bind(day_of(before));
        pruned.days = affected(days, &mut transaction).await?;
        let kinds = sqlx::query("DELETE FROM daily WHERE day < $1").bind(day_of(before));
        affected(kinds, &mut transaction).await?;
        if let Some(forget) = forget {
            let silent = sqlx::query("DELETE FROM machine WHERE received_at < $1");
            pruned.machines = affected(silent.bind(self::before(now, forget).as_second()), &mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(pruned)
    }
}

async fn affected(query: super::rows::Statement<'_>, connection: &mut AnyConnection) -> sqlx::Result<u64> {
    Ok(query.execute(connection).await?.rows_affected())
}

/// A moment so long before another; the first of all where that is before any.
fn before(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.checked_sub(span).unwrap_or(Timestamp::MIN)
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
