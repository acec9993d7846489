//! One thread for work on files that may hang, as on a share whose server is gone: nothing else waits for it, and while
//! it hangs no other is begun.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long work may make no progress before it counts as hanging.
pub(in crate::intake) const LIMIT: Duration = Duration::from_secs(10);

/// How far the work came: it moves on with each step that ends.
#[derive(Debug, Clone, Default)]
pub(in crate::intake) struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Says that a step ended.
    pub(super) fn step(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn steps(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A reader whose every read is a step.
pub(super) struct Stepping<'a, R> {
    pub(super) reader: R,
    pub(super) progress: &'a Progress,
}

impl<R: Read> Read for Stepping<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer);
        self.progress.step();
        read
    }
}

type Work = Box<dyn FnOnce(&Progress) + Send>;

/// The thread. It ends with this value, or once the work that hangs then returns.
#[derive(Debug)]
pub(in crate::intake) struct Aside {
    queue: Sender<Work>,
    progress: Progress,
    thread: JoinHandle<()>,
}

impl Aside {
    /// Starts the thread.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(in crate::intake) fn start(name: &str) -> io::Result<Self> {
        let (queue, work) = mpsc::channel::<Work>();
        let progress = Progress::default();
        let known = progress.clone();
        let work = move || work.iter().for_each(|work| work(&known));
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Self { queue, progress, thread })
    }

    /// True where it ended, for work on it panicked.
    pub(in crate::intake) fn is_over(&self) -> bool {
        self.thread.is_finished()
    }

    /// Does `work` there. `hangs` is called where it makes no progress for [`LIMIT`], and is waited for all the same:
    /// what it comes to is not lost. `None` where it panics.
    pub(in crate::intake) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
        mut hangs: impl FnMut(),
    ) -> Option<T> {
        let (reply, mut answer) = oneshot::channel();
        let work: Work = Box::new(move |progress| {
            // Whoever asked may be gone.
            let _ = reply.send(work(progress));
        });
        self.queue.send(work).ok()?;
        let (mut steps, mut is_hanging) = (self.progress.steps(), false);
        loop {
            if let Ok(answered) = timeout(LIMIT, &mut answer).await {
                return answered.ok();
            }
            let now = self.progress.steps();
            if std::mem::replace(&mut steps, now) == now && !std::mem::replace(&mut is_hanging, true) {
                hangs();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    /// Work that blocks until the other end says otherwise, `times` times.
    fn blocking(times: usize) -> (Sender<()>, impl FnOnce(&Progress) -> usize + Send + 'static) {
        let (go_on, wait) = mpsc::channel();
        let work = move |progress: &Progress| {
            for _ in 0..times {
                // The other end may be gone.
                let _ = wait.recv();
                progress.step();
            }
            times
        };
        (go_on, work)
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_hangs_is_reported_once_and_its_result_is_not_lost() {
        let aside = Aside::start("test").unwrap();
        let (go_on, work) = blocking(1);
        let reported = AtomicUsize::new(0);
        let running = aside.run(work, || _ = reported.fetch_add(1, Ordering::Relaxed));
        let others = async {
            // The clock stands still until all wait, and then moves on: what else runs is not held up.
            tokio::time::sleep(5 * LIMIT).await;
            assert_eq!(reported.load(Ordering::Relaxed), 1);
            go_on.send(()).unwrap();
        };
        assert_eq!(tokio::join!(running, others).0, Some(1));
        assert_eq!(aside.run(|_| 2, || ()).await, Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_moves_on_does_not_hang_however_long_it_takes() {
        let aside = Aside::start("test").unwrap();
        let (go_on, work) = blocking(9);
        let reported = AtomicUsize::new(0);
        let running = aside.run(work, || _ = reported.fetch_add(1, Ordering::Relaxed));
        let others = async {
            for _ in 0..9 {
                let before = aside.progress.steps();
                tokio::time::sleep(LIMIT / 2).await;
                go_on.send(()).unwrap();
                while aside.progress.steps() == before {
                    thread::yield_now();
                }
            }
        };
        assert_eq!(tokio::join!(running, others).0, Some(9));
        assert_eq!(reported.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn work_that_panics_comes_to_nothing() {
        let aside = Aside::start("test").unwrap();
        assert_eq!(aside.run(|_| assert_eq!(1, 2, "as meant by the test"), || ()).await, None);
        assert_eq!(aside.run(|_| 2, || ()).await, None);
    }
}
