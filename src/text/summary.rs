//! What is broken, in a sentence, and a problem as a clause of it.

use super::{Words, coverage, intermittent, kms, left_out, machines, online, say, unknown};
use crate::verdict::subject::Subject;
use crate::verdict::{Coverage, Problem, Status, Verdict};
use std::mem::discriminant;

/// What is broken on the path called `path`, in one sentence.
pub fn summary(words: Words, path: &str, verdict: &Verdict) -> String {
    say!(words, "sentence", statement = statement(words, path, verdict))
}

fn statement(words: Words, path: &str, verdict: &Verdict) -> String {
    match (&verdict.coverage, verdict.status, verdict.problems.first()) {
        (Coverage::Unknown(cause), ..) => unknown::statement(words, path, cause),
        (coverage, Status::Degraded, Some(blamed)) => {
            // Machines, and a clock that is ours, take nothing from what works.
            let is_of_path = blamed.machines.is_none() && !matches!(blamed.subject, Subject::OwnClock(_));
            coverage::degraded(words, path, coverage, is_of_path, together(words, blamed, verdict))
        }
        (coverage, Status::Blocked, Some(blamed)) => {
            coverage::blocked(words, path, coverage, blamed.stage, together(words, blamed, verdict))
        }
        _ => coverage::works(words, path, verdict),
    }
}

/// How many targets could not be measured from this machine, in a sentence; `None` where all could, and where the summary
/// says it.
pub(crate) fn unmeasured(words: Words, verdict: &Verdict) -> Option<String> {
    let is_worth_it = verdict.unmeasured > 0 && verdict.status != Status::Ok;
    is_worth_it.then(|| {
        let statement = say!(words, "targets-not-measured", unmeasured = verdict.unmeasured);
        say!(words, "sentence", statement = statement)
    })
}

/// A problem as a clause that can be part of a sentence.
pub fn clause(words: Words, problem: &Problem, verdict: &Verdict) -> String {
    clause_about(words, problem, &[&problem.subject], 0, verdict)
}

/// A problem as such a clause, with all that fail in the same way.
pub fn together(words: Words, problem: &Problem, verdict: &Verdict) -> String {
    let is_alike = |other: &&Problem| are_alike(problem, other);
    let subjects: Vec<_> = verdict.problems.iter().filter(is_alike).map(|alike| &alike.subject).collect();
    // Of a path with very many problems the last are not listed. Where the listed ones are alike, so are most of these.
    let is_all = verdict.problems.iter().filter(|other| other.machines.is_none()).all(|other| is_alike(&other));
    let more = if is_all && subjects.len() > 1 { verdict.more.problems } else { 0 };
    clause_about(words, problem, &subjects, more, verdict)
}

/// True for problems that are told in one clause.
pub(super) fn are_alike(one: &Problem, other: &Problem) -> bool {
    let is_same = (one.stage, one.reason) == (other.stage, other.reason);
    is_same
        && match (&one.subject, &other.subject) {
            (Subject::Nameserver(one), Subject::Nameserver(other)) => one.domain == other.domain,
            (
                Subject::Host(_)
                | Subject::HostClock(_)
                | Subject::HostLicense(_)
                | Subject::ClientCount(_)
                | Subject::IdleHost(_),
                _,
            ) => discriminant(&one.subject) == discriminant(&other.subject),
            (one, other) => one == other,
        }
}

/// The clause about a problem, which is about these subjects, the first of them its own, and so many more.
fn clause_about(words: Words, problem: &Problem, subjects: &[&Subject], more: usize, verdict: &Verdict) -> String {
    let (stage, reason) = (problem.stage, problem.reason);
    let serving: Vec<_> = subjects.iter().filter_map(|subject| subject.host()).collect();
    if serving.len() > 1 {
        return kms::several_hosts(words, stage, reason, &serving, more);
    }
    match &problem.subject {
        Subject::Nameserver(_) => {
            let asked = subjects.iter().filter_map(|subject| match subject {
                Subject::Nameserver(asked) => Some(asked),
                _ => None,
            });
            let asked: Vec<_> = asked.collect();
            kms::nameservers(words, reason, &asked, more)
        }
        Subject::Host(_) => {
            let hosts = subjects.iter().filter_map(|subject| match subject {
                Subject::Host(host) => Some(host),
                _ => None,
            });
            let hosts: Vec<_> = hosts.collect();
            kms::hosts(words, stage, reason, &hosts, more)
        }
        Subject::HostClock(clock) => kms::host_clock(words, reason, clock),
        Subject::HostLicense(license) => kms::host_license(words, license),
        Subject::ClientCount(count) => kms::client_count(words, count),
        Subject::IdleHost(idle) => kms::idle_host(words, idle),
        Subject::OwnClock(clock) => match verdict.coverage {
            Coverage::Online { .. } => online::own_clock(words, clock),
            _ => kms::own_clock(words, clock),
        },
        Subject::UnexpectedHosts(hosts) => kms::unexpected_hosts(words, hosts),
        Subject::MissingHosts(hosts) => kms::missing_hosts(words, hosts),
        Subject::Disagreements(pairs) => kms::disagreements(words, pairs),
        Subject::LeftOut(left_out) => left_out::clause(words, stage, left_out),
        Subject::Intermittent(intermittent) => intermittent::clause(words, intermittent),
        Subject::Endpoints(endpoints) => online::endpoints(words, stage, reason, endpoints),
        Subject::Lookup(lookup) => online::lookup(words, reason, lookup),
        Subject::Proxy(proxy) => online::proxy(words, stage, reason, proxy),
        Subject::Certificates(certificates) => online::certificates(words, stage, reason, certificates),
        Subject::Failing(failing) => machines::failing(words, problem, failing),
        Subject::SharedIds(shared) => machines::shared_ids(words, problem, shared),
        Subject::NotVolume(_) => machines::not_volume(words, problem),
        Subject::WrongKey(key) => machines::wrong_key(words, problem, key),
        Subject::Evaluations(evaluations) => machines::evaluations(words, problem, evaluations),
    }
}
