//! What this machine is set up with: its nameservers, its DNS domains, and its hosts file.

mod list;
pub mod plain_text;
#[cfg(any(windows, test))]
mod registry;
#[cfg(not(windows))]
mod resolv_conf;
#[cfg(windows)]
mod windows;

use crate::catalogue::Message;
use crate::host::{DNS_PORT, DnsName};
use crate::path::{FileVersion, Resolution};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The DNS settings of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct System {
    /// The nameservers, in the order in which they are asked.
    pub nameservers: Vec<SocketAddr>,
    /// The machine's own domain, then its search domains.
    pub domains: Vec<DnsName>,
    /// The hosts file; `None` where there is none.
    pub hosts_version: Option<FileVersion>,
    /// What of the settings is skipped, and why.
    pub faults: Vec<Message>,
    /// True where they could not be read.
    pub is_unread: bool,
}

impl System {
    /// Reads the settings of this machine: `/etc/resolv.conf`, or the registry on Windows. What cannot be used of them is
    /// skipped. Where they name no nameserver or cannot be read, it is the one on this machine, as for every other
    /// program.
    pub fn read() -> Self {
        #[cfg(not(windows))]
        let mut system = resolv_conf::read();
        #[cfg(windows)]
        let mut system = windows::read();
        if system.nameservers.is_empty() {
            system.nameservers.push((Ipv4Addr::LOCALHOST, DNS_PORT).into());
        }
        system.hosts_version = fs::metadata(hosts_file()).ok().as_ref().map(FileVersion::new);
        system
    }

    /// How programs on this machine resolve names.
    pub fn resolution(&self) -> Resolution {
        Resolution {
            nameservers: self.nameservers.clone(),
            hosts_file: true,
            hosts_version: self.hosts_version,
            search: self.domains.clone(),
            allowed: None,
        }
    }

    /// How names are resolved by these nameservers in place of its own.
    pub fn resolution_by(&self, nameservers: Vec<SocketAddr>) -> Resolution {
        Resolution { nameservers, search: self.domains.clone(), ..Resolution::default() }
    }
}

/// The hosts file of this machine.
#[cfg(not(windows))]
pub fn hosts_file() -> PathBuf {
    "/etc/hosts".into()
}

/// The hosts file of this machine.
#[cfg(windows)]
pub fn hosts_file() -> PathBuf {
    let root = std::env::var_os("SystemRoot").map_or_else(|| r"C:\Windows".into(), PathBuf::from);
    root.join(r"System32\drivers\etc\hosts")
}
