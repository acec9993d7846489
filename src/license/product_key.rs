//! Product keys, of which no more is kept than the last five characters.

use std::fmt;

pub use crate::words::cut_keys as cut;

/// The last five characters of a product key, which is all that is ever kept of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialProductKey([u8; 5]);

impl PartialProductKey {
    /// The last five characters of a key, whole or cut; `None` where the text is neither.
    pub fn new(text: &str) -> Option<Self> {
        let cut = cut(text.trim());
        let bytes: [u8; 5] = cut.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then(|| Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// The five characters.
    pub fn as_str(&self) -> &str {
        // They are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for PartialProductKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_five_characters_are_kept() {
        assert_eq!(PartialProductKey::new(" j464c ").unwrap().as_str(), "J464C");
        assert_eq!(PartialProductKey::new("AAAAA-AAAAA-AAAAA-AAAAA-AAAA1").unwrap().as_str(), "AAAA1");
        for text in ["", "J464", "J464CC", "J4 4C", "\u{e4}\u{e4}a"] {
            assert_eq!(PartialProductKey::new(text), None, "{text}");
        }
    }
}
