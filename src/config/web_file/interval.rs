//! Durations as Go writes them: `1s`, `1.5h`, `1m30s`.

use crate::catalogue::{Message, message};
use std::time::Duration;

/// The units, each in nanoseconds. Longer names of units are before those they begin with.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];

/// Reads a duration. One below zero is none, and so is a number without a unit that is zero; any other such number is of
/// nanoseconds.
///
/// # Errors
/// A clause that says how a duration is written.
pub(super) fn parse(text: &str) -> Result<Duration, Message> {
    let wrong = || message!("web-duration");
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut rest = unsigned;
    let mut nanoseconds = 0.0;
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Duration::from_nanos(number.try_into().unwrap_or(0)));
    }
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.').ok_or_else(wrong)?;
        let (number, after) = rest.split_at(end);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let (unit, length) = UNITS.iter().find(|(unit, _)| after.starts_with(unit)).ok_or_else(wrong)?;
        nanoseconds += number * length;
        rest = after.strip_prefix(unit).unwrap_or(after);
    }
    // Go counts nanoseconds in 63 bits.
    if unsigned.is_empty() || nanoseconds > 9_223_372_036_854_775_807.0 {
        return Err(wrong());
    }
    if text.starts_with('-') {
        return Ok(Duration::ZERO);
    }
    Ok(Duration::from_secs_f64(nanoseconds / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let expected = [
            ("0", Duration::ZERO),
            ("5", Duration::from_nanos(5)),
            ("-5", Duration::ZERO),
            ("1s", Duration::from_secs(1)),
            ("+1.5h", Duration::from_mins(90)),
            ("-1s", Duration::ZERO),
            ("1m30s", Duration::from_secs(90)),
            ("250ms", Duration::from_millis(250)),
            (".5s", Duration::from_millis(500)),
            ("100us", Duration::from_micros(100)),
            ("100µs", Duration::from_micros(100)),
        ];
        for (text, duration) in expected {
            assert_eq!(parse(text), Ok(duration), "{text}");
        }
        for text in ["", "-", "1", "s", "1x", "1d", "1 s", "1s ", ".s", "1..5s", "9999999h"] {
            assert_eq!(parse(text).is_err(), text != "1", "{text}");
        }
    }
}
