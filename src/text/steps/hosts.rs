//! What to do about KMS hosts that serve: their license, their count, and that nobody asks them.

use crate::license::Application;
use crate::text::{Words, say};
use crate::verdict::subject::Host;

/// The license of a host lapsed. In the order of what is cheap.
pub(super) fn license(words: Words, host: &Host, application: Application) -> Vec<String> {
    let (host, application) = (host.host.host.to_string(), application.as_str());
    vec![
        say!(words, "step-see-host-key", host = host.as_str(), application = application),
        say!(words, "step-activate-host", host = host, application = application),
        say!(words, "step-install-host-key"),
    ]
}

/// A host that does not answer could not start.
pub(super) fn failed_start(words: Words, host: &Host) -> Vec<String> {
    let host = host.host.host.to_string();
    vec![
        say!(words, "step-restart-service", host = host.as_str()),
        say!(words, "step-see-start-events", host = host.as_str()),
        say!(words, "step-check-role", host = host),
    ]
}

/// No client asks a host.
pub(super) fn idle(words: Words, host: &Host) -> Vec<String> {
    let host = host.host.host.to_string();
    vec![
        say!(words, "step-see-asked-host"),
        say!(words, "step-see-requests", host = host.as_str()),
        say!(words, "step-stop-publishing", host = host),
    ]
}

/// A host counts too few clients, or hardly enough.
pub(super) fn count(words: Words, host: &Host, application: Application) -> Vec<String> {
    let (host, application) = (host.host.host.to_string(), application.as_str());
    vec![
        say!(words, "step-see-count", host = host, application = application),
        say!(words, "step-cloned"),
        say!(words, "step-too-few"),
    ]
}
