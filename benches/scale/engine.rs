//! The whole program over ever more targets: what each costs beside its peers, and beside fewer of them.

use crate::answerer::{Dns, Kms};
use crate::blackbox::{Blackbox, Module};
use crate::floor;
use crate::micros;
use crate::pace::Pace;
use crate::runs::{Run, Scale};
use std::sync::Arc;
use std::time::Duration;

/// How many there are of each.
const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// How many probes a second, whatever their number; a hundred have no shorter interval than a second.
const RATE: u32 = 500;

/// How much more a probe may cost among ten thousand than among a thousand.
const MOST_GROWTH: f64 = 1.3;

/// How much of what `blackbox_exporter` takes for the same a probe, and a lookup, may take.
const MOST_OF_PROBE: f64 = 1.0 / 6.0;

/// What a probe may take in any case, where `blackbox_exporter` happens to take little.
const ENOUGH: Duration = Duration::from_micros(120);
const MOST_OF_LOOKUP: f64 = 0.1;

/// How much more than bare system calls a probe may take, where as many are done as a processor bears.
const MOST_OF_FLOOR: f64 = 3.0;

/// A thousand and more targets each second.
const FLAT_OUT: usize = 4_000;

/// An interval in which ten thousand targets are usual.
const USUAL: Duration = Duration::from_secs(15);

/// Compares all of it, and returns whether all bounds hold.
pub(crate) fn compare() -> bool {
    let targets = Kms::start(SIZES[2]);
    let nameserver = Dns::start(targets.clone());
    let blackbox = Blackbox::start();
    let while_ = Duration::from_secs(10);
    let [tcp, dns] = [(Module::Tcp, &targets[..1000]), (Module::Srv, &[nameserver])]
        .map(|(module, targets)| blackbox.probe_at_rate(module, RATE, while_, targets));
    println!("\nblackbox_exporter at {RATE}/s: tcp {:.0} µs, dns {:.0} µs a probe", micros(tcp), micros(dns));
    let mut bounds = Bounds { all_hold: true };
    println!(
        "\n{:<28}{:>8}{:>11}{:>10}{:>10}{:>10}{:>9}{:>12}",
        "", "µs each", "1st round", "lag p50", "p99", "memory", "/metrics", ""
    );
    let mut probe = Duration::ZERO;
    for scale in [Scale::Addresses, Scale::Paths, Scale::Names, Scale::Domains] {
        let mut costs = Vec::new();
        let mut wholes = Vec::new();
        for count in SIZES {
            let interval = Duration::from_secs_f64((count as f64 / f64::from(RATE)).max(1.0));
            let run = scale.run(&targets[..count], nameserver, interval);
            let is_lookup = matches!(scale, Scale::Names | Scale::Domains);
            let cost = if is_lookup { run.lookup(probe) } else { run.probe() };
            print(&format!("{count:>6} {}", scale.as_str()), cost, &run);
            costs.push(cost);
            wholes.push(run.probe());
        }
        let of_a_thousand = costs[1];
        match scale {
            Scale::Addresses => {
                probe = of_a_thousand;
                let most = MOST_OF_PROBE.max(ENOUGH.as_secs_f64() / tcp.as_secs_f64());
                bounds.hold("a probe, of blackbox's", of_a_thousand, tcp, most);
            }
            Scale::Paths => {}
            Scale::Names | Scale::Domains => bounds.hold("a lookup, of blackbox's", of_a_thousand, dns, MOST_OF_LOOKUP),
        }
        // With what is looked up for it: what is left of two figures that are alike is mostly chance.
        bounds.hold("a probe among 10,000, of one among 1,000", wholes[2], wholes[1], MOST_GROWTH);
    }
    let run = Scale::Addresses.run(&targets[..FLAT_OUT], nameserver, Duration::from_secs(1));
    print(&format!("{FLAT_OUT:>6} addresses, each second"), run.probe(), &run);
    let shared: Arc<[_]> = targets[..FLAT_OUT].into();
    let floor = floor::exchange_at(Pace::FlatOut { concurrency: 256, count: 20_000 }, &shared);
    bounds.hold("without pause, of bare calls", run.probe(), floor, MOST_OF_FLOOR);
    let run = Scale::Addresses.run(&targets, nameserver, USUAL);
    print(&format!("{:>6} addresses, each 15 s", targets.len()), run.probe(), &run);
    println!("   aims: 1st round in 3 s, p99 of lag 50 ms, 120 MB; /metrics of 10,000 paths in 300 ms");
    bounds.all_hold
}

fn print(name: &str, cost: Duration, run: &Run) {
    let [half, most] = run.measured.lag.map(|seconds| seconds * 1e3);
    let (page, length) = run.page;
    println!(
        "{name:<28}{:>8.1}{:>9.2} s{half:>7.1} ms{most:>7.1} ms{:>7.0} MB{:>6.0} ms{:>9.1} MB",
        micros(cost),
        run.first_round.as_secs_f64(),
        run.resident,
        page.as_secs_f64() * 1e3,
        length as f64 / 1e6
    );
}

struct Bounds {
    all_hold: bool,
}

impl Bounds {
    fn hold(&mut self, what: &str, cost: Duration, other: Duration, most: f64) {
        let ratio = cost.as_secs_f64() / other.as_secs_f64();
        self.all_hold &= ratio <= most;
        let said = if ratio <= most { "holds" } else { "DOES NOT HOLD" };
        println!("   {what}: {ratio:.2} of {most:.2}, {said}");
    }
}
