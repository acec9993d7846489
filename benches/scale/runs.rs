//! The program at scale: many addresses on one path, many paths, many names and many domains whose answers are good for no
//! time at all, each at one rate whatever their number.

use crate::daemon::{Daemon, Measured};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

/// For how long it is measured.
const WHILE: Duration = Duration::from_secs(12);

/// How long it runs before, so that the rush of the first round is over.
const SETTLE: Duration = Duration::from_secs(2);

/// What there is so many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Addresses on one path.
    Addresses,
    /// Paths of one address each.
    Paths,
    /// Names on one path.
    Names,
    /// Domains on one path, each with one host.
    Domains,
}

/// What was measured of one size.
pub(crate) struct Run {
    pub(crate) measured: Measured,
    pub(crate) first_round: Duration,
    pub(crate) resident: f64,
    pub(crate) page: (Duration, usize),
}

impl Run {
    /// The processor time of one probe of TCP and RPC, with what is looked up for it.
    pub(crate) fn probe(&self) -> Duration {
        self.measured.each(self.measured.probes)
    }

    /// The processor time of one lookup, where a probe takes so long.
    pub(crate) fn lookup(&self, probe: Duration) -> Duration {
        let probes = probe.mul_f64(self.measured.probes);
        self.measured.processor.saturating_sub(probes).div_f64(self.measured.lookups)
    }
}

impl Scale {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Addresses => "addresses on one path",
            Self::Paths => "paths of one address",
            Self::Names => "names on one path, TTL 0",
            Self::Domains => "domains on one path, TTL 0",
        }
    }

    /// Runs the program over so many, each once an interval.
    pub(crate) fn run(self, targets: &[SocketAddr], nameserver: SocketAddr, interval: Duration) -> Run {
        let daemon = Daemon::start(&self.configuration(targets, nameserver, interval));
        std::thread::sleep(SETTLE);
        let measured = daemon.measure(WHILE);
        let (page, resident) = (daemon.page(), daemon.resident());
        Run { measured, first_round: daemon.first_round, resident, page }
    }

    fn configuration(self, targets: &[SocketAddr], nameserver: SocketAddr, interval: Duration) -> String {
        let count = targets.len();
        let paths = match self {
            Self::Addresses => format!("[{{name: corp, kms: {{hosts: [{}]}}}}]", list(targets)),
            Self::Paths => {
                let path = |(number, at)| format!("{{name: path{number:05}, kms: {{hosts: [\"{at}\"]}}}}");
                format!("[{}]", targets.iter().enumerate().map(path).collect::<Vec<_>>().join(", "))
            }
            Self::Names => {
                let port = targets.first().map_or(0, SocketAddr::port);
                let names: Vec<_> = (0..count).map(|number| format!("kms{number}.corp.example:{port}")).collect();
                format!("[{{name: corp, kms: {{hosts: [{}], nameservers: [\"{nameserver}\"]}}}}]", list(&names))
            }
            Self::Domains => {
                let domains: Vec<_> = (0..count).map(|number| format!("site{number}.corp.example")).collect();
                format!("[{{name: corp, kms: {{domain: [{}], nameservers: [\"{nameserver}\"]}}}}]", list(&domains))
            }
        };
        let mut text = format!("paths: {paths}\nclock: {{ntp: [], host_clocks: off}}\n");
        // Writing to a string does not fail.
        let _ = writeln!(text, "probe: {{interval: {}ms, timeout: 1s}}", interval.as_millis());
        text
    }
}

fn list(items: &[impl ToString]) -> String {
    items.iter().map(|item| format!("\"{}\"", item.to_string())).collect::<Vec<_>>().join(", ")
}
