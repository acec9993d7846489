//! Product keys: whole ones are cut to their last five characters wherever they stand, before anything is stored,
//! logged or shown.

use regex::{Captures, Regex};
use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

/// What five groups of five characters look like, joined by one hyphen of any kind or one space, or by nothing. The
/// digits and letters are any: a key with a mistake in it is not to be shown either.
static WHOLE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    let hyphen = r"[-\u{2010}-\u{2015}\u{2212}\u{FF0D}]";
    #[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
    Regex::new(&format!(
        r"(?x)
        \b(?: [[:alnum:]]{{5}} (?:\s?{hyphen}\s?) ){{4}} ([[:alnum:]]{{5}})\b
        | \b(?: [[:alnum:]]{{5}} [\x20\t] ){{4}} ([[:alnum:]]{{5}})\b
        | \b[BCDFGHJKMNPQRTVWXY2346789bcdfghjkmnpqrtvwxy]{{20}}([BCDFGHJKMNPQRTVWXY2346789bcdfghjkmnpqrtvwxy]{{5}})\b"
    ))
    .expect("a pattern")
});

/// The text with every whole product key in it cut to its last five characters.
pub fn cut(text: &str) -> Cow<'_, str> {
    WHOLE_KEY.replace_all(text, |key: &Captures<'_>| {
        (1..=3).find_map(|group| key.get(group)).map_or(String::new(), |last| last.as_str().to_owned())
    })
}

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
    fn whole_keys_are_cut_wherever_they_stand() {
        // No key of anyone's: letters that no key has stand in each.
        for whole in [
            "AAAAA-EEEEE-IIIII-OOOOO-UUUU5",
            "aaaaa-eeeee-iiiii-ooooo-UUUU5",
            "AAAAA EEEEE IIIII OOOOO UUUU5",
            "AAAAA\u{2013}EEEEE\u{2013}IIIII\u{2013}OOOOO\u{2013}UUUU5",
            "AAAAA - EEEEE - IIIII - OOOOO - UUUU5",
        ] {
            assert_eq!(cut(&format!("key={whole};")), "key=UUUU5;", "{whole}");
        }
        assert_eq!(cut("\"BCDFGBCDFGBCDFGBCDFGQRTVW\""), "\"QRTVW\"");
        assert_eq!(cut("AAAAA-AAAAA-AAAAA-AAAAA-AAAA1 AAAAA-AAAAA-AAAAA-AAAAA-AAAA2"), "AAAA1 AAAA2");
    }

    #[test]
    fn what_is_no_key_stays() {
        for text in [
            "55041-00140-015-871562-03-1033-7078.0000-0992009",
            "55c92734-d682-4d71-983e-d6ec3f16059f",
            "00413-50000-00000-AA937",
            "J464C",
            "TIMEBASED_EVAL",
        ] {
            assert_eq!(cut(text), text);
        }
    }

    #[test]
    fn no_more_than_five_characters_are_kept() {
        assert_eq!(PartialProductKey::new(" j464c ").unwrap().as_str(), "J464C");
        assert_eq!(PartialProductKey::new("AAAAA-AAAAA-AAAAA-AAAAA-AAAA1").unwrap().as_str(), "AAAA1");
        for text in ["", "J464", "J464CC", "J4 4C", "\u{e4}\u{e4}a"] {
            assert_eq!(PartialProductKey::new(text), None, "{text}");
        }
    }
}
