//! The `tcp` stage: does the host take a connection?

use super::limit::within;
use super::{own_network, system};
use crate::observation::{Failure, Observation, Reason, Stage, detail};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// The number of "permission denied" on Unix. A firewall of this machine is another number, EPERM.
const EACCES: i32 = 13;

/// Connects to `address`. The stream is there where the stage passed.
pub async fn connect(address: SocketAddr, timeout: Duration) -> (Observation, Option<TcpStream>) {
    let begun = Instant::now();
    let connecting = async { TcpStream::connect(address).await.map_err(|error| failure(&error, address)) };
    let silent = || Failure::new(Reason::TimedOut, detail!("no-answer-within", span = timeout));
    let outcome = within(timeout, connecting, || own_network::fault(address).unwrap_or_else(silent)).await;
    let duration = begun.elapsed();
    match outcome {
        Ok(stream) => {
            // What is written in two parts would be held back for a round trip, and that time be taken for the peer's.
            // Where that cannot be had, the times are longer and the rest is as good.
            let _ = stream.set_nodelay(true);
            (Observation::new(Stage::Tcp, Ok(detail!("connected")), duration), Some(stream))
        }
        Err(failure) => (Observation::failed(Stage::Tcp, failure, duration), None),
    }
}

fn failure(error: &io::Error, address: SocketAddr) -> Failure {
    let (reason, seen) = match error.kind() {
        io::ErrorKind::ConnectionRefused => (Reason::Refused, detail!("connection-refused")),
        io::ErrorKind::ConnectionReset => (Reason::Refused, detail!("connection-reset-early")),
        io::ErrorKind::TimedOut => (Reason::TimedOut, detail!("connection-given-up")),
        io::ErrorKind::HostUnreachable => (Reason::Unreachable, detail!("host-unreachable")),
        io::ErrorKind::NetworkUnreachable => (Reason::Unreachable, detail!("network-unreachable")),
        // Linux says so where an ICMPv6 message does: a firewall on the way prohibits the connection.
        io::ErrorKind::PermissionDenied if cfg!(unix) && error.raw_os_error() == Some(EACCES) => {
            (Reason::Unreachable, detail!("connection-prohibited"))
        }
        io::ErrorKind::PermissionDenied => return Failure::new(Reason::LocalError, detail!("own-firewall")),
        _ => return Failure::new(Reason::LocalError, system::fault(error)),
    };
    // Only another machine refuses: to have been answered takes a network.
    let own = if reason == Reason::Refused { None } else { own_network::fault(address) };
    own.unwrap_or_else(|| Failure::new(reason, seen))
}

/// What a connection is to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The answer to a bind.
    Bind,
    Time,
    /// Any other answer.
    Answer,
}

impl Awaited {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Time => "time",
            Self::Answer => "answer",
        }
    }
}

/// Why a connection broke that was made, before it came to what is awaited.
pub(super) fn interruption(error: &io::Error, awaited: Awaited) -> Failure {
    let awaited = awaited.as_str();
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            Failure::new(Reason::Closed, detail!("reset-before", awaited = awaited))
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Failure::new(Reason::Closed, detail!("unreachable-before", awaited = awaited))
        }
        io::ErrorKind::TimedOut => Failure::new(Reason::TimedOut, detail!("connection-timed-out")),
        _ => Failure::new(Reason::LocalError, system::fault(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn what_is_sent_is_not_held_back() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (observation, stream) = connect(listener.local_addr().unwrap(), Duration::from_secs(5)).await;
        assert!(observation.is_ok());
        assert!(stream.unwrap().nodelay().unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn what_this_machine_lacks_is_its_own_fault() {
        let address = (Ipv4Addr::LOCALHOST, 1688).into();
        // EPERM, ENOMEM, ENFILE, EMFILE, EADDRNOTAVAIL, ENETDOWN and ENOBUFS on Linux.
        for number in [1, 12, 23, 24, 99, 100, 105] {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(failure(&error, address).reason, Reason::LocalError, "{error}");
            assert_eq!(interruption(&error, Awaited::Answer).reason, Reason::LocalError, "{error}");
        }
    }
}
