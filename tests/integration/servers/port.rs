//! Ports nobody listens on, for servers about to start and for probes that are to be refused.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Mutex, PoisonError};

/// A port free for TCP and UDP on `address`, never handed out twice by this process.
///
/// It is tried and released, so another process may still take it first: starting a server on it is retried.
pub fn free(address: IpAddr) -> u16 {
    static GIVEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);
    let mut guard = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let given = guard.get_or_insert_default();
    for _ in 0..1000 {
        if let Some(port) = release_of_both(address)
            && given.insert(port)
        {
            return port;
        }
    }
    panic!("found no free port on {address}");
}

/// Binds TCP on a port of the kernel's choice, checks UDP on the same one, and lets go of both.
fn release_of_both(address: IpAddr) -> Option<u16> {
    let stream = TcpListener::bind(SocketAddr::new(address, 0))
        .unwrap_or_else(|error| panic!("cannot bind to {address}: {error}"));
    let port = stream.local_addr().ok()?.port();
    UdpSocket::bind(SocketAddr::new(address, port)).ok()?;
    Some(port)
}

/// An address on 127.0.0.1 that refuses connections.
pub fn refusing() -> SocketAddr {
    let address = IpAddr::from([127, 0, 0, 1]);
    SocketAddr::new(address, free(address))
}
