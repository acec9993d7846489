//! Endurance: a daemon over many paths that break and recover at random, over a fleet that reports all the while, and
//! through whatever happens to daemons. A model keeps what is wrong with each path; what the daemon says must follow
//! it.
//!
//! [`plan`] makes of a seed what happens and when, [`faults`] has what can be wrong and the verdict it must give, and
//! [`run`] does it and compares. [`listeners`] and [`nameservers`] are what is monitored, [`fleet`] who reports,
//! [`usage`] what the daemon takes, and [`alerts`] who is alerted.
//!
//! The short run is a test like any other. The long ones are for `tests/run endurance`, where `SEED` and `ROUNDS` say
//! which run it is: a failure names both.

mod alerts;
mod faults;
mod fleet;
mod listeners;
mod nameservers;
mod paths;
mod plan;
mod random;
mod run;
mod usage;

use std::env;
use std::ops::RangeInclusive;
use std::time::Duration;

use plan::Chaos;
use run::{Run, Store};

/// How large a run is.
#[derive(Debug, Clone)]
pub struct Scale {
    pub rounds: usize,
    /// From one round to the next.
    pub interval: Duration,
    /// How many paths there are of each kind, and how many listeners one has.
    pub named: usize,
    pub hosts_of_named: usize,
    pub discovered: usize,
    pub hosts_of_discovered: usize,
    pub online: usize,
    pub machines: usize,
    /// The pause of the fleet after each batch.
    pub pause: Duration,
    /// For how many rounds a path is broken, and for how many it is not.
    pub faulty: RangeInclusive<usize>,
    pub quiet: RangeInclusive<usize>,
    /// How many rounds pass between what happens to the daemon, and what may happen to it in the first third and later.
    pub calm: RangeInclusive<usize>,
    pub earlier: &'static [Chaos],
    pub later: &'static [Chaos],
    /// Whether Prometheus looks on.
    pub alerts: bool,
}

/// 200 targets and 2,000 machines.
const SHORT: Scale = Scale {
    rounds: 60,
    interval: Duration::from_secs(1),
    named: 8,
    hosts_of_named: 20,
    discovered: 4,
    hosts_of_discovered: 8,
    online: 4,
    machines: 2_000,
    pause: Duration::from_millis(200),
    faulty: 14..=18,
    quiet: 10..=16,
    calm: 10..=14,
    earlier: &[Chaos::Kill],
    later: &[Chaos::Restart, Chaos::Reload, Chaos::Stop(3)],
    alerts: false,
};

/// 2,000 targets and 20,000 machines, for a day's worth of rounds.
const LONG: Scale = Scale {
    rounds: 1_440,
    interval: Duration::from_secs(1),
    named: 36,
    hosts_of_named: 50,
    discovered: 20,
    hosts_of_discovered: 8,
    online: 16,
    machines: 20_000,
    pause: Duration::from_millis(500),
    faulty: 20..=60,
    quiet: 20..=60,
    calm: 20..=40,
    earlier: &[
        Chaos::Kill,
        Chaos::Restart,
        Chaos::Reload,
        Chaos::Stop(10),
        Chaos::FullDisk(15),
        Chaos::Clock(401, 75),
        Chaos::Clock(-401, 75),
    ],
    later: &[
        Chaos::Reload,
        Chaos::Stop(10),
        Chaos::Stop(30),
        Chaos::FullDisk(15),
        Chaos::Clock(401, 75),
        Chaos::Clock(-401, 75),
    ],
    alerts: true,
};

/// A store that goes away and comes back.
const DATABASE: Scale = Scale {
    rounds: 180,
    named: 4,
    hosts_of_named: 10,
    discovered: 2,
    hosts_of_discovered: 4,
    online: 2,
    machines: 2_000,
    calm: 12..=20,
    earlier: &[Chaos::Kill, Chaos::NoDatabase(8, false), Chaos::NoDatabase(8, true)],
    later: &[Chaos::NoDatabase(8, false), Chaos::NoDatabase(8, true), Chaos::NoDatabase(20, true), Chaos::Stop(10)],
    ..LONG
};

/// A disk that is full now and then, under a clock that jumps.
const DISK: Scale = Scale {
    rounds: 240,
    earlier: &[Chaos::FullDisk(15), Chaos::Clock(401, 75)],
    later: &[Chaos::FullDisk(15), Chaos::Clock(401, 75), Chaos::Clock(-401, 75), Chaos::Stop(10)],
    ..DATABASE
};

/// The same scale with what `ROUNDS` says, and the seed that `SEED` says.
fn as_asked(scale: Scale) -> (Scale, u64) {
    let read = |name: &str| {
        let text = env::var(name).ok().filter(|text| !text.is_empty())?;
        Some(text.parse::<u64>().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
    };
    let rounds = read("ROUNDS").map_or(scale.rounds, |rounds| usize::try_from(rounds).expect("it fits"));
    (Scale { rounds, ..scale }, read("SEED").unwrap_or(1))
}

#[test]
fn for_a_minute() {
    Run::new(SHORT, 1, Store::File).finish();
}

#[test]
#[ignore = "takes as many seconds as there are rounds; needs libfaketime, mount, prometheus"]
fn long_for_a_day_of_rounds() {
    let (scale, seed) = as_asked(LONG);
    Run::new(scale, seed, Store::FileOnDiskOfItsOwn).finish();
}

#[test]
#[ignore = "takes minutes; needs libfaketime, mount, prometheus"]
fn long_on_a_full_disk_under_a_clock_that_jumps() {
    let (scale, seed) = as_asked(DISK);
    Run::new(scale, seed, Store::FileOnDiskOfItsOwn).finish();
}

#[test]
#[ignore = "takes minutes; needs postgresql, prometheus"]
fn long_over_a_database_that_comes_and_goes() {
    let (scale, seed) = as_asked(DATABASE);
    Run::new(scale, seed, Store::Database).finish();
}
