//! `gracewatch machines --missing`: the machines of the inventory that never reported.

use super::{BUFFER, PAGE, check};
use crate::cli::source::Source;
use crate::cli::{CommandResult, MachinesArguments, TableOutput, print};
use crate::console::table::{self, Row};
use crate::console::{DOUBTFUL, broken};
use crate::fleet::MAX_MACHINES;
use crate::report::expected::{ExpectationsJson, MissingReport};
use crate::report::sheet;
use crate::text::{Words, say};
use std::fmt::{self, Write as _};
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

pub(super) async fn run(arguments: &MachinesArguments, source: Source, words: Words) -> CommandResult {
    let wanted = arguments.limit.unwrap_or(arguments.usual_limit()).min(MAX_MACHINES as u64);
    match source {
        Source::Daemon(daemon) => {
            let list = async |offset: u64| {
                let limit = (wanted - offset).clamp(1, PAGE);
                let mut query = vec![("missing", true.to_string())];
                query.extend(arguments.name.clone().map(|name| ("name", name)));
                query.extend([("offset", offset.to_string()), ("limit", limit.to_string())]);
                daemon.get::<MissingReport<'static>>(&["api", "v1", "machines"], &query).await
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
            show(arguments, &report, words)
        }
        Source::Kept(kept) => {
            let inventory = kept.inventory(words)?;
            let (missing, counted) = (kept.fleet.missing(&inventory), kept.fleet.expectations(&inventory, kept.moment));
            let report = MissingReport::new(&missing, arguments.name.as_deref(), (0, wanted), counted, None);
            show(arguments, &report, words)
        }
    }
}

fn show(arguments: &MachinesArguments, report: &MissingReport<'_>, words: Words) -> CommandResult {
    if let Some(fault) = &report.inventory_error {
        anstream::eprintln!("gracewatch: {}", say!(words, "inventory-stays", fault = fault.as_str()));
    }
    match arguments.output {
        TableOutput::Text => print(&text(words, report, check::width())?)?,
        TableOutput::Csv => print(&sheet::missing(report)?)?,
        TableOutput::Json => {
            let mut out = BufWriter::with_capacity(BUFFER, std::io::stdout().lock());
            serde_json::to_writer_pretty(&mut out, report)?;
            out.write_all(b"\n").and_then(|()| out.flush())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How many machines are expected, and what became of them: `412 expected, 3 never reported (--missing)`.
pub(super) fn summary(words: Words, counted: &ExpectationsJson) -> String {
    say!(
        words,
        "expected-summary",
        expected = counted.expected,
        missing = counted.missing,
        silent = counted.silent,
        unlisted = counted.unlisted,
    )
}

fn text(words: Words, report: &MissingReport<'_>, width: usize) -> Result<String, fmt::Error> {
    let mut text = String::new();
    writeln!(text, "{}", broken(&summary(words, &report.inventory), width, 0))?;
    if !report.machines.is_empty() {
        writeln!(text)?;
        let heads = ["machine", "logon", "system"].map(|column| say!(words, "expected-column", column = column));
        let rows = report.machines.iter().map(|machine| {
            let texts = [Some(&machine.machine), machine.last_logon.as_ref(), machine.operating_system.as_ref()];
            let cells = texts.map(|text| text.map(ToString::to_string).unwrap_or_default());
            Row { sign: (DOUBTFUL, '!'), cells: cells.into() }
        });
        table::write(&mut text, &heads, &rows.collect::<Vec<_>>(), width)?;
    }
    let more = report.total.saturating_sub(report.machines.len() as u64);
    if more > 0 {
        let machines = say!(words, "machines-counted", count = more);
        writeln!(text, "\n{}", broken(&say!(words, "expected-not-shown", machines = machines), width, 0))?;
    }
    Ok(text)
}
