//! Texts as phrases are compared: whatever their case, their width and their blanks.

/// A character as phrases are compared: without case, in its narrow form; `None` for blanks and what cannot be seen.
pub(super) fn folded(char: char) -> Option<char> {
    match char {
        '\u{ff1a}' => Some(':'),
        '\u{ff08}' => Some('('),
        '\u{ff09}' => Some(')'),
        '\u{2010}'..='\u{2013}' => Some('-'),
        '\u{feff}' | '\u{200b}'..='\u{200f}' => None,
        _ if char.is_whitespace() || char.is_control() => None,
        _ => Some(char.to_ascii_lowercase()),
    }
}

/// A text as phrases are compared.
pub(super) fn fold(text: &str) -> String {
    text.chars().filter_map(folded).collect()
}
