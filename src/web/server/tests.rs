//! Connections in memory, with a clock that stands still unless nothing else is to be done.

use super::*;
use crate::counters::{Counters, TimeLimit};
use axum::routing::{get, post};
use std::future::pending;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

/// Longer than any limit.
const PATIENCE: Duration = Duration::from_mins(10);

struct World {
    server: Arc<Server>,
    connections: GracefulShutdown,
    counters: Arc<Counters>,
    _settings: watch::Sender<Web>,
}

impl World {
    fn new() -> Self {
        let counters = Arc::new(Counters::new().unwrap());
        let (sender, settings) = watch::channel(Web::default());
        let router = Router::new()
            .route("/", get(|| async { "hello" }))
            .route("/long", get(|| async { "x".repeat(1024 * 1024) }))
            .route("/slow", get(pending::<()>))
            .route("/echo", post(|body: String| async { body }));
        let http = counters.http().clone();
        let bounds = Arc::new(Bounds::new(http.clone()));
        let guard = Guard::open(&counters);
        let server = Server { router, guard, settings, bounds, counters: http, refusals: Refusals::default() };
        Self { server: Arc::new(server), connections: GracefulShutdown::new(), counters, _settings: sender }
    }

    /// A client whose connection holds so many bytes in each direction.
    fn connect(&self, room: usize) -> (DuplexStream, Arc<Pulse>) {
        let (client, stream) = duplex(room);
        let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
        let seat = self.server.bounds.admit(Peer(peer), 512).unwrap();
        let (server, watcher, pulse) = (Arc::clone(&self.server), self.connections.watcher(), Arc::clone(&seat.pulse));
        tokio::spawn(async move {
            let web_file = server.guard.in_force().get();
            server.serve_connection(stream, peer, None, &web_file, &seat, watcher).await;
        });
        (client, pulse)
    }

    fn timeouts(&self, limit: TimeLimit) -> String {
        let families = self.counters.registry().gather();
        let family = families.iter().find(|family| family.name() == "gracewatch_http_timeouts_total").unwrap();
        let of = family.get_metric().iter().find(|metric| metric.get_label()[0].value() == limit.as_str());
        of.unwrap().get_counter().get_value().to_string()
    }
}

/// How long the connection stays open for a client that sends nothing more, and what it gets.
async fn until_closed(client: &mut DuplexStream) -> (Duration, String) {
    let begun = Instant::now();
    let mut answer = Vec::new();
    // However it is closed.
    let _ = timeout(PATIENCE, client.read_to_end(&mut answer)).await.expect("it is closed");
    (begun.elapsed(), String::from_utf8_lossy(&answer).into_owned())
}

/// In whole seconds: timers are a millisecond late.
fn seconds(duration: Duration) -> u64 {
    (duration + Duration::from_millis(100)).as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let world = World::new();
    let (mut silent, _) = world.connect(4096);
    assert_eq!(seconds(until_closed(&mut silent).await.0), 10);
    let (mut half, _) = world.connect(4096);
    sleep(Duration::from_secs(5)).await;
    half.write_all(b"GET / HTTP/1.1\r\nHost: gr").await.unwrap();
    assert_eq!(seconds(until_closed(&mut half).await.0), 10, "from its first byte on");
    assert_eq!(world.timeouts(TimeLimit::Head), "2");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_gains_no_time() {
    let world = World::new();
    let (client, _) = world.connect(4096);
    let (mut reading, mut writing) = tokio::io::split(client);
    let begun = Instant::now();
    let trickling = tokio::spawn(async move {
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().copied().chain(std::iter::repeat(b'a')) {
            if writing.write_all(&[byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_secs(1)).await;
        }
    });
    let _ = reading.read_to_end(&mut Vec::new()).await;
    assert_eq!(seconds(begun.elapsed()), 10);
    trickling.abort();
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_rest_between_requests() {
    let world = World::new();
    let (mut client, _) = world.connect(4096);
    for _ in 0..3 {
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 512];
        let length = client.read(&mut answer).await.unwrap();
        assert!(String::from_utf8_lossy(&answer[..length]).starts_with("HTTP/1.1 200 OK\r\n"));
        sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(seconds(until_closed(&mut client).await.0), 60);
    assert_eq!([TimeLimit::Idle, TimeLimit::Head].map(|limit| world.timeouts(limit)), ["1", "0"]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_read_ends_the_connection() {
    let world = World::new();
    let (mut client, pulse) = world.connect(4096);
    client.write_all(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    sleep(Duration::from_secs(19)).await;
    assert_eq!(pulse.quiet_since(), None);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(world.timeouts(TimeLimit::Answer), "1");
    assert!(until_closed(&mut client).await.1.len() < 8192);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_read_byte_by_byte_ends_as_well() {
    let world = World::new();
    let (mut client, _) = world.connect(64);
    client.write_all(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let begun = Instant::now();
    while client.read(&mut [0; 16]).await.is_ok_and(|length| length > 0) {
        sleep(Duration::from_secs(1)).await;
    }
    // What is in the pipe is read out after that.
    assert!((120..126).contains(&seconds(begun.elapsed())), "{:?}", begun.elapsed());
    assert_eq!(world.timeouts(TimeLimit::Answer), "1");
}

#[tokio::test(start_paused = true)]
async fn work_that_takes_long_is_not_this_ones_to_end() {
    let world = World::new();
    let (mut client, pulse) = world.connect(4096);
    client.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert!(timeout(PATIENCE, client.read(&mut [0; 16])).await.is_err(), "the layers around handlers see to that");
    assert_eq!((pulse.deadline(), pulse.quiet_since()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn frames_of_the_second_version_are_no_requests() {
    let world = World::new();
    let (mut client, _) = world.connect(4096);
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    client.write_all(&settings).await.unwrap();
    sleep(Duration::from_secs(6)).await;
    client.write_all(&settings).await.unwrap();
    assert_eq!(seconds(until_closed(&mut client).await.0), 4, "from the connection on");
    assert_eq!(world.timeouts(TimeLimit::Head), "1");
}

#[tokio::test(start_paused = true)]
async fn a_connection_gives_way_at_once() {
    let world = World::new();
    let (mut client, pulse) = world.connect(4096);
    tokio::task::yield_now().await;
    pulse.displace();
    assert_eq!(seconds(until_closed(&mut client).await.0), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_a_body_in_chunks() {
    let world = World::new();
    let (mut client, _) = world.connect(4096);
    let chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    client.write_all(chunked.repeat(2).as_bytes()).await.unwrap();
    let (elapsed, answer) = until_closed(&mut client).await;
    assert_eq!((answer.matches("HTTP/1.1 200").count(), seconds(elapsed)), (1, 0), "{answer}");
    assert!(answer.contains("connection: close\r\n") && answer.ends_with("hello"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn requests_under_way_are_finished_and_idle_connections_are_not_waited_for() {
    let world = World::new();
    let (mut idle, _) = world.connect(4096);
    let (mut half, _) = world.connect(4096);
    half.write_all(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel").await.unwrap();
    sleep(Duration::from_millis(1)).await;
    let World { connections, .. } = world;
    let ending = tokio::spawn(connections.shutdown());
    assert_eq!(seconds(until_closed(&mut idle).await.0), 0);
    half.write_all(b"lo").await.unwrap();
    let (_, answer) = until_closed(&mut half).await;
    assert!(answer.ends_with("hello"), "{answer}");
    ending.await.unwrap();
}
