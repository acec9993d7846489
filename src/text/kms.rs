//! What is wrong on a path to KMS hosts, as clauses of a sentence.

use super::{Words, clocks, codes, details, names, say};
use crate::clock::comparison::Clocks;
use crate::host::{self, DnsName};
use crate::observation::{Reason, Stage};
use crate::verdict::subject::{ClientCount, Host, HostClock, HostLicense, IdleHost, Nameserver, OwnClock};
use crate::walk::kms::Disagreement;
use crate::words::day_of;

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
    let (names, count) = match (stage, hosts) {
        // Of a name that leads to no address, there is none to show.
        (Stage::Address | Stage::Clock, [only]) if more == 0 => (only.host.to_string(), 1),
        _ => names::hosts(words, hosts, more),
    };
    let (stage, reason) = (stage.as_str(), reason.as_str());
    say!(words, "host-problem", stage = stage, reason = reason, names = names, count = count)
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
    say!(words, "host-license-problem", host = license.host.host.host.to_string(), status = status)
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
        (Stage::Host, _) => "license",
        (_, Reason::Low) => "low",
        _ => "too_low",
    };
    say!(words, "several-hosts", kind = kind, names = names::listed(words, hosts, hosts.len() + more))
}

/// A host that nobody asks.
pub(super) fn idle_host(words: Words, idle: &IdleHost) -> String {
    say!(words, "idle-host-problem", host = idle.host.host.host.to_string(), day = day_of(idle.since))
}

/// Hosts in DNS that should not be there.
pub(super) fn unexpected_hosts(words: Words, hosts: &[DnsName]) -> String {
    say!(words, "unexpected-hosts", count = hosts.len(), names = names::listed(words, hosts, hosts.len()))
}

/// Hosts that should be in DNS.
pub(super) fn missing_hosts(words: Words, hosts: &[DnsName]) -> String {
    say!(words, "missing-hosts", count = hosts.len(), names = names::listed(words, hosts, hosts.len()))
}

/// Nameservers that answer differently: the first two.
pub(super) fn disagreements(words: Words, pairs: &[Disagreement]) -> String {
    let Some(pair) = pairs.first() else { return String::new() };
    let [one, two] = [pair.one, pair.other].map(|nameserver| nameserver.to_string());
    say!(words, "disagreement", one = one, two = two, name = pair.domain.srv_name())
}
