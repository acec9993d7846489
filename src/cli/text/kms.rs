//! The walk to KMS hosts, line by line.

use super::{Line, Mark};
use crate::clock::comparison::Standing;
use crate::host::HostPort;
use crate::observation::{Observation, Stage};
use crate::text::{self, Words, say};
use crate::verdict::kms::{is_excused_lookup, is_set_aside, served};
use crate::walk::kms::{Host, Lookup, Walk};

/// The lines of a walk. The address of a host with several addresses was looked up once and is shown once.
pub(super) fn lines(words: Words, walk: &Walk) -> Vec<Line> {
    let lookups = walk.lookups().map(|lookup| lookup_line(words, lookup, walk));
    let mut lines: Vec<Line> = lookups.chain(doubts(words, walk)).collect();
    let served = served(walk);
    let mut shown: Option<&HostPort> = None;
    for host in walk.hosts() {
        for observation in &host.stages {
            let is_address = observation.stage == Stage::Address;
            if is_address && shown.replace(&host.host) == Some(&host.host) {
                continue;
            }
            let address = host.ip().filter(|_| !is_address).map(|address| address.to_string());
            lines.push(Line {
                mark: mark(observation, host, is_set_aside(host, walk, &served)),
                stage: observation.stage,
                duration: (!matches!(observation.stage, Stage::Clock | Stage::Host | Stage::Count))
                    .then_some(observation.duration),
                target: host.host.to_string(),
                address: address.unwrap_or_default(),
                detail: text::detail(words, &observation.detail),
            });
        }
        if host.is_clock_unread {
            lines.push(Line {
                mark: Mark::Unknown,
                stage: Stage::Clock,
                duration: None,
                target: host.host.to_string(),
                address: host.ip().map(|address| address.to_string()).unwrap_or_default(),
                detail: say!(words, "clock-not-read"),
            });
        }
    }
    lines
}

fn lookup_line(words: Words, lookup: &Lookup, walk: &Walk) -> Line {
    let observation = &lookup.observation;
    Line {
        mark: match observation.is_ok() {
            true => Mark::Good,
            false if is_excused_lookup(lookup, walk) => Mark::Doubtful,
            false => Mark::Bad,
        },
        stage: observation.stage,
        duration: Some(observation.duration),
        target: lookup.domain.srv_name(),
        address: format!("@{}", lookup.nameserver),
        detail: text::detail(words, &observation.detail),
    }
}

fn mark(observation: &Observation, host: &Host, is_excused: bool) -> Mark {
    let drifted = host.clock.is_some_and(|comparison| comparison.standing == Standing::Drifted);
    match (observation.is_ok(), observation.stage) {
        (false, _) if is_excused => Mark::Doubtful,
        (false, _) => Mark::Bad,
        (true, Stage::Clock) if drifted => Mark::Doubtful,
        (true, _) => Mark::Good,
    }
}

/// What discovery shows that is not a failed lookup.
fn doubts(words: Words, walk: &Walk) -> Vec<Line> {
    let Some(discovered) = &walk.discovered else { return Vec::new() };
    let doubt = |target: String, detail: String| Line {
        mark: Mark::Doubtful,
        stage: Stage::Srv,
        duration: None,
        target,
        address: String::new(),
        detail,
    };
    let unexpected = discovered.unexpected.iter().map(|host| doubt(host.to_string(), say!(words, "host-unexpected")));
    let missing = discovered.missing.iter().map(|host| doubt(host.to_string(), say!(words, "host-missing")));
    let disagreements = discovered.disagreements.iter().map(|pair| {
        let [one, two] = [pair.one, pair.other].map(|nameserver| nameserver.to_string());
        doubt(pair.domain.srv_name(), say!(words, "answers-differ", one = one, two = two))
    });
    let ports = discovered.left_out.ports.iter().map(|host| (Stage::Srv, host.to_string(), String::new()));
    let addresses = discovered.left_out.addresses.iter();
    let addresses = addresses.map(|(host, address)| (Stage::Address, host.to_string(), address.to_string()));
    let left_out = ports.chain(addresses).map(|(stage, target, address)| Line {
        stage,
        address,
        ..doubt(target, say!(words, "host-left-out"))
    });
    unexpected.chain(missing).chain(disagreements).chain(left_out).collect()
}
