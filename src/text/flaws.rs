//! SRV records that are not as they should be, and what to do about them.

use super::{NAMED, Words, say};
use crate::walk::kms::{Fault, Flaw};

/// The first of them, as a clause of a sentence.
pub(super) fn clause(words: Words, flaws: &[Flaw]) -> String {
    let Some(first) = flaws.first() else { return String::new() };
    say!(
        words,
        "record-flaw",
        fault = first.fault.as_str(),
        name = first.domain.srv_name(),
        target = first.target.to_string(),
        more = flaws.len() - 1,
    )
}

/// What to do about each of the first.
pub(super) fn steps(words: Words, flaws: &[Flaw]) -> Vec<String> {
    let step = |flaw: &Flaw| {
        let (name, target) = (flaw.domain.srv_name(), flaw.target.to_string());
        match flaw.fault {
            Fault::NoPort => say!(words, "step-correct-port", name = name, target = target),
            Fault::NoService => say!(words, "step-delete-contradiction", name = name),
            Fault::NoDomain => no_domain(words, &flaw.target, Some(&name)),
            Fault::Address => say!(words, "step-name-for-address", name = name, target = target),
        }
    };
    flaws.iter().take(NAMED).map(step).collect()
}

/// What to do about a record whose target lacks its domain, where the name of the record is known or not.
pub(super) fn no_domain(words: Words, target: &str, name: Option<&str>) -> String {
    say!(words, "step-add-domain", target = target, name = name.unwrap_or("_vlmcs._tcp"))
}
