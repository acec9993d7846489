//! The settings of Windows: nameservers of the adapters that are up, and domains in the registry, as policies, people and
//! DHCP set them.

use super::System;
use crate::catalogue::message;
use ipconfig::{OperStatus, get_adapters};
use std::net::{IpAddr, Ipv6Addr};
use windows_registry::LOCAL_MACHINE;

/// What Windows names where nobody named a nameserver (draft-ietf-ipv6-dns-discovery-07).
const NOBODY: [u16; 6] = [0xfec0, 0, 0, 0xffff, 0, 0];

pub(super) fn read() -> System {
    let (mut system, mut adapters) = (System::default(), Vec::new());
    match get_adapters() {
        Ok(all) => {
            for adapter in all.iter().filter(|adapter| adapter.oper_status() == OperStatus::IfOperStatusUp) {
                adapters.push(adapter.adapter_name().to_owned());
                for address in adapter.dns_servers().iter().filter(|address| !is_nobody(**address)) {
                    let text = match address {
                        IpAddr::V6(link) if link.is_unicast_link_local() => {
                            format!("{link}%{}", adapter.ipv6_if_index())
                        }
                        other => other.to_string(),
                    };
                    system.add_nameserver(&text, adapter.friendly_name());
                }
            }
        }
        Err(error) => {
            system.is_unread = true;
            system.skip("GetAdaptersAddresses", "DNS", message!("file-unreadable", error = error.to_string()));
        }
    }
    let value = |key: &str, name: &str| LOCAL_MACHINE.open(key).ok()?.get_string(name).ok();
    system.add_registered_domains(&adapters, &value);
    system
}

fn is_nobody(address: IpAddr) -> bool {
    let IpAddr::V6(address) = address else { return false };
    Ipv6Addr::segments(&address).starts_with(&NOBODY)
}
