use super::*;
use crate::formats::effort::assert_takes_no_time;
use crate::formats::testing::{Outcome, outcome};
use crate::license::LicenseStatus;
use proptest::prelude::*;

fn product(machine: &str) -> String {
    format!(r#"{{"PSComputerName":"{machine}","Name":"Windows","PartialProductKey":"J464C","LicenseStatus":1}}"#)
}

fn machines(outcome: &Outcome) -> Vec<&str> {
    outcome.reports.iter().map(|report| report.machine.as_ref().unwrap().as_str()).collect()
}

fn malformed(text: &str) -> (usize, String) {
    let outcome = outcome(read, text);
    match outcome.result {
        Err(error @ FormatError::Malformed { .. }) => (outcome.reports.len(), error.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn objects_are_found_however_they_are_wrapped() {
    let [a, b, c] = ["a", "b", "c"].map(product);
    for text in [
        format!("[{a},{b},{c}]"),
        format!("[[{a},[{b}]],{c}]"),
        format!("{a}\n{b}\r\n{c}\n"),
        format!("{a},\n{b},{c}"),
        format!("{a}{b}{c}"),
        format!("{{\"value\":[{a},{b},{c}],\"Count\":3}}"),
        format!("{{\"Count\":3,\"value\":[{a},{b},{c}]}}"),
        format!("[{{\"value\":[{a},{b}],\"Count\":2}},{c}]"),
        format!("{{\"reports\":[{a},{b},{c}]}}"),
        format!("\r\n [{a}]\n[{b},null]\n[{c}]"),
    ] {
        assert!(recognizes(&text));
        let outcome = outcome(read, &text);
        assert_eq!((machines(&outcome), &outcome.result), (vec!["a", "b", "c"], &Ok(())), "{text}");
        assert_eq!(outcome.skipped.count, 0, "{text}");
    }
}

#[test]
fn what_is_no_known_object_is_counted_and_does_not_stop_the_rest() {
    let text = format!("[1,\"text\",{{}},{{\"a\":1}},true,-1,0.5,{},{{\"Name\":\"b\"}}]", product("a"));
    let outcome = outcome(read, &text);
    assert_eq!((machines(&outcome), &outcome.result), (vec!["a"], &Ok(())));
    assert_eq!((outcome.skipped.count, outcome.skipped.first.as_deref()), (8, Some("element 1: no object: 1")));
}

#[test]
fn where_nothing_is_known_the_format_is_not() {
    for text in ["[1]", "{}", "\"text\"", "{\"name\":\"package\",\"version\":\"1.0.0\"}", "{\"value\":3}", "1 2 3"] {
        assert_eq!(outcome(read, text).result, Err(FormatError::Unknown), "{text}");
    }
    for text in ["", " \r\n", "[]", "null", "{\"reports\":[]}"] {
        assert_eq!(outcome(read, text).result, Err(FormatError::Empty), "{text}");
    }
}

#[test]
fn what_ends_in_the_middle_gives_what_comes_before() {
    let [a, b] = ["a", "b"].map(product);
    let text = format!("[\n{a},\n{}", &b[..b.len() - 1]);
    assert_eq!(malformed(&text), (1, format!("line 3, column {}: it ends in the middle", b.len() - 1)));
    let text = format!("{a}\n{a} {{\"Name\"");
    assert_eq!(malformed(&text), (2, format!("line 2, column {}: it ends in the middle", a.len() + 8)));
    assert_eq!(malformed(&format!("{a} nonsense")).0, 1);
    assert_eq!(malformed(&format!("[{a}}} ")), (1, format!("line 1, column {}: this is no JSON", a.len() + 2)));
}

#[test]
fn a_line_that_is_cut_among_whole_ones_is_passed_over() {
    let [a, b, c] = ["a", "b", "c"].map(product);
    let outcome = outcome(read, &format!("{a}\n{}\n{c}\n", &b[..40]));
    assert_eq!((machines(&outcome), &outcome.result), (vec!["a", "c"], &Ok(())));
    assert_eq!(outcome.skipped.count, 1);
    assert!(outcome.skipped.first.unwrap().starts_with("line "), "it says where");
}

#[test]
fn an_object_on_several_lines_may_follow_one_on_one_line() {
    let [a, b] = ["a", "b"].map(product);
    let several = b.replace(',', ",\n  ").replace('{', "{\n  ");
    let outcome = outcome(read, &format!("{a}\n{several}\n{a}\n[\n{b},\n{a}\n]\n"));
    assert_eq!((machines(&outcome), &outcome.result), (vec!["a", "b", "a", "b", "a"], &Ok(())));
    assert_eq!(outcome.skipped.count, 0);
}

#[test]
fn many_lines_that_are_cut_take_no_time() {
    assert_takes_no_time(|| {
        for line in ["{\"a\":[\n", "{\"a\":[{},\n", "{\"a\":\n"] {
            let outcome = outcome(read, &format!("{{}}\n{}", line.repeat(100_000)));
            assert_eq!(outcome.skipped.count, 100_000, "{line}");
            assert!(matches!(outcome.result, Err(FormatError::Malformed { .. })));
        }
    });
}

#[test]
fn objects_too_deep_in_one_another_are_refused() {
    let closed = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["[".repeat(100_000), "{\"value\":".repeat(100_000), closed] {
        assert!(malformed(&text).1.contains("too deeply"), "{}", malformed(&text).1);
    }
}

#[test]
fn ten_megabytes_on_one_line_are_read_object_by_object() {
    let one = product("a");
    let count = 10_000_000 / one.len();
    let text = format!("[{}]", vec![one; count].join(","));
    let mut reports = 0;
    let mut take = |report: crate::license::Report| {
        assert_eq!(report.licenses[0].status, Some(LicenseStatus::Licensed));
        reports += 1;
    };
    assert_eq!(read(&text, &mut Reading::new(&mut take)), Ok(()));
    assert_eq!(reports, count);

    let name = "x".repeat(10_000_000);
    let outcome = outcome(read, &format!("{{\"LicenseStatus\":1,\"Name\":\"{name}\"}}"));
    assert_eq!(outcome.reports[0].licenses[0].product.as_ref().unwrap().len(), 203);
}

proptest! {
    #[test]
    fn no_text_makes_it_fail(text in ".{0,200}", like in "[\\[\\]{}\":,a1\n @;=]{0,200}") {
        for text in [&text, &like] {
            outcome(read, text);
        }
    }
}
