//! Prometheus: the one that reads the metrics, and `promtool`, which knows how they should look.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::directory::TemporaryDirectory;
use super::http;
use super::place::Place;
use super::process;
use super::program;
use super::server::Server;

/// A running `prometheus`.
#[derive(Debug)]
pub struct Prometheus {
    server: Server,
    place: Place,
}

impl Prometheus {
    /// Scrapes `/metrics` of `target`, as job `gracewatch`.
    pub fn scraping(target: SocketAddr) -> Self {
        Self::start(&format!("- job_name: gracewatch\n  static_configs:\n    - targets: ['{target}']\n"))
    }

    /// Runs on 127.0.0.1 with these scrape configurations, a list in YAML, and other keys after them, such as
    /// `rule_files`.
    pub fn start(scrape_configs: &str) -> Self {
        Self::start_at(&Place::loopback(), |directory| {
            let configuration = format!(
                "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\n\
                 scrape_configs:\n{scrape_configs}"
            );
            directory.write("prometheus.yml", configuration)
        })
    }

    /// Does what the file says that `configure` writes, anywhere.
    pub fn start_at(place: &Place, configure: impl Fn(&TemporaryDirectory) -> PathBuf) -> Self {
        Self::start_after("", place, configure)
    }

    /// The same, with what it remembers from before it started: samples in the format of `OpenMetrics`.
    pub fn start_after(history: &str, place: &Place, configure: impl Fn(&TemporaryDirectory) -> PathBuf) -> Self {
        let prometheus = program::find("prometheus", "prometheus");
        let server = Server::start(
            "prometheus",
            place,
            |directory, address| {
                let storage = directory.subdirectory("storage");
                if !history.is_empty() {
                    remember(&directory.write("history", history), &storage);
                }
                let mut command = place.server_command(&prometheus);
                command
                    .arg(format!("--config.file={}", configure(directory).display()))
                    .arg(format!("--storage.tsdb.path={}", storage.display()))
                    .arg(format!("--web.listen-address={address}"))
                    .arg("--storage.tsdb.wal-segment-size=10MB")
                    .arg("--query.max-samples=100000")
                    // The Go runtime collects garbage harder near this size, rather than growing.
                    .env("GOMEMLIMIT", "128MiB")
                    .env("GOMAXPROCS", "1");
                command
            },
            |address| http::get_at(place, address, "/-/ready").is_ok_and(|response| response.status == 200),
        );
        Self { server, place: place.clone() }
    }

    /// Replaces a file that `configure` wrote, and has it read.
    pub fn replace(&self, name: &str, text: &str) {
        self.server.directory.write(name, text);
        self.server.process.signal("HUP");
    }

    /// Where it answers, over HTTP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Evaluates an expression now; the answer is JSON as the HTTP API returns it.
    pub fn query(&self, expression: &str) -> String {
        let path = format!("/api/v1/query?query={}", http::encode_parameter(expression));
        let response = http::get_at(&self.place, self.address(), &path).expect("prometheus answers");
        assert_eq!(response.status, 200, "{expression}: {}", response.body);
        response.body
    }

    /// Evaluates an expression until it has at least one result, and returns the answer.
    pub fn query_until_found(&self, expression: &str) -> String {
        let mut answer = String::new();
        process::wait_until(&format!("{expression} stays without result"), || {
            answer = self.query(expression);
            !answer.contains(r#""result":[]"#)
        });
        answer
    }
}

/// Writes samples into a storage that is not in use.
fn remember(history: &Path, storage: &Path) {
    let mut promtool = Command::new(program::find("promtool", "prometheus"));
    // Blocks of two hours each, as it makes them by default, take five times as long for some days.
    promtool.args(["tsdb", "create-blocks-from", "--quiet", "--max-block-duration=96h", "openmetrics"]);
    promtool.args([history, storage]);
    let output = promtool.output().expect("promtool can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
}

/// What `promtool check metrics` says about a scrape; `Err` holds its complaints.
pub fn promtool_check_metrics(text: &str) -> Result<(), String> {
    let mut promtool = Command::new(program::find("promtool", "prometheus"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool can be run");
    // It prints only after it has read everything, and if it has ended early its complaint says why.
    let _ = promtool.stdin.take().expect("stdin is piped").write_all(text.as_bytes());
    let output = promtool.wait_with_output().expect("promtool ends");
    if output.status.success() {
        return Ok(());
    }
    let complaints = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&complaints).into_owned())
}
