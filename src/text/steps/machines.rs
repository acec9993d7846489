//! What to do about machines that fail on a path that works.

use crate::codes::Code;
use crate::knowledge;
use crate::observation::{Reason, Stage};
use crate::text::machines::{example, reporters};
use crate::text::{Words, say};
use crate::verdict::subject::{Example, Failing, WrongKey};
use crate::verdict::{Coverage, Problem};

/// How many steps are taken over from what is known of a code.
const STEPS: usize = 4;

/// For machines that fail, by the codes they report.
pub(super) fn failing(words: Words, problem: &Problem, failing: &Failing, coverage: &Coverage) -> Vec<String> {
    let reporters = reporters(failing);
    let machine = reporters.map_or_else(|| say!(words, "one-of-them"), |reporters| example(words, &reporters.example));
    match (problem.reason, coverage) {
        (Reason::Elsewhere, Coverage::Online { .. }) => elsewhere_online(words, problem.stage, &machine),
        (Reason::Elsewhere, _) => elsewhere(words, problem.stage, &machine, failing),
        _ => match reporters.and_then(|reporters| reporters.code) {
            Some(code) => by_code(words, code, &machine, failing),
            None => without_code(words, &machine),
        },
    }
}

/// For machines whose failure is at a stage that passes from here, on the path to a KMS host.
fn elsewhere(words: Words, stage: Stage, machine: &str, failing: &Failing) -> Vec<String> {
    let from_there = say!(words, "step-from-there");
    let asked = say!(words, "step-see-host-there", machine = machine);
    match stage {
        Stage::Srv => {
            let of_domain = failing.domain.as_ref().map(|domain| format!(".{domain}")).unwrap_or_default();
            let ask = say!(words, "step-ask-there", machine = machine, of_domain = of_domain);
            vec![ask, say!(words, "step-compare-nameservers-there", machine = machine), from_there]
        }
        Stage::Clock => {
            let mut steps = vec![
                say!(words, "step-see-time-source", host = machine),
                say!(words, "step-hypervisor", host = machine),
            ];
            if !failing.is_host_clock_known {
                steps.push(say!(words, "step-same-on-host"));
            }
            steps.push(say!(words, "step-activate-there", machine = machine));
            steps
        }
        Stage::Host | Stage::Count => vec![asked, from_there],
        _ => {
            let test = failing.working_host.as_ref().map(|at| {
                let (host, port) = (at.host.to_string(), at.port.to_string());
                say!(words, "step-test-there", machine = machine, host = host, port = port)
            });
            test.into_iter().chain([asked, say!(words, "step-open-from-there"), from_there]).collect()
        }
    }
}

/// The same on the path to Microsoft's endpoints.
fn elsewhere_online(words: Words, stage: Stage, machine: &str) -> Vec<String> {
    let [first, second] = match stage {
        Stage::Tls => [
            say!(words, "step-clock-there", machine = machine),
            say!(words, "step-inspecting-proxy-there", machine = machine),
        ],
        _ => {
            [say!(words, "step-proxy-there", machine = machine), say!(words, "step-endpoint-there", machine = machine)]
        }
    };
    let rest = [say!(words, "step-from-there"), say!(words, "step-by-phone"), say!(words, "step-by-proxy")];
    [first, second].into_iter().chain(rest).collect()
}

/// For machines whose failure is their own, and which report no code.
fn without_code(words: Words, machine: &str) -> Vec<String> {
    vec![
        say!(words, "step-try-there", machine = machine),
        say!(words, "step-events-there", machine = machine),
        say!(words, "step-service-there", machine = machine),
    ]
}

/// For machines whose failure is their own: what is known of the code that most of them report.
fn by_code(words: Words, code: Code, machine: &str, failing: &Failing) -> Vec<String> {
    let known = knowledge::explain(code, words.language);
    let steps = known.steps.iter().take(STEPS).map(|step| filled(step, failing));
    let more = say!(words, "step-explain", code = code.to_string(), machine = machine);
    steps.chain([more]).collect()
}

/// A step of what is known of a code, with this path's domain and a KMS host that works in place of DOMAIN and HOST.
fn filled(step: &str, failing: &Failing) -> String {
    let mut step = step.to_owned();
    if let Some(domain) = &failing.domain {
        step = step.replace("_vlmcs._tcp.DOMAIN", &domain.srv_name());
    }
    if let Some(host) = &failing.working_host {
        step = step.replace("HOST -Port 1688", &format!("{} -Port {}", host.host, host.port));
        step = step.replace("HOST:1688", &host.to_string());
    }
    step
}

/// For machines that KMS hosts count as one.
pub(super) fn shared_ids(words: Words, of: &Example) -> Vec<String> {
    vec![say!(words, "step-rearm-clones", machine = example(words, of)), say!(words, "step-generalize")]
}

/// For machines whose keys no KMS host activates.
pub(super) fn not_volume(words: Words, of: &Example) -> Vec<String> {
    let phone = say!(words, "step-phone-there", machine = example(words, of));
    vec![phone, say!(words, "step-make-kms-client"), say!(words, "step-by-proxy")]
}

/// For machines with the key of another edition.
pub(super) fn wrong_key(words: Words, key: &WrongKey) -> Vec<String> {
    vec![
        say!(words, "step-right-key", machine = example(words, &key.example)),
        say!(words, "step-change-edition", edition = key.edition, product = key.product.as_str()),
    ]
}

/// For machines whose evaluation ends.
pub(super) fn evaluation(words: Words, of: &Example) -> Vec<String> {
    let rearm = say!(words, "step-rearm-evaluation", machine = example(words, of));
    vec![rearm, say!(words, "step-full-server"), say!(words, "step-full-client")]
}
