//! What does it take to keep the status of a large fleet? Machines with a license of Windows and one of Office each
//! report once a day, as the collector for Windows does, to the program as a child process.
//!
//! Beside it is what `SQLite` alone takes for the same rows in transactions as large, which no store in such a file
//! can do without, and what the first import takes with `PostgreSQL`. Fails where a report is not accepted, a figure of
//! the fleet is wrong, or a bound is broken ([`bounds`]). Times depend on the machine, and least the processor time of
//! the program on what else the machine is busy with.
//!
//! `FLEET_MACHINES` is how many machines there are; the bounds are those of 100,000.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run measures nothing")]
#![allow(clippy::indexing_slicing, reason = "and neither does one that reads past the end")]
#![allow(clippy::cast_precision_loss, reason = "figures for people have few digits")]
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../../tests/integration/servers/mod.rs"]
mod servers;

mod bounds;
mod daemon;
mod pages;
mod reports;

use bounds::Bounds;
use daemon::{Cost, Daemon, Place};
use reports::{Fleet, compressed, list};
use servers::postgres::Postgres;
use servers::program;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// How many machines there are, unless another number is wished for.
const MACHINES: usize = 100_000;

/// How many reports are in a body.
const BATCH: usize = 500;

/// How many scrapes are measured.
const SCRAPES: usize = 200;

/// How often the program is started.
const STARTS: usize = 5;

/// The most reports in a file to import, which may not be longer than 256 MiB.
const FILE: usize = 50_000;

/// How many reports are in the first import into each database.
const IMPORTED: usize = 40_000;

fn main() {
    let machines = env::var("FLEET_MACHINES").map_or(MACHINES, |number| number.parse().expect("a number of machines"));
    let fleet = Fleet::new(machines);
    let days: Vec<Vec<String>> = (0..2).map(|day| fleet.reports(day)).collect();
    let length = days[0].iter().map(String::len).sum::<usize>() / machines;
    println!("{machines} machines, 2 licenses each; {length} bytes a report, {BATCH} reports a body");

    let mut bounds = Bounds::default();
    println!("\nreports/s (µs of processor time each)   first load       a day later        sent again");
    let mut filled = None;
    let mut best = [0.0_f64; 2];
    for (connections, is_compressed) in [(1, false), (4, false), (1, true), (4, true)] {
        let place = Place::new(None);
        let costs = load(&place, &days, connections, is_compressed);
        for (best, cost) in best.iter_mut().zip(costs) {
            *best = best.max(per_second(machines, cost.time));
        }
        filled = Some(place);
    }
    let place = filled.expect("it was filled");
    let alone = floor(&place, &fleet);
    for (name, (best, alone)) in ["first load", "a day later"].into_iter().zip(best.into_iter().zip(alone)) {
        bounds.at_least(&format!("{name}, by SQLite alone"), best / per_second(machines, alone.time), "x", 0.8);
    }

    println!();
    retained(&place, &fleet, &mut bounds);
    import(&days[1]);
    compare_databases(&days[1], &mut bounds);
    bounds.finish();
}

/// Imports the same reports into an empty database of each kind.
fn compare_databases(reports: &[String], bounds: &mut Bounds) {
    println!();
    let reports = &reports[..reports.len().min(IMPORTED)];
    let server = Postgres::new();
    let [file, database] = [None, Some(server.url())].map(|store| {
        let place = Place::new(store.as_deref());
        let text = place.directory.write("reports.json", reports.join("\n"));
        let (cost, _) = daemon::import(&place, &[text]);
        row(if store.is_some() { "import, PostgreSQL" } else { "import, SQLite" }, reports.len(), &[cost]);
        cost.time
    });
    bounds.at_most("first import, PostgreSQL by SQLite", database.as_secs_f64() / file.as_secs_f64(), "x", 3.0);
}

/// Has the whole fleet report on two days, and a second time on the last.
fn load(place: &Place, days: &[Vec<String>], connections: usize, is_compressed: bool) -> [Cost; 3] {
    let daemon = Daemon::start(place);
    let machines = days[0].len();
    let costs = [0, 1, 1].map(|day| daemon.post(bodies(&days[day], is_compressed), is_compressed, connections));
    daemon.wait_until_aggregated(machines);
    let how = if is_compressed { "gzip" } else { "plain" };
    row(&format!("{connections} connections, {how}"), machines, &costs);
    daemon.stop();
    costs
}

/// Writes the rows of a store by `SQLite` alone.
fn floor(place: &Place, fleet: &Fleet) -> Vec<Cost> {
    let copy = Place::new(None);
    let names = copy.directory.write("names", fleet.names().join("\n"));
    let script = copy.directory.write("floor.py", include_str!("floor.py"));
    let mut command = Command::new(program::python());
    command.arg(script).args([&place.path("store.db"), &copy.path("store.db"), &names]).arg(BATCH.to_string());
    let output = command.output().expect("Python can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout);
    let seconds = printed.split_whitespace().map(|seconds| seconds.parse().expect("seconds"));
    let times: Vec<_> = seconds.map(Duration::from_secs_f64).collect();
    let costs: Vec<_> = times.chunks(2).map(|times| Cost { time: times[0], processor: times[1] }).collect();
    row("SQLite alone, the same rows", fleet.names().len(), &costs);
    costs
}

/// What it takes to serve a full store.
fn retained(place: &Place, fleet: &Fleet, bounds: &mut Bounds) {
    let machines = fleet.names().len();
    let mut starts: Vec<[Duration; 3]> = Vec::new();
    for _ in 0..STARTS {
        let begun = Instant::now();
        let daemon = Daemon::start(place);
        daemon.wait_until_aggregated(machines);
        let added_up = begun.elapsed();
        starts.push([daemon.listened_after, added_up, daemon.processor_time()]);
        daemon.stop();
    }
    let of_starts = |which: usize| median(starts.iter().map(|times| times[which].as_secs_f64()));
    figure("start-up, until it listens", of_starts(0), "s");
    figure("start-up, until the fleet is aggregated", of_starts(1), "s");
    bounds.at_most("start-up, processor time until then", of_starts(2), "s", 1.5);

    let daemon = Daemon::start(place);
    daemon.wait_until_aggregated(machines);
    bounds.at_most("scrape, idle, median", scrapes("scrape, idle", &daemon), "ms", 2.0);
    pages::measure(&daemon, bounds);
    pages::measure_for_people(&daemon, bounds);
    let listed_in = pages::whole_list(place, machines);
    bounds.at_most("the whole list as JSON, by the command", listed_in.as_secs_f64(), "s", 2.0);
    let last = bodies(&fleet.reports(2), true);
    thread::scope(|scope| {
        let posting = scope.spawn(|| daemon.post(last, true, 1));
        scrapes("scrape, while reports come in", &daemon);
        let cost = posting.join().expect("reports are posted");
        figure("reports beside that", per_second(machines, cost.time), "/s");
    });
    daemon.wait_until_aggregated(machines);
    // Once more after the last report.
    thread::sleep(Duration::from_secs(5));
    let (resident, peak) = daemon.memory();
    bounds.at_most("resident, idle", resident, "MB", 150.0);
    figure("resident, at its peak", peak, "MB");
    daemon.scrapes(100, Duration::ZERO);
    bounds.at_most("resident after 100 more scrapes", daemon.memory().0, "MB", 150.0);
    daemon.stop();
    if let Some(size) = place.size() {
        figure("store", megabytes(size), "MB");
        figure("store, for each license", size as f64 / (2 * machines) as f64, "bytes");
    }
}

/// Scrapes again and again. Returns the median, in milliseconds.
fn scrapes(name: &str, daemon: &Daemon) -> f64 {
    let (mut times, length) = daemon.scrapes(SCRAPES, Duration::from_millis(10));
    times.sort_by(f64::total_cmp);
    figure(&format!("{name}, median"), times[SCRAPES / 2], "ms");
    figure(&format!("{name}, 99 of 100"), times[SCRAPES * 99 / 100], "ms");
    figure(&format!("{name}, page"), length as f64 / 1e3, "kB");
    times[SCRAPES / 2]
}

/// Files, by the command and through the inbox.
fn import(reports: &[String]) {
    println!();
    let place = Place::new(None);
    let files: Vec<PathBuf> = reports
        .chunks(FILE)
        .enumerate()
        .map(|(number, reports)| place.directory.write(&format!("{number}.json"), reports.join("\n")))
        .collect();
    let largest = files.iter().map(|file| fs::metadata(file).map_or(0, |file| file.len())).max().unwrap_or_default();
    println!("{} files of {FILE} reports, a line each; the largest has {:.0} MB", files.len(), megabytes(largest));
    let (cost, peak) = daemon::import(&place, &files);
    row("import", reports.len(), &[cost]);
    figure("import, memory at its peak", peak, "MB");
    let again = Place::new(None);
    let daemon = Daemon::start(&again);
    let time = daemon::through_inbox(&again, &files);
    daemon.wait_until_aggregated(reports.len());
    figure("inbox, until all files are processed", time.as_secs_f64(), "s");
    figure("inbox, memory at its peak", daemon.memory().1, "MB");
    thread::sleep(Duration::from_secs(5));
    figure("inbox, resident afterwards", daemon.memory().0, "MB");
    daemon.stop();
}

fn bodies(reports: &[String], is_compressed: bool) -> Vec<Vec<u8>> {
    let bodies = reports.chunks(BATCH).map(list);
    if is_compressed { bodies.map(|body| compressed(&body)).collect() } else { bodies.collect() }
}

fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn row(name: &str, reports: usize, costs: &[Cost]) {
    let figure = |cost: &Cost| {
        let each = cost.processor.as_secs_f64() * 1e6 / reports as f64;
        format!("{:11.0} ({each:4.0})", per_second(reports, cost.time))
    };
    println!("{name:<32}{}", costs.iter().map(figure).collect::<Vec<_>>().concat());
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("{name:<44}{value:10.2} {unit}");
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
