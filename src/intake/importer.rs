//! Imports whole inputs, wherever they come from: a file, the inbox, or a request.

use super::admission::Admission;
use super::decide::{Submission, Taken};
use super::settle::{self, Origin, Outcome};
use super::stop::StopOnDrop;
use super::writer::{WriteError, Writer};
use crate::catalogue::{Message, message};
use crate::counters::Counters;
use crate::formats::FormatError;
use crate::license::{MachineName, Source};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::mpsc;
use tokio::task;

/// How many reports are handed to the store at once.
const BATCH: usize = 1000;

/// How many batches may be read ahead of the store.
const AHEAD: usize = 2;

/// Imports inputs into a store.
#[derive(Debug, Clone)]
pub struct Importer {
    writer: Writer,
    counters: Arc<Counters>,
    admission: Arc<Admission>,
}

/// How many machines of one input are named.
const MAX_NAMES: usize = 100;

/// What became of one input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Reports that brought something new.
    pub stored: u64,
    /// Reports that were there already.
    pub unchanged: u64,
    /// Reports of what is known to be otherwise by now.
    pub outdated: u64,
    /// How many machines these are about.
    pub machines: u64,
    /// The first of these, as they are named in it.
    pub names: Vec<MachineName>,
    /// How the reading went.
    pub reading: Outcome,
}

impl Imported {
    /// How many reports the store now answers for.
    pub const fn accepted(&self) -> u64 {
        self.stored + self.unchanged + self.outdated
    }

    /// What is wrong with the input, if something is, a line each, for the log and the file beside it. The worst of what
    /// was not understood is among them.
    pub fn fault(&self) -> Option<String> {
        let mut faults: Vec<_> = self.faults().iter().map(ToString::to_string).collect();
        if faults.is_empty() {
            return None;
        }
        faults.extend(self.not_understood().map(|message| message.to_string()));
        Some(faults.join("\n"))
    }

    /// How much was understood, how much does not matter and how much was not understood, and the first of the worst of
    /// that, where something was not.
    pub fn not_understood(&self) -> Option<Message> {
        let Outcome { counts, skipped, .. } = &self.reading;
        let quote = skipped.first.as_deref()?;
        let (understood, noise) = (counts.understood, counts.noise);
        Some(message!("not-understood", count = skipped.count, quote = quote, understood = understood, noise = noise))
    }

    /// What is wrong with the input.
    pub fn faults(&self) -> Vec<Message> {
        let Outcome { error, rejected, skipped, nothing, .. } = &self.reading;
        let mut faults: Vec<_> = error.iter().map(FormatError::message).collect();
        faults.extend(rejected.listed.iter().map(|(number, reason)| match number {
            Some(number) => message!("report-rejected", number = *number, reason = reason.clone()),
            None => reason.clone(),
        }));
        let unlisted = rejected.count().saturating_sub(rejected.listed.len() as u64);
        if unlisted > 0 {
            faults.push(message!("more-reports-rejected", count = unlisted));
        }
        // A file that yields nothing is no success, whatever the reason.
        if faults.is_empty() && self.accepted() == 0 {
            faults.push(match nothing {
                Some(nothing) => nothing.message(),
                None if skipped.count > 0 => message!("input-not-understood"),
                None => message!("input-nothing"),
            });
        }
        faults
    }

    /// What became of it.
    pub fn outcome(&self) -> Message {
        let Self { stored, unchanged, outdated, reading, .. } = self;
        let stored = message!("reports-stored", stored = *stored, unchanged = *unchanged, outdated = *outdated);
        match (reading.rejected.count(), reading.skipped.count) {
            (0, 0) => stored,
            (refused, 0) => message!("reports-refused", stored = stored, refused = refused),
            (0, skipped) => message!("reports-not-understood", stored = stored, skipped = skipped),
            (refused, skipped) => {
                let refused = message!("reports-refused", stored = stored, refused = refused);
                message!("reports-not-understood", stored = refused, skipped = skipped)
            }
        }
    }
}

impl fmt::Display for Imported {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outcome().fmt(formatter)
    }
}

impl Importer {
    /// An importer that counts in `counters`.
    pub fn new(writer: Writer, counters: Arc<Counters>) -> Self {
        let admission = Admission::new(Arc::clone(&counters));
        Self { writer, counters, admission }
    }

    /// What lets requests in, which bring inputs.
    pub const fn admission(&self) -> &Arc<Admission> {
        &self.admission
    }

    /// What it counts in.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Imports an input. What is good in it is on disk once this returns. Where this is dropped, the reading ends soon; the
    /// input is dropped when it has ended.
    ///
    /// # Errors
    /// [`WriteError`] where the store failed. Part of the input may be stored then; to import it again does no harm.
    pub async fn import(
        &self,
        bytes: impl AsRef<[u8]> + Send + 'static,
        origin: Origin,
    ) -> Result<Imported, WriteError> {
        let (batches, read) = mpsc::channel(AHEAD);
        let stop = StopOnDrop::default();
        let flag = stop.flag();
        let reading = task::spawn_blocking(move || read_in_batches(bytes.as_ref(), &origin, &flag, &batches));
        let mut imported = self.write_all(read).await?;
        // A panic of the reader is a fault of this program, and no fault of the input.
        let outcome = reading.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let by_store = std::mem::replace(&mut imported.reading, outcome).rejected;
        imported.reading.rejected.append(by_store);
        for (source, count) in &imported.reading.rejected.counts {
            self.counters.count_reports(*source, "refused", *count);
        }
        Ok(imported)
    }

    /// Writes batch after batch, as they are read.
    async fn write_all(&self, mut read: mpsc::Receiver<Vec<Submission>>) -> Result<Imported, WriteError> {
        let mut imported = Imported::default();
        let mut machines = HashSet::new();
        while let Some(batch) = read.recv().await {
            let about = |it: &Submission| (it.received.report.source, it.received.machine.clone());
            let reports: Vec<(Source, MachineName)> = batch.iter().map(about).collect();
            let taken = match self.writer.write(batch).await {
                Ok(taken) => taken,
                Err(error) => {
                    for (source, _) in reports {
                        self.counters.count_reports(source, "failed", 1);
                    }
                    return Err(error);
                }
            };
            for ((source, machine), taken) in reports.into_iter().zip(taken) {
                let (count, result) = match taken {
                    Taken::Stored { .. } => (&mut imported.stored, "stored"),
                    Taken::Unchanged => (&mut imported.unchanged, "unchanged"),
                    Taken::Outdated => (&mut imported.outdated, "outdated"),
                    Taken::Rejected(reason) => {
                        imported.reading.rejected.add(source, None, reason);
                        continue;
                    }
                };
                *count += 1;
                machines.insert(machine);
                self.counters.count_reports(source, result, 1);
            }
        }
        imported.machines = machines.len() as u64;
        imported.names = machines.into_iter().take(MAX_NAMES).collect();
        Ok(imported)
    }
}

fn read_in_batches(
    bytes: &[u8],
    origin: &Origin,
    stop: &AtomicBool,
    batches: &mpsc::Sender<Vec<Submission>>,
) -> Outcome {
    let mut batch = Vec::new();
    let outcome = settle::read(bytes, origin, stop, &mut |submission| {
        batch.push(submission);
        if batch.len() == BATCH {
            // Where nobody takes them any more the store has failed, which is reported.
            let _ = batches.blocking_send(std::mem::take(&mut batch));
        }
    });
    if !batch.is_empty() {
        let _ = batches.blocking_send(batch);
    }
    outcome
}
