//! A TCP relay that keeps what clients send, to see a server's traffic without the server's word for it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::recording::Recording;

/// How long connections still open are waited for before the recording is read as it is.
const SETTLING: Duration = Duration::from_secs(1);

/// A relay on 127.0.0.1 to one server. Each connection to it becomes one to the server.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    conversations: Mutex<Vec<Conversation>>,
    is_stopping: AtomicBool,
}

/// What one client sent, and whether it may send more.
#[derive(Debug)]
struct Conversation {
    sent: Vec<u8>,
    is_open: bool,
}

impl Relay {
    /// Starts relaying to `server`, on a free port.
    pub fn to(server: SocketAddr) -> Self {
        Self::at(0, server)
    }

    /// The same, on a port of 127.0.0.1.
    pub fn at(port: u16, server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared::default());
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, server, &shared)
        });
        Self { address, shared, accepting: Some(accepting) }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What clients sent so far, once they are done.
    pub fn received(&self) -> Recording {
        let start = Instant::now();
        loop {
            let conversations = self.shared.conversations();
            if conversations.iter().all(|conversation| !conversation.is_open) || start.elapsed() > SETTLING {
                let connections = conversations.iter().map(|conversation| conversation.sent.clone()).collect();
                return Recording { connections };
            }
            drop(conversations);
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
        // The thread sits in accept: one last connection lets it see that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Shared {
    fn conversations(&self) -> MutexGuard<'_, Vec<Conversation>> {
        self.conversations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes clients until it is stopped. Their threads end with their connections.
fn accept(listener: &TcpListener, server: SocketAddr, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.is_stopping.load(Ordering::Relaxed) {
            return;
        }
        let Ok(client) = client else { continue };
        let index = {
            let mut conversations = shared.conversations();
            conversations.push(Conversation { sent: Vec::new(), is_open: true });
            conversations.len() - 1
        };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A connection either side gave up on is over; what was sent before stays recorded.
            let _ = converse(&client, server, &shared, index);
            shared.conversations()[index].is_open = false;
        });
    }
}

/// Carries bytes both ways until both sides are done.
fn converse(client: &TcpStream, server: SocketAddr, shared: &Shared, index: usize) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    thread::scope(|scope| {
        scope.spawn(|| carry(&server, client, |_| {}));
        carry(client, &server, |bytes| shared.conversations()[index].sent.extend_from_slice(bytes));
    });
    Ok(())
}

/// Carries bytes one way, showing them before they are passed on.
fn carry(mut from: &TcpStream, mut to: &TcpStream, mut show: impl FnMut(&[u8])) {
    let mut buffer = [0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        show(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
