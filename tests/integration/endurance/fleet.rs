//! Machines that report, and what of it was acknowledged.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::daemon::Daemon;
use crate::support::reports::{Client, lines};
use crate::support::status::{sender, text};

/// How many machines report at once.
const BATCH: usize = 250;

/// The most machines in one answer.
const PAGE: usize = 1000;

/// What is counted of the reports.
#[derive(Debug, Default)]
pub struct Counts {
    pub acknowledged: AtomicUsize,
    /// Batches that were rejected, or that nobody answered.
    pub rejected: AtomicUsize,
    pub unanswered: AtomicUsize,
}

/// A fleet that reports by turns, for as long as this value lives.
#[derive(Debug)]
pub struct Fleet {
    machines: usize,
    /// When each machine reported that was acknowledged.
    acknowledged: Arc<Mutex<HashMap<String, Timestamp>>>,
    counts: Arc<Counts>,
    /// True while the daemon's clock is wrong: nobody knows by it what is new.
    clock_is_wrong: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
    sending: Option<JoinHandle<()>>,
}

impl Fleet {
    /// Lets so many machines report, `pause` after each batch. They use these KMS hosts.
    pub fn start(address: SocketAddr, machines: usize, pause: Duration, kms_hosts: Vec<String>) -> Self {
        let (acknowledged, counts) = <(Arc<Mutex<HashMap<_, _>>>, Arc<Counts>)>::default();
        let (clock_is_wrong, is_over) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
        let sending = thread::spawn({
            let (acknowledged, counts) = (Arc::clone(&acknowledged), Arc::clone(&counts));
            let (clock_is_wrong, is_over) = (Arc::clone(&clock_is_wrong), Arc::clone(&is_over));
            move || {
                let sender = sender(address);
                let mut first = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let batch: Vec<_> = (first..machines.min(first + BATCH))
                        .map(|number| Client {
                            kms_host: kms_hosts[number % kms_hosts.len()].clone(),
                            ..Client::new(&format!("ws{number:05}.endurance.example"))
                        })
                        .collect();
                    first = if first + BATCH < machines { first + BATCH } else { 0 };
                    let was_wrong = clock_is_wrong.load(Ordering::Relaxed);
                    match sender.try_to_send(lines(&batch)) {
                        Some(answer) if answer.status == 202 && answer.count("accepted") == batch.len() as u64 => {
                            counts.acknowledged.fetch_add(batch.len(), Ordering::Relaxed);
                            let mut acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
                            // That it is known is all there is to expect of it.
                            let is_wrong = was_wrong || clock_is_wrong.load(Ordering::Relaxed);
                            let moment = |at| if is_wrong { Timestamp::UNIX_EPOCH } else { at };
                            acknowledged.extend(batch.into_iter().map(|one| (one.machine, moment(one.reported_at))));
                        }
                        Some(_) => _ = counts.rejected.fetch_add(1, Ordering::Relaxed),
                        None => _ = counts.unanswered.fetch_add(1, Ordering::Relaxed),
                    }
                    thread::sleep(pause);
                }
            }
        });
        Self { machines, acknowledged, counts, clock_is_wrong, is_over, sending: Some(sending) }
    }

    /// What is counted.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// From now on the daemon's clock is wrong, or right again. What was reported before may be dated by it anew.
    pub fn clock(&self, is_wrong: bool) {
        self.clock_is_wrong.store(is_wrong, Ordering::Relaxed);
        let mut acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        acknowledged.values_mut().for_each(|moment| *moment = Timestamp::UNIX_EPOCH);
    }

    /// Sends nothing more, and returns once the last answer is there.
    pub fn finish(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(sending) = self.sending.take() {
            sending.join().expect("the sender ends well");
        }
    }

    /// What was acknowledged so far and the daemon does not know, or not as it was; nothing where it cannot be asked
    /// now.
    pub fn missing(&self, daemon: &Daemon<'_>) -> Vec<String> {
        // Looked at first: what is acknowledged meanwhile may be on either side.
        let acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let clock_is_wrong = self.clock_is_wrong.load(Ordering::Relaxed);
        let Some(known) = self.known(daemon) else { return Vec::new() };
        // What is said to be reported later than this was dated by a wrong clock, and hides what is reported now.
        let latest = Timestamp::now() + SignedDuration::from_mins(2);
        let mut missing: Vec<_> = acknowledged
            .into_iter()
            .filter_map(|(machine, reported_at)| match known.get(&machine) {
                Some(known) if *known >= reported_at && (*known <= latest || clock_is_wrong) => None,
                known => Some(format!("{machine} reported at {reported_at}, and what is known is {known:?}")),
            })
            .collect();
        missing.sort();
        missing
    }

    fn known(&self, daemon: &Daemon<'_>) -> Option<HashMap<String, Timestamp>> {
        let mut known = HashMap::new();
        for offset in (0..self.machines).step_by(PAGE) {
            let response = daemon.get(&format!("/api/v1/machines?limit={PAGE}&offset={offset}&sort=name"));
            let json: Value = serde_json::from_str(&response.body).ok().filter(|_| response.status == 200)?;
            known.extend(json["machines"].as_array()?.iter().map(|machine| {
                let reported_at = text(&machine["reported_at"]).parse().expect("it is a moment");
                (text(&machine["machine"]).to_owned(), reported_at)
            }));
        }
        Some(known)
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}
