//! One connection, to either database.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Postgres, Row, Sqlite};
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long one statement may take, or the next row of its answer, on a server and on a file. The databases have shorter
/// limits of their own, but none where the disk hangs.
const STEP: Duration = Duration::from_secs(30);
pub(super) const FILE_STEP: Duration = Duration::from_secs(9);

/// How many rows of an answer are gathered at once.
const BATCH: usize = 1024;

/// From how many rows on an answer is long, so that more of them are waited for, and how long.
const LONG: usize = 256;
const GATHERING: Duration = Duration::from_millis(1);

/// A connection that goes back to its pool.
pub(super) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    /// One that is not used any more.
    Discarded,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
}

/// A row as it is read. Columns are counted from 0.
pub(super) trait Cells {
    fn text(&self, column: usize) -> sqlx::Result<Option<&str>>;
    fn integer(&self, column: usize) -> sqlx::Result<Option<i64>>;
}

/// What is done with each row of an answer.
pub(super) type Take<'a> = &'a mut (dyn FnMut(&dyn Cells) -> sqlx::Result<()> + Send);

impl Connection {
    const fn step(&self) -> Duration {
        if matches!(self, Self::Postgres(_)) { STEP } else { FILE_STEP }
    }

    /// Runs a statement. Returns how many rows it concerned.
    pub(super) async fn execute(&mut self, sql: &str, values: Vec<Value>) -> sqlx::Result<u64> {
        self.execute_within(self.step(), sql, values).await
    }

    /// The same, where it may take longer.
    pub(super) async fn execute_within(&mut self, limit: Duration, sql: &str, values: Vec<Value>) -> sqlx::Result<u64> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => {
                let query = sqlx::query_with(sql, of_sqlite(values)?);
                limited(limit, query.execute(&mut **connection)).await.map(|done| done.rows_affected())
            }
            Self::Postgres(connection) => {
                let query = sqlx::query_with(sql, of_postgres(values)?);
                limited(limit, query.execute(&mut **connection)).await.map(|done| done.rows_affected())
            }
            Self::Discarded => Err(sqlx::Error::PoolClosed),
        }
    }

    /// Runs a statement of a server with values that are arrays.
    pub(super) async fn execute_arrays(&mut self, sql: AssertSqlSafe<String>, values: PgArguments) -> sqlx::Result<()> {
        let Self::Postgres(connection) = self else { return Err(sqlx::Error::PoolClosed) };
        limited(STEP, sqlx::query_with(sql, values).execute(&mut **connection)).await.map(|_| ())
    }

    /// Runs a statement, and hands over each row of its answer.
    pub(super) async fn fetch(&mut self, sql: &str, values: Vec<Value>, take: Take<'_>) -> sqlx::Result<()> {
        self.fetch_within(self.step(), sql, values, take).await
    }

    /// The same, where it may take longer to the next row.
    pub(super) async fn fetch_within(
        &mut self,
        limit: Duration,
        sql: &str,
        values: Vec<Value>,
        take: Take<'_>,
    ) -> sqlx::Result<()> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => {
                let mut rows = sqlx::query_with(sql, of_sqlite(values)?).fetch(&mut **connection);
                hand_over(limit, |context| rows.as_mut().poll_next(context), take).await
            }
            Self::Postgres(connection) => {
                let mut rows = sqlx::query_with(sql, of_postgres(values)?).fetch(&mut **connection);
                hand_over(limit, |context| rows.as_mut().poll_next(context), take).await
            }
            Self::Discarded => Err(sqlx::Error::PoolClosed),
        }
    }

    /// Runs a statement whose answer is one number.
    pub(super) async fn number(&mut self, sql: &str, values: Vec<Value>) -> sqlx::Result<i64> {
        let mut number = None;
        let take: Take<'_> = &mut |row| {
            number = row.integer(0)?;
            Ok(())
        };
        self.fetch(sql, values, take).await?;
        number.ok_or(sqlx::Error::RowNotFound)
    }

    /// Closes the connection without giving it back. `SQLite` may have ended a transaction by itself where something went
    /// wrong, as it does on a full disk, and the driver would take it to be open for good. A pool that is closed waits for
    /// a connection to a file, which removes by their names the files beside it.
    pub(super) fn discard(&mut self) {
        match std::mem::replace(self, Self::Discarded) {
            Self::Sqlite(mut connection) => connection.close_on_drop(),
            Self::Postgres(connection) => drop(connection.detach()),
            Self::Discarded => {}
        }
    }
}

/// Hands over the rows of an answer. They are gathered first: the thread that reads a file, and this one, would wake each
/// other for every row of a long answer, which costs more than to read it.
async fn hand_over<R: Cells>(
    limit: Duration,
    mut next: impl FnMut(&mut Context<'_>) -> Next<R>,
    take: Take<'_>,
) -> sqlx::Result<()> {
    let mut batch = Vec::new();
    let mut handed_over = 0;
    loop {
        let is_last = limited(limit, poll_fn(|context| gather(|| next(context), &mut batch))).await?;
        let gathered = batch.len();
        for row in batch.drain(..) {
            take(&row)?;
        }
        if is_last {
            return Ok(());
        }
        handed_over += gathered;
        if handed_over > LONG && gathered < BATCH / 4 {
            sleep(GATHERING).await;
        }
    }
}

/// The next row, as far as it is there.
type Next<R> = Poll<Option<sqlx::Result<R>>>;

/// Takes the rows that are there, as many as a batch takes, and waits where there are none. Returns true where they are the
/// last.
fn gather<R>(mut next: impl FnMut() -> Next<R>, batch: &mut Vec<R>) -> Poll<sqlx::Result<bool>> {
    while batch.len() < BATCH {
        match next() {
            Poll::Ready(Some(row)) => batch.push(row?),
            Poll::Ready(None) => return Poll::Ready(Ok(true)),
            Poll::Pending if batch.is_empty() => return Poll::Pending,
            Poll::Pending => break,
        }
    }
    Poll::Ready(Ok(false))
}

/// Bounds the time of what may wait on a server that says nothing.
pub(super) async fn limited<T>(limit: Duration, work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(limit, work).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

fn of_sqlite(values: Vec<Value>) -> sqlx::Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text),
            Value::Integer(number) => arguments.add(number),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn of_postgres(values: Vec<Value>) -> sqlx::Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text),
            Value::Integer(number) => arguments.add(number),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

impl Cells for SqliteRow {
    fn text(&self, column: usize) -> sqlx::Result<Option<&str>> {
        self.try_get(column)
    }

    fn integer(&self, column: usize) -> sqlx::Result<Option<i64>> {
        self.try_get(column)
    }
}

impl Cells for PgRow {
    fn text(&self, column: usize) -> sqlx::Result<Option<&str>> {
        self.try_get(column)
    }

    fn integer(&self, column: usize) -> sqlx::Result<Option<i64>> {
        self.try_get(column)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Integer(number)
    }
}
