//! What is counted of one path: results and durations of its stages.

use super::histogram::Histogram;
use crate::observation::{Observation, Reason, Stage};
use std::array;
use std::iter;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// The counters of one path. A clone counts in the same place.
#[derive(Debug, Clone, Default)]
pub struct PathCounters(Arc<[OnceLock<Box<StageCounters>>; Stage::ALL.len()]>);

#[derive(Debug)]
pub struct StageCounters {
    durations: Histogram,
    passed: AtomicU64,
    /// By reason. Most stages never fail, and need no room for it.
    failed: OnceLock<Box<[AtomicU64; Reason::ALL.len()]>>,
}

impl PathCounters {
    /// Counts one probe of one stage. It allocates the first time that a stage is seen, or fails.
    pub fn count(&self, observation: &Observation) {
        // Every stage has a place: there are as many as stages.
        let Some(stage) = self.0.get(observation.stage as usize) else { return };
        stage.get_or_init(StageCounters::at_zero).count(observation);
    }

    /// The stages that were probed, in the order of a walk.
    pub fn stages(&self) -> impl Iterator<Item = (Stage, &StageCounters)> {
        Stage::ALL
            .into_iter()
            .zip(self.0.iter())
            .filter_map(|(stage, counters)| Some((stage, counters.get()?.as_ref())))
    }
}

impl StageCounters {
    fn at_zero() -> Box<Self> {
        Box::new(Self { durations: Histogram::default(), passed: AtomicU64::new(0), failed: OnceLock::new() })
    }

    fn count(&self, observation: &Observation) {
        self.durations.observe(observation.duration);
        let count = match observation.reason {
            None => Some(&self.passed),
            Some(reason) => {
                self.failed.get_or_init(|| Box::new(array::from_fn(|_| AtomicU64::new(0)))).get(reason as usize)
            }
        };
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How long probing the stage took.
    pub fn durations(&self) -> &Histogram {
        &self.durations
    }

    /// How often each result was seen: `ok`, or a reason. What was never seen is left out.
    pub fn results(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let failed = self.failed.get().into_iter().flat_map(|counts| Reason::ALL.iter().zip(counts.iter()));
        iter::once(("ok", &self.passed))
            .chain(failed.map(|(reason, count)| (reason.as_str(), count)))
            .map(|(result, count)| (result, count.load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Failure;
    use std::time::Duration;

    fn observed(stage: Stage, reason: Option<Reason>) -> Observation {
        let outcome = reason.map_or(Ok(""), |reason| Err(Failure::new(reason, "")));
        Observation::new(stage, outcome, Duration::from_millis(2))
    }

    #[test]
    fn every_stage_and_reason_has_its_own_place() {
        assert!(Stage::ALL.iter().enumerate().all(|(place, stage)| *stage as usize == place));
        assert!(Reason::ALL.iter().enumerate().all(|(place, reason)| *reason as usize == place));
    }

    #[test]
    fn results_are_counted_by_stage() {
        let counters = PathCounters::default();
        for reason in [None, None, Some(Reason::Refused), Some(Reason::LocalError)] {
            counters.clone().count(&observed(Stage::Tcp, reason));
        }
        counters.count(&observed(Stage::Rpc, Some(Reason::NotKms)));
        let counted: Vec<_> = counters.stages().map(|(stage, counts)| (stage, counts.results().collect())).collect();
        let tcp = vec![("ok", 2), ("refused", 1), ("local_error", 1)];
        assert_eq!(counted, [(Stage::Tcp, tcp), (Stage::Rpc, vec![("not_kms", 1)])]);
        let durations: Vec<_> = counters.stages().map(|(_, counts)| counts.durations().distribution().count).collect();
        assert_eq!(durations, [4, 1]);
    }
}
