//! What records in DNS may lead to, from raw to checked.

use super::Check;
use crate::catalogue::{Message, message};
use crate::config::error::Fault;
use crate::config::raw::{RawKms, Text};
use crate::host::parse_port;
use crate::path::{Allowed, Resolution};
use ipnet::IpNet;
use serde_saphyr::Spanned;
use std::net::IpAddr;
use std::ops::RangeInclusive;

impl Check<'_> {
    pub(super) fn allowed(&self, kms: &RawKms, resolution: &Resolution) -> Result<Allowed, Fault> {
        let keys = [
            ("allowed_ports", &kms.allowed_ports),
            ("allowed_networks", &kms.allowed_networks),
            ("denied_networks", &kms.denied_networks),
        ];
        for (key, list) in keys.into_iter().filter_map(|(key, list)| Some((key, list.as_ref()?))) {
            if kms.hosts.is_some() {
                return Err(Fault::at(list.referenced, message!("config-with-domain", key = key)));
            }
            if list.value.is_empty() && key != "denied_networks" {
                return Err(Fault::at(list.referenced, message!("config-nothing-listed", key = key)));
            }
        }
        let networks = |list: &Spanned<Vec<Text>>| self.parse_all(&list.value, network);
        let ports = kms.allowed_ports.as_ref().map(|list| self.parse_all(&list.value, ports)).transpose()?;
        let allowed = kms.allowed_networks.as_ref().map(networks).transpose()?;
        let denied = kms.denied_networks.as_ref().map(networks).transpose()?.unwrap_or_default();
        Ok(Allowed::new(resolution, ports, allowed, denied))
    }
}

/// Reads `1688` or `1024-65535`.
fn ports(text: &str) -> Result<RangeInclusive<u16>, Message> {
    let port = |text: &str| parse_port(text.trim()).map_err(Message::from);
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (port(first)?, port(last)?),
        None => (port(text)?, port(text)?),
    };
    if first <= last { Ok(first..=last) } else { Err(message!("config-range-reversed")) }
}

/// Reads `10.0.0.0/8`, or an address, which is a network of its own.
pub(super) fn network(text: &str) -> Result<IpNet, Message> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map(|network: IpNet| network.trunc()).map_err(|_| message!("config-network"))
}
