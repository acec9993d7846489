//! Runs jobs when they are due, as many at once as there are permits, which all paths and the clocks share.

use super::shared::Shared;
use super::timetable::{Due, JobId, Timetable};
use crate::probe::{self, Context, Finding, Job};
use std::future::pending;
use std::mem::replace;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tracing::trace;

/// The jobs of one path, or of the clocks.
#[derive(Debug)]
pub(super) struct Runner {
    pub(super) timetable: Timetable,
    running: JoinSet<(JobId, Finding)>,
    context: Arc<Context>,
    shared: Arc<Shared>,
    permits: Arc<Semaphore>,
    /// How many jobs were last reported as done and planned.
    progress: (usize, usize),
}

/// A probe that runs, as it is counted.
struct InFlight {
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

impl InFlight {
    fn new(shared: Arc<Shared>, permit: OwnedSemaphorePermit) -> Self {
        shared.counters.probes_in_flight().inc();
        Self { shared, _permit: permit }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.shared.counters.probes_in_flight().dec();
    }
}

impl Runner {
    pub(super) fn new(interval: Duration, context: Context, shared: Arc<Shared>) -> Self {
        Self {
            timetable: Timetable::new(interval, Instant::now()),
            running: JoinSet::new(),
            context: Arc::new(context),
            permits: shared.permits(),
            shared,
            progress: (0, 0),
        }
    }

    /// True where jobs are done with this already.
    pub(super) fn does(&self, context: &Context) -> bool {
        *self.context == *context
    }

    /// Does the jobs that begin from now on with this, and with the permits there are now.
    pub(super) fn reconfigure(&mut self, context: Context) {
        self.context = Arc::new(context);
        self.permits = self.shared.permits();
    }

    /// Starts what is due, and returns what has ended, as soon as something has. `recall` is what a job found the last
    /// time, for those that are done better if they know. Nothing is lost where the future is dropped.
    pub(super) async fn ended(&mut self, recall: impl Fn(&Job) -> Option<Finding>) -> Vec<(JobId, Finding)> {
        let progress = self.timetable.progress();
        self.shared.progress.replace(replace(&mut self.progress, progress), progress);
        loop {
            let now = Instant::now();
            let is_due = self.timetable.next_due().is_some_and(|due| due <= now);
            while is_due
                && let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned()
                && let Some(due) = self.timetable.start(now)
            {
                self.start(due, permit, now, &recall);
            }
            let next = self.timetable.next_due();
            let is_waiting_for_permit = next.is_some_and(|due| due <= now);
            tokio::select! {
                Some(ended) = self.running.join_next() => {
                    let mut all: Vec<_> = finding(ended).into_iter().collect();
                    // Whatever else has ended is taken with it, so that judging is done once.
                    while let Some(ended) = self.running.try_join_next() {
                        all.extend(finding(ended));
                    }
                    return all;
                }
                Ok(permit) = Arc::clone(&self.permits).acquire_owned(), if is_waiting_for_permit => {
                    let now = Instant::now();
                    if let Some(due) = self.timetable.start(now) {
                        self.start(due, permit, now, &recall);
                    }
                }
                () = at(next.map(|due| self.shared.tick_after(due))), if !is_waiting_for_permit => {}
            }
        }
    }

    fn start(
        &mut self,
        due: Due,
        permit: OwnedSemaphorePermit,
        now: Instant,
        recall: impl Fn(&Job) -> Option<Finding>,
    ) {
        let lag = now.saturating_duration_since(due.since);
        self.shared.counters.observe_lag(lag);
        trace!(target = %due.job, ?lag, "a probe begins");
        let in_flight = InFlight::new(Arc::clone(&self.shared), permit);
        let (context, before) = (Arc::clone(&self.context), recall(&due.job));
        self.running.spawn(async move {
            let finding = probe::run(&due.job, &context, before).await;
            drop(in_flight);
            (due.id, finding)
        });
    }
}

/// What a job found. The panic of one is a fault of this program, and goes on as that of the path it is of.
fn finding(ended: Result<(JobId, Finding), JoinError>) -> Option<(JobId, Finding)> {
    match ended.map_err(JoinError::try_into_panic) {
        Ok(found) => Some(found),
        Err(Ok(panic)) => resume_unwind(panic),
        // It was ended from outside, as everything is where the program ends.
        Err(Err(_)) => None,
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.shared.progress.replace(self.progress, (0, 0));
    }
}

/// Waits for a moment; without end where there is none.
pub(super) async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}
