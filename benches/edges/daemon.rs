//! The program as a child, asked over connections of its own: over a kept one it would compete with the clients.

use crate::child;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::process::Process;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// The program, once its first round is complete.
pub(crate) struct Daemon {
    process: Process,
    address: SocketAddr,
    _directory: TemporaryDirectory,
}

/// What was measured over a while.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// The processor time of the whole process.
    pub(crate) processor: Duration,
    pub(crate) scrapes: f64,
    /// The connections at the end.
    pub(crate) connections: f64,
    /// How many probes began, and how many of them later than they may.
    pub(crate) probes: f64,
    pub(crate) late: f64,
}

impl Daemon {
    /// Starts it over these targets.
    pub(crate) fn start(targets: &[SocketAddr]) -> Self {
        let directory = TemporaryDirectory::new("edges");
        let hosts: Vec<_> = targets.iter().map(|target| format!("\"{target}\"")).collect();
        let mut text = format!("paths: [{{name: corp, kms: {{hosts: [{}]}}}}]\n", hosts.join(", "));
        // Writing to a string does not fail.
        let _ = writeln!(text, "clock: {{ntp: [], host_clocks: off}}\nprobe: {{interval: 1s, timeout: 1s}}");
        let file = directory.write("gracewatch.yaml", text);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gracewatch"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(file);
        let mut process = Process::start("gracewatch", command, directory.path());
        let mut address = None;
        let listens = process.wait_until_ready(|| {
            let log = fs::read_to_string(directory.path().join("output")).unwrap_or_default();
            let found = log.split_once("listening on http://").and_then(|(_, rest)| rest.split_whitespace().next());
            address = found.and_then(|found| found.parse().ok());
            address.is_some()
        });
        listens.expect("it listens");
        let address = address.expect("it listens there");
        let ready = process
            .wait_until_ready(|| get(address, "/-/ready").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")));
        ready.expect("its first round ends");
        Self { process, address, _directory: directory }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets it run for so long.
    pub(crate) fn measure(&self, duration: Duration) -> Measured {
        let (before, begun) = (self.scrape(), self.processor_time());
        thread::sleep(duration);
        let processor = self.processor_time().saturating_sub(begun);
        let after = self.scrape();
        let grown = |series: &str| value(&after, series) - value(&before, series);
        let probes = grown("gracewatch_probe_lag_seconds_count");
        let late = probes - grown(&format!("gracewatch_probe_lag_seconds_bucket{{le=\"{}\"}}", crate::LATE));
        let scrapes = grown("gracewatch_http_requests_total{route=\"/metrics\",status=\"200\"}");
        Measured { processor, scrapes, connections: value(&after, "gracewatch_http_connections"), probes, late }
    }

    fn processor_time(&self) -> Duration {
        child::run_time(self.process.id()).expect("it runs")
    }

    fn scrape(&self) -> String {
        let attempts = (0..50).map(|_| {
            let page = get(self.address, "/metrics").filter(|answer| answer.starts_with("HTTP/1.1 200"));
            if page.is_none() {
                thread::sleep(Duration::from_millis(20));
            }
            page
        });
        attempts.flatten().next().expect("a scrape is answered")
    }
}

fn get(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: gracewatch\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// The value of a series; 0 where it is not there.
fn value(page: &str, series: &str) -> f64 {
    let found = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok());
    found.unwrap_or_default()
}
