use super::*;
use proptest::prelude::*;

/// The codes in a text, or `-` where there is none. Events are left out.
fn codes(text: &str) -> Vec<String> {
    let found = read(text).into_iter().filter(|given| given.event.is_none());
    found.map(|given| given.code.map_or_else(|| "-".to_owned(), |code| code.to_string())).collect()
}

#[test]
fn codes_are_read_in_every_form_that_people_paste() {
    for (text, code, reading) in [
        ("0xC004F050", "0xC004F050", Reading::Plain),
        ("0XC004F050", "0xC004F050", Reading::Plain),
        ("C004F050", "0xC004F050", Reading::Plain),
        ("c004f050h", "0xC004F050", Reading::Plain),
        ("0xC004F050L", "0xC004F050", Reading::Plain),
        ("  'C004F050'. ", "0xC004F050", Reading::Plain),
        ("0x C004 F050", "0xC004F050", Reading::Plain),
        ("0xC004\u{a0}F050", "0xC004F050", Reading::Plain),
        (
            "\u{ff10}\u{ff58}\u{ff23}\u{ff10}\u{ff10}\u{ff14}\u{ff26}\u{ff10}\u{ff15}\u{ff10}",
            "0xC004F050",
            Reading::Plain,
        ),
        ("-1073418160", "0xC004F050", Reading::Plain),
        ("\u{2212}1073418160", "0xC004F050", Reading::Plain),
        ("3221549136", "0xC004F050", Reading::Plain),
        ("-0x3FFB0FB0", "0xC004F050", Reading::Plain),
        ("0x80070005", "0x80070005", Reading::Plain),
        ("80070005", "0x80070005", Reading::Plain),
        ("0x0", "0x00000000", Reading::Plain),
        ("0", "0x00000000", Reading::Plain),
        ("00000000", "0x00000000", Reading::Plain),
        ("0x8007232B (DNS name does not exist)", "0x8007232B", Reading::Plain),
        // In the wrong base, as a Win32 error, or extended.
        ("0x3221549136", "0xC004F050", Reading::Decimal),
        ("9003", "0x8007232B", Reading::Win32),
        ("0x232B", "0x8007232B", Reading::Win32),
        ("232B", "0x8007232B", Reading::Win32),
        ("232b", "0x8007232B", Reading::Win32),
        ("0x0000232B", "0x8007232B", Reading::Win32),
        ("12007", "0x80072EE7", Reading::Win32),
        ("0x12007", "0x80072EE7", Reading::Decimal),
        ("0x9003", "0x8007232B", Reading::Decimal),
        ("10054", "0x80072746", Reading::Win32),
        ("0xFFFFFFFFC004F050", "0xC004F050", Reading::Wide),
        ("ffffffffc004f050", "0xC004F050", Reading::Wide),
        ("18446744072636133456", "0xC004F050", Reading::Wide),
        ("0xCOO4FO5O", "0xC004F050", Reading::Letters),
        ("0xC004F0S0", "0xC004F050", Reading::Letters),
        ("OxC004F050", "0xC004F050", Reading::Letters),
        ("oxcOO4fO5O", "0xC004F050", Reading::Letters),
        ("F050", "0xC004F050", Reading::Short),
        ("0xF050", "0xC004F050", Reading::Short),
        // Not described, and codes all the same.
        ("0xC004F0FF", "0xC004F0FF", Reading::Plain),
        ("0x80041234", "0x80041234", Reading::Plain),
        ("0x1234", "0x80071234", Reading::Win32),
    ] {
        let found = read(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(
            (found[0].code.map(|code| code.to_string()).as_deref(), found[0].reading),
            (Some(code), reading),
            "{text}"
        );
    }
}

#[test]
fn lines_of_logs_and_events_give_their_codes_and_no_other_numbers() {
    for (line, expected) in [
        ("License Activation (slui.exe) failed with the following error code: hr=0xC004F074", &["0xC004F074"][..]),
        ("0x0,25,0x00000000", &["0x00000000"]),
        (
            "0xC004F074, 0x00000000, kms01.corp.example:1688, 8e5cb7a1-80070005-4d1c, 2026/11/24 09:00, 0, 1, 43200",
            &["0xC004F074"],
        ),
        (
            "hr=0x8007139F RuleId=31e71c49-8da7-4a2f-ad92-45d98a1c79ba;Action=AutoActivate;AppId=55c92734-d682-4d71-983e",
            &["0x8007139F"],
        ),
        ("Error: 0x80072EE7 after 0xc004f074, then 0x80072EE7 again", &["0x80072EE7", "0xC004F074"]),
        ("0xC004F038, -1073418160 and 0x80072EE7", &["0xC004F038", "0xC004F050", "0x80072EE7"]),
        ("error C004F038 on WS0417, 12288 25 1688", &["0xC004F038"]),
        ("exit status -1073418160 (3 tries)", &["0xC004F050"]),
        ("exit status 3221549136", &["0xC004F050"]),
        ("\u{30a8}\u{30e9}\u{30fc}: 0xC004F074 \u{30bd}\u{30d5}\u{30c8}\u{30a6}\u{30a7}\u{30a2}", &["0xC004F074"]),
        ("\u{30a8}\u{30e9}\u{30fc}\u{ff1a}\u{ff10}xC004F074\u{3002}", &["0xC004F074"]),
        ("deadbeef and 20261124 and 192.0.2.10 and 12345678", &["-"]),
        ("nothing of the sort", &["-"]),
        ("", &["-"]),
        ("-", &["-"]),
        ("0x", &["-"]),
        ("h", &["-"]),
        ("Oxford and oxidation, 0xC004F074", &["0xC004F074"]),
        // A digit is missing: what it would be by itself is nothing that anyone meant.
        ("0xC004F05", &["-"]),
        ("hr=0xC04F050", &["-"]),
        ("0x240005", &["0x00240005"]),
        ("4294967296", &["-"]),
        ("99999999999999999999999999", &["-"]),
    ] {
        assert_eq!(codes(line), expected, "{line}");
    }
}

#[test]
fn a_product_key_is_not_shown_again() {
    let given = read("key ABCDE-FGHJK-MNPQR-TVWXY-2346J failed");
    assert!(!given[0].text.contains("ABCDE"), "{given:?}");
}

#[test]
fn what_was_given_is_bounded() {
    let given = read(&"0xC004F074 ".repeat(100_000));
    assert_eq!(given.len(), 1);
    assert!(read(&"x".repeat(1_000_000))[0].text.chars().count() < 300);
    let messages = "The RPC server is unavailable. ".repeat(50_000);
    assert_eq!(read(&messages).len(), 1, "each is reported once");
    let many: Vec<_> = (0xC004_F000_u32..0xC004_F0FF).map(|code| format!("0x{code:08X}")).collect();
    assert_eq!(read(&many.join(" ")).len(), MAX_CODES);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}", digits in "-?(0[xX])?[0-9A-Fa-fOolIhHL \u{ff10}-\u{ff19}-]{0,24}[hH]?") {
        for text in [&text, &digits] {
            prop_assert!(!read(text).is_empty());
            prop_assert!(!super::super::answers(text, super::super::Language::ENGLISH).is_empty());
        }
    }

    #[test]
    fn every_code_is_read_in_hexadecimal_and_as_a_signed_number(code in 0x8000_0000_u32..) {
        let shown = format!("0x{code:08X}");
        prop_assert_eq!(codes(&shown), [shown.clone()]);
        prop_assert_eq!(codes(&code.cast_signed().to_string()), [shown.clone()]);
        prop_assert_eq!(codes(&code.to_string()), [shown]);
    }
}
