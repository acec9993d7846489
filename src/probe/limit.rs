//! The time limit of a stage, also where this process itself was stopped meanwhile, or its machine slept.

use crate::observation::{Failure, Reason};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Does what takes `limit` at most. `late` is why it failed where the time was up.
///
/// # Errors
/// Its own failure, or `late`.
pub(super) async fn within<T>(
    limit: Duration,
    stage: impl Future<Output = Result<T, Failure>>,
    late: impl FnOnce() -> Failure,
) -> Result<T, Failure> {
    until(Instant::now() + limit, stage, late).await
}

/// Does what is to be over at `deadline`, as [`within`] does.
///
/// # Errors
/// Its own failure, or `late`.
pub(super) async fn until<T>(
    deadline: Instant,
    stage: impl Future<Output = Result<T, Failure>>,
    late: impl FnOnce() -> Failure,
) -> Result<T, Failure> {
    match timeout_at(deadline, stage).await {
        // Whoever was stopped finds what happened meanwhile all at once. An answer is one whenever it came. That a
        // silent peer gave up at last would not have been seen within the limit.
        Ok(Err(failure)) if may_be_late(failure.reason) && Instant::now() >= deadline => Err(late()),
        Ok(outcome) => outcome,
        Err(_) => Err(late()),
    }
}

/// True for what a peer, or a router before it, does only once it has been silent for long.
const fn may_be_late(reason: Reason) -> bool {
    matches!(reason, Reason::Closed | Reason::ResetInHandshake | Reason::Unreachable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Detail;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    const LIMIT: Duration = Duration::from_secs(2);

    /// What is seen at once after this process was stopped for `pause`.
    async fn after(pause: Duration, outcome: Result<(), Reason>) -> Result<(), Reason> {
        let failure = |reason| Failure::new(reason, Detail::NONE);
        let stage = async {
            let mut stopped = pin!(tokio::time::advance(pause));
            // The clock moves on, and nobody else runs meanwhile.
            poll_fn(|context| {
                let _ = stopped.as_mut().poll(context);
                Poll::Ready(())
            })
            .await;
            outcome.map_err(failure)
        };
        within(LIMIT, stage, || failure(Reason::TimedOut)).await.map_err(|failure| failure.reason)
    }

    #[tokio::test(start_paused = true)]
    async fn what_silence_ends_in_is_silence_once_the_time_is_up() {
        for reason in [Reason::Closed, Reason::ResetInHandshake, Reason::Unreachable] {
            assert_eq!(after(LIMIT / 2, Err(reason)).await, Err(reason));
            assert_eq!(after(LIMIT * 2, Err(reason)).await, Err(Reason::TimedOut), "{reason:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_counts_whenever_it_is_read() {
        assert_eq!(after(LIMIT * 2, Ok(())).await, Ok(()));
        for reason in [Reason::Refused, Reason::Rejected, Reason::NotRpc, Reason::LocalError] {
            assert_eq!(after(LIMIT * 2, Err(reason)).await, Err(reason));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_at_the_limit() {
        let begun = Instant::now();
        let failure =
            within(LIMIT, std::future::pending::<Result<(), _>>(), || Failure::new(Reason::TimedOut, Detail::NONE));
        assert_eq!(failure.await.map_err(|failure| failure.reason), Err(Reason::TimedOut));
        assert_eq!(begun.elapsed(), LIMIT);
    }
}
