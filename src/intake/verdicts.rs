//! Keeps the verdicts of paths in the store, and reads at the start what it kept of them. Nobody waits for that: what the
//! store does not take stays in memory, and is written once it does.

use super::keeper::Keeper;
use super::settings::Settings;
use crate::counters::StoreCounters;
use crate::state::State;
use crate::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::info;

/// For how long changes are gathered that are written together.
const GATHERING: Duration = Duration::from_millis(500);

/// From one write to the next where nothing changes: what is written says when this instance was there last.
const PULSE: Duration = Duration::from_mins(1);

/// How long a store that did not take something is left alone.
const RETRY: Duration = Duration::from_secs(5);

/// How often what is old is dropped from memory. The store has its own time for that.
const PRUNING: Duration = Duration::from_hours(1);

/// Takes over what the store kept of the paths of this instance.
pub(super) async fn restore(store: &Store, state: &State, instance: &str) -> Result<(), StoreError> {
    let past = store.kept_past(instance).await?;
    if let Some(seen_at) = past.seen_at {
        let (verdicts, paths) = (past.verdicts.len(), past.courses.len());
        info!(instance, verdicts, paths, "verdicts go on from {seen_at:.0}");
    }
    state.restore(past, Timestamp::now());
    Ok(())
}

/// Writes what changes, without end.
pub(super) async fn record(
    keeper: Keeper,
    state: Arc<State>,
    settings: watch::Receiver<Settings>,
    counters: Option<StoreCounters>,
) {
    let instance_now = || settings.borrow().config.instance();
    let (mut news, mut refills) = (state.unwritten_news(), keeper.refills());
    news.mark_changed();
    let mut record = Record { keeper, state, counters, instance: instance_now() };
    let (mut pulse, mut pruning) = (Instant::now(), Instant::now() + PRUNING);
    loop {
        tokio::select! {
            // The other ends live as long as this.
            _ = news.changed() => sleep(GATHERING).await,
            _ = refills.changed() => record.state.mark_verdicts_unwritten(),
            () = sleep_until(pulse) => {}
        }
        news.mark_unchanged();
        record.follow(instance_now());
        if let Ok(is_all) = record.write().await {
            pulse = Instant::now() + PULSE;
            if !is_all {
                news.mark_changed();
            }
        } else {
            // Where it fails, that is noted.
            sleep(RETRY).await;
            news.mark_changed();
        }
        if Instant::now() >= pruning {
            let history = settings.borrow().status.history;
            record.prune(SignedDuration::try_from(history).unwrap_or(SignedDuration::MAX));
            pruning = Instant::now() + PRUNING;
        }
    }
}

/// Writes what is not in the store yet, once.
pub(super) async fn flush(keeper: &Keeper, state: &Arc<State>, instance: String) -> Result<(), StoreError> {
    let (keeper, state) = (keeper.clone(), Arc::clone(state));
    Record { keeper, state, counters: None, instance }.write().await.map(|_| ())
}

struct Record {
    keeper: Keeper,
    state: Arc<State>,
    counters: Option<StoreCounters>,
    instance: String,
}

impl Record {
    /// Writes all of it again where it is another instance now.
    fn follow(&mut self, instance: String) {
        if instance != self.instance {
            self.state.mark_verdicts_unwritten();
            self.instance = instance;
        }
    }

    /// Writes as much as is written at once. True where that is all.
    async fn write(&self) -> Result<bool, StoreError> {
        let unwritten = self.state.unwritten_verdicts();
        if let Some(counters) = &self.counters {
            counters.set_waiting_verdicts(unwritten.waiting);
            counters.count_lost_verdicts(unwritten.lost);
        }
        self.keeper.write_verdicts(&self.instance, &unwritten).await?;
        self.state.mark_written(&unwritten);
        let left = unwritten.waiting - unwritten.verdicts.len();
        if let Some(counters) = &self.counters {
            counters.set_waiting_verdicts(left);
        }
        Ok(left == 0 && !unwritten.has_more_courses)
    }

    /// Drops what is old, unless the clock is doubted.
    fn prune(&self, history: SignedDuration) {
        let time = self.keeper.time();
        if time.doubt().is_none()
            && let Ok(before) = time.now().checked_sub(history)
        {
            self.state.prune_verdicts(before);
        }
    }
}
