//! Where the fleet is kept: a file of `SQLite`, or a database of `PostgreSQL`. Rows go in and come out; nothing is judged
//! here.
//!
//! Every machine has the revision in which it was last written, from one counter. [`Store::load`] reads everything once,
//! [`Store::changes`] what programs beside this one wrote since, and [`Store::begin`] is the only way to write: whoever
//! writes holds the lock of the store, reads what others wrote first, and overwrites nothing it does not know.
//!
//! Both databases hold the same tables and are written by the same rows (`rows`). What differs is how a connection is
//! made (`connect`), how many rows are written at once (`insert`), and the schema, in `store/migrations`.
//!
//! Nothing waits without end: every step on a connection has a limit, also on a server that accepts and says nothing.

mod backup;
mod checkpoint;
mod connect;
mod connection;
mod error;
mod history;
mod insert;
mod migrate;
mod place;
mod read;
mod rows;
mod writing;

pub use crate::config::store_url::{StoreUrl, StoreUrlError};
pub use backup::{BackupError, backup};
pub use error::StoreError;
pub use history::Pruned;
pub use read::Row;
pub use writing::Writing;

use connect::Pools;
use connection::Connection;
use place::Place;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store that is open. Copies of it are the same store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// Others take the place of these where the file is opened anew.
    opened: Mutex<Opened>,
    url: StoreUrl,
}

/// What is open.
#[derive(Debug, Clone)]
struct Opened {
    pools: Pools,
    /// Where the file is; `None` for a server.
    place: Option<Place>,
}

impl Store {
    /// Opens a store, and creates the file and the schema where they are missing.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be reached or created, is something else, or was used by a newer program.
    pub async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        let opened = Opened::new(url).await?;
        Ok(Self { inner: Arc::new(Inner { opened: Mutex::new(opened), url: url.clone() }) })
    }

    /// Ends all connections, once what they are at is done.
    pub async fn close(&self) {
        self.pools().close().await;
    }

    /// Looks whether the file that is open is still the one at its path.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] where it was deleted, or another was put in its place.
    pub fn look_at_place(&self) -> Result<(), StoreError> {
        let is_kept = self.opened().place.as_mut().is_none_or(Place::is_kept);
        if is_kept { Ok(()) } else { Err(StoreError::Replaced { store: self.inner.url.to_string() }) }
    }

    /// Opens the store anew where its file was deleted or replaced. What was written to the old one is not in it.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened.
    pub async fn reopen(&self) -> Result<(), StoreError> {
        // What is still open keeps files mapped that the new connections would share with it.
        self.close().await;
        if let Some(place) = &self.opened().place {
            place.tidy();
        }
        let opened = Opened::new(&self.inner.url).await?;
        *self.opened() = opened;
        Ok(())
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        // A writer cannot leave half a change behind.
        self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pools(&self) -> Pools {
        self.opened().pools.clone()
    }

    /// Where it is.
    pub fn url(&self) -> &StoreUrl {
        &self.inner.url
    }

    /// The last revision that was written.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn revision(&self) -> Result<i64, StoreError> {
        self.read(async |connection| read::revision(connection).await).await
    }

    /// Reads everything, and hands it over row by row. Returns the revision of what was read.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn load(&self, mut take: impl FnMut(Row) + Send) -> Result<i64, StoreError> {
        self.read(async |connection| read::snapshot(connection, None, &mut take).await).await
    }

    /// Reads what was written after a revision, by whichever program. Returns it with the revision of what was read.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn changes(&self, since: i64) -> Result<(Vec<Row>, i64), StoreError> {
        let mut rows = Vec::new();
        let mut take = |row| rows.push(row);
        let revision = self.read(async |connection| read::snapshot(connection, Some(since), &mut take).await).await?;
        Ok((rows, revision))
    }

    /// Begins to write. Nobody else writes until the end of it.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written, or another program holds it for too long.
    pub async fn begin(&self) -> Result<Writing<'_>, StoreError> {
        let connection = self.pools().writer().await;
        let begun = match connection {
            Ok(connection) => Writing::begin(connection, &self.inner.url).await,
            Err(error) => Err(error),
        };
        begun.map_err(|error| self.failed(&error))
    }

    /// Reads on a connection. One on which something went wrong is not used again.
    async fn read<T>(&self, work: impl AsyncFnOnce(&mut Connection) -> sqlx::Result<T>) -> Result<T, StoreError> {
        let result = async {
            let mut connection = self.pools().reader().await?;
            let result = work(&mut connection).await;
            match &result {
                Ok(_) => {}
                Err(_) => connection.discard(),
            }
            result
        };
        result.await.map_err(|error| self.failed(&error))
    }

    /// An error in the words of this store.
    fn failed(&self, error: &sqlx::Error) -> StoreError {
        StoreError::of_query(&self.inner.url, error)
    }
}

impl Opened {
    async fn new(url: &StoreUrl) -> Result<Self, StoreError> {
        let pools = connect::open(url).await?;
        let place = match url {
            StoreUrl::Sqlite(file) => Some(Place::of(file)),
            StoreUrl::Postgres(_) => None,
        };
        Ok(Self { pools, place })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({})", self.inner.url)
    }
}

#[cfg(test)]
mod tests;
