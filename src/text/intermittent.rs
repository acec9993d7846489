//! What fails now and then: how often, and what to do about it.

use super::{Words, names, say};
use crate::observation::{Reason, Stage};
use crate::verdict::subject::{Intermittent, Unsteady};

/// What fails now and then, as a clause.
pub(super) fn clause(words: Words, intermittent: &Intermittent) -> String {
    let Intermittent { target, stage, reason, failures, of } = intermittent;
    let (names, count) = match target {
        Unsteady::Nameserver(asked) => (say!(words, "nameservers", count = 1, names = asked.nameserver.to_string()), 1),
        Unsteady::Host(host) => names::hosts(words, &[host], 0),
        Unsteady::Endpoints(endpoints) => (names::endpoints_through(words, endpoints), endpoints.endpoints.len()),
    };
    // A host that refuses in one round and serves in the next is commonly several, behind a load balancer.
    let is_balanced =
        matches!(target, Unsteady::Host(_)) && !matches!((stage, reason), (Stage::Address, _) | (_, Reason::TimedOut));
    let (stage, reason) = (stage.as_str(), reason.as_str());
    let fails = say!(
        words,
        "intermittent-problem",
        names = names,
        count = count,
        failures = *failures,
        of = *of,
        stage = stage,
        reason = reason,
    );
    if is_balanced { say!(words, "perhaps-dead-backend", statement = fails) } else { fails }
}

/// What to do, the likeliest and cheapest first.
pub(super) fn steps(words: Words, intermittent: &Intermittent) -> Vec<String> {
    match &intermittent.target {
        Unsteady::Nameserver(asked) => {
            let server = asked.nameserver.ip().to_string();
            vec![
                say!(words, "step-several-nameservers", server = server.as_str()),
                say!(words, "step-nameserver-load", server = server.as_str()),
                say!(words, "step-lost-packets", host = server),
            ]
        }
        Unsteady::Host(host) => {
            let (name, port) = (host.host.host.to_string(), host.host.port);
            let mut steps = shared_by_all(words, &name, port, intermittent);
            steps.push(say!(words, "step-overloaded", host = name));
            steps
        }
        Unsteady::Endpoints(endpoints) => {
            let hop = endpoints.first_hop();
            shared_by_all(words, &hop.host.to_string(), hop.port, intermittent)
        }
    }
}

/// A load balancer with a dead member, and a link that loses packets.
fn shared_by_all(words: Words, host: &str, port: u16, intermittent: &Intermittent) -> Vec<String> {
    let balancer = say!(words, "step-balancer", host = host);
    let again = say!(words, "step-test-again", host = host, port = port.to_string());
    let link = say!(words, "step-lost-packets", host = host);
    match (intermittent.stage, intermittent.reason) {
        (Stage::Tcp, Reason::TimedOut | Reason::Unreachable) => vec![again, link, balancer],
        _ => vec![balancer, again, link],
    }
}
