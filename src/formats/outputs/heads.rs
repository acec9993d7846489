//! Lines right before outputs, of which nobody knows what they say. One may name a machine in words that are not read, so
//! that two outputs below different ones are not taken for two runs on one machine.

use crate::formats::machine_names::is_word;
use crate::words::quoted;

/// What dates and times are written with beside digits, by the first letters of each word.
const OF_TIME: [&str; 34] = [
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep",
    "oct", "nov", "dec", "am", "pm", "utc", "gmt", "cet", "t", "z", "mo", "di", "mi", "do", "fr", "sa", "so", "mrz",
];

/// The line, unless it says nothing of a machine: a rule, or a date.
pub(super) fn of(line: &str) -> Option<String> {
    (line.contains(char::is_alphanumeric) && !is_date(line)).then(|| quoted(line))
}

/// True for a line with a date or a time and nothing else.
fn is_date(line: &str) -> bool {
    let mut words = line.split(|char: char| !char.is_alphabetic()).filter(|word| !word.is_empty());
    let is_of_time = |word: &str| {
        let word = word.to_lowercase();
        OF_TIME.iter().any(|known| word == *known || (known.len() == 3 && word.starts_with(known)))
    };
    line.chars().filter(char::is_ascii_digit).count() >= 4 && words.all(is_of_time)
}

/// True where two lines say the same of two machines: they differ in what can be a name alone, beside numbers.
pub(super) fn name_two(one: &str, other: &str) -> bool {
    let words = |line: &str| {
        let words = line.split(|char: char| char.is_whitespace() || ":=,;()[]\"'<>*#".contains(char));
        words.map(|word| word.trim_matches('.').to_owned()).filter(|word| !word.is_empty()).collect::<Vec<_>>()
    };
    let (one, other) = (words(one), words(other));
    let different: Vec<_> = one.iter().zip(&other).filter(|(one, other)| !one.eq_ignore_ascii_case(other)).collect();
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let are_numbers = |(one, other): &(&String, &String)| is_number(one) && is_number(other);
    let are_names = |(one, other): &(&String, &String)| is_word(one) && is_word(other);
    one.len() == other.len()
        && different.iter().all(|pair| are_numbers(pair) || are_names(pair))
        && different.iter().any(|pair| are_names(pair) && !are_numbers(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_in_a_name_are_of_two_machines() {
        for (one, other) in [
            ("Checking WS0504...", "Checking WS0505..."),
            ("1. WS0504", "2. WS0505"),
            ("Output from WS0504:", "Output from WS0505:"),
            ("Connecting to 192.0.2.11", "Connecting to 192.0.2.12"),
        ] {
            assert!(name_two(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("STEP-1", "STEP-2"),
            ("Step 1", "Step 2"),
            ("Now of Windows", "And this is what it says of Office"),
            ("Windows:", "Office:"),
            ("Checking", "Checking"),
        ] {
            assert!(!name_two(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_date_and_a_rule_are_of_no_machine() {
        for line in ["=== 2026-11-20 ===", "Fri 11/20/2026  6:00:02.11", "-----", "Sat Nov 21 06:00:02 UTC 2026"] {
            assert_eq!(of(line), None, "{line}");
        }
        for line in ["Checking WS0504...", "WS0504", "1234 kms"] {
            assert!(of(line).is_some(), "{line}");
        }
    }
}
