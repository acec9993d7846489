//! `gracewatch changes`: what changed lately.

use super::source::{self, Kept, Source};
use super::{ChangesArguments, CommandResult, PlainOutput, check, print};
use crate::cli::machines::minute_of;
use crate::cli::text::table::{self, Row};
use crate::cli::text::{BAD, DOUBTFUL, GOOD, broken};
use crate::license::LicenseStatus;
use crate::report::changes::{self, ChangeJson, ChangesReport, Past};
use crate::text::{self, Words, say};
use crate::verdict::Status;
use anstyle::Style;
use std::fmt::{self, Write};
use std::process::ExitCode;

pub(super) async fn run(arguments: ChangesArguments, words: Words) -> CommandResult {
    match source::open(&arguments.server, arguments.file, words).await? {
        Source::Daemon(daemon) => {
            let since = [("since", arguments.since)];
            let report = daemon.get::<ChangesReport<'static>>(&["api", "v1", "changes"], &since).await?;
            show(words, &report, arguments.output)
        }
        Source::Kept(kept) => {
            let Kept { fleet, moment, dependencies, store } = &*kept;
            let text = arguments.since.as_str();
            let since = changes::since(text, moment.now).map_err(|error| format!("--since {text}: {error}"))?;
            let past = match store {
                Some(store) => Past::read(store, since).await?,
                None => Past::default(),
            };
            let silent = fleet.page(&changes::silent_query(*moment), dependencies);
            show(words, &ChangesReport::new(since, *moment, &past, &silent, None), arguments.output)
        }
    }
}

fn show(words: Words, report: &ChangesReport<'_>, output: PlainOutput) -> CommandResult {
    print(&match output {
        PlainOutput::Text => text_of(words, report, check::width())?,
        PlainOutput::Json => serde_json::to_string_pretty(report)? + "\n",
    })?;
    Ok(ExitCode::SUCCESS)
}

fn text_of(words: Words, report: &ChangesReport<'_>, width: usize) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let since = minute_of(report.since.0);
    let head = say!(words, "changes-title", count = report.changes.len(), since = since);
    writeln!(out, "{}", broken(&head, width, 0))?;
    lines(words, &mut out, &report.changes, true, width)?;
    if report.more {
        writeln!(out, "{}", broken(&say!(words, "changes-more"), width, 0))?;
    }
    Ok(out)
}

/// A line to each change; with the machine where they are not all of one.
pub(super) fn lines(
    words: Words,
    out: &mut String,
    changes: &[ChangeJson<'_>],
    with_machine: bool,
    width: usize,
) -> fmt::Result {
    let row = |change: &ChangeJson<'_>| {
        let (sign, who, what) = told(words, change);
        let who = if with_machine { who } else { String::new() };
        Row { sign, cells: vec![minute_of(change.at().0), who, what] }
    };
    table::write(out, &[], &changes.iter().map(row).collect::<Vec<_>>(), width)
}

/// How a change is to be taken, what changed, and how.
fn told(words: Words, change: &ChangeJson<'_>) -> ((Style, char), String, String) {
    match change {
        ChangeJson::License { machine, product, from_status, to_status, reason_code, .. } => {
            let status = |number: Option<u8>| number.and_then(|number| LicenseStatus::from_number(number.into()));
            let code = reason_code.filter(|code| code.is_failure());
            let from = text::license_status(words, status(*from_status), None);
            let to = text::license_status(words, status(*to_status), code);
            let product = product.as_deref().map_or_else(|| say!(words, "unknown-product"), str::to_owned);
            let sign = match status(*to_status) {
                Some(LicenseStatus::Licensed) => (GOOD, '✓'),
                Some(status) if status.is_lost() => (BAD, '✗'),
                _ => (DOUBTFUL, '!'),
            };
            (sign, machine.to_string(), say!(words, "change-license", product = product, from = from, to = to))
        }
        ChangeJson::Silent { machine, reported_at, .. } => {
            let what = say!(words, "change-silent", day = minute_of(reported_at.0));
            ((DOUBTFUL, '!'), machine.to_string(), what)
        }
        ChangeJson::Gone { machine, .. } => ((DOUBTFUL, '!'), machine.to_string(), say!(words, "change-gone")),
        ChangeJson::Verdict { path, verdict, stage, reason, .. } => {
            let status = say!(words, "status-word", status = verdict.as_str());
            let what = match stage.as_deref().zip(reason.as_deref()) {
                Some((stage, reason)) => {
                    say!(words, "change-verdict-at", status = status, stage = stage, reason = reason)
                }
                None => say!(words, "change-verdict", status = status),
            };
            let sign = match verdict {
                Status::Ok => (GOOD, '✓'),
                Status::Blocked => (BAD, '✗'),
                Status::Degraded | Status::Unknown => (DOUBTFUL, '!'),
            };
            (sign, say!(words, "change-path", path = &**path), what)
        }
    }
}
