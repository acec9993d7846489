//! What is broken, in a sentence, and a problem as a clause of it.

use super::{MOST_WORDS, Words, coverage, flaws, intermittent, kms, left_out, machines, online, say, unknown};
use crate::observation::{Reason, Stage};
use crate::verdict::subject::Subject;
use crate::verdict::{Coverage, Problem, Status, Verdict};
use std::collections::BTreeSet;
use std::mem::discriminant;

/// What is broken on the path called `path`, in one sentence.
pub fn summary(words: Words, path: &str, verdict: &Verdict) -> String {
    say!(words, "sentence", statement = statement(words, path, verdict))
}

fn statement(words: Words, path: &str, verdict: &Verdict) -> String {
    match (&verdict.coverage, verdict.status, verdict.problems.first()) {
        (Coverage::Unknown(cause), ..) => unknown::statement(words, path, cause),
        (Coverage::Kept, ..) => coverage::kept(words, path, verdict),
        (coverage, Status::Degraded, Some(blamed)) => {
            // Machines, and a clock that is ours, take nothing from what works.
            let is_of_path = blamed.machines.is_none() && !matches!(blamed.subject, Subject::OwnClock(_));
            coverage::degraded(words, path, coverage, is_of_path, together(words, blamed, verdict))
        }
        (coverage, Status::Blocked, Some(blamed)) => {
            let problem = together(words, blamed, verdict);
            let alone = coverage::blocked(words, path, coverage, blamed.stage, problem.clone());
            let others = others(blamed, verdict);
            let Some(first) = others.first() else { return alone };
            let more = others.len() - 1;
            let problem = say!(words, "others-fail", problem = problem, name = first.as_str(), more = more);
            let with_others = coverage::blocked(words, path, coverage, blamed.stage, problem);
            if with_others.split_whitespace().count() > MOST_WORDS { alone } else { with_others }
        }
        _ => coverage::works(words, path, verdict),
    }
}

/// The KMS hosts that fail otherwise than what is blamed, each once: the path stays blocked for them.
fn others(blamed: &Problem, verdict: &Verdict) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let alike = verdict.problems.iter().filter(|other| are_alike(blamed, other));
    seen.extend(alike.filter_map(|problem| problem.subject.failing_host()));
    let others = verdict.problems.iter().filter(|other| !are_alike(blamed, other));
    let hosts = others.filter_map(|problem| problem.subject.failing_host()).filter(|host| seen.insert(*host));
    hosts.map(ToString::to_string).collect()
}

/// What could not be seen from this machine: targets that could not be measured, and clocks that could not be read.
/// `None` where all was seen, and where the summary says it.
pub(crate) fn unmeasured(words: Words, verdict: &Verdict) -> Option<String> {
    let sentence = |statement: String| say!(words, "sentence", statement = statement);
    let targets = (verdict.unmeasured > 0 && verdict.status != Status::Ok)
        .then(|| sentence(say!(words, "targets-not-measured", unmeasured = verdict.unmeasured)));
    let clocks = (!verdict.unread_clocks.is_empty() && !coverage::says_unread(verdict))
        .then(|| sentence(say!(words, "begins", clause = kms::unread_clocks(words, &verdict.unread_clocks))));
    match (targets, clocks) {
        (Some(one), Some(two)) => Some(say!(words, "two-sentences", one = one, two = two)),
        (one, two) => one.or(two),
    }
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

/// True for problems that share one clause.
pub(crate) fn are_alike(one: &Problem, other: &Problem) -> bool {
    let is_same = (one.stage, one.reason) == (other.stage, other.reason);
    let is_unknown = one.stage == Stage::Address && matches!(one.reason, Reason::Nxdomain | Reason::NoRecords);
    is_same
        && match (&one.subject, &other.subject) {
            (Subject::Nameserver(one), Subject::Nameserver(other)) => one.domain == other.domain,
            // What has a sentence of its own stays apart.
            (Subject::Host(one), Subject::Host(other)) => {
                let (partly, at_port) = (one.serves_at.is_some(), one.is_at_unusual_port());
                one == other
                    || (partly && one.host == other.host || !partly && other.serves_at.is_none())
                        && at_port == other.is_at_unusual_port()
                        && one.alias_of.is_none()
                        && other.alias_of.is_none()
                        && !(is_unknown && (one.lacks_domain() || other.lacks_domain()))
            }
            (Subject::HostLicense(one), Subject::HostLicense(other)) => {
                (one.application, &one.product) == (other.application, &other.product)
            }
            (Subject::ClientCount(one), Subject::ClientCount(other)) => {
                one.count.application == other.count.application
            }
            (Subject::HostClock(_) | Subject::FailedStart(_) | Subject::IdleHost(_), _) => {
                discriminant(&one.subject) == discriminant(&other.subject)
            }
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
        Subject::FailedStart(failed) => kms::failed_start(words, failed),
        Subject::Unpublished(unpublished) => kms::unpublished(words, unpublished),
        Subject::IdleHost(idle) => kms::idle_host(words, idle),
        Subject::OwnClock(clock) => match verdict.coverage {
            Coverage::Online { .. } => online::own_clock(words, clock),
            _ => kms::own_clock(words, clock),
        },
        Subject::UnexpectedHosts(hosts) => kms::unexpected_hosts(words, hosts),
        Subject::MissingHosts(hosts) => kms::missing_hosts(words, hosts),
        Subject::Disagreements(pairs) => kms::disagreements(words, pairs),
        Subject::Flaws(found) => flaws::clause(words, found),
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
