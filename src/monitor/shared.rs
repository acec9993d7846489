//! What the monitors share: permits to probe, the clocks, and where they publish and count.

use super::clocks::Clocks;
use crate::clock_report::Reference;
use crate::counters::Counters;
use crate::state::State;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

/// At which times jobs begin: those of all paths that are due since the last. To wake up for each by itself costs more than a
/// probe does.
const TICK: Duration = Duration::from_millis(20);

/// How long the first verdict of a path waits for what a store kept of those before. A store that answers takes a few
/// milliseconds; no later verdict ever waits for one.
const PAST: Duration = Duration::from_secs(2);

/// What all monitors have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) state: Arc<State>,
    pub(super) counters: Arc<Counters>,
    pub(super) clocks: Clocks,
    /// One for each probe that may run at once, and how many there are.
    permits: Mutex<(usize, Arc<Semaphore>)>,
    pub(super) progress: Progress,
    began: Instant,
    /// Until when it is waited for what a store kept.
    pub(super) past_until: Instant,
    /// True where what changes is logged.
    pub(super) logs: bool,
    /// True time, where that is known without time servers.
    pub(super) reference: Option<Reference>,
}

/// How many jobs are planned, and how many of them were done at least once.
#[derive(Debug, Default)]
pub(super) struct Progress {
    done: AtomicUsize,
    planned: AtomicUsize,
}

impl Progress {
    /// Takes another count in place of one before.
    pub(super) fn replace(&self, before: (usize, usize), now: (usize, usize)) {
        for (total, before, now) in [(&self.done, before.0, now.0), (&self.planned, before.1, now.1)] {
            total.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
        }
    }

    /// How many were done, and how many are planned.
    pub(super) fn total(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.planned.load(Ordering::Relaxed))
    }
}

impl Shared {
    pub(super) fn new(state: Arc<State>, counters: Arc<Counters>, concurrency: usize) -> Self {
        let permits = Mutex::new((concurrency, Arc::new(Semaphore::new(concurrency))));
        counters.set_probes_concurrency(concurrency);
        Self {
            state,
            counters,
            clocks: Clocks::default(),
            permits,
            progress: Progress::default(),
            began: Instant::now(),
            past_until: Instant::now() + PAST,
            logs: true,
            reference: None,
        }
    }

    /// When what is due then begins, unless its path is awake anyway.
    pub(super) fn tick_after(&self, due: Instant) -> Instant {
        let since_tick = due.saturating_duration_since(self.began).as_nanos() % TICK.as_nanos();
        // Less than a tick, which is some milliseconds.
        let since_tick = Duration::from_nanos(u64::try_from(since_tick).unwrap_or_default());
        if since_tick.is_zero() { due } else { due + TICK.saturating_sub(since_tick) }
    }

    /// The permits to probe.
    pub(super) fn permits(&self) -> Arc<Semaphore> {
        Arc::clone(&self.permits.lock().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Takes another number of permits. Probes that run keep those they have.
    pub(super) fn set_concurrency(&self, concurrency: usize) {
        let mut permits = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
        if permits.0 != concurrency {
            *permits = (concurrency, Arc::new(Semaphore::new(concurrency)));
            self.counters.set_probes_concurrency(concurrency);
        }
    }
}

/// Held until what was asked for is done. Whoever asked waits until all of them are gone.
pub(super) type Acknowledgement = mpsc::Sender<()>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_begins_with_the_next_tick() {
        let shared = Shared::new(Arc::default(), Arc::new(Counters::new().unwrap()), 1);
        let after = |millis| {
            let due = shared.began + Duration::from_millis(millis);
            (shared.tick_after(due) - shared.began).as_millis()
        };
        assert_eq!([0, 1, 19, 20, 21].map(after), [0, 20, 20, 20, 40]);
    }
}
