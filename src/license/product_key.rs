//! Product keys: whole ones are cut to their last five characters wherever they stand, before anything is stored,
//! logged or shown.

use regex::{Captures, Regex};
use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

/// A whole product key, in three forms: five groups of five characters with hyphens, underscores or line breaks between
/// them, wherever they stand; five groups with spaces between; and 25 characters of those that keys have. The characters
/// of the first two are any: a key with a mistake in it is not to be shown either.
static WHOLE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    let any = r"[0-9A-Za-z\u{FF10}-\u{FF19}\u{FF21}-\u{FF3A}\u{FF41}-\u{FF5A}]";
    // Also as JSON and XML may write it.
    let hyphen = r"(?:[-_\u{2010}-\u{2015}\u{2212}\u{FF0D}]|\\u002[dD]|&\#45;|&\#x2[dD];)";
    let of_keys = "[BCDFGHJKMNPQRTVWXY2346789bcdfghjkmnpqrtvwxy]";
    #[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
    Regex::new(&format!(
        r"(?x)
        (?: {any}{{5}} \s{{0,2}}{hyphen}\s{{0,2}} ){{4}} (?<hyphened> {any}{{5}})
        | (?<before> ^ | [^0-9A-Za-z])
          (?: (?: {any}{{5}} [\x20\t] ){{4}} (?<spaced> {any}{{5}}) | {of_keys}{{20}} (?<plain> {of_keys}{{5}}) )
          (?<after> [^0-9A-Za-z] | $)"
    ))
    .expect("a pattern")
});

/// The text with every whole product key in it cut to its last five characters.
pub fn cut(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    // One character may stand between two keys, and belongs to the first that is found.
    while let Cow::Owned(cut) = WHOLE_KEY.replace_all(&text, shortened) {
        text = Cow::Owned(cut);
    }
    text
}

fn shortened(key: &Captures<'_>) -> String {
    let group = |name| key.name(name).map_or("", |group| group.as_str());
    ["before", "hyphened", "spaced", "plain", "after"].map(group).concat()
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
            "AAAAA_EEEEE_IIIII_OOOOO_UUUU5",
            "AAAAA-\r\nEEEEE-IIIII-OOOOO-UUUU5",
            r"AAAAA\u002dEEEEE\u002DIIIII-OOOOO-UUUU5",
            "AAAAA&#45;EEEEE&#x2d;IIIII-OOOOO-UUUU5",
        ] {
            assert_eq!(cut(&format!("key={whole};")), "key=UUUU5;", "{whole}");
        }
        assert_eq!(cut("MAK_AAAAA-EEEEE-IIIII-OOOOO-UUUU5"), "MAK_UUUU5");
        assert_eq!(cut("キーAAAAA-EEEEE-IIIII-OOOOO-UUUU5を"), "キーUUUU5を");
        assert_eq!(cut("k_BCDFGBCDFGBCDFGBCDFGQRTVW_"), "k_QRTVW_");
        assert_eq!(cut("BCDFGBCDFGBCDFGBCDFGQRTVW BCDFGBCDFGBCDFGBCDFGQRTVW"), "QRTVW QRTVW");
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
