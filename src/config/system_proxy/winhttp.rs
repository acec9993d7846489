//! The proxy of the machine as `WinHTTP` keeps it in the registry.

use super::exception::Exception;
use super::{Complaint, SystemProxy, with_scheme};
use crate::catalogue::{Message, message};
use crate::wire::reader::{ByteOrder, Reader, TooShort};
use std::sync::Arc;

/// The port where a proxy names none.
const DEFAULT_PORT: u16 = 80;

/// Set where there is a proxy.
const HAS_PROXY: u32 = 2;

/// Where the settings are, and their name.
#[cfg(all(windows, not(test)))]
const KEY: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";
#[cfg(all(windows, not(test)))]
const VALUE: &str = "WinHttpSettings";

/// The settings of this machine; `None` where none were ever made.
#[cfg(all(windows, not(test)))]
pub(super) fn settings() -> Option<Vec<u8>> {
    let value = windows_registry::LOCAL_MACHINE.open(KEY).ok()?.get_value(VALUE).ok()?;
    Some(value.to_vec())
}

/// Reads the settings, as `netsh winhttp set proxy` writes them: five numbers of four bytes, little-endian, with the
/// list of proxies after the fourth and the exceptions after the fifth, each as long as the number before it says. The
/// third has a bit set where there is a proxy.
pub(super) fn read(settings: &[u8]) -> Result<SystemProxy, Complaint> {
    let about = |fault: Message| message!("proxy-of-winhttp", fault = fault);
    let lists = lists(settings).map_err(|TooShort| about(message!("proxy-settings-cut-off")))?;
    let Some((proxies, exceptions)) = lists else { return Ok(SystemProxy::default()) };
    let mut system = SystemProxy { exceptions: patterns(&exceptions), ..SystemProxy::default() };
    for entry in entries(&proxies) {
        let (scheme, address) = entry.split_once('=').unwrap_or(("", entry));
        let proxy = Arc::new(with_scheme(address, DEFAULT_PORT).map_err(|error| about(error.into()))?);
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

/// The list of proxies and that of exceptions; `None` where no proxy is set.
fn lists(settings: &[u8]) -> Result<Option<(String, String)>, TooShort> {
    let mut reader = Reader::new(settings, ByteOrder::Little);
    let (_magic, _serial, flags) = (reader.u32()?, reader.u32()?, reader.u32()?);
    if flags & HAS_PROXY == 0 {
        return Ok(None);
    }
    let mut text = || {
        let length = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
        Ok(String::from_utf8_lossy(reader.take(length)?).into_owned())
    };
    Ok(Some((text()?, text()?)))
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split(|letter: char| letter == ';' || letter.is_whitespace()).filter(|entry| !entry.is_empty())
}

/// The exceptions: patterns, and `<local>`. A name without an asterisk is that one name.
fn patterns(list: &str) -> Vec<Exception> {
    let read = |entry: &str| match entry.to_ascii_lowercase() {
        local if local == "<local>" => Exception::Local,
        pattern => Exception::Pattern(pattern),
    };
    entries(list).map(read).collect()
}

#[cfg(test)]
mod tests {

    use crate::online::Route;
    use crate::online::endpoint::{Endpoint, Role};

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text, Role::Activation, false).unwrap()
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
        let read = |value: &[u8], to: &str| match super::read(value).unwrap().route(&endpoint(to)) {
            Route::Through(proxy) => proxy.to_string(),
            Route::Direct | Route::DirectBySystem => "direct".into(),
        };
        let one = winhttp(3, "proxy.corp.example:8080", "*.corp.example;<local>");
        assert_eq!(read(&one, "https://a.example"), "http://proxy.corp.example:8080");
        assert_eq!(read(&one, "http://a.example"), "http://proxy.corp.example:8080");
        assert_eq!(read(&one, "https://a.corp.example"), "direct");
        let bypasses = |list: &str, to: &str| read(&winhttp(3, "p:1", list), to) == "direct";
        assert!(bypasses("<local>", "https://intranet") && !bypasses("<local>", "https://a.example"));
        assert!(bypasses("x.example\t<LOCAL>", "https://intranet"));
        assert!(bypasses("10.*", "https://10.1.2.3") && bypasses("a*.*le", "https://abc.example"));
        assert!(bypasses("x.example;*.b.example", "https://a.b.example"));
        // Windows takes a name without an asterisk for that one name.
        assert!(
            bypasses("corp.example", "https://corp.example") && !bypasses("corp.example", "https://a.corp.example")
        );
        let two = winhttp(3, "http=one:80;https=other:443", "");
        assert_eq!(read(&two, "http://a.example"), "http://one:80");
        assert_eq!(read(&two, "https://a.example"), "http://other:443");
        assert_eq!(read(&winhttp(3, "proxy", ""), "https://a.example"), "http://proxy:80");
        assert_eq!(read(&winhttp(1, "", ""), "https://a.example"), "direct");
        for length in 12..one.len() {
            assert!(super::read(&one[..length]).is_err(), "{length} bytes");
        }
    }
}
