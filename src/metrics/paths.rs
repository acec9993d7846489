//! The counters and histograms of paths, written straight into the page.

use super::text::{self, Kind, Value};
use crate::counters::{PathCounters, histogram};
use std::fmt::Write;
use std::sync::Arc;

const PROBES: &str = "gracewatch_probes_total";
const DURATIONS: &str = "gracewatch_probe_duration_seconds";

/// Adds what was counted of each path. Names of paths are unique, and no result of a stage is there twice.
pub(super) fn write(page: &mut String, paths: &[(Arc<str>, PathCounters)]) {
    if paths.iter().all(|(_, counters)| counters.stages().next().is_none()) {
        return;
    }
    text::family(page, PROBES, "Stages probed, by result: ok or the reason of the failure.", Kind::Counter);
    let mut labels = String::new();
    for (path, counters) in paths {
        for (stage, counters) in counters.stages() {
            for (result, count) in counters.results() {
                labels.clear();
                text::labels(&mut labels, [("path", path.as_ref()), ("stage", stage.as_str()), ("result", result)]);
                text::sample(page, [PROBES, ""], &labels, count);
            }
        }
    }
    text::family(page, DURATIONS, "How long probing a stage took.", Kind::Histogram);
    let bounds = histogram::BOUNDS.map(|bound| bound.to_string());
    for (path, counters) in paths {
        for (stage, counters) in counters.stages() {
            labels.clear();
            text::labels(&mut labels, [("path", path.as_ref()), ("stage", stage.as_str())]);
            let distribution = counters.durations().distribution();
            for (bound, count) in bounds.iter().zip(distribution.cumulative) {
                bucket(page, &labels, bound, count);
            }
            bucket(page, &labels, "+Inf", distribution.count);
            text::sample(page, [DURATIONS, "_sum"], &labels, Value(distribution.sum));
            text::sample(page, [DURATIONS, "_count"], &labels, distribution.count);
        }
    }
}

/// Adds a line of a bucket. Most of a page are such lines, so that the labels are made once for all of a histogram.
fn bucket(page: &mut String, labels: &str, bound: &str, count: u64) {
    for part in [DURATIONS, "_bucket{", labels, ",le=\"", bound, "\"} "] {
        page.push_str(part);
    }
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{count}");
}
