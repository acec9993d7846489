//! What to do about clocks that are wrong.

use crate::clock::comparison::Clocks;
use crate::text::{Words, say};
use crate::verdict::subject::HostClock;

/// The clock of a KMS host, or ours in its stead.
pub(super) fn of_host(words: Words, clock: &HostClock) -> Vec<String> {
    let host = clock.host.host.host.to_string();
    match clock.comparison.clocks {
        Clocks::HostAndTrueTime => named(words, &host),
        Clocks::HostAndOurs => {
            let which = say!(words, "step-which-clock", host = host.as_str());
            let mut steps = vec![which, say!(words, "step-name-time-servers")];
            steps.extend(named(words, &host));
            steps
        }
        Clocks::OursAndTrueTime => own(words),
    }
}

/// The clock of the KMS host called `host`.
fn named(words: Words, host: &str) -> Vec<String> {
    vec![
        say!(words, "step-see-time-source", host = host),
        // A hypervisor that sets the clock undoes what is set here.
        say!(words, "step-hypervisor", host = host),
        say!(words, "step-set-time-source", host = host),
    ]
}

/// This machine's clock, against which clients and KMS hosts are judged.
pub(super) fn own(words: Words) -> Vec<String> {
    vec![say!(words, "step-see-own-clock"), say!(words, "step-set-own-clock"), say!(words, "step-see-client-source")]
}

/// This machine's clock, which one time server calls right and most call wrong.
pub(super) fn contradicted(words: Words, server: &str) -> Vec<String> {
    vec![
        say!(words, "step-who-is-right", server = server),
        say!(words, "step-name-right-servers"),
        say!(words, "step-set-if-wrong", server = server),
    ]
}

/// This machine's clock, by which certificates are judged.
pub(super) fn own_online(words: Words) -> Vec<String> {
    vec![say!(words, "step-see-own-clock"), say!(words, "step-set-own-clock"), say!(words, "step-see-client-clock")]
}
