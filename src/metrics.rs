//! What `/metrics` shows.
//!
//! What is counted lives as long as the process. Gauges are made afresh from the state at each scrape, so that what is
//! gone leaves no series behind.

mod catalogue;
mod fleet;
mod gauges;
mod lines;
mod paths;
#[cfg(test)]
mod reference;
mod round;
#[cfg(test)]
mod tests;
mod text;
mod verdicts;

pub use round::of_round;

use crate::counters::Counters;
use crate::state::{Snapshot, State};
use gauges::Gauges;
use prometheus::{Registry, TextEncoder};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use verdicts::Verdicts;

/// The media type of the text format.
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// The metrics of the process, as one page of text.
#[derive(Debug)]
pub struct Metrics {
    state: Arc<State>,
    counters: Arc<Counters>,
    /// What the library knows of the process.
    process: Registry,
    /// The words for the verdicts, which outlive a scrape.
    verdicts: Verdicts,
    /// The length of the last page in bytes, which the next one hardly differs from.
    length: AtomicUsize,
}

impl Metrics {
    /// Metrics that show `counters` and read their gauges from `state`.
    ///
    /// # Errors
    /// Never for the names given here; the library checks that they are not registered twice.
    pub fn new(state: Arc<State>, counters: Arc<Counters>) -> prometheus::Result<Self> {
        let process = Registry::new();
        #[cfg(target_os = "linux")]
        process.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(Self { state, counters, process, verdicts: Verdicts::default(), length: AtomicUsize::new(0) })
    }

    /// The page in the text format.
    ///
    /// # Errors
    /// Where a value cannot be encoded, which the library rules out for what was registered.
    pub fn render(&self) -> prometheus::Result<Vec<u8>> {
        // A large page that grows step by step is copied, and leaves holes behind.
        let length = self.length.load(Ordering::Relaxed);
        let mut page = String::with_capacity(length + length / 16);
        let snapshot = self.state.snapshot();
        let mut gauges = gauges(&snapshot);
        self.verdicts.set(&mut gauges, &snapshot.paths, Instant::now());
        gauges.write(&mut page);
        paths::write(&mut page, &self.counters.paths());
        for registry in [self.counters.registry(), &self.process] {
            TextEncoder::new().encode_utf8(&registry.gather(), &mut page)?;
        }
        self.length.store(page.len(), Ordering::Relaxed);
        Ok(page.into_bytes())
    }
}

/// The gauges of one moment.
fn gauges(snapshot: &Snapshot) -> Gauges {
    let mut gauges = Gauges::default();
    gauges.process(snapshot);
    gauges.clocks(&snapshot.clocks);
    for path in &snapshot.paths {
        gauges.path(path);
    }
    if let Some(fleet) = &snapshot.fleet {
        gauges.fleet(fleet);
    }
    gauges
}
