//! Opening a store: connections, their settings, and the schema.

use super::{Backend, StoreError, StoreUrl};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection, Executor, SqlSafeStr};
use std::fs::OpenOptions;
use std::io;
use std::path::{self, Path};
use std::time::Duration;

/// How long to wait for a connection, which is how long a database that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many connections a store has at most, not counting one that writes to a file.
const CONNECTIONS: u32 = 4;

/// What holds on every connection to a file. What is taken is on disk before anyone is told so, which is what
/// `synchronous` is about; several programs may use the file, and wait 10 seconds for each other.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                               PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000";

/// The same for the one that writes. What it has in memory it need not read, up to 64 MiB; what it wrote goes from the
/// log into the file itself every 32 MiB.
const SQLITE_WRITING: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                              PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; \
                              PRAGMA wal_autocheckpoint = 8192";

/// What holds on every connection to a server: nothing is waited for without end.
const POSTGRES_SETTINGS: &str = "SET statement_timeout = '60s'; SET lock_timeout = '10s'; \
                                 SET idle_in_transaction_session_timeout = '60s'; SET synchronous_commit = 'on'; \
                                 SET application_name = 'gracewatch'";

/// The connections of a store.
#[derive(Debug)]
pub(super) struct Pools {
    pub(super) reading: AnyPool,
    pub(super) writing: AnyPool,
}

/// Connects, and brings the schema to what this program needs.
pub(super) async fn open(url: &StoreUrl, backend: Backend) -> Result<Pools, StoreError> {
    sqlx::any::install_default_drivers();
    let failed = |error: sqlx::Error| StoreError::of_query(url, &error);
    let address = match url {
        StoreUrl::Sqlite(path) => {
            create(path).map_err(|error| StoreError::of_file(url, &error))?;
            let path = path::absolute(path).map_err(|error| StoreError::of_file(url, &error))?;
            // Every character that could mean something in a URL is encoded, slashes too: it is a path and no URL.
            format!("sqlite:{}?mode=rw", utf8_percent_encode(&path.to_string_lossy(), NON_ALPHANUMERIC))
        }
        StoreUrl::Postgres(address) => address.clone(),
    };
    let options = address.parse::<AnyConnectOptions>().map_err(failed)?.disable_statement_logging();
    let settings = match backend {
        Backend::Sqlite => SQLITE_SETTINGS,
        Backend::Postgres => POSTGRES_SETTINGS,
    };
    // The first connection tells what is wrong, where a pool would try again until its patience ends. What is locked for
    // the schema is let go of when it is closed.
    let mut first = options.connect().await.map_err(failed)?;
    first.execute(settings).await.map_err(failed)?;
    let migrated = migrate(url, backend, &mut first).await;
    let closed = first.close().await.map_err(failed);
    migrated.and(closed)?;
    let pool = |connections, settings: &'static str| {
        AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .after_connect(move |connection, _| Box::pin(async move { connection.execute(settings).await.map(|_| ()) }))
            .connect_lazy_with(options.clone())
    };
    // What a connection to a file keeps in memory is worth nothing once another one has written, so that one writes.
    Ok(match backend {
        Backend::Sqlite => Pools { reading: pool(CONNECTIONS, settings), writing: pool(1, SQLITE_WRITING) },
        Backend::Postgres => {
            let pool = pool(CONNECTIONS, settings);
            Pools { reading: pool.clone(), writing: pool }
        }
    })
}

/// Creates the file, which its owner may write and its group may read, where it is not there yet.
fn create(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => Ok(()),
        Ok(_) => {
            give_to_owner_of_folder(path);
            Ok(())
        }
    }
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

/// What makes the schema, step by step. A step that was ever taken somewhere stays as it is.
pub(super) fn migrations(backend: Backend) -> Vec<Migration> {
    let steps = match backend {
        Backend::Sqlite => [
            (1, "schema", include_str!("migrations/sqlite/1_schema.sql")),
            (2, "requests", include_str!("migrations/sqlite/2_requests.sql")),
        ],
        Backend::Postgres => [
            (1, "schema", include_str!("migrations/postgres/1_schema.sql")),
            (2, "requests", include_str!("migrations/postgres/2_requests.sql")),
        ],
    };
    let step = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    steps.map(step).into()
}

async fn migrate(url: &StoreUrl, backend: Backend, connection: &mut AnyConnection) -> Result<(), StoreError> {
    let migrator = Migrator::with_migrations(migrations(backend));
    let of_migration = |error| StoreError::of_migration(url, &error);
    // Of two programs that open a new store at once one has to wait for the other. A server has locks for that, which
    // are taken here; a file has the one that a transaction takes.
    match backend {
        Backend::Postgres => migrator.run_direct(None, connection, false).await.map_err(of_migration),
        Backend::Sqlite => {
            let failed = |error: sqlx::Error| StoreError::of_query(url, &error);
            let mut transaction = connection.begin_with(backend.begin()).await.map_err(failed)?;
            migrator.run_direct(None, &mut *transaction, false).await.map_err(of_migration)?;
            transaction.commit().await.map_err(failed)
        }
    }
}
