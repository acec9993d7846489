//! The proxies that the environment names.

use super::exception::exceptions;
use super::{Complaint, SystemProxy, with_scheme};
use crate::catalogue::{Message, message};
use std::sync::Arc;

/// curl's port where an HTTP proxy names none.
const DEFAULT_PORT: u16 = 1080;

/// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in lower case first.
pub(super) fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<SystemProxy, Complaint> {
    let set = |names: &[&'static str]| {
        // One that is empty is as good as not set.
        let value = |name| variable(name).filter(|value: &String| !value.trim().is_empty());
        names.iter().find_map(|name| Some((*name, value(name)?)))
    };
    let proxy = |names: &[&'static str]| {
        let Some((name, value)) = set(names) else { return Ok(None) };
        match with_scheme(&value, DEFAULT_PORT) {
            Ok(proxy) => Ok(Some(Arc::new(proxy))),
            Err(error) => Err(message!("proxy-of-environment", name = name, fault = Message::from(error))),
        }
    };
    let exceptions = set(&["no_proxy", "NO_PROXY"]).map(|(_, value)| exceptions(&value)).unwrap_or_default();
    Ok(SystemProxy {
        http: proxy(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])?,
        https: proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?,
        exceptions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::online::Route;
    use crate::online::endpoint::{Endpoint, Role};

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text, Role::Activation, false).unwrap()
    }

    /// The path to an endpoint in an environment with these variables.
    fn route(variables: &[(&str, &str)], to: &str) -> String {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        match read(&variable).unwrap().route(&endpoint(to)) {
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
        let complaint = read(&variable).unwrap_err().to_string();
        assert!(complaint.starts_with("the proxy in the environment variable `HTTPS_PROXY`: "), "{complaint}");
        assert!(!complaint.contains("hunter2"), "{complaint}");
    }
}
