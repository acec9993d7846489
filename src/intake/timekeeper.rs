//! What time it is, as far as that can be believed. Reports are dated, and old machines forgotten, by the clock of this
//! machine, which may be wrong.
//!
//! * True time decides, where time servers agree on it: what it contradicts is corrected by it.
//! * A clock that jumps against the one that only runs is not followed forwards for an hour: of what it shows now and
//!   what it would show had it not jumped, the earlier counts. A report that is dated too early gives way to the next
//!   one; one that is dated too late would not.
//! * A report that dates itself is believed until the later of the two: where a clock jumps back, the senders know better.
//! * Nothing is deleted for its age for a day after a jump, nor for a day after a start at which the last report in the
//!   store is more than a day old, unless true time confirms the clock; and nothing at all while true time contradicts it.
//! * Age counts only the days on which the store was in use, of which it has figures, unless true time confirms the
//!   clock: reports that a wrong clock dated do not speak for it.

use crate::clock::{Moment, Offset, difference};
use crate::fleet::moment::AHEAD;
use crate::state::State;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tracing::warn;

/// What a clock may be set by without being doubted.
const JUMP: f64 = 120.0;

/// How far a clock may be from true time.
const TOLERANCE: f64 = 300.0;

/// How long a clock that jumped forwards is not followed.
const HELD: Duration = Duration::from_hours(1);

/// How long nothing is deleted after a jump, or after a start at which nothing speaks for the clock.
const DOUBTED: Duration = Duration::from_hours(24);

/// How long ago the last report of a store may have come in for it to speak for the clock.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// What says what time it is. Clones are the same.
#[derive(Debug, Clone)]
pub struct Timekeeper {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Where true time is published; `None` where nobody measures it.
    state: Option<Arc<State>>,
    watch: Mutex<Watch>,
}

/// Why nothing is deleted for its age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Doubt {
    /// True time is so many seconds from what the clock shows.
    Contradicted(f64),
    /// The clock jumped by so many seconds.
    Jumped(f64),
    /// The last report in the store is so old, and nothing else speaks for the clock.
    Unproven(SignedDuration),
}

/// What time it is.
#[derive(Debug, Clone, Copy)]
struct Reading {
    now: Timestamp,
    /// The latest that it may be.
    latest: Timestamp,
    /// Why nothing is to be deleted for its age.
    doubt: Option<Doubt>,
}

/// What is known of the clock.
#[derive(Debug)]
struct Watch {
    last: Moment,
    jump: Option<Jump>,
    /// Since when the clock is not proven, and how old the last report in the store was then.
    unproven: Option<(Duration, SignedDuration)>,
}

#[derive(Debug, Clone, Copy)]
struct Jump {
    /// The last moment before it.
    from: Moment,
    /// When it was, by the clock that only runs.
    at: Duration,
    /// By how many seconds.
    by: f64,
}

impl Timekeeper {
    /// One that follows the true time that is published to `state`.
    pub fn following(state: Arc<State>) -> Self {
        Self::new(Some(state))
    }

    fn new(state: Option<Arc<State>>) -> Self {
        let watch = Mutex::new(Watch::new(Moment::now()));
        Self { inner: Arc::new(Inner { state, watch }) }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.look().now
    }

    /// The latest that it may be.
    pub fn latest(&self) -> Timestamp {
        self.look().latest
    }

    /// By how much what the clock shows is to be corrected; `None` where it is believed.
    pub fn correction(&self) -> Option<SignedDuration> {
        let now = self.now();
        let by = now.duration_since(Timestamp::now());
        (by.abs() > AHEAD).then_some(by)
    }

    /// True where true time is known, and is what the clock shows.
    pub fn is_confirmed(&self) -> bool {
        let clocks = self.inner.state.as_ref().map(|state| state.known().clocks);
        let true_time = clocks.and_then(|clocks| clocks.true_time(Moment::now()));
        true_time.is_some_and(|offset| offset.seconds.abs() + offset.bound <= TOLERANCE)
    }

    /// Why nothing is to be deleted for its age; `None` where it is.
    pub fn doubt(&self) -> Option<Doubt> {
        self.look().doubt
    }

    /// Takes the moment at which the last report in the store came in for what speaks for the clock, or does not.
    pub fn take_evidence(&self, latest: Option<Timestamp>) {
        let now = self.now();
        let mut watch = self.inner.watch.lock().unwrap_or_else(PoisonError::into_inner);
        watch.take_evidence(latest, now);
    }

    fn look(&self) -> Reading {
        let clocks = self.inner.state.as_ref().map(|state| state.known().clocks);
        let mut watch = self.inner.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Moment::now();
        let true_time = clocks.and_then(|clocks| clocks.true_time(now));
        if let Some(jump) = watch.note(now) {
            warn!(
                "the clock of this machine jumped by {} s: nothing is deleted for its age for a day",
                jump.by.round()
            );
        }
        watch.judge(now, true_time)
    }
}

impl Default for Timekeeper {
    /// One that has the clock of this machine alone.
    fn default() -> Self {
        Self::new(None)
    }
}

impl Watch {
    const fn new(now: Moment) -> Self {
        Self { last: now, jump: None, unproven: None }
    }

    /// Compares both clocks with the last time. Returns how the one was set meanwhile, where it was.
    fn note(&mut self, now: Moment) -> Option<Jump> {
        let elapsed = now.running.saturating_sub(self.last.running).as_secs_f64();
        let by = difference(now.system, self.last.system) - elapsed;
        let before = std::mem::replace(&mut self.last, now);
        self.jump = self.jump.filter(|jump| now.running.saturating_sub(jump.at) < DOUBTED);
        if by.abs() <= JUMP {
            return None;
        }
        // What it was set from lately is no better than what it is set to.
        let held = self.jump.filter(|jump| now.running.saturating_sub(jump.at) < HELD);
        self.jump = Some(Jump { from: held.map_or(before, |jump| jump.from), at: now.running, by });
        self.jump
    }

    fn take_evidence(&mut self, latest: Option<Timestamp>, now: Timestamp) {
        let age = latest.map(|latest| now.duration_since(latest)).filter(|age| *age > RECENT);
        self.unproven = age.map(|age| (self.last.running, age));
    }

    fn judge(&mut self, now: Moment, true_time: Option<Offset>) -> Reading {
        if let Some(offset) = true_time {
            if offset.seconds.abs() - offset.bound > TOLERANCE {
                let now = timestamp(shifted(now.system, offset.seconds));
                return Reading { now, latest: now, doubt: Some(Doubt::Contradicted(offset.seconds)) };
            }
            if offset.seconds.abs() + offset.bound <= TOLERANCE {
                self.jump = None;
                self.unproven = None;
            }
        }
        self.unproven = self.unproven.filter(|(since, _)| now.running.saturating_sub(*since) < DOUBTED);
        let held = self.jump.filter(|jump| now.running.saturating_sub(jump.at) < HELD);
        let unmoved = held.map(|jump| jump.from.system + now.running.saturating_sub(jump.from.running));
        let unmoved = unmoved.unwrap_or(now.system);
        let doubt = self.jump.map(|jump| Doubt::Jumped(jump.by));
        let doubt = doubt.or_else(|| self.unproven.map(|(_, age)| Doubt::Unproven(age)));
        Reading { now: timestamp(unmoved.min(now.system)), latest: timestamp(unmoved.max(now.system)), doubt }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contradicted(seconds) => {
                write!(formatter, "the clock of this machine is {:.0} s from true time", seconds.abs())
            }
            Self::Jumped(seconds) => {
                write!(formatter, "the clock of this machine jumped by {seconds:.0} s within the last day")
            }
            Self::Unproven(age) => write!(
                formatter,
                "the last report came in {} days before the start, by a clock that nothing else speaks for",
                age.as_hours() / 24
            ),
        }
    }
}

fn shifted(system: SystemTime, seconds: f64) -> SystemTime {
    let by = Duration::try_from_secs_f64(seconds.abs()).unwrap_or_default();
    let shifted = if seconds < 0.0 { system.checked_sub(by) } else { system.checked_add(by) };
    shifted.unwrap_or(system)
}

/// A clock beyond the year 9999 shows no time that can be kept.
fn timestamp(system: SystemTime) -> Timestamp {
    Timestamp::try_from(system).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60;
    const DAY: u64 = 86_400;

    fn begin() -> Moment {
        let system = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        Moment { system, running: Duration::from_secs(1000) }
    }

    /// A moment so many seconds after the first, at which the clock was set by `set` seconds altogether.
    fn after(seconds: u64, set: f64) -> Moment {
        let Moment { system, running } = begin();
        let elapsed = Duration::from_secs(seconds);
        Moment { system: shifted(system + elapsed, set), running: running + elapsed }
    }

    fn look(watch: &mut Watch, now: Moment, true_time: Option<f64>) -> (i64, Option<Doubt>) {
        watch.note(now);
        let Reading { now, doubt, .. } = watch.judge(now, true_time.map(|seconds| Offset { seconds, bound: 0.5 }));
        (now.as_second() - 1_800_000_000, doubt)
    }

    #[expect(clippy::cast_precision_loss, reason = "days")]
    fn days(days: u64) -> f64 {
        (days * DAY) as f64
    }

    #[test]
    fn a_clock_that_jumps_ahead_for_a_minute_is_not_followed() {
        let mut watch = Watch::new(begin());
        assert_eq!(look(&mut watch, after(2, 0.0), None), (2, None));
        let jumped = Some(Doubt::Jumped(days(401)));
        assert_eq!(look(&mut watch, after(4, days(401)), None), (4, jumped));
        assert_eq!(look(&mut watch, after(60, days(401)), None), (60, jumped));
        // It is set right: that is another jump, and nothing is deleted for a day from then on.
        let (reading, doubt) = look(&mut watch, after(64, 0.0), None);
        assert!(reading == 64 && matches!(doubt, Some(Doubt::Jumped(by)) if by < 0.0), "{reading} {doubt:?}");
        assert!(look(&mut watch, after(DAY, 0.0), None).1.is_some());
        assert_eq!(look(&mut watch, after(DAY + 64, 0.0), None), (i64::try_from(DAY).unwrap() + 64, None));
    }

    #[test]
    fn a_clock_that_is_set_for_good_is_followed_after_an_hour_and_backwards_at_once() {
        let mut watch = Watch::new(begin());
        assert_eq!(look(&mut watch, after(2, days(1)), None).0, 2);
        assert_eq!(look(&mut watch, after(3602, days(1)), None).0, 3602 + 86_400);
        let mut watch = Watch::new(begin());
        assert_eq!(look(&mut watch, after(2, -days(1)), None).0, 2 - 86_400);
    }

    #[test]
    fn reports_may_be_dated_as_before_while_a_clock_that_jumped_back_is_doubted() {
        let latest = |watch: &mut Watch, now, true_time: Option<f64>| {
            watch.note(now);
            let reading = watch.judge(now, true_time.map(|seconds| Offset { seconds, bound: 0.5 }));
            reading.latest.as_second() - 1_800_000_000
        };
        let mut watch = Watch::new(begin());
        assert_eq!(latest(&mut watch, after(2, -days(401)), None), 2);
        assert_eq!(latest(&mut watch, after(4, 0.0), None), 4);
        let mut watch = Watch::new(begin());
        assert_eq!(latest(&mut watch, after(2, -days(1)), Some(0.0)), 2 - 86_400);
        assert_eq!(latest(&mut watch, after(4, -days(1)), None), 4 - 86_400);
        let mut watch = Watch::new(begin());
        latest(&mut watch, after(2, -days(1)), None);
        assert_eq!(latest(&mut watch, after(3602, -days(1)), None), 3602 - 86_400);
    }

    #[test]
    fn true_time_decides() {
        let mut watch = Watch::new(begin());
        assert_eq!(look(&mut watch, after(2, days(401)), Some(-days(401))), (2, Some(Doubt::Contradicted(-days(401)))));
        // It agrees with a clock that was set right.
        let mut watch = Watch::new(begin());
        assert_eq!(look(&mut watch, after(2, days(401)), Some(1.0)), (2 + 401 * 86_400, None));
    }

    #[test]
    fn a_clock_that_is_steered_or_a_little_late_is_believed() {
        let mut watch = Watch::new(begin());
        assert_eq!(look(&mut watch, after(2, 100.0), Some(200.0)), (102, None));
    }

    #[test]
    fn a_start_long_after_the_last_report_deletes_nothing_for_a_day_unless_true_time_confirms_it() {
        let evidence = |age: u64| {
            let mut watch = Watch::new(begin());
            let latest = timestamp(begin().system - Duration::from_secs(age));
            watch.take_evidence(Some(latest), timestamp(begin().system));
            watch
        };
        assert_eq!(look(&mut evidence(DAY / 2), after(MINUTE, 0.0), None).1, None);
        let mut late = evidence(401 * DAY);
        assert!(matches!(look(&mut late, after(MINUTE, 0.0), None).1, Some(Doubt::Unproven(_))));
        assert_eq!(look(&mut late, after(DAY, 0.0), None).1, None);
        let mut late = evidence(401 * DAY);
        assert_eq!(look(&mut late, after(MINUTE, 0.0), Some(0.0)).1, None);
    }
}
