//! What may be probed over HTTP: whoever asks would otherwise have this machine knock wherever they like.

use super::tokens::patterns::{Patterns, is_pattern, is_wild};
use crate::catalogue::{Message, message};
use crate::host::{Host, parse_port};
use crate::path::{Allowed, Resolution};
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::Arc;

/// Below this port are services that are neither a KMS host nor an endpoint, such as mail.
const FIRST_FREE_PORT: u16 = 1024;

/// What may be probed: nothing by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProbeTargets {
    pub(super) patterns: Arc<[Pattern]>,
    /// The networks to which names may lead; `None` for all but this machine, its link, multicast and cloud metadata.
    pub(super) networks: Option<Arc<[IpNet]>>,
}

/// One pattern of hosts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    written: Box<str>,
    hosts: Patterns,
    is_exact: bool,
    port: Option<u16>,
}

/// A host that is to be probed.
#[derive(Debug, Clone, Copy)]
pub struct ProbeTarget<'a> {
    pub host: &'a Host,
    pub port: u16,
    /// The ports below 1024 at which hosts of this kind are.
    pub usual_ports: &'a [u16],
}

impl Pattern {
    /// Reads `kms01.corp.example`, `*.corp.example`, `192.0.2.1:1688` or `[2001:db8::1]:1688`.
    pub(super) fn parse(text: &str) -> Result<Self, Message> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None if text.parse::<IpAddr>().is_ok() => (text, None),
            None => text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical().to_string());
        if address.is_none() && !is_pattern(host) || text.contains('/') {
            return Err(message!("config-probe-target"));
        }
        let port = port.map(|port| parse_port(port).map_err(Message::from)).transpose()?;
        let hosts = Patterns::new([address.as_deref().unwrap_or(host)]);
        Ok(Self { written: text.into(), hosts, is_exact: !is_wild(host), port })
    }
}

impl ProbeTargets {
    /// Whether a host may be probed. An address that is special, as those of this machine are, has to be named.
    pub fn admit(&self, target: ProbeTarget<'_>) -> bool {
        let ProbeTarget { host, port, usual_ports } = target;
        let name = match host {
            Host::Address(address) => address.ip().to_canonical().to_string(),
            Host::Name(name) => name.as_str().to_lowercase(),
        };
        let is_usual = port >= FIRST_FREE_PORT || usual_ports.contains(&port);
        let is_special = match host {
            Host::Address(address) => !self.allowed(&Resolution::default()).has_address(address.ip()),
            Host::Name(_) => false,
        };
        self.patterns.iter().any(|pattern| {
            pattern.hosts.match_name(&name)
                && pattern.port.map_or(is_usual, |named| named == port)
                && (pattern.is_exact || !is_special)
        })
    }

    /// Where names may lead that these nameservers resolve.
    pub fn allowed(&self, resolution: &Resolution) -> Allowed {
        let networks = self.networks.as_ref().map(|networks| networks.to_vec());
        Allowed::new(resolution, None, networks, Vec::new())
    }

    /// The line of the configuration that lets a host be probed as well.
    pub fn line_with(&self, target: ProbeTarget<'_>) -> String {
        let ProbeTarget { host, port, usual_ports } = target;
        let is_usual = port >= FIRST_FREE_PORT || usual_ports.contains(&port);
        let added = match (host, is_usual) {
            (host, true) => host.to_string(),
            (Host::Address(address), false) if address.ip().is_ipv6() => format!("[{address}]:{port}"),
            (host, false) => format!("{host}:{port}"),
        };
        let known = self.patterns.iter().map(|pattern| pattern.written.to_string());
        let all: Vec<_> = std::iter::once(added).chain(known).map(|text| format!("\"{text}\"")).collect();
        format!("probe_targets: [{}]", all.join(", "))
    }

    /// The line of the configuration that lets names lead to an address as well.
    pub fn line_with_address(&self, resolution: &Resolution, address: IpAddr) -> String {
        let line = self.allowed(resolution).line_with_address(address);
        line.replacen("allowed_networks", "probe_networks", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(patterns: &[&str], networks: Option<&[&str]>) -> ProbeTargets {
        let patterns = patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        let networks = networks.map(|texts| texts.iter().map(|text| text.parse().unwrap()).collect());
        ProbeTargets { patterns, networks }
    }

    fn admit(targets: &ProbeTargets, host: &str, port: u16) -> bool {
        targets.admit(ProbeTarget { host: &host.parse().unwrap(), port, usual_ports: &[80, 443] })
    }

    #[test]
    fn nothing_is_probed_unless_a_pattern_lets_it() {
        assert!(!admit(&ProbeTargets::default(), "kms01.corp.example", 1688));
        let known = targets(&["*.corp.example", "kms09.lab.example:22", "192.0.2.7", "[2001:db8::7]:1688"], None);
        let cases = [
            ("KMS01.corp.example", 1688, true),
            ("corp.example", 1688, false),
            ("kms01.corp.example.evil.example", 1688, false),
            ("www.corp.example", 443, true),
            ("mail.corp.example", 25, false),
            ("kms09.lab.example", 22, true),
            ("kms09.lab.example", 1688, false),
            ("192.0.2.7", 1688, true),
            ("::ffff:192.0.2.7", 1688, true),
            ("192.0.2.8", 1688, false),
            ("2001:db8::7", 1688, true),
            ("2001:db8::7", 1689, false),
        ];
        for (host, port, expected) in cases {
            assert_eq!(admit(&known, host, port), expected, "{host}:{port}");
        }
    }

    #[test]
    fn an_address_that_is_special_has_to_be_named() {
        let special = ["127.0.0.1", "::1", "169.254.169.254", "224.0.0.1", "0.0.0.0"];
        for host in special {
            assert!(!admit(&targets(&["*"], None), host, 1688), "{host}");
            assert!(admit(&targets(&[host], None), host, 1688), "{host}");
        }
        assert!(admit(&targets(&["*"], None), "10.0.0.1", 1688));
        assert!(admit(&targets(&["*"], Some(&["127.0.0.0/8"])), "127.0.0.1", 1688));
    }

    #[test]
    fn the_line_to_add_has_what_is_there_already() {
        let known = targets(&["*.corp.example"], None);
        let line =
            |host: &str, port| known.line_with(ProbeTarget { host: &host.parse().unwrap(), port, usual_ports: &[443] });
        assert_eq!(line("kms01", 1688), r#"probe_targets: ["kms01", "*.corp.example"]"#);
        assert_eq!(line("mail.corp.example", 25), r#"probe_targets: ["mail.corp.example:25", "*.corp.example"]"#);
        assert_eq!(line("2001:db8::1", 25), r#"probe_targets: ["[2001:db8::1]:25", "*.corp.example"]"#);
        let line = known.line_with_address(&Resolution::default(), [127, 0, 0, 1].into());
        assert_eq!(line, r#"probe_networks: [127.0.0.1/32, 0.0.0.0/0, "::/0"]"#);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "a b", "https://a.example", "a.example:", "a.example:x", "a:0", "[::1", "<script>"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
