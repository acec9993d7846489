//! Work on files that may hang, as on a share whose server is gone: nothing else waits for it, and while it hangs no other
//! is begun, so that threads do not pile up.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long work may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Does one piece of work at a time. Copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Aside {
    turn: Arc<Mutex<()>>,
    /// True where what has the turn took too long.
    is_late: Arc<AtomicBool>,
}

impl Aside {
    /// Does work on a thread of its own, and waits for it, but not for long.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] where it hangs, or what hung before still does; then nothing was begun.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
        let turn = match Arc::clone(&self.turn).try_lock_owned() {
            Ok(turn) => turn,
            Err(_) if self.is_late.load(Ordering::Relaxed) => return Err(io::ErrorKind::TimedOut.into()),
            Err(_) => timeout(LIMIT, Arc::clone(&self.turn).lock_owned()).await?,
        };
        self.is_late.store(false, Ordering::Relaxed);
        let working = spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        let Ok(done) = timeout(LIMIT, working).await else {
            self.is_late.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::TimedOut.into());
        };
        done.map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test(start_paused = true)]
    async fn while_work_hangs_no_other_is_begun_and_once_it_returns_others_are() {
        let aside = Aside::default();
        let (go_on, wait) = mpsc::channel::<()>();
        let late = |done: io::Result<_>| assert_eq!(done.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        // The clock stands still while work is done.
        let waiting = aside.run(move || _ = wait.recv());
        late(tokio::join!(waiting, tokio::time::advance(LIMIT + Duration::from_millis(1))).0);
        let begun = tokio::time::Instant::now();
        for _ in 0..3 {
            late(aside.run(|| panic!("it is begun")).await);
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
        drop(go_on);
        while aside.turn.try_lock().is_err() {
            std::thread::yield_now();
        }
        assert_eq!(aside.run(|| 2).await.unwrap(), 2);
    }
}
