//! However many read, whoever reports is answered soon.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::servers::postgres::Postgres;
use crate::servers::process::wait_until;
use crate::support::post::Sender;
use crate::support::reports::{Client, lines, minutes_ago};
use crate::support::request;
use crate::support::status::{Kept, sender};

/// How many read at once.
const READERS: usize = 60;

/// How many machines there are. Without optimization a program takes several times as long for each.
const MACHINES: usize = if cfg!(debug_assertions) { 2_000 } else { 20_000 };

/// How long a report takes, in the middle of several.
fn latency(sender: &Sender, name: &str) -> Duration {
    let mut latencies: Vec<_> = (0..21)
        .map(|number| {
            let text = Client::new(&format!("{name}{number}")).text();
            let begun = Instant::now();
            let answer = sender.send(text);
            assert_eq!(answer.status, 202, "{answer:?}");
            begun.elapsed()
        })
        .collect();
    latencies.sort();
    latencies[latencies.len() / 2]
}

fn assert_readers_delay_no_report(kept: &Kept) {
    let daemon = kept.serve();
    wait_until("the store does not open", || daemon.get("/api/v1/machines").status == 200);
    let sender = sender(daemon.address());
    for batch in (0..MACHINES).collect::<Vec<_>>().chunks(500) {
        let clients: Vec<_> = batch.iter().map(|number| Client::new(&format!("fleet{number:05}"))).collect();
        assert_eq!(sender.send(lines(&clients)).status, 202);
    }
    let alone = latency(&sender, "alone");
    let (is_over, failed, read) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| read_until(daemon.address(), &is_over, &read, &failed));
        }
        let readers = Ending(&is_over);
        wait_until("nothing is read", || read.load(Ordering::Relaxed) >= READERS);
        let beside = latency(&sender, "beside");
        drop(readers);
        // The readers take the processors as well, which whoever reports shares with them.
        let most = (alone * 5).max(Duration::from_millis(250));
        assert!(
            beside < most && beside < Duration::from_secs(1),
            "alone {alone:?}, beside {READERS} readers {beside:?}"
        );
    });
    assert_eq!(failed.load(Ordering::Relaxed), 0, "of {} lists", read.load(Ordering::Relaxed));
}

/// Ends the readers, also where the test fails while they read: they would be waited for without end.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How often each machine reports before its past is read.
const TIMES: i64 = 4;

/// Whoever reads what changed, each since another moment, so that no answer is good for two of them.
fn assert_readers_of_the_past_delay_nothing(kept: &Kept) {
    let daemon = kept.serve();
    wait_until("the store does not open", || daemon.get("/api/v1/machines").status == 200);
    let sender = sender(daemon.address());
    for time in 0..TIMES {
        for batch in (0..MACHINES).collect::<Vec<_>>().chunks(500) {
            let client = |number: &usize| Client {
                license_status: if time % 2 == 0 { 1 } else { 5 },
                reported_at: minutes_ago(60 - time),
                ..Client::new(&format!("fleet{number:05}"))
            };
            let clients: Vec<_> = batch.iter().map(client).collect();
            assert_eq!(sender.send(lines(&clients)).status, 202);
        }
    }
    let alone = latency(&sender, "alone");
    let (is_over, read, busy) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let (daemon, is_over, read, busy) = (&daemon, &is_over, &read, &busy);
        for reader in 0..READERS {
            scope.spawn(move || read_the_past_until(daemon.address(), reader, is_over, read, busy));
        }
        let readers = Ending(is_over);
        wait_until("nothing is read", || {
            assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(1.0));
            read.load(Ordering::Relaxed) + busy.load(Ordering::Relaxed) >= 3 * READERS
        });
        let beside = latency(&sender, "beside");
        assert_eq!(daemon.scrape().value("gracewatch_store_up", &[]), Some(1.0));
        drop(readers);
        let most = (alone * 5).max(Duration::from_millis(500));
        assert!(beside < most && beside < Duration::from_secs(1), "alone {alone:?}, beside {beside:?}");
    });
    assert!(read.load(Ordering::Relaxed) > 0, "busy {}", busy.load(Ordering::Relaxed));
    assert!(
        !daemon.log().contains("the store cannot") && !daemon.log().contains("does not answer"),
        "{}",
        daemon.log()
    );
}

/// What is not answered is told to come back, and not that anything is wrong with the store.
fn read_the_past_until(
    address: SocketAddr,
    reader: usize,
    is_over: &AtomicBool,
    read: &AtomicUsize,
    busy: &AtomicUsize,
) {
    let client = request::client().build().expect("a client can be built");
    for days in (100 + 1000 * reader).. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let response = client.get(format!("http://{address}/api/v1/changes?since={days}h")).send().expect("it answers");
        let status = response.status().as_u16();
        let body = response.text().expect("it answers whole");
        match status {
            200 => read.fetch_add(1, Ordering::Relaxed),
            503 if body.contains("too many") => busy.fetch_add(1, Ordering::Relaxed),
            _ => panic!("{status}: {body}"),
        };
    }
}

/// Each reader keeps its connection, as a browser does: to make one anew costs the reader more than the list costs the
/// daemon.
fn read_until(address: SocketAddr, is_over: &AtomicBool, read: &AtomicUsize, failed: &AtomicUsize) {
    let client = request::client().build().expect("a client can be built");
    let url = format!("http://{address}/api/v1/machines?limit=20");
    while !is_over.load(Ordering::Relaxed) {
        let is_answered =
            client.get(&url).send().is_ok_and(|response| response.status() == 200 && response.bytes().is_ok());
        failed.fetch_add(usize::from(!is_answered), Ordering::Relaxed);
        read.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn readers_delay_no_report_to_a_file() {
    assert_readers_delay_no_report(&Kept::new());
}

#[test]
fn readers_of_the_past_delay_nothing_at_a_file() {
    assert_readers_of_the_past_delay_nothing(&Kept::new());
}

#[test]
#[ignore = "needs postgresql"]
fn readers_of_the_past_delay_nothing_at_a_server() {
    let postgres = Postgres::new();
    assert_readers_of_the_past_delay_nothing(&Kept::in_store(&postgres.url()));
}

#[test]
#[ignore = "needs postgresql"]
fn readers_delay_no_report_to_a_server() {
    let postgres = Postgres::new();
    assert_readers_delay_no_report(&Kept::in_store(&postgres.url()));
}
