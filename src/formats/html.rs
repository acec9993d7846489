//! Tables of `ConvertTo-Html`: the names of the columns in a row of `th`, and a row of `td` for each object.

use super::fields::Fields;
use super::unnamed::{self, Doubt};
use super::wmi::{self, Around};
use super::{FormatError, Reading};
use quick_xml::escape::unescape;

/// How many cells a row has at most.
const MAX_CELLS: usize = 1000;

/// True for a text that is a page of HTML, or a table of one.
pub(super) fn recognizes(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    ["<html", "<!doctype html", "<table"].iter().any(|tag| starts_with(start, tag))
}

/// Reads every row of every table.
///
/// # Errors
/// [`FormatError::Html`] where no table in it is of licenses, and [`FormatError::Stopped`].
pub(super) fn read(text: &str, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    let (outcome, nameless) = reading.holding_nameless(|reading| rows(text, reading));
    let (understood, has_named) = outcome?;
    unnamed::hand_over(nameless, Doubt::beside(has_named), "the table", reading, &mut |report, reading| {
        reading.report(report);
    });
    if understood == 0 { Err(FormatError::Html) } else { Ok(()) }
}

/// How many rows were understood, and whether one names a machine.
fn rows(text: &str, reading: &mut Reading<'_>) -> Result<(u64, bool), FormatError> {
    let (mut columns, mut cells): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut understood, mut has_named, mut number, mut are_names) = (0, false, 0_u64, false);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        reading.check()?;
        let is_cell = starts_with(after, "td") || starts_with(after, "th") && !starts_with(after, "thead");
        if starts_with(after, "/tr") {
            number += 1;
            if are_names {
                columns = std::mem::take(&mut cells);
            } else if cells.len() == columns.len() && !cells.is_empty() {
                let mut fields = Fields::new(format!("row {number}"));
                for (name, text) in columns.iter().zip(cells.drain(..)) {
                    fields.push(name.as_str(), text);
                }
                let fields = fields.renamed();
                has_named |= wmi::machine_of(&fields).is_some();
                if wmi::read_fields(&fields, &Around::default(), reading) {
                    understood += 1;
                    reading.understood(1);
                } else {
                    reading.skip(fields.place(), "a row of no known kind, with the columns", &fields.names());
                }
            } else if !cells.is_empty() {
                reading.skip(format_args!("row {number}"), "too few or too many cells", &cells.join(", "));
            }
            cells.clear();
        } else if starts_with(after, "table") {
            columns.clear();
        } else if is_cell {
            are_names = starts_with(after, "th");
            if cells.len() < MAX_CELLS {
                cells.push(String::new());
            }
        } else if (starts_with(after, "/td") || starts_with(after, "/th"))
            && let Some(cell) = cells.last_mut()
        {
            unescape(before).unwrap_or_default().trim().clone_into(cell);
        }
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    Ok((understood, has_named))
}

fn starts_with(text: &str, tag: &str) -> bool {
    text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::testing::outcome;

    #[test]
    fn a_table_is_read_by_the_names_of_its_columns() {
        let outcome = outcome(read, include_str!("samples/wmi-table.html"));
        assert_eq!((outcome.result, outcome.skipped.count, outcome.reports.len()), (Ok(()), 0, 1));
        assert_eq!(outcome.reports[0].machine.as_ref().unwrap().as_str(), "ws0421");
        assert_eq!(outcome.reports[0].licenses[0].status.unwrap().number(), 1);
    }

    #[test]
    fn any_other_page_is_refused() {
        for text in
            ["<html><body>hello</body></html>", "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>", "<table>"]
        {
            assert!(recognizes(text));
            assert_eq!(outcome(read, text).result, Err(FormatError::Html), "{text}");
        }
    }
}
