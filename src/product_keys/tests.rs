//! Keys as people type them. All are invented: none is anyone's, and of published ones only the end is used.

use super::*;
use crate::text::{Words, key};
use proptest::prelude::*;

/// A key that is none, in the right form.
const KEY: &str = "BCDFG-HJKMP-QRTVW-XY234-6789N";

fn shown(text: &str) -> String {
    let analysis = analyze(text);
    let changes = analysis.changes.iter().map(|change| format!("{change:?}"));
    let faults = analysis.faults.iter().map(|fault| key::fault(Words::ENGLISH, fault));
    let end = analysis.last_five.map(|five| five.to_string());
    end.into_iter().chain(changes).chain(faults).collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_key_in_the_right_form_is_identified_by_its_end() {
    assert_eq!(shown(KEY), "6789N");
    assert_eq!(analyze(KEY).has_n, Some(true));
    assert_eq!(analyze("BCDFG-HJKMP-QRTVW-XY234-67892").has_n, Some(false));
}

#[test]
fn what_was_meant_is_taken_and_what_was_changed_is_reported() {
    for (typed, changes) in [
        (" BCDFG-HJKMP-QRTVW-XY234-6789N\t", ""),
        ("bcdfg-hjkmp-qrtvw-xy234-6789n", "LowerCase"),
        ("BCDFGHJKMPQRTVWXY2346789N", "MissingDashes"),
        ("BCDFG-HJKMPQRTVW-XY234-6789N", "MissingDashes"),
        ("BCDFG HJKMP QRTVW XY234 6789N", "Spaces"),
        ("BCDFG - HJKMP - QRTVW - XY234 - 6789N", "Spaces"),
        ("BC DFG-HJKMP-QRTVW-XY234-6789N", "Spaces"),
        ("BCDFGHJKM PQRTVW XY2346789N", "Spaces"),
        ("BCDFG-HJKMP QRTVW-XY234-6789N", "Spaces"),
        ("BCDFG--HJKMP-QRTVW-XY234-6789N-", "Surroundings"),
        ("BCDFG\u{2013}HJKMP\u{2014}QRTVW_XY234.6789N", "OtherDashes"),
        ("BCDFG\u{30fc}HJKMP\u{30fc}QRTVW\u{30fc}XY234\u{30fc}6789N", "OtherDashes"),
        ("\u{201c}BCDFG-HJKMP-QRTVW-XY234-6789N\u{201d}", ""),
        ("\"BCDFG\"-HJKMP-QRTVW-XY234-[6789N]", "Quotes"),
        ("BCDFG-\u{200b}HJKMP-QRTVW-XY234-6789N", "Invisible"),
        ("\u{ff22}\u{ff23}\u{ff24}\u{ff26}\u{ff27}\u{ff0d}HJKMP-QRTVW-XY234-6789N", "FullWidth"),
        ("\u{ff42}CDFG-HJKMP-QRTVW-XY234-6789N", "FullWidth | LowerCase"),
        ("Product Key: BCDFG-HJKMP-QRTVW-XY234-6789N", "Surroundings"),
        ("Product Key: BCDFG HJKMP QRTVW XY234 6789N.", "Surroundings | Spaces"),
        ("product key BCDFGHJKMPQRTVWXY2346789N", "Surroundings | MissingDashes"),
        ("key=BCDFG-HJKMP-QRTVW-XY234-6789N", "Surroundings"),
        (
            "\u{30d7}\u{30ed}\u{30c0}\u{30af}\u{30c8} \u{30ad}\u{30fc}\u{ff1a}BCDFG-HJKMP-QRTVW-XY234-6789N",
            "Surroundings",
        ),
        ("\u{30ad}\u{30fc}BCDFG-HJKMP-QRTVW-XY234-6789N", "Surroundings"),
        ("slmgr /ipk BCDFG-HJKMP-QRTVW-XY234-6789N", "Surroundings"),
        ("slmgr.vbs /ipk BCDFGHJKMPQRTVWXY2346789N", "Surroundings | MissingDashes"),
        ("Windows 11 Pro BCDFG-HJKMP-QRTVW-XY234-6789N (new)", "Surroundings"),
    ] {
        let expected = if changes.is_empty() { "6789N".to_owned() } else { format!("6789N | {changes}") };
        assert_eq!(shown(typed), expected, "{typed:?}");
    }
}

#[test]
fn what_is_missing_or_too_much_is_identified_by_its_group() {
    for (typed, faults) in [
        (
            "BCDFG-HJKM-QRTVW-XY234-6789N",
            "it has 24 characters, and a key has 25: 1 is missing | group 2 has 4 characters in place of 5: 1 is missing",
        ),
        (
            "BCDFG-HJKMP-QRTVWWW-XY234-6789N",
            "it has 27 characters, and a key has 25: 2 are too many | group 3 has 7 characters in place of 5: 2 are too \
             many",
        ),
        (
            "BCDFG-HJKMP-QRTVW-XY234",
            "it has 20 characters, and a key has 25: 5 are missing | it has 4 groups, and a key has 5",
        ),
        (
            "BCDF-GHJKMP-QRTVW-XY234-6789N",
            "group 1 has 4 characters in place of 5: 1 is missing | group 2 has 6 characters in place of 5: 1 is too \
             many",
        ),
        ("BCDFGHJKMPQRTVWXY2346789", "it has 24 characters, and a key has 25: 1 is missing"),
    ] {
        assert_eq!(shown(typed), faults, "{typed:?}");
    }
    let many = "BC-".repeat(300);
    assert_eq!(analyze(&many).faults, [Fault::Length { characters: 600 }, Fault::Groups { groups: 300 }]);
}

#[test]
fn several_keys_in_a_line_are_reported_as_such() {
    let other = "BBBBB-BBBBB-BBBBB-BBBBB-T83GX";
    for between in [" ", ", ", ",", "-", "\t", " and "] {
        assert_eq!(analyze(&format!("{KEY}{between}{other}")).faults, [Fault::SeveralKeys { count: 2 }], "{between:?}");
    }
    assert_eq!(analyze(&format!("keys: {KEY}; {other}; {KEY}")).faults, [Fault::SeveralKeys { count: 3 }]);
    assert_eq!(
        shown(&format!("{KEY}-BBBBB")),
        format!(
            "it has 30 characters, and a key has 25: 5 are too many | it has 6 \
        groups, and a key has 5"
        )
    );
}

#[test]
fn characters_that_no_key_has_are_reported_with_what_looks_like_them() {
    for (typed, faults) in [
        ("BCDFG-HJKMP-QOTVW-XY234-6789N", "group 3, character 2: no key has the letter O; Q, D, C and G look like it"),
        ("BCDFG-HJKMP-QRTVW-XY234-6789\u{412}", "group 5, character 5: no key has `\u{412}` (U+0412); B looks like it"),
        ("BCDFG-HJKMP-QRTVW-XY234-678#N", "group 5, character 4: no key has `#`"),
        (
            "BCDFGHJKMPQRTVWXY234678l",
            "LowerCase | it has 24 characters, and a key has 25: 1 is missing | character 24: no key has the letter L; \
             7, J and T look like it",
        ),
        (
            "BCDFG-HJKMP-QRTVW-XY234-67S95",
            "group 5, character 3: no key has the letter S; 8, 6 and G look like it | group 5, character 5: no key has \
             the digit 5; 6, 3 and 9 look like it",
        ),
    ] {
        assert_eq!(shown(typed), faults, "{typed:?}");
        assert_eq!(analyze(typed).last_five, None);
    }
}

#[test]
fn what_may_be_a_password_is_not_spelled_out() {
    assert_eq!(
        shown("A0E1I5-LOSUZ-BBBBB"),
        "it has 16 characters, and a key has 25: 9 are missing | it has 3 groups, and a key has 5 | group 1 has 6 \
         characters in place of 5: 1 is too many | 11 of its characters occur in no key: this is something else"
    );
}

#[test]
fn a_key_has_one_n_at_the_most() {
    assert_eq!(
        shown("BCDFN-HJKMP-QRTVW-XY234-6789N"),
        "it has the letter N 2 times: keys since Windows 8 have it once, older ones never; M, H and W look like it"
    );
}

#[test]
fn what_is_taken_for_a_key_and_is_none_is_reported() {
    for (typed, fault) in [
        ("", Fault::Empty),
        (" - \u{200b}", Fault::Empty),
        ("Product key:", Fault::Empty),
        ("T83GX", Fault::OnlyFive),
        ("XXXXX-XXXXX-XXXXX-XXXXX-T83GX", Fault::Masked),
        ("*****-*****-*****-*****-T83GX", Fault::OnlyFive),
        ("55041-00140-01587-AA123", Fault::ProductId),
        ("Product ID: 55041-00140-01587-AA123", Fault::ProductId),
        ("55041-OEM-0158715-62033", Fault::ProductId),
        ("2de67392-b7a7-462a-b1ca-108dd189f588", Fault::Guid),
        ("{2DE67392-B7A7-462A-B1CA-108DD189F588}", Fault::Guid),
    ] {
        assert_eq!(analyze(typed).faults.first(), Some(&fault), "{typed:?}");
    }
    let editions = |text| analyze(text).generic.iter().map(|generic| generic.edition).collect::<Vec<_>>();
    assert_eq!(editions("T83GX"), ["Windows 10/11 Pro"]);
}

#[test]
fn a_published_key_is_known_by_its_end() {
    for generic in generics() {
        let analysis = analyze(&format!("BBBBB-BBBBB-BBBBB-BBBBB-{}", generic.last_five));
        assert!(analysis.is_well_formed(), "{}", generic.last_five);
        assert!(analysis.generic.contains(&generic), "{}", generic.edition);
    }
    assert_eq!(analyze(KEY).generic, Vec::<&Generic>::new());
}

/// A key that is typed more or less right: characters changed, left out or put in, and other dashes.
fn typed_keys() -> impl Strategy<Value = String> {
    let group = proptest::string::string_regex("[BCDFGHJKMNPQRTVWXY2346789]{5}").unwrap();
    let groups = proptest::collection::vec(group, 5);
    let faults = proptest::collection::vec((0..30_usize, "[0-9A-Za-z .]?"), 0..4);
    (groups, "[- ]?", faults).prop_map(|(groups, dash, faults)| {
        let mut characters: Vec<String> = groups.join(&dash).chars().map(|each| each.to_string()).collect();
        for (place, fault) in faults {
            if let Some(character) = characters.get_mut(place) {
                *character = fault;
            }
        }
        characters.concat()
    })
}

proptest! {
    #[test]
    fn nothing_panics_and_what_is_reported_is_bounded(text in ".{0,200}") {
        let analysis = analyze(&text);
        prop_assert!(analysis.faults.len() <= 2 + MAX_GROUPS_TOLD + MAX_NAMED + 1);
        prop_assert_eq!(analysis.is_well_formed(), analysis.last_five.is_some());
    }

    #[test]
    fn never_are_more_than_five_characters_in_a_row_reported(text in typed_keys()) {
        let shown = shown(&text).to_uppercase();
        let typed: Vec<char> = text.to_uppercase().chars().collect();
        let bare: Vec<char> = typed.iter().copied().filter(char::is_ascii_alphanumeric).collect();
        for window in typed.windows(6).chain(bare.windows(6)) {
            let window: String = window.iter().collect();
            prop_assert!(!shown.contains(&window), "{} in {}", window, shown);
        }
    }
}
