//! Clocks against one another: offsets, the bounds within which they hold, and what several of them agree on.

pub mod agreement;
pub mod comparison;
pub mod host_clock;

use std::time::{Duration, SystemTime};

/// The difference between client and KMS host beyond which Windows refuses activation.
pub const TOLERANCE: Duration = Duration::from_hours(4);

/// The UDP port of time servers.
pub const NTP_PORT: u16 = 123;

/// When this program was released, in seconds since 1970: 2026-11-01, the first day of the month of its latest release.
/// No time server is right that says less. The moment of the build would be later, and no two builds would be the same;
/// a test holds that this is as recent as the changelog.
const RELEASED: u64 = 1_793_491_200;

/// The year 2200 begins, in seconds since 1970. No time server is right that says more.
const LATEST: u64 = 7_258_118_400;

/// How long it takes until the seconds of NTP start over (RFC 5905, section 6), in seconds.
const NTP_ERA: f64 = 4_294_967_296.0;

/// How fast two clocks may part that nobody sets or steers, in seconds a second: several times what a quartz goes wrong
/// by.
const DRIFT: f64 = 500e-6;

/// How far one clock is from another, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offset {
    /// The one minus the other: positive where the one is ahead.
    pub seconds: f64,
    /// The true difference lies within this distance of `seconds`. Never negative.
    pub bound: f64,
}

impl Offset {
    /// The middle of the span from `low` to `high`.
    pub fn between(low: f64, high: f64) -> Self {
        Self { seconds: f64::midpoint(low, high), bound: (high - low).max(0.0) / 2.0 }
    }

    /// The least it can be.
    pub fn low(self) -> f64 {
        self.seconds - self.bound
    }

    /// The most it can be.
    pub fn high(self) -> f64 {
        self.seconds + self.bound
    }

    /// How far apart the clocks are, whichever is ahead.
    pub fn distance(self) -> Duration {
        Duration::try_from_secs_f64(self.seconds.abs()).unwrap_or(Duration::MAX)
    }

    /// How far apart the clocks are for certain, which is less by the bound.
    pub fn certain_distance(self) -> Duration {
        Duration::try_from_secs_f64((self.seconds.abs() - self.bound).max(0.0)).unwrap_or(Duration::MAX)
    }

    /// Where both are offsets from a third clock: that of this clock from the other.
    #[must_use]
    pub fn relative_to(self, other: Self) -> Self {
        Self { seconds: self.seconds - other.seconds, bound: self.bound + other.bound }
    }

    /// The other clock from this one's.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { seconds: -self.seconds, ..self }
    }

    /// The same, with a bound that reaches over the other one's span too.
    #[must_use]
    pub fn reaching_over(self, other: Self) -> Self {
        let reach = (other.high() - self.seconds).max(self.seconds - other.low());
        Self { bound: self.bound.max(reach), ..self }
    }

    /// True where both may be right.
    pub fn overlaps(self, other: Self) -> bool {
        self.low() <= other.high() && other.low() <= self.high()
    }
}

/// One look at both clocks of this machine: that which shows the time, and may be set and steered, and that which only
/// runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// What the machine takes the time to be.
    pub system: SystemTime,
    /// How long the clock that only runs has been running.
    pub running: Duration,
}

impl Moment {
    /// This moment.
    pub fn now() -> Self {
        Self { system: SystemTime::now(), running: running() }
    }

    /// What a time server says at this moment that is so far ahead, where it cannot be right: it is before this program
    /// was released, or after 2200.
    pub fn impossible(self, offset: Offset) -> Option<SystemTime> {
        let by = Duration::try_from_secs_f64(offset.seconds.abs()).ok()?;
        let said = if offset.seconds < 0.0 { self.system.checked_sub(by) } else { self.system.checked_add(by) }?;
        let possible = released()..SystemTime::UNIX_EPOCH + Duration::from_secs(LATEST);
        (!possible.contains(&said)).then_some(said)
    }

    /// An offset that NTP gives at this moment, which does not say in which era of 136 years a server is: in the one in
    /// which its time is nearest to this program's release. Our own clock, which may be wrong, has no part in that.
    pub fn in_era(self, offset: Offset) -> Offset {
        let after_release = difference(self.system, released()) + offset.seconds;
        Offset { seconds: offset.seconds - (after_release / NTP_ERA).round() * NTP_ERA, ..offset }
    }

    /// How long ago `earlier` was, in seconds, and by how much the machine's time was set or steered between the two.
    fn since(self, earlier: Self) -> (f64, f64) {
        let elapsed = self.running.saturating_sub(earlier.running).as_secs_f64();
        (elapsed, (difference(self.system, earlier.system) - elapsed).abs())
    }
}

/// When this program was released.
pub fn released() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(RELEASED)
}

/// The clock that nobody sets or steers. Linux steers even the one that is never set, and has this one beside it.
#[cfg(target_os = "linux")]
fn running() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    // Every Linux since 2.6.28 has this clock; without it, nothing is known of the time between two moments.
    clock_gettime(ClockId::CLOCK_MONOTONIC_RAW).map(Duration::from).unwrap_or_default()
}

/// The clock that nobody sets.
#[cfg(not(target_os = "linux"))]
fn running() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed()
}

/// How far another clock was from ours, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measurement {
    /// The other clock minus ours.
    pub offset: Offset,
    pub taken: Moment,
}

impl Measurement {
    /// A measurement that began at `sent` and gave `offset` just now. Its bound is widened by what our clock may have
    /// gone wrong by meanwhile.
    pub fn since(sent: Moment, offset: Offset, now: Moment) -> Self {
        Self { offset, taken: sent }.retaken(now)
    }

    /// What a clock was off that showed a time from `reading` to `reading + resolution` at some moment between `sent`
    /// and `received`.
    pub fn between(sent: Moment, reading: SystemTime, resolution: Duration, received: Moment) -> Self {
        let low = difference(reading, received.system);
        let high = difference(reading, sent.system) + resolution.as_secs_f64();
        Self::since(sent, Offset::between(low, high), received)
    }

    /// What is known of the offset later: the clocks may have drifted apart, and where ours was set or steered
    /// meanwhile, or the machine slept, it is not known which of these it was.
    pub fn at(&self, now: Moment) -> Offset {
        let (elapsed, set) = now.since(self.taken);
        Offset { bound: self.offset.bound + elapsed * DRIFT + set, ..self.offset }
    }

    fn retaken(self, now: Moment) -> Self {
        Self { offset: self.at(now), taken: now }
    }

    /// How long ago it was taken.
    pub fn age(&self, now: Moment) -> Duration {
        now.running.saturating_sub(self.taken.running)
    }
}

/// One moment minus another, in seconds.
pub fn difference(one: SystemTime, other: SystemTime) -> f64 {
    match one.duration_since(other) {
        Ok(ahead) => ahead.as_secs_f64(),
        Err(behind) => -behind.duration().as_secs_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// `offset` by the machine's time and `elapsed` by the clock that only runs, after some moment.
    fn after(begin: Moment, offset: Duration, elapsed: Duration) -> Moment {
        Moment { system: begin.system + offset, running: begin.running + elapsed }
    }

    #[test]
    fn distance_is_what_is_certain() {
        assert_eq!(Offset { seconds: -14_700.0, bound: 0.5 }.certain_distance(), Duration::from_millis(14_699_500));
        assert_eq!(Offset { seconds: 1.0, bound: 2.0 }.certain_distance(), Duration::ZERO);
        assert_eq!(Offset { seconds: f64::MAX, bound: 0.0 }.certain_distance(), Duration::MAX);
    }

    /// A host that is exactly right, asked over a way of two seconds, which gives whole seconds.
    #[test]
    fn the_bound_holds_wherever_on_the_way_and_in_the_second_the_host_was_asked() {
        let sent = Moment::now();
        let received = after(sent, SECOND * 2, SECOND * 2);
        for tenth in 0..=20 {
            let asked = sent.system + SECOND * tenth / 10;
            for behind in [0, 1, 500, 999] {
                let reading = asked - Duration::from_millis(behind);
                let offset = Measurement::between(sent, reading, SECOND, received).offset;
                assert!(offset.low() <= 0.0 && offset.high() >= 0.0, "{tenth} {behind}: {offset:?}");
                assert!((offset.bound - 1.501).abs() < 1e-6, "a way of 2 s, a second, and drift: {offset:?}");
            }
        }
    }

    #[test]
    fn a_measurement_loses_its_certainty_with_time() {
        let taken = Moment::now();
        let measurement = Measurement { offset: Offset { seconds: 5.0, bound: 0.5 }, taken };
        let later = measurement.at(after(taken, SECOND * 1000, SECOND * 1000));
        assert!((later.seconds - 5.0).abs() < 1e-9 && (later.bound - 1.0).abs() < 1e-6, "{later:?}");
    }

    #[test]
    fn a_clock_that_was_set_meanwhile_is_not_trusted() {
        let taken = Moment::now();
        let measurement = Measurement { offset: Offset { seconds: 5.0, bound: 0.0 }, taken };
        let set = measurement.at(after(taken, Duration::from_secs(3_601), SECOND));
        assert!(set.bound > 3_599.0, "{set:?}");
        let during = Measurement::between(taken, taken.system, Duration::ZERO, after(taken, SECOND * 10, SECOND));
        assert!(during.offset.bound > 13.0, "{during:?}");
    }

    /// A moment by the machine's time.
    fn at(seconds: u64) -> Moment {
        Moment { system: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds), running: Duration::ZERO }
    }

    const fn off_by(seconds: f64) -> Offset {
        Offset { seconds, bound: 0.5 }
    }

    #[test]
    fn the_release_is_that_of_the_changelog() {
        let changelog = include_str!("../deploy/packages/debian/changelog");
        let (_, entry) = changelog.split_once("\n -- ").unwrap();
        let (_, date) = entry.lines().next().unwrap().rsplit_once("  ").unwrap();
        let latest = httpdate::parse_http_date(&date.replace("+0000", "GMT")).unwrap();
        let age = latest.duration_since(released()).unwrap();
        assert!(age < Duration::from_hours(31 * 24), "the latest release is {} days later", age.as_secs() / 86_400);
    }

    #[test]
    fn no_server_is_right_that_is_from_before_the_release_or_after_2200() {
        let now = at(RELEASED + 86_400);
        let said = |seconds: f64| now.impossible(off_by(seconds)).map(crate::words::day);
        assert_eq!([0.0, -86_399.0, 1e9].map(said), [None, None, None]);
        assert_eq!(said(-86_401.0).as_deref(), Some("2026-10-31"));
        assert_eq!(said(-1_793_577_600.0).as_deref(), Some("1970-01-01"));
        assert_eq!(said(5.4e9).as_deref(), None);
        assert_eq!(said(5_464_540_801.0).as_deref(), Some("2200-01-01"));
    }

    /// A server is in the era that our clock has nothing to say of, be ours right, at zero or in another century.
    #[test]
    fn the_era_of_a_server_is_not_by_our_clock() {
        const IN_2037: u64 = 2_114_380_800;
        for server in [RELEASED, IN_2037] {
            for ours in [0, 946_684_800, RELEASED, IN_2037, 4_102_444_800, 9_000_000_000] {
                let true_offset = difference(at(server).system, at(ours).system);
                for eras in [-2.0, -1.0, 0.0, 1.0, 2.0] {
                    let offset = at(ours).in_era(off_by(true_offset + eras * NTP_ERA));
                    assert!((offset.seconds - true_offset).abs() < 1e-3, "{server} by {ours}: {offset:?}");
                    assert_eq!(at(ours).impossible(offset), None);
                }
            }
        }
        // A clock without a battery begins in 1970, and not in 2106.
        let dead = at(RELEASED).in_era(off_by(NTP_ERA - 1_793_491_200.0));
        assert_eq!(at(RELEASED).impossible(dead), Some(SystemTime::UNIX_EPOCH));
    }

    #[test]
    fn years_far_apart_are_subtracted() {
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
        assert!(difference(end, SystemTime::UNIX_EPOCH) > 2.5e11);
        assert!(difference(SystemTime::UNIX_EPOCH, end) < -2.5e11);
    }
}
