//! A text as it reads once its escapes are undone: those of HTML, of JSON and programs, of URLs and mails, and of
//! terminals, each as often as it was applied.
//!
//! Nothing is copied: each layer is an iterator over the one below, and looks a few characters ahead. What it looked at
//! and could not undo it keeps, so that a character costs the same whatever is beside it.

use super::super::is_of_keys;
use super::{Kind, for_each_part};
use std::collections::VecDeque;

/// How often a text may have been escaped: `%252520` and `&amp;amp;nbsp;` were three times.
const LAYERS: usize = 4;

/// How long the name or number of an entity is at most.
const MAX_NAME: usize = 20;

/// How many characters of a terminal's escape are between its beginning and its end at most.
const MAX_TERMINAL: usize = 16;

/// How many characters, and marks on them, are looked at to see whether they are groups.
const MAX_GROUPS: usize = 64;

/// What divides nothing and cannot be seen: what a terminal's escape is read as, and a line that a mail breaks.
const INVISIBLE: char = '\u{200b}';

/// Which escapes are read as what they stand for. A sign and what follows it may as well be what they are: `%BC`, where
/// a key begins so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Escapes {
    /// Those of URLs, and all that have names.
    Percent,
    /// Those of mails, and all that have names.
    Equals,
    /// Those of URLs and of mails, and all that have names.
    Both,
    /// Those that have names, or numbers between signs.
    Named,
    None,
    /// Those of URLs, even where a group may be behind the sign.
    EveryPercent,
}

impl Escapes {
    /// Every way to read them, the likeliest first.
    pub(in super::super) const ALL: [Self; 6] =
        [Self::Percent, Self::Equals, Self::Both, Self::Named, Self::None, Self::EveryPercent];

    /// The signs of escapes that are two digits.
    const fn signs(self) -> &'static [char] {
        match self {
            Self::Percent | Self::EveryPercent => &['%'],
            Self::Equals => &['='],
            Self::Both => &['%', '='],
            Self::Named | Self::None => &[],
        }
    }

    /// True where a text may read otherwise than in the other ways.
    pub(in super::super) fn matter_in(self, text: &str) -> bool {
        let has_names = text.contains(['&', '\\', '\x1b']) || text.contains("_x");
        // The signs may be escaped themselves.
        let has = |sign: char, escaped: &[&str]| {
            text.contains(sign) || has_names && escaped.iter().any(|escaped| text.contains(escaped))
        };
        let has_percent = || has('%', &["37;", "25", "percnt"]);
        match self {
            Self::None => true,
            Self::Named => has_names,
            Self::Equals => has('=', &["61;", "3d", "3D", "equals"]),
            Self::Both => has_percent() && ["=", "61;", "3d", "3D", "equals"].iter().any(|sign| text.contains(sign)),
            Self::Percent | Self::EveryPercent => has_percent(),
        }
    }
}

/// A character, and its place in the text as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) character: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The characters of a text, without so many layers of escapes.
pub(super) type Unescaped<'t> = Box<dyn Iterator<Item = Written> + 't>;

/// The text as it reads when these escapes are undone.
pub(super) fn unescaped(text: &str, escapes: Escapes) -> Unescaped<'_> {
    let characters = text.char_indices();
    let written = characters.map(|(start, character)| Written { character, start, end: start + character.len_utf8() });
    let layers = if escapes == Escapes::None { 0 } else { LAYERS };
    (0..layers).fold(Box::new(written), |below, _| Box::new(Layer { below, escapes, ahead: VecDeque::new() }))
}

/// A character that is escaped, and the number of characters that it is written as.
type Escaped = (char, usize);

/// A text without the last layer of its escapes.
struct Layer<'t> {
    below: Unescaped<'t>,
    escapes: Escapes,
    /// What was looked at, and not yet read.
    ahead: VecDeque<Written>,
}

impl Iterator for Layer<'_> {
    type Item = Written;

    fn next(&mut self) -> Option<Written> {
        let first = self.ahead.pop_front().or_else(|| self.below.next())?;
        let escaped = match first.character {
            '&' => self.entity(),
            '\\' => self.backslash(),
            '_' => self.underscore(),
            '\x1b' => self.terminal(),
            sign if self.escapes.signs().contains(&sign) => self.hexadecimal(sign),
            _ => None,
        };
        let Some((character, length)) = escaped else { return Some(first) };
        let end = self.ahead.drain(..length).next_back().map_or(first.end, |last| last.end);
        Some(Written { character, start: first.start, end })
    }
}

impl Layer<'_> {
    /// One of the characters behind the first one of an escape.
    fn look(&mut self, index: usize) -> Option<char> {
        while self.ahead.len() <= index {
            self.ahead.push_back(self.below.next()?);
        }
        self.ahead.get(index).map(|written| written.character)
    }

    /// The rest of an entity of HTML or XML: `#45;`, `#x2D;`, `nbsp;`, or of a number of two digits that nothing ends.
    fn entity(&mut self) -> Option<Escaped> {
        self.ended_entity().or_else(|| match (self.look(0)?, self.look(1)?) {
            ('#', 'x' | 'X') => Some((char::from(self.byte(2)?), 4)),
            ('#', _) => Some((char::from(u8::try_from(self.number(1, 2, 10)?).ok()?), 3)),
            _ => None,
        })
    }

    fn ended_entity(&mut self) -> Option<Escaped> {
        let mut buffer = [0; MAX_NAME];
        let mut length = 0;
        loop {
            match u8::try_from(self.look(length)?).ok()? {
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
        Some((character, length + 1))
    }

    /// The rest of an escape of PowerShell's XML: `x002D_`.
    fn underscore(&mut self) -> Option<Escaped> {
        let is_one = self.look(0)? == 'x' && self.look(5)? == '_';
        let unit = if is_one { self.digits(1, 4)? } else { return None };
        Some((char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
    }

    /// The rest of an escape of JSON and of programs: `u002d`, `x2d`, `n`, `u{2d}`, `U0000002d`; in octal digits; of RTF
    /// and of CSS: `'2d`, `00002d`. Where a group follows the backslash, the letter is its first.
    fn backslash(&mut self) -> Option<Escaped> {
        match self.look(0)? {
            'u' | 'x' if self.look(1) == Some('{') => self.in_braces(),
            'U' if !self.is_group(0, false) => {
                Some((char::from_u32(self.number(1, 4, 16)? << 16 | self.number(5, 4, 16)?)?, 9))
            }
            '\'' if self.is_group(1, false) => Some(('\'', 1)),
            '\'' => self.byte(1).map_or(Some(('\'', 1)), |byte| Some((char::from(byte), 3))),
            // No group begins with these.
            '0' | '1' | '5' => self.in_digits(),
            'u' if !self.is_group(1, false) => self.utf16(1),
            'x' if !self.is_group(0, false) && !self.is_group(1, false) => {
                self.byte(1).map(|byte| (char::from(byte), 3))
            }
            'n' | 'r' | 't' | 'b' | 'f' if !self.is_group(0, false) => Some(('\n', 1)),
            kind @ ('\\' | '/' | '"') => Some((kind, 1)),
            _ => None,
        }
    }

    /// The rest of `u{2d}`.
    fn in_braces(&mut self) -> Option<Escaped> {
        let mut number = 0;
        for index in 2..=8 {
            match self.look(index)? {
                '}' if index > 2 => return Some((char::from_u32(number)?, index + 1)),
                digit => number = number * 16 + digit.to_digit(16)?,
            }
        }
        None
    }

    /// Six hexadecimal digits of CSS, of which four are zero, or up to three of octal numbers.
    fn in_digits(&mut self) -> Option<Escaped> {
        if self.digits(0, 4) == Some(0)
            && let Some(byte) = self.byte(4)
        {
            return Some((char::from(byte), 6));
        }
        let octal = |layer: &mut Self, count| {
            let byte = u8::try_from(layer.number(0, count, 8)?).ok()?;
            Some((char::from(byte), count))
        };
        octal(self, 3).or_else(|| octal(self, 2))
    }

    /// A unit of UTF-16 in four digits, or a pair of them. Half of a pair is no character.
    fn utf16(&mut self, from: usize) -> Option<Escaped> {
        let first = self.digits(from, 4)?;
        let end = from + 4;
        if let Some(character) = char::from_u32(first.into()) {
            return Some((character, end));
        }
        let is_pair = self.look(end) == Some('\\') && self.look(end + 1) == Some('u');
        let second = if is_pair { self.digits(end + 2, 4) } else { None };
        let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
        Some(pair.map_or((char::REPLACEMENT_CHARACTER, end), |character| (character, end + 6)))
    }

    /// The rest of an escape of URLs or of mails: `20`, `2D`. Several in a row may be one character. Mails break lines
    /// that are too long for them, wherever that is.
    fn hexadecimal(&mut self, sign: char) -> Option<Escaped> {
        match (sign, self.look(0)?) {
            ('%', 'u') => return self.utf16(1),
            ('=', '\n') => return Some((INVISIBLE, 1)),
            ('=', '\r') if self.look(1) == Some('\n') => return Some((INVISIBLE, 2)),
            _ => {}
        }
        let first = self.byte(0)?;
        // Where a group follows the sign, these are its first two. `=AA` is rare, and `=20` is not.
        if self.escapes != Escapes::EveryPercent && self.is_group(0, sign == '=' && !first.is_ascii()) {
            return None;
        }
        let mut bytes = [first; 4];
        let length = first.leading_ones() as usize;
        let mut end = 2;
        for byte in bytes.get_mut(1..length).unwrap_or_default() {
            let next = if self.look(end) == Some(sign) { self.byte(end + 1) } else { None };
            let Some(next) = next else { break };
            (*byte, end) = (next, end + 3);
        }
        let utf8 = bytes.get(..length.max(1)).and_then(|bytes| std::str::from_utf8(bytes).ok()?.chars().next());
        // What is no UTF-8 is of a code page, of which most agree on what divides.
        Some(utf8.map_or((char::from(first), 2), |character| (character, end)))
    }

    /// The rest of what sets the colour of a terminal, or the like: `[1;31m`.
    fn terminal(&mut self) -> Option<Escaped> {
        if self.look(0)? != '[' {
            return None;
        }
        for index in 1..=MAX_TERMINAL {
            match self.look(index)? {
                '@'..='~' => return Some((INVISIBLE, index + 1)),
                ' '..='?' => {}
                _ => return None,
            }
        }
        None
    }

    fn byte(&mut self, from: usize) -> Option<u8> {
        self.digits(from, 2)?.try_into().ok()
    }

    /// A number of so many hexadecimal digits.
    fn digits(&mut self, from: usize, count: usize) -> Option<u16> {
        self.number(from, count, 16)?.try_into().ok()
    }

    /// A number of so many digits, four at the most.
    fn number(&mut self, from: usize, count: usize, radix: u32) -> Option<u32> {
        let digits = (from..from + count).map(|index| self.look(index)?.to_digit(radix));
        digits.reduce(|number, digit| Some(number? * radix + digit?))?
    }

    /// True where a group of a key is here, or several that nothing divides.
    fn is_group(&mut self, from: usize, may_be_any: bool) -> bool {
        let (mut length, mut may_be, mut is_end) = (0, true, false);
        for index in from..from + MAX_GROUPS {
            let Some(character) = self.look(index) else { break };
            for_each_part(character, |kind| match kind {
                Kind::Character(character) => {
                    length += 1;
                    may_be &= may_be_any || is_of_keys(character);
                }
                Kind::Mark => {}
                _ => is_end = true,
            });
            if is_end || !may_be || length > 25 {
                break;
            }
        }
        may_be && matches!(length, 5 | 10 | 15 | 20 | 25)
    }
}

/// The character of an entity. One that is not known divides, unless a group may be in it.
fn named(name: &str) -> Option<char> {
    // `&Bopf;` and `&Ccedil;` are letters, if in another dress.
    let dresses = ["opf", "scr", "fr", "cedil", "tilde", "acute", "caron", "circ", "grave", "dot", "uml"];
    let undressed = dresses.iter().find_map(|dress| name.strip_suffix(dress)).filter(|letter| letter.len() == 1);
    let may_be_group =
        || name.len() == 5 || name.as_bytes().windows(5).any(|part| part.iter().all(|it| is_of_keys(*it)));
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
        _ if may_be_group() => None,
        _ => Some('\n'),
    }
}
