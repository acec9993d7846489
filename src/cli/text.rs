//! The report for a person: the walk, stage by stage, then the verdict, then what to do first, then the clocks.

mod broken;
mod clocks;
pub(super) mod explain;
mod kms;
mod online;

use crate::observation::Stage;
use crate::state::{PathReport, Snapshot};
use crate::text::{self, Words, say};
use crate::verdict::{Problem, Status};
use crate::walk::Walk;
use anstyle::{AnsiColor, Style};
pub(super) use broken::{broken, columns, padded};
use std::fmt::{self, Write};
use std::time::Duration;

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const UNKNOWN: Style = AnsiColor::Magenta.on_default();
pub(super) const FAINT: Style = Style::new().dimmed();

/// How many problems are shown with their steps beside the one that is blamed.
const MORE_PROBLEMS: usize = 3;

/// How far the text of a step is from the left, in columns.
const STEP_INDENT: usize = 5;

/// One line of the walk.
struct Line {
    mark: Mark,
    stage: Stage,
    duration: Option<Duration>,
    target: String,
    address: String,
    detail: String,
}

#[derive(Clone, Copy)]
enum Mark {
    Good,
    Doubtful,
    Bad,
    /// Nothing was seen.
    Unknown,
}

impl Mark {
    const fn sign(self) -> (Style, char) {
        match self {
            Self::Good => (GOOD, '✓'),
            Self::Doubtful => (DOUBTFUL, '!'),
            Self::Bad => (BAD, '✗'),
            Self::Unknown => (UNKNOWN, '?'),
        }
    }
}

/// The report, in colour, with sentences broken to fit `width` columns. The lines of the walk are never broken.
pub(super) fn report(words: Words, snapshot: &Snapshot, width: usize) -> Result<String, fmt::Error> {
    let mut text = String::new();
    for path in &snapshot.paths {
        write_path(words, &mut text, path, width)?;
    }
    clocks::write(words, &mut text, &snapshot.clocks)?;
    Ok(text)
}

/// How a status is shown.
const fn style_of(status: Status) -> Style {
    match status {
        Status::Ok => GOOD,
        Status::Degraded => DOUBTFUL,
        Status::Blocked => BAD,
        Status::Unknown => UNKNOWN,
    }
}

fn write_path(words: Words, out: &mut String, path: &PathReport, width: usize) -> fmt::Result {
    let verdict = &path.verdict;
    let style = style_of(verdict.status);
    writeln!(out, "{}\n", title(words, path))?;
    match &path.walk {
        Walk::Kms(walk) => write_lines(out, &kms::lines(words, walk))?,
        Walk::Online(walk) => {
            online::write_matrix(words, out, &walk.matrix(), width)?;
            write_lines(out, &online::lines(words, walk))?;
        }
    }
    writeln!(out, "\n{style}{}{style:#}", broken(&text::summary(words, &path.name, verdict), width, 0))?;
    let rest = [
        text::impact(words, &path.name, verdict),
        text::client_codes(words, verdict),
        text::unmeasured(words, verdict),
        verdict.problems.first().and_then(|blamed| machines_listed(words, blamed)),
    ];
    for sentence in rest.into_iter().flatten() {
        writeln!(out, "{}", broken(&sentence, width, 0))?;
    }
    let first_steps = text::first_steps(words, verdict);
    if !first_steps.is_empty() {
        writeln!(out, "\n{}", say!(words, "first-steps-title"))?;
        write_steps(out, &first_steps, width)?;
    }
    // Of those that are alike the first has the steps.
    let mut shown: Vec<_> = verdict.problems.first().into_iter().collect();
    let is_shown = |shown: &[&Problem], problem| shown.iter().any(|known| text::are_alike(known, problem));
    for problem in verdict.problems.iter() {
        if shown.len() > MORE_PROBLEMS || is_shown(&shown, problem) {
            continue;
        }
        shown.push(problem);
        let clause = text::together(words, problem, verdict);
        let contributes = if problem.contributes { "yes" } else { "no" };
        let stage = problem.stage.as_str();
        let heading = say!(words, "besides-title", contributes = contributes, stage = stage, problem = clause);
        writeln!(out, "\n{}", broken(&heading, width, 0))?;
        if let Some(machines) = machines_listed(words, problem) {
            writeln!(out, "{}", broken(&machines, width, 0))?;
        }
        write_steps(out, &text::next_steps(words, problem, verdict), width)?;
    }
    let rest = verdict.problems.iter().filter(|problem| !is_shown(&shown, problem)).count();
    if rest > 0 {
        writeln!(out, "\n{}", say!(words, "more-problems", count = rest))?;
    }
    writeln!(out)
}

/// A path and its status: `corp: blocked at tcp: refused`.
fn title(words: Words, path: &PathReport) -> String {
    let verdict = &path.verdict;
    let style = style_of(verdict.status);
    let status = format!("{style}{}{style:#}", say!(words, "status-word", status = verdict.status.as_str()));
    let name = &*path.name;
    let Some((stage, reason)) = verdict.stage.zip(verdict.reason) else {
        return say!(words, "path-title", path = name, status = status);
    };
    say!(words, "path-title-at", path = name, status = status, stage = stage.as_str(), reason = reason.as_str())
}

/// The machines of a problem by name, where these are more than its clause names.
fn machines_listed(words: Words, problem: &Problem) -> Option<String> {
    let more = problem.machines?.saturating_sub(problem.names.len() as u64);
    (problem.names.len() > text::NAMED)
        .then(|| say!(words, "machines-listed", names = problem.names.join(", "), more = more))
}

fn write_steps(out: &mut String, steps: &[String], width: usize) -> fmt::Result {
    for (number, step) in (1..).zip(steps) {
        writeln!(out, "  {number}. {}", broken(step, width, STEP_INDENT))?;
    }
    Ok(())
}

fn write_lines(out: &mut String, lines: &[Line]) -> fmt::Result {
    let width = |text: fn(&Line) -> &str| lines.iter().map(|line| columns(text(line))).max().unwrap_or(0);
    let (target_width, address_width) = (width(|line| &line.target), width(|line| &line.address));
    for Line { mark, stage, duration, target, address, detail } in lines {
        let (style, sign) = mark.sign();
        let time = duration.map(milliseconds).unwrap_or_default();
        let [target, address] = [padded(target, target_width), padded(address, address_width)];
        writeln!(out, "  {style}{sign}{style:#} {stage:<7} {FAINT}{time:>9}{FAINT:#}  {target}  {address}  {detail}")?;
    }
    Ok(())
}

/// Milliseconds, with as many digits as matter: `0.12 ms`, `5000 ms`.
fn milliseconds(duration: Duration) -> String {
    let value = duration.as_secs_f64() * 1000.0;
    let digits = match value {
        value if value < 1.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} ms")
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
