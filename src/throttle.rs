//! Lines in the log that strangers can cause: one in a while at the most, with how many were left out before it.

use crate::counters::LineKind;
use std::time::Duration;
use tokio::time::Instant;

/// How often a line may come by default.
const PERIOD: Duration = Duration::from_secs(1);

/// One kind of line.
#[derive(Debug)]
pub struct Throttle {
    kind: LineKind,
    period: Duration,
    last: Option<Instant>,
    left_out: u64,
}

impl Throttle {
    /// One line of this kind a second at the most.
    pub const fn of(kind: LineKind) -> Self {
        Self::every(PERIOD, kind)
    }

    /// One line of this kind in each `period` at the most.
    pub const fn every(period: Duration, kind: LineKind) -> Self {
        Self { kind, period, last: None, left_out: 0 }
    }

    /// How many lines were left out since the last; `None` where this one is to be left out as well.
    pub fn pass(&mut self) -> Option<u64> {
        let now = Instant::now();
        if self.last.is_some_and(|last| now.duration_since(last) < self.period) {
            self.left_out += 1;
            self.kind.count_left_out();
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.left_out))
    }
}

/// Lines of one kind of which many come at once and are worth it: so many in each period at the most.
#[derive(Debug)]
pub struct Budget {
    kind: LineKind,
    lines: u32,
    period: Duration,
    begun: Option<Instant>,
    used: u32,
    left_out: u64,
}

impl Budget {
    /// So many lines of this kind in each `period`.
    pub const fn new(lines: u32, period: Duration, kind: LineKind) -> Self {
        Self { kind, lines, period, begun: None, used: 0, left_out: 0 }
    }

    /// True for a line that may be logged; another is counted.
    pub fn pass(&mut self) -> bool {
        if self.begun.is_none() {
            self.begun = Some(Instant::now());
        }
        let passes = self.used < self.lines;
        self.used += u32::from(passes);
        if !passes {
            self.left_out += 1;
            self.kind.count_left_out();
        }
        passes
    }

    /// How many lines were left out, once in each period in which some were. To be asked before each line.
    pub fn take_left_out(&mut self) -> Option<u64> {
        if self.begun.is_none_or(|begun| begun.elapsed() < self.period) {
            return None;
        }
        (self.begun, self.used) = (None, 0);
        Some(std::mem::take(&mut self.left_out)).filter(|left_out| *left_out > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn so_many_lines_pass_in_a_period_and_the_others_are_counted() {
        let mut budget = Budget::new(3, PERIOD, LineKind::Stage);
        let mut log = |lines: usize| (budget.take_left_out(), (0..lines).filter(|_| budget.pass()).count());
        assert_eq!([log(2), log(4), log(1)], [(None, 2), (None, 1), (None, 0)]);
        tokio::time::advance(PERIOD).await;
        assert_eq!([log(1), log(0)], [(Some(4), 1), (None, 0)]);
        tokio::time::advance(PERIOD).await;
        assert_eq!([log(0), log(9)], [(None, 0), (None, 3)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_a_second_passes_and_the_others_are_counted() {
        let mut throttle = Throttle::of(LineKind::Stage);
        assert_eq!((0..100).map(|_| throttle.pass()).collect::<Vec<_>>(), [[Some(0)].as_slice(), &[None; 99]].concat());
        tokio::time::advance(PERIOD).await;
        assert_eq!([throttle.pass(), throttle.pass()], [Some(99), None]);
    }
}
