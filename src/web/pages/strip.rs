//! How a path was over a span of time, as a strip: what is worst in each part of it. Pure.

use super::frame::Frame;
use crate::report::mark::Mark;
use crate::report::order::rank;
use crate::text::{self, say};
use crate::verdict::Status;
use crate::verdict::past::{PathHistory, Span};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// What a strip is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Day,
    Month,
}

impl Reach {
    const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// In how many parts it is shown, and how long each is.
    const fn parts(self) -> (i32, SignedDuration) {
        match self {
            Self::Day => (96, SignedDuration::from_mins(15)),
            Self::Month => (120, SignedDuration::from_hours(6)),
        }
    }
}

/// A strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strip {
    /// What it is of, and for what share of the time that is known the path worked.
    pub(super) label: String,
    pub(super) share: String,
    /// How many parts it has.
    pub(super) width: i32,
    pub(super) runs: Vec<Run>,
}

/// Parts side by side that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: i32,
    pub(super) width: i32,
    /// The word for how it is to be taken; `none` where nothing is known.
    pub(super) class: &'static str,
}

impl Strip {
    /// The last day or month of a path.
    pub(super) fn new(frame: &Frame, reach: Reach, history: &PathHistory, now: Timestamp) -> Self {
        let (count, part) = reach.parts();
        let spans = history.spans(now.checked_sub(part * count).unwrap_or(Timestamp::MIN), now);
        let mut runs: Vec<Run> = Vec::new();
        for (start, status) in (0..).zip(worst(&spans, now, count, part)) {
            let class = status.map_or("none", |status| Mark::of_status(status).as_str());
            match runs.last_mut() {
                Some(run) if run.class == class => run.width += 1,
                _ => runs.push(Run { start, width: 1, class }),
            }
        }
        let label = say!(frame.words, "page-strip", span = reach.word());
        Self { label, share: share(frame, &spans, part * count), width: count, runs }
    }
}

/// For what share of the time the path worked, of the time in which it was judged, and how long that is where it is less
/// than all.
fn share(frame: &Frame, spans: &[Span], whole: SignedDuration) -> String {
    let sum = |is_meant: fn(Status) -> bool| -> Duration {
        let meant = spans.iter().filter(|span| span.verdict.is_some_and(|verdict| is_meant(verdict.status)));
        meant.map(|span| span.until.duration_since(span.from).unsigned_abs()).sum()
    };
    let known = sum(|status| status != Status::Unknown);
    let working = sum(|status| matches!(status, Status::Ok | Status::Degraded));
    if known.is_zero() {
        return say!(frame.words, "page-nothing-known");
    }
    // What failed at all does not count as all.
    let percent = (working.as_secs_f64() / known.as_secs_f64() * 1000.0).floor() / 10.0;
    let share = format!("{percent} %");
    // A part of a strip is no more exact than that.
    if known + whole.unsigned_abs() / 50 >= whole.unsigned_abs() {
        return share;
    }
    say!(frame.words, "page-strip-share", share = share, known = text::span(frame.words, known))
}

/// The worst status in each part, the oldest first; `None` where none is known.
fn worst(spans: &[Span], now: Timestamp, count: i32, part: SignedDuration) -> Vec<Option<Status>> {
    let begin = |number: i32| now.checked_sub(part * (count - number)).unwrap_or(Timestamp::MIN);
    let of_part = |number: i32| {
        let (from, until) = (begin(number), begin(number + 1));
        let within = spans.iter().filter(|span| span.from < until && span.until > from);
        within.filter_map(|span| span.verdict).map(|verdict| verdict.status).min_by_key(|status| rank(*status))
    };
    (0..count).map(of_part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::past::PastVerdict;

    #[test]
    fn each_part_shows_the_worst_that_was_in_it() {
        let hour = SignedDuration::from_hours(1);
        let now = Timestamp::UNIX_EPOCH + hour * 100_000;
        let verdict = |hours: i32, status| PastVerdict { status, ..PastVerdict::unwatched(now - hour * hours) };
        let history =
            PathHistory::new(vec![verdict(3, Status::Ok), verdict(2, Status::Blocked), verdict(1, Status::Degraded)]);
        let shown = |count, part| worst(&history.spans(now - hour * 4, now), now, count, part);
        let (ok, blocked, degraded) = (Some(Status::Ok), Some(Status::Blocked), Some(Status::Degraded));
        assert_eq!(shown(8, hour / 2), [None, None, ok, ok, blocked, blocked, degraded, degraded]);
        // What changed within a part is the worse of both, and the last holds until now.
        assert_eq!(shown(2, hour * 2), [ok, blocked]);
        assert_eq!(worst(&[], now, 2, hour), [None, None]);
    }
}
