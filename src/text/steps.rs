//! What to do about a problem: steps an administrator can type, the likeliest and cheapest first.

mod clock;
mod dns;
mod endpoint;
mod hosts;
mod kms_host;
mod machines;
mod proxy;

use super::{intermittent, left_out, unknown};
use crate::verdict::subject::Subject;
use crate::verdict::{Coverage, Loss, Problem, Status, Verdict};

/// What helps a client that has a MAK or retail key and no path to Microsoft.
const BY_PHONE: &str = "Until then, a MAK or retail key can be activated by phone: `slui 4`, or without a desktop `slmgr \
                        /dti` and `slmgr /atp CONFIRMATION-ID`";

/// What helps many of them.
const BY_PROXY: &str = "Where machines have no way to the Internet, activate them by proxy with VAMT, from a machine that \
                        has one: select them, `Activate`, `Proxy activate`";

/// What makes a client try again.
const ACTIVATE: &str = "Then, on a client: `slmgr /ato`";

/// What to do about what is blamed, or about what keeps a path from being judged. Empty when ok.
pub fn first_steps(verdict: &Verdict) -> Vec<String> {
    match (&verdict.coverage, verdict.problems.first()) {
        (Coverage::Unknown(cause), _) => unknown::steps(cause),
        (_, Some(blamed)) => next_steps(blamed, verdict),
        (_, None) => Vec::new(),
    }
}

/// What to do about one of the problems of a verdict.
pub fn next_steps(problem: &Problem, verdict: &Verdict) -> Vec<String> {
    let mut steps = about(problem, verdict);
    if problem.machines.is_none() {
        steps.extend(once_fixed(verdict).iter().map(ToString::to_string));
    }
    steps
}

/// What to do on clients once a path is fixed that they cannot be activated on, and until then.
fn once_fixed(verdict: &Verdict) -> &'static [&'static str] {
    match &verdict.coverage {
        Coverage::Kms { .. } if verdict.status == Status::Blocked => &[ACTIVATE],
        Coverage::Online { loss: Loss::MakAndRetailKeys | Loss::DigitalLicenses | Loss::Activation, .. } => {
            &[ACTIVATE, BY_PHONE, BY_PROXY]
        }
        Coverage::Kms { .. } | Coverage::Online { .. } | Coverage::Unknown(_) => &[],
    }
}

fn about(problem: &Problem, verdict: &Verdict) -> Vec<String> {
    let (stage, reason) = (problem.stage, problem.reason);
    match &problem.subject {
        Subject::Nameserver(asked) => dns::lookup(reason, asked),
        Subject::Host(host) => kms_host::steps(stage, reason, host),
        Subject::HostClock(host_clock) => clock::of_host(host_clock),
        Subject::HostLicense(license) => hosts::license(&license.host),
        Subject::ClientCount(count) => hosts::count(&count.host),
        Subject::IdleHost(idle) => hosts::idle(&idle.host),
        Subject::OwnClock(own) => match (&own.supporter, &verdict.coverage) {
            (Some(server), _) => clock::contradicted(server),
            (None, Coverage::Online { .. }) => clock::own_online(),
            (None, Coverage::Kms { .. } | Coverage::Unknown(_)) => clock::own(),
        },
        Subject::UnexpectedHosts(hosts) => dns::unexpected(hosts),
        Subject::MissingHosts(hosts) => dns::missing(hosts),
        Subject::Disagreements(pairs) => dns::disagreements(pairs),
        Subject::LeftOut(left_out) => left_out::steps(stage, left_out),
        Subject::Intermittent(intermittent) => intermittent::steps(intermittent),
        Subject::Endpoints(endpoints) => endpoint::steps(stage, reason, endpoints),
        Subject::Lookup(lookup) => endpoint::lookup(lookup),
        Subject::Proxy(proxy) => proxy::steps(stage, reason, &proxy.endpoints),
        Subject::Certificates(certificates) => endpoint::certificates(stage, reason, certificates),
        Subject::Failing(failing) => machines::failing(problem, failing, &verdict.coverage),
        Subject::SharedIds(shared) => machines::shared_ids(&shared.example),
        Subject::NotVolume(example) => machines::not_volume(example),
        Subject::WrongKey(key) => machines::wrong_key(key),
        Subject::Evaluations(evaluations) => machines::evaluation(&evaluations.example),
    }
}
