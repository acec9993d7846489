//! A proxy on the path to an endpoint: how it is spoken to, where it is, and who we say we are.

use crate::host::{Host, HostPort, NameError};
use crate::secret::Secret;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use std::fmt;
use thiserror::Error;
use url::Url;
use zeroize::Zeroizing;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proxy {
    /// How it is spoken to.
    pub protocol: Protocol,
    pub host: HostPort,
    /// What answers its demand for credentials.
    pub credentials: Option<Credentials>,
}

/// How a proxy is spoken to; the names are those of curl.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// HTTP: CONNECT to endpoints with TLS, requests in absolute form to those without.
    Http,
    /// The same over TLS.
    Https,
    /// SOCKS5, where we look up the endpoint's name.
    Socks5,
    /// SOCKS5, where the proxy looks it up.
    Socks5h,
}

impl Protocol {
    /// Every protocol there is.
    pub const ALL: [Self; 4] = [Self::Http, Self::Https, Self::Socks5, Self::Socks5h];

    /// The scheme of its URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    /// The port where none is named: curl's, but for HTTP, where proxies have no common one. None there.
    const fn port(self) -> Option<u16> {
        match self {
            Self::Http => None,
            Self::Https => Some(443),
            Self::Socks5 | Self::Socks5h => Some(1080),
        }
    }

    /// True where it is spoken to in HTTP.
    pub const fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

/// Who we say we are to a proxy that asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Credentials {
    /// The user's name.
    pub username: String,
    pub password: Secret,
    /// How they are shown.
    pub scheme: Scheme,
    /// The KDC that is asked for a ticket. None where Kerberos' own configuration names it.
    pub kdc: Option<HostPort>,
}

/// How credentials are shown to an HTTP proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// As they are (RFC 7617).
    Basic,
    /// By Kerberos, in SPNEGO (RFC 4559).
    Negotiate,
    Ntlm,
}

impl Scheme {
    /// The name of the scheme in HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Negotiate => "Negotiate",
            Self::Ntlm => "NTLM",
        }
    }
}

/// What takes the place of a secret that somebody repeats.
const MASKED: &str = "(secret)";

/// The shortest secret that is looked for in others' words, in bytes: anything may have a shorter one in it.
const SHORTEST_MASKED: usize = 4;

impl Credentials {
    /// A text of somebody else's without the password, as it is or as it is sent; `None` where it is not in there. Of a
    /// text that was cut, the end may be the beginning of a secret.
    pub fn mask(&self, text: &str) -> Option<String> {
        let (name, password) = (&self.username, self.password.reveal());
        if password.len() < SHORTEST_MASKED {
            return None;
        }
        let sent = BASE64_STANDARD.encode(format!("{name}:{password}"));
        let secrets = [sent, BASE64_STANDARD.encode(password), password.to_owned()].map(Zeroizing::new);
        let mut masked = text.to_owned();
        for secret in &secrets {
            masked = masked.replace(secret.as_str(), MASKED);
            let mut lengths = (SHORTEST_MASKED..secret.len()).rev();
            let start = masked.strip_suffix(CUT);
            let start = start.and_then(|start| lengths.find_map(|length| start.strip_suffix(secret.get(..length)?)));
            if let Some(start) = start {
                masked = format!("{start}{MASKED}{CUT}");
            }
        }
        (masked != text).then_some(masked)
    }
}

/// What ends a text that was cut.
const CUT: &str = "...";

/// The name is kept back as well: where the two were mixed up, it is the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, kdc, .. } = self;
        formatter.debug_struct("Credentials").field("scheme", scheme).field("kdc", kdc).finish_non_exhaustive()
    }
}

/// What is wrong with the URL of a proxy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProxyError {
    /// No URL.
    #[error(
        "not a proxy such as `http://proxy.corp.example:3128` or `socks5://gateway.corp.example`, nor `direct` or \
         `system`"
    )]
    Url,
    #[error("a proxy needs a scheme: write `http://`, `https://`, `socks5://` or `socks5h://` before it")]
    NoScheme,
    /// A URL in which credentials are not encoded.
    #[error(
        "in a URL, `\\ / # ? @` in a user name or password are written `%5C %2F %23 %3F %40`; or name them by \
         `username` and `password`"
    )]
    Unencoded,
    /// A scheme that is not a proxy's.
    #[error("a proxy uses `http://`, `https://`, `socks5://` or `socks5h://`")]
    Scheme,
    /// An HTTP proxy without a port.
    #[error("an HTTP proxy needs a port, such as `:3128` or `:8080`")]
    NoPort,
    /// Something behind the port.
    #[error("a proxy has no path and no query")]
    Path,
    /// A name or password that is not text.
    #[error("the user name or the password in the URL is not UTF-8 after percent-decoding")]
    Credentials,
    /// A user name or password that SOCKS cannot carry.
    #[error("SOCKS takes user names and passwords of 1 to 255 bytes")]
    Length,
    /// No host, or no port.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Proxy {
    /// Reads the URL of a proxy, which may hold credentials, percent-encoded.
    ///
    /// # Errors
    /// [`ProxyError`], which never quotes the URL: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        let text = text.trim();
        let parsed = Self::read(text);
        match parsed {
            Err(ProxyError::Url | ProxyError::Path) if text.contains('@') => Err(ProxyError::Unencoded),
            // The library would take `http:/proxy` as well.
            Err(ProxyError::Url) | Ok(_) if !text.contains("://") && text.contains([':', '.']) => {
                Err(ProxyError::NoScheme)
            }
            parsed => parsed,
        }
    }

    fn read(text: &str) -> Result<Self, ProxyError> {
        let url = Url::parse(text).map_err(|_| ProxyError::Url)?;
        let protocol = Protocol::ALL.into_iter().find(|known| known.as_str() == url.scheme());
        let protocol = protocol.ok_or_else(|| if url.has_host() { ProxyError::Scheme } else { ProxyError::Url })?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyError::Path);
        }
        // Where the library does not know the scheme, it leaves names as they are, percent-encoded.
        let host = decoded(url.host_str().ok_or(ProxyError::Url)?)?.parse::<Host>()?;
        // The URL library leaves out the port 80 of http://, which is named all the same.
        let named = url.port_or_known_default().filter(|_| has_port(text));
        let port = named.or(protocol.port()).ok_or(ProxyError::NoPort)?;
        if port == 0 {
            return Err(NameError::Port.into());
        }
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (username, password) => Some(Credentials {
                username: decoded(username)?,
                password: Secret::new(decoded(password.unwrap_or_default())?),
                scheme: Scheme::Basic,
                kdc: None,
            }),
        };
        Self { protocol, host: HostPort { host, port }, credentials }.checked()
    }

    /// The proxy, unless it cannot carry its credentials.
    ///
    /// # Errors
    /// [`ProxyError::Length`] where SOCKS has no room for them (RFC 1929).
    pub fn checked(self) -> Result<Self, ProxyError> {
        let fits = |text: &str| (1..=255).contains(&text.len());
        match &self.credentials {
            Some(Credentials { username, password, .. }) if !self.protocol.is_http() => {
                if fits(username) && fits(password.reveal()) { Ok(self) } else { Err(ProxyError::Length) }
            }
            _ => Ok(self),
        }
    }
}

/// Whether a URL names a port.
fn has_port(url: &str) -> bool {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.rsplit(']').next().is_some_and(|after| after.contains(':'))
}

fn decoded(text: &str) -> Result<String, ProxyError> {
    percent_decode_str(text).decode_utf8().map(Into::into).map_err(|_| ProxyError::Credentials)
}

/// As a URL, without the credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.protocol.as_str(), self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read_and_shown_without_their_credentials() {
        let cases = [
            ("http://Proxy.Corp.Example:3128", "http://proxy.corp.example:3128", None),
            ("http://proxy:80/", "http://proxy:80", None),
            ("https://proxy", "https://proxy:443", None),
            ("socks5://127.0.0.1", "socks5://127.0.0.1:1080", None),
            ("socks5h://user:secret@[::1]:9050", "socks5h://[::1]:9050", Some(("user", "secret"))),
            ("http://DOMAIN%5Cuser:p%40ss%3A@proxy:8080", "http://proxy:8080", Some(("DOMAIN\\user", "p@ss:"))),
            ("socks5://b\u{fc}cher.example", "socks5://b\u{fc}cher.example:1080", None),
            ("http://my_proxy.corp_1.example:3128", "http://my_proxy.corp_1.example:3128", None),
            ("socks5://my_proxy", "socks5://my_proxy:1080", None),
            ("http://user@proxy:8080", "http://proxy:8080", Some(("user", ""))),
        ];
        for (text, shown, credentials) in cases {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!(proxy.to_string(), shown, "{text}");
            let found = proxy.credentials.as_ref().map(|found| (found.username.as_str(), found.password.reveal()));
            assert_eq!(found, credentials, "{text}");
            assert!(!format!("{proxy:?}").contains("secret@") && !format!("{proxy:?}").contains("p@ss"), "{proxy:?}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        let refused = |text: &str| Proxy::parse(text).unwrap_err();
        assert_eq!(refused("proxy"), ProxyError::Url);
        assert_eq!(refused("proxy:3128"), ProxyError::NoScheme);
        assert_eq!(refused("192.0.2.1"), ProxyError::NoScheme);
        assert_eq!(refused("http://CORP\\user:x@proxy:3128"), ProxyError::Unencoded);
        assert_eq!(refused("http://user:p/a@proxy:3128"), ProxyError::Unencoded);
        assert_eq!(refused("http://user:p#a@proxy:3128"), ProxyError::Unencoded);
        assert_eq!(refused("http://"), ProxyError::Url);
        assert_eq!(refused("http:/proxy:3128"), ProxyError::NoScheme);
        assert_eq!(refused("socks4://proxy:1080"), ProxyError::Scheme);
        assert_eq!(refused("http://proxy"), ProxyError::NoPort);
        assert_eq!(refused("http://user:secret@proxy"), ProxyError::NoPort);
        assert_eq!(refused("http://proxy:3128/x"), ProxyError::Path);
        assert_eq!(refused("http://%ff:x@proxy:3128"), ProxyError::Credentials);
        assert_eq!(refused("socks5://proxy:0"), ProxyError::Name(NameError::Port));
        assert_eq!(refused("socks5://user@proxy"), ProxyError::Length);
        assert_eq!(refused(&format!("socks5://user:{}@proxy", "x".repeat(256))), ProxyError::Length);
    }

    #[test]
    fn what_a_proxy_repeats_of_the_password_is_masked() {
        let proxy = Proxy::parse("http://watch:S3cretPassw0rd@proxy.corp.example:3128").unwrap();
        let credentials = proxy.credentials.unwrap();
        let mask = |text: &str| credentials.mask(text);
        assert_eq!(mask("503 S3cretPassw0rd").as_deref(), Some("503 (secret)"));
        let sent = BASE64_STANDARD.encode("watch:S3cretPassw0rd");
        assert_eq!(mask(&format!("407 got Basic {sent}")).as_deref(), Some("407 got Basic (secret)"));
        assert_eq!(mask("http://UzNjcmV0UGFzc3cwcmQ=/").as_deref(), Some("http://(secret)/"));
        assert_eq!(mask("page S3cretPas...").as_deref(), Some("page (secret)..."));
        assert_eq!(mask("503 Service Unavailable"), None);
    }
}
