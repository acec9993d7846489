//! From what was typed to the groups of a key: whatever is around it is left out, and what people and programs make
//! of dashes, cases and widths is taken for what was meant. What was changed is reported, because other programs do
//! not.

use super::{GROUP, LENGTH};
use serde::Serialize;
use std::ops::Range;
use zeroize::Zeroizing;

/// How many characters a key takes with its dashes.
const WIDTH: usize = LENGTH + GROUP - 1;

/// What a key is called in front of it. Each has a letter that no key has, but for the commands.
const LABELS: [&str; 18] = [
    "PRODUCT",
    "KEY",
    "LICENSE",
    "LICENCE",
    "SERIAL",
    "NUMBER",
    "CODE",
    "ACTIVATION",
    "VOLUME",
    "WINDOWS",
    "OFFICE",
    "SETUP",
    "IS",
    "SLMGR",
    "CSCRIPT",
    "IPK",
    "VBS",
    "NOLOGO",
];

/// Something that was taken differently from how it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// What was before or after it, such as a label, was left out.
    Surroundings,
    /// Quotes and brackets were left out.
    Quotes,
    /// Characters that cannot be seen were left out.
    Invisible,
    /// Full-width characters were taken for plain ones.
    FullWidth,
    /// Lower case was taken for upper case.
    LowerCase,
    /// Other signs, such as long dashes and dots, were taken for dashes.
    OtherDashes,
    /// Spaces were taken for dashes, or left out.
    Spaces,
    /// Dashes that were missing were put in.
    MissingDashes,
}

/// A key as it was meant, as far as that is clear.
pub(super) struct Typed {
    /// Its groups: those it was typed in, or one where it was typed in none and has not the length of a key. None is
    /// empty. Wiped from memory in the end.
    pub(super) groups: Zeroizing<Vec<Vec<char>>>,
    /// What was changed, each once.
    pub(super) changes: Vec<Change>,
    /// How many whole keys are in the line. Where there are several, neither groups nor changes are reported.
    pub(super) keys: usize,
}

impl Typed {
    pub(super) fn new(text: &str) -> Self {
        let taken = Zeroizing::new(text.chars().map(|character| take(character).0).collect::<Vec<_>>());
        let keys = keys_in(&taken);
        let mut changes = Vec::new();
        if keys > 1 {
            return Self { groups: Zeroizing::default(), changes, keys };
        }
        let kept = key_in(&taken);
        let outside = [taken.get(..kept.start), taken.get(kept.end..)];
        if outside.into_iter().flatten().flatten().flatten().any(|character| *character != ' ') {
            changes.push(Change::Surroundings);
        }
        let typed = text.chars().skip(kept.start).take(kept.len());
        changes.extend(typed.filter_map(|character| take(character).1));
        let kept = taken.get(kept).unwrap_or_default();
        let characters = Zeroizing::new(kept.iter().copied().flatten().collect::<Vec<char>>());
        if characters.iter().any(char::is_ascii_lowercase) {
            changes.push(Change::LowerCase);
        }
        let groups = grouped(&characters, &mut changes);
        changes.sort_unstable();
        changes.dedup();
        Self { groups, changes, keys }
    }

    /// All its characters, without dashes.
    pub(super) fn characters(&self) -> impl Iterator<Item = char> {
        self.groups.iter().flatten().copied()
    }
}

/// What one character is taken for, `None` where it is left out, and what was done to it.
fn take(character: char) -> (Option<char>, Option<Change>) {
    match character {
        '\t' | '\u{a0}' => (Some(' '), None),
        // Zero-width ones, marks of direction, the soft hyphen and the byte order mark come along with what is copied.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            (None, Some(Change::Invisible))
        }
        _ if character.is_control() => (None, Some(Change::Invisible)),
        _ if character.is_whitespace() => (Some(' '), None),
        // The long vowel mark is what the key of the dash gives in Japanese input.
        '_' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{30fc}' | '\u{fe58}' | '\u{fe63}' | '\u{ff70}' => {
            (Some('-'), Some(Change::OtherDashes))
        }
        '.' | ',' | ';' | '/' | '|' | '\\' | '+' | '~' | '\u{b7}' | '\u{2022}' | '\u{3001}' | '\u{3002}'
        | '\u{30fb}' => (Some('-'), Some(Change::OtherDashes)),
        '"' | '\'' | '`' | '\u{b4}' | '\u{ab}' | '\u{bb}' | '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}' => {
            (None, Some(Change::Quotes))
        }
        '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '*' | '\u{3008}'..='\u{3011}' => (None, Some(Change::Quotes)),
        '\u{ff01}'..='\u{ff5e}' => {
            let plain = u32::from(character) - 0xff01 + u32::from('!');
            let (plain, change) = take(char::from_u32(plain).unwrap_or(character));
            (plain, change.or(Some(Change::FullWidth)))
        }
        _ => (Some(character), None),
    }
}

/// Where in the line the key is: after a label, and without what only looks like a part of it.
fn key_in(taken: &[Option<char>]) -> Range<usize> {
    // Where each character that was not left out is in the line.
    let characters: Zeroizing<Vec<(usize, char)>> = Zeroizing::new(
        taken.iter().enumerate().filter_map(|(index, character)| Some((index, (*character)?))).collect(),
    );
    let range = whole(&characters).unwrap_or_else(|| trimmed(&characters, after_label(&characters)..characters.len()));
    let place = |index: usize| characters.get(index).map(|(place, _)| *place);
    match (place(range.start), range.end.checked_sub(1).and_then(place)) {
        (Some(first), Some(last)) if first <= last => first..last + 1,
        _ => 0..0,
    }
}

/// How many times five groups of five are in the line, joined by dashes.
fn keys_in(taken: &[Option<char>]) -> usize {
    let characters: Zeroizing<Vec<(usize, char)>> =
        Zeroizing::new(taken.iter().copied().flatten().enumerate().collect());
    let is_word = |place: Option<usize>| {
        let neighbour = place.and_then(|place| characters.get(place));
        neighbour.is_some_and(|(_, character)| character.is_ascii_alphanumeric())
    };
    let (mut count, mut free) = (0, 0);
    for (start, window) in characters.windows(WIDTH).enumerate() {
        if start >= free && has_form(window) && !is_word(start.checked_sub(1)) && !is_word(Some(start + WIDTH)) {
            (count, free) = (count + 1, start + WIDTH);
        }
    }
    count
}

/// True for five groups of five, joined by dashes.
fn has_form(window: &[(usize, char)]) -> bool {
    window.iter().zip(1..).all(|((_, character), place)| match place % (GROUP + 1) {
        0 => *character == '-',
        _ => character.is_ascii_alphanumeric(),
    })
}

/// The one place where five groups of five are, joined by dashes.
fn whole(characters: &[(usize, char)]) -> Option<Range<usize>> {
    let goes_on = |place: Option<usize>| {
        let neighbour = place.and_then(|place| characters.get(place));
        neighbour.is_some_and(|(_, character)| character.is_ascii_alphanumeric() || *character == '-')
    };
    let mut found = characters
        .windows(WIDTH)
        .enumerate()
        .filter(|(start, window)| has_form(window) && !goes_on(start.checked_sub(1)) && !goes_on(Some(start + WIDTH)));
    match (found.next(), found.next()) {
        (Some((start, _)), None) => Some(start..start + WIDTH),
        _ => None,
    }
}

/// Where a label before the key ends: at a colon or equals sign, after words that name a key, or after East Asian
/// script.
fn after_label(characters: &[(usize, char)]) -> usize {
    let is_text =
        |place: usize| characters.iter().skip(place).any(|(_, character)| !matches!(character, ' ' | '-' | ':' | '='));
    let colon = characters.iter().rposition(|(_, character)| matches!(character, ':' | '='));
    let mut start = colon.map(|place| place + 1).filter(|place| is_text(*place)).unwrap_or(0);
    loop {
        let rest = characters.get(start..).unwrap_or_default();
        let lead = rest.iter().take_while(|(_, each)| !each.is_alphanumeric()).count();
        let is_east_asian = |(_, each): &&(usize, char)| *each >= '\u{2e80}';
        let length = match rest.iter().skip(lead).take_while(is_east_asian).count() {
            0 => {
                let word = || rest.iter().skip(lead).map(|(_, each)| each).take_while(|each| each.is_alphanumeric());
                let is_label = |label: &&str| word().map(char::to_ascii_uppercase).eq(label.chars());
                LABELS.into_iter().find(is_label).map_or(0, str::len)
            }
            length => length,
        };
        if length == 0 {
            return start;
        }
        start += lead + length;
    }
}

/// The range without what stands for no character of a key at either end.
fn trimmed(characters: &[(usize, char)], range: Range<usize>) -> Range<usize> {
    let is_key = |(_, character): &(usize, char)| !matches!(character, ' ' | '-' | ':' | '=');
    let within = characters.get(range.clone()).unwrap_or_default();
    match (within.iter().position(is_key), within.iter().rposition(is_key)) {
        (Some(first), Some(last)) => range.start + first..range.start + last + 1,
        _ => range.start..range.start,
    }
}

/// The characters in upper case and in groups. Dashes count for more than spaces, and five groups of five are made
/// wherever that takes no guessing.
fn grouped(characters: &[char], changes: &mut Vec<Change>) -> Zeroizing<Vec<Vec<char>>> {
    let split = |is_separator: fn(char) -> bool| {
        let groups = characters.split(|character| is_separator(*character)).map(|group| {
            let letters = group.iter().filter(|character| !matches!(character, ' ' | '-'));
            letters.map(char::to_ascii_uppercase).collect::<Vec<char>>()
        });
        Zeroizing::new(groups.filter(|group| !group.is_empty()).collect::<Vec<_>>())
    };
    if characters.contains(&' ') {
        changes.push(Change::Spaces);
    }
    let by_dashes = split(|character| character == '-');
    let by_both = split(|character| matches!(character, ' ' | '-'));
    let total: usize = by_both.iter().map(Vec::len).sum();
    let is_whole = |groups: &[Vec<char>]| groups.len() == GROUP && groups.iter().all(|group| group.len() == GROUP);
    let fits = |groups: &[Vec<char>]| groups.iter().all(|group| group.len() % GROUP == 0);
    if is_whole(&by_dashes) {
        return by_dashes;
    }
    if total != LENGTH || is_whole(&by_both) {
        return by_both;
    }
    if fits(&by_dashes) {
        if !characters.contains(&' ') || by_dashes.len() > 1 {
            changes.push(Change::MissingDashes);
        }
        let all: Zeroizing<Vec<char>> = Zeroizing::new(by_both.iter().flatten().copied().collect());
        return Zeroizing::new(all.chunks(GROUP).map(<[char]>::to_vec).collect());
    }
    by_both
}
