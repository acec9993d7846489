//! What to do about what nameservers answer, and what DNS lists.

use crate::host::{DNS_PORT, DnsName};
use crate::observation::Reason;
use crate::text::{NAMED, Words, say};
use crate::verdict::subject::Nameserver;
use crate::walk::kms::Disagreement;
use std::net::SocketAddr;

/// A lookup of SRV records that failed.
pub(super) fn lookup(words: Words, reason: Reason, asked: &Nameserver) -> Vec<String> {
    let name = asked.domain.srv_name();
    let (server, port) = (asked.nameserver.ip().to_string(), asked.nameserver.port().to_string());
    let mut steps = vec![say!(words, "step-ask-nameserver", command = nslookup(&name, asked.nameserver))];
    match reason {
        Reason::Nxdomain | Reason::NoRecords => steps.extend([
            say!(words, "step-publish-record"),
            say!(words, "step-name-host"),
            say!(words, "step-no-kms-host"),
        ]),
        Reason::NoService => steps.push(say!(words, "step-delete-absence", name = name)),
        Reason::InvalidAnswer => steps.push(say!(words, "step-correct-record", name = name)),
        Reason::ServerFailure => steps.push(say!(words, "step-check-zone", server = server)),
        _ => steps.push(say!(words, "step-check-dns-service", server = server, port = port)),
    }
    steps
}

/// The command that asks one nameserver for SRV records.
fn nslookup(name: &str, nameserver: SocketAddr) -> String {
    let port = match nameserver.port() {
        DNS_PORT => String::new(),
        port => format!(" -port={port}"),
    };
    format!("nslookup -type=srv{port} {name} {}", nameserver.ip())
}

/// Hosts in DNS that are not expected.
pub(super) fn unexpected(words: Words, hosts: &[DnsName]) -> Vec<String> {
    let step = |host: &DnsName| say!(words, "step-unexpected-host", host = host.to_string());
    hosts.iter().take(NAMED).map(step).collect()
}

/// Expected hosts that are not in DNS.
pub(super) fn missing(words: Words, hosts: &[DnsName]) -> Vec<String> {
    let step = |host: &DnsName| say!(words, "step-missing-host", host = host.to_string());
    hosts.iter().take(NAMED).map(step).collect()
}

/// Nameservers that answer differently.
pub(super) fn disagreements(words: Words, pairs: &[Disagreement]) -> Vec<String> {
    let step = |pair: &Disagreement| {
        let name = pair.domain.srv_name();
        let [one, two] = [pair.one, pair.other].map(|nameserver| nslookup(&name, nameserver));
        say!(words, "step-compare-nameservers", one = one, two = two)
    };
    pairs.iter().take(NAMED).map(step).collect()
}
