//! What to do about a problem: steps an administrator can type, the likeliest and cheapest first.

mod clock;
mod dns;
mod endpoint;
mod hosts;
mod kms_host;
mod machines;
mod proxy;

use super::{Words, flaws, intermittent, left_out, say, unknown};
use crate::verdict::subject::Subject;
use crate::verdict::{Cause, Coverage, Loss, Problem, Status, Verdict};

/// What to do about what is blamed, or about what keeps a path from being judged. Empty when ok.
pub fn first_steps(words: Words, verdict: &Verdict) -> Vec<String> {
    match (&verdict.coverage, verdict.problems.first()) {
        (Coverage::Unknown(Cause::Limit { reason, target, .. }), _) => endpoint::limit(words, *reason, target),
        (Coverage::Unknown(cause), _) => unknown::steps(words, cause),
        (_, Some(blamed)) => next_steps(words, blamed, verdict),
        (_, None) => Vec::new(),
    }
}

/// What to do about one of the problems of a verdict.
pub fn next_steps(words: Words, problem: &Problem, verdict: &Verdict) -> Vec<String> {
    let mut steps = about(words, problem, verdict);
    if problem.machines.is_none() {
        steps.extend(once_fixed(words, verdict));
    }
    steps
}

/// What to do for clients that cannot be activated on a path until it is fixed, and once it is.
fn once_fixed(words: Words, verdict: &Verdict) -> Vec<String> {
    match &verdict.coverage {
        Coverage::Kms { .. } if verdict.status == Status::Blocked => vec![say!(words, "step-activate")],
        Coverage::Online { loss: Loss::MakAndRetailKeys | Loss::DigitalLicenses | Loss::Activation, .. } => {
            vec![say!(words, "step-by-phone"), say!(words, "step-by-proxy"), say!(words, "step-activate")]
        }
        Coverage::Kms { .. } | Coverage::Online { .. } | Coverage::Kept | Coverage::Unknown(_) => Vec::new(),
    }
}

fn about(words: Words, problem: &Problem, verdict: &Verdict) -> Vec<String> {
    let (stage, reason) = (problem.stage, problem.reason);
    match &problem.subject {
        Subject::Nameserver(asked) => dns::lookup(words, reason, asked),
        Subject::Host(host) => {
            let mut steps = kms_host::steps(words, stage, reason, host);
            steps.extend(kms_host::for_others(words, problem, verdict));
            steps
        }
        Subject::HostClock(host_clock) => clock::of_host(words, host_clock),
        Subject::HostLicense(license) => hosts::license(words, &license.host, license.application),
        Subject::ClientCount(count) => hosts::count(words, &count.host, count.count.application),
        Subject::FailedStart(failed) => hosts::failed_start(words, &failed.host),
        Subject::Unpublished(unpublished) => dns::unpublished(words, unpublished),
        Subject::IdleHost(idle) => hosts::idle(words, &idle.host),
        Subject::OwnClock(own) => match (&own.supporter, &verdict.coverage) {
            (Some(server), _) => clock::contradicted(words, server),
            (None, Coverage::Online { .. }) => clock::own_online(words),
            (None, Coverage::Kms { .. } | Coverage::Kept | Coverage::Unknown(_)) => clock::own(words),
        },
        Subject::UnexpectedHosts(unexpected) => dns::unexpected(words, &unexpected.hosts),
        Subject::MissingHosts(hosts) => dns::missing(words, hosts),
        Subject::Disagreements(pairs) => dns::disagreements(words, pairs),
        Subject::Flaws(found) => flaws::steps(words, found),
        Subject::LeftOut(left_out) => left_out::steps(words, stage, left_out),
        Subject::Intermittent(intermittent) => intermittent::steps(words, intermittent),
        Subject::Endpoints(endpoints) => {
            endpoint::steps(words, stage, reason, endpoints, &proxy::known(&verdict.coverage))
        }
        Subject::Lookup(lookup) => endpoint::lookup(words, lookup, &proxy::known(&verdict.coverage)),
        Subject::Proxy(proxy) => proxy::of_proxy(words, stage, reason, proxy),
        Subject::Certificates(certificates) => endpoint::certificates(words, stage, reason, certificates),
        Subject::Failing(failing) => machines::failing(words, problem, failing, &verdict.coverage),
        Subject::SharedIds(shared) => machines::shared_ids(words, &shared.example),
        Subject::NotVolume(example) => machines::not_volume(words, example),
        Subject::WrongKey(key) => machines::wrong_key(words, key),
        Subject::Evaluations(evaluations) => machines::evaluation(words, &evaluations.example),
    }
}
