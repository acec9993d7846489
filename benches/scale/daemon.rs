//! The program as a child: how long its first round takes, what its probes cost, how late they begin, and what it needs.

use crate::child;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::process::Process;
use reqwest::blocking::{Client, ClientBuilder};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, thread};

/// The program, once its first round is complete.
pub(crate) struct Daemon {
    process: Process,
    url: String,
    client: Client,
    /// From its start until it was ready.
    pub(crate) first_round: Duration,
    _directory: TemporaryDirectory,
}

/// What was measured over a while.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// The processor time of the whole process.
    pub(crate) processor: Duration,
    /// How many connections were probed, and how many names and SRV records looked up.
    pub(crate) probes: f64,
    pub(crate) lookups: f64,
    /// The lag within which half of the probes began, and 99 of 100, in seconds: bounds of buckets.
    pub(crate) lag: [f64; 2],
}

impl Measured {
    /// The processor time for each of so many.
    pub(crate) fn each(&self, count: f64) -> Duration {
        self.processor.div_f64(count)
    }
}

/// A scrape: the value of each series.
type Scrape = BTreeMap<String, f64>;

impl Daemon {
    /// Starts it with this configuration.
    pub(crate) fn start(configuration: &str) -> Self {
        let directory = TemporaryDirectory::new("scale");
        let file = directory.write("gracewatch.yaml", configuration);
        let begun = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gracewatch"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(file);
        let mut process = Process::start("gracewatch", command, directory.path());
        let client = plain_client().build().expect("a client can be built");
        let mut url = String::new();
        let listens = process.wait_until_ready(|| listens_at(directory.path(), &mut url));
        listens.expect("it listens");
        let ready = process.wait_until_ready(|| {
            let answer = client.get(format!("{url}/-/ready")).send();
            answer.is_ok_and(|answer| answer.status().is_success())
        });
        ready.expect("its first round ends");
        let first_round = begun.elapsed();
        Self { process, url, client, first_round, _directory: directory }
    }

    /// Lets it run for so long.
    pub(crate) fn measure(&self, duration: Duration) -> Measured {
        let (before, begun) = (self.scrape(), self.processor_time());
        thread::sleep(duration);
        let processor = self.processor_time().saturating_sub(begun);
        let after = self.scrape();
        let grown = |series: &str| after.get(series).unwrap_or(&0.0) - before.get(series).unwrap_or(&0.0);
        let of = |stage: &str| {
            let parts = [format!("stage=\"{stage}\""), "result=\"ok\"".to_owned()];
            let series = after.keys().filter(|series| series.starts_with("gracewatch_probes_total{"));
            series
                .filter(|series| parts.iter().all(|part| series.contains(part)))
                .map(|series| grown(series))
                .sum::<f64>()
        };
        let lag = [0.5, 0.99].map(|part| quantile(part, &after, grown));
        Measured { processor, probes: of("rpc"), lookups: of("srv") + of("address"), lag }
    }

    fn processor_time(&self) -> Duration {
        child::run_time(self.process.id()).expect("it runs")
    }

    /// How long the page of metrics takes, and its length in bytes.
    pub(crate) fn page(&self) -> (Duration, usize) {
        let begun = Instant::now();
        let length = self.text().len();
        (begun.elapsed(), length)
    }

    /// What is resident, in megabytes.
    pub(crate) fn resident(&self) -> f64 {
        self.scrape().get("process_resident_memory_bytes").unwrap_or(&f64::NAN) / 1e6
    }

    fn text(&self) -> String {
        let answer = self.client.get(format!("{}/metrics", self.url)).send();
        answer.and_then(reqwest::blocking::Response::text).expect("it answers")
    }

    fn scrape(&self) -> Scrape {
        let sample = |line: &str| {
            let (series, value) = line.rsplit_once(' ')?;
            Some((series.to_owned(), value.parse().ok()?))
        };
        let wanted = ["gracewatch_probes_total", "gracewatch_probe_lag", "process_resident"];
        let text = self.text();
        let lines = text.lines().filter(|line| wanted.iter().any(|name| line.starts_with(name)));
        lines.filter_map(sample).collect()
    }
}

/// Finds where it listens in what it logs.
fn listens_at(directory: &Path, url: &mut String) -> bool {
    let log = fs::read_to_string(directory.join("output")).unwrap_or_default();
    let found = log.split_once("listening on ").and_then(|(_, rest)| rest.split_whitespace().next());
    found.inspect(|found| found.trim_matches('"').clone_into(url)).is_some()
}

/// The least bound of a bucket of lag below which so large a part of the probes began.
fn quantile(part: f64, after: &Scrape, grown: impl Fn(&str) -> f64) -> f64 {
    let total = grown("gracewatch_probe_lag_seconds_count");
    let bound = |series: &str| series.split_once("le=\"")?.1.strip_suffix("\"}")?.parse::<f64>().ok();
    let buckets = after.keys().filter(|series| series.starts_with("gracewatch_probe_lag_seconds_bucket"));
    let mut buckets: Vec<_> = buckets.filter_map(|series| Some((bound(series)?, grown(series)))).collect();
    buckets.sort_by(|(one, _), (two, _)| one.total_cmp(two));
    buckets.iter().find(|(_, count)| *count >= part * total).map_or(f64::INFINITY, |(bound, _)| *bound)
}

/// What a client is made of, which asks no proxy.
fn plain_client() -> ClientBuilder {
    // Of the library's features the program takes the one that has no cryptography of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy()
}
