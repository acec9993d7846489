//! Statements of many rows. They come in few sizes, so that a connection prepares each only once.

use super::Backend;
use std::fmt::Write as _;

/// How many rows a statement has. Together with the columns of the widest table they stay below the 32766 parameters
/// of `SQLite`.
const SIZES: [usize; 4] = [256, 64, 8, 1];

/// Divides rows into pieces, each of one of the sizes.
pub(super) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rows.len())?;
        let (piece, rest) = rows.split_at_checked(size)?;
        rows = rest;
        Some(piece)
    })
}

/// Divides values to look for into lists, each of one of the sizes: the last is made longer by repeating its last.
pub(super) fn lists<T>(values: &[T]) -> impl Iterator<Item = Vec<&T>> {
    let longest = SIZES.into_iter().max().unwrap_or(1);
    values.chunks(longest).map(move |chunk| {
        let size = SIZES.into_iter().filter(|size| *size >= chunk.len()).min().unwrap_or(longest);
        chunk.iter().chain(std::iter::repeat(chunk.last()).flatten()).take(size).collect()
    })
}

/// `$1, $2, $3`, from the one after `before`.
pub(super) fn placeholders(before: usize, count: usize) -> String {
    let mut text = String::new();
    for number in before + 1..=before + count {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}${number}");
    }
    text
}

/// A text as a part of a pattern that stands for this text alone, where `\` is the character to escape with.
pub(super) fn literal(text: &str) -> String {
    let mut pattern = String::new();
    for char in text.chars().filter(|char| *char != '\0') {
        if matches!(char, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern
}

/// Rows of placeholders: `($1, $2), ($3, $4)`, or `(?, ?), (?, ?)`. `SQLite` takes both, but looks for each number among
/// all of them: with thousands that takes long.
pub(super) fn rows_of_placeholders(backend: Backend, rows: usize, columns: usize) -> String {
    let row = |row: usize| match backend {
        Backend::Sqlite => format!("({})", vec!["?"; columns].join(", ")),
        Backend::Postgres => format!("({})", placeholders(row * columns, columns)),
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// An insertion of so many rows, which take the place of those with the same key. `short_name` follows from the key of its
/// table: to set it to what it is would be work for its index.
pub(super) fn upsert(backend: Backend, table: &str, key: &str, columns: &[&str], rows: usize) -> String {
    let names = columns.join(", ");
    let values = rows_of_placeholders(backend, rows, columns.len());
    let is_of_key = |column: &str| key.split(", ").any(|part| part == column);
    let updates: Vec<_> = columns
        .iter()
        .filter(|column| !is_of_key(column) && **column != "short_name")
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    format!("INSERT INTO {table} ({names}) VALUES {values} ON CONFLICT ({key}) DO UPDATE SET {}", updates.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_pieces_of_few_sizes() {
        let rows: Vec<_> = (0..600).collect();
        let sizes: Vec<_> = pieces(&rows).map(<[_]>::len).collect();
        assert_eq!(sizes, [256, 256, 64, 8, 8, 8]);
        assert_eq!(pieces(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(pieces::<u8>(&[]).count(), 0);
    }

    #[test]
    fn lists_are_made_as_long_as_their_statement() {
        assert_eq!(lists(&[1, 2, 3]).collect::<Vec<_>>(), [[&1, &2, &3, &3, &3, &3, &3, &3]]);
        let values: Vec<_> = (0..300).collect();
        assert_eq!(lists(&values).map(|list| list.len()).collect::<Vec<_>>(), [256, 64]);
        assert_eq!(lists::<u8>(&[]).count(), 0);
    }

    #[test]
    fn a_row_with_the_same_key_gives_way() {
        assert_eq!(
            upsert(Backend::Postgres, "t", "a, b", &["a", "b", "c"], 2),
            "INSERT INTO t (a, b, c) VALUES ($1, $2, $3), ($4, $5, $6) ON CONFLICT (a, b) DO UPDATE SET c = excluded.c"
        );
        assert_eq!(
            upsert(Backend::Sqlite, "t", "a", &["a", "b"], 2),
            "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b"
        );
    }
}
