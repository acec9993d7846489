//! A UDP socket that knows when an answer arrived, also where the program was slow to fetch it.

use crate::observation::{Failure, Reason};
use sntpc::{NtpTimestampGenerator, NtpUdpSocket};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use tokio::net::UdpSocket;

/// A socket for one question to one server.
#[derive(Debug)]
pub(super) struct Socket {
    /// Connected: it hears no one but the server, and hears of it where the port is closed.
    socket: UdpSocket,
    server: SocketAddr,
    sent: OnceLock<SystemTime>,
    received: OnceLock<SystemTime>,
    failed: OnceLock<io::ErrorKind>,
}

impl Socket {
    pub(super) async fn connect(server: SocketAddr) -> Result<Self, Failure> {
        let any: SocketAddr = match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let local = |error: io::Error| Failure::new(Reason::LocalError, error.to_string());
        let socket = UdpSocket::bind(any).await.map_err(local)?;
        platform::ask_for_timestamps(&socket).map_err(local)?;
        socket.connect(server).await.map_err(|_| Failure::new(Reason::NoRoute, "no route to the time server"))?;
        let [sent, received] = [const { OnceLock::new() }; 2];
        Ok(Self { socket, server, sent, received, failed: OnceLock::new() })
    }

    /// The clock that goes with this socket.
    pub(super) fn clock(&self) -> Clock<'_> {
        Clock { received: &self.received, now: Duration::ZERO }
    }

    /// What the socket itself failed for, as against what was received.
    pub(super) fn failure(&self) -> Option<Failure> {
        Some(match self.failed.get()? {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
                Failure::new(Reason::Refused, "nothing listens on the time server's port")
            }
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Failure::new(Reason::Unreachable, "the time server is unreachable")
            }
            other => Failure::new(Reason::LocalError, other.to_string()),
        })
    }

    fn network_error(&self, error: &io::Error) -> sntpc::Error {
        let _ = self.failed.set(error.kind());
        sntpc::Error::Network
    }
}

impl NtpUdpSocket for Socket {
    async fn send_to(&self, bytes: &[u8], _: SocketAddr) -> sntpc::Result<usize> {
        let _ = self.sent.set(SystemTime::now());
        self.socket.send(bytes).await.map_err(|error| self.network_error(&error))
    }

    async fn recv_from(&self, bytes: &mut [u8]) -> sntpc::Result<(usize, SocketAddr)> {
        let received = platform::receive(&self.socket, bytes).await;
        let (length, arrived) = received.map_err(|error| self.network_error(&error))?;
        let now = SystemTime::now();
        // A timestamp from before the question or from the future is one of another clock than the one we go by: the
        // time was set meanwhile, or this process is shown another time than the kernel has.
        let arrived = arrived.filter(|arrived| self.sent.get().is_some_and(|sent| sent <= arrived) && *arrived <= now);
        let _ = self.received.set(arrived.unwrap_or(now));
        Ok((length, self.server))
    }
}

/// The system's clock for sntpc: when the answer arrived once one has, the present before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock<'a> {
    received: &'a OnceLock<SystemTime>,
    now: Duration,
}

impl NtpTimestampGenerator for Clock<'_> {
    fn init(&mut self) {
        let moment = self.received.get().copied().unwrap_or_else(SystemTime::now);
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

/// Linux notes when a packet arrived, and hands that out beside it.
#[cfg(target_os = "linux")]
mod platform {
    use nix::cmsg_space;
    use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
    use nix::sys::time::TimeSpec;
    use std::io::{self, IoSliceMut};
    use std::os::fd::AsRawFd;
    use std::time::{Duration, SystemTime};
    use tokio::io::Interest;
    use tokio::net::UdpSocket;

    pub(super) fn ask_for_timestamps(socket: &UdpSocket) -> io::Result<()> {
        Ok(setsockopt(socket, sockopt::ReceiveTimestampns, &true)?)
    }

    pub(super) async fn receive(socket: &UdpSocket, bytes: &mut [u8]) -> io::Result<(usize, Option<SystemTime>)> {
        socket.async_io(Interest::READABLE, || try_receive(socket, bytes)).await
    }

    fn try_receive(socket: &UdpSocket, bytes: &mut [u8]) -> io::Result<(usize, Option<SystemTime>)> {
        let mut slices = [IoSliceMut::new(bytes)];
        let mut space = cmsg_space!(TimeSpec);
        let message = recvmsg::<()>(socket.as_raw_fd(), &mut slices, Some(&mut space), MsgFlags::MSG_DONTWAIT)?;
        let arrived = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(time) => moment(time),
            _ => None,
        });
        Ok((message.bytes, arrived))
    }

    fn moment(time: TimeSpec) -> Option<SystemTime> {
        let since = Duration::new(u64::try_from(time.tv_sec()).ok()?, u32::try_from(time.tv_nsec()).ok()?);
        SystemTime::UNIX_EPOCH.checked_add(since)
    }
}

/// Elsewhere a packet has arrived when the program hears of it.
#[cfg(not(target_os = "linux"))]
mod platform {
    use std::io;
    use std::time::SystemTime;
    use tokio::net::UdpSocket;

    #[expect(clippy::unnecessary_wraps, reason = "elsewhere this can fail")]
    pub(super) fn ask_for_timestamps(_: &UdpSocket) -> io::Result<()> {
        Ok(())
    }

    pub(super) async fn receive(socket: &UdpSocket, bytes: &mut [u8]) -> io::Result<(usize, Option<SystemTime>)> {
        Ok((socket.recv(bytes).await?, None))
    }
}
