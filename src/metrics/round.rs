//! What one round on request shows, under the names that users of `blackbox_exporter` know, and what was seen under ours.

use super::catalogue::Gauge;
use super::gauges::{Gauges, truth};
use crate::state::Snapshot;
use std::time::Duration;

const SUCCESS: Gauge<0> = Gauge { name: "probe_success", help: "1 where the probe succeeded, else 0.", labels: [] };
const DURATION: Gauge<0> =
    Gauge { name: "probe_duration_seconds", help: "How long the probe took until it was complete.", labels: [] };

/// The page of a round, in the text format.
pub fn of_round(snapshot: &Snapshot, has_succeeded: bool, duration: Duration) -> String {
    let mut gauges = Gauges::default();
    gauges.set(&SUCCESS, [], truth(has_succeeded));
    gauges.set(&DURATION, [], duration.as_secs_f64());
    gauges.clock_sources(&snapshot.clocks);
    for path in &snapshot.paths {
        gauges.walk(&path.name, &path.walk);
    }
    let mut page = String::new();
    gauges.write(&mut page);
    page
}
