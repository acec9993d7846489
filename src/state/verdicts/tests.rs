//! What is kept of the verdicts of paths, in memory and for a store.

use super::*;
use crate::observation::Stage;
use crate::state::{PathReport, State};
use crate::verdict::Verdict;
use crate::walk::{Walk, online};
use std::time::{Duration, SystemTime};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn report(second: u64, status: Status, stage: Option<Stage>) -> PathReport {
    let verdict = Verdict { status, stage, ..Verdict::not_measured() };
    let walk = Walk::Online(online::Walk { targets: Vec::new(), own_clock: None });
    PathReport::first("corp".into(), verdict, walk, SystemTime::UNIX_EPOCH + Duration::from_secs(second))
}

fn changes(state: &State) -> Vec<(i64, Option<Status>, Status)> {
    let verdicts = state.past_verdicts();
    let changes = verdicts.changes(Timestamp::MIN);
    changes
        .map(|change| {
            let VerdictChange { before, verdict, .. } = change;
            (verdict.at.as_second(), before.map(|before| before.status), verdict.status)
        })
        .collect()
}

fn flap(state: &State, seconds: std::ops::Range<u64>) {
    for second in seconds {
        let status = if second % 2 == 0 { Status::Blocked } else { Status::Ok };
        state.show([report(second, status, None)]);
    }
}

/// What is in a store where all that was handed to it is.
#[derive(Default)]
struct Stored {
    verdicts: BTreeMap<(Arc<str>, u64), PastVerdict>,
    courses: BTreeMap<Arc<str>, Arc<Course>>,
}

impl Stored {
    fn write(&mut self, state: &State) -> Unwritten {
        let unwritten = state.unwritten_verdicts();
        self.verdicts.retain(|(path, _), _| !unwritten.renumbered.contains(path));
        for Numbered { path, number, verdict } in &unwritten.verdicts {
            self.verdicts.insert((Arc::clone(path), *number), *verdict);
        }
        self.courses.extend(unwritten.courses.iter().cloned());
        state.mark_written(&unwritten);
        unwritten
    }

    fn past(&self, seen_at: i64) -> KeptPast {
        let numbered = |((path, number), verdict): (&(Arc<str>, u64), &PastVerdict)| Numbered {
            path: Arc::clone(path),
            number: *number,
            verdict: *verdict,
        };
        KeptPast {
            seen_at: Some(at(seen_at)),
            verdicts: self.verdicts.iter().map(numbered).collect(),
            courses: self.courses.iter().map(|(path, course)| (Arc::clone(path), (**course).clone())).collect(),
        }
    }
}

#[test]
fn each_verdict_that_differs_from_the_one_before_is_kept() {
    let state = State::new();
    assert_eq!(state.past_verdicts().since(), None);
    let (ok, blocked) = (Status::Ok, Status::Blocked);
    let reports = [(1, ok, None), (1, ok, None), (5, blocked, Some(Stage::Tcp)), (5, blocked, Some(Stage::Tcp))];
    let later = [(7, blocked, Some(Stage::Rpc)), (9, ok, None)];
    for (second, status, stage) in reports.into_iter().chain(later) {
        state.show([report(second, status, stage)]);
    }
    assert_eq!(changes(&state), [(5, Some(ok), blocked), (7, Some(blocked), blocked), (9, Some(blocked), ok)]);
    assert_eq!(state.past_verdicts().since(), Some(at(1)));
}

#[test]
fn another_stage_is_dated_by_when_it_was_blamed_and_not_by_when_the_status_began() {
    let state = State::new();
    state.show([report(5, Status::Blocked, Some(Stage::Tcp))]);
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(9);
    state.show([PathReport { judged_at: later, ..report(5, Status::Blocked, Some(Stage::Rpc)) }]);
    let history = state.path_history("corp").unwrap();
    assert_eq!(history.verdicts().iter().map(|verdict| verdict.at.as_second()).collect::<Vec<_>>(), [5, 9]);
}

#[test]
fn a_path_that_is_not_ok_from_the_beginning_has_changed() {
    let state = State::new();
    state.show([report(3, Status::Blocked, Some(Stage::Tcp))]);
    assert_eq!(changes(&state), [(3, None, Status::Blocked)]);
}

#[test]
fn no_more_are_kept_than_there_is_room_for_and_what_no_store_has_is_counted() {
    let state = State::new();
    flap(&state, 0..3000);
    assert_eq!(changes(&state).len(), OF_PATH);
    assert_eq!(state.past_verdicts().since(), Some(at(2000)));
    let unwritten = state.unwritten_verdicts();
    assert_eq!((unwritten.waiting, unwritten.verdicts.len(), unwritten.lost), (OF_PATH, OF_PATH, 2000));
    state.mark_written(&unwritten);
    flap(&state, 3000..3500);
    let unwritten = state.unwritten_verdicts();
    assert_eq!((unwritten.waiting, unwritten.lost), (500, 0), "what went is in the store");
}

#[test]
fn with_very_many_paths_fewer_are_kept_of_each() {
    let mut verdicts = Verdicts::default();
    let names: Vec<Arc<str>> = (0..10_000).map(|number| format!("p{number}").into()).collect();
    for name in &names {
        for second in 0..100 {
            let status = if second % 2 == 0 { Status::Ok } else { Status::Blocked };
            verdicts.add(name, PastVerdict { status, ..PastVerdict::unwatched(at(second)) });
        }
    }
    verdicts.configure(names.iter());
    assert_eq!(verdicts.of("p7", at(1000)).unwrap().verdicts().len(), AT_LEAST);
    assert_eq!(verdicts.unwritten().verdicts.len(), AT_ONCE);
}

#[test]
fn what_a_store_has_goes_before_what_was_judged_meanwhile() {
    let (before, mut stored) = (State::new(), Stored::default());
    flap(&before, 0..4);
    stored.write(&before);
    assert_eq!(stored.write(&before).verdicts, []);

    let state = State::new();
    state.show([report(6, Status::Ok, None)]);
    state.show([report(8, Status::Degraded, Some(Stage::Rpc))]);
    assert_eq!(changes(&state).len(), 1);
    state.restore(stored.past(4), at(8));
    let (ok, blocked) = (Status::Ok, Status::Blocked);
    let expected = [(0, None, blocked), (1, Some(blocked), ok), (2, Some(ok), blocked), (3, Some(blocked), ok)];
    let degraded = (8, Some(ok), Status::Degraded);
    assert_eq!(changes(&state), expected.into_iter().chain([degraded]).collect::<Vec<_>>(), "still ok is no change");
    // It is written under the next number.
    let unwritten = stored.write(&state);
    assert_eq!(unwritten.verdicts.iter().map(|numbered| numbered.number).collect::<Vec<_>>(), [4]);
}

#[test]
fn where_nobody_looked_for_long_that_is_part_of_the_history_and_nothing_goes_on() {
    let course = |state: &State| state.take_course("corp");
    let mut stored = Stored::default();
    let before = State::new();
    flap(&before, 0..2);
    let shown = PastVerdict { status: Status::Ok, ..PastVerdict::unwatched(at(1)) };
    let kept = Course {
        kind: String::new(),
        shown,
        worsened_at: None,
        is_of_machines: false,
        failing: Vec::new(),
        outages: Vec::new(),
        lasting: Vec::new(),
    };
    before.set_course(&"corp".into(), kept);
    stored.write(&before);
    let state = State::new();
    state.restore(stored.past(100), at(100 + 3600));
    assert!(course(&state).is_some() && course(&state).is_none(), "it is taken once");
    let state = State::new();
    state.restore(stored.past(100), at(100 + 3601));
    assert!(course(&state).is_none());
    state.show([report(4000, Status::Ok, None)]);
    let (ok, blocked, unknown) = (Status::Ok, Status::Blocked, Status::Unknown);
    let expected = [(0, None, blocked), (1, Some(blocked), ok), (100, Some(ok), unknown), (4000, Some(unknown), ok)];
    assert_eq!(changes(&state), expected);
}

#[test]
fn a_path_that_is_taken_out_and_comes_back_goes_on_with_its_numbers() {
    let (state, mut stored) = (State::new(), Stored::default());
    flap(&state, 0..3);
    let other: Arc<str> = "other".into();
    state.set_paths([&other].into_iter());
    assert_eq!(changes(&state), [], "it is none of those that are configured");
    assert!(state.path_history("corp").is_none());
    assert_eq!(stored.write(&state).verdicts.len(), 3, "and is written all the same");
    flap(&state, 3..5);
    let numbers: Vec<_> = stored.write(&state).verdicts.iter().map(|numbered| numbered.number).collect();
    assert_eq!(numbers, [3, 4]);
}

#[test]
fn what_a_store_lost_is_handed_to_it_again() {
    let (state, mut stored) = (State::new(), Stored::default());
    flap(&state, 0..3);
    stored.write(&state);
    state.mark_verdicts_unwritten();
    assert_eq!(stored.write(&state).verdicts.len(), 3);
}

#[test]
fn what_is_old_goes_but_for_what_still_held_then() {
    let (state, mut stored) = (State::new(), Stored::default());
    flap(&state, 0..5);
    stored.write(&state);
    state.prune_verdicts(at(3));
    let history = state.path_history("corp").unwrap();
    assert_eq!(history.verdicts().iter().map(|verdict| verdict.at.as_second()).collect::<Vec<_>>(), [3, 4]);
    state.prune_verdicts(at(1000));
    assert_eq!(state.path_history("corp").unwrap().known_since(), Some(at(4)));
}

#[test]
fn numbers_with_gaps_are_given_anew_and_what_comes_next_is_written() {
    let (ok, blocked) = (Status::Ok, Status::Blocked);
    for odd in [7, u64::from(u32::MAX) + 5, i64::MAX.unsigned_abs()] {
        let (before, mut stored) = (State::new(), Stored::default());
        flap(&before, 0..3);
        stored.write(&before);
        let verdict = PastVerdict { status: ok, ..PastVerdict::unwatched(at(3)) };
        stored.verdicts.insert(("corp".into(), odd), verdict);
        let state = State::new();
        state.restore(stored.past(4), at(4));
        state.show([report(5, blocked, None)]);
        assert_eq!(state.unwritten_verdicts().waiting, 5);
        stored.write(&state);
        let next = stored.write(&state);
        assert_eq!((next.verdicts.len(), next.renumbered.len(), next.waiting), (0, 0, 0));
        let written: Vec<_> =
            stored.verdicts.iter().map(|((_, number), verdict)| (*number, verdict.at.as_second())).collect();
        assert_eq!(written, [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5)], "{odd}");
        let again = State::new();
        again.restore(stored.past(6), at(6));
        assert!(again.unwritten_verdicts().verdicts.is_empty());
    }
}

#[test]
fn a_clock_that_was_ahead_for_seconds_leaves_nothing_after_now() {
    const AHEAD: u64 = 300 * 86_400;
    let (ok, blocked, unknown) = (Status::Ok, Status::Blocked, Status::Unknown);
    let (before, mut stored) = (State::new(), Stored::default());
    before.show([report(10, ok, None)]);
    stored.write(&before);
    // A process that begins while it is ahead, and sees it set right.
    let state = State::new();
    let ahead = at(20 + i64::try_from(AHEAD).unwrap());
    state.restore(stored.past(15), ahead);
    state.show([report(20 + AHEAD, blocked, None)]);
    stored.write(&state);
    state.show([report(26, blocked, None)]);
    let expected = [(10, None, ok), (15, Some(ok), unknown), (26, Some(unknown), blocked)];
    let changes = |state: &State| -> Vec<_> {
        let history = state.path_history("corp").unwrap();
        let changes = history.changes(Timestamp::MIN);
        changes
            .map(|(before, verdict)| (verdict.at.as_second(), before.map(|before| before.status), verdict.status))
            .collect()
    };
    assert_eq!(changes(&state), expected);
    // What is in the store is dated anew as well.
    stored.write(&state);
    assert!(stored.verdicts.values().all(|verdict| verdict.at <= at(26)), "{:?}", stored.verdicts);
    let again = State::new();
    again.restore(stored.past(30), at(31));
    again.show([report(31, blocked, None)]);
    assert_eq!(changes(&again), expected);
}

#[test]
fn a_clock_that_was_behind_for_seconds_makes_nothing_last_for_as_long_as_it_was() {
    const NOW: u64 = 400 * 86_400;
    let (ok, blocked, unknown) = (Status::Ok, Status::Blocked, Status::Unknown);
    let (before, mut stored) = (State::new(), Stored::default());
    before.show([report(NOW, ok, None)]);
    stored.write(&before);
    let state = State::new();
    state.restore(stored.past(i64::try_from(NOW).unwrap() + 5), at(100));
    state.show([report(100, blocked, None)]);
    state.show([report(NOW + 10, blocked, None)]);
    let history = state.path_history("corp").unwrap();
    let seen: Vec<_> = history
        .verdicts()
        .iter()
        .map(|verdict| (verdict.at.as_second() - i64::try_from(NOW).unwrap(), verdict.status))
        .collect();
    assert_eq!(seen, [(0, ok), (5, unknown), (10, blocked)]);
}
