//! A text as it reads once its escapes are undone: those of HTML, of JSON and programs, of URLs and mails, and of
//! terminals, each as often as it was applied.
//!
//! Nothing is copied: a character is read at its place in the text, through as many layers as there may be.

use super::found::is_of_keys;
use unicode_normalization::char::is_combining_mark;

/// How often a text may have been escaped: `%252520` and `&amp;amp;nbsp;` were three times.
const LAYERS: usize = 4;

/// How long the name or number of an entity is at most.
const MAX_NAME: usize = 20;

/// How many characters of a terminal's escape stand between its beginning and its end at most.
const MAX_TERMINAL: usize = 16;

/// What divides nothing and cannot be seen: what a terminal's escape is read as.
const INVISIBLE: char = '\u{200b}';

/// Which escapes are read as what they stand for. A sign and what follows it may as well be what they are: `%BC`, where a
/// key begins so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Those of URLs, and all that have names.
    Percent,
    /// Those of mails, and all that have names.
    Equals,
    /// Those that have names, or numbers between signs.
    Named,
    None,
    /// Those of URLs, even where a group may stand behind the sign.
    EveryPercent,
}

impl Escapes {
    /// Every way to read them, the likeliest first.
    pub(super) const ALL: [Self; 5] = [Self::Percent, Self::Equals, Self::Named, Self::None, Self::EveryPercent];

    /// The sign of escapes that are two digits.
    const fn sign(self) -> Option<u8> {
        match self {
            Self::Percent | Self::EveryPercent => Some(b'%'),
            Self::Equals => Some(b'='),
            Self::Named | Self::None => None,
        }
    }

    /// True where an escape may begin with this byte.
    fn may_begin_with(self, byte: u8) -> bool {
        self != Self::None && (matches!(byte, b'&' | b'\\' | b'\x1b') || self.sign() == Some(byte))
    }

    /// True where a text may read otherwise than in the other ways.
    pub(super) fn matter_in(self, text: &str) -> bool {
        let has_names = || text.contains(['&', '\\', '\x1b']);
        match self {
            Self::None => true,
            Self::Named => has_names(),
            Self::Equals => text.contains('='),
            // The sign may be escaped itself.
            Self::Percent | Self::EveryPercent => {
                text.contains('%') || has_names() && ["37;", "25", "percnt"].iter().any(|sign| text.contains(sign))
            }
        }
    }
}

/// A text through so many layers of escapes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unescaped<'t> {
    text: &'t str,
    escapes: Escapes,
    layers: usize,
}

/// A character, and where what it is written as ends.
type Read = (char, usize);

impl<'t> Unescaped<'t> {
    pub(super) const fn new(text: &'t str, escapes: Escapes) -> Self {
        Self { text, escapes, layers: LAYERS }
    }

    /// The character that is written from here on.
    pub(super) fn read(&self, at: usize) -> Option<Read> {
        let byte = *self.text.as_bytes().get(at)?;
        if self.layers == 0 || !self.escapes.may_begin_with(byte) {
            let character = if byte.is_ascii() { char::from(byte) } else { self.text.get(at..)?.chars().next()? };
            return Some((character, at + character.len_utf8()));
        }
        let below = Self { layers: self.layers - 1, ..*self };
        let (first, end) = below.read(at)?;
        let escaped = match first {
            '&' => below.entity(end),
            '\\' => below.backslash(end),
            '\x1b' => below.terminal(end),
            _ if self.escapes.sign().map(char::from) == Some(first) => below.hexadecimal(first, end),
            _ => None,
        };
        Some(escaped.unwrap_or((first, end)))
    }

    /// The rest of an entity of HTML or XML: `#45;`, `#x2D;`, `nbsp;`.
    fn entity(&self, mut at: usize) -> Option<Read> {
        let mut buffer = [0; MAX_NAME];
        let mut length = 0;
        loop {
            let (character, end) = self.read(at)?;
            at = end;
            match u8::try_from(character).ok()? {
                b';' => break,
                byte if byte == b'#' || byte.is_ascii_alphanumeric() => *buffer.get_mut(length)? = byte,
                _ => return None,
            }
            length += 1;
        }
        let name = std::str::from_utf8(buffer.get(..length)?).ok()?;
        let character = match name.strip_prefix('#') {
            Some(number) => char::from_u32(
                match number.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => number.parse(),
                }
                .ok()?,
            )?,
            None => named(name)?,
        };
        Some((character, at))
    }

    /// The rest of an escape of JSON and of programs: `u002d`, `x2d`, `n`.
    fn backslash(&self, at: usize) -> Option<Read> {
        let (kind, end) = self.read(at)?;
        match kind {
            'u' if !self.is_group(end) => self.utf16(end),
            'x' => self.digits(end, 2).map(|(number, end)| (char::from(number.to_le_bytes()[0]), end)),
            // Where a group follows the backslash, the letter is its first.
            'n' | 'r' | 't' | 'b' | 'f' if !self.is_group(at) => Some(('\n', end)),
            '\\' | '/' | '"' | '\'' => Some((kind, end)),
            _ => None,
        }
    }

    /// A unit of UTF-16 in four digits, or a pair of them. Half of a pair is no character.
    fn utf16(&self, at: usize) -> Option<Read> {
        let (first, end) = self.digits(at, 4)?;
        if let Some(character) = char::from_u32(first) {
            return Some((character, end));
        }
        let second = || {
            let ('\\', at) = self.read(end)? else { return None };
            let ('u', at) = self.read(at)? else { return None };
            self.digits(at, 4)
        };
        let pair = second().and_then(|(second, end)| {
            let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
            Some((char::decode_utf16(units).next()?.ok()?, end))
        });
        Some(pair.unwrap_or((char::REPLACEMENT_CHARACTER, end)))
    }

    /// The rest of an escape of URLs or of mails: `20`, `2D`. Several in a row may be one character.
    fn hexadecimal(&self, sign: char, at: usize) -> Option<Read> {
        let (kind, end) = self.read(at)?;
        if sign == '%' && kind == 'u' {
            return self.utf16(end);
        }
        let high = kind.to_digit(16)?;
        let (low, mut end) = self.digits(end, 1)?;
        let first = high * 16 + low;
        let first = first.to_le_bytes()[0];
        // Where a group follows the sign, these are its first two.
        if self.escapes != Escapes::EveryPercent && self.is_group(at) {
            return None;
        }
        let last = end;
        let mut bytes = [first; 4];
        let length = first.leading_ones() as usize;
        for byte in bytes.get_mut(1..length).unwrap_or_default() {
            let next = self.read(end).filter(|(next, _)| *next == sign);
            let Some((number, after)) = next.and_then(|(_, at)| self.digits(at, 2)) else { break };
            (*byte, end) = (number.to_le_bytes()[0], after);
        }
        let utf8 = bytes.get(..length.max(1)).and_then(|bytes| std::str::from_utf8(bytes).ok()?.chars().next());
        // What is no UTF-8 is of a code page, of which most agree on what divides.
        Some(utf8.map_or((char::from(first), last), |character| (character, end)))
    }

    /// The rest of what sets the colour of a terminal, or the like: `[1;31m`.
    fn terminal(&self, at: usize) -> Option<Read> {
        let ('[', mut at) = self.read(at)? else { return None };
        for _ in 0..MAX_TERMINAL {
            let (character, end) = self.read(at)?;
            at = end;
            if character.is_ascii_alphabetic() {
                return Some((INVISIBLE, at));
            }
        }
        None
    }

    /// A number of so many hexadecimal digits.
    fn digits(&self, mut at: usize, count: usize) -> Option<(u32, usize)> {
        let mut number = 0;
        for _ in 0..count {
            let (digit, end) = self.read(at)?;
            number = number * 16 + digit.to_digit(16)?;
            at = end;
        }
        Some((number, at))
    }

    /// True where a group of a key stands here in plain letters, or several that nothing divides.
    fn is_group(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or_default().chars().take(26);
        let run = || rest.clone().take_while(|each| each.is_alphanumeric() || is_combining_mark(*each));
        // `=AA` is rare, and `%20` is not.
        let may_be_of_it =
            |each: char| u8::try_from(each).is_ok_and(|byte| is_of_keys(byte) || self.escapes == Escapes::Equals);
        matches!(run().count(), 5 | 10 | 15 | 20 | 25) && run().all(may_be_of_it)
    }
}

/// The character of an entity. One that is not known divides, unless it may itself be a group.
fn named(name: &str) -> Option<char> {
    // `&Bopf;` and `&Ccedil;` are letters, if in another dress.
    let dresses = ["opf", "scr", "fr", "cedil", "tilde", "acute", "caron", "circ", "grave", "dot", "uml"];
    let undressed = dresses.iter().find_map(|dress| name.strip_suffix(dress)).filter(|letter| letter.len() == 1);
    match name {
        "amp" | "AMP" => Some('&'),
        "lt" | "LT" => Some('<'),
        "gt" | "GT" => Some('>'),
        "bsol" => Some('\\'),
        "percnt" => Some('%'),
        "equals" => Some('='),
        "shy" | "zwj" | "zwnj" | "lrm" | "rlm" => Some('\u{ad}'),
        "ndash" | "mdash" | "minus" | "hyphen" | "dash" | "lowbar" => Some('-'),
        "tilde" => Some('~'),
        "" => None,
        _ if undressed.is_some() => undressed?.chars().next(),
        _ if name.len() == 5 => None,
        _ => Some('\n'),
    }
}
