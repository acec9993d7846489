//! What happens in a run, and when: all of it follows from the seed.

use super::Scale;
use super::faults::{self, Fault, Kind};
use super::random::Random;

/// What happens to the daemon, beside what is wrong with its paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chaos {
    /// It is killed, and started again.
    Kill,
    /// It is ended as systemd does, and started again.
    Restart,
    /// Its configuration is read again.
    Reload,
    /// It does not run for so many rounds.
    Stop(usize),
    /// Nothing more can be written to its disk for so many rounds.
    FullDisk(usize),
    /// Its clock is off by so many days for so many rounds.
    Clock(i32, usize),
    /// Its database is gone for so many rounds; it ends in order, or crashes.
    NoDatabase(usize, bool),
}

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A path breaks, given by its number.
    Breaks(usize, &'static Fault),
    /// It recovers.
    Mended(usize),
    Strikes(Chaos),
}

/// The kinds of paths, in the order of their numbers, and whether each stays as it is throughout.
pub fn paths(scale: &Scale) -> Vec<(Kind, bool)> {
    let counts = [
        (Kind::Named, scale.named),
        (Kind::Discovered, scale.discovered),
        (Kind::Direct, scale.online),
        (Kind::Proxied, scale.online),
    ];
    // Every fourth of each kind is left alone.
    counts.into_iter().flat_map(|(kind, count)| (0..count).map(move |number| (kind, number % 4 == 3))).collect()
}

/// All that happens, each with its round, in the order of time.
pub fn events(scale: &Scale, seed: u64) -> Vec<(usize, Event)> {
    let mut random = Random::new(seed);
    let mut events = Vec::new();
    for (number, (kind, is_left_alone)) in paths(scale).into_iter().enumerate() {
        let faults = faults::of(kind);
        let mut round = random.within(scale.quiet.clone());
        while !is_left_alone && round + scale.faulty.end() < scale.rounds {
            events.push((round, Event::Breaks(number, faults[random.below(faults.len())])));
            round += random.within(scale.faulty.clone());
            events.push((round, Event::Mended(number)));
            round += random.within(scale.quiet.clone());
        }
    }
    let mut round = random.within(scale.calm.clone());
    while round + scale.calm.end() < scale.rounds {
        // Once it is no longer begun anew, what it takes must not grow.
        let is_for_good = round >= scale.rounds / 3;
        let chaos = if is_for_good { scale.later } else { scale.earlier };
        if !chaos.is_empty() {
            let strikes = *random.one_of(chaos);
            events.push((round, Event::Strikes(strikes)));
            round += match strikes {
                Chaos::Stop(rounds)
                | Chaos::FullDisk(rounds)
                | Chaos::Clock(_, rounds)
                | Chaos::NoDatabase(rounds, _) => rounds,
                Chaos::Kill | Chaos::Restart | Chaos::Reload => 0,
            };
        }
        round += random.within(scale.calm.clone());
    }
    // What happens in the same round, happens in the order of the paths.
    events.sort_by_key(|(round, _)| *round);
    events
}
