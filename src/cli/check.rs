//! `gracewatch check`: one round, one report, one exit code.

use super::daemon::Daemon;
use super::progress::Progress;
use super::{COULD_NOT_TELL, CheckArguments, CommandResult, Output, configuration, errors, nagios, print};
use crate::check::{Round, target};
use crate::config::{Config, Status};
use crate::console::{self, Layout};
use crate::descriptors;
use crate::fleet::{Aggregate, Moment, Question};
use crate::intake::timekeeper::Timekeeper;
use crate::intake::{keeper, reach};
use crate::path::Path;
use crate::report::Report;
use crate::state::{PathReport, Snapshot};
use crate::store::{StoreError, StoreUrl};
use crate::text::{Words, say};
use crate::verdict;
use jiff::Timestamp;
use std::process::ExitCode;
use std::sync::Arc;

/// The narrowest terminal that anything is laid out for, in columns.
const NARROWEST: usize = 20;

pub(super) async fn run(arguments: CheckArguments, words: Words) -> CommandResult {
    let layout = Layout { width: width(), is_whole: arguments.all };
    if arguments.last || arguments.server.server.is_some() {
        return last(arguments, layout, words).await;
    }
    let progress = Progress::new();
    let mut config = configuration::load(arguments.file, words)?;
    for fault in &config.system.faults {
        progress.print(&fault.in_words(words));
    }
    if let Some(timeout) = arguments.timeout {
        config.probe.timeout = timeout;
    }
    let are_all = arguments.targets.is_empty();
    if !are_all {
        let system = config.system.clone();
        let resolution = if arguments.nameservers.is_empty() {
            system.resolution()
        } else {
            system.resolution_by(arguments.nameservers)
        };
        let configured = std::mem::take(&mut config.paths);
        let online = target::OnlineOptions::new(&arguments.proxies, arguments.server.ca_file)?;
        for text in &arguments.targets {
            progress.show(&say!(words, "looking-up", target = target::shown(text)));
            let path = if let Some(path) = configured.iter().find(|path| *path.name == **text) {
                path.clone()
            } else if text.contains("://") {
                target::online_path(text, &online, &resolution)?
            } else if online.is_given() {
                return Err(say!(words, "options-for-urls", target = target::shown(text)).into());
            } else {
                target::path(text, &resolution, config.probe.timeout).await?
            };
            // What is named twice is checked once.
            if config.paths.iter().all(|known| known.name != path.name) {
                config.paths.push(path);
            }
        }
    }
    if config.paths.is_empty() {
        return Err(say!(words, "nothing-to-check").into());
    }

    let snapshot = round(config, are_all, &progress, words).await?;
    drop(progress);
    show(words, &Report::new(&snapshot, words), arguments.output, layout)
}

/// Shows what a daemon saw last, of all its paths or of those that are named.
async fn last(arguments: CheckArguments, layout: Layout, words: Words) -> CommandResult {
    let daemon = if let Some(daemon) = Daemon::named(&arguments.server, words)? {
        daemon
    } else {
        let file = configuration::file(arguments.file, words);
        let config = Config::load_without_tokens(file.as_deref())?;
        let here = Daemon::here(&config, file.is_some(), words).await;
        here.ok_or_else(|| say!(words, "no-daemon", address = config.listen.to_string()))?
    };
    let mut report = daemon.get::<Report<'static>>(&["api", "v1", "paths"], &[]).await?;
    if let Some(missing) = arguments.targets.iter().find(|name| report.paths.iter().all(|path| path.name != **name)) {
        return Err(say!(words, "no-such-path", path = missing.as_str()).into());
    }
    report
        .paths
        .retain(|path| arguments.targets.is_empty() || arguments.targets.iter().any(|name| path.name == **name));
    show(words, &report, arguments.output, layout)
}

/// Prints a report, and ends as the worst of its paths.
fn show(words: Words, report: &Report<'_>, output: Output, layout: Layout) -> CommandResult {
    let exit_code = exit_code(report);
    print(&match output {
        Output::Text => console::checked(words, report, layout)?,
        Output::Json => serde_json::to_string_pretty(report)? + "\n",
        Output::Nagios => nagios::report(words, report, exit_code)?,
    })?;
    Ok(ExitCode::from(exit_code))
}

/// Probes everything once, and adds what the store knows of the machines on the paths. `are_all` is false where the
/// paths are not those that are configured.
pub(super) async fn round(
    mut config: Config,
    are_all: bool,
    progress: &Progress,
    words: Words,
) -> Result<Snapshot, Box<dyn std::error::Error>> {
    if let Some(lowered) = descriptors::fit(&mut config.probe.concurrency, None, descriptors::raise_limit()).first() {
        progress.print(&lowered.message().in_words(words));
    }
    let (status, paths) = (config.status.clone(), config.paths.clone());
    let mut round = Round::begin(config, None)?;
    round.done(|done, planned| progress.show(&say!(words, "probing", done = done, planned = planned))).await;
    let state = Arc::clone(round.state());
    if let Some(status) = &status {
        progress.show(&say!(words, "aggregating"));
        // Asked only now: machines depend on the paths that lead to their KMS hosts, which only DNS may show.
        let now = Timekeeper::following(Arc::clone(&state)).now();
        match fleet(status, &paths, are_all, &state.snapshot().paths, now).await {
            Ok(Some(fleet)) => {
                state.publish_fleet(fleet);
                round.judge().await;
            }
            Ok(None) => {}
            // The paths can be checked all the same.
            Err(error) => progress.print(&say!(words, "machines-not-known", error = errors::in_words(&error, words))),
        }
    }
    Ok(state.snapshot())
}

/// What the store adds up to; nothing where it is a file that is not there yet, which a check does not make.
async fn fleet(
    status: &Status,
    paths: &[Path],
    are_all: bool,
    known: &[Arc<PathReport>],
    now: Timestamp,
) -> Result<Option<Aggregate>, StoreError> {
    if matches!(&status.store, StoreUrl::Sqlite(file) if !file.exists()) {
        return Ok(None);
    }
    let fleet = keeper::read(&status.store).await?;
    let dependencies = reach::dependencies(paths, are_all, known);
    let moment = Moment { now, stale_after: status.stale_after() };
    Ok(Some(fleet.aggregate(&Question { moment, at_risk: 0, dependencies: &dependencies, inventory: None })))
}

/// The worst of all paths.
fn exit_code(report: &Report<'_>) -> u8 {
    let codes = report.paths.iter().map(|path| exit_code_of(path.verdict.status));
    // Blocked is worse than not knowing, which is worse than degraded.
    codes.max_by_key(|code| [0, 1, 3, 2].iter().position(|rank| rank == code)).unwrap_or(COULD_NOT_TELL)
}

const fn exit_code_of(status: verdict::Status) -> u8 {
    match status {
        verdict::Status::Ok => 0,
        verdict::Status::Degraded => 1,
        verdict::Status::Blocked => 2,
        verdict::Status::Unknown => COULD_NOT_TELL,
    }
}

/// How many columns the terminal has, or `COLUMNS` where that is set; without end where there is neither, so that lines
/// can be searched whole.
pub(super) fn width() -> usize {
    let reported =
        std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    let measured = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    reported.or_else(measured).map_or(usize::MAX, |columns: usize| columns.max(NARROWEST))
}
