//! Whole product keys in others' texts: each is cut to its last five characters, before anything is stored, logged or
//! shown, however it is written.
//!
//! A text is read once, unit by unit: a unit is a letter or a digit, or what stands between them, each as a character,
//! as an entity of HTML or as an escape of JSON, URLs or mails. Letters and digits side by side are a word. A key is
//! five words of five characters, whatever divides them; or one word of 25; or 25 in any division. Hardly any word that
//! is spoken has no vowel, so characters that keys have, in this number, are a key.

mod found;
mod units;

#[cfg(test)]
mod tests;

use found::{Found, Search};
use std::borrow::Cow;
use units::{Kind, Units};

/// How many characters a key has.
const LENGTH: usize = 25;

/// The text with every whole product key in it cut to its last five characters.
pub fn cut_keys(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    // What is left of several keys may look like one again. Each time that is a fifth of them at most.
    while let Some(cut) = cut_once(&text, true).or_else(|| cut_once(&text, false)) {
        text = Cow::Owned(cut);
    }
    text
}

/// What may be an escape may as well be letters of a key behind a sign, so that both are tried.
fn cut_once(text: &str, are_escapes_read: bool) -> Option<String> {
    if text.len() < LENGTH || (are_escapes_read && !text.contains(['&', '\\', '%', '=', '<'])) {
        return None;
    }
    let mut search = Search::default();
    for unit in Units::new(text, are_escapes_read) {
        match unit.kind {
            Kind::Character(character) => search.character(character, unit.start, unit.end),
            Kind::Separator(separator) => search.separator(separator),
            Kind::Invisible => search.invisible(),
        }
    }
    let mut keys = search.finish().into_iter();
    let mut key = keys.next()?;
    let (mut cut, mut done) = (String::with_capacity(text.len()), 0);
    let mut add = |key: Found| {
        cut.push_str(text.get(done..key.start).unwrap_or_default());
        cut.extend(key.last.map(char::from));
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
