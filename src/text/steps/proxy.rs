//! What to do about a proxy that cannot be reached, or does not let clients through.

use crate::observation::{Reason, Stage};
use crate::online::proxy;
use crate::text::{Words, details, say};
use crate::verdict::Coverage;
use crate::verdict::subject::{Endpoints, PastLogin, Proxy};

/// What stands for a proxy that is not known.
const PLACEHOLDER: &str = "PROXY:PORT";

/// The steps for a proxy, with what lies beyond its login.
pub(super) fn of_proxy(words: Words, stage: Stage, reason: Reason, proxy: &Proxy) -> Vec<String> {
    let mut steps = steps(words, stage, reason, &proxy.endpoints);
    match &proxy.beyond {
        Some(PastLogin::Failed(seen)) => {
            steps.push(say!(words, "step-beyond-login", seen = details::detail(words, seen)));
        }
        Some(PastLogin::Reached) => {
            steps.push(say!(words, "step-only-login", endpoint = proxy.endpoints.endpoint().to_string()));
        }
        None => {}
    }
    steps
}

/// The steps for a proxy that fails at a stage, so that these endpoints cannot be reached.
pub(super) fn steps(words: Words, stage: Stage, reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    match (stage, endpoints.proxy()) {
        (Stage::Tcp, Some(proxy)) => connection(words, reason, proxy),
        _ => passage(words, reason, endpoints),
    }
}

/// A proxy of the path, as clients know it; a placeholder where there is none.
pub(super) fn known(coverage: &Coverage) -> String {
    let Coverage::Online { proxies, .. } = coverage else { return PLACEHOLDER.to_owned() };
    let named = proxies.iter().find_map(|proxy| proxy.strip_prefix("http://"));
    named.unwrap_or(PLACEHOLDER).to_owned()
}

/// A proxy that cannot be connected to.
fn connection(words: Words, reason: Reason, proxy: &proxy::Proxy) -> Vec<String> {
    let (host, port) = (proxy.host.host.to_string(), proxy.host.port.to_string());
    let test = say!(words, "step-test-port", host = host.as_str(), port = port.as_str());
    match reason {
        Reason::ProxyRefused => vec![
            say!(words, "step-proxy-service", host = host, port = port),
            say!(words, "step-compare-proxy", proxy = proxy.to_string()),
            test,
        ],
        _ => {
            vec![say!(words, "step-open-to-proxy", host = host, port = port), test, say!(words, "step-show-proxy")]
        }
    }
}

/// A proxy that takes the connection, and does not let a client through.
fn passage(words: Words, reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    let (host, at) = (endpoints.first_hop().host.to_string(), &endpoints.endpoint().host);
    match reason {
        Reason::AuthRequired | Reason::AuthRejected => login(words, reason, endpoints),
        Reason::ForbiddenByProxy => vec![
            say!(words, "step-allow-connect", host = host.as_str(), endpoint = at.to_string()),
            say!(words, "step-proxy-log", host = host),
        ],
        Reason::ProxyBadGateway => {
            let (endpoint, port) = (at.host.to_string(), at.port.to_string());
            vec![
                say!(words, "step-proxy-connects", proxy = host.as_str(), host = endpoint, port = port.as_str()),
                say!(words, "step-open-from-proxy", proxy = host, port = port),
            ]
        }
        Reason::CaptivePortal => vec![
            say!(words, "step-block-page", host = host, endpoint = at.to_string()),
            say!(words, "step-portal"),
            say!(words, "step-show-proxy"),
        ],
        Reason::NameMismatch => vec![say!(words, "step-proxy-by-name", host = host)],
        Reason::Untrusted | Reason::IncompleteChain | Reason::WeakSignature | Reason::WeakKey => {
            vec![say!(words, "step-proxy-authority", host = host)]
        }
        Reason::Expired | Reason::NotYetValid | Reason::Expiring => {
            vec![say!(words, "step-proxy-certificate", host = host), say!(words, "step-own-clock-right")]
        }
        Reason::ProxyNotAProxy => {
            let proxy = endpoints.target.proxy.to_string();
            vec![say!(words, "step-compare-proxy-kind", proxy = proxy), say!(words, "step-show-proxy")]
        }
        _ => vec![say!(words, "step-proxy-overloaded", host = host), say!(words, "step-show-proxy")],
    }
}

/// A proxy that demands credentials, which activation does not give.
fn login(words: Words, reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    let (first_hop, endpoint) = (endpoints.first_hop(), endpoints.endpoint().host.to_string());
    let mut steps = vec![
        say!(words, "step-no-login", host = first_hop.host.to_string(), endpoint = endpoint),
        say!(words, "step-bypass", proxy = first_hop.to_string()),
    ];
    if reason == Reason::AuthRejected {
        steps.push(say!(words, "step-correct-password"));
    }
    steps
}
