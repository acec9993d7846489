//! How long the probes of a path took, in memory alone: the longest in each slot of time. Slots grow as time goes on, so
//! that a path takes the same room after a minute and after a week, and the last day is there.

use crate::observation::Stage;
use crate::walk::{Walk, Walked};
use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

/// How many slots there are, and how long each is at the start and in the end, in seconds: 96 of the last are a day.
const SLOTS: u64 = 96;
const FINEST: u64 = 2;
const COARSEST: u64 = 1024;

/// How many targets are kept of all paths together, about, and of one path at the most.
const IN_ALL: usize = 8192;
const OF_PATH: usize = 8;

/// The durations of one path.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Durations {
    /// When the first slot begins, in seconds since 1970, and how long each is.
    begin: u64,
    slot: u64,
    /// How many targets there may be.
    most: usize,
    pub series: Vec<Series>,
    /// How many targets there were in the last round that are not kept.
    pub left_out: usize,
}

/// The durations of one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub target: String,
    pub address: Option<String>,
    /// The longest of each slot, in seconds; `None` where the target was not probed.
    pub slots: VecDeque<Option<f32>>,
}

/// How many targets each of so many paths may have.
pub(super) fn most_of(paths: usize) -> usize {
    (IN_ALL / paths.max(1)).clamp(1, OF_PATH)
}

impl Durations {
    pub(super) const fn set_most(&mut self, most: usize) {
        self.most = most;
    }

    /// Notes how long the targets of a walk took.
    pub(super) fn add(&mut self, walk: &Walk, now: SystemTime) {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let probed: Vec<_> = walk.targets().into_iter().filter_map(|walked| Some((taken(&walked)?, walked))).collect();
        self.note(now, probed.into_iter().map(|(taken, walked)| (walked.target, walked.address, taken)));
    }

    fn note(&mut self, now: u64, probed: impl Iterator<Item = (String, Option<String>, f32)>) {
        // A clock that is set back begins anew.
        if self.slot == 0 || now < self.begin {
            *self = Self { begin: now, slot: FINEST, most: self.most, ..Self::default() };
        }
        let number = self.make_room(now);
        self.left_out = 0;
        for (target, address, taken) in probed {
            let known = self.series.iter().position(|known| known.target == target && known.address == address);
            if known.is_none() && self.series.len() >= self.most {
                self.left_out += 1;
                continue;
            }
            let place = known.unwrap_or(self.series.len());
            if known.is_none() {
                self.series.push(Series { target, address, slots: VecDeque::new() });
            }
            let Some(series) = self.series.get_mut(place) else { continue };
            if series.slots.len() <= number {
                series.slots.resize(number + 1, None);
            }
            if let Some(slot) = series.slots.get_mut(number) {
                *slot = longer(*slot, Some(taken));
            }
        }
    }

    /// The number of the slot of this moment, for which there is room.
    fn make_room(&mut self, now: u64) -> usize {
        while (now - self.begin) / self.slot >= SLOTS && self.slot < COARSEST {
            self.slot *= 2;
            for series in &mut self.series {
                series.halve();
            }
        }
        let beyond = ((now - self.begin) / self.slot + 1).saturating_sub(SLOTS);
        self.begin += beyond * self.slot;
        let gone = usize::try_from(beyond).unwrap_or(usize::MAX);
        for series in &mut self.series {
            series.slots.drain(..gone.min(series.slots.len()));
        }
        // Of a target that is gone nothing is left after a day.
        self.series.retain(|series| series.slots.iter().any(Option::is_some));
        usize::try_from((now - self.begin) / self.slot).unwrap_or_default()
    }

    /// When the first slot begins, and how much time all slots of it are.
    pub fn span(&self) -> (SystemTime, Duration) {
        let slots = self.series.iter().map(|series| series.slots.len()).max().unwrap_or_default() as u64;
        (SystemTime::UNIX_EPOCH + Duration::from_secs(self.begin), Duration::from_secs(slots * self.slot))
    }
}

impl Series {
    /// Makes one slot of each two.
    fn halve(&mut self) {
        let slots = self.slots.make_contiguous();
        let pairs = slots.chunks(2).map(|pair| pair.iter().fold(None, |longest, slot| longer(longest, *slot)));
        self.slots = pairs.collect();
    }
}

fn longer(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

/// How long what is probed of a target took; `None` where nothing is.
fn taken(walked: &Walked<'_>) -> Option<f32> {
    // These are known from elsewhere.
    let probed = |stage: Stage| !matches!(stage, Stage::Clock | Stage::Host | Stage::Count | Stage::Client);
    let mut probed = walked.stages.iter().filter(|seen| probed(seen.stage)).map(|seen| seen.duration).peekable();
    probed.peek()?;
    Some(probed.sum::<Duration>().as_secs_f32())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(durations: &mut Durations, now: u64, taken: f32) {
        durations.note(now, [("kms01".to_owned(), None, taken)].into_iter());
    }

    #[test]
    fn slots_grow_so_that_the_last_day_has_room_and_each_has_its_longest() {
        let mut durations = Durations { most: 1, ..Durations::default() };
        let begin = 1_800_000_000;
        for second in 0..(3 * 24 * 60 * 60 / 30) {
            noted(&mut durations, begin + second * 30, if second == 0 { 2.0 } else { 0.5 });
            assert!(durations.series[0].slots.len() as u64 <= SLOTS);
            if second == 2000 {
                assert_eq!(durations.series[0].slots[0], Some(2.0), "what was long stays so");
            }
        }
        let (from, length) = durations.span();
        assert_eq!(length, Duration::from_secs(SLOTS * COARSEST));
        let until = from + length;
        let last = SystemTime::UNIX_EPOCH + Duration::from_secs(begin + 3 * 24 * 60 * 60);
        assert!(until >= last - Duration::from_secs(30) && until <= last + Duration::from_secs(COARSEST));
        assert!(durations.series[0].slots.iter().all(|slot| *slot == Some(0.5)));
        // After a week of silence there is nothing of before, and after the clock was set back neither.
        noted(&mut durations, begin + 10 * 24 * 60 * 60, 0.25);
        assert_eq!(durations.series[0].slots.iter().flatten().collect::<Vec<_>>(), [&0.25]);
        noted(&mut durations, begin, 0.125);
        assert_eq!(durations.series[0].slots, [Some(0.125)]);
    }

    #[test]
    fn no_more_targets_are_kept_than_there_is_room_for() {
        assert_eq!([0, 1, 1024, 2048, 100_000].map(most_of), [8, 8, 8, 4, 1]);
        let mut durations = Durations { most: 2, ..Durations::default() };
        let targets = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), None, 1.0)).collect::<Vec<_>>();
        durations.note(100, targets(&["a", "b", "c"]).into_iter());
        assert_eq!((durations.series.len(), durations.left_out), (2, 1));
        // Once one is gone for longer than is kept, there is room for another.
        for hour in 1..60 {
            durations.note(100 + hour * 3600, targets(&["a", "c"]).into_iter());
        }
        let known: Vec<_> = durations.series.iter().map(|series| series.target.as_str()).collect();
        assert_eq!((known, durations.left_out), (vec!["a", "c"], 0));
    }
}
