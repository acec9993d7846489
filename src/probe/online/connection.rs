//! A connection to an endpoint or a proxy, whatever it goes through, and reading from it no more than is meant for us.

use super::interruption::interruption;
use crate::observation::{Failure, Reason, Value, detail};
use crate::wire::http::{Body, Head, MAX_HEAD, NoHead, chunk_length};
use std::time::Instant;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

/// The most interim answers (RFC 9110 section 15.2) that are skipped.
const MAX_INTERIM: usize = 8;

/// How much of an answer is looked at before it is known whether it is HTTP at all, in bytes.
const VERSION_LENGTH: usize = 16;

/// The longest body of a refusal that is read to use the connection again, in bytes.
const MAX_DISCARDED: u64 = 262_144;

/// What a chunk counts for beside its length, so that many small ones come to an end as well.
const CHUNK_COST: u64 = 8;

/// The longest line before a chunk, in bytes.
const MAX_CHUNK_LINE: u64 = 256;

/// How much of a stranger's bytes is quoted.
const QUOTED: usize = 24;

/// Anything that carries bytes both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection. What was received and not taken stays in it for whoever reads next.
pub(super) type Connection = BufReader<Box<dyn Stream>>;

/// Makes a connection of a stream.
pub(super) fn connection(stream: impl Stream + 'static) -> Connection {
    BufReader::new(Box::new(stream))
}

/// The head of an answer, when it was asked for, and when its first byte came.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) head: Head,
    pub(super) sent: Instant,
    pub(super) first_byte: Instant,
}

/// Sends a request, and reads the head of the final answer.
///
/// # Errors
/// Whatever else comes, with `not_http` as the reason for what is no HTTP.
pub(super) async fn exchange(
    connection: &mut Connection,
    request: &[u8],
    not_http: Reason,
) -> Result<Received, Failure> {
    let sent = Instant::now();
    write(connection, request).await?;
    for _ in 0..MAX_INTERIM {
        let (head, first_byte) = read_head(connection, not_http).await?;
        if head.status >= 200 {
            return Ok(Received { head, sent, first_byte });
        }
    }
    Err(Failure::new(Reason::InvalidAnswer, detail!("http-interim-endless")))
}

/// Sends a message.
pub(super) async fn write(connection: &mut Connection, message: &[u8]) -> Result<(), Failure> {
    let sent = async {
        connection.write_all(message).await?;
        connection.flush().await
    };
    sent.await.map_err(|error| interruption(&error))
}

async fn read_head(connection: &mut Connection, not_http: Reason) -> Result<(Head, Instant), Failure> {
    let mut received = Vec::new();
    let mut first_byte = None;
    loop {
        let chunk = connection.fill_buf().await.map_err(|error| interruption(&error))?;
        if chunk.is_empty() {
            return Err(match received.len() {
                0 => Failure::new(Reason::Closed, detail!("closed-without-answer")),
                count => Failure::new(Reason::Closed, detail!("closed-after", count = count)),
            });
        }
        let first_byte = *first_byte.get_or_insert_with(Instant::now);
        let known = received.len();
        let chunk = chunk.get(..MAX_HEAD - known).unwrap_or(chunk);
        let taken = chunk.len();
        // A head ends with a line; to look for its end at every byte of a slow one would be a waste.
        let may_end = chunk.contains(&b'\n') || known < VERSION_LENGTH || known + taken >= MAX_HEAD;
        received.extend_from_slice(chunk);
        let decoded = if may_end { Head::decode(&received) } else { Ok(None) };
        match decoded {
            Ok(Some((head, length))) => {
                connection.consume(length.saturating_sub(known));
                return Ok((head, first_byte));
            }
            Ok(None) => connection.consume(taken),
            Err(NoHead::Foreign) => {
                return Err(Failure::new(
                    not_http,
                    detail!("not-http-but", received = Value::quoted(&quoted(&received))),
                ));
            }
            Err(error) => return Err(Failure::new(Reason::InvalidAnswer, error.detail())),
        }
    }
}

/// Reads a message of a known length.
pub(super) async fn read_array<const N: usize>(connection: &mut Connection) -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    connection.read_exact(&mut bytes).await.map_err(|error| interruption(&error))?;
    Ok(bytes)
}

/// Reads so many bytes, and forgets them.
pub(super) async fn skip(connection: &mut Connection, length: u64) -> Result<(), Failure> {
    let mut body = connection.take(length);
    let read = tokio::io::copy(&mut body, &mut tokio::io::sink()).await.map_err(|error| interruption(&error))?;
    if read == length { Ok(()) } else { Err(Failure::new(Reason::Closed, detail!("closed-within-answer"))) }
}

/// Reads a body to its end, and forgets it.
///
/// # Errors
/// Where it has no end, or is too long to be waited for.
pub(super) async fn discard(connection: &mut Connection, body: Body) -> Result<(), Failure> {
    let too_long = || Failure::new(Reason::InvalidAnswer, detail!("http-refusal-long"));
    let mut left = MAX_DISCARDED;
    loop {
        let length = match body {
            Body::Length(length) => length,
            Body::Chunked => read_chunk_length(connection).await?,
        };
        left = left.checked_sub(length).ok_or_else(too_long)?;
        skip(connection, length).await?;
        match body {
            Body::Length(_) => return Ok(()),
            // Each chunk ends its line. After the last, fields may follow; nobody sends any.
            Body::Chunked => skip(connection, 2).await?,
        }
        if length == 0 {
            return Ok(());
        }
        left = left.checked_sub(CHUNK_COST).ok_or_else(too_long)?;
    }
}

async fn read_chunk_length(connection: &mut Connection) -> Result<u64, Failure> {
    let mut line = Vec::new();
    connection.take(MAX_CHUNK_LINE).read_until(b'\n', &mut line).await.map_err(|error| interruption(&error))?;
    let length = str::from_utf8(&line).ok().and_then(chunk_length);
    length.ok_or_else(|| Failure::new(Reason::InvalidAnswer, detail!("http-chunk-malformed")))
}

/// The first bytes of an answer, as text that can be shown.
pub(super) fn quoted(bytes: &[u8]) -> String {
    bytes.get(..QUOTED).unwrap_or(bytes).escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    /// A connection on which all of this was received already, and is followed by its end.
    fn received(bytes: &[u8]) -> Connection {
        connection(tokio::io::join(io::Cursor::new(bytes.to_vec()), tokio::io::sink()))
    }

    /// What is left on a connection.
    async fn rest(mut connection: Connection) -> Vec<u8> {
        let mut rest = Vec::new();
        connection.read_to_end(&mut rest).await.unwrap();
        rest
    }

    async fn answer(bytes: &[u8]) -> Result<(u16, Vec<u8>), (Reason, String)> {
        let mut connection = received(bytes);
        match exchange(&mut connection, b"GET / HTTP/1.1\r\n\r\n", Reason::NotHttp).await {
            Ok(received) => Ok((received.head.status, rest(connection).await)),
            Err(failure) => Err((failure.reason, failure.detail.to_string())),
        }
    }

    #[tokio::test]
    async fn what_follows_a_head_stays_for_whoever_reads_next() {
        assert_eq!(answer(b"HTTP/1.1 200 OK\r\n\r\nbody").await, Ok((200, b"body".to_vec())));
        let long = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), &[b'a'; 9000], b"\r\n\r\n\x16\x03"].concat();
        assert_eq!(answer(&long).await, Ok((200, b"\x16\x03".to_vec())));
    }

    #[tokio::test]
    async fn interim_answers_are_passed_over_but_not_without_end() {
        let interim = b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(3);
        assert_eq!(answer(&[&interim, b"HTTP/1.1 204 x\r\n\r\n".as_slice()].concat()).await, Ok((204, Vec::new())));
        let endless = answer(&interim.repeat(3)).await.unwrap_err();
        assert_eq!(endless, (Reason::InvalidAnswer, "interim answers without end".into()));
    }

    #[tokio::test]
    async fn what_is_no_answer_has_a_reason() {
        assert_eq!(answer(b"").await.unwrap_err(), (Reason::Closed, "closed without an answer".into()));
        assert_eq!(answer(b"HTTP/1.1 2").await.unwrap_err().1, "closed 10 bytes into its answer");
        let (reason, detail) = answer(b"220 hi\x1b[31m\r\n").await.unwrap_err();
        assert_eq!((reason, detail.as_str()), (Reason::NotHttp, "it does not speak HTTP: \"220 hi\\x1b[31m\\r\\n\""));
        let endless = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), &vec![b'a'; 100_000]].concat();
        assert_eq!(answer(&endless).await.unwrap_err().0, Reason::InvalidAnswer);
    }

    async fn discarded(bytes: &[u8], body: Body) -> Result<Vec<u8>, Reason> {
        let mut connection = received(bytes);
        discard(&mut connection, body).await.map_err(|failure| failure.reason)?;
        Ok(rest(connection).await)
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_end_and_no_further() {
        assert_eq!(discarded(b"12345next", Body::Length(5)).await, Ok(b"next".to_vec()));
        assert_eq!(discarded(b"5\r\n12345\r\n1;x=y\r\n6\r\n0\r\n\r\nnext", Body::Chunked).await, Ok(b"next".to_vec()));
    }

    #[tokio::test]
    async fn a_body_that_has_no_end_is_given_up() {
        assert_eq!(discarded(b"123", Body::Length(5)).await, Err(Reason::Closed));
        assert_eq!(discarded(b"", Body::Length(u64::MAX)).await, Err(Reason::InvalidAnswer));
        assert_eq!(discarded(b"ffffffffffffffff\r\n", Body::Chunked).await, Err(Reason::InvalidAnswer));
        assert_eq!(discarded(b"<html>\r\n", Body::Chunked).await, Err(Reason::InvalidAnswer));
        assert_eq!(discarded(&b"1\r\nx\r\n".repeat(100_000), Body::Chunked).await, Err(Reason::InvalidAnswer));
        assert_eq!(discarded(&[b'1'; 1000], Body::Chunked).await, Err(Reason::InvalidAnswer));
    }
}
