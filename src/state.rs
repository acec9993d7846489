//! What is known right now. Each path publishes its own report, the task that reads clocks the clocks, the status
//! service the totals of machines, the daemon how its last reload went; metrics, API and reports read.

mod durations;
mod verdicts;

use crate::catalogue::Message;
use crate::clock_report::ClockReport;
use crate::fleet::{Aggregate, Inventory, Outage, Runway};
use crate::observation::{Reason, Stage};
use crate::verdict::course::{Course, KeptPast};
use crate::verdict::past::{PastVerdict, PathHistory};
use crate::verdict::{Status, Verdict};
use crate::walk::Walk;
use crate::walk::kms::HostReports;
use durations::most_of;
pub use durations::{Durations, Series};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;
use tokio::sync::watch;
use verdicts::Verdicts;
pub use verdicts::{OF_PATH, OfPath, PastVerdicts, Unwritten, VerdictChange};

/// The published state, shared by its readers and writers.
#[derive(Debug)]
pub struct State {
    paths: RwLock<Vec<Arc<PathSlot>>>,
    verdicts: Mutex<Verdicts>,
    /// Word of a verdict, or of how a path goes on, that is not in the store yet.
    unwritten: watch::Sender<()>,
    /// False while it is not known yet what a store kept of the verdicts.
    past_is_known: watch::Sender<bool>,
    known: RwLock<Known>,
    fleet: watch::Sender<FleetNews>,
    /// Word of what passed again.
    outages: watch::Sender<()>,
    first_round: Mutex<FirstRound>,
    ready: watch::Sender<bool>,
}

/// Where one path publishes its report.
#[derive(Debug)]
pub struct PathSlot {
    name: Arc<str>,
    published: Mutex<Published>,
    durations: Mutex<Durations>,
}

/// What was published of a path.
#[derive(Debug, Default)]
struct Published {
    report: Option<Arc<PathReport>>,
    /// True once the path was judged, or failed to be.
    is_judged: bool,
}

/// What is waited for until everything was measured once.
#[derive(Debug)]
struct FirstRound {
    /// The paths that were never judged.
    paths: usize,
    clocks: bool,
}

/// What is known beside the paths.
#[derive(Debug, Clone)]
pub struct Known {
    pub clocks: Arc<ClockReport>,
    /// The totals of the reports; `None` where none are kept, or they were never aggregated.
    pub fleet: Option<Arc<Aggregate>>,
    /// True where the inbox can be processed; `None` where there is none.
    pub inbox_is_healthy: Option<bool>,
    /// How many files in it are not imported yet.
    pub inbox_waiting: usize,
    /// The machines that are expected; `None` where no inventory is configured.
    pub inventory: Option<InventoryState>,
    /// How the last reload of the configuration went.
    pub reload: Reload,
    /// The web configuration; `None` where there is none.
    pub web_config: Option<WebConfigState>,
}

/// All that is known at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The paths, in the order of the configuration.
    pub paths: Vec<Arc<PathReport>>,
    pub clocks: Arc<ClockReport>,
    /// The totals of the reports; `None` where none are kept, or they were never aggregated.
    pub fleet: Option<Arc<Aggregate>>,
    /// True where the inbox can be processed; `None` where there is none.
    pub inbox_is_healthy: Option<bool>,
    /// How many files in it are not imported yet.
    pub inbox_waiting: usize,
    /// The machines that are expected; `None` where no inventory is configured.
    pub inventory: Option<InventoryState>,
    /// True once the first round of every path is complete.
    pub ready: bool,
    /// How the last reload of the configuration went.
    pub reload: Reload,
    /// The web configuration; `None` where there is none.
    pub web_config: Option<WebConfigState>,
}

/// What machines report, as far as paths are concerned.
#[derive(Debug, Clone, Default)]
pub struct FleetNews {
    /// The totals of the reports; `None` where none are kept, or they were never aggregated.
    pub aggregate: Option<Arc<Aggregate>>,
    /// What KMS hosts report of themselves.
    pub reports: Arc<HostReports>,
    /// Another number where that is not what it was.
    pub reports_number: u64,
}

/// One path: what was seen on it, and what that adds up to. The verdict may lag behind what was seen, so that it does
/// not flap.
#[derive(Debug, Clone, PartialEq)]
pub struct PathReport {
    /// The name of the path.
    pub name: Arc<str>,
    /// What it adds up to.
    pub verdict: Verdict,
    /// When the path began to be as the verdict has it.
    pub since: SystemTime,
    /// When a verdict was made last, be it shown or not.
    pub judged_at: SystemTime,
    /// How long the verdict stays at the least although a better one could take its place; `None` where none could.
    pub held_until: Option<SystemTime>,
    /// A worse verdict that takes its place once enough rounds have failed; `None` where there is none.
    pub pending: Option<Pending>,
    /// When something of the path failed that passes again, the last at the end.
    pub outages: Arc<[Outage]>,
    pub walk: Walk,
    /// How long the machines that depend on it stay activated; `None` where that is not known.
    pub runway: Option<Runway>,
}

impl PathReport {
    /// A report whose verdict is the first on its path, made at `since`.
    pub fn first(name: Arc<str>, verdict: Verdict, walk: Walk, since: SystemTime) -> Self {
        Self {
            name,
            verdict,
            since,
            judged_at: since,
            held_until: None,
            pending: None,
            outages: [].into(),
            walk,
            runway: None,
        }
    }
}

/// A worse verdict than the one that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// What the status of the path would be.
    pub status: Status,
    /// The stage that would be to blame.
    pub stage: Option<Stage>,
    pub reason: Option<Reason>,
    /// How many rounds in a row ended with it, or with a worse one.
    pub failing_rounds: u32,
    pub of: u32,
    /// Since when it is, or a worse one.
    pub since: SystemTime,
}

/// How the last reload of the configuration went. Starting up is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reload {
    /// False where the last one was refused and the configuration before it still runs.
    pub successful: bool,
    /// When the running configuration was loaded.
    pub succeeded_at: SystemTime,
}

/// What is known of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InventoryState {
    /// The machines that are expected, as they were read last; `None` where they never were.
    pub inventory: Option<Arc<Inventory>>,
    /// When they were read.
    pub read_at: Option<SystemTime>,
    /// Why what is there now cannot be read, so that what was read before counts; `None` where it was read.
    pub fault: Option<Message>,
}

/// What is known of the web configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebConfigState {
    /// How it went when it was read last.
    pub reload: Reload,
    /// When the first certificate that the listener shows ends; `None` where it speaks plain HTTP.
    pub certificate_ends: Option<SystemTime>,
    /// False while its files hang, as on a share whose server is gone.
    pub is_readable: bool,
}

impl PathSlot {
    /// The name of the path.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn report(&self) -> Option<Arc<PathReport>> {
        locked(&self.published).report.clone()
    }

    fn is_judged(&self) -> bool {
        locked(&self.published).is_judged
    }
}

impl State {
    /// A state in which nothing is known but that the configuration was loaded just now.
    pub fn new() -> Self {
        let known = Known {
            clocks: Arc::default(),
            fleet: None,
            inbox_is_healthy: None,
            inbox_waiting: 0,
            inventory: None,
            reload: Reload { successful: true, succeeded_at: SystemTime::now() },
            web_config: None,
        };
        Self {
            paths: RwLock::default(),
            verdicts: Mutex::default(),
            unwritten: watch::Sender::default(),
            past_is_known: watch::Sender::new(true),
            known: RwLock::new(known),
            fleet: watch::Sender::default(),
            outages: watch::Sender::default(),
            first_round: Mutex::new(FirstRound { paths: 0, clocks: true }),
            ready: watch::Sender::new(false),
        }
    }

    /// What is known now.
    pub fn snapshot(&self) -> Snapshot {
        let Known { clocks, fleet, inbox_is_healthy, inbox_waiting, inventory, reload, web_config } = self.known();
        let paths = self.paths.read().unwrap_or_else(PoisonError::into_inner);
        let paths = paths.iter().filter_map(|slot| slot.report()).collect();
        let ready = self.is_ready();
        Snapshot { paths, clocks, fleet, inbox_is_healthy, inbox_waiting, inventory, ready, reload, web_config }
    }

    /// The verdicts of all paths so far.
    pub fn past_verdicts(&self) -> PastVerdicts {
        locked(&self.verdicts).all(Timestamp::now())
    }

    /// The verdicts of one path so far, the last at the end; `None` where there is no such path.
    pub fn path_history(&self, path: &str) -> Option<PathHistory> {
        locked(&self.verdicts).of(path, Timestamp::now())
    }

    /// How long the probes of a path took lately; `None` where there is no such path.
    pub fn path_durations(&self, path: &str) -> Option<Durations> {
        let paths = self.paths.read().unwrap_or_else(PoisonError::into_inner);
        paths.iter().find(|slot| &*slot.name == path).map(|slot| locked(&slot.durations).clone())
    }

    /// What of verdicts, and of how paths go on, no store has yet.
    pub fn unwritten_verdicts(&self) -> Unwritten {
        locked(&self.verdicts).unwritten()
    }

    /// Word of it whenever there is something new of that.
    pub fn unwritten_news(&self) -> watch::Receiver<()> {
        self.unwritten.subscribe()
    }

    /// Notes that this is in the store.
    pub fn mark_written(&self, written: &Unwritten) {
        locked(&self.verdicts).mark_written(written);
    }

    /// Notes that the store has lost what it had.
    pub fn mark_verdicts_unwritten(&self) {
        locked(&self.verdicts).mark_all_unwritten();
        self.unwritten.send_replace(());
    }

    /// Drops the verdicts that are older than a moment, but for what still held then.
    pub fn prune_verdicts(&self, before: Timestamp) {
        locked(&self.verdicts).prune(before);
    }

    /// Keeps how a path goes on after a restart.
    pub fn set_course(&self, path: &Arc<str>, course: Course) {
        locked(&self.verdicts).set_course(path, course);
        self.unwritten.send_replace(());
    }

    /// How a path was to go on when the process before this one ended; `None` where that is not known, or was taken already.
    pub fn take_course(&self, path: &str) -> Option<Arc<Course>> {
        locked(&self.verdicts).take_course(path)
    }

    /// Says that a store is about to be read for what it kept of the verdicts.
    pub fn expect_past(&self) {
        self.past_is_known.send_replace(false);
    }

    /// Takes what a store kept of the verdicts, before what is known already.
    pub fn restore(&self, past: KeptPast, now: Timestamp) {
        locked(&self.verdicts).restore(past, now);
        self.give_up_past();
    }

    /// Says that nobody is to wait for that any longer, be it known or not.
    pub fn give_up_past(&self) {
        self.past_is_known.send_replace(true);
    }

    /// Whether it is known what a store kept of the verdicts, and word of it once it is.
    pub fn past_is_known(&self) -> watch::Receiver<bool> {
        self.past_is_known.subscribe()
    }

    /// What is known beside the paths.
    pub fn known(&self) -> Known {
        // A writer cannot leave half a change behind, so what a panicked one left is whole.
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known beside the paths.
    pub fn update(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes these paths, in this order, in place of those before. What was published of those that are in both stays.
    pub fn set_paths<'a>(&self, names: impl Iterator<Item = &'a Arc<str>>) -> Vec<Arc<PathSlot>> {
        let mut paths = self.paths.write().unwrap_or_else(PoisonError::into_inner);
        let known: HashMap<Arc<str>, Arc<PathSlot>> =
            paths.drain(..).map(|slot| (Arc::clone(&slot.name), slot)).collect();
        let slot = |name: &Arc<str>| {
            let (published, durations) = (Mutex::default(), Mutex::default());
            let new = || Arc::new(PathSlot { name: Arc::clone(name), published, durations });
            known.get(name).map_or_else(new, Arc::clone)
        };
        paths.extend(names.map(slot));
        let slots = paths.clone();
        drop(paths);
        for slot in &slots {
            locked(&slot.durations).set_most(most_of(slots.len()));
        }
        locked(&self.verdicts).configure(slots.iter().map(|slot| &slot.name));
        let mut first_round = locked(&self.first_round);
        first_round.paths = slots.iter().filter(|slot| !slot.is_judged()).count();
        self.look_whether_ready(&first_round);
        slots
    }

    /// Publishes a report of a path that was not judged yet, unless there is one already.
    pub fn announce_path(&self, slot: &PathSlot, report: impl FnOnce() -> PathReport) {
        locked(&slot.published).report.get_or_insert_with(|| Arc::new(report()));
    }

    pub fn publish_path(&self, slot: &PathSlot, report: Arc<PathReport>) {
        if locked(&self.verdicts).add(&slot.name, PastVerdict::new(report.judged_at, &report.verdict)) {
            self.unwritten.send_replace(());
        }
        locked(&slot.durations).add(&report.walk, report.judged_at);
        let mut published = locked(&slot.published);
        published.report = Some(report);
        if published.is_judged {
            return;
        }
        drop(published);
        // Only the monitor of the path publishes here, so that nobody else was quicker.
        let mut first_round = locked(&self.first_round);
        locked(&slot.published).is_judged = true;
        // A path that was taken out meanwhile is not waited for any more.
        first_round.paths = first_round.paths.saturating_sub(1);
        self.look_whether_ready(&first_round);
    }

    /// Takes these paths with their reports in place of all before.
    pub fn show(&self, reports: impl IntoIterator<Item = PathReport>) {
        let reports: Vec<_> = reports.into_iter().map(Arc::new).collect();
        let slots = self.set_paths(reports.iter().map(|report| &report.name));
        slots.iter().zip(reports).for_each(|(slot, report)| self.publish_path(slot, report));
    }

    /// Publishes the clocks; `are_complete` once each time server was asked.
    pub fn publish_clocks(&self, clocks: Arc<ClockReport>, are_complete: bool) {
        self.update(|known| known.clocks = clocks);
        let mut first_round = locked(&self.first_round);
        first_round.clocks = !are_complete;
        self.look_whether_ready(&first_round);
    }

    /// Publishes the totals of the reports. What KMS hosts report of themselves, and who depends on them, is
    /// part of how the paths to them are judged.
    pub fn publish_fleet(&self, fleet: Aggregate) {
        let fleet = Arc::new(fleet);
        self.update(|known| known.fleet = Some(Arc::clone(&fleet)));
        self.fleet.send_modify(|news| {
            // What it is compared with is by the clock of this machine, right or wrong.
            let mut reports = HostReports::new(&fleet.kms_hosts, fleet.as_of);
            reports.as_of = fleet.added_up_at;
            if !news.reports.agree(&reports) {
                news.reports_number += 1;
            }
            news.reports = Arc::new(reports);
            news.aggregate = Some(Arc::clone(&fleet));
        });
    }

    /// What machines report, and word of it whenever that changes.
    pub fn fleet_news(&self) -> watch::Receiver<FleetNews> {
        let mut news = self.fleet.subscribe();
        news.mark_changed();
        news
    }

    /// Says that something of a path passed again, and is published.
    pub fn announce_outages(&self) {
        self.outages.send_replace(());
    }

    /// Word of it whenever that is said.
    pub fn outages(&self) -> watch::Receiver<()> {
        self.outages.subscribe()
    }

    /// True once the first round of every path is complete. It stays that.
    pub fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// Waits until the first round of every path is complete.
    pub async fn ready(&self) {
        // The sender lives as long as this.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    fn look_whether_ready(&self, first_round: &FirstRound) {
        if first_round.paths == 0 && !first_round.clocks {
            self.ready.send_if_modified(|ready| !std::mem::replace(ready, true));
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

/// A writer cannot leave half a change behind, so what a panicked one left is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
