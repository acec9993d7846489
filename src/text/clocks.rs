//! Clocks in words: how far one is off another, and what is known of this machine's.

use super::{Words, say, spans};
use crate::clock::Offset;
use crate::clock::comparison::{Clocks, Comparison};
use crate::clock_report::{ClockReport, Ignorance};
use crate::words::day;
use std::time::Duration;

/// How two clocks compare: `kms01 is 4 h 5 min ahead of true time`. `host` is whose clock it is, where it is one's.
pub(super) fn comparison(words: Words, comparison: &Comparison, host: &str) -> String {
    let (own, true_time) = (|| say!(words, "own-clock-name"), || say!(words, "true-time-name"));
    let (one, two) = match comparison.clocks {
        Clocks::HostAndTrueTime => (host.to_owned(), true_time()),
        Clocks::HostAndOurs => (host.to_owned(), own()),
        Clocks::OursAndTrueTime => (own(), true_time()),
    };
    let (relation, distance) = relation(comparison.offset);
    say!(words, "clock-offset", relation = relation, one = one, two = two, span = spans::span(words, distance))
}

/// The same of this machine's clock.
pub(super) fn own(words: Words, own: &Comparison) -> String {
    comparison(words, own, "")
}

/// What is known of this machine's clock, in a sentence.
pub fn summary(words: Words, clocks: &ClockReport) -> String {
    let Some(reference) = &clocks.reference else {
        if let Some((server, said)) = clocks.absurd() {
            return say!(words, "time-server-absurd", server = server, day = day(said));
        }
        let why = match clocks.ignorance() {
            Ignorance::NotConfigured => "not_configured",
            Ignorance::NotAsked => "not_asked",
            Ignorance::NotTold => "not_told",
            Ignorance::NotCertain => "not_certain",
            Ignorance::NotAgreed => "not_agreed",
        };
        return say!(words, "true-time-unknown", why = why);
    };
    let (relation, distance) = relation(reference.comparison.offset);
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
        heard = reference.heard,
    )
}

/// Whether a clock is ahead or behind, and by how much. Where not even that is certain, the most it may be.
fn relation(offset: Offset) -> (&'static str, Duration) {
    let distance = offset.distance();
    if distance < Duration::from_secs(1) || offset.certain_distance().is_zero() {
        let most = Duration::try_from_secs_f64(offset.seconds.abs() + offset.bound).unwrap_or(Duration::MAX);
        return ("near", most);
    }
    (if offset.seconds > 0.0 { "ahead" } else { "behind" }, distance)
}
