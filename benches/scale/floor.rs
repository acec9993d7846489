//! What the system calls of a probe cost by themselves: to connect, send 160 bytes, read the answer and close; to send a
//! datagram from a socket of its own and receive one.

use crate::answerer::{ANSWER, BIND};
use crate::pace::{Pace, processor_time};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// Asks for the SRV record of `_vlmcs._tcp.site0.corp.example`.
const SRV_QUESTION: &[u8] =
    b"\0\x01\x01\0\0\x01\0\0\0\0\0\0\x06_vlmcs\x04_tcp\x05site0\x04corp\x07example\0\0\x21\0\x01";

/// The processor time of one exchange with the targets in turn.
pub(crate) fn exchange_at(pace: Pace, targets: &Arc<[SocketAddr]>) -> Duration {
    processor_time(pace, |number| exchange(targets[number % targets.len()]))
}

async fn exchange(target: SocketAddr) {
    let mut stream = TcpStream::connect(target).await.expect("it takes connections");
    let mut bind = [0; BIND];
    bind.copy_from_slice(gracewatch::wire::rpc::bind());
    stream.write_all(&bind).await.expect("it reads");
    let mut answer = [0; ANSWER];
    stream.read_exact(&mut answer).await.expect("it answers");
}

/// The processor time of one question to a nameserver.
pub(crate) fn question_at(pace: Pace, nameserver: SocketAddr) -> Duration {
    processor_time(pace, move |_| async move {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        socket.send_to(SRV_QUESTION, nameserver).await.expect("it can be sent");
        let mut answer = [0; 1232];
        socket.recv_from(&mut answer).await.expect("it answers");
    })
}
