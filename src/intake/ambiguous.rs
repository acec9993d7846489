//! Logs short names that so many machines share that they identify none of them.

use crate::counters::LineKind;
use crate::fleet::identity::{Ambiguous, MAX_NAMESAKES};
use crate::throttle::Throttle;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tracing::warn;

/// Each report may be one of them.
const PERIOD: Duration = Duration::from_mins(1);

static LINES: Mutex<Lines> = Mutex::new(Lines::new());

#[derive(Debug)]
struct Lines {
    throttle: Throttle,
    /// How many reports there were since the last line.
    reports: u64,
}

impl Lines {
    const fn new() -> Self {
        Self { throttle: Throttle::every(PERIOD, LineKind::SharedName), reports: 0 }
    }

    /// How many reports the line is about that is due; `None` where none is.
    fn pass(&mut self, reports: u64) -> Option<u64> {
        self.reports += reports;
        self.throttle.pass().map(|_| std::mem::take(&mut self.reports))
    }
}

/// Logs such reports, a line a minute at the most.
pub(super) fn log(ambiguous: &Ambiguous) {
    let Some(name) = &ambiguous.name else { return };
    let due = LINES.lock().unwrap_or_else(PoisonError::into_inner).pass(ambiguous.reports);
    if let Some(reports) = due {
        warn!(
            %name, reports,
            "more than {MAX_NAMESAKES} machines share a short name: reports under that alone are kept as those of a machine \
             of its own; have them sent with the domain"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_line_a_minute_counts_all_reports_since_the_last() {
        let mut lines = Lines::new();
        assert_eq!([lines.pass(3), lines.pass(4), lines.pass(1)], [Some(3), None, None]);
        tokio::time::advance(PERIOD).await;
        assert_eq!([lines.pass(2), lines.pass(1)], [Some(7), None]);
    }
}
