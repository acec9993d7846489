//! SOCKS5 (RFC 1928) with user name and password (RFC 1929): what a client says, and what it is answered.
//!
//! Every answer has a length that is known from its first bytes. It is read to there and no further: what follows may
//! be the first bytes from the other end of the tunnel.

use crate::host::{Host, HostPort};
use crate::observation::{Detail, detail};
use std::net::IpAddr;

const VERSION: u8 = 5;
const CONNECT: u8 = 1;

/// The version of the messages with a user name and password (RFC 1929 section 2).
const LOGIN_VERSION: u8 = 1;

const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// The first message, which offers one method (section 3).
pub const fn greeting(method: Method) -> [u8; 3] {
    [VERSION, 1, method as u8]
}

/// How a proxy wants to be logged in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    None = 0,
    /// With a user name and password.
    Password = 2,
    /// By no method that was offered.
    NoneOfOurs = 0xff,
}

/// Why bytes are no answer of a SOCKS5 proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSocks5 {
    /// Another version, or none at all.
    Version(u8),
    /// A method to log in that was not offered and is not known here.
    Method(u8),
    /// An address of no known kind.
    AddressKind(u8),
}

impl NotSocks5 {
    /// What is wrong with it.
    pub fn detail(self) -> Detail {
        match self {
            Self::Version(version) => detail!("socks-version", version = version),
            Self::Method(method) => detail!("socks-method", method = method),
            Self::AddressKind(kind) => detail!("socks-address-kind", kind = kind),
        }
    }
}

/// Reads the answer to [`greeting`] (section 3).
///
/// # Errors
/// [`NotSocks5`] where it is no such answer.
pub const fn method([version, method]: [u8; 2]) -> Result<Method, NotSocks5> {
    match (version, method) {
        (VERSION, 0) => Ok(Method::None),
        (VERSION, 2) => Ok(Method::Password),
        (VERSION, 0xff) => Ok(Method::NoneOfOurs),
        (VERSION, other) => Err(NotSocks5::Method(other)),
        (other, _) => Err(NotSocks5::Version(other)),
    }
}

/// The message with user name and password (RFC 1929 section 2). `None` where one of them is empty or longer than 255
/// bytes.
pub fn login(username: &str, password: &str) -> Option<Vec<u8>> {
    let mut message = vec![LOGIN_VERSION];
    for text in [username, password] {
        message.push(u8::try_from(text.len()).ok().filter(|length| *length > 0)?);
        message.extend(text.as_bytes());
    }
    Some(message)
}

/// Whether the answer to [`login`] lets us in. Its version is not looked at: some proxies give another.
pub const fn is_accepted([_version, status]: [u8; 2]) -> bool {
    status == 0
}

/// The request for a tunnel (section 4). `None` for a name longer than 255 bytes, which no DNS name is.
pub fn connect(target: &HostPort) -> Option<Vec<u8>> {
    let mut message = vec![VERSION, CONNECT, 0];
    match &target.host {
        Host::Address(address) => match address.ip() {
            IpAddr::V4(address) => {
                message.push(IPV4);
                message.extend(address.octets());
            }
            IpAddr::V6(address) => {
                message.push(IPV6);
                message.extend(address.octets());
            }
        },
        Host::Name(name) => {
            message.extend([NAME, u8::try_from(name.as_str().len()).ok()?]);
            message.extend(name.as_str().as_bytes());
        }
    }
    message.extend(target.port.to_be_bytes());
    Some(message)
}

/// How long the first part of the answer to [`connect`] is: up to the first byte of the address.
pub const REPLY_START: usize = 5;

/// What a proxy answers to [`connect`] (section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The reply field; zero where there is a tunnel.
    pub code: u8,
    /// How many bytes of the answer follow its first part.
    pub rest: usize,
}

impl Reply {
    /// Reads the first part of the answer.
    ///
    /// # Errors
    /// [`NotSocks5`] where it is none.
    pub fn decode([version, code, _, kind, first]: [u8; REPLY_START]) -> Result<Self, NotSocks5> {
        if version != VERSION {
            return Err(NotSocks5::Version(version));
        }
        // The address, less its first byte, and the port.
        let rest = match kind {
            IPV4 => 4 - 1 + 2,
            IPV6 => 16 - 1 + 2,
            NAME => usize::from(first) + 2,
            // Where there is no tunnel some proxies leave the rest of the answer empty.
            _ if code != 0 => 0,
            other => return Err(NotSocks5::AddressKind(other)),
        };
        Ok(Self { code, rest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HostPort;

    fn target(text: &str) -> HostPort {
        HostPort::parse(text, 443).unwrap()
    }

    #[test]
    fn requests_are_encoded_as_the_specification_has_them() {
        assert_eq!([greeting(Method::None), greeting(Method::Password)], [[5, 1, 0], [5, 1, 2]]);
        assert_eq!(connect(&target("127.0.0.1:443")).unwrap(), [5, 1, 0, 1, 127, 0, 0, 1, 1, 0xbb]);
        assert_eq!(connect(&target("a.example:80")).unwrap(), b"\x05\x01\x00\x03\x09a.example\x00\x50");
        let ipv6 = connect(&target("[::1]:443")).unwrap();
        assert_eq!((ipv6.len(), &ipv6[..4], &ipv6[19..]), (22, [5, 1, 0, 4].as_slice(), [1, 1, 0xbb].as_slice()));
        assert_eq!(login("user", "secret").unwrap(), b"\x01\x04user\x06secret");
        assert_eq!((login("", "x"), login("x", ""), login(&"x".repeat(256), "x")), (None, None, None));
    }

    #[test]
    fn methods_are_distinguished() {
        assert_eq!(method([5, 0]), Ok(Method::None));
        assert_eq!(method([5, 2]), Ok(Method::Password));
        assert_eq!(method([5, 255]), Ok(Method::NoneOfOurs));
        assert_eq!(method([5, 1]), Err(NotSocks5::Method(1)));
        assert_eq!(method([4, 0]), Err(NotSocks5::Version(4)));
        assert_eq!(method(*b"HT"), Err(NotSocks5::Version(b'H')));
    }

    #[test]
    fn a_reply_says_how_long_it_is() {
        assert_eq!(Reply::decode([5, 0, 0, 1, 127]), Ok(Reply { code: 0, rest: 5 }));
        assert_eq!(Reply::decode([5, 4, 0, 3, 9]), Ok(Reply { code: 4, rest: 11 }));
        assert_eq!(Reply::decode([5, 5, 0, 4, 0]), Ok(Reply { code: 5, rest: 17 }));
        assert_eq!(Reply::decode([5, 1, 0, 0, 0]), Ok(Reply { code: 1, rest: 0 }));
        assert_eq!(Reply::decode([5, 0, 0, 2, 0]), Err(NotSocks5::AddressKind(2)));
        assert_eq!(Reply::decode([4, 90, 0, 0, 0]), Err(NotSocks5::Version(4)));
    }
}
