//! What to do about a problem of an online path: the likeliest and cheapest first.

use super::{Problem, is_clock_to_blame};
use crate::clock::comparison::Standing;
use crate::observation::{Reason, Stage};
use crate::online::endpoint::Endpoint;
use crate::online::proxy::Proxy;
use crate::verdict::{BY_PHONE, BY_PROXY};
use crate::walk::online::{Target, Walk};

/// How the proxy of the machine, which activation uses, is seen.
const SHOW_PROXY: &str = "On a client: `netsh winhttp show proxy` shows the proxy that activation uses, which is the \
                          machine's and not the user's";

/// `is_activation` is true where machines cannot be activated for it.
pub(super) fn next_steps(problem: &Problem<'_>, walk: &Walk, is_activation: bool) -> Vec<String> {
    let mut steps = match problem.targets.first() {
        _ if problem.reason == Reason::LocalError => {
            vec!["The fault is on the machine that measures: the detail of the failing stage says what it is".into()]
        }
        None => own_clock(),
        Some(target) => Place { target, endpoint: target.endpoint(), proxy: target.target.route.proxy() }.steps(
            problem.stage,
            problem.reason,
            walk,
        ),
    };
    if is_activation && problem.reason != Reason::LocalError {
        steps.push("Then, on a client: `slmgr /ato`".into());
        steps.extend([BY_PHONE, BY_PROXY].map(str::to_owned));
    }
    steps
}

/// Where a problem is, as far as steps depend on it.
struct Place<'a> {
    target: &'a Target,
    endpoint: &'a Endpoint,
    proxy: Option<&'a Proxy>,
}

impl Place<'_> {
    fn steps(&self, stage: Stage, reason: Reason, walk: &Walk) -> Vec<String> {
        match stage {
            Stage::Address => self.for_address(),
            Stage::Tcp => self.for_tcp(reason),
            Stage::Proxy => self.for_proxy(reason),
            Stage::Tls => self.for_tls(reason, walk),
            _ => self.for_http(reason),
        }
    }

    /// Who is connected to.
    fn first_hop(&self) -> (String, u16) {
        let host = self.proxy.map_or(&self.endpoint.host, |proxy| &proxy.host);
        (host.host.to_string(), host.port)
    }

    fn for_address(&self) -> Vec<String> {
        let (host, _) = self.first_hop();
        let detail = self.target.failure().map(|failure| failure.detail.as_ref()).unwrap_or_default();
        // Through SOCKS5 it may be the endpoint that was looked up in vain.
        let endpoint = self.endpoint.host.host.to_string();
        let name = if detail.starts_with(&format!("{endpoint}: ")) { endpoint } else { host };
        let ask = format!("Look the name up yourself: `nslookup {name}`");
        if self.proxy.is_some_and(|proxy| proxy.host.host.to_string() == name) {
            return vec![ask, format!("Correct the name of the proxy, or add {name} to its zone"), SHOW_PROXY.into()];
        }
        vec![
            ask,
            "Let the nameservers resolve names of the Internet: check their forwarders and root hints".into(),
            "Where names of the Internet are resolved by the proxy alone, set that proxy: `netsh winhttp set proxy \
             HOST:PORT`"
                .into(),
        ]
    }

    fn for_tcp(&self, reason: Reason) -> Vec<String> {
        let (host, port) = self.first_hop();
        let test = format!("From a client: `Test-NetConnection {host} -Port {port}`");
        match self.proxy {
            Some(proxy) if reason == Reason::ProxyRefused => vec![
                format!("See that the proxy service runs on {host} and listens on port {port}"),
                format!("Compare {proxy} with what the network team gives out. {SHOW_PROXY}"),
                test,
            ],
            Some(_) => vec![
                format!("Open TCP {port} from this network to the proxy {host} in the firewalls between"),
                test,
                SHOW_PROXY.into(),
            ],
            None => vec![
                format!("Open TCP {port} from this network to {host} in the firewall"),
                "Where the Internet is reached through a proxy alone: on a client, `netsh winhttp show proxy` shows the \
                 one that activation uses, and `netsh winhttp set proxy HOST:PORT` sets it"
                    .into(),
                test,
            ],
        }
    }

    fn for_proxy(&self, reason: Reason) -> Vec<String> {
        let (host, _) = self.first_hop();
        let endpoint = self.endpoint.host.to_string();
        let exempt =
            format!("On {host}: let {endpoint} and the other endpoints of activation through without credentials");
        match reason {
            Reason::AuthRequired | Reason::AuthRejected => {
                let mut steps = vec![
                    exempt,
                    "Where that cannot be, let these hosts past the proxy: `netsh winhttp set proxy PROXY:PORT \
                     bypass-list=\"*.microsoft.com;*.live.com;*.digicert.com;*.windowsupdate.com\"`, and open TCP \
                     443 and 80 to them"
                        .into(),
                ];
                if reason == Reason::AuthRejected {
                    steps.push("Correct the user name and password of the proxy in the configuration here".into());
                }
                steps
            }
            Reason::ForbiddenByProxy => vec![
                format!(
                    "On {host}: allow CONNECT to {endpoint}, and to the other endpoints of activation on 443 and 80"
                ),
                format!("The log of {host} names the rule that denies it"),
            ],
            Reason::ProxyBadGateway => vec![
                format!(
                    "On {host}: look up {} and connect to port {}",
                    self.endpoint.host.host, self.endpoint.host.port
                ),
                format!("Open TCP {} from {host} to the Internet", self.endpoint.host.port),
            ],
            Reason::CaptivePortal => {
                vec!["Log this network in at its portal, or exempt the machine from it".into(), SHOW_PROXY.into()]
            }
            Reason::NameMismatch => {
                vec![format!(
                    "Name the proxy as its certificate does, in place of {host}, or give it a certificate for {host}"
                )]
            }
            Reason::Untrusted => {
                vec![format!("Where the authority of the proxy {host} is one of your own, name it under `ca_file`")]
            }
            Reason::Expired | Reason::NotYetValid | Reason::Expiring => {
                vec![
                    format!("Renew the certificate of the proxy {host}"),
                    "See that the clock of this machine is right".into(),
                ]
            }
            Reason::ProxyNotAProxy => vec![
                format!(
                    "Compare {} with what the network team gives out: host, port, and whether it is HTTP or SOCKS",
                    self.target.target.proxy
                ),
                SHOW_PROXY.into(),
            ],
            _ => {
                vec![format!("See whether the proxy on {host} is overloaded, and what its log says"), SHOW_PROXY.into()]
            }
        }
    }

    fn for_tls(&self, reason: Reason, walk: &Walk) -> Vec<String> {
        let host = self.endpoint.host.host.to_string();
        let exempt = match self.proxy {
            Some(proxy) => {
                format!("On {} and any other hop that inspects TLS: exempt {host} from inspection", proxy.host.host)
            }
            None => format!("On the firewall or proxy that inspects TLS: exempt {host} from inspection"),
        };
        let others = "Exempt the other endpoints of activation with it".to_owned();
        let is_ours = is_clock_to_blame(self.target, walk);
        match reason {
            Reason::Expired | Reason::NotYetValid if is_ours => own_clock(),
            Reason::Expired | Reason::NotYetValid if is_known_to_be_right(walk) => {
                vec![format!("The certificate itself is not valid: find out who answers for {host}"), exempt]
            }
            Reason::Expired | Reason::NotYetValid => {
                let mut steps = own_clock();
                steps
                    .push(format!("Where the clock is right, the certificate is not: find out who answers for {host}"));
                steps.push(exempt);
                steps
            }
            Reason::Intercepted => vec![exempt, others],
            Reason::Untrusted => vec![
                exempt,
                "On a client: `certutil -generateSSTFromWU roots.sst` fetches the roots of Microsoft; an old list of \
                 roots does not have the newest"
                    .into(),
                "Where the issuer is one of your own and meant to be there, name it under `ca_file`".into(),
            ],
            Reason::NameMismatch => vec![format!("Find out who answers for {host}: `nslookup {host}`"), exempt],
            Reason::TlsVersion => vec![
                exempt,
                "On an old client: enable TLS 1.2 in WinHTTP by `DefaultSecureProtocols` (0x800), and install the \
                 update that reads it"
                    .into(),
            ],
            Reason::Expiring => vec![format!("See that whoever answers for {host} renews the certificate in time")],
            _ => vec![
                format!("Look for a firewall that cuts TLS to {host} by its name or its category"),
                exempt,
                SHOW_PROXY.into(),
            ],
        }
    }

    fn for_http(&self, reason: Reason) -> Vec<String> {
        let host = self.endpoint.host.host.to_string();
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
}

/// True where time servers say that our clock is right.
fn is_known_to_be_right(walk: &Walk) -> bool {
    walk.own_clock.as_ref().is_some_and(|clock| clock.comparison.standing == Standing::Right)
}

fn own_clock() -> Vec<String> {
    vec![
        "See how far this machine's clock is off: `w32tm /stripchart /computer:DC /samples:3 /dataonly`, or on Linux \
         `chronyc tracking`"
            .into(),
        "Set it: `w32tm /resync /rediscover`, or on Linux `chronyc makestep`".into(),
        "On clients: `w32tm /query /status`; a certificate that is valid is not so to a clock that is wrong".into(),
    ]
}
