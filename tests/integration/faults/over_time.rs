//! Faults that come and go: what a row of `over_time.md` means, and a daemon that watches all rows for some rounds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::confusion::{Confusion, Outcome};
use super::over_time_world::{Balancer, ROOT, World, ZONE, address, member};
use super::table::{self, Row};
use super::world::list;
use crate::support::daemon::Daemon;
use crate::support::scrape::Scrape;

/// The columns there are.
const COLUMNS: [&str; 5] = ["hosts", "nameservers", "asked for", "endpoints", "proxies"];

/// A round each second. Nothing is held, so that what is there stays there by itself.
const SETTINGS: &str = "probe: {interval: 1s, timeout: 700ms}\n\
                        verdict: {failing_rounds: 2, hold: 0s, intermittent: {failures: 3, of: 6}}\n\
                        clock: {host_clocks: off}\n";

/// More rounds than are remembered of each target.
const ROUNDS: f64 = 8.0;

/// How long what takes a round to be seen, such as one in which this machine was busy, may show.
const PATIENCE: Duration = Duration::from_secs(20);

/// All rows.
pub fn rows() -> Vec<Row> {
    table::read("over_time.md", include_str!("over_time.md"), &COLUMNS)
}

/// The rows on the way to KMS hosts.
pub fn kms_rows() -> Vec<Row> {
    rows().into_iter().filter(|row| row.cell("endpoints").is_empty()).collect()
}

/// The rows on the way to online endpoints.
pub fn online_rows() -> Vec<Row> {
    rows().into_iter().filter(|row| !row.cell("endpoints").is_empty()).collect()
}

/// Watches every row for some rounds, over the same servers.
pub fn watch(rows: &[Row]) -> Confusion<'_> {
    let mut balancer = Balancer::default();
    let mut paths = String::new();
    for row in rows {
        let keys = if row.cell("endpoints").is_empty() { kms(row, &mut balancer) } else { online(row, &mut balancer) };
        writeln!(paths, "- {{name: \"{}\", {keys}}}", row.name()).expect("a string takes it");
    }
    let world = World::start(&balancer, &records(rows));
    let paths = paths.replace("ROOTS", &world.roots().display().to_string());
    let daemon = Daemon::start_in(world.namespace(), &format!("{SETTINGS}paths:\n{paths}"));
    daemon.scrape_until("rounds do not end", |scrape| rows.iter().all(|row| rounds(scrape, row) >= ROUNDS));
    let begun = Instant::now();
    loop {
        let outcomes = Confusion(judge(rows, &daemon.report()));
        if outcomes.is_right() || begun.elapsed() > PATIENCE {
            return outcomes;
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// How often the stage of a path was probed that was probed most.
fn rounds(scrape: &Scrape, row: &Row) -> f64 {
    let mut stages = BTreeMap::<&str, f64>::new();
    for sample in scrape.series("gracewatch_probes_total").filter(|sample| sample.has(&[("path", &row.name())])) {
        *stages.entry(&sample.labels["stage"]).or_default() += sample.value;
    }
    stages.into_values().fold(0.0, f64::max)
}

fn judge<'a>(rows: &'a [Row], report: &Value) -> Vec<Outcome<'a>> {
    let paths = report["paths"].as_array().expect("there is a list of paths");
    rows.iter().map(|row| Outcome::of(row, paths)).collect()
}

/// What a path to KMS hosts is configured by.
fn kms(row: &Row, balancer: &mut Balancer) -> String {
    let nameservers = nameservers(row, balancer);
    let name = name(row);
    let (_, port) = member("serves");
    match row.cell("asked for") {
        "srv" => format!("kms: {{domain: {name}, {nameservers}}}"),
        "address" => format!("kms: {{hosts: [\"{name}:{port}\"], {nameservers}}}"),
        _ => format!("kms: {{hosts: {}}}", list(&targets(row, "hosts", balancer))),
    }
}

/// What a path to online endpoints is configured by.
fn online(row: &Row, balancer: &mut Balancer) -> String {
    let nameservers = match row.cell("nameservers") {
        "" => format!("nameservers: [\"{}\"]", address("knows")),
        _ => nameservers(row, balancer),
    };
    let endpoints: Vec<_> = (0..)
        .zip(row.list("endpoints"))
        .map(|(number, members)| {
            let (name, target) = (format!("e{number}.{}", name(row)), balancer.target(members));
            let scheme = if target.port() == 443 { "https" } else { "http" };
            balancer.name(&name, target.ip());
            format!("{scheme}://{name}")
        })
        .collect();
    let proxies = match row.cell("proxies") {
        "" => vec!["direct".to_owned()],
        members => vec![format!("http://{}", balancer.target(members))],
    };
    format!(
        "online: {{endpoints: {}, proxies: {}, {nameservers}, ca_file: \"ROOTS\", expected_issuers: [\"{ROOT}\"]}}",
        list(&endpoints),
        list(&proxies)
    )
}

/// The targets of a cell, as they are configured.
fn targets(row: &Row, column: &str, balancer: &mut Balancer) -> Vec<String> {
    row.list(column).into_iter().map(|members| balancer.target(members).to_string()).collect()
}

/// The nameservers of a row, as they are configured.
fn nameservers(row: &Row, balancer: &mut Balancer) -> String {
    format!("nameservers: {}", list(&targets(row, "nameservers", balancer)))
}

/// The domain of a row, or its host.
fn name(row: &Row) -> String {
    format!("line{}.{ZONE}", row.line())
}

/// The records of all rows at the nameservers that know them.
fn records(rows: &[Row]) -> String {
    let mut records = String::new();
    let (host, port) = member("serves");
    for row in rows.iter().filter(|row| !row.cell("asked for").is_empty()) {
        let name = name(row);
        write!(
            records,
            "_vlmcs._tcp.{name}. 0 SRV 0 0 {port} host.{name}.\nhost.{name}. A {host}\n{name}. 0 A {host}\n"
        )
        .expect("a string takes it");
    }
    records
}
