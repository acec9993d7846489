//! What does a probe cost, by itself and in the whole program over ever more targets? Beside it are the bare system
//! calls and `blackbox_exporter`, at the same rates and against the same answerers on loopback. Fails where a probe
//! costs more than its bound allows, which is a ratio of what is beside it and not a time.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run measures nothing")]
#![allow(clippy::indexing_slicing, reason = "and neither does one that reads past the end")]
#![allow(clippy::cast_precision_loss, reason = "figures for people have few digits")]
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../../tests/integration/servers/mod.rs"]
mod servers;

mod answerer;
mod blackbox;
mod child;
mod daemon;
mod engine;
mod floor;
mod pace;
mod probes;
mod runs;

use answerer::{Dns, Kms};
use blackbox::{Blackbox, Module};
use pace::Pace;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How many targets are probed in turn.
const TARGETS: usize = 1000;

/// Without pause: as many at once as the program runs by default.
const FLAT_OUT: Pace = Pace::FlatOut { concurrency: 256, count: 20_000 };

/// The same of datagrams, of which a socket holds fewer.
const DATAGRAMS: Pace = Pace::FlatOut { concurrency: 64, count: 20_000 };

/// How many probes a second, where they are paced.
const RATE: u32 = 500;

const DURATION: Duration = Duration::from_secs(10);

/// How much more than the bare calls a probe may take, without pause.
const MOST_OF_FLOOR: f64 = 3.0;

fn main() -> ExitCode {
    let targets: Arc<[SocketAddr]> = Kms::start(TARGETS).into();
    let nameserver = Dns::start(targets.to_vec());
    let blackbox = Blackbox::start();
    let paced = Pace::Rate { per_second: RATE, duration: DURATION };
    let mut holds = true;
    let mut compare = |what: &str, ours: Duration, theirs: Duration, most: Option<f64>| {
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        holds &= most.is_none_or(|most| ratio <= most);
        let bound = most.map_or_else(String::new, |most| format!(" of {most}"));
        println!("{what:<44} {:>8.1} µs {:>8.1} µs {ratio:>7.3}{bound}", micros(ours), micros(theirs));
    };
    println!("{:<44} {:>11} {:>11}", "processor time each", "ours", "theirs");

    // What was never done before takes longer the first time.
    probes::run_at(FLAT_OUT, probes::connections(&targets), None);
    floor::exchange_at(FLAT_OUT, &targets);
    let ours = probes::run_at(FLAT_OUT, probes::connections(&targets), None);
    compare("TCP and RPC without pause; bare calls", ours, floor::exchange_at(FLAT_OUT, &targets), Some(MOST_OF_FLOOR));
    // By itself each has a wake-up of its own, which alone takes a seventh of what `blackbox_exporter` does. In the
    // program those that are due share one; there the bounds are ([`engine`]).
    let ours = probes::run_at(paced, probes::connections(&targets), None);
    compare("TCP and RPC at a rate; bare calls", ours, floor::exchange_at(paced, &targets), Some(MOST_OF_FLOOR));
    let theirs = blackbox.probe_at_rate(Module::Tcp, RATE, DURATION, &targets);
    compare("TCP and RPC at a rate; blackbox tcp", ours, theirs, None);

    let ours = probes::run_at(DATAGRAMS, probes::srv_lookups(TARGETS, nameserver), None);
    compare("SRV without pause; bare calls", ours, floor::question_at(DATAGRAMS, nameserver), Some(MOST_OF_FLOOR));
    let ours = probes::run_at(paced, probes::srv_lookups(TARGETS, nameserver), None);
    compare("SRV at a rate; bare calls", ours, floor::question_at(paced, nameserver), Some(MOST_OF_FLOOR));
    let theirs = blackbox.probe_at_rate(Module::Srv, RATE, DURATION, &[nameserver]);
    let ours = probes::run_at(paced, probes::srv_lookups(TARGETS, nameserver), None);
    compare("SRV at a rate; blackbox dns", ours, theirs, None);
    let ours = probes::run_at(paced, probes::address_lookups(TARGETS), Some(nameserver));
    compare("A and AAAA at a rate; blackbox dns", ours, theirs, None);
    holds &= engine::compare();
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
