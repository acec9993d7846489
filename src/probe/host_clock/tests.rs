//! Peers that no real server can be made to be: slow, endless, senseless.

use super::*;
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{DuplexStream, duplex};
use tokio::net::TcpListener;

const LIMIT: Duration = Duration::from_secs(5);
const HTTP: &[u8] = b"HTTP/1.1 401 \r\nDate: Mon, 23 Nov 2026 15:36:38 GMT\r\n\r\n";

/// What is made of a peer that writes `chunks`, `pause` apart, and then closes.
async fn against(protocol: Protocol, chunks: Vec<Vec<u8>>, pause: Duration) -> Result<Measurement, Failure> {
    let (mut ours, theirs) = duplex(65_536);
    let peer = tokio::spawn(talk(theirs, chunks, pause));
    let reading = exchange(protocol, "192.0.2.1:80".parse().unwrap(), &mut ours, LIMIT).await;
    peer.abort();
    reading
}

async fn talk(mut stream: DuplexStream, chunks: Vec<Vec<u8>>, pause: Duration) {
    for chunk in chunks {
        tokio::time::sleep(pause).await;
        if stream.write_all(&chunk).await.is_err() {
            return; // the probe has seen enough
        }
    }
    tokio::time::sleep(pause).await;
}

fn reason(reading: Result<Measurement, Failure>) -> Reason {
    reading.unwrap_err().reason
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_single_bytes_is_put_together() {
    let bytes = HTTP.iter().map(|byte| vec![*byte]).collect();
    let measurement = against(Protocol::HttpDate, bytes, Duration::from_millis(10)).await.unwrap();
    let reading = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_448_198);
    let expected = crate::clock::difference(reading, SystemTime::now());
    assert!((measurement.offset.seconds - expected).abs() < 2.0, "{measurement:?}");
}

#[tokio::test(start_paused = true)]
async fn silence_and_a_trickle_end_at_the_time_limit() {
    for protocol in Protocol::ALL {
        let begun = tokio::time::Instant::now();
        assert_eq!(reason(against(protocol, Vec::new(), LIMIT * 9).await), Reason::TimedOut, "{protocol:?}");
        assert_eq!(begun.elapsed(), LIMIT);
    }
    let trickle = vec![b"H".to_vec(), b"T".to_vec(), b"T".to_vec(), b"P".to_vec()];
    assert_eq!(reason(against(Protocol::HttpDate, trickle, LIMIT / 2).await), Reason::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_an_end_is_not_read_to_it() {
    let endless = [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 60_000]].concat();
    let failure = against(Protocol::HttpDate, vec![endless], Duration::ZERO).await.unwrap_err();
    assert_eq!(failure, Failure::new(Reason::InvalidAnswer, detail!("clock-answer-endless")));
}

#[tokio::test(start_paused = true)]
async fn who_closes_without_a_word_and_who_speaks_something_else_are_distinguished() {
    for protocol in Protocol::ALL {
        assert_eq!(reason(against(protocol, Vec::new(), Duration::ZERO).await), Reason::Closed, "{protocol:?}");
        let greeting = vec![b"220 mail.corp.example ESMTP\r\n".to_vec()];
        assert_eq!(reason(against(protocol, greeting, Duration::ZERO).await), Reason::InvalidAnswer, "{protocol:?}");
    }
    let proxy = vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()];
    assert_eq!(reason(against(Protocol::Kerberos, proxy, Duration::ZERO).await), Reason::InvalidAnswer);
}

/// A host that answers over HTTP as often as it is asked, and counts.
async fn web_server() -> (HostClock, Arc<AtomicUsize>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut request = [0; 512];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(HTTP).await;
        }
    });
    (HostClock { protocol: Protocol::HttpDate, port }, asked, serving)
}

#[tokio::test]
async fn the_way_that_worked_is_tried_first_and_the_last_word_is_kept_for_a_while() {
    let address = "127.0.0.1".parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = HostClock { protocol: Protocol::Smb2, port: listener.local_addr().unwrap().port() };
    drop(listener);
    let (web, asked, serving) = web_server().await;
    let ways = [silent, web];

    let first = read(address, &ways, LIMIT, None).await;
    assert_eq!((first.source, first.observation.reason), (Some(web), None));
    // Were the first way tried again, this one would take the connection and say nothing.
    let listener = TcpListener::bind(("127.0.0.1", silent.port)).await.unwrap();
    let second = read(address, &ways, LIMIT, Some(first.clone())).await;
    assert_eq!((second.source, asked.load(Ordering::Relaxed)), (Some(web), 2));
    drop(listener);

    serving.abort();
    let _ = serving.await;
    let third = read(address, &ways, LIMIT, Some(second.clone())).await;
    assert_eq!((third.source, third.measurement), (Some(web), second.measurement), "one answer was lost");
    assert_eq!(third.time_to_live().as_secs(), 58, "a minute, less what a slot may come early");

    let now = second.measurement.unwrap().taken;
    let after = |elapsed| Moment { running: now.running + elapsed, ..now };
    assert!(second.is_good_at(after(REST / 2)) && !second.is_good_at(after(REST)));
    let unread = read(address, &ways, LIMIT, None).await;
    assert_eq!((unread.source, unread.measurement, unread.observation.reason), (None, None, Some(Reason::Refused)));
    assert_eq!(unread.time_to_live().as_secs(), 598);
}

#[test]
fn ways_are_named_with_a_port_where_it_is_not_the_usual_one() {
    assert_eq!(HostClock::usual(Protocol::Smb2).to_string(), "smb2");
    assert_eq!(HostClock { protocol: Protocol::HttpDate, port: 80 }.to_string(), "http_date:80");
}

proptest! {
    #[test]
    fn any_bytes_end_with_a_time_or_a_reason(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        protocol in proptest::sample::select(Protocol::ALL.to_vec()),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let reading = runtime.block_on(against(protocol, vec![bytes], Duration::ZERO));
        prop_assert!(reading.is_ok() || reading.is_err_and(|failure| !failure.detail.is_empty()));
    }
}
