//! Hosts and domains, by name and by address.

mod address;
mod name;

pub use address::Address;
pub use name::{DnsName, SRV_PREFIX};

use hickory_resolver::proto::rr::Name;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use thiserror::Error;

/// The TCP port a KMS host listens on by default.
pub const KMS_PORT: u16 = 1688;

/// The UDP and TCP port of nameservers.
pub const DNS_PORT: u16 = 53;

/// What is wrong with a name, a host or a port as given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("a name is missing")]
    Empty,
    #[error("a label of the name is empty: a dot leads, or two stand side by side")]
    EmptyLabel,
    /// How long the label is, in bytes.
    #[error("a label of the name has {0} bytes, and DNS takes 63")]
    LongLabel(usize),
    /// How long the name is, in bytes.
    #[error("the name has {0} bytes, and DNS takes 253")]
    LongName(usize),
    /// It divides what people write, or is not to be seen.
    #[error("a name has no {}, unless it is written {}", character(*.0), escape(*.0))]
    Character(char),
    #[error("a `\\` in a name is followed by three digits up to 255, or by a sign that stands for itself")]
    Escape,
    #[error("neither an address nor a name: no name is made of numbers alone")]
    Number,
    #[error("this machine has no network interface of the name behind the `%`")]
    Zone,
    /// Not a port, which is a number from 1 to 65535.
    #[error("not a port: a port is a number from 1 to 65535")]
    Port,
}

/// A character as a person knows it.
pub fn character(character: char) -> String {
    let is_seen = !character.is_whitespace() && crate::words::plain(character) == character;
    if is_seen { format!("`{character}`") } else { format!("U+{:04X}", u32::from(character)) }
}

/// How a character is written that a name has for once.
pub fn escape(character: char) -> String {
    let mut buffer = [0; 4];
    let bytes: Vec<_> = character.encode_utf8(&mut buffer).bytes().map(|byte| format!("\\{byte:03}")).collect();
    format!("`{}`", bytes.concat())
}

/// A host by name or by address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// To be looked up in DNS.
    Name(DnsName),
    /// Needs no lookup.
    Address(Address),
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
        match unbracketed(text).parse() {
            Ok(address) => Ok(Self::Address(address)),
            Err(Some(error)) => Err(error),
            Err(None) => text.parse().map(Self::Name),
        }
    }
}

impl From<&Name> for Host {
    /// What the name in a record leads to: to an address, where somebody wrote one for a name.
    fn from(name: &Name) -> Self {
        let text = name.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(".");
        unbracketed(&text).parse().map_or_else(|_| Self::Name(name.into()), Self::Address)
    }
}

impl Host {
    /// A name without a domain, where it is one.
    pub fn short_name(&self) -> Option<&DnsName> {
        match self {
            Self::Name(name) if !name.has_dot() => Some(name),
            Self::Name(_) | Self::Address(_) => None,
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
        match unbracketed(text).parse::<Address>() {
            Ok(address) => return Ok(Self { host: Host::Address(address), port: default_port }),
            Err(Some(error)) => return Err(error),
            Err(None) => {}
        }
        // What is before a port is named rather than the port, where it is a URL.
        if text.contains('/') {
            return Err(NameError::Character('/'));
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
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten().filter(|port| *port != 0).ok_or(NameError::Port)
}

/// Reads the address of a nameserver, with or without a port: `192.0.2.53`, `[2001:db8::53]:5353`, `fe80::1%eth0`.
/// `None` for a name.
///
/// # Errors
/// [`NameError`] where it is neither.
pub fn parse_nameserver(text: &str) -> Result<Option<SocketAddr>, NameError> {
    Ok(match HostPort::parse(text, DNS_PORT)? {
        HostPort { host: Host::Address(address), port } => Some(address.at(port)),
        HostPort { host: Host::Name(_), .. } => None,
    })
}

impl fmt::Display for HostPort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Name(name) => write!(formatter, "{name}:{}", self.port),
            Host::Address(address) => address.at(self.port).fmt(formatter),
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
            ("bücher.example", "bücher.example:1688"),
            ("kms_01.corp.example:1688", "kms_01.corp.example:1688"),
            ("kms01.corp.example.:1689", "kms01.corp.example:1689"),
            ("fe80::1%7", "[fe80::1%7]:1688"),
            ("[fe80::1%7]:80", "[fe80::1%7]:80"),
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
        for text in ["kms01: 1688", "kms01:+1688", "kms01:1688."] {
            assert_eq!(HostPort::parse(text, KMS_PORT), Err(NameError::Port), "{text}");
        }
        for (text, found) in [
            ("kms 01", ' '),
            ("kms/01", '/'),
            ("http://kms01:1688", '/'),
            ("[::1", '['),
            ("[kms01]", '['),
            ("a:b:1688", ':'),
            ("192.0.2.1%1", '%'),
        ] {
            assert_eq!(HostPort::parse(text, KMS_PORT), Err(NameError::Character(found)), "{text}");
        }
        assert_eq!(HostPort::parse("fe80::1%gone-for-good", KMS_PORT), Err(NameError::Zone));
        assert_eq!(HostPort::parse("fe80::1%0", KMS_PORT), Err(NameError::Zone));
        assert_eq!(HostPort::parse("192.0.2.300", KMS_PORT), Err(NameError::Number));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interface_is_named() {
        let known = HostPort::parse("[fe80::1%lo]:53", KMS_PORT).unwrap();
        assert_eq!(known.to_string(), "[fe80::1%1]:53");
        assert_eq!(HostPort::parse(&known.to_string(), KMS_PORT).unwrap(), known);
        assert_eq!(parse_nameserver("fe80::1%lo").unwrap().unwrap().to_string(), "[fe80::1%1]:53");
    }
}
