#![no_main]

use gracewatch::words::cut_keys;
use libfuzzer_sys::fuzz_target;

/// No key of anyone's: it has the form of one, and letters in an order that none has.
const KEY: [&str; 5] = ["BCDFG", "HJKMN", "PQRTV", "WXY23", "46789"];

/// What may stand between its groups; `#` stands for the number of the next one.
const DIVIDERS: [&str; 20] = [
    "-", "  ", "\u{a0}", "\u{ad}", "&amp;nbsp;", "\\\\u00a0", "%2520", "</td><td class=\"x\">", "\r\n", " #: ", " key ",
    "\r\nGruppe #: ", "\x1b[0m", "<br/><br/>", ".", "\\", "\\n", "\\u002d", "=2D", "%2D",
];

fuzz_target!(|data: (&str, [u8; 4], &str)| {
    let (before, dividers, after) = data;
    let cut = cut_keys(before);
    assert!(cut.len() <= before.len());
    assert_eq!(cut_keys(&cut), cut);
    if KEY.iter().any(|group| before.contains(group) || after.contains(group)) {
        return;
    }
    let mut key = KEY[0].to_owned();
    for ((number, group), divider) in (2..).zip(&KEY[1..]).zip(dividers) {
        key += &DIVIDERS[usize::from(divider) % DIVIDERS.len()].replace('#', &number.to_string());
        key += group;
    }
    // Beside groups that are none of its own, the ends of two rows may be left.
    let text = format!("{before} {key} {after}");
    let cut = cut_keys(&text);
    let left = KEY.iter().filter(|group| cut.contains(**group)).count();
    assert!(left <= 2, "{text}\nis cut to\n{cut}");
});
