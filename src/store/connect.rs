//! Opening a store: connections, their settings, and the schema.

use super::connection::{Connection, FILE_STEP, limited};
use super::{StoreError, StoreUrl, migrate};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{ConnectOptions, Database, Executor, SqliteConnection};
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long to wait for a connection, which is how long a database that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the schema may take to be brought to what this program needs.
const MIGRATION: Duration = Duration::from_mins(5);

/// How long a copy may take.
const COPY: Duration = Duration::from_mins(30);

/// How long a connection may take to close.
const CLOSING: Duration = Duration::from_secs(5);

/// How many connections to a server there are at most: one writes, or looks for news; one looks whether all is whole, one
/// reads the past, and two look tokens up. Who reads the past or looks a token up waits elsewhere, so that nothing else does.
const CONNECTIONS: u32 = 5;

/// How many connections to a file read, and how many look tokens up: the same without the one that writes.
const READING: u32 = 3;
const LOOKING_UP: u32 = 2;

/// How long a file that another program writes is waited for; the same is said to a server below.
pub(super) const BUSY: Duration = Duration::from_secs(8);

/// From one attempt to connect to such a file to the next.
const RETRY: Duration = Duration::from_millis(20);

/// How many rows are read ahead on a connection to a file.
const ROWS_AHEAD: usize = 1024;

/// What a connection to a file that writes keeps of it in memory, in KiB with a minus sign, and one that reads, which reads
/// everything once.
const WRITING_CACHE: &str = "-16000";
const READING_CACHE: &str = "-2000";

/// What holds on every connection to a server: nothing is waited for without end.
const POSTGRES_SETTINGS: &str = "SET statement_timeout = '25s'; SET lock_timeout = '8s'; \
                                 SET idle_in_transaction_session_timeout = '60s'; SET synchronous_commit = 'on'; \
                                 SET application_name = 'gracewatch'";

/// The connections of a store. Copies of it are the same.
#[derive(Debug, Clone)]
pub(super) enum Pools {
    /// Few connections to a file read and one writes. One that reads is never used again: what it keeps in memory would
    /// hide what becomes of the file.
    Sqlite {
        reading: SqlitePool,
        /// Those that look one row up are used again, since there are many such rows. Nothing else goes by what they read.
        looking_up: SqlitePool,
        writing: SqlitePool,
        /// Has one connection that does nothing, so that the last one never closes, which removes the files beside.
        anchor: SqlitePool,
    },
    Postgres(PgPool),
}

impl Pools {
    /// A connection that reads.
    pub(super) async fn reader(&self) -> sqlx::Result<Connection> {
        match self {
            Self::Sqlite { reading, .. } => reading.acquire().await.map(Connection::Sqlite),
            Self::Postgres(pool) => pool.acquire().await.map(Connection::Postgres),
        }
    }

    /// A connection that looks one row up.
    pub(super) async fn looker_up(&self) -> sqlx::Result<Connection> {
        match self {
            Self::Sqlite { looking_up, .. } => looking_up.acquire().await.map(Connection::Sqlite),
            Self::Postgres(pool) => pool.acquire().await.map(Connection::Postgres),
        }
    }

    /// A connection that may write.
    pub(super) async fn writer(&self) -> sqlx::Result<Connection> {
        match self {
            Self::Sqlite { writing, .. } => writing.acquire().await.map(Connection::Sqlite),
            Self::Postgres(pool) => pool.acquire().await.map(Connection::Postgres),
        }
    }

    /// Ends all connections. A server that does not answer is not waited for.
    pub(super) async fn close(&self) {
        let closing = async {
            match self {
                Self::Sqlite { reading, looking_up, writing, anchor } => {
                    reading.close().await;
                    looking_up.close().await;
                    writing.close().await;
                    anchor.close().await;
                }
                Self::Postgres(pool) => pool.close().await,
            }
            Ok(())
        };
        // Nothing is left to be done on them.
        let _ = limited(CLOSING, closing).await;
    }
}

/// Connects, and brings the schema to what this program needs.
pub(super) async fn open(url: &StoreUrl) -> Result<Pools, StoreError> {
    match url {
        StoreUrl::Sqlite(file) => open_file(url, file).await,
        StoreUrl::Postgres(address) => open_server(url, address.reveal()).await,
    }
}

/// Connects to read what is there.
pub(super) async fn open_to_read(url: &StoreUrl) -> Result<Pools, StoreError> {
    match url {
        StoreUrl::Sqlite(file) => {
            let unreadable = |error: io::Error| StoreError::unreadable(url, &error);
            // To open a pipe is to wait for somebody who writes to it.
            if !std::fs::metadata(file).map_err(unreadable)?.is_file() {
                let detail = "it is not a file".to_owned();
                return Err(StoreError::NotAStore { store: url.to_string(), detail });
            }
            std::fs::File::open(file).map_err(unreadable)?;
            // What nobody has open needs no files beside it, which a reader may not be allowed to make.
            let mut log = file.as_os_str().to_owned();
            log.push("-wal");
            let options = SqliteConnectOptions::new()
                .filename(file)
                .read_only(true)
                .immutable(!Path::new(&log).exists())
                .busy_timeout(BUSY)
                .row_buffer_size(ROWS_AHEAD)
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", READING_CACHE)
                .disable_statement_logging();
            let lazy = || pool(1).connect_lazy_with(options.clone());
            Ok(Pools::Sqlite { reading: lazy(), looking_up: lazy(), writing: lazy(), anchor: lazy() })
        }
        StoreUrl::Postgres(address) => {
            let failed = |error: sqlx::Error| StoreError::of_query(url, &error);
            let options = PgConnectOptions::from_str(address.reveal()).map_err(failed)?.disable_statement_logging();
            // It says what is wrong, where a pool would try again until its patience ends.
            let first = limited(PATIENCE, options.connect()).await.map_err(failed)?;
            limited(CLOSING, sqlx::Connection::close(first)).await.map_err(failed)?;
            Ok(Pools::Postgres(server_pool(options)))
        }
    }
}

fn server_pool(options: PgConnectOptions) -> PgPool {
    let pool = pool::<sqlx::Postgres>(CONNECTIONS).after_connect(|connection, _| {
        Box::pin(async move { connection.execute(POSTGRES_SETTINGS).await.map(|_| ()) })
    });
    pool.connect_lazy_with(options)
}

async fn open_file(url: &StoreUrl, file: &Path) -> Result<Pools, StoreError> {
    // What is taken is on disk before anyone is answered, which is what `synchronous` is about.
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(BUSY)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .row_buffer_size(ROWS_AHEAD)
        .pragma("temp_store", "MEMORY")
        // See `checkpoint`.
        .pragma("wal_autocheckpoint", "0")
        .disable_statement_logging();
    let failed = |error: sqlx::Error| StoreError::of_query(url, &error);
    let writing = options.clone().journal_mode(SqliteJournalMode::Wal).pragma("cache_size", WRITING_CACHE);
    let mut first = connect_to_file(url, &writing).await?;
    let migrated = limited_migration(url, migrate::file(url, &mut first)).await;
    let closed = limited(CLOSING, sqlx::Connection::close(first)).await.map_err(failed);
    migrated.and(closed)?;
    // Another program is waited for in the database itself, which says so.
    let several = |connections| pool(connections).acquire_timeout(FILE_STEP);
    let lasting = |connections| several(connections).idle_timeout(None).max_lifetime(None);
    let anchor = lasting(1).connect_lazy_with(options.clone());
    // Whoever has read has the files beside open.
    let read = sqlx::query("SELECT revision FROM last_revision").execute(&anchor);
    limited(FILE_STEP, read).await.map_err(failed)?;
    let reading = options.pragma("cache_size", READING_CACHE);
    Ok(Pools::Sqlite {
        reading: several(READING).connect_lazy_with(reading.clone()),
        looking_up: lasting(LOOKING_UP).connect_lazy_with(reading),
        writing: lasting(1).connect_lazy_with(writing),
        anchor,
    })
}

/// Connects to a file. `SQLite` does not wait where another program is just giving the file its log, so this tries again.
async fn connect_to_file(url: &StoreUrl, options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    let end = Instant::now() + BUSY;
    loop {
        let connecting = limited(FILE_STEP, options.connect()).await;
        match connecting.map_err(|error| StoreError::of_query(url, &error)) {
            Err(StoreError::Busy { .. }) if Instant::now() < end => sleep(RETRY).await,
            connected => return connected,
        }
    }
}

async fn open_server(url: &StoreUrl, address: &str) -> Result<Pools, StoreError> {
    let failed = |error: sqlx::Error| StoreError::of_query(url, &error);
    let options = PgConnectOptions::from_str(address).map_err(failed)?.disable_statement_logging();
    // The first connection says what is wrong, where a pool would try again until its patience ends. What is locked for
    // the schema is let go of when it is closed.
    let mut first = limited(PATIENCE, options.connect()).await.map_err(failed)?;
    limited(PATIENCE, first.execute(POSTGRES_SETTINGS)).await.map_err(failed)?;
    let migrated = limited_migration(url, migrate::server(url, &mut first)).await;
    let closed = limited(CLOSING, sqlx::Connection::close(first)).await.map_err(failed);
    migrated.and(closed)?;
    Ok(Pools::Postgres(server_pool(options)))
}

/// Moves what there is of tables to a schema of their own, in place of what was moved there before. Says which; `None`
/// where there are none.
pub(super) async fn set_aside(url: &StoreUrl, address: &str) -> Result<Option<String>, StoreError> {
    let moved = async {
        let options = PgConnectOptions::from_str(address)?.disable_statement_logging();
        let mut connection = limited(PATIENCE, options.connect()).await?;
        limited(PATIENCE, connection.execute(POSTGRES_SETTINGS)).await?;
        let moved = limited(MIGRATION, migrate::set_aside(&mut connection)).await;
        let closed = limited(CLOSING, sqlx::Connection::close(connection)).await;
        closed.and(moved)
    };
    let moved = moved.await.map_err(|error| StoreError::of_query(url, &error))?;
    Ok(moved.then(|| format!("in the schema {}", migrate::DAMAGED)))
}

fn pool<DB: Database>(connections: u32) -> PoolOptions<DB> {
    PoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE)
}

async fn limited_migration(
    url: &StoreUrl,
    work: impl Future<Output = Result<(), StoreError>>,
) -> Result<(), StoreError> {
    let late = |_| StoreError::of_query(url, &sqlx::Error::PoolTimedOut);
    tokio::time::timeout(MIGRATION, work).await.map_err(late)?
}

/// Creates the file, which its owner may write and its group may read, where it is not there yet.
pub(super) fn create(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if path.exists() && !path.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    match create_private(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Ok(()) => {
            give_to_owner_of_folder(path);
            Ok(())
        }
        failed => failed,
    }
}

/// Creates a file that is not there, which its owner may write and its group may read.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    options.open(path).map(|_| ())
}

/// Copies a file as of one moment to another, which is empty.
pub(super) async fn copy(url: &StoreUrl, file: &Path, target: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(BUSY).disable_statement_logging();
    let mut connection = connect_to_file(url, &options).await?;
    let target = target.to_string_lossy().into_owned();
    let copied = limited(COPY, sqlx::query("VACUUM INTO ?").bind(target).execute(&mut connection)).await;
    let closed = limited(CLOSING, sqlx::Connection::close(connection)).await;
    copied.map(|_| ()).and(closed).map_err(|error| StoreError::of_query(url, &error))
}

/// Gives a new file to whom its folder belongs, so that a command that root tries does not lock the service out. The
/// files that `SQLite` keeps beside it follow. Whoever may not give a file away keeps it.
#[cfg(unix)]
fn give_to_owner_of_folder(path: &Path) {
    use std::os::unix::fs::{MetadataExt, chown};
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = folder.metadata() {
        _ = chown(path, Some(folder.uid()), Some(folder.gid()));
    }
}

#[cfg(not(unix))]
const fn give_to_owner_of_folder(_: &Path) {}
