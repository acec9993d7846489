//! What is wrong on a path to KMS hosts, as clauses of a sentence.

use super::names;
use crate::clock::comparison::{Clocks, Comparison, Standing};
use crate::host::DnsName;
use crate::observation::{Reason, Stage};
use crate::verdict::subject::{ClientCount, Host, HostClock, HostLicense, IdleHost, Nameserver, OwnClock};
use crate::walk::kms::Disagreement;
use crate::words::day_of;

/// A lookup of SRV records that failed.
pub(super) fn nameserver(reason: Reason, asked: &Nameserver) -> String {
    let (name, server) = (asked.domain.srv_name(), asked.nameserver);
    match reason {
        Reason::Nxdomain => format!("nameserver {server} has no name {name}"),
        Reason::NoRecords => format!("nameserver {server} has no SRV record at {name}"),
        Reason::NoService => format!("{name} declares that there is no KMS host (target \".\")"),
        Reason::InvalidAnswer => format!("the SRV record at {name} is of no use"),
        Reason::ServerFailure => format!("nameserver {server} fails on {name}"),
        Reason::TimedOut => format!("nameserver {server} does not answer"),
        _ => format!("nameserver {server} cannot be asked for {name}"),
    }
}

/// A host that cannot be reached, or does not serve.
pub(super) fn host(stage: Stage, reason: Reason, of: &Host) -> String {
    let (name, host) = (&of.host, names::host(of));
    match (stage, reason) {
        (Stage::Address, Reason::Nxdomain) => format!("the host name in {name} does not exist"),
        (Stage::Address, Reason::NoRecords) => format!("the host name in {name} has no address"),
        (Stage::Address, _) => format!("the address of {name} cannot be looked up"),
        (Stage::Tcp, Reason::Refused) => format!("{host} refuses connections"),
        (Stage::Tcp, Reason::TimedOut) => format!("{host} does not answer connection attempts"),
        (Stage::Tcp, Reason::Unreachable) => format!("{host} is unreachable"),
        (Stage::Rpc, Reason::NotRpc) => format!("what listens at {host} does not speak RPC"),
        (Stage::Rpc, Reason::NotKms) => format!("the RPC server at {host} does not serve KMS"),
        (Stage::Rpc, Reason::Rejected) => format!("the RPC server at {host} refuses the bind"),
        (Stage::Rpc, Reason::Closed) => format!("{host} closes the connection instead of answering"),
        (Stage::Rpc, Reason::TimedOut) => format!("{host} takes the connection and stays silent"),
        (Stage::Clock, reason) => format!("{name} fails at clock ({reason})"),
        (stage, reason) => format!("{host} fails at {stage} ({reason})"),
    }
}

/// A clock that is off: whose it is, and which server alone says so.
pub(super) fn host_clock(reason: Reason, clock: &HostClock) -> String {
    let HostClock { host, comparison, witness, own } = clock;
    let offset = comparison.describe(&host.host.host.to_string());
    let witness = match comparison.clocks {
        Clocks::HostAndOurs => ", and no time server says which of the two is right".to_owned(),
        Clocks::HostAndTrueTime | Clocks::OursAndTrueTime => by_the_word_of(witness.as_deref()),
    };
    let is_skewed = reason == Reason::Skewed;
    let limit = if is_skewed { ", and Windows tolerates four hours" } else { "" };
    // The rest of a path that works is said beside this; of one that is blocked, this alone.
    let own = own.filter(|_| is_skewed && comparison.clocks == Clocks::HostAndTrueTime);
    let own = own.map(|own| format!("; and {}", own.describe(""))).unwrap_or_default();
    format!("{offset}{witness}{limit}{own}")
}

/// Our own clock, which is wrong.
pub(super) fn own_clock(clock: &OwnClock) -> String {
    let offset = described(clock.comparison);
    let hosts = if clock.are_hosts_right { ", which the KMS hosts have" } else { "" };
    format!("{offset}{hosts}{}{}", by_the_word_of(clock.witness.as_deref()), though(clock.supporter.as_deref()))
}

/// Which time server says otherwise.
pub(super) fn though(supporter: Option<&str>) -> String {
    supporter.map(|server| format!(", though {server} agrees with it")).unwrap_or_default()
}

fn described(own: Comparison) -> String {
    if own.standing == Standing::Right { String::new() } else { own.describe("") }
}

/// Which time server says what true time is, where it is one alone.
fn by_the_word_of(witness: Option<&str>) -> String {
    witness.map(|server| format!(", by the word of {server} alone")).unwrap_or_default()
}

/// The license of a host itself, which lapsed.
pub(super) fn host_license(license: &HostLicense) -> String {
    let HostLicense { host, status, code } = license;
    let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
    format!("the license of {} itself is in the state {}{code}", host.host.host, status.as_str())
}

/// A count that is too low, or nearly.
pub(super) fn client_count(count: &ClientCount) -> String {
    count.count.describe(&count.host.host.host.to_string())
}

/// A host that nobody asks.
pub(super) fn idle_host(idle: &IdleHost) -> String {
    let (host, day) = (&idle.host.host.host, day_of(idle.since));
    format!("no client has asked {host} since {day}, and clients renew every 7 days")
}

/// Hosts in DNS that should not be there.
pub(super) fn unexpected_hosts(hosts: &[DnsName]) -> String {
    format!("DNS lists {}, which is not expected", names::listed(hosts))
}

/// Hosts that should be in DNS.
pub(super) fn missing_hosts(hosts: &[DnsName]) -> String {
    format!("DNS does not list {}, which is expected", names::listed(hosts))
}

/// Nameservers that answer differently: the first two.
pub(super) fn disagreements(pairs: &[Disagreement]) -> String {
    let first = pairs.first();
    let clause = |pair: &Disagreement| {
        format!("nameservers {} and {} disagree on {}", pair.one, pair.other, pair.domain.srv_name())
    };
    first.map(clause).unwrap_or_default()
}
