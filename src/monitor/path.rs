//! One path, which monitors itself: what is to be probed on it, when, what was found, and how it is judged.

use super::changes;
use super::clocks::Wake;
use super::damping::{Damper, Now};
use super::plan::Plan;
use super::recovery::Recovery;
use super::runner::{Runner, at};
use super::shared::{Acknowledgement, Shared};
use super::timetable::JobId;
use crate::config::{Config, Damping, Probe};
use crate::counters::{LineKind, PathCounters};
use crate::findings::PathFindings;
use crate::fleet::{Runway, Symptoms};
use crate::host::Address;
use crate::observation::Stage;
use crate::path::{Discovery, Kind, Kms, Path};
use crate::probe::address::Denials;
use crate::probe::{Context, Finding, HostAddress, Job};
use crate::state::{FleetNews, PathReport, PathSlot};
use crate::verdict::course::Course;
use crate::verdict::{self, Reported, Status, Verdict};
use crate::walk::kms::HostReports;
use crate::walk::{Layout, OwnClock, Sources, Walk};
use std::collections::{BTreeSet, HashSet};
use std::mem::replace;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::debug;

/// The least time between two publications. Judging a path of ten thousand targets takes milliseconds, and readers come
/// every few seconds.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a better verdict waits for the machines to be aggregated that may contradict it. That takes some seconds,
/// unless nothing does it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most time limits that one walk takes, from the first lookup to the last answer. A round waits that long for what
/// began at the end of its interval.
const LIMITS_OF_WALK: u32 = 5;

/// What is configured of one path.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub(super) path: Arc<Path>,
    probe: Probe,
    damping: Damping,
}

impl Assignment {
    pub(super) fn new(path: &Path, config: &Config) -> Self {
        Self { path: Arc::new(path.clone()), probe: config.probe, damping: config.verdict }
    }

    fn context(&self) -> Context {
        let trust = match &self.path.kind {
            Kind::Online(online) => Some(online.trust.clone()),
            Kind::Kms(_) => None,
        };
        let denials = match &self.path.kind {
            Kind::Kms(Kms { discovery: Discovery::Domains { .. }, .. }) => Denials::OfOneNameserver,
            _ => Denials::Final,
        };
        Context { resolution: self.path.resolution.clone(), denials, trust, timeout: self.probe.timeout }
    }
}

/// What is asked of a path.
pub(super) enum Command {
    /// Take up another configuration: what is in both is kept, and a round begins at once.
    Reconfigure(Assignment, Acknowledgement),
    /// Judge by what is known now, of the path and of the machines that depend on it, and publish that.
    Judge(Acknowledgement),
    /// Fail as a fault of this program would make it.
    #[cfg(test)]
    Panic,
}

#[derive(Debug)]
pub(super) struct PathMonitor {
    assignment: Assignment,
    shared: Arc<Shared>,
    slot: Arc<PathSlot>,
    counters: PathCounters,
    wake: Arc<Wake>,
    runner: Runner,
    plan: Plan,
    findings: PathFindings,
    /// The walk along the findings; `None` where it is to be laid out again.
    layout: Option<Layout>,
    /// The hosts whose clocks were not read yet. Nothing is published before.
    unread: HashSet<Address>,
    fleet: watch::Receiver<FleetNews>,
    machines: Machines,
    recovery: Recovery,
    /// Whether it is known what a store kept of the verdicts before this process.
    past: watch::Receiver<bool>,
    /// How the path goes on after a restart, and the number of the recovery it was made of; `None` before the first.
    course: Option<(u64, Course)>,
    /// What was kept goes on.
    resumed: Option<Resumed>,
    /// The verdict that was made last; `None` where something has changed that it depends on.
    made: Option<Made>,
    /// True where something is to be published.
    is_touched: bool,
    published_at: Instant,
    /// What was published last, and how that follows the verdicts that are made; `None` before the first.
    published: Option<(Arc<PathReport>, Damper)>,
    /// Until when a better verdict waits; `None` where none does.
    waits_until: Option<Instant>,
    lines: changes::Lines,
}

/// A verdict, and what it was made of beside what is noted when it changes.
#[derive(Debug)]
struct Made {
    verdict: Verdict,
    /// What its status would be where what machines report had nothing to do with what passed again.
    without_recovery: Status,
    own_clock: Option<OwnClock>,
    recovered: BTreeSet<Stage>,
}

/// A path that goes on where the process before ended.
#[derive(Debug, Clone, Copy)]
struct Resumed {
    /// True where machines reported what was blamed, and no probe saw it.
    is_of_machines: bool,
}

/// What is known of the machines that depend on the path, and of its KMS hosts by their reports.
#[derive(Debug, Default)]
struct Machines {
    runway: Option<Runway>,
    symptoms: Option<Symptoms>,
    reports: Arc<HostReports>,
    reports_number: u64,
    /// True once it was known what machines there are.
    were_known: bool,
}

impl PathMonitor {
    /// A monitor whose first round is due at once.
    pub(super) fn new(assignment: Assignment, slot: Arc<PathSlot>, shared: Arc<Shared>) -> Self {
        let Assignment { path, probe, .. } = &assignment;
        let context = assignment.context();
        let runner = Runner::new(probe.interval, context, Arc::clone(&shared));
        let wake = Arc::new(Wake::new(Arc::clone(&path.name)));
        shared.clocks.register(&wake);
        let findings = PathFindings::default();
        let (plan, jobs) = Plan::new(path, &findings);
        let mut monitor = Self {
            counters: shared.counters.path(&path.name),
            fleet: shared.state.fleet_news(),
            past: shared.state.past_is_known(),
            course: None,
            resumed: None,
            wake,
            runner,
            plan,
            findings,
            layout: None,
            unread: HashSet::new(),
            machines: Machines::default(),
            recovery: Recovery::default(),
            made: None,
            lines: changes::Lines::of(LineKind::Stage),
            is_touched: true,
            published_at: Instant::now(),
            published: None,
            waits_until: None,
            assignment,
            shared,
            slot,
        };
        for job in jobs {
            monitor.plan_job(job);
        }
        monitor.read_fleet();
        monitor
    }

    /// Monitors the path until the other end of the commands is gone.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        // A path without targets is complete as it is.
        self.publish();
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Reconfigure(assignment, _acknowledged)) => self.reconfigure(assignment),
                    Some(Command::Judge(_acknowledged)) => {
                        self.read_fleet();
                        self.lay_out_anew();
                        self.publish();
                    }
                    #[cfg(test)]
                    Some(Command::Panic) => panic!("a fault of this program"),
                    None => return,
                },
                () = self.step() => {}
            }
        }
    }

    /// Waits until something ends, changes or is to be published, and does what follows. Nothing is lost where the
    /// future is dropped.
    async fn step(&mut self) {
        let is_complete = self.is_complete();
        let publication = (self.is_touched && is_complete).then(|| self.published_at + PAUSE);
        // What cannot be judged then is judged once it can.
        let release = self.next_release().filter(|_| is_complete);
        let round_ends = self.round_ends();
        let past_until = (!self.knows_past()).then_some(self.shared.past_until);
        tokio::select! {
            ended = self.runner.ended(|_| None) => self.record(ended),
            () = at(publication) => self.publish(),
            () = at(round_ends) => self.end_round(),
            () = at(release) => {
                self.is_touched = true;
                self.publish();
            }
            () = at(past_until) => self.publish(),
            Ok(()) = self.past.changed() => self.read_past(),
            () = self.wake.changed() => self.read_clocks(),
            Ok(()) = self.fleet.changed() => self.read_fleet(),
        }
    }

    /// Takes up another configuration. One that asks the same of the same goes on as it is.
    fn reconfigure(&mut self, assignment: Assignment) {
        let before = replace(&mut self.assignment, assignment);
        // Where only names are resolved otherwise, the targets are the same, and are asked for again.
        let of = |path: &Path| (path.kind.clone(), path.resolution.nameservers.clone());
        let is_another = of(&before.path) != of(&self.assignment.path);
        let asks_the_same = before.context() == self.assignment.context();
        self.runner.reconfigure(self.assignment.context());
        if is_another {
            self.plan_anew();
        }
        let interval = self.assignment.probe.interval;
        if is_another || !asks_the_same || before.probe.interval != interval {
            self.runner.timetable.restart(interval, Instant::now(), asks_the_same, |_| false);
        }
        self.lay_out_anew();
        self.publish();
    }

    /// Plans what another configuration of the path needs. What is in both is kept.
    fn plan_anew(&mut self) {
        let (plan, jobs) = Plan::new(&self.assignment.path, &self.findings);
        self.plan = plan;
        let wanted: HashSet<&Job> = jobs.iter().collect();
        let planned: Vec<_> = self.runner.timetable.jobs().cloned().collect();
        planned.iter().filter(|job| !wanted.contains(&***job)).for_each(|job| self.drop_job(job));
        for job in jobs {
            self.plan_job(job);
        }
        self.watch_clocks_anew();
        if let Some((_, damper)) = &mut self.published {
            damper.supersede();
        }
    }

    /// Has everything laid out and judged again.
    fn lay_out_anew(&mut self) {
        self.layout = None;
        self.made = None;
        self.is_touched = true;
    }

    /// True where every target was probed, and the clocks that the path shows were read: no verdict is made of half a
    /// round.
    fn is_complete(&self) -> bool {
        self.runner.timetable.is_complete()
            && self.unread.is_empty()
            && self.shared.clocks.is_complete()
            && self.knows_past()
    }

    /// True once nothing waits for what a store kept, be it known or not.
    fn knows_past(&self) -> bool {
        self.published.is_some() || *self.past.borrow() || Instant::now() >= self.shared.past_until
    }

    /// Goes on with what a store kept. Where that is known too late to be compared with, the status alone may be older.
    fn read_past(&mut self) {
        if let Some((_, damper)) = &mut self.published
            && let Some(course) = self.shared.state.take_course(&self.assignment.path.name)
        {
            damper.extend(&course);
            self.recovery.resume(&course);
            self.is_touched = true;
        }
        self.publish();
    }

    /// When the time ends of a round that is not over; `None` where that is not waited for.
    fn round_ends(&self) -> Option<Instant> {
        let is_over = self.is_complete() && self.runner.timetable.round_is_over();
        let ends = self.runner.timetable.round_ends(self.assignment.probe.timeout * LIMITS_OF_WALK);
        ends.filter(|_| !is_over)
    }

    /// Ends a round whose time is over, and judges by what was probed: whoever names new targets without end, or keeps
    /// them from being probed, keeps no verdict from being made.
    fn end_round(&mut self) {
        debug!(path = &*self.assignment.path.name, progress = ?self.runner.timetable.progress(), "a round took its time");
        self.is_touched = true;
        self.publish_now(true);
    }

    /// When the next verdict ends to be held, or to wait. One whose path cannot be judged at that time waits until it can.
    fn next_release(&self) -> Option<Instant> {
        let (_, damper) = self.published.as_ref()?;
        let ends = [damper.held_until(self.assignment.damping), self.waits_until];
        ends.into_iter().flatten().filter(|end| *end > self.published_at).min()
    }

    /// True where a better verdict than the one that is shown may not last: the machines fail that it leaves out because
    /// something passed again, and it is not known yet whether that explains it. Once they are aggregated, it is.
    fn waits_for_machines(&mut self, damper: &Damper, now: Now) -> bool {
        let shown = damper.shown().status;
        // What they reported before a restart they may well report still.
        let is_of_machines =
            self.resumed.is_some_and(|resumed| resumed.is_of_machines) && self.machines.runway.is_none();
        let is_better = |made: &Made| {
            made.verdict.status < shown && (is_of_machines || made.verdict.status < made.without_recovery)
        };
        if damper.is_superseded() || !self.made.as_ref().is_some_and(is_better) {
            self.waits_until = None;
            return false;
        }
        *self.waits_until.get_or_insert(now.running + PATIENCE) > now.running
    }

    /// Plans a job, and has the clock of its host read.
    fn plan_job(&mut self, job: Job) {
        if !self.runner.timetable.is_planned(&job) {
            debug!(path = &*self.assignment.path.name, target = %job, "planned");
            self.watch_clock(&job);
            self.runner.timetable.plan(job, Instant::now());
        }
    }

    fn watch_clock(&mut self, job: &Job) {
        let Some(host) = self.clock_of(job) else { return };
        let clocks = &self.shared.clocks;
        clocks.watch(&self.wake, host);
        if clocks.reads_hosts() && !clocks.report().hosts.contains_key(&host.address.into()) {
            self.unread.insert(host.address.into());
        }
    }

    fn drop_job(&mut self, job: &Job) {
        debug!(path = &*self.assignment.path.name, target = %job, "no longer planned");
        if let Some(host) = self.clock_of(job) {
            self.shared.clocks.unwatch(&self.wake, host);
            self.unread.remove(&host.address.into());
        }
        self.runner.timetable.drop_job(job);
        self.findings.forget(job);
    }

    /// Watches the clocks that another configuration of the path has of use.
    fn watch_clocks_anew(&mut self) {
        let clocks = &self.shared.clocks;
        clocks.unregister(&self.wake);
        clocks.register(&self.wake);
        self.unread.clear();
        let planned: Vec<_> = self.runner.timetable.jobs().cloned().collect();
        for job in &planned {
            self.watch_clock(job);
        }
    }

    /// The host whose clock is of use where this job is done.
    fn clock_of<'a>(&self, job: &'a Job) -> Option<&'a HostAddress> {
        let Kind::Kms(kms) = &self.assignment.path.kind else { return None };
        let Job::Connect(host) = job else { return None };
        kms.reads_clocks.then_some(host)
    }

    /// Records what jobs found, plans what follows from it, and lays out what it changes.
    fn record(&mut self, ended: Vec<(JobId, Finding)>) {
        let was_complete = self.is_complete();
        for (id, finding) in ended {
            if let Some(job) = self.runner.timetable.finish(id, finding.time_to_live(), Instant::now()) {
                self.record_one(&job, finding);
            } else {
                debug!(path = &*self.assignment.path.name, "a result is superseded by another configuration");
            }
        }
        // A round that has just become complete is waited for.
        if self.published_at.elapsed() >= PAUSE || (self.is_complete() && !was_complete) {
            self.publish();
        }
    }

    fn record_one(&mut self, job: &Arc<Job>, finding: Finding) {
        let Assignment { path, damping, .. } = &self.assignment;
        let before = self.findings.observations(job);
        for observation in finding.observations() {
            let before = before.iter().find(|before| before.stage == observation.stage);
            if self.shared.logs {
                changes::log_stage(&mut self.lines, &path.name, job, before, observation);
            }
            self.counters.count(observation);
        }
        let replaced = self.findings.record(job, finding);
        self.is_touched = true;
        let changes = self.plan.follow(job, &replaced, &self.findings);
        if changes.is_empty() {
            let (clocks, reports) = (&self.shared.clocks.report(), &*self.machines.reports);
            let sources = Sources { path, findings: &self.findings, clocks, damping: *damping, reports };
            let change = self.layout.as_mut().and_then(|layout| layout.update(job, &replaced, sources));
            match change {
                None => self.lay_out_anew(),
                Some(change) => {
                    change.turns.into_iter().for_each(|turn| self.recovery.turn(turn, Now::read().shown));
                    if change.is_weighty {
                        self.made = None;
                    }
                }
            }
            return;
        }
        changes.dropped.iter().for_each(|job| self.drop_job(job));
        changes.planned.into_iter().for_each(|job| self.plan_job(job));
        self.lay_out_anew();
    }

    fn read_clocks(&mut self) {
        let clocks = self.shared.clocks.report();
        self.unread.retain(|address| !clocks.hosts.contains_key(address));
        self.lay_out_anew();
        if self.published.is_none() {
            self.publish();
        }
    }

    /// Takes what concerns the path of what is known of machines.
    fn read_fleet(&mut self) {
        let news = self.fleet.borrow_and_update().clone();
        let Some(fleet) = news.aggregate else { return };
        let name = &self.assignment.path.name;
        let (runway, symptoms) = (fleet.paths.get(name), fleet.symptoms.get(name));
        let has_other_reports = news.reports_number != self.machines.reports_number;
        let is_same = (runway, symptoms) == (self.machines.runway.as_ref(), self.machines.symptoms.as_ref());
        if !is_same {
            (self.machines.runway, self.machines.symptoms) = (runway.cloned(), symptoms.cloned());
            self.made = None;
            self.is_touched = true;
        }
        if has_other_reports && matches!(self.assignment.path.kind, Kind::Kms(_)) {
            self.lay_out_anew();
        }
        (self.machines.reports, self.machines.reports_number) = (news.reports, news.reports_number);
        // A verdict that left out what machines report is made again once they were aggregated after what passed again.
        if self.made.as_ref().is_some_and(|made| made.recovered != self.recovered()) {
            self.is_touched = true;
        }
    }

    /// Publishes the path, as far as all its jobs were done: one with a target that was never probed stays as it was, until
    /// the time of the round ends.
    fn publish(&mut self) {
        if self.is_touched && self.is_complete() {
            self.publish_now(false);
        }
    }

    /// Publishes the path by what is known of it. What was never probed is no part of it.
    fn publish_now(&mut self, time_is_over: bool) {
        self.is_touched = false;
        let now = Now::read();
        let published = match self.published.take() {
            Some((before, damper)) => Some((Some(before), damper)),
            None => self.resume(now),
        };
        let walk = self.walk(now, published.as_ref().and_then(|(before, _)| before.as_ref()));
        let made = self.judge(&walk);
        let damping = self.assignment.damping;
        let knows_machines = self.machines.runway.is_some();
        // The first verdict after a restart ends a round of all targets.
        let ends_round = published
            .as_ref()
            .is_some_and(|(before, _)| before.is_none() || time_is_over || self.runner.timetable.round_is_over());
        let (before, damper) = match published {
            None => (None, Damper::new(made, now)),
            Some((before, mut damper)) => {
                damper.follow_clock(now);
                // At the start the machines are aggregated while the paths are probed. What they report did not begin
                // then.
                if knows_machines && !self.machines.were_known && before.is_some() && self.resumed.is_none() {
                    damper.supersede();
                }
                if !self.waits_for_machines(&damper, now) {
                    damper.take_in(made, ends_round, damping, now);
                }
                (before, damper)
            }
        };
        self.machines.were_known |= knows_machines;
        let report = Arc::new(PathReport {
            name: Arc::clone(&self.assignment.path.name),
            verdict: damper.shown().clone(),
            since: damper.since(),
            judged_at: now.shown,
            held_until: damper.held_until(damping).map(|end| now.shown + (end - now.running)),
            pending: damper.pending(damping),
            outages: self.recovery.outages(),
            walk,
            runway: self.machines.runway.clone(),
        });
        if self.shared.logs {
            changes::log_verdict(before.as_deref(), &report);
            changes::log_lag(before.as_deref(), &report);
        }
        if ends_round || before.is_none() {
            self.runner.timetable.begin_round(now.running);
        }
        self.shared.state.publish_path(&self.slot, Arc::clone(&report));
        if self.recovery.publish(SystemTime::now()) {
            self.shared.state.announce_outages();
        }
        self.keep_course(&damper);
        self.published = Some((report, damper));
        self.published_at = now.running;
    }

    /// Goes on where the process before ended; `None` where that is not known.
    fn resume(&mut self, now: Now) -> Option<(Option<Arc<PathReport>>, Damper)> {
        let course = self.shared.state.take_course(&self.assignment.path.name)?;
        self.recovery.resume(&course);
        self.resumed = Some(Resumed { is_of_machines: course.is_of_machines });
        let mut damper = Damper::resume(&course, now);
        if course.kind != self.assignment.path.kind.to_string() {
            damper.supersede();
        }
        Some((None, damper))
    }

    /// Keeps how the path goes on after a restart, where that is otherwise than before.
    fn keep_course(&mut self, damper: &Damper) {
        let (shown, worsened_at, failing) = damper.course();
        let blamed = damper.shown().problems.first();
        let is_of_machines = match blamed {
            Some(blamed) => blamed.machines.is_some(),
            // What is kept on is of whom it was.
            None => self.resumed.is_some_and(|resumed| resumed.is_of_machines) && shown.status != Status::Ok,
        };
        let revision = self.recovery.revision();
        let is_as_before = self.course.as_ref().is_some_and(|(known, before)| {
            *known == revision
                && (before.shown, before.worsened_at, before.is_of_machines) == (shown, worsened_at, is_of_machines)
                && before.failing == failing
        });
        if is_as_before {
            return;
        }
        let (outages, lasting) = self.recovery.course();
        let kind = self.assignment.path.kind.to_string();
        let course = Course { kind, shown, worsened_at, is_of_machines, failing, outages, lasting };
        self.shared.state.set_course(&self.assignment.path.name, course.clone());
        self.course = Some((revision, course));
    }

    /// The walk as it is now, after the one that was published `before`. Only where it leads to other targets than that,
    /// all of it is laid out.
    fn walk(&mut self, now: Now, before: Option<&Arc<PathReport>>) -> Walk {
        let Assignment { path, damping, .. } = &self.assignment;
        if let Some(layout) = &self.layout {
            return layout.walk();
        }
        let (clocks, reports) = (&self.shared.clocks.report(), &*self.machines.reports);
        let layout = Layout::new(Sources { path, findings: &self.findings, clocks, damping: *damping, reports });
        let walk = layout.walk();
        self.recovery.compare(before.map(|before| &before.walk), &walk, now.shown);
        self.layout = Some(layout);
        self.made = None;
        walk
    }

    /// The verdict on a walk: the one made last, unless something has changed that it depends on.
    fn judge(&mut self, walk: &Walk) -> Verdict {
        let own_clock = walk.own_clock();
        // Where ours is off, what it is off by is part of the verdict, and so is what that does to certificates.
        let is_right = |clock: Option<&OwnClock>| clock.is_none_or(OwnClock::is_right);
        let recovered = self.recovered();
        if let Some(made) = &self.made
            && made.recovered == recovered
            && own_clock.is_some() == made.own_clock.is_some()
            && is_right(own_clock)
            && is_right(made.own_clock.as_ref())
        {
            return made.verdict.clone();
        }
        let Machines { runway, symptoms, .. } = &self.machines;
        let reported = Reported { runway: runway.as_ref(), symptoms: symptoms.as_ref(), recovered: Some(&recovered) };
        let verdict = verdict::judge(walk, reported);
        let without_recovery = if recovered.is_empty() {
            verdict.status
        } else {
            verdict::judge(walk, Reported { recovered: None, ..reported }).status
        };
        self.made = Some(Made { verdict: verdict.clone(), without_recovery, own_clock: own_clock.cloned(), recovered });
        verdict
    }

    /// The stages at which something has passed again since the machines were aggregated.
    fn recovered(&self) -> BTreeSet<Stage> {
        if self.machines.runway.is_none() {
            return BTreeSet::new();
        }
        self.recovery.recovered_since(self.machines.reports.as_of, Now::read().shown)
    }
}

impl Drop for PathMonitor {
    fn drop(&mut self) {
        self.shared.clocks.unregister(&self.wake);
    }
}

#[cfg(test)]
mod tests;
