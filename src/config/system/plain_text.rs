//! The text of files that people and installers wrote in whatever encoding they had.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// The text of a file in UTF-8, or in a code page that has ASCII in common with it. UTF-16 is known by its byte order
/// mark, or by the zeros in its first two characters.
pub fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (utf_16, rest): (Option<&Encoding>, _) = match bytes {
        [0xff, 0xfe, rest @ ..] => (Some(UTF_16LE), rest),
        [0xfe, 0xff, rest @ ..] => (Some(UTF_16BE), rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => (None, rest),
        [1..=255, 0, 1..=255, 0, ..] => (Some(UTF_16LE), bytes),
        [0, 1..=255, 0, 1..=255, ..] => (Some(UTF_16BE), bytes),
        _ => (None, bytes),
    };
    match utf_16 {
        Some(encoding) => Cow::Owned(encoding.decode_without_bom_handling(rest).0.into_owned().into_bytes()),
        None => Cow::Borrowed(rest),
    }
}

/// The lines of a text. Any of the usual ends will do.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| matches!(byte, b'\n' | b'\r'))
}

/// The words of a line up to the first of these characters. What is left of a file after a crash is zeros, which divide
/// words as spaces do.
pub fn words<'a>(line: &'a [u8], comment: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    let line = line.split(|byte| comment.contains(byte)).next().unwrap_or_default();
    line.split(|byte| byte.is_ascii_whitespace() || matches!(byte, 0 | 0x0b)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_in_every_encoding() {
        let text = "127.0.0.1 kms01 # bücher\n";
        let utf_16: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = utf_16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let with = |mark: &[u8], text: &[u8]| [mark, text].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            with(b"\xef\xbb\xbf", text.as_bytes()),
            with(b"\xff\xfe", &little),
            with(b"\xfe\xff", &big),
            little.clone(),
            big.clone(),
        ] {
            assert_eq!(plain(&bytes), text.as_bytes(), "{bytes:x?}");
        }
        // Half a character at the end costs that alone.
        assert!(plain(&with(b"\xff\xfe", &little[..little.len() - 1])).starts_with(b"127.0.0.1 kms01 # b"));
        assert_eq!(plain(b""), b"".as_slice());
    }
}
