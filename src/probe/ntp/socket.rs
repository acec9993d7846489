//! A UDP socket that knows when a question left and when its answer arrived, also where the program was slow.

use super::timestamps;
use crate::observation::{Failure, Reason, detail};
use crate::probe::system;
use crate::wire::ntp::ServerTimes;
use sntpc::{NtpTimestampGenerator, NtpUdpSocket};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use tokio::net::UdpSocket;

/// A socket for one question to one server.
#[derive(Debug)]
pub(super) struct Socket {
    /// Connected: it receives from no one but the server, and an error where the port is closed.
    inner: UdpSocket,
    server: SocketAddr,
    sent: OnceLock<SystemTime>,
    /// When the question left and the answer arrived, as nearly as is known.
    departed: OnceLock<SystemTime>,
    arrived: OnceLock<SystemTime>,
    /// What the server noted in its answer. The library checks the answer, and cuts all times to microseconds.
    noted: OnceLock<ServerTimes>,
    failed: OnceLock<io::Error>,
}

impl Socket {
    pub(super) async fn connect(server: SocketAddr) -> Result<Self, Failure> {
        let any: SocketAddr = match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let local = |error: io::Error| Failure::new(Reason::LocalError, system::fault(&error));
        let socket = UdpSocket::bind(any).await.map_err(local)?;
        timestamps::ask_for(&socket);
        socket.connect(server).await.map_err(|_| Failure::new(Reason::NoRoute, detail!("time-server-no-route")))?;
        let [sent, departed, arrived] = [const { OnceLock::new() }; 3];
        Ok(Self { inner: socket, server, sent, departed, arrived, noted: OnceLock::new(), failed: OnceLock::new() })
    }

    /// The clock that goes with this socket.
    pub(super) fn clock(&self) -> Clock<'_> {
        Clock { arrived: &self.arrived, now: Duration::ZERO }
    }

    /// The server's clock minus ours, and the time spent there and back, in seconds. `None` where no answer
    /// came.
    pub(super) fn times(&self) -> Option<(f64, f64)> {
        let (departed, arrived) = (*self.departed.get()?, *self.arrived.get()?);
        Some(self.noted.get()?.offset_and_delay(departed.into(), arrived.into()))
    }

    /// What the socket itself failed for, as against what was received.
    pub(super) fn failure(&self) -> Option<Failure> {
        let error = self.failed.get()?;
        Some(match error.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
                Failure::new(Reason::Refused, detail!("time-server-closed"))
            }
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Failure::new(Reason::Unreachable, detail!("time-server-unreachable"))
            }
            _ => Failure::new(Reason::LocalError, system::fault(error)),
        })
    }

    fn network_error(&self, error: io::Error) -> sntpc::Error {
        let _ = self.failed.set(error);
        sntpc::Error::Network
    }
}

impl NtpUdpSocket for Socket {
    async fn send_to(&self, bytes: &[u8], _: SocketAddr) -> sntpc::Result<usize> {
        let _ = self.sent.set(SystemTime::now());
        self.inner.send(bytes).await.map_err(|error| self.network_error(error))
    }

    async fn recv_from(&self, bytes: &mut [u8]) -> sntpc::Result<(usize, SocketAddr)> {
        let received = timestamps::receive(&self.inner, bytes).await;
        let (length, stamps) = received.map_err(|error| self.network_error(error))?;
        let now = SystemTime::now();
        let sent = self.sent.get().copied().unwrap_or(now);
        // A timestamp from before the question or from the future is one of another clock than the one we go by: the
        // time was set meanwhile, or this process is shown another time than the kernel has.
        let of_our_clock = |stamp: &SystemTime| sent <= *stamp && *stamp <= now;
        let arrived = stamps.arrived.filter(of_our_clock).unwrap_or(now);
        let departed = stamps.departed.filter(|stamp| of_our_clock(stamp) && *stamp <= arrived).unwrap_or(sent);
        let _ = self.departed.set(departed);
        let _ = self.arrived.set(arrived);
        let noted = ServerTimes::decode(bytes.get(..length).unwrap_or_default());
        if let Some(times) = noted.ok().filter(|times| times.is_known()) {
            let _ = self.noted.set(times);
        }
        Ok((length, self.server))
    }
}

/// The system's clock for sntpc: when the answer arrived once one has, the present before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock<'a> {
    arrived: &'a OnceLock<SystemTime>,
    now: Duration,
}

impl NtpTimestampGenerator for Clock<'_> {
    fn init(&mut self) {
        let moment = self.arrived.get().copied().unwrap_or_else(SystemTime::now);
        // A clock may be set before 1970, and is wrong then by more than anyone asks.
        self.now = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    }

    fn timestamp_sec(&self) -> u64 {
        self.now.as_secs()
    }

    fn timestamp_subsec_micros(&self) -> u32 {
        self.now.subsec_micros()
    }
}
