//! What is known right now. The scheduler publishes paths and clock, the status service the fleet, the daemon how its
//! last reload went; metrics, API and reports read.

use crate::clock_report::ClockReport;
use crate::fleet::{Aggregate, Runway};
use crate::observation::{Reason, Stage};
use crate::verdict::{Status, Verdict};
use crate::walk::Walk;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use tokio::sync::Notify;

/// The published state, shared by its readers and writers.
#[derive(Debug)]
pub struct State {
    snapshot: RwLock<Snapshot>,
    fleet_changed: Notify,
}

/// All that is known at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The paths whose first round is complete, in the order of the configuration.
    pub paths: Vec<Arc<PathReport>>,
    /// The clocks.
    pub clocks: Arc<ClockReport>,
    /// What the reports of machines add up to; `None` where none are kept, or they were never added up.
    pub fleet: Option<Arc<Aggregate>>,
    /// True where the inbox can be worked off; `None` where there is none.
    pub inbox_is_well: Option<bool>,
    /// True once the first round of every path is complete.
    pub ready: bool,
    /// How the last reload of the configuration went.
    pub reload: Reload,
}

/// One path: what was seen on it, and what that adds up to. The verdict may lag behind what was seen, so that it does not
/// flap.
#[derive(Debug, Clone, PartialEq)]
pub struct PathReport {
    /// The name of the path.
    pub name: Arc<str>,
    /// What it adds up to.
    pub verdict: Verdict,
    /// When the path began to stand as the verdict says.
    pub since: SystemTime,
    /// How long the verdict stays at the least although a better one could take its place; `None` where none could.
    pub held_until: Option<SystemTime>,
    /// A worse verdict that takes its place once enough rounds have failed; `None` where there is none.
    pub pending: Option<Pending>,
    /// When something of the way passed again last that had failed; `None` where nothing did since this process began.
    pub mended_at: Option<SystemTime>,
    /// What was seen.
    pub walk: Walk,
    /// How long the machines that depend on it stay activated; `None` where that is not known.
    pub runway: Option<Runway>,
}

impl PathReport {
    /// A report whose verdict is the first on its path, made at `since`.
    pub fn first(name: Arc<str>, verdict: Verdict, walk: Walk, since: SystemTime) -> Self {
        Self { name, verdict, since, held_until: None, pending: None, mended_at: None, walk, runway: None }
    }
}

/// A worse verdict than the one that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// How the path would stand.
    pub status: Status,
    /// The stage that would be to blame.
    pub stage: Option<Stage>,
    /// Why.
    pub reason: Option<Reason>,
    /// How many rounds in a row ended with it, or with a worse one.
    pub failing_rounds: u32,
    /// How many have to.
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

impl State {
    /// A state in which nothing is known but that the configuration was loaded just now.
    pub fn new() -> Self {
        let snapshot = Snapshot {
            paths: Vec::new(),
            clocks: Arc::default(),
            fleet: None,
            inbox_is_well: None,
            ready: false,
            reload: Reload { successful: true, succeeded_at: SystemTime::now() },
        };
        Self { snapshot: RwLock::new(snapshot), fleet_changed: Notify::new() }
    }

    /// What is known now.
    pub fn snapshot(&self) -> Snapshot {
        // A writer cannot leave half a change behind, so what a panicked one left is whole.
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known.
    pub fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        change(&mut self.snapshot.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Publishes what the fleet adds up to. What KMS hosts say of themselves, and who depends on them, is part of how the
    /// paths to them are judged, so whoever judges is told where that changed.
    pub fn publish_fleet(&self, fleet: Aggregate) {
        let fleet = Arc::new(fleet);
        let before = self.snapshot().fleet;
        let is_same = before.is_some_and(|before| {
            before.kms_hosts == fleet.kms_hosts && before.paths == fleet.paths && before.symptoms == fleet.symptoms
        });
        self.update(|known| known.fleet = Some(fleet));
        if !is_same {
            self.fleet_changed.notify_one();
        }
    }

    /// Waits until the fleet is known to be otherwise than it was, as far as paths are concerned.
    pub async fn fleet_changed(&self) {
        self.fleet_changed.notified().await;
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
