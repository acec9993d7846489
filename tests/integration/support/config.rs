//! Configurations with one path, which is called `corp`.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;

/// A round each second, which is as often as there can be one, and verdicts that follow it at once.
pub const EACH_SECOND: &str = "probe: {interval: 1s, timeout: 1s}\nverdict: {failing_rounds: 1, hold: 0s}\n";

/// KMS hosts discovered in `corp.example`, which the nameservers are asked for.
pub fn discovered(nameservers: &[SocketAddr]) -> String {
    format!("paths: [{{name: corp, kms: {{domain: corp.example, nameservers: {}}}}}]\n", list(nameservers))
}

/// The same, with expectations about who is found.
pub fn expecting(hosts: &[&str], nameservers: &[SocketAddr]) -> String {
    format!(
        "paths: [{{name: corp, kms: {{domain: corp.example, expected_hosts: {}, nameservers: {}}}}}]\n",
        list(hosts),
        list(nameservers)
    )
}

/// KMS hosts given as such.
pub fn hosts(hosts: &[impl Display]) -> String {
    format!("paths: [{{name: corp, kms: {{hosts: {}}}}}]\n", list(hosts))
}

/// Time servers. The clocks of the hosts are left alone.
pub fn ntp(servers: &[impl Display]) -> String {
    format!("clock: {{ntp: {}, host_clocks: off}}\n", list(servers))
}

/// Time servers, and the ways in which the clocks of the hosts are read, such as `smb2:1445`.
pub fn clock(ntp: &[SocketAddr], host_clocks: &[String]) -> String {
    format!("clock: {{ntp: {}, host_clocks: {}}}\n", list(ntp), list(host_clocks))
}

/// An online path to endpoints: URLs, or mappings such as `{url: "http://crl.example", role: revocation}`.
pub fn online(endpoints: &[impl Display]) -> Online {
    Online { keys: vec![format!("endpoints: {}", list(endpoints))] }
}

/// An online path to the endpoints of Microsoft.
pub fn online_preset() -> Online {
    Online { keys: vec!["endpoints: microsoft".to_owned()] }
}

/// What is configured of an online path.
#[derive(Clone, Debug)]
pub struct Online {
    keys: Vec<String>,
}

impl Online {
    /// Over these proxies: words, URLs, or mappings such as `{url: "http://127.0.0.1:3128", username: user, ...}`.
    pub fn via(self, proxies: &[impl Display]) -> Self {
        self.with("proxies", list(proxies))
    }

    /// With a file of roots that are trusted as well.
    pub fn trusting(self, roots: impl AsRef<Path>) -> Self {
        self.with("ca_file", format!("\"{}\"", roots.as_ref().display()))
    }

    /// With expectations about who vouches for the endpoints.
    pub fn expecting(self, issuers: &[&str]) -> Self {
        self.with("expected_issuers", list(issuers))
    }

    /// With a nameserver in place of the system's.
    pub fn asking(self, nameserver: SocketAddr) -> Self {
        self.with("nameservers", list(&[nameserver]))
    }

    /// The configuration.
    pub fn text(&self) -> String {
        format!("paths: [{{name: corp, online: {{{}}}}}]\n", self.keys.join(", "))
    }

    fn with(mut self, key: &str, value: impl Display) -> Self {
        self.keys.push(format!("{key}: {value}"));
        self
    }
}

fn list(items: &[impl Display]) -> String {
    let items = items.iter().map(|item| match item.to_string() {
        mapping if mapping.starts_with('{') => mapping,
        text => format!("\"{text}\""),
    });
    let items: Vec<_> = items.collect();
    format!("[{}]", items.join(", "))
}
