//! Two clocks that a client and a KMS host go by, and whether Windows tolerates their difference.

use super::{Offset, TOLERANCE};
use crate::observation::{Detail, Value, detail};
use std::time::Duration;

/// How two clocks compare that a client and a KMS host go by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Which two.
    pub clocks: Clocks,
    /// The first minus the second.
    pub offset: Offset,
    /// What that means.
    pub state: ClockState,
}

/// The two clocks that are compared, which depends on what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clocks {
    /// The host's and true time, which a client has that is right.
    HostAndTrueTime,
    /// The host's and ours, which a client beside us shares. What true time is, is not known.
    HostAndOurs,
    /// Ours and true time, which the host is taken to have: its own clock cannot be read.
    OursAndTrueTime,
}

/// How far apart two clocks are, for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClockState {
    /// Less than is reported.
    Right,
    /// More than `clock.clock_warn`, and tolerated.
    Drifted,
    /// More than Windows tolerates.
    Skewed,
}

impl Comparison {
    /// Two clocks, the first of which is `offset` from the second; reported from `warn` on.
    pub fn new(clocks: Clocks, offset: Offset, warn: Duration) -> Self {
        let state = match offset.certain_distance() {
            distance if distance > TOLERANCE => ClockState::Skewed,
            distance if distance > warn => ClockState::Drifted,
            _ => ClockState::Right,
        };
        Self { clocks, offset, state }
    }

    /// How the two compare. `host` is whose clock it is, where it is one's.
    pub fn detail(&self, host: &str) -> Detail {
        let host = || Value::from(host.to_owned());
        let (ours, true_time) = (|| detail!("own-clock-name").into(), || detail!("true-time-name").into());
        let (one, two) = match self.clocks {
            Clocks::HostAndTrueTime => (host(), true_time()),
            Clocks::HostAndOurs => (host(), ours()),
            Clocks::OursAndTrueTime => (ours(), true_time()),
        };
        let (relation, span) = self.relation();
        detail!("clock-offset", relation = relation, one = one, two = two, span = span)
    }

    /// Whether the first is ahead or behind, and by how much. Where not even that is certain, the most it may be.
    pub fn relation(&self) -> (&'static str, Duration) {
        let Self { offset, .. } = self;
        let distance = offset.distance();
        if distance < Duration::from_secs(1) || offset.certain_distance().is_zero() {
            let most = Duration::try_from_secs_f64(offset.seconds.abs() + offset.bound).unwrap_or(Duration::MAX);
            return ("near", most);
        }
        (if offset.seconds > 0.0 { "ahead" } else { "behind" }, distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn state(seconds: f64, bound: f64) -> ClockState {
        Comparison::new(Clocks::HostAndTrueTime, Offset { seconds, bound }, HOUR).state
    }

    #[test]
    fn a_clock_is_blamed_for_what_is_certain() {
        assert_eq!(state(3_600.0, 0.0), ClockState::Right);
        assert_eq!(state(3_600.2, 0.1), ClockState::Drifted);
        assert_eq!(state(-3_600.2, 0.1), ClockState::Drifted);
        assert_eq!(state(14_400.0, 0.1), ClockState::Drifted, "the bound leaves it open");
        assert_eq!(state(14_400.2, 0.1), ClockState::Skewed);
        assert_eq!(state(-14_400.2, 0.1), ClockState::Skewed);
        assert_eq!(state(14_700.0, 20_000.0), ClockState::Right, "nothing is certain");
    }

    #[test]
    fn every_pair_of_clocks_has_its_words() {
        let shown = |clocks, seconds| {
            Comparison::new(clocks, Offset { seconds, bound: 0.01 }, HOUR).detail("kms01").to_string()
        };
        assert_eq!(shown(Clocks::HostAndTrueTime, 14_700.2), "kms01 is 4 h 5 min ahead of true time");
        assert_eq!(shown(Clocks::HostAndOurs, -90.4), "kms01 is 1 min 30 s behind this machine's clock");
        assert_eq!(shown(Clocks::OursAndTrueTime, -10_800.0), "this machine's clock is 3 h behind true time");
        assert_eq!(shown(Clocks::HostAndTrueTime, -0.0123), "kms01 is at most 23 ms off true time");
        let unsure = Comparison::new(Clocks::HostAndTrueTime, Offset { seconds: 5.0, bound: 6.0 }, HOUR);
        assert_eq!(unsure.detail("kms01"), "kms01 is at most 11 s off true time");
    }
}
