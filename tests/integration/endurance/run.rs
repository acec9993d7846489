//! One run: what the plan says is done, and what the daemon says is compared with what is so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::Scale;
use super::alerts::Alerts;
use super::fleet::Fleet;
use super::nameservers::Nameservers;
use super::paths::{Path, Patience};
use super::plan::{self, Chaos, Event};
use super::usage::{KINDS, Usage, grown, median};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::mount::Mount;
use crate::servers::postgres::Postgres;
use crate::servers::process::wait_until;
use crate::servers::{faketime, port};
use crate::support::daemon::Daemon;
use crate::support::program::gracewatch;
use crate::support::status::{TOKEN, text_of};

/// How many rounds a verdict has to become right: two fail, it is held, what failed now and then is forgotten after
/// six, and what is silent is waited for.
const ROUNDS_OF_PATIENCE: u32 = 12;

/// How many rounds the daemon may take to show what it saw: two fail, and one is under way.
const ROUNDS_TO_SETTLE: u32 = 3;

/// How many rounds of a target are remembered, one more for that under way, and one for its end.
const ROUNDS_REMEMBERED: u32 = 8;

/// How late a thread may wake up, and an answer come, on a machine that has time for this test.
const LATE: Duration = Duration::from_millis(500);

/// From how many rounds on what it takes is compared: before, not everything has happened that leaves something behind.
const ROUNDS_TO_COMPARE: usize = 600;

/// Into how many parts a run is divided to show what it took.
const PARTS: usize = 6;

/// How long the daemon may take to end.
const ENDING: Duration = Duration::from_secs(10);

/// Where reports are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    File,
    /// On a small disk, and under a clock that can be moved.
    FileOnDiskOfItsOwn,
    Database,
}

/// A run under way.
#[derive(Debug)]
pub struct Run {
    scale: Scale,
    seed: u64,
    configuration: String,
    paths: Vec<Path>,
    // Dropped in this order: who asks before who is asked.
    daemon: Option<Daemon<'static>>,
    fleet: Fleet,
    alerts: Option<Alerts>,
    nameservers: Nameservers,
    requests: Arc<AtomicUsize>,
    /// The last moment at which this machine had no time for the test.
    starved: Arc<AtomicBool>,
    database: Option<Postgres>,
    _disk: Option<Mount>,
    directory: TemporaryDirectory,
    _runtime: Runtime,
    /// What befell the daemon and goes on, and until which round.
    ongoing: Option<(Chaos, usize)>,
    round: usize,
    begun: Instant,
    usage: Vec<Usage>,
    figures: Figures,
}

/// What is printed at the end.
#[derive(Debug, Default)]
struct Figures {
    faults: usize,
    faults_seen: usize,
    compared: usize,
    starved: usize,
    struck: BTreeMap<String, usize>,
    probes: f64,
}

impl Run {
    /// Starts everything, with nothing wrong.
    pub fn new(scale: Scale, seed: u64, store: Store) -> Self {
        eprintln!("endurance: SEED={seed} ROUNDS={}", scale.rounds);
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts");
        let directory = TemporaryDirectory::new("endurance");
        for name in ["store", "temporary"] {
            directory.subdirectory(name);
        }
        let disk = (store == Store::FileOnDiskOfItsOwn)
            .then(|| Mount::of_memory(&directory.path().join("store"), "size=128m"));
        if disk.is_some() {
            directory.write("clock", "+0");
        }
        let database = (store == Store::Database).then(Postgres::new);
        let nameservers = Nameservers::start();
        let requests = Arc::<AtomicUsize>::default();
        let paths: Vec<_> = runtime.block_on(async {
            let mut paths = Vec::new();
            for (number, (kind, _)) in plan::paths(&scale).into_iter().enumerate() {
                paths.push(Path::new(number, kind, &scale, &nameservers, &requests).await);
            }
            paths
        });
        let tokens = directory.write("tokens", format!("everything {TOKEN} *\n"));
        fs::set_permissions(&tokens, Permissions::from_mode(0o600)).expect("a file of ours can be hidden");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port::free(Ipv4Addr::LOCALHOST.into())));
        let file = || format!("sqlite:{}", directory.path().join("store/gracewatch.db").display());
        let interval = humantime::format_duration(scale.interval).to_string();
        let mut configuration = format!(
            "listen: {address}\nprobe: {{interval: {interval}, timeout: {interval}, concurrency: 256}}\n\
             verdict: {{failing_rounds: 2, hold: 2s}}\nclock: {{ntp: [], host_clocks: off}}\n\
             status:\n  store: \"{}\"\n  tokens_file: {}\npaths:\n",
            database.as_ref().map_or_else(file, Postgres::url),
            text_of(&tokens)
        );
        for path in &paths {
            path.configure(&mut configuration, &nameservers);
        }
        let kms_hosts = paths.iter().flat_map(Path::hosts).collect();
        let fleet = Fleet::start(address, scale.machines, scale.pause, kms_hosts);
        let starved = watch_for_starvation();
        let mut run = Self {
            scale,
            seed,
            configuration,
            paths,
            daemon: None,
            fleet,
            alerts: None,
            nameservers,
            requests,
            starved,
            database,
            _disk: disk,
            directory,
            _runtime: runtime,
            ongoing: None,
            round: 0,
            begun: Instant::now(),
            usage: Vec::new(),
            figures: Figures::default(),
        };
        run.start();
        run.alerts = run.scale.alerts.then(|| Alerts::start(address));
        run
    }

    /// Does all rounds, and fails where anything was not as it should be.
    pub fn finish(mut self) {
        let mut events = plan::events(&self.scale, self.seed).into_iter().peekable();
        self.begun = Instant::now();
        let mut next = self.begun;
        for round in 0..self.scale.rounds {
            self.round = round;
            if let Some((chaos, _)) = self.ongoing.take_if(|(_, until)| *until <= round) {
                self.end(chaos);
            }
            while let Some((_, event)) = events.next_if(|(at, _)| *at <= round) {
                self.apply(event);
            }
            self.compare();
            // What is late is not made up for: a fault is there for as many rounds as it is to be.
            next = (next + self.scale.interval).max(Instant::now());
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        if let Some((chaos, _)) = self.ongoing.take() {
            self.end(chaos);
        }
        self.fleet.finish();
        wait_until("the store does not open", || self.daemon().get("/api/v1/machines?limit=1").status == 200);
        self.look_for_lost_reports();
        self.figures.probes += self.daemon().scrape().sum("gracewatch_probes_total", &[]);
        self.look_at_the_log();
        eprintln!("{self:#}");
        let grown = if self.scale.rounds >= ROUNDS_TO_COMPARE { grown(&self.usage) } else { Vec::new() };
        self.insist(grown.is_empty(), || format!("it takes more and more: {grown:#?}"));
        let requests = self.requests.load(Ordering::Relaxed);
        self.insist(requests == 0, || format!("{requests} requests were sent to KMS hosts"));
        let Figures { faults, faults_seen, .. } = self.figures;
        // Beside those that were there while nothing could be judged.
        self.insist(faults_seen * 3 >= faults, || format!("only {faults_seen} of {faults} faults were seen"));
    }

    fn apply(&mut self, event: Event) {
        let moment = self.moment();
        match event {
            Event::Breaks(number, fault) => {
                self.figures.faults += 1;
                self.paths[number].change(Some(fault), &self.nameservers, &moment);
            }
            Event::Mended(number) => {
                let path = &mut self.paths[number];
                self.figures.faults_seen += usize::from(path.was_right());
                path.change(None, &self.nameservers, &moment);
            }
            Event::Strikes(chaos) => {
                let name = format!("{chaos:?}");
                let name = name.split('(').next().unwrap_or_default().to_owned();
                *self.figures.struck.entry(name).or_default() += 1;
                self.begin(chaos);
            }
        }
    }

    fn begin(&mut self, chaos: Chaos) {
        let until = |rounds: usize| Some((chaos, self.round + rounds));
        match chaos {
            Chaos::Kill => self.end_daemon("KILL"),
            Chaos::Restart => self.end_daemon("TERM"),
            Chaos::Reload => self.daemon().signal("HUP"),
            Chaos::Stop(rounds) => {
                self.daemon().signal("STOP");
                self.ongoing = until(rounds);
            }
            Chaos::FullDisk(rounds) => {
                let mut filler = File::create(self.filler()).expect("a file can be created");
                while filler.write_all(&[0; 4096]).is_ok() {}
                self.ongoing = until(rounds);
            }
            Chaos::Clock(days, rounds) => {
                self.fleet.clock(true);
                self.directory.write("clock", format!("{days:+}d"));
                self.ongoing = until(rounds);
            }
            Chaos::NoDatabase(rounds, crashes) => {
                let database = self.database.as_mut().expect("there is a database");
                if crashes {
                    database.crash();
                } else {
                    database.stop();
                }
                self.ongoing = until(rounds);
            }
        }
        if matches!(chaos, Chaos::Kill | Chaos::Restart) {
            self.start();
            self.look_for_lost_reports();
        }
    }

    fn end(&mut self, chaos: Chaos) {
        match chaos {
            Chaos::Stop(_) => {
                self.daemon().signal("CONT");
                // What was right before is to stay so: one round that fails says nothing.
                self.paths.iter_mut().filter(|path| !path.was_right()).for_each(Path::excuse);
            }
            Chaos::FullDisk(_) => fs::remove_file(self.filler()).expect("the file was there"),
            Chaos::Clock(..) => {
                self.directory.write("clock", "+0");
                // It is looked at once a second.
                thread::sleep(Duration::from_secs(2));
                self.fleet.clock(false);
                self.paths.iter_mut().for_each(Path::excuse);
            }
            Chaos::NoDatabase(..) => self.database.as_mut().expect("there is a database").start_again(),
            Chaos::Kill | Chaos::Restart | Chaos::Reload => {}
        }
        self.look_for_lost_reports();
    }

    fn filler(&self) -> PathBuf {
        self.directory.path().join("store/filler")
    }

    /// Starts the daemon, and returns once it knows the paths and the machines.
    fn start(&mut self) {
        let mut command = gracewatch();
        command.env("TMPDIR", self.directory.path().join("temporary"));
        // As the unit and the image have it: what a burst takes is given back.
        command.env("MALLOC_ARENA_MAX", "1");
        let clock = self.directory.path().join("clock");
        if clock.exists() {
            faketime::follow(&mut command, &clock);
            // Once a second will do, where so much is timed.
            command.env_remove("FAKETIME_NO_CACHE").env("FAKETIME_CACHE_DURATION", "1");
        }
        let daemon = Daemon::start_as_configured_by(command, &self.configuration);
        daemon.wait_until_ready();
        wait_until("the store does not open", || daemon.get("/api/v1/machines?limit=1").status == 200);
        self.daemon = Some(daemon);
        self.paths.iter_mut().for_each(Path::excuse);
    }

    fn end_daemon(&mut self, signal: &str) {
        self.figures.probes += self.daemon().scrape().sum("gracewatch_probes_total", &[]);
        self.look_at_the_log();
        let mut daemon = self.daemon.take().expect("it runs");
        daemon.signal(signal);
        let ended = daemon.wait(ENDING);
        self.insist(ended.is_some(), || format!("it does not end: {}", daemon.log()));
    }

    fn daemon(&self) -> &Daemon<'static> {
        self.daemon.as_ref().expect("it runs")
    }

    /// Compares all verdicts with what is so.
    fn compare(&mut self) {
        if matches!(self.ongoing, Some((Chaos::Stop(_) | Chaos::Clock(..), _))) {
            return;
        }
        let asked = Instant::now();
        let report = self.daemon().report();
        if self.starved.swap(false, Ordering::Relaxed) || asked.elapsed() > LATE {
            self.figures.starved += 1;
            self.paths.iter_mut().for_each(|path| path.doubt(self.scale.interval * ROUNDS_REMEMBERED));
        }
        let reported = report["paths"].as_array().expect("there is a list of paths");
        let moment = self.moment();
        let patience = Patience {
            settling: self.scale.interval * ROUNDS_TO_SETTLE,
            whole: self.scale.interval * ROUNDS_OF_PATIENCE,
        };
        let compared: Vec<_> = self
            .paths
            .iter_mut()
            .map(|path| {
                let found = reported.iter().find(|reported| reported["name"] == *path.name);
                let found = found.ok_or_else(|| format!("{} is not reported", path.name))?;
                path.compare(found, &patience, &moment)
            })
            .collect();
        // A machine that has had no time since the round began is none to judge by.
        if !self.starved.load(Ordering::Relaxed) {
            let wrong: Vec<_> = compared.iter().filter_map(|compared| compared.as_ref().err().cloned()).collect();
            self.insist(wrong.is_empty(), || wrong.join("\n"));
            self.figures.compared += compared.iter().filter(|compared| **compared == Ok(true)).count();
        }
        if self.round.is_multiple_of(5) {
            let folders = ["store", "temporary"].map(|name| self.directory.path().join(name));
            let usage = Usage::of(self.daemon().process_id(), &[&folders[0], &folders[1]]);
            self.usage.extend(usage);
        }
        if self.round.is_multiple_of(5)
            && let Some(alerts) = &self.alerts
        {
            let mut struck: BTreeSet<_> = self.figures.struck.keys().map(String::as_str).collect();
            struck.extend((self.figures.starved > 0).then_some("starved"));
            let unexplained = alerts.unexplained(&self.paths, &struck);
            self.insist(unexplained.is_empty(), || format!("nothing explains {unexplained:#?}"));
        }
        if self.round.is_multiple_of(60) {
            self.look_for_lost_reports();
        }
    }

    fn look_for_lost_reports(&self) {
        let missing = self.fleet.missing(self.daemon());
        self.insist(missing.is_empty(), || {
            let (count, first) = (missing.len(), missing.iter().take(5).collect::<Vec<_>>());
            format!("{count} acknowledged reports are lost: {first:#?}")
        });
    }

    fn look_at_the_log(&self) {
        let panics = self.daemon().log_lines("panicked");
        self.insist(panics.is_empty(), || panics.join("\n"));
    }

    /// Fails with all there is to know.
    fn insist(&self, holds: bool, complaint: impl FnOnce() -> String) {
        if holds {
            return;
        }
        let complaint = complaint();
        let log = self.daemon.as_ref().map(Daemon::log).unwrap_or_default();
        // That of the paths in question, where there are any.
        let named: Vec<_> = self.paths.iter().map(|path| &*path.name).filter(|name| complaint.contains(name)).collect();
        let is_about = |line: &&str| named.is_empty() || named.iter().any(|name| line.contains(name));
        let lines: Vec<_> = log.lines().filter(is_about).collect();
        let begin = lines.len().saturating_sub(60);
        panic!("{complaint}\n\n{self:#}\n\nthe last of its log:\n{}", lines[begin..].join("\n"));
    }

    fn moment(&self) -> String {
        format!("round {:4} at {:7.1} s", self.round, self.begun.elapsed().as_secs_f64())
    }
}

/// The figures.
impl std::fmt::Display for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Figures { faults, faults_seen, compared, starved, struck, probes } = &self.figures;
        let counts = self.fleet.counts();
        let [acknowledged, rejected, unanswered] =
            [&counts.acknowledged, &counts.rejected, &counts.unanswered].map(|count| count.load(Ordering::Relaxed));
        let mut text = format!(
            "SEED={} ROUNDS={}: {}, {} paths, {} targets, {probes} probes\n\
             {faults} faults, {faults_seen} seen before they were mended; {compared} verdicts compared\n\
             befell the daemon: {struck:?}; this machine had no time in {starved} rounds\n\
             reports: {acknowledged} acknowledged; batches: {rejected} turned away, {unanswered} unanswered\n",
            self.seed,
            self.scale.rounds,
            self.moment(),
            self.paths.len(),
            self.paths.iter().map(Path::targets).sum::<usize>(),
        );
        for (name, of) in KINDS {
            let parts = self.usage.chunks(self.usage.len().div_ceil(PARTS).max(1)).map(|part| median(part, of));
            writeln!(text, "{name}, medians: {:?}", parts.collect::<Vec<_>>())?;
        }
        formatter.write_str(&text)
    }
}

/// Becomes true each time a thread wakes up late.
fn watch_for_starvation() -> Arc<AtomicBool> {
    const NAP: Duration = Duration::from_millis(50);
    let starved = Arc::<AtomicBool>::default();
    let watched = Arc::downgrade(&starved);
    thread::spawn(move || {
        let mut woken = Instant::now();
        while let Some(starved) = watched.upgrade() {
            thread::sleep(NAP);
            if woken.elapsed() > NAP + LATE {
                starved.store(true, Ordering::Relaxed);
            }
            woken = Instant::now();
        }
    });
    starved
}
