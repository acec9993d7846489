//! Where the fleet is kept: a file of `SQLite`, or a database of `PostgreSQL`. Rows go in and come out; nothing is
//! judged here.
//!
//! Every machine has the revision in which it was last written, from one counter. [`Store::load`] reads everything
//! once, [`Store::changes`] what programs beside this one wrote since, and [`Store::begin`] is the only way to write:
//! whoever writes holds the lock of the store, reads what others wrote first, and overwrites nothing it does not know.
//!
//! Both databases hold the same tables and are written by the same rows (`rows`). What differs is how a connection is
//! made (`connect`), how many rows are written at once (`insert`), and the schema, in `store/migrations`.
//!
//! Nothing waits without end: every step on a connection has a limit, also on a server that accepts and says nothing,
//! and so has all work on files, which is done aside.

mod aside;
mod backup;
pub(crate) mod bound;
mod checkpoint;
mod connect;
mod connection;
mod enrolled;
mod error;
mod history;
mod insert;
mod migrate;
mod past;
mod place;
mod read;
mod rows;
mod verdicts;
mod words;
mod writing;

pub use crate::config::store_url::{StoreUrl, StoreUrlError};
pub use aside::Aside;
pub use backup::{BackupError, backup};
pub use enrolled::{Enrolled, Enrolling, Enrolment};
pub use error::StoreError;
pub use history::Pruned;
pub use past::PastChange;
pub use place::Seen;
pub use read::{Counts, Pulse, Row};
pub use verdicts::OfInstance;
pub use writing::Writing;

use connect::Pools;
use connection::Connection;
use jiff::Timestamp;
use place::{Amiss, Own, Place};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing::warn;

/// A store that is open. Copies of it are the same store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// Others take the place of these where the file is reopened.
    opened: Mutex<Opened>,
    url: StoreUrl,
    /// How many changes of status it has, about; `None` where they are to be counted.
    history_rows: Mutex<Option<i64>>,
    /// The revision that was acknowledged last before it was opened; `None` where that is not known.
    acknowledged: Option<i64>,
    /// Where work on its files is done.
    aside: Aside,
}

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
        Self::open_aside(url, Aside::default()).await
    }

    /// The same, with work on its files done where that was tried before.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_aside(url: &StoreUrl, aside: Aside) -> Result<Self, StoreError> {
        if let StoreUrl::Sqlite(file) = url {
            let file = file.clone();
            let begun = on_files(url, &aside, move || place::begin(&file, Timestamp::now())).await?;
            if let Some(lost) = begun {
                warn!("a new store is created at {url}: {lost}");
            }
        }
        let opened = Opened::new(url, &aside).await?;
        let acknowledged = match opened.place.clone() {
            Some(place) => on_files(url, &aside, move || Ok(place.acknowledged())).await?,
            None => None,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                opened: Mutex::new(opened),
                url: url.clone(),
                history_rows: Mutex::default(),
                acknowledged,
                aside,
            }),
        })
    }

    /// Opens a store that is there, to read it alone: nothing is created or changed, and no right to write is needed. A
    /// store of an older program is brought to the present schema first, which takes such a right.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be reached or read, is something else, or was used by a newer program.
    pub async fn open_to_read(url: &StoreUrl) -> Result<Self, StoreError> {
        let pools = connect::open_to_read(url).await?;
        let opened = Opened { pools, place: None };
        let store = Self {
            inner: Arc::new(Inner {
                opened: Mutex::new(opened),
                url: url.clone(),
                history_rows: Mutex::default(),
                acknowledged: None,
                aside: Aside::default(),
            }),
        };
        match store.read(async |connection| read::schema(connection).await).await {
            Ok(()) => Ok(store),
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
    /// [`StoreError::Replaced`] where the file was deleted, or another was put in its place, [`StoreError::Damaged`]
    /// where that happened to one beside it, and [`StoreError::Unavailable`] where the folder hangs.
    pub async fn look_at_place(&self) -> Result<Seen, StoreError> {
        let Some(place) = self.opened().place.clone() else { return Ok(Seen::default()) };
        let looked = self.on_files(move || Ok(place.look())).await?;
        let seen = looked.map_err(|amiss| match amiss {
            Amiss::File => StoreError::Replaced { store: self.inner.url.to_string() },
            Amiss::Beside => self.damaged("a file beside it was deleted or replaced"),
            Amiss::Unseen(error) => StoreError::of_file(&self.inner.url, &error),
        })?;
        if let Some(place) = &mut self.opened().place {
            place.trust_what_was_written(seen);
        }
        Ok(seen)
    }

    /// The revision that was acknowledged last before the store was opened. Less of it is there where its log was damaged,
    /// or an older copy took its place. `None` where that is not known.
    pub fn acknowledged(&self) -> Option<i64> {
        self.inner.acknowledged
    }

    /// Notes a revision that is about to be acknowledged.
    async fn acknowledge(&self, revision: i64) {
        let Some(place) = self.opened().place.clone() else { return };
        // Where it cannot be noted, that much is not known at the next start.
        let _ = self.on_files(move || place.acknowledge(revision)).await;
    }

    /// Takes what was seen for what should be.
    pub fn trust(&self, seen: Seen) {
        if let Some(place) = &mut self.opened().place {
            place.trust(seen);
        }
    }

    /// The same while this program is about to write.
    pub fn trust_but_writing(&self, seen: Seen) {
        self.trust(seen);
        self.writes(Own::Begun);
    }

    /// What this program is about to do to the log.
    fn writes(&self, own: Own) {
        if let Some(place) = &mut self.opened().place {
            place.own = own;
        }
    }

    /// Moves a file that is damaged out of the way, with its log, and tables of a server to a schema of their own. Says
    /// where they are now; `None` where there was nothing to move.
    ///
    /// # Errors
    /// [`StoreError`] where they cannot be moved.
    pub async fn set_aside(&self) -> Result<Option<String>, StoreError> {
        if let StoreUrl::Postgres(address) = &self.inner.url {
            return connect::set_aside(&self.inner.url, address.reveal()).await;
        }
        self.close().await;
        let Some(place) = self.opened().place.clone() else { return Ok(None) };
        let aside = self.on_files(move || place.set_aside(Timestamp::now())).await?;
        Ok(Some(format!("as {}", aside.display())))
    }

    /// Reopens the store. What was written to files that were deleted or replaced is not in it.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened.
    pub async fn reopen(&self) -> Result<(), StoreError> {
        let place = self.opened().place.clone();
        if let Some(place) = place {
            // What is still open keeps files mapped that the new connections would share with it.
            self.close().await;
            self.on_files(move || place.tidy()).await?;
        }
        let opened = Opened::new(&self.inner.url, &self.inner.aside).await?;
        let before = std::mem::replace(&mut *self.opened(), opened);
        before.pools.close().await;
        Ok(())
    }

    fn history_rows(&self) -> Option<i64> {
        *self.inner.history_rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_history_rows(&self, rows: Option<i64>) {
        *self.inner.history_rows.lock().unwrap_or_else(PoisonError::into_inner) = rows;
    }

    async fn on_files<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        on_files(&self.inner.url, &self.inner.aside, work).await
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        // A writer cannot leave half a change behind.
        self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pools(&self) -> Pools {
        self.opened().pools.clone()
    }

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

    /// How many machines and licenses there are as of a revision.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.read(async |connection| read::counts(connection).await).await
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
        self.writes(Own::Begun);
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

    /// Looks one row up, on a connection that is kept for that. One on which something went wrong is not used again.
    async fn look_up<T>(&self, work: impl AsyncFnOnce(&mut Connection) -> sqlx::Result<T>) -> Result<T, StoreError> {
        let result = async {
            let mut connection = self.pools().looker_up().await?;
            let result = work(&mut connection).await;
            if result.is_err() {
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
    async fn new(url: &StoreUrl, aside: &Aside) -> Result<Self, StoreError> {
        let StoreUrl::Sqlite(file) = url else {
            return Ok(Self { pools: connect::open(url).await?, place: None });
        };
        let (created, opened) = (file.clone(), file.clone());
        on_files(url, aside, move || connect::create(&created)).await?;
        let pools = connect::open(url).await?;
        let place = on_files(url, aside, move || Place::of(&opened)).await?;
        Ok(Self { pools, place: Some(place) })
    }
}

/// Does work on the files of a store.
async fn on_files<T: Send + 'static>(
    url: &StoreUrl,
    aside: &Aside,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = aside.run(work).await.and_then(|done| done);
    done.map_err(|error| StoreError::of_file(url, &error))
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({})", self.inner.url)
    }
}

#[cfg(test)]
mod tests;
