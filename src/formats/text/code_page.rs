//! Which code page bytes are in that are no UTF, by what is in them. Files of Windows do not say it.
//!
//! Texts of East Asia are pairs of bytes, in ranges that hardly overlap. Words of Cyrillic are made of high bytes alone.
//! Letters of the West stand alone among letters of ASCII, and where they are differs between consoles and windows.

use encoding_rs::{EUC_KR, Encoding, GBK, IBM866, WINDOWS_1251};

/// The upper half of code page 850, of Western consoles.
pub(super) const WESTERN: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// The upper half of code page 852, of consoles between Poland and Croatia.
pub(super) const CENTRAL: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";

/// What distinguishes the code pages in a text.
#[derive(Default)]
struct Signs {
    /// Bytes above ASCII.
    high: usize,
    /// Those beside a letter of ASCII.
    mixed: usize,
    /// Those that are letters in 1251, and of these the small ones.
    of_1251: (usize, usize),
    /// The same of 866.
    of_866: (usize, usize),
    /// Those between letters of ASCII that are letters on Western consoles and punctuation in windows.
    of_console: usize,
    /// Those between letters of ASCII that are letters in windows.
    of_window: usize,
    /// Those beside letters of ASCII that are no letters on Western consoles, and are on those of Central Europe.
    of_central: usize,
}

impl Signs {
    fn of(bytes: &[u8]) -> Self {
        let mut signs = Self::default();
        for (at, byte) in bytes.iter().copied().enumerate().filter(|(_, byte)| !byte.is_ascii()) {
            let is_letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
            let (before, after) = (is_letter(at.checked_sub(1)), is_letter(at.checked_add(1)));
            let is_within = before && after;
            signs.high += 1;
            signs.mixed += usize::from(before || after);
            let small = matches!(byte, 0xe0..=0xff);
            signs.of_1251.0 += usize::from(matches!(byte, 0xc0..=0xff | 0xa8 | 0xb8));
            signs.of_1251.1 += usize::from(small);
            signs.of_866.0 += usize::from(matches!(byte, 0x80..=0xaf | 0xe0..=0xf1));
            signs.of_866.1 += usize::from(matches!(byte, 0xa0..=0xaf | 0xe0..=0xef));
            // A typographic apostrophe and a dash may be between letters too.
            let is_console = matches!(byte, 0x80..=0x90 | 0x93..=0x95 | 0x98..=0x9b | 0xa0..=0xa5);
            signs.of_console += usize::from(is_within && is_console);
            signs.of_window += usize::from(is_within && matches!(byte, 0xc0..=0xff));
            let is_central = matches!(byte, 0x9f | 0xa7..=0xa9 | 0xab..=0xad | 0xbd | 0xbe | 0xfb..=0xfd);
            signs.of_central += usize::from((before || after) && is_central);
        }
        signs
    }

    /// True where so many of the bytes are letters of Cyrillic, most of them small, in words of their own.
    fn are_cyrillic(&self, (letters, small): (usize, usize)) -> bool {
        letters * 100 >= self.high * 95 && small * 100 >= self.high * 60 && self.mixed * 10 <= self.high
    }
}

/// The code page of a text in Chinese, Korean or Russian.
pub(super) fn of_script(bytes: &[u8]) -> Option<&'static Encoding> {
    let signs = Signs::of(bytes);
    if let Some(encoding) = of_pairs(bytes) {
        Some(encoding)
    } else if signs.are_cyrillic(signs.of_1251) {
        Some(WINDOWS_1251)
    } else if signs.are_cyrillic(signs.of_866) {
        Some(IBM866)
    } else {
        None
    }
}

/// The upper half of the code page of a console, in which the letters of a European text are.
pub(super) fn of_console(bytes: &[u8]) -> Option<&'static str> {
    let signs = Signs::of(bytes);
    let is_console = signs.of_console > signs.of_window;
    is_console.then_some(if signs.of_central > 0 { CENTRAL } else { WESTERN })
}

/// Chinese and Korean have pairs of high bytes. Korean has its letters in so few rows that no Chinese text of any length
/// keeps to them, and both have most in the first rows, where no other script has them.
fn of_pairs(bytes: &[u8]) -> Option<&'static Encoding> {
    let (mut pairs, mut usual, mut korean, mut faults) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut rest = bytes.iter().copied();
    while let Some(lead) = rest.find(|byte| !byte.is_ascii()) {
        match rest.next() {
            // Cut in two at the end.
            None => {}
            // Punctuation is no sign of either.
            Some(0xa1..=0xfe) if (0xa1..0xb0).contains(&lead) => {}
            Some(0xa1..=0xfe) if (0xb0..=0xf7).contains(&lead) => {
                pairs += 1;
                usual += usize::from(lead <= 0xd7);
                korean += usize::from(lead <= 0xc8);
            }
            Some(_) => faults += 1,
        }
    }
    let is_paired = pairs > 0 && faults * 50 <= pairs && usual * 10 >= pairs * 7;
    is_paired.then_some(if korean * 20 >= pairs * 19 { EUC_KR } else { GBK })
}

/// A text whose bytes above ASCII are these characters.
pub(super) fn decoded(bytes: &[u8], upper: &str) -> String {
    let upper: Vec<char> = upper.chars().collect();
    let char = |byte: u8| match byte.checked_sub(0x80) {
        None => char::from(byte),
        Some(place) => upper.get(usize::from(place)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    let length = bytes.iter().map(|byte| char(*byte).len_utf8()).sum();
    let mut text = String::with_capacity(length);
    text.extend(bytes.iter().map(|byte| char(*byte)));
    text
}
