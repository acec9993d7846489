use super::*;
use crate::counters::Counters;
use crate::intake::admission::Admission;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body::Frame;
use std::io::Write;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// A body whose pieces come when the test sends them.
struct Pieces(mpsc::Receiver<Vec<u8>>);

impl HttpBody for Pieces {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece.into()))))
    }
}

fn admitted() -> Admitted {
    Admission::new(Arc::new(Counters::new().unwrap())).admit(&"all".into())
}

/// What becomes of a body that comes in pieces of a length, one after each pause, and never ends.
async fn endless(length: usize, pause: Duration) -> (StatusCode, Duration) {
    let (pieces, body) = mpsc::channel(1);
    let sending = tokio::spawn(async move {
        while pieces.send(vec![b' '; length]).await.is_ok() {
            tokio::time::sleep(pause).await;
        }
    });
    let begun = Instant::now();
    let Rejected(status, _) = receive(Body::new(Pieces(body)), &admitted()).await.unwrap_err();
    sending.abort();
    (status, begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_body_arrives_at_a_pace_or_not_at_all() {
    let second = Duration::from_secs(1);
    let expected = [
        // It pauses too long, trickles, or is as slow as is allowed and then takes too long.
        (1024 * 1024, 11 * second, 408, 10),
        (1, second, 408, 30),
        (900, second, 408, 30),
        (1100, second, 408, 120),
        // One that is too long is rejected once its sender has sent all it is given the time for.
        (256 * 1024, second, 408, 120),
        (1024 * 1024, second, 413, 72),
        (4 * 1024 * 1024, second, 413, 18),
    ];
    for (length, pause, status, seconds) in expected {
        let (found, took) = endless(length, pause).await;
        assert_eq!((found.as_u16(), took.as_secs()), (status, seconds), "{length} each {pause:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_waits_for_room_and_then_for_its_turn() {
    let admitted = admitted();
    let mut held = Vec::new();
    while let Ok(more) = admitted.process().await {
        held.push(more);
    }
    let answer = take(Body::from("x"), &admitted, false).await.map(|_| ()).unwrap_err();
    assert_eq!(answer.0, StatusCode::SERVICE_UNAVAILABLE);
    held.clear();
    assert!(take(Body::from("x"), &admitted, false).await.is_ok());
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_body_is_inflated_so_far_and_no_farther() {
    let never = AtomicBool::new(false);
    let status = |compressed: &[u8]| match inflate(compressed, &never, &mut |_| ()) {
        Ok(length) => (200, length),
        Err(Rejected(status, _)) => (status.as_u16(), 0),
    };
    assert_eq!(status(&gzip(b"abc")), (200, 3));
    // Little is inflated whatever it shrank to, and much only where it did not shrink beyond measure.
    assert_eq!(status(&gzip(&vec![b' '; RATIO_FROM])), (200, RATIO_FROM));
    assert_eq!(status(&gzip(&vec![b' '; 2 * RATIO_FROM])), (413, 0));
    assert_eq!(status(&gzip(b"abc")[..10]), (400, 0));
    let stopped = inflate(&gzip(&vec![b' '; 1000]), &AtomicBool::new(true), &mut |_| panic!("it is stopped"));
    assert!(stopped.is_err());
}
