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
mod past;
mod place;
mod read;
mod rows;
mod writing;

pub use crate::config::store_url::{StoreUrl, StoreUrlError};
pub use backup::{BackupError, backup};
pub use error::StoreError;
pub use history::Pruned;
pub use past::PastChange;
pub use place::Seen;
pub use read::{Pulse, Row};
pub use writing::Writing;

use connect::Pools;
use connection::Connection;
use jiff::Timestamp;
use place::{Amiss, Place};
use std::fmt;
use std::io;
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

    /// Opens a store that is there, to read it alone: nothing is created or changed, and no right to write is needed. A
    /// store of an older program is brought to the present schema first, which takes such a right.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be reached or read, is something else, or was used by a newer program.
    pub async fn open_to_read(url: &StoreUrl) -> Result<Self, StoreError> {
        let pools = connect::open_to_read(url).await?;
        let opened = Opened { pools, place: None };
        let store = Self { inner: Arc::new(Inner { opened: Mutex::new(opened), url: url.clone() }) };
        match store.pulse().await {
            Ok(_) => Ok(store),
            Err(error) if error.is_damage() => {
                store.close().await;
                Self::open(url).await
            }
            Err(error) => Err(error),
        }
    }

    /// Ends all connections, once what they are at is done.
    pub async fn close(&self) {
        self.pools().close().await;
    }

    /// Looks whether the files that are open are still those at their paths, and which of them others changed. Costs
    /// next to nothing.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] where the file was deleted, or another was put in its place, and [`StoreError::Damaged`]
    /// where that happened to one beside it.
    pub fn look_at_place(&self) -> Result<Seen, StoreError> {
        let Some(seen) = self.opened().place.as_ref().map(Place::look) else { return Ok(Seen::default()) };
        seen.map_err(|amiss| match amiss {
            Amiss::File => StoreError::Replaced { store: self.inner.url.to_string() },
            Amiss::Beside => self.damaged("a file beside it was deleted or replaced"),
        })
    }

    /// Takes what was seen for what should be.
    pub fn trust(&self, seen: Seen) {
        if let Some(place) = &mut self.opened().place {
            place.trust(seen);
        }
    }

    /// The same for what this program just wrote.
    fn trust_what_is_there(&self) {
        if let Ok(seen) = self.look_at_place() {
            self.trust(seen);
        }
    }

    /// Moves a file that is damaged out of the way, with its log, and tables of a server to a schema of their own. Says
    /// where they are now.
    ///
    /// # Errors
    /// [`StoreError`] where they cannot be moved.
    pub async fn set_aside(&self) -> Result<String, StoreError> {
        self.close().await;
        match &self.inner.url {
            StoreUrl::Sqlite(_) => {
                let aside = self.opened().place.as_ref().map(|place| place.set_aside(Timestamp::now()));
                let aside = aside.unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()));
                let aside = aside.map_err(|error| StoreError::of_file(&self.inner.url, &error))?;
                Ok(format!("as {}", aside.display()))
            }
            StoreUrl::Postgres(address) => connect::set_aside(&self.inner.url, address.reveal()).await,
        }
    }

    /// Opens the store anew. What was written to files that were deleted or replaced is not in it.
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

    /// What the store is like now.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn pulse(&self) -> Result<Pulse, StoreError> {
        self.read(async |connection| read::pulse(connection).await).await
    }

    /// Looks through all of it, whether it is whole.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where it is not, and others where it cannot be read.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.read(async |connection| read::check(connection).await).await
    }

    /// Reads everything, and hands it over row by row. Returns the revision of what was read.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn load(&self, mut take: impl FnMut(Row) + Send) -> Result<i64, StoreError> {
        let pulse = self.read(async |connection| read::snapshot(connection, None, &mut take).await).await?;
        Ok(pulse.revision)
    }

    /// Reads what was written after a revision, by whichever program. Returns it with what the store was like then.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn changes(&self, since: i64) -> Result<(Vec<Row>, Pulse), StoreError> {
        let mut rows = Vec::new();
        let mut take = |row| rows.push(row);
        let pulse = self.read(async |connection| read::snapshot(connection, Some(since), &mut take).await).await?;
        Ok((rows, pulse))
    }

    /// Begins to write. Nobody else writes until the end of it.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written, or another program holds it for too long.
    pub async fn begin(&self) -> Result<Writing<'_>, StoreError> {
        let connection = self.pools().writer().await;
        let begun = match connection {
            Ok(connection) => Writing::begin(connection, self).await,
            Err(error) => Err(error),
        };
        begun.map_err(|error| self.failed(&error))
    }

    /// Reads on a connection. One to a file is not used again, nor is one on which something went wrong.
    async fn read<T>(&self, work: impl AsyncFnOnce(&mut Connection) -> sqlx::Result<T>) -> Result<T, StoreError> {
        let result = async {
            let mut connection = self.pools().reader().await?;
            let result = work(&mut connection).await;
            if result.is_err() || matches!(connection, Connection::Sqlite(_)) {
                connection.discard();
            }
            result
        };
        result.await.map_err(|error| self.failed(&error))
    }

    /// An error in the words of this store, which was whole when it was opened.
    fn failed(&self, error: &sqlx::Error) -> StoreError {
        StoreError::of_query(&self.inner.url, error).while_open()
    }

    /// What was written to it is not there any more.
    pub fn damaged(&self, detail: &str) -> StoreError {
        StoreError::Damaged { store: self.inner.url.to_string(), detail: detail.to_owned() }
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
