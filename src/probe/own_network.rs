//! Whether it is this machine that has no network to an address. Nothing is sent to find that out.
//!
//! A client on another machine may well reach it, so what fails for this says nothing of the path. A router that answers
//! for want of a route of its own is another matter: it is asked over a route that this machine has.

use super::system;
use crate::observation::{Failure, Reason, detail};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// What is wrong with this machine's own network to `address`; `None` where the fault is beyond it.
pub(super) fn fault(address: SocketAddr) -> Option<Failure> {
    match source(address) {
        Ok(source) => interfaces::without_link(source)
            .map(|interface| Failure::new(Reason::LocalError, detail!("own-no-link", interface = interface))),
        Err(error) if is_want_of_a_route(&error) => {
            Some(Failure::new(Reason::NoRoute, detail!("own-no-route", address = address.ip())))
        }
        Err(error) => Some(Failure::new(Reason::LocalError, system::fault(&error))),
    }
}

/// Which of its own addresses this machine sends from. Connecting a UDP socket asks the routing table alone.
fn source(address: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    // A record may lead to the address of a whole network, to which there is a route.
    socket.set_broadcast(true)?;
    socket.connect(address)?;
    Ok(socket.local_addr()?.ip())
}

/// The routing table has no route, or one that says that the address is not to be reached: on Linux `unreachable` and
/// `prohibit` routes.
fn is_want_of_a_route(error: &io::Error) -> bool {
    use io::ErrorKind::{HostUnreachable, NetworkUnreachable, PermissionDenied};
    matches!(error.kind(), NetworkUnreachable | HostUnreachable | PermissionDenied)
}

/// Linux keeps the routes over an interface whose cable is pulled, so that the table is not all there is to ask.
#[cfg(unix)]
mod interfaces {
    use nix::ifaddrs::getifaddrs;
    use nix::net::if_::InterfaceFlags;
    use std::net::IpAddr;
    use std::sync::{Mutex, PoisonError};
    use std::time::{Duration, Instant};

    /// How long the list of interfaces is good for: thousands of targets may fail at once.
    const FRESH: Duration = Duration::from_secs(1);

    /// An address of this machine, the interface it is on, and whether that has a link.
    #[derive(Debug, Clone)]
    pub(super) struct Interface {
        pub(super) address: IpAddr,
        pub(super) name: String,
        pub(super) has_link: bool,
    }

    static KNOWN: Mutex<Option<(Instant, Vec<Interface>)>> = Mutex::new(None);

    /// The interface that `source` is on, where none that has it has a link.
    pub(super) fn without_link(source: IpAddr) -> Option<String> {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|(read, _)| read.elapsed() >= FRESH) {
            *known = Some((Instant::now(), read()));
        }
        let (_, interfaces) = known.as_ref()?;
        only_without_link(interfaces, source)
    }

    pub(super) fn only_without_link(interfaces: &[Interface], source: IpAddr) -> Option<String> {
        let mut on = interfaces.iter().filter(|interface| interface.address == source).peekable();
        let name = on.peek()?.name.clone();
        on.all(|interface| !interface.has_link).then_some(name)
    }

    /// Where they cannot be read, none is blamed. On Linux that takes a socket of netlink, which the unit allows.
    fn read() -> Vec<Interface> {
        let addresses = getifaddrs().into_iter().flatten();
        let interface = addresses.filter_map(|entry| {
            let storage = entry.address?;
            let ipv4 = storage.as_sockaddr_in().map(|address| IpAddr::from(address.ip()));
            let ipv6 = storage.as_sockaddr_in6().map(|address| IpAddr::from(address.ip()));
            let has_link = entry.flags.contains(InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING);
            Some(Interface { address: ipv4.or(ipv6)?, name: entry.interface_name, has_link })
        });
        interface.collect()
    }
}

/// Elsewhere the routes over an interface go with its link.
#[cfg(not(unix))]
mod interfaces {
    use std::net::IpAddr;

    pub(super) const fn without_link(_: IpAddr) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_reaches_is_no_fault_of_its_own() {
        assert_eq!(fault((Ipv4Addr::LOCALHOST, 1688).into()), None);
    }

    #[cfg(unix)]
    #[test]
    fn an_address_is_cut_off_where_no_interface_that_has_it_has_a_link() {
        use interfaces::{Interface, only_without_link};
        let address = IpAddr::from([192, 0, 2, 1]);
        let interface = |name: &str, has_link| Interface { address, name: name.to_owned(), has_link };
        let cut_off = |interfaces: &[Interface]| only_without_link(interfaces, address);
        assert_eq!(cut_off(&[interface("eth0", false)]).as_deref(), Some("eth0"));
        assert_eq!(cut_off(&[interface("eth0", false), interface("eth1", true)]), None);
        assert_eq!(cut_off(&[interface("eth0", true)]), None);
        // Whoever has it, nothing is known against it.
        assert_eq!(cut_off(&[]), None);
    }
}
