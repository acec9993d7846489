//! Hands reports over to where they are kept. What several senders hand over at once goes to disk in one transaction.

use super::decide::{Submission, Taken};
use super::keeper::Keeper;
use crate::store::StoreError;
use prometheus::IntGauge;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many batches may wait.
const QUEUE: usize = 64;

/// How many reports are written together at the most.
const TOGETHER: usize = 2000;

/// Where reports are handed over. Clones write to the same store.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: mpsc::Sender<Batch>,
    /// How many reports wait.
    waiting: Option<IntGauge>,
}

/// The other end: what is to be written.
#[derive(Debug)]
pub struct Queue {
    batches: mpsc::Receiver<Batch>,
}

#[derive(Debug)]
struct Batch {
    reports: Vec<Submission>,
    reply: oneshot::Sender<Written>,
    _waiting: Waiting,
}

/// Reports that wait for as long as this is there.
#[derive(Debug)]
struct Waiting(Option<IntGauge>, i64);

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Self(Some(gauge), count) = self {
            gauge.sub(*count);
        }
    }
}

/// What became of each report of a batch, in its order.
type Written = Result<Vec<Taken>, Arc<StoreError>>;

/// Why reports were not written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WriteError {
    /// The store failed.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The program is stopping.
    #[error("gracewatch is stopping")]
    Stopping,
}

impl Writer {
    /// A writer, and the queue that [`write()`] processes.
    pub fn new() -> (Self, Queue) {
        let (queue, batches) = mpsc::channel(QUEUE);
        (Self { queue, waiting: None }, Queue { batches })
    }

    /// The same, which shows how many reports wait.
    pub fn counting(waiting: IntGauge) -> (Self, Queue) {
        let (writer, queue) = Self::new();
        (Self { waiting: Some(waiting), ..writer }, queue)
    }

    fn wait(&self, reports: &[Submission]) -> Waiting {
        let waiting = Waiting(self.waiting.clone(), i64::try_from(reports.len()).unwrap_or(i64::MAX));
        if let Waiting(Some(gauge), count) = &waiting {
            gauge.add(*count);
        }
        waiting
    }

    /// Writes a batch. Once this returns it is on disk.
    ///
    /// # Errors
    /// [`WriteError`]; nothing of the batch is written then.
    pub async fn write(&self, reports: Vec<Submission>) -> Result<Vec<Taken>, WriteError> {
        let (reply, written) = oneshot::channel();
        let waiting = self.wait(&reports);
        self.queue.send(Batch { reports, reply, _waiting: waiting }).await.map_err(|_| WriteError::Stopping)?;
        written.await.map_err(|_| WriteError::Stopping)?.map_err(WriteError::Store)
    }
}

/// Processes the queue until all writers are gone.
pub async fn write(keeper: Keeper, mut queue: Queue) {
    while let Some(first) = queue.batches.recv().await {
        let mut count = first.reports.len();
        let mut batches = vec![first];
        while count < TOGETHER
            && let Ok(batch) = queue.batches.try_recv()
        {
            count += batch.reports.len();
            batches.push(batch);
        }
        if let Some(late) = write_together(&keeper, batches).await {
            // These waited for as long, and would have to once more.
            while let Ok(batch) = queue.batches.try_recv() {
                let _ = batch.reply.send(Err(Arc::clone(&late)));
            }
        }
    }
}

/// Writes batches in one transaction. Where that fails for good each is tried alone, so that none spoils the others. Returns
/// the error where it was waited for.
async fn write_together(keeper: &Keeper, batches: Vec<Batch>) -> Option<Arc<StoreError>> {
    if batches.len() > 1 {
        let all = batches.iter().flat_map(|batch| batch.reports.iter().cloned()).collect();
        match keeper.take(all).await {
            Ok(taken) => {
                let mut taken = taken.into_iter();
                for Batch { reports, reply, .. } in batches {
                    // Whoever asked may be gone.
                    let _ = reply.send(Ok(taken.by_ref().take(reports.len()).collect()));
                }
                return None;
            }
            Err(error) if error.is_temporary() => {
                let error = Arc::new(error);
                for batch in batches {
                    let _ = batch.reply.send(Err(Arc::clone(&error)));
                }
                return if_late(error);
            }
            Err(_) => {}
        }
    }
    let mut late = None;
    for Batch { reports, reply, .. } in batches {
        let written = keeper.take(reports).await.map_err(Arc::new);
        late = written.as_ref().err().cloned().and_then(if_late);
        let _ = reply.send(written);
    }
    late
}

/// Another program held the store for too long, or it hangs.
fn if_late(error: Arc<StoreError>) -> Option<Arc<StoreError>> {
    matches!(*error, StoreError::Busy { .. } | StoreError::Unavailable { .. }).then_some(error)
}
