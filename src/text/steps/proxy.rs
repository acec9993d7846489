//! What to do about a proxy that cannot be reached, or does not let clients through.

use crate::observation::{Reason, Stage};
use crate::online::proxy::Proxy;
use crate::verdict::subject::Endpoints;

/// How the proxy of the machine, which activation uses, is seen.
pub(super) const SHOW_PROXY: &str = "On a client: `netsh winhttp show proxy` shows the proxy that activation uses, which \
                                     is the machine's and not the user's";

/// The steps for a proxy that fails at a stage, so that these endpoints cannot be reached.
pub(super) fn steps(stage: Stage, reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    match (stage, endpoints.proxy()) {
        (Stage::Tcp, Some(proxy)) => connection(reason, proxy),
        _ => passage(reason, endpoints),
    }
}

/// A proxy that cannot be connected to.
fn connection(reason: Reason, proxy: &Proxy) -> Vec<String> {
    let (host, port) = (&proxy.host.host, proxy.host.port);
    let test = format!("From a client: `Test-NetConnection {host} -Port {port}`");
    match reason {
        Reason::ProxyRefused => vec![
            format!("See that the proxy service runs on {host} and listens on port {port}"),
            format!("Compare {proxy} with what the network team gives out. {SHOW_PROXY}"),
            test,
        ],
        _ => vec![
            format!("Open TCP {port} from this network to the proxy {host} in the firewalls between"),
            test,
            SHOW_PROXY.into(),
        ],
    }
}

/// A proxy that takes the connection, and does not let a client through.
fn passage(reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    let (host, endpoint) = (&endpoints.first_hop().host, &endpoints.endpoint().host);
    match reason {
        Reason::AuthRequired | Reason::AuthRejected => login(reason, endpoints),
        Reason::ForbiddenByProxy => vec![
            format!("On {host}: allow CONNECT to {endpoint}, and to the other endpoints of activation on 443 and 80"),
            format!("The log of {host} names the rule that denies it"),
        ],
        Reason::ProxyBadGateway => vec![
            format!("On {host}: look up {} and connect to port {}", endpoint.host, endpoint.port),
            format!("Open TCP {} from {host} to the Internet", endpoint.port),
        ],
        Reason::CaptivePortal => {
            vec!["Log this network in at its portal, or exempt the machine from it".into(), SHOW_PROXY.into()]
        }
        Reason::NameMismatch => vec![format!(
            "Name the proxy as its certificate does, in place of {host}, or give it a certificate for {host}"
        )],
        Reason::Untrusted => {
            vec![format!("Where the authority of the proxy {host} is one of your own, name it under `ca_file`")]
        }
        Reason::Expired | Reason::NotYetValid | Reason::Expiring => vec![
            format!("Renew the certificate of the proxy {host}"),
            "See that the clock of this machine is right".into(),
        ],
        Reason::ProxyNotAProxy => vec![
            format!(
                "Compare {} with what the network team gives out: host, port, and whether it is HTTP or SOCKS",
                endpoints.target.proxy
            ),
            SHOW_PROXY.into(),
        ],
        _ => vec![format!("See whether the proxy on {host} is overloaded, and what its log says"), SHOW_PROXY.into()],
    }
}

/// A proxy that demands credentials, which activation does not give.
fn login(reason: Reason, endpoints: &Endpoints) -> Vec<String> {
    let (host, endpoint) = (&endpoints.first_hop().host, &endpoints.endpoint().host);
    let mut steps = vec![
        format!("On {host}: let {endpoint} and the other endpoints of activation through without credentials"),
        "Where that cannot be, let these hosts past the proxy: `netsh winhttp set proxy PROXY:PORT \
         bypass-list=\"*.microsoft.com;*.live.com;*.digicert.com;*.windowsupdate.com\"`, and open TCP 443 and 80 to them"
            .into(),
    ];
    if reason == Reason::AuthRejected {
        steps.push("Correct the user name and password of the proxy in the configuration here".into());
    }
    steps
}
