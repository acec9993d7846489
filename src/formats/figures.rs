//! The figures in what scripts print, in the forms in which countries write them. What is not surely the figure it
//! seems to be is none.
//!
//! Each function is given the text after a phrase, and whether the text is closed: where it is not, more of it could
//! have followed, so only what shows its own end is believed.

use crate::codes::Code;
use crate::host::{HostPort, KMS_PORT};
use crate::license::parse_kms_host;
use uuid::Uuid;

/// The number that stands for one that is not set.
const UNSET: u32 = u32::MAX;

/// What is between groups of three digits in one country or another.
const SEPARATORS: [char; 9] = [',', '.', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}', '\u{2009}', '\u{2007}'];

/// How minutes begin in the languages of Windows, in lower case.
const MINUTES: [&str; 5] = ["minut", "\u{5206}", "\u{bd84}", "минут", "dakika"];

/// A number in plain digits or in groups of three, such as `243720`, `243,720` or `243.720`.
pub(super) fn number(text: &str) -> Option<u32> {
    let Some(separator) = text.chars().find(|char| SEPARATORS.contains(char)) else {
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        return if is_plain { text.parse().ok() } else { None };
    };
    let mut groups = text.split(separator);
    let first = groups.next()?;
    let is_first = matches!(first.len(), 1..=3) && !first.starts_with('0');
    let are_groups = groups.all(|group| group.len() == 3);
    let digits: String = text.split(separator).collect();
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_first && are_groups && are_digits { digits.parse().ok() } else { None }
}

/// What is found in place of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// The number by which Windows says that there is none.
    Unset,
    /// So many.
    Number(u32),
}

impl Count {
    pub(super) const fn number(self) -> Option<u32> {
        match self {
            Self::Unset => None,
            Self::Number(number) => Some(number),
        }
    }
}

/// A number and nothing else.
pub(super) fn count(text: &str, is_closed: bool) -> Option<Count> {
    if !is_closed {
        return None;
    }
    let number = number(text.trim().trim_end_matches('.'))?;
    Some(if number == UNSET { Count::Unset } else { Count::Number(number) })
}

/// The number in front of a unit. The unit shows where the number ends.
fn number_before(text: &str, units: &[&str]) -> Option<u32> {
    let text = text.to_lowercase();
    let unit = units.iter().filter_map(|unit| text.find(unit)).min()?;
    let before = text.get(..unit)?.trim_end();
    let is_of_number = |char: char| char.is_ascii_digit() || SEPARATORS.contains(&char);
    let digits = before.trim_end_matches(is_of_number);
    // Where anything else is right before it, such as a separator whose encoding got lost, it is the end of a number.
    let is_begin = |char: char| matches!(char, '(' | ':') || (char.is_alphabetic() && char >= '\u{2e80}');
    let is_apart = before.get(digits.len()..)?.starts_with(char::is_whitespace);
    let is_signed = digits.ends_with(['-', '\u{2212}', '+']);
    if is_signed || !(digits.is_empty() || is_apart || digits.ends_with(is_begin)) {
        return None;
    }
    number(before.get(digits.len()..)?.trim_start_matches(SEPARATORS))
}

/// Minutes: `15 minutes`, `7195 minute(s)`.
pub(super) fn minutes(text: &str, _is_closed: bool) -> Option<u32> {
    number_before(text, &MINUTES)
}

/// Minutes with the same in days beside them. The days are rounded, so they only show whether the minutes can be
/// right: the two may be a day apart.
pub(super) fn minutes_and_days(text: &str, is_closed: bool) -> Option<u32> {
    let Some(minutes) = minutes(text, is_closed) else { return minutes_beside_days(text) };
    match number_before(text, &["day", "\u{65e5}", "\u{5929}"]) {
        Some(days) => (days.abs_diff(minutes / 1440) <= 1).then_some(minutes),
        // In any language they are in parentheses.
        None if parenthesis(text).is_some() => minutes_beside_days(text),
        // The days may have been cut off, and would have shown that the minutes are wrong.
        None => (is_closed && !text.to_ascii_lowercase().contains("day")).then_some(minutes),
    }
}

/// Minutes in any language, identified by the same in days in parentheses behind them.
pub(super) fn minutes_beside_days(text: &str) -> Option<u32> {
    // The words for minutes and days may have parentheses of their own.
    let text = text.trim().trim_end_matches('.').strip_suffix(')')?;
    let at = parenthesis(text)?;
    let (minutes, days) = (text.get(..at)?, text.get(at + 1..)?);
    let number_of = |text: &str| {
        let text = text.trim();
        let words = text.trim_start_matches(|char: char| char.is_ascii_digit() || SEPARATORS.contains(&char));
        let has_unit = words.starts_with(char::is_alphabetic) && !words.contains(|char: char| char.is_ascii_digit());
        number(text.get(..text.len() - words.len())?.trim_end_matches(SEPARATORS)).filter(|_| has_unit)
    };
    let (minutes, days) = (number_of(minutes)?, number_of(days)?);
    (days.abs_diff(minutes / 1440) <= 1).then_some(minutes)
}

/// Where the first parenthesis with a number in it begins.
fn parenthesis(text: &str) -> Option<usize> {
    let has_number =
        |at: &usize| text.get(at + 1..).is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
    text.match_indices('(').map(|(at, _)| at).find(has_number)
}

/// A GUID and nothing else.
pub(super) fn guid(text: &str, _is_closed: bool) -> Option<Uuid> {
    let text = text.trim();
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// An error code, `0xC004F00F`, with or without words after it.
pub(super) fn code(text: &str, is_closed: bool) -> Option<Code> {
    let text = text.trim();
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let length = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
    let rest = digits.get(length..)?;
    let has_end = length == 8 || is_closed || !rest.is_empty();
    let is_alone = !rest.starts_with(char::is_alphanumeric);
    if (1..=8).contains(&length) && has_end && is_alone {
        u32::from_str_radix(digits.get(..length)?, 16).ok().map(Code)
    } else {
        None
    }
}

/// A host with or without its port. An IPv6 address without brackets is none: its last part may be the port.
pub(super) fn host(text: &str, is_closed: bool) -> Option<HostPort> {
    let text = text.trim();
    let is_ambiguous = !text.starts_with('[') && text.matches(':').count() > 1;
    if !is_closed || is_ambiguous {
        return None;
    }
    parse_kms_host(text, KMS_PORT)
}

/// A host with its port, which shows that no part of it is missing.
pub(super) fn host_with_port(text: &str, is_closed: bool) -> Option<HostPort> {
    let (_, port) = text.trim().rsplit_once(':')?;
    if port.bytes().all(|byte| byte.is_ascii_digit()) { host(text, is_closed) } else { None }
}

/// The version of a service: numbers and dots.
pub(super) fn version(text: &str, is_closed: bool) -> Option<String> {
    let text = text.trim();
    let is_version = text.len() <= 40
        && text.starts_with(|char: char| char.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_closed && is_version).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_separators_only_where_they_are_not_ambiguous() {
        for text in ["243720", "243,720", "243.720", "243 720", "243\u{a0}720", "243\u{2019}720"] {
            assert_eq!(number(text), Some(243_720), "{text}");
        }
        assert_eq!(number("4,294,967,295"), Some(u32::MAX));
        for text in ["", "-5", "24,37", "2,43,720", "243.720,0", "1234,567", "0.100", "4294967296", "12a", "1 2", "+1"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn a_count_that_may_go_on_is_none() {
        assert_eq!(count(" 1001 ", true), Some(Count::Number(1001)));
        assert_eq!(count("1001", false), None);
        assert_eq!(count("4294967295", true), Some(Count::Unset));
        assert_eq!(count("ten", true), None);
    }

    #[test]
    fn minutes_are_identified_by_their_unit_and_checked_by_the_days() {
        assert_eq!(minutes_and_days("243720 minute(s) (169 day(s))", false), Some(243_720));
        assert_eq!(minutes_and_days("4 days  (7195 minute(s) before expiring)", true), Some(7195));
        assert_eq!(minutes_and_days("243,720\u{5206} (169 \u{65e5})", true), Some(243_720));
        assert_eq!(minutes_and_days("243720 minute(s) (16 day(s))", true), None);
        assert_eq!(minutes_and_days("243720 minute(s) (x day(s))", true), None);
        assert_eq!(minutes_and_days("243720 minute(s) (16", false), None);
        assert_eq!(minutes("-15 minutes", true), None);
        for text in ["231111 minute(s) (160 jour(s))", "231111 minuto/i (160 giorno/i)", "231111 Minuten (160 Tage)"] {
            assert_eq!(minutes_beside_days(text), Some(231_111), "{text}");
        }
        assert_eq!(minutes_beside_days("231111 minute(s) (16 jour(s))"), None);
        assert_eq!(minutes("15", true), None);
        assert_eq!(minutes("10080 minutes", false), Some(10_080));
    }

    #[test]
    fn minutes_are_read_in_every_language_with_its_separators_up_to_the_end_of_a_text() {
        for separator in ["", ".", ",", " ", "\u{a0}", "\u{202f}", "\u{2009}", "'", "\u{2019}"] {
            for (minutes, days) in [
                ("Minute(n)", "Tag(e)"),
                ("minute(s)", "jour(s)"),
                ("minuto(s)", "d\u{ed}a(s)"),
                ("minuto/i", "giorno/i"),
                ("минут", "дней"),
                ("minut(y)", "dni"),
                ("dakika", "g\u{fc}n"),
                ("minute(s)", "day(s)"),
            ] {
                let text = format!("231{separator}111 {minutes} (160 {days})");
                for is_closed in [true, false] {
                    assert_eq!(minutes_and_days(&text, is_closed), Some(231_111), "{text}");
                }
                let wrong = text.replace("(160", "(16");
                assert_eq!(minutes_and_days(&wrong, true), None, "{wrong}");
                for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
                    let cut = minutes_and_days(&text[..end], false);
                    assert!(matches!(cut, None | Some(231_111)), "{cut:?} of {}", &text[..end]);
                }
                let closed = text.replace(&format!(" (160 {days})"), "");
                assert_eq!(minutes_and_days(&closed, true), Some(231_111), "{closed}");
            }
        }
        assert_eq!(minutes_and_days("231,111\u{bd84}(160\u{c77c})", false), Some(231_111));
    }

    #[test]
    fn a_number_whose_separator_got_lost_is_none() {
        for text in [
            "10\u{ff}080 minutes",
            "10?080 minutes",
            "231\u{e1}111 minutes",
            "231_111 minutes",
            "231\u{fffd}111 minutes",
        ] {
            assert_eq!(minutes(text, true), None, "{text}");
        }
    }

    #[test]
    fn codes_are_read_with_words_after_them() {
        assert_eq!(code("0xC004F00F.", true), Some(Code(0xC004_F00F)));
        assert_eq!(code("0xC004F009 (grace time expired).", true), Some(Code(0xC004_F009)));
        assert_eq!(code("0xC004F00F", false), Some(Code(0xC004_F00F)));
        for (text, is_closed) in [("0xC004F0", false), ("C004F00F", true), ("0xC004F00F1", true), ("0x", true)] {
            assert_eq!(code(text, is_closed), None, "{text}");
        }
    }

    #[test]
    fn hosts_are_read_where_no_part_can_be_missing() {
        assert_eq!(host("kms01.corp.example:1689", true).unwrap().to_string(), "kms01.corp.example:1689");
        assert_eq!(host("kms01.corp.example", true).unwrap().to_string(), "kms01.corp.example:1688");
        assert_eq!(host_with_port("[2001:db8::1]:1688", true).unwrap().to_string(), "[2001:db8::1]:1688");
        assert_eq!(host_with_port("kms01.corp.example", true), None);
        assert_eq!(host("kms01.corp.example:168", false), None);
        assert_eq!(host("2001:db8::1:1688", true), None);
    }

    #[test]
    fn guids_and_versions_are_read_whole() {
        assert!(guid("{55c92734-d682-4d71-983e-d6ec3f16059f}", false).is_some());
        assert_eq!(guid("55c92734-d682-4d71-983e-d6ec3f16059", false), None);
        assert_eq!(version("10.0.17763.2028", true).as_deref(), Some("10.0.17763.2028"));
        assert_eq!(version("10.0.17763.2028", false), None);
        assert_eq!(version("ten", true), None);
    }
}
