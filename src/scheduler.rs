//! Runs the jobs when they are due, a bounded number at once, and publishes what they found.

use crate::clock::{self, Reference};
use crate::config::Config;
use crate::findings::{Findings, PathFindings};
use crate::metrics::Counters;
use crate::observation::Observation;
use crate::path::{Path, Resolution};
use crate::probe::{self, Finding, Job};
use crate::state::{ClockReport, ClockSource, PathReport, State};
use crate::timetable::Timetable;
use crate::verdict::{self, Status};
use crate::walk::{ClockReading, Walk};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

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
        };
        scheduler.replan();
        scheduler.publish();
        scheduler
    }

    /// Takes up another configuration: what is in both is kept, and a round begins at once.
    pub fn reconfigure(&mut self, config: Arc<Config>) {
        self.config = config;
        self.replan();
        self.timetable.restart(self.config.probe.interval, Instant::now());
        self.touched = self.all_paths();
        self.publish();
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
        }
        Ok(())
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
            let resolution = self.resolution(&job).clone();
            let timeout = self.config.probe.timeout;
            self.running.spawn(async move {
                let finding = probe::run(&job, &resolution, timeout).await;
                (job, finding)
            });
        }
    }

    fn resolution(&self, job: &Job) -> &Resolution {
        let path = self.config.paths.iter().find(|path| Some(&path.name) == job.path());
        path.map_or(&self.config.clock.resolution, |path| &path.resolution)
    }

    fn take_in(&mut self, taken: Vec<(Job, Finding)>) {
        let leads_on = taken.iter().any(|(job, _)| job.leads_on());
        let was_complete = self.is_complete();
        for (job, finding) in taken {
            match job.path() {
                Some(path) => _ = self.touched.insert(Arc::clone(path)),
                // The clock is part of every path's walk.
                None => self.touched = self.all_paths(),
            }
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

    /// Takes in what a job found, unless it is no longer planned.
    fn record(&mut self, job: &Job, finding: Finding) {
        let observations = finding.observations().to_vec();
        if !self.timetable.finish(job, finding.time_to_live(), Instant::now()) {
            return;
        }
        let replaced = self.findings.record(job, finding);
        for observation in &observations {
            let before = replaced.iter().find(|before| before.stage == observation.stage);
            log_change(job, before, observation);
            if let Some(path) = job.path() {
                self.counters.count(path, observation);
            }
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

    /// Publishes the paths that were touched, as far as all their jobs were done, beside those published before. A path
    /// with a target that was never probed stays as it was, so that no verdict is made of half a round.
    fn publish(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        self.published_at = Instant::now();
        let before = self.state.snapshot();
        let incomplete = self.timetable.incomplete();
        let clock = self.clock();
        let reading = clock.reference.and_then(|reference| reading(reference, &clock));
        let ready = before.ready || incomplete.is_empty();
        // The clock is part of every path's walk, so before the time servers were heard no walk is whole.
        let clock_is_open = incomplete.contains(&None);
        let paths = self.config.paths.iter().filter_map(|path| {
            let known = before.paths.iter().find(|report| report.name == path.name);
            let is_whole = !clock_is_open && !incomplete.contains(&Some(Arc::clone(&path.name)));
            if is_whole && (known.is_none() || touched.contains(&path.name)) {
                let report = self.report(path, reading);
                log_verdict(known.map(AsRef::as_ref), &report);
                Some(Arc::new(report))
            } else {
                known.cloned()
            }
        });
        let paths = paths.collect();
        self.state.update(|snapshot| {
            snapshot.paths = paths;
            snapshot.clock = Arc::new(clock);
            snapshot.ready = ready;
        });
    }

    fn report(&self, path: &Path, clock: Option<ClockReading>) -> PathReport {
        let nothing = PathFindings::default();
        let findings = self.findings.paths.get(&path.name).unwrap_or(&nothing);
        let walk = Walk::new(path, findings, clock);
        PathReport { name: Arc::clone(&path.name), verdict: verdict::judge(&path.name, &walk), walk }
    }

    fn clock(&self) -> ClockReport {
        let sources: Vec<_> = self
            .findings
            .clocks
            .iter()
            .map(|(source, answer)| ClockSource {
                source: source.clone(),
                observation: answer.observation.clone(),
                sample: answer.sample,
            })
            .collect();
        let samples: Vec<_> = sources.iter().filter_map(|source| source.sample).collect();
        ClockReport { reference: clock::agree(&samples), sources }
    }
}

/// Waits for a moment; without end where there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// When and in what time the latest of the servers behind a reference was asked.
fn reading(reference: Reference, clock: &ClockReport) -> Option<ClockReading> {
    let heard = clock.sources.iter().filter(|source| source.sample.is_some());
    let latest = heard.max_by_key(|source| source.observation.observed_at)?;
    Some(ClockReading { reference, observed_at: latest.observation.observed_at, duration: latest.observation.duration })
}

/// One line when a stage begins to fail, fails for another reason, or passes again; none while nothing changes.
fn log_change(job: &Job, before: Option<&Observation>, now: &Observation) {
    if now.reason == before.and_then(|before| before.reason) {
        return;
    }
    let (path, target) = (job.path().map(AsRef::as_ref), job.to_string());
    if let Some(reason) = now.reason {
        warn!(path, stage = now.stage.as_str(), target, reason = reason.as_str(), detail = now.detail, "stage fails");
    } else {
        info!(path, stage = now.stage.as_str(), target, detail = now.detail, "stage passes");
    }
}

/// One line when a verdict changes.
fn log_verdict(before: Option<&PathReport>, now: &PathReport) {
    let essence = |report: &PathReport| (report.verdict.status, report.verdict.stage, report.verdict.reason);
    if before.map(essence) == Some(essence(now)) {
        return;
    }
    let (path, verdict, summary) = (now.name.as_ref(), now.verdict.status.as_str(), now.verdict.summary.as_str());
    match now.verdict.status {
        Status::Ok => info!(path, verdict, "{summary}"),
        Status::Degraded | Status::Blocked => warn!(path, verdict, "{summary}"),
    }
}
