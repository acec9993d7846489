//! What to do about an endpoint that cannot be reached, believed or asked.

use super::clock;
use super::proxy::{self, SHOW_PROXY};
use crate::observation::{Reason, Stage};
use crate::verdict::subject::{CertificateClock, Certificates, Endpoints, Lookup};

/// The steps for endpoints that fail at a stage.
pub(super) fn steps(stage: Stage, reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    match stage {
        Stage::Tcp | Stage::Proxy if endpoints.proxy().is_some() => proxy::steps(stage, reason, endpoints),
        Stage::Tcp => connection(endpoints),
        Stage::Tls => tls(reason, endpoints),
        _ => http(reason, endpoints),
    }
}

/// A name that cannot be looked up.
pub(super) fn lookup(lookup: &Lookup) -> Vec<String> {
    let name = &lookup.name;
    let ask = format!("Look the name up yourself: `nslookup {name}`");
    if lookup.proxy().is_some() {
        return vec![ask, format!("Correct the name of the proxy, or add {name} to its zone"), SHOW_PROXY.into()];
    }
    vec![
        ask,
        "Let the nameservers resolve names of the Internet: check their forwarders and root hints".into(),
        "Where names of the Internet are resolved by the proxy alone, set that proxy: `netsh winhttp set proxy HOST:PORT`"
            .into(),
    ]
}

/// An endpoint that cannot be connected to.
fn connection(endpoints: &Endpoints) -> Vec<String> {
    let (host, port) = (&endpoints.endpoint().host.host, endpoints.endpoint().host.port);
    vec![
        format!("Open TCP {port} from this network to {host} in the firewall"),
        "Where the Internet is reached through a proxy alone: on a client, `netsh winhttp show proxy` shows the one that \
         activation uses, and `netsh winhttp set proxy HOST:PORT` sets it"
            .into(),
        format!("From a client: `Test-NetConnection {host} -Port {port}`"),
    ]
}

/// Certificates that end, or are not valid.
pub(super) fn certificates(stage: Stage, reason: Reason, of: &Certificates) -> Vec<String> {
    if stage == Stage::Proxy {
        return proxy::steps(stage, reason, &of.endpoints);
    }
    let host = &of.endpoints.endpoint().host.host;
    match (reason, of.clock) {
        (Reason::Expiring, _) => {
            vec![format!("See that whoever answers for {host} renews the certificate in time")]
        }
        (_, CertificateClock::Blamed(_)) => clock::own_online(),
        (_, CertificateClock::Right) => {
            vec![format!("The certificate itself is not valid: find out who answers for {host}"), exempt(&of.endpoints)]
        }
        (_, CertificateClock::Unknown | CertificateClock::Wrong(_)) => {
            let mut steps = clock::own_online();
            steps.push(format!("Where the clock is right, the certificate is not: find out who answers for {host}"));
            steps.push(exempt(&of.endpoints));
            steps
        }
    }
}

/// What is to be exempted from the inspection of TLS, and where.
fn exempt(endpoints: &Endpoints) -> String {
    let host = &endpoints.endpoint().host.host;
    match endpoints.proxy() {
        Some(proxy) => {
            format!("On {} and any other hop that inspects TLS: exempt {host} from inspection", proxy.host.host)
        }
        None => format!("On the firewall or proxy that inspects TLS: exempt {host} from inspection"),
    }
}

/// A handshake that fails, or certificates that are not believed.
fn tls(reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    let host = &endpoints.endpoint().host.host;
    let exempt = exempt(endpoints);
    match reason {
        Reason::Intercepted => vec![exempt, "Exempt the other endpoints of activation with it".to_owned()],
        Reason::Untrusted => vec![
            exempt,
            "On a client: `certutil -generateSSTFromWU roots.sst` fetches the roots of Microsoft; an old list of roots \
             does not have the newest"
                .into(),
            "Where the issuer is one of your own and meant to be there, name it under `ca_file`".into(),
        ],
        Reason::NameMismatch => vec![format!("Find out who answers for {host}: `nslookup {host}`"), exempt],
        Reason::TlsVersion => vec![
            exempt,
            "On an old client: enable TLS 1.2 in WinHTTP by `DefaultSecureProtocols` (0x800), and install the update \
             that reads it"
                .into(),
        ],
        _ => vec![
            format!("Look for a firewall that cuts TLS to {host} by its name or its category"),
            exempt,
            SHOW_PROXY.into(),
        ],
    }
}

/// An endpoint that is reached, and does not answer as it should.
fn http(reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    let host = &endpoints.endpoint().host.host;
    match reason {
        Reason::CaptivePortal => vec![
            "Log this network in at its portal, or exempt the machine from it".into(),
            format!("Where a filter answers in place of {host}: allow it there"),
        ],
        Reason::AuthRequired => vec![format!("On the proxy in between: let {host} through without credentials")],
        Reason::ServerFailure => vec![
            format!("Try again later: {host}, or what stands before it, says that it cannot serve now"),
            "Where only this network sees it, ask who runs the proxy".into(),
        ],
        Reason::Rejected => vec![
            format!("Find out why {host} ends the connection: it may demand a certificate of its clients"),
            format!("Look for a hop that answers in place of {host}"),
        ],
        _ => vec![
            format!(
                "Look for a firewall or proxy that lets connections to {host} through and not what is said on them"
            ),
            SHOW_PROXY.into(),
        ],
    }
}
