//! What makes the schema, step by step.

use super::{StoreError, StoreUrl};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Connection, PgConnection, SqlSafeStr, SqliteConnection};

/// A step: its number, its name and its SQL. One that was ever taken somewhere stays as it is.
type Step = (i64, &'static str, &'static str);

const SQLITE: [Step; 4] = [
    (1, "schema", include_str!("migrations/sqlite/1_schema.sql")),
    (2, "requests", include_str!("migrations/sqlite/2_requests.sql")),
    (3, "revisions", include_str!("migrations/sqlite/3_revisions.sql")),
    (4, "short names", include_str!("migrations/sqlite/4_short_names.sql")),
];

const POSTGRES: [Step; 4] = [
    (1, "schema", include_str!("migrations/postgres/1_schema.sql")),
    (2, "requests", include_str!("migrations/postgres/2_requests.sql")),
    (3, "revisions", include_str!("migrations/postgres/3_revisions.sql")),
    (4, "short names", include_str!("migrations/postgres/4_short_names.sql")),
];

/// Where tables of a server go of which some are missing, and which those and their views are.
pub(super) const DAMAGED: &str = "gracewatch_damaged";
const RELATIONS: [&str; 14] = [
    "lost",
    "expiring",
    "fleet",
    "kms_host",
    "change",
    "license",
    "machine",
    "sku",
    "gone",
    "status_change",
    "daily",
    "daily_runway",
    "last_revision",
    "_sqlx_migrations",
];

/// The SQL that moves them there, all or none.
pub(super) fn set_aside() -> String {
    let moves = RELATIONS.map(|name| format!("ALTER TABLE IF EXISTS {name} SET SCHEMA {DAMAGED};"));
    format!("DROP SCHEMA IF EXISTS {DAMAGED} CASCADE; CREATE SCHEMA {DAMAGED}; {}", moves.join(" "))
}

fn migrator(steps: &[Step]) -> Migrator {
    let step = |(version, name, sql): &Step| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, (*sql).into_sql_str(), false)
    };
    Migrator::with_migrations(steps.iter().map(step).collect())
}

/// Brings the schema of a file to the present one. Of two programs that open a new file at once one waits for the other,
/// by the lock that a transaction takes.
pub(super) async fn file(url: &StoreUrl, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let failed = |error: sqlx::Error| StoreError::of_query(url, &error);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let migrated = migrator(&SQLITE).run_direct(None, &mut *transaction, false).await;
    migrated.map_err(|error| StoreError::of_migration(url, &error))?;
    transaction.commit().await.map_err(failed)
}

/// Brings the schema of a database to the present one. Of two programs at once one waits for the other, by a lock that the
/// server has for that.
pub(super) async fn server(url: &StoreUrl, connection: &mut PgConnection) -> Result<(), StoreError> {
    let migrated = migrator(&POSTGRES).run_direct(None, connection, false).await;
    migrated.map_err(|error| StoreError::of_migration(url, &error))
}
