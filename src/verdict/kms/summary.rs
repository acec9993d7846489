//! The one sentence that says what is broken.

use super::{About, Problem, is_excused_host, served};
use crate::clock::comparison::{Clocks, Standing};
use crate::host;
use crate::observation::{Reason, Stage};
use crate::verdict::TOLD;
use crate::walk::kms::{Host, Lookup, Walk};
use crate::words::{counted, day_of};
use std::fmt::Display;

pub(super) fn ok(name: &str, walk: &Walk) -> String {
    match counts(walk) {
        (_, 1) => format!("Path {name} works: its KMS host answers"),
        (_, all) => format!("Path {name} works: all {} answer", counted(all, "KMS target")),
    }
}

/// How many KMS targets work, and how many should.
fn counts(walk: &Walk) -> (usize, usize) {
    let served = served(walk);
    let expected = || walk.hosts().filter(|host| !is_excused_host(host, &served));
    (expected().filter(|host| host.works()).count(), expected().count())
}

pub(super) fn degraded(name: &str, walk: &Walk) -> String {
    let (working, all) = counts(walk);
    if working < all {
        format!("Path {name} works through {working} of {}", counted(all, "KMS target"))
    } else {
        format!("Path {name} works")
    }
}

pub(super) fn blocked(name: &str, blamed: Option<Problem<'_>>) -> String {
    match blamed {
        Some(problem) => format!("Path {name} is blocked at {}", problem.stage),
        None => format!("Path {name} is blocked: it has no KMS host"),
    }
}

/// A problem as a clause that can stand in a sentence.
pub(super) fn clause(problem: &Problem<'_>, walk: &Walk) -> String {
    match problem.about {
        About::Lookup(lookup) => lookup_clause(problem.reason, lookup),
        About::Host(host) if problem.stage == Stage::Clock => clock_clause(problem.reason, host, walk),
        About::Host(host) if problem.reason == Reason::Idle => idle_clause(host),
        About::Host(host) if matches!(problem.stage, Stage::Host | Stage::Count) => said_clause(problem, host),
        About::Host(host) => host_clause(problem, host),
        About::Walk => walk_clause(problem.reason, walk),
    }
}

fn lookup_clause(reason: Reason, lookup: &Lookup) -> String {
    let (name, server) = (lookup.domain.srv_name(), lookup.nameserver);
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

fn host_clause(problem: &Problem<'_>, target: &Host) -> String {
    let name = &target.host;
    // The port is told once, and an address given as such is told once.
    let host = match target.ip() {
        Some(address) if host::Host::Address(address) != name.host => format!("{name} ({address})"),
        _ => name.to_string(),
    };
    match (problem.stage, problem.reason) {
        (Stage::Address, Reason::Nxdomain) => format!("the host name in {name} does not exist"),
        (Stage::Address, Reason::NoRecords) => format!("the host name in {name} has no address"),
        (Stage::Address, _) => format!("the address of {name} cannot be looked up"),
        (Stage::Tcp, Reason::Refused) => format!("{host} refuses connections"),
        (Stage::Tcp, Reason::TimedOut) => format!("{host} does not answer connection attempts"),
        (Stage::Tcp, Reason::Unreachable) => format!("{host} is unreachable"),
        (Stage::Tcp, Reason::NoRoute) => format!("this machine has no route to {host}"),
        (Stage::Rpc, Reason::NotRpc) => format!("what listens at {host} does not speak RPC"),
        (Stage::Rpc, Reason::NotKms) => format!("the RPC server at {host} does not serve KMS"),
        (Stage::Rpc, Reason::Rejected) => format!("the RPC server at {host} refuses the bind"),
        (Stage::Rpc, Reason::Closed) => format!("{host} closes the connection instead of answering"),
        (Stage::Rpc, Reason::TimedOut) => format!("{host} takes the connection and stays silent"),
        (stage, reason) => format!("{host} fails at {stage} ({reason})"),
    }
}

/// What a KMS host, or its clients, say of it: the detail of the stage says it all.
fn said_clause(problem: &Problem<'_>, target: &Host) -> String {
    let seen = target.stages.iter().find(|observation| observation.stage == problem.stage);
    seen.map_or_else(String::new, |observation| observation.detail.to_string())
}

/// A KMS host that nobody asks.
fn idle_clause(target: &Host) -> String {
    let since = target.idle_since.map(|since| format!(" since {}", day_of(since))).unwrap_or_default();
    format!("no client has asked {}{since}, and clients renew every 7 days", target.name())
}

/// A clock that is off, whose it is, and by whose word.
fn clock_clause(reason: Reason, target: &Host, walk: &Walk) -> String {
    let Some(comparison) = target.clock else { return format!("{} fails at clock ({reason})", target.host) };
    let offset = comparison.describe(&target.name().to_string());
    let witness = match comparison.clocks {
        Clocks::HostAndOurs => ", and no time server says which of the two is right".to_owned(),
        Clocks::HostAndTrueTime | Clocks::OursAndTrueTime => witness(walk),
    };
    let limit = if reason == Reason::Skewed { ", and Windows tolerates four hours" } else { "" };
    // The rest of a path that works is told beside this; of one that is blocked, this alone.
    let own = own_clock(walk).filter(|_| reason == Reason::Skewed && comparison.clocks == Clocks::HostAndTrueTime);
    let own = own.map(|said| format!("; and {said}")).unwrap_or_default();
    format!("{offset}{witness}{limit}{own}")
}

/// Who says what true time is, where it is one server alone.
fn witness(walk: &Walk) -> String {
    let alone = walk.own_clock.as_ref().and_then(|clock| clock.alone.as_ref());
    alone.map(|server| format!(", by the word of {server} alone")).unwrap_or_default()
}

fn own_clock_clause(walk: &Walk) -> String {
    let said = own_clock(walk).unwrap_or_default();
    let is_right = |host: &Host| {
        host.clock.is_some_and(|known| (known.clocks, known.standing) == (Clocks::HostAndTrueTime, Standing::Right))
    };
    let hosts = if walk.hosts().all(is_right) { ", which the KMS hosts have" } else { "" };
    format!("{said}{hosts}{}", witness(walk))
}

/// Our own clock in words, where it is wrong.
fn own_clock(walk: &Walk) -> Option<String> {
    let comparison = walk.own_clock.as_ref()?.comparison;
    (comparison.standing != Standing::Right).then(|| comparison.describe(""))
}

fn walk_clause(reason: Reason, walk: &Walk) -> String {
    let Some(discovered) = walk.discovered.as_ref().filter(|_| reason != Reason::OwnClock) else {
        return own_clock_clause(walk);
    };
    match reason {
        Reason::UnexpectedHost => format!("DNS lists {}, which is not expected", list(&discovered.unexpected)),
        Reason::MissingHost => format!("DNS does not list {}, which is expected", list(&discovered.missing)),
        _ => match discovered.disagreements.first() {
            Some(pair) => {
                format!("nameservers {} and {} disagree on {}", pair.one, pair.other, pair.domain.srv_name())
            }
            None => String::new(),
        },
    }
}

/// A few names, and how many more there are.
fn list<T: Display>(names: &[T]) -> String {
    let mut told: Vec<_> = names.iter().take(TOLD).map(ToString::to_string).collect();
    if names.len() > TOLD {
        told.push(format!("{} more", names.len() - TOLD));
    }
    told.join(", ")
}
