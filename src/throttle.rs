//! Lines in the log that strangers can cause: one in a while at the most, with how many were left out before it.

use std::time::Duration;
use tokio::time::Instant;

/// How often a line may come unless told otherwise.
const PERIOD: Duration = Duration::from_secs(1);

/// One kind of line.
#[derive(Debug)]
pub struct Throttle {
    period: Duration,
    last: Option<Instant>,
    left_out: u64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self::every(PERIOD)
    }
}

impl Throttle {
    /// One line in each `period` at the most.
    pub const fn every(period: Duration) -> Self {
        Self { period, last: None, left_out: 0 }
    }

    /// How many lines were left out since the last; `None` where this one is to be left out as well.
    pub fn pass(&mut self) -> Option<u64> {
        let now = Instant::now();
        if self.last.is_some_and(|last| now.duration_since(last) < self.period) {
            self.left_out += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_line_a_second_passes_and_the_others_are_counted() {
        let mut throttle = Throttle::default();
        assert_eq!((0..100).map(|_| throttle.pass()).collect::<Vec<_>>(), [[Some(0)].as_slice(), &[None; 99]].concat());
        tokio::time::advance(PERIOD).await;
        assert_eq!([throttle.pass(), throttle.pass()], [Some(99), None]);
    }
}
