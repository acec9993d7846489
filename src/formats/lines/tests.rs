use super::*;
use crate::formats::effort::assert_takes_no_time;

const PHRASES: &[&[Phrase<char>]] =
    &[&[("Name:", 'n'), ("Current count:", 'c'), ("Requests with License Status Licensed:", 'r')]];

fn entries(text: &str) -> Vec<(Option<char>, String, bool)> {
    Entries::of(&Part::whole(text), PHRASES).map(|entry| (entry.what, entry.prose(), entry.is_closed)).collect()
}

fn entry(what: Option<char>, prose: &str, is_closed: bool) -> (Option<char>, String, bool) {
    (what, prose.to_owned(), is_closed)
}

#[test]
fn a_line_is_put_together_again_where_a_console_broke_it() {
    let text = "Requests with License Status License\nd: 826\nName: Windows(R), ServerEnterprise \nedition\n\nend\n";
    let expected = [
        entry(Some('r'), "826", true),
        entry(Some('n'), "Windows(R), ServerEnterprise edition", true),
        entry(None, "end", true),
    ];
    assert_eq!(entries(text), expected);
}

#[test]
fn a_line_that_ended_does_not_go_on() {
    let text = "Name: x\nCurrent count: 5\nsomething else that is wider than all of it\n";
    assert_eq!(entries(text)[1], entry(Some('c'), "5", true));
    assert_eq!(entries("Name: x\n\ny\n").len(), 2);
}

#[test]
fn the_end_of_a_text_is_the_end_of_its_last_line_only_where_a_line_end_says_so() {
    let wide = "Name: a name that is much wider than any of the others are\n";
    let last = |end: &str| entries(&format!("{wide}Current count: 10{end}")).pop().unwrap();
    assert_eq!(last(""), entry(Some('c'), "10", false));
    assert_eq!(last("\n"), entry(Some('c'), "10", true));
    assert_eq!(last("\n01"), entry(Some('c'), "10 01", false));
    // As wide as any: it may have been broken there.
    assert_eq!(entries("Current count: 10\n"), [entry(Some('c'), "10", false)]);
    assert_eq!(entries("Current count: 10\n\n"), [entry(Some('c'), "10", true)]);
}

#[test]
fn phrases_are_compared_without_blanks_and_case_and_in_their_narrow_form() {
    for text in ["name:x", " NAME : x", "> Name\u{ff1a}x", "\u{feff}Na me: x", "\"Name: x\""] {
        assert_eq!(entries(&format!("{text}\n\n")), [entry(Some('n'), "x", true)], "{text}");
    }
}

#[test]
fn a_phrase_that_is_not_known_begins_a_line_of_its_own() {
    for text in ["Some new field: 5", "新しい項目:5", "Windows(R), Professional edition:"] {
        assert_eq!(entries(&format!("Name: Windows(R), Professional\n{text}\n")).len(), 2, "{text}");
    }
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    let numbers: Vec<usize> = Lines::new("a\nb\r\nc\r\r\n\r\nd\re").map(|line| line.number).collect();
    assert_eq!(numbers, [1, 2, 3, 5, 6]);
}

#[test]
fn each_cr_of_a_run_ends_a_line() {
    let lines: Vec<(usize, bool)> = Lines::new("a\r\r\rb\r\r").map(|line| (line.number, line.follows_blank)).collect();
    assert_eq!(lines, [(1, false), (4, true)]);
}

#[test]
fn a_run_of_carriage_returns_takes_no_time() {
    assert_takes_no_time(|| {
        let text = format!("Name: x{}Current count: 5\n", "\r".repeat(1_000_000));
        assert_eq!(entries(&text).len(), 2);
    });
}
