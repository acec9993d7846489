//! When each job runs next. Pure bookkeeping: the time is handed in, nothing is started here.

use crate::probe::Job;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The jobs that are planned, and when each is due.
///
/// A job runs at once when it is first planned, and from then on in a slot of its own within the interval. The slots
/// are spread by hash, so that the targets do not come all at once, and differently in every process, so that a fleet
/// of monitors does not either.
#[derive(Debug)]
pub struct Timetable {
    interval: Duration,
    epoch: Instant,
    hasher: RandomState,
    planned: BTreeMap<Job, Entry>,
    /// How many of the planned jobs were never done.
    undone: usize,
    queue: BTreeSet<(Instant, Job)>,
    running: BTreeSet<Job>,
    /// The running jobs that were started before the last restart.
    outdated: BTreeSet<Job>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    due: Instant,
    /// When it was done last; `None` where it never was.
    done: Option<Instant>,
}

impl Timetable {
    /// An empty timetable.
    pub fn new(interval: Duration, now: Instant) -> Self {
        Self {
            interval,
            epoch: now,
            hasher: RandomState::new(),
            planned: BTreeMap::new(),
            undone: 0,
            queue: BTreeSet::new(),
            running: BTreeSet::new(),
            outdated: BTreeSet::new(),
        }
    }

    /// Plans exactly `jobs`. What is new is due now. Returns the jobs that were planned before and are no more.
    pub fn plan(&mut self, mut jobs: BTreeSet<Job>, now: Instant) -> Vec<Job> {
        let mut dropped = Vec::new();
        let (queue, undone) = (&mut self.queue, &mut self.undone);
        self.planned.retain(|job, entry| {
            let stays = jobs.remove(job);
            if !stays {
                queue.remove(&(entry.due, job.clone()));
                *undone -= usize::from(entry.done.is_none());
                dropped.push(job.clone());
            }
            stays
        });
        self.undone += jobs.len();
        for job in jobs {
            self.queue.insert((now, job.clone()));
            self.planned.insert(job, Entry { due: now, done: None });
        }
        dropped
    }

    /// Takes up a new interval and makes every job due now, those that are running again once they end. Jobs that
    /// `rest` and were done keep their time.
    pub fn restart(&mut self, interval: Duration, now: Instant, rest: impl Fn(&Job) -> bool) {
        self.interval = interval;
        self.outdated = self.running.iter().filter(|job| !rest(job)).cloned().collect();
        self.queue.clear();
        for (job, entry) in &mut self.planned {
            if !(entry.done.is_some() && rest(job)) {
                entry.due = now;
            }
            self.queue.insert((entry.due, job.clone()));
        }
    }

    /// The next job that is due and not running. It counts as running until [`Self::finish`].
    pub fn start(&mut self, now: Instant) -> Option<Job> {
        loop {
            let (due, _) = self.queue.first()?;
            if *due > now {
                return None;
            }
            let (_, job) = self.queue.pop_first()?;
            // A job that still runs is queued again when it ends.
            if self.running.insert(job.clone()) {
                return Some(job);
            }
        }
    }

    /// Notes that a job ended, and that its finding stays good for `ttl`. False where the finding is of no use, because
    /// the job is no longer planned, or was begun before a restart and is to be done again.
    pub fn finish(&mut self, job: &Job, ttl: Duration, now: Instant) -> bool {
        self.running.remove(job);
        if self.outdated.remove(job) {
            if let Some(entry) = self.planned.get(job) {
                self.queue.insert((entry.due, job.clone()));
            }
            return false;
        }
        let due = self.next_slot(job, now + ttl);
        let Some(entry) = self.planned.get_mut(job) else { return false };
        self.queue.remove(&(entry.due, job.clone()));
        self.undone -= usize::from(entry.done.is_none());
        *entry = Entry { due, done: Some(now) };
        self.queue.insert((due, job.clone()));
        true
    }

    /// The first slot of a job after `after`.
    fn next_slot(&self, job: &Job, after: Instant) -> Instant {
        let nanoseconds = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let interval = nanoseconds(self.interval).max(1);
        let phase = self.hasher.hash_one(job) % interval;
        let since = nanoseconds(after.saturating_duration_since(self.epoch));
        let rounds = since.saturating_sub(phase) / interval + u64::from(since >= phase);
        self.epoch + Duration::from_nanos(phase.saturating_add(rounds.saturating_mul(interval)))
    }

    /// When the next job is due.
    pub fn next_due(&self) -> Option<Instant> {
        self.queue.first().map(|(due, _)| *due)
    }

    /// The jobs that were never done.
    pub fn undone(&self) -> impl Iterator<Item = &Job> {
        self.planned.iter().filter(|(_, entry)| entry.done.is_none()).map(|(job, _)| job)
    }

    /// Of the paths with a round under way, those whose round is over, given when each began: every job of the path was
    /// done since then, but for those whose findings stay good beyond the interval. Clocks, which belong to no path, are
    /// read in slots of the same interval, and are not waited for.
    pub fn rounds_over<'a>(&'a self, begun: &BTreeMap<&Arc<str>, Instant>) -> BTreeSet<&'a Arc<str>> {
        let (mut over, mut under_way) = (BTreeSet::new(), BTreeSet::new());
        for (job, entry) in &self.planned {
            let Some(path) = job.path() else { continue };
            let Some(begun) = begun.get(path) else { continue };
            if entry.done.is_some_and(|done| done > *begun) {
                over.insert(path);
            } else if entry.due <= *begun + self.interval {
                under_way.insert(path);
            }
        }
        over.retain(|path| !under_way.contains(path));
        over
    }

    /// True where every planned job was done at least once.
    pub fn is_complete(&self) -> bool {
        self.undone == 0
    }

    /// How many jobs were done at least once, and how many are planned.
    pub fn progress(&self) -> (usize, usize) {
        (self.planned.len() - self.undone, self.planned.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostPort;

    const INTERVAL: Duration = Duration::from_mins(1);

    fn job(name: &str) -> Job {
        Job::Ntp { source: HostPort::parse(name, 123).unwrap() }
    }

    fn jobs(names: &[&str]) -> BTreeSet<Job> {
        names.iter().map(|name| job(name)).collect()
    }

    fn started(timetable: &mut Timetable, now: Instant) -> BTreeSet<Job> {
        std::iter::from_fn(|| timetable.start(now)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_job_runs_at_once_and_then_once_an_interval() {
        let begun = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, begun);
        timetable.plan(jobs(&["a"]), begun);
        assert_eq!(started(&mut timetable, begun), jobs(&["a"]));
        assert_eq!(timetable.start(begun + INTERVAL * 9), None, "it still runs");
        assert!(timetable.finish(&job("a"), Duration::ZERO, begun));

        let first = timetable.next_due().unwrap();
        assert!(first > begun && first <= begun + INTERVAL);
        assert_eq!(timetable.start(first - Duration::from_nanos(1)), None);
        assert_eq!(timetable.start(first), Some(job("a")));
        assert!(timetable.finish(&job("a"), Duration::ZERO, first + Duration::from_secs(3)));
        assert_eq!(timetable.next_due(), Some(first + INTERVAL));
    }

    #[tokio::test(start_paused = true)]
    async fn slots_are_spread_over_the_interval() {
        let begun = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, begun);
        let names: Vec<_> = (0..1000).map(|number| format!("ntp{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        timetable.plan(jobs(&names), begun);
        for job in started(&mut timetable, begun) {
            timetable.finish(&job, Duration::ZERO, begun);
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
        timetable.plan(jobs(&["a"]), begun);
        timetable.start(begun);
        timetable.finish(&job("a"), INTERVAL * 5, begun);
        let due = timetable.next_due().unwrap();
        assert!(due > begun + INTERVAL * 5 && due <= begun + INTERVAL * 6);
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_planned_anew_while_it_runs_does_not_overlap_itself() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        timetable.plan(jobs(&["a"]), now);
        timetable.start(now);
        assert_eq!(timetable.plan(jobs(&[]), now), vec![job("a")]);
        timetable.plan(jobs(&["a"]), now);
        assert_eq!(timetable.start(now), None);
        assert!(timetable.finish(&job("a"), Duration::ZERO, now));
        assert!(timetable.next_due().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_that_is_no_longer_planned_does_not_come_back() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        timetable.plan(jobs(&["a", "b"]), now);
        started(&mut timetable, now);
        timetable.finish(&job("b"), Duration::ZERO, now);
        assert!(!timetable.is_complete());
        assert_eq!(timetable.plan(jobs(&["b"]), now), vec![job("a")]);
        assert!(timetable.is_complete());
        assert!(!timetable.finish(&job("a"), Duration::ZERO, now));
        assert_eq!(started(&mut timetable, now + INTERVAL), jobs(&["b"]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_restart_makes_everything_due_and_takes_the_new_interval() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        timetable.plan(jobs(&["a"]), now);
        timetable.start(now);
        timetable.finish(&job("a"), INTERVAL * 100, now);
        timetable.restart(INTERVAL / 60, now, |_| false);
        assert_eq!(timetable.start(now), Some(job("a")));
        timetable.finish(&job("a"), Duration::ZERO, now);
        assert!(timetable.next_due().unwrap() <= now + INTERVAL / 60);
        assert_eq!(timetable.progress(), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_rests_keeps_its_time_through_a_restart() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        timetable.plan(jobs(&["a", "b"]), now);
        timetable.start(now);
        timetable.start(now);
        timetable.finish(&job("a"), INTERVAL * 100, now);
        timetable.restart(INTERVAL, now, |_| true);
        assert!(timetable.finish(&job("b"), Duration::ZERO, now), "what was found meanwhile is of use");
        timetable.plan(jobs(&["a", "b", "c"]), now);
        assert_eq!(started(&mut timetable, now), jobs(&["c"]));
        assert_eq!(started(&mut timetable, now + INTERVAL * 2), jobs(&["b"]));
        assert_eq!(started(&mut timetable, now + INTERVAL * 102), jobs(&["a"]));
    }

    #[tokio::test(start_paused = true)]
    async fn what_ran_through_a_restart_is_done_again() {
        let now = Instant::now();
        let mut timetable = Timetable::new(INTERVAL, now);
        timetable.plan(jobs(&["a"]), now);
        timetable.start(now);
        timetable.restart(INTERVAL, now, |_| false);
        assert_eq!(timetable.start(now), None, "it still runs");
        assert!(!timetable.finish(&job("a"), INTERVAL * 100, now), "what it found is of the time before");
        assert_eq!(timetable.start(now), Some(job("a")));
        assert!(timetable.finish(&job("a"), Duration::ZERO, now));
    }

    const PATH: &str = "corp";

    /// A job of the path, and one of another path.
    fn jobs_of_paths() -> (Job, Job, Job) {
        let job =
            |path: &str, host: &str| Job::Address { path: path.into(), host: HostPort::parse(host, 1688).unwrap() };
        (job(PATH, "a"), job(PATH, "b"), job("other", "a"))
    }

    /// Whether the round of the path that began then is over.
    fn is_over(timetable: &Timetable, begun: Instant) -> bool {
        let path = PATH.into();
        !timetable.rounds_over(&BTreeMap::from([(&path, begun)])).is_empty()
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_is_over_once_every_job_of_the_path_was_done_again() {
        let begun = Instant::now();
        let (a, b, other) = jobs_of_paths();
        let mut timetable = Timetable::new(INTERVAL, begun);
        timetable.plan([a.clone(), b.clone(), other, job("ntp")].into(), begun);
        started(&mut timetable, begun);
        let second = |seconds| begun + Duration::from_secs(seconds);
        timetable.finish(&a, Duration::ZERO, second(1));
        assert!(!is_over(&timetable, begun), "one was never done");
        timetable.finish(&b, Duration::ZERO, second(2));
        assert!(is_over(&timetable, begun), "other paths and clocks are not waited for");
        assert!(!is_over(&timetable, second(2)), "what ended one round is not part of the next");
        timetable.finish(&b, Duration::ZERO, second(62));
        assert!(!is_over(&timetable, second(2)));
        timetable.finish(&a, Duration::ZERO, second(63));
        assert!(is_over(&timetable, second(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_does_not_wait_for_what_stays_good_beyond_it() {
        let begun = Instant::now();
        let (a, b, _) = jobs_of_paths();
        let mut timetable = Timetable::new(INTERVAL, begun);
        timetable.plan([a.clone(), b.clone()].into(), begun);
        started(&mut timetable, begun);
        timetable.finish(&a, INTERVAL * 60, begun);
        timetable.finish(&b, INTERVAL * 60, begun);
        assert!(!is_over(&timetable, begun), "a round in which nothing was done is none");
        timetable.finish(&b, Duration::ZERO, begun + INTERVAL);
        assert!(is_over(&timetable, begun));
        // In its last interval it comes due, and is waited for.
        let late = begun + INTERVAL * 60;
        timetable.finish(&b, Duration::ZERO, late + INTERVAL);
        assert!(!is_over(&timetable, late));
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_ends_without_what_is_no_longer_planned() {
        let begun = Instant::now();
        let (a, b, _) = jobs_of_paths();
        let mut timetable = Timetable::new(INTERVAL, begun);
        timetable.plan([a.clone(), b].into(), begun);
        timetable.finish(&a, Duration::ZERO, begun + INTERVAL);
        assert!(!is_over(&timetable, begun));
        timetable.plan([a].into(), begun + INTERVAL);
        assert!(is_over(&timetable, begun));
    }
}
