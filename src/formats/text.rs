//! Bytes to text: UTF-8, UTF-16 of both byte orders, and the code pages of Windows and its consoles: Japanese (932),
//! Chinese (936), Korean (949), Russian (866, 1251), Western (850, 1252) and Central European (852). They are
//! distinguished by what is in them, since a file does not say which it is.
//!
//! Windows `PowerShell` writes UTF-16 where `cmd` writes the code page of the console, and editors change either.

mod code_page;
#[cfg(test)]
mod tests;

use super::FormatError;
use encoding_rs::{CoderResult, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// How much of an input is looked at to detect what it is, in bytes.
pub(super) const START: usize = 64 * 1024;

/// What files that are no text begin with, and what to do about each.
const MAGIC: [(&[u8], &str); 6] = [
    (b"%PDF", ": it is a PDF"),
    (b"\x89PNG", ": it is a picture (PNG)"),
    (b"PK\x03\x04", ": it is a ZIP archive or a workbook; unpack it, or save it as CSV"),
    (b"\x1f\x8b", ": it is compressed with gzip; unpack it first"),
    (b"\xd0\xcf\x11\xe0", ": it is an old Office document; save it as text or CSV"),
    (b"ElfFile", ": it is an event log as such; export it with `wevtutil qe`"),
];

/// Whether an input can be text, by its first 64 KiB, so that what is none is refused without being read whole. More
/// than that is not looked at.
///
/// # Errors
/// [`FormatError::Empty`] where there is nothing, and [`FormatError::NotText`] where it is known to be something else,
/// or has bytes that no text has.
pub fn looks_like_text(start: &[u8]) -> Result<(), FormatError> {
    let start = start.get(..START).unwrap_or(start);
    if start.is_empty() {
        return Err(FormatError::Empty);
    }
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Err(FormatError::NotText(what));
    }
    // A text may begin with these two letters, but no program is without NUL bytes in its header.
    if start.starts_with(b"MZ") && start.iter().take(512).any(|byte| *byte == 0) {
        return Err(FormatError::NotText(": it is a program"));
    }
    if let Some((encoding, mark)) = Encoding::for_bom(start) {
        let is_utf16 = encoding != UTF_8;
        let text = start.get(mark..).unwrap_or_default();
        return if is_utf16 && !Units::count(text, encoding).may_be_text() {
            Err(FormatError::NotText(": it begins as UTF-16 and is not"))
        } else if !is_utf16 && text.contains(&0) {
            Err(FormatError::NotText(NUL_BYTES))
        } else {
            Ok(())
        };
    }
    if start.contains(&0) {
        return unmarked_utf16(start).map(|_| ()).ok_or(FormatError::NotText(": it is binary"));
    }
    let controls = start.iter().filter(|byte| byte.is_ascii_control() && !b"\t\n\r\x08\x0c\x1a\x1b".contains(byte));
    if controls.count() > start.len() / 20 && unmarked_utf16(start).is_none() {
        return Err(FormatError::NotText(": it is binary"));
    }
    Ok(())
}

/// How much is decoded at once, in bytes.
const PIECE: usize = 4096;

/// Text that goes on as something else.
const OTHER_TEXT: &str = ": other text was appended to UTF-16; write each to a file of its own";
const NUL_BYTES: &str = ": it has NUL bytes, as where UTF-16 was appended to other text";

/// The text that these bytes are, without a byte order mark. What is UTF-8 is not copied. A character cut in two at
/// the end of UTF-8 is left out; whatever else is no character of the encoding becomes U+FFFD.
///
/// # Errors
/// [`FormatError::Empty`] where there is nothing but blanks, and [`FormatError::NotText`] where it is not text.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FormatError> {
    looks_like_text(bytes)?;
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            let rest = bytes.get(mark..).unwrap_or_default();
            if encoding == UTF_8 { unmarked_bytes(rest, false)? } else { utf16(rest, encoding)? }
        }
        None => match bytes.get(..START).unwrap_or(bytes) {
            start if start.contains(&0) => utf16(bytes, unmarked_utf16(start).unwrap_or(UTF_16LE))?,
            _ => unmarked_bytes(bytes, true)?,
        },
    };
    if text.trim_matches(|char: char| char.is_whitespace() || char == '\u{feff}').is_empty() {
        return Err(FormatError::Empty);
    }
    Ok(text)
}

/// UTF-16 without its mark. A last byte that is half a unit is left out.
fn utf16<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Result<Cow<'b, str>, FormatError> {
    if has_other_text(bytes) {
        return Err(FormatError::NotText(OTHER_TEXT));
    }
    let even = bytes.get(..bytes.len() & !1).unwrap_or_default();
    Ok(Cow::Owned(all_decoded(even, encoding)))
}

/// True where text in other bytes was appended to UTF-16, as `>>` of `cmd` does to what PowerShell wrote: of no language
/// are so many letters in a row two ASCII characters each, blanks and ends of lines among them. Kana are without these.
fn has_other_text(bytes: &[u8]) -> bool {
    const RUN: usize = 48;
    const BLANKS: usize = 3;
    let (mut run, mut blanks) = (0, 0);
    bytes.iter().any(|byte| {
        match byte {
            b'\t' | b'\n' | b'\r' | b' ' => (run, blanks) = (run + 1, blanks + 1),
            b'!'..=b'~' => run += 1,
            _ => (run, blanks) = (0, 0),
        }
        run > RUN && blanks >= BLANKS
    })
}

/// Bytes that are UTF-8 unless `may_differ`, and then perhaps in a code page.
fn unmarked_bytes(bytes: &[u8], may_differ: bool) -> Result<Cow<'_, str>, FormatError> {
    if bytes.contains(&0) {
        return Err(FormatError::NotText(NUL_BYTES));
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => error,
    };
    if error.error_len().is_none() {
        // Cut inside the last character: all before it is UTF-8.
        let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
        return Ok(UTF_8.decode_without_bom_handling(whole).0);
    }
    if !may_differ || is_mostly_utf8(bytes) {
        return Ok(Cow::Owned(all_decoded(bytes, UTF_8)));
    }
    let start = bytes.get(..START).unwrap_or(bytes);
    if let Some(encoding) = unmarked_utf16(start).filter(|encoding| Units::count(start, encoding).are_surely_text()) {
        return utf16(bytes, encoding);
    }
    if let Some(encoding) = code_page::of_script(bytes) {
        return Ok(Cow::Owned(all_decoded(bytes, encoding)));
    }
    let mut signs = Signs::default();
    decoded(bytes, SHIFT_JIS, |text| signs.add(text));
    if signs.are_japanese() {
        return Ok(Cow::Owned(all_decoded(bytes, SHIFT_JIS)));
    }
    Ok(Cow::Owned(match code_page::of_console(bytes) {
        Some(upper) => code_page::decoded(bytes, upper),
        None => all_decoded(bytes, WINDOWS_1252),
    }))
}

/// Decodes bytes piece by piece. No piece is kept, so that this takes no memory.
fn decoded(bytes: &[u8], encoding: &'static Encoding, mut take: impl FnMut(&str)) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut piece = String::with_capacity(PIECE);
    let mut rest = bytes;
    loop {
        piece.clear();
        let (result, read, _) = decoder.decode_to_string(rest, &mut piece, true);
        take(&piece);
        rest = rest.get(read..).unwrap_or_default();
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

/// The text that bytes are, in as much memory as it takes: a decoder by itself takes room for the longest it could be.
fn all_decoded(bytes: &[u8], encoding: &'static Encoding) -> String {
    let mut length = 0;
    decoded(bytes, encoding, |piece| length += piece.len());
    let mut text = String::with_capacity(length);
    decoded(bytes, encoding, |piece| text.push_str(piece));
    text
}

/// True where characters of more than one byte are far more than what is no UTF-8: no code page looks so by chance.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut characters, mut faults) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
        faults += usize::from(!chunk.invalid().is_empty());
    }
    characters > 4 * faults
}

/// What distinguishes what was read as code page 932 from Western text misread so. Hardly a Japanese text is without
/// kana, which stand for quotation marks and accented letters side by side in 1252. Where there are none, kanji stand
/// in groups, whereas accented letters and apostrophes are misread as kanji that stand alone.
#[derive(Default)]
struct Signs {
    kana: usize,
    faults: usize,
    grouped: usize,
    lone: usize,
    run: usize,
}

impl Signs {
    fn add(&mut self, text: &str) {
        for char in text.chars() {
            if matches!(char, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}') {
                self.kana += usize::from(char < '\u{4e00}');
                self.run += 1;
            } else {
                self.faults += usize::from(char == '\u{fffd}');
                self.end_run();
            }
        }
    }

    fn end_run(&mut self) {
        *(if self.run > 1 { &mut self.grouped } else { &mut self.lone }) += self.run;
        self.run = 0;
    }

    fn are_japanese(mut self) -> bool {
        self.end_run();
        let Self { kana, faults, grouped, lone, .. } = self;
        // The last character may be cut in two.
        let few_faults = faults <= 1 + (grouped + lone) / 50;
        few_faults && grouped + kana > lone
    }
}

/// The byte order of UTF-16 that does not say it; `None` where it is no UTF-16.
///
/// NUL bytes alone prove nothing. They are every other byte of English, but in Japanese they are few, and some are on
/// the wrong side: U+4E00 and U+3000 end in one. The evidence is that one order makes sense and the other does not.
fn unmarked_utf16(start: &[u8]) -> Option<&'static Encoding> {
    let (little, big) = (Units::count(start, UTF_16LE), Units::count(start, UTF_16BE));
    let (encoding, units) = if little.usual >= big.usual { (UTF_16LE, little) } else { (UTF_16BE, big) };
    units.are_text().then_some(encoding)
}

/// What sort of characters bytes are when read as UTF-16.
#[derive(Clone, Copy)]
struct Units {
    all: usize,
    /// Printable ASCII, ends of lines, and kana.
    usual: usize,
    /// What no text has: control characters, halves of pairs, and what is for private use.
    impossible: usize,
}

impl Units {
    fn count(bytes: &[u8], encoding: &'static Encoding) -> Self {
        let mut units = Self { all: 0, usual: 0, impossible: 0 };
        // The last pair may be cut in two.
        let values = bytes
            .chunks_exact(2)
            .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
            .map(|pair| if encoding == UTF_16BE { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) });
        let mut is_cut = false;
        for char in char::decode_utf16(values) {
            units.all += 1;
            is_cut = char.is_err();
            match char {
                Ok('\t' | '\n' | '\r' | ' '..='~' | '\u{3041}'..='\u{30ff}') => units.usual += 1,
                Ok('\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffe}' | '\u{ffff}')
                | Err(_) => units.impossible += 1,
                Ok(_) => {}
            }
        }
        // Half a pair at the end of what is looked at is no fault.
        units.impossible -= usize::from(is_cut);
        units
    }

    /// What must hold where a byte order mark speaks for UTF-16.
    fn may_be_text(self) -> bool {
        self.impossible * 10 <= self.all
    }

    /// What must hold even of a kanji-laden text: a fifth of the characters are usual, and hardly any impossible. Of
    /// few characters half must be, since few may be so by chance.
    fn are_text(self) -> bool {
        let share = if self.all < 32 { 2 } else { 5 };
        self.all == 0 || (self.usual * share >= self.all && self.impossible * 50 <= self.all)
    }

    /// What must hold where no NUL byte speaks for UTF-16.
    fn are_surely_text(self) -> bool {
        self.usual * 2 >= self.all && self.impossible == 0
    }
}
