//! Where reports are kept and added up: a file of `SQLite`, or a database of `PostgreSQL`.
//!
//! [`Store::take`] adds reports to what is known of their machines: `identity` finds which machine each is about, `merge`
//! what is known of it then. [`Store::fleet`] adds the fleet up, [`Store::machines`] lists it. [`Store::roll_up`] and
//! [`Store::prune`] are for once a day.
//!
//! Both databases are spoken to in the same SQL, through the driver that hides which it is. All that differs is the
//! schema, in `store/migrations`, and how a transaction keeps others from writing.

mod connect;
mod error;
mod machines;
mod on_path;
mod rows;
mod skus;
mod standing;
mod statement;
mod sums;
mod take;
mod tally;
mod upkeep;

pub use crate::config::store_url::{StoreUrl, StoreUrlError};
pub use crate::fleet::known::{KnownLicense, KnownMachine};
pub use error::StoreError;
pub use machines::{Machine, MachinePage, MachineQuery, MachineSort};
pub use sums::FleetQuestion;
pub use upkeep::Pruned;

use crate::config::tokens::Grant;
use crate::license::{MachineName, Report};
use connect::Pools;
use jiff::Timestamp;
use skus::SkuNames;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, Connection, Transaction};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long anything may take on a server. Each of its statements has less.
const LIMIT: Duration = Duration::from_mins(2);

/// How long a connection may take to close.
const CLOSING: Duration = Duration::from_secs(5);

/// A report that came in, with what it did not say filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Whom it is about. The name in the report itself is not looked at any more.
    pub machine: MachineName,
    /// When it held, and not later than it came in.
    pub reported_at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
    /// What its sender may speak for; everything where there is no such limit. The name by which a machine is known may
    /// be another than the one it reports under.
    pub grant: Option<Grant>,
    /// What it says.
    pub report: Report,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Something in it was not known before.
    Stored {
        /// The machine it is about, by the name it is known by.
        machine: MachineName,
        /// True where a machine or a license appeared or went, or a license stands otherwise than before.
        changed: bool,
    },
    /// It is known already: most likely it was sent again.
    Unchanged,
    /// All that is in it is known better by now.
    Outdated,
    /// It is not taken, or not in whole: why.
    Refused(String),
}

/// A store that is open. Copies of it are the same store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    url: StoreUrl,
    backend: Backend,
    /// Held while writing: within one program nobody has to wait for the database's own lock, and time out.
    writing: Mutex<SkuNames>,
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// How a transaction that writes begins. A file takes one that writes at a time, and it has to say so before it
    /// reads what it will change.
    const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }
}

impl Store {
    /// Opens a store, and creates the file and the schema where they are not there.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be reached or created, is something else, or was used by a newer program.
    pub async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        let backend = match url {
            StoreUrl::Sqlite(_) => Backend::Sqlite,
            StoreUrl::Postgres(_) => Backend::Postgres,
        };
        let pools = connect::open(url, backend).await?;
        let inner = Inner { pools, url: url.clone(), backend, writing: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Ends all connections, once what they are at is done.
    pub async fn close(&self) {
        self.inner.pools.writing.close().await;
        self.inner.pools.reading.close().await;
    }

    /// Where it is.
    pub fn url(&self) -> &StoreUrl {
        &self.inner.url
    }

    /// A connection that may write.
    async fn writer(&self) -> sqlx::Result<PoolConnection<Any>> {
        self.inner.pools.writing.acquire().await
    }

    /// A connection that reads.
    async fn reader(&self) -> sqlx::Result<PoolConnection<Any>> {
        self.inner.pools.reading.acquire().await
    }

    /// Begins a transaction that nobody else writes beside.
    async fn begin_writing<'c>(&self, connection: &'c mut AnyConnection) -> sqlx::Result<Transaction<'c, Any>> {
        let mut transaction = connection.begin_with(self.inner.backend.begin()).await?;
        if self.inner.backend == Backend::Postgres {
            // Until the transaction ends, and for this schema alone. What is known of a machine is read, added to and
            // written back, and which machines share a name is looked up among all of them: it takes more than the
            // locks of rows.
            let lock = "SELECT CAST(pg_advisory_xact_lock(1197556290, hashtext(current_schema())) AS TEXT)";
            sqlx::query(lock).execute(&mut *transaction).await?;
        }
        Ok(transaction)
    }

    /// Bounds the time of what is done on a server, which may be cut off without a word. A file has its own bounds.
    async fn limited<T>(&self, work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        match self.inner.backend {
            Backend::Sqlite => work.await,
            Backend::Postgres => timeout(LIMIT, work).await.unwrap_or(Err(sqlx::Error::PoolTimedOut)),
        }
    }

    /// An error in the words of this store.
    fn failed(&self, error: &sqlx::Error) -> StoreError {
        StoreError::of_query(&self.inner.url, error)
    }
}

/// Gives a connection back, or closes it where something went wrong on it: `SQLite` may have ended the transaction by
/// itself then, as it does on a full disk, and the driver would take it to be open for good.
async fn settle<T>(connection: PoolConnection<Any>, result: sqlx::Result<T>) -> sqlx::Result<T> {
    if result.is_err() {
        // It is of no use any more, whether it can be closed or not.
        let _ = timeout(CLOSING, connection.close()).await;
    }
    result
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({})", self.inner.url)
    }
}

#[cfg(test)]
mod tests;
