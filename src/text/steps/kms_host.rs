//! What to do about a KMS host that cannot be reached, or does not serve.

use super::{clock, hosts};
use crate::host::KMS_PORT;
use crate::license::Application;
use crate::observation::{Reason, Stage};
use crate::text::{Words, are_alike, flaws, names, say};
use crate::verdict::subject::Host;
use crate::verdict::{Problem, Verdict};

/// The steps for a host that fails at a stage. Of a clock, a license or a count nothing more is known here.
pub(super) fn steps(words: Words, stage: Stage, reason: Reason, host: &Host) -> Vec<String> {
    let kms_host = KmsHost {
        words,
        host: host.host.host.to_string(),
        port: host.host.port,
        found: if host.is_discovered { "dns" } else { "configured" },
        is_at_unusual_port: host.is_at_unusual_port(),
        replacement: host.replacement.as_ref().map(ToString::to_string),
    };
    match (stage, reason) {
        (Stage::Tcp | Stage::Rpc, _) if host.serves_at.is_some() => kms_host.for_address_beside(host),
        (Stage::Clock, _) => clock::own(words),
        (Stage::Host, Reason::Idle) => hosts::idle(words, host),
        (Stage::Host, Reason::CannotStart) => hosts::failed_start(words, host),
        (Stage::Host, _) => hosts::license(words, host, Application::Windows),
        (Stage::Count, _) => hosts::count(words, host, Application::Windows),
        (Stage::Address, Reason::Nxdomain | Reason::NoRecords) if host.lacks_domain() => {
            vec![flaws::no_domain(words, &kms_host.host, None), kms_host.retired()]
        }
        (Stage::Address, reason) => kms_host.for_address(reason, host.alias_of.as_deref()),
        (Stage::Tcp, reason) => kms_host.for_tcp(reason),
        (_, reason) => kms_host.for_rpc(reason),
    }
}

/// That the same is to be done for the other hosts that fail in the same way.
pub(super) fn for_others(words: Words, problem: &Problem, verdict: &Verdict) -> Option<String> {
    let host = |problem: &Problem| problem.subject.failing_host().map(|host| host.host.to_string());
    let own = host(problem);
    let alike = verdict.problems.iter().filter(|other| are_alike(problem, other));
    let mut others: Vec<_> = alike.filter_map(host).filter(|other| Some(other) != own.as_ref()).collect();
    others.dedup();
    (!others.is_empty())
        .then(|| say!(words, "step-same-for-others", names = names::listed(words, &others, others.len())))
}

/// A KMS host, as far as steps depend on it.
struct KmsHost {
    words: Words,
    /// Name or address, without the port.
    host: String,
    port: u16,
    /// By DNS, or by the configuration or what clients have set.
    found: &'static str,
    is_at_unusual_port: bool,
    /// Another host, which serves.
    replacement: Option<String>,
}

impl KmsHost {
    /// It serves at another address: nothing is to be started, or to be taken out of SRV records.
    fn for_address_beside(&self, host: &Host) -> Vec<String> {
        let (words, port) = (self.words, self.port.to_string());
        let address = host.address.map(|address| address.to_string()).unwrap_or_default();
        let (name, port) = (self.host.as_str(), port.as_str());
        vec![
            say!(words, "step-remove-address", host = name, address = address.as_str(), port = port),
            say!(words, "step-test-port", host = address, port = port),
        ]
    }

    fn for_address(&self, reason: Reason, alias: Option<&str>) -> Vec<String> {
        let (words, host) = (self.words, self.host.as_str());
        if let Some(alias) = alias {
            return vec![
                say!(words, "step-correct-alias", host = host, alias = alias),
                say!(words, "step-or-add-address", host = alias),
                self.retired(),
            ];
        }
        let ask = say!(words, "step-look-up", host = host);
        match reason {
            Reason::Nxdomain | Reason::NoRecords => {
                vec![ask, say!(words, "step-add-address", host = host), self.retired()]
            }
            _ => vec![ask, say!(words, "step-check-nameservers", host = host)],
        }
    }

    fn for_tcp(&self, reason: Reason) -> Vec<String> {
        let (words, host, port) = (self.words, self.host.as_str(), self.port.to_string());
        let test = say!(words, "step-test-port", host = host, port = port.as_str());
        let compare = self.is_at_unusual_port.then(|| self.port_elsewhere());
        let steps = match reason {
            // Where its firewall is on, Windows lets a closed port time out. A refusal comes from a host without a
            // firewall, or from something in between; a closed firewall is not its cause.
            Reason::Refused => {
                let ports = if self.is_at_unusual_port { format!("{KMS_PORT},{port}") } else { port };
                vec![say!(words, "step-see-listening", host = host, port = ports), self.restart(), test, self.retired()]
            }
            Reason::TimedOut => vec![
                say!(words, "step-see-up", host = host),
                say!(words, "step-test-elsewhere", host = host, port = port.as_str()),
                self.firewall(),
                say!(words, "step-open-between", host = host, port = port),
                self.retired(),
            ],
            _ => vec![
                say!(words, "step-check-route", host = host),
                say!(words, "step-check-prohibition", host = host, port = port),
                test,
                self.retired(),
            ],
        };
        compare.into_iter().chain(steps).collect()
    }

    fn for_rpc(&self, reason: Reason) -> Vec<String> {
        let (words, host, port) = (self.words, self.host.as_str(), self.port.to_string());
        let role = say!(words, "step-check-role", host = host);
        let restart = say!(words, "step-restart-service", host = host);
        match reason {
            Reason::NotRpc => vec![
                say!(words, "step-see-listener", host = host, port = port),
                self.port_elsewhere(),
                say!(words, "step-no-stand-in"),
            ],
            Reason::NotKms => vec![role, self.port_elsewhere()],
            Reason::Rejected => vec![restart, role],
            _ => vec![say!(words, "step-check-inspection", host = host, port = port), restart, role],
        }
    }

    fn restart(&self) -> String {
        say!(self.words, "step-restart-kms", host = self.host.as_str())
    }

    /// The rule that Windows brings along is for the usual port alone.
    fn firewall(&self) -> String {
        let host = self.host.as_str();
        if self.port == KMS_PORT {
            return say!(self.words, "step-open-firewall", host = host);
        }
        say!(self.words, "step-open-firewall-port", host = host, port = self.port.to_string())
    }

    fn port_elsewhere(&self) -> String {
        say!(self.words, "step-compare-port", host = self.host.as_str(), found = self.found)
    }

    fn retired(&self) -> String {
        let other = self.replacement.as_deref().unwrap_or("none");
        say!(self.words, "step-retired", host = self.host.as_str(), found = self.found, other = other)
    }
}
