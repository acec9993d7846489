//! The verdicts that a path had, one after the other, and how long it had each. Pure.

use super::{Status, Verdict};
use crate::codes::Code;
use crate::observation::{Reason, Stage};
use crate::words::millis;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A verdict that a path had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastVerdict {
    /// When it became that, to the millisecond.
    #[serde(with = "millis")]
    pub at: Timestamp,
    pub status: Status,
    /// The stage that was blamed.
    pub stage: Option<Stage>,
    pub reason: Option<Reason>,
    /// The Windows error code that clients showed.
    pub code: Option<Code>,
}

/// A verdict that a path had, with its place among those of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    pub path: Arc<str>,
    /// The verdicts of a path are counted from 0.
    pub number: u64,
    pub verdict: PastVerdict,
}

/// The verdicts that one path had, the last at the end. Each is another one than the one before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathHistory(Vec<PastVerdict>);

/// A time in which a path had one verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub until: Timestamp,
    /// The verdict it had; `None` before the first that is known.
    pub verdict: Option<PastVerdict>,
}

/// How long a path had each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shares {
    pub ok: Duration,
    pub degraded: Duration,
    pub blocked: Duration,
    /// How long it could not be measured, or nobody looked.
    pub unknown: Duration,
}

impl PastVerdict {
    /// A verdict that a path has since a moment.
    pub fn new(at: SystemTime, verdict: &Verdict) -> Self {
        let Verdict { status, stage, reason, code, .. } = *verdict;
        Self { at: moment(at), status, stage, reason, code }
    }

    /// That nobody looked from a moment on.
    pub const fn unwatched(at: Timestamp) -> Self {
        Self { at, status: Status::Unknown, stage: None, reason: None, code: None }
    }

    /// True where the two differ in their moments at the most.
    pub fn is_same(&self, other: &Self) -> bool {
        Self { at: other.at, ..*self } == *other
    }
}

impl PathHistory {
    /// The history of these verdicts, the last at the end.
    pub fn new(verdicts: Vec<PastVerdict>) -> Self {
        Self(verdicts)
    }

    /// The history of these verdicts until now. What is dated after now was dated by a clock that was wrong, and what is
    /// dated before something that came earlier is of no earlier time; what took no time is left out.
    pub fn until(now: Timestamp, verdicts: impl Iterator<Item = PastVerdict>) -> Self {
        let mut believed: Vec<PastVerdict> = Vec::new();
        for mut verdict in verdicts.filter(|verdict| verdict.at <= now) {
            if let Some(last) = believed.last() {
                verdict.at = verdict.at.max(last.at);
            }
            believed.pop_if(|last| last.at == verdict.at);
            if believed.last().is_none_or(|last| !last.is_same(&verdict)) {
                believed.push(verdict);
            }
        }
        Self(believed)
    }

    /// All of them, the last at the end.
    pub fn verdicts(&self) -> &[PastVerdict] {
        &self.0
    }

    /// Since when the verdicts of the path are known; `None` where it was never judged.
    pub fn known_since(&self) -> Option<Timestamp> {
        self.0.first().map(|first| first.at)
    }

    /// Each change since a moment, the last at the end: the verdict before, where one is known, and the verdict since.
    pub fn changes(&self, since: Timestamp) -> impl DoubleEndedIterator<Item = (Option<&PastVerdict>, &PastVerdict)> {
        let changes = self.0.iter().enumerate().map(|(place, verdict)| {
            let before = place.checked_sub(1).and_then(|before| self.0.get(before));
            (before, verdict)
        });
        changes.filter(move |(_, verdict)| verdict.at >= since)
    }

    /// What the path was from a moment until another, without a gap, the first at the beginning; nothing where the one is
    /// not before the other.
    pub fn spans(&self, from: Timestamp, until: Timestamp) -> Vec<Span> {
        let (mut spans, mut begun, mut verdict) = (Vec::new(), from, None);
        for next in self.0.iter().filter(|next| next.at <= until) {
            // A clock that was set back says nothing of what was before.
            let at = next.at.max(begun);
            if at > begun {
                spans.push(Span { from: begun, until: at, verdict });
                begun = at;
            }
            verdict = Some(*next);
        }
        if until > begun {
            spans.push(Span { from: begun, until, verdict });
        }
        spans
    }

    /// How long the path had each status from a moment until another.
    pub fn shares(&self, from: Timestamp, until: Timestamp) -> Shares {
        let mut shares = Shares::default();
        for span in self.spans(from, until) {
            *shares.of(span.status()) += span.length();
        }
        shares
    }
}

impl Span {
    /// The status in it; `None` before the first that is known.
    pub fn status(&self) -> Option<Status> {
        self.verdict.map(|verdict| verdict.status)
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        let length = self.until.duration_since(self.from);
        Duration::try_from(length.max(SignedDuration::ZERO)).unwrap_or_default()
    }
}

impl Shares {
    const fn of(&mut self, status: Option<Status>) -> &mut Duration {
        match status {
            Some(Status::Ok) => &mut self.ok,
            Some(Status::Degraded) => &mut self.degraded,
            Some(Status::Blocked) => &mut self.blocked,
            Some(Status::Unknown) | None => &mut self.unknown,
        }
    }
}

/// A moment as it is kept: to the millisecond. One beyond the year 9999 is none that can be kept.
pub fn moment(at: SystemTime) -> Timestamp {
    let moment = Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH);
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

/// The same as the clock of the system has it.
pub fn system_time(at: Timestamp) -> SystemTime {
    let since = Duration::try_from(at.duration_since(Timestamp::UNIX_EPOCH));
    // Nothing was judged before 1970.
    SystemTime::UNIX_EPOCH + since.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn verdict(second: i64, status: Status) -> PastVerdict {
        PastVerdict { status, ..PastVerdict::unwatched(at(second)) }
    }

    fn history() -> PathHistory {
        PathHistory::new(vec![verdict(10, Status::Ok), verdict(20, Status::Blocked), verdict(25, Status::Degraded)])
    }

    fn spans(history: &PathHistory, from: i64, until: i64) -> Vec<(i64, i64, Option<Status>)> {
        let spans = history.spans(at(from), at(until));
        spans.iter().map(|span| (span.from.as_second(), span.until.as_second(), span.status())).collect()
    }

    #[test]
    fn spans_leave_no_gap_and_end_where_they_are_asked_to() {
        let (ok, blocked, degraded) = (Some(Status::Ok), Some(Status::Blocked), Some(Status::Degraded));
        let history = history();
        assert_eq!(spans(&history, 0, 30), [(0, 10, None), (10, 20, ok), (20, 25, blocked), (25, 30, degraded)]);
        assert_eq!(spans(&history, 12, 22), [(12, 20, ok), (20, 22, blocked)]);
        assert_eq!(spans(&history, 20, 25), [(20, 25, blocked)]);
        assert_eq!(spans(&history, 30, 40), [(30, 40, degraded)]);
        assert_eq!(spans(&history, 30, 30), []);
        assert_eq!(spans(&history, 40, 30), []);
        assert_eq!(spans(&PathHistory::default(), 1, 2), [(1, 2, None)]);
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_span_of_negative_length() {
        let verdicts = vec![verdict(10, Status::Ok), verdict(20, Status::Blocked), verdict(15, Status::Degraded)];
        let history = PathHistory::new(verdicts);
        let (ok, degraded) = (Some(Status::Ok), Some(Status::Degraded));
        assert_eq!(spans(&history, 10, 30), [(10, 20, ok), (20, 30, degraded)]);
    }

    #[test]
    fn what_a_wrong_clock_dated_is_not_believed() {
        let (ok, blocked, unknown) = (Some(Status::Ok), Some(Status::Blocked), Some(Status::Unknown));
        let until = |now, verdicts: &[PastVerdict]| {
            let history = PathHistory::until(at(now), verdicts.iter().copied());
            assert!(history.changes(at(0)).all(|(_, verdict)| verdict.at <= at(now)));
            spans(&history, 0, now)
        };
        let ahead = [verdict(10, Status::Ok), PastVerdict::unwatched(at(20)), verdict(900, Status::Blocked)];
        let back = [&ahead[..], &[verdict(25, Status::Ok)]].concat();
        assert_eq!(until(30, &back), [(0, 10, None), (10, 20, ok), (20, 25, unknown), (25, 30, ok)]);
        let unwatched = |second| PastVerdict::unwatched(at(second));
        let behind = [verdict(100, Status::Ok), unwatched(120), verdict(5, Status::Blocked), unwatched(6)];
        let right = [&behind[..], &[verdict(121, Status::Blocked)]].concat();
        assert_eq!(until(130, &right), [(0, 100, None), (100, 120, ok), (120, 121, unknown), (121, 130, blocked)]);
        // While the clock is behind, what it dates is all that there is.
        assert_eq!(until(5, &behind), [(0, 5, None)]);
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        let seconds = Duration::from_secs;
        let shares = Shares { ok: seconds(10), degraded: seconds(5), blocked: seconds(5), unknown: seconds(10) };
        assert_eq!(history().shares(at(0), at(30)), shares);
    }

    #[test]
    fn a_change_has_the_verdict_before_it_where_that_is_known() {
        let history = history();
        let changes = |since| {
            let changes = history.changes(at(since));
            changes.map(|(before, is)| (before.map(|before| before.status), is.status)).collect::<Vec<_>>()
        };
        let blocked = (Some(Status::Ok), Status::Blocked);
        let degraded = (Some(Status::Blocked), Status::Degraded);
        assert_eq!(changes(0), [(None, Status::Ok), blocked, degraded]);
        assert_eq!(changes(20), [blocked, degraded]);
        assert_eq!(changes(26), []);
    }
}
