//! What `/metrics` shows.
//!
//! Counters and the histogram live as long as the process. Gauges are made afresh from the state at each scrape, so
//! that what is gone leaves no series behind.

mod catalogue;
mod fleet;
mod gauges;
#[cfg(test)]
mod tests;

use crate::license::Source;
use crate::observation::Observation;
use crate::state::{Snapshot, State};
use gauges::Gauges;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};
use std::sync::Arc;

/// The media type of the text format.
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// Upper bounds of the duration buckets, in seconds: from a loopback connection to the longest time limit.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// What became of a file of the inbox.
const IMPORTED: &str = "imported";
const FAILED: &str = "failed";

/// What is counted as it happens.
#[derive(Debug)]
pub struct Counters {
    probes: IntCounterVec,
    durations: HistogramVec,
    reports: IntCounterVec,
    inbox_files: IntCounterVec,
}

impl Counters {
    /// Counters at zero.
    ///
    /// # Errors
    /// Never for the names given here; the library checks them.
    pub fn new() -> prometheus::Result<Self> {
        let probes = Opts::new("gracewatch_probes_total", "Stages probed, by result: ok or the reason of the failure.");
        let durations = HistogramOpts::new("gracewatch_probe_duration_seconds", "How long probing a stage took.")
            .buckets(BUCKETS.to_vec());
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
        Ok(Self {
            inbox_files,
            reports: IntCounterVec::new(reports, &["source", "result"])?,
            probes: IntCounterVec::new(probes, &["path", "stage", "result"])?,
            durations: HistogramVec::new(durations, &["path", "stage"])?,
        })
    }

    /// Counts reports of machines.
    pub fn count_reports(&self, source: Source, result: &str, count: u64) {
        self.reports.with_label_values(&[source.as_str(), result]).inc_by(count);
    }

    /// Counts a file that was taken from the inbox: `imported`, or `failed` where it could not be, or in part only.
    pub fn count_inbox_file(&self, is_imported: bool) {
        self.inbox_files.with_label_values(&[if is_imported { IMPORTED } else { FAILED }]).inc();
    }

    /// Counts one probe of one stage.
    pub fn count(&self, path: &str, observation: &Observation) {
        let stage = observation.stage.as_str();
        self.probes.with_label_values(&[path, stage, observation.result()]).inc();
        self.durations.with_label_values(&[path, stage]).observe(observation.duration.as_secs_f64());
    }
}

/// The metrics of the process, as one page of text.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    /// Metrics that count in `counters` and read their gauges from `state`.
    ///
    /// # Errors
    /// Never for the names given here; the library checks that they are not registered twice.
    pub fn new(state: Arc<State>, counters: &Counters) -> prometheus::Result<Self> {
        let registry = Registry::new();
        registry.register(Box::new(counters.probes.clone()))?;
        registry.register(Box::new(counters.durations.clone()))?;
        registry.register(Box::new(counters.reports.clone()))?;
        registry.register(Box::new(counters.inbox_files.clone()))?;
        registry.register(Box::new(StateCollector { state }))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(Self { registry })
    }

    /// The page in the text format.
    ///
    /// # Errors
    /// Where a value cannot be encoded, which the library rules out for what was registered.
    pub fn render(&self) -> prometheus::Result<Vec<u8>> {
        let mut page = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut page)?;
        Ok(page)
    }
}

/// Reads the state at each scrape.
struct StateCollector {
    state: Arc<State>,
}

impl Collector for StateCollector {
    fn desc(&self) -> Vec<&Desc> {
        // Unchecked: the families depend on what there is to show.
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        families(&self.state.snapshot())
    }
}

/// The gauges of one moment.
pub fn families(snapshot: &Snapshot) -> Vec<MetricFamily> {
    let mut gauges = Gauges::default();
    gauges.process(snapshot);
    gauges.clocks(&snapshot.clocks);
    for path in &snapshot.paths {
        gauges.path(path);
    }
    if let Some(fleet) = &snapshot.fleet {
        gauges.fleet(fleet);
    }
    gauges.into_families()
}
