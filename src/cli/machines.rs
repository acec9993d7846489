//! `gracewatch machines`: who loses activation and when, or everything about one machine.

mod list;
mod missing;
mod story;
#[cfg(test)]
mod tests;

use super::source::{self, Kept, Source};
use super::{CommandResult, MachineSortArgument, MachinesArguments, TableOutput, check, print};
use crate::fleet::{MAX_MACHINES, MachineQuery, MachineSort, Question};
use crate::report::machine::{self, MachineReport};
use crate::report::machines::{MachinesReport, RunwayReport};
use crate::report::sheet;
use crate::text::{self, Words, say};
use std::io::{BufWriter, Write};
use std::process::ExitCode;

/// How much is written at once, in bytes.
const BUFFER: usize = 64 * 1024;

/// How many a person is shown unless asked for more or fewer, and how many a daemon answers at once.
const SHOWN: u64 = 100;
const PAGE: u64 = 1000;

pub(super) async fn run(arguments: MachinesArguments, words: Words) -> CommandResult {
    let MachinesArguments { file, server, .. } = &arguments;
    let source = source::open(server, file.clone(), words).await?;
    match (&arguments.machine, source) {
        (Some(name), source) => one(name, source, arguments.output, words).await,
        (None, source) if arguments.missing => missing::run(&arguments, source, words).await,
        (None, Source::Daemon(daemon)) => {
            // No daemon knows more, whatever one says.
            let wanted = arguments.limit.unwrap_or(arguments.usual_limit()).min(MAX_MACHINES as u64);
            let list = async |offset: u64| {
                let mut query = arguments.parameters();
                query.push(("offset", offset.to_string()));
                query.push(("limit", (wanted - offset).clamp(1, PAGE).to_string()));
                daemon.get::<MachinesReport<'static>>(&["api", "v1", "machines"], &query).await
            };
            let mut report = list(0).await?;
            while (report.machines.len() as u64) < wanted.min(report.total) {
                let next = list(report.machines.len() as u64).await?;
                if next.machines.is_empty() {
                    break;
                }
                report = report.and(next);
            }
            report.machines.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
            let totals = match arguments.output {
                TableOutput::Text => Some(daemon.get::<RunwayReport<'static>>(&["api", "v1", "runway"], &[]).await?),
                TableOutput::Json | TableOutput::Csv => None,
            };
            show(&arguments, &report, totals.as_ref(), words)
        }
        (None, Source::Kept(kept)) => {
            let inventory = match kept.inventory(words) {
                Ok(inventory) => Some(inventory),
                Err(fault) if arguments.unlisted => return Err(fault.into()),
                Err(_) => None,
            };
            let Kept { fleet, moment, dependencies, .. } = &*kept;
            let mut query = arguments.query(&kept);
            query.unlisted_in = inventory.clone().filter(|_| arguments.unlisted);
            if let Some(path) = query.path.as_ref().filter(|path| !dependencies.has_path(path)) {
                return Err(say!(words, "no-such-path", path = path.as_str()).into());
            }
            let page = fleet.page(&query, dependencies);
            let report = MachinesReport::new(&page, 0, moment.now);
            let totals = fleet.aggregate(&Question {
                moment: *moment,
                at_risk: 0,
                dependencies,
                inventory: inventory.as_deref(),
            });
            show(&arguments, &report, Some(&RunwayReport::new(&totals)), words)
        }
    }
}

impl MachinesArguments {
    fn usual_limit(&self) -> u64 {
        if self.output == TableOutput::Text { SHOWN } else { u64::MAX }
    }

    /// What is asked of the fleet.
    fn query(&self, kept: &Kept) -> MachineQuery {
        MachineQuery {
            at_risk: self.at_risk,
            name: self.name.clone(),
            product: self.product.clone(),
            path: self.path.clone(),
            expiring_within_days: self.within,
            lost: self.lost,
            stale: self.stale.then_some(true),
            overdue: self.overdue,
            sort: match self.sort {
                MachineSortArgument::Expiry => MachineSort::Expiry,
                MachineSortArgument::Name => MachineSort::Name,
                MachineSortArgument::Reported => MachineSort::ReportedAt,
                MachineSortArgument::Overdue => MachineSort::Overdue,
            },
            limit: self.limit.unwrap_or(self.usual_limit()),
            ..MachineQuery::new(kept.moment)
        }
    }

    /// The same as a daemon is asked.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let texts = [("name", &self.name), ("product", &self.product), ("path", &self.path)];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text.clone()?)));
        let flags = [
            ("at_risk", self.at_risk),
            ("lost", self.lost),
            ("stale", self.stale),
            ("overdue", self.overdue),
            ("unlisted", self.unlisted),
        ];
        let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(key, _)| (key, true.to_string()));
        let within = self.within.map(|days| ("within", days.to_string()));
        texts.chain(flags).chain(within).chain([("sort", self.sort.as_str().to_owned())]).collect()
    }
}

/// Prints a list.
fn show(
    arguments: &MachinesArguments,
    report: &MachinesReport<'_>,
    totals: Option<&RunwayReport<'_>>,
    words: Words,
) -> CommandResult {
    match arguments.output {
        TableOutput::Text => {
            print(&list::report(words, totals, report, arguments.product.as_deref(), check::width())?)?;
        }
        TableOutput::Csv => print(&sheet::report(report)?)?,
        TableOutput::Json => {
            let mut out = BufWriter::with_capacity(BUFFER, std::io::stdout().lock());
            serde_json::to_writer_pretty(&mut out, report)?;
            out.write_all(b"\n").and_then(|()| out.flush())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints everything about one machine.
async fn one(name: &str, source: Source, output: TableOutput, words: Words) -> CommandResult {
    if !machine::is_a_name(name) {
        return Err(say!(words, "no-such-machine", name = name).into());
    }
    match source {
        Source::Daemon(daemon) => {
            let report = daemon.get::<MachineReport<'static>>(&["api", "v1", "machines", name], &[]).await?;
            show_one(&report, output, words)
        }
        Source::Kept(kept) => {
            let Kept { fleet, moment, dependencies, store, .. } = &*kept;
            let page = fleet.page_of(name, &machine::query(name, *moment), dependencies);
            let found = machine::find(&page, name).map_err(|missing| {
                let names = text::joined(words, &missing.candidates);
                if missing.candidates.is_empty() {
                    say!(words, "no-such-machine", name = name)
                } else {
                    say!(words, "no-such-machine-but", name = name, names = names)
                }
            })?;
            let past = match store {
                Some(store) => {
                    store.past_changes(jiff::Timestamp::MIN, Some(&found.machine.name), machine::PAST).await?
                }
                None => Vec::new(),
            };
            show_one(&MachineReport::new(found, &past, None, moment.now, words), output, words)
        }
    }
}

fn show_one(report: &MachineReport<'_>, output: TableOutput, words: Words) -> CommandResult {
    print(&match output {
        TableOutput::Text => story::report(words, report, check::width())?,
        TableOutput::Json => serde_json::to_string_pretty(report)? + "\n",
        TableOutput::Csv => sheet::of_machine(&report.machine)?,
    })?;
    Ok(ExitCode::SUCCESS)
}
