//! One question to one nameserver: over UDP and, where the answer is truncated, over TCP.

use crate::wire::dns::{MAX_DATAGRAM, Question};
use hickory_resolver::proto::op::Message;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

/// How often a question is sent over UDP, at equal intervals: one datagram may be lost, or its answer.
const SENDINGS: u32 = 4;

/// Why a nameserver gave no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The time was up.
    TimedOut,
    /// What it sent is no message.
    Malformed(String),
    /// A system call failed.
    Io(io::Error),
    /// It is cut off over UDP, and there is no answer over TCP.
    CutOff,
}

impl From<io::Error> for NoAnswer {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Asks, and takes the whole answer.
///
/// # Errors
/// [`NoAnswer`] where there is none within `timeout`.
pub(super) async fn exchange(
    nameserver: SocketAddr,
    question: &Question,
    timeout: Duration,
) -> Result<Message, NoAnswer> {
    let begun = Instant::now();
    let answer = over_udp(nameserver, question, timeout).await?;
    if !answer.truncation {
        return Ok(answer);
    }
    // Where this process was stopped meanwhile, there is still time for a connection.
    let end = (begun + timeout).max(Instant::now() + timeout / SENDINGS);
    match timeout_at(end, over_tcp(nameserver, question)).await {
        Err(_) | Ok(Err(NoAnswer::TimedOut)) => Err(NoAnswer::CutOff),
        Ok(Err(NoAnswer::Io(error))) if is_closed(&error) => Err(NoAnswer::CutOff),
        Ok(answer) => answer,
    }
}

/// True where it is the nameserver, or what is before it, that takes no connection, or no question over one.
fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable, TimedOut,
        UnexpectedEof,
    };
    matches!(
        error.kind(),
        ConnectionRefused
            | ConnectionReset
            | ConnectionAborted
            | HostUnreachable
            | NetworkUnreachable
            | TimedOut
            | UnexpectedEof
    )
}

async fn over_udp(nameserver: SocketAddr, question: &Question, timeout: Duration) -> Result<Message, NoAnswer> {
    let any: IpAddr = if nameserver.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // Each question has a port of its own, which the system takes at random.
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    for _ in 0..SENDINGS {
        socket.send_to(question.bytes(), nameserver).await?;
        // From when it was sent, however long that took: each has its time.
        let until = Instant::now() + timeout / SENDINGS;
        if let Ok(answer) = timeout_at(until, receive(&socket, nameserver, question)).await {
            return answer;
        }
    }
    Err(NoAnswer::TimedOut)
}

/// Waits for the answer, and skips whatever else arrives.
async fn receive(socket: &UdpSocket, nameserver: SocketAddr, question: &Question) -> Result<Message, NoAnswer> {
    let mut received = Vec::with_capacity(MAX_DATAGRAM.into());
    loop {
        received.clear();
        let (_, source) = socket.recv_buf_from(&mut received).await?;
        // The address alone: an IPv6 address also comes with the interface.
        if (source.ip().to_canonical(), source.port()) != (nameserver.ip().to_canonical(), nameserver.port()) {
            continue;
        }
        if let Some(answer) = read(question, &received)? {
            return Ok(answer);
        }
    }
}

/// Asks over a connection, where a message follows its length (RFC 1035, section 4.2.2).
async fn over_tcp(nameserver: SocketAddr, question: &Question) -> Result<Message, NoAnswer> {
    let mut stream = TcpStream::connect(nameserver).await?;
    let length = u16::try_from(question.bytes().len()).unwrap_or(u16::MAX);
    stream.write_all(&[&length.to_be_bytes(), question.bytes()].concat()).await?;
    loop {
        let mut received = vec![0; stream.read_u16().await?.into()];
        stream.read_exact(&mut received).await?;
        if let Some(answer) = read(question, &received)? {
            return Ok(answer);
        }
    }
}

fn read(question: &Question, received: &[u8]) -> Result<Option<Message>, NoAnswer> {
    question.answer(received).map_err(|error| NoAnswer::Malformed(error.to_string()))
}
