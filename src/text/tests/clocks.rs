//! What is known of this machine's clock.

use crate::clock::Offset;
use crate::clock::comparison::{Clocks, Comparison};
use crate::clock_report::{ClockReport, Reference};
use crate::knowledge::Language;
use crate::observation::Stage;
use crate::text::{Words, clock_summary};
use std::time::Duration;

fn report(seconds: f64, truechimers: &[&str], answered: usize) -> ClockReport {
    let offset = Offset { seconds, bound: 0.01 };
    let reference = Reference {
        offset: offset.reversed(),
        comparison: Comparison::new(Clocks::OursAndTrueTime, offset, Duration::from_hours(1)),
        truechimers: truechimers.iter().map(ToString::to_string).collect(),
        answered,
        supporter: None,
        observation: super::stage(Stage::Clock, None),
    };
    ClockReport { configured: answered, reference: Some(reference), ..ClockReport::default() }
}

#[test]
fn it_is_said_how_far_it_is_off_and_by_whom() {
    let said = |report: &ClockReport| clock_summary(Words::ENGLISH, report);
    assert_eq!(
        said(&report(0.09, &["b:123", "c:123"], 3)),
        "This machine's clock is at most 100 ms off true time: 2 of 3 time servers agree."
    );
    assert_eq!(
        said(&report(-14_700.0, &["a:123"], 1)),
        "This machine's clock is 4 h 5 min behind true time, according to a:123 alone."
    );
    let mut doubted = report(-14_700.0, &["a:123", "b:123"], 3);
    doubted.reference.as_mut().unwrap().supporter = Some("c:123".to_owned());
    assert_eq!(
        said(&doubted),
        "This machine's clock is 4 h 5 min behind true time: 2 of 3 time servers agree, and c:123 agrees with this machine."
    );
    assert_eq!(said(&ClockReport::default()), "True time is unknown: no time server is configured.");
}

#[test]
fn it_is_said_in_japanese() {
    let words: Words = Language::of("ja").unwrap().into();
    assert_eq!(
        clock_summary(words, &report(14_700.0, &["b:123", "c:123"], 3)),
        "このコンピューターの時計は正しい時刻より 4 時間 5 分進んでいます (タイム サーバー 3 台中 2 台が一致)。"
    );
    assert_eq!(
        clock_summary(words, &ClockReport::default()),
        "正しい時刻は不明です。タイム サーバーが設定されていません。"
    );
}
