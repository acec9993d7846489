//! Who asks: facts about a connection and its user, which handlers find in the extensions of a request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The other end of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Peer {
    /// The address of the other end; one of IPv4 that arrived over IPv6 as one of IPv4.
    pub(super) fn address(self) -> IpAddr {
        self.0.ip().to_canonical()
    }

    /// True where the other end is this machine itself.
    pub(super) fn is_loopback(self) -> bool {
        self.address().is_loopback()
    }
}

/// The user whom a request is from, once it is proven. Whoever checks users inserts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authenticated(pub(super) Arc<str>);

/// A request that could be read in two ways, which is refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ambiguous;
