//! The report for a person: a block to each path, the worst first, and a line that counts them.

mod broken;
pub(crate) mod changes;
mod clocks;
pub(crate) mod explain;
mod matrix;
mod rows;
pub(crate) mod table;

use crate::report::order::{besides, machines_listed, worst_first};
use crate::report::{PathJson, Report};
#[cfg(test)]
use crate::state::Snapshot;
use crate::text::{self, Words, say};
use crate::verdict::Status;
use anstyle::{AnsiColor, Style};
pub(crate) use broken::{broken, columns, cut, padded};
use std::fmt::{self, Write};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const UNKNOWN: Style = AnsiColor::Magenta.on_default();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// How many problems are shown with their steps beside the one that is blamed.
const MORE_PROBLEMS: usize = 3;

/// How many paths of a status the last line names.
const NAMED: usize = 10;

/// How far the text of a step is from the left, in columns.
const STEP_INDENT: usize = 5;

/// How a report is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// How many columns there are.
    pub(crate) width: usize,
    /// True where what is as it should be is shown as well.
    pub(crate) is_whole: bool,
}

/// The report of a round as the tests keep it, in colour, in lines of `width` columns at the most.
#[cfg(test)]
fn report(words: Words, snapshot: &Snapshot, width: usize) -> Result<String, fmt::Error> {
    checked(words, &Report::new(snapshot, words), Layout { width, is_whole: false })
}

/// The same of what was measured here or asked of a daemon.
pub(crate) fn checked(words: Words, report: &Report<'_>, layout: Layout) -> Result<String, fmt::Error> {
    let mut text = String::new();
    let paths = worst_first(report);
    let mut was_block = false;
    for (number, path) in paths.iter().enumerate() {
        let block = block(words, path, layout)?;
        // What has one line each needs nothing between.
        let is_block = block.lines().nth(1).is_some();
        if number > 0 && (is_block || was_block) {
            writeln!(text)?;
        }
        text.push_str(&block);
        was_block = is_block;
    }
    if layout.is_whole && !report.clock.sources.is_empty() || clocks::matter(report) {
        writeln!(text)?;
        clocks::write(words, &mut text, &report.clock, layout.is_whole, layout.width)?;
    }
    if paths.len() > 1 {
        writeln!(text, "\n{}", broken(&totals(words, &paths), layout.width, 0))?;
    }
    Ok(text)
}

/// How many paths there are of each status: `3 paths: 1 ok, 2 blocked (branch, microsoft)`.
pub(crate) fn totals(words: Words, worst_first: &[&PathJson<'_>]) -> String {
    let of = |status: Status| {
        let names: Vec<&str> =
            worst_first.iter().filter(|path| path.verdict.status == status).map(|path| &*path.name).collect();
        let more = names.len().saturating_sub(NAMED);
        let listed = text::joined(words, names.iter().take(NAMED));
        let status_word = say!(words, "status-word", status = status.as_str());
        match (names.len(), status) {
            (0, _) => None,
            (count, Status::Ok) => Some(say!(words, "paths-ok", count = count, status = status_word)),
            (count, _) => {
                Some(say!(words, "paths-of-status", count = count, status = status_word, names = listed, more = more))
            }
        }
    };
    let counts = [Status::Ok, Status::Degraded, Status::Unknown, Status::Blocked].into_iter().filter_map(of);
    let counts = text::joined(words, counts);
    say!(words, "paths-counted", count = worst_first.len(), counts = counts)
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

/// What there is to say of a path: its verdict, whom that hurts, what to do, and what was seen.
fn block(words: Words, path: &PathJson<'_>, layout: Layout) -> Result<String, fmt::Error> {
    let Layout { width, is_whole } = layout;
    let verdict = &path.verdict;
    let style = style_of(verdict.status);
    let mut seen = String::new();
    if let Some(matrix) = &path.matrix {
        matrix::write(words, &mut seen, matrix, is_whole, width)?;
    }
    rows::write(words, &mut seen, path, is_whole, width)?;
    let passed = rows::passed(path);
    let checks = say!(words, "checks-passed", count = passed);
    let title = title(words, path);
    let mut out = String::new();
    if verdict.status == Status::Ok && seen.is_empty() && verdict.problems.is_empty() {
        let line =
            say!(words, "path-fine", title = title.as_str(), summary = verdict.summary.as_str(), checks = checks);
        let line = broken(&line, width, 0);
        let line = line.strip_prefix(&title).map(|rest| format!("{style}{title}{style:#}{rest}")).unwrap_or(line);
        writeln!(out, "{line}")?;
        // The machines that wait for it are shown where there are any.
        let is_hurt = path.runway.as_ref().is_some_and(|runway| runway.lost > 0 || runway.within_week() > 0);
        if let Some(impact) = verdict.impact.as_ref().filter(|_| is_hurt) {
            writeln!(out, "  {}", broken(impact, width, 2))?;
        }
        return Ok(out);
    }
    writeln!(out, "{style}{}{style:#}", broken(&title, width, 0))?;
    let blamed = verdict.problems.first();
    let sentences =
        [Some(&verdict.summary), verdict.impact.as_ref(), verdict.clients_show.as_ref(), verdict.unmeasured.as_ref()];
    let machines = blamed.and_then(|blamed| machines_listed(words, blamed));
    for sentence in sentences.into_iter().flatten().chain(&machines) {
        writeln!(out, "{}", broken(sentence, width, 0))?;
    }
    if !verdict.next_steps.is_empty() {
        writeln!(out, "\n{}", say!(words, "first-steps-title"))?;
        write_steps(&mut out, &verdict.next_steps, width)?;
    }
    let more = if is_whole { usize::MAX } else { MORE_PROBLEMS };
    let (shown, rest) = besides(path, more);
    for problem in shown {
        let clause = problem.together.as_deref().unwrap_or(&problem.summary);
        let contributes = if problem.contributes { "yes" } else { "no" };
        let stage = &*problem.stage;
        let heading = say!(words, "besides-title", contributes = contributes, stage = stage, problem = clause);
        writeln!(out, "\n{}", broken(&heading, width, 0))?;
        if let Some(machines) = machines_listed(words, problem) {
            writeln!(out, "{}", broken(&machines, width, 0))?;
        }
        write_steps(&mut out, &problem.next_steps, width)?;
    }
    if rest > 0 {
        writeln!(out, "\n{}", broken(&say!(words, "more-problems", count = rest), width, 0))?;
    }
    if seen.is_empty() && passed == 0 {
        return Ok(out);
    }
    writeln!(out)?;
    if !seen.is_empty() {
        writeln!(out, "{}", seen.trim_end_matches('\n'))?;
    }
    if passed > 0 && !is_whole {
        let line = say!(words, "checks-passed-and-hidden", checks = checks);
        writeln!(out, "  {GOOD}✓{GOOD:#} {}", broken(&line, width, 4))?;
    }
    Ok(out)
}

/// A path and its status: `corp: blocked at tcp: refused`.
pub(crate) fn title(words: Words, path: &PathJson<'_>) -> String {
    let verdict = &path.verdict;
    let status = say!(words, "status-word", status = verdict.status.as_str());
    let name = &*path.name;
    let Some((stage, reason)) = verdict.stage.as_deref().zip(verdict.reason.as_deref()) else {
        return say!(words, "path-title", path = name, status = status);
    };
    say!(words, "path-title-at", path = name, status = status, stage = stage, reason = reason)
}

pub(crate) fn write_steps(out: &mut String, steps: &[String], width: usize) -> fmt::Result {
    for (number, step) in (1..).zip(steps) {
        writeln!(out, "  {number}. {}", broken(step, width, STEP_INDENT))?;
    }
    Ok(())
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
