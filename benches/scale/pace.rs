//! Doing the same again and again, at a rate or without pause, and what that costs of a processor.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// How fast.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// So many at once, until so many are done.
    FlatOut { concurrency: usize, count: usize },
    /// So many a second, for so long.
    Rate { per_second: u32, duration: Duration },
}

/// Does what `make` returns for one number after the other, in this thread alone. Returns the processor time that one
/// takes, in the system as well, so that nothing else that runs in the process counts.
pub(crate) fn processor_time<F>(pace: Pace, mut make: impl FnMut(usize) -> F) -> Duration
where
    F: Future<Output = ()> + 'static + Send,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let begun = used();
    let done = runtime.block_on(async {
        let mut running = JoinSet::new();
        match pace {
            Pace::FlatOut { concurrency, count } => {
                for number in 0..count {
                    if running.len() >= concurrency {
                        running.join_next().await.expect("some run").expect("it does not panic");
                    }
                    running.spawn(make(number));
                }
                finish(running).await;
                count
            }
            Pace::Rate { per_second, duration } => {
                let mut ticks = interval(Duration::from_secs(1) / per_second);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
                let count = usize::try_from(duration.as_millis() * u128::from(per_second) / 1000).expect("a few");
                for number in 0..count {
                    ticks.tick().await;
                    while let Some(ended) = running.try_join_next() {
                        ended.expect("it does not panic");
                    }
                    running.spawn(make(number));
                }
                finish(running).await;
                count
            }
        }
    });
    used().saturating_sub(begun) / u32::try_from(done).expect("a few")
}

async fn finish(mut running: JoinSet<()>) {
    while let Some(ended) = running.join_next().await {
        ended.expect("it does not panic");
    }
}

/// How long this thread has used a processor.
fn used() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("it is known");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(micros).expect("time goes on"))
}
