//! A transaction that writes, and that nobody else writes beside.

use super::connection::Connection;
use super::insert::Table;
use super::place::Own;
use super::read::{self, Pulse, Row};
use super::{Store, StoreError, rows};
use crate::fleet::changes::{Changes, MachineChange};
use crate::fleet::known::KnownLicense;
use crate::license::MachineName;
use jiff::Timestamp;

/// The lock of a server: until the transaction ends, and for this schema alone.
const LOCK: &str = "SELECT CAST(pg_advisory_xact_lock(1197556290, hashtext(current_schema())) AS TEXT)";

const MACHINE: Table = Table { name: "machine", key: &["name"] };
const LICENSE: Table = Table { name: "license", key: &["machine", "license_id"] };
const COUNT: Table = Table { name: "kms_host_count", key: &["machine", "application", "sku"] };
const PUBLICATION: Table = Table { name: "kms_host_publication", key: &["machine", "domain"] };
const GONE: Table = Table { name: "gone", key: &["machine"] };
const STATUS_CHANGE: Table = Table { name: "status_change", key: &[] };

/// A transaction that writes. Where it is dropped before [`Writing::commit`], nothing of it is written.
pub struct Writing<'a> {
    pub(super) connection: Connection,
    pub(super) store: &'a Store,
    /// How many changes of status were dropped, since there were too many.
    pub(super) dropped: u64,
    /// The last revision that it writes; `None` where that stays as it is.
    revision: Option<i64>,
}

impl<'a> Writing<'a> {
    /// Begins a transaction and takes the lock of the store. A file takes one that writes at a time, and it has to say
    /// so before it reads what it will change.
    pub(super) async fn begin(connection: Connection, store: &'a Store) -> sqlx::Result<Self> {
        let mut writing = Self { connection, store, dropped: 0, revision: None };
        let (begin, lock) = match writing.connection {
            Connection::Postgres(_) => ("BEGIN", Some(LOCK)),
            _ => ("BEGIN IMMEDIATE", None),
        };
        writing.connection.execute(begin, Vec::new()).await?;
        if let Some(lock) = lock {
            writing.connection.execute(lock, Vec::new()).await?;
        }
        Ok(writing)
    }

    /// Reads what others wrote after a revision. Nobody writes anything more before the end of this transaction.
    /// Returns it with what the store is like.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn changes(&mut self, since: i64) -> Result<(Vec<Row>, Pulse), StoreError> {
        let mut found = Vec::new();
        let read = read::within(&mut self.connection, Some(since), &mut |row| found.push(row)).await;
        read.map(|pulse| (found, pulse)).map_err(|error| self.failed(&error))
    }

    /// Reads everything, and hands it over row by row. Returns what the store is like.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn load(&mut self, mut take: impl FnMut(Row) + Send) -> Result<Pulse, StoreError> {
        read::within(&mut self.connection, None, &mut take).await.map_err(|error| self.failed(&error))
    }

    /// Sets the last revision, whatever there was.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn set_revision(&mut self, revision: i64) -> Result<(), StoreError> {
        let set = async {
            self.connection.execute("DELETE FROM last_revision", Vec::new()).await?;
            let sql = "INSERT INTO last_revision (revision) VALUES ($1)";
            self.connection.execute(sql, vec![revision.into()]).await
        };
        let set = set.await;
        self.revision = Some(revision);
        set.map(|_| ()).map_err(|error| self.failed(&error))
    }

    /// Writes changes of the fleet. Returns their revision.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn write(&mut self, changes: &Changes, now: Timestamp) -> Result<i64, StoreError> {
        self.try_to_write(changes, now).await.map_err(|error| self.failed(&error))
    }

    /// Deletes the licenses of a machine that is about to be written again, and what it is as a KMS host.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn forget(&mut self, machine: &MachineName) -> Result<(), StoreError> {
        for table in [LICENSE, COUNT, PUBLICATION] {
            let sql = format!("DELETE FROM {} WHERE machine = $1", table.name);
            let deleted = self.connection.execute(&sql, vec![machine.as_str().into()]).await;
            deleted.map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    /// Writes what is there already, to see whether anything can be.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn touch(&mut self) -> Result<(), StoreError> {
        let touched = self.connection.execute("UPDATE last_revision SET revision = revision", Vec::new()).await;
        touched.map(|_| ()).map_err(|error| self.failed(&error))
    }

    /// Ends the transaction. Once this returns, what it wrote is on disk. False where something else may have written
    /// beside, which is to be read before the write is acknowledged.
    ///
    /// # Errors
    /// [`StoreError`], in which case nothing is written, unless the database went away just as it was asked to finish:
    /// to write the same again is right in any case.
    pub async fn commit(mut self) -> Result<bool, StoreError> {
        // Nothing but this was written so far, so that all that is open is what is written in the next moment.
        let is_sound = self.store.look_at_place().await?.is_unchanged();
        if is_sound {
            self.store.writes(Own::Ended);
        }
        let ended = self.end("COMMIT").await;
        if let (Ok(()), Some(revision)) = (&ended, self.revision) {
            self.store.acknowledge(revision).await;
        }
        let looked = self.store.look_at_place().await;
        ended.and(looked).map(|seen| is_sound && seen.is_unchanged())
    }

    /// Ends a transaction in which nothing was written.
    ///
    /// # Errors
    /// [`StoreError`] where the database went away.
    pub async fn cancel(mut self) -> Result<(), StoreError> {
        self.end("ROLLBACK").await
    }

    async fn end(&mut self, statement: &str) -> Result<(), StoreError> {
        self.connection.execute(statement, Vec::new()).await.map_err(|error| self.failed(&error))?;
        // It is given back to its pool.
        drop(std::mem::replace(&mut self.connection, Connection::Discarded));
        Ok(())
    }

    pub(super) async fn next_revision(&mut self) -> sqlx::Result<i64> {
        let sql = "UPDATE last_revision SET revision = revision + 1 RETURNING revision";
        let revision = self.connection.number(sql, Vec::new()).await?;
        self.revision = Some(revision);
        Ok(revision)
    }

    async fn try_to_write(&mut self, changes: &Changes, now: Timestamp) -> sqlx::Result<i64> {
        let revision = self.next_revision().await?;
        for (from, to) in &changes.renamed {
            self.rename(from, to).await?;
        }
        let gone = changes.gone.iter().chain(changes.renamed.keys());
        let gone_rows = gone.map(|name| rows::gone(name, now, revision)).collect();
        for name in &changes.gone {
            self.connection.execute("DELETE FROM machine WHERE name = $1", vec![name.as_str().into()]).await?;
        }
        self.connection.insert(GONE, gone_rows).await?;
        let machines = changes.machines.iter().filter_map(|change| {
            let machine = change.after.machine.as_ref()?;
            let has_license = change.after.licenses.values().any(KnownLicense::is_of_kms_host);
            Some(rows::machine(machine, machine.kms_host.is_some() || has_license, revision))
        });
        self.connection.insert(MACHINE, machines.collect()).await?;
        let hosts = || changes.machines.iter().filter_map(MachineChange::kms_host_changed);
        for (name, key) in changes.machines.iter().flat_map(MachineChange::counts_gone) {
            let sql = "DELETE FROM kms_host_count WHERE machine = $1 AND application = $2 AND sku = $3";
            let values = vec![name.as_str().into(), key.application.as_str().into(), rows::kept_sku(key)];
            self.connection.execute(sql, values).await?;
        }
        self.connection.insert(COUNT, hosts().flat_map(rows::counts).collect()).await?;
        for (name, domain) in changes.machines.iter().flat_map(MachineChange::publications_gone) {
            let sql = "DELETE FROM kms_host_publication WHERE machine = $1 AND domain = $2";
            self.connection.execute(sql, vec![name.as_str().into(), domain.into()]).await?;
        }
        self.connection.insert(PUBLICATION, hosts().flat_map(rows::publications).collect()).await?;
        for (name, id) in changes.machines.iter().flat_map(MachineChange::licenses_gone) {
            let sql = "DELETE FROM license WHERE machine = $1 AND license_id = $2";
            self.connection.execute(sql, vec![name.as_str().into(), id.into()]).await?;
        }
        let licenses = changes.machines.iter().flat_map(MachineChange::licenses_changed);
        let licenses = licenses.map(|(name, id, known)| rows::license(name, id, known));
        self.connection.insert(LICENSE, licenses.collect()).await?;
        let history = changes.machines.iter().flat_map(|change| {
            change.history.iter().map(|status_change| rows::status_change(&change.name, status_change))
        });
        let appeared = changes.machines.iter().filter(|change| change.is_new);
        let appeared = appeared.map(|change| rows::appeared(&change.name, now));
        let history: Vec<_> = history.chain(appeared).collect();
        let added = history.len();
        self.connection.insert(STATUS_CHANGE, history).await?;
        self.dropped += changes.history_dropped;
        self.bound_history(revision, added).await?;
        Ok(revision)
    }

    /// Gives a machine its new name, and with it its licenses and its history.
    async fn rename(&mut self, from: &MachineName, to: &MachineName) -> sqlx::Result<()> {
        for sql in
            ["UPDATE machine SET name = $1 WHERE name = $2", "UPDATE status_change SET machine = $1 WHERE machine = $2"]
        {
            self.connection.execute(sql, vec![to.as_str().into(), from.as_str().into()]).await?;
        }
        Ok(())
    }

    /// An error in the words of this store.
    pub(super) fn failed(&self, error: &sqlx::Error) -> StoreError {
        self.store.failed(error)
    }
}

impl Drop for Writing<'_> {
    /// Closes the connection, where the transaction has not ended. A part of it may be in the log.
    fn drop(&mut self) {
        self.connection.discard();
    }
}
