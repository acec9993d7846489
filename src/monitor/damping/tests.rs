//! Courses of verdicts, and what is shown of them. Each verdict comes a minute after the one before it.

use super::*;
use crate::observation::{Reason, Stage};
use crate::verdict::{self, Cause, Coverage};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

/// The damping of a number of failing rounds and of a hold in minutes.
fn damping(failing_rounds: u32, minutes: u32) -> Damping {
    Damping { failing_rounds, hold: MINUTE * minutes, ..Damping::NONE }
}

/// A verdict that is known again by its mark.
fn marked(status: Status, mark: &str) -> Verdict {
    let (stage, reason) = match status {
        Status::Ok => (None, None),
        Status::Degraded | Status::Blocked | Status::Unknown => (Some(Stage::Tcp), Some(Reason::Refused)),
    };
    Verdict { status, stage, reason, ..Verdict::monitor_failed(mark) }
}

fn mark(verdict: &Verdict) -> &str {
    match &verdict.coverage {
        Coverage::Unknown(Cause::MonitorFailed { detail }) => detail,
        other => panic!("{other:?} has no mark"),
    }
}

fn status(letter: char) -> Status {
    match letter.to_ascii_lowercase() {
        'o' => Status::Ok,
        'd' => Status::Degraded,
        'b' => Status::Blocked,
        'u' => Status::Unknown,
        other => panic!("{other} is no status"),
    }
}

/// A damper that is handed a verdict each minute.
struct Course {
    begun: Now,
    minute: u32,
    damping: Damping,
    damper: Damper,
}

impl Course {
    /// Begins with the first verdict of a course.
    fn new(first: char, damping: Damping) -> Self {
        let begun = Now::read();
        let damper = Damper::new(marked(status(first), "first"), begun);
        Self { begun, minute: 0, damping, damper }
    }

    /// Goes on with verdicts, of which those in capitals end a round.
    fn go_on(&mut self, course: &str) {
        for letter in course.chars() {
            self.take_in(letter, "next");
        }
    }

    fn take_in(&mut self, letter: char, mark: &str) {
        self.minute += 1;
        let now = Now { running: self.begun.running + MINUTE * self.minute, shown: self.at(self.minute) };
        let made = marked(status(letter), mark);
        self.damper.take_in(made, letter.is_ascii_uppercase(), self.damping, now);
    }

    fn at(&self, minute: u32) -> SystemTime {
        self.begun.shown + MINUTE * minute
    }

    fn shown(&self) -> Status {
        self.damper.shown().status
    }

    /// How many rounds have failed of a worse verdict, and since which minute.
    fn pending(&self) -> Option<(Status, u32, SystemTime)> {
        let pending = self.damper.pending(self.damping)?;
        assert_eq!(pending.of, self.damping.failing_rounds);
        assert_eq!((pending.stage, pending.reason), (Some(Stage::Tcp), Some(Reason::Refused)));
        Some((pending.status, pending.failing_rounds, pending.since))
    }
}

/// The letters of what is shown in a course.
fn shown(course: &str, damping: Damping) -> String {
    let mut letters = course.chars();
    let mut taken = Course::new(letters.next().unwrap(), damping);
    let mut shown = String::new();
    let letter = |course: &Course| course.shown().as_str().chars().next().unwrap();
    shown.push(letter(&taken));
    for next in letters {
        taken.take_in(next, "next");
        shown.push(letter(&taken));
    }
    shown
}

#[test]
fn a_verdict_worsens_after_so_many_failing_rounds_in_a_row() {
    for (failing_rounds, course, expected) in [
        (2, "OBOBO", "ooooo"),
        (2, "OBBO", "oobo"),
        (2, "ODDO", "oodo"),
        // Only the end of a round counts, and a round that has only begun to fail is none.
        (2, "ObbbBbB", "oooooob"),
        (2, "OboB", "oooo"),
        // What is better in between, but not at the end, does not break the row.
        (2, "OBoB", "ooob"),
        (3, "OBBOBBB", "oooooob"),
        (3, "OBOBOBO", "ooooooo"),
        // One round is not waited for.
        (1, "ObDbo", "obdbo"),
    ] {
        assert_eq!(shown(course, damping(failing_rounds, 0)), expected, "{failing_rounds}: {course}");
    }
}

#[test]
fn each_status_takes_its_own_rounds() {
    for (course, expected) in [
        // Twice worse than ok, but blocked only once.
        ("ODB", "ood"),
        ("ODBB", "oodb"),
        ("OBD", "ood"),
        ("OBDB", "oodd"),
        ("OBDBB", "ooddb"),
        ("DBBD", "ddbd"),
        ("DBDB", "dddd"),
        ("DBOB", "ddoo"),
        // What improved has to fail as often again.
        ("BOBB", "boob"),
        ("BDBB", "bddb"),
        ("OBBoBB", "ooboob"),
    ] {
        assert_eq!(shown(course, damping(2, 0)), expected, "{course}");
    }
}

#[test]
fn a_path_is_unknown_after_as_many_rounds_and_known_again_at_once() {
    for (course, expected) in [
        ("OUO", "ooo"),
        ("OUUO", "oouo"),
        ("OUUb", "ooub"),
        ("BUUd", "bbud"),
        ("BUBU", "bbbb"),
        // Half a round that could not be measured is none.
        ("OuuuO", "ooooo"),
        ("UUO", "uuo"),
        // It says nothing of the path: it does not fail, and does not break a row of rounds that do.
        ("OUB", "ooo"),
        ("OBUB", "ooob"),
        ("ODUD", "oood"),
        // What was unknown is not worse than what follows, which therefore is not held.
        ("OUUbo", "ooubo"),
        // What is known again has to fail as often again.
        ("OBUUOBB", "ooouoob"),
    ] {
        assert_eq!(shown(course, damping(2, 0)), expected, "{course}");
    }
    assert_eq!(shown("OUUO", damping(2, 60)), "oouo", "it is not held");
    assert_eq!(shown("OBBUUO", damping(2, 60)), "oobbuo", "nor is what came before it");
    assert_eq!(shown("OuO", damping(1, 60)), "ouo", "one round is not waited for");
}

#[test]
fn that_a_path_may_become_unknown_is_pending() {
    let mut course = Course::new('B', damping(3, 0));
    course.go_on("U");
    assert_eq!(course.pending(), Some((Status::Unknown, 1, course.at(1))));
    course.go_on("B");
    assert_eq!(course.pending(), None);
}

#[test]
fn a_verdict_that_worsened_is_held_and_a_better_one_shows_after_that() {
    for (course, expected) in [
        ("OBBOOOO", "oobbboo"),
        ("OBBDDDD", "oobbbdd"),
        ("OBBDOOO", "oobbboo"),
        // It is held from when it worsened, not from when it was last seen.
        ("OBBOBOO", "oobbboo"),
        ("OBBBBBO", "oobbbbo"),
        ("OBBDOBD", "oobbbbd"),
        // Each step to the worse is held again.
        ("ODDBBOOOO", "ooddbbboo"),
        ("ODDOBBOOO", "oodddbbbo"),
        // What is better for the time being is not held.
        ("OBBDDDDO", "oobbbddo"),
        // Nor is the first verdict.
        ("BOO", "boo"),
        ("BDO", "bdo"),
    ] {
        assert_eq!(shown(course, damping(2, 3)), expected, "{course}");
    }
    assert_eq!(shown("ObOOO", damping(1, 3)), "obbbo");
}

#[test]
fn the_verdict_that_is_shown_stays_as_it_was_made_while_another_waits() {
    let mut course = Course::new('O', damping(2, 3));
    course.take_in('O', "well");
    course.take_in('B', "gone");
    assert_eq!(mark(course.damper.shown()), "well");
    course.take_in('B', "still gone");
    assert_eq!(mark(course.damper.shown()), "still gone");
    course.take_in('B', "unreachable");
    assert_eq!(mark(course.damper.shown()), "unreachable", "the same status for another reason shows at once");
    assert_eq!(course.damper.since(), course.at(3), "it is blocked since it was first");
    course.take_in('O', "back");
    assert_eq!(mark(course.damper.shown()), "unreachable");
    course.take_in('O', "well again");
    assert_eq!((mark(course.damper.shown()), course.damper.since()), ("well again", course.at(6)));
}

#[test]
fn a_step_to_the_worse_shows_the_verdict_of_that_status() {
    let mut course = Course::new('O', damping(2, 0));
    course.take_in('D', "one of two is down");
    course.take_in('B', "both are down");
    assert_eq!(mark(course.damper.shown()), "one of two is down");
    assert_eq!(course.pending(), Some((Status::Blocked, 1, course.at(2))));
}

#[test]
fn what_waits_is_reported_with_how_long_it_has() {
    let mut course = Course::new('O', damping(3, 0));
    assert_eq!(course.pending(), None);
    course.go_on("d");
    assert_eq!(course.pending(), Some((Status::Degraded, 0, course.at(1))), "the round is not over");
    course.go_on("D");
    assert_eq!(course.pending(), Some((Status::Degraded, 1, course.at(1))));
    course.go_on("B");
    assert_eq!(course.pending(), Some((Status::Blocked, 1, course.at(3))));
    course.go_on("D");
    assert_eq!((course.shown(), course.pending()), (Status::Degraded, None));
    course.go_on("BO");
    assert_eq!((course.shown(), course.pending()), (Status::Ok, None));
    course.go_on("B");
    assert_eq!(course.pending(), Some((Status::Blocked, 1, course.at(7))), "an earlier row does not count");
}

#[test]
fn the_end_of_a_hold_is_reported_while_something_better_waits_for_it() {
    let mut course = Course::new('O', damping(2, 3));
    course.go_on("BB");
    let held_until = |course: &Course| course.damper.held_until(course.damping);
    assert_eq!(held_until(&course), None, "nothing better is there");
    course.go_on("O");
    assert_eq!(held_until(&course), Some(course.begun.running + MINUTE * 5));
    course.go_on("B");
    assert_eq!(held_until(&course), None);
    course.go_on("O");
    assert_eq!((course.shown(), held_until(&course)), (Status::Ok, None));
}

#[test]
fn other_settings_hold_for_what_is_under_way() {
    let mut course = Course::new('O', damping(5, 60));
    course.go_on("BB");
    course.damping = damping(2, 60);
    course.go_on("b");
    assert_eq!(course.shown(), Status::Blocked);
    course.go_on("O");
    assert_eq!(course.shown(), Status::Blocked);
    course.damping = damping(2, 1);
    course.go_on("o");
    assert_eq!(course.shown(), Status::Ok);
}

#[test]
fn a_path_that_is_another_one_shows_its_first_verdict_at_once() {
    let mut course = Course::new('O', damping(2, 60));
    course.damper.supersede();
    course.go_on("b");
    assert_eq!(course.shown(), Status::Blocked);
    course.go_on("o");
    assert_eq!(course.shown(), Status::Ok, "a first verdict is not held");

    let mut held = Course::new('O', damping(2, 60));
    held.go_on("BBO");
    assert_eq!(held.shown(), Status::Blocked);
    held.damper.supersede();
    held.go_on("o");
    assert_eq!(held.shown(), Status::Ok);
}

impl Course {
    /// Goes on in another process, which begins so many minutes later.
    fn restart(&mut self, minutes: u32) {
        let (shown, worsened_at, failing) = self.damper.course();
        let course = verdict::course::Course {
            kind: String::new(),
            shown,
            worsened_at,
            is_of_machines: false,
            failing,
            outages: Vec::new(),
            lasting: Vec::new(),
        };
        let course = verdict::course::Course::from_json(&course.to_json().unwrap()).unwrap();
        self.minute += minutes;
        let now = Now { running: self.begun.running + MINUTE * self.minute, shown: self.at(self.minute) };
        self.damper = Damper::resume(&course, now);
    }
}

#[test]
fn rounds_that_failed_before_a_restart_count() {
    let mut course = Course::new('O', damping(3, 0));
    course.go_on("OB");
    course.restart(1);
    assert_eq!(course.shown(), Status::Ok);
    course.go_on("B");
    let (status, rounds, since) = course.pending().unwrap();
    assert_eq!((status, rounds), (Status::Blocked, 2));
    assert!(course.at(2).duration_since(since).unwrap() < Duration::from_millis(1));
    course.restart(0);
    course.go_on("B");
    assert_eq!(course.shown(), Status::Blocked);
    assert_eq!(course.damper.since(), course.at(course.minute), "it began with the round that was one too many");
}

#[test]
fn what_was_shown_before_a_restart_is_shown_since_it_began() {
    for letter in ['O', 'D', 'B', 'U'] {
        let mut course = Course::new(letter, damping(2, 3));
        let begun = course.at(0);
        course.restart(9);
        course.take_in(letter, "after");
        assert_eq!(mark(course.damper.shown()), "after", "what is known of it now is shown");
        let since = course.damper.since();
        assert!(begun.duration_since(since).unwrap() < Duration::from_millis(1), "{since:?} {begun:?}");
    }
}

#[test]
fn a_hold_ends_when_it_would_have_ended_without_a_restart() {
    // It worsened at minute 2, and is held for 5.
    let held = |restart_after: u32| {
        let mut course = Course::new('O', damping(2, 5));
        course.go_on("BB");
        course.restart(restart_after);
        let mut minute = course.minute;
        while course.shown() == Status::Blocked && minute < 20 {
            course.take_in('O', "better");
            minute = course.minute;
        }
        minute
    };
    assert_eq!([1, 2, 3].map(held), [7, 7, 7]);
    assert_eq!(held(8), 11, "it was over");
}

#[test]
fn of_a_path_that_was_judged_before_its_past_was_known_the_status_alone_is_older() {
    let past = |status, second| PastVerdict {
        at: jiff::Timestamp::from_second(second).unwrap(),
        status,
        stage: None,
        reason: None,
        code: None,
    };
    let course = |status| verdict::course::Course {
        kind: String::new(),
        shown: past(status, 10),
        worsened_at: None,
        is_of_machines: false,
        failing: Vec::new(),
        outages: Vec::new(),
        lasting: Vec::new(),
    };
    let mut judged = Course::new('B', damping(1, 0));
    judged.damper.extend(&course(Status::Ok));
    assert_eq!(judged.damper.since(), judged.at(0));
    judged.damper.extend(&course(Status::Blocked));
    assert_eq!(judged.damper.since(), SystemTime::UNIX_EPOCH + Duration::from_secs(10));
    let mut judged = Course::new('O', damping(1, 0));
    judged.go_on("B");
    judged.damper.extend(&course(Status::Blocked));
    assert_eq!(judged.damper.since(), judged.at(1), "it began while this process looked");
}

#[test]
fn what_a_wrong_clock_dated_begins_neither_after_now_nor_long_before_anybody_looked() {
    const DAYS: Duration = Duration::from_hours(300 * 24);
    let begun = Now::read();
    let at = |seconds: u64, shown: SystemTime| Now {
        running: begun.running + Duration::from_secs(seconds),
        shown: shown + Duration::from_secs(seconds),
    };
    let since = |first: SystemTime, then: SystemTime| {
        let mut damper = Damper::new(marked(Status::Blocked, "first"), at(0, first));
        damper.follow_clock(at(6, then));
        damper.since().duration_since(then).unwrap().as_secs()
    };
    let (now, minutes) = (begun.shown, Duration::from_mins(50));
    assert_eq!(since(now + DAYS, now), 6, "it was ahead");
    assert_eq!(since(now - DAYS, now), 6, "it was behind");
    assert_eq!(since(now, now), 0, "it is right");
    let mut paused = Damper::new(marked(Status::Blocked, "first"), at(0, now));
    paused.follow_clock(at(6, now + minutes));
    assert_eq!(paused.since(), now, "a machine that was paused goes on as after a restart");
}
