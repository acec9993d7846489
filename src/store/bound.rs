//! How much history is kept at the most: whoever reports that a license changes with every report fills no disk.

use super::Writing;
use super::connection::Connection;

/// The most changes of status that are kept of one license, of one machine, and in all. Of more, the oldest go. A machine
/// has a few in a year, so that none goes that came of its own accord.
const OF_LICENSE: i64 = 50;
pub(crate) const OF_MACHINE: usize = 200;
const IN_ALL: i64 = 1_000_000;

/// How many are left where there were too many in all, so that room is made once for many.
const LEFT: i64 = IN_ALL / 10 * 9;

impl Writing<'_> {
    /// How many changes of status were dropped in this transaction, since there were too many.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Drops the oldest changes of status of the machines that were written in this revision, and of all, where with so
    /// many more there are too many.
    pub(super) async fn bound_history(&mut self, revision: i64, added: usize) -> sqlx::Result<()> {
        if added == 0 {
            return Ok(());
        }
        let row = match self.connection {
            Connection::Postgres(_) => "ctid",
            _ => "rowid",
        };
        let of_machines = format!(
            "DELETE FROM status_change WHERE {row} IN ( \
                 SELECT place FROM ( \
                     SELECT {row} AS place, \
                         row_number() OVER (PARTITION BY machine, license_id ORDER BY at DESC, {row} DESC) AS of_license, \
                         row_number() OVER (PARTITION BY machine ORDER BY at DESC, {row} DESC) AS of_machine \
                     FROM status_change \
                     WHERE machine IN (SELECT name FROM machine WHERE revision = $1) \
                 ) AS numbered \
                 WHERE of_license > $2 OR of_machine > $3 \
             )"
        );
        let limits = vec![revision.into(), OF_LICENSE.into(), count(OF_MACHINE).into()];
        let dropped = self.connection.execute(&of_machines, limits).await?;
        self.dropped += dropped;
        let change = count(added) - i64::try_from(dropped).unwrap_or(0);
        let mut known = match self.store.history_rows() {
            Some(known) => known + change,
            None => self.connection.number("SELECT count(*) FROM status_change", Vec::new()).await?,
        };
        if known > IN_ALL {
            let oldest = format!(
                "DELETE FROM status_change WHERE {row} IN (SELECT {row} FROM status_change ORDER BY at, {row} LIMIT $1)"
            );
            let dropped = self.connection.execute(&oldest, vec![(known - LEFT).into()]).await?;
            self.dropped += dropped;
            known = LEFT;
        }
        self.store.set_history_rows(Some(known));
        Ok(())
    }
}

/// No more are written at once than memory holds.
fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
