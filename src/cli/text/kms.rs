//! The walk to KMS hosts, line by line.

use super::{Line, Mark};
use crate::clock::comparison::Standing;
use crate::observation::{Observation, Stage};
use crate::verdict::kms::is_excused;
use crate::walk::kms::{Target, Walk};

/// The lines of a walk. The address of a host with several addresses was looked up once and is told once.
pub(super) fn lines(walk: &Walk) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut told: Option<&str> = None;
    let mut lookups_over = false;
    for target in &walk.targets {
        if !target.is_lookup() && !lookups_over {
            lookups_over = true;
            lines.extend(doubts(walk));
        }
        for observation in &target.stages {
            let is_lookup_of_host = observation.stage == Stage::Address;
            if is_lookup_of_host && told.replace(&target.target) == Some(&target.target) {
                continue;
            }
            let address = target
                .address
                .filter(|_| !is_lookup_of_host)
                .map(|address| if target.is_lookup() { format!("@{address}") } else { address.ip().to_string() });
            lines.push(Line {
                mark: mark(observation, target, walk),
                stage: observation.stage,
                duration: (!matches!(observation.stage, Stage::Clock | Stage::Host | Stage::Count))
                    .then_some(observation.duration),
                target: target.target.clone(),
                address: address.unwrap_or_default(),
                detail: observation.detail.clone(),
            });
        }
    }
    lines
}

fn mark(observation: &Observation, target: &Target, walk: &Walk) -> Mark {
    let drifted = target.clock.is_some_and(|comparison| comparison.standing == Standing::Drifted);
    match (observation.is_ok(), observation.stage) {
        (false, _) if is_excused(target, walk) => Mark::Doubtful,
        (false, _) => Mark::Bad,
        (true, Stage::Clock) if drifted => Mark::Doubtful,
        (true, _) => Mark::Good,
    }
}

/// What discovery shows that is not a failed lookup.
fn doubts(walk: &Walk) -> Vec<Line> {
    let Some(discovered) = &walk.discovered else { return Vec::new() };
    let doubt = |target: String, detail: String| Line {
        mark: Mark::Doubtful,
        stage: Stage::Srv,
        duration: None,
        target,
        address: String::new(),
        detail,
    };
    let unexpected =
        discovered.unexpected.iter().map(|host| doubt(host.to_string(), "in DNS, and not expected".into()));
    let missing = discovered.missing.iter().map(|host| doubt(host.to_string(), "expected, and not in DNS".into()));
    let disagreements = discovered
        .disagreements
        .iter()
        .map(|pair| doubt(pair.domain.srv_name(), format!("{} and {} answer differently", pair.one, pair.other)));
    unexpected.chain(missing).chain(disagreements).collect()
}
