//! The one task that reads clocks: time servers, and those of the KMS hosts that any path leads to.

use super::changes;
use super::clocks::Watch;
use super::runner::{Runner, at};
use super::shared::{Acknowledgement, Shared};
use crate::clock::Moment;
use crate::clock::comparison::ClockState;
use crate::clock::host_clock::HostClock;
use crate::clock_report::{ClockReport, HostTime};
use crate::config::{Clock, Config};
use crate::counters::LineKind;
use crate::findings::ClockFindings;
use crate::host::{Address, Host};
use crate::observation::Reason;
use crate::probe::address::Denials;
use crate::probe::{Context, Finding, Job};
use std::collections::{BTreeMap, HashMap};
use std::mem::take;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::debug;

/// The least time between two reports.
const PAUSE: Duration = Duration::from_millis(100);

/// How many times as long as making a report took that pause is at the least: one of ten thousand hosts takes
/// milliseconds, and clocks change slowly.
const SHARE: u32 = 50;

/// What is asked of the task that reads the clocks.
pub(super) enum Command {
    /// Take up another configuration.
    Reconfigure(Arc<Config>, Acknowledgement),
}

/// The one task that reads clocks.
#[derive(Debug)]
pub(super) struct ClockMonitor {
    config: Clock,
    shared: Arc<Shared>,
    runner: Runner,
    findings: ClockFindings,
    is_touched: bool,
    published_at: Instant,
    pause: Duration,
    lines: changes::Lines,
}

impl ClockMonitor {
    /// A monitor that asks all time servers at once.
    pub(super) fn new(config: &Config, shared: Arc<Shared>) -> Self {
        let context = context(config);
        let runner = Runner::new(config.probe.interval, context, Arc::clone(&shared));
        let mut monitor = Self {
            config: config.clock.clone(),
            shared,
            runner,
            findings: ClockFindings::default(),
            is_touched: true,
            published_at: Instant::now(),
            pause: PAUSE,
            lines: changes::Lines::of(LineKind::HostClock),
        };
        monitor.plan_time_servers();
        monitor.shared.clocks.look_at_all();
        monitor
    }

    /// Reads clocks until the other end of the commands is gone.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        self.plan_hosts();
        self.publish();
        loop {
            let publication = self.is_touched.then(|| self.published_at + self.pause);
            let shared = Arc::clone(&self.shared);
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Reconfigure(config, _acknowledged)) => self.reconfigure(&config),
                    None => return,
                },
                ended = self.runner.ended(|job| self.findings.recall(job)) => {
                    for (id, finding) in ended {
                        let ttl = finding.time_to_live();
                        if let Some(job) = self.runner.timetable.finish(id, ttl, Instant::now()) {
                            log_demands(&job, &finding);
                            self.findings.record(&job, finding);
                        }
                    }
                    self.is_touched = true;
                    // A round that has just become complete is waited for.
                    if self.published_at.elapsed() >= self.pause || self.runner.timetable.is_complete() {
                        self.publish();
                    }
                }
                () = at(publication) => self.publish(),
                () = shared.clocks.hosts_changed() => self.plan_hosts(),
            }
        }
    }

    fn reconfigure(&mut self, config: &Config) {
        let context = context(config);
        let asks_the_same = self.runner.does(&context);
        self.config = config.clock.clone();
        self.shared.clocks.configure(config);
        self.runner.reconfigure(context);
        self.findings.forget_denials();
        let planned: Vec<_> = self.runner.timetable.jobs().cloned().collect();
        for job in planned {
            let stays = match &*job {
                Job::Ntp(source) => self.config.ntp.contains(source),
                Job::HostClock { ways, .. } => *ways == self.config.host_clocks,
                Job::Srv(_) | Job::Address(_) | Job::Connect(_) | Job::Online(_) => false,
            };
            if !stays {
                self.runner.timetable.drop_job(&job);
                self.findings.forget(&job);
            }
        }
        self.plan_time_servers();
        self.shared.clocks.look_at_all();
        let (interval, findings) = (config.probe.interval, &self.findings);
        self.runner.timetable.restart(interval, Instant::now(), asks_the_same, |job| findings.backs_off(job));
        self.plan_hosts();
        self.publish();
    }

    fn plan_time_servers(&mut self) {
        for source in &self.config.ntp {
            self.runner.timetable.plan(Job::Ntp(source.clone()), Instant::now());
        }
    }

    /// Plans the hosts that have come, and drops those that have gone. One of which a name has come or gone may be
    /// shown by another.
    fn plan_hosts(&mut self) {
        let ways: Arc<[HostClock]> = Arc::clone(&self.config.host_clocks);
        let clocks = &self.shared.clocks;
        let watched = &mut *clocks.watched();
        for address in take(&mut watched.changes) {
            let job = Job::HostClock { address, ways: Arc::clone(&ways) };
            if watched.hosts.contains_key(&address) && !ways.is_empty() {
                self.runner.timetable.plan(job, Instant::now());
            } else {
                self.runner.timetable.drop_job(&job);
                self.findings.forget(&job);
            }
            self.is_touched = true;
        }
    }

    /// Publishes what is known, and wakes the paths whose verdicts it may change.
    fn publish(&mut self) {
        let begun = Instant::now();
        self.is_touched = false;
        let clocks = &self.shared.clocks;
        let before = clocks.report();
        let known = self.shared.reference.as_ref();
        let now = Arc::new(ClockReport::new(&self.findings, &self.names(), &self.config, known, Moment::now()));
        if self.shared.logs {
            changes::log_clocks(&mut self.lines, &before, &now);
        }
        let is_complete = self.config.ntp.iter().all(|source| self.findings.time_servers.contains_key(source));
        let was_complete = clocks.take_report(Arc::clone(&now), is_complete);
        if essence(&before) != essence(&now) || is_complete != was_complete {
            clocks.watched().paths.iter().for_each(|path| path.clocks_changed());
        } else {
            self.wake_for_hosts(&before, &now);
        }
        self.shared.state.publish_clocks(now, is_complete);
        self.published_at = Instant::now();
        self.pause = PAUSE.max(begun.elapsed() * SHARE);
    }

    /// The first name by which each host is known.
    fn names(&self) -> HashMap<Address, Host> {
        let watched = self.shared.clocks.watched();
        let first = |watches: &BTreeMap<(Arc<str>, Host), Watch>| watches.keys().next().map(|(_, host)| host.clone());
        watched.hosts.iter().filter_map(|(address, watches)| Some((*address, first(watches)?))).collect()
    }

    /// Wakes the paths with a host whose clock was read for the first time, or compares otherwise than before.
    fn wake_for_hosts(&self, before: &ClockReport, now: &ClockReport) {
        // A clock that is off is shown with how far it is.
        let seen = |host: &HostTime| {
            let state = host.comparison.map(|comparison| comparison.state);
            let is_off = state.is_some_and(|state| state != ClockState::Right);
            (state, is_off.then_some(host.clock.observation.observed_at))
        };
        let watched = self.shared.clocks.watched();
        let changed =
            now.hosts.iter().filter(|(address, host)| before.hosts.get(address).map(seen) != Some(seen(host)));
        for watch in changed.filter_map(|(address, _)| watched.hosts.get(address)).flat_map(BTreeMap::values) {
            watch.wake.clocks_changed();
        }
    }
}

/// One line where a time server demands to be asked less often, or not at all.
fn log_demands(job: &Job, finding: &Finding) {
    let reasons = finding.observations().iter().filter_map(|observation| observation.reason);
    for reason in reasons.filter(|reason| matches!(reason, Reason::RateLimited | Reason::Denied)) {
        debug!(target = %job, reason = reason.as_str(), "backed off: the time server demands it");
    }
}

/// What of true time changes verdicts.
fn essence(report: &ClockReport) -> Option<(ClockState, Option<&str>)> {
    report.reference.as_ref().map(|reference| (reference.comparison.state, reference.alone()))
}

fn context(config: &Config) -> Context {
    Context {
        resolution: config.clock.resolution.clone(),
        denials: Denials::Final,
        trust: None,
        timeout: config.probe.timeout,
    }
}
