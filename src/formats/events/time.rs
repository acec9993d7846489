//! The moments in events, in every form in which tools write them. One without an offset is the local time of who knows
//! where, and is not believed; those that the licensing service writes into its texts are in UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Nothing in these events is older than KMS: the start of 2006, in seconds of Unix time.
const EARLIEST: i64 = 1_136_073_600;

/// The longest text that is looked at, in bytes.
const MAX_LENGTH: usize = 64;

/// The year that stands for no date: Windows counts from there.
const NO_YEAR: i16 = 1601;

/// When a grace period or a license ends, as event 8230 reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GraceEnd {
    /// On no day.
    Never,
    /// Then.
    At(Timestamp),
}

/// The moment of an event: ISO 8601 with an offset, also with spaces in it, or `/Date(milliseconds)/`. `None` for
/// anything else, and for what is too long ago.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return None;
    }
    let moment = match text.split_once("Date(") {
        Some((_, milliseconds)) => {
            let end = milliseconds.find(|char: char| !char.is_ascii_digit())?;
            Timestamp::from_millisecond(milliseconds.get(..end)?.parse().ok()?).ok()?
        }
        None => match text.rsplit_once(' ') {
            Some((moment, offset)) if offset.starts_with(['+', '-', 'Z']) => {
                format!("{}{offset}", moment.trim_end()).parse().ok()?
            }
            _ => text.parse().ok()?,
        },
    };
    plausible(moment)
}

/// The time of a client in the text of an event: `2026/11/24 18:00` or `2026/1/4 8:00`, in UTC.
pub(super) fn client_time(text: &str) -> Option<Timestamp> {
    let mut words = text.split_whitespace();
    let [year, month, day] = numbers(words.next()?, &['/', '-'])?;
    let [hour, minute, second] = numbers(words.next()?, &[':'])?;
    plausible(utc([year, month, day, hour, minute, second])?)
}

/// The end of grace in event 8230: `2026/11/24:18:00:00`, in UTC.
pub(super) fn grace_end(text: &str) -> Option<GraceEnd> {
    let (date, time) = text.trim().split_once(':')?;
    let ([year, month, day], [hour, minute, second]) = (numbers(date, &['/'])?, numbers(time, &[':'])?);
    let moment = utc([year, month, day, hour, minute, second])?;
    if year == NO_YEAR { Some(GraceEnd::Never) } else { plausible(moment).map(GraceEnd::At) }
}

/// Two or three numbers with one of these characters between them; the third is 0 where it is missing.
fn numbers(text: &str, separators: &[char]) -> Option<[i16; 3]> {
    let number = |part: &str| -> Option<i16> {
        let is_number = !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten()
    };
    let mut parts = text.split(separators);
    let (first, second) = (number(parts.next()?)?, number(parts.next()?)?);
    let third = parts.next().map_or(Some(0), number)?;
    parts.next().is_none().then_some([first, second, third])
}

fn utc([year, month, day, hour, minute, second]: [i16; 6]) -> Option<Timestamp> {
    let small = |number: i16| i8::try_from(number).ok();
    let moment = DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, 0);
    Offset::UTC.to_timestamp(moment.ok()?).ok()
}

fn plausible(moment: Timestamp) -> Option<Timestamp> {
    (moment.as_second() >= EARLIEST).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(moment: Option<Timestamp>) -> String {
        moment.map_or("none".to_owned(), |moment| moment.to_string())
    }

    #[test]
    fn a_moment_is_read_in_every_form_that_names_its_offset() {
        for text in [
            "2026-11-24T09:00:00Z",
            "2026-11-24T09:00:00.000000000Z",
            "2026-11-24T18:00:00.0000000+09:00",
            "2026-11-24 18:00:00 +0900",
            "2026-11-24 18:00:00+09:00",
            "2026-11-24 09:00:00 Z",
            "/Date(1795510800000)/",
            r"\/Date(1795510800000)\/",
            "/Date(1795510800000+0900)/",
        ] {
            assert_eq!(reported(moment(text)), "2026-11-24T09:00:00Z", "{text}");
        }
        assert_eq!(reported(moment("2026-11-24T09:00:00.1234567Z")), "2026-11-24T09:00:00.1234567Z");
    }

    #[test]
    fn a_moment_without_an_offset_or_before_kms_is_not_believed() {
        for text in [
            "",
            "2026-11-24 18:00:00",
            "2026-11-24T18:00:00",
            "11/24/2026 6:00:00 PM",
            "1601-01-01T00:00:00Z",
            "/Date(0)/",
            "/Date(-62135596800000)/",
            "/Date(99999999999999999999)/",
            "/Date(",
            "/Date(1795510800000",
            "20261124090000.000000-000",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
        assert_eq!(moment(&"9".repeat(100_000)), None);
    }

    #[test]
    fn the_time_of_a_client_is_utc() {
        for text in ["2026/11/04 08:05", "2026/11/4 8:05", " 2026/11/04\r\n08:05 ", "2026-11-04 08:05:00"] {
            assert_eq!(reported(client_time(text)), "2026-11-04T08:05:00Z", "{text}");
        }
        // The order of days and months in a date that does not begin with the year is anyone's guess.
        for text in
            ["", "2026/11/04", "11/4/2026 8:05", "2026/13/04 08:05", "2026/11/04 25:00", "1601/1/1 0:00", "a/b c:d"]
        {
            assert_eq!(client_time(text), None, "{text}");
        }
    }

    #[test]
    fn a_grace_period_ends_on_a_day_or_never() {
        assert_eq!(grace_end("2024/02/03:22:33:07"), Some(GraceEnd::At("2024-02-03T22:33:07Z".parse().unwrap())));
        assert_eq!(grace_end("1601/01/01:00:00:00"), Some(GraceEnd::Never));
        for text in ["", "2024/02/03", "2024/02/30:00:00:00", "2000/01/01:00:00:00", "x/y/z:a:b:c"] {
            assert_eq!(grace_end(text), None, "{text}");
        }
    }
}
