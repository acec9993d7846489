//! A text as a sequence of letters, digits and what stands between them, in whichever way each is written.

/// How long an entity or a tag is at most, in bytes.
const MAX_ESCAPE: usize = 12;

/// The tags that stand between groups where a key is shown in a page or a table.
const TAGS: [&str; 9] = ["br", "wbr", "td", "th", "tr", "li", "b", "i", "p"];

/// One letter, digit or separator, and where in the text it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter or a digit of ASCII, or one of full width in its plain form.
    Character(u8),
    /// Anything else that can be seen.
    Separator(Separator),
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
    /// Anything else.
    Other,
}

/// Which escapes are read as what they stand for. A sign and what follows it may as well be what they are: `%BC`, where a
/// key begins so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    All,
    /// All but those of two digits.
    Named,
    None,
}

/// The units of a text.
pub(super) struct Units<'t> {
    text: &'t str,
    at: usize,
    escapes: Escapes,
}

impl<'t> Units<'t> {
    pub(super) const fn new(text: &'t str, escapes: Escapes) -> Self {
        Self { text, at: 0, escapes }
    }
}

impl Iterator for Units<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        let start = self.at;
        let rest = self.text.get(start..)?;
        let first = rest.chars().next()?;
        let escaped = match first {
            _ if self.escapes == Escapes::None => None,
            '&' => entity(rest),
            '\\' => backslash(rest),
            '%' | '=' if self.escapes == Escapes::All => hexadecimal(rest),
            '<' => tag(rest),
            _ => None,
        };
        let (kind, length) = escaped.unwrap_or_else(|| (kind_of(first), first.len_utf8()));
        self.at = start + length;
        Some(Unit { start, end: self.at, kind })
    }
}

/// What a character is.
fn kind_of(character: char) -> Kind {
    let plain = match character {
        '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            u8::try_from(u32::from(character) - 0xFEE0).ok()
        }
        _ => u8::try_from(character).ok().filter(u8::is_ascii_alphanumeric),
    };
    if let Some(plain) = plain {
        return Kind::Character(plain);
    }
    match character {
        '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' => Kind::Separator(Separator::Hyphen),
        ' ' | '\t' => Kind::Separator(Separator::Blank),
        '\u{AD}'
        | '\u{34F}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' => Kind::Invisible,
        _ if character.is_whitespace() => Kind::Separator(Separator::Break),
        _ => Kind::Separator(Separator::Other),
    }
}

/// An entity of HTML or XML: `&#45;`, `&#x2D;`, `&nbsp;`.
fn entity(rest: &str) -> Option<(Kind, usize)> {
    let end = rest.bytes().take(MAX_ESCAPE).position(|byte| byte == b';')?;
    let name = rest.get(1..end)?;
    let kind = match name.strip_prefix('#') {
        Some(number) => {
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            kind_of(char::from_u32(number.ok()?)?)
        }
        None if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => return None,
        // One of these may itself be a group.
        None if name.len() == 5 && !matches!(name, "minus" | "mdash" | "ndash" | "tilde") => return None,
        None => match name {
            "shy" | "zwj" | "zwnj" | "lrm" | "rlm" => Kind::Invisible,
            "ndash" | "mdash" | "minus" | "hyphen" | "dash" | "lowbar" => Kind::Separator(Separator::Hyphen),
            _ => Kind::Separator(Separator::Break),
        },
    };
    Some((kind, end + 1))
}

/// An escape of JSON and of programs: `\u002d`, `\x2d`, `\n`.
fn backslash(rest: &str) -> Option<(Kind, usize)> {
    let of_digits = |from: usize, count: usize| {
        let digits = rest.get(from..from + count)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
        // Half of a pair is no character, and no letter of a key.
        let kind = char::from_u32(number).map_or(Kind::Separator(Separator::Other), kind_of);
        Some((kind, from + count))
    };
    match rest.as_bytes().get(1)? {
        b'u' => of_digits(2, 4),
        b'x' => of_digits(2, 2),
        // Where a group follows the backslash, the letter is its first.
        b'n' | b'r' | b't' | b'b' | b'f' if !is_group(rest.get(1..)?) => Some((Kind::Separator(Separator::Break), 2)),
        _ => None,
    }
}

/// An escape of URLs and of mails: `%20`, `=2D`. Several in a row that are no ASCII are one character or more.
fn hexadecimal(rest: &str) -> Option<(Kind, usize)> {
    let sign = *rest.as_bytes().first()?;
    let byte_at = |at: usize| {
        let digits = rest.get(at + 1..at + 3).filter(|_| rest.as_bytes().get(at) == Some(&sign))?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u8::from_str_radix(digits, 16).ok().filter(|_| is_number)
    };
    let byte = byte_at(0)?;
    if byte.is_ascii() {
        // Where a group follows the sign, these are its first two.
        return (!is_group(rest.get(1..)?)).then_some((kind_of(char::from(byte)), 3));
    }
    let count = (1..4).take_while(|count| byte_at(3 * count).is_some_and(|byte| !byte.is_ascii())).count();
    (count > 0).then_some((Kind::Separator(Separator::Break), 3 * (1 + count)))
}

/// A tag without attributes, of those that stand in the midst of text.
fn tag(rest: &str) -> Option<(Kind, usize)> {
    let end = rest.bytes().take(MAX_ESCAPE).position(|byte| byte == b'>')?;
    let name = rest.get(1..end)?.trim_matches(['/', ' ']);
    let is_known = TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name));
    is_known.then_some((Kind::Separator(Separator::Break), end + 1))
}

/// True where a text begins with a group of a key, or with several that nothing divides.
fn is_group(text: &str) -> bool {
    let length = text.bytes().take(26).take_while(u8::is_ascii_alphanumeric).count();
    matches!(length, 5 | 10 | 15 | 20 | 25)
}
