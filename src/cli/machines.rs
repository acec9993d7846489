//! `gracewatch machines`: who falls out of activation, and when.

mod table;

use super::{CommandResult, MachinesArguments, PlainOutput, print};
use crate::config::{Config, NO_STORE};
use crate::fleet::dependents::Dependents;
use crate::report::machines::MachinesReport;
use crate::store::{MachinePage, MachineQuery, Store, StoreError};
use jiff::Timestamp;
use std::process::ExitCode;

/// How many machines are asked for at once.
const PAGE: u32 = 1000;

/// How many a person is shown unless told otherwise.
const SHOWN: u64 = 100;

pub(super) async fn run(arguments: MachinesArguments) -> CommandResult {
    let config = Config::load(arguments.file.config.as_deref())?;
    let status = config.status.as_ref().ok_or(NO_STORE)?;
    let store = Store::open(&status.store).await?;
    // Nothing is looked up here, so paths are known by what is configured of them.
    let dependents = Dependents::new(&config.paths, true, &[], &store.kms_host_names().await?);
    let now = Timestamp::now();
    let mut query = MachineQuery::new(now, status.stale_after());
    query.at_risk = arguments.at_risk;
    query.name = arguments.name;
    if let Some(path) = &arguments.path {
        let claim = dependents.claim_of(path).cloned();
        query.path = Some(claim.ok_or_else(|| format!("`{path}`: no path has this name"))?);
    }
    match arguments.output {
        PlainOutput::Json => {
            let page = all(&store, query, arguments.limit.unwrap_or(u64::MAX)).await?;
            let report = MachinesReport::new(&page, 0, &dependents, now);
            print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
        }
        PlainOutput::Text => {
            let fleet = store.fleet(&dependents.question(status, 0)).await?;
            let page = all(&store, query, arguments.limit.unwrap_or(SHOWN)).await?;
            print(&table::report(&fleet, &page, &dependents, now)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks for page after page, up to a limit.
async fn all(store: &Store, mut query: MachineQuery, limit: u64) -> Result<MachinePage, StoreError> {
    let mut all = MachinePage::default();
    loop {
        let left = limit.saturating_sub(query.offset);
        query.limit = u32::try_from(left).unwrap_or(PAGE).min(PAGE);
        if left == 0 {
            return Ok(all);
        }
        let page = store.machines(&query).await?;
        let count = page.machines.len() as u64;
        query.offset += count;
        all.total = page.total;
        all.machines.extend(page.machines);
        if count == 0 || query.offset >= all.total {
            return Ok(all);
        }
    }
}
