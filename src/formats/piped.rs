//! Tables whose columns are divided by bars, as `osqueryi` and the clients of databases draw them. All lines of one are
//! equally wide, which shows that none is cut or put together of two.

use super::fields::Fields;
use super::lines::Part;
use super::outputs::Outputs;
use super::tool::{Claim, Tool};
use super::wmi::{self, Around};
use super::{FormatError, Reading, names, unnamed};

/// A table with one of these columns is of licenses.
const MARKS: [&str; 4] = ["LicenseStatus", "LicenseStatusReason", "GracePeriodRemaining", "PartialProductKey"];

/// More columns than any table has that is read here, and the widest line, in characters.
const MAX_COLUMNS: usize = 300;
const MAX_WIDTH: usize = 10_000;

pub(super) const TOOL: Tool = Tool { claim, read: read_part };

/// The cells of a line; `None` where it is no row, or has too many.
fn cells(line: &str) -> Option<Vec<&str>> {
    divided(line.trim().strip_prefix('|')?.strip_suffix('|')?)
}

/// What is between bars.
fn divided(inner: &str) -> Option<Vec<&str>> {
    let cells: Vec<&str> = inner.split('|').take(MAX_COLUMNS + 1).map(str::trim).collect();
    (cells.len() <= MAX_COLUMNS && inner.len() <= MAX_WIDTH).then_some(cells)
}

/// True for the names of the columns of such a table.
fn is_header(cells: &[&str]) -> bool {
    let is_mark = |name: &&str| names::known(name).is_some_and(|known| MARKS.contains(&known));
    let is_word = |name: &&str| !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || char == '_');
    cells.len() > 1 && cells.iter().any(is_mark) && cells.iter().all(is_word)
}

fn claim(line: &str) -> Claim {
    // The bars around it are taken for quotes.
    let is_table = line.contains('|') && divided(line.trim_matches('|')).is_some_and(|cells| is_header(&cells));
    if is_table { Claim::Own } else { Claim::No }
}

fn read_part(part: &Part<'_>, outputs: &mut Outputs, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    unnamed::read_part(part, outputs, reading, |lines, reading| read(lines, reading))
}

/// Reads lines, each with its number in the whole text. True where a row names a machine.
fn read<'t>(lines: impl Iterator<Item = (usize, &'t str)>, reading: &mut Reading<'_>) -> bool {
    let mut table: Option<(Vec<&str>, usize)> = None;
    let mut has_named = false;
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        if reading.check().is_err() {
            return has_named;
        }
        let width = line.trim().chars().count();
        let place = format!("line {number}");
        let Some(row) = cells(line) else {
            // What is drawn between rows.
            if line.contains(char::is_alphanumeric) {
                reading.skip_unknown(place, line);
            } else {
                reading.noise(1);
            }
            continue;
        };
        if is_header(&row) {
            table = Some((row, width));
            continue;
        }
        let is_whole = |(columns, known): &&(Vec<&str>, usize)| row.len() == columns.len() && width == *known;
        let Some((columns, _)) = table.as_ref().filter(is_whole) else {
            reading.skip(place, "this row is not as wide as the names of the columns", line);
            continue;
        };
        let mut fields = Fields::new(place);
        for (column, cell) in columns.iter().zip(row) {
            fields.push(*column, cell);
        }
        let fields = fields.renamed();
        has_named |= wmi::machine_of(&fields).is_some();
        if wmi::read_fields(&fields, &Around::default(), reading) {
            reading.understood(1);
        } else {
            reading.skip_unknown(fields.place(), &fields.names());
        }
    }
    has_named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::testing::outcome;

    #[test]
    fn a_row_that_is_cut_or_put_together_is_skipped() {
        let read = |text: &str, reading: &mut Reading<'_>| {
            read(text.lines().enumerate().map(|(at, line)| (at + 1, line)), reading);
            Ok(())
        };
        let header = "| name                         | license_status | partial_product_key |\n";
        let whole = "| Windows(R), x edition        | 1              | J464C               |\n";
        for (row, count) in [
            (whole, 1),
            ("| Windows(R), x edition        | 1              | J464C ", 0),
            ("| Windows(R), x edi| 1              | J464C               |\n", 0),
            ("| Windows(R), x edition        | 1              | J464C | x           |\n", 0),
        ] {
            let outcome = outcome(read, &[header, row].concat());
            assert_eq!(outcome.reports.len(), count, "{row}");
            assert_eq!(outcome.skipped.count, 1 - count as u64, "{row}");
        }
    }
}
