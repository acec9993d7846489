//! A histogram of durations that costs two atomic additions an observation.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets, in seconds: from a loopback connection to the longest time limit.
pub const BOUNDS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// How long something took, by buckets.
#[derive(Debug, Default)]
pub struct Histogram {
    /// Observations within each bound and beyond the one before.
    counts: [AtomicU64; BOUNDS.len()],
    /// Observations beyond the last bound.
    beyond: AtomicU64,
    /// All durations together, in nanoseconds: five centuries fit.
    sum: AtomicU64,
}

/// What a histogram shows at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distribution {
    /// Observations within each of [`BOUNDS`], those within the ones before included.
    pub cumulative: [u64; BOUNDS.len()],
    /// All observations.
    pub count: u64,
    /// All durations together, in seconds.
    pub sum: f64,
}

impl Histogram {
    /// Counts one duration.
    pub fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = BOUNDS.iter().zip(&self.counts).find(|(bound, _)| seconds <= **bound);
        bucket.map_or(&self.beyond, |(_, count)| count).fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was observed so far.
    pub fn distribution(&self) -> Distribution {
        let mut count = 0;
        let cumulative = array::from_fn(|bucket| {
            count += self.counts.get(bucket).map_or(0, |count| count.load(Ordering::Relaxed));
            count
        });
        count += self.beyond.load(Ordering::Relaxed);
        let sum = Duration::from_nanos(self.sum.load(Ordering::Relaxed)).as_secs_f64();
        Distribution { cumulative, count, sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_within_its_bound_and_all_above() {
        let histogram = Histogram::default();
        for milliseconds in [1, 2, 400, 90_000] {
            histogram.observe(Duration::from_millis(milliseconds));
        }
        let distribution = histogram.distribution();
        assert_eq!(distribution.cumulative, [1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3]);
        assert_eq!((distribution.count, distribution.sum), (4, 90.403));
    }
}
