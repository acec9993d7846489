//! Clocks in words: how far one is off another, and what is known of this machine's.

use super::{Words, details, say, spans};
use crate::clock::comparison::Comparison;
use crate::clock_report::{ClockReport, Ignorance};

/// How two clocks compare: `kms01 is 4 h 5 min ahead of true time`. `host` is whose clock it is, where it is one's.
pub(super) fn comparison(words: Words, comparison: &Comparison, host: &str) -> String {
    details::detail(words, &comparison.detail(host))
}

/// The same of this machine's clock.
pub(super) fn own(words: Words, own: &Comparison) -> String {
    comparison(words, own, "")
}

/// What is known of this machine's clock, in a sentence.
pub fn summary(words: Words, clocks: &ClockReport) -> String {
    let Some(reference) = &clocks.reference else {
        if let Some(server) = clocks.impossible() {
            let said = details::detail(words, &server.observation.detail);
            return say!(words, "time-server-impossible", server = server.source.as_str(), said = said);
        }
        let why = match clocks.ignorance() {
            Ignorance::NotConfigured => "not_configured",
            Ignorance::NotAsked => "not_asked",
            Ignorance::Unanswered => "not_told",
            Ignorance::NotCertain => "not_certain",
            Ignorance::NotAgreed => "not_agreed",
        };
        return say!(words, "true-time-unknown", why = why);
    };
    let (relation, distance) = reference.comparison.relation();
    let (kind, server) = match (reference.alone(), reference.supporter.as_deref()) {
        (Some(server), _) => ("alone", server),
        (None, Some(server)) => ("supported", server),
        (None, None) => ("agreed", ""),
    };
    say!(
        words,
        "own-clock-summary",
        relation = relation,
        span = spans::span(words, distance),
        kind = kind,
        server = server,
        agreeing = reference.truechimers.len(),
        heard = reference.answered,
    )
}
