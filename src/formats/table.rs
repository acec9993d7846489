//! Tables of comma-separated values as PowerShell, SQL Server and consoles write them, read row by row. A row that may
//! be cut is never believed.

use super::fields::Fields;
use super::names;
use super::{FormatError, Reading};
use csv::{ReaderBuilder, StringRecord};
use std::io::{self, Read};

/// More columns than any table has that is read here.
const MAX_COLUMNS: usize = 1000;

/// The longest row, in bytes. A quoted field may go over many lines.
const MAX_ROW: usize = 256 * 1024;

/// The delimiters that are known; which one is written depends on the region of whoever writes.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// What is said of a table or a row that is more than that.
const TOO_MANY_COLUMNS: &str = "the table has more than 1,000 columns";
const TOO_LONG: &str = "the row is longer than 256 KiB";

/// Why the rest of a text is skipped.
const OTHER_TABLE: &str = "another table begins here, of another kind or cut: write one file for each";

/// A table, of which the names of the columns are read.
pub(super) struct Table<'t> {
    /// From the line with the names of the columns on.
    text: &'t str,
    /// In which line that is, from 1.
    line: usize,
    /// How many bytes of the text are before it.
    before: usize,
    delimiter: u8,
    columns: Vec<String>,
    /// What to make of a row that has not as many fields as there are columns.
    mend: Option<Mend>,
    /// What is said of one of which nothing can be made.
    why: Option<&'static str>,
}

/// Where a table ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ended {
    /// True where the names of its columns come again: tables were put one behind the other.
    repeats: bool,
    /// Where another table begins, with other columns: how many bytes of the text are before it, and in which line.
    next: Option<(usize, usize)>,
}

/// Makes fields, by name, of a row that has not as many as there are columns.
pub(super) type Mend = fn(&[String], &[&str]) -> Option<Vec<(String, String)>>;

impl<'t> Table<'t> {
    /// The table in a text; `None` where there is no line, or one that [`excess`] speaks of. What a column is called is
    /// put through `rename`.
    pub(super) fn open(text: &'t str, rename: fn(&str) -> String) -> Option<Self> {
        let (table, first, named) = first_line(text)?;
        let (delimiter, count) = named.map_or_else(|| delimiter_of(first), |named| (named, 0));
        // A quote that is open at its end shows that the line is cut.
        let is_cut = first.matches('"').count() % 2 == 1;
        if first.len() > MAX_ROW || count >= MAX_COLUMNS || is_cut {
            return None;
        }
        let line = 1 + lines_in(text.get(..text.len() - table.len())?);
        let mut record = StringRecord::new();
        let mut reader = ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(first.as_bytes());
        let is_read = reader.read_record(&mut record).unwrap_or(false);
        let is_read = is_read && !is_command(&record);
        let columns = record.iter().map(|name| rename(name.trim())).collect();
        let before = text.len() - table.len();
        is_read.then_some(Self { text: table, line, before, delimiter, columns, mend: None, why: None })
    }

    /// The same behind so many lines.
    pub(super) fn behind(self, lines: usize) -> Self {
        Self { line: self.line + lines, ..self }
    }

    /// Puts rows with more or fewer fields than columns through `mend`, and gives this reason for what is none then.
    pub(super) fn mending(self, mend: Mend, why: &'static str) -> Self {
        Self { mend: Some(mend), why: Some(why), ..self }
    }

    /// Calls the column at this position so.
    pub(super) fn renaming(mut self, at: usize, name: &str) -> Self {
        if let Some(column) = self.columns.get_mut(at) {
            name.clone_into(column);
        }
        self
    }

    /// The names of the columns.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The fields of the first row, as far as it is on one line.
    pub(super) fn first_row(&self) -> Vec<String> {
        let line = self.text.lines().skip(1).find(|line| !line.trim().is_empty()).unwrap_or_default();
        let line = line.get(..line.floor_char_boundary(MAX_ROW)).unwrap_or_default();
        let mut record = StringRecord::new();
        let mut reader = ReaderBuilder::new().has_headers(false).delimiter(self.delimiter).from_reader(line.as_bytes());
        let is_read = reader.read_record(&mut record).unwrap_or(false);
        if is_read { record.iter().map(ToOwned::to_owned).collect() } else { Vec::new() }
    }

    /// True where there is a column of that name, in any case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.eq_ignore_ascii_case(name))
    }

    /// Hands over every row up to the end of the table. One with more or fewer fields than there are columns is skipped.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] where the last row is cut or one is too long, and [`FormatError::Empty`] where there
    /// is no row.
    pub(super) fn rows(
        &self,
        reading: &mut Reading<'_>,
        take: &mut dyn FnMut(&Fields<'_>, &mut Reading<'_>),
    ) -> Result<Ended, FormatError> {
        let mut ended = Ended::default();
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(Source { rest: self.text.as_bytes(), budget: 0 });
        let mut record = StringRecord::new();
        let mut names: Option<StringRecord> = None;
        let (mut line, mut counted, mut rows) = (self.line, 0, 0_u64);
        loop {
            reading.check()?;
            let start = self.start_of_row(offset(&reader));
            line += lines_in(self.text.get(counted..start).unwrap_or_default());
            counted = start;
            let malformed =
                |detail: &str| FormatError::Malformed { place: format!("line {line}"), detail: detail.into() };
            reader.get_mut().budget = MAX_ROW;
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if error.is_io_error() => return Err(malformed(TOO_LONG)),
                Err(_) => return Err(malformed("this is no row")),
            }
            let end = self.start_of_row(offset(&reader));
            if end >= self.text.len() {
                self.check_last(start).map_err(malformed)?;
            }
            let Some(names) = &names else {
                names = Some(record.clone());
                continue;
            };
            rows += 1;
            // Tables that were put one behind the other repeat the names; a ruler is what sqlcmd draws below them.
            ended.repeats |= record == *names;
            if record == *names || is_ruler(&record) {
                continue;
            }
            if names_columns(&record) {
                return Ok(Ended { next: Some((self.before + start, line)), ..ended });
            }
            let place = format!("line {line}");
            let mended = self.mend.filter(|_| record.len() != self.columns.len()).and_then(|mend| {
                let fields: Vec<&str> = record.iter().collect();
                mend(&self.columns, &fields)
            });
            if let Some(mended) = mended {
                let mut fields = Fields::new(place);
                for (name, text) in mended {
                    fields.push(name, text);
                }
                take(&fields, reading);
            } else if record.len() == self.columns.len() {
                let mut fields = Fields::new(place);
                for (name, text) in self.columns.iter().zip(&record) {
                    fields.push(name.as_str(), text);
                }
                take(&fields, reading);
            } else {
                let usual = if record.len() < self.columns.len() { "too few fields" } else { "too many fields" };
                let why = self.why.unwrap_or(usual);
                let text = self.text.get(start..end).unwrap_or_default();
                reading.skip(place, why, text);
            }
        }
        if rows == 0 { Err(FormatError::Empty) } else { Ok(ended) }
    }

    /// Where the row begins that is read from this offset on: the reader leaves line ends for later.
    fn start_of_row(&self, offset: usize) -> usize {
        let rest = self.text.get(offset..).unwrap_or_default();
        self.text.len() - rest.trim_start_matches(['\r', '\n']).len()
    }

    /// Checks that the last row, which begins at this offset, is whole.
    fn check_last(&self, start: usize) -> Result<(), &'static str> {
        if self.is_quote_open(start) {
            Err("it ends in the middle: a quote that opens in this row is never closed")
        } else if self.text.ends_with(['\n', '\r']) {
            Ok(())
        } else {
            // The end of a number may be missing, which the rest of it would not show.
            Err("the last row has no line end, and may be cut")
        }
    }

    /// True where a quoted field of the row at this offset goes on to the end of the text.
    fn is_quote_open(&self, start: usize) -> bool {
        let (mut is_quoted, mut begins_field) = (false, true);
        for byte in self.text.bytes().skip(start) {
            match byte {
                // A quote within quotes is doubled, which closes and opens.
                b'"' if is_quoted => (is_quoted, begins_field) = (false, true),
                b'"' if begins_field => is_quoted = true,
                _ => begins_field = !is_quoted && (byte == self.delimiter || matches!(byte, b'\r' | b'\n')),
            }
        }
        is_quoted
    }
}

/// Reads one table after the other that a text has, with `read`, which is given what is left of the text and how many lines
/// are before that. Says whether there are several.
///
/// # Errors
/// Those of `read`.
pub(super) fn each(
    text: &str,
    recognizes: fn(&str) -> bool,
    reading: &mut Reading<'_>,
    read: &mut dyn FnMut(&str, usize, &mut Reading<'_>) -> Result<Ended, FormatError>,
) -> Result<bool, FormatError> {
    let (mut rest, mut lines, mut are_several) = (text, 0, false);
    loop {
        let Ended { repeats, next } = read(rest, lines, reading)?;
        are_several |= repeats || next.is_some();
        let Some((offset, line)) = next else { return Ok(are_several) };
        rest = rest.get(offset..).unwrap_or_default();
        lines = line.saturating_sub(1);
        if !recognizes(rest) {
            reading.lose(format_args!("line {line}"), OTHER_TABLE, rest.lines().next().unwrap_or_default());
            return Ok(are_several);
        }
    }
}

/// True for a row of names of columns, whole or cut: no object has so many of them for values.
fn names_columns(record: &StringRecord) -> bool {
    let known = record.iter().filter(|name| names::known(name.trim()).is_some()).count();
    known > 2 || known == 2 && record.len() < 4
}

/// True for a command that asks for the columns, at a prompt or as a script prints what it runs: `C:\>wmic path x
/// get Name,LicenseStatus`. What it prints is below it.
fn is_command(record: &StringRecord) -> bool {
    const ASKING: [&str; 3] = ["wmic", "wmic.exe", "select"];
    let first = record.get(0).unwrap_or_default();
    let asks = first.split_once(' ').is_some_and(|(word, _)| ASKING.iter().any(|it| it.eq_ignore_ascii_case(word)));
    asks || record.iter().any(|name| name.contains(['>', '|']))
}

/// The offset of the reader in bytes.
fn offset(reader: &csv::Reader<Source<'_>>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

fn lines_in(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// The text from its table on, the first line of that, and the delimiter that a line before it names for Excel.
fn first_line(text: &str) -> Option<(&str, &str, Option<u8>)> {
    let mut table = text.trim_start();
    let mut named = None;
    // PowerShell 5.1 says first what the rows are.
    if table.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("#TYPE")) {
        table = table.split_once('\n')?.1.trim_start();
    }
    if let Some(rest) =
        table.get(4..).filter(|_| table.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")))
        && let Some((delimiter, rest)) = rest.split_once('\n')
    {
        named = delimiter.bytes().next().filter(|delimiter| DELIMITERS.contains(delimiter));
        table = rest.trim_start();
    }
    Some((table, table.lines().next()?, named))
}

/// What keeps a text from being a table that is read here: more columns or longer rows than any has.
pub(super) fn excess(text: &str) -> Option<FormatError> {
    let (table, first, _) = first_line(text)?;
    let (_, count) = delimiter_of(first);
    let detail = if count >= MAX_COLUMNS { TOO_MANY_COLUMNS } else { TOO_LONG };
    let line = 1 + lines_in(text.get(..text.len() - table.len())?);
    let malformed = || FormatError::Malformed { place: format!("line {line}"), detail: detail.to_owned() };
    (count >= MAX_COLUMNS || first.len() > MAX_ROW).then(malformed)
}

/// The text of a table, of which no more is handed over for one row than the longest may have.
struct Source<'t> {
    rest: &'t [u8],
    budget: usize,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget == 0 && !self.rest.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = self.rest.read(buffer)?;
        self.budget = self.budget.saturating_sub(length);
        Ok(length)
    }
}

/// The delimiter that is most often outside of quotes, and how often.
fn delimiter_of(line: &str) -> (u8, usize) {
    let mut counts = DELIMITERS.map(|delimiter| (0_usize, delimiter));
    let mut is_quoted = false;
    for byte in line.bytes() {
        is_quoted ^= byte == b'"';
        for (count, delimiter) in &mut counts {
            *count += usize::from(!is_quoted && byte == *delimiter);
        }
    }
    // The first of those that are as many.
    counts.into_iter().rev().max_by_key(|(count, _)| *count).map_or((b',', 0), |(count, delimiter)| (delimiter, count))
}

fn is_ruler(record: &StringRecord) -> bool {
    record.iter().all(|text| !text.is_empty() && text.bytes().all(|byte| byte == b'-'))
}
