//! Moments in the ways in which PowerShell, WMI and SQL Server write them.

use super::Parsed;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// From this year on a date means that there is none: the greatest that .NET and SQL Server can express is in 9999.
const NO_YEAR: i16 = 9000;

/// The years in which licenses are believed to be reported and to end.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2200;

/// Milliseconds from which on `/Date(...)/` means that there is none.
const NO_MILLISECONDS: i64 = 221_845_392_000_000;

const NO_DATE: &str = "this is no date that means the same everywhere";

/// A moment with its offset from UTC: `/Date(1764000000000)/`, ISO 8601, or the form of CIM. A year long
/// past (1601, 1900) or far ahead (9999) means none.
pub(in crate::formats) fn exact(text: &str) -> Parsed<Timestamp> {
    read(text, None)
}

/// Like [`exact`]; ISO 8601 without an offset is taken as UTC.
pub(in crate::formats) fn exact_or_utc(text: &str) -> Parsed<Timestamp> {
    read(text, Some(Offset::UTC))
}

/// The end of a subscription as the service gives it, which is in UTC: `2026-04-13 09:26:53:000`.
pub(in crate::formats) fn of_subscription(text: &str) -> Parsed<Timestamp> {
    let Some((moment, milliseconds)) = text.rsplit_once(':').filter(|(moment, _)| moment.matches(':').count() == 2)
    else {
        return exact_or_utc(text);
    };
    let is_number = milliseconds.bytes().all(|byte| byte.is_ascii_digit());
    let moment: DateTime = moment.parse().map_err(|_| NO_DATE)?;
    match Offset::UTC.to_timestamp(moment) {
        Ok(moment) if is_number && YEARS.contains(&Offset::UTC.to_datetime(moment).year()) => Ok(Some(moment)),
        _ => Ok(None),
    }
}

fn read(text: &str, default: Option<Offset>) -> Parsed<Timestamp> {
    let moment = if let Some(inner) = in_date_call(text) {
        from_milliseconds(inner)?
    } else if is_year_first(text) {
        from_iso(text, default)?
    } else if is_zero(text) {
        None
    } else {
        from_cim(text)?
    };
    moment.map_or(Ok(None), plausible)
}

/// A moment whose year can be right; `None` for one that means none.
fn plausible(moment: Timestamp) -> Parsed<Timestamp> {
    match Offset::UTC.to_datetime(moment).year() {
        year if !(1970..NO_YEAR).contains(&year) => Ok(None),
        year if YEARS.contains(&year) => Ok(Some(moment)),
        _ => Err("the year is absurd"),
    }
}

/// What is in `/Date(...)/`, which some programs write with backslashes.
fn in_date_call(text: &str) -> Option<&str> {
    let text = text.strip_prefix('\\').unwrap_or(text).strip_prefix("/Date(")?;
    text.strip_suffix(")/").or_else(|| text.strip_suffix(")\\/"))
}

/// Milliseconds since 1970 in UTC. An offset behind them is how they were shown, not when they were.
fn from_milliseconds(text: &str) -> Parsed<Timestamp> {
    let sign = text.char_indices().skip(1).find(|(_, char)| matches!(char, '+' | '-'));
    let (milliseconds, offset) = text.split_at_checked(sign.map_or(text.len(), |(at, _)| at)).ok_or(NO_DATE)?;
    let is_offset = offset.is_empty() || offset.len() == 5 && offset.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    let milliseconds: i64 = milliseconds.parse().map_err(|_| NO_DATE)?;
    if !is_offset {
        return Err(NO_DATE);
    }
    if milliseconds >= NO_MILLISECONDS {
        return Ok(None);
    }
    Timestamp::from_millisecond(milliseconds).map(Some).map_err(|_| NO_DATE)
}

/// True for what begins as `2026-12-03` does.
fn is_year_first(text: &str) -> bool {
    let date = text.as_bytes().iter().take(10).enumerate();
    text.len() >= 10
        && date.clone().all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
}

fn from_iso(text: &str, default: Option<Offset>) -> Parsed<Timestamp> {
    // The last moments of that year are beyond what can be computed with.
    if text.starts_with("9999-") {
        return Ok(None);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(Some(moment));
    }
    let offset = default.ok_or(NO_DATE)?;
    let moment: DateTime = text.parse().map_err(|_| NO_DATE)?;
    offset.to_timestamp(moment).map(Some).map_err(|_| NO_DATE)
}

/// True for the zero of Windows' time, whatever the region in whose way it is written: `1/1/1601 9:00:00 AM`, which is
/// the year before that west of Greenwich.
fn is_zero(text: &str) -> bool {
    let mut numbers = text.split(|char: char| !char.is_ascii_digit());
    numbers.any(|number| matches!(number, "1600" | "1601"))
}

/// A moment as CIM writes it: `20261203040100.000000+540`, with the offset in minutes.
fn from_cim(text: &str) -> Parsed<Timestamp> {
    if text.len() != 25 || text.get(14..15) != Some(".") {
        return Err(NO_DATE);
    }
    let digits = |at: std::ops::Range<usize>| {
        let digits = text.get(at).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<i32>().ok()).ok_or(NO_DATE)
    };
    let small = |at| digits(at).and_then(|number| i8::try_from(number).map_err(|_| NO_DATE));
    let year = digits(0..4).and_then(|year| i16::try_from(year).map_err(|_| NO_DATE))?;
    if year >= NO_YEAR {
        return Ok(None);
    }
    let nanosecond = digits(15..21)? * 1000;
    let moment =
        DateTime::new(year, small(4..6)?, small(6..8)?, small(8..10)?, small(10..12)?, small(12..14)?, nanosecond)
            .map_err(|_| NO_DATE)?;
    let minutes = match text.get(21..22) {
        Some("+") => digits(22..25)?,
        Some("-") => -digits(22..25)?,
        _ => return Err(NO_DATE),
    };
    let offset = Offset::from_seconds(minutes * 60).map_err(|_| NO_DATE)?;
    offset.to_timestamp(moment).map(Some).map_err(|_| NO_DATE)
}
