//! When a packet left this machine and when one arrived, as the kernel noted it, where it does.

pub(super) use platform::{ask_for, receive};
use std::time::SystemTime;

/// What the kernel noted of a question and its answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stamps {
    /// When the question left.
    pub(super) departed: Option<SystemTime>,
    /// When the answer arrived.
    pub(super) arrived: Option<SystemTime>,
}

/// Linux hands the time of arrival out beside the packet, and that of departure in the queue of errors (the kernel's
/// documentation calls this `SO_TIMESTAMPING`).
#[cfg(target_os = "linux")]
mod platform {
    use super::Stamps;
    use nix::cmsg_space;
    use nix::sys::socket::{ControlMessageOwned, MsgFlags, TimestampingFlag, Timestamps, recvmsg, setsockopt, sockopt};
    use socket2::{Domain, Socket, Type};
    use std::io::{self, IoSliceMut};
    use std::os::fd::{AsFd, AsRawFd};
    use std::sync::LazyLock;
    use std::time::{Duration, SystemTime};
    use tokio::io::Interest;
    use tokio::net::UdpSocket;

    /// Asks for timestamps of what is sent and received from now on. Where the kernel has none to give, there are none.
    pub(in super::super) fn ask_for(socket: &UdpSocket) {
        // The kernel begins to note arrivals a moment after the first socket asks for it, and ends with the last. So
        // there is one more, which is bound to nothing and receives nothing.
        static KEEPER: LazyLock<Option<Socket>> = LazyLock::new(|| {
            let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).ok()?;
            set(&socket).ok()?;
            Some(socket)
        });
        LazyLock::force(&KEEPER);
        let _ = set(socket);
    }

    fn set(socket: &impl AsFd) -> nix::Result<()> {
        let flags = TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE
            | TimestampingFlag::SOF_TIMESTAMPING_TX_SOFTWARE
            | TimestampingFlag::SOF_TIMESTAMPING_RX_SOFTWARE
            | TimestampingFlag::SOF_TIMESTAMPING_OPT_TSONLY;
        setsockopt(socket, sockopt::Timestamping, &flags)
    }

    /// Receives an answer, with when it arrived and when the question before it left.
    pub(in super::super) async fn receive(socket: &UdpSocket, bytes: &mut [u8]) -> io::Result<(usize, Stamps)> {
        // A closed port is an error only, with nothing to read.
        let interest = Interest::READABLE | Interest::ERROR;
        let answer = socket.async_io(interest, || try_receive(socket, bytes, MsgFlags::empty()));
        let (length, arrived) = answer.await?;
        let departed = try_receive(socket, &mut [], MsgFlags::MSG_ERRQUEUE).ok().and_then(|(_, stamp)| stamp);
        Ok((length, Stamps { departed, arrived }))
    }

    fn try_receive(socket: &UdpSocket, bytes: &mut [u8], from: MsgFlags) -> io::Result<(usize, Option<SystemTime>)> {
        let mut slices = [IoSliceMut::new(bytes)];
        // The queue of errors adds a description of the error, and an address.
        let mut space = cmsg_space!(Timestamps, [u8; 64]);
        let message = recvmsg::<()>(socket.as_raw_fd(), &mut slices, Some(&mut space), from | MsgFlags::MSG_DONTWAIT)?;
        let stamp = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampsns(stamps) => moment(&stamps),
            _ => None,
        });
        Ok((message.bytes, stamp))
    }

    fn moment(stamps: &Timestamps) -> Option<SystemTime> {
        let seconds = u64::try_from(stamps.system.tv_sec()).ok()?;
        let since = Duration::new(seconds, u32::try_from(stamps.system.tv_nsec()).ok()?);
        SystemTime::UNIX_EPOCH.checked_add(since)
    }
}

/// Elsewhere a packet has left when the program sends it, and has arrived when the program reads it.
#[cfg(not(target_os = "linux"))]
mod platform {
    use super::Stamps;
    use std::io;
    use tokio::net::UdpSocket;

    /// More than any answer of a time server takes.
    const MOST: usize = 2048;

    /// Asks for nothing.
    pub(in super::super) fn ask_for(_: &UdpSocket) {}

    /// Receives an answer. What is longer than `bytes` is cut, which Windows reports as an error where the buffer of the
    /// socket is the one that is too small.
    pub(in super::super) async fn receive(socket: &UdpSocket, bytes: &mut [u8]) -> io::Result<(usize, Stamps)> {
        let mut packet = [0; MOST];
        let length = socket.recv(&mut packet).await?.min(bytes.len());
        for (byte, received) in bytes.iter_mut().zip(packet) {
            *byte = received;
        }
        Ok((length, Stamps::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::net::UdpSocket;

    #[tokio::test]
    async fn of_an_answer_with_extension_fields_the_beginning_is_received() {
        let bound = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
        let (server, client) = (bound().await.unwrap(), bound().await.unwrap());
        client.connect(server.local_addr().unwrap()).await.unwrap();
        let answer: Vec<u8> = (0..=255).cycle().take(1100).collect();
        server.send_to(&answer, client.local_addr().unwrap()).await.unwrap();
        let mut bytes = [0; 48];
        let (length, _) = receive(&client, &mut bytes).await.unwrap();
        assert_eq!((length, &bytes[..]), (48, &answer[..48]));
    }
}
