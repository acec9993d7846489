//! A text as a sequence of letters, digits and what is between them, in whichever way each is written.

mod escapes;

pub(super) use escapes::Escapes;

use super::twins::twin;
use escapes::{Unescaped, Written, unescaped};
use std::collections::VecDeque;
use std::iter::Peekable;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// One letter, digit or separator, and where in the text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// True for what is in a tag, as its name and its attributes do.
    pub(super) is_markup: bool,
}

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter or a digit in its plain form, or [`OTHER_LETTER`].
    Character(u8),
    /// What divides.
    Separator(Separator),
    /// What stands on the character before.
    Mark,
    /// What cannot be seen, and divides nothing.
    Invisible,
}

/// What divides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// A hyphen, a dash or an underscore.
    Hyphen,
    /// A space or a tab.
    Blank,
    /// The end of a line, or a blank of another kind.
    Break,
    /// A letter of a script without cases, which is most often a word of its own.
    Letter,
    Other,
}

/// Stands for a letter that looks like none of ASCII.
const OTHER_LETTER: u8 = b'?';

/// Takes in each unit of a text.
pub(super) fn for_each_unit(text: &str, escapes: Escapes, take: impl FnMut(Unit)) {
    if escapes == Escapes::None && text.is_ascii() {
        for_each_plain(text.as_bytes(), take);
    } else {
        Units::new(text, escapes).for_each(take);
    }
}

/// The same of ASCII in which nothing is undone, as most texts are: each byte is a unit.
fn for_each_plain(text: &[u8], mut take: impl FnMut(Unit)) {
    let mut is_markup = false;
    for (start, byte) in text.iter().enumerate() {
        let end = start + 1;
        match byte {
            b'<' => is_markup = text.get(end).is_some_and(|next| begins_tag(char::from(*next))),
            b'>' => is_markup = false,
            _ => {}
        }
        take(Unit { start, end, kind: kind_of(char::from(*byte)), is_markup });
    }
}

/// The units of a text.
struct Units<'t> {
    text: Peekable<Unescaped<'t>>,
    is_markup: bool,
    /// What the last character decomposes to, as far as it was not read.
    pending: VecDeque<Unit>,
}

impl<'t> Units<'t> {
    fn new(text: &'t str, escapes: Escapes) -> Self {
        Self { text: unescaped(text, escapes).peekable(), is_markup: false, pending: VecDeque::new() }
    }
}

impl Iterator for Units<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        if let Some(unit) = self.pending.pop_front() {
            return Some(unit);
        }
        let Written { character, start, end } = self.text.next()?;
        match character {
            '<' => self.is_markup = self.text.peek().is_some_and(|next| begins_tag(next.character)),
            '>' => self.is_markup = false,
            _ => {}
        }
        let is_markup = self.is_markup;
        for_each_part(character, |kind| self.pending.push_back(Unit { start, end, kind, is_markup }));
        self.pending.pop_front()
    }
}

/// Takes in what a character is, or each of those that it is made of.
pub(super) fn for_each_part(character: char, mut take: impl FnMut(Kind)) {
    // What looks like a letter of a key may decompose to what does not.
    if character.is_ascii() || twin(character).is_some() {
        take(kind_of(character));
    } else {
        decompose_compatible(character, |part| take(kind_of(part)));
    }
}

fn begins_tag(character: char) -> bool {
    character.is_ascii_alphabetic() || matches!(character, '/' | '!' | '?')
}

/// What a character is that does not decompose.
fn kind_of(character: char) -> Kind {
    match character {
        _ if character.is_ascii_alphanumeric() => Kind::Character(character.try_into().unwrap_or(OTHER_LETTER)),
        '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' => Kind::Separator(Separator::Hyphen),
        ' ' | '\t' => Kind::Separator(Separator::Blank),
        _ if character.is_whitespace() => Kind::Separator(Separator::Break),
        _ if character.is_ascii() => Kind::Separator(Separator::Other),
        '\u{AD}'
        | '\u{34F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{180B}'..='\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{E0000}'..='\u{E0FFF}' => Kind::Invisible,
        _ if is_combining_mark(character) => Kind::Mark,
        _ => match twin(character).and_then(|twin| u8::try_from(twin).ok()) {
            // Where it matters, cases are those of the letter as written.
            Some(twin) if character.is_lowercase() => Kind::Character(twin.to_ascii_lowercase()),
            Some(twin) => Kind::Character(twin),
            None if character.is_lowercase() || character.is_uppercase() => Kind::Character(OTHER_LETTER),
            None if character.is_alphanumeric() => Kind::Separator(Separator::Letter),
            None => Kind::Separator(Separator::Other),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_the_same_units_either_way() {
        for text in ["", "a b-c_d\te\n", "<a href='x'>B</a> < b <", "%41 =42 &amp; \\u0041 \x1b[0m", "<", "a>b<!x>"] {
            let mut plain = Vec::new();
            for_each_plain(text.as_bytes(), |unit| plain.push(unit));
            assert_eq!(plain, Units::new(text, Escapes::None).collect::<Vec<_>>(), "{text:?}");
        }
    }
}
