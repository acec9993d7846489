//! What both worlds of servers have in common: starting many, time servers, lost questions, and the configuration of
//! all paths at once.

use std::net::{Ipv4Addr, SocketAddr};
use std::panic::resume_unwind;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::table::split;
use crate::servers::chrony::{Chrony, Clock};
use crate::servers::faketime;
use crate::servers::netns::Namespace;
use crate::servers::place::Place;

/// How long a stage may take: of two that fail so on one walk, both are waited for.
pub const TIMEOUT: &str = "probe: {timeout: 2s}\n";

/// A server that ends when it is dropped. Many threads may walk while it is there.
pub type Running = Box<dyn Send + Sync>;

/// What starts servers, and returns once they answer.
pub type Start<'a> = Box<dyn FnOnce() -> Vec<Running> + Send + 'a>;

/// How many servers are started at a time. Each is waited for for so long only, and all at once would be too many.
const AT_A_TIME: usize = 4;

/// The time servers, each at an address with the place in this list as its last part, and what time they have. Of those
/// that have none one gets no answer, and the other is not there.
const TIME_SERVERS: [(&str, Option<Clock<'_>>); 6] = [
    ("right", Some(Clock::Right)),
    ("right-too", Some(Clock::Right)),
    ("5h-ahead", Some(Clock::Faked("+18000s"))),
    ("unsynchronised", Some(Clock::Unsynchronised)),
    ("silent", None),
    ("closed", None),
];

/// Starts everything.
pub fn start(starts: Vec<Start<'_>>) -> Vec<Running> {
    let starts = Mutex::new(starts.into_iter());
    let next = || starts.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let mut running = Vec::new();
        while let Some(start) = next() {
            running.extend(start());
        }
        running
    };
    thread::scope(|scope| {
        let workers = [(); AT_A_TIME].map(|()| scope.spawn(work));
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// What starts the time servers.
pub fn time_servers(namespace: &Namespace) -> impl Iterator<Item = Start<'_>> {
    TIME_SERVERS.into_iter().filter_map(|(word, clock)| {
        let (place, clock) = (Place::within(namespace, time_server(word)), clock?);
        Some(Box::new(move || vec![Box::new(Chrony::start_at(&place, clock)) as Running]) as Start<'_>)
    })
}

/// Where the time server of a word is.
pub fn time_server(word: &str) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::new(127, 0, 123, find(&TIME_SERVERS, word).0), 123))
}

/// What a word stands for in a list, and its place there, the first of which is 1.
pub fn find<'a, T>(known: &'a [(&str, T)], word: &str) -> (u8, &'a T) {
    let found = (1..).zip(known).find(|(_, (known, _))| *known == word);
    let words = || known.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
    let (place, (_, found)) = found.unwrap_or_else(|| panic!("{word:?} is none of {}", words()));
    (place, found)
}

/// A firewall with these rules. Whoever asks DNS for a name that begins with `lost` gets no answer in any case.
pub fn firewall(rules: impl Iterator<Item = String>) -> String {
    // A question begins behind the headers of UDP and DNS, of 8 and 12 bytes, with the length of its first label.
    let lost = "udp dport 53 @th,160,40 0x046c6f7374 drop\n".to_owned();
    let rules: String = rules.chain([lost]).collect();
    format!("table inet faults {{\nchain arriving {{\ntype filter hook input priority 0\n{rules}}}\n}}\n")
}

/// The time servers of a cell, as they are configured.
pub fn clock(time_servers: &str) -> String {
    let servers: Vec<_> = split(time_servers, ',').into_iter().map(time_server).collect();
    format!("clock: {{ntp: {}}}\n", list(&servers))
}

/// Lets a program have a clock that is off by this: `+90min`, `-5h`.
pub fn shift(command: &mut Command, by: &str) {
    if by.is_empty() {
        return;
    }
    let units = [("min", 60), ("h", 3600), ("d", 86_400)];
    let read = |(unit, seconds)| Some(by.strip_suffix(unit)?.parse::<i64>().ok()? * seconds);
    let seconds = units.into_iter().find_map(read).unwrap_or_else(|| panic!("{by:?} is no time such as -5h"));
    faketime::shift(command, &format!("{seconds:+}s"));
}

/// A list as it is configured, of texts and of mappings.
pub fn list(items: &[impl ToString]) -> String {
    let items = items.iter().map(|item| match item.to_string() {
        mapping if mapping.starts_with('{') => mapping,
        text => format!("\"{text}\""),
    });
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}
