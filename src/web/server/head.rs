//! Looks for heads of requests that could be read in two ways, as the bytes pass by.
//!
//! Where a head has both `Content-Length` and `Transfer-Encoding`, a proxy before us may see another end of the body
//! than we do, and take what follows for a request of somebody else (RFC 9112, section 6.3). hyper believes the second
//! and removes the first, so that nobody after it can see the conflict. HTTP/2 has frames, and no such doubt.

/// The longest name that is looked for.
const LONGEST: usize = "transfer-encoding".len();

/// What HTTP/2 begins with.
const PREFACE: &[u8] = b"PRI * HT";

/// Follows the bytes of a connection.
#[derive(Debug, Default)]
pub(super) struct Heads {
    place: Place,
    /// The line up to its colon, in small letters, as far as it may be a name that is looked for.
    name: Vec<u8>,
    /// The value of `Content-Length`, as far as it is a number.
    length: Option<u64>,
    is_chunked: bool,
    is_ambiguous: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the first line of a head, or before it.
    #[default]
    RequestLine,
    /// In the name of a field.
    Name,
    /// In a value; true for that of `Content-Length`.
    Value(bool),
    /// In a body with so many more bytes.
    Body(u64),
    /// Where requests can no longer be separated: in HTTP/2, or in a body that names no length, after which the
    /// connection ends.
    Beyond,
}

impl Heads {
    /// True once a head was seen that has both.
    pub(super) const fn are_ambiguous(&self) -> bool {
        self.is_ambiguous
    }

    /// True where the connection is not HTTP/1.
    pub(super) fn are_none(&self) -> bool {
        self.place == Place::Beyond && !self.is_chunked
    }

    /// Looks at bytes that were received.
    pub(super) fn look_at(&mut self, mut bytes: &[u8]) {
        while let Some((byte, rest)) = bytes.split_first() {
            match self.place {
                Place::Beyond => return,
                Place::Body(left) => {
                    let passed = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    let left = left - passed as u64;
                    self.place = if left == 0 { Place::RequestLine } else { Place::Body(left) };
                    bytes = bytes.get(passed..).unwrap_or_default();
                    continue;
                }
                Place::RequestLine | Place::Name | Place::Value(_) => self.step(*byte),
            }
            bytes = rest;
        }
    }

    fn step(&mut self, byte: u8) {
        match (self.place, byte) {
            (Place::RequestLine, b'\n') => {
                // Empty lines may be before a request.
                if !self.name.is_empty() {
                    self.name.clear();
                    self.place = Place::Name;
                }
            }
            (Place::Name, b'\n') if self.name.is_empty() => self.end_head(),
            (Place::Value(_) | Place::Name, b'\n') => {
                self.name.clear();
                self.place = Place::Name;
            }
            (Place::Name, b':') => {
                let is_length = self.name == b"content-length";
                self.is_chunked |= self.name == b"transfer-encoding";
                if is_length {
                    self.length = Some(0);
                }
                self.place = Place::Value(is_length);
            }
            (Place::Value(true), b'0'..=b'9') => {
                let digit = u64::from(byte - b'0');
                self.length = self.length.map(|length| length.saturating_mul(10).saturating_add(digit));
            }
            (Place::Value(_) | Place::Body(_) | Place::Beyond, _) | (_, b'\r') => {}
            (Place::RequestLine, _) => {
                self.note(byte);
                if self.name == PREFACE {
                    self.place = Place::Beyond;
                }
            }
            (Place::Name, _) => self.note(byte.to_ascii_lowercase()),
        }
    }

    /// Notes a byte of a name; one more than the longest makes it another name.
    fn note(&mut self, byte: u8) {
        if self.name.len() <= LONGEST {
            self.name.push(byte);
        }
    }

    fn end_head(&mut self) {
        self.is_ambiguous |= self.is_chunked && self.length.is_some();
        self.place = match self.length.take() {
            _ if self.is_chunked => Place::Beyond,
            Some(length) if length > 0 => Place::Body(length),
            _ => Place::RequestLine,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_ambiguous(text: &str) -> bool {
        let whole = {
            let mut heads = Heads::default();
            heads.look_at(text.as_bytes());
            heads.are_ambiguous()
        };
        let mut heads = Heads::default();
        text.as_bytes().chunks(1).for_each(|byte| heads.look_at(byte));
        assert_eq!(heads.are_ambiguous(), whole, "byte by byte: {text:?}");
        whole
    }

    #[test]
    fn a_head_with_both_is_found_wherever_it_is() {
        let both = "POST / HTTP/1.1\r\ncontent-LENGTH: 5\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(are_ambiguous(both));
        assert!(are_ambiguous(&both.replace("\r\n", "\n")));
        assert!(are_ambiguous("POST / HTTP/1.1\r\nTransfer-Encoding:chunked\r\nContent-Length:0\r\n\r\n"));
        assert!(are_ambiguous(&format!("GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n{both}")), "after one without a body");
        let with_body = "POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\nhello\r\n\r\nyou";
        assert!(are_ambiguous(&format!("{with_body}{both}")), "after a body of known length");
    }

    #[test]
    fn what_is_not_both_is_not_taken_for_it() {
        for text in [
            "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nX-Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nX: Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 61\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "",
        ] {
            assert!(!are_ambiguous(text), "{text:?}");
        }
    }

    #[test]
    fn the_other_version_is_known_by_its_preface() {
        for (text, is_other) in [("PRI * HTTP/2.0\r\n\r\n", true), ("GET / HTTP/1.1\r\n\r\n", false), ("PRI", false)] {
            let mut heads = Heads::default();
            heads.look_at(text.as_bytes());
            assert_eq!(heads.are_none(), is_other, "{text}");
        }
    }
}
