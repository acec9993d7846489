//! Whole product keys in others' texts: each is cut to its last five characters, before anything is stored, logged or
//! shown, however it is written.
//!
//! A text is read once, unit by unit: a unit is a letter or a digit, or what is between them, with all escapes
//! undone, without accents, and in plain letters where others look like them or are another form of them. Letters and
//! digits side by side are a word. A key is five words of five characters, whatever divides them, be it a few other
//! words such as labels; or one word of 25; or 25 in any division. Hardly any word that is spoken has no vowel, so
//! characters that keys have, in this number, are a key.

mod found;
mod twins;
mod units;

#[cfg(test)]
mod tests;

pub use twins::twin;

use found::{Found, Place, Search};
use std::borrow::Cow;
use units::{Escapes, Kind, Unit, for_each_unit};

/// How many characters a key has.
const LENGTH: usize = 25;

/// What takes the place of a key of which not even the end is kept. It is no part of one, whatever is beside it.
const NOTHING_OF_IT: &str = "[key]";

/// How often a text is read: once to leave the ends of keys, and then for what these are part of. Nothing new comes
/// about where nothing of a key is left, so that two more times are enough for each way to read escapes.
const PASSES: usize = 1 + 2 * Escapes::ALL.len();

/// The text with every whole product key in it cut to its last five characters. Where these make up a key again, with
/// each other or with what is beside them, nothing is left of that.
pub fn cut_keys(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for pass in 0..PASSES {
        let cut = Escapes::ALL.into_iter().find_map(|escapes| cut_once(&text, escapes, pass == 0));
        let Some(cut) = cut else { return text };
        text = Cow::Owned(cut);
    }
    // It never comes to this, and if it does, no key is shown.
    Cow::Borrowed(NOTHING_OF_IT)
}

/// What may be an escape may as well be letters of a key behind a sign, so that both are tried.
fn cut_once(text: &str, escapes: Escapes, is_end_kept: bool) -> Option<String> {
    if text.len() < LENGTH || !escapes.matter_in(text) {
        return None;
    }
    let mut search = Search::default();
    for_each_unit(text, escapes, |Unit { start, end, kind, is_markup }| match kind {
        Kind::Character(character) => search.character(character, Place { start, end, is_markup }),
        Kind::Separator(separator) => search.separator(separator),
        Kind::Mark => search.mark(end),
        Kind::Invisible => search.invisible(),
    });
    let mut keys = search.finish().into_iter();
    let mut key = keys.next()?;
    let (mut cut, mut done) = (String::with_capacity(text.len()), 0);
    let mut add = |key: Found| {
        cut.push_str(text.get(done..key.start).unwrap_or_default());
        if is_end_kept {
            cut.extend(key.last.map(char::from));
        } else {
            cut.push_str(NOTHING_OF_IT);
        }
        done = key.end;
    };
    for next in keys {
        if next.start >= key.end {
            add(std::mem::replace(&mut key, next));
        } else if next.end > key.end {
            key = Found { start: key.start, ..next };
        }
    }
    add(key);
    cut.push_str(text.get(done..).unwrap_or_default());
    Some(cut)
}

/// True for the characters that occur in keys, in either case. N is in those since Windows 8.
const fn is_of_keys(character: u8) -> bool {
    matches!(
        character.to_ascii_uppercase(),
        b'B' | b'C'
            | b'D'
            | b'F'
            | b'G'
            | b'H'
            | b'J'
            | b'K'
            | b'M'
            | b'N'
            | b'P'
            | b'Q'
            | b'R'
            | b'T'
            | b'V'
            | b'W'
            | b'X'
            | b'Y'
            | b'2'
            | b'3'
            | b'4'
            | b'6'..=b'9'
    )
}
