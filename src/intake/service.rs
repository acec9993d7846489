//! What runs in the daemon: opens the store and reads it, takes reports in, processes the inbox, reads what other
//! programs write, and aggregates the fleet.

use super::health::{Health, Use};
use super::importer::Importer;
use super::inbox::{self, Inbox};
use super::inventory;
use super::keeper::Keeper;
use super::reach::{self, Reached};
use super::settings::Settings;
use super::timekeeper::Timekeeper;
use super::writer::{self, Queue, Writer};
use super::{upkeep, verdicts};
use crate::counters::{Counters, StoreCounters};
use crate::fleet::{Aggregate, Dependencies, Inventory, Moment};
use crate::state::State;
use crate::store::{Aside, Seen, Store, StoreError, StoreUrl};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, info, warn};

/// From one attempt to open the store to the next.
const RETRY: Duration = Duration::from_secs(5);

/// How long an attempt may take: as long as a large fleet needs to be read.
const ATTEMPT: Duration = Duration::from_mins(10);

/// From one line about a store that still cannot be opened, for the same reason, to the next.
const EVERY: Duration = Duration::from_mins(1);

/// How long the store may take to close, so that recent writes are in its file.
const CLOSING: Duration = Duration::from_millis(300);

/// How long it may take to write the last verdicts before that.
const FLUSHING: Duration = Duration::from_millis(250);

/// How long its folder may take to answer then.
const LOOKING: Duration = Duration::from_millis(600);

/// How long it may take to close where something else wrote to it, and all that is known may have to be written again.
const RESTORING: Duration = Duration::from_secs(10);

/// How often it is looked whether other programs wrote something.
const POLL: Duration = Duration::from_secs(2);

/// The least time from one aggregation to the next.
const PAUSE: Duration = Duration::from_secs(2);

/// How many times as long as aggregating took that pause is at the least, so that a large fleet leaves the processor to
/// the reports that come in.
const SHARE: u32 = 4;

/// How long it may take longer where nothing is reported: the paths may lead elsewhere, and time passes.
const REFRESH: Duration = Duration::from_secs(13);

/// How long the first round is waited for, and how often that is looked at.
const FIRST_ROUND: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(50);

/// How long a request waits for the store to be opened and read for the first time.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the store.
#[derive(Debug, Clone)]
enum Opening {
    /// It is being opened and read for the first time.
    Begun,
    /// It is unavailable, and retried.
    Failed,
    /// It is read.
    Done(Keeper),
}

/// What the rest of the program needs of the service.
#[derive(Debug, Clone)]
pub struct Access {
    opening: watch::Receiver<Opening>,
    dependencies: watch::Receiver<Option<Arc<Dependencies>>>,
    time: Timekeeper,
    state: Arc<State>,
    /// Takes inputs.
    pub importer: Importer,
    /// The settings in force.
    pub settings: watch::Receiver<Settings>,
}

impl Access {
    /// The fleet and its store; `None` while the store is unavailable. At the start it is waited for, but not for long.
    pub async fn keeper(&self) -> Option<Keeper> {
        let mut opening = self.opening.clone();
        let known = timeout(PATIENCE, opening.wait_for(|opening| !matches!(opening, Opening::Begun))).await;
        match known.ok().and_then(Result::ok).as_deref() {
            Some(Opening::Done(keeper)) => Some(keeper.clone()),
            _ => None,
        }
    }

    /// What time it is, as far as that can be believed.
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Moves what was written lately into the file of the store, and closes it. To be called once nothing writes any
    /// more.
    pub async fn close(&self) {
        let Opening::Done(keeper) = self.opening.borrow().clone() else { return };
        let closing = async {
            keeper.checkpoint().await?;
            // What is moved is looked at once more.
            keeper.refresh().await.map(|_| ())
        };
        let looked = match timeout(LOOKING, keeper.store().look_at_place()).await {
            Err(_) | Ok(Err(StoreError::Unavailable { .. })) => {
                warn!("recent writes stay in the log beside the store: its folder hangs");
                // To close a file is work on it, which would keep the end of the process waiting. That closes it anyway.
                std::mem::forget(keeper.clone());
                return;
            }
            Ok(looked) => looked,
        };
        // What changed last may not be in the store yet. Where it cannot be written, that is noted.
        let instance = self.settings.borrow().config.instance();
        let _ = timeout(FLUSHING, Box::pin(verdicts::flush(&keeper, &self.state, instance))).await;
        let limit = if looked.is_ok_and(Seen::is_unchanged) { CLOSING } else { RESTORING };
        let mut closed = timeout(limit, closing).await;
        if keeper.is_in_trouble() {
            // A file that has just been deleted or damaged is filled once more.
            let restoring = async {
                keeper.keep_in_place().await?;
                keeper.checkpoint().await
            };
            closed = timeout(RESTORING, restoring).await;
        }
        let _ = timeout(CLOSING, keeper.close()).await;
        let is_server = matches!(keeper.store().url(), StoreUrl::Postgres(_));
        match closed {
            Ok(Ok(())) => {}
            _ if is_server && !keeper.is_in_trouble() => {}
            // All of it is on disk, and read from there at the next start.
            Ok(Err(error)) => warn!("recent writes stay in the log beside the store: {error}"),
            Err(_) => warn!("recent writes stay in the log beside the store: there was no time to move it"),
        }
    }

    /// Which machines depend on each path, as of the last aggregation; before the first by what is configured alone.
    pub fn dependencies(&self) -> Arc<Dependencies> {
        let known = self.dependencies.borrow().clone();
        known.unwrap_or_else(|| Arc::new(reach::dependencies(&self.settings.borrow().config.paths, true, &[])))
    }
}

/// The service, before it runs.
#[derive(Debug)]
pub struct Service {
    access: Access,
    health: Health,
    opening: watch::Sender<Opening>,
    queue: Queue,
    dependencies: watch::Sender<Option<Arc<Dependencies>>>,
    state: Arc<State>,
}

impl Service {
    /// A service that follows `settings`, publishes to `state` and counts in `counters`. The store is opened once it
    /// runs.
    ///
    /// # Errors
    /// Never for the names of counters given here; the library checks them.
    pub fn new(
        settings: watch::Receiver<Settings>,
        state: Arc<State>,
        counters: Arc<Counters>,
    ) -> prometheus::Result<Self> {
        let store_counters = StoreCounters::new(&StoreError::REASONS)?;
        counters.show_store(&store_counters)?;
        let (writer, queue) = Writer::counting(store_counters.waiting().clone());
        let (dependencies, known_dependencies) = watch::channel(None);
        let (opening, known_opening) = watch::channel(Opening::Begun);
        let access = Access {
            opening: known_opening,
            dependencies: known_dependencies,
            time: Timekeeper::following(Arc::clone(&state)),
            state: Arc::clone(&state),
            importer: Importer::new(writer, counters),
            settings,
        };
        state.expect_past();
        Ok(Self { access, health: Health::watched(store_counters), opening, queue, dependencies, state })
    }

    /// What the rest of the program needs of it.
    pub fn access(&self) -> Access {
        self.access.clone()
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        let Self { access, health, opening, queue, dependencies, state } = self;
        // What is expected is read though the store may not be there yet.
        let mut parts = JoinSet::new();
        let (expected, expected_others) = watch::channel(());
        parts.spawn(inventory::follow(access.settings.clone(), Arc::clone(&state), expected));
        let keeper = open(&access, &health, &opening, &state).await;
        let most_licenses = access.settings.borrow().status.licenses;
        keeper.set_most_licenses(most_licenses).await;
        opening.send_replace(Opening::Done(keeper.clone()));
        parts.spawn(writer::write(keeper.clone(), queue));
        let (answers, store_answers) = watch::channel(true);
        parts.spawn(follow_others(keeper.clone(), answers));
        parts.spawn(aggregate(
            keeper.clone(),
            (store_answers, expected_others),
            access.settings.clone(),
            dependencies,
            Arc::clone(&state),
        ));
        let counters = health.counters().cloned();
        parts.spawn(verdicts::record(keeper.clone(), Arc::clone(&state), access.settings.clone(), counters));
        parts.spawn(upkeep::run(keeper, access.settings.clone()));
        parts.spawn(process_inbox(access, state));
        // None of them ends. One that panics ends the daemon with it.
        while let Some(ended) = parts.join_next().await {
            if let Err(error) = ended
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }
}

/// Opens and reads the store, for as long as that takes. One that can never be opened as it is may be put right.
async fn open(access: &Access, health: &Health, opening: &watch::Sender<Opening>, state: &State) -> Keeper {
    let mut logged: Option<(Instant, String)> = None;
    let (url, instance) = {
        let settings = access.settings.borrow();
        (settings.status.store.clone(), settings.config.instance())
    };
    let (url, aside, mut knows_past) = (&url, Aside::default(), false);
    loop {
        let attempt = async {
            let store = Store::open_aside(url, aside.clone()).await?;
            // The first verdicts wait for that, but not for long, and not for all machines.
            if !knows_past {
                verdicts::restore(&store, state, &instance).await?;
                knows_past = true;
            }
            Keeper::load_with(store, access.time.clone(), health.clone()).await
        };
        let late = |_| Err(StoreError::Unavailable { store: url.to_string(), detail: "not read in time".to_owned() });
        let error = match health.note(Use::Opening, timeout(ATTEMPT, attempt).await.unwrap_or_else(late)) {
            Ok(keeper) => {
                info!("the store is {url}");
                return keeper;
            }
            Err(error) => error.to_string(),
        };
        opening.send_replace(Opening::Failed);
        state.give_up_past();
        if logged.as_ref().is_none_or(|(at, known)| *known != error || at.elapsed() >= EVERY) {
            error!("the store is unavailable, retrying in {} s: {error}", RETRY.as_secs());
            logged = Some((Instant::now(), error));
        }
        sleep(RETRY).await;
    }
}

/// Completes what older programs wrote, reads what others write, and keeps the store usable. `answers` says whether the
/// store can be read.
async fn follow_others(keeper: Keeper, answers: watch::Sender<bool>) {
    let mut is_complete = false;
    loop {
        let followed = async {
            if !is_complete {
                keeper.complete().await?;
                is_complete = true;
            }
            keeper.refresh().await.map(|_| ())
        };
        let mut followed = followed.await;
        let was_in_trouble = keeper.is_in_trouble();
        if was_in_trouble {
            // One that cannot be written yet may well be read.
            followed = keeper.keep_in_place().await.or(followed);
        }
        // What fails is noted where it does.
        answers.send_replace(followed.is_ok());
        keeper.try_to_write().await;
        if was_in_trouble {
            sleep(POLL).await;
        } else {
            // What was acknowledged may be on no disk until that is over.
            let _ = timeout(POLL, keeper.trouble()).await;
        }
    }
}

/// What an aggregation follows from, beside the fleet and the time.
#[derive(PartialEq)]
struct Context {
    reached: Vec<Reached>,
    at_risk: usize,
    stale_after: Duration,
    inventory: Option<Arc<Inventory>>,
}

impl Context {
    fn read(settings: &Settings, state: &State) -> Self {
        Self {
            reached: reach::of_paths(&settings.config.paths, &state.snapshot().paths),
            at_risk: settings.status.at_risk,
            stale_after: settings.status.stale_after,
            inventory: state.known().inventory.and_then(|known| known.inventory),
        }
    }
}

/// Aggregates the fleet where something changed: what is reported, what is expected, what the paths lead to, or the
/// settings, or where enough time has passed for a figure to change. What is published says in any case that it still holds; while the
/// store does not answer nothing is, since it may have what others wrote.
async fn aggregate(
    keeper: Keeper,
    (mut answers, mut expected): (watch::Receiver<bool>, watch::Receiver<()>),
    mut settings: watch::Receiver<Settings>,
    dependencies: watch::Sender<Option<Arc<Dependencies>>>,
    state: Arc<State>,
) {
    let (mut changes, mut outages) = (keeper.changes(), state.outages());
    let mut last: Option<(Context, Aggregate)> = None;
    wait_until_ready(&state).await;
    loop {
        // The other end lives as long as the service.
        let _ = answers.wait_for(|answers| *answers).await;
        let begun = Instant::now();
        // Before anything is read that it depends on.
        let (now, read_at) = (keeper.time().now(), Timestamp::now());
        outages.mark_unchanged();
        expected.mark_unchanged();
        // The other end lives as long as the keeper.
        let has_news = changes.has_changed().unwrap_or(false);
        changes.mark_unchanged();
        let current = settings.borrow_and_update().clone();
        keeper.set_most_licenses(current.status.licenses).await;
        let context = Context::read(&current, &state);
        let still_holds = last.as_ref().filter(|(before, fleet)| {
            !has_news && *before == context && fleet.changes_at.is_none_or(|changes_at| changes_at > now)
        });
        let fleet = if let Some((_, fleet)) = still_holds {
            fleet.at(now)
        } else {
            let known = Arc::new(Dependencies::new(context.reached.iter().cloned(), true));
            dependencies.send_replace(Some(Arc::clone(&known)));
            let moment = Moment { now, stale_after: current.status.stale_after() };
            keeper.aggregate_against(moment, context.at_risk, known, context.inventory.clone()).await
        };
        let fleet = Aggregate { added_up_at: read_at, ..fleet };
        state.publish_fleet(fleet.clone());
        last = Some((context, fleet));
        sleep(PAUSE.max(begun.elapsed() * SHARE)).await;
        let something_new = async {
            tokio::select! {
                _ = changes.changed() => changes.mark_changed(),
                _ = settings.changed() => settings.mark_changed(),
                _ = outages.changed() => {}
                _ = expected.changed() => {}
            }
        };
        // Nothing has to change.
        let _ = timeout(REFRESH, something_new).await;
    }
}

/// Waits for the first round, which shows to which KMS hosts the paths lead; not for long, for it may never be
/// complete.
async fn wait_until_ready(state: &State) {
    let begun = Instant::now();
    while !state.snapshot().ready && begun.elapsed() < FIRST_ROUND {
        sleep(LOOK).await;
    }
}

/// Looks into the inbox without end, and follows where the settings move it.
async fn process_inbox(access: Access, state: Arc<State>) {
    let mut inbox: Option<Inbox> = None;
    loop {
        let place = access.settings.borrow().status.inbox.clone();
        match (place, &mut inbox) {
            (Some(place), Some(inbox)) => inbox.configure(&place),
            (Some(place), none) => *none = Some(Inbox::new(place, Arc::clone(&state))),
            (None, some) => *some = None,
        }
        match &mut inbox {
            Some(inbox) => inbox.look(&access.importer).await,
            None => state.update(|known| known.inbox_is_healthy = None),
        }
        sleep(inbox::LOOK).await;
    }
}
