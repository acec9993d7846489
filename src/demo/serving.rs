//! What all servers of the company have in common: they listen on loopback, have a bound on connections, and give up on
//! whoever takes too long.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How many connections a server has at once. More wait in the backlog.
const MOST: usize = 64;

/// How long a connection may last.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a server waits that was given no connection for want of something.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest head of a request, in bytes.
const MAX_HEAD: usize = 8192;

/// Listens on the usual port of a protocol, or where that is taken on one that the system chooses.
pub(super) async fn listen(address: Ipv4Addr, usual: u16) -> io::Result<TcpListener> {
    match TcpListener::bind((address, usual)).await {
        Err(_) => TcpListener::bind((address, 0)).await,
        listening => listening,
    }
}

/// Answers connections without end. Once this is dropped all are closed, and so is the port.
pub(super) async fn serve<A>(listener: TcpListener, answer: impl Fn(TcpStream) -> A)
where
    A: Future<Output = io::Result<()>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MOST => match accepted {
                // Whoever hangs up or takes too long is let go.
                Ok((stream, _)) => drop(connections.spawn(timeout(PATIENCE, answer(stream)))),
                Err(_) => sleep(PAUSE).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// Reads the head of an HTTP request.
pub(super) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        if received.len() >= MAX_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // What follows the head is for others to read.
        received.push(stream.read_u8().await?);
    }
    String::from_utf8(received).map_err(|_| io::ErrorKind::InvalidData.into())
}
