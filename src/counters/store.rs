//! What is counted of the store, where there is one.

use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use std::time::Duration;

/// Upper bounds of the buckets of writes, in seconds: from a fast disk to the longest limit.
const WRITE_BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 10.0, 30.0];

/// What is pruned.
const MACHINES: &str = "machines";
const STATUS_CHANGES: &str = "status_changes";
const DAYS: &str = "days";

/// The counters of a store. A clone counts in the same place.
#[derive(Debug, Clone)]
pub struct StoreCounters {
    up: IntGauge,
    writes: Histogram,
    failures: IntCounterVec,
    waiting: IntGauge,
    pruned: IntCounterVec,
    lost_writes: IntGauge,
    dropped_changes: IntCounter,
}

impl StoreCounters {
    /// Counters at zero, for these reasons of failures.
    ///
    /// # Errors
    /// Never for the names given here; the library checks them.
    pub fn new(reasons: &[&str]) -> prometheus::Result<Self> {
        let writes = HistogramOpts::new(
            "gracewatch_store_write_duration_seconds",
            "How long it took to write a batch of reports to the store, or to fail to.",
        );
        let failures =
            Opts::new("gracewatch_store_failures_total", "What the store failed to do, by the reason why it did.");
        let pruned =
            Opts::new("gracewatch_store_pruned_total", "What was deleted because it was too old, by its kind.");
        let counters = Self {
            up: IntGauge::new(
                "gracewatch_store_up",
                "1 where the store can be read and written, else 0, also while it does not answer for two seconds.",
            )?,
            writes: Histogram::with_opts(writes.buckets(WRITE_BOUNDS.to_vec()))?,
            failures: IntCounterVec::new(failures, &["reason"])?,
            waiting: IntGauge::new(
                "gracewatch_store_waiting_reports",
                "Reports that wait to be written to the store.",
            )?,
            pruned: IntCounterVec::new(pruned, &["kind"])?,
            lost_writes: IntGauge::new(
                "gracewatch_store_lost_writes",
                "Writes that were acknowledged and were missing from the store when it was opened: its log was damaged, or an \
                 older copy took its place.",
            )?,
            dropped_changes: IntCounter::new(
                "gracewatch_store_status_changes_dropped_total",
                "Changes of status that were dropped, the oldest first, since there were too many of a license, of a \
                 machine, or in all.",
            )?,
        };
        // An increase shows from the first one on only where there was a zero before.
        for reason in reasons {
            counters.failures.with_label_values(&[*reason]);
        }
        counters.count_pruned(0, 0, 0);
        Ok(counters)
    }

    /// Shows them.
    ///
    /// # Errors
    /// Where they are shown already.
    pub(super) fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.up.clone()))?;
        registry.register(Box::new(self.writes.clone()))?;
        registry.register(Box::new(self.failures.clone()))?;
        registry.register(Box::new(self.waiting.clone()))?;
        registry.register(Box::new(self.pruned.clone()))?;
        registry.register(Box::new(self.lost_writes.clone()))?;
        registry.register(Box::new(self.dropped_changes.clone()))
    }

    /// Shows whether the store can be read and written.
    pub fn set_up(&self, is_up: bool) {
        self.up.set(i64::from(is_up));
    }

    /// 1 where the store can be read and written, else 0.
    pub fn up(&self) -> i64 {
        self.up.get()
    }

    /// Shows how many writes were missing from the store when it was opened.
    pub fn set_lost_writes(&self, count: i64) {
        self.lost_writes.set(count);
    }

    /// Counts a batch that took so long to write, or to fail.
    pub fn observe_write(&self, duration: Duration) {
        self.writes.observe(duration.as_secs_f64());
    }

    pub fn count_failure(&self, reason: &str) {
        self.failures.with_label_values(&[reason]).inc();
    }

    /// How many reports wait: whoever hands some over adds them, and takes them away again however that ends.
    pub const fn waiting(&self) -> &IntGauge {
        &self.waiting
    }

    /// Counts changes of status that were dropped, since there were too many.
    pub fn count_dropped_changes(&self, count: u64) {
        self.dropped_changes.inc_by(count);
    }

    pub fn count_pruned(&self, machines: u64, status_changes: u64, days: u64) {
        for (kind, count) in [(MACHINES, machines), (STATUS_CHANGES, status_changes), (DAYS, days)] {
            self.pruned.with_label_values(&[kind]).inc_by(count);
        }
    }
}
