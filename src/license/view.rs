//! What a machine saw itself on its way to its KMS hosts: plain data, as an agent sends it.

use crate::host::HostPort;
use crate::observation::{Reason, Stage};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How many hosts are kept of one machine.
pub const MAX_SEEN: usize = 8;

/// What a machine saw of its own path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct View {
    /// The network it is in.
    pub network: Option<Network>,
    /// Each KMS host by itself; without one, what discovery came to.
    pub seen: Vec<Seen>,
}

/// One KMS host as a machine sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The host; `None` where none was found.
    pub host: Option<HostPort>,
    /// The stage at which it fails, and why; `None` where it passes.
    pub failed: Option<(Stage, Reason)>,
}

/// The network of a machine, as far as its address shows it: 24 bits of an address of IPv4, 64 of one of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network that an address is in; `None` for that of the machine itself, or of its link.
    pub fn of(address: IpAddr) -> Option<Self> {
        let network = match address.to_canonical() {
            IpAddr::V4(ip) if !ip.is_unspecified() && !ip.is_loopback() => {
                let [a, b, c, _] = ip.octets();
                Ipv4Addr::new(a, b, c, 0).into()
            }
            IpAddr::V6(ip) if !ip.is_unspecified() && !ip.is_loopback() && !ip.is_unicast_link_local() => {
                Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into()
            }
            _ => return None,
        };
        Some(Self(network))
    }

    /// Reads what is shown of one.
    pub fn read(text: &str) -> Option<Self> {
        Self::of(text.split('/').next()?.parse().ok()?)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = if self.0.is_ipv4() { 24 } else { 64 };
        write!(formatter, "{}/{length}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_what_an_address_shows_of_it() {
        let of = |text: &str| Network::of(text.parse().unwrap()).map(|network| network.to_string());
        assert_eq!(of("10.2.3.77").as_deref(), Some("10.2.3.0/24"));
        assert_eq!(of("::ffff:10.2.3.77").as_deref(), Some("10.2.3.0/24"));
        assert_eq!(of("2001:db8:1:2:3::4").as_deref(), Some("2001:db8:1:2::/64"));
        assert_eq!([of("127.0.0.1"), of("::1"), of("fe80::1")], [None, None, None]);
        assert_eq!(Network::read("10.2.3.0/24"), Network::of("10.2.3.9".parse().unwrap()));
        assert_eq!(Network::read("corp"), None);
    }
}
