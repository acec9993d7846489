//! Answers the bind on port 1688 as a Windows server does, and closes. It never answers anything else.

use socket2::{Domain, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The length of our bind in bytes.
pub(crate) const BIND: usize = 160;

/// What a server answers that takes NDR32 and rejects the rest: its length in bytes.
pub(crate) const ANSWER: usize = 108;

/// The kind of PDU that a bind is (C706 12.6.4.3), and where that is.
const PACKET_BIND: (usize, u8) = (2, 11);

/// Hosts that answer binds.
pub(crate) struct Kms;

impl Kms {
    /// As many addresses that answer. They share one listener, which takes connections to all of 127.0.0.0/8 and from
    /// nowhere else.
    pub(crate) fn start(count: usize) -> Vec<SocketAddr> {
        let listener = listen();
        let port = listener.local_addr().expect("it is bound").port();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("it does not block");
                loop {
                    // Whoever goes away before it is accepted is nobody's loss.
                    if let Ok((stream, _)) = listener.accept().await {
                        tokio::spawn(answer(stream));
                    }
                }
            });
        });
        // From 127.1.0.0 on: nobody else is there.
        let first = u32::from(Ipv4Addr::new(127, 1, 0, 0));
        let last = first + u32::try_from(count).expect("fewer than there are addresses");
        (first..last).map(|address| SocketAddr::from((Ipv4Addr::from(address), port))).collect()
    }
}

fn listen() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind_device(Some(b"lo")).expect("loopback is called lo, and this runs as root");
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into()).expect("a free port");
    socket.listen(4096).expect("it can listen");
    socket.set_nonblocking(true).expect("it need not block");
    socket.into()
}

async fn answer(mut stream: TcpStream) {
    let mut bind = [0; BIND];
    let (kind, expected) = PACKET_BIND;
    // A client that goes away early is closed as well.
    if stream.read_exact(&mut bind).await.is_ok() && bind[kind] == expected {
        let _ = stream.write_all(&bind_ack()).await;
    }
}

/// NDR32 is accepted, and the other two syntaxes are not.
fn bind_ack() -> [u8; ANSWER] {
    let mut pdu = [0; ANSWER];
    let head = b"\x05\x00\x0c\x03\x10\x00\x00\x00\x6c\x00\x00\x00\r\n\r\n\
                 \xd0\x16\xd0\x16\x34\x12\x00\x00\x05\x001688\x00\x00\x03\x00\x00\x00";
    pdu[..head.len()].copy_from_slice(head);
    for (context, result) in pdu[head.len()..].chunks_exact_mut(24).zip([0, 2, 2]) {
        context[..4].copy_from_slice(&[result, 0, 1, 0]);
    }
    pdu
}
