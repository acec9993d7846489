//! The fleet in memory together with the store that keeps it. Reports are merged in memory and count once they are on
//! disk; what other programs write to the same store is read.

mod enrolment;
mod past;
mod restore;

use super::decide::{self, Decision, Submission, Taken};
use super::health::{Health, Use};
use super::timekeeper::Timekeeper;
use crate::fleet::changes::{Changes, MachineChange};
use crate::fleet::countdown::Countdown;
use crate::fleet::known::Known;
use crate::fleet::moment::AHEAD;
use crate::fleet::{Aggregate, Dependencies, Fleet, Inventory, MachinePage, MachineQuery, Moment, Question, SeenBy};
use crate::license::MachineName;
use crate::state::Unwritten;
use crate::store::{OfInstance, Pruned, Pulse, Row, Store, StoreError, StoreUrl, Writing};
use crate::words::nearest;
use enrolment::Lookups;
use jiff::{SignedDuration, Timestamp};
pub use past::{TURN as PAST_TURN, Unread};
use restore::Trouble;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard, RwLock, Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, info, warn};

/// For how long a batch is tried again where others are in the way. With the time that the store itself waits for them
/// in one attempt, whoever sends it is answered within 10 seconds.
const TRYING: Duration = Duration::from_secs(2);

/// How long a batch waits until what was begun before it is done.
const TURN: Duration = Duration::from_secs(4);

/// The pause before the second attempt. It doubles.
const PAUSE: Duration = Duration::from_millis(20);

/// How many machines are written together where all are.
const TOGETHER: usize = 1000;

/// How many lists of machines are made at once. Whoever writes waits for those under way, and not for all that
/// are asked for.
const LISTS: usize = 2;

/// How many pairs of letters are compared to find a machine whose name is near another: those of some 50,000 names.
const COMPARED: usize = 20_000_000;

/// How many of the machines that are forgotten are named in the log.
const NAMED: usize = 5;

/// The fleet and its store. Copies of it are the same.
#[derive(Debug, Clone)]
pub struct Keeper {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    fleet: RwLock<Fleet>,
    /// The revision of the store that the fleet has. Held while that changes.
    seen: Mutex<i64>,
    changed: watch::Sender<()>,
    /// Why the store has to be reopened. Unless nothing but to write fails, nothing is read of it before all that is
    /// known is in it again.
    trouble: Trouble,
    /// How often the store was filled anew with what is known.
    refills: watch::Sender<u64>,
    lists: Arc<Semaphore>,
    /// Whose turn it is to read the past.
    past: Arc<Semaphore>,
    /// Whose turn it is to look a token up.
    lookups: Lookups,
    time: Timekeeper,
    health: Health,
}

impl Keeper {
    /// Opens a store and reads all of it.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened or read.
    pub async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        Self::load(Store::open(url).await?).await
    }

    /// Reads all of a store.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be read.
    pub async fn load(store: Store) -> Result<Self, StoreError> {
        Self::load_with(store, Timekeeper::default(), Health::default()).await
    }

    /// The same, by the clock `time`. Whether the store works is noted in `health`.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be read.
    pub async fn load_with(store: Store, time: Timekeeper, health: Health) -> Result<Self, StoreError> {
        let (fleet, seen) = read_all(&store).await?;
        let latest = fleet.latest_received();
        time.take_evidence(latest);
        if latest.is_some_and(|latest| latest > time.now() + AHEAD) {
            warn!(
                "the store has reports that came in after now: they are not believed, and the next ones take their \
                 place; or the clock of this machine is behind"
            );
        }
        if let Some(acknowledged) = store.acknowledged().filter(|acknowledged| *acknowledged > seen) {
            let lost = acknowledged.saturating_sub(seen);
            error!(
                "the store lacks the last {lost} writes of {acknowledged} that were acknowledged, and has {} machines: the \
                 log beside it was damaged or deleted while nothing used it, or an older copy took its place; what is \
                 missing comes back as machines report again",
                fleet.len()
            );
            if let Some(counters) = health.counters() {
                counters.set_lost_writes(lost);
            }
        }
        let (changed, _) = watch::channel(());
        let (fleet, seen) = (RwLock::new(fleet), Mutex::new(seen));
        let (lists, past) = (Arc::new(Semaphore::new(LISTS)), Arc::new(Semaphore::new(past::READERS)));
        let (trouble, refills) = (Trouble::default(), watch::Sender::default());
        let lookups = Lookups::default();
        let inner = Inner { store, fleet, seen, changed, trouble, refills, lists, past, lookups, time, health };
        let keeper = Self { inner: Arc::new(inner) };
        keeper.doubt_revision().await;
        Ok(keeper)
    }

    /// What says what time it is.
    pub fn time(&self) -> &Timekeeper {
        &self.inner.time
    }

    /// Whether the store works.
    pub fn health(&self) -> &Health {
        &self.inner.health
    }

    /// Notes how it went to write. That nothing was to be written says of no store that it can be.
    fn note_write<T>(
        &self,
        result: Result<T, StoreError>,
        has_written: impl FnOnce(&T) -> bool,
    ) -> Result<T, StoreError> {
        let used = if result.as_ref().is_ok_and(has_written) || result.is_err() { Use::Writing } else { Use::Reading };
        self.note(used, result)
    }

    fn note<T>(&self, used: Use, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let used = result.as_ref().err().map_or(used, |error| self.inner.trouble.note(used, error));
        self.inner.health.note(used, result)
    }

    /// Ends all connections, once what they are at is done.
    pub async fn close(&self) {
        self.inner.store.close().await;
    }

    /// Sets how many licenses all machines may have together.
    pub async fn set_most_licenses(&self, most: usize) {
        if self.inner.fleet.read().await.usage().licenses_limit != most {
            self.inner.fleet.write().await.set_most_licenses(most);
        }
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Notifies of every change of the fleet.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.inner.changed.subscribe()
    }

    /// Asks the fleet something, where that keeps nothing else waiting.
    pub async fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Fleet) -> T + Send + 'static) -> T {
        let inner = Arc::clone(&self.inner);
        let asked = spawn_blocking(move || question(&inner.fleet.blocking_read())).await;
        // A panic is a fault of this program, and no fault of who asks.
        asked.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Asks the fleet something that costs as much as a list does. Only few such answers are made at once, and one that
    /// nobody waits for any more counts until it is made.
    pub async fn ask_among_few<T: Send + 'static>(&self, question: impl FnOnce(&Fleet) -> T + Send + 'static) -> T {
        // Never closed.
        let one_of_few = Arc::clone(&self.inner.lists).acquire_owned().await;
        self.ask(move |fleet| {
            let _one_of_few = one_of_few;
            question(fleet)
        })
        .await
    }

    /// Lists machines; as [`Fleet::page`].
    pub async fn page(&self, query: MachineQuery, dependencies: Arc<Dependencies>) -> MachinePage {
        self.name_skus().await;
        self.ask_among_few(move |fleet| fleet.page(&query, &dependencies)).await
    }

    /// Looks for a machine; as [`Fleet::page_of`].
    pub async fn page_of(&self, name: String, query: MachineQuery, dependencies: Arc<Dependencies>) -> MachinePage {
        self.name_skus().await;
        self.ask_among_few(move |fleet| fleet.page_of(&name, &query, &dependencies)).await
    }

    /// The name of the machine that was probably meant by one that none has, among as many as are looked through.
    pub async fn nearest(&self, name: &str) -> Option<String> {
        // What is no name of a machine is near none.
        let given: MachineName = name.parse().ok()?;
        self.ask_among_few(move |fleet| {
            let given = given.as_str();
            let length = |name: &str| name.split('.').next().map_or(0, str::len);
            let is_as_long = |name: &&MachineName| length(name.as_str()).abs_diff(length(given)) <= 2;
            let mut left = COMPARED;
            let are_few = |name: &&MachineName| {
                left = left.saturating_sub(given.len() * name.as_str().len());
                left > 0
            };
            let names = fleet.names().filter(is_as_long).take_while(are_few);
            if given.contains('.') {
                return nearest(given, names.map(MachineName::as_str)).map(str::to_owned);
            }
            let names: Vec<_> = names.collect();
            let near = nearest(given, names.iter().map(|name| name.short()))?;
            names.iter().find(|name| name.short() == near).map(ToString::to_string)
        })
        .await
    }

    /// The names of all machines that are asked for, in order; as [`Fleet::order`].
    pub async fn order(&self, query: MachineQuery, dependencies: Arc<Dependencies>) -> Vec<MachineName> {
        self.name_skus().await;
        self.ask_among_few(move |fleet| fleet.order(&query, &dependencies)).await
    }

    /// When machines lose activation; as [`Fleet::countdown`].
    pub async fn countdown(&self, moment: Moment, dependencies: Arc<Dependencies>) -> Countdown {
        self.ask_among_few(move |fleet| fleet.countdown(moment, &dependencies)).await
    }

    /// Takes a batch of reports in, all or none. Once this returns they are on disk. Says of each report what became of
    /// it, in the order of the batch; reports of one machine are taken in the order in which they held.
    ///
    /// # Errors
    /// [`StoreError`], in which case none was taken, unless the database went away just as it was asked to finish:
    /// taking the batch again is right in any case.
    pub async fn take(&self, batch: Vec<Submission>) -> Result<Vec<Taken>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let (correction, latest) = (self.inner.time.correction(), self.inner.time.latest());
        let corrected = batch.into_iter().map(|it| match correction {
            Some(by) => it.corrected(by),
            None => it,
        });
        let batch: Arc<[_]> = corrected.map(|it| it.dated_until(latest).bounded()).collect();
        let mut seen = self.turn().await?;
        let begun = Instant::now();
        let taken = self.inner.health.promptly(Box::pin(self.take_locked(&batch, &mut seen))).await;
        if let Some(counters) = self.inner.health.counters() {
            counters.observe_write(begun.elapsed());
        }
        let has_written = |taken: &Vec<Taken>| taken.iter().any(|taken| matches!(taken, Taken::Stored { .. }));
        self.note_write(taken, has_written)
    }

    /// Waits until what was begun before is done, but not for long.
    async fn turn(&self) -> Result<MutexGuard<'_, i64>, StoreError> {
        let Ok(seen) = timeout(TURN, self.inner.seen.lock()).await else {
            let (store, detail) = (self.store().url().to_string(), "it is not done with what came before".to_owned());
            return self.note(Use::Writing, Err(StoreError::Unavailable { store, detail }));
        };
        Ok(seen)
    }

    async fn take_locked(&self, batch: &Arc<[Submission]>, seen: &mut i64) -> Result<Vec<Taken>, StoreError> {
        let (begun, mut pause) = (Instant::now(), PAUSE);
        loop {
            match self.try_to_take(batch, seen).await {
                Err(StoreError::Busy { .. }) if begun.elapsed() + pause < TRYING => {}
                result => return result,
            }
            sleep(pause).await;
            pause *= 2;
        }
    }

    async fn try_to_take(&self, batch: &Arc<[Submission]>, seen: &mut i64) -> Result<Vec<Taken>, StoreError> {
        let mut writing = self.begin(seen).await?;
        let submitted = Arc::clone(batch);
        let decision = self.ask(move |fleet| decide::decide(fleet, &submitted)).await;
        let Decision { taken, changes, seen: seen_by_agents, ambiguous } = decision;
        super::ambiguous::log(&ambiguous);
        if changes.is_empty() {
            writing.cancel().await?;
            self.note_seen(seen_by_agents).await;
            return Ok(taken);
        }
        let now = self.inner.time.now();
        let revision = writing.write(&changes, now).await?;
        self.finish(writing, changes, revision, seen).await?;
        self.note_seen(seen_by_agents).await;
        Ok(taken)
    }

    /// Takes over what agents report beside licenses, which no store keeps.
    async fn note_seen(&self, seen: Vec<SeenBy>) {
        if seen.is_empty() {
            return;
        }
        let (is_changed, shared) = self.inner.fleet.write().await.note_seen(seen);
        if is_changed {
            self.inner.changed.send_replace(());
        }
        if !shared.is_empty() {
            // It is about machines, and not about the store.
            warn!(
                target: "gracewatch::intake",
                "two agents report by one name in turn: {}{}; a machine was cloned, or two have the same name",
                shared.len(),
                named(&shared)
            );
        }
    }

    /// Those of these machines by whose names two agents report in turn.
    pub async fn shared_names(&self, machines: Vec<MachineName>) -> Vec<MachineName> {
        let fleet = self.inner.fleet.read().await;
        machines.into_iter().filter(|machine| fleet.is_name_shared(machine)).collect()
    }

    /// Reads what other programs wrote. True where there was something.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn refresh(&self) -> Result<bool, StoreError> {
        let mut seen = self.inner.seen.lock().await;
        // What was logged already is logged again with each attempt to repair it.
        self.inner.trouble.assert_readable()?;
        let refreshed = self.follow(&mut seen).await;
        self.note(Use::Reading, refreshed)
    }

    /// Looks whether the store can be written again, where the last write failed.
    pub async fn try_to_write(&self) {
        if !self.inner.health.is_to_be_tried() {
            return;
        }
        let mut seen = self.inner.seen.lock().await;
        let touched = async {
            let mut writing = self.begin(&mut seen).await?;
            writing.touch().await?;
            writing.commit().await
        };
        // It is noted, which is all that it is for.
        let _ = self.note(Use::Writing, touched.await);
    }

    /// Moves what was written lately into the file itself.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        let mut seen = self.inner.seen.lock().await;
        let moved = async {
            // What is damaged is moved over nothing.
            self.follow(&mut seen).await?;
            self.inner.store.checkpoint().await
        };
        self.note_write(moved.await, |()| false)
    }

    /// Looks through all of the store, whether it is whole.
    ///
    /// # Errors
    /// [`StoreError`] where it is not, or cannot be read.
    pub async fn check(&self) -> Result<(), StoreError> {
        let checked = async {
            let store = &self.inner.store;
            store.check().await?;
            let counts = store.counts().await?;
            let seen = self.inner.seen.lock().await;
            restore::assert_counts(store, counts, *seen, &*self.inner.fleet.read().await)
        };
        self.note(Use::Reading, checked.await)
    }

    /// How often the store was filled anew with what is known of machines, and word of it. What else was in it may be gone.
    pub fn refills(&self) -> watch::Receiver<u64> {
        self.inner.refills.subscribe()
    }

    /// Writes the verdicts of an instance, and how its paths go on.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn write_verdicts(&self, instance: &str, unwritten: &Unwritten) -> Result<(), StoreError> {
        let Unwritten { verdicts, renumbered, courses, most, .. } = unwritten;
        let mut seen = self.inner.seen.lock().await;
        let written = async {
            let mut writing = self.begin(&mut seen).await?;
            let of = OfInstance { instance, verdicts, renumbered, courses, most: *most };
            let (revision, dropped) = writing.write_verdicts(of, Timestamp::now()).await?;
            let is_sound = writing.commit().await?;
            *seen = revision;
            if let Some(counters) = self.inner.health.counters() {
                counters.count_dropped_verdicts(dropped);
            }
            if is_sound { Ok(()) } else { self.verify(revision).await }
        };
        let written = self.inner.health.promptly(Box::pin(written)).await;
        self.note(Use::Writing, written)
    }

    /// Writes down the figures of a day.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn write_day(&self, fleet: &Aggregate) -> Result<(), StoreError> {
        let mut seen = self.inner.seen.lock().await;
        let written = async {
            let mut writing = self.begin(&mut seen).await?;
            writing.write_day(fleet).await?;
            writing.commit().await.map(|_| ())
        };
        self.note(Use::Writing, written.await)
    }

    /// Deletes the history that is older than `history`, and forgets the machines that have not reported for `forget`.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn prune(
        &self,
        now: Timestamp,
        history: SignedDuration,
        forget: Option<SignedDuration>,
    ) -> Result<Pruned, StoreError> {
        let mut seen = self.inner.seen.lock().await;
        let pruned = self.try_to_prune(&mut seen, now, history, forget).await;
        let pruned = self.note_write(pruned, |pruned| *pruned != Pruned::default())?;
        if let Some(counters) = self.inner.health.counters() {
            counters.count_pruned(pruned.machines, pruned.changes, pruned.days);
        }
        Ok(pruned)
    }

    async fn try_to_prune(
        &self,
        seen: &mut i64,
        now: Timestamp,
        history: SignedDuration,
        forget: Option<SignedDuration>,
    ) -> Result<Pruned, StoreError> {
        let mut writing = self.begin(seen).await?;
        let gone = match forget {
            Some(forget) => {
                let before = self.before(&mut writing, now, forget).await?;
                self.ask(move |fleet| fleet.silent_since(before)).await
            }
            None => Vec::new(),
        };
        let before = self.before(&mut writing, now, history).await?;
        // Days speak for the age of machines, for as long as these are kept.
        let days = self.before(&mut writing, now, forget.map_or(history, |forget| forget.max(history))).await?;
        let pruned = Pruned { machines: gone.len() as u64, ..writing.prune(before, days).await? };
        let (verdicts, dropped_verdicts) = writing.prune_verdicts(before).await?;
        let named = named(&gone);
        let changes = Changes { gone, ..Changes::default() };
        if changes.is_empty() {
            writing.commit().await?;
        } else {
            let revision = writing.write(&changes, now).await?;
            self.finish(writing, changes, revision, seen).await?;
            self.inner.fleet.write().await.tidy();
        }
        if let Some(counters) = self.inner.health.counters() {
            counters.count_pruned_verdicts(verdicts);
            counters.count_dropped_verdicts(dropped_verdicts);
        }
        if pruned != Pruned::default() || verdicts > 0 {
            info!(
                "deleted because they are too old: machines {}{named}, status changes {}, days {}, verdicts {verdicts}",
                pruned.machines, pruned.changes, pruned.days
            );
        }
        Ok(pruned)
    }

    /// What is `age` old. Where no true time confirms the clock, only days count on which the store was in use: a clock
    /// that is far ahead makes nothing old at once, whatever it dated itself.
    async fn before(
        &self,
        writing: &mut Writing<'_>,
        now: Timestamp,
        age: SignedDuration,
    ) -> Result<Timestamp, StoreError> {
        let (by_clock, days) = (now.checked_sub(age).unwrap_or(Timestamp::MIN), age.as_hours() / 24);
        if days < 1 || self.inner.time.is_confirmed() {
            return Ok(by_clock);
        }
        Ok(by_clock.min(writing.last_days(now, days).await?))
    }

    /// Rewrites the machines that an older program wrote, which left out what follows from the rest.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn complete(&self) -> Result<(), StoreError> {
        let old = self.ask(|fleet| fleet.written_until(0)).await;
        for names in old.chunks(TOGETHER) {
            let mut seen = self.inner.seen.lock().await;
            let mut writing = self.begin(&mut seen).await?;
            let fleet = self.inner.fleet.read().await;
            let known = names.iter().map(|name| (name, fleet.known(name)));
            let machines = known.filter(|(_, known)| *known != Known::default());
            let machines = machines.map(|(name, known)| MachineChange::anew(name.clone(), known)).collect();
            let changes = Changes { machines, ..Changes::default() };
            let revision = writing.write(&changes, self.inner.time.now()).await?;
            drop(fleet);
            self.finish(writing, changes, revision, &mut seen).await?;
        }
        Ok(())
    }

    /// Adds the fleet up; as [`Fleet::aggregate`].
    pub async fn aggregate(&self, moment: Moment, at_risk: usize, dependencies: Arc<Dependencies>) -> Aggregate {
        self.aggregate_against(moment, at_risk, dependencies, None).await
    }

    /// The same, compared with the machines that are expected, where it is known which are.
    pub async fn aggregate_against(
        &self,
        moment: Moment,
        at_risk: usize,
        dependencies: Arc<Dependencies>,
        inventory: Option<Arc<Inventory>>,
    ) -> Aggregate {
        self.name_skus().await;
        self.ask(move |fleet| {
            let inventory = inventory.as_deref();
            fleet.aggregate(&Question { moment, at_risk, dependencies: &dependencies, inventory })
        })
        .await
    }

    /// Calls licenses by what is reported of their SKUs now. Done before they are listed or aggregated, and so with none
    /// of the reports that come in between.
    async fn name_skus(&self) {
        if self.inner.fleet.read().await.is_to_be_named() {
            let inner = Arc::clone(&self.inner);
            let named = spawn_blocking(move || {
                let mut fleet = inner.fleet.blocking_write();
                // Of many who find it to be done at once the first does it.
                if fleet.is_to_be_named() {
                    fleet.name_skus();
                }
            });
            let named = named.await;
            named.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        }
    }

    /// Begins to write, on a fleet that has all that others wrote.
    async fn begin(&self, seen: &mut i64) -> Result<Writing<'_>, StoreError> {
        if !self.look_at_place().await?.is_unchanged() {
            self.follow(seen).await?;
        }
        let before = *seen;
        let mut writing = self.inner.store.begin().await?;
        let (rows, pulse) = writing.changes(before).await?;
        self.catch_up(rows, pulse, seen).await?;
        if *seen != before {
            // They wrote since this looked, and nobody does from here on.
            let looked = self.look_at_place().await?;
            if !looked.file_is_changed {
                self.inner.store.trust_but_writing(looked);
            }
        }
        Ok(writing)
    }

    /// Takes over what others wrote, unless what this program wrote is gone.
    async fn catch_up(&self, rows: Vec<Row>, pulse: Pulse, seen: &mut i64) -> Result<(), StoreError> {
        restore::assert_follows(&self.inner.store, pulse, *seen)?;
        let has_news = !rows.is_empty();
        if pulse.revision > *seen {
            let mut fleet = self.inner.fleet.write().await;
            for row in rows {
                absorb(&mut fleet, row);
            }
            drop(fleet);
            *seen = pulse.revision;
            // Whatever else is written, as verdicts of another instance are, changes nothing of machines.
            if has_news {
                self.inner.changed.send_replace(());
            }
        }
        restore::assert_is_not_emptied(&self.inner.store, pulse, &*self.inner.fleet.read().await)
    }

    /// Commits, and takes over what was written. Where something else wrote beside, it is read back before the write is
    /// acknowledged.
    async fn finish(
        &self,
        writing: Writing<'_>,
        changes: Changes,
        revision: i64,
        seen: &mut i64,
    ) -> Result<(), StoreError> {
        let dropped = writing.dropped();
        let is_sound = writing.commit().await?;
        if let Some(counters) = self.inner.health.counters() {
            counters.count_dropped_changes(dropped);
        }
        // Where this is cancelled here, it is read back as if another program had written it.
        self.inner.fleet.write().await.apply(changes, revision);
        *seen = revision;
        self.inner.changed.send_replace(());
        if is_sound { Ok(()) } else { self.verify(revision).await }
    }
}

/// Reads the fleet that a store keeps, once, without a right to write it.
///
/// # Errors
/// [`StoreError`] where it cannot be opened or read.
pub async fn read(url: &StoreUrl) -> Result<Fleet, StoreError> {
    let store = Store::open_to_read(url).await?;
    let fleet = read_from(&store).await?;
    store.close().await;
    Ok(fleet)
}

/// The same of a store that is open.
///
/// # Errors
/// [`StoreError`] where it cannot be read.
pub async fn read_from(store: &Store) -> Result<Fleet, StoreError> {
    read_all(store).await.map(|(fleet, _)| fleet)
}

/// Reads all of a store, and the revision of it.
async fn read_all(store: &Store) -> Result<(Fleet, i64), StoreError> {
    let mut fleet = Fleet::default();
    let seen = store.load(|row| absorb(&mut fleet, row)).await?;
    fleet.name_skus();
    fleet.tidy();
    Ok((fleet, seen))
}

/// Some machines by their names, in parentheses.
fn named(machines: &[MachineName]) -> String {
    let names: Vec<_> = machines.iter().take(NAMED).map(MachineName::as_str).collect();
    let more = if machines.len() > NAMED { ", ..." } else { "" };
    if names.is_empty() { String::new() } else { format!(" ({}{more})", names.join(", ")) }
}

/// Takes over a row of the store.
fn absorb(fleet: &mut Fleet, row: Row) {
    match row {
        Row::Gone(name, revision) => {
            if fleet.revision(&name).is_some_and(|known| known < revision) {
                fleet.remove(&name);
            }
        }
        Row::Machine(machine, licenses, revision) => fleet.put(&machine, licenses, revision),
    }
}
