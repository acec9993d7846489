//! How a sentence about a path begins: how much of it works.

use super::NAMED;
use super::names::listed;
use crate::verdict::{Coverage, Loss, Problem, Status, Verdict};
use crate::words::counted;

/// The beginning of the sentence about the path called `name`: `Path corp works through 1 of 2 KMS targets`.
pub(super) fn opening(name: &str, verdict: &Verdict) -> String {
    // What is wrong with machines alone comes after what is wrong with the path.
    let is_wrong = |blamed: &Problem| blamed.machines.is_none();
    match (verdict.status, verdict.problems.first()) {
        (Status::Blocked, Some(blamed)) => {
            format!("Path {name} is blocked{} at {}", shut_out(&verdict.coverage), blamed.stage)
        }
        (_, Some(blamed)) if is_wrong(blamed) => format!("Path {name} works{}", in_part(&verdict.coverage)),
        _ => format!("Path {name} works{}", in_full(&verdict.coverage)),
    }
}

/// Who is shut out, where it is not everyone that the path is for.
const fn shut_out(coverage: &Coverage) -> &'static str {
    match coverage {
        Coverage::Online { loss: Loss::MakAndRetailKeys, .. } => " for MAK and retail keys",
        Coverage::Online { loss: Loss::DigitalLicenses, .. } => " for digital and subscription licenses",
        Coverage::Kms { .. } | Coverage::Online { .. } | Coverage::Unknown(_) => "",
    }
}

/// How much works where something is wrong.
fn in_part(coverage: &Coverage) -> String {
    match coverage {
        Coverage::Kms { working, expected } if working < expected => {
            format!(" through {working} of {}", counted(*expected, "KMS target"))
        }
        Coverage::Online { working, measured, loss: Loss::None, .. } if working < measured => {
            ", and activation is not lost".to_owned()
        }
        Coverage::Online { working, measured, .. } if working < measured => {
            format!(" through {working} of {}", counted(*measured, "target"))
        }
        Coverage::Kms { .. } | Coverage::Online { .. } | Coverage::Unknown(_) => String::new(),
    }
}

/// That all works.
fn in_full(coverage: &Coverage) -> String {
    match coverage {
        Coverage::Kms { expected: 1, .. } => ": its KMS host answers".to_owned(),
        Coverage::Kms { expected, .. } => format!(": all {} answer", counted(*expected, "KMS target")),
        Coverage::Online { only, endpoints, proxies, .. } => {
            let answer = match only {
                Some(only) => format!(": {only} answers"),
                None => format!(": all {} answer", counted(*endpoints, "endpoint")),
            };
            match proxies.len() {
                1 => answer,
                count if count <= NAMED => format!("{answer} over {}", listed(proxies)),
                count => format!("{answer} over each of {count} proxies"),
            }
        }
        Coverage::Unknown(_) => String::new(),
    }
}
