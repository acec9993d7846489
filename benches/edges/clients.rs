//! Clients that connect again and again, each to do what it does.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::sleep;

/// What a busy one asks for, and how often.
const SCRAPE: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: gracewatch\r\nAccept-Encoding: gzip\r\n\r\n";
const PERIOD: Duration = Duration::from_millis(500);

/// How long a slow one takes for each byte, and any one to connect again.
const BYTE: Duration = Duration::from_millis(500);
const AGAIN: Duration = Duration::from_millis(500);

/// All clients, which end with this.
pub(crate) struct Clients {
    runtime: Runtime,
    address: SocketAddr,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Clients {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { runtime: runtime.expect("a runtime"), address, waits: Arc::default() }
    }

    /// Some that connect and say nothing.
    pub(crate) fn idle(&self, count: usize) {
        let address = self.address;
        for _ in 0..count {
            self.runtime.spawn(async move {
                loop {
                    if let Ok(mut stream) = TcpStream::connect(address).await {
                        // However it ends.
                        let _ = stream.read_to_end(&mut Vec::new()).await;
                    }
                    sleep(AGAIN).await;
                }
            });
        }
    }

    /// Some that send a request byte by byte.
    pub(crate) fn slow(&self, count: usize) {
        let address = self.address;
        for _ in 0..count {
            self.runtime.spawn(async move {
                loop {
                    if let Ok(mut stream) = TcpStream::connect(address).await {
                        for byte in SCRAPE {
                            if stream.write_all(&[*byte]).await.is_err() {
                                break;
                            }
                            sleep(BYTE).await;
                        }
                    }
                    sleep(AGAIN).await;
                }
            });
        }
    }

    /// Some that scrape, over a connection that they keep, and connect again at once where it is gone.
    pub(crate) fn busy(&self, count: usize) {
        for _ in 0..count {
            let (address, waits) = (self.address, Arc::clone(&self.waits));
            self.runtime.spawn(async move {
                let mut connection = None;
                loop {
                    let begun = Instant::now();
                    while scrape(address, &mut connection).await.is_none() {
                        connection = None;
                    }
                    waits.lock().expect("nobody panics").push(begun.elapsed());
                    sleep(PERIOD.saturating_sub(begun.elapsed())).await;
                }
            });
        }
    }

    pub(crate) fn forget_waits(&mut self) {
        self.waits.lock().expect("nobody panics").clear();
    }

    /// Within which time 99 of 100 scrapes were answered, reconnecting included.
    pub(crate) fn wait_of_99_in_100(&self) -> Option<Duration> {
        let mut waits = self.waits.lock().expect("nobody panics").clone();
        waits.sort_unstable();
        waits.get(waits.len() * 99 / 100).copied()
    }
}

/// Scrapes once; `None` where the connection is gone, or the answer is not that of a scrape.
async fn scrape(address: SocketAddr, connection: &mut Option<BufReader<TcpStream>>) -> Option<()> {
    if connection.is_none() {
        *connection = Some(BufReader::new(TcpStream::connect(address).await.ok()?));
    }
    let stream = connection.as_mut()?;
    stream.get_mut().write_all(SCRAPE).await.ok()?;
    let (mut length, mut is_answered) = (0, false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        is_answered |= line.starts_with("HTTP/1.1 200");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    is_answered.then_some(())
}
