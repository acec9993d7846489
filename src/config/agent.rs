//! What `gracewatch agent` goes by: whom it reports to, how, and how often.

use super::duration::duration_within;
use super::proxy_choice::{Kind, ProxyChoice};
use crate::catalogue::{Message, message};
use crate::config::DEFAULT_PORT;
use crate::online::Route;
use crate::online::endpoint::{Endpoint, Role};
use crate::online::proxy::{Proxy, Scheme};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

const INTERVAL: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(7 * 24);
const SPREAD: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_hours(24);

/// A file whose first line is a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFile {
    /// By it this machine may report.
    Token(PathBuf),
    /// By it this machine enrols a token of its own, which it keeps in its folder.
    Enrolment(PathBuf),
}

impl TokenFile {
    /// The file that is named, as one or as the other.
    ///
    /// # Errors
    /// Where both are.
    pub fn named(token: Option<PathBuf>, enrolment: Option<PathBuf>) -> Result<Option<Self>, Message> {
        match (token, enrolment) {
            (Some(_), Some(_)) => Err(message!("agent-two-tokens")),
            (token, enrolment) => Ok(token.map(Self::Token).or(enrolment.map(Self::Enrolment))),
        }
    }
}

/// Whom an agent reports to, how, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The server; `None` where none is configured.
    pub server: Option<Url>,
    /// Where the token is by which this machine may report, or get one.
    pub token_file: Option<TokenFile>,
    /// More trusted roots in PEM, beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The certificate by which the server knows this machine, and its private key.
    pub client: Option<(PathBuf, PathBuf)>,
    /// The path to the server.
    pub proxy: ProxyChoice,
    /// The folder for what waits to be sent, and for how far events were read.
    pub folder: PathBuf,
    /// From one report to the next: a minute to a week.
    pub interval: Duration,
    /// The first report waits for a random time up to this: up to a day.
    pub spread: Duration,
}

impl Agent {
    /// Often enough that a path that fails is known before the next renewal of most machines.
    pub const INTERVAL: Duration = Duration::from_mins(15);

    /// So long that a fleet that starts together does not report together.
    pub const SPREAD: Duration = Duration::from_mins(5);

    /// What holds where nothing is configured. `variable` looks up environment variables.
    ///
    /// # Errors
    /// What is wrong with the proxy that this machine is set to.
    pub fn usual(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Message> {
        Ok(Self {
            server: None,
            token_file: None,
            ca_file: None,
            client: None,
            proxy: proxy(crate::online::SYSTEM, variable)?,
            folder: folder(),
            interval: Self::INTERVAL,
            spread: Self::SPREAD,
        })
    }

    /// The HTTP proxy on the path to a server; `None` where there is none.
    pub fn proxy_to(&self, server: &Url) -> Option<Arc<Proxy>> {
        if is_here(server) {
            return None;
        }
        let text = format!("{}://{}", server.scheme(), server.authority());
        let target = Endpoint::parse(&text, Role::Activation, true).ok()?;
        match &self.proxy.target(&Arc::new(target)).route {
            Route::Through(proxy) => Some(Arc::clone(proxy)),
            Route::Direct | Route::DirectBySystem => None,
        }
    }
}

/// Where the system keeps what programs have to remember.
#[cfg(not(windows))]
fn folder() -> PathBuf {
    PathBuf::from("/var/lib/gracewatch/agent")
}

/// Where the system keeps what programs have to remember.
#[cfg(windows)]
fn folder() -> PathBuf {
    let data = std::env::var_os("ProgramData").map_or_else(|| PathBuf::from(r"C:\ProgramData"), PathBuf::from);
    data.join("Gracewatch").join("agent")
}

/// True where a server is on this machine, so that what it is sent leaves it for nowhere.
pub fn is_here(server: &Url) -> bool {
    match server.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
        None => false,
    }
}

/// Reads the address of a server. What has no scheme is a host, which is spoken to over TLS.
///
/// # Errors
/// What is wrong with it; nothing of it is repeated, since it may hold a password.
pub fn server(text: &str) -> Result<Url, Message> {
    let text = text.trim();
    if text.contains(['@', '?', '#']) {
        return Err(message!("agent-server-alone"));
    }
    let has_scheme = text.contains("://");
    let whole = if has_scheme { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&whole).map_err(|_| message!("agent-server"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(message!("agent-server"));
    }
    if !has_scheme && url.port().is_none() {
        // It cannot fail for an address with a host.
        let _ = url.set_port(Some(DEFAULT_PORT));
    }
    Ok(url)
}

/// Reads `direct`, `system` or the URL of an HTTP proxy. `variable` looks up environment variables.
///
/// # Errors
/// What is wrong with it; nothing of it is repeated, since it may hold a password.
pub fn proxy(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<ProxyChoice, Message> {
    let choice = ProxyChoice::parse(text, variable)?;
    let speaks = |proxy: &Proxy| {
        let is_basic = proxy.credentials.as_ref().is_none_or(|known| known.scheme == Scheme::Basic);
        proxy.protocol.is_http() && is_basic
    };
    match &choice.kind {
        Kind::Proxy(proxy) if !speaks(proxy) => Err(message!("agent-proxy")),
        _ => Ok(choice),
    }
}

/// Reads the time from one report to the next.
///
/// # Errors
/// What is wrong with it.
pub fn interval(text: &str) -> Result<Duration, Message> {
    duration_within(text, INTERVAL)
}

/// Reads how far the reports of a fleet are spread.
///
/// # Errors
/// What is wrong with it.
pub fn spread(text: &str) -> Result<Duration, Message> {
    duration_within(text, SPREAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_address_without_anything_else() {
        let read = |text: &str| server(text).map(|url| url.to_string()).map_err(|fault| fault.to_string());
        assert_eq!(read("gracewatch.corp.example").as_deref(), Ok("https://gracewatch.corp.example:10688/"));
        assert_eq!(read("https://gracewatch.corp.example").as_deref(), Ok("https://gracewatch.corp.example/"));
        assert_eq!(read("http://[::1]:9/below").as_deref(), Ok("http://[::1]:9/below"));
        for wrong in ["https://a:b@c.example", "https://c.example/?t=1", "ftp://c.example", "https://", ""] {
            let fault = read(wrong).unwrap_err();
            assert!(!fault.contains("c.example"), "{fault}");
        }
    }

    #[test]
    fn a_proxy_is_one_that_speaks_http() {
        let none = |_: &str| None;
        assert!(proxy("direct", &none).is_ok() && proxy("http://proxy.corp.example:3128", &none).is_ok());
        assert!(proxy("socks5://gw.corp.example", &none).is_err());
        let agent =
            Agent { proxy: proxy("http://proxy.corp.example:3128", &none).unwrap(), ..Agent::usual(&none).unwrap() };
        let to = |text: &str| agent.proxy_to(&server(text).unwrap()).map(|proxy| proxy.to_string());
        assert_eq!(to("gracewatch.corp.example").as_deref(), Some("http://proxy.corp.example:3128"));
        assert_eq!(to("https://127.0.0.1:1"), None);
    }
}
