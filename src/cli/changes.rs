//! `gracewatch changes`: what changed lately.

use super::source::{self, Kept, Source};
use super::{ChangesArguments, CommandResult, PlainOutput, check, print};
use crate::catalogue::message;
use crate::cli::text::broken;
use crate::cli::text::changes::{lines, minute_of};
use crate::report::changes::{self, ChangesReport, Past};
use crate::text::{Words, say};
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
            let since = changes::since(text, moment.now)
                .map_err(|fault| message!("config-fault-at", place = format!("--since {text}"), fault = fault))?;
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
    if let Some(verdicts_since) = verdicts_since(words, report) {
        writeln!(out, "{}", broken(&verdicts_since, width, 0))?;
    }
    if report.more {
        writeln!(out, "{}", broken(&say!(words, "changes-more"), width, 0))?;
    }
    Ok(out)
}

/// Since when verdicts are known, where that is later than what was asked for.
fn verdicts_since(words: Words, report: &ChangesReport<'_>) -> Option<String> {
    match report.verdicts_since {
        None => Some(say!(words, "changes-without-verdicts")),
        Some(known) if known > report.since => Some(say!(words, "changes-verdicts-since", since = minute_of(known.0))),
        Some(_) => None,
    }
}
