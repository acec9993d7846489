//! Many rows written at once.

use super::connection::{Connection, Value};
use super::rows::Columns;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, AssertSqlSafe};

/// How many rows a statement for a file has. Statements come in few sizes, so that a connection prepares each only once;
/// together with the columns of the widest table they stay below the 32766 parameters of `SQLite`.
const SIZES: [usize; 4] = [256, 64, 8, 1];

/// How many rows a statement for a server has at most.
const PIECE: usize = 10_000;

/// A table as far as it matters for writing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The columns of which a row that is there already has the same, and gives way; empty where every row is new.
    pub(super) key: &'static [&'static str],
}

impl Connection {
    /// Writes rows, which take the place of those with the same key. All have the same columns.
    pub(super) async fn insert(&mut self, table: Table, rows: Vec<Columns>) -> sqlx::Result<()> {
        match self {
            Self::Postgres(_) => self.insert_arrays(table, rows).await,
            _ => self.insert_rows(table, rows).await,
        }
    }

    /// Writes to a file: a parameter for each value.
    async fn insert_rows(&mut self, table: Table, mut rows: Vec<Columns>) -> sqlx::Result<()> {
        while let Some(size) = SIZES.into_iter().find(|size| *size <= rows.len()) {
            let rest = rows.split_off(size);
            let Some(first) = rows.first() else { break };
            let names: Vec<_> = first.iter().map(|(name, _)| *name).collect();
            let row = format!("({})", vec!["?"; names.len()].join(", "));
            let sql = statement(table, &names, &format!("VALUES {}", vec![row.as_str(); size].join(", ")));
            self.execute(&sql, rows.into_iter().flatten().map(|(_, value)| value).collect()).await?;
            rows = rest;
        }
        Ok(())
    }

    /// Writes to a server: an array for each column.
    async fn insert_arrays(&mut self, table: Table, mut rows: Vec<Columns>) -> sqlx::Result<()> {
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(PIECE));
            let arrays = transposed(rows);
            let names: Vec<_> = arrays.iter().map(|(name, _)| *name).collect();
            let types = (1..).zip(&arrays).map(|(number, (_, column))| format!("${number}::{}[]", column.type_name()));
            let source = format!("SELECT * FROM UNNEST({})", types.collect::<Vec<_>>().join(", "));
            let sql = statement(table, &names, &source);
            let mut arguments = PgArguments::default();
            for (_, column) in arrays {
                match column {
                    Column::Texts(texts) => arguments.add(texts),
                    Column::Integers(numbers) => arguments.add(numbers),
                }
                .map_err(sqlx::Error::Encode)?;
            }
            self.execute_arrays(AssertSqlSafe(sql), arguments).await?;
            rows = rest;
        }
        Ok(())
    }
}

/// The values of many rows in one column.
enum Column {
    Texts(Vec<Option<String>>),
    Integers(Vec<Option<i64>>),
}

impl Column {
    const fn type_name(&self) -> &'static str {
        match self {
            Self::Texts(_) => "text",
            Self::Integers(_) => "bigint",
        }
    }
}

/// Rows as columns.
fn transposed(rows: Vec<Columns>) -> Vec<(&'static str, Column)> {
    let mut columns: Vec<(&'static str, Column)> = Vec::new();
    for row in rows {
        if columns.is_empty() {
            columns.extend(row.iter().map(|(name, value)| match value {
                Value::Text(_) => (*name, Column::Texts(Vec::new())),
                Value::Integer(_) => (*name, Column::Integers(Vec::new())),
            }));
        }
        for ((_, column), (_, value)) in columns.iter_mut().zip(row) {
            match (column, value) {
                (Column::Texts(texts), Value::Text(text)) => texts.push(text),
                (Column::Integers(numbers), Value::Integer(number)) => numbers.push(number),
                // A column has one type.
                (Column::Texts(texts), Value::Integer(_)) => texts.push(None),
                (Column::Integers(numbers), Value::Text(_)) => numbers.push(None),
            }
        }
    }
    columns
}

/// An insertion into these columns. What follows from its key alone, as a short name, is not set again.
fn statement(table: Table, columns: &[&str], source: &str) -> String {
    let Table { name, key } = table;
    let insert = format!("INSERT INTO {name} ({}) {source}", columns.join(", "));
    if key.is_empty() {
        return insert;
    }
    let updates = columns.iter().filter(|column| !key.contains(column) && **column != "short_name");
    let updates: Vec<_> = updates.map(|column| format!("{column} = excluded.{column}")).collect();
    format!("{insert} ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), updates.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_the_same_key_gives_way() {
        let table = Table { name: "t", key: &["a", "b"] };
        assert_eq!(
            statement(table, &["a", "b", "c"], "VALUES (?, ?, ?)"),
            "INSERT INTO t (a, b, c) VALUES (?, ?, ?) ON CONFLICT (a, b) DO UPDATE SET c = excluded.c"
        );
        assert_eq!(statement(Table { key: &[], ..table }, &["a"], "VALUES (?)"), "INSERT INTO t (a) VALUES (?)");
    }

    #[test]
    fn rows_become_columns() {
        let row = |text: &str, number: Option<i64>| vec![("a", Value::from(text)), ("b", Value::from(number))];
        let columns = transposed(vec![row("x", Some(1)), row("y", None)]);
        let [("a", Column::Texts(texts)), ("b", Column::Integers(numbers))] = &columns[..] else {
            panic!("two columns")
        };
        assert_eq!((texts.len(), numbers), (2, &vec![Some(1), None]));
    }
}
