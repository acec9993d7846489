//! Many senders at once, some of whom mean no good: none keeps the others waiting, and none leaves anything behind.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::daemon::Daemon;
use crate::support::post::{Sender, gzip};
use crate::support::reports::{Client, lines};
use crate::support::status::{Kept, TOKEN, sender};

/// A token that speaks for some machines.
const MODEST: &str = "0123456789abcdef-modest";

/// How many requests with this token ended in this way; none where none did.
fn requests(daemon: &Daemon<'_>, token: &str, result: &str) -> Option<f64> {
    daemon.scrape().value("gracewatch_token_requests_total", &[("token", token), ("result", result)])
}

/// A request of which the head and the first bytes are sent.
fn begin(daemon: &Daemon<'_>, head: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(daemon.address()).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a limit can be set");
    let head =
        format!("POST /api/v1/status HTTP/1.1\r\nHost: gracewatch\r\nAuthorization: Bearer {TOKEN}\r\n{head}\r\n");
    stream.write_all(head.as_bytes()).expect("it takes a head");
    stream.write_all(body).expect("it takes a body");
    stream
}

#[test]
fn who_trickles_keeps_nobody_waiting_and_is_cut_off() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let mut slow: Vec<_> = (0..20).map(|_| begin(&daemon, "Content-Length: 100000\r\n", b"{")).collect();
    let received = [("stage", "received")];
    daemon.scrape_until("nobody trickles", |scrape| {
        scrape.value("gracewatch_bodies_bytes", &received) == Some(2_000_000.0)
    });
    let begun = Instant::now();
    assert_eq!(sender(daemon.address()).send(Client::new("ws01").text()).status, 202);
    assert!(begun.elapsed() < Duration::from_secs(5), "it waited for {:?}", begun.elapsed());

    // They send nothing for 10 seconds.
    for stream in &mut slow {
        let mut answer = [0; 1024];
        let length = stream.read(&mut answer).expect("it answers");
        let answer = String::from_utf8_lossy(&answer[..length]);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    assert_eq!(requests(&daemon, "everything", "too_slow"), Some(20.0));
    assert_eq!(daemon.scrape().value("gracewatch_bodies_bytes", &received), Some(0.0));
}

#[test]
fn one_token_that_sends_all_it_can_neither_bloats_the_daemon_nor_keeps_another_out() {
    let kept = Kept::new();
    kept.directory().write_private("tokens", format!("greedy {TOKEN} *\nmodest {MODEST} ws*\n"));
    let daemon = kept.serve();
    let address = daemon.address();
    let mut body = Client::new("ws01").text().into_bytes();
    body.resize(8 << 20, b' ');
    let greedy: Vec<_> = (0..24)
        .map(|_| {
            let body = body.clone();
            thread::spawn(move || sender(address).send(body).status)
        })
        .collect();
    let modest = Sender::with_token(address, MODEST);
    let mut slowest = Duration::ZERO;
    while !greedy.iter().all(thread::JoinHandle::is_finished) {
        let begun = Instant::now();
        assert_eq!(modest.send(Client::new("ws02").text()).status, 202);
        slowest = slowest.max(begun.elapsed());
    }
    for greedy in greedy {
        let status = greedy.join().expect("it is answered");
        assert!([202, 503].contains(&status), "{status}");
    }
    let peak = daemon.peak_memory() >> 20;
    assert!(peak < 256 && slowest < Duration::from_secs(5), "{peak} MiB, {slowest:?}");
}

#[test]
fn who_hangs_up_leaves_nothing_running() {
    let kept = Kept::new();
    let daemon = kept.serve();
    // So long that reading it takes many seconds.
    let fleet: Vec<_> = (0..20_000).map(|number| Client::new(&format!("ws{number:05}"))).collect();
    let body = gzip(lines(&fleet).as_bytes());
    let head = format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", body.len());
    let streams: Vec<_> = (0..4).map(|_| begin(&daemon, &head, &body)).collect();
    let processed = [("stage", "processed")];
    daemon.scrape_until("they are not processed", |scrape| {
        scrape.value("gracewatch_bodies", &processed) == Some(4.0)
            && scrape.sum("gracewatch_bodies_bytes", &[("stage", "inflated")]) > 0.0
    });
    drop(streams);
    let begun = Instant::now();
    daemon.scrape_until("they are still read", |scrape| {
        scrape.value("gracewatch_bodies", &processed) == Some(0.0) && scrape.sum("gracewatch_bodies_bytes", &[]) == 0.0
    });
    assert!(begun.elapsed() < Duration::from_secs(5), "they were read for {:?} more", begun.elapsed());
    assert_eq!(requests(&daemon, "everything", "cancelled"), Some(4.0));
    assert_eq!(sender(daemon.address()).send(Client::new("ws01").text()).status, 202);
}

#[test]
fn requests_are_counted_by_token_and_outcome() {
    let kept = Kept::new();
    kept.directory().write_private("tokens", format!("floor2 {TOKEN} ws2*\n"));
    let daemon = kept.serve();
    let known = sender(daemon.address());
    assert_eq!(known.send(Client::new("ws21").text()).status, 202);
    assert_eq!(known.send(Client::new("ws11").text()).status, 403);
    assert_eq!(known.send("hello").status, 422);
    assert_eq!(known.send_encoded("br", "hello").status, 415);
    assert_eq!(Sender::anonymous(daemon.address()).send("hello").status, 401);
    for (token, result, count) in [
        ("floor2", "accepted", 1.0),
        ("floor2", "denied", 1.0),
        ("floor2", "rejected", 2.0),
        ("(unknown)", "unauthorized", 1.0),
        ("(unknown)", "throttled", 0.0),
    ] {
        assert_eq!(requests(&daemon, token, result), Some(count), "{token} {result}");
    }
}

#[test]
fn guessing_tokens_is_slow_and_slows_down_nobody_else() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let address = daemon.address();
    let guessing: Vec<_> = (0..100)
        .map(|number| {
            thread::spawn(move || {
                let guess = Sender::with_token(address, &format!("0123456789abcdef-{number}"));
                let begun = Instant::now();
                let statuses = [guess.send("x").status, guess.send("x").status];
                (statuses, begun.elapsed())
            })
        })
        .collect();
    let known = sender(address);
    let mut slowest = Duration::ZERO;
    for number in 0..20 {
        let begun = Instant::now();
        assert_eq!(known.send(Client::new(&format!("ws{number}")).text()).status, 202);
        slowest = slowest.max(begun.elapsed());
    }
    let mut delayed = 0;
    for guess in guessing {
        let (statuses, took) = guess.join().expect("it is answered");
        assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
        if statuses == [401, 401] {
            delayed += 1;
            assert!(took >= Duration::from_millis(600), "{took:?}");
        }
    }
    assert!(delayed > 0, "none was let through");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    let throttled = requests(&daemon, "(unknown)", "throttled");
    let unauthorized = requests(&daemon, "(unknown)", "unauthorized");
    assert_eq!(unauthorized.zip(throttled).map(|(one, other)| one + other), Some(200.0));
}
