//! The last rounds of one job, and whether it fails now and then. Pure.

use crate::config::Damping;
use crate::observation::{Observation, Reason, Stage};

/// The most rounds that are remembered.
const REMEMBERED: u32 = u32::BITS;

/// A target that fails now and then, and at the moment not often enough in a row to count as failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intermittent {
    /// The stage at which it failed last.
    pub stage: Stage,
    /// Why it failed then.
    pub reason: Reason,
    /// In how many of its last rounds it failed.
    pub failures: u32,
    /// How many rounds these are.
    pub of: u32,
}

/// How the last rounds of a job ended.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct History {
    /// A bit for each round, set where it failed; the newest is the lowest.
    failed: u32,
    /// Where and why it failed last.
    last: Option<(Stage, Reason)>,
}

impl History {
    /// Notes a round. One in which this machine could not do its part says nothing of the target.
    pub(super) fn note(&mut self, observations: &[Observation]) {
        let failure = observations.iter().find_map(|seen| Some((seen.stage, seen.reason?)));
        if failure.is_some_and(|(_, reason)| reason.is_local()) {
            return;
        }
        self.failed = self.failed << 1 | u32::from(failure.is_some());
        self.last = failure.or(self.last);
    }

    /// True where it failed in none of the rounds that are remembered.
    pub(super) const fn is_clean(self) -> bool {
        self.failed == 0
    }

    /// How it fails now and then: at least twice, with rounds in between that pass. `None` where it does not, or has just
    /// failed so often in a row that it counts as failing.
    pub(super) fn intermittent(self, damping: Damping) -> Option<Intermittent> {
        let of = damping.intermittent.of.clamp(1, REMEMBERED);
        let failed = self.failed & (u32::MAX >> (REMEMBERED - of));
        let failures = failed.count_ones();
        let (stage, reason) = self.last?;
        let is_intermittent = failures >= damping.intermittent.failures
            && runs(failed) > 1
            && failed.trailing_ones() < damping.failing_rounds;
        is_intermittent.then_some(Intermittent { stage, reason, failures, of })
    }
}

/// How many runs of set bits there are.
const fn runs(bits: u32) -> u32 {
    (bits & !(bits << 1)).count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Failure;
    use std::time::Duration;

    fn seen(reason: Option<Reason>) -> Vec<Observation> {
        let outcome = reason.map_or(Ok(String::new()), |reason| Err(Failure::new(reason, "")));
        vec![Observation::new(Stage::Tcp, outcome, Duration::ZERO)]
    }

    /// In how many rounds a job failed that is intermittent after these, `x` for each that failed and `-` for one that this
    /// machine could not do; `None` where it is not.
    fn after(rounds: &str, failing_rounds: u32) -> Option<u32> {
        let mut history = History::default();
        for round in rounds.chars() {
            history.note(&seen(match round {
                'x' => Some(Reason::Refused),
                '-' => Some(Reason::LocalError),
                _ => None,
            }));
        }
        let damping = Damping { failing_rounds, ..Damping::usual(Duration::from_mins(1)) };
        history.intermittent(damping).map(|intermittent| intermittent.failures)
    }

    #[test]
    fn what_fails_in_three_of_six_rounds_with_some_that_pass_in_between_is_intermittent() {
        let expected = [
            ("", None),
            ("......", None),
            ("x.x...", None),
            ("x.x.x", Some(3)),
            ("x.x.x.", Some(3)),
            (".x.x.x", Some(3)),
            ("x.x.x..", None),
            ("x.x.x.x", Some(3)),
            ("xx.x.x", Some(4)),
            ("xx.x..", Some(3)),
            (".x..xx", None),
            (".x.xx.", Some(3)),
            // One outage that has ended is not intermittent, and one that goes on is worse.
            ("xxx...", None),
            (".xxx..", None),
            ("xxxxxx", None),
            // What this machine could not do is no round.
            ("x-.-x-.-x", Some(3)),
        ];
        for (rounds, failures) in expected {
            assert_eq!(after(rounds, 2), failures, "{rounds}");
        }
        assert_eq!(after("xx.xx", 3), Some(4));
        assert_eq!(after("x.xxx", 3), None);
        assert_eq!(after("x.x.x.", 1), Some(3), "where one round counts as failing, it is known between the failures");
    }
}
