//! The KMS host that a license names.

use super::product_key;
use crate::host::{Host, HostPort};

/// Reads the host that a license names, with or without a port. A whole product key looks like the name of a host, also
/// in letters of full width, which names have in their plain form; it is none.
pub fn parse_kms_host(text: &str, default_port: u16) -> Option<HostPort> {
    let is_key = |text: &str| product_key::cut(text) != text;
    let host = HostPort::parse(text.trim(), default_port).ok()?;
    let plain = match &host.host {
        Host::Name(name) => name.international().unwrap_or_else(|| name.clone()).to_string(),
        Host::Address(_) => String::new(),
    };
    (!is_key(text) && !is_key(&plain)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_and_a_product_key_is_none() {
        let read = |text| parse_kms_host(text, 1688).map(|host| host.to_string());
        assert_eq!(read(" KMS01.corp.example:1689 ").as_deref(), Some("kms01.corp.example:1689"));
        assert_eq!(read("192.0.2.10").as_deref(), Some("192.0.2.10:1688"));
        for text in [
            "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
            "aaaaa-bbbbb-ccccc-ddddd-eeeee:1688",
            "\u{ff21}AAAA-BBBBB-CCCCC-DDDDD-EEEEE",
            "a b",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
