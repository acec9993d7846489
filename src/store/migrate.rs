//! What makes the schema, step by step.

use super::{StoreError, StoreUrl};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection};

/// A step: its number, its name and its SQL. One that was ever taken somewhere stays as it is.
type Step = (i64, &'static str, &'static str);

const SQLITE: [Step; 9] = [
    (1, "schema", include_str!("migrations/sqlite/1_schema.sql")),
    (2, "requests", include_str!("migrations/sqlite/2_requests.sql")),
    (3, "revisions", include_str!("migrations/sqlite/3_revisions.sql")),
    (4, "short names", include_str!("migrations/sqlite/4_short_names.sql")),
    (5, "applications", include_str!("migrations/sqlite/5_applications.sql")),
    (6, "SKU names", include_str!("migrations/sqlite/6_sku_names.sql")),
    (7, "verdicts", include_str!("migrations/sqlite/7_verdicts.sql")),
    (8, "host keys", include_str!("migrations/sqlite/8_host_keys.sql")),
    (9, "enrolled", include_str!("migrations/sqlite/9_enrolled.sql")),
];

const POSTGRES: [Step; 9] = [
    (1, "schema", include_str!("migrations/postgres/1_schema.sql")),
    (2, "requests", include_str!("migrations/postgres/2_requests.sql")),
    (3, "revisions", include_str!("migrations/postgres/3_revisions.sql")),
    (4, "short names", include_str!("migrations/postgres/4_short_names.sql")),
    (5, "applications", include_str!("migrations/postgres/5_applications.sql")),
    (6, "SKU names", include_str!("migrations/postgres/6_sku_names.sql")),
    (7, "verdicts", include_str!("migrations/postgres/7_verdicts.sql")),
    (8, "host keys", include_str!("migrations/postgres/8_host_keys.sql")),
    (9, "enrolled", include_str!("migrations/postgres/9_enrolled.sql")),
];

/// Where tables of a server go of which some are missing, and which those and their views are.
pub(super) const DAMAGED: &str = "gracewatch_damaged";
const RELATIONS: [&str; 21] = [
    "lost",
    "expiring",
    "fleet",
    "kms_host",
    "change",
    "kms_host_count",
    "kms_host_publication",
    "license",
    "machine",
    "sku",
    "gone",
    "status_change",
    "daily",
    "daily_runway",
    "last_revision",
    "verdict_change",
    "verdict",
    "verdict_course",
    "verdict_instance",
    "enrolled",
    "_sqlx_migrations",
];

/// What an index is called that is ours, and so no other can be. One of a table that was renamed keeps its name.
const INDEX: &str = "^(machine|license|kms_host_count|kms_host_publication|sku|gone|status_change|daily|daily_runway|\
                     verdict|verdict_course|verdict_instance|enrolled|_sqlx_migrations)_(pkey|by_.*)$";

/// Moves them there, all or none, also where they were renamed. False where there are none.
pub(super) async fn set_aside(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let sql = "SELECT quote_ident(relname) FROM pg_class AS it \
               WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) \
               AND relkind IN ('r', 'v') AND (relname = ANY($1) OR EXISTS (\
               SELECT 1 FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid \
               WHERE indrelid = it.oid AND index.relname ~ $2))";
    let names: Vec<_> = RELATIONS.map(str::to_owned).into();
    let found = sqlx::query_scalar::<_, String>(sql).bind(names).bind(INDEX).fetch_all(&mut *connection).await?;
    if found.is_empty() {
        return Ok(false);
    }
    let moves: Vec<_> = found.iter().map(|name| format!("ALTER TABLE {name} SET SCHEMA {DAMAGED};")).collect();
    let sql = format!("DROP SCHEMA IF EXISTS {DAMAGED} CASCADE; CREATE SCHEMA {DAMAGED}; {}", moves.join(" "));
    connection.execute(AssertSqlSafe(sql)).await.map(|_| true)
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
