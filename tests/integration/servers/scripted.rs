//! Listeners that behave as no real server would, for what real servers cannot be made to do.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A TCP listener on 127.0.0.1 that treats every client the same way.
#[derive(Debug)]
pub struct Scripted {
    address: SocketAddr,
    is_stopping: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Scripted {
    /// Accepts and never says a word.
    pub fn silent() -> Self {
        Self::start(Some)
    }

    /// Accepts and closes.
    pub fn closing() -> Self {
        Self::start(|_| None)
    }

    /// Accepts, writes the chunks one by one with a pause after each, and closes.
    pub fn writing(chunks: &[&[u8]], pause: Duration) -> Self {
        let chunks = owned(chunks);
        Self::start(move |client| {
            write(&client, &chunks, pause);
            None
        })
    }

    /// Accepts, writes the chunks one by one with a pause after each, and keeps the connection open.
    pub fn writing_without_end(chunks: &[&[u8]], pause: Duration) -> Self {
        let chunks = owned(chunks);
        Self::start(move |client| {
            write(&client, &chunks, pause);
            Some(client)
        })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs `treat` on each client in turn; the connections it hands back stay open as long as the listener.
    fn start(treat: impl Fn(TcpStream) -> Option<TcpStream> + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("127.0.0.1 has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let is_stopping = Arc::new(AtomicBool::new(false));
        let accepting = thread::spawn({
            let is_stopping = Arc::clone(&is_stopping);
            move || {
                let mut kept = Vec::new();
                for client in listener.incoming().flatten() {
                    if is_stopping.load(Ordering::Relaxed) {
                        return;
                    }
                    kept.extend(treat(client));
                }
            }
        });
        Self { address, is_stopping, accepting: Some(accepting) }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        // The thread sits in accept: one last connection lets it see that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn owned(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
    chunks.iter().map(|chunk| chunk.to_vec()).collect()
}

fn write(mut client: &TcpStream, chunks: &[Vec<u8>], pause: Duration) {
    // Without this the kernel may join small chunks into one segment.
    let _ = client.set_nodelay(true);
    for chunk in chunks {
        if client.write_all(chunk).is_err() {
            // The client has had enough, which is for the test to notice on its side.
            return;
        }
        thread::sleep(pause);
    }
}
