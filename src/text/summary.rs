//! A verdict in one sentence, and a problem as a clause of it.

use super::{NAMED, coverage, dependents, intermittent, kms, left_out, machines, online, steps, unknown};
use crate::verdict::subject::Subject;
use crate::verdict::{Coverage, Problem, Status, Verdict};
use crate::words::counted;

/// What is broken on the path called `name`, who depends on it and what to do first, in one sentence.
pub fn summary(name: &str, verdict: &Verdict) -> String {
    let mut summary = statement(name, verdict);
    if let Some(dependents) = &verdict.dependents {
        summary.push_str("; ");
        summary.push_str(&dependents::clause(dependents));
    }
    if let Some(step) = steps::first_steps(verdict).first() {
        summary.push_str("; what to do first: ");
        summary.push_str(&decapitalized(step));
    }
    summary + "."
}

/// What is broken, in one sentence without its end.
pub(super) fn statement(name: &str, verdict: &Verdict) -> String {
    let opening = match &verdict.coverage {
        Coverage::Unknown(cause) => return unknown::statement(name, cause),
        _ => coverage::opening(name, verdict),
    };
    let statement = match (verdict.status, verdict.problems.first()) {
        (Status::Degraded, Some(_)) => format!("{opening}, but {}", listed(verdict)),
        (Status::Blocked, Some(blamed)) => {
            format!("{opening}: {}{}{}", clause(blamed, verdict), codes(verdict), besides(verdict))
        }
        _ => opening,
    };
    match verdict.unmeasured {
        0 => statement,
        count => format!("{statement}; {} could not be measured from this machine", counted(count, "target")),
    }
}

/// A problem as a clause that can be part of a sentence.
pub fn clause(problem: &Problem, verdict: &Verdict) -> String {
    match &problem.subject {
        Subject::Nameserver(asked) => kms::nameserver(problem.reason, asked),
        Subject::Host(host) => kms::host(problem.stage, problem.reason, host),
        Subject::HostClock(clock) => kms::host_clock(problem.reason, clock),
        Subject::HostLicense(license) => kms::host_license(license),
        Subject::ClientCount(count) => kms::client_count(count),
        Subject::IdleHost(idle) => kms::idle_host(idle),
        Subject::OwnClock(clock) => match verdict.coverage {
            Coverage::Online { .. } => online::own_clock(clock),
            _ => kms::own_clock(clock),
        },
        Subject::UnexpectedHosts(hosts) => kms::unexpected_hosts(hosts),
        Subject::MissingHosts(hosts) => kms::missing_hosts(hosts),
        Subject::Disagreements(pairs) => kms::disagreements(pairs),
        Subject::LeftOut(left_out) => left_out::clause(problem.stage, left_out),
        Subject::Intermittent(intermittent) => intermittent::clause(intermittent),
        Subject::Endpoints(endpoints) => online::endpoints(problem.stage, problem.reason, endpoints),
        Subject::Lookup(lookup) => online::lookup(problem.reason, lookup),
        Subject::Proxy(proxy) => online::proxy(problem.stage, problem.reason, proxy),
        Subject::Certificates(certificates) => online::certificates(problem.stage, problem.reason, certificates),
        Subject::Failing(failing) => machines::failing(problem, failing),
        Subject::SharedIds(shared) => machines::shared_ids(problem, shared),
        Subject::NotVolume(_) => machines::not_volume(problem),
        Subject::WrongKey(key) => machines::wrong_key(problem, key),
        Subject::Evaluations(evaluations) => machines::evaluations(problem, evaluations),
    }
}

/// The first problems, and how many more there are.
fn listed(verdict: &Verdict) -> String {
    let first = verdict.problems.iter().take(NAMED).map(|problem| clause(problem, verdict));
    let rest = verdict.problems.len().saturating_sub(NAMED) + verdict.more.problems;
    joined(first.collect(), rest)
}

/// What clients show.
fn codes(verdict: &Verdict) -> String {
    match (verdict.code, verdict.inner_code) {
        (Some(code), Some(inner)) => format!("; clients show {code}, with {inner} in event 12288"),
        (Some(code), None) => format!("; clients show {code}"),
        (None, _) => String::new(),
    }
}

/// What else keeps the path blocked: to fix what is blamed alone may not help.
fn besides(verdict: &Verdict) -> String {
    let others: Vec<_> = verdict.problems.iter().filter(|problem| problem.contributes).collect();
    let rest = others.len().saturating_sub(NAMED - 1) + verdict.more.contributing;
    match others.as_slice() {
        [] => String::new(),
        others => {
            let first = others.iter().take(NAMED - 1).map(|problem| clause(problem, verdict));
            format!("; besides, {}", joined(first.collect(), rest))
        }
    }
}

/// Clauses, and how many more there are.
fn joined(mut clauses: Vec<String>, rest: usize) -> String {
    if rest > 0 {
        clauses.push(format!("{rest} more"));
    }
    clauses.join("; ")
}

/// A step as it is written within a sentence: `On kms01: ...` as `on kms01: ...`, while `TCP ...` stays.
fn decapitalized(step: &str) -> String {
    let mut characters = step.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(step.chars().skip(1)).collect()
        }
        _ => step.to_owned(),
    }
}
