//! The settings of Windows: nameservers of the adapters that are up, and domains in the registry, as policies, people and
//! DHCP set them.

use super::System;
use crate::catalogue::message;
use ipconfig::{OperStatus, get_adapters};
use std::net::{IpAddr, Ipv6Addr};
use windows_registry::LOCAL_MACHINE;

const PARAMETERS: &str = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
const POLICY: &str = r"SOFTWARE\Policies\Microsoft\Windows NT\DNSClient";

/// What Windows names where nobody named a nameserver (draft-ietf-ipv6-dns-discovery-07).
const NOBODY: [u16; 6] = [0xfec0, 0, 0, 0xffff, 0, 0];

pub(super) fn read() -> System {
    let mut system = System::default();
    match get_adapters() {
        Ok(adapters) => {
            for adapter in adapters.iter().filter(|adapter| adapter.oper_status() == OperStatus::IfOperStatusUp) {
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
    // The first that is set counts. A list of policies takes the place of the others.
    let own = first(&[
        (POLICY, "PrimaryDnsSuffix"),
        (PARAMETERS, "Domain"),
        (PARAMETERS, "NV Domain"),
        (PARAMETERS, "DhcpDomain"),
    ]);
    let list = first(&[(POLICY, "SearchList"), (PARAMETERS, "SearchList")]);
    for (text, place) in [own, list].into_iter().flatten() {
        let domains = text.split(|character: char| character == ',' || character == '\0' || character.is_whitespace());
        domains.for_each(|domain| system.add_domain(domain.as_bytes(), place));
    }
    system
}

fn is_nobody(address: IpAddr) -> bool {
    let IpAddr::V6(address) = address else { return false };
    Ipv6Addr::segments(&address).starts_with(&NOBODY)
}

/// The first of these values that is set, and its name.
fn first<'a>(values: &[(&str, &'a str)]) -> Option<(String, &'a str)> {
    values.iter().find_map(|(key, name)| {
        let text = LOCAL_MACHINE.open(key).ok()?.get_string(name).ok()?;
        (!text.trim().is_empty()).then_some((text, *name))
    })
}
