//! Tables whose columns are aligned by blanks: `wmic` without a format, and `Format-Table`. They are read where no value
//! is cut and every value is surely in one column; any other is refused, since a figure in the wrong column is worse than
//! none.

use super::fields::Fields;
use super::lines::Part;
use super::outputs::Outputs;
use super::tool::{Claim, Tool};
use super::wmi::{self, Around};
use super::{FormatError, Reading, names, unnamed};
use crate::words::cut_keys;

/// The longest line of a table, in characters, and the most lines.
const MAX_WIDTH: usize = 4000;
const MAX_ROWS: usize = 50_000;

/// A table with one of these columns is of licenses.
const MARKS: [&str; 5] =
    ["LicenseStatus", "LicenseStatusReason", "GracePeriodRemaining", "PartialProductKey", "ClientMachineID"];

/// Why a table is refused.
const CUT: &str = "the columns of this table are cut or run together: use JSON, CSV or a list in its place";

/// True for a line with the names of the columns of such a table and nothing else.
fn is_header(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.len() > 1
        && words.iter().all(|word| names::is_property(word) || word.starts_with("__"))
        && words.iter().any(|word| MARKS.iter().any(|mark| mark.eq_ignore_ascii_case(word)))
}

pub(super) const TOOL: Tool = Tool { claim, read: read_part };

fn claim(line: &str) -> Claim {
    if is_header(line) { Claim::Own } else { Claim::No }
}

fn read_part(part: &Part<'_>, outputs: &mut Outputs, reading: &mut Reading<'_>) -> Result<(), FormatError> {
    unnamed::read_part(part, outputs, reading, |lines, reading| read(lines, reading))
}

/// Reads lines, each with its number in the whole text. True where a row names a machine.
fn read<'t>(lines: impl Iterator<Item = (usize, &'t str)>, reading: &mut Reading<'_>) -> bool {
    let mut table: Option<Table<'t>> = None;
    let mut has_named = false;
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        if reading.check().is_err() {
            return has_named;
        }
        if is_header(line) {
            has_named |= table.take().is_some_and(|table| table.read(reading));
            table = Some(Table { number, header: line, ruler: None, rows: Vec::new(), is_too_long: false });
        } else if let Some(table) = table.as_mut() {
            let is_ruler =
                table.rows.is_empty() && line.split_whitespace().all(|word| word.bytes().all(|it| it == b'-'));
            if is_ruler {
                table.ruler = Some(line);
            } else if table.rows.len() == MAX_ROWS {
                table.is_too_long = true;
            } else {
                table.rows.push((number, line));
            }
        } else {
            reading.skip_unknown(format_args!("line {number}"), line);
        }
    }
    has_named | table.is_some_and(|table| table.read(reading))
}

/// One table, as far as it is known where its columns are.
struct Table<'t> {
    number: usize,
    header: &'t str,
    ruler: Option<&'t str>,
    rows: Vec<(usize, &'t str)>,
    is_too_long: bool,
}

impl Table<'_> {
    /// Reads every row, or refuses the table whole.
    fn read(&self, reading: &mut Reading<'_>) -> bool {
        let columns: Vec<&str> = self.header.split_whitespace().collect();
        let Some(ends) = self.ends() else {
            reading.lose(format_args!("line {}", self.number), CUT, self.header.trim());
            reading.refuse(FormatError::CutTable { line: self.number });
            return false;
        };
        let mut has_named = false;
        for (number, row) in &self.rows {
            let mut fields = Fields::new(format!("line {number}"));
            let mut chars = row.chars();
            let mut start = 0;
            for (column, end) in columns.iter().zip(&ends) {
                let value: String = chars.by_ref().take(end - start).collect();
                start = *end;
                fields.push(*column, value.trim().to_owned());
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

    /// Up to which character each column goes; `None` where one cannot be told from the next, or a value is cut.
    fn ends(&self) -> Option<Vec<usize>> {
        let lines = || [self.header].into_iter().chain(self.ruler).chain(self.rows.iter().map(|(_, row)| *row));
        let is_cut =
            |row: &str| row.contains('\u{2026}') || row.split("  ").any(|cell| cell.trim_end().ends_with("..."));
        // What a console broke goes on with the rest of the names, or without anything in the first column.
        let is_broken = |row: &str| row.split_whitespace().all(names::is_property);
        let is_continued = |row: &str| self.ruler.is_some() && row.starts_with(' ') && !self.header.starts_with(' ');
        // A whole key over several columns would come through in parts.
        let has_key = |row: &str| cut_keys(row) != row;
        if self.is_too_long
            || self.rows.iter().any(|(_, row)| has_key(row))
            || self.rows.is_empty()
            || self.rows.iter().any(|(_, row)| is_cut(row) || is_broken(row) || is_continued(row))
        {
            return None;
        }
        // Where some line has something, by character.
        let mut is_used: Vec<bool> = Vec::new();
        for line in lines() {
            for (at, char) in line.chars().enumerate() {
                if at >= MAX_WIDTH {
                    return None;
                }
                if at == is_used.len() {
                    is_used.push(false);
                }
                if let Some(used) = is_used.get_mut(at).filter(|_| !char.is_whitespace()) {
                    *used = true;
                }
            }
        }
        // Each group of the header is a column, which is wider where its values are.
        let groups = spans(self.ruler.unwrap_or(self.header).chars().map(|char| !char.is_whitespace()));
        let regions = spans(is_used.iter().copied());
        if groups.len() != self.header.split_whitespace().count() {
            return None;
        }
        let mut starts: Vec<Option<usize>> = vec![None; groups.len()];
        for (start, end) in regions {
            let mut overlapping = groups.iter().enumerate().filter(|(_, (from, to))| *from < end && start < *to);
            match (overlapping.next(), overlapping.next()) {
                (Some((at, _)), None) => {
                    let known = starts.get_mut(at)?;
                    *known = Some(known.map_or(start, |known| known.min(start)));
                }
                // What is below none belongs to the column on its left, whose values are longer than its name.
                (None, _) => {}
                (Some(_), Some(_)) => return None,
            }
        }
        let starts: Option<Vec<usize>> = starts.into_iter().collect();
        let starts = starts?;
        let ends = starts.iter().skip(1).copied().chain([MAX_WIDTH]).collect();
        Some(ends)
    }
}

/// From where to where something is.
fn spans(is_used: impl Iterator<Item = bool>) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, _) in is_used.enumerate().filter(|(_, used)| *used) {
        match spans.last_mut().filter(|(_, end)| *end == at) {
            Some((_, end)) => *end = at + 1,
            None => spans.push((at, at + 1)),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::testing::outcome;
    use crate::license::Remaining;

    fn of(text: &str) -> crate::formats::testing::Outcome {
        let read = |text: &str, reading: &mut Reading<'_>| {
            read(text.lines().enumerate().map(|(at, line)| (at + 1, line)), reading);
            Ok(())
        };
        outcome(read, text)
    }

    #[test]
    fn a_table_of_wmic_is_read_by_the_places_of_its_columns() {
        let outcome =
            of("LicenseStatus  Name                                PartialProductKey  GracePeriodRemaining  \r\n\
             1              Windows(R), ServerStandard edition  J464C              231111                \r\n\
             5              Windows(R), Professional edition    T83GX              0                     \r\n");
        assert_eq!(outcome.skipped.count, 0, "{:?}", outcome.skipped);
        let licenses: Vec<_> = outcome.reports.iter().map(|report| &report.licenses[0]).collect();
        assert_eq!(licenses[0].product.as_deref(), Some("Windows(R), ServerStandard edition"));
        assert_eq!(licenses[0].remaining, Some(Remaining::Minutes(231_111)));
        assert_eq!(licenses[0].partial_product_key.unwrap().as_str(), "J464C");
        assert_eq!(licenses[1].status.unwrap().number(), 5);
    }

    #[test]
    fn a_table_of_format_table_has_numbers_at_the_right() {
        let outcome =
            of("\r\nPSComputerName Name                               LicenseStatus GracePeriodRemaining\r\n\
             -------------- ----                               ------------- --------------------\r\n\
             WS0421         Windows(R), ServerStandard edition             1               231111\r\n\
             WS0422         Windows(R), Professional edition               5                    0\r\n");
        assert_eq!(outcome.skipped.count, 0, "{:?}", outcome.skipped);
        assert_eq!(outcome.reports.len(), 2);
        assert_eq!(outcome.reports[1].machine.as_ref().unwrap().as_str(), "ws0422");
        assert_eq!(outcome.reports[1].licenses[0].product.as_deref(), Some("Windows(R), Professional edition"));
        assert_eq!(outcome.reports[0].licenses[0].remaining, Some(Remaining::Minutes(231_111)));
    }

    #[test]
    fn a_table_that_is_cut_or_broken_is_refused_whole() {
        for text in [
            "Name            LicenseStatus\n----            -------------\nWindows(R), ...             1\n",
            "Name            LicenseStatus\n----            -------------\nWindows(R), Se\u{2026}             1\n",
            "Name      LicenseStatus\n----      -------------\nWindows(R), Pro\n          edition             1\n",
            "Name LicenseStatus\n---- -------------\nWindows(R), ServerStandard edition 1\n",
            "LicenseStatus  Name\nPartialProductKey\n1              Windows(R), Pro edition\nJ464C\n",
            "LicenseStatus  Name\n",
        ] {
            let outcome = of(text);
            assert_eq!(outcome.reports.len(), 0, "{text}");
            assert!(outcome.skipped.first.as_ref().unwrap().contains(CUT), "{text}: {:?}", outcome.skipped);
        }
    }
}
