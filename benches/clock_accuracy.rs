//! How true are our measurements of a clock, and how tight their bounds, beside chrony's own? Both measure one chronyd
//! on this machine, whose clock is ours, so that the true offset is zero; all processors are kept busy meanwhile.
//!
//! Fails where a bound does not hold, or ours are wider than twice chrony's. The figures are printed side by side.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run measures nothing")]
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../tests/integration/servers/mod.rs"]
mod servers;

use gracewatch::host::{Host, HostPort};
use gracewatch::path::Resolution;
use gracewatch::probe::ntp;
use servers::chrony::Chrony;
use servers::directory::TemporaryDirectory;
use servers::place::Place;
use servers::process::Process;
use servers::program;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fs, hint, thread};

/// How often each of the two measures.
const MEASUREMENTS: usize = 2000;

/// How much wider than chrony's our median bound may be.
const WIDEST: f64 = 2.0;

/// From one measurement to the next: as often as chrony goes.
const PACE: Duration = Duration::from_micros(15_625);

const TIMEOUT: Duration = Duration::from_secs(5);

/// One measurement of a clock that is exactly right, in seconds.
#[derive(Debug, Clone, Copy)]
struct Measured {
    error: f64,
    bound: f64,
}

fn main() -> ExitCode {
    let server = Chrony::right();
    let busy = Busy::start();
    let client = Client::start(server.address());
    let ours = measure(server.address());
    let chronys = client.finish();
    drop(busy);

    let held = ours.iter().filter(|measured| measured.error <= measured.bound).count();
    println!("{} of {} true offsets lie within our bound", held, ours.len());
    println!("                    ours      chrony's   ratio");
    let bounds = compare("median bound", &ours, &chronys, |measured| measured.bound);
    compare("median |error|", &ours, &chronys, |measured| measured.error);
    if held == ours.len() && bounds <= WIDEST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the medians of both, and returns their ratio.
fn compare(name: &str, ours: &[Measured], chronys: &[Measured], of: fn(&Measured) -> f64) -> f64 {
    let [one, other] = [ours, chronys].map(|measured| median(measured.iter().map(of)) * 1e6);
    println!("{name:<15} {one:7.1} µs  {other:7.1} µs   {:5.2}", one / other);
    one / other
}

/// Our own measurements, at the pace of chrony's.
fn measure(server: SocketAddr) -> Vec<Measured> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be built");
    let source = HostPort { host: Host::Address(server.ip().into()), port: server.port() };
    let resolution = Resolution::default();
    runtime.block_on(async {
        let mut measured = Vec::with_capacity(MEASUREMENTS);
        while measured.len() < MEASUREMENTS {
            let answer = ntp::measure(&source, &resolution, TIMEOUT, None).await;
            let server = answer.servers.first().expect("an address is asked");
            let offset = server.measurement.expect("chronyd answers").offset;
            measured.push(Measured { error: offset.seconds.abs(), bound: offset.bound });
            tokio::time::sleep(PACE).await;
        }
        measured
    })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A second chronyd, which measures the first as often as it can, 64 times a second, and logs what it finds.
struct Client {
    process: Process,
    directory: TemporaryDirectory,
}

impl Client {
    fn start(server: SocketAddr) -> Self {
        let directory = TemporaryDirectory::new("chrony-client");
        let (ip, port) = (server.ip(), server.port());
        let folder = directory.path().display();
        let configuration = directory.write(
            "chrony.conf",
            format!(
                "server {ip} port {port} minpoll -6 maxpoll -6\nport 0\ncmdport 0\nbindcmdaddress /\npidfile {folder}/pid\n\
                 logdir {folder}\nlog rawmeasurements\n"
            ),
        );
        let mut command = Place::loopback().server_command(&program::find("chronyd", "chrony"));
        command.args(["-x", "-d", "-u", "root", "-f"]).arg(configuration);
        let process = Process::start("chronyd", command, directory.path());
        Self { process, directory }
    }

    /// Waits until it has measured as often as we do.
    fn finish(self) -> Vec<Measured> {
        let log = self.directory.path().join("measurements.log");
        loop {
            let measured: Vec<_> =
                fs::read_to_string(&log).unwrap_or_default().lines().filter_map(measurement).collect();
            if measured.len() >= MEASUREMENTS {
                drop(self.process);
                return measured;
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A line of chrony's `measurements.log`: offset, peer delay, peer dispersion, root delay and root dispersion are the
/// 12th to 16th column. The bound is the root distance, as in RFC 5905, section 11.2.
fn measurement(line: &str) -> Option<Measured> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let number = |column: usize| columns.get(column)?.parse::<f64>().ok();
    let [offset, delay, dispersion, root_delay, root_dispersion] =
        [number(11)?, number(12)?, number(13)?, number(14)?, number(15)?];
    Some(Measured { error: offset.abs(), bound: f64::midpoint(delay, root_delay) + dispersion + root_dispersion })
}

/// Keeps every processor busy until dropped.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            });
        }
        Self(stop)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
