//! Which ports and networks the records of a domain may lead to. Whoever can change DNS, or forge its answers, would
//! otherwise have this machine knock wherever they like.

use super::Resolution;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

/// What the records of a domain may lead to. Hosts that are configured by name or address are not bound by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    ports: Vec<RangeInclusive<u16>>,
    networks: Vec<IpNet>,
    denied: Vec<IpNet>,
    /// The special ranges in which a nameserver is: whoever asks one there means what is there.
    beside: Vec<IpNet>,
}

/// The default ports: below are those of services that are no KMS host.
const PORTS: RangeInclusive<u16> = 1024..=u16::MAX;

/// What no record leads to unless that is allowed by name: this machine, its link, nowhere, everybody, what is reserved
/// (RFC 6890), or where clouds give machines their secrets.
const SPECIAL: [IpNet; 14] = [
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([0, 0, 0, 0], 8),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
    v6(Ipv6Addr::LOCALHOST, 128),
    v6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    v6(Ipv6Addr::UNSPECIFIED, 128),
    v6(Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
    v6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128),
    v6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128),
    v4([168, 63, 129, 16], 32),
    v4([100, 100, 100, 200], 32),
    // Where in it the address of IPv4 is that it leads to, each network decides for itself (RFC 8215).
    v6(Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48),
];

/// Where systemd-resolved listens, which passes on what others say.
const FORWARDERS: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 0, 0, 53), Ipv4Addr::new(127, 0, 0, 54)];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

const fn v6(address: Ipv6Addr, length: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(address, length))
}

impl Allowed {
    /// What is allowed by default, of what these nameservers say.
    pub fn usual(resolution: &Resolution) -> Self {
        Self::new(resolution, None, None, Vec::new())
    }

    /// What is allowed of what these nameservers say: on these ports and in these networks, where any are named, and
    /// not in those that are denied.
    pub fn new(
        resolution: &Resolution,
        ports: Option<Vec<RangeInclusive<u16>>>,
        networks: Option<Vec<IpNet>>,
        denied: Vec<IpNet>,
    ) -> Self {
        let beside = Vec::new();
        let networks = networks.unwrap_or_else(everything);
        let mut allowed = Self { ports: ports.unwrap_or_else(|| vec![PORTS]), networks, denied, beside };
        allowed.set_beside(resolution);
        allowed
    }

    /// Takes these nameservers in place of those before.
    pub fn set_beside(&mut self, resolution: &Resolution) {
        let nameservers = resolution.nameservers.iter().map(|nameserver| nameserver.ip().to_canonical());
        let nameservers: Vec<_> =
            nameservers.filter(|address| !FORWARDERS.iter().any(|forwarder| address == forwarder)).collect();
        let is_beside = |range: &IpNet| nameservers.iter().any(|address| range.contains(address));
        let is_loopback = nameservers.iter().any(IpAddr::is_loopback);
        // Who is on this machine in one family is so in the other.
        let beside =
            SPECIAL.into_iter().filter(|range| is_beside(range) || (is_loopback && range.addr().is_loopback()));
        self.beside = beside.collect();
    }

    /// Whether a record may lead to this port.
    pub fn has_port(&self, port: u16) -> bool {
        self.ports.iter().any(|ports| ports.contains(&port))
    }

    /// Whether a name may lead to this address.
    pub fn has_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.denied.iter().any(|network| covers(network, address)) {
            return false;
        }
        if let Some(inner) = embedded(address)
            && let Some(range) = SPECIAL.iter().find(|range| range.contains(&inner))
        {
            let is_named = |network: &IpNet| {
                *network == IpNet::from(address) || (range.contains(network) && network.contains(&inner))
            };
            if !self.networks.iter().any(is_named) && !self.beside.contains(range) {
                return false;
            }
        }
        match SPECIAL.iter().find(|range| range.contains(&address)) {
            // A network that is wider does not mean what is special in it.
            Some(range) => {
                let is_named = |network: &IpNet| range.contains(network) && network.contains(&address);
                self.networks.iter().any(is_named) || self.beside.contains(range)
            }
            None => self.networks.iter().any(|network| network.contains(&address)),
        }
    }

    /// The line of the configuration that allows these ports as well.
    pub fn line_with_ports(&self, ports: impl Iterator<Item = u16>) -> String {
        let known = self.ports.iter().map(|ports| match (ports.start(), ports.end()) {
            (start, end) if start == end => start.to_string(),
            (start, end) => format!("{start}-{end}"),
        });
        format!("allowed_ports: [{}]", joined(ports.map(|port| port.to_string()).chain(known)))
    }

    /// The line of the configuration that allows this address as well.
    pub fn line_with_address(&self, address: IpAddr) -> String {
        let address = address.to_canonical();
        if self.denied.iter().any(|network| covers(network, address)) {
            let left = self.denied.iter().filter(|network| !covers(network, address));
            return format!("denied_networks: [{}]", joined(left.map(quoted)));
        }
        let networks = self.networks.iter().map(quoted);
        format!("allowed_networks: [{}]", joined(std::iter::once(quoted(&IpNet::from(address))).chain(networks)))
    }
}

/// Whether an address is in a network, or leads there by the one it embeds.
fn covers(network: &IpNet, address: IpAddr) -> bool {
    network.contains(&address) || embedded(address).is_some_and(|inner| network.contains(&inner))
}

/// The address to which one leads by its form: of NAT64 (RFC 6052), of 6to4 (RFC 3056), or one that is compatible (RFC
/// 4291). One that is mapped is the other.
fn embedded(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(address) = address else { return None };
    let [_, b, c, .., g, h] = address.segments();
    let (high, low) = match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => (g, h),
        [0x2002, ..] => (b, c),
        [0, 0, 0, 0, 0, 0, ..] if !address.is_unspecified() && !address.is_loopback() => (g, h),
        _ => return None,
    };
    Some(IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))))
}

fn everything() -> Vec<IpNet> {
    vec![v4([0, 0, 0, 0], 0), v6(Ipv6Addr::UNSPECIFIED, 0)]
}

/// As YAML takes it: a colon would be one of its own.
fn quoted(network: &IpNet) -> String {
    match network {
        IpNet::V4(network) => network.to_string(),
        IpNet::V6(network) => format!("\"{network}\""),
    }
}

fn joined(parts: impl Iterator<Item = impl Display>) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolution(nameservers: &[&str]) -> Resolution {
        let nameservers = nameservers.iter().map(|address| format!("{address}:53").parse().unwrap());
        Resolution { nameservers: nameservers.collect(), ..Resolution::default() }
    }

    fn admits(allowed: &Allowed, address: &str) -> bool {
        allowed.has_address(address.parse().unwrap())
    }

    #[test]
    fn what_is_special_is_left_out_unless_a_nameserver_is_beside_it() {
        let special = [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "169.254.169.254",
            "fe80::1",
            "224.0.0.1",
            "ff02::1",
            "0.0.0.0",
            "::",
            "255.255.255.255",
        ];
        let admitted = |nameserver: &str| -> Vec<&str> {
            let allowed = Allowed::usual(&resolution(&["192.0.2.53", nameserver]));
            assert!(admits(&allowed, "10.0.0.1") && admits(&allowed, "2001:db8::1") && admits(&allowed, "192.0.2.53"));
            special.into_iter().filter(|address| admits(&allowed, address)).collect()
        };
        assert!(admitted("192.0.2.54").is_empty());
        assert_eq!(admitted("127.0.0.1"), ["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
        assert_eq!(admitted("[::1]"), ["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
        assert_eq!(admitted("169.254.1.1"), ["169.254.169.254"]);
        let azure = Allowed::usual(&resolution(&["168.63.129.16"]));
        assert!(admits(&azure, "168.63.129.16"), "a cloud may have its nameserver there");
        assert!(admitted("127.0.0.53").is_empty(), "systemd-resolved passes on what others say");
    }

    #[test]
    fn an_address_that_embeds_another_is_judged_by_that_as_well() {
        let usual = Allowed::usual(&resolution(&["192.0.2.53"]));
        for address in [
            "::127.0.0.1",
            "::169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "240.0.0.1",
            "::ffff:240.0.0.1",
            "64:ff9b::f000:1",
            "0.0.0.1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "168.63.129.16",
            "100.100.100.200",
            "64:ff9b:1::a9fe:a9fe",
            "64:ff9b:1:a9fe:a9:fe00::",
            "64:ff9b::6464:64c8",
        ] {
            assert!(!admits(&usual, address), "{address}");
        }
        for address in ["64:ff9b::a00:1", "2002:a00:1::1", "fd00:ec2::253", "fd00::1", "::10.0.0.1"] {
            assert!(admits(&usual, address), "{address}");
        }
        let network = |text: &str| text.parse::<IpNet>().unwrap();
        let within = |networks: &[&str], denied: &[&str]| {
            let [networks, denied] = [networks, denied].map(|all| all.iter().map(|text| network(text)).collect());
            Allowed::new(&resolution(&["192.0.2.53"]), None, Some(networks), denied)
        };
        assert!(!admits(&within(&["64:ff9b::/96"], &[]), "64:ff9b::7f00:1"), "it is not meant");
        assert!(admits(&within(&["64:ff9b::7f00:1/128"], &[]), "64:ff9b::7f00:1"));
        assert!(admits(&within(&["64:ff9b::/96", "127.0.0.0/8"], &[]), "64:ff9b::7f00:1"));
        let denied = within(&["::/0"], &["10.0.0.0/8"]);
        assert!(!admits(&denied, "64:ff9b::a00:1") && admits(&denied, "64:ff9b::b00:1"));
        assert_eq!(denied.line_with_address("64:ff9b::a00:1".parse().unwrap()), "denied_networks: []");
        let beside = Allowed::usual(&resolution(&["[::1]"]));
        assert!(admits(&beside, "::1") && admits(&beside, "127.0.0.1") && !admits(&beside, "::"));
    }

    #[test]
    fn networks_are_as_configured_and_the_line_allows_what_it_is_for() {
        let network = |text: &str| text.parse::<IpNet>().unwrap();
        let within = |networks: &[&str], denied: &[&str]| {
            let [networks, denied] = [networks, denied].map(|all| all.iter().map(|text| network(text)).collect());
            Allowed::new(&resolution(&["192.0.2.53"]), None, Some(networks), denied)
        };
        let allowed = within(&["10.0.0.0/8", "2001:db8::/32"], &["10.1.0.0/16"]);
        assert!(admits(&allowed, "10.2.0.1") && admits(&allowed, "2001:db8::1"));
        for address in ["10.1.0.1", "192.0.2.1", "127.0.0.1", "2001:db9::1"] {
            assert!(!admits(&allowed, address), "{address}");
        }
        assert!(!admits(&within(&["0.0.0.0/0"], &[]), "127.0.0.1"), "it is not meant");
        assert!(admits(&within(&["0.0.0.0/0", "127.0.0.0/8"], &[]), "127.0.0.1"));

        let line = |address: &str| allowed.line_with_address(address.parse().unwrap());
        assert_eq!(line("10.1.0.1"), "denied_networks: []");
        assert_eq!(line("192.0.2.1"), "allowed_networks: [192.0.2.1/32, 10.0.0.0/8, \"2001:db8::/32\"]");
        assert!(admits(&within(&["192.0.2.1/32", "10.0.0.0/8"], &[]), "192.0.2.1"));
        let usual = Allowed::usual(&resolution(&["192.0.2.53"]));
        let line = usual.line_with_address(IpAddr::V6(Ipv6Addr::LOCALHOST));
        assert_eq!(line, "allowed_networks: [\"::1/128\", 0.0.0.0/0, \"::/0\"]");
        assert!(admits(&within(&["::1/128", "0.0.0.0/0", "::/0"], &[]), "::1"));
    }

    #[test]
    fn ports_begin_where_those_of_other_services_end() {
        let usual = Allowed::usual(&resolution(&["192.0.2.53"]));
        assert!([1024, 1688, 65535].into_iter().all(|port| usual.has_port(port)));
        assert!([1, 22, 135, 443, 1023].into_iter().all(|port| !usual.has_port(port)));
        assert_eq!(usual.line_with_ports([22, 443].into_iter()), "allowed_ports: [22, 443, 1024-65535]");
        let one = Allowed::new(&resolution(&[]), Some(vec![1688..=1688]), None, Vec::new());
        assert!(one.has_port(1688) && !one.has_port(1689));
        assert_eq!(one.line_with_ports([1689].into_iter()), "allowed_ports: [1689, 1688]");
    }
}
