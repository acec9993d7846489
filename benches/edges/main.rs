//! What do idle, slow and busy clients cost the program? It answers scrapes as soon, begins its probes as punctually and
//! needs hardly more of the processor than without them. Fails where it does not.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run measures nothing")]
#![allow(clippy::indexing_slicing, reason = "and neither does one that reads past the end")]
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../../tests/integration/servers/mod.rs"]
mod servers;

#[expect(dead_code, reason = "the other benchmark measures to the tick as well")]
#[path = "../scale/child.rs"]
mod child;
mod clients;
mod daemon;
#[path = "../scale/answerer/kms.rs"]
mod kms;

use clients::Clients;
use daemon::Daemon;
use std::process::ExitCode;
use std::time::Duration;

/// What is probed meanwhile, each once a second.
const TARGETS: usize = 300;

/// The clients. There are more than the program takes at once unless configured otherwise.
const IDLE: usize = 512;
const SLOW: usize = 64;
const BUSY: usize = 8;

/// How long each part takes, and how long it runs before, so that the rush at the beginning is over.
const WHILE: Duration = Duration::from_secs(20);
const SETTLE: Duration = Duration::from_secs(3);

/// How soon 99 of 100 scrapes are answered, and how late no probe begins.
const SOON: Duration = Duration::from_millis(50);
const LATE: f64 = 0.1;

/// How much more of the processor idle and slow clients may cost.
const MOST: f64 = 1.3;

fn main() -> ExitCode {
    let targets = kms::Kms::start(TARGETS);
    let daemon = Daemon::start(&targets);
    let part = |what: &str, clients: &mut Clients| {
        std::thread::sleep(SETTLE);
        clients.forget_waits();
        let measured = daemon.measure(WHILE);
        let soon = clients.wait_of_99_in_100();
        println!(
            "{what:<28} processor {:>7.1} ms/s, {:>5.0} scrapes, 99 of 100 within {:>6.1} ms, {:>3} connections, \
             {} probes, {} late",
            measured.processor.as_secs_f64() * 1000.0 / WHILE.as_secs_f64(),
            measured.scrapes,
            soon.map_or(0.0, |soon| soon.as_secs_f64() * 1000.0),
            measured.connections,
            measured.probes,
            measured.late,
        );
        (measured, soon)
    };
    let mut clients = Clients::new(daemon.address());
    let (none, _) = part("no clients", &mut clients);
    clients.busy(BUSY);
    let (busy, alone) = part("busy clients", &mut clients);
    clients.idle(IDLE);
    clients.slow(SLOW);
    let (all, soon) = part("busy, idle and slow clients", &mut clients);

    let ratio = all.processor.as_secs_f64() / busy.processor.as_secs_f64();
    let answers = busy.processor.as_secs_f64() / none.processor.as_secs_f64();
    println!("idle and slow clients cost {ratio:.2} of what there was without them, at the most {MOST}");
    println!("the answers that busy clients ask for cost {answers:.2} of what there was without any");
    let mut holds = true;
    let mut insist = |what: &str, is_so: bool| {
        if !is_so {
            println!("FAILED: {what}");
            holds = false;
        }
    };
    insist("scrapes are answered soon", [alone, soon].iter().all(|soon| soon.is_some_and(|soon| soon < SOON)));
    insist("no probe is late", [none, busy, all].iter().all(|part| part.late == 0.0 && part.probes > 0.0));
    insist("idle and slow clients cost hardly anything", ratio <= MOST);
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
