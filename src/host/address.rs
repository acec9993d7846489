//! Addresses, with the interface over which one of a link is reached (RFC 4007).

use super::NameError;
use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::str::FromStr;

/// An address of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    ip: IpAddr,
    /// The number of the interface; 0 where none is named.
    zone: u32,
}

impl Address {
    /// The address alone.
    pub const fn ip(self) -> IpAddr {
        self.ip
    }

    /// The same with a port.
    pub const fn at(self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V4(_) => SocketAddr::new(self.ip, port),
            IpAddr::V6(ip) => SocketAddr::V6(SocketAddrV6::new(ip, port, 0, self.zone)),
        }
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        // An IPv4 address in the dress of IPv6 is the same host.
        Self { ip: ip.to_canonical(), zone: 0 }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        let zone = if let SocketAddr::V6(address) = address { address.scope_id() } else { 0 };
        Self { zone, ..address.ip().into() }
    }
}

impl FromStr for Address {
    type Err = Option<NameError>;

    /// Reads `192.0.2.1`, `2001:db8::1` or `fe80::1%eth0`. The error is `None` for what does not look like an address.
    fn from_str(text: &str) -> Result<Self, Option<NameError>> {
        let Some((ip, zone)) = text.split_once('%') else { return text.parse().map(IpAddr::into).map_err(|_| None) };
        match ip.parse() {
            Ok(IpAddr::V6(ip)) => {
                let zone = zone.parse().ok().or_else(|| interface(zone)).filter(|zone| *zone != 0);
                let zone = zone.ok_or(Some(NameError::Zone))?;
                Ok(Self { ip: ip.into(), zone })
            }
            Ok(IpAddr::V4(_)) => Err(Some(NameError::Character('%'))),
            Err(_) => Err(None),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.zone {
            0 => self.ip.fmt(formatter),
            zone => write!(formatter, "{}%{zone}", self.ip),
        }
    }
}

/// The number of an interface of this machine.
#[cfg(unix)]
fn interface(name: &str) -> Option<u32> {
    nix::net::if_::if_nametoindex(name).ok()
}

/// Windows numbers interfaces, and `ipconfig` shows the numbers.
#[cfg(not(unix))]
const fn interface(_: &str) -> Option<u32> {
    None
}
