//! Codes in whatever form people paste them: in hexadecimal with and without `0x`, in decimal with and without a sign,
//! as Win32 errors, with full-width digits, in the midst of a line of a log. Events by their ids, and both by their
//! messages.

mod mentions;

use super::decoded;
use super::events::Event;
use super::facts;
use super::messages::{self, Subject};
use super::near;
use crate::codes::Code;
use crate::words;
use std::collections::BTreeSet;

/// How many bytes of a text are looked at.
pub const MAX_TEXT: usize = 1024 * 1024;

/// How many codes are taken from one text.
const MAX_CODES: usize = 20;

/// The largest Win32 error: what an HRESULT has room for.
const MAX_WIN32: u32 = 0xFFFF;

/// The HRESULT of Win32 error 0, to which the number of others is added.
const WIN32: u32 = 0x8007_0000;

/// How a code was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// As it is written, be it in hexadecimal or as the decimal number that it is.
    Plain,
    /// Its digits are decimal, though they are behind `0x`.
    Decimal,
    /// It is a Win32 error, of which this is the HRESULT.
    Win32,
    /// It was extended to 64 bits.
    Wide,
    /// Some of its letters stand for digits: O for 0, l for 1, S for 5.
    Letters,
    /// It is the end of a code, without what all of them begin with.
    Short,
    /// It is not written there: what is there is the message of it.
    Message,
}

/// What was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// As it was written, on one line, bounded, without product keys.
    pub text: String,
    /// The code; `None` where it is none.
    pub code: Option<Code>,
    /// The event, where it is one; then it is no code.
    pub event: Option<&'static Event>,
    /// How it was read.
    pub reading: Reading,
    /// Other codes that it may stand for as well: those with the same message, or the Win32 error with the number of an
    /// event.
    pub also: Vec<Code>,
    /// What is in the fields of the event, in their order.
    pub values: Vec<String>,
}

/// Something that was found, after the place where it is.
type Placed = (usize, Given);

impl Given {
    fn new(text: &str, read: Option<(Code, Reading)>) -> Self {
        let (code, reading) = read.map_or((None, Reading::Plain), |(code, reading)| (Some(code), reading));
        Self { text: words::quoted(text), code, event: None, reading, also: Vec::new(), values: Vec::new() }
    }

    fn of_event(text: &str, event: &'static Event) -> Self {
        Self { event: Some(event), ..Self::new(text, None) }
    }
}

/// Reads a text, which is a code or an event, or has some in it. Each comes once, in the order in which they stand
/// there. There is at least one result; where there is nothing it says so.
pub fn read(text: &str) -> Vec<Given> {
    let text = normalized(text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default());
    if let Some(event) = mentions::whole(&text) {
        return vec![event];
    }
    if let Some(read) = whole(&text) {
        return vec![Given::new(&text, Some(read))];
    }
    let mut found = scan(&text);
    if found.is_empty() {
        found.push((0, Given::new(&text, None)));
    }
    found.sort_by_key(|(place, _)| *place);
    found.truncate(MAX_CODES);
    found.into_iter().map(|(_, given)| given).collect()
}

/// The text with ASCII in place of what input methods and word processors make of it.
fn normalized(text: &str) -> String {
    let characters = text.chars().filter_map(|character| match character {
        // Full-width forms of ASCII.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' => None,
        character if character.is_whitespace() || character.is_control() => Some(' '),
        character => Some(character),
    });
    characters.collect::<String>().trim().to_owned()
}

/// A text that is one code and nothing else, but for brackets, quotes and spaces.
fn whole(text: &str) -> Option<(Code, Reading)> {
    let text = text.trim_matches(|character: char| !(character.is_ascii_alphanumeric() || character == '-'));
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits.trim_start()));
    if digits.is_empty() || digits.len() > 40 {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return number(digits, is_negative).or_else(|| short(digits));
    }
    // With spaces within, as documents print them: only what certainly is one code.
    let joined: String = digits.split(' ').collect();
    let hexadecimal = strip_prefix(&joined).unwrap_or(&joined);
    let code = (!is_negative && hexadecimal.len() == 8).then(|| hex(hexadecimal)).flatten()?;
    (facts::fact(code).is_some() || code.is_failure()).then_some((code, Reading::Plain))
}

/// Every code and every event in a text. Numbers that could be anything are left alone.
fn scan(text: &str) -> Vec<Placed> {
    let (mut found, mut minor, mut doubtful) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for (before, word, after) in words_of(text) {
        // In a GUID, a version or a name that has a dash in it, digits mean something else.
        let is_negative =
            before.ends_with('-') && !before.trim_end_matches('-').ends_with(|c: char| c.is_alphanumeric());
        if after.starts_with('-') || (before.ends_with('-') && !is_negative) {
            continue;
        }
        let place = before.len();
        let is_prefixed = strip_prefix(word).is_some();
        match number(word, is_negative) {
            Some((code, reading)) if (is_prefixed || stands_out(word, is_negative, code)) && seen.insert(code) => {
                let is_minor = code.0 <= MAX_WIN32 || reading == Reading::Win32 || !is_described(code);
                let written = if is_negative { format!("-{word}") } else { word.to_owned() };
                let list: &mut Vec<Placed> = if is_minor { &mut minor } else { &mut found };
                list.push((place, Given::new(&written, Some((code, reading)))));
            }
            None if is_prefixed && word.len() >= 8 => doubtful.push((place, Given::new(word, None))),
            _ => {}
        }
        if found.len() >= MAX_CODES {
            break;
        }
    }
    let messages = messages::find(text);
    let events = mentions::find(text, &messages);
    if found.is_empty() && events.is_empty() {
        // A line of an event has zeros and flags beside its code. They are shown where there is nothing else.
        let lists = [by_message(text, &messages), minor, doubtful];
        return lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default();
    }
    found.extend(events);
    found
}

/// The codes whose messages are in a text.
fn by_message(text: &str, hits: &[messages::Hit]) -> Vec<Placed> {
    let mut seen = BTreeSet::new();
    let codes = hits.iter().filter_map(|hit| {
        let mut codes = hit.subjects.iter().filter_map(|subject| match subject {
            Subject::Code(code) => Some(*code),
            Subject::Event(_) => None,
        });
        let code = codes.next().filter(|code| seen.insert(*code))?;
        let written = text.get(hit.at..hit.end).unwrap_or_default();
        Some((hit.at, Given { also: codes.collect(), ..Given::new(written, Some((code, Reading::Message))) }))
    });
    codes.collect()
}

/// True for what is worth telling beside other codes.
fn is_described(code: Code) -> bool {
    code.is_failure() || facts::fact(code).is_some()
}

/// True for a number that is no doubt a code though it has no `0x`: eight hexadecimal digits, or a decimal number of
/// the size that errors have.
fn stands_out(word: &str, is_negative: bool, code: Code) -> bool {
    let digits = word.strip_suffix(['h', 'H']).unwrap_or(word);
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.len() {
        8 if !is_negative => {
            digits.bytes().any(|byte| byte.is_ascii_digit())
                && code.is_failure()
                && (!is_decimal || facts::fact(code).is_some())
        }
        9 | 10 if is_decimal => code.is_failure() && (is_negative || digits.len() == 10),
        _ => false,
    }
}

/// The runs of ASCII letters and digits, each with what is before and after it.
fn words_of(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let is_word = |character: char| character.is_ascii_alphanumeric();
        let start = rest + text.get(rest..)?.find(is_word)?;
        let tail = text.get(start..)?;
        let end = start + tail.find(|character| !is_word(character)).unwrap_or(tail.len());
        rest = end;
        Some((text.get(..start)?, text.get(start..end)?, text.get(end..)?))
    })
}

/// What is behind `0x`.
fn strip_prefix(word: &str) -> Option<&str> {
    word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"))
}

fn hex(digits: &str) -> Option<Code> {
    // A sign would be taken by the parser.
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hexadecimal.then(|| u32::from_str_radix(digits, 16).ok().map(Code)).flatten()
}

/// Reads a word of letters and digits.
fn number(word: &str, is_negative: bool) -> Option<(Code, Reading)> {
    if let Some(digits) = strip_prefix(word) {
        // As C has them.
        return prefixed(digits.trim_end_matches(['u', 'U', 'l', 'L']), is_negative).or_else(|| letters(digits));
    }
    if let Some(digits) = word.strip_prefix(['o', 'O']).and_then(|rest| rest.strip_prefix(['x', 'X'])) {
        return letters(digits);
    }
    if let Some(digits) = word.strip_suffix(['h', 'H'])
        && let Some(read) = prefixed(digits, is_negative)
    {
        return Some(read);
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return if is_negative { negative(word) } else { unsigned(word) };
    }
    match word.len() {
        8 if !is_negative => hex(word).map(|code| (code, Reading::Plain)).or_else(|| letters(word)),
        16 => wide(word),
        _ => None,
    }
}

/// Reads hexadecimal digits, be they decimal in truth.
fn prefixed(digits: &str, is_negative: bool) -> Option<(Code, Reading)> {
    if digits.is_empty() {
        return None;
    }
    let decimal = || {
        let value = digits.parse::<u32>().ok()?;
        let code = if value <= MAX_WIN32 { WIN32 | value } else { value };
        facts::fact(Code(code)).map(|fact| (fact.code, Reading::Decimal))
    };
    let significant = digits.trim_start_matches('0');
    let Some(code) = hex(if significant.is_empty() { "0" } else { significant }) else {
        return decimal().or_else(|| wide(digits));
    };
    if is_negative {
        return Some((Code(code.0.wrapping_neg()), Reading::Plain));
    }
    if facts::fact(code).is_some() {
        return Some((code, Reading::Plain));
    }
    if code.0 <= MAX_WIN32 {
        // 0xF050 is the end of 0xC004F050, unless it is written as long as a whole code.
        let tail = || (digits.len() == 4).then(|| short(digits)).flatten();
        return known_win32(code.0).or_else(tail).or_else(decimal).or(Some((Code(WIN32 | code.0), Reading::Win32)));
    }
    // A code that lacks a digit is none; the likely ones are shown.
    let is_cut = digits.len() < 8 && !near::to_text(digits).is_empty();
    decimal().or((!is_cut).then_some((code, Reading::Plain)))
}

/// Reads a decimal number without a sign.
fn unsigned(digits: &str) -> Option<(Code, Reading)> {
    // Eight digits are a code that has no letters, such as 80070005.
    if digits.len() == 8
        && let Some(code) = hex(digits)
        && (code.is_failure() || facts::fact(code).is_some())
    {
        return Some((code, Reading::Plain));
    }
    let value = digits.parse::<u64>().ok()?;
    match u32::try_from(value) {
        Ok(0) => Some((Code(0), Reading::Plain)),
        Ok(value) if value <= MAX_WIN32 => {
            let in_hexadecimal = || hex(digits).and_then(|code| known_win32(code.0));
            known_win32(value).or_else(in_hexadecimal).or(Some((Code(WIN32 | value), Reading::Win32)))
        }
        // Below 0x40000000 are numbers of all sorts, and no codes.
        Ok(value) => (value >= 0x4000_0000).then_some((Code(value), Reading::Plain)),
        Err(_) => sign_extended(value),
    }
}

fn negative(digits: &str) -> Option<(Code, Reading)> {
    let value = digits.parse::<i64>().ok()?.checked_neg()?;
    let value = i32::try_from(value).ok()?;
    (value < 0).then_some((Code(value.cast_unsigned()), Reading::Plain))
}

/// Reads sixteen hexadecimal digits, or a decimal number as large, of which the upper half repeats the sign.
fn wide(digits: &str) -> Option<(Code, Reading)> {
    let is_hexadecimal = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = if is_hexadecimal { u64::from_str_radix(digits, 16).ok() } else { None };
    sign_extended(value.or_else(|| digits.parse().ok())?)
}

fn sign_extended(value: u64) -> Option<(Code, Reading)> {
    let low = u32::try_from(value & 0xFFFF_FFFF).ok()?;
    let is_extended = value >> 32 == 0xFFFF_FFFF && low >= 0x8000_0000;
    is_extended.then_some((Code(low), Reading::Wide))
}

/// A Win32 error that is described.
fn known_win32(number: u32) -> Option<(Code, Reading)> {
    let code = Code(WIN32 | number);
    let is_known =
        number > 0 && number <= MAX_WIN32 && (facts::fact(code).is_some() || decoded::win32(number).is_some());
    is_known.then_some((code, Reading::Win32))
}

/// The HRESULT of a Win32 error that is described, by its number.
fn described_win32(number: u16) -> Option<Code> {
    known_win32(number.into()).map(|(code, _)| code)
}

/// The last four digits of a code of the licensing service, or a Win32 error in hexadecimal.
fn short(digits: &str) -> Option<(Code, Reading)> {
    let tail = (digits.len() == 4).then(|| hex(digits)).flatten()?;
    let code = Code(0xC004_0000 | tail.0);
    facts::fact(code).map(|_| (code, Reading::Short)).or_else(|| known_win32(tail.0))
}

/// Eight digits of which some are letters that look like them.
fn letters(digits: &str) -> Option<(Code, Reading)> {
    let looks: String = digits
        .chars()
        .map(|character| match character {
            'o' | 'O' => '0',
            'i' | 'I' | 'l' | 'L' => '1',
            's' | 'S' => '5',
            other => other,
        })
        .collect();
    let code = (looks.len() == 8).then(|| hex(&looks)).flatten()?;
    facts::fact(code).map(|_| (code, Reading::Letters))
}

#[cfg(test)]
mod tests;
