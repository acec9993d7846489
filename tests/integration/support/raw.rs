//! HTTP by hand, for what a proper client never does.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer, its body as it was sent.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a field, whose name is given in small letters.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().filter_map(|line| line.split_once(": ")).find(|(own, _)| *own == name).map(|(_, value)| value)
    }
}

impl Connection {
    /// Connects, and says nothing.
    pub fn open(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).expect("the daemon listens"))
    }

    /// Over a connection there is.
    pub fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit can be set");
        Self { stream, received: Vec::new() }
    }

    /// Sends text as it is. That the other end is gone shows when it is read.
    pub fn send(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes());
    }

    /// Sends a request without a body.
    pub fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: gracewatch\r\n\r\n"));
    }

    /// The next answer; `None` where the connection ends before it is complete.
    pub fn answer(&mut self) -> Option<Answer> {
        let end = loop {
            match self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                Some(end) => break end,
                None => self.receive()?,
            }
        };
        let head = String::from_utf8_lossy(&self.received[..end]).to_ascii_lowercase();
        self.received.drain(..end + 4);
        let status =
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status follows the version");
        let mut answer = Answer { status, head, body: Vec::new() };
        let length = answer.field("content-length").map_or(0, |length| length.parse().expect("a length is a number"));
        while self.received.len() < length {
            self.receive()?;
        }
        answer.body = self.received.drain(..length).collect();
        Some(answer)
    }

    /// The answer that comes without anything being asked, if one comes soon.
    pub fn answer_at_once(&mut self) -> Option<Answer> {
        for _ in 0..20 {
            if !self.is_open() {
                return self.answer();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// The connection itself.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    fn receive(&mut self) -> Option<()> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => None,
            Ok(length) => {
                self.received.extend_from_slice(&buffer[..length]);
                Some(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("nothing comes for {PATIENCE:?}")
            }
            Err(_) => None,
        }
    }

    /// How long it takes until the other end closes it, whatever that sends meanwhile.
    pub fn wait_until_closed(&mut self, limit: Duration) -> Duration {
        let begun = Instant::now();
        self.stream.set_read_timeout(Some(limit)).expect("a time limit can be set");
        while self.receive().is_some() {}
        begun.elapsed()
    }

    /// True while the other end has neither closed it nor sent anything.
    pub fn is_open(&self) -> bool {
        self.stream.set_nonblocking(true).expect("it can be set");
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).expect("it can be set");
        peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}
