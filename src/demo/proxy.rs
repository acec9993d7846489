//! A proxy: it tunnels to the endpoints of the demo and nowhere else, whatever name is asked for.

use super::serving::{head, serve};
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The usual port of a proxy.
pub(super) const PORT: u16 = 3128;

/// How the proxy behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Behaviour {
    /// True where it asks for credentials, and takes none.
    pub(super) asks: bool,
    /// True where it answers TLS itself.
    pub(super) intercepts: bool,
}

/// Where tunnels lead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    /// To the endpoint.
    pub(super) endpoint: SocketAddr,
    /// To what answers in its place.
    pub(super) interceptor: SocketAddr,
}

/// Answers without end.
pub(super) async fn run(
    listener: TcpListener,
    behaviour: watch::Receiver<Behaviour>,
    ends: Ends,
    names: &'static [&'static str],
) {
    serve(listener, |stream| answer(stream, *behaviour.borrow(), ends, names)).await;
}

async fn answer(
    mut stream: TcpStream,
    Behaviour { asks, intercepts }: Behaviour,
    ends: Ends,
    names: &'static [&'static str],
) -> io::Result<()> {
    let head = head(&mut stream).await?;
    if asks {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\
                       Proxy-Authenticate: NTLM\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return stream.write_all(refusal.as_bytes()).await;
    }
    let host = head.strip_prefix("CONNECT ").and_then(|rest| rest.split_once(":443 "));
    if !host.is_some_and(|(host, _)| names.contains(&host)) {
        return stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    }
    let mut endpoint = TcpStream::connect(if intercepts { ends.interceptor } else { ends.endpoint }).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut endpoint).await.map(drop)
}
