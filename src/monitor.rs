//! Runs the jobs when they are due, a bounded number at once, and publishes what they found.

mod changes;
mod damping;
mod recovery;
pub mod timetable;

use crate::clock::Moment;
use crate::clock_report::ClockReport;
use crate::config::Config;
use crate::counters::Counters;
use crate::findings::{Findings, PathFindings};
use crate::fleet::Aggregate;
use crate::monitor::timetable::Timetable;
use crate::path::{Path, Way};
use crate::probe::{self, Finding, Job, Means};
use crate::state::{PathReport, State};
use crate::verdict::{self, Reported};
use crate::walk::Walk;
use damping::{Damper, Now};
use recovery::Recovery;
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use std::mem::{replace, take};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

/// The least time between two publications. Laying out a path of a thousand targets takes milliseconds, and readers
/// come every few seconds.
const PAUSE: Duration = Duration::from_millis(100);

/// The one task that probes.
#[derive(Debug)]
pub struct Scheduler {
    config: Arc<Config>,
    state: Arc<State>,
    counters: Arc<Counters>,
    findings: Findings,
    timetable: Timetable,
    running: JoinSet<(Job, Finding)>,
    /// The paths with findings that are not published yet.
    touched: BTreeSet<Arc<str>>,
    published_at: Instant,
    /// The paths that have a verdict.
    judged: BTreeMap<Arc<str>, Judged>,
}

/// A path that has a verdict.
#[derive(Debug)]
struct Judged {
    damper: Damper,
    recovery: Recovery,
    /// When the round began that is under way.
    round_begun: Instant,
    /// True once it was known what machines on the path report.
    knows_machines: bool,
}

impl Scheduler {
    /// A scheduler whose first round is due at once. It publishes to `state` and counts in `counters`.
    pub fn new(config: Arc<Config>, state: Arc<State>, counters: Arc<Counters>) -> Self {
        let now = Instant::now();
        let mut scheduler = Self {
            timetable: Timetable::new(config.probe.interval, now),
            config,
            state,
            counters,
            findings: Findings::default(),
            running: JoinSet::new(),
            touched: BTreeSet::new(),
            published_at: now,
            judged: BTreeMap::new(),
        };
        scheduler.replan();
        scheduler.publish();
        scheduler
    }

    /// Takes up another configuration: what is in both is kept, and a round begins at once.
    pub fn reconfigure(&mut self, config: Arc<Config>) {
        let before = replace(&mut self.config, config);
        self.judged.retain(|name, judged| {
            let named = |config: &Config| config.paths.iter().find(|path| path.name == *name).cloned();
            let path = named(&self.config);
            if path != named(&before) {
                judged.damper.outdate();
            }
            path.is_some()
        });
        self.findings.forget_denials();
        self.replan();
        let findings = &self.findings;
        self.timetable.restart(self.config.probe.interval, Instant::now(), |job| findings.lets_rest(job));
        self.judge_anew();
    }

    /// Starts what is due, then waits until something ends, comes due or is to be published. Nothing is lost where the
    /// future is dropped.
    ///
    /// # Errors
    /// The panic of a probe, which is a fault of this program.
    pub async fn step(&mut self) -> Result<(), JoinError> {
        self.start_due();
        let full = self.running.len() >= self.config.probe.concurrency;
        let next = self.timetable.next_due().filter(|_| !full);
        let publication = (!self.touched.is_empty()).then(|| self.published_at + PAUSE);
        let release = self.next_release();
        tokio::select! {
            Some(ended) = self.running.join_next() => {
                let mut taken = vec![ended?];
                // Whatever else has ended is taken in with it, so that planning and judging are done once.
                while let Some(ended) = self.running.try_join_next() {
                    taken.push(ended?);
                }
                self.take_in(taken);
            }
            () = at(next) => {}
            () = at(publication) => self.publish(),
            () = at(release) => self.judge_anew(),
            () = self.state.fleet_changed() => self.touched = self.all_paths(),
        }
        Ok(())
    }

    /// Judges every path by what is known now, of it and of the machines on it, and publishes that.
    pub fn judge_anew(&mut self) {
        self.touched = self.all_paths();
        self.publish();
    }

    /// True once every planned job was done. What they found is published then.
    pub fn is_complete(&self) -> bool {
        self.timetable.is_complete()
    }

    /// How many jobs were done at least once, and how many are planned so far.
    pub fn progress(&self) -> (usize, usize) {
        self.timetable.progress()
    }

    fn start_due(&mut self) {
        while self.running.len() < self.config.probe.concurrency {
            let Some(job) = self.timetable.start(Instant::now()) else { break };
            let means = self.means(&job);
            let before = self.findings.recall(&job);
            self.running.spawn(async move {
                let finding = probe::run(&job, &means, before).await;
                (job, finding)
            });
        }
    }

    /// What a job is done with: that of its path, or what clocks are read with.
    fn means(&self, job: &Job) -> Means {
        let path = self.config.paths.iter().find(|path| Some(&path.name) == job.path());
        let trust = match path.map(|path| &path.way) {
            Some(Way::Online(online)) => Some(online.trust.clone()),
            Some(Way::Kms(_)) | None => None,
        };
        let resolution = path.map_or(&self.config.clock.resolution, |path| &path.resolution).clone();
        Means { resolution, trust, timeout: self.config.probe.timeout }
    }

    fn take_in(&mut self, taken: Vec<(Job, Finding)>) {
        let leads_on = taken.iter().any(|(job, _)| job.leads_on());
        let was_complete = self.is_complete();
        for (job, finding) in taken {
            self.touch(&job);
            self.record(&job, finding);
        }
        if leads_on {
            self.replan();
        }
        // A round that has just become complete is waited for.
        if self.published_at.elapsed() >= PAUSE || (self.is_complete() && !was_complete) {
            self.publish();
        }
    }

    /// Marks the paths whose walks a job is part of.
    fn touch(&mut self, job: &Job) {
        match job {
            Job::Srv { path, .. }
            | Job::Address { path, .. }
            | Job::Connect { path, .. }
            | Job::Online { path, .. } => {
                self.touched.insert(Arc::clone(path));
            }
            Job::Ntp { .. } => self.touched = self.all_paths(),
            Job::HostClock { address, .. } => {
                let host = BTreeSet::from([*address]);
                let with_host = self.findings.paths.iter().filter(|(_, findings)| findings.connects_to_any(&host));
                self.touched.extend(with_host.map(|(path, _)| Arc::clone(path)));
            }
        }
    }

    /// Takes in what a job found, unless it is no longer planned.
    fn record(&mut self, job: &Job, finding: Finding) {
        let observations = finding.observations().to_vec();
        if !self.timetable.finish(job, finding.time_to_live(), Instant::now()) {
            return;
        }
        let replaced = self.findings.record(job, finding);
        // Clocks are looked at all together, when they are published.
        let Some(path) = job.path() else { return };
        for observation in &observations {
            let before = replaced.iter().find(|before| before.stage == observation.stage);
            changes::log_stage(path, job, before, observation);
            self.counters.path(path).count(observation);
        }
    }

    fn replan(&mut self) {
        let jobs = self.findings.plan(&self.config);
        for job in self.timetable.plan(jobs, Instant::now()) {
            self.findings.forget(&job);
        }
    }

    fn all_paths(&self) -> BTreeSet<Arc<str>> {
        self.config.paths.iter().map(|path| Arc::clone(&path.name)).collect()
    }

    /// When the next verdict ends to be held. One whose path cannot be judged at that time waits until it can.
    fn next_release(&self) -> Option<Instant> {
        let held = self.judged.values().filter_map(|judged| judged.damper.held_until(self.config.verdict));
        held.filter(|end| *end > self.published_at).min()
    }

    /// Publishes the paths that were touched, as far as all their jobs were done, beside those published before. A path
    /// with a target that was never probed stays as it was, so that no verdict is made of half a round.
    fn publish(&mut self) {
        let touched = take(&mut self.touched);
        self.published_at = Instant::now();
        let before = self.state.snapshot();
        let clocks = ClockReport::new(&self.findings, &self.config.clock, Moment::now());
        changes::log_clocks(&before.clocks, &clocks);
        let ready = before.ready || self.timetable.is_complete();
        let incomplete = self.incomplete();
        let rounds_over = self.rounds_over();
        let config = Arc::clone(&self.config);
        let paths = config.paths.iter().filter_map(|path| {
            let known = before.paths.iter().find(|report| report.name == path.name);
            let is_whole = !incomplete.contains(&path.name);
            if is_whole && (known.is_none() || touched.contains(&path.name)) {
                let ends_round = rounds_over.contains(&path.name);
                let report = self.report(path, &clocks, before.fleet.as_deref(), ends_round);
                changes::log_verdict(known.map(AsRef::as_ref), &report);
                changes::log_lag(known.map(AsRef::as_ref), &report);
                Some(Arc::new(report))
            } else {
                known.cloned()
            }
        });
        let paths = paths.collect();
        self.state.update(|snapshot| {
            snapshot.paths = paths;
            snapshot.clocks = Arc::new(clocks);
            snapshot.ready = ready;
        });
    }

    /// The paths with a job that was never done, of their own or of a clock that their walks show.
    fn incomplete(&self) -> BTreeSet<Arc<str>> {
        let mut incomplete = BTreeSet::new();
        let mut unread = BTreeSet::new();
        for job in self.timetable.undone() {
            match job {
                Job::Srv { path, .. }
                | Job::Address { path, .. }
                | Job::Connect { path, .. }
                | Job::Online { path, .. } => {
                    incomplete.insert(Arc::clone(path));
                }
                Job::Ntp { .. } => return self.all_paths(),
                Job::HostClock { address, .. } => _ = unread.insert(*address),
            }
        }
        let waiting = self.findings.paths.iter().filter(|(_, findings)| findings.connects_to_any(&unread));
        incomplete.extend(waiting.map(|(path, _)| Arc::clone(path)));
        incomplete
    }

    /// The paths whose round is over.
    fn rounds_over(&self) -> BTreeSet<Arc<str>> {
        let begun = self.judged.iter().map(|(path, judged)| (path, judged.round_begun)).collect();
        self.timetable.rounds_over(&begun).into_iter().cloned().collect()
    }

    /// Judges a path, and decides which verdict is shown.
    fn report(&mut self, path: &Path, clocks: &ClockReport, fleet: Option<&Aggregate>, ends_round: bool) -> PathReport {
        let nothing = PathFindings::default();
        let findings = self.findings.paths.get(&path.name).unwrap_or(&nothing);
        let mut walk = Walk::new(path, findings, clocks);
        if let Some(fleet) = fleet {
            walk.hear(&fleet.kms_hosts, fleet.as_of);
        }
        let (now, damping) = (Now::read(), self.config.verdict);
        let mut recovery = self.judged.get_mut(&path.name).map(|judged| take(&mut judged.recovery)).unwrap_or_default();
        recovery.take_in(&walk, now.shown);
        let runway = fleet.and_then(|fleet| fleet.paths.get(&path.name)).cloned();
        let reported = Reported {
            runway: runway.as_ref(),
            symptoms: fleet.and_then(|fleet| fleet.symptoms.get(&path.name)),
            is_outdated: fleet.is_some_and(|fleet| recovery.is_later_than(fleet.as_of)),
        };
        let made = verdict::judge(&path.name, &walk, reported);
        let mended_at = recovery.mended_at();
        let knows_machines = runway.is_some();
        let judged = match self.judged.entry(Arc::clone(&path.name)) {
            Entry::Vacant(entry) => {
                let (damper, round_begun) = (Damper::new(made, now), now.running);
                entry.insert(Judged { damper, recovery, round_begun, knows_machines })
            }
            Entry::Occupied(entry) => {
                let judged = entry.into_mut();
                judged.recovery = recovery;
                // At the start the machines are added up while the paths are probed. What they report did not begin then.
                if knows_machines && !replace(&mut judged.knows_machines, true) {
                    judged.damper.outdate();
                }
                judged.damper.take_in(made, ends_round, damping, now);
                if ends_round {
                    judged.round_begun = now.running;
                }
                judged
            }
        };
        let damper = &judged.damper;
        PathReport {
            name: Arc::clone(&path.name),
            verdict: damper.shown().clone(),
            since: damper.since(),
            held_until: damper.held_until(damping).map(|end| now.shown + (end - now.running)),
            pending: damper.pending(damping),
            mended_at,
            walk,
            runway,
        }
    }
}

/// Waits for a moment; without end where there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
