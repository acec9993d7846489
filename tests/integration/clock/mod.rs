//! Clocks: this machine's, those of time servers and those of KMS hosts, as far as each can be had.
//!
//! What is measured is measured against servers that are right, or off by a set amount. So it is
//! known what an offset should be, and it must lie within the bound that is reported beside it.

mod agreement;
mod datagrams;
mod host_clocks;
mod kisses;
mod manners;
mod metrics;
mod own;
mod time_servers;
mod unreadable;
mod words;

use std::net::SocketAddr;

use serde_json::Value;

use crate::support::check::Report;
use crate::support::scrape::Scrape;

/// The verdicts on clocks, as [`Report::outcome`] writes them.
const OK: &str = "0 ok - - - -";
const SKEWED: &str = "2 blocked clock skewed 0xC004F074 0xC004F06C";
const DRIFTED: &str = "1 degraded clock drifted - -";
const OWN_CLOCK: &str = "1 degraded clock own_clock - -";

/// Half of the longest way that an answer over loopback has on a machine that is busy.
const BUSY: f64 = 0.2;

/// How far libfaketime may be from the shift it was asked for. Mostly it is exact; in one process of twenty it is
/// behind for as long as that runs, by 0.1 ms or, on a busy machine, by tens of milliseconds.
const SHIFT: f64 = 0.5;

/// A way to read a host's clock, as it is configured.
fn way(protocol: &str, at: SocketAddr) -> String {
    format!("{protocol}:{}", at.port())
}

/// Every clock there is in a report.
fn sources(report: &Report) -> &[Value] {
    report.json["clock"]["sources"].as_array().expect("there is a list of clocks")
}

/// The only clock of a kind; `None` is the kind of a host whose clock cannot be read.
fn source<'a>(report: &'a Report, kind: Option<&str>) -> &'a Value {
    let mut of_kind = sources(report).iter().filter(|source| source["kind"].as_str() == kind);
    let found = of_kind.next().unwrap_or_else(|| panic!("no {kind:?} in {:#}", report.json["clock"]));
    assert!(of_kind.next().is_none(), "more than one {kind:?} in {:#}", report.json["clock"]);
    found
}

/// The clock that is read at an address.
fn source_at(report: &Report, address: SocketAddr) -> &Value {
    let found = sources(report).iter().find(|source| source["source"] == address.to_string().as_str());
    found.unwrap_or_else(|| panic!("no {address} in {:#}", report.json["clock"]))
}

/// Insists that a clock was read, is `truth` seconds off within the reported bound, and that this is no more than
/// `most`.
fn assert_read(source: &Value, truth: f64, most: f64) {
    assert_eq!((&source["ok"], &source["reason"]), (&true.into(), &Value::Null), "{source}");
    let number = |key: &str| source[key].as_f64().unwrap_or_else(|| panic!("{key} is no number: {source}"));
    assert_bounds(number("offset_seconds"), number("error_seconds"), truth, most);
}

/// Insists that the time servers agree that true time is `truth` seconds from ours, within the reported bound.
fn assert_reference(report: &Report, truth: f64) {
    let clock = &report.json["clock"];
    let number = |key: &str| clock[key].as_f64().unwrap_or_else(|| panic!("{key} is no number: {clock:#}"));
    assert_bounds(number("reference_offset_seconds"), number("error_seconds"), truth, BUSY);
}

/// Insists that true time is not known.
fn assert_no_reference(report: &Report) {
    let clock = &report.json["clock"];
    for key in ["reference_offset_seconds", "error_seconds"] {
        assert_eq!(clock[key], Value::Null, "{clock:#}");
    }
}

fn assert_bounds(offset: f64, bound: f64, truth: f64, most: f64) {
    let inexact = if truth == 0.0 { 0.0 } else { SHIFT };
    assert!((offset - truth).abs() <= bound + inexact, "{offset} is not {truth} within {bound}");
    assert!(bound > 0.0 && bound < most, "a bound of {bound} should be less than {most}");
}

/// Insists that a clock was not read, for this reason, and shows no time.
fn assert_unread(source: &Value, reason: &str) {
    assert_eq!((&source["ok"], source["reason"].as_str()), (&false.into(), Some(reason)), "{source}");
    for key in ["offset_seconds", "error_seconds"] {
        assert_eq!(source[key], Value::Null, "{source}");
    }
    let detail = source["detail"].as_str().expect("a detail is text");
    assert!(!detail.is_empty() && !detail.chars().any(char::is_control), "{detail:?}");
}

/// What is known of this machine's clock, in a sentence.
fn clock_summary(report: &Report) -> &str {
    report.json["clock"]["summary"].as_str().expect("the summary is text")
}

/// The detail of the clock stage of the first target that has one.
fn clock_detail(report: &Report) -> Option<&str> {
    let targets = report.path()["targets"].as_array().expect("there is a list of targets");
    let mut stages = targets.iter().filter_map(|target| target["stages"].as_array()).flatten();
    stages.find(|stage| stage["stage"] == "clock")?["detail"].as_str()
}

/// Insists that two metrics with these labels show `truth` within the bound.
fn assert_metric(scrape: &Scrape, name: &str, labels: &[(&str, &str)], truth: f64) {
    let value = |what: &str| {
        let name = format!("gracewatch_{name}_{what}_seconds");
        scrape.value(&name, labels).unwrap_or_else(|| panic!("no {name} with {labels:?}:\n{}", scrape.text))
    };
    assert_bounds(value("offset"), value("error"), truth, 1.0);
}
