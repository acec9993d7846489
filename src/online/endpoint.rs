//! What is to be reached: an endpoint, and what Windows needs it for.

use crate::host::{Host, HostPort, NameError};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;
use url::Url;

/// An HTTP server that takes part in activation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// With or without TLS.
    pub scheme: Scheme,
    pub host: HostPort,
    /// What is asked for, with a leading slash, and the query if there is one.
    pub path: String,
    /// What Windows needs it for.
    pub role: Role,
    /// What is lost of that with this endpoint.
    pub weight: Weight,
    /// True where it answers with redirects and pages of its own, so that these are no sign of a captive portal.
    pub gives_pages: bool,
    /// Parts of the names at which its chain of certificates may end, in any case of letters. Where there are none, one
    /// trusted issuer is as good as another.
    pub expected_issuers: Vec<String>,
}

/// How an endpoint is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// HTTP over TCP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// The word for it in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port where none is named.
    pub const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// What Windows needs an endpoint for, which decides what is lost with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Activation with a MAK or a retail key.
    Activation,
    /// Digital licenses, and those that come with a subscription.
    Licensing,
    /// Showing that an activated Windows is genuine.
    Validation,
    /// Revocation lists of certificates. Without them activation may be slow, and it is not lost.
    Revocation,
}

impl Role {
    /// Every role there is, the weightiest first.
    pub const ALL: [Self; 4] = [Self::Activation, Self::Licensing, Self::Validation, Self::Revocation];

    /// The word for it in the configuration, in labels and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Licensing => "licensing",
            Self::Validation => "validation",
            Self::Revocation => "revocation",
        }
    }

    /// True where some machines cannot be activated without an endpoint of this role.
    pub const fn is_essential(self) -> bool {
        matches!(self, Self::Activation | Self::Licensing)
    }
}

/// How much of a role is lost with an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// All of it: no other endpoint is in.
    Vital,
    /// Nothing as long as another of the role is reached.
    Shared,
    /// Nothing: it leads to others, and does not stand in for them.
    Helpful,
}

/// What is wrong with the text of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// Neither a URL nor a host.
    #[error("not an endpoint such as `https://activation.example`, `http://crl.example/list.crl` or `host:443`")]
    Text,
    /// Another scheme.
    #[error("an endpoint uses `https://` or `http://`")]
    Scheme,
    /// Not one host.
    #[error("an endpoint is one host: name each, without an asterisk")]
    Pattern,
    /// Credentials are for proxies.
    #[error("an endpoint takes no user name and no password")]
    Credentials,
    /// No host, or no port.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Endpoint {
    /// Reads a URL, or `host:port`, which is spoken to over TLS unless the port is 80. Its weight is shared, and nobody
    /// in particular is expected to vouch for it.
    ///
    /// # Errors
    /// [`EndpointError`] where it is neither.
    pub fn parse(text: &str, role: Role, gives_pages: bool) -> Result<Self, EndpointError> {
        let text = text.trim();
        if text.split('/').any(|part| part.starts_with("*.")) {
            return Err(EndpointError::Pattern);
        }
        if !text.contains("://") {
            return Self::bare(text, role, gives_pages);
        }
        let url = Url::parse(text).map_err(|_| EndpointError::Text)?;
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(EndpointError::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        let host = url.host_str().ok_or(EndpointError::Text)?.parse()?;
        let port = url.port().unwrap_or(scheme.port());
        if port == 0 {
            return Err(NameError::Port.into());
        }
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = format!("{}{query}", url.path());
        Ok(Self {
            scheme,
            host: HostPort { host, port },
            path,
            role,
            weight: Weight::Shared,
            gives_pages,
            expected_issuers: Vec::new(),
        })
    }

    fn bare(text: &str, role: Role, gives_pages: bool) -> Result<Self, EndpointError> {
        let mut host = HostPort::parse(text, Scheme::Https.port())?;
        // As a URL has it.
        if let Host::Name(name) = &host.host
            && let Some(international) = name.international()
        {
            host.host = Host::Name(international);
        }
        let scheme = if host.port == Scheme::Http.port() { Scheme::Http } else { Scheme::Https };
        Ok(Self {
            scheme,
            host,
            path: "/".into(),
            role,
            weight: Weight::Shared,
            gives_pages,
            expected_issuers: Vec::new(),
        })
    }

    /// Whether its chain of certificates may end at an issuer of this name.
    pub fn expects(&self, issuer: &str) -> bool {
        let issuer = issuer.to_lowercase();
        let mut expected = self.expected_issuers.iter();
        self.expected_issuers.is_empty() || expected.any(|expected| issuer.contains(&expected.to_lowercase()))
    }

    /// The host, and the port unless it is the usual one: the value of the header field `Host`.
    pub fn authority(&self) -> String {
        if self.host.port != self.scheme.port() {
            return self.host.to_string();
        }
        match &self.host.host {
            Host::Address(address) if address.ip().is_ipv6() => format!("[{address}]"),
            host => host.to_string(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path == "/" { "" } else { &self.path };
        write!(formatter, "{}://{}{path}", self.scheme.as_str(), self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, EndpointError> {
        Endpoint::parse(text, Role::Activation, false).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn endpoints_are_read_in_every_form_people_write() {
        let cases = [
            ("https://Activation.Example", "https://activation.example"),
            ("https://activation.example:443/", "https://activation.example"),
            ("https://activation.example:8443/a/b?c=d", "https://activation.example:8443/a/b?c=d"),
            ("http://crl.example/list.crl", "http://crl.example/list.crl"),
            ("activation.example", "https://activation.example"),
            ("activation.example:443", "https://activation.example"),
            ("crl.example:80", "http://crl.example"),
            ("127.0.0.1:8443", "https://127.0.0.1:8443"),
            ("[::1]:8443", "https://[::1]:8443"),
            ("https://[2001:db8::1]/", "https://[2001:db8::1]"),
            ("https://bücher.example/", "https://xn--bcher-kva.example"),
            ("bücher.example:443", "https://xn--bcher-kva.example"),
            ("https://my_proxy.corp_1.example/", "https://my_proxy.corp_1.example"),
            ("my_host_.corp.example", "https://my_host_.corp.example"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        assert_eq!(shown("ftp://activation.example"), Err(EndpointError::Scheme));
        assert_eq!(shown("*.microsoft.com"), Err(EndpointError::Pattern));
        assert_eq!(shown("https://*.microsoft.com/"), Err(EndpointError::Pattern));
        assert_eq!(shown("https://user:secret@activation.example"), Err(EndpointError::Credentials));
        assert_eq!(shown("https://"), Err(EndpointError::Text));
        assert_eq!(shown("https://activation.example:70000"), Err(EndpointError::Text));
        assert_eq!(shown("https://activation.example:0"), Err(EndpointError::Name(NameError::Port)));
        assert_eq!(shown("activation example"), Err(EndpointError::Name(NameError::Character(' '))));
        assert_eq!(shown(""), Err(EndpointError::Name(NameError::Empty)));
    }
    #[test]
    fn issuers_are_expected_by_a_part_of_their_name() {
        let expecting = |issuers: &[&str]| Endpoint {
            expected_issuers: issuers.iter().map(ToString::to_string).collect(),
            ..Endpoint::parse("https://a.example", Role::Activation, false).unwrap()
        };
        let microsoft = "C=US, O=Microsoft Corporation, CN=Microsoft Root Certificate Authority 2011";
        assert!(expecting(&["microsoft"]).expects(microsoft));
        let both = expecting(&["O=Microsoft Corporation", "O=DigiCert"]);
        assert!(both.expects(microsoft) && !both.expects("CN=Microsoft Forefront TMG HTTPS Inspection"));
        assert!(expecting(&[]).expects("CN=Anyone"));
    }
}
