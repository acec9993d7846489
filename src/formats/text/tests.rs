use super::super::samples::encoded;
use super::*;
use crate::formats::effort::assert_takes_no_time;
use proptest::prelude::*;

const ENGLISH: &str = "Name: Windows(R), Enterprise edition\r\nLicense Status: Licensed\r\n";
const JAPANESE: &str = "名前: Windows(R), ServerDatacenter edition\r\nプロダクト キーの一部: XXXXX\r\n\
                        ライセンスの状態: ライセンスされています\r\n一般の\u{3000}警告\r\n";
const FRENCH: &str =
    "Nom : édition ServerStandard\r\nL\u{2019}état de la licence : expirée à 10 h 05, déjà prolongée\r\n";

#[test]
fn every_encoding_is_distinguished_from_the_others() {
    for text in [ENGLISH, JAPANESE, FRENCH, &JAPANESE.repeat(2000), "日本語"] {
        for (encoding, bytes) in encoded(text) {
            // Kanji alone, with neither a mark nor the end of a line, are ambiguous to anyone.
            if !text.contains('\n') && encoding.starts_with("UTF-16") && encoding.len() < 10 {
                continue;
            }
            assert_eq!(decode(&bytes).unwrap(), text, "{encoding}");
            assert_eq!(looks_like_text(&bytes[..bytes.len().min(START)]), Ok(()), "{encoding}");
        }
    }
}

#[test]
fn japanese_with_little_else_is_identified_by_its_order() {
    let text = "一二三\u{3000}一覧の表です。\r\n".repeat(20);
    for (encoding, bytes) in encoded(&text) {
        assert_eq!(decode(&bytes).unwrap(), text, "{encoding}");
    }
}

#[test]
fn utf8_is_not_copied() {
    assert!(matches!(decode(JAPANESE.as_bytes()), Ok(Cow::Borrowed(_))));
    assert!(matches!(decode(&[b"\xef\xbb\xbf", JAPANESE.as_bytes()].concat()), Ok(Cow::Borrowed(_))));
    // Nor is what is left of it where it was cut.
    assert!(matches!(decode(&JAPANESE.as_bytes()[..4]), Ok(Cow::Borrowed("名"))));
}

#[test]
fn utf8_cut_anywhere_stays_utf8() {
    for text in [JAPANESE, FRENCH] {
        for end in 3..text.len() {
            let decoded = decode(&text.as_bytes()[..end]).unwrap();
            assert!(text.starts_with(&*decoded) && end - decoded.len() < 4, "{end}: {decoded}");
        }
    }
}

#[test]
fn utf8_with_a_fault_in_it_stays_utf8() {
    let mut bytes = JAPANESE.as_bytes().to_vec();
    bytes[1] = b'?';
    assert!(decode(&bytes).unwrap().contains("ライセンスの状態"));
}

#[test]
fn other_encodings_cut_anywhere_are_read_as_far_as_they_go() {
    for (encoding, bytes) in encoded(JAPANESE) {
        for end in 12..bytes.len() {
            let decoded = decode(&bytes[..end]).unwrap();
            let whole = decoded.trim_end_matches('\u{fffd}');
            assert!(JAPANESE.starts_with(whole), "{encoding} {end}: {decoded}");
        }
    }
}

#[test]
fn nothing_is_empty() {
    for bytes in
        [&b""[..], b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe \0\r\0\n\0", b" \0\r\0\n\0", b"\xef\xbb\xbf\n"]
    {
        assert_eq!(decode(bytes), Err(FormatError::Empty), "{bytes:?}");
    }
    assert_eq!(looks_like_text(b""), Err(FormatError::Empty));
}

#[test]
fn what_is_no_text_is_named() {
    let program = [&b"MZ\x90"[..], &[0; 80]].concat();
    let archive = [&b"PK\x03\x04"[..], &[9; 80]].concat();
    for (bytes, what) in [
        (&b"%PDF-1.7\n"[..], "it is no text: it is a PDF"),
        (b"\x89PNG\r\n\x1a\n", "it is no text: it is a picture (PNG)"),
        (&archive, "it is no text: it is a ZIP archive or a workbook; unpack it, or save it as CSV"),
        (b"\x1f\x8b\x08", "it is no text: it is compressed with gzip; unpack it first"),
        (b"\xd0\xcf\x11\xe0\xa1", "it is no text: it is an old Office document; save it as text or CSV"),
        (&program, "it is no text: it is a program"),
        (b"ElfFile\0", "it is no text: it is an event log as such; export it with `wevtutil qe`"),
        (&[0; 1000], "it is no text: it is binary"),
        (b"Name: x\0\x01\x02\x03", "it is no text: it is binary"),
        (b"\xff\xfe\0\0\0\0\0\0", "it is no text: it begins as UTF-16 and is not"),
    ] {
        assert_eq!(decode(bytes).unwrap_err().to_string(), what);
        assert_eq!(looks_like_text(bytes).unwrap_err().to_string(), what);
    }
    assert!(decode(b"MZ01,licensed\n").is_ok());
}

#[test]
fn other_text_appended_to_utf16_is_refused_and_kana_are_not() {
    for (mark, unit) in [
        (&b"\xff\xfe"[..], u16::to_le_bytes as fn(u16) -> [u8; 2]),
        (b"\xfe\xff", u16::to_be_bytes),
        (b"", u16::to_le_bytes),
    ] {
        let written: Vec<u8> = ENGLISH.encode_utf16().flat_map(unit).collect();
        let bytes = [mark, &written, ENGLISH.as_bytes()].concat();
        assert_eq!(decode(&bytes), Err(FormatError::NotText(OTHER_TEXT)));
        let kana: Vec<u8> = "\u{3042}\u{3044}\u{3046}\u{304b}".repeat(50).encode_utf16().flat_map(unit).collect();
        assert!(decode(&[mark, &written, &kana].concat()).is_ok());
    }
}

#[test]
fn utf16_appended_to_other_text_is_refused() {
    let appended: Vec<u8> = ENGLISH.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = [ENGLISH.repeat(2000).as_bytes(), &appended].concat();
    assert_eq!(looks_like_text(&bytes), Ok(()));
    assert_eq!(decode(&bytes), Err(FormatError::NotText(NUL_BYTES)));
}

#[test]
fn a_long_line_takes_no_time() {
    assert_takes_no_time(|| {
        for text in ["a", "é", "ライセンス", " "] {
            let long = text.repeat(1_000_000 / text.len());
            for (_, bytes) in encoded(&long) {
                let _ = decode(&bytes);
            }
        }
    });
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = looks_like_text(&bytes);
    }

    #[test]
    fn utf8_is_read_as_it_is(text in "[^\u{0}\u{feff}]{1,80}") {
        if let Ok(decoded) = decode(text.as_bytes()) {
            prop_assert_eq!(&*decoded, &text);
        }
    }
}
