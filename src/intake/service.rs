//! What runs in the daemon: opens the store, writes into it, works off the inbox, and adds up the fleet.

use super::importer::Importer;
use super::inbox::{self, Inbox};
use super::writer::{self, Queue, Writer};
use crate::config::{Config, Status};
use crate::counters::Counters;
use crate::fleet::Aggregate;
use crate::fleet::dependents::Dependents;
use crate::state::State;
use crate::store::{FleetQuestion, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tracing::{error, info, warn};

/// From one attempt to open the store to the next.
const RETRY: Duration = Duration::from_secs(5);

/// The least time from one adding up to the next, while reports come in.
const PAUSE: Duration = Duration::from_secs(2);

/// How many times as long as adding up took that pause is at the least: a large fleet takes seconds, in which a processor
/// is not there for the reports that come in.
const SHARE: u32 = 4;

/// How much longer it may take where nothing is reported: time passes, and other instances write to the same store.
const REFRESH: Duration = Duration::from_secs(13);

/// How long the first round is waited for, and how often that is looked at.
const FIRST_ROUND: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(50);

/// From one daily roll-up and pruning to the next.
const UPKEEP: Duration = Duration::from_hours(1);

/// From the start to the first of these, which takes as long as the first adding up, and would keep it waiting.
const SETTLED: Duration = Duration::from_mins(1);

/// What the rest of the program needs of the service.
#[derive(Debug, Clone)]
pub struct Access {
    store: Arc<OnceLock<Store>>,
    /// Takes inputs.
    pub importer: Importer,
    /// The settings in force.
    pub settings: watch::Receiver<Settings>,
}

/// What is configured, of which a reload may change all but the store.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Everything, for the paths in it.
    pub config: Arc<Config>,
    /// What concerns the status of machines.
    pub status: Arc<Status>,
}

impl Settings {
    /// The settings in a configuration; `None` where it keeps no status.
    pub fn new(config: &Arc<Config>) -> Option<Self> {
        let status = Arc::new(config.status.clone()?);
        Some(Self { config: Arc::clone(config), status })
    }
}

impl Access {
    /// The store; `None` while it was never reached.
    pub fn store(&self) -> Option<&Store> {
        self.store.get()
    }
}

/// The service, before it runs.
#[derive(Debug)]
pub struct Service {
    access: Access,
    queue: Queue,
    state: Arc<State>,
}

impl Service {
    /// A service that follows `settings`, publishes to `state` and counts in `counters`. A store that is a file is
    /// opened at once.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be opened and waiting would not help.
    pub async fn new(
        settings: watch::Receiver<Settings>,
        state: Arc<State>,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let (writer, queue) = Writer::new();
        let access = Access { store: Arc::default(), importer: Importer::new(writer, counters), settings };
        let service = Self { access, queue, state };
        match service.open().await {
            Err(error) if !error.is_temporary() => Err(error),
            Err(error) => {
                warn!("the store is not there yet: {error}");
                Ok(service)
            }
            Ok(()) => Ok(service),
        }
    }

    /// What the rest of the program needs of it.
    pub fn access(&self) -> Access {
        self.access.clone()
    }

    async fn open(&self) -> Result<(), StoreError> {
        let url = self.access.settings.borrow().status.store.clone();
        let store = Store::open(&url).await?;
        info!("the store is {url}");
        // Only this task opens it.
        let _ = self.access.store.set(store);
        Ok(())
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        let store = loop {
            if let Some(store) = self.access.store() {
                break store.clone();
            }
            sleep(RETRY).await;
            if let Err(error) = self.open().await {
                warn!("the store is not there yet: {error}");
            }
        };
        let (written, changes) = watch::channel(());
        let mut parts = JoinSet::new();
        parts.spawn(writer::write(store.clone(), self.queue, written));
        parts.spawn(add_up(store.clone(), self.access.settings.clone(), Arc::clone(&self.state), changes));
        parts.spawn(upkeep(store, self.access.settings.clone()));
        parts.spawn(work_off_inbox(self.access, self.state));
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

/// Adds the fleet up whenever reports came in, and every now and then.
async fn add_up(
    store: Store,
    settings: watch::Receiver<Settings>,
    state: Arc<State>,
    mut changes: watch::Receiver<()>,
) {
    let mut failing = false;
    wait_until_ready(&state).await;
    loop {
        let (current, begun) = (settings.borrow().clone(), Instant::now());
        match fleet(&store, &current, &state).await {
            Ok(fleet) => {
                if failing {
                    info!("the store answers again");
                }
                failing = false;
                state.publish_fleet(fleet);
            }
            Err(error) => {
                if !failing {
                    error!("the fleet cannot be added up: {error}");
                }
                failing = true;
            }
        }
        sleep(PAUSE.max(begun.elapsed() * SHARE)).await;
        // The other end lives as long as the service.
        let _ = tokio::time::timeout(REFRESH, changes.changed()).await;
    }
}

/// Waits for the first round, which tells to which KMS hosts the paths lead; not for long, for it may never be complete.
async fn wait_until_ready(state: &State) {
    let begun = Instant::now();
    while !state.snapshot().ready && begun.elapsed() < FIRST_ROUND {
        sleep(LOOK).await;
    }
}

/// Asks the store for the fleet, and for the machines that depend on each path.
async fn fleet(store: &Store, settings: &Settings, state: &State) -> Result<Aggregate, StoreError> {
    let used = store.kms_host_names().await?;
    let known = state.snapshot().paths;
    let dependents = Dependents::new(&settings.config.paths, true, &known, &used);
    let mended = known.iter().filter_map(|path| {
        let at = Timestamp::try_from(path.recovered_at?).ok()?;
        Some((Arc::clone(&path.name), at))
    });
    let mended_at = mended.collect();
    let question = dependents.question(&settings.status, settings.status.at_risk);
    store.fleet(&FleetQuestion { mended_at, ..question }).await
}

/// Writes the figures of the day, and deletes what is older than is to be kept.
async fn upkeep(store: Store, settings: watch::Receiver<Settings>) {
    let mut hours = interval_at(Instant::now() + SETTLED, UPKEEP);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        let (now, settings) = (Timestamp::now(), Arc::clone(&settings.borrow().status));
        let done = async {
            store.roll_up(now, settings.stale_after()).await?;
            store.prune(now, signed(settings.history), Some(signed(settings.forget_after))).await
        };
        if let Err(error) = done.await {
            error!("the figures of the day cannot be written: {error}");
        }
    }
}

/// Looks into the inbox without end, and follows where the settings move it.
async fn work_off_inbox(access: Access, state: Arc<State>) {
    let mut inbox: Option<Inbox> = None;
    loop {
        let folder = access.settings.borrow().status.inbox.clone();
        if inbox.as_ref().map(Inbox::folder) != folder.as_deref() {
            inbox = folder.map(Inbox::new);
        }
        let is_well = match &mut inbox {
            Some(inbox) => Some(inbox.look(&access.importer).await),
            None => None,
        };
        state.update(|known| known.inbox_is_well = is_well);
        sleep(inbox::LOOK).await;
    }
}

/// Settings are years at the most, so nothing is lost.
fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
