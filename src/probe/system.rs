//! Why a call to the system failed, as a message of ours: the system's number alone helps nobody.

use crate::observation::{Detail, Value, detail};
use std::io::{self, ErrorKind};

/// What an error of the system means. One that has no sentence here is quoted in one.
pub(super) fn fault(error: &io::Error) -> Detail {
    match error.kind() {
        ErrorKind::ConnectionRefused => detail!("connection-refused"),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            detail!("connection-reset")
        }
        ErrorKind::TimedOut => detail!("connection-timed-out"),
        ErrorKind::HostUnreachable => detail!("host-unreachable"),
        ErrorKind::NetworkUnreachable => detail!("network-unreachable"),
        ErrorKind::UnexpectedEof => detail!("closed-within-answer"),
        ErrorKind::PermissionDenied => detail!("system-permission"),
        ErrorKind::OutOfMemory => detail!("system-memory"),
        ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => detail!("system-no-address"),
        ErrorKind::NetworkDown => detail!("system-network-down"),
        _ => by_number(error).unwrap_or_else(|| {
            let error = error.to_string();
            detail!("system-error", error = Value::quoted(error.split(" (os error").next().unwrap_or_default()))
        }),
    }
}

/// What the standard library has no kind for.
#[cfg(unix)]
fn by_number(error: &io::Error) -> Option<Detail> {
    use nix::libc::{EINVAL, EMFILE, ENFILE, ENOBUFS};
    Some(match error.raw_os_error()? {
        EMFILE | ENFILE => detail!("system-descriptors"),
        ENOBUFS => detail!("system-buffers"),
        // So Linux refuses to connect over a route of the type `blackhole`.
        EINVAL => detail!("system-route-discards"),
        _ => return None,
    })
}

/// The numbers of Windows: `ERROR_TOO_MANY_OPEN_FILES` and `WSAEMFILE`, and `WSAENOBUFS`.
#[cfg(not(unix))]
fn by_number(error: &io::Error) -> Option<Detail> {
    Some(match error.raw_os_error()? {
        4 | 10_024 => detail!("system-descriptors"),
        10_055 => detail!("system-buffers"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_the_system_is_shown() {
        for number in (1..134).chain(10_004..10_113) {
            let words = fault(&io::Error::from_raw_os_error(number)).to_string();
            assert!(!words.contains("os error"), "{number}: {words}");
        }
        let words = |number| fault(&io::Error::from_raw_os_error(number)).to_string();
        // EMFILE and ENFILE, and what Windows has for them.
        let numbers = if cfg!(windows) { [4, 10_024] } else { [23, 24] };
        assert_eq!(numbers.map(words), ["too many open files"; 2]);
    }
}
