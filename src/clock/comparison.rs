//! Two clocks that a client and a KMS host go by, and whether Windows tolerates their difference.

use super::{Offset, TOLERANCE};
use crate::words::in_words;
use std::time::Duration;

/// The names of the clocks beside those of the hosts.
const OURS: &str = "this machine's clock";
const TRUE_TIME: &str = "true time";

/// How two clocks compare that a client and a KMS host go by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Which two.
    pub clocks: Clocks,
    /// The first minus the second.
    pub offset: Offset,
    /// What that means.
    pub standing: Standing,
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
pub enum Standing {
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
        let standing = match offset.certain_distance() {
            distance if distance > TOLERANCE => Standing::Skewed,
            distance if distance > warn => Standing::Drifted,
            _ => Standing::Right,
        };
        Self { clocks, offset, standing }
    }

    /// The comparison in words: `kms01 is 4 h 5 min ahead of true time`. `host` is whose clock it is, where it is
    /// one's.
    pub fn describe(&self, host: &str) -> String {
        let (one, other) = match self.clocks {
            Clocks::HostAndTrueTime => (host, TRUE_TIME),
            Clocks::HostAndOurs => (host, OURS),
            Clocks::OursAndTrueTime => (OURS, TRUE_TIME),
        };
        describe(one, self.offset, other)
    }
}

/// One clock against another, in words. Where it is not even certain which is ahead, it is not said.
pub fn describe(one: &str, offset: Offset, other: &str) -> String {
    let distance = offset.distance();
    if distance < Duration::from_secs(1) || offset.certain_distance().is_zero() {
        let most = Duration::try_from_secs_f64(offset.seconds.abs() + offset.bound).unwrap_or(Duration::MAX);
        return format!("{one} is within {} of {other}", in_words(most));
    }
    let direction = if offset.seconds > 0.0 { "ahead of" } else { "behind" };
    format!("{one} is {} {direction} {other}", in_words(distance))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn standing(seconds: f64, bound: f64) -> Standing {
        Comparison::new(Clocks::HostAndTrueTime, Offset { seconds, bound }, HOUR).standing
    }

    #[test]
    fn a_clock_is_blamed_for_what_is_certain() {
        assert_eq!(standing(3_600.0, 0.0), Standing::Right);
        assert_eq!(standing(3_600.2, 0.1), Standing::Drifted);
        assert_eq!(standing(-3_600.2, 0.1), Standing::Drifted);
        assert_eq!(standing(14_400.0, 0.1), Standing::Drifted, "the bound leaves it open");
        assert_eq!(standing(14_400.2, 0.1), Standing::Skewed);
        assert_eq!(standing(-14_400.2, 0.1), Standing::Skewed);
        assert_eq!(standing(14_700.0, 20_000.0), Standing::Right, "nothing is certain");
    }

    #[test]
    fn every_pair_of_clocks_has_its_words() {
        let told = |clocks, seconds| Comparison::new(clocks, Offset { seconds, bound: 0.01 }, HOUR).describe("kms01");
        assert_eq!(told(Clocks::HostAndTrueTime, 14_700.2), "kms01 is 4 h 5 min ahead of true time");
        assert_eq!(told(Clocks::HostAndOurs, -90.4), "kms01 is 1 min 30 s behind this machine's clock");
        assert_eq!(told(Clocks::OursAndTrueTime, -10_800.0), "this machine's clock is 3 h behind true time");
        assert_eq!(told(Clocks::HostAndTrueTime, -0.0123), "kms01 is within 23 ms of true time");
        let unsure = Comparison::new(Clocks::HostAndTrueTime, Offset { seconds: 5.0, bound: 6.0 }, HOUR);
        assert_eq!(unsure.describe("kms01"), "kms01 is within 11 s of true time");
    }
}
