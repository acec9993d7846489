//! Counts and spans of time as people say them.

use std::time::Duration;

/// A count with its noun: `1 host`, `2 hosts`, `2 addresses`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match (count, noun.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {noun}{plural}")
}

/// A span of time in its two largest units, to the nearest second: `4h 5m`, `3m 2s`, `12s`.
pub fn in_words(duration: Duration) -> String {
    // No measurement is exact: a hair short of 4h 5m is 4h 5m.
    let seconds = duration.saturating_add(Duration::from_millis(500)).as_secs();
    let coarse = match seconds {
        0..=3_599 => seconds,
        3_600..=86_399 => seconds - seconds % 60,
        _ => seconds - seconds % 3_600,
    };
    humantime::format_duration(Duration::from_secs(coarse)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_take_their_plural() {
        assert_eq!([counted(0, "host"), counted(1, "host"), counted(2, "host")], ["0 hosts", "1 host", "2 hosts"]);
        assert_eq!([counted(1, "address"), counted(2, "address")], ["1 address", "2 addresses"]);
    }

    #[test]
    fn spans_are_told_in_two_units() {
        let told = |milliseconds| in_words(Duration::from_millis(milliseconds));
        assert_eq!([told(12_400), told(182_000), told(14_699_600)], ["12s", "3m 2s", "4h 5m"]);
        assert_eq!(told(90_061_000), "1day 1h");
    }
}
