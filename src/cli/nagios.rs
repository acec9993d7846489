//! The report for a monitoring system that runs Nagios plug-ins: a status line with performance data, then a block to
//! each problem, with the name of its path.

use crate::console::{title, totals};
use crate::report::order::{besides, machines_listed, worst_first};
use crate::report::{PathJson, Report};
use crate::text::{Words, say};
use crate::verdict::Status;
use std::fmt::{self, Write};

pub(super) fn report(words: Words, report: &Report<'_>, exit_code: u8) -> Result<String, fmt::Error> {
    let word = match exit_code {
        0 => "OK",
        1 => "WARNING",
        2 => "CRITICAL",
        _ => "UNKNOWN",
    };
    let paths = worst_first(report);
    let wrong: Vec<_> = paths.iter().copied().filter(|path| path.verdict.status != Status::Ok).collect();
    // Of several paths the first line counts them all and names the worst.
    let shown = match (wrong.as_slice(), paths.as_slice()) {
        ([], [only]) | ([only], [_]) => shown(words, only),
        ([], _) => totals(words, &paths),
        ([worst, ..], _) => say!(words, "two-sentences", one = totals(words, &paths) + ".", two = shown(words, worst)),
    };
    let data = report.paths.iter().map(performance_data).collect::<Result<Vec<_>, _>>()?;
    let mut text = format!("GRACEWATCH {word} - {} | {}\n", plain(&shown), data.join(" "));
    for path in &wrong {
        write_problems(words, &mut text, path, wrong.len() > 1)?;
    }
    Ok(text)
}

/// The report where there is nothing to report on, for the reason given.
pub(super) fn unknown(reason: &str) -> String {
    format!("GRACEWATCH UNKNOWN - {}\n", plain(reason))
}

/// What is broken, whom that hurts, and what clients show.
fn shown(words: Words, path: &PathJson<'_>) -> String {
    let verdict = &path.verdict;
    let more = [&verdict.impact, &verdict.clients_show];
    more.into_iter().flatten().fold(verdict.summary.clone(), |before, sentence| {
        say!(words, "two-sentences", one = before, two = sentence.as_str())
    })
}

/// A block to each problem: its path, what is wrong, and what to do.
fn write_problems(words: Words, out: &mut String, path: &PathJson<'_>, with_summary: bool) -> fmt::Result {
    writeln!(out, "{}", plain(&title(words, path)))?;
    if with_summary {
        writeln!(out, "{}", plain(&shown(words, path)))?;
    }
    write_steps(out, &path.verdict.next_steps)?;
    let (others, rest) = besides(path, usize::MAX);
    for problem in others {
        let clause = problem.together.as_deref().unwrap_or(&problem.summary);
        writeln!(out, "{} [{}: {}]: {}", plain(&path.name), problem.stage, problem.reason, plain(clause))?;
        if let Some(machines) = machines_listed(words, problem) {
            writeln!(out, "{}", plain(&machines))?;
        }
        write_steps(out, &problem.next_steps)?;
    }
    if rest > 0 {
        writeln!(out, "{}", plain(&say!(words, "more-problems", count = rest)))?;
    }
    Ok(())
}

fn write_steps(out: &mut String, steps: &[String]) -> fmt::Result {
    (1..).zip(steps).try_for_each(|(number, step)| writeln!(out, "  {number}. {}", plain(step)))
}

/// How many targets work, out of how many, the slowest connection, and how the machines are that depend on the path.
fn performance_data(path: &PathJson<'_>) -> Result<String, fmt::Error> {
    let name = plain(&path.name).replace(['\'', '='], "_");
    let targets: Vec<_> = path.targets.iter().filter_map(|target| Some((target.works?, target))).collect();
    let working = targets.iter().filter(|(works, _)| *works).count();
    let mut data = format!("'{name}_targets_ok'={working};;;0;{}", targets.len());
    let connections = targets.iter().flat_map(|(_, target)| &target.stages).filter(|seen| seen.stage == "tcp");
    if let Some(slowest) = connections.map(|seen| seen.duration_seconds).max_by(f64::total_cmp) {
        write!(data, " '{name}_tcp'={slowest:.6}s;;;0")?;
    }
    if let Some(runway) = &path.runway {
        let counts = [("lost", runway.lost), ("7d", runway.within_week()), ("overdue", runway.renewal_overdue)];
        for (what, count) in counts {
            write!(data, " '{name}_{what}'={count};;;0;{}", runway.machines)?;
        }
    }
    Ok(data)
}

/// Text without the bar and the line ends that have a meaning of their own.
fn plain(text: &str) -> String {
    text.replace('|', "/").replace(['\r', '\n'], " ")
}
