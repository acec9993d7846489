//! What to do about an endpoint that cannot be reached, believed or asked.

use super::clock;
use super::proxy;
use crate::observation::{Reason, Stage};
use crate::online::Target;
use crate::online::proxy::Proxy;
use crate::text::{Words, say};
use crate::verdict::subject::{CertificateClock, Certificates, Endpoints, Lookup};

/// The steps for endpoints that fail at a stage. `proxy` is one by which clients may reach them.
pub(super) fn steps(words: Words, stage: Stage, reason: Reason, endpoints: &Endpoints, proxy: &str) -> Vec<String> {
    match stage {
        Stage::Tcp | Stage::Proxy if endpoints.proxy().is_some() => proxy::steps(words, stage, reason, endpoints),
        Stage::Tcp => connection(words, endpoints, proxy),
        Stage::Tls => tls(words, reason, endpoints),
        _ => http(words, reason, endpoints),
    }
}

/// A name that cannot be looked up. `proxy` is one that may look up others.
pub(super) fn lookup(words: Words, lookup: &Lookup, proxy: &str) -> Vec<String> {
    let name = lookup.name.to_string();
    if let Some(alias) = lookup.alias_of.as_deref() {
        let correct = say!(words, "step-correct-alias", host = name, alias = alias);
        return vec![correct, say!(words, "step-or-add-address", host = alias)];
    }
    let ask = say!(words, "step-look-up", host = name.as_str());
    if lookup.proxy().is_some() {
        return vec![ask, say!(words, "step-correct-proxy-name", host = name), say!(words, "step-show-proxy")];
    }
    vec![ask, say!(words, "step-resolve-internet"), say!(words, "step-resolve-by-proxy", proxy = proxy)]
}

/// An endpoint that cannot be connected to.
fn connection(words: Words, endpoints: &Endpoints, proxy: &str) -> Vec<String> {
    let at = &endpoints.endpoint().host;
    let (host, port) = (at.host.to_string(), at.port.to_string());
    vec![
        say!(words, "step-open-to-endpoint", host = host.as_str(), port = port.as_str()),
        say!(words, "step-set-proxy", proxy = proxy),
        say!(words, "step-test-port", host = host, port = port),
    ]
}

/// Certificates that end, or are not valid.
pub(super) fn certificates(words: Words, stage: Stage, reason: Reason, of: &Certificates) -> Vec<String> {
    if stage == Stage::Proxy {
        return proxy::steps(words, stage, reason, &of.endpoints);
    }
    let host = of.endpoints.endpoint().host.host.to_string();
    match (reason, of.clock) {
        (Reason::Expiring, _) => vec![say!(words, "step-renewal", host = host)],
        (_, CertificateClock::Blamed(_)) => clock::own_online(words),
        (_, CertificateClock::Right) => {
            vec![say!(words, "step-invalid-certificate", host = host), exempt(words, &of.endpoints)]
        }
        (_, CertificateClock::Unknown | CertificateClock::Wrong(_)) => {
            let mut steps = clock::own_online(words);
            steps.push(say!(words, "step-invalid-if-clock-right", host = host));
            steps.push(exempt(words, &of.endpoints));
            steps
        }
    }
}

/// What is to be exempted from the inspection of TLS, and where.
fn exempt(words: Words, endpoints: &Endpoints) -> String {
    exempt_host(words, &endpoints.endpoint().host.host.to_string(), endpoints.proxy())
}

fn exempt_host(words: Words, host: &str, proxy: Option<&Proxy>) -> String {
    let proxy = proxy.map_or_else(|| "none".to_owned(), |proxy| proxy.host.host.to_string());
    say!(words, "step-exempt", host = host, proxy = proxy)
}

/// The proxy through which something is tried again by hand: `none` where there is none.
fn proxy_of(proxy: Option<&Proxy>) -> String {
    proxy.map_or_else(|| "none".to_owned(), ToString::to_string)
}

/// A handshake that fails, or certificates that are not believed.
fn tls(words: Words, reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    let host = endpoints.endpoint().host.host.to_string();
    let exempt = exempt(words, endpoints);
    match reason {
        Reason::Intercepted => vec![exempt, say!(words, "step-exempt-others")],
        Reason::Untrusted => {
            vec![exempt, say!(words, "step-fetch-roots"), say!(words, "step-name-authority")]
        }
        Reason::NameMismatch => vec![say!(words, "step-who-answers", host = host), exempt],
        Reason::IncompleteChain => vec![
            say!(words, "step-send-intermediate", host = host),
            exempt,
            say!(words, "step-see-chain"),
            say!(words, "step-name-authority"),
        ],
        Reason::WeakSignature | Reason::WeakKey => {
            vec![say!(words, "step-replace-certificate"), say!(words, "step-who-answers", host = host), exempt]
        }
        Reason::CertificateRequired => wants_certificate(words, host),
        Reason::TlsVersion => vec![exempt, say!(words, "step-enable-tls")],
        // Servers on Windows end a handshake so as well that has no cipher suite for them.
        Reason::ResetInHandshake | Reason::Closed => vec![
            say!(words, "step-tls-firewall", host = host.as_str()),
            say!(words, "step-test-by-windows", host = host, proxy = proxy_of(endpoints.proxy())),
            exempt,
            say!(words, "step-show-proxy"),
        ],
        _ => vec![say!(words, "step-tls-firewall", host = host), exempt, say!(words, "step-show-proxy")],
    }
}

/// What no client can give, and what may be in the place of the endpoint that asks for it.
fn wants_certificate(words: Words, host: String) -> Vec<String> {
    vec![
        say!(words, "step-who-answers", host = host.as_str()),
        say!(words, "step-hop", host = host.as_str()),
        say!(words, "step-no-client-certificate", host = host),
    ]
}

/// What Windows may be able to do, and this program is not.
pub(super) fn limit(words: Words, reason: Reason, target: &Target) -> Vec<String> {
    let host = target.endpoint.host.host.to_string();
    let exempt = exempt_host(words, &host, target.route.proxy());
    let proxy = proxy_of(target.route.proxy());
    match reason {
        Reason::UnsupportedSignature => {
            let test = say!(words, "step-test-signature", host = host, proxy = proxy);
            vec![test, exempt, say!(words, "step-common-signature")]
        }
        _ => vec![
            say!(words, "step-test-by-windows", host = host.as_str(), proxy = proxy),
            say!(words, "step-allow-ciphers", host = host),
            exempt,
        ],
    }
}

/// An endpoint that is reached, and does not answer as it should.
fn http(words: Words, reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    let host = endpoints.endpoint().host.host.to_string();
    match reason {
        Reason::CaptivePortal => vec![say!(words, "step-portal"), say!(words, "step-filter", host = host)],
        Reason::AuthRequired => vec![say!(words, "step-let-through", host = host)],
        Reason::ServerFailure => {
            vec![say!(words, "step-try-later", host = host), say!(words, "step-ask-proxy-owner")]
        }
        Reason::CertificateRequired => wants_certificate(words, host),
        Reason::Rejected => {
            vec![say!(words, "step-why-rejected", host = host.as_str()), say!(words, "step-hop", host = host)]
        }
        _ => vec![say!(words, "step-http-firewall", host = host), say!(words, "step-show-proxy")],
    }
}
