//! Whether the store works: shown as a metric, logged at once when it stops to, and every minute from then on.

use crate::counters::{LineKind, StoreCounters};
use crate::store::StoreError;
use crate::throttle::Throttle;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tracing::{error, info, warn};

/// From one line about a store that goes on failing to the next.
const EVERY: Duration = Duration::from_mins(1);

/// How long what takes milliseconds may take, such as to look for news or to write a batch. Whoever waits for longer is
/// not answered yet, but the store counts as down until it is.
const PROMPT: Duration = Duration::from_secs(2);

/// What a store is asked to do. What reads well may still refuse to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It is opened, and read for the first time. Whoever does that logs it.
    Opening,
    /// Something is read.
    Reading,
    /// Something is written.
    Writing,
}

/// Whether the store works. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// `None` where nobody watches, as in a command.
    inner: Option<Arc<Inner>>,
}

#[derive(Debug)]
struct Inner {
    counters: StoreCounters,
    uses: Mutex<Uses>,
}

/// How each use of the store goes.
#[derive(Debug)]
struct Uses {
    reading: State,
    writing: State,
    /// How many of them take too long just now.
    late: usize,
    /// The lines about those.
    lines: Throttle,
}

impl Default for Uses {
    fn default() -> Self {
        let lines = Throttle::every(EVERY, LineKind::Store);
        Self { reading: State::default(), writing: State::default(), late: 0, lines }
    }
}

/// How one use of the store goes.
#[derive(Debug, Default)]
struct State {
    /// Why it fails; `None` while it does not.
    failing: Option<Failing>,
    /// When a failure was last logged, and of which reason. It outlives a short recovery.
    logged: Option<(Instant, &'static str)>,
}

#[derive(Debug)]
struct Failing {
    since: Instant,
    last: Instant,
    count: u64,
    /// How many of these no line has said yet.
    unlogged: u64,
}

/// One that takes too long, for as long as this is there.
struct Late<'a>(&'a Inner);

impl Drop for Late<'_> {
    fn drop(&mut self) {
        // Whether the store is up again is seen by how it ended.
        self.0.uses().late -= 1;
    }
}

impl Health {
    /// A store that is not open yet.
    pub fn watched(counters: StoreCounters) -> Self {
        counters.set_up(false);
        Self { inner: Some(Arc::new(Inner { counters, uses: Mutex::default() })) }
    }

    /// What is counted of the store.
    pub fn counters(&self) -> Option<&StoreCounters> {
        self.inner.as_deref().map(|inner| &inner.counters)
    }

    /// True where the last write failed, and a while ago. That little can be written does not say that much can, so
    /// that no success is reported in the midst of failures.
    pub fn is_to_be_tried(&self) -> bool {
        let failing = |inner: &Arc<Inner>| inner.uses().writing.failing.as_ref().map(|failing| failing.last);
        self.inner.as_ref().and_then(failing).is_some_and(|last| last.elapsed() >= EVERY)
    }

    /// Waits for what should take no time, and shows while it takes longer that the store is down. How it ends is to be
    /// noted as well.
    pub async fn promptly<T>(&self, work: impl Future<Output = T>) -> T {
        let Some(inner) = &self.inner else { return work.await };
        let mut work = pin!(work);
        if let Ok(done) = timeout(PROMPT, &mut work).await {
            return done;
        }
        let _late = inner.is_late();
        work.await
    }

    /// Notes how a use of the store went, and returns the same.
    ///
    /// # Errors
    /// That of the use.
    pub fn note<T>(&self, used: Use, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Some(inner) = &self.inner {
            match &result {
                Ok(_) => inner.works(used),
                Err(error) => inner.fails(used, error),
            }
        }
        result
    }
}

impl Inner {
    fn uses(&self) -> MutexGuard<'_, Uses> {
        // A writer cannot leave half a change behind.
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_late(&self) -> Late<'_> {
        let mut all = self.uses();
        all.late += 1;
        self.counters.set_up(false);
        if all.lines.pass().is_some() {
            warn!("the store does not answer for {} s already", PROMPT.as_secs());
        }
        Late(self)
    }

    fn works(&self, used: Use) {
        let mut all = self.uses();
        if let Some(failing) = all.of(used).failing.take() {
            let (count, seconds) = (failing.count, failing.since.elapsed().as_secs());
            info!("the store can be {} again, after {count} failures in {seconds} s", used.participle());
        }
        self.counters.set_up(all.late == 0 && all.reading.failing.is_none() && all.writing.failing.is_none());
    }

    fn fails(&self, used: Use, error: &StoreError) {
        let reason = error.reason();
        self.counters.count_failure(reason);
        let mut all = self.uses();
        self.counters.set_up(false);
        let State { failing, logged } = all.of(used);
        let now = Instant::now();
        let failing = failing.get_or_insert(Failing { since: now, last: now, count: 0, unlogged: 0 });
        failing.last = now;
        failing.count += 1;
        failing.unlogged += 1;
        if used == Use::Opening {
            return;
        }
        let is_known = logged.is_some_and(|(at, known)| known == reason && now.duration_since(at) < EVERY);
        if is_known {
            return;
        }
        let unlogged = std::mem::take(&mut failing.unlogged);
        *logged = Some((now, reason));
        if unlogged == 1 {
            error!("the store cannot be {}: {error}", used.participle());
        } else {
            error!("the store cannot be {}, {unlogged} failures since the last line: {error}", used.participle());
        }
    }
}

impl Uses {
    const fn of(&mut self, used: Use) -> &mut State {
        match used {
            Use::Opening | Use::Reading => &mut self.reading,
            Use::Writing => &mut self.writing,
        }
    }
}

impl Use {
    const fn participle(self) -> &'static str {
        match self {
            Self::Opening | Self::Reading => "read",
            Self::Writing => "written",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Result<(), StoreError> {
        Err(StoreError::Full { store: "x".to_owned() })
    }

    #[tokio::test(start_paused = true)]
    async fn what_reads_well_is_not_up_until_it_can_be_written_again() {
        let counters = StoreCounters::new(&StoreError::REASONS).unwrap();
        let health = Health::watched(counters.clone());
        assert_eq!(counters.up(), 0, "nothing is known yet");
        health.note(Use::Reading, Ok(())).unwrap();
        assert_eq!(counters.up(), 1);
        health.note(Use::Writing, full()).unwrap_err();
        health.note(Use::Reading, Ok(())).unwrap();
        assert_eq!((counters.up(), health.is_to_be_tried()), (0, false));
        tokio::time::advance(EVERY).await;
        assert!(health.is_to_be_tried());
        health.note(Use::Writing, Ok(())).unwrap();
        assert_eq!((counters.up(), health.is_to_be_tried()), (1, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_does_not_answer_is_down_before_it_fails_and_up_once_it_does() {
        let counters = StoreCounters::new(&StoreError::REASONS).unwrap();
        let health = Health::watched(counters.clone());
        let slow = |seconds| health.promptly(tokio::time::sleep(Duration::from_secs(seconds)));
        health.note(Use::Reading, Ok(())).unwrap();
        slow(1).await;
        assert_eq!(counters.up(), 1);
        let at_three = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            // What else is asked meanwhile and answered says nothing of it.
            health.note(Use::Reading, Ok(())).unwrap();
            counters.up()
        };
        assert_eq!(tokio::join!(slow(9), at_three).1, 0);
        health.note(Use::Writing, Ok(())).unwrap();
        assert_eq!(counters.up(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_goes_on_is_logged_once_a_minute() {
        let counters = StoreCounters::new(&StoreError::REASONS).unwrap();
        let health = Health::watched(counters);
        let unlogged = || {
            let uses = health.inner.as_ref().unwrap().uses();
            uses.writing.failing.as_ref().map(|failing| failing.unlogged)
        };
        for expected in [0, 1, 2, 0, 1] {
            health.note(Use::Writing, full()).unwrap_err();
            assert_eq!(unlogged(), Some(expected));
            tokio::time::advance(Duration::from_secs(25)).await;
        }
        // Another reason is logged at once.
        health.note(Use::Writing, Err::<(), _>(StoreError::Busy { store: "x".to_owned() })).unwrap_err();
        assert_eq!(unlogged(), Some(0));
    }
}
