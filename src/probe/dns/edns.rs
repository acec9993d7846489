//! Which nameservers know no EDNS (RFC 6891), and are asked without for a while.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a nameserver is asked without EDNS before it is asked with it again: it may have been replaced, and where it
/// was silent, datagrams may have been lost.
pub(super) const KEPT: Duration = Duration::from_mins(15);

/// The most nameservers that are remembered. One more takes the place of the one that would be forgotten first.
pub const MAX_REMEMBERED: usize = 256;

static KNOWN: LazyLock<WithoutEdns> = LazyLock::new(WithoutEdns::default);

/// The nameservers of all paths: what one of them found counts for the others.
pub(super) fn known() -> &'static WithoutEdns {
    &KNOWN
}

/// How many nameservers are asked without EDNS.
pub fn remembered() -> usize {
    known().count(Instant::now())
}

/// The nameservers that are asked without EDNS, and until when.
#[derive(Debug, Default)]
pub(super) struct WithoutEdns(Mutex<HashMap<SocketAddr, Instant>>);

impl WithoutEdns {
    /// Whether a nameserver is asked without EDNS.
    pub(super) fn has(&self, nameserver: SocketAddr, now: Instant) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&nameserver).is_some_and(|until| now < *until)
    }

    /// Remembers that a nameserver answers without EDNS alone.
    pub(super) fn note(&self, nameserver: SocketAddr, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, until| now < *until);
        if known.len() >= MAX_REMEMBERED && !known.contains_key(&nameserver) {
            let first = known.iter().min_by_key(|(_, until)| **until).map(|(nameserver, _)| *nameserver);
            first.and_then(|first| known.remove(&first));
        }
        known.insert(nameserver, now + KEPT);
    }

    fn count(&self, now: Instant) -> usize {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().filter(|until| now < **until).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nameserver(number: u16) -> SocketAddr {
        ([192, 0, 2, 53], number).into()
    }

    #[test]
    fn a_nameserver_is_forgotten_after_a_while_and_no_more_than_so_many_are_remembered() {
        let (known, begun) = (WithoutEdns::default(), Instant::now());
        known.note(nameserver(53), begun);
        assert!(known.has(nameserver(53), begun) && !known.has(nameserver(54), begun));
        assert!(known.has(nameserver(53), begun + KEPT - Duration::from_nanos(1)));
        assert!(!known.has(nameserver(53), begun + KEPT));
        for number in 1000..2000 {
            known.note(nameserver(number), begun + Duration::from_secs(1));
        }
        assert_eq!(known.count(begun), MAX_REMEMBERED);
        assert!(!known.has(nameserver(53), begun) && known.has(nameserver(1999), begun));
    }
}
