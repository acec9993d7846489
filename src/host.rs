//! Hosts and domains, by name and by address.

use hickory_resolver::proto::rr::Name;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;

/// The TCP port a KMS host listens on by default.
pub const KMS_PORT: u16 = 1688;

/// The UDP and TCP port of nameservers.
pub const DNS_PORT: u16 = 53;

/// The SRV name under which KMS hosts are published in a domain.
pub const SRV_PREFIX: &str = "_vlmcs._tcp";

/// What is wrong with a name, a host or a port as given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("a name is missing")]
    Empty,
    #[error(
        "neither an address nor a DNS name, which is labels of 1 to 63 letters, digits and hyphens divided by dots"
    )]
    Name,
    /// Not a port, which is a number from 1 to 65535.
    #[error("not a port: a port is a number from 1 to 65535")]
    Port,
}

/// A fully qualified DNS name in lower case, without the final dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(Arc<str>);

impl DnsName {
    /// The name as it is written, without the final dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The SRV name of this domain.
    pub fn srv_name(&self) -> String {
        format!("{SRV_PREFIX}.{self}")
    }

    /// The domain, where this is the name at which its SRV records are.
    pub fn without_srv_prefix(&self) -> Option<&str> {
        self.as_str().strip_prefix(SRV_PREFIX)?.strip_prefix('.')
    }

    /// This name within a domain: `kms01` within `corp.example` is `kms01.corp.example`. `None` where that is too long
    /// for a name.
    pub fn within(&self, domain: &Self) -> Option<Self> {
        format!("{self}.{domain}").parse().ok()
    }

    /// True for a name of more than one label.
    pub fn has_dot(&self) -> bool {
        self.0.contains('.')
    }
}

impl FromStr for DnsName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let name = Name::from_utf8(text).map_err(|_| NameError::Name)?;
        // The last label of a name is never a number (RFC 3696, section 2): this is an address gone wrong.
        if text.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(NameError::Name);
        }
        Ok(Self::from(&name))
    }
}

impl From<&Name> for DnsName {
    fn from(name: &Name) -> Self {
        let text = name.to_lowercase().to_ascii();
        Self(text.strip_suffix('.').unwrap_or(&text).into())
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// A host by name or by address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// To be looked up in DNS.
    Name(DnsName),
    /// Needs no lookup.
    Address(IpAddr),
}

impl Host {
    /// The name; `None` for an address.
    pub const fn dns_name(&self) -> Option<&DnsName> {
        match self {
            Self::Name(name) => Some(name),
            Self::Address(_) => None,
        }
    }
}

impl FromStr for Host {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match unbracketed(text).parse::<IpAddr>() {
            // An IPv4 address in the dress of IPv6 is the same host.
            Ok(address) => Ok(Self::Address(address.to_canonical())),
            Err(_) => text.parse().map(Self::Name),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(formatter),
            Self::Address(address) => address.fmt(formatter),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    pub host: Host,
    /// The port, 1 to 65535.
    pub port: u16,
}

impl HostPort {
    /// Reads `host`, `host:port`, `address`, `[address]` or `[address]:port`, with `default_port` where none is
    /// given.
    ///
    /// # Errors
    /// [`NameError`] where the host is neither a name nor an address, or the port is not from 1 to 65535.
    pub fn parse(text: &str, default_port: u16) -> Result<Self, NameError> {
        // A lone IPv6 address has colons of its own and no port.
        if unbracketed(text).parse::<IpAddr>().is_ok() {
            return Ok(Self { host: text.parse()?, port: default_port });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, parse_port(port)?),
            None => (text, default_port),
        };
        Ok(Self { host: host.parse()?, port })
    }
}

/// The address in `[address]`; any other text as it is.
fn unbracketed(text: &str) -> &str {
    text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text)
}

/// Reads a port.
///
/// # Errors
/// [`NameError::Port`] where it is not a number from 1 to 65535.
pub fn parse_port(text: &str) -> Result<u16, NameError> {
    text.parse().ok().filter(|port| *port != 0).ok_or(NameError::Port)
}

/// Reads the address of a nameserver, with or without a port: `192.0.2.53`, `[2001:db8::53]:5353`.
pub fn parse_nameserver(text: &str) -> Option<SocketAddr> {
    match HostPort::parse(text, DNS_PORT) {
        Ok(HostPort { host: Host::Address(address), port }) => Some(SocketAddr::new(address, port)),
        _ => None,
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => write!(formatter, "{name}:{}", self.port),
            Host::Address(address) => SocketAddr::new(*address, self.port).fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_in_every_form_people_write() {
        let cases = [
            ("KMS01.Corp.Example.", "kms01.corp.example:1688"),
            ("kms01:1689", "kms01:1689"),
            ("192.0.2.1", "192.0.2.1:1688"),
            ("192.0.2.1:80", "192.0.2.1:80"),
            ("2001:db8::1", "[2001:db8::1]:1688"),
            ("[2001:db8::1]", "[2001:db8::1]:1688"),
            ("[2001:db8::1]:80", "[2001:db8::1]:80"),
            ("::ffff:192.0.2.1", "192.0.2.1:1688"),
            ("[::ffff:192.0.2.1]:80", "192.0.2.1:80"),
            ("bücher.example", "xn--bcher-kva.example:1688"),
        ];
        for (text, expected) in cases {
            assert_eq!(HostPort::parse(text, KMS_PORT).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        assert_eq!(HostPort::parse("", KMS_PORT), Err(NameError::Empty));
        assert_eq!(HostPort::parse(":1688", KMS_PORT), Err(NameError::Empty));
        assert_eq!(HostPort::parse("kms01:70000", KMS_PORT), Err(NameError::Port));
        assert_eq!(HostPort::parse("kms01:0", KMS_PORT), Err(NameError::Port));
        assert_eq!(HostPort::parse("kms01:", KMS_PORT), Err(NameError::Port));
        for text in ["kms 01", "a..b", "192.0.2.300", "[::1", &"a".repeat(64), "kms/01"] {
            assert!(matches!(HostPort::parse(text, KMS_PORT), Err(NameError::Name | NameError::Port)), "{text}");
        }
    }

    #[test]
    fn a_domain_knows_its_srv_name() {
        assert_eq!("Corp.Example".parse::<DnsName>().unwrap().srv_name(), "_vlmcs._tcp.corp.example");
    }
}
