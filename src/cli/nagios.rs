//! The report for a monitoring system that runs Nagios plug-ins: a status line with performance data, then the steps.

use crate::observation::Stage;
use crate::state::{PathReport, Snapshot};
use crate::text::{self, Words, first_steps, say};
use crate::verdict::Status;
use std::fmt::{self, Write};

pub(super) fn report(words: Words, snapshot: &Snapshot, exit_code: u8) -> Result<String, fmt::Error> {
    let word = match exit_code {
        0 => "OK",
        1 => "WARNING",
        2 => "CRITICAL",
        _ => "UNKNOWN",
    };
    // What is wrong is shown; where nothing is, that is.
    let wrong = || snapshot.paths.iter().filter(|path| path.verdict.status != Status::Ok);
    let summaries: Vec<_> = match wrong().next() {
        Some(_) => wrong().map(|path| summary(words, path)).collect(),
        None => snapshot.paths.iter().map(|path| summary(words, path)).collect(),
    };
    let data: Vec<_> = snapshot.paths.iter().map(|path| performance_data(path)).collect();
    let mut report = format!("GRACEWATCH {word} - {} | {}\n", summaries.join(" "), data.join(" "));
    for step in wrong().flat_map(|path| first_steps(words, &path.verdict)) {
        writeln!(report, "{}", plain(&step))?;
    }
    Ok(report)
}

/// The report where there is nothing to report on, for the reason given.
pub(super) fn could_not_tell(reason: &str) -> String {
    format!("GRACEWATCH UNKNOWN - {}\n", plain(reason))
}

/// What is broken, whom that hurts, and what clients show.
fn summary(words: Words, path: &PathReport) -> String {
    let (name, verdict) = (&path.name, &path.verdict);
    let more = [text::impact(words, name, verdict), text::client_codes(words, verdict)];
    let sentences = more.into_iter().flatten().fold(text::summary(words, name, verdict), |before, sentence| {
        say!(words, "two-sentences", one = before, two = sentence)
    });
    plain(&sentences)
}

/// How many targets work, out of how many, and the slowest connection.
fn performance_data(path: &PathReport) -> String {
    let name = plain(&path.name).replace(['\'', '='], "_");
    let targets = path.walk.destinations();
    let working = targets.iter().filter(|target| target.works).count();
    let connections = targets.iter().flat_map(|target| target.stages).filter(|seen| seen.stage == Stage::Tcp);
    let slowest = connections.map(|seen| seen.duration).max();
    let time = slowest.map(|slowest| format!(" '{name}_tcp'={:.6}s;;;0", slowest.as_secs_f64())).unwrap_or_default();
    format!("'{name}_targets_ok'={working};;;0;{}{time}", targets.len())
}

/// Text without the bar and the line ends that have a meaning of their own.
fn plain(text: &str) -> String {
    text.replace('|', "/").replace(['\r', '\n'], " ")
}
