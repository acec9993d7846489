//! `gracewatch serve` as a child process.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use serde_json::Value;

use super::program::{gracewatch, gracewatch_in, gracewatch_shifted};
use super::request::{self, Response};
use super::scrape::Scrape;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::netns::Namespace;
use crate::servers::process::{self, NotReady, Process};

/// A running daemon, killed on drop.
#[derive(Debug)]
pub struct Daemon<'a> {
    // Dropped in this order: the process before the directory it reads.
    process: Process,
    directory: TemporaryDirectory,
    address: SocketAddr,
    namespace: Option<&'a Namespace>,
}

impl Daemon<'static> {
    /// Starts it with a configuration, on any free port, and returns when it listens.
    pub fn start(configuration: &str) -> Self {
        Self::start_with(gracewatch(), configuration)
    }

    /// The same, by a command whose environment is prepared.
    pub fn start_with(mut command: Command, configuration: &str) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]);
        Self::launch(None, command, Some(configuration))
    }

    /// The same, and returns when the first round is complete.
    pub fn start_ready(configuration: &str) -> Self {
        let daemon = Self::start(configuration);
        daemon.wait_until_ready();
        daemon
    }

    /// The same, where its configuration says that it listens.
    pub fn start_where_configured(configuration: &str) -> Self {
        let mut command = gracewatch();
        command.args(["serve", "--config"]);
        Self::launch(None, command, Some(configuration))
    }

    /// The same, with a clock of its own that is off by `offset`, such as `+14700s`.
    pub fn start_shifted(offset: &str, configuration: &str) -> Self {
        let mut command = gracewatch_shifted(offset);
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]);
        let daemon = Self::launch(None, command, Some(configuration));
        daemon.wait_until_ready();
        daemon
    }

    /// Starts it with these arguments of `serve` beside.
    pub fn start_with_arguments(arguments: &[&str], configuration: &str) -> Self {
        let mut command = gracewatch();
        command.arg("serve").args(arguments).args(["--listen", "127.0.0.1:0", "--config"]);
        Self::launch(None, command, Some(configuration))
    }

    /// Starts it with a configuration that says on which port, and returns when it listens.
    pub fn start_as_configured(configuration: &str) -> Self {
        Self::start_as_configured_by(gracewatch(), configuration)
    }

    /// The same, by a command whose environment is prepared.
    pub fn start_as_configured_by(mut command: Command, configuration: &str) -> Self {
        command.args(["serve", "--config"]);
        Self::launch(None, command, Some(configuration))
    }
}

impl<'a> Daemon<'a> {
    /// Starts it in a network of its own with `prepare`d arguments and no configuration.
    pub fn start_unconfigured(namespace: &'a Namespace, command: Command) -> Self {
        Self::launch(Some(namespace), command, None)
    }

    /// Starts it in a network of its own with a configuration, on any free port, and returns when it listens.
    pub fn start_in(namespace: &'a Namespace, configuration: &str) -> Self {
        let mut command = gracewatch_in(namespace);
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]);
        Self::launch(Some(namespace), command, Some(configuration))
    }

    /// The same, listening there: on port 0 it is any free one.
    pub fn start_in_at(namespace: &'a Namespace, listen: &str, configuration: &str) -> Self {
        let mut command = gracewatch_in(namespace);
        command.args(["serve", "--listen", listen, "--config"]);
        Self::launch(Some(namespace), command, Some(configuration))
    }

    /// Runs `command`, with the name of a file added that holds the configuration, if there is one.
    fn launch(namespace: Option<&'a Namespace>, mut command: Command, configuration: Option<&str>) -> Self {
        let directory = TemporaryDirectory::new("serve");
        if let Some(configuration) = configuration {
            command.arg(directory.write("gracewatch.yaml", configuration));
        }
        let mut process = Process::start("gracewatch", command, directory.path());
        let mut address = None;
        let log = directory.path().join("output");
        let ready = process.wait_until_ready(|| {
            address = fs::read_to_string(&log).ok().and_then(|log| listening_address(&log));
            address.is_some()
        });
        match (ready, address) {
            (Ok(()), Some(address)) => Self { process, directory, address, namespace },
            (Err(NotReady::Ended(report) | NotReady::Silent(report)), _) => panic!("{report}"),
            (Ok(()), None) => unreachable!("it is ready once the address is known"),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file its configuration is read from.
    pub fn configuration(&self) -> PathBuf {
        self.directory.path().join("gracewatch.yaml")
    }

    /// Writes another configuration, which it does not know of yet.
    pub fn rewrite(&self, configuration: impl AsRef<[u8]>) {
        self.directory.write("gracewatch.yaml", configuration);
    }

    /// `GET`s a path.
    pub fn get(&self, path: &str) -> Response {
        request::send(self.namespace, "GET", self.address, path)
    }

    /// `POST`s to a path.
    pub fn post(&self, path: &str) -> Response {
        request::send(self.namespace, "POST", self.address, path)
    }

    /// What `/metrics` shows now.
    pub fn scrape(&self) -> Scrape {
        let response = self.get("/metrics");
        assert_eq!(response.status, 200, "{}", response.body);
        Scrape::parse(response.body)
    }

    /// What `/api/v1/paths` shows now.
    pub fn report(&self) -> Value {
        let response = self.get("/api/v1/paths");
        serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{error} in {:?}", response.body))
    }

    /// Returns when the first round is complete.
    pub fn wait_until_ready(&self) {
        process::wait_until("the first round does not end", || self.get("/-/ready").status == 200);
    }

    /// Scrapes until `condition` holds, and returns that scrape.
    pub fn scrape_until(&self, complaint: &str, mut condition: impl FnMut(&Scrape) -> bool) -> Scrape {
        let mut last = None;
        process::wait_until(complaint, || condition(last.insert(self.scrape())));
        last.expect("there was a last scrape")
    }

    /// Returns when `rounds` more probes of a stage of the path `corp` are done.
    pub fn wait_for_rounds(&self, stage: &str, rounds: u32) {
        let count = |scrape: &Scrape| scrape.sum("gracewatch_probes_total", &[("path", "corp"), ("stage", stage)]);
        let target = count(&self.scrape()) + f64::from(rounds);
        self.scrape_until("probing has ended", |scrape| count(scrape) >= target);
    }

    /// Sends a signal, named as in `TERM`.
    pub fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// How it ended, if it did within `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        self.process.wait(limit)
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.process.output()
    }

    /// How long it has used a processor so far, in hundredths of a second.
    pub fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process_id())).expect("it runs");
        let (_, fields) = stat.rsplit_once(')').expect("its name is in parentheses");
        let ticks = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number"));
        Duration::from_millis(10 * ticks.sum::<u64>())
    }

    /// The number of its process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The lines of the log that contain `text`.
    pub fn log_lines(&self, text: &str) -> Vec<String> {
        self.log().lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    }

    /// The most memory it ever held at once, in bytes (proc(5), `VmHWM`).
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes.unwrap_or_else(|| panic!("no peak in {status}")) * 1024
    }

    /// Removes its configuration from under it.
    pub fn remove_configuration(&self) {
        fs::remove_file(self.configuration()).expect("the configuration was there");
    }
}

/// Where the log says that HTTP is served.
fn listening_address(log: &str) -> Option<SocketAddr> {
    let (_, rest) = log.split_once("listening on http")?;
    let (_, rest) = rest.split_once("://")?;
    let (address, _) = rest.split_once([' ', '"', '\n'])?;
    address.parse().ok()
}
