//! A file that is not imported yet, and when it is tried.

use super::archive::Verdict;
use super::folder::Stamp;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// How long a file must be unchanged to count as complete.
const STANDS_STILL: Duration = Duration::from_secs(5);

/// How long a file that ends in the middle is waited for, from when it last changed.
const CUT_OFF: Duration = Duration::from_hours(1);

/// How long after a file could not be read or moved that is tried again: longer from time to time.
pub(super) const RETRY: Duration = Duration::from_secs(10);
const LONGEST_RETRY: Duration = Duration::from_mins(10);

/// A file that is not imported yet.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) stamp: Stamp,
    /// Since when it is unchanged.
    since: Instant,
    /// When it is imported, or tried again.
    pub(super) due: Instant,
    /// What became of it, where it could not be moved after that.
    pub(super) verdict: Option<Verdict>,
    /// What keeps it from being imported or moved, and how often it did.
    pub(super) trouble: Option<String>,
    attempts: u32,
}

impl Waiting {
    pub(super) fn new(stamp: Stamp, now: Instant) -> Self {
        Self { stamp, since: now, due: now + STANDS_STILL, verdict: None, trouble: None, attempts: 0 }
    }

    /// Tries it again later, each time after a longer while.
    pub(super) fn put_off(&mut self, now: Instant, trouble: String) {
        self.due = now + RETRY.saturating_mul(1 << self.attempts.min(10)).min(LONGEST_RETRY);
        self.trouble = Some(trouble);
        self.attempts += 1;
    }

    /// Tries it again soon, where another program still uses it: that is no trouble for an hour after it last changed.
    /// Says whether it is that early.
    pub(super) fn leave_to_others(&mut self, now: Instant) -> bool {
        let is_early = self.age(now) < CUT_OFF;
        if is_early {
            self.due = now + RETRY;
            self.trouble = None;
        }
        is_early
    }

    /// True once it was tried, and left for later.
    pub(super) fn is_put_off(&self) -> bool {
        self.due > self.since + STANDS_STILL
    }

    /// For how long more of it is waited for, after this came of it. A whole product key is left nowhere for an hour.
    pub(super) fn patience(&self, verdict: &Verdict, now: Instant) -> Option<Duration> {
        let left = CUT_OFF.saturating_sub(self.age(now));
        (verdict.is_cut_off && !verdict.has_keys && !left.is_zero()).then_some(left)
    }

    /// For how long it has not changed, by what was seen or by the time of its file system.
    fn age(&self, now: Instant) -> Duration {
        let reading = self.stamp.modified().and_then(|modified| SystemTime::now().duration_since(modified).ok());
        now.duration_since(self.since).max(reading.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_that_others_use_is_trouble_once_that_lasts_too_long() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let now = Instant::now();
        let mut waiting = Waiting::new(Stamp::of(&fs::metadata(file.path()).unwrap()), now);
        assert!(waiting.leave_to_others(now + STANDS_STILL));
        assert_eq!((waiting.due, waiting.is_put_off()), (now + STANDS_STILL + RETRY, true));
        assert!(!waiting.leave_to_others(now + CUT_OFF));
    }
}
