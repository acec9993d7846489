//! The `rpc` stage: is the KMS interface served on this connection?
//!
//! One bind goes out and one answer is read, then the connection is closed. No request is ever sent.

use super::limit::within;
use super::tcp;
use crate::observation::{Detail, Failure, Observation, Reason, Stage, Value, detail};
use crate::wire::rpc::{self, BindAnswer, ContextAnswer, HEADER_LENGTH, Header, NotAnAnswer, TransferSyntax};
use std::io;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What an answer hardly ever exceeds, in bytes: most are read at once.
const USUAL_ANSWER: usize = 256;

/// How much of a strange answer is quoted, in bytes.
const QUOTED: usize = 40;

/// Binds to the KMS interface over a connection just made.
pub async fn bind<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, timeout: Duration) -> Observation {
    let begun = Instant::now();
    let silent = || Failure::new(Reason::TimedOut, detail!("bind-silent", span = timeout));
    let answer = within(timeout, exchange(stream), silent).await;
    Observation::new(Stage::Rpc, answer.and_then(|answer| judge(&answer)), begun.elapsed())
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<BindAnswer, Failure> {
    stream.write_all(rpc::bind()).await.map_err(|error| io_failure(&error))?;
    let mut received = Vec::with_capacity(USUAL_ANSWER);
    let header = loop {
        if let Some(header) = received.first_chunk() {
            break Header::decode(header).map_err(|error| not_rpc(&error, &received))?;
        }
        read(stream, &mut received).await?;
        // Whoever does not begin as RPC does is not waited for: a greeting may be shorter than a header.
        if received.first() != Some(&5) {
            return Err(not_rpc(&NotAnAnswer::Version, &received));
        }
    };
    let length = HEADER_LENGTH + header.body_length();
    while received.len() < length {
        read(stream, &mut received).await?;
    }
    let body = received.get(HEADER_LENGTH..length).unwrap_or_default();
    BindAnswer::decode(&header, body).map_err(|error| not_rpc(&error, &received))
}

/// Reads what there is, and [`USUAL_ANSWER`] bytes more at most.
async fn read<S: AsyncRead + Unpin>(stream: &mut S, received: &mut Vec<u8>) -> Result<(), Failure> {
    match stream.take(USUAL_ANSWER as u64).read_buf(received).await {
        Ok(0) if received.is_empty() => Err(Failure::new(Reason::Closed, detail!("bind-closed"))),
        Ok(0) => Err(Failure::new(Reason::Closed, detail!("closed-after", count = received.len()))),
        Ok(_) => Ok(()),
        Err(error) => Err(io_failure(&error)),
    }
}

fn judge(answer: &BindAnswer) -> Result<Detail, Failure> {
    if let Some(syntax) = answer.accepted() {
        return Ok(match syntax {
            TransferSyntax::Ndr32 => detail!("kms-served-ndr32"),
            TransferSyntax::Ndr64 => detail!("kms-served-ndr64"),
            TransferSyntax::FeatureNegotiation => detail!("kms-served-features"),
        });
    }
    Err(match answer {
        BindAnswer::Nak(reason) => Failure::new(Reason::Rejected, detail!("bind-refused", why = reason.detail())),
        // An overloaded server rejects what it serves, and says nothing of what it serves.
        BindAnswer::Ack(contexts) if contexts.iter().any(ContextAnswer::is_overload) => {
            Failure::new(Reason::Rejected, detail!("bind-overload"))
        }
        BindAnswer::Ack(contexts) => {
            let answer = contexts.first().copied().map(ContextAnswer::detail).unwrap_or_default();
            Failure::new(Reason::NotKms, detail!("no-kms-interface", answer = answer))
        }
    })
}

fn not_rpc(error: &NotAnAnswer, received: &[u8]) -> Failure {
    let quoted = received.get(..QUOTED).unwrap_or(received).escape_ascii().to_string();
    Failure::new(Reason::NotRpc, detail!("not-rpc", why = error.detail(), received = Value::quoted(&quoted)))
}

fn io_failure(error: &io::Error) -> Failure {
    tcp::interruption(error, tcp::Awaited::Bind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll};
    use tokio::io::{ReadBuf, duplex};

    const LIMIT: Duration = Duration::from_secs(5);

    /// What the probe makes of a peer that answers with `chunks`, `pause` apart, then closes.
    async fn against(chunks: &[&[u8]], pause: Duration) -> Observation {
        let (mut ours, mut theirs) = duplex(8192);
        let chunks: Vec<Vec<u8>> = chunks.iter().map(|chunk| chunk.to_vec()).collect();
        let peer = tokio::spawn(async move {
            let mut bind = vec![0; rpc::bind().len()];
            theirs.read_exact(&mut bind).await.unwrap();
            assert_eq!(bind, rpc::bind());
            for chunk in chunks {
                tokio::time::sleep(pause).await;
                if theirs.write_all(&chunk).await.is_err() {
                    return; // the probe has seen enough
                }
            }
            tokio::time::sleep(pause).await;
        });
        let observation = bind(&mut ours, LIMIT).await;
        peer.abort();
        observation
    }

    fn nak() -> Vec<u8> {
        [b"\x05\x00\x0d\x03\x10\x00\x00\x00\x12\x00\x00\x00\r\n\r\n".as_slice(), &[2, 0]].concat()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_single_bytes_is_put_together() {
        let nak = nak();
        let bytes: Vec<&[u8]> = nak.chunks(1).collect();
        let observation = against(&bytes, Duration::from_millis(10)).await;
        assert_eq!(observation.reason, Some(Reason::Rejected));
        assert!(observation.detail.to_string().ends_with("local limit exceeded"), "{}", observation.detail);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_does_not_outlast_the_time_limit() {
        let nak = nak();
        let bytes: Vec<&[u8]> = nak.chunks(1).collect();
        let begun = tokio::time::Instant::now();
        let observation = against(&bytes, Duration::from_secs(1)).await;
        assert_eq!(observation.reason, Some(Reason::TimedOut));
        assert_eq!(begun.elapsed(), LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_greeting_is_not_waited_for() {
        let begun = tokio::time::Instant::now();
        let observation = against(&[b"220 hi\r\n", b""], Duration::from_secs(3)).await;
        assert_eq!(observation.reason, Some(Reason::NotRpc));
        assert!(observation.detail.to_string().contains("220 hi\\r\\n"), "{}", observation.detail);
        assert_eq!(begun.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_not_read_to_its_end() {
        let flood = [b"\x05\x00\x0c\x03\x10\x00\x00\x00\xff\xff\x00\x00\r\n\r\n".to_vec(), vec![0; 65536]].concat();
        let observation = against(&[&flood], Duration::ZERO).await;
        assert_eq!(observation.reason, Some(Reason::NotRpc));
        assert!(observation.detail.to_string().contains("65535 bytes"), "{}", observation.detail);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_connection_is_distinguished_from_silence() {
        let closed = against(&[], Duration::ZERO).await;
        assert_eq!(closed.reason, Some(Reason::Closed));
        let half = against(&[&nak()[..17]], Duration::ZERO).await;
        assert_eq!(
            (half.reason, half.detail.to_string().as_str()),
            (Some(Reason::Closed), "closed 17 bytes into its answer")
        );
        let silent = against(&[], Duration::from_mins(1)).await;
        assert_eq!(silent.reason, Some(Reason::TimedOut));
    }

    /// A peer that was silent, and has closed by the time at which this process goes on that was stopped meanwhile.
    struct ClosedWhileStopped;

    impl AsyncRead for ClosedWhileStopped {
        fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            let _ = pin!(tokio::time::advance(LIMIT * 2)).poll(context);
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_silence_also_where_this_process_was_stopped() {
        let observation = bind(&mut tokio::io::join(ClosedWhileStopped, tokio::io::sink()), LIMIT).await;
        assert_eq!(observation.reason, Some(Reason::TimedOut), "{}", observation.detail);
    }
}
