//! When the verdict that is shown follows the one that was just made. Pure bookkeeping: the time is handed in.
//!
//! A verdict worsens only where enough rounds in a row ended with a worse one, and stays for a while once it worsened.
//! Everything else shows at once. A path becomes `unknown` after as many rounds as if that were worse than blocked; it
//! is never held at that, and the first verdict of what is known takes its place at once. A round that ends with
//! `unknown` says nothing of the path: it neither counts as failed nor breaks a row of failed ones.
//!
//! All of that goes on after a restart, where a store kept it.

use crate::config::Damping;
use crate::state::Pending;
use crate::verdict::course::{Course, FailingRounds, Moment};
use crate::verdict::past::{PastVerdict, moment, system_time};
use crate::verdict::{Status, Verdict};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// A moment on the clock that only runs, which spans are measured by, and on the one that is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) running: Instant,
    pub(super) shown: SystemTime,
}

impl Now {
    pub(super) fn read() -> Self {
        Self { running: Instant::now(), shown: SystemTime::now() }
    }
}

/// By how much a clock may be set ahead and what it dated still count: as long as a restart may take.
const LEAP: Duration = Duration::from_hours(1);

/// The verdict on one path that is shown, and what could take its place.
#[derive(Debug)]
pub(super) struct Damper {
    shown: Verdict,
    /// When the status of the verdict that is shown began.
    since: SystemTime,
    /// The same of the first verdict.
    began: SystemTime,
    /// When it worsened to that status; `None` where it did not, but came with the first verdict or by improving.
    worsened: Option<Worsened>,
    /// The verdict that was made last.
    made: Verdict,
    /// For each status that is worse than the one shown: the rounds in a row that ended with it, or with a worse one;
    /// with `unknown`, those that ended with just that.
    failing: BTreeMap<Status, Failing>,
    /// True where what is shown is of another path by the same name, or of less than is known now, with which nothing
    /// compares.
    is_superseded: bool,
    /// When it was looked at last.
    looked: Now,
}

/// When a verdict worsened.
#[derive(Debug, Clone, Copy)]
struct Worsened {
    at: Now,
    /// How long that was before the clock that only runs has it: the process began later.
    earlier: Duration,
}

/// Rounds in a row that ended with one status, or a worse one.
#[derive(Debug)]
struct Failing {
    /// The newest verdict of just that status.
    verdict: Verdict,
    rounds: u32,
    since: SystemTime,
}

impl Damper {
    /// A damper that shows the first verdict on a path.
    pub(super) fn new(first: Verdict, now: Now) -> Self {
        Self {
            shown: first.clone(),
            since: now.shown,
            began: now.shown,
            worsened: None,
            made: first,
            failing: BTreeMap::new(),
            is_superseded: false,
            looked: now,
        }
    }

    /// Follows a clock that was set. Nothing began after now; and what a clock that leaps ahead has it last, nobody saw
    /// last, so that it begins now.
    pub(super) fn follow_clock(&mut self, now: Now) {
        let elapsed = now.running.saturating_duration_since(self.looked.running);
        let leap = now.shown.duration_since(self.looked.shown).unwrap_or_default().saturating_sub(elapsed);
        let set = |at: &mut SystemTime| *at = if leap > LEAP { now.shown } else { now.shown.min(*at) };
        set(&mut self.since);
        set(&mut self.began);
        self.failing.values_mut().for_each(|failing| set(&mut failing.since));
        if let Some(worsened) = &mut self.worsened {
            set(&mut worsened.at.shown);
        }
        self.looked = now;
    }

    /// A damper that goes on as it was before a restart. A clock that was set back meanwhile makes nothing begin later
    /// than now.
    pub(super) fn resume(course: &Course, now: Now) -> Self {
        let shown = Verdict::kept(&course.shown);
        let since = now.shown.min(system_time(course.shown.at));
        let worsened = course.worsened_at.map(|Moment(at)| {
            let at = now.shown.min(system_time(at));
            let earlier = now.shown.duration_since(at).unwrap_or_default();
            Worsened { at: Now { running: now.running, shown: at }, earlier }
        });
        let failing = course.failing.iter().map(|FailingRounds { verdict, rounds }| {
            let since = now.shown.min(system_time(verdict.at));
            (verdict.status, Failing { verdict: Verdict::kept(verdict), rounds: *rounds, since })
        });
        let failing = failing.filter(|(status, _)| *status > shown.status).collect();
        Self { made: shown.clone(), shown, since, began: since, worsened, failing, is_superseded: false, looked: now }
    }

    /// Takes over since when the status is what it is, where that is learned later than the first verdict was made.
    pub(super) fn extend(&mut self, course: &Course) {
        if self.since == self.began && self.shown.status == course.shown.status {
            self.since = self.since.min(system_time(course.shown.at));
        }
    }

    /// What of it goes on after a restart: what is shown, when it worsened, and what failed in a row.
    pub(super) fn course(&self) -> (PastVerdict, Option<Moment>, Vec<FailingRounds>) {
        let failing = self.failing.values().map(|Failing { verdict, rounds, since }| FailingRounds {
            verdict: PastVerdict::new(*since, verdict),
            rounds: *rounds,
        });
        let worsened = self.worsened.map(|worsened| Moment(moment(worsened.at.shown)));
        (PastVerdict::new(self.since, &self.shown), worsened, failing.collect())
    }

    /// The path is another one from now on, or more is known of it: the next verdict is shown like a first one.
    pub(super) fn supersede(&mut self) {
        self.is_superseded = true;
    }

    /// True where the next verdict is shown whatever it is.
    pub(super) const fn is_superseded(&self) -> bool {
        self.is_superseded
    }

    /// Takes in a verdict that was made, and whether a round ended with it.
    pub(super) fn take_in(&mut self, made: Verdict, ends_round: bool, damping: Damping, now: Now) {
        if std::mem::take(&mut self.is_superseded) {
            self.worsened = None;
            self.failing.clear();
            self.made = made;
            self.show(self.made.clone(), false, now);
            return;
        }
        self.count(&made, ends_round, now);
        self.made = made;
        if self.made.status > self.shown.status {
            if let Some(worse) = self.worse(damping) {
                self.show(worse, true, now);
            }
        } else if self.made.status == self.shown.status || self.held_until(damping).is_none_or(|end| end <= now.running)
        {
            self.show(self.made.clone(), false, now);
        }
    }

    /// Counts the rounds that end with each status that is worse than the one shown.
    fn count(&mut self, made: &Verdict, ends_round: bool, now: Now) {
        for status in [Status::Degraded, Status::Blocked, Status::Unknown] {
            let says_nothing = made.status == Status::Unknown && status != Status::Unknown;
            if status <= self.shown.status || says_nothing {
                continue;
            }
            if made.status >= status {
                let first = || Failing { verdict: made.clone(), rounds: 0, since: now.shown };
                let failing = self.failing.entry(status).or_insert_with(first);
                failing.rounds = failing.rounds.saturating_add(ends_round.into());
                if made.status == status {
                    failing.verdict = made.clone();
                }
            } else if ends_round || self.failing.get(&status).is_some_and(|failing| failing.rounds == 0) {
                self.failing.remove(&status);
            }
        }
    }

    /// The worst verdict that enough rounds in a row ended with. Where one round is enough, its end is not waited for.
    fn worse(&self, damping: Damping) -> Option<Verdict> {
        if damping.failing_rounds <= 1 {
            return Some(self.made.clone());
        }
        // What was made since may be better, and `unknown` is only shown while that is made.
        let mut worst_first = self.failing.range(..=self.made.status).map(|(_, failing)| failing).rev();
        worst_first.find(|failing| failing.rounds >= damping.failing_rounds).map(|failing| failing.verdict.clone())
    }

    fn show(&mut self, verdict: Verdict, has_worsened: bool, now: Now) {
        if verdict.status != self.shown.status {
            self.since = now.shown;
            let is_held = has_worsened && verdict.status != Status::Unknown;
            self.worsened = is_held.then_some(Worsened { at: now, earlier: Duration::ZERO });
            // What worsens in two steps has rounds behind it that count for the second; what improves starts over.
            self.failing.retain(|status, _| *status > verdict.status && self.made.status > verdict.status);
        }
        self.shown = verdict;
    }

    /// When the hold ends of a verdict that worsened and that a better one could take the place of.
    pub(super) fn held_until(&self, damping: Damping) -> Option<Instant> {
        let worsened = self.worsened.filter(|_| self.made.status < self.shown.status)?;
        worsened.at.running.checked_add(damping.hold.saturating_sub(worsened.earlier))
    }

    pub(super) const fn shown(&self) -> &Verdict {
        &self.shown
    }

    /// When the status of the verdict that is shown began.
    pub(super) const fn since(&self) -> SystemTime {
        self.since
    }

    /// The worse verdict that was made last, where it is not shown yet.
    pub(super) fn pending(&self, damping: Damping) -> Option<Pending> {
        let failing = self.failing.get(&self.made.status).filter(|_| self.made.status > self.shown.status)?;
        Some(Pending {
            status: self.made.status,
            stage: self.made.stage,
            reason: self.made.reason,
            failing_rounds: failing.rounds,
            of: damping.failing_rounds,
            since: failing.since,
        })
    }
}

#[cfg(test)]
mod tests;
