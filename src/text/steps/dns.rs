//! What to do about what nameservers answer, and what DNS lists.

use crate::host::{Address, DNS_PORT, DnsName, Host};
use crate::observation::Reason;
use crate::text::kms::host_name;
use crate::text::{NAMED, Words, names, say};
use crate::verdict::subject::Nameserver;
use crate::walk::kms::{Disagreement, Unpublished};
use std::net::SocketAddr;

/// A lookup of SRV records that failed.
pub(super) fn lookup(words: Words, reason: Reason, asked: &Nameserver) -> Vec<String> {
    let name = asked.domain.srv_name();
    let (server, port) = (Address::from(asked.nameserver).to_string(), asked.nameserver.port().to_string());
    let mut steps = vec![say!(words, "step-ask-nameserver", command = nslookup(&name, asked.nameserver))];
    match reason {
        Reason::Nxdomain | Reason::NoRecords => {
            // What is known of the path is filled in.
            let known = asked.host.as_ref().map(ToString::to_string);
            let host = known.clone().unwrap_or_else(|| "HOST".to_owned());
            let unknown = || say!(words, "step-publish-record");
            steps.push(known.map_or_else(unknown, |host| say!(words, "step-missing-host", host = host)));
            steps.push(say!(words, "step-name-host", host = host));
            steps.push(say!(words, "step-no-kms-host"));
        }
        Reason::NoService => steps.push(say!(words, "step-delete-absence", name = name)),
        Reason::InvalidAnswer => steps.push(say!(words, "step-correct-record", name = name)),
        Reason::Truncated => {
            steps.insert(0, say!(words, "step-open-dns-tcp", server = server.as_str(), port = port.as_str()));
            steps.push(say!(words, "step-check-dns-service", server = server, port = port));
        }
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
    format!("nslookup -type=srv{port} {name} {}", Address::from(nameserver))
}

/// Hosts in DNS that are not expected. Nothing is started or repaired there.
pub(super) fn unexpected(words: Words, hosts: &[Host]) -> Vec<String> {
    let step = |host: &Host| say!(words, "step-unexpected-host", host = host.to_string());
    let again = hosts.first().map(|_| say!(words, "step-unexpected-again"));
    hosts.iter().take(NAMED).map(step).chain(again).collect()
}

/// Expected hosts that are not in DNS.
pub(super) fn missing(words: Words, hosts: &[DnsName]) -> Vec<String> {
    let step = |host: &DnsName| say!(words, "step-missing-host", host = host.to_string());
    hosts.iter().take(NAMED).map(step).collect()
}

/// A host that does not publish itself: it is not to, or cannot, and then for want of permission more often than not.
pub(super) fn unpublished(words: Words, unpublished: &Unpublished) -> Vec<String> {
    let (host, domain) = (&*unpublished.host, unpublished.domain.as_str());
    let by_hand = say!(words, "step-record-by-hand", host = host, domain = domain);
    if unpublished.failed.is_none() {
        return vec![say!(words, "step-turn-on-publishing", host = host), by_hand];
    }
    let allow = say!(words, "step-allow-publishing", host = host, domain = domain);
    vec![allow, say!(words, "step-missing-host", host = host), by_hand]
}

/// Nameservers that answer differently.
pub(super) fn disagreements(words: Words, pairs: &[Disagreement]) -> Vec<String> {
    let mut steps = Vec::new();
    for pair in pairs.iter().take(NAMED) {
        let name = pair.domain.srv_name();
        if let Some(lack) = pair.lacks.first() {
            let hosts = lack.hosts.iter().map(host_name);
            let names = names::listed(words, hosts, lack.hosts.len());
            let (server, command) = (Address::from(lack.nameserver).to_string(), nslookup(&name, lack.nameserver));
            steps.push(say!(words, "step-see-lack", server = server, names = names, command = command));
        }
        let [one, two] = [pair.one, pair.other].map(|nameserver| nslookup(&name, nameserver));
        steps.push(say!(words, "step-compare-nameservers", one = one, two = two));
    }
    steps
}
