//! A process that was stopped, or had no processor time for long, blames nobody for it: what it waited for meanwhile may
//! have come and gone, or never had its time.

use super::{Finding, Observation};
use crate::observation::{Failure, Reason, detail};
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How often a job is done at the most where this process was stopped each time.
const ATTEMPTS: usize = 3;

/// The shortest time that counts as long: on a busy machine everybody waits for a processor now and then.
const LONG: Duration = Duration::from_secs(1);

/// The least time from one look at the clock to the next.
const LOOK: Duration = Duration::from_millis(50);

/// Does a job whose stages take `limit` each at the most. Where this process stood still for long while a job failed, it
/// is done again; where that goes on, the fault is this machine's.
pub(super) async fn apart_from<F: Future<Output = Finding>>(limit: Duration, mut job: impl FnMut() -> F) -> Finding {
    // Whoever is asked has half of its time where this process stood still for less.
    let (tick, long) = ((limit / 4).max(LOOK), (limit / 2).max(LONG));
    let mut attempt = 1;
    loop {
        let (finding, stood_still) = watched(tick, long, job()).await;
        if !stood_still || !finding.observations().iter().any(may_be_ours) {
            return finding;
        }
        if attempt == ATTEMPTS {
            return ours(finding);
        }
        attempt += 1;
    }
}

/// Waits for a job, and says whether this process stood still for `long` meanwhile. It looks at the clock with each tick.
async fn watched<T>(tick: Duration, long: Duration, job: impl Future<Output = T>) -> (T, bool) {
    let mut job = pin!(job);
    let mut stood_still = false;
    loop {
        let due = Instant::now() + tick;
        let done = timeout_at(due, &mut job).await;
        stood_still |= due.elapsed() >= long;
        if let Ok(done) = done {
            return (done, stood_still);
        }
    }
}

/// True for a failure that may come of nothing but the time that passed. What a peer says counts whenever it is read.
fn may_be_ours(seen: &Observation) -> bool {
    seen.reason.is_some_and(|reason| {
        matches!(
            reason,
            Reason::TimedOut
                | Reason::Closed
                | Reason::ResetInHandshake
                | Reason::Unreachable
                | Reason::Truncated
                | Reason::ServerFailure
                | Reason::AuthRequired
        )
    })
}

/// The same finding, with what failed in it for the time that passed as a fault of this machine.
fn ours(mut finding: Finding) -> Finding {
    for seen in finding.observations_mut() {
        if may_be_ours(seen) && !matches!(seen.reason, Some(Reason::ServerFailure | Reason::AuthRequired)) {
            let failure = Failure::new(Reason::LocalError, detail!("own-pause"));
            *seen = Observation {
                observed_at: seen.observed_at,
                ..Observation::failed(seen.stage, failure, seen.duration)
            };
        }
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Detail, Stage};
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::task::Poll;

    const LIMIT: Duration = Duration::from_secs(2);

    /// Stops this process for a while: the clock moves on, and nobody else runs.
    async fn stop(pause: Duration) {
        let mut stopped = pin!(tokio::time::advance(pause));
        poll_fn(|context| {
            let _ = stopped.as_mut().poll(context);
            Poll::Ready(())
        })
        .await;
    }

    fn finding(reason: Option<Reason>) -> Finding {
        let outcome = reason.map_or(Ok(Detail::NONE), |reason| Err(Failure::new(reason, Detail::NONE)));
        Finding::Connect(vec![Observation::new(Stage::Rpc, outcome, Duration::ZERO)])
    }

    /// How often a job is done, and what it ends with, whose attempts are stopped for so long and end so.
    async fn done(attempts: &[(Duration, Option<Reason>)]) -> (usize, Option<Reason>) {
        let count = Cell::new(0);
        let job = || {
            let (pause, reason) = attempts[count.get()];
            count.set(count.get() + 1);
            async move {
                // It waits for something first, as for a connection.
                tokio::time::sleep(LIMIT / 8).await;
                stop(pause).await;
                finding(reason)
            }
        };
        let ended = apart_from(LIMIT, job).await;
        (count.get(), ended.observations()[0].reason)
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_while_this_process_is_stopped_is_done_again() {
        let (none, long) = (Duration::ZERO, LIMIT * 30);
        for reason in
            [Reason::TimedOut, Reason::Closed, Reason::ResetInHandshake, Reason::Unreachable, Reason::Truncated]
        {
            let reason = Some(reason);
            assert_eq!(done(&[(long, reason), (none, None)]).await, (2, None), "the peer is healthy");
            assert_eq!(done(&[(long, reason), (none, reason)]).await, (2, reason), "it is to blame by itself");
            assert_eq!(done(&[(none, reason)]).await, (1, reason));
            assert_eq!(done(&[(long, reason); ATTEMPTS]).await, (ATTEMPTS, Some(Reason::LocalError)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_counts_whenever_it_is_read() {
        for reason in
            [None, Some(Reason::Refused), Some(Reason::Nxdomain), Some(Reason::NotRpc), Some(Reason::Rejected)]
        {
            assert_eq!(done(&[(LIMIT * 30, reason)]).await, (1, reason));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_silent_is_waited_for_and_not_taken_for_a_pause() {
        let job = || async {
            tokio::time::sleep(LIMIT * 4).await;
            finding(Some(Reason::TimedOut))
        };
        let begun = Instant::now();
        assert_eq!(apart_from(LIMIT, job).await.observations()[0].reason, Some(Reason::TimedOut));
        assert_eq!(begun.elapsed(), LIMIT * 4);
    }
}
