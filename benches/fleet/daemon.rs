//! The program as a child process: serving, and asked for what it says and needs.

use crate::servers::directory::TemporaryDirectory;
use crate::servers::process::Process;
use crate::servers::program;
use reqwest::blocking::{Client, ClientBuilder};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_mins(10);

const TOKEN: &str = "0123456789abcdef-fleet";

/// Where reports are kept, and what is to be known to use it.
pub(crate) struct Place {
    pub(crate) directory: TemporaryDirectory,
    configuration: PathBuf,
}

impl Place {
    /// A store of its own: a new file, unless a URL is given.
    pub(crate) fn new(store: Option<&str>) -> Self {
        let directory = TemporaryDirectory::new("fleet");
        let file = format!("sqlite:{}", directory.path().join("store.db").display());
        let inbox = directory.subdirectory("inbox");
        let tokens = directory.write_private("tokens", format!("fleet {TOKEN} *.corp.example\n"));
        // Nothing listens there: this is about reports, and no name is looked up elsewhere.
        let configuration = format!(
            "paths: [{{name: corp, kms: {{domain: corp.example, nameservers: [\"127.0.0.1:1\"]}}}}]\n\
             status: {{store: \"{}\", inbox: \"{}\", tokens_file: \"{}\"}}\n",
            store.unwrap_or(&file),
            inbox.display(),
            tokens.display()
        );
        let configuration = directory.write("gracewatch.yaml", configuration);
        Self { directory, configuration }
    }

    /// A command of the program that uses it.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gracewatch"));
        command.arg(name).arg("--config").arg(&self.configuration);
        command
    }

    /// The file in bytes, once all is written back to it; `None` where the store is not a file.
    pub(crate) fn size(&self) -> Option<u64> {
        let file = self.path("store.db");
        let length = || fs::metadata(&file).map(|file| file.len()).ok();
        length()?;
        let write_back = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(TRUNCATE)')";
        let status = Command::new(program::python()).args(["-c", write_back]).arg(&file).status();
        assert!(status.is_ok_and(|status| status.success()), "the log of the store can be written back");
        length()
    }

    /// A file of this name in its directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

/// `gracewatch serve`.
pub(crate) struct Daemon {
    process: Process,
    url: String,
    /// From its start until it listened.
    pub(crate) listened_after: Duration,
}

impl Daemon {
    pub(crate) fn start(place: &Place) -> Self {
        let begun = Instant::now();
        let mut command = place.command("serve");
        command.args(["--listen", "127.0.0.1:0"]);
        let mut process = Process::start("gracewatch", command, place.directory.path());
        let output = place.path("output");
        let mut address = None;
        let is_ready = process.wait_until_ready(|| {
            let log = fs::read_to_string(&output).unwrap_or_default();
            let found = log.split_once("listening on ").and_then(|(_, rest)| rest.split_whitespace().next());
            address = found.map(|url| url.trim_matches('"').to_owned());
            address.is_some()
        });
        assert!(is_ready.is_ok(), "{}", process.report("does not listen"));
        Self { process, url: address.expect("it was waited for"), listened_after: begun.elapsed() }
    }

    /// Posts bodies over so many connections at once. Each report in them must be accepted.
    pub(crate) fn post(&self, bodies: Vec<Vec<u8>>, is_compressed: bool, connections: usize) -> Cost {
        let mut shares: Vec<Vec<Vec<u8>>> = vec![Vec::new(); connections];
        for (number, body) in bodies.into_iter().enumerate() {
            shares[number % connections].push(body);
        }
        let clients: Vec<_> = shares.iter().map(|_| client()).collect();
        let (begun, processor) = (Instant::now(), self.processor_time());
        thread::scope(|scope| {
            for (bodies, client) in shares.into_iter().zip(&clients) {
                scope.spawn(move || {
                    for body in bodies {
                        self.post_one(client, body, is_compressed);
                    }
                });
            }
        });
        Cost { time: begun.elapsed(), processor: self.processor_time().saturating_sub(processor) }
    }

    /// How long it has used a processor so far, with all its threads.
    pub(crate) fn processor_time(&self) -> Duration {
        processor_time(self.process.id()).expect("it runs")
    }

    fn post_one(&self, client: &Client, body: Vec<u8>, is_compressed: bool) {
        let mut request = client.post(format!("{}/api/v1/status", self.url)).bearer_auth(TOKEN).body(body);
        if is_compressed {
            request = request.header("Content-Encoding", "gzip");
        }
        let answer = request.send().and_then(reqwest::blocking::Response::text).expect("it answers");
        assert!(answer.contains("\"refused\":0") && answer.contains("\"not_understood\":0"), "{answer}");
    }

    /// The page of metrics.
    pub(crate) fn scrape(&self, client: &Client) -> String {
        let answer = client.get(format!("{}/metrics", self.url)).send();
        answer.and_then(reqwest::blocking::Response::text).expect("it answers")
    }

    /// The median time of a page that is asked for so often, in milliseconds.
    pub(crate) fn page(&self, page: &str, times: usize) -> f64 {
        let client = client();
        let mut times: Vec<_> = (0..times)
            .map(|_| {
                let begun = Instant::now();
                let answer = client.get(format!("{}{page}", self.url)).send().expect("it answers");
                assert!(answer.status().is_success(), "{page}: {}", answer.status());
                let length = answer.bytes().expect("it answers whole").len();
                assert!(length > 0, "{page}");
                begun.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }

    /// The share of a processor that it takes to answer a page this often, as browsers ask for it.
    pub(crate) fn open_in_browsers(&self, page: &str, pause: Duration, length: Duration) -> f64 {
        let (client, begun, processor) = (client(), Instant::now(), self.processor_time());
        let mut next = begun;
        while begun.elapsed() < length {
            let request = client.get(format!("{}{page}", self.url)).header("Accept-Encoding", "gzip");
            let answer = request.header("Accept", "text/html").send().expect("it answers");
            assert!(answer.status().is_success(), "{page}: {}", answer.status());
            assert!(!answer.bytes().expect("it answers whole").is_empty(), "{page}");
            next += pause;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        self.processor_time().saturating_sub(processor).as_secs_f64() / begun.elapsed().as_secs_f64()
    }

    /// How long a page is, in kilobytes.
    pub(crate) fn length(&self, page: &str) -> f64 {
        let answer = client().get(format!("{}{page}", self.url)).send();
        let text = answer.and_then(reqwest::blocking::Response::text).expect("it answers");
        text.len() as f64 / 1e3
    }

    /// How long each of so many scrapes took, in milliseconds, and the length of the last page in bytes.
    pub(crate) fn scrapes(&self, count: usize, pause: Duration) -> (Vec<f64>, usize) {
        let client = client();
        let mut length = 0;
        let times = (0..count).map(|_| {
            thread::sleep(pause);
            let begun = Instant::now();
            length = self.scrape(&client).len();
            begun.elapsed().as_secs_f64() * 1e3
        });
        (times.collect(), length)
    }

    /// Waits until its metrics count so many machines.
    pub(crate) fn wait_until_aggregated(&self, machines: usize) {
        let (client, expected) = (client(), format!("\ngracewatch_machines_known {machines}\n"));
        // Not too often: what it takes to answer is part of what it is measured by.
        wait_until("the fleet is not aggregated", || {
            thread::sleep(Duration::from_millis(45));
            self.scrape(&client).contains(&expected)
        });
    }

    /// What is resident now, and the most that ever was, in megabytes.
    pub(crate) fn memory(&self) -> (f64, f64) {
        let status = Memory::of(self.process.id()).expect("it runs");
        (status.resident, status.peak)
    }

    /// Ends it as an operator would, and waits for that.
    pub(crate) fn stop(mut self) {
        let kill = Command::new("sh").args(["-c", &format!("kill -s TERM {}", self.process.id())]).status();
        assert!(kill.is_ok_and(|status| status.success()), "it can be ended");
        let ended = self.process.wait(PATIENCE).expect("it ends");
        assert!(ended.success(), "{}", self.process.report("failed"));
    }
}

/// What a piece of work took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) time: Duration,
    /// Of the processors, which depends less on what else they are busy with.
    pub(crate) processor: Duration,
}

/// How long a process has used a processor (proc(5)), in hundredths of a second.
fn processor_time(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().ok());
    Some(Duration::from_millis(10 * ticks.sum::<Option<u64>>()?))
}

/// What a process has in memory (proc(5)), in megabytes.
pub(crate) struct Memory {
    resident: f64,
    pub(crate) peak: f64,
}

impl Memory {
    /// That of a process that runs.
    pub(crate) fn of(process: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let megabytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1.024e-3)
        };
        Some(Self { resident: megabytes("VmRSS:")?, peak: megabytes("VmHWM:")? })
    }
}

/// Imports files; what that took, and the most memory it had.
pub(crate) fn import(place: &Place, files: &[PathBuf]) -> (Cost, f64) {
    let mut command = place.command("import");
    command.args(files);
    let begun = Instant::now();
    let mut process = Process::start("import", command, place.directory.path());
    let (mut peak, mut processor) = (0.0, Duration::ZERO);
    loop {
        peak = Memory::of(process.id()).map_or(peak, |memory| memory.peak);
        processor = processor_time(process.id()).unwrap_or(processor);
        if let Some(ended) = process.wait(Duration::ZERO) {
            assert!(ended.success(), "{}", process.report("failed"));
            return (Cost { time: begun.elapsed(), processor }, peak);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Puts files into the inbox at once, and waits until they are processed.
pub(crate) fn through_inbox(place: &Place, files: &[PathBuf]) -> Duration {
    let name = |file: &Path| file.file_name().expect("it has one").to_owned();
    let inbox = place.path("inbox");
    for file in files {
        fs::rename(file, inbox.join(name(file))).expect("a file can be moved");
    }
    let begun = Instant::now();
    wait_until("the inbox is not processed", || files.iter().all(|file| is_filed(&inbox, &name(file))));
    begun.elapsed()
}

/// True once a file of this name is in a folder of its day.
fn is_filed(inbox: &Path, name: &OsStr) -> bool {
    let mut days = fs::read_dir(inbox.join("done")).into_iter().flatten().flatten();
    days.any(|day| day.path().join(name).exists())
}

fn client() -> Client {
    plain_client().timeout(PATIENCE).build().expect("a client can be built")
}

fn wait_until(complaint: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "{complaint}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// What a client is made of, which asks no proxy.
fn plain_client() -> ClientBuilder {
    // Of the library's features the program takes the one that has no cryptography of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy()
}
