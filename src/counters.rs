//! What is counted as it happens. It lives as long as the process; the page of metrics reads it.
//!
//! What there is of every path is counted in a few atomic operations and kept small. The rest is kept by the library.

mod bodies;
mod enrolments;
mod guard;
pub mod histogram;
mod http;
mod log_lines;
mod path;
mod store;

pub use bodies::{BodyBound, BodyCounters, UNKNOWN_TOKEN};
pub use enrolments::EnrolmentCounters;
pub use guard::{GuardCounters, Handshake, Login};
pub use http::{Bound, HttpCounters, TimeLimit};
pub use log_lines::LineKind;
pub use path::{PathCounters, StageCounters};
pub use store::StoreCounters;

use crate::license::Source;
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the buckets of lag, in seconds.
const LAG_BOUNDS: [f64; 20] = [
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0,
    15.0, 60.0,
];

/// What became of a file of the inbox.
const IMPORTED: &str = "imported";
const FAILED: &str = "failed";

/// What is counted as it happens.
#[derive(Debug)]
pub struct Counters {
    paths: Mutex<BTreeMap<Arc<str>, PathCounters>>,
    lag: Histogram,
    probes_in_flight: IntGauge,
    probes_concurrency: IntGauge,
    reports: IntCounterVec,
    inbox_files: IntCounterVec,
    inbox_unwatched: IntCounter,
    guard: GuardCounters,
    http: HttpCounters,
    bodies: BodyCounters,
    enrolments: EnrolmentCounters,
    /// Shows all of them but those of paths.
    registry: Registry,
}

impl Counters {
    /// Counters at zero.
    ///
    /// # Errors
    /// Never for the names given here; the library checks them.
    pub fn new() -> prometheus::Result<Self> {
        let lag = HistogramOpts::new("gracewatch_probe_lag_seconds", "How long after its slot a probe began.");
        let reports = Opts::new(
            "gracewatch_reports_total",
            "Reports of machines, by where they come from and what became of them.",
        );
        let inbox_files =
            Opts::new("gracewatch_inbox_files_total", "Files taken from the inbox, by what became of them.");
        let inbox_files = IntCounterVec::new(inbox_files, &["result"])?;
        // An increase shows from the first file on only where there was a zero before.
        for result in [IMPORTED, FAILED] {
            inbox_files.with_label_values(&[result]);
        }
        let registry = Registry::new();
        let counters = Self {
            paths: Mutex::default(),
            lag: Histogram::with_opts(lag.buckets(LAG_BOUNDS.to_vec()))?,
            probes_in_flight: IntGauge::new("gracewatch_probes_in_flight", "Probes that run now.")?,
            probes_concurrency: IntGauge::new("gracewatch_probes_concurrency", "Probes that may run at once.")?,
            reports: IntCounterVec::new(reports, &["source", "result"])?,
            inbox_files,
            inbox_unwatched: IntCounter::new(
                "gracewatch_inbox_unwatched_files_total",
                "Files taken from the inbox that are not watched for additions any more, since too many were taken since.",
            )?,
            guard: GuardCounters::new(&registry)?,
            http: HttpCounters::new(&registry)?,
            bodies: BodyCounters::new(&registry)?,
            enrolments: EnrolmentCounters::new(&registry)?,
            registry,
        };
        counters.registry.register(Box::new(counters.lag.clone()))?;
        counters.registry.register(Box::new(counters.probes_in_flight.clone()))?;
        counters.registry.register(Box::new(counters.probes_concurrency.clone()))?;
        counters.registry.register(Box::new(counters.reports.clone()))?;
        counters.registry.register(Box::new(counters.inbox_files.clone()))?;
        counters.registry.register(Box::new(counters.inbox_unwatched.clone()))?;
        if let Some(left_out) = log_lines::left_out() {
            counters.registry.register(Box::new(left_out))?;
        }
        Ok(counters)
    }

    /// The counters of a path, at zero where it has none yet. Whoever probes the path keeps them, so that counting
    /// looks nothing up.
    pub fn path(&self, name: &str) -> PathCounters {
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counters) = paths.get(name) {
            return counters.clone();
        }
        paths.entry(name.into()).or_default().clone()
    }

    /// The counters of every path there was since the process began, by name.
    pub fn paths(&self) -> Vec<(Arc<str>, PathCounters)> {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.iter().map(|(name, counters)| (Arc::clone(name), counters.clone())).collect()
    }

    /// Counts a probe that began `lag` after its slot.
    pub fn observe_lag(&self, lag: Duration) {
        self.lag.observe(lag.as_secs_f64());
    }

    /// How many probes run now: whoever starts one adds it, and takes it away again however it ends.
    pub fn probes_in_flight(&self) -> &IntGauge {
        &self.probes_in_flight
    }

    /// Shows how many probes may run at once.
    pub fn set_probes_concurrency(&self, bound: usize) {
        self.probes_concurrency.set(i64::try_from(bound).unwrap_or(i64::MAX));
    }

    /// Counts reports of machines.
    pub fn count_reports(&self, source: Source, result: &str, count: u64) {
        self.reports.with_label_values(&[source.as_str(), result]).inc_by(count);
    }

    /// Counts a file that was taken from the inbox: `imported`, or `failed` where it could not be, or in part only.
    pub fn count_inbox_file(&self, is_imported: bool) {
        self.inbox_files.with_label_values(&[if is_imported { IMPORTED } else { FAILED }]).inc();
    }

    /// Counts a file that was taken from the inbox and is not watched any more, for want of room.
    pub fn count_unwatched_inbox_file(&self) {
        self.inbox_unwatched.inc();
    }

    /// What is counted of access.
    pub fn guard(&self) -> &GuardCounters {
        &self.guard
    }

    /// What is counted of HTTP.
    pub fn http(&self) -> &HttpCounters {
        &self.http
    }

    /// What is counted of requests that bring reports.
    pub const fn bodies(&self) -> &BodyCounters {
        &self.bodies
    }

    /// What is counted of machines that enrol.
    pub const fn enrolments(&self) -> &EnrolmentCounters {
        &self.enrolments
    }

    /// Shows the counters of the store, where there is one.
    ///
    /// # Errors
    /// Where those of a store are shown already.
    pub fn show_store(&self, store: &StoreCounters) -> prometheus::Result<()> {
        store.register(&self.registry)
    }

    /// All that is not of a path, as the library keeps it.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Observation, Stage};

    #[test]
    fn a_path_that_returns_counts_on() {
        let counters = Counters::new().unwrap();
        for _ in 0..2 {
            counters.path("corp").count(&Observation::new(Stage::Tcp, Ok(""), Duration::ZERO));
        }
        let paths = counters.paths();
        let [(name, path)] = paths.as_slice() else { panic!("{paths:?}") };
        assert_eq!(name.as_ref(), "corp");
        assert_eq!(path.stages().flat_map(|(_, stage)| stage.results()).collect::<Vec<_>>(), [("ok", 2)]);
    }
}
