//! The verdicts that paths had, as far as there is room, and how each path goes on after a restart. A store keeps them
//! beside, where there is one: whatever is not in it yet is here, and nobody waits for it.

use crate::verdict::Status;
use crate::verdict::course::{Course, KeptPast};
use crate::verdict::past::{Numbered, PastVerdict, PathHistory};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::time::Instant;

/// The most verdicts that are kept of one path, of all paths together, and of one path however many there are. A path has
/// a few in a day at the most, since verdicts are damped.
pub const OF_PATH: usize = 1000;
const IN_ALL: usize = 200_000;
const AT_LEAST: usize = 20;

/// How long nobody may have looked for what was before to go on. It is more than a restart takes, or an update. A clock that
/// is set by no more than that makes no difference either.
const GAP: SignedDuration = SignedDuration::from_hours(1);

/// A verdict with such a number is of no program: nothing would come after it.
const LAST_NUMBER: u64 = 1 << 32;

/// How many paths that are not configured any more are remembered.
const FORMER: usize = 1000;

/// How many verdicts and courses are handed to the store at once.
const AT_ONCE: usize = 1000;

/// The verdicts of all paths.
#[derive(Debug)]
pub(super) struct Verdicts {
    paths: BTreeMap<Arc<str>, Kept>,
    /// The most of each path.
    most: usize,
    /// How many went that were never written.
    lost: u64,
}

/// What is kept of one path.
#[derive(Debug, Default)]
struct Kept {
    /// The number of the first verdict that is here.
    first: u64,
    verdicts: VecDeque<PastVerdict>,
    /// How many of the last are of this process, which it dated itself.
    own: usize,
    /// When the path was judged last, by the clock that only runs and by the one that dates verdicts.
    judged: Option<(Instant, Timestamp)>,
    /// The number of the first verdict that is not in the store.
    unwritten: u64,
    /// True where what the store has of the path has to go before anything is written: its numbers have gaps.
    is_renumbered: bool,
    course: Option<Arc<Course>>,
    course_is_written: bool,
    /// How it was to go on, until somebody takes that.
    before: Option<Arc<Course>>,
    is_configured: bool,
}

/// What is not in the store yet: so much of it at the most as is written at once.
#[derive(Debug, Clone, Default)]
pub struct Unwritten {
    pub verdicts: Vec<Numbered>,
    /// The paths of which everything else that is in the store goes.
    pub renumbered: Vec<Arc<str>>,
    pub courses: Vec<(Arc<str>, Arc<Course>)>,
    /// True where there are more of these.
    pub has_more_courses: bool,
    /// How many verdicts wait in all.
    pub waiting: usize,
    /// The most verdicts that are kept of a path.
    pub most: u64,
    /// How many went since this was asked last because there were too many, and are in no store.
    pub lost: u64,
}

impl Default for Verdicts {
    fn default() -> Self {
        Self { paths: BTreeMap::new(), most: OF_PATH, lost: 0 }
    }
}

impl Verdicts {
    /// Takes these paths for those that are configured.
    pub(super) fn configure<'a>(&mut self, names: impl Iterator<Item = &'a Arc<str>>) {
        for kept in self.paths.values_mut() {
            kept.is_configured = false;
        }
        let mut configured = 0_usize;
        for name in names {
            self.paths.entry(Arc::clone(name)).or_default().is_configured = true;
            configured += 1;
        }
        self.most = (IN_ALL / configured.max(1)).clamp(AT_LEAST, OF_PATH);
        let former = self.paths.len() - configured;
        let mut too_many = former.saturating_sub(FORMER);
        let lost = &mut self.lost;
        self.paths.retain(|_, kept| {
            let goes = too_many > 0 && !kept.is_configured;
            if goes {
                too_many -= 1;
                *lost += kept.waiting() as u64;
            }
            !goes
        });
        for kept in self.paths.values_mut() {
            *lost += kept.shorten(self.most);
        }
    }

    /// Adds a verdict of a path where it is another one than the last. True where it is.
    pub(super) fn add(&mut self, path: &Arc<str>, verdict: PastVerdict) -> bool {
        let kept = self.paths.entry(Arc::clone(path)).or_default();
        let is_new = kept.judge(verdict);
        if is_new {
            self.lost += kept.shorten(self.most);
        }
        is_new
    }

    /// Keeps how a path goes on.
    pub(super) fn set_course(&mut self, path: &Arc<str>, course: Course) {
        let kept = self.paths.entry(Arc::clone(path)).or_default();
        kept.course = Some(Arc::new(course));
        kept.course_is_written = false;
    }

    /// How a path was to go on before this process; `None` where that is not known, or was taken already.
    pub(super) fn take_course(&mut self, path: &str) -> Option<Arc<Course>> {
        self.paths.get_mut(path)?.before.take()
    }

    /// Puts what a store kept before what is known.
    pub(super) fn restore(&mut self, past: KeptPast, now: Timestamp) {
        let KeptPast { seen_at, verdicts, courses } = past;
        let mut stored: BTreeMap<Arc<str>, Vec<Numbered>> = BTreeMap::new();
        for numbered in verdicts {
            stored.entry(Arc::clone(&numbered.path)).or_default().push(numbered);
        }
        // How long that was is not known either where the clock was set back.
        let gap = seen_at.filter(|seen_at| now.duration_since(*seen_at).abs() > GAP);
        for (path, verdicts) in stored {
            let kept = self.paths.entry(path).or_default();
            kept.restore(verdicts, gap);
            self.lost += kept.shorten(self.most);
        }
        for (path, course) in courses.into_iter().filter(|_| gap.is_none()) {
            self.paths.entry(path).or_default().before = Some(Arc::new(course));
        }
    }

    /// What is not in the store yet.
    pub(super) fn unwritten(&mut self) -> Unwritten {
        let lost = std::mem::take(&mut self.lost);
        let mut found = Unwritten { lost, most: self.most as u64, ..Unwritten::default() };
        for (path, kept) in &self.paths {
            found.waiting += kept.waiting();
            if kept.is_renumbered && found.verdicts.len() < AT_ONCE {
                found.renumbered.push(Arc::clone(path));
            }
            let room = AT_ONCE.saturating_sub(found.verdicts.len());
            found.verdicts.extend(kept.unwritten().take(room).map(|(number, verdict)| Numbered {
                path: Arc::clone(path),
                number,
                verdict: *verdict,
            }));
            let course = kept.course.as_ref().filter(|_| !kept.course_is_written);
            found.has_more_courses |= course.is_some() && found.courses.len() == AT_ONCE;
            let course = course.filter(|_| found.courses.len() < AT_ONCE);
            found.courses.extend(course.map(|course| (Arc::clone(path), Arc::clone(course))));
        }
        found
    }

    /// Notes that this is in the store.
    pub(super) fn mark_written(&mut self, written: &Unwritten) {
        for path in &written.renumbered {
            if let Some(kept) = self.paths.get_mut(path) {
                kept.is_renumbered = false;
            }
        }
        for Numbered { path, number, verdict } in &written.verdicts {
            // What was dated anew meanwhile is not in the store as it is now.
            if let Some(kept) = self.paths.get_mut(path)
                && kept.unwritten == *number
                && kept.get(*number).is_none_or(|known| known == verdict)
            {
                kept.unwritten += 1;
            }
        }
        for (path, course) in &written.courses {
            if let Some(kept) = self.paths.get_mut(path) {
                kept.course_is_written |= kept.course.as_ref().is_some_and(|known| Arc::ptr_eq(known, course));
            }
        }
    }

    /// Notes that nothing is in the store any more.
    pub(super) fn mark_all_unwritten(&mut self) {
        for kept in self.paths.values_mut() {
            kept.unwritten = kept.first;
            kept.is_renumbered = false;
            kept.course_is_written = kept.course.is_none();
        }
    }

    /// Drops what is older than a moment, but for what still held then.
    pub(super) fn prune(&mut self, before: Timestamp) {
        for kept in self.paths.values_mut() {
            while kept.verdicts.get(1).is_some_and(|second| second.at <= before) && kept.first < kept.unwritten {
                kept.verdicts.pop_front();
                kept.first += 1;
            }
            kept.own = kept.own.min(kept.verdicts.len());
        }
    }

    /// What is known of a path until now.
    pub(super) fn of(&self, path: &str, now: Timestamp) -> Option<PathHistory> {
        self.paths.get(path).filter(|kept| kept.is_configured).map(|kept| kept.history(now))
    }

    pub(super) fn all(&self, now: Timestamp) -> PastVerdicts {
        let configured = self.paths.iter().filter(|(_, kept)| kept.is_configured);
        let of = |(path, kept): (&Arc<str>, &Kept)| OfPath {
            instance: None,
            path: Arc::clone(path),
            history: kept.history(now),
        };
        PastVerdicts(configured.map(of).collect())
    }
}

impl Kept {
    /// Adds a verdict that is made now. True where anything is otherwise than before.
    fn judge(&mut self, verdict: PastVerdict) -> bool {
        let now = Instant::now();
        let judged = self.judged.replace((now, verdict.at));
        let is_redated = self.redate(verdict.at);
        // A clock that leaps ahead says nothing of what was in between.
        let leapt_from = judged.filter(|(then, at)| {
            let elapsed = SignedDuration::try_from(now.duration_since(*then)).unwrap_or(SignedDuration::MAX);
            verdict.at.duration_since(*at).saturating_sub(elapsed) > GAP
        });
        if let Some((_, from)) = leapt_from {
            self.add_own(PastVerdict::unwatched(from));
        }
        self.add_own(verdict) || is_redated
    }

    /// Nothing that this process saw was after now: where the clock was set back, what it dated before is dated by now.
    fn redate(&mut self, now: Timestamp) -> bool {
        let own = self.verdicts.len().saturating_sub(self.own);
        let mut first = None;
        for (place, verdict) in self.verdicts.iter_mut().enumerate().skip(own).filter(|(_, verdict)| verdict.at > now) {
            verdict.at = now;
            first.get_or_insert(place);
        }
        if let Some(first) = first {
            self.unwritten = self.unwritten.min(self.first.saturating_add(first as u64));
        }
        first.is_some()
    }

    fn add_own(&mut self, verdict: PastVerdict) -> bool {
        let is_new = self.add(verdict);
        self.own += usize::from(is_new);
        is_new
    }

    fn add(&mut self, verdict: PastVerdict) -> bool {
        // One that is dated after it was dated by a clock that was wrong, and is not believed.
        let is_new = self.verdicts.back().is_none_or(|last| !last.is_same(&verdict) || last.at > verdict.at);
        if is_new {
            self.verdicts.push_back(verdict);
        }
        is_new
    }

    /// The verdict of a number.
    fn get(&self, number: u64) -> Option<&PastVerdict> {
        self.verdicts.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// Drops the oldest where there are too many. Returns how many of them were never written.
    fn shorten(&mut self, most: usize) -> u64 {
        let mut lost = 0;
        while self.verdicts.len() > most {
            self.verdicts.pop_front();
            lost += u64::from(self.first >= self.unwritten);
            self.first += 1;
        }
        self.unwritten = self.unwritten.max(self.first);
        self.own = self.own.min(self.verdicts.len());
        lost
    }

    /// Puts what was kept before what is known; where nobody looked since `gap`, that is part of it.
    fn restore(&mut self, stored: Vec<Numbered>, gap: Option<Timestamp>) {
        let (Some(first), Some(last)) = (stored.first(), stored.last()) else { return };
        let is_without_gap = last.number < LAST_NUMBER && last.number - first.number == stored.len() as u64 - 1;
        self.is_renumbered = !is_without_gap;
        (self.first, self.unwritten) = if is_without_gap { (first.number, last.number + 1) } else { (0, 0) };
        let known = std::mem::take(&mut self.verdicts);
        self.verdicts = stored.into_iter().map(|numbered| numbered.verdict).collect();
        if let Some(since) = gap {
            self.add(PastVerdict::unwatched(since));
        }
        self.own = 0;
        for verdict in known {
            self.add_own(verdict);
        }
    }

    /// How many of them are in the store.
    fn written(&self) -> usize {
        usize::try_from(self.unwritten.saturating_sub(self.first)).unwrap_or(usize::MAX)
    }

    /// How many are not.
    fn waiting(&self) -> usize {
        self.verdicts.len().saturating_sub(self.written())
    }

    fn unwritten(&self) -> impl Iterator<Item = (u64, &PastVerdict)> {
        (self.unwritten..).zip(self.verdicts.iter().skip(self.written()))
    }

    fn history(&self, now: Timestamp) -> PathHistory {
        PathHistory::until(now, self.verdicts.iter().copied())
    }
}

/// The verdicts of many paths, maybe of several instances.
#[derive(Debug, Default)]
pub struct PastVerdicts(Vec<OfPath>);

/// The verdicts of one path.
#[derive(Debug)]
pub struct OfPath {
    /// Whose path it is; `None` where there is one instance alone.
    pub instance: Option<Arc<str>>,
    pub path: Arc<str>,
    pub history: PathHistory,
}

/// A path whose verdict is another one than before.
#[derive(Debug, Clone, Copy)]
pub struct VerdictChange<'a> {
    pub instance: Option<&'a str>,
    pub path: &'a str,
    /// Its verdict before; `None` where none is known.
    pub before: Option<&'a PastVerdict>,
    pub verdict: &'a PastVerdict,
}

impl PastVerdicts {
    /// The verdicts of these paths.
    pub fn new(paths: Vec<OfPath>) -> Self {
        Self(paths)
    }

    /// Since when the verdicts of all paths are known; `None` where no path was judged yet.
    pub fn since(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|of| of.history.known_since()).max()
    }

    /// Each change since a moment. That a path was ok when it was judged first is none.
    pub fn changes(&self, since: Timestamp) -> impl Iterator<Item = VerdictChange<'_>> {
        let changes = self.0.iter().flat_map(move |OfPath { instance, path, history }| {
            let instance = instance.as_deref();
            history.changes(since).map(move |(before, verdict)| VerdictChange { instance, path, before, verdict })
        });
        changes.filter(|change| change.before.is_some() || change.verdict.status != Status::Ok)
    }
}

#[cfg(test)]
mod tests;
