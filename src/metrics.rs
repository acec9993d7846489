//! What `/metrics` shows.
//!
//! What is counted lives as long as the process. Gauges are made afresh from the state at each scrape, so that what is
//! gone leaves no series behind.

mod catalogue;
mod fleet;
mod gauges;
mod paths;
#[cfg(test)]
mod tests;
mod text;

use crate::counters::Counters;
use crate::state::{Snapshot, State};
use gauges::Gauges;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Registry, TextEncoder};
use std::sync::Arc;

/// The media type of the text format.
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// The metrics of the process, as one page of text.
#[derive(Debug)]
pub struct Metrics {
    counters: Arc<Counters>,
    registry: Registry,
}

impl Metrics {
    /// Metrics that show `counters` and read their gauges from `state`.
    ///
    /// # Errors
    /// Never for the names given here; the library checks that they are not registered twice.
    pub fn new(state: Arc<State>, counters: Arc<Counters>) -> prometheus::Result<Self> {
        let registry = Registry::new();
        registry.register(Box::new(StateCollector { state }))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(Self { counters, registry })
    }

    /// The page in the text format.
    ///
    /// # Errors
    /// Where a value cannot be encoded, which the library rules out for what was registered.
    pub fn render(&self) -> prometheus::Result<Vec<u8>> {
        let mut page = String::new();
        TextEncoder::new().encode_utf8(&self.registry.gather(), &mut page)?;
        TextEncoder::new().encode_utf8(&self.counters.registry().gather(), &mut page)?;
        paths::write(&mut page, &self.counters.paths());
        Ok(page.into_bytes())
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
