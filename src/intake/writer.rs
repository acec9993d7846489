//! Writes reports into the store. What several senders hand over at once goes to disk in one transaction.

use crate::store::{Received, Store, StoreError, Taken};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// How many batches may wait.
const QUEUE: usize = 64;

/// How many reports are written together at the most.
const TOGETHER: usize = 2000;

/// Where reports are handed over. Clones write to the same store.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: mpsc::Sender<Batch>,
}

/// The other end: what is to be written.
#[derive(Debug)]
pub struct Queue {
    batches: mpsc::Receiver<Batch>,
}

#[derive(Debug)]
struct Batch {
    reports: Vec<Received>,
    reply: oneshot::Sender<Written>,
}

/// What became of each report of a batch, in its order.
type Written = Result<Vec<Taken>, Arc<StoreError>>;

/// Why reports were not written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WriteError {
    /// The store did not take them.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The program is stopping.
    #[error("gracewatch is stopping")]
    Stopping,
}

impl Writer {
    /// A writer, and the queue that [`write()`] works off.
    pub fn new() -> (Self, Queue) {
        let (queue, batches) = mpsc::channel(QUEUE);
        (Self { queue }, Queue { batches })
    }

    /// Writes a batch. Once this returns it is on disk.
    ///
    /// # Errors
    /// [`WriteError`]; nothing of the batch is written then.
    pub async fn write(&self, reports: Vec<Received>) -> Result<Vec<Taken>, WriteError> {
        let (reply, written) = oneshot::channel();
        self.queue.send(Batch { reports, reply }).await.map_err(|_| WriteError::Stopping)?;
        written.await.map_err(|_| WriteError::Stopping)?.map_err(WriteError::Store)
    }
}

/// Works off the queue until all writers are gone. `written` is told of everything that changed the store.
pub async fn write(store: Store, mut queue: Queue, written: watch::Sender<()>) {
    while let Some(first) = queue.batches.recv().await {
        let mut batches = vec![first];
        let mut count = batches.iter().map(|batch| batch.reports.len()).sum::<usize>();
        while count < TOGETHER
            && let Ok(batch) = queue.batches.try_recv()
        {
            count += batch.reports.len();
            batches.push(batch);
        }
        write_together(&store, batches).await;
        written.send_replace(());
    }
}

/// Writes batches in one transaction. Where that fails for good each is tried alone, so that none spoils the others.
async fn write_together(store: &Store, mut batches: Vec<Batch>) {
    if batches.len() > 1 {
        let all = batches.iter().flat_map(|batch| batch.reports.iter().cloned()).collect();
        match store.take(all).await {
            Ok(taken) => {
                let mut taken = taken.into_iter();
                for Batch { reports, reply } in batches {
                    // Whoever asked may be gone.
                    let _ = reply.send(Ok(taken.by_ref().take(reports.len()).collect()));
                }
                return;
            }
            Err(error) if error.is_temporary() => {
                let error = Arc::new(error);
                for batch in batches {
                    let _ = batch.reply.send(Err(Arc::clone(&error)));
                }
                return;
            }
            Err(_) => {}
        }
    }
    for Batch { reports, reply } in batches.drain(..) {
        let _ = reply.send(store.take(reports).await.map_err(Arc::new));
    }
}
