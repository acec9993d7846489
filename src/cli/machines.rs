//! `gracewatch machines`: who falls out of activation, and when.

mod table;

use super::{CommandResult, MachinesArguments, PlainOutput, print};
use crate::config::Config;
use crate::fleet::{Fleet, MachineQuery, Moment, Question};
use crate::intake::{keeper, reach};
use crate::report::machines::MachinesReport;
use crate::text::{Words, say};
use jiff::Timestamp;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

/// How much is written at once, in bytes.
const BUFFER: usize = 64 * 1024;

/// How many a person is shown unless asked for more or fewer.
const SHOWN: u64 = 100;

pub(super) async fn run(arguments: MachinesArguments, words: Words) -> CommandResult {
    let config = Config::load(arguments.file.config.as_deref())?;
    let status = config.status.as_ref().ok_or_else(|| say!(words, "no-store"))?;
    // Nothing is looked up here, so paths are known by what is configured of them.
    let dependencies = reach::dependencies(&config.paths, true, &[]);
    let moment = Moment { now: Timestamp::now(), stale_after: status.stale_after() };
    let mut query = MachineQuery::new(moment);
    query.at_risk = arguments.at_risk;
    query.name = arguments.name;
    query.path = arguments.path;
    if let Some(path) = query.path.as_ref().filter(|path| !dependencies.has_path(path)) {
        return Err(say!(words, "no-such-path", path = path.as_str()).into());
    }
    let fleet: Fleet = keeper::read(&status.store).await?;
    match arguments.output {
        PlainOutput::Json => {
            query.limit = arguments.limit.unwrap_or(u64::MAX);
            let page = fleet.page(&query, &dependencies);
            let mut out = BufWriter::with_capacity(BUFFER, std::io::stdout().lock());
            serde_json::to_writer_pretty(&mut out, &MachinesReport::new(&page, 0, moment.now))?;
            out.write_all(b"\n").and_then(|()| out.flush())?;
        }
        PlainOutput::Text => {
            query.limit = arguments.limit.unwrap_or(SHOWN);
            let page = fleet.page(&query, &dependencies);
            let sums = fleet.aggregate(&Question { moment, at_risk: 0, dependencies: &dependencies });
            print(&table::report(words, &sums, &page, moment.now)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
