//! NTP: the times a server notes in its answer. Whether the answer is to be believed is for others to say.
//!
//! Section numbers are those of RFC 5905.

use super::reader::{ByteOrder, Reader, TooShort};
use std::time::{Duration, SystemTime};

/// What is before the times in a packet: flags, distances, reference identifier and time, and the time of the
/// question (7.3).
const BEFORE_TIMES: usize = 32;

/// Between the seconds of 1900, from which NTP counts, and those of 1970.
const EPOCH_DIFFERENCE: u64 = 2_208_988_800;

/// A time in 32 bits of seconds and 32 bits of fraction (6). The seconds start over every 136 years, so only
/// differences mean something: those of less than 68 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Another time minus this one, in seconds.
    #[expect(clippy::cast_precision_loss, reason = "of 68 years, microseconds are left")]
    pub fn until(self, later: Self) -> f64 {
        const FRACTION: f64 = 4_294_967_296.0;
        later.0.wrapping_sub(self.0).cast_signed() as f64 / FRACTION
    }

    /// The time as it is sent.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl From<SystemTime> for Timestamp {
    fn from(moment: SystemTime) -> Self {
        // A clock set before 1970 is wrong by more than anyone asks.
        let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
        Self((since.as_secs().wrapping_add(EPOCH_DIFFERENCE) << 32) | fraction)
    }
}

/// When a server received a question and when it answered, by its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerTimes {
    /// When the question came.
    pub received: Timestamp,
    /// When the answer went.
    pub transmitted: Timestamp,
}

impl ServerTimes {
    /// Reads the times off an answer (7.3).
    ///
    /// # Errors
    /// [`TooShort`] where it is shorter than a packet.
    pub fn decode(answer: &[u8]) -> Result<Self, TooShort> {
        let mut reader = Reader::new(answer, ByteOrder::Big);
        reader.take(BEFORE_TIMES)?;
        let mut time = || Ok(Timestamp(u64::from(reader.u32()?) << 32 | u64::from(reader.u32()?)));
        Ok(Self { received: time()?, transmitted: time()? })
    }

    /// False where a time is zero, which means none (7.3).
    pub fn is_known(self) -> bool {
        self.received != Timestamp(0) && self.transmitted != Timestamp(0)
    }

    /// The server's clock minus ours, and the time spent there and back, both in seconds, where we sent the
    /// question and received the answer at these times of our own (8).
    ///
    /// A server that claims to have had the question for longer than we waited noted its arrival too early, as one does
    /// that reads its clock before it reads a packet. Then only the time of its answer counts.
    pub fn offset_and_delay(self, sent: Timestamp, received: Timestamp) -> (f64, f64) {
        let there = sent.until(self.received);
        let back = received.until(self.transmitted);
        let there = if there < back { sent.until(self.transmitted) } else { there };
        (f64::midpoint(there, back), (there - back).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;

    fn at(milliseconds: u64) -> Timestamp {
        (UNIX_EPOCH + Duration::from_millis(milliseconds)).into()
    }

    fn answer(times: ServerTimes) -> Vec<u8> {
        let mut bytes = vec![0; BEFORE_TIMES];
        bytes.extend(times.received.to_bytes());
        bytes.extend(times.transmitted.to_bytes());
        bytes
    }

    fn assert_close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
    }

    #[test]
    fn offset_and_delay_are_as_in_the_specification() {
        let times = ServerTimes { received: at(5_030), transmitted: at(5_040) };
        let (offset, delay) = times.offset_and_delay(at(1_000), at(1_060));
        assert_close(offset, 4.005);
        assert_close(delay, 0.05);
    }

    #[test]
    fn an_arrival_noted_too_early_does_not_count() {
        let times = ServerTimes { received: at(4_900), transmitted: at(5_040) };
        let (offset, delay) = times.offset_and_delay(at(5_000), at(5_060));
        assert_close(offset, 0.01);
        assert_close(delay, 0.06);
    }

    /// The seconds of NTP start over on 2036-02-07; Unix's 32 bits end in 2038.
    #[test]
    fn differences_hold_across_the_end_of_an_era() {
        const END: u64 = 2_085_978_496;
        assert_eq!(at(END * 1000), Timestamp(0));
        assert_close(at((END - 1) * 1000).until(at((END + 1) * 1000)), 2.0);
        assert_close(at((END + 1) * 1000).until(at((END - 1) * 1000)), -2.0);
        assert_close(at(1_795_448_198_000).until(at(2_240_611_200_000)), 445_163_002.0);
    }

    #[test]
    fn a_clock_before_1970_is_taken_for_1970() {
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_secs(9)), at(0));
    }

    #[test]
    fn every_part_of_a_packet_is_too_short() {
        let whole = answer(ServerTimes { received: at(1), transmitted: at(2) });
        assert_eq!(whole.len(), 48);
        for length in 0..48 {
            assert_eq!(ServerTimes::decode(&whole[..length]), Err(TooShort));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(received in any::<u64>(), transmitted in any::<u64>()) {
            let times = ServerTimes { received: Timestamp(received), transmitted: Timestamp(transmitted) };
            prop_assert_eq!(ServerTimes::decode(&answer(times)), Ok(times));
        }

        #[test]
        fn any_times_give_an_offset_and_no_negative_delay(times in any::<[u64; 4]>()) {
            let [sent, received, transmitted, arrived] = times.map(Timestamp);
            let (offset, delay) = ServerTimes { received, transmitted }.offset_and_delay(sent, arrived);
            prop_assert!(offset.is_finite() && delay.is_finite() && delay >= 0.0);
        }
    }
}
