//! Connections beyond the limits: answered with the reason where that costs nothing, and closed.

use socket2::SockRef;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// What is answered, whatever is asked.
const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 46\r\nRetry-After: 5\r\nConnection: close\r\n\r\n\
    There are too many connections; please retry.\n";

/// How many are kept open until they have read it, and for how long. Closed at once, what they have sent meanwhile
/// would take it back.
const LINGERING: usize = 16;
const LINGER: Duration = Duration::from_secs(1);

/// How much of what they send is received meanwhile, in bytes.
const RECEIVED: u64 = 64 * 1024;

/// The connections that are refused.
pub(super) struct Refusals(Arc<Semaphore>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LINGERING)))
    }
}

impl Refusals {
    /// Refuses a connection.
    pub(super) fn refuse(&self, mut stream: TcpStream) {
        // Past the runtime, which does not know yet that it can be written to. Its buffer is empty, and takes it at
        // once.
        if SockRef::from(&stream).send(ANSWER).is_err() {
            return;
        }
        let Ok(permit) = Arc::clone(&self.0).try_acquire_owned() else { return };
        tokio::spawn(async move {
            let read = async {
                stream.shutdown().await?;
                tokio::io::copy(&mut (&mut stream).take(RECEIVED), &mut tokio::io::sink()).await
            };
            // It is closed however that ends.
            let _ = timeout(LINGER, read).await;
            drop(permit);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::ANSWER;

    #[test]
    fn the_length_is_that_of_the_body() {
        let text = std::str::from_utf8(ANSWER).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{}", body.len());
    }
}
