//! What `SQLite` wrote lately is in a log beside the file, where a copy of the file alone misses it.

use super::connection::Connection;
use super::{Seen, Store, StoreError, StoreUrl};
use std::time::Duration;

/// How long the log is before it goes into the file without being asked for.
const LONG: u64 = 32 * 1024 * 1024;

/// How long it may take. Others wait meanwhile, but not for as long.
const LIMIT: Duration = Duration::from_mins(1);

/// How long others may keep it waiting, in milliseconds; what is not moved then is moved the next time.
const BUSY: &str = "PRAGMA busy_timeout = 250";

/// What a connection waits for otherwise.
const USUAL: &str = "PRAGMA busy_timeout = 8000";

impl Store {
    /// Moves everything into the file itself, as far as other programs let it. Does nothing to a server.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        if matches!(self.url(), StoreUrl::Postgres(_)) {
            return Ok(());
        }
        self.look_at_place().await?;
        let moved = async {
            let mut connection = self.pools().writer().await?;
            let moved = truncate(&mut connection).await;
            if moved.is_err() {
                connection.discard();
            }
            moved
        };
        moved.await.map_err(|error| self.failed(&error))?;
        self.trust(self.look_at_place().await?);
        Ok(())
    }

    /// The same where the log is long. No connection does that by itself, so that the file changes at no other time.
    ///
    /// # Errors
    /// As [`Store::checkpoint`].
    pub async fn shorten_log(&self, seen: Seen) -> Result<(), StoreError> {
        if seen.log_length() > LONG { self.checkpoint().await } else { Ok(()) }
    }
}

async fn truncate(connection: &mut Connection) -> sqlx::Result<()> {
    connection.execute(BUSY, Vec::new()).await?;
    // Its answer says how far it came, which is all the same.
    connection.execute_within(LIMIT, "PRAGMA wal_checkpoint(TRUNCATE)", Vec::new()).await?;
    connection.execute(USUAL, Vec::new()).await.map(|_| ())
}
