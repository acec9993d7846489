//! When each job runs next. Pure bookkeeping: the time is handed in, nothing is started here.

use crate::probe::Job;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::mem::{replace, take};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tracing::debug;

/// The jobs that are planned, and when each is due.
///
/// A job runs at once when it is first planned, and from then on in a slot of its own within the interval. The slots
/// are spread by hash, so that the targets do not come all at once, and differently in every process, so that a fleet
/// of monitors does not either. Whatever happens to one job costs the same however many there are, up to a logarithm.
#[derive(Debug)]
pub(super) struct Timetable {
    interval: Duration,
    epoch: Instant,
    hasher: RandomState,
    ids: HashMap<Arc<Job>, JobId>,
    entries: HashMap<JobId, Entry>,
    next_id: u64,
    queue: BTreeSet<(Instant, JobId)>,
    /// How many jobs are planned, and how many of them were never done.
    planned: usize,
    undone: usize,
    round: Round,
}

/// What a job goes by for as long as it is planned or runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct JobId(u64);

/// A job that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    /// What it goes by.
    pub(super) id: JobId,
    pub(super) job: Arc<Job>,
    /// When it became due.
    pub(super) since: Instant,
}

#[derive(Debug)]
struct Entry {
    job: Arc<Job>,
    /// Its place within the interval, of which this is to be taken modulo the interval.
    phase: u64,
    due: Instant,
    /// When it was done last; `None` where it never was.
    done: Option<Instant>,
    running: Running,
    /// False for one that was dropped while it ran, and is forgotten once it ends.
    is_planned: bool,
    /// True where the round is not over before it is done.
    is_awaited: bool,
}

/// Whether a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Running {
    No,
    Yes,
    /// It was begun before the last restart, and what it finds is superseded.
    Superseded,
}

/// The round that is under way: every job is done once in it, but for those whose findings stay good beyond the
/// interval.
#[derive(Debug)]
struct Round {
    begun: Instant,
    /// How many jobs are yet to be done in it.
    awaited: usize,
    /// When the first was done in it, or a restart came after that; `None` before. Its time runs from here.
    counts_from: Option<Instant>,
}

impl Timetable {
    /// An empty timetable.
    pub(super) fn new(interval: Duration, now: Instant) -> Self {
        Self {
            interval,
            epoch: now,
            hasher: RandomState::new(),
            ids: HashMap::new(),
            entries: HashMap::new(),
            next_id: 0,
            queue: BTreeSet::new(),
            planned: 0,
            undone: 0,
            round: Round { begun: now, awaited: 0, counts_from: None },
        }
    }

    /// Plans a job. One that is new is due now; one that is planned already stays as it is.
    pub(super) fn plan(&mut self, job: Job, now: Instant) {
        if let Some(id) = self.ids.get(&job) {
            // One that was dropped and still runs is taken up again: it is done once more after that.
            if let Some(entry) = self.entries.get_mut(id).filter(|entry| !entry.is_planned) {
                entry.is_planned = true;
                entry.done = None;
                entry.due = now;
                self.queue.insert((now, *id));
                (self.planned, self.undone) = (self.planned + 1, self.undone + 1);
                self.round.await_again(entry, self.interval);
            }
            return;
        }
        let (id, job) = (JobId(self.next_id), Arc::new(job));
        self.next_id += 1;
        let mut entry = Entry {
            phase: self.hasher.hash_one(&job),
            job: Arc::clone(&job),
            due: now,
            done: None,
            running: Running::No,
            is_planned: true,
            is_awaited: false,
        };
        self.round.await_again(&mut entry, self.interval);
        self.ids.insert(job, id);
        self.entries.insert(id, entry);
        self.queue.insert((now, id));
        (self.planned, self.undone) = (self.planned + 1, self.undone + 1);
    }

    /// Drops a job, whether it runs or not.
    pub(super) fn drop_job(&mut self, job: &Job) {
        let Some(id) = self.ids.get(job).copied() else { return };
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.is_planned) else { return };
        entry.is_planned = false;
        self.queue.remove(&(entry.due, id));
        self.planned -= 1;
        self.undone -= usize::from(entry.done.is_none());
        self.round.forget(entry);
        if entry.running == Running::No {
            self.remove(id);
        }
    }

    fn remove(&mut self, id: JobId) {
        if let Some(entry) = self.entries.remove(&id) {
            self.ids.remove(&entry.job);
        }
    }

    /// True for a job that is planned.
    pub(super) fn is_planned(&self, job: &Job) -> bool {
        self.ids.get(job).and_then(|id| self.entries.get(id)).is_some_and(|entry| entry.is_planned)
    }

    /// What a job goes by.
    #[cfg(test)]
    pub(super) fn id(&self, job: &Job) -> Option<JobId> {
        self.ids.get(job).copied()
    }

    /// The jobs that are planned.
    pub(super) fn jobs(&self) -> impl Iterator<Item = &Arc<Job>> {
        self.entries.values().filter(|entry| entry.is_planned).map(|entry| &entry.job)
    }

    /// Takes up a new interval and makes every job due now. A job that `keeps_time` and was done stays due when it was.
    /// One that is running counts as done once it ends where jobs `ask_the_same` as before, or it keeps its time; else
    /// it is done again.
    pub(super) fn restart(
        &mut self,
        interval: Duration,
        now: Instant,
        ask_the_same: bool,
        keeps_time: impl Fn(&Job) -> bool,
    ) {
        self.interval = interval;
        self.round.counts_from = self.round.counts_from.map(|_| now);
        self.queue.clear();
        for (id, entry) in &mut self.entries {
            let stays = keeps_time(&entry.job);
            // What a restart before this one made useless stays useless.
            if entry.running == Running::Yes && !stays && !ask_the_same {
                entry.running = Running::Superseded;
            }
            if !(entry.done.is_some() && stays) {
                entry.due = now;
            }
            if entry.is_planned {
                self.queue.insert((entry.due, *id));
                self.round.forget(entry);
                self.round.await_again(entry, interval);
            }
        }
    }

    /// The next job that is due and not running. It counts as running until [`Self::finish`].
    pub(super) fn start(&mut self, now: Instant) -> Option<Due> {
        loop {
            let (due, id) = *self.queue.first()?;
            if due > now {
                return None;
            }
            self.queue.pop_first();
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            // A job that still runs is queued again when it ends.
            if entry.running == Running::No {
                entry.running = Running::Yes;
                return Some(Due { id, job: Arc::clone(&entry.job), since: due });
            }
            debug!(target = %entry.job, "skipped: the probe before it still runs");
        }
    }

    /// Notes that a job ended, and that its finding stays good for `ttl`. Returns the job; `None` where the finding is
    /// of no use, because the job is no longer planned, or was begun before a restart and is to be done again.
    pub(super) fn finish(&mut self, id: JobId, ttl: Duration, now: Instant) -> Option<Arc<Job>> {
        let entry = self.entries.get_mut(&id)?;
        let was_running = replace(&mut entry.running, Running::No);
        if !entry.is_planned {
            self.remove(id);
            return None;
        }
        if was_running == Running::Superseded {
            self.queue.insert((entry.due, id));
            return None;
        }
        self.queue.remove(&(entry.due, id));
        self.undone -= usize::from(entry.done.is_none());
        entry.due = next_slot(self.epoch, self.interval, entry.phase, now + ttl);
        entry.done = Some(now);
        self.queue.insert((entry.due, id));
        self.round.forget(entry);
        if now > self.round.begun {
            self.round.counts_from.get_or_insert(now);
        } else {
            self.round.await_again(entry, self.interval);
        }
        Some(Arc::clone(&entry.job))
    }

    /// When the next job is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.queue.first().map(|(due, _)| *due)
    }

    pub(super) fn begin_round(&mut self, now: Instant) {
        self.round = Round { begun: now, awaited: 0, counts_from: None };
        for entry in self.entries.values_mut().filter(|entry| entry.is_planned) {
            entry.is_awaited = false;
            self.round.await_again(entry, self.interval);
        }
    }

    /// True where the round is over: every job was done since it began, but for those whose findings stay good beyond
    /// the interval.
    pub(super) const fn round_is_over(&self) -> bool {
        self.round.counts_from.is_some() && self.round.awaited == 0
    }

    /// When the time of the round ends, whatever is still to be done in it; `None` where nothing was done in it. All that
    /// is planned comes due within the interval, and what follows from that takes `longest` at most.
    pub(super) fn round_ends(&self, longest: Duration) -> Option<Instant> {
        Some(self.round.counts_from? + self.interval + longest)
    }

    /// True where every planned job was done at least once.
    pub(super) const fn is_complete(&self) -> bool {
        self.undone == 0
    }

    /// How many jobs were done at least once, and how many are planned.
    pub(super) const fn progress(&self) -> (usize, usize) {
        (self.planned - self.undone, self.planned)
    }
}

impl Round {
    /// Waits for a job that was not done in this round and comes due in it.
    fn await_again(&mut self, entry: &mut Entry, interval: Duration) {
        let is_done = entry.done.is_some_and(|done| done > self.begun);
        entry.is_awaited = !is_done && entry.due <= self.begun + interval;
        self.awaited += usize::from(entry.is_awaited);
    }

    /// Waits for a job no more.
    fn forget(&mut self, entry: &mut Entry) {
        self.awaited -= usize::from(take(&mut entry.is_awaited));
    }
}

/// The first slot after `after` of a job that has this phase.
fn next_slot(epoch: Instant, interval: Duration, phase: u64, after: Instant) -> Instant {
    let nanoseconds = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let interval = nanoseconds(interval).max(1);
    let phase = phase % interval;
    let since = nanoseconds(after.saturating_duration_since(epoch));
    let rounds = since.saturating_sub(phase) / interval + u64::from(since >= phase);
    epoch + Duration::from_nanos(phase.saturating_add(rounds.saturating_mul(interval)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostPort;

    const INTERVAL: Duration = Duration::from_mins(1);

    fn job(name: &str) -> Job {
        Job::Ntp(HostPort::parse(name, 123).unwrap())
    }

    /// Plans exactly these jobs. Returns those that were planned before and are no more.
    fn plan(timetable: &mut Timetable, jobs: BTreeSet<Job>, now: Instant) -> Vec<Job> {
        let planned: BTreeSet<Job> = timetable.jobs().map(|job| Job::clone(job)).collect();
        let dropped: Vec<_> = planned.difference(&jobs).cloned().collect();
        for job in &dropped {
            timetable.drop_job(job);
        }
        for job in jobs {
            timetable.plan(job, now);
        }
        dropped
    }

    fn start(timetable: &mut Timetable, now: Instant) -> Option<Job> {
        timetable.start(now).map(|due| Job::clone(&due.job))
    }

    fn finish(timetable: &mut Timetable, job: &Job, ttl: Duration, now: Instant) -> bool {
        timetable.ids.get(job).copied().is_some_and(|id| timetable.finish(id, ttl, now).is_some())
    }

    fn jobs(names: &[&str]) -> BTreeSet<Job> {
        names.iter().map(|name| job(name)).collect()
    }

    fn started(timetable: &mut Timetable, now: Instant) -> BTreeSet<Job> {
        std::iter::from_fn(|| start(timetable, now)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_job_runs_at_once_and_then_once_an_interval() {
        let begun = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, begun);
        plan(&mut timetable, jobs(&["a"]), begun);
        assert_eq!(started(&mut timetable, begun), jobs(&["a"]));
        assert_eq!(start(&mut timetable, begun + INTERVAL * 9), None, "it still runs");
        assert!(finish(&mut timetable, &job("a"), Duration::ZERO, begun));

        let first = timetable.next_due().unwrap();
        assert!(first > begun && first <= begun + INTERVAL);
        assert_eq!(start(&mut timetable, first - Duration::from_nanos(1)), None);
        assert_eq!(start(&mut timetable, first), Some(job("a")));
        assert!(finish(&mut timetable, &job("a"), Duration::ZERO, first + Duration::from_secs(3)));
        assert_eq!(timetable.next_due(), Some(first + INTERVAL));
    }

    #[tokio::test(start_paused = true)]
    async fn slots_are_spread_over_the_interval() {
        let begun = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, begun);
        let names: Vec<_> = (0..1000).map(|number| format!("ntp{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        plan(&mut timetable, jobs(&names), begun);
        for job in started(&mut timetable, begun) {
            finish(&mut timetable, &job, Duration::ZERO, begun);
        }
        let mut least = usize::MAX;
        for quarter in 1..=4 {
            least = least.min(started(&mut timetable, begun + INTERVAL * quarter / 4).len());
        }
        assert!(least > 150, "of 1000 jobs only {least} are in one quarter of the interval");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_for_its_time_to_live() {
        let begun = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, begun);
        plan(&mut timetable, jobs(&["a"]), begun);
        start(&mut timetable, begun);
        finish(&mut timetable, &job("a"), INTERVAL * 5, begun);
        let due = timetable.next_due().unwrap();
        assert!(due > begun + INTERVAL * 5 && due <= begun + INTERVAL * 6);
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_planned_anew_while_it_runs_does_not_overlap_itself() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        plan(&mut timetable, jobs(&["a"]), now);
        start(&mut timetable, now);
        assert_eq!(plan(&mut timetable, jobs(&[]), now), vec![job("a")]);
        plan(&mut timetable, jobs(&["a"]), now);
        assert_eq!(start(&mut timetable, now), None);
        assert!(finish(&mut timetable, &job("a"), Duration::ZERO, now));
        assert!(timetable.next_due().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_no_longer_planned_does_not_come_back() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        plan(&mut timetable, jobs(&["a", "b"]), now);
        started(&mut timetable, now);
        finish(&mut timetable, &job("b"), Duration::ZERO, now);
        assert!(!timetable.is_complete());
        assert_eq!(plan(&mut timetable, jobs(&["b"]), now), vec![job("a")]);
        assert!(timetable.is_complete());
        assert!(!finish(&mut timetable, &job("a"), Duration::ZERO, now));
        assert_eq!(started(&mut timetable, now + INTERVAL), jobs(&["b"]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_restart_makes_everything_due_and_takes_the_new_interval() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        plan(&mut timetable, jobs(&["a"]), now);
        start(&mut timetable, now);
        finish(&mut timetable, &job("a"), INTERVAL * 100, now);
        timetable.restart(INTERVAL / 60, now, false, |_| false);
        assert_eq!(start(&mut timetable, now), Some(job("a")));
        finish(&mut timetable, &job("a"), Duration::ZERO, now);
        assert!(timetable.next_due().unwrap() <= now + INTERVAL / 60);
        assert_eq!(timetable.progress(), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_rests_keeps_its_time_through_a_restart() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        plan(&mut timetable, jobs(&["a", "b"]), now);
        start(&mut timetable, now);
        start(&mut timetable, now);
        finish(&mut timetable, &job("a"), INTERVAL * 100, now);
        timetable.restart(INTERVAL, now, false, |_| true);
        assert!(finish(&mut timetable, &job("b"), Duration::ZERO, now), "what was found meanwhile is of use");
        plan(&mut timetable, jobs(&["a", "b", "c"]), now);
        assert_eq!(started(&mut timetable, now), jobs(&["c"]));
        assert_eq!(started(&mut timetable, now + INTERVAL * 2), jobs(&["b"]));
        assert_eq!(started(&mut timetable, now + INTERVAL * 102), jobs(&["a"]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_ran_through_a_restart_is_done_again() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        plan(&mut timetable, jobs(&["a"]), now);
        start(&mut timetable, now);
        timetable.restart(INTERVAL, now, false, |_| false);
        assert_eq!(start(&mut timetable, now), None, "it still runs");
        assert!(!finish(&mut timetable, &job("a"), INTERVAL * 100, now), "what it found is of the time before");
        assert_eq!(start(&mut timetable, now), Some(job("a")));
        assert!(finish(&mut timetable, &job("a"), Duration::ZERO, now));
    }

    #[tokio::test(start_paused = true)]
    async fn what_runs_through_restarts_that_ask_the_same_is_done() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        plan(&mut timetable, jobs(&["a"]), now);
        start(&mut timetable, now);
        for second in 1..=3 {
            timetable.restart(INTERVAL, now + Duration::from_secs(second), true, |_| false);
            assert_eq!(start(&mut timetable, now + Duration::from_secs(second)), None, "it still runs");
        }
        assert!(finish(&mut timetable, &job("a"), Duration::ZERO, now + Duration::from_secs(4)));
        assert_eq!(start(&mut timetable, now + Duration::from_secs(4)), None, "and is not done again at once");
        // One that asks otherwise makes it useless, whatever comes after that.
        timetable.restart(INTERVAL, now + INTERVAL, true, |_| false);
        start(&mut timetable, now + INTERVAL);
        timetable.restart(INTERVAL, now + INTERVAL, false, |_| false);
        timetable.restart(INTERVAL, now + INTERVAL, true, |_| true);
        assert!(!finish(&mut timetable, &job("a"), Duration::ZERO, now + INTERVAL));
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_is_over_once_every_job_was_done_again() {
        let begun = Instant::now();
        let (a, b) = (job("a"), job("b"));
        let mut timetable = Timetable::new(INTERVAL, begun);
        plan(&mut timetable, jobs(&["a", "b"]), begun);
        started(&mut timetable, begun);
        let second = |seconds| begun + Duration::from_secs(seconds);
        finish(&mut timetable, &a, Duration::ZERO, second(1));
        assert!(!timetable.round_is_over(), "one was never done");
        finish(&mut timetable, &b, Duration::ZERO, second(2));
        assert!(timetable.round_is_over());
        timetable.begin_round(second(2));
        assert!(!timetable.round_is_over(), "what ended one round is not part of the next");
        finish(&mut timetable, &b, Duration::ZERO, second(62));
        assert!(!timetable.round_is_over());
        finish(&mut timetable, &a, Duration::ZERO, second(63));
        assert!(timetable.round_is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_does_not_wait_for_what_stays_good_beyond_it() {
        let begun = Instant::now();
        let (a, b) = (job("a"), job("b"));
        let mut timetable = Timetable::new(INTERVAL, begun);
        plan(&mut timetable, jobs(&["a", "b"]), begun);
        started(&mut timetable, begun);
        finish(&mut timetable, &a, INTERVAL * 60, begun);
        finish(&mut timetable, &b, INTERVAL * 60, begun);
        assert!(!timetable.round_is_over(), "a round in which nothing was done is none");
        finish(&mut timetable, &b, Duration::ZERO, begun + INTERVAL);
        assert!(timetable.round_is_over());
        // In its last interval it comes due, and is waited for.
        let late = begun + INTERVAL * 60;
        timetable.begin_round(late);
        finish(&mut timetable, &b, Duration::ZERO, late + INTERVAL);
        assert!(!timetable.round_is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_ends_without_what_is_no_longer_planned() {
        let begun = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, begun);
        plan(&mut timetable, jobs(&["a", "b"]), begun);
        finish(&mut timetable, &job("a"), Duration::ZERO, begun + INTERVAL);
        assert!(!timetable.round_is_over());
        plan(&mut timetable, jobs(&["a"]), begun + INTERVAL);
        assert!(timetable.round_is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn a_restart_is_part_of_the_round_under_way() {
        let begun = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, begun);
        plan(&mut timetable, jobs(&["a"]), begun);
        started(&mut timetable, begun);
        finish(&mut timetable, &job("a"), INTERVAL * 60, begun);
        timetable.begin_round(begun);
        timetable.restart(INTERVAL, begun + INTERVAL / 2, false, |_| false);
        assert!(!timetable.round_is_over());
        finish(&mut timetable, &job("a"), INTERVAL * 60, begun + INTERVAL / 2);
        assert!(timetable.round_is_over());
    }
}
