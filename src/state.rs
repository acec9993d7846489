//! What is known right now. The scheduler publishes paths and clock, the daemon how its last reload went; metrics, API
//! and reports read.

use crate::clock_report::ClockReport;
use crate::verdict::Verdict;
use crate::walk::Walk;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

/// The published state, shared by its readers and writers.
#[derive(Debug)]
pub struct State(RwLock<Snapshot>);

/// All that is known at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The paths whose first round is complete, in the order of the configuration.
    pub paths: Vec<Arc<PathReport>>,
    /// The clocks.
    pub clocks: Arc<ClockReport>,
    /// True once the first round of every path is complete.
    pub ready: bool,
    /// How the last reload of the configuration went.
    pub reload: Reload,
}

/// One path: what was seen on it, and what that adds up to.
#[derive(Debug, Clone, PartialEq)]
pub struct PathReport {
    /// The name of the path.
    pub name: Arc<str>,
    /// What it adds up to.
    pub verdict: Verdict,
    /// What was seen.
    pub walk: Walk,
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
        Self(RwLock::new(Snapshot {
            paths: Vec::new(),
            clocks: Arc::default(),
            ready: false,
            reload: Reload { successful: true, succeeded_at: SystemTime::now() },
        }))
    }

    /// What is known now.
    pub fn snapshot(&self) -> Snapshot {
        // A writer cannot leave half a change behind, so what a panicked one left is whole.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known.
    pub fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
