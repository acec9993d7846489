//! What was answered with 202 is there: after a process that was killed, and after a disk that was full.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::servers::mount::Mount;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::program::{gracewatch, run};
use crate::support::reports::{Client, lines};
use crate::support::status::{Kept, sender, text_of};

/// How many reports are sent in all, in batches of so many, over so many connections. Without optimization a program
/// takes several times as long for each.
const REPORTS: usize = if cfg!(debug_assertions) { 12_500 } else { 50_000 };
const BATCH: usize = 250;
const CONNECTIONS: usize = 4;

/// How often the daemon is killed meanwhile.
const KILLS: u64 = 5;

/// Batches that are sent until they are acknowledged.
#[derive(Debug, Default)]
struct Batches {
    next: AtomicUsize,
    /// Those that were sent when the daemon was killed, which are sent again.
    failed: Mutex<Vec<usize>>,
    acknowledged: Mutex<BTreeSet<usize>>,
}

impl Batches {
    /// Sends batch after batch until all are acknowledged or nobody answers any more.
    fn send(&self, daemon: &Daemon<'_>, is_over: &AtomicBool) {
        let sender = sender(daemon.address());
        while !is_over.load(Ordering::Relaxed) {
            let again = self.failed.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let batch = again.unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
            if batch >= REPORTS / BATCH {
                return;
            }
            match sender.try_to_send(lines(&Self::clients(batch))) {
                Some(answer) => {
                    assert_eq!((answer.status, answer.count("accepted")), (202, BATCH as u64), "{answer:?}");
                    self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).insert(batch);
                }
                None => self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(batch),
            }
        }
    }

    fn clients(batch: usize) -> Vec<Client> {
        (0..BATCH).map(|number| Client::new(&name(batch, number))).collect()
    }

    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Looks whether every machine is known that was reported in a batch that was acknowledged.
    fn assert_are_known(&self, daemon: &Daemon<'_>) {
        for batch in self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            assert_eq!(total(daemon, &format!("name=ws-{batch:03}-")), BATCH, "batch {batch}");
        }
    }
}

fn name(batch: usize, number: usize) -> String {
    format!("ws-{batch:03}-{number:03}")
}

/// How many machines the daemon knows, of those that are asked for.
fn total(daemon: &Daemon<'_>, filter: &str) -> usize {
    let response = daemon.get(&format!("/api/v1/machines?limit=1&{filter}"));
    assert_eq!(response.status, 200, "{}", response.body);
    let json: Value = serde_json::from_str(&response.body).expect("it is JSON");
    usize::try_from(json["total"].as_u64().expect("there is a total")).expect("it is small")
}

#[test]
fn nothing_that_was_acknowledged_is_lost_when_the_daemon_is_killed() {
    let kept = Kept::new();
    let batches = Batches::default();
    for round in 0..=KILLS {
        let mut daemon = kept.serve();
        let acknowledged = batches.acknowledged();
        batches.assert_are_known(&daemon);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let senders: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(|| batches.send(&daemon, &is_over))).collect();
            if round < KILLS {
                wait_until("nothing is acknowledged", || batches.acknowledged() > acknowledged + 2);
                // At a moment that has nothing to do with what the daemon is at.
                let begun = Instant::now();
                let moment = Duration::from_millis(100 + 137 * round);
                while begun.elapsed() < moment {
                    thread::yield_now();
                }
                daemon.signal("KILL");
                is_over.store(true, Ordering::Relaxed);
            }
            for sender in senders {
                sender.join().expect("a sender ends well");
            }
        });
        if round < KILLS {
            assert!(daemon.wait(Duration::from_secs(5)).is_some(), "it cannot be killed");
        }
    }
    assert_eq!(batches.acknowledged(), REPORTS / BATCH);
    let daemon = kept.serve();
    batches.assert_are_known(&daemon);
    assert_eq!(total(&daemon, ""), REPORTS, "none is there twice");
}

#[test]
#[ignore = "needs mount"]
fn a_full_disk_is_reported_and_what_was_acknowledged_stays() {
    let kept = Kept::new();
    let mount = Mount::of_memory(&kept.directory().path().join("store"), "size=3m");
    let mut daemon = kept.serve();
    let sender_of_all = sender(daemon.address());
    let mut acknowledged = 0;
    let refused = loop {
        let answer = sender_of_all.send(lines(&Batches::clients(acknowledged)));
        match answer.status {
            202 => acknowledged += 1,
            _ => break answer,
        }
        assert!(acknowledged < 100, "three megabytes take no {} reports", acknowledged * BATCH);
    };
    assert!(acknowledged > 0);
    assert_eq!((refused.status, refused.retry_after.as_deref()), (503, Some("10")), "{refused:?}");
    assert!(refused.error().contains("no space is left"), "{refused:?}");
    assert_eq!(total(&daemon, ""), acknowledged * BATCH);
    let failed = daemon.scrape().value("gracewatch_reports_total", &[("source", "wmi"), ("result", "failed")]);
    assert!(failed > Some(0.0), "{failed:?}");

    // Nor is it lost when the daemon is killed and started while nothing more fits.
    daemon.signal("KILL");
    assert!(daemon.wait(Duration::from_secs(5)).is_some(), "it cannot be killed");
    drop(daemon);
    let daemon = kept.serve();
    wait_until("the store does not open", || daemon.get("/api/v1/machines?limit=1").status == 200);
    assert_eq!(total(&daemon, ""), acknowledged * BATCH);

    mount.remount("size=64m");
    let answer = sender(daemon.address()).send(lines(&Batches::clients(acknowledged)));
    assert_eq!((answer.status, answer.count("accepted")), (202, BATCH as u64), "{answer:?}");
    assert_eq!(total(&daemon, ""), (acknowledged + 1) * BATCH);
    drop(daemon);
}

#[test]
fn a_store_is_written_and_read_by_several_programs_at_once() {
    let kept = Kept::new();
    let daemon = kept.serve();
    let file = |number: usize| {
        let fleet: Vec<_> = (0..200).map(|machine| Client::new(&format!("file-{number}-{machine}"))).collect();
        kept.directory().write(&format!("fleet-{number}.json"), lines(&fleet))
    };
    let files: Vec<_> = (0..4).map(file).collect();
    thread::scope(|scope| {
        for file in &files {
            scope.spawn(|| {
                let mut command = gracewatch();
                command.args(["import", "--config", text_of(&daemon.configuration()), text_of(file)]);
                let printed = run(command);
                assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
            });
        }
        scope.spawn(|| {
            let sender = sender(daemon.address());
            for batch in 0..8 {
                assert_eq!(sender.send(lines(&Batches::clients(batch)[..100])).status, 202);
            }
        });
        scope.spawn(|| {
            for _ in 0..4 {
                let mut command = gracewatch();
                command.args(["machines", "--limit", "10", "--config", text_of(&daemon.configuration())]);
                let printed = run(command);
                assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
            }
        });
    });
    let begun = Instant::now();
    wait_until("what others write is not seen", || total(&daemon, "") == 4 * 200 + 8 * 100);
    assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
    // It is aggregated as well, in its own time.
    daemon.scrape_until("what others write is not noticed", |scrape| {
        scrape.value("gracewatch_machines_known", &[]) == Some(1600.0)
    });
}
