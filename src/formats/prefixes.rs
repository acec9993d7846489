//! Texts in which each line begins with a time, with the machine that printed it, or with both, as programs write them that
//! run others on many machines, and logs: `[12:00:01] Name: ...`, `WS0417: Name: ...`.
//!
//! Where all lines have it, each machine's lines are read by themselves, even where those of several are mixed. Where some
//! have none, nobody knows whose these are.

use super::lines::{Line, Lines, Part};
use super::machine_names::is_name;
use super::reading::Unowned;
use super::{FormatError, Reading, parts, values};
use crate::license::MachineName;
use std::collections::HashMap;

/// The most words of a time.
const MAX_WORDS: usize = 6;

/// How many lines of tools show that what is before them is a prefix.
const ENOUGH: usize = 2;

/// The lines of one machine, without what was before each.
#[derive(Debug)]
pub(super) struct Group {
    /// As it is written; `None` where only a time is before each line.
    machine: Option<String>,
    text: String,
    /// The line of the whole text on which it begins, and the last that was added.
    first: usize,
    last: usize,
}

/// What is before a line.
struct Prefix<'t> {
    /// The machine, where it is named.
    machine: Option<&'t str>,
    rest: &'t str,
}

/// What is before each line.
#[derive(Debug, Clone, Copy)]
enum Kind {
    TimeAndMachine,
    Time,
    Machine,
}

impl Kind {
    fn of(self, line: &str) -> Option<Prefix<'_>> {
        match self {
            Self::TimeAndMachine => after_time(line).and_then(after_machine),
            Self::Time => after_time(line).map(|rest| Prefix { machine: None, rest }),
            Self::Machine => after_machine(line),
        }
    }
}

/// Divides a text by what is before each line; nothing where no tool printed what is behind it.
///
/// # Errors
/// [`FormatError::Prefixed`] where tools printed it, and not each line has the same before it; [`FormatError::Stopped`].
pub(super) fn divide(text: &str, reading: &Reading<'_>) -> Result<Vec<Group>, FormatError> {
    for kind in [Kind::TimeAndMachine, Kind::Time, Kind::Machine] {
        let (mut claimed, mut without) = (0, None);
        for line in Lines::new(text) {
            reading.check()?;
            match kind.of(line.text) {
                Some(prefix) => {
                    let is_claimed = parts::is_claimed(prefix.rest) && !parts::is_claimed(line.text);
                    claimed += usize::from(is_claimed);
                }
                None => without = without.or(Some(line.number)),
            }
        }
        match without {
            None if claimed >= ENOUGH => return grouped(text, kind, reading),
            Some(line) if claimed >= ENOUGH && !matches!(kind, Kind::TimeAndMachine) => {
                return Err(FormatError::Prefixed { line });
            }
            _ => {}
        }
    }
    Ok(Vec::new())
}

fn grouped(text: &str, kind: Kind, reading: &Reading<'_>) -> Result<Vec<Group>, FormatError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut before = None;
    for line in Lines::new(text) {
        reading.check()?;
        let Some(Prefix { machine, rest }) = kind.of(line.text) else { continue };
        let place = *places.entry(machine.unwrap_or_default().to_ascii_lowercase()).or_insert(groups.len());
        if place == groups.len() {
            let (machine, first) = (machine.map(str::to_owned), line.number);
            groups.push(Group { machine, text: String::new(), first, last: first - 1 });
        }
        if let Some(group) = groups.get_mut(place) {
            group.add(&line, rest, before == Some(place));
        }
        before = Some(place);
    }
    // The text may end in the middle of its last line.
    if let Some(group) = before.and_then(|place| groups.get_mut(place)).filter(|_| !text.ends_with(['\r', '\n'])) {
        group.text.pop();
    }
    Ok(groups)
}

impl Group {
    /// Adds a line, below the blank ones that are right above it.
    fn add(&mut self, line: &Line<'_>, rest: &str, is_next: bool) {
        let blanks = if is_next { line.number - self.last - 1 } else { usize::from(line.follows_blank) };
        self.text.extend(std::iter::repeat_n('\n', if self.text.is_empty() { 0 } else { blanks }));
        self.text.push_str(rest);
        self.text.push('\n');
        self.last = line.number;
    }

    /// Reads the lines of one machine.
    ///
    /// # Errors
    /// As [`parts::read`].
    pub(super) fn read(&self, reading: &mut Reading<'_>) -> Result<(), FormatError> {
        let part = Part { line: self.first, ..Part::whole(&self.text) };
        let Some(name) = &self.machine else { return parts::read_part(&part, reading) };
        let (reports, result) = reading.within(name, |reading| parts::read_part(&part, reading));
        let refused = |why| FormatError::Unowned { line: self.first, why, words: name.clone() };
        let machine = values::machine(name);
        for mut report in reports {
            match &machine {
                Ok(Some(machine)) if report.machine.as_ref().is_none_or(|own| is_same(own, machine)) => {
                    report.machine.get_or_insert_with(|| machine.clone());
                    reading.report(report);
                }
                Ok(None) => reading.report(report),
                other => {
                    let why = if other.is_err() { Unowned::NoName } else { Unowned::Between };
                    reading.lose(format_args!("line {}", self.first), why.clause(), name);
                    reading.refuse(refused(why));
                }
            }
        }
        // A machine may have printed nothing but its own words.
        if result == Err(FormatError::Unknown) { Ok(()) } else { result }
    }
}

fn is_same(one: &MachineName, other: &MachineName) -> bool {
    one == other || (one.short() == other.short() && !(one.is_qualified() && other.is_qualified()))
}

/// What is behind a date and a time, or a time, and the level of a log.
fn after_time(line: &str) -> Option<&str> {
    const LEVELS: [&str; 8] = ["info", "debug", "verbose", "warn", "warning", "error", "notice", "trace"];
    let mut rest = line;
    let mut has_time = false;
    for count in 0..=MAX_WORDS {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // The bracket may end without a blank.
        let end = rest.find(']').map_or(end, |bracket| end.min(bracket + 1));
        let (word, behind) = rest.split_at_checked(end)?;
        let bare = word.trim_matches(|char| "[](){}:,".contains(char));
        let is_level = has_time && LEVELS.iter().any(|level| level.eq_ignore_ascii_case(bare));
        let is_sign = has_time && matches!(word, "-" | "|" | ":" | ">");
        if count == MAX_WORDS || !(is_of_time(bare, has_time) || is_level || is_sign) {
            break;
        }
        has_time |= bare.contains(':');
        rest = behind.strip_prefix(' ').or_else(|| behind.strip_prefix('\t')).unwrap_or(behind);
    }
    has_time.then_some(rest)
}

/// True for a word of a date or a time.
fn is_of_time(word: &str, has_time: bool) -> bool {
    const WORDS: [&str; 21] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu",
        "fri", "sat", "sun", "am", "pm",
    ];
    let is_figure = |char: char| char.is_ascii_digit() || "-/.:,+TZ".contains(char);
    let has_digit = word.starts_with(|char: char| char.is_ascii_digit());
    let is_number = has_digit && word.chars().all(is_figure) && (word.contains([':', '-', '/', '.']) || !has_time);
    let is_short = word.bytes().all(|byte| byte.is_ascii_digit()) && !matches!(word.len(), 1 | 2 | 4);
    let is_known = WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    (is_number && !is_short) || is_known
}

/// What is behind the name of a machine: `WS0417: `, `[WS0417] `, `WS0417 | `, and, as logs have it, `ws0417 slmgr[12]: `.
fn after_machine(line: &str) -> Option<Prefix<'_>> {
    let found = |machine: &'_ str| is_name(machine);
    if let Some((machine, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        return found(machine).then(|| Prefix { machine: Some(machine), rest: rest.strip_prefix(' ').unwrap_or(rest) });
    }
    let end = line.find([':', '|', '>', ' ', '\t'])?;
    let (machine, behind) = line.split_at_checked(end)?;
    if !found(machine) {
        return None;
    }
    let trimmed = behind.trim_start();
    if let Some(rest) = trimmed.strip_prefix([':', '|', '>']) {
        return Some(Prefix { machine: Some(machine), rest: rest.strip_prefix(' ').unwrap_or(rest) });
    }
    // The program that wrote it, with the ID of its process.
    let (program, rest) = trimmed.split_once(':')?;
    let is_program = program.ends_with(']') && program.contains('[') && !program.contains(' ');
    is_program.then(|| Prefix { machine: Some(machine), rest: rest.strip_prefix(' ').unwrap_or(rest) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::read;
    use crate::license::LicenseStatus;

    fn lines(text: &str) -> (Vec<String>, Result<(), FormatError>) {
        let mut lines = Vec::new();
        let mut take = |report: crate::license::Report| {
            let machine = report.machine.as_ref().map_or("m", |machine| machine.as_str()).to_owned();
            for license in report.licenses {
                let key = license.partial_product_key.map(|key| key.as_str().to_owned()).unwrap_or_default();
                lines.push(format!("{machine} {key} {:?}", license.status.map(LicenseStatus::number)));
            }
        };
        let result = read(text.as_bytes(), &mut Reading::new(&mut take));
        lines.sort();
        (lines, result)
    }

    fn dli(key: &str) -> Vec<String> {
        [
            "Name: Windows(R), Enterprise edition",
            "Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel",
            &format!("Partial Product Key: {key}"),
            "License Status: Licensed",
            "Volume activation expiration: 231111 minute(s) (160 day(s))",
        ]
        .map(ToOwned::to_owned)
        .to_vec()
    }

    fn prefixed(prefix: &str, lines: &[String]) -> String {
        lines.iter().flat_map(|line| [prefix, line, "\r\n"]).collect()
    }

    #[test]
    fn a_time_before_each_line_is_dropped() {
        for prefix in [
            "[12:00:01] ",
            "12:00:01 ",
            "10:00 ",
            "2026-11-20 12:00:01 ",
            "[2026-11-20 12:00:01.123] ",
            "2026-11-20T12:00:01Z ",
            "2026-11-20T12:00:01+01:00 INFO ",
            "11/20/2026 6:00:02 AM - ",
            "20.11.2026 06:00:02: ",
            "Nov 20 12:00:01 ",
            "2026-11-20 12:00:01,123 [INFO] ",
            "[12:00:01]",
            "> [12:00:01] ",
        ] {
            let (found, result) = lines(&prefixed(prefix, &dli("2YT43")));
            assert_eq!((found, result), (vec!["m 2YT43 Some(1)".to_owned()], Ok(())), "{prefix}");
        }
    }

    #[test]
    fn a_machine_before_each_line_is_whose_it_is() {
        for (one, other) in [
            ("WS0417: ", "WS0418: "),
            ("[ws0417] ", "[ws0418] "),
            ("ws0417 | ", "ws0418 | "),
            ("[ws0417]: ", "[ws0418]: "),
            ("Nov 20 12:00:01 ws0417 slmgr[123]: ", "Nov 20 12:00:02 ws0418 slmgr[123]: "),
            ("[12:00:01] WS0417: ", "[12:00:02] WS0418: "),
            ("ws0417> ", "ws0418> "),
        ] {
            let (windows, others) = (dli("2YT43"), dli("J464C"));
            let (one, other) = (prefixed(one, &windows), prefixed(other, &others));
            let expected = (vec!["ws0417 2YT43 Some(1)".to_owned(), "ws0418 J464C Some(1)".to_owned()], Ok(()));
            assert_eq!(lines(&format!("{one}{other}")), expected, "{one}");
            assert_eq!(lines(&format!("{one}\r\n\r\n{other}")), expected, "{one}");
            // As programs print it that run on all at once.
            let mixed: String =
                one.lines().zip(other.lines()).flat_map(|(one, other)| [one, "\n", other, "\n"]).collect();
            assert_eq!(lines(&mixed), expected, "{mixed}");
        }
    }

    #[test]
    fn lines_without_it_are_nobodys() {
        let stamped = prefixed("[12:00:01] ", &dli("2YT43"));
        let named = prefixed("WS0417: ", &dli("2YT43"));
        let bare = prefixed("", &dli("J464C"));
        for (text, line) in [
            (format!("{stamped}{bare}"), 6),
            (format!("{named}{bare}"), 6),
            (format!("{bare}{named}"), 1),
            (named.replace("edition\r\n", "edi\r\ntion\r\n"), 2),
        ] {
            assert_eq!(lines(&text), (Vec::new(), Err(FormatError::Prefixed { line })), "{text}");
        }
        let other = prefixed("WS0417: ", &[vec!["Computer: WS0500".to_owned()], dli("2YT43")].concat());
        assert!(matches!(lines(&other), (found, Err(FormatError::Unowned { .. })) if found.is_empty()));
    }

    #[test]
    fn no_part_says_what_the_whole_does_not() {
        for prefix in ["[12:00:01] ", "WS0417: "] {
            let text = prefixed(prefix, &dli("2YT43"));
            let whole = lines(&text).0;
            for end in 0..text.len() {
                for line in lines(&text[..end]).0 {
                    let known = whole[0].split(' ').collect::<Vec<_>>();
                    assert!(
                        line.split(' ').all(|word| known.contains(&word) || word.is_empty() || word == "None"),
                        "{line}"
                    );
                }
            }
        }
    }
}
