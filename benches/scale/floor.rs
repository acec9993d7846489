//! What the system calls of a probe cost by themselves: connect, send 160 bytes, read the answer, close.

use crate::answerer::{ANSWER, BIND};
use crate::pace::{Pace, processor_time};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
