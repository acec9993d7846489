//! Names in sentences: of hosts, endpoints and proxies, and how many more there are.

use super::NAMED;
use crate::host;
use crate::online::proxy::Proxy;
use crate::verdict::subject::{Endpoints, Extent, Host};
use crate::words::counted;
use std::fmt::Display;

/// A KMS host with its address. The port is shown once, and an address given as such is shown once.
pub(super) fn host(host: &Host) -> String {
    let name = &host.host;
    match host.address {
        Some(address) if host::Host::Address(address) != name.host => format!("{name} ({address})"),
        _ => name.to_string(),
    }
}

/// The endpoints of a problem: the only one by name, several by how many there are.
pub(super) fn endpoints(endpoints: &Endpoints) -> String {
    endpoints.only().map_or_else(|| counted(endpoints.endpoints.len(), "endpoint"), ToString::to_string)
}

/// The same, with the proxy they are seen through.
pub(super) fn endpoints_through(of: &Endpoints) -> String {
    match of.proxy() {
        Some(proxy) if of.extent != Extent::Any => format!("{} through {proxy}", endpoints(of)),
        _ => endpoints(of),
    }
}

/// A proxy by its name, as the subject of a sentence.
pub(super) fn proxy(proxy: &Proxy) -> String {
    format!("proxy {proxy}")
}

/// A few names, and how many more there are.
pub(super) fn listed<T: Display>(names: &[T]) -> String {
    let mut parts: Vec<_> = names.iter().take(NAMED).map(ToString::to_string).collect();
    if names.len() > NAMED {
        parts.push(format!("{} more", names.len() - NAMED));
    }
    parts.join(", ")
}
