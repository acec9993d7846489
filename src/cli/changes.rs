//! `gracewatch changes`: what changed lately.

use super::source::{self, Kept, Source};
use super::{ChangesArguments, CommandResult, PlainOutput, check, print};
use crate::catalogue::message;
use crate::console::broken;
use crate::console::changes::lines;
use crate::report::changes::{self, ChangesReport, Past};
use crate::state::{OfPath, PastVerdicts};
use crate::store::{Store, StoreError};
use crate::text::{Words, say};
use crate::verdict::past::PathHistory;
use crate::words::minute_of;
use jiff::Timestamp;
use std::collections::BTreeSet;
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
            let Kept { fleet, moment, dependencies, store, .. } = &*kept;
            let text = arguments.since.as_str();
            let since = changes::since(text, moment.now)
                .map_err(|fault| message!("config-fault-at", place = format!("--since {text}"), fault = fault))?;
            let (past, verdicts) = match store {
                Some(store) => (Past::read(store, since).await?, verdicts_of(store, since, moment.now).await?),
                None => (Past::default(), None),
            };
            let silent = fleet.page(&changes::silent_query(*moment, since), dependencies).into();
            let most = changes::MOST as usize;
            let report = ChangesReport::new(since, *moment, &past, &silent, verdicts.as_ref(), most);
            show(words, &report, arguments.output)
        }
    }
}

/// The verdicts that a store keeps, of all instances; `None` where it keeps none, as that of a program before this one.
async fn verdicts_of(store: &Store, since: Timestamp, now: Timestamp) -> Result<Option<PastVerdicts>, StoreError> {
    let kept = match store.past_verdicts(since).await {
        Err(error) if error.is_damage() => return Ok(None),
        kept => kept?,
    };
    let instances: BTreeSet<_> = kept.keys().map(|(instance, _)| instance.clone()).collect();
    let has_several = instances.len() > 1;
    let paths = kept.into_iter().map(|((instance, path), verdicts)| OfPath {
        instance: has_several.then(|| instance.into()),
        path,
        history: PathHistory::until(now, verdicts.into_iter()),
    });
    Ok((!instances.is_empty()).then(|| PastVerdicts::new(paths.collect())))
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
