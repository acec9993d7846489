//! Files that were moved a while ago, where a program that still has one open may go on writing to it.

use super::folder::Stamp;
use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// How many are watched, at some 200 bytes each; beyond, the oldest are not any more.
const MAX: usize = 100_000;

/// When each is looked at first. From then on it is each time after as long again as it lies there, so that each costs a
/// few looks.
pub(super) const FIRST: Duration = Duration::from_secs(10);

/// When each is looked at for the last time.
const LAST: Duration = Duration::from_hours(1);

/// The files, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Watched(VecDeque<Watch>);

#[derive(Debug)]
struct Watch {
    kept: PathBuf,
    stamp: Stamp,
    since: Instant,
    due: Instant,
}

impl Watched {
    /// Watches one more. False where the oldest is not watched any more for that.
    pub(super) fn add(&mut self, kept: PathBuf, stamp: Stamp, now: Instant) -> bool {
        self.0.push_back(Watch { kept, stamp, since: now, due: now + FIRST });
        let fits = self.0.len() <= MAX;
        if !fits {
            self.0.pop_front();
        }
        fits
    }

    /// Those that are to be looked at now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(PathBuf, Stamp)> {
        let mut due = Vec::new();
        for watch in self.0.iter_mut().filter(|watch| watch.due <= now) {
            due.push((watch.kept.clone(), watch.stamp.clone()));
            watch.due = (now + (now - watch.since)).min(watch.since + LAST);
        }
        self.0.retain(|watch| now < watch.since + LAST);
        due
    }

    /// Ends watching these.
    pub(super) fn forget(&mut self, gone: &HashSet<PathBuf>) {
        self.0.retain(|watch| !gone.contains(&watch.kept));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> Stamp {
        Stamp::of(&std::env::temp_dir().metadata().unwrap())
    }

    #[test]
    fn each_is_looked_at_a_few_times_and_a_last_time_after_an_hour() {
        let (mut watched, begin) = (Watched::default(), Instant::now());
        assert!(watched.add("done/ws01.json".into(), stamp(), begin));
        let seconds: Vec<u64> =
            (0..5000).filter(|second| !watched.due(begin + Duration::from_secs(*second)).is_empty()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
        assert!(watched.0.is_empty());
    }

    #[test]
    fn many_are_watched_and_it_is_said_when_the_oldest_are_not_any_more() {
        let (mut watched, stamp, begin) = (Watched::default(), stamp(), Instant::now());
        let name = |number: usize| PathBuf::from(format!("done/{number}"));
        assert!((0..MAX).all(|number| watched.add(name(number), stamp.clone(), begin)));
        assert!(!watched.add(name(MAX), stamp, begin));
        watched.forget(&(2..=MAX).map(name).collect());
        let due = watched.due(begin + FIRST);
        assert_eq!(due.into_iter().map(|(kept, _)| kept).collect::<Vec<_>>(), [name(1)]);
    }
}
