//! Configurations with one path, which is called `corp`.

use std::fmt::Display;
use std::net::SocketAddr;

/// A round each second, which is as often as there can be one.
pub const EACH_SECOND: &str = "probe: {interval: 1s, timeout: 1s}\n";

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

fn list(items: &[impl Display]) -> String {
    let items: Vec<_> = items.iter().map(|item| format!("\"{item}\"")).collect();
    format!("[{}]", items.join(", "))
}
