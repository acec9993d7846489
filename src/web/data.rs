//! What is asked for: data, of which the API makes JSON and a page makes HTML, in the words of whoever asks.

use super::Sources;
use super::language::in_language;
use super::rejected::Rejected;
use crate::catalogue::{Message, message};
use crate::fleet::{Inventory, Machine, MachinePage, Moment};
use crate::intake::keeper::{Keeper, Unread};
use crate::intake::service::Access;
use crate::knowledge::Language;
use crate::report::changes::{self, ChangesReport, Past, Silent};
use crate::report::history::HistoryReport;
use crate::report::machine::{self, MachineReport};
use crate::state::{PastVerdicts, PathReport, Snapshot};
use crate::store::PastChange;
use crate::text::Words;
use crate::verdict::past::PathHistory;
use crate::words::{nearest, quoted};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Why there is nothing to be shown.
#[derive(Debug)]
pub(super) enum Missing {
    Rejected(Rejected),
    /// Nothing has this name.
    Unknown {
        error: Message,
        /// What was probably meant.
        nearest: Option<String>,
        /// The machines of which several could be meant.
        machines: Vec<String>,
    },
}

/// What is said where there is nothing else to be answered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct ErrorJson {
    /// What is wrong, in English.
    error: String,
    /// The same in the language of whoever asks.
    message: String,
    /// The name that was probably meant; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    did_you_mean: Option<String>,
    /// The machines of which several could be meant; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    machines: Vec<String>,
}

impl From<Rejected> for Missing {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl Missing {
    pub(super) fn into_response(self, language: Language) -> Response {
        match self {
            Self::Rejected(rejected) => rejected.into_response(),
            Self::Unknown { error, nearest, machines } => {
                let message = error.in_words(language.into());
                let body = ErrorJson { error: error.to_string(), message, did_you_mean: nearest, machines };
                in_language((StatusCode::NOT_FOUND, Json(body)).into_response(), language)
            }
        }
    }
}

/// What is known of a path now.
pub(super) fn path(sources: &Sources, name: &str) -> Result<Arc<PathReport>, Missing> {
    let snapshot = sources.state.snapshot();
    let known = snapshot.paths.iter().find(|path| *path.name == *name);
    known.map(Arc::clone).ok_or_else(|| unknown_path(&snapshot, name))
}

fn unknown_path(snapshot: &Snapshot, name: &str) -> Missing {
    let near = nearest(name, snapshot.paths.iter().map(|path| &*path.name)).map(str::to_owned);
    let name = quoted(name);
    let error = match &near {
        Some(near) => message!("path-unknown-near", name = name, near = near),
        None => message!("path-unknown", name = name),
    };
    Missing::Unknown { error, nearest: near, machines: Vec::new() }
}

/// The verdicts that a path had.
pub(super) struct HistoryData {
    pub(super) path: Arc<str>,
    pub(super) history: PathHistory,
    pub(super) since: Timestamp,
    pub(super) now: Timestamp,
}

/// The verdicts that a path had since a moment, or a span before now such as `30d`.
pub(super) fn history(sources: &Sources, name: &str, since: &str) -> Result<HistoryData, Missing> {
    let path = path(sources, name)?;
    // Verdicts are dated by the clock of this machine, whether it is believed or not.
    let now = Timestamp::now();
    let since = moment_since(since, now)?;
    let history = sources.state.path_history(name).unwrap_or_default();
    Ok(HistoryData { path: Arc::clone(&path.name), history, since, now })
}

impl HistoryData {
    /// So many of them at the most.
    pub(super) fn report(&self, most: usize) -> HistoryReport<'_> {
        HistoryReport::new(&self.path, &self.history, self.since, self.now, most)
    }
}

/// Everything that is known of one machine.
pub(super) struct MachineData {
    page: MachinePage,
    /// The place of the machine on the page.
    place: usize,
    past: Vec<PastChange>,
    snapshot: Snapshot,
    now: Timestamp,
}

/// Finds a machine by its name, its short one, or a part of it that no other has.
pub(super) async fn machine(sources: &Sources, name: &str) -> Result<MachineData, Missing> {
    let (access, keeper) = kept(sources).await?;
    let moment = moment(access);
    let page = keeper.page_of(name.to_owned(), machine::query(name, moment), access.dependencies()).await;
    let found = machine::find(&page, name).map(|found| found.machine.name.clone());
    let name_of = match found {
        Ok(found) => found,
        Err(missing) => return Err(unknown_machine(sources, &keeper, name, missing.candidates).await),
    };
    let place = page.machines.iter().position(|known| known.machine.name == name_of).unwrap_or_default();
    let of = name_of.clone();
    let past =
        keeper.read_past(async move |store| store.past_changes(Timestamp::MIN, Some(&of), machine::PAST).await).await;
    let past = past.map_err(|error| unread(sources, error))?;
    Ok(MachineData { page, place, past, snapshot: sources.state.snapshot(), now: moment.now })
}

async fn unknown_machine(sources: &Sources, keeper: &Keeper, name: &str, machines: Vec<String>) -> Missing {
    let expected = sources.state.known().inventory.and_then(|known| known.inventory);
    if let Some(expected) = expected.as_deref().and_then(|inventory| inventory.find(name)) {
        let error = message!("machine-never-reported", name = expected.name.to_string());
        return Missing::Unknown { error, nearest: None, machines };
    }
    let near = if machines.is_empty() { keeper.nearest(name).await } else { None };
    let name = quoted(name);
    let error = match &near {
        Some(near) => message!("machine-not-meant-near", name = name, near = near),
        None => message!("machine-not-meant", name = name),
    };
    Missing::Unknown { error, nearest: near, machines }
}

impl MachineData {
    /// The machine; `None` where there is none, which is never.
    pub(super) fn found(&self) -> Option<&Machine> {
        self.page.machines.get(self.place)
    }

    /// The report of it; `None` where there is none, which is never.
    pub(super) fn report(&self, words: Words) -> Option<MachineReport<'_>> {
        let machine = self.found()?;
        Some(MachineReport::new(machine, &self.past, Some(&self.snapshot), self.now, words))
    }
}

/// What changed since a moment.
#[derive(Debug)]
pub(super) struct ChangesData {
    since: Timestamp,
    moment: Moment,
    past: Past,
    silent: Silent,
    verdicts: PastVerdicts,
}

/// What changed since a moment, or a span before now such as `1d`. Where no reports are kept, verdicts alone.
pub(super) async fn changes(sources: &Sources, since: &str) -> Result<ChangesData, Missing> {
    let verdicts = sources.state.past_verdicts();
    if sources.status.is_none() {
        let moment = Moment { now: Timestamp::now(), stale_after: SignedDuration::ZERO };
        let since = moment_since(since, moment.now)?;
        return Ok(ChangesData { since, moment, past: Past::default(), silent: Silent::default(), verdicts });
    }
    let (access, keeper) = kept(sources).await?;
    let moment = moment(access);
    let since = moment_since(since, moment.now)?;
    let past = keeper
        .read_past(async move |store| Past::read(&store, since).await)
        .await
        .map_err(|error| unread(sources, error))?;
    let silent = keeper.page(changes::silent_query(moment, since), access.dependencies()).await.into();
    Ok(ChangesData { since, moment, past, silent, verdicts })
}

impl ChangesData {
    /// So many of them at the most.
    pub(super) fn report(&self, most: usize) -> ChangesReport<'_> {
        ChangesReport::new(self.since, self.moment, &self.past, &self.silent, Some(&self.verdicts), most)
    }
}

/// The moment that is meant by a parameter `since`.
pub(super) fn moment_since(text: &str, now: Timestamp) -> Result<Timestamp, Rejected> {
    changes::since(text, now)
        .map_err(|fault| Rejected::bad_request(message!("parameter-since", value = quoted(text), fault = fault)))
}

/// How many are asked for: 1 to `most`.
pub(super) fn limit(asked: Option<u64>, usual: usize, most: usize) -> Result<usize, Rejected> {
    let Some(asked) = asked else { return Ok(usual) };
    let limit = usize::try_from(asked).ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| Rejected::bad_request(message!("parameter-limit", value = asked, most = most)))
}

/// The service that keeps reports, and what it keeps.
pub(super) async fn kept(sources: &Sources) -> Result<(&Access, Keeper), Rejected> {
    let access = sources.status.as_ref().ok_or_else(no_store)?;
    let keeper = access.keeper().await.ok_or_else(store_unavailable)?;
    Ok((access, keeper))
}

/// What is answered where the past is not read.
fn unread(sources: &Sources, unread: Unread) -> Rejected {
    match unread {
        Unread::Busy => past_busy(sources),
        Unread::Failed(error) => Rejected::unavailable((&error).into()),
    }
}

/// What is answered where others read the past for too long.
pub(super) fn past_busy(sources: &Sources) -> Rejected {
    sources.counters.http().past_rejected();
    Rejected::unavailable(message!("past-busy"))
}

/// The machines that are expected, and why they are not those of the inventory as it is now.
pub(super) fn inventory(sources: &Sources) -> Result<(Arc<Inventory>, Option<Message>), Rejected> {
    let known = sources.state.known().inventory;
    let known = known.ok_or_else(|| Rejected(StatusCode::NOT_FOUND, message!("inventory-not-configured")))?;
    match (known.inventory, known.fault) {
        (Some(inventory), fault) => Ok((inventory, fault)),
        (None, Some(fault)) => Err(Rejected::unavailable(message!("inventory-not-read", fault = fault))),
        (None, None) => Err(Rejected::unavailable(message!("inventory-being-read"))),
    }
}

/// What is answered where no reports are kept.
pub(super) fn no_store() -> Rejected {
    Rejected(StatusCode::NOT_FOUND, message!("no-store"))
}

/// What is answered as long as the store was never read.
pub(super) fn store_unavailable() -> Rejected {
    Rejected::unavailable(message!("store-not-read"))
}

pub(super) fn moment(access: &Access) -> Moment {
    Moment { now: access.now(), stale_after: access.settings.borrow().status.stale_after() }
}
