//! What came of the rows of a matrix: the verdicts expected against those given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::fleets;
use super::table::Row;
use crate::support::check;

/// What came of a row.
#[derive(Debug)]
pub struct Outcome<'a> {
    row: &'a Row,
    given: String,
    summary: String,
    /// What is wrong with its words.
    faults: Vec<String>,
}

impl<'a> Outcome<'a> {
    /// Finds the path of a row in a report.
    pub fn of(row: &'a Row, paths: &[Value]) -> Self {
        let name = row.name();
        let path = paths.iter().find(|path| path["name"] == name.as_str());
        Self::of_path(row, path.unwrap_or_else(|| panic!("no path {name} for {row}")))
    }

    /// What came of a row, in a report on its path.
    pub fn of_path(row: &'a Row, path: &Value) -> Self {
        let summary = path["summary"].as_str().expect("the summary is text").to_owned();
        Self { row, given: check::verdict(path), summary, faults: fleets::faults(row, path) }
    }

    /// The same, where `other` is what came of it when what was reported last was imported first.
    pub fn whatever_came_first(mut self, other: &Self) -> Self {
        if (&self.given, &self.summary) != (&other.given, &other.summary) {
            self.faults.push(format!("imported the other way round: {}\n    {}", other.given, other.summary));
        }
        self
    }

    /// The line of its row.
    pub fn line(&self) -> usize {
        self.row.line()
    }

    fn is_right(&self) -> bool {
        self.given == self.row.verdict() && self.faults.is_empty()
    }
}

/// All that came of a matrix. Shown as a table of what was expected against what was given, by status and stage, and
/// then verdict by verdict.
#[derive(Debug)]
pub struct Confusion<'a>(pub Vec<Outcome<'a>>);

impl Confusion<'_> {
    /// True where every row was judged right.
    pub fn is_right(&self) -> bool {
        self.0.iter().all(Outcome::is_right)
    }

    /// Prints the table, and insists that every row was judged right.
    #[track_caller]
    pub fn assert_none(&self) {
        // The name of the test stands on the line where this begins.
        println!("\n{self}");
        let wrong: Vec<_> = self.0.iter().filter(|outcome| !outcome.is_right()).collect();
        let shown = wrong.iter().map(|outcome| {
            let Outcome { row, given, summary, faults } = outcome;
            let faults: Vec<_> = faults.iter().map(|fault| format!("    {fault}\n")).collect();
            format!("{row}\n    expected {}\n    given    {given}\n    {summary}\n{}", row.verdict(), faults.concat())
        });
        let shown: String = shown.collect();
        assert!(wrong.is_empty(), "{} of {} rows are judged wrong:\n{shown}", wrong.len(), self.0.len());
    }
}

impl fmt::Display for Confusion<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_stage = |outcome: &Outcome<'_>| [outcome.row.verdict(), &outcome.given].map(stage_of);
        square(formatter, &count(self.0.iter().map(by_stage)))?;
        let verdicts = |outcome: &Outcome<'_>| [outcome.row.verdict(), &outcome.given].map(str::to_owned);
        for ([expected, given], rows) in count(self.0.iter().map(verdicts)) {
            let wrong = if expected == given { String::new() } else { format!(", and given was {given}") };
            writeln!(formatter, "{rows:>3} {expected}{wrong}")?;
        }
        let right = self.0.iter().filter(|outcome| outcome.is_right()).count();
        write!(formatter, "{right} of {} rows are judged right", self.0.len())
    }
}

/// The status and the stage of a verdict.
fn stage_of(verdict: &str) -> String {
    verdict.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ").trim_end_matches(" -").to_owned()
}

/// How often each pair of what was expected and what was given is there.
fn count(pairs: impl Iterator<Item = [String; 2]>) -> BTreeMap<[String; 2], usize> {
    let mut counts = BTreeMap::new();
    pairs.for_each(|pair| *counts.entry(pair).or_default() += 1);
    counts
}

/// A line to each label that was expected or given, and a column to each as well, under its number.
fn square(formatter: &mut fmt::Formatter<'_>, counts: &BTreeMap<[String; 2], usize>) -> fmt::Result {
    let labels: BTreeSet<&String> = counts.keys().flatten().collect();
    let numbers = 1..=labels.len();
    write!(formatter, "   {:16}", "expected \\ given")?;
    numbers.clone().try_for_each(|number| write!(formatter, " {number:>3}"))?;
    writeln!(formatter)?;
    for (number, expected) in numbers.zip(&labels) {
        write!(formatter, "{number:>2} {expected:16}")?;
        for given in &labels {
            let rows = counts.get(&[(*expected).clone(), (*given).clone()]);
            write!(formatter, " {:>3}", rows.map_or_else(|| ".".to_owned(), usize::to_string))?;
        }
        writeln!(formatter)?;
    }
    writeln!(formatter)
}
