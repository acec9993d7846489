//! `GeneralizedTime` (X.680 section 46) as LDAP and Kerberos write it: in UTC, with seconds.

use super::NoTime;
use crate::observation::detail;
use std::str;
use std::time::SystemTime;

/// The digits that every value begins with: year, month, day, hour, minute, second.
const DIGITS: usize = 14;

/// Reads `20261123153638Z` or `20261123153638.0Z` (RFC 4120 section 5.2.3, RFC 4517 section 3.3.13). The fraction is
/// skipped: those who write it here write a zero.
///
/// # Errors
/// [`NoTime::Foreign`] where it is written otherwise, [`NoTime::OutOfRange`] where it is before 1970 or no date.
pub fn parse(text: &[u8]) -> Result<SystemTime, NoTime> {
    const MALFORMED: NoTime = NoTime::Foreign(detail!("time-not-utc"));
    let (digits, rest) = text.split_at_checked(DIGITS).ok_or(MALFORMED)?;
    let fraction = rest.strip_suffix(b"Z").ok_or(MALFORMED)?;
    let fraction = if fraction.is_empty() { fraction } else { fraction.strip_prefix(b".").ok_or(MALFORMED)? };
    if !digits.iter().chain(fraction).all(u8::is_ascii_digit) {
        return Err(MALFORMED);
    }
    let digits = str::from_utf8(digits).map_err(|_| MALFORMED)?;
    let part = |range| digits.get(range).unwrap_or_default();
    let [year, month, day] = [part(0..4), part(4..6), part(6..8)];
    let [hour, minute, second] = [part(8..10), part(10..12), part(12..14)];
    humantime::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).map_err(|_| NoTime::OutOfRange)
}

/// Writes a moment, to the second below.
#[cfg(test)]
pub(crate) fn format(moment: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(moment).to_string();
    text.chars().filter(|letter| !"-T:".contains(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn seconds(text: &str) -> Result<u64, NoTime> {
        parse(text.as_bytes()).map(|moment| moment.duration_since(UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn times_are_read_to_the_end_of_the_calendar() {
        assert_eq!(seconds("19700101000000Z"), Ok(0));
        assert_eq!(seconds("20360207062816Z"), Ok(2_085_978_496), "where 32 bits of NTP end");
        assert_eq!(seconds("20380119031408.0Z"), Ok(2_147_483_648), "where 32 bits of Unix end");
        assert_eq!(seconds("99991231235959Z"), Ok(253_402_300_799));
    }

    #[test]
    fn what_no_calendar_has_is_refused() {
        for text in ["16010101000000Z", "00000000000000Z", "20261301000000Z", "20260230000000Z", "20260101250000Z"] {
            assert_eq!(seconds(text), Err(NoTime::OutOfRange), "{text}");
        }
        let malformed = ["", "Z", "2026112315363", "20261123153638", "20261123153638+0900", "2026112315363xZ"];
        for text in malformed.into_iter().chain(["20261123153638.Z0", "20261123153638,0Z", "-0261123153638Z"]) {
            assert!(matches!(seconds(text), Err(NoTime::Foreign(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read_back(seconds in 0_u64..253_402_300_800) {
            let moment = UNIX_EPOCH + Duration::from_secs(seconds);
            prop_assert_eq!(parse(format(moment).as_bytes()), Ok(moment));
        }
    }
}
