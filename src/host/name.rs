//! Names in DNS, which are labels of bytes (RFC 1035, section 3.1; RFC 2181, section 11), as people write them.

use super::NameError;
use crate::words;
use hickory_resolver::proto::rr::Name;
use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::sync::Arc;

/// The SRV name under which KMS hosts are published in a domain.
pub const SRV_PREFIX: &str = "_vlmcs._tcp";

/// The longest label, and the longest name as it is sent, in bytes.
const MAX_LABEL: usize = 63;
const MAX_NAME: usize = 255;

/// What labels hold beside letters and digits and is written as it is. Whatever else is ASCII divides what people
/// write, or belongs to patterns and lists, and is written by its number.
const PLAIN: &str = "-_!#$&'()+=^`{|}~";

/// What some keyboards write for a dot (RFC 3490, section 3.1).
const OTHER_DOTS: [char; 3] = ['\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// A fully qualified DNS name, without the final dot. ASCII letters are in lower case; other letters are in UTF-8, as
/// Windows sends them within a domain, and in the case in which they came. A byte that is neither is `\DDD` (RFC 1035,
/// section 5.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(Arc<str>);

impl DnsName {
    /// The name as it is written, without the final dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The SRV name of this domain, as it is shown.
    pub fn srv_name(&self) -> String {
        format!("{SRV_PREFIX}.{self}")
    }

    /// The SRV name of this domain, to be looked up.
    ///
    /// # Errors
    /// [`NameError::LongName`] where the domain leaves no room for it.
    pub fn srv(&self) -> Result<Self, NameError> {
        self.srv_name().parse()
    }

    /// The domain, where this is the name at which its SRV records are.
    pub fn without_srv_prefix(&self) -> Option<&str> {
        self.as_str().strip_prefix(SRV_PREFIX)?.strip_prefix('.')
    }

    /// This name within a domain: `kms01` within `corp.example` is `kms01.corp.example`. `None` where that is too long
    /// for a name.
    pub fn within(&self, domain: &Self) -> Option<Self> {
        format!("{self}.{domain}").parse().ok()
    }

    /// True for a name of more than one label.
    pub fn has_dot(&self) -> bool {
        self.0.contains('.')
    }

    /// The same with letters beyond ASCII as the Internet has them: `xn--bcher-kva.example` for `bücher.example`. `None`
    /// where there are none, or no such name.
    pub fn international(&self) -> Option<Self> {
        if self.0.is_ascii() {
            return None;
        }
        let label = |label: &str| {
            let in_ascii = if label.is_ascii() { label.to_owned() } else { Name::from_utf8(label).ok()?.to_ascii() };
            (!in_ascii.is_empty() && !in_ascii.contains(['.', '\\'])).then_some(in_ascii)
        };
        self.0.split('.').map(label).collect::<Option<Vec<_>>>()?.join(".").parse().ok()
    }

    /// The name as it is sent.
    pub fn to_name(&self) -> Name {
        // What was checked once is a name.
        let labels = labels(&self.0).unwrap_or_default();
        Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap_or_default()
    }

    /// True where each label is a number: an address that is none, or half of one.
    fn is_number(&self) -> bool {
        self.0.split('.').all(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn from_labels<'a>(labels: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut text = String::new();
        for (place, label) in labels.enumerate() {
            if place > 0 {
                text.push('.');
            }
            write_label(&mut text, label);
        }
        Self(text.into())
    }
}

impl FromStr for DnsName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let labels = labels(text)?;
        let name = Self::from_labels(labels.iter().map(Vec::as_slice));
        if name.is_number() { Err(NameError::Number) } else { Ok(name) }
    }
}

impl From<&Name> for DnsName {
    fn from(name: &Name) -> Self {
        Self::from_labels(name.iter())
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// The labels that a text names, with or without a final dot.
fn labels(text: &str) -> Result<Vec<Vec<u8>>, NameError> {
    if text.is_empty() || text == "." {
        return Err(NameError::Empty);
    }
    let (mut labels, mut label) = (Vec::new(), Vec::new());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '.' => labels.push(std::mem::take(&mut label)),
            '\\' => label.push(escaped(&mut rest)?),
            plain if is_plain(plain) => label.extend(plain.encode_utf8(&mut [0; 4]).as_bytes()),
            other => return Err(NameError::Character(other)),
        }
    }
    if !label.is_empty() {
        labels.push(label);
    }
    if labels.iter().any(Vec::is_empty) {
        return Err(NameError::EmptyLabel);
    }
    if let Some(long) = labels.iter().map(Vec::len).find(|length| *length > MAX_LABEL) {
        return Err(NameError::LongLabel(long));
    }
    // Each label follows its length, and the last one is empty.
    let length = labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1;
    if length > MAX_NAME { Err(NameError::LongName(length - 2)) } else { Ok(labels) }
}

/// The byte behind a backslash: by its number, or a character that is written as itself.
fn escaped(rest: &mut std::str::Chars<'_>) -> Result<u8, NameError> {
    let number = rest.as_str().get(..3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(number) = number {
        let byte = number.parse().map_err(|_| NameError::Escape)?;
        rest.nth(2);
        return Ok(byte);
    }
    let itself = rest.next().filter(|character| character.is_ascii_graphic() && !character.is_ascii_alphanumeric());
    itself.and_then(|character| u8::try_from(character).ok()).ok_or(NameError::Escape)
}

/// True for what is written in a name as it is.
fn is_plain(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric() || PLAIN.contains(character);
    }
    !character.is_whitespace() && !OTHER_DOTS.contains(&character) && words::plain(character) == character
}

fn write_label(text: &mut String, label: &[u8]) {
    for chunk in label.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_plain(character) {
                text.push(character.to_ascii_lowercase());
            } else {
                write_bytes(text, character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        write_bytes(text, chunk.invalid());
    }
}

fn write_bytes(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // A string takes whatever is written to it.
        let _ = write!(text, "\\{byte:03}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, NameError> {
        text.parse::<DnsName>().map(|name| name.to_string())
    }

    fn sent(name: &str) -> Vec<Vec<u8>> {
        name.parse::<DnsName>().unwrap().to_name().iter().map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn names_are_used_as_they_are() {
        let cases = [
            ("KMS_01.Corp_1.Example.", "kms_01.corp_1.example"),
            ("_kms", "_kms"),
            ("kms_", "kms_"),
            ("-kms-", "-kms-"),
            ("r&d.o'brien~1.example", "r&d.o'brien~1.example"),
            ("Bücher.Example", "bücher.example"),
            ("東京.example", "東京.example"),
            ("XN--bcher-kva.example", "xn--bcher-kva.example"),
            (r"kms\03201.example", r"kms\03201.example"),
            (r"kms\.01.example", r"kms\04601.example"),
            (r"\065b\099.example", "abc.example"),
            (r"\195\188.example", "ü.example"),
            (r"\252.example", r"\252.example"),
            ("kms.2024", "kms.2024"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(sent("kms_ü.example"), [b"kms_\xc3\xbc".as_slice(), b"example"]);
        assert_eq!(sent(r"a\.b\000\255.example"), [b"a.b\0\xff".as_slice(), b"example"]);
    }

    #[test]
    fn what_is_no_name_is_refused_for_what_is_wrong_with_it() {
        for (text, error) in [
            ("", NameError::Empty),
            (".", NameError::Empty),
            ("..", NameError::EmptyLabel),
            (".kms", NameError::EmptyLabel),
            ("a..b", NameError::EmptyLabel),
            ("kms..", NameError::EmptyLabel),
            ("kms 01", NameError::Character(' ')),
            ("kms\t", NameError::Character('\t')),
            ("kms\u{a0}01", NameError::Character('\u{a0}')),
            ("kms\u{200b}", NameError::Character('\u{200b}')),
            ("kms。example", NameError::Character('。')),
            ("*.example", NameError::Character('*')),
            ("kms@example", NameError::Character('@')),
            ("kms/01", NameError::Character('/')),
            ("kms01,kms02", NameError::Character(',')),
            (r"kms\256", NameError::Escape),
            (r"kms\n", NameError::Escape),
            (r"kms\", NameError::Escape),
            ("1688", NameError::Number),
            ("192.0.2.300", NameError::Number),
            ("10.0.0", NameError::Number),
        ] {
            assert_eq!(read(text), Err(error), "{text:?}");
        }
        let label = |length| "a".repeat(length);
        assert!(read(&label(63)).is_ok());
        assert_eq!(read(&label(64)), Err(NameError::LongLabel(64)));
        // 63 letters of two bytes are too many.
        assert_eq!(read(&"ü".repeat(32)), Err(NameError::LongLabel(64)));
        let name = |last| format!("{0}.{0}.{0}.{1}", label(63), label(last));
        assert!(read(&name(61)).is_ok());
        assert_eq!(read(&name(62)), Err(NameError::LongName(254)));
    }

    #[test]
    fn letters_beyond_ascii_have_another_form_on_the_internet() {
        let international = |text: &str| text.parse::<DnsName>().unwrap().international().map(|name| name.to_string());
        assert_eq!(international("_vlmcs._tcp.bücher.example").as_deref(), Some("_vlmcs._tcp.xn--bcher-kva.example"));
        assert_eq!(international("my_host.Bücher.example").as_deref(), Some("my_host.xn--bcher-kva.example"));
        assert_eq!(international("my_host.example"), None);
        assert_eq!(international(r"\252.example"), None);
    }

    #[test]
    fn a_domain_knows_its_srv_name() {
        assert_eq!("Corp.Example".parse::<DnsName>().unwrap().srv_name(), "_vlmcs._tcp.corp.example");
    }

    proptest! {
        #[test]
        fn any_labels_are_written_so_that_they_are_read_again(
            labels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 1..6)
        ) {
            let name = Name::from_labels(labels.iter().map(Vec::as_slice)).unwrap();
            let written = DnsName::from(&name);
            prop_assert_eq!(&written.to_name(), &name);
            if !written.is_number() {
                prop_assert_eq!(written.as_str().parse::<DnsName>().unwrap(), written);
            }
        }
    }
}
