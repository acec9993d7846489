//! Every path monitors itself, in a task of its own: it plans what is to be probed, runs that when it is due, judges
//! what was found, and publishes its report and nothing else.
//!
//! What paths share is in [`shared`](self): the permits to probe, so that no more probes run at once than are
//! configured, the clocks, and what is known of machines. Nothing here grows with the number of paths but their number
//! itself, and a fault of this program in one path is reported as that of this path and loses no other.

mod changes;
mod clock_monitor;
mod clocks;
mod damping;
mod path;
mod plan;
mod recovery;
mod runner;
mod shared;
#[cfg(test)]
mod tests;
mod timetable;

use crate::clock_report::Reference;
use crate::config::Config;
use crate::counters::Counters;
use crate::state::{PathReport, PathSlot, State};
use crate::verdict::Verdict;
use crate::walk::Walk;
use clock_monitor::ClockMonitor;
use path::{Assignment, PathMonitor};
use runner::at;
use shared::Shared;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, timeout};
use tracing::error;

/// How long a path whose monitor failed is left alone.
const RESTART: Duration = Duration::from_secs(10);

/// How long monitors may take to do what they are asked. None of them ever waits for anything in doing it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many commands may wait for one monitor.
const COMMANDS: usize = 4;

/// The monitors of all paths, and that of the clocks.
#[derive(Debug)]
pub struct Monitors {
    config: Arc<Config>,
    shared: Arc<Shared>,
    clocks: (mpsc::Sender<clock_monitor::Command>, Id),
    paths: HashMap<Arc<str>, PathHandle>,
    tasks: JoinSet<()>,
    /// The path that each task is of.
    names: HashMap<Id, Arc<str>>,
    /// What failed and is to be restarted, and when; the first one first.
    failed: VecDeque<(Instant, Failed)>,
}

/// A task that failed.
#[derive(Debug)]
enum Failed {
    Clocks,
    Path(Arc<PathSlot>),
}

#[derive(Debug)]
struct PathHandle {
    commands: mpsc::Sender<path::Command>,
    slot: Arc<PathSlot>,
    task: AbortHandle,
}

impl Monitors {
    /// Starts a monitor for each path, whose first round is due at once. They publish to `state` and count in
    /// `counters`.
    pub fn start(config: Arc<Config>, state: Arc<State>, counters: Arc<Counters>) -> Self {
        let shared = Shared::new(state, counters, config.probe.concurrency);
        Self::start_with(config, shared)
    }

    /// The same for one round, of which no line is logged. Without time servers, true time is that of `reference`.
    pub fn once(config: Arc<Config>, state: Arc<State>, counters: Arc<Counters>, reference: Option<Reference>) -> Self {
        let mut shared = Shared::new(state, counters, config.probe.concurrency);
        (shared.logs, shared.reference) = (false, reference);
        Self::start_with(config, shared)
    }

    fn start_with(config: Arc<Config>, shared: Shared) -> Self {
        let shared = Arc::new(shared);
        shared.clocks.configure(&config);
        // Before anything runs, so that all paths are waited for.
        let assignments = assignments(&config, &shared.state);
        let mut tasks = JoinSet::new();
        let clocks = start_clocks(&config, &shared, &mut tasks);
        let (paths, names, failed) = (HashMap::new(), HashMap::new(), VecDeque::new());
        let mut monitors = Self { config, shared, clocks, paths, tasks, names, failed };
        for (slot, assignment) in assignments {
            monitors.start_path(slot, assignment);
        }
        monitors
    }

    /// Takes up another configuration: what is in both is kept, and a round begins at once. Returns once every path
    /// is judged by it as far as it can be.
    pub async fn reconfigure(&mut self, config: Arc<Config>) {
        self.config = config;
        self.shared.set_concurrency(self.config.probe.concurrency);
        let (acknowledgement, acknowledged) = mpsc::channel(1);
        // The clocks first: paths ask whether there are any to wait for.
        let command = clock_monitor::Command::Reconfigure(Arc::clone(&self.config), acknowledgement);
        // One that has just failed is restarted with the configuration there is then.
        let _ = self.clocks.0.send(command).await;
        all_gone(acknowledged).await;
        let assignments = assignments(&self.config, &self.shared.state);
        let names: HashSet<Arc<str>> = assignments.iter().map(|(slot, _)| Arc::clone(slot.name())).collect();
        self.paths.retain(|name, handle| {
            let stays = names.contains(name);
            if !stays {
                handle.task.abort();
            }
            stays
        });
        let (acknowledgement, acknowledged) = mpsc::channel(1);
        for (slot, assignment) in assignments {
            if let Some(handle) = self.paths.get(slot.name()) {
                let command = path::Command::Reconfigure(assignment, acknowledgement.clone());
                let _ = handle.commands.send(command).await;
            } else {
                self.start_path(slot, assignment);
            }
        }
        drop(acknowledgement);
        all_gone(acknowledged).await;
    }

    /// Has every path judged by what is known now, and waits for that.
    pub async fn judge(&self) {
        let (acknowledgement, acknowledged) = mpsc::channel(1);
        for handle in self.paths.values() {
            let _ = handle.commands.send(path::Command::Judge(acknowledgement.clone())).await;
        }
        drop(acknowledgement);
        all_gone(acknowledged).await;
    }

    /// How many jobs were done at least once, and how many are planned so far.
    pub fn progress(&self) -> (usize, usize) {
        self.shared.progress.total()
    }

    /// Restarts monitors that failed, without end. A path whose monitor failed is unknown meanwhile. Nothing is lost
    /// where the future is dropped.
    pub async fn supervise(&mut self) {
        loop {
            let restart = self.failed.front().map(|(at, _)| *at);
            tokio::select! {
                Some(ended) = self.tasks.join_next_with_id() => match ended {
                    Err(error) if error.is_panic() => self.note_failure(&error),
                    // A path that was taken out of the configuration.
                    Err(error) => drop(self.names.remove(&error.id())),
                    Ok((id, ())) => drop(self.names.remove(&id)),
                },
                () = at(restart) => self.restart(),
            }
        }
    }

    fn note_failure(&mut self, failure: &JoinError) {
        let again = Instant::now() + RESTART;
        let name = self.names.remove(&failure.id());
        if let Some(handle) = name.and_then(|name| self.paths.remove(&name)) {
            let path = handle.slot.name().as_ref();
            error!(path, "the monitor of this path failed, which is a fault of gracewatch: {failure}");
            self.report_failure(&handle.slot, &failure.to_string());
            self.failed.push_back((again, Failed::Path(handle.slot)));
        } else if failure.id() == self.clocks.1 {
            error!("the monitor of the clocks failed, which is a fault of gracewatch: {failure}");
            self.failed.push_back((again, Failed::Clocks));
        }
    }

    fn report_failure(&self, slot: &PathSlot, detail: &str) {
        let Some(path) = self.config.paths.iter().find(|path| path.name == *slot.name()) else { return };
        let verdict = Verdict::monitor_failed(detail);
        let report = PathReport::first(Arc::clone(&path.name), verdict, Walk::empty(&path.kind), SystemTime::now());
        self.shared.state.publish_path(slot, Arc::new(report));
    }

    fn restart(&mut self) {
        match self.failed.pop_front() {
            Some((_, Failed::Clocks)) => self.clocks = start_clocks(&self.config, &self.shared, &mut self.tasks),
            // A reload may have started it already, or taken it out of the configuration.
            Some((_, Failed::Path(slot))) if !self.paths.contains_key(slot.name()) => {
                if let Some(path) = self.config.paths.iter().find(|path| path.name == *slot.name()) {
                    let assignment = Assignment::new(path, &self.config);
                    self.start_path(slot, assignment);
                }
            }
            Some((_, Failed::Path(_))) | None => {}
        }
    }

    fn start_path(&mut self, slot: Arc<PathSlot>, assignment: Assignment) {
        let (commands, received) = mpsc::channel(COMMANDS);
        let (monitored, shared) = (Arc::clone(&slot), Arc::clone(&self.shared));
        let task = self.tasks.spawn(async move { PathMonitor::new(assignment, monitored, shared).run(received).await });
        self.names.insert(task.id(), Arc::clone(slot.name()));
        self.paths.insert(Arc::clone(slot.name()), PathHandle { commands, slot, task });
    }
}

/// What each path is to do, and its slot in the published state, in the order of the configuration.
fn assignments(config: &Config, state: &State) -> Vec<(Arc<PathSlot>, Assignment)> {
    let slots = state.set_paths(config.paths.iter().map(|path| &path.name));
    for (slot, path) in slots.iter().zip(&config.paths) {
        let walk = || Walk::empty(&path.kind);
        let unknown = || PathReport::first(Arc::clone(&path.name), Verdict::not_measured(), walk(), SystemTime::now());
        state.announce_path(slot, unknown);
    }
    slots.into_iter().zip(config.paths.iter().map(|path| Assignment::new(path, config))).collect()
}

fn start_clocks(
    config: &Arc<Config>,
    shared: &Arc<Shared>,
    tasks: &mut JoinSet<()>,
) -> (mpsc::Sender<clock_monitor::Command>, Id) {
    let (commands, received) = mpsc::channel(COMMANDS);
    let (config, shared) = (Arc::clone(config), Arc::clone(shared));
    let task = tasks.spawn(async move { ClockMonitor::new(&config, shared).run(received).await });
    (commands, task.id())
}

/// Waits until every acknowledgement is gone.
async fn all_gone(mut acknowledged: mpsc::Receiver<()>) {
    // Whoever takes longer than that is not waited for.
    let _ = timeout(PATIENCE, acknowledged.recv()).await;
}
