//! What is reached without the proxy of the machine.

use crate::host::Host;
use crate::online::endpoint::Endpoint;
use std::net::IpAddr;
use std::str::FromStr;

/// What is reached without a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exception {
    Everything,
    /// A host and all below it: `corp.example`, `.corp.example`, `*.corp.example`; one port of it where that is named.
    Domain(String, Option<u16>),
    /// A name without a dot.
    #[cfg(any(windows, test))]
    Local,
    /// A block of addresses, in which so many bits are fixed.
    Block(IpAddr, u8),
    /// What matches a pattern with asterisks for anything, as Windows has them.
    #[cfg(any(windows, test))]
    Pattern(String),
}

/// The exceptions in `NO_PROXY`.
pub(super) fn exceptions(list: &str) -> Vec<Exception> {
    let entries = list.split([',', ';', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(Exception::parse).collect()
}

impl Exception {
    fn parse(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        if text == "*" {
            return Self::Everything;
        }
        if let Some(block) = block(&text) {
            return block;
        }
        let (host, port) = match text.rsplit_once(':').map(|(host, port)| (host, port.parse().ok())) {
            Some((host, Some(port))) => (host.trim_start_matches('[').trim_end_matches(']'), Some(port)),
            _ => (text.as_str(), None),
        };
        Self::Domain(host.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.').to_owned(), port)
    }

    pub(super) fn is_for(&self, endpoint: &Endpoint) -> bool {
        match (self, &endpoint.host.host) {
            (Self::Everything, _) => true,
            #[cfg(any(windows, test))]
            (Self::Local, Host::Name(name)) => !name.has_dot(),
            #[cfg(any(windows, test))]
            (Self::Local, Host::Address(_)) => false,
            #[cfg(any(windows, test))]
            (Self::Pattern(pattern), host) => matches_pattern(pattern, &host.to_string()),
            (Self::Domain(domain, port), host) => {
                let host = host.to_string();
                let below =
                    host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                !domain.is_empty() && below && port.is_none_or(|port| port == endpoint.host.port)
            }
            (Self::Block(block, bits), Host::Address(address)) => is_within(address.ip(), *block, *bits),
            (Self::Block(..), Host::Name(_)) => false,
        }
    }
}

/// Whether a host is what a pattern says, in which an asterisk stands for anything.
#[cfg(any(windows, test))]
fn matches_pattern(pattern: &str, host: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| host.strip_prefix(start)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// An address, or a block of them: `192.0.2.0/24`.
fn block(text: &str) -> Option<Exception> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address = IpAddr::from_str(address.trim_start_matches('[').trim_end_matches(']')).ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    Some(Exception::Block(address, bits.unwrap_or(all).min(all)))
}

fn is_within(address: IpAddr, block: IpAddr, bits: u8) -> bool {
    // The bits that are not fixed are shifted out; a shift by all of them leaves nothing to differ.
    match (address, block) {
        (IpAddr::V4(address), IpAddr::V4(block)) => {
            let differing = address.to_bits() ^ block.to_bits();
            differing.checked_shr(32 - u32::from(bits)).unwrap_or_default() == 0
        }
        (IpAddr::V6(address), IpAddr::V6(block)) => {
            let differing = address.to_bits() ^ block.to_bits();
            differing.checked_shr(128 - u32::from(bits)).unwrap_or_default() == 0
        }
        _ => false,
    }
}
