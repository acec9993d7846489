//! The verdicts that paths had since this process started, as far as there is room. They end with it.

use super::PathReport;
use crate::observation::{Reason, Stage};
use crate::verdict::Status;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

/// How many verdicts are kept of a path: it changes a few times a day at the most, since verdicts are damped.
const MOST: usize = 200;

/// A verdict that a path had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastVerdict {
    pub since: SystemTime,
    pub status: Status,
    /// The stage that was blamed.
    pub stage: Option<Stage>,
    pub reason: Option<Reason>,
}

/// The verdicts of one path, the last at the end.
#[derive(Debug, Clone, Default)]
pub(super) struct History(VecDeque<PastVerdict>);

impl History {
    /// Adds the verdict of a report where it is another one than the last.
    pub(super) fn add(&mut self, report: &PathReport) {
        let verdict = &report.verdict;
        let (status, stage, reason) = (verdict.status, verdict.stage, verdict.reason);
        if self.0.back().is_some_and(|last| (last.status, last.stage, last.reason) == (status, stage, reason)) {
            return;
        }
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(PastVerdict { since: report.since, status, stage, reason });
    }
}

/// The verdicts of all paths.
#[derive(Debug)]
pub struct PastVerdicts(Vec<(Arc<str>, History)>);

impl PastVerdicts {
    pub(super) fn new(paths: impl Iterator<Item = (Arc<str>, History)>) -> Self {
        Self(paths.collect())
    }

    /// Since when the verdicts of all paths are known; `None` where no path was judged yet.
    pub fn since(&self) -> Option<SystemTime> {
        self.0.iter().filter_map(|(_, history)| history.0.front()).map(|first| first.since).max()
    }

    /// Each change: the path, its verdict before, and its verdict since. That a path was ok when it was judged first
    /// is none.
    pub fn changes(&self) -> impl Iterator<Item = (&Arc<str>, Option<&PastVerdict>, &PastVerdict)> {
        self.0.iter().flat_map(|(path, History(verdicts))| {
            let before = std::iter::once(None).chain(verdicts.iter().map(Some));
            let changes = before.zip(verdicts).map(move |(before, verdict)| (path, before, verdict));
            changes.filter(|(_, before, verdict)| before.is_some() || verdict.status != Status::Ok)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::State;
    use crate::verdict::Verdict;
    use crate::walk::{Walk, online};
    use std::time::Duration;

    fn report(second: u64, status: Status, stage: Option<Stage>) -> PathReport {
        let verdict = Verdict { status, stage, ..Verdict::not_measured() };
        let walk = Walk::Online(online::Walk { targets: Vec::new(), own_clock: None });
        PathReport::first("corp".into(), verdict, walk, SystemTime::UNIX_EPOCH + Duration::from_secs(second))
    }

    fn changes(state: &State) -> Vec<(u64, Option<Status>, Status)> {
        let verdicts = state.past_verdicts();
        let second = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let changes = verdicts.changes();
        changes.map(|(_, before, is)| (second(is.since), before.map(|before| before.status), is.status)).collect()
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
        assert_eq!(state.past_verdicts().since(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1)));
    }

    #[test]
    fn a_path_that_is_not_ok_from_the_beginning_has_changed() {
        let state = State::new();
        state.show([report(3, Status::Blocked, Some(Stage::Tcp))]);
        assert_eq!(changes(&state), [(3, None, Status::Blocked)]);
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let state = State::new();
        for second in 0..1000 {
            let status = if second % 2 == 0 { Status::Blocked } else { Status::Ok };
            state.show([report(second, status, None)]);
        }
        assert_eq!(changes(&state).len(), MOST);
        assert_eq!(state.past_verdicts().since(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(800)));
    }
}
