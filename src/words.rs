//! Counts, days and spans of time as people say them, and the words of strangers.

pub(crate) mod millis;
mod nearest;
mod whole_keys;

pub use nearest::nearest;
pub use whole_keys::{cut_keys, twin};

use jiff::Timestamp;
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

/// The day of a moment, in UTC: `2026-12-03`.
pub fn day(moment: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(moment).to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// The same for a moment in a report.
pub fn day_of(moment: Timestamp) -> String {
    moment.to_string().split('T').next().unwrap_or_default().to_owned()
}

/// A moment to the minute, in UTC.
pub fn minute_of(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Milliseconds, with as many digits as matter: `0.12 ms`, `5000 ms`.
pub fn milliseconds(duration: Duration) -> String {
    let value = duration.as_secs_f64() * 1000.0;
    let digits = match value {
        value if value < 1.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} ms")
}

/// A count with its noun: `1 host`, `2 hosts`, `2 addresses`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match (count, noun.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {noun}{plural}")
}

/// The longest piece of a stranger's text that is quoted, in characters.
const MAX_TOLD: usize = 200;

/// How much of a stranger's text is looked at, in bytes: enough that whatever a key is cut to is within what is quoted.
const MAX_READ: usize = 64 * 1024;

/// Text of a stranger's, on one line and of bounded length, with every whole product key in it cut.
pub fn quoted(text: &str) -> String {
    let text = text.trim();
    let start = text.get(..text.floor_char_boundary(MAX_READ)).unwrap_or_default();
    let cut = cut_keys(start);
    let shown = cut.chars().take(MAX_TOLD).map(plain);
    let is_longer = start.len() < text.len() || cut.chars().nth(MAX_TOLD).is_some();
    let quoted = shown.collect::<String>() + if is_longer { "..." } else { "" };
    // Once more: a control character may have hidden one.
    match cut_keys(&quoted) {
        Cow::Owned(quoted) => quoted,
        Cow::Borrowed(_) => quoted,
    }
}

/// A character as a terminal may be given it: what controls one, breaks a line, or turns or hides what stands around it
/// becomes a space.
pub fn plain(character: char) -> char {
    let is_unseen = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    );
    if character.is_control() || is_unseen { ' ' } else { character }
}

/// A span of time in its two largest units, rounded: `4 h 5 min`, `3 min 2 s`, `12 s`; below a second in milliseconds,
/// of which it is at least one.
pub fn in_words(span: Duration) -> String {
    let quoted = units(span).into_iter().map(|(count, unit)| match (count, unit) {
        (2.., "day" | "year") => format!("{count} {unit}s"),
        (count, unit) => format!("{count} {unit}"),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// A span of time as exact as [`in_words`] shows it: of two spans with the same words neither is longer.
pub fn rounded(span: Duration) -> Duration {
    let unit = |unit: &str| match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "min" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        "day" => Duration::from_hours(24),
        _ => Duration::from_hours(365 * 24),
    };
    let times = |(count, name): (u64, &str)| unit(name).saturating_mul(count.try_into().unwrap_or(u32::MAX));
    units(span).into_iter().map(times).fold(Duration::ZERO, Duration::saturating_add)
}

/// The same as figures: how many of which unit, which is `ms`, `s`, `min`, `h`, `day` or `year`.
pub fn units(span: Duration) -> Vec<(u64, &'static str)> {
    if span < Duration::from_secs(1) {
        return vec![(u64::try_from(span.as_micros().div_ceil(1000)).unwrap_or(1000).max(1), "ms")];
    }
    // Each unit, and how many of the smallest that is shown with it make it up.
    let seconds = span.saturating_add(Duration::from_millis(500)).as_secs();
    let minutes = span.saturating_add(Duration::from_secs(30)).as_secs() / 60;
    let hours = span.saturating_add(Duration::from_mins(30)).as_secs() / 3600;
    let two = if seconds < 3600 {
        [(seconds / 60, "min"), (seconds % 60, "s")]
    } else if minutes < 24 * 60 {
        [(minutes / 60, "h"), (minutes % 60, "min")]
    } else if hours < 365 * 24 {
        [(hours / 24, "day"), (hours % 24, "h")]
    } else {
        [(hours / (365 * 24), "year"), (0, "day")]
    };
    two.into_iter().filter(|(count, _)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_reported_without_the_hour() {
        assert_eq!(day(SystemTime::UNIX_EPOCH + Duration::from_secs(86_399)), "1970-01-01");
        assert_eq!(day_of("2026-12-03T23:59:59.9Z".parse().unwrap()), "2026-12-03");
    }

    #[test]
    fn what_strangers_say_is_quoted_on_one_line_and_not_at_length() {
        assert_eq!(quoted(" a\r\n\x1b[31mb "), "a   [31mb");
        assert_eq!(quoted("a\u{9b}b\u{202e}c\u{200b}d\u{2028}e"), "a b c d e");
        assert_eq!(quoted(&"\u{e4}".repeat(201)), format!("{}...", "\u{e4}".repeat(200)));
    }

    #[test]
    fn nouns_take_their_plural() {
        assert_eq!([counted(0, "host"), counted(1, "host"), counted(2, "host")], ["0 hosts", "1 host", "2 hosts"]);
        assert_eq!([counted(1, "address"), counted(2, "address")], ["1 address", "2 addresses"]);
    }

    #[test]
    fn spans_are_reported_in_two_units() {
        let quoted = |milliseconds| in_words(Duration::from_millis(milliseconds));
        assert_eq!([quoted(12_400), quoted(182_000), quoted(60_000)], ["12 s", "3 min 2 s", "1 min"]);
        // No measurement is exact: a hair short of 4 h 5 min is 4 h 5 min.
        assert_eq!([quoted(14_699_600), quoted(3_599_900), quoted(86_399_000)], ["4 h 5 min", "1 h", "1 day"]);
        assert_eq!([quoted(90_061_000), quoted(180_000_000)], ["1 day 1 h", "2 days 2 h"]);
        assert_eq!(quoted(12 * 365 * 86_400_000), "12 years");
    }

    #[test]
    fn a_rounded_span_has_the_same_words() {
        for milliseconds in
            [0, 1, 999, 4_998, 59_600, 182_000, 14_699_600, 86_399_000, 180_000_000, 12 * 365 * 86_400_000]
        {
            let span = Duration::from_millis(milliseconds) + Duration::from_nanos(1);
            assert_eq!(in_words(rounded(span)), in_words(span), "{span:?}");
            assert_eq!(rounded(rounded(span)), rounded(span), "{span:?}");
        }
        assert_eq!(rounded(Duration::from_millis(4_998)), Duration::from_secs(5));
    }

    #[test]
    fn short_spans_are_reported_in_milliseconds_and_never_too_short() {
        let quoted = |microseconds| in_words(Duration::from_micros(microseconds));
        assert_eq!([quoted(0), quoted(30), quoted(20_001), quoted(999_999)], ["1 ms", "1 ms", "21 ms", "1000 ms"]);
        assert_eq!(
            in_words(Duration::MAX),
            counted(usize::try_from(Duration::MAX.as_secs() / 31_536_000).unwrap(), "year")
        );
    }
}
