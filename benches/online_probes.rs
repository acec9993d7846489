//! What do our probes of online endpoints cost, beside the same handshakes and requests by curl? Both ask one nginx on
//! this machine over TLS, verify its chain up to the same root, and make every connection anew.
//!
//! Each runs as the only child of a process of its own, so that what the system counts of that one's children is this
//! work alone. Fails where a probe does, where nginx saw other handshakes than were asked for, or where ours cost more
//! than the bounds below. The figures are printed side by side; what nginx itself needs is in none of them.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run measures nothing")]
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../tests/integration/servers/mod.rs"]
mod servers;

use gracewatch::online::endpoint::{Endpoint, Role};
use gracewatch::online::trust::{Trust, read_roots};
use gracewatch::online::{DIRECT, Route, Target};
use gracewatch::path::Resolution;
use gracewatch::probe::online;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use servers::certificates::{Authority, Certificate, Validity};
use servers::directory::TemporaryDirectory;
use servers::place::Place;
use servers::process::wait_until;
use servers::server::Server;
use servers::{ask, nginx, program};
use std::net::SocketAddr;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};
use tokio::task::JoinSet;

/// How many probes, and how many transfers of curl's, are one run.
const PROBES: u16 = 1000;

/// How many are under way at once.
const CONCURRENCY: usize = 32;

/// How often each of the two runs.
const ROUNDS: usize = 5;

/// How much of curl's processor time ours may take. It was a third beside curl 7.88, which reads the root anew for each
/// connection, and half beside one that verified nothing.
const MOST_TIME: f64 = 0.75;

/// How much of curl's memory ours may take. It was less than half with two processors, and two thirds with sixteen, as
/// each has a thread.
const MOST_MEMORY: f64 = 0.75;

const TIMEOUT: Duration = Duration::from_secs(5);

/// How our requests differ from curl's.
const USER_AGENT: &str = "gracewatch/";

/// The name of the root, which the probes also expect to find: that is part of their work.
const ROOT: &str = "Gracewatch Benchmark";

/// The first argument of a process that runs the rest of them as a command, and says what that took.
const MEASURE: &str = "measure";

/// The first argument of a process that probes; a file with the root and the URL follow.
const PROBE: &str = "probe";

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// Of the processor, for the work and in the system, in milliseconds.
    time: f64,
    /// The most that was resident at once, in megabytes.
    memory: f64,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [MEASURE, program, arguments @ ..] => measure(program, arguments),
        [PROBE, root, url] => probe(root, url),
        // Cargo adds an argument of its own.
        _ => compare(),
    }
}

/// Has both run in turn, and prints what they took side by side.
fn compare() -> ExitCode {
    let curl = program::find("curl", "curl").display().to_string();
    let own = own_program();
    let authority = Authority::new(ROOT);
    let mut site = Site::start(&authority.issue(&["127.0.0.1"], Validity::Good));
    let (root, url) = (authority.root().display().to_string(), format!("https://{}/", site.server.address));
    let directory = TemporaryDirectory::new("curl");
    let transfers = directory.write("transfers", transfers(&root, &url)).display().to_string();

    let (mut ours, mut curls) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Whoever comes second finds the machine as the other left it.
        for turn in [round % 2, (round + 1) % 2] {
            match turn {
                0 => ours.push(run(&mut site, USER_AGENT, &[&own, PROBE, &root, &url])),
                // curl's first argument keeps it from reading a configuration of the user's.
                _ => curls.push(run(&mut site, "curl/", &[&curl, "--disable", "--config", &transfers])),
            }
        }
    }

    println!("{PROBES} handshakes and requests, {CONCURRENCY} at once; medians of {ROUNDS} runs of each");
    println!("all {PROBES} handshakes of each run were of TLS 1.3, and none was resumed, by nginx's log");
    println!("                        ours       curl's   ratio");
    let time = ratio("processor time", "ms", &ours, &curls, |cost| cost.time);
    ratio("for each of them", "ms", &ours, &curls, |cost| cost.time / f64::from(PROBES));
    let memory = ratio("peak memory", "MB", &ours, &curls, |cost| cost.memory);
    if time <= MOST_TIME && memory <= MOST_MEMORY { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the medians of both, and returns their ratio.
fn ratio(name: &str, unit: &str, ours: &[Cost], curls: &[Cost], of: fn(&Cost) -> f64) -> f64 {
    let [one, other] = [ours, curls].map(|costs| median(costs.iter().map(of)));
    println!("{name:<16} {one:9.3} {unit} {other:9.3} {unit}   {:5.2}", one / other);
    one / other
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn own_program() -> String {
    env::current_exe().expect("a program knows where it is").display().to_string()
}

/// Runs a command once, and checks with nginx that it did what is measured.
fn run(site: &mut Site, user_agent: &str, command: &[&str]) -> Cost {
    let measured = Command::new(own_program()).arg(MEASURE).args(command).stderr(Stdio::inherit()).output();
    let measured = measured.expect("this program can be run");
    assert!(measured.status.success(), "{} fails", command.join(" "));
    site.check(user_agent);
    let printed = String::from_utf8_lossy(&measured.stdout);
    let mut figures = printed.split_whitespace().map(|figure| figure.parse::<u32>().expect("figures are printed"));
    let [time, memory] = [(); 2].map(|()| f64::from(figures.next().expect("two figures are printed")));
    // Linux counts memory in units of 1024 bytes.
    Cost { time: time / 1e3, memory: memory * 1.024e-3 }
}

/// Runs a command to its end, and prints its processor time in microseconds and its peak memory in kilobytes.
fn measure(program: &str, arguments: &[&str]) -> ExitCode {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status().expect("a program can be run");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("a process may ask what its children used");
    println!("{} {}", (usage.user_time() + usage.system_time()).num_microseconds(), usage.max_rss());
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Probes as the program does: every target in a task of its own, on a runtime as `serve` has it.
fn probe(root: &str, url: &str) -> ExitCode {
    let roots = read_roots(&fs::read(root).expect("the root is there")).expect("the root is a certificate");
    let trust = Arc::new(Trust::new(roots).expect("there are TLS versions"));
    let resolution = Arc::new(Resolution::default());
    let targets: Vec<_> = (0..PROBES)
        .map(|_| {
            let endpoint = Endpoint::parse(url, Role::Activation, false).expect("the URL is one of an endpoint");
            Arc::new(Target { endpoint: Arc::new(endpoint), proxy: DIRECT.into(), route: Route::Direct })
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let mut running = JoinSet::new();
        let mut left = targets.into_iter();
        let mut passed = 0;
        loop {
            for target in left.by_ref().take(CONCURRENCY - running.len()) {
                let (trust, resolution) = (Arc::clone(&trust), Arc::clone(&resolution));
                running.spawn(async move { online::walk(&target, &trust, &resolution, TIMEOUT).await });
            }
            let Some(answer) = running.join_next().await else { break };
            let answer = answer.expect("a probe does not panic");
            let failed = answer.stages.iter().find(|stage| stage.reason.is_some());
            assert!(failed.is_none() && answer.http.is_some(), "a probe fails: {failed:?}");
            passed += 1;
        }
        assert_eq!(passed, PROBES, "every target is probed");
    });
    ExitCode::SUCCESS
}

/// A configuration of curl's that has it do what the probes do, in one process, and keep nothing.
fn transfers(root: &str, url: &str) -> String {
    let same = format!(
        "parallel\nparallel-max = {CONCURRENCY}\nhttp1.1\nno-sessionid\nheader = \"Connection: close\"\n\
         noproxy = \"*\"\ncacert = \"{root}\"\nfail\nsilent\nshow-error\nno-progress-meter\n"
    );
    same + &format!("url = \"{url}\"\n").repeat(PROBES.into())
}

/// An nginx with one process, which answers over TLS and logs every handshake.
struct Site {
    server: Server,
    /// How many handshakes in its log are checked.
    checked: usize,
    /// The number that its next connection will have, once one is known.
    next: Option<u64>,
}

impl Site {
    fn start(certificate: &Certificate) -> Self {
        let (nginx, place) = (program::find("nginx", "nginx"), Place::loopback());
        let server = Server::start(
            "nginx",
            &place,
            |directory, address| {
                let configuration = directory.write("nginx.conf", configuration(directory, address, certificate));
                let mut command = place.server_command(&nginx);
                command.args(["-e", "stderr", "-c"]).arg(configuration);
                command
            },
            // Over TLS the question is not even one: the answer is plain HTTP, and no handshake is logged.
            |address| {
                ask::exchange_over_tcp(&place, address, nginx::QUESTION)
                    .is_some_and(|answer| answer.starts_with(b"HTTP/1.1 400 "))
            },
        );
        Self { server, checked: 0, next: None }
    }

    /// Checks that since the last time the connections were exactly those of one run: each with a handshake of TLS 1.3
    /// that resumes no earlier one, and one request of this user agent.
    fn check(&mut self, user_agent: &str) {
        let log = self.server.directory.path().join("handshakes.log");
        let mut lines = Vec::new();
        // A client has its answer before the line is written.
        wait_until("nginx has logged fewer handshakes than were asked for", || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            lines = text.lines().filter(|line| line.contains(" TLS")).skip(self.checked).map(str::to_owned).collect();
            lines.len() >= usize::from(PROBES)
        });
        self.checked += lines.len();
        let handshake = format!("TLSv1.3 . 200 {user_agent}");
        let mut numbers: Vec<u64> = Vec::new();
        for line in &lines {
            let (number, rest) = line.split_once(' ').unwrap_or_default();
            assert!(rest.starts_with(&handshake), "nginx logs {line:?} where {handshake:?} is expected");
            numbers.push(number.parse().expect("nginx numbers its connections"));
        }
        // It numbers those too that came to no request, and so to no line.
        numbers.sort_unstable();
        let first = self.next.or(numbers.first().copied()).expect("there are lines");
        let next = first + u64::from(PROBES);
        assert!(numbers.into_iter().eq(first..next), "nginx has taken other connections than those that are measured");
        self.next = Some(next);
    }
}

/// The whole of `nginx.conf`: one process, and every file it makes in the server's own directory.
fn configuration(directory: &TemporaryDirectory, address: SocketAddr, certificate: &Certificate) -> String {
    let path = directory.path().display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("  {kind}_temp_path {path}/{kind};\n"))
        .concat();
    let (chain, key) = (certificate.chain.display(), certificate.key.display());
    format!(
        "daemon off;\n\
         master_process off;\n\
         pid {path}/pid;\n\
         events {{}}\n\
         http {{\n\
           log_format handshakes '$connection $ssl_protocol $ssl_session_reused $status $http_user_agent';\n\
         {temporary}\
           server {{\n\
             listen {address} ssl;\n\
             ssl_certificate {chain};\n\
             ssl_certificate_key {key};\n\
             ssl_protocols TLSv1.2 TLSv1.3;\n\
             access_log {path}/handshakes.log handshakes;\n\
             return 200 activated;\n\
           }}\n\
         }}\n"
    )
}
