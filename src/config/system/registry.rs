//! The domains in the registry of Windows, as policies, people and DHCP set them.

use super::System;

const PARAMETERS: &str = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
const POLICY: &str = r"SOFTWARE\Policies\Microsoft\Windows NT\DNSClient";
const POLICY_OF_NAME: &str = r"SOFTWARE\Policies\Microsoft\System\DNSClient";

/// Where the machine's own domain is; the first that is set counts. What a policy sets is in force from the next start
/// on, and what DHCP gives takes the place of nothing.
const OWN: [(&str, &str); 6] = [
    (POLICY_OF_NAME, "NV PrimaryDnsSuffix"),
    (POLICY_OF_NAME, "PrimaryDnsSuffix"),
    (POLICY, "PrimaryDnsSuffix"),
    (PARAMETERS, "Domain"),
    (PARAMETERS, "NV Domain"),
    (PARAMETERS, "DhcpDomain"),
];

/// Where the search list is. Windows searches what is in it in place of the domains of its adapters.
const LIST: [(&str, &str); 2] = [(POLICY, "SearchList"), (PARAMETERS, "SearchList")];

impl System {
    /// Adds the domains in the registry: the machine's own, then those of its search list or, where there is none, of
    /// the adapters that are up. `value` looks up a text by its key and its name.
    pub(super) fn add_registered_domains(&mut self, adapters: &[String], value: &dyn Fn(&str, &str) -> Option<String>) {
        let set = |key: &str, name: &str| value(key, name).filter(|text| !text.trim().is_empty());
        let first = |places: &[(&str, &'static str)]| {
            places.iter().find_map(|(key, name)| set(key, name).map(|text| (text, *name)))
        };
        let own = first(&OWN);
        let searched = first(&LIST).map_or_else(
            || {
                let keys = adapters.iter().map(|adapter| format!(r"{PARAMETERS}\Interfaces\{adapter}"));
                let policy = set(POLICY, "AdapterDomainName").map(|text| (text, "AdapterDomainName"));
                let of_adapters = keys.filter_map(|key| {
                    ["Domain", "DhcpDomain"].into_iter().find_map(|name| set(&key, name).map(|text| (text, name)))
                });
                policy.into_iter().chain(of_adapters).collect()
            },
            |list| vec![list],
        );
        for (text, place) in own.into_iter().chain(searched) {
            let domains =
                text.split(|character: char| matches!(character, ',' | ';' | '\0') || character.is_whitespace());
            domains.for_each(|domain| self.add_domain(domain.as_bytes(), place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(values: &[(&str, &str, &str)]) -> Vec<String> {
        let mut system = System::default();
        let value = |key: &str, name: &str| {
            let known = values.iter().find(|(of, named, _)| *of == key && *named == name);
            known.map(|(.., text)| (*text).to_owned())
        };
        system.add_registered_domains(&["{1}".to_owned(), "{2}".to_owned()], &value);
        assert_eq!(system.faults, Vec::new());
        system.domains.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_machine_of_a_domain_has_that() {
        let own = (PARAMETERS, "Domain", "Corp.example");
        assert_eq!(domains(&[own]), ["corp.example"]);
        assert_eq!(domains(&[own, (PARAMETERS, "NV Domain", "next.example")]), ["corp.example"]);
        let policy = (POLICY_OF_NAME, "NV PrimaryDnsSuffix", "policy.example");
        assert_eq!(domains(&[own, policy]), ["policy.example"]);
        // Of a workgroup it is there, and empty.
        let empty = (PARAMETERS, "Domain", "");
        assert_eq!(domains(&[empty, (PARAMETERS, "DhcpDomain", "office.example")]), ["office.example"]);
    }

    #[test]
    fn adapters_are_searched_unless_there_is_a_list() {
        let first =
            (r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{1}", "DhcpDomain", "dhcp.example");
        let second = (r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{2}", "Domain", "vpn.example");
        let own = (PARAMETERS, "Domain", "corp.example");
        assert_eq!(domains(&[own, first, second]), ["corp.example", "dhcp.example", "vpn.example"]);
        let list = (PARAMETERS, "SearchList", "lab.example,corp.example, test.example");
        assert_eq!(domains(&[own, first, list]), ["corp.example", "lab.example", "test.example"]);
        let policy = (POLICY, "SearchList", "set.example");
        assert_eq!(domains(&[own, first, list, policy]), ["corp.example", "set.example"]);
        assert_eq!(domains(&[]), [""; 0]);
    }
}
