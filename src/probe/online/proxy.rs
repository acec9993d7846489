//! The `proxy` stage: does the proxy let us through to the endpoint?

#[cfg(feature = "proxy-auth")]
mod dialogue;
mod login;
mod socks;

use super::connection::{Connection, Received, connection, discard, exchange};
use super::tls::{self, Session};
use crate::host::{Host, HostPort};
use crate::observation::{Detail, Failure, Reason, Value, detail};
use crate::online::endpoint::{Endpoint, Scheme};
use crate::online::proxy::{Protocol, Proxy};
use crate::online::trust::Trust;
use crate::probe::limit::until;
use crate::probe::tcp;
use crate::wire::http::{Body, Head, Request};
use login::Login;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// What is shown for credentials that a proxy demands without saying of which kind.
const UNSPECIFIED: &str = "unspecified";

/// The most messages of one login.
const MAX_STEPS: usize = 6;

/// A proxy, and what is asked of it.
pub(super) struct Hop<'a> {
    pub(super) proxy: &'a Proxy,
    /// The address of the proxy that took a connection.
    pub(super) address: SocketAddr,
    pub(super) endpoint: &'a Endpoint,
    /// The endpoint's address, where it was looked up here.
    pub(super) endpoint_address: Option<IpAddr>,
    pub(super) trust: &'a Trust,
    /// When the stage is to be over.
    pub(super) deadline: Instant,
}

/// What came of asking a proxy.
pub(super) struct Passage {
    /// The next connection, or why there is none.
    pub(super) outcome: Result<Opened, Failure>,
    pub(super) seen: Seen,
}

/// What a proxy shows of itself, whether or not it lets us through.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The authentication schemes that it demands one of; empty where it demands none.
    pub(super) demanded: Vec<String>,
    /// What TLS was agreed on with it, where it is believed.
    pub(super) tls: Option<Session>,
}

/// A path through a proxy.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// The endpoint's answer, where the proxy forwards requests in place of opening a tunnel.
    pub(super) forwarded: Option<Received>,
    /// What was seen of it.
    pub(super) detail: Detail,
}

impl Hop<'_> {
    /// Asks the proxy to let us through to the endpoint.
    pub(super) async fn pass(&self, stream: TcpStream) -> Passage {
        let mut seen = Seen::default();
        let asked = async {
            if self.proxy.protocol.is_http() {
                self.ask(stream, &mut seen).await
            } else {
                socks::ask(self, connection(stream), &mut seen).await
            }
        };
        let outcome = until(self.deadline, asked, || Failure::new(Reason::TimedOut, detail!("proxy-silent"))).await;
        Passage { outcome, seen }
    }

    /// Whether the proxy forwards requests, as it does to endpoints without TLS, or opens a tunnel.
    fn is_forwarding(&self) -> bool {
        self.endpoint.scheme == Scheme::Http
    }

    /// Asks an HTTP proxy, first without credentials: a proxy that does not demand them is not given any, and of one
    /// that does it is known.
    async fn ask(&self, stream: TcpStream, seen: &mut Seen) -> Result<Opened, Failure> {
        let mut connection = self.connect(stream, seen).await?;
        let mut login: Option<Login> = None;
        let mut authorization: Option<String> = None;
        for _ in 0..MAX_STEPS {
            let request = self.request(authorization.as_deref());
            let received = match exchange(&mut connection, &request, Reason::ProxyNotAProxy).await {
                // Some proxies close the connection after a refusal and do not say so.
                Err(failure)
                    if failure.reason == Reason::Closed && login.as_ref().is_some_and(Login::is_one_message) =>
                {
                    connection = self.connect_again(seen).await?;
                    exchange(&mut connection, &request, Reason::ProxyNotAProxy).await?
                }
                received => received?,
            };
            let head = &received.head;
            if !self.demands_login(head, authorization.is_some()) {
                return self.judge(connection, received, login.as_ref());
            }
            if seen.demanded.is_empty() {
                seen.demanded = offered(head);
            }
            let login = match &mut login {
                Some(login) => login,
                None => login.insert(Login::begin(self.proxy, head)?),
            };
            let is_begun = authorization.is_some();
            authorization = Some(login.answer(head, self.deadline).await?);
            let kept = match head.body() {
                // Where a new connection is as good, there is no waiting for a body of unknown length.
                Some(body) if body != Body::Chunked || !login.is_one_message() => discard(&mut connection, body).await,
                _ => Err(Failure::new(Reason::AuthRejected, detail!("proxy-closes-login"))),
            };
            if let Err(failure) = kept {
                if is_begun && !login.is_one_message() {
                    return Err(failure);
                }
                connection = self.connect_again(seen).await?;
            }
        }
        Err(Failure::new(Reason::AuthRejected, detail!("proxy-login-endless")))
    }

    /// Whether an answer demands credentials, or other ones. Some proxies say so with 401, which is for servers; a
    /// server that is not a proxy says it as well.
    fn demands_login(&self, head: &Head, has_tried: bool) -> bool {
        match head.status {
            407 => true,
            401 => self.is_own(head) && (has_tried || !head.schemes().is_empty()),
            _ => false,
        }
    }

    /// The connection on which the proxy is spoken to.
    async fn connect(&self, stream: TcpStream, seen: &mut Seen) -> Result<Connection, Failure> {
        if self.proxy.protocol != Protocol::Https {
            return Ok(connection(stream));
        }
        let handshake = tls::handshake(stream, &self.proxy.host.host, self.trust, None).await;
        let about_proxy = |failure: Failure| Failure::new(failure.reason, detail!("proxy-tls", why = failure.detail));
        let handshake = handshake.map_err(about_proxy)?;
        handshake.judged.map_err(about_proxy)?;
        seen.tls = Some(handshake.session);
        Ok(handshake.connection)
    }

    async fn connect_again(&self, seen: &mut Seen) -> Result<Connection, Failure> {
        let left = self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let (observation, stream) = tcp::connect(self.address, left).await;
        let stream = stream.ok_or_else(|| {
            let reason = observation.reason.unwrap_or(Reason::LocalError);
            Failure::new(reason, detail!("proxy-again", why = observation.detail))
        })?;
        self.connect(stream, seen).await
    }

    fn request(&self, proxy_authorization: Option<&str>) -> Vec<u8> {
        let Endpoint { host, path, .. } = self.endpoint;
        if self.is_forwarding() {
            let authority = self.endpoint.authority();
            let target = format!("http://{authority}{path}");
            let request = Request {
                method: "GET",
                target: &target,
                host: &authority,
                proxy_authorization,
                // Where there may be a login, it takes several requests.
                keep_alive: self.proxy.credentials.is_some(),
            };
            return request.encode();
        }
        let target = host.to_string();
        Request { method: "CONNECT", target: &target, host: &target, proxy_authorization, keep_alive: true }.encode()
    }

    /// What the answer of an HTTP proxy means that asks for no more credentials.
    fn judge(&self, connection: Connection, received: Received, login: Option<&Login>) -> Result<Opened, Failure> {
        let head = &received.head;
        let failure =
            if self.is_forwarding() { forwarding_failure(head, self.is_own(head)) } else { tunnel_failure(head) };
        if let Some(reason) = failure {
            return Err(Failure::new(reason, answered(head)));
        }
        let detail = match (self.is_forwarding(), login.map(Login::scheme)) {
            (true, None) => detail!("proxy-forwards"),
            (true, Some(scheme)) => detail!("proxy-forwards-login", scheme = scheme),
            (false, None) => detail!("proxy-tunnels"),
            (false, Some(scheme)) => detail!("proxy-tunnels-login", scheme = scheme),
        };
        let forwarded = self.is_forwarding().then_some(received);
        Ok(Opened { connection, forwarded, detail })
    }

    /// Whether an answer is the proxy's own, by what it says of itself. What CONNECT is answered with always is.
    fn is_own(&self, head: &Head) -> bool {
        let server = head.value("Server").unwrap_or_default().to_ascii_lowercase();
        let known = ["squid", "tinyproxy"].iter().any(|name| server.starts_with(name));
        !self.is_forwarding() || known || head.value("X-Squid-Error").is_some() || has_proxy_error(head)
    }

    /// Where the tunnel is to lead: by address where the name was looked up here.
    fn tunnel_target(&self) -> HostPort {
        let host = &self.endpoint.host;
        match self.endpoint_address {
            Some(address) => HostPort { host: Host::Address(address.into()), port: host.port },
            None => host.clone(),
        }
    }
}

/// Whether the proxy names an error of its own (RFC 9209 section 2.1.1).
fn has_proxy_error(head: &Head) -> bool {
    head.all("Proxy-Status").any(|status| status.contains("error="))
}

/// The schemes of which a proxy demands one.
fn offered(head: &Head) -> Vec<String> {
    let schemes = head.schemes();
    if schemes.is_empty() { vec![UNSPECIFIED.to_owned()] } else { schemes }
}

/// Why there is no tunnel, by what CONNECT was answered with; `None` where there is one.
fn tunnel_failure(head: &Head) -> Option<Reason> {
    Some(match head.status {
        200..=299 if is_page(head) => Reason::CaptivePortal,
        200..=299 => return None,
        // Who is asked for a tunnel has no page to show, and nowhere else to send us.
        300..=399 | 511 => Reason::CaptivePortal,
        // What a web server says that is not a proxy.
        400 | 401 | 404 | 405 | 501 => Reason::ProxyNotAProxy,
        500..=599 if is_denial(head) => Reason::ForbiddenByProxy,
        500..=599 => Reason::ProxyBadGateway,
        _ => Reason::ForbiddenByProxy,
    })
}

/// Whether an answer brings a page, as none does that opens a tunnel (RFC 9110, section 9.3.6).
fn is_page(head: &Head) -> bool {
    let is_html = head.value("Content-Type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    is_html && head.value("Content-Length").is_none_or(|length| length.trim() != "0")
}

/// Why a request was not forwarded; `None` where the answer is the endpoint's, or may be.
fn forwarding_failure(head: &Head, is_own: bool) -> Option<Reason> {
    match (head.status, is_own) {
        (502 | 504, _) | (500 | 503, true) if is_denial(head) => Some(Reason::ForbiddenByProxy),
        (502 | 504, _) | (500 | 503, true) => Some(Reason::ProxyBadGateway),
        (511, _) => Some(Reason::CaptivePortal),
        (400 | 405 | 501, true) => Some(Reason::ProxyNotAProxy),
        (403 | 451, true) => Some(Reason::ForbiddenByProxy),
        _ => None,
    }
}

/// Whether a status of a fault is called a denial, as by Microsoft's own proxies.
fn is_denial(head: &Head) -> bool {
    let phrase = head.phrase.to_ascii_lowercase();
    ["denied", "not allowed", "forbidden"].iter().any(|word| phrase.contains(word))
}

/// What a proxy answers, and why, where it is squid.
fn answered(head: &Head) -> Detail {
    let answer = head.to_string();
    match (head.value("X-Squid-Error"), head.location()) {
        (Some(error), _) => detail!("proxy-answers-why", answer = answer, error = Value::quoted(error)),
        (None, Some(location)) => detail!("proxy-redirects", answer = answer, location = location),
        (None, None) => detail!("proxy-answers", answer = answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        Head::decode(format!("{text}\r\n\r\n").as_bytes()).unwrap().unwrap().0
    }

    #[test]
    fn every_status_of_a_tunnel_has_a_reason_or_is_one() {
        let failure = |status: u16| tunnel_failure(&head(&format!("HTTP/1.1 {status:03} x")));
        for status in 100..=999 {
            assert_eq!(failure(status).is_none(), (200..300).contains(&status), "{status}");
        }
        let reason = |status| failure(status).unwrap();
        assert_eq!([403, 429, 451].map(reason), [Reason::ForbiddenByProxy; 3]);
        assert_eq!([500, 502, 503, 504].map(reason), [Reason::ProxyBadGateway; 4]);
        assert_eq!([302, 511].map(reason), [Reason::CaptivePortal; 2]);
        assert_eq!([400, 401, 405].map(reason), [Reason::ProxyNotAProxy; 3]);
        let page = head("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 812");
        assert_eq!(tunnel_failure(&page), Some(Reason::CaptivePortal));
        assert_eq!(tunnel_failure(&head("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0")), None);
        let denial = head("HTTP/1.1 502 Proxy Error ( The ISA Server denied the specified URL. )");
        assert_eq!(tunnel_failure(&denial), Some(Reason::ForbiddenByProxy));
    }

    #[test]
    fn a_proxy_is_blamed_only_for_answers_of_its_own() {
        assert!(has_proxy_error(&head("HTTP/1.1 503 x\r\nProxy-Status: p; error=connection_refused")));
        let forbidden = head("HTTP/1.1 403 Forbidden");
        assert_eq!(forwarding_failure(&forbidden, true), Some(Reason::ForbiddenByProxy));
        assert_eq!(forwarding_failure(&forbidden, false), None);
        let gateway = head("HTTP/1.1 504 Gateway Timeout");
        assert_eq!(forwarding_failure(&gateway, false), Some(Reason::ProxyBadGateway));
    }
}
