//! The body of a request: received at a pace, and inflated where that leads somewhere.

use crate::catalogue::message;
use crate::intake::admission::{Admitted, Held, MAX_INFLATED, MAX_SENT};
use crate::intake::stop::StopOnDrop;
use crate::web::rejected::Rejected;
use axum::body::{Body, HttpBody};
use axum::http::StatusCode;
use flate2::read::MultiGzDecoder;
use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

const MIB: usize = 1024 * 1024;

/// How much of a body that is too long is received before its sender is cut off, in bytes.
const MAX_PASSED_OVER: usize = 64 * MIB;

/// How long a sender may send nothing, and how much it has to send at the least in how long.
const IDLE: Duration = Duration::from_secs(10);
const WINDOW: Duration = Duration::from_secs(30);
const LEAST_IN_WINDOW: usize = 30 * 1024;

/// How long a body may take to arrive.
const TIME_LIMIT: Duration = Duration::from_mins(2);

/// How many times as long as it is sent a body may be once it is inflated, and from how many bytes on. The reports of
/// machines that are all alike are some 130 times as long; what shrinks further than this was made to.
const MAX_RATIO: usize = 250;
const RATIO_FROM: usize = MIB;

/// How much is inflated from one look at whether anybody still waits for it to the next, in bytes.
const STEP: usize = 64 * 1024;

/// A body, and what it holds of what there is for all until nobody reads it any more.
pub(super) struct Received {
    bytes: Vec<u8>,
    held: Vec<Arc<Held>>,
}

impl Received {
    /// What it holds, to be kept while its reports are written.
    pub(super) fn held(&self) -> Vec<Arc<Held>> {
        self.held.clone()
    }
}

impl AsRef<[u8]> for Received {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Receives a body, waits for its turn, and inflates it where it is compressed.
pub(super) async fn take(body: Body, admitted: &Admitted, is_compressed: bool) -> Result<Received, Rejected> {
    let (bytes, room) = receive(body, admitted).await?;
    let turn = Arc::new(admitted.process().await?);
    let received = Received { bytes, held: vec![Arc::new(room), Arc::clone(&turn)] };
    if !is_compressed {
        return Ok(received);
    }
    let compressed = Arc::new(received);
    let length = aside(&compressed, |bytes, stop| inflate(bytes, stop, &mut |_| ())).await?;
    // What it comes to is known now, so that it takes no more than that.
    let room = admitted.inflate(u32::try_from(length).unwrap_or(MAX_INFLATED)).await?;
    let inflated = aside(&compressed, move |bytes, stop| {
        let mut inflated = Vec::with_capacity(length);
        inflate(bytes, stop, &mut |piece| inflated.extend_from_slice(piece))?;
        Ok((inflated, room))
    });
    let (bytes, room) = inflated.await?;
    Ok(Received { bytes, held: vec![Arc::new(room), turn] })
}

/// Receives a body. One that is too long is received for a while longer, to no use but that its sender is still there
/// to hear so.
async fn receive(body: Body, admitted: &Admitted) -> Result<(Vec<u8>, Held), Rejected> {
    let announced = HttpBody::size_hint(&body).exact();
    let announced = announced.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let limit = MAX_SENT as usize;
    let room = match announced {
        Some(length) if length > limit => None,
        announced => {
            let length = announced.and_then(|length| u32::try_from(length).ok()).unwrap_or(MAX_SENT);
            Some(admitted.receive(length).await?)
        }
    };
    let bytes = match &room {
        Some(_) => arriving(body, limit).await?,
        None => arriving(body, 0).await?,
    };
    let too_long = || Rejected(StatusCode::PAYLOAD_TOO_LARGE, message!("body-too-long", most = limit / MIB));
    bytes.zip(room).ok_or_else(too_long)
}

/// All of a body; none where it is longer than `limit`.
async fn arriving(mut body: Body, limit: usize) -> Result<Option<Vec<u8>>, Rejected> {
    let mut received = Vec::new();
    let mut passed_over = 0;
    let mut pace = Pace::new();
    loop {
        let frame = timeout_at(pace.deadline(), poll_fn(|context| Pin::new(&mut body).poll_frame(context))).await;
        let too_slow = |_| Rejected(StatusCode::REQUEST_TIMEOUT, message!("body-too-slow"));
        let Some(frame) = frame.map_err(too_slow)? else { break };
        let frame = frame.map_err(|_| Rejected::bad_request(message!("body-broke-off")))?;
        let Ok(data) = frame.into_data() else { continue };
        pace.arrived(data.len());
        if received.len() + data.len() <= limit && passed_over == 0 {
            received.extend_from_slice(&data);
            continue;
        }
        received = Vec::new();
        passed_over += data.len();
        if passed_over > MAX_PASSED_OVER {
            break;
        }
    }
    Ok((passed_over == 0).then_some(received))
}

/// How fast a body arrives.
struct Pace {
    /// When it has to be there, whatever its pace.
    end: Instant,
    last: Instant,
    window: Instant,
    in_window: usize,
}

impl Pace {
    fn new() -> Self {
        let now = Instant::now();
        Self { end: now + TIME_LIMIT, last: now, window: now, in_window: 0 }
    }

    /// When more has to be there at the latest.
    fn deadline(&self) -> Instant {
        let soon = self.end.min(self.last + IDLE);
        if self.in_window < LEAST_IN_WINDOW { soon.min(self.window + WINDOW) } else { soon }
    }

    fn arrived(&mut self, bytes: usize) {
        // An empty piece is nothing.
        if bytes == 0 {
            return;
        }
        self.last = Instant::now();
        self.in_window += bytes;
        if self.last >= self.window + WINDOW {
            (self.window, self.in_window) = (self.last, 0);
        }
    }
}

/// Reads a body where that keeps no other request waiting, and no longer than somebody waits for it. It holds what it
/// holds until that is over.
async fn aside<T: Send + 'static>(
    body: &Arc<Received>,
    read: impl FnOnce(&[u8], &AtomicBool) -> Result<T, Rejected> + Send + 'static,
) -> Result<T, Rejected> {
    let stop = StopOnDrop::default();
    let (body, flag) = (Arc::clone(body), stop.flag());
    let read = spawn_blocking(move || read(body.as_ref().as_ref(), &flag)).await;
    // A panic is a fault of this program, and no fault of the body.
    read.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Inflates a body piece by piece, and says how long it is then.
fn inflate(compressed: &[u8], stop: &AtomicBool, take: &mut dyn FnMut(&[u8])) -> Result<usize, Rejected> {
    let mut decoder = MultiGzDecoder::new(compressed);
    let mut piece = vec![0; STEP];
    let mut length = 0;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(Rejected::bad_request(message!("body-broke-off")));
        }
        let read = decoder.read(&mut piece);
        let read = read.map_err(|_| Rejected::bad_request(message!("body-no-gzip")))?;
        let piece = piece.get(..read).unwrap_or_default();
        if piece.is_empty() {
            return Ok(length);
        }
        length += read;
        let limit = MAX_INFLATED as usize;
        if length > limit {
            let error = message!("body-too-long-inflated", most = limit / MIB);
            return Err(Rejected(StatusCode::PAYLOAD_TOO_LARGE, error));
        }
        if length > RATIO_FROM && length / MAX_RATIO > compressed.len() {
            let error = message!("body-inflates-too-much", times = MAX_RATIO);
            return Err(Rejected(StatusCode::PAYLOAD_TOO_LARGE, error));
        }
        take(piece);
    }
}

#[cfg(test)]
mod tests;
