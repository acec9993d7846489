//! Listeners that behave as no real server would, for what real servers cannot be made to do.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::place::Place;

/// How long a client that says nothing is listened to.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a conversation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The listener closes, once it has read all it was to read.
    Close,
    /// The listener says nothing more and keeps the connection open.
    Silence,
    /// Once the client has spoken again, the connection is reset.
    Reset,
}

/// A TCP listener that treats every client the same way. It is on 127.0.0.1 by default.
#[derive(Debug)]
pub struct Scripted {
    place: Place,
    address: SocketAddr,
    is_stopping: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Scripted {
    /// Accepts and never says a word.
    pub fn silent() -> Self {
        Self::silent_at(&Place::loopback())
    }

    /// The same, anywhere.
    pub fn silent_at(place: &Place) -> Self {
        Self::start(place, Some)
    }

    /// Accepts and closes.
    pub fn closing() -> Self {
        Self::closing_at(&Place::loopback())
    }

    /// The same, anywhere.
    pub fn closing_at(place: &Place) -> Self {
        Self::start(place, |_| None)
    }

    /// Accepts, writes the chunks one by one with a pause after each, and closes.
    pub fn writing(chunks: &[&[u8]], pause: Duration) -> Self {
        let chunks = owned(chunks);
        Self::start(&Place::loopback(), move |client| {
            write(&client, &chunks, pause);
            None
        })
    }

    /// Accepts, writes the chunks one by one with a pause after each, and keeps the connection open.
    pub fn writing_without_end(chunks: &[&[u8]], pause: Duration) -> Self {
        let chunks = owned(chunks);
        Self::start(&Place::loopback(), move |client| {
            write(&client, &chunks, pause);
            Some(client)
        })
    }

    /// Accepts and converses: each time the client has said something, it gets the next of these answers. What belongs
    /// together, the client has to send at once.
    ///
    /// A proxy of any kind is played like this: one answer to CONNECT, or one to each message of SOCKS, and in it
    /// whatever is to come glued to it. Without answers, `end` is all there is to say to whatever the client says
    /// first.
    pub fn answering(answers: &[&[u8]], end: End) -> Self {
        Self::answering_at(&Place::loopback(), answers, end)
    }

    /// The same, anywhere.
    pub fn answering_at(place: &Place, answers: &[&[u8]], end: End) -> Self {
        let answers = owned(answers);
        Self::start(place, move |mut client| {
            converse(&mut client, &answers)?;
            match end {
                End::Close => None,
                End::Silence => Some(client),
                End::Reset => {
                    // Closed with something unread, a connection is reset.
                    let _ = client.peek(&mut [0]);
                    None
                }
            }
        })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs `treat` on each client in turn; the connections it hands back stay open as long as the listener.
    fn start(place: &Place, treat: impl Fn(TcpStream) -> Option<TcpStream> + Send + 'static) -> Self {
        let wanted = place.address();
        let listener = place
            .run(|| TcpListener::bind(wanted))
            .unwrap_or_else(|error| panic!("nobody can listen on {wanted}: {error}"));
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
        Self { place: place.clone(), address, is_stopping, accepting: Some(accepting) }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        // The thread sits in accept: one last connection lets it see that it is over.
        let _ = self.place.run(|| TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn owned(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
    chunks.iter().map(|chunk| chunk.to_vec()).collect()
}

/// Answers whatever the client says, one answer a time; nothing comes back if the client left before the last.
fn converse(client: &mut TcpStream, answers: &[Vec<u8>]) -> Option<()> {
    let _ = client.set_read_timeout(Some(PATIENCE));
    let mut question = vec![0; 65_535];
    for answer in answers {
        let length = client.read(&mut question).ok()?;
        if length == 0 {
            return None;
        }
        client.write_all(answer).ok()?;
    }
    Some(())
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
