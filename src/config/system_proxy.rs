//! The proxy this machine is set to: by the environment, as for curl and most programs, or on Windows by the `WinHTTP`
//! settings of the machine, which is what activation goes by.

use crate::online::Route;
use crate::online::endpoint::{Endpoint, Scheme};
use crate::online::proxy::{Proxy, ProxyError};
use crate::path::Host;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// The proxies of a machine, and what is reached without them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SystemProxy {
    http: Option<Arc<Proxy>>,
    https: Option<Arc<Proxy>>,
    exceptions: Vec<Exception>,
}

/// What is reached without a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Exception {
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

/// What is wrong with the settings of this machine.
pub(super) type Complaint = String;

impl SystemProxy {
    /// Reads the settings of this machine.
    ///
    /// # Errors
    /// Where a proxy is named there in a way that cannot be read; it would not be right to go without.
    pub(super) fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Complaint> {
        #[cfg(windows)]
        if let Some(settings) = winhttp::settings() {
            return Self::from_winhttp(&settings);
        }
        Self::from_environment(variable)
    }

    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in lower case first.
    fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Complaint> {
        let set = |names: &[&'static str]| {
            // One that is empty is as good as not set.
            let value = |name| variable(name).filter(|value: &String| !value.trim().is_empty());
            names.iter().find_map(|name| Some((*name, value(name)?)))
        };
        let proxy = |names: &[&'static str]| {
            let Some((name, value)) = set(names) else { return Ok(None) };
            match with_scheme(&value) {
                Ok(proxy) => Ok(Some(Arc::new(proxy))),
                Err(error) => Err(format!("the proxy in the environment variable `{name}`: {error}")),
            }
        };
        let exceptions = set(&["no_proxy", "NO_PROXY"]).map(|(_, value)| exceptions(&value)).unwrap_or_default();
        Ok(Self {
            http: proxy(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])?,
            https: proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?,
            exceptions,
        })
    }

    /// Reads the registry value `WinHttpSettings`, which `netsh winhttp set proxy` writes: five numbers of four bytes,
    /// little-endian, with the list of proxies after the fourth and the exceptions after the fifth, each as long as
    /// the number before it says. The third has bit 1 set where there is a proxy.
    #[cfg(any(windows, test))]
    fn from_winhttp(settings: &[u8]) -> Result<Self, Complaint> {
        use crate::wire::reader::{ByteOrder, Reader, TooShort};

        fn read(settings: &[u8]) -> Result<Option<(String, String)>, TooShort> {
            const HAS_PROXY: u32 = 2;
            let mut reader = Reader::new(settings, ByteOrder::Little);
            let (_size, _serial, flags) = (reader.u32()?, reader.u32()?, reader.u32()?);
            if flags & HAS_PROXY == 0 {
                return Ok(None);
            }
            let mut text = || {
                let length = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
                Ok(String::from_utf8_lossy(reader.take(length)?).into_owned())
            };
            Ok(Some((text()?, text()?)))
        }

        let about = |error: &dyn std::fmt::Display| format!("the WinHTTP proxy of this machine: {error}");
        let Some((list, bypass)) = read(settings).map_err(|error| about(&error))? else { return Ok(Self::default()) };
        let mut system = Self { exceptions: patterns(&bypass), ..Self::default() };
        for entry in list.split([';', ' ']).filter(|entry| !entry.is_empty()) {
            let (scheme, address) = entry.split_once('=').unwrap_or(("", entry));
            let proxy = Arc::new(with_scheme(address).map_err(|error| about(&error))?);
            match scheme {
                "http" => system.http = Some(proxy),
                "https" => system.https = Some(proxy),
                // One for all; those for particular schemes go before it.
                "" => {
                    system.http.get_or_insert_with(|| Arc::clone(&proxy));
                    system.https.get_or_insert(proxy);
                }
                _ => {}
            }
        }
        Ok(system)
    }

    /// The way to an endpoint.
    pub(super) fn route(&self, endpoint: &Endpoint) -> Route {
        let proxy = match endpoint.scheme {
            Scheme::Http => &self.http,
            Scheme::Https => &self.https,
        };
        match proxy {
            Some(proxy) if !self.exceptions.iter().any(|exception| exception.is_for(endpoint)) => {
                Route::Through(Arc::clone(proxy))
            }
            _ => Route::DirectBySystem,
        }
    }
}

/// Reads a proxy that may lack the scheme, and the port, as curl takes them.
fn with_scheme(text: &str) -> Result<Proxy, ProxyError> {
    let text = text.trim().trim_end_matches('/');
    let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    // curl's port where an HTTP proxy names none.
    Proxy::parse(&url).or_else(|error| match error {
        ProxyError::NoPort => Proxy::parse(&format!("{url}:1080")),
        other => Err(other),
    })
}

fn exceptions(list: &str) -> Vec<Exception> {
    let entries = list.split([',', ';', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(Exception::parse).collect()
}

/// The exceptions of Windows: patterns, and `<local>`.
#[cfg(any(windows, test))]
fn patterns(list: &str) -> Vec<Exception> {
    let entries = list.split([';', ' ']).filter(|entry| !entry.is_empty());
    let read = |entry: &str| match entry {
        "<local>" => Exception::Local,
        // Some write a scheme before the host.
        pattern => Exception::Pattern(pattern.rsplit("://").next().unwrap_or_default().to_ascii_lowercase()),
    };
    entries.map(read).collect()
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

    fn is_for(&self, endpoint: &Endpoint) -> bool {
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
            (Self::Block(block, bits), Host::Address(address)) => is_within(*address, *block, *bits),
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

/// Where Windows keeps the proxy of the machine.
#[cfg(windows)]
mod winhttp {
    use windows_registry::LOCAL_MACHINE;

    const KEY: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";

    /// The settings; `None` where none were ever made.
    pub(super) fn settings() -> Option<Vec<u8>> {
        let value = LOCAL_MACHINE.open(KEY).ok()?.get_value("WinHttpSettings").ok()?;
        Some(value.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::online::endpoint::Role;

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text, Role::Activation, false).unwrap()
    }

    /// The way to an endpoint in an environment with these variables.
    fn route(variables: &[(&str, &str)], to: &str) -> String {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        match SystemProxy::read(&variable).unwrap().route(&endpoint(to)) {
            Route::Through(proxy) => proxy.to_string(),
            Route::Direct | Route::DirectBySystem => "direct".into(),
        }
    }

    #[test]
    fn the_environment_is_read_as_other_programs_read_it() {
        let https = [("HTTPS_PROXY", "http://proxy:3128")];
        assert_eq!(route(&https, "https://a.example"), "http://proxy:3128");
        assert_eq!(route(&https, "http://a.example"), "direct");
        assert_eq!(route(&[("https_proxy", "proxy:8080/")], "https://a.example"), "http://proxy:8080");
        assert_eq!(route(&[("https_proxy", "proxy")], "https://a.example"), "http://proxy:1080");
        assert_eq!(route(&[("all_proxy", "socks5h://gw")], "http://a.example"), "socks5h://gw:1080");
        assert_eq!(route(&[("HTTP_PROXY", "http://proxy:1")], "http://a.example"), "http://proxy:1");
        assert_eq!(route(&[("HTTP_PROXY", "http://proxy:1")], "https://a.example"), "direct");
        assert_eq!(route(&[("http_proxy", "http://proxy:1")], "http://a.example"), "http://proxy:1");
        let empty = [("https_proxy", ""), ("HTTPS_PROXY", "http://p:1")];
        assert_eq!(route(&empty, "https://a.example"), "http://p:1");
    }

    #[test]
    fn exceptions_are_made_for_names_ports_and_blocks_of_addresses() {
        let with = |exceptions: &str, to: &str| {
            route(&[("https_proxy", "http://p:1"), ("no_proxy", exceptions)], to) == "direct"
        };
        assert!(with("*", "https://a.example"));
        assert!(with("b.example, a.example", "https://a.example"));
        for domain in ["corp.example", ".corp.example", "*.corp.example", "CORP.example."] {
            assert!(with(domain, "https://a.b.corp.example"), "{domain}");
            assert!(!with(domain, "https://notcorp.example"), "{domain}");
        }
        assert!(with("a.example:8443", "https://a.example:8443") && !with("a.example:8443", "https://a.example"));
        assert!(with("192.0.2.0/24", "https://192.0.2.200") && !with("192.0.2.0/24", "https://192.0.3.1"));
        assert!(with("0.0.0.0/0", "https://192.0.2.1") && with("2001:db8::/32", "https://[2001:db8::1]"));
        assert!(with("[::1]:8443", "https://[::1]:8443") && !with("[::1]:8443", "https://[::1]"));
        assert!(!with("", "https://a.example"));
    }

    #[test]
    fn what_cannot_be_read_is_not_passed_over_and_not_shown() {
        let variable = |name: &str| (name == "HTTPS_PROXY").then(|| "ftp://user:hunter2@proxy".to_owned());
        let complaint = SystemProxy::read(&variable).unwrap_err();
        assert!(complaint.starts_with("the proxy in the environment variable `HTTPS_PROXY`: "), "{complaint}");
        assert!(!complaint.contains("hunter2"), "{complaint}");
    }

    /// The value as `netsh winhttp set proxy` leaves it.
    fn winhttp(flags: u8, proxy: &str, bypass: &str) -> Vec<u8> {
        let mut value = vec![0x28, 0, 0, 0, 0, 0, 0, 0, flags, 0, 0, 0];
        for text in [proxy, bypass] {
            value.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            value.extend(text.as_bytes());
        }
        value
    }

    #[test]
    fn the_proxy_of_winhttp_is_read() {
        let read = |value: &[u8], to: &str| match SystemProxy::from_winhttp(value).unwrap().route(&endpoint(to)) {
            Route::Through(proxy) => proxy.to_string(),
            Route::Direct | Route::DirectBySystem => "direct".into(),
        };
        let one = winhttp(3, "proxy.corp.example:8080", "*.corp.example;<local>");
        assert_eq!(read(&one, "https://a.example"), "http://proxy.corp.example:8080");
        assert_eq!(read(&one, "http://a.example"), "http://proxy.corp.example:8080");
        assert_eq!(read(&one, "https://a.corp.example"), "direct");
        let bypasses = |list: &str, to: &str| read(&winhttp(3, "p:1", list), to) == "direct";
        assert!(bypasses("<local>", "https://intranet") && !bypasses("<local>", "https://a.example"));
        assert!(bypasses("10.*", "https://10.1.2.3") && bypasses("a*.*le", "https://abc.example"));
        assert!(bypasses("x.example;https://*.b.example", "https://a.b.example"));
        // Windows takes a name without an asterisk for that one name.
        assert!(
            bypasses("corp.example", "https://corp.example") && !bypasses("corp.example", "https://a.corp.example")
        );
        let two = winhttp(3, "http=one:80;https=other:443", "");
        assert_eq!(read(&two, "http://a.example"), "http://one:80");
        assert_eq!(read(&two, "https://a.example"), "http://other:443");
        assert_eq!(read(&winhttp(1, "", ""), "https://a.example"), "direct");
        for length in 12..one.len() {
            assert!(SystemProxy::from_winhttp(&one[..length]).is_err(), "{length} bytes");
        }
    }
}
