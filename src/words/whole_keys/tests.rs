use super::*;
use proptest::prelude::*;
#[cfg(target_os = "linux")]
use std::time::Duration;

#[test]
fn whole_keys_are_cut_wherever_they_are() {
    // No key of anyone's: letters that no key has are in each.
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
        // Where it begins is ambiguous.
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
const DIVIDERS: [&str; 78] = [
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
    "=A0",
    "%u00a0",
    "%EF%BC%8D",
    "\\/",
    "\\\\u00a0",
    "\\\\\\\\u00a0",
    "\\u0026nbsp;",
    "\\u003cbr\\u003e",
    "%2520",
    "%252520",
    "&amp;nbsp;",
    "&amp;amp;#160;",
    "&#37;20",
    "&lt;/td&gt;&lt;td class=&quot;x&quot;&gt;",
    "\x1b[0m \x1b[1;31m",
    "\\055",
    "\\55",
    "\\040",
    "_x002D_",
    "_x000D__x000A_",
    "\\u{2d}",
    "\\x{2D}",
    "&#45",
    "&#x2D",
    "\\'2d",
    "\\00002d",
    "\\\\055",
    "</b><b class=\"x\">",
    "</td></tr>\r\n<tr class='row odd' id=2>\r\n<td style=\"color: red\">",
    "<!-- and --> <br/><span title='Key'>",
    " - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - ",
];

/// What is between groups that are numbered or named; `#` stands for the number.
const LABELS: [&str; 16] = [
    " #: ",
    " #) ",
    "\n(#) ",
    ", #. ",
    " key ",
    " Schl\u{fc}ssel ",
    " Schlu\u{308}ssel #: ",
    " und dann ",
    "\r\nGruppe #: ",
    "\r\nGroup # of 5 = ",
    "\r\n\u{41a}\u{43b}\u{44e}\u{447} #: ",
    "\u{30b0}\u{30eb}\u{30fc}\u{30d7}#\u{ff1a}",
    "\",\"part#\":\"",
    "\"},{\"group\":#,\"is\":\"",
    "</value><value index=\"#\">",
    "[/b][b]",
];

/// That no key is left: of its groups, each as it is written, the last one, or two where other groups are beside
/// them.
fn assert_gone<T: AsRef<str>>(text: &str, groups: &[T]) {
    let cut = cut_keys(text);
    let left = groups.iter().filter(|group| cut.contains(group.as_ref())).count();
    assert!(left <= 2, "{text}\nis cut to\n{cut}");
    assert_eq!(cut_keys(&cut), cut, "{text}");
}

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
fn a_key_is_cut_whatever_each_group_is_called() {
    for label in LABELS {
        let mut text = KEY[0].to_owned();
        for (number, group) in (2..).zip(&KEY[1..]) {
            text += &label.replace('#', &number.to_string());
            text += group;
        }
        assert_eq!(cut_keys(&format!("Windows: {text}.")), "Windows: 46789.", "{label:?}");
        assert_gone(&format!("{text}{label}{text}"), &KEY);
        assert_gone(&format!("QRTVW{label}{text}{label}QRTVW"), &KEY);
    }
    let row = |blanks: usize| KEY.join(&" ".repeat(blanks));
    assert_eq!(cut_keys(&row(41)), "46789");
    assert_eq!(cut_keys(&row(10_000)), "46789");
    // Those of each key apart, where nothing else divides it.
    let key = KEY.join("-");
    assert_eq!(cut_keys(&format!("Windows {key}, Office {key}")), "Windows 46789, Office 46789");
}

#[test]
fn a_key_is_cut_with_a_letter_of_no_key_at_each_group() {
    // A number that is long only behind a capital letter.
    assert_eq!(cut_keys(&KEY.join("\\U0000002d")), "46789");
    for text in [
        KEY.join("0"),
        KEY.join("a"),
        KEY.join("-0"),
        KEY.join("a-"),
        KEY.join("i: "),
        format!("{}0", KEY.join("0")),
        format!("{}a", KEY.join("a-")),
        format!("0{}", KEY.join("-0")),
    ] {
        assert_gone(&format!("Windows ({text})."), &KEY);
        assert_gone(&format!("Windows ({}).", text.to_lowercase()), &KEY.map(str::to_lowercase));
    }
}

#[test]
fn a_key_is_cut_in_whatever_letters() {
    for groups in [
        // Of Cyrillic, of Greek, and both.
        ["\u{412}\u{421}DFG", "\u{41d}\u{408}\u{41a}\u{41c}N", "\u{420}QR\u{422}V", "W\u{425}\u{423}23", "46789"],
        ["\u{392}CDFG", "\u{397}J\u{39a}\u{39c}\u{39d}", "\u{3a1}QR\u{3a4}V", "W\u{3a7}\u{3a5}23", "46789"],
        ["\u{432}\u{441}dfg", "\u{43d}\u{458}\u{43a}\u{43c}n", "pqr\u{3c4}v", "w\u{445}\u{443}23", "46789"],
        // Mathematical, full width, small capitals, circled, as flags.
        ["\u{1d401}\u{1d402}DFG", "\u{1d573}JKMN", "\u{ff30}QRTV", "WXY\u{1d7d0}3", "46789"],
        ["\u{299}\u{1d04}DFG", "HJKM\u{274}", "\u{24c5}QRTV", "W\u{24cd}Y23", "46789"],
        ["\u{1f171}CDFG", "\u{1f1ed}JKMN", "\u{1f15f}QRTV", "WXY\u{662}\u{663}", "46789"],
        // With accents, of their own or apart.
        ["B\u{301}CDFG", "HJKMN\u{303}", "P\u{300}\u{301}Q\u{302}R\u{303}TV", "WXY23", "46789"],
        ["\u{1e02}\u{c7}\u{1e0a}F\u{11c}", "\u{124}\u{134}\u{136}\u{1e3e}\u{d1}", "PQRTV", "\u{174}X\u{dd}23", "46789"],
        // As entities and escapes of letters.
        ["&Bopf;&Ccedil;DFG", "HJKM&Ntilde;", "PQRTV", "WX&Yacute;23", "46789"],
        ["\\u0042CDFG", "\\ud835\\udc07JKMN", "\\u0420QRTV", "WXY23", "46789"],
        ["%D0%92CDFG", "%EF%BC%A8JKMN", "PQRTV", "WXY23", "46789"],
    ] {
        for divider in ["-", "  ", "\u{a0}", " key 1: "] {
            let text = groups.join(divider);
            assert_eq!(cut_keys(&format!("({text})")), "(46789)", "{text}");
        }
    }
    assert_eq!(cut_keys("BCDFG-HJKMN-PQRTV-WXY23-4678\u{ff19}\u{308}."), "46789.");
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
    assert_eq!(cut_keys("Bcdfg-hjk\nmn-pqrtv-wxy23-46789"), "46789");
    assert_eq!(cut_keys("BC\u{ad}DFG-HJK\u{200b}MN-PQRTV-WXY23-4\u{2060}6789"), "46789");
    // In letters of another kind, and as numbers of letters.
    let wide: String = KEY.join("-").chars().map(|char| char::from_u32(u32::from(char) + 0xFEE0).unwrap()).collect();
    assert_eq!(cut_keys(&wide), "46789");
    assert_eq!(cut_keys("&#66;CDFG-HJKM&#x4e;-PQRTV-WXY23-46789"), "46789");
    // Each of several, and all of what cannot be separated.
    let key = KEY.join("-");
    assert_eq!(cut_keys(&format!("{key}\r\n{key}\r\n")), "46789\r\n46789\r\n");
    assert_eq!(cut_keys(&format!("BCDFG-{key}")), "46789");
    // With a few mistakes in it.
    assert_eq!(cut_keys("0CDFG.HJKMN.PQRTV.WXY2S.4678I"), "4678I");
}

#[test]
fn glued_to_other_letters_it_is_cut_where_it_is_recognized() {
    let whole = KEY.concat();
    for text in [format!("key{whole}"), format!("{whole}Office"), format!("A{whole}A"), format!("x{whole}")] {
        assert_cut(&text);
    }
}

#[test]
fn what_only_looks_like_a_key_stays() {
    for text in [
        // Installation and confirmation IDs, and digits of any other kind.
        "123456789012345678901234567890123456789012345678901234567890123",
        "2346782 3467829 3334446 6677889 9922334 4667788 9922336 6778894 2346789",
        "234678 346782 333444 667788 992233 446677 889922 667788",
        "1: 23467 2: 28943 3: 32236 4: 44872 5: 99234",
        // Ends of keys, with machines that are no labels, or the same again.
        "ws0417,J464C\nws0418,WFG99\nws0419,8HVX7\nws0420,3V66T\nws0421,MDWWJ\nws0422,YVQTF\n",
        "ws1,J464C\nws2,J464C\nws3,8HVX7\nws4,J464C\nws5,8HVX7\nws6,J464C\nws7,J464C\n",
        "Windows J464C, Office 8HVX7, Visio WFG99, Project 3V66T",
        "9F86D081-884C-7D65-9A2F-EAA0C55AD015 B4C3D2F6-2B3C-4D6F-8B9C-D2F3B4C6D7F8",
        "bcdf2346-789b-4cdf-8234-6789bcdf2346, 2346bcdf-cdf2-4678-9bcd-f2346789bcdf, fdcb9876-4329-4fdc-b987-6432fdcb9876",
        "BC-DF-23-46-78-9B BC:D2:F3:46:78:9C 2346.789b.cdf2",
        // Prose, also where five words in a row have five letters.
        "there could never again smell fresh bread, while every other clock would still chime",
        "\u{432} \u{43a}\u{443}\u{440}\u{441}\u{435} \u{43a}\u{43b}\u{44e}\u{447}\u{430} \u{441} \u{43d}\u{438}\u{43c}",
        "HTTPS, XHTML, DHCP, NTP, SMTP, TCP, RPC, DNS, PKCS, XPS, PNG, GPT, WPF, MBR, VPN, RDP, PXE",
        "Windows(R), ServerStandard edition",
        "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
        "d2b94742-dcf7-4726-bb98-23cf3d7c4262",
        "{BCDFB234-6789-DBCF-2346-789BCDFB2346}",
        "C:\\Windows\\System32\\spp\\tokens\\pkeyconfig\\pkeyconfig-csvlk.xrm-ms",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "bcdf2346bcdf2346bcdf2346bcdf2346",
        "B22jBB+Bf+B2BJ+2Bb+b2B+2+2bB++b+k3+a+a0a+aA+a+aA+AAAA++a+aAAAAaaA00AaAa0aa/0Aaa0AAa000aAa0AaaA0aaa/a0+0aaaa==",
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

/// How long this thread works on the text, whatever else the machine does.
#[cfg(target_os = "linux")]
fn time_of(text: &str) -> Duration {
    use nix::time::{ClockId, clock_gettime};
    let now = || Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap());
    let time = |_| {
        let begun = now();
        std::hint::black_box(cut_keys(text));
        now().saturating_sub(begun)
    };
    (0..2).map(time).min().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn reading_takes_as_long_as_the_text() {
    const LENGTH: usize = 10_000;
    let shapes = [
        "BCDFG ",
        "BCDFG-",
        "B",
        "&",
        "&#",
        "&b",
        "%",
        "=BC",
        "\\",
        "<",
        "-",
        "B-",
        "BCDFGHJKMNPQRTVWXY2346789 ",
        "\u{ad}",
        "b1",
        "&amp;",
        "&#38;",
        "&bcd",
        "%25",
        "\\u005c",
        "\\u",
        "\\x",
        "\\n",
        "\\nBCDFGHJKM",
        "%BCDFG",
        "%25=3D&amp;\\",
        "B\u{301}",
        "<b ",
        "1: BCDFG ",
        "\x1b[",
        "\x1b[0",
        "\u{1d401}",
        "\u{fdfa}",
        "%u005c",
        "\\ud835",
        "\\0",
        "\\055",
        "\\0000",
        "\\2bcdf",
        "\\u{",
        "\\U0000",
        "_x",
        "_x00",
        "&#4",
    ];
    // With every sign that makes a text be read in one more way.
    let all = |shape: &str, length: usize| format!("%25 =3D &amp; {}", shape.repeat(length / shape.len()));
    let prose = time_of(&all("Windows was activated on a machine 17 days ago. ", LENGTH));
    for shape in shapes {
        let (text, longer) = (all(shape, LENGTH), all(shape, 2 * LENGTH));
        let is_read_in_time = || {
            let time = time_of(&text);
            println!("{shape:?}: {:.2} x of {prose:?}", time.as_secs_f64() / prose.as_secs_f64());
            time_of(&longer) < 3 * time && time < 3 * prose
        };
        // Caches are shared.
        assert!((0..3).any(|_| is_read_in_time()), "{shape:?}");
        let cut = cut_keys(&text).into_owned();
        assert_eq!(cut_keys(&cut), cut, "{shape}");
    }
}

#[test]
fn what_may_be_an_escape_or_a_group_is_tried_as_both() {
    for text in [
        // A name that no entity has, around a group.
        "&0BCDFG;HJKMN\u{ad}PQRTV\\u002dWXY23*46789",
        "&BCDFGx;HJKMN-PQRTV-WXY23-46789",
        // Of URLs and of mails, also each in the other.
        "BCDFG%2DHJKMN=2DPQRTV%2DWXY23=2D46789",
        "BCDFG%3D2DHJKMN%3D2DPQRTV%3D2DWXY23%3D2D46789",
        // In a mail, which breaks long lines.
        "BCDFG=20key=20HJK=\r\nMN=20key=20PQRTV=\r\n=20key=20WXY23=\n=20key=2046789",
        // A backslash before letters that may be of an escape, with marks that are escaped.
        "BCDFG%5CnHJKM%CC%81N%5CtPQRTV%5CnWXY2%CC%813%5Cn46789",
        "bcdfg\\n\u{301}hjkm\\pqrtv\\wxy23\\46789",
        "bcdfg\\xhjkm\\pqrtv\\wxy23\\46789",
    ] {
        let (text, cut) = (text.to_owned(), cut_keys(text).to_lowercase());
        let left = KEY.iter().filter(|group| cut.contains(&group.to_lowercase())).count();
        assert!(left <= 1 && cut.contains("46789") && cut.len() < 16, "{text} is cut to {cut}");
    }
}

/// A key in groups, each of its characters in one of the dresses it may have.
fn dressed(key: &str, dresses: &[usize]) -> [String; 5] {
    let shifted = |character: char, letters: u32, digits: u32| {
        let base = if character.is_ascii_digit() { digits } else { letters };
        let first = if character.is_ascii_digit() { '0' } else { 'A' };
        char::from_u32(u32::from(character) - u32::from(first) + base).unwrap().to_string()
    };
    let twins: String = ('\u{370}'..'\u{500}').collect();
    let dress = |(character, dress): (char, &usize)| match dress {
        0 => character.to_ascii_lowercase().to_string(),
        1 => shifted(character, 0xFF21, 0xFF10),
        2 => shifted(character, 0x1D400, 0x1D7CE),
        3 => format!("{character}\u{301}"),
        4 => format!("{character}\u{327}\u{308}"),
        5 => twins.chars().find(|other| twin(*other) == Some(character)).unwrap_or(character).to_string(),
        _ => character.to_string(),
    };
    let characters: Vec<_> = key.chars().zip(dresses).map(dress).collect();
    std::array::from_fn(|group| characters[group * 5..][..5].concat())
}

/// True for all keys but one in many millions: those that are nearly a number, or have one group twice.
fn is_usual(key: &str) -> bool {
    let groups: std::collections::BTreeSet<_> = (0..5).map(|group| &key[group * 5..][..5]).collect();
    let letters = key.chars().filter(char::is_ascii_alphabetic);
    let which: std::collections::BTreeSet<_> = key.chars().collect();
    groups.len() == 5 && letters.count() >= 5 && key.contains(|each: char| !each.is_ascii_hexdigit()) && which.len() > 5
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
    fn no_key_survives_in_any_dress(
        key in "[BCDFGHJKMNPQRTVWXY2346789]{25}",
        dress in proptest::collection::vec(0..14_usize, 25),
        dividers in proptest::collection::vec(any::<prop::sample::Index>(), 4),
        blanks in 0..3_usize,
        (before, after) in ("\\PC{0,40}", "\\PC{0,40}"),
        layers in proptest::collection::vec(0..3_usize, 0..2),
    ) {
        let groups = dressed(&key, &dress);
        let mut text = String::new();
        for (number, group) in (1..).zip(&groups) {
            if number > 1 {
                let labels = LABELS.map(|label| label.replace('#', &number.to_string()));
                let all = DIVIDERS.into_iter().map(str::to_owned).chain(labels).collect::<Vec<_>>();
                text += &" ".repeat(blanks * 30);
                text += dividers[number - 2].get::<String>(&all);
            }
            text += group;
        }
        prop_assume!(is_usual(&key));
        assert_gone(&format!("{before} {text} {after}"), &groups);
        // All of it escaped once more.
        let escape = |text: &str, layer: usize| match layer {
            0 => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
            1 => serde_json::to_string(text).unwrap(),
            _ => percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string(),
        };
        let escaped = layers.iter().fold(text, |text, layer| escape(&text, *layer));
        let groups = groups.map(|group| layers.iter().fold(group, |text, layer| escape(&text, *layer)));
        let groups = groups.each_ref().map(|group| group.trim_matches(['"', '\\']));
        assert_gone(&format!("{before} {escaped} {after}"), &groups);
    }

    #[test]
    fn what_is_none_survives(
        identifiers in proptest::collection::vec("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", 1..8),
        digests in proptest::collection::vec("[0-9a-f]{64}", 1..4),
        installation in "[0-9]{7}( [0-9]{7}){8}",
        confirmation in "[0-9]{6}(-[0-9]{6}){7}",
        encoded in "[A-Za-z0-9+/]{400}==",
        machines in proptest::collection::vec("(ws|srv|DESKTOP-)[0-9]{4}[.]corp[.]example,[BCDFGHJKMNPQRTVWXY2346789]{5}", 0..8),
    ) {
        let (identifiers, digests, machines) = (identifiers.join(" "), digests.join("\n"), machines.join("\r\n"));
        for text in [&identifiers, &identifiers.to_uppercase(), &digests, &digests.to_uppercase(), &installation,
            &confirmation, &encoded, &machines] {
            prop_assert_eq!(cut_keys(text), &**text);
        }
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
