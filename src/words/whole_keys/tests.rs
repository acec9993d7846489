use super::*;
use proptest::prelude::*;

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
        assert_eq!(cut_keys(&format!("key={whole};")), "key=UUUU5;", "{whole}");
    }
    assert_eq!(cut_keys("MAK_AAAAA-EEEEE-IIIII-OOOOO-UUUU5"), "MAK_UUUU5");
    assert_eq!(cut_keys("キーAAAAA-EEEEE-IIIII-OOOOO-UUUU5を"), "キーUUUU5を");
    assert_eq!(cut_keys("k_BCDFGBCDFGBCDFGBCDFGQRTVW_"), "k_QRTVW_");
    assert_eq!(cut_keys("BCDFGBCDFGBCDFGBCDFGQRTVW BCDFGBCDFGBCDFGBCDFGQRTVW"), "QRTVW QRTVW");
    assert_eq!(cut_keys("\"BCDFGBCDFGBCDFGBCDFGQRTVW\""), "\"QRTVW\"");
    assert_eq!(cut_keys("AAAAA-AAAAA-AAAAA-AAAAA-AAAA1 AAAAA-AAAAA-AAAAA-AAAAA-AAAA2"), "AAAA1 AAAA2");
}

#[test]
fn short_words_of_letters_of_keys_beside_one_hide_no_key() {
    for (text, cut) in [
        ("Windows(R) BCDFG-HJKMN-PQRTV-WXY2 3-46789", "Windows(R) 46789"),
        // Where it begins cannot be told.
        ("Windows(R), B C D F G H J K M N P Q R T V W X Y 2 3 4 6 7 8 9", "Windows(34678 9"),
        ("Pro N: BCDFGHJKMN-PQRTVWXY23-46789", "Pro N: 46789"),
        ("BCDFGHJKMN-PQRTVWXY23-46789 x64 R2", "46789 x64 R2"),
    ] {
        assert_eq!(cut_keys(text), cut);
    }
}

#[test]
fn what_is_left_of_keys_makes_up_no_other_and_costs_no_more_than_they_did() {
    // The end of each is the beginning of the next.
    let part = |number: usize| {
        let letters = if number.is_multiple_of(2) { "bcdfghjkmnpqrtv" } else { "BCDFGHJKMNPQRTV" };
        format!("{letters}{:05}", 23_467 + number % 3)
    };
    let chain = (0..200).map(part).fold("BCDFGHJKMNPQRTVWXYBC23467".to_owned(), |chain, part| chain + &part);
    let cut = cut_keys(&chain);
    assert_eq!(cut_keys(&cut), cut);
    assert!(cut_once(&cut, Escapes::None, true).is_none(), "{cut}");
    assert!(cut.len() > 100, "it is cut where keys are, and not as a whole: {cut}");
    let several = ["BCDFG-HJKMN-PQRTV-WXY23-46789"; 5].join(" ");
    assert_eq!(cut_keys(&several), NOTHING_OF_IT);
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
        assert_eq!(cut_keys(text), text);
    }
}

/// No key of anyone's: it has the form of one, and letters in an order that none has.
const KEY: [&str; 5] = ["BCDFG", "HJKMN", "PQRTV", "WXY23", "46789"];

/// Everything that was seen between the groups of keys, and some that was not yet.
const DIVIDERS: [&str; 47] = [
    "-",
    "--",
    " - ",
    " ",
    "  ",
    "\t",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{202f}",
    "\u{3000}",
    ".",
    " . ",
    ":",
    "/",
    "\\",
    "~",
    "|",
    ",",
    "_",
    "+",
    "*",
    "#",
    "=",
    "\u{b7}",
    "\u{2013}",
    "\u{2212}",
    "\u{ff0d}",
    "\u{30fc}",
    "\r\n",
    "-\r\n> ",
    "\n\t\t",
    "&nbsp;",
    "&#45;",
    "&#x2d;",
    "&#8209;",
    "&nbsp;-&nbsp;",
    "&shy;",
    "&ndash;",
    "\\u002d",
    "\\u00a0",
    "\\n",
    "\\t",
    "%20",
    "%C2%A0",
    "=2D",
    "</td><td>",
];

fn assert_cut(text: &str) {
    let cut = cut_keys(text);
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    for groups in KEY.windows(2) {
        assert!(!plain(&cut).contains(&groups.concat()), "{text}\nis cut to\n{cut}");
    }
    assert_eq!(cut_keys(&cut), cut, "{text}");
}

#[test]
fn a_key_is_cut_whatever_divides_it() {
    for divider in DIVIDERS {
        let key = KEY.join(divider);
        assert_eq!(cut_keys(&format!("key={key};")), "key=46789;", "{divider:?}");
        assert_eq!(cut_keys(&format!("\"{}\"", key.to_lowercase())).to_lowercase(), "\"46789\"", "{divider:?}");
        for glued in [format!("key{key}"), format!("Key{key}Office"), format!("1{key}0"), format!("\u{e9}{key}\u{e9}")]
        {
            assert_cut(&glued);
        }
    }
}

#[test]
fn a_key_is_cut_however_its_groups_are_made() {
    let whole = KEY.concat();
    let by = |sizes: &[usize]| {
        let mut rest = whole.as_str();
        let mut parts = Vec::new();
        for size in sizes {
            let (part, after) = rest.split_at((*size).min(rest.len()));
            parts.push(part);
            rest = after;
        }
        parts.into_iter().chain((!rest.is_empty()).then_some(rest)).collect::<Vec<_>>().join("-")
    };
    for sizes in [&[1; 25][..], &[25], &[10, 10, 5], &[5, 20], &[13], &[4, 6, 5, 7, 3], &[24], &[8, 8]] {
        assert_eq!(cut_keys(&format!("Taste: {}", by(sizes))), "Taste: 46789", "{sizes:?}");
    }
    // Broken at the end of a line, or by what cannot be seen.
    assert_eq!(cut_keys("BCDFG-HJK\nMN-PQRTV-WXY23-46789"), "46789");
    assert_eq!(cut_keys("BC\u{ad}DFG-HJK\u{200b}MN-PQRTV-WXY23-4\u{2060}6789"), "46789");
    // In letters of another kind, and as numbers of letters.
    let wide: String = KEY.join("-").chars().map(|char| char::from_u32(u32::from(char) + 0xFEE0).unwrap()).collect();
    assert_eq!(cut_keys(&wide), "46789");
    assert_eq!(cut_keys("&#66;CDFG-HJKM&#x4e;-PQRTV-WXY23-46789"), "46789");
    // Each of several, and all of what is not told apart.
    let key = KEY.join("-");
    assert_eq!(cut_keys(&format!("{key}\r\n{key}\r\n")), "46789\r\n46789\r\n");
    assert_eq!(cut_keys(&format!("BCDFG-{key}")), "46789");
    // With a few mistakes in it.
    assert_eq!(cut_keys("0CDFG.HJKMN.PQRTV.WXY2S.4678I"), "4678I");
}

#[test]
fn glued_to_other_letters_it_is_cut_where_it_can_be_told() {
    let whole = KEY.concat();
    for text in [format!("key{whole}"), format!("{whole}Office"), format!("A{whole}A"), format!("x{whole}")] {
        assert_cut(&text);
    }
}

#[test]
fn what_only_looks_like_a_key_stays() {
    for text in [
        "Windows(R), ServerStandard edition",
        "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
        "d2b94742-dcf7-4726-bb98-23cf3d7c4262",
        "{BCDFB234-6789-DBCF-2346-789BCDFB2346}",
        "C:\\Windows\\System32\\spp\\tokens\\pkeyconfig\\pkeyconfig-csvlk.xrm-ms",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "bcdf2346bcdf2346bcdf2346bcdf2346",
        "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJRTESMBAGA1UEChMJQmFsdGltb3JlMRMw",
        "00 11 22 33 44 66 77 88 99 aa bb cc dd ff 23 46 78 9b",
        "0x80072EE7 0xC004F074 12290,12288,12289",
        "23467, 28943, 32236, 44872, 99234",
        "ws0417.corp.example, ws0418.corp.example",
        "2026-11-24T18:00:00.0000000+09:00",
        "10.0.17763.2028",
        "Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "----------------------------------------------------",
    ] {
        assert_eq!(cut_keys(text), text);
    }
}

#[test]
fn reading_takes_as_long_as_the_text() {
    let shapes = [
        "BCDFG ",
        "BCDFG-",
        "B",
        "&",
        "&#",
        "%",
        "=BC",
        "\\",
        "<",
        "-",
        "B-",
        "BCDFGHJKMNPQRTVWXY2346789 ",
        "\u{ad}",
        "b1",
    ];
    let begun = std::time::Instant::now();
    for shape in shapes {
        let cut = cut_keys(&shape.repeat(1_000_000 / shape.len())).into_owned();
        assert_eq!(cut_keys(&cut), cut, "{shape}");
    }
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

proptest! {
    #[test]
    fn no_planted_key_survives(
        before in "\\PC{0,40}",
        after in "\\PC{0,40}",
        dividers in proptest::collection::vec("[-_ \t\u{a0}.:/\\\\~|,;+*#\u{2013}\u{ad}\u{200b}]{1,6}|&nbsp;|&#45;|\r\n|\\\\u002d", 4),
        is_lower in any::<bool>(),
    ) {
        let mut key = KEY[0].to_owned();
        for (divider, group) in dividers.iter().zip(&KEY[1..]) {
            key += divider;
            key += group;
        }
        if is_lower {
            key = key.to_lowercase();
        }
        assert_cut(&format!("{before}{key}{after}"));
    }

    #[test]
    fn texts_of_any_kind_are_cut_once(text in "\\PC{0,200}", like in "[BCDFG2346a -]{0,300}") {
        for text in [&text, &like] {
            let cut = cut_keys(text);
            prop_assert!(cut.len() <= text.len());
            prop_assert_eq!(cut_keys(&cut), &*cut);
        }
    }
}
