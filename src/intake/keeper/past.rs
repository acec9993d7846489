//! What strangers read of the past, which is in the store alone. Only one reads it at once, on a connection that nothing
//! else waits for, so that whoever writes is delayed by none of them. How it goes says nothing of the store to those who
//! watch it.

use super::Keeper;
use crate::store::{Store, StoreError};
use std::time::Duration;
use thiserror::Error;
use tokio::time::timeout;

/// How many read the past at once: those for whom a connection is kept.
pub(super) const READERS: usize = 1;

/// How long whoever asks waits for those who asked before.
pub const TURN: Duration = Duration::from_secs(2);

/// Why the past is not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unread {
    /// Too many read it already. Nothing is wrong with the store.
    #[error("too many read the past")]
    Busy,
    #[error(transparent)]
    Failed(#[from] StoreError),
}

impl Keeper {
    /// Reads something of the past. What is begun is read to its end, and counts until then, also where whoever asked is
    /// gone.
    ///
    /// # Errors
    /// [`Unread`] where others are at it for too long, or the store cannot be read.
    pub async fn read_past<T, R>(&self, read: impl FnOnce(Store) -> R + Send + 'static) -> Result<T, Unread>
    where
        T: Send + 'static,
        R: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let turn = timeout(TURN, self.inner.past.clone().acquire_owned()).await;
        // Never closed.
        let turn = turn.ok().and_then(Result::ok).ok_or(Unread::Busy)?;
        let store = self.store().clone();
        let reading = tokio::spawn(async move {
            let _turn = turn;
            read(store).await
        });
        match reading.await {
            Ok(read) => Ok(read?),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime ends.
                Err(_) => Err(Unread::Busy),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreUrl;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn one_reads_at_a_time_and_counts_until_its_end_though_nobody_waits_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let url: StoreUrl = format!("sqlite:{}", folder.path().join("gw.db").display()).parse().unwrap();
        let keeper = Keeper::open(&url).await.unwrap();
        tokio::time::pause();
        let (end, ended) = oneshot::channel::<()>();
        let hanging = keeper.read_past(async |_| {
            let _ = ended.await;
            Ok(())
        });
        // Whoever asked hangs up.
        assert!(timeout(TURN, hanging).await.is_err());
        assert_eq!(keeper.read_past(async |_| Ok(1)).await, Err(Unread::Busy));
        end.send(()).unwrap();
        assert_eq!(keeper.read_past(async |_| Ok(1)).await, Ok(1));
        let busy = StoreError::Busy { store: String::new() };
        let failed = busy.clone();
        assert_eq!(keeper.read_past(async move |_| Err::<(), _>(failed)).await, Err(busy.into()));
        tokio::time::resume();
        keeper.close().await;
    }
}
