//! Reading a fault matrix: a Markdown file of which every table row is a combination of faults and the verdict it must
//! give. What is misspelt fails the test, wherever it is.

use std::collections::BTreeMap;
use std::fmt;

/// The column that every table ends with.
const VERDICT: &str = "verdict";

/// The columns that any table may have for the words of a verdict: what its summaries say, what the first step says,
/// and what nothing of it says. Several are separated by semicolons.
const WORDS: [&str; 3] = ["says", "first step", "never says"];

/// One row. What its table has no column for is not broken in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The file and the line, to be found by.
    file: &'static str,
    line: usize,
    /// The cells that are not empty, by the names of their columns, without the verdict and its words.
    cells: BTreeMap<&'static str, &'static str>,
    words: BTreeMap<&'static str, &'static str>,
    verdict: &'static str,
}

impl Row {
    /// A name for its path that no other row of the file has.
    pub fn name(&self) -> String {
        format!("line {}", self.line)
    }

    /// The line of the file.
    pub const fn line(&self) -> usize {
        self.line
    }

    /// What is in a column; nothing where the cell is empty or the table has no such column.
    pub fn cell(&self, column: &str) -> &'static str {
        self.cells.get(column).copied().unwrap_or_default()
    }

    /// The words in a cell that are separated by commas.
    pub fn list(&self, column: &str) -> Vec<&'static str> {
        split(self.cell(column), ',')
    }

    /// What summaries must say, the first step must say, and nothing may say.
    pub fn words(&self) -> [Vec<&'static str>; 3] {
        WORDS.map(|column| split(self.words.get(column).copied().unwrap_or_default(), ';'))
    }

    /// The verdict it must give.
    pub const fn verdict(&self) -> &'static str {
        self.verdict
    }

    /// What is injected, as far as it makes two rows the same.
    pub const fn injected(&self) -> &BTreeMap<&'static str, &'static str> {
        &self.cells
    }
}

/// Where it is and what is injected.
impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)?;
        self.cells.iter().try_for_each(|(column, cell)| write!(formatter, " | {column}: {cell}"))
    }
}

/// The parts of a text between separators, without the spaces around them. Of an empty text there are none.
pub fn split(text: &str, separator: char) -> Vec<&str> {
    if text.is_empty() { Vec::new() } else { text.split(separator).map(str::trim).collect() }
}

/// Reads all tables of a file. They may have any of these columns, and the verdict last.
pub fn read(file: &'static str, text: &'static str, columns: &[&str]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut heads: Option<Vec<&'static str>> = None;
    let mut lines = (1..).zip(text.lines());
    while let Some((line, text)) = lines.next() {
        if !text.starts_with('|') {
            heads = None;
            continue;
        }
        let cells = cells(text).unwrap_or_else(|| panic!("{file}:{line}: a row ends with a bar"));
        let Some(heads) = &heads else {
            let known = |head: &&str| columns.contains(head) || WORDS.contains(head);
            let last = cells.last().copied();
            let is_head = last == Some(VERDICT) && cells[..cells.len() - 1].iter().all(known);
            assert!(is_head, "{file}:{line}: columns are {columns:?}, and {VERDICT} last");
            let rule = lines.next().and_then(|(_, text)| self::cells(text)).unwrap_or_default();
            let is_rule = rule.len() == cells.len() && rule.iter().all(|cell| *cell == "---");
            assert!(is_rule, "{file}:{line}: a rule follows the head");
            heads = Some(cells);
            continue;
        };
        assert_eq!(cells.len(), heads.len(), "{file}:{line}: a cell to each column");
        let mut cells: BTreeMap<_, _> = heads.iter().copied().zip(cells).filter(|(_, cell)| !cell.is_empty()).collect();
        let verdict = cells.remove(VERDICT).unwrap_or_default();
        assert_eq!(verdict.split(' ').count(), 5, "{file}:{line}: status, stage, reason, code and inner code");
        let words = WORDS.into_iter().filter_map(|column| Some((column, cells.remove(column)?))).collect();
        rows.push(Row { file, line, cells, words, verdict });
    }
    rows
}

/// The cells of a row.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim_end().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

#[test]
fn rows_have_what_their_table_has_columns_for() {
    let text = "Words.\n\n| hosts | verdict |\n|---|---|\n| a, b | ok - - - - |\n\n| clock | hosts | verdict |\n\
                |---|---|---|\n| | c | blocked tcp refused 0xC004F074 - |\n";
    let rows = read("x.md", text, &["hosts", "clock"]);
    assert_eq!(rows.iter().map(ToString::to_string).collect::<Vec<_>>(), ["x.md:5 | hosts: a, b", "x.md:9 | hosts: c"]);
    assert_eq!((rows[0].list("hosts"), rows[0].cell("clock")), (vec!["a", "b"], ""));
    assert_eq!(rows[1].verdict(), "blocked tcp refused 0xC004F074 -");
}

#[test]
fn the_words_of_a_verdict_are_not_injected() {
    let text = "| hosts | says | never says | verdict |\n|---|---|---|---|\n| a | one; two | | ok - - - - |\n";
    let rows = read("x.md", text, &["hosts"]);
    assert_eq!(rows[0].words(), [vec!["one", "two"], vec![], vec![]]);
    assert_eq!(rows[0].to_string(), "x.md:3 | hosts: a");
}

#[test]
fn what_is_no_table_is_refused() {
    for text in [
        "| host | verdict |\n|---|---|\n| a | ok - - - - |",
        "| hosts | verdict |\n| a | ok - - - - |",
        "| hosts | verdict |\n|---|---|\n| a | ok - - - - | b |",
        "| hosts | verdict |\n|---|---|\n| a | ok |",
        "| hosts | verdict |\n|---|---|\n| a | ok - - - -",
        "| hosts |\n|---|\n| a |",
    ] {
        let text: &'static str = text;
        assert!(std::panic::catch_unwind(|| read("x.md", text, &["hosts"])).is_err(), "{text}");
    }
}
