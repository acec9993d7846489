//! What is wrong on a path to KMS hosts, as clauses of a sentence.

use super::{Words, clocks, codes, details, names, say};
use crate::clock::comparison::Clocks;
use crate::host::{self, DnsName, HostPort, KMS_PORT};
use crate::observation::{Reason, Stage};
use crate::verdict::subject::{
    ClientCount, FailedStart, Host, HostClock, HostLicense, IdleHost, Nameserver, OwnClock, UnexpectedHosts,
};
use crate::walk::kms::{Disagreement, Lack, Unpublished};
use crate::words::day_of;
use std::net::IpAddr;
use std::sync::Arc;

/// Lookups of one name that failed alike, at nameservers of which `more` are not among these.
pub(super) fn nameservers(words: Words, reason: Reason, asked: &[&Nameserver], more: usize) -> String {
    let Some(first) = asked.first() else { return String::new() };
    let count = asked.len() + more;
    say!(
        words,
        "nameserver-problem",
        reason = reason.as_str(),
        count = count,
        names = names::listed(words, asked.iter().map(|asked| asked.nameserver), count),
        name = first.domain.srv_name(),
    )
}

/// Hosts that cannot be reached, or do not serve, all alike; `more` are not among these.
pub(super) fn hosts(words: Words, stage: Stage, reason: Reason, hosts: &[&Host], more: usize) -> String {
    let first = hosts.first().copied();
    if let Some((host, alias)) = first.and_then(|host| Some((host, host.alias_of.as_deref()?))) {
        let (host, reason) = (host.host.host.to_string(), reason.as_str());
        return say!(words, "host-alias", host = host, alias = alias, reason = reason);
    }
    let is_unknown = stage == Stage::Address && matches!(reason, Reason::Nxdomain | Reason::NoRecords);
    if let Some(host) = first.filter(|host| is_unknown && host.lacks_domain()) {
        return say!(words, "host-lacks-domain", host = host.host.host.to_string());
    }
    if let Some((host, good)) = first.and_then(|host| Some((host, host.serves_at?))) {
        return partly(words, stage, reason, host, good, hosts);
    }
    if first.is_some_and(Host::is_at_unusual_port) && matches!(reason, Reason::Refused | Reason::TimedOut) {
        let (names, count) = names::hosts(words, hosts, more);
        return say!(words, "host-at-port", reason = reason.as_str(), names = names, count = count);
    }
    let (names, count) = match (stage, hosts) {
        // Of a name that leads to no address, there is none to show.
        (Stage::Address | Stage::Clock, [only]) if more == 0 => (only.host.to_string(), 1),
        _ => names::hosts(words, hosts, more),
    };
    let (stage, reason) = (stage.as_str(), reason.as_str());
    say!(words, "host-problem", stage = stage, reason = reason, names = names, count = count)
}

/// A host that serves at one address, and not at others.
fn partly(words: Words, stage: Stage, reason: Reason, host: &Host, good: IpAddr, hosts: &[&Host]) -> String {
    let bad: Vec<_> = hosts.iter().filter_map(|host| host.address).collect();
    say!(
        words,
        "host-partly",
        reason = reason.as_str(),
        stage = stage.as_str(),
        host = host.host.to_string(),
        good = good.to_string(),
        bad = names::listed(words, &bad, bad.len()),
    )
}

/// Hosts that serve, and whose clocks could not be read.
pub(super) fn unread_clocks(words: Words, hosts: &[Arc<str>]) -> String {
    say!(words, "clocks-unread", count = hosts.len(), names = names::listed(words, hosts, hosts.len()))
}

/// A clock that is off: whose it is, and which server alone says so.
pub(super) fn host_clock(words: Words, reason: Reason, clock: &HostClock) -> String {
    let HostClock { host, comparison, witness } = clock;
    let offset = clocks::comparison(words, comparison, &host.host.host.to_string());
    let witness = witness.as_deref().filter(|_| comparison.clocks != Clocks::HostAndOurs);
    let kind = match (comparison.clocks, reason) {
        (Clocks::HostAndOurs, _) => "unjudged",
        // Whose word it is weighs more than the limit, where both would be too much.
        (_, Reason::Skewed) if witness.is_none() => "skewed",
        _ => "tolerated",
    };
    say!(words, "clock-problem", kind = kind, offset = by_one_server(words, offset, witness))
}

/// Our own clock, which is wrong.
pub(super) fn own_clock(words: Words, clock: &OwnClock) -> String {
    if clock.supporter.is_some() {
        return doubted_clock(words, clock);
    }
    let kind = if clock.are_hosts_right { "own" } else { "tolerated" };
    let statement = say!(words, "clock-problem", kind = kind, offset = clocks::own(words, &clock.comparison));
    by_one_server(words, statement, clock.witness.as_deref())
}

/// The same, with which time server says otherwise, where one does.
pub(super) fn doubted_clock(words: Words, clock: &OwnClock) -> String {
    let statement = clocks::own(words, &clock.comparison);
    match clock.supporter.as_deref() {
        Some(server) => say!(words, "though-supported", statement = statement, server = server),
        None => statement,
    }
}

/// Which time server says what true time is, where it is one alone.
fn by_one_server(words: Words, statement: String, witness: Option<&str>) -> String {
    match witness {
        Some(server) => say!(words, "by-one-server", statement = statement, server = server),
        None => statement,
    }
}

/// The license of a host itself, which lapsed.
pub(super) fn host_license(words: Words, license: &HostLicense) -> String {
    let status = codes::status(words, Some(license.status), license.code);
    let (host, application) = (license.host.host.host.to_string(), license.application.name());
    if let Some(product) = license.product.as_deref() {
        return say!(
            words,
            "host-key-problem",
            host = host,
            application = application,
            product = product,
            status = status
        );
    }
    say!(words, "host-license-problem", host = host, application = application, status = status)
}

/// A count that is too low, or nearly.
pub(super) fn client_count(words: Words, count: &ClientCount) -> String {
    details::detail(words, &count.count.detail(count.host.host.host.to_string()))
}

/// Several hosts that serve, with the same wrong with each.
pub(super) fn several_hosts(words: Words, stage: Stage, reason: Reason, hosts: &[&host::Host], more: usize) -> String {
    let kind = match (stage, reason) {
        (Stage::Clock, _) => "clock",
        (Stage::Host, Reason::Idle) => "idle",
        (Stage::Host, Reason::CannotStart) => "start",
        (Stage::Host, _) => "license",
        (_, Reason::Low) => "low",
        _ => "too_low",
    };
    say!(words, "several-hosts", kind = kind, names = names::listed(words, hosts, hosts.len() + more))
}

/// A host that could not start.
pub(super) fn failed_start(words: Words, failed: &FailedStart) -> String {
    let host = failed.host.host.host.to_string();
    let code = failed.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    say!(words, "failed-start-problem", host = host, day = day_of(failed.since), code = code)
}

/// A host that does not publish itself in DNS.
pub(super) fn unpublished(words: Words, unpublished: &Unpublished) -> String {
    let (host, domain) = (unpublished.host.to_string(), unpublished.domain.to_string());
    let (kind, day, code) = match unpublished.failed {
        None => ("off", String::new(), String::new()),
        Some((at, None)) => ("failed", day_of(at), String::new()),
        Some((at, Some(code))) => ("code", day_of(at), code.to_string()),
    };
    say!(words, "unpublished-problem", kind = kind, host = host, domain = domain, day = day, code = code)
}

/// A host that nobody asks.
pub(super) fn idle_host(words: Words, idle: &IdleHost) -> String {
    say!(words, "idle-host-problem", host = idle.host.host.host.to_string(), day = day_of(idle.since))
}

/// Hosts in DNS that should not be there.
pub(super) fn unexpected_hosts(words: Words, unexpected: &UnexpectedHosts) -> String {
    let UnexpectedHosts { hosts, do_expected_serve } = unexpected;
    let expected = if *do_expected_serve { "serve" } else { "other" };
    let names = names::listed(words, hosts.iter(), hosts.len());
    say!(words, "unexpected-hosts", expected = expected, names = names)
}

/// Hosts that should be in DNS.
pub(super) fn missing_hosts(words: Words, hosts: &[DnsName]) -> String {
    say!(words, "missing-hosts", count = hosts.len(), names = names::listed(words, hosts, hosts.len()))
}

/// Nameservers that answer differently: what the first of them lack.
pub(super) fn disagreements(words: Words, pairs: &[Disagreement]) -> String {
    let Some(pair) = pairs.first() else { return String::new() };
    let name = pair.domain.srv_name();
    let lacking = |lack: &Lack| {
        let hosts = lack.hosts.iter().map(host_name);
        let names = names::listed(words, hosts, lack.hosts.len());
        say!(words, "nameserver-lacks", server = lack.nameserver.to_string(), names = names)
    };
    match pair.lacks.as_slice() {
        [] => {
            let [one, two] = [pair.one, pair.other].map(|nameserver| nameserver.to_string());
            say!(words, "disagreement", one = one, two = two, name = name)
        }
        [only] => lacking(only),
        // Two nameservers with one host each; of more only the first is named, to keep the sentence short.
        [one, two] if one.hosts.len() == 1 && two.hosts.len() == 1 => {
            say!(words, "both-lack", one = lacking(one), two = lacking(two))
        }
        [first, others @ ..] => say!(words, "others-lack", one = lacking(first), more = others.len()),
    }
}

/// A host as a record names it: its port where it is not the usual one.
pub(super) fn host_name(host: &HostPort) -> String {
    if host.port == KMS_PORT { host.host.to_string() } else { host.to_string() }
}
