//! The verdicts that paths had come back as they were, each instance's own, and there are not more and more of them.

use super::on_both;
use gracewatch::codes::Code;
use gracewatch::intake::keeper::Keeper;
use gracewatch::observation::{Reason, Stage};
use gracewatch::state::Unwritten;
use gracewatch::store::{Store, StoreUrl};
use gracewatch::verdict::Status;
use gracewatch::verdict::course::Course;
use gracewatch::verdict::past::{Numbered, PastVerdict};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

on_both!(
    every_verdict_comes_back_as_it_was,
    what_is_written_twice_is_there_once,
    what_has_numbers_of_no_program_goes_once_they_are_given_anew,
    a_path_has_no_more_than_it_may,
    what_was_over_before_a_moment_goes,
    a_store_is_asked_for_what_was_since_a_moment,
);

fn at(second: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_123 + second * 1000).unwrap()
}

fn verdicts(path: &str, numbers: std::ops::Range<u64>) -> Vec<Numbered> {
    let verdict = |number: u64| PastVerdict {
        at: at(i64::try_from(number).unwrap()),
        status: Status::ALL[usize::try_from(number % 4).unwrap()],
        stage: (number % 2 == 1).then_some(Stage::ALL[usize::try_from(number % 11).unwrap()]),
        reason: (number % 2 == 1).then_some(Reason::ALL[usize::try_from(number % 61).unwrap()]),
        code: (number % 3 == 1).then_some(Code(0xC004_F074)),
    };
    numbers.map(|number| Numbered { path: path.into(), number, verdict: verdict(number) }).collect()
}

fn unwritten(verdicts: Vec<Numbered>) -> Unwritten {
    Unwritten { verdicts, most: 1000, ..Unwritten::default() }
}

async fn kept(url: &StoreUrl, instance: &str) -> Vec<Numbered> {
    let store = Store::open(url).await.unwrap();
    let kept = store.kept_past(instance).await.unwrap();
    store.close().await;
    kept.verdicts
}

async fn every_verdict_comes_back_as_it_was(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    let course = Course {
        kind: "the KMS hosts of \u{30c6}.example".to_owned(),
        shown: verdicts("a", 1..2)[0].verdict,
        worsened_at: None,
        is_of_machines: true,
        failing: Vec::new(),
        outages: Vec::new(),
        lasting: Vec::new(),
    };
    let path = "a' %_\" \u{30c6}";
    let mut one = unwritten([verdicts(path, 0..130), verdicts("b", 0..3)].concat());
    one.courses.push((path.into(), Arc::new(course.clone())));
    let before = Timestamp::now();
    keeper.write_verdicts("tokyo", &one).await.unwrap();
    keeper.write_verdicts("osaka", &unwritten(verdicts(path, 7..9))).await.unwrap();
    keeper.close().await;
    assert_eq!(kept(url, "tokyo").await, one.verdicts);
    assert_eq!(kept(url, "osaka").await, verdicts(path, 7..9));
    assert_eq!(kept(url, "kyoto").await, []);
    let store = Store::open(url).await.unwrap();
    let past = store.kept_past("tokyo").await.unwrap();
    assert_eq!(past.courses, [(path.into(), course)]);
    let seen_at = past.seen_at.unwrap();
    assert!(seen_at.as_millisecond() >= before.as_millisecond() && seen_at <= Timestamp::now(), "{seen_at}");
    assert_eq!(store.kept_past("kyoto").await.unwrap().seen_at, None);
    store.close().await;
}

async fn what_is_written_twice_is_there_once(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    let others = Keeper::open(url).await.unwrap();
    keeper.write_verdicts("tokyo", &unwritten(verdicts("a", 0..5))).await.unwrap();
    keeper.write_verdicts("tokyo", &unwritten(verdicts("a", 3..7))).await.unwrap();
    assert_eq!(kept(url, "tokyo").await, verdicts("a", 0..7));
    // It is no news of machines, to whomever shares the store.
    let news = others.changes();
    others.refresh().await.unwrap();
    assert!(!news.has_changed().unwrap());
    keeper.close().await;
    others.close().await;
}

async fn what_has_numbers_of_no_program_goes_once_they_are_given_anew(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    keeper.write_verdicts("tokyo", &unwritten(verdicts("a", 0..5))).await.unwrap();
    let mut odd = verdicts("a", 5..6);
    odd[0].number = i64::MAX.unsigned_abs();
    for instance in ["tokyo", "osaka"] {
        keeper.write_verdicts(instance, &unwritten([odd.clone(), verdicts("b", 0..2)].concat())).await.unwrap();
    }
    let anew = Unwritten { renumbered: vec!["a".into()], ..unwritten(verdicts("a", 0..4)) };
    keeper.write_verdicts("tokyo", &anew).await.unwrap();
    assert_eq!(kept(url, "tokyo").await, [verdicts("a", 0..4), verdicts("b", 0..2)].concat());
    assert_eq!(kept(url, "osaka").await.len(), 3, "another instance has its own");
    keeper.close().await;
}

async fn a_path_has_no_more_than_it_may(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    let few = |verdicts| Unwritten { most: 10, ..unwritten(verdicts) };
    keeper.write_verdicts("osaka", &few(verdicts("a", 0..9))).await.unwrap();
    keeper.write_verdicts("tokyo", &few(verdicts("a", 0..30))).await.unwrap();
    keeper.write_verdicts("tokyo", &few(verdicts("b", 0..4))).await.unwrap();
    assert_eq!(kept(url, "tokyo").await, [verdicts("a", 20..30), verdicts("b", 0..4)].concat());
    assert_eq!(kept(url, "osaka").await, verdicts("a", 0..9));
    keeper.close().await;
}

async fn what_was_over_before_a_moment_goes(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    keeper.write_verdicts("tokyo", &unwritten(verdicts("a", 0..10))).await.unwrap();
    keeper.write_verdicts("tokyo", &unwritten(verdicts("b", 0..2))).await.unwrap();
    let prune = async |before: Timestamp| {
        let store = Store::open(url).await.unwrap();
        let mut writing = store.begin().await.unwrap();
        let pruned = writing.prune_verdicts(before).await.unwrap();
        writing.commit().await.unwrap();
        store.close().await;
        pruned
    };
    // What held at that moment stays, however old it is.
    assert_eq!(prune(at(5) + SignedDuration::from_millis(500)).await, (6, 0));
    assert_eq!(kept(url, "tokyo").await, [verdicts("a", 5..10), verdicts("b", 1..2)].concat());
    assert_eq!(prune(at(6)).await, (1, 0));
    // An instance that was never there since is forgotten.
    let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
    assert!(prune(tomorrow).await.0 > 0);
    assert_eq!(kept(url, "tokyo").await, []);
    keeper.close().await;
}

async fn a_store_is_asked_for_what_was_since_a_moment(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    keeper.write_verdicts("tokyo", &unwritten([verdicts("a", 0..5), verdicts("b", 0..2)].concat())).await.unwrap();
    keeper.write_verdicts("osaka", &unwritten(verdicts("a", 3..4))).await.unwrap();
    let found = keeper.store().past_verdicts(at(3)).await.unwrap();
    let counts: Vec<_> = found
        .iter()
        .map(|((instance, path), verdicts)| (instance.as_str(), &**path, verdicts.len(), verdicts[0].at))
        .collect();
    // The one before the moment is what it changed from.
    assert_eq!(counts, [("osaka", "a", 1, at(3)), ("tokyo", "a", 3, at(2)), ("tokyo", "b", 1, at(1))]);
    keeper.close().await;
}
