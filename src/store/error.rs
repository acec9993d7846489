//! What may go wrong with a store, in words that a person can act on.

use super::StoreUrl;
use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use std::io;
use thiserror::Error;

/// What is wrong with a file where nothing comes back.
const HANGS: &str = "its folder hangs, as a share does whose server is gone";

/// What to do about a server that may be read alone.
const READ_ONLY: &str = "it is a standby, or ALTER ROLE and ALTER DATABASE ... RESET default_transaction_read_only";

/// What to do where the user of a server has no schema.
const NO_SCHEMA: &str = "CREATE SCHEMA public, or GRANT USAGE, CREATE ON SCHEMA public TO the user of the store";

/// Why a store cannot be written or read. Each names the store.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The database cannot be reached, or went away. It may come back.
    #[error("the store {store} cannot be reached: {detail}")]
    Unavailable { store: String, detail: String },
    /// No space is left for it.
    #[error("the store {store} is full: no space is left on its disk")]
    Full { store: String },
    /// It cannot be written.
    #[error("the store {store} cannot be written: {detail}")]
    ReadOnly { store: String, detail: String },
    /// Another program held it for too long.
    #[error("the store {store} is in use by another program, which did not release it in time")]
    Busy { store: String },
    /// A newer program made it what it is.
    #[error("the store {store} was last used by a newer gracewatch: update this one")]
    NewerSchema { store: String },
    /// The file was deleted, or another was put in its place, while it was in use.
    #[error("the store {store} was deleted or replaced while it was in use: it is opened again")]
    Replaced { store: String },
    /// It was whole, and is not any more; or lacks what was written to it.
    #[error("the store {store} is damaged: {detail}")]
    Damaged {
        store: String,
        /// What is wrong with it.
        detail: String,
    },
    /// It is something else, or damaged.
    #[error("{store} is not a Gracewatch database, or is damaged: {detail}")]
    NotAStore {
        store: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Anything else.
    #[error("the store {store} failed: {detail}")]
    Other { store: String, detail: String },
}

impl StoreError {
    /// Every reason, as [`StoreError::reason`] says it.
    pub const REASONS: [&str; 9] =
        ["unavailable", "full", "read_only", "busy", "newer_schema", "replaced", "damaged", "not_a_store", "other"];

    /// The word for it in metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "unavailable",
            Self::Full { .. } => "full",
            Self::ReadOnly { .. } => "read_only",
            Self::Busy { .. } => "busy",
            Self::NewerSchema { .. } => "newer_schema",
            Self::Replaced { .. } => "replaced",
            Self::Damaged { .. } => "damaged",
            Self::NotAStore { .. } => "not_a_store",
            Self::Other { .. } => "other",
        }
    }

    /// True where the same may well succeed a while later.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Unavailable { .. }
            | Self::Busy { .. }
            | Self::Full { .. }
            | Self::Replaced { .. }
            | Self::Damaged { .. } => true,
            Self::ReadOnly { .. } | Self::NewerSchema { .. } | Self::NotAStore { .. } | Self::Other { .. } => false,
        }
    }

    /// True where what is in the store is not what should be.
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::NotAStore { .. })
    }

    /// The same of a store that was whole when it was opened.
    pub(super) fn while_open(self) -> Self {
        match self {
            Self::NotAStore { store, detail } => Self::Damaged { store, detail },
            other => other,
        }
    }

    /// What went wrong with a query.
    pub(super) fn of_query(url: &StoreUrl, error: &sqlx::Error) -> Self {
        let store = url.to_string();
        let is_file = matches!(url, StoreUrl::Sqlite(_));
        match error {
            sqlx::Error::Database(error) if is_file => of_sqlite(store, error.as_ref()),
            sqlx::Error::Database(error) => of_postgres(store, error.as_ref()),
            sqlx::Error::PoolTimedOut if is_file => Self::Unavailable { store, detail: HANGS.to_owned() },
            sqlx::Error::PoolTimedOut => Self::Unavailable { store, detail: "no connection in time".to_owned() },
            sqlx::Error::Io(error) => of_io(store, error, is_file),
            // What a server that goes down in the middle of an answer leaves.
            sqlx::Error::Protocol(detail) if !is_file => Self::Unavailable { store, detail: detail.clone() },
            // A connection that is not as it should be, and is closed for it: the next one is.
            sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed => Self::Busy { store },
            sqlx::Error::PoolClosed => Self::Unavailable { store, detail: "it is being opened anew".to_owned() },
            sqlx::Error::WorkerCrashed => Self::Unavailable { store, detail: error.to_string() },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::NotAStore { store, detail: error.to_string() }
            }
            other => Self::Other { store, detail: other.to_string() },
        }
    }

    /// What went wrong when the schema was made or checked.
    pub(super) fn of_migration(url: &StoreUrl, error: &MigrateError) -> Self {
        let store = url.to_string();
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::of_query(url, error),
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Self::NewerSchema { store },
            MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => {
                Self::NotAStore { store, detail: format!("its schema is not as this program makes it ({error})") }
            }
            other => Self::Other { store, detail: other.to_string() },
        }
    }

    /// What went wrong with the file of a store, or its folder.
    pub(super) fn of_file(url: &StoreUrl, error: &io::Error) -> Self {
        of_io(url.to_string(), error, true)
    }
}

impl StoreError {
    /// What went wrong with a file that is to be read alone.
    pub(super) fn unreadable(url: &StoreUrl, error: &io::Error) -> Self {
        let detail = match error.kind() {
            io::ErrorKind::PermissionDenied => {
                "this user may not read it: use one of its group, or ask the daemon by --server".to_owned()
            }
            io::ErrorKind::NotFound => "the file is not there".to_owned(),
            _ => error.to_string(),
        };
        Self::Unavailable { store: url.to_string(), detail }
    }
}

fn of_io(store: String, error: &io::Error, is_file: bool) -> StoreError {
    let detail = error.to_string();
    match error.kind() {
        io::ErrorKind::TimedOut if is_file => StoreError::Unavailable { store, detail: HANGS.to_owned() },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { store },
        // The last two are what a route into nothing, and one that is prohibited, lead to.
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::PermissionDenied
            if !is_file =>
        {
            StoreError::Unavailable { store, detail: format!("this machine has no route to its server ({detail})") }
        }
        _ if !is_file => StoreError::Unavailable { store, detail },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { store, detail },
        io::ErrorKind::NotFound => StoreError::Other {
            store,
            detail: "its folder does not exist: create it, and let gracewatch write to it".to_owned(),
        },
        io::ErrorKind::IsADirectory => StoreError::NotAStore { store, detail: "it is a folder".to_owned() },
        _ => StoreError::Other { store, detail },
    }
}

/// By the primary result codes of `SQLite` (sqlite.org/rescode.html), which are the lowest byte of those it gives.
fn of_sqlite(store: String, error: &dyn DatabaseError) -> StoreError {
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default();
    let detail = error.message().to_owned();
    // What is missing of the schema is a mistake in SQL to SQLite, which has no code of its own.
    let lacks = |what: &str| detail.starts_with(what) || detail.contains("has no column named");
    if code == 1 && (lacks("no such table") || lacks("no such column")) {
        return StoreError::NotAStore { store, detail };
    }
    // IOERR_SHORT_READ and IOERR_CORRUPTFS: less is there than there was.
    if matches!(code, 0x20a | 0x210a) {
        return StoreError::NotAStore { store, detail };
    }
    match code & 0xff {
        // BUSY, LOCKED
        5 | 6 => StoreError::Busy { store },
        // READONLY, and CANTOPEN, which is what becomes of the files beside it in a folder that cannot be written
        8 | 14 => StoreError::ReadOnly { store, detail },
        // FULL
        13 => StoreError::Full { store },
        // CORRUPT, NOTADB
        11 | 26 => StoreError::NotAStore { store, detail },
        _ => StoreError::Other { store, detail },
    }
}

/// What gives the user of a server the right that is missing.
fn right_for(detail: &str) -> &'static str {
    let is_about = |what: &str| detail.contains(what);
    if is_about("for schema") {
        "GRANT USAGE, CREATE ON SCHEMA public TO the user of the store"
    } else if is_about("for database") {
        "GRANT CREATE ON DATABASE ... TO the user of the store"
    } else if is_about("must be owner") {
        "ALTER TABLE ... OWNER TO the user of the store"
    } else {
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO the user of the store"
    }
}

/// By the SQLSTATE of `PostgreSQL` (its documentation, appendix A).
fn of_postgres(store: String, error: &dyn DatabaseError) -> StoreError {
    let code = error.code().unwrap_or_default();
    let detail = error.message().to_owned();
    match &*code {
        // Disk full.
        "53100" => StoreError::Full { store },
        // Serialization, deadlock, a row that another one made first, a lock that was not to be had, a statement that
        // took too long.
        "40001" | "40P01" | "23505" | "55P03" | "57014" => StoreError::Busy { store },
        "25006" => StoreError::ReadOnly { store, detail: format!("{detail}; {READ_ONLY}") },
        "42501" => StoreError::ReadOnly { store, detail: format!("{detail}; {}", right_for(&detail)) },
        // There is no schema in which tables could be.
        "3F000" => StoreError::ReadOnly { store, detail: format!("{detail}; {NO_SCHEMA}") },
        // It shuts down or starts, or has too many connections.
        "57P01" | "57P02" | "57P03" | "53300" => StoreError::Unavailable { store, detail },
        code if code.starts_with("08") => StoreError::Unavailable { store, detail },
        // A table or a column that is missing; a page or an index that is damaged.
        "42P01" | "42703" | "XX001" | "XX002" => StoreError::NotAStore { store, detail },
        _ => StoreError::Other { store, detail },
    }
}
