//! The threads of the process: that there are some, and that their stacks are as large as they have to be, whatever the
//! limits are under which it was started.

use std::sync::mpsc;
use std::thread::{self, Builder};
use std::time::{Duration, Instant};
use std::{fs, io};
use thiserror::Error;
use tokio::runtime::{self, Runtime};

/// The stack of the thread that everything begins on: what a main thread usually has, even where `ulimit -s` is less.
const STACK: usize = 8 * 1024 * 1024;

/// How many threads work that blocks has at the most. What is beyond waits.
const BLOCKING: usize = 64;

/// They stay: where the system gives no more threads later, what they do is still done.
const KEPT: Duration = Duration::from_hours(24 * 365);

/// How many file descriptors the runtime needs.
#[cfg(unix)]
const DESCRIPTORS: usize = 6;

/// How long threads that ended may take to be gone.
const GONE: Duration = Duration::from_secs(1);

/// What there is too little of to begin.
#[derive(Debug, Error)]
pub enum TooFew {
    /// The system gives no thread.
    #[error(
        "the system does not provide enough threads ({0}); raise the process limit: `ulimit -u` in a shell, TasksMax= in a unit, the pids limit of a container"
    )]
    Threads(io::Error),
    /// It gives no descriptor.
    #[error(
        "the system does not provide enough file descriptors ({0}); raise the limit: `ulimit -n` in a shell, LimitNOFILE= in a unit"
    )]
    Descriptors(io::Error),
    /// It gives no event queue, or something else that is needed.
    #[error("the runtime cannot start: {0}")]
    Runtime(io::Error),
}

/// Runs `work` on a thread whose stack is large enough, and returns what it returns.
///
/// # Errors
/// [`TooFew::Threads`] where there is none.
pub fn run_aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, TooFew> {
    let thread = Builder::new().name("main".to_owned()).stack_size(STACK).spawn(work).map_err(TooFew::Threads)?;
    // The panic itself is already reported.
    Ok(thread.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked)))
}

/// The runtime, with as many threads as there are processors, or fewer where the system gives fewer.
///
/// # Errors
/// [`TooFew`] where it cannot work.
pub fn runtime() -> Result<Runtime, TooFew> {
    descriptors()?;
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let wanted = processors.max(configured().unwrap_or_default());
    // And one for work that blocks, and one in reserve: the store has threads of its own.
    let (there, error) = available(wanted + 2);
    let workers = there.saturating_sub(2).min(configured().unwrap_or(processors));
    if workers == 0 {
        return Err(TooFew::Threads(error.unwrap_or_else(|| io::Error::other("none is left"))));
    }
    let mut builder = runtime::Builder::new_multi_thread();
    builder.worker_threads(workers).max_blocking_threads(BLOCKING).thread_keep_alive(KEPT).enable_all();
    let runtime = builder.build().map_err(TooFew::Runtime)?;
    // The first of those that block is begun while it can be had.
    drop(runtime.spawn_blocking(|| ()));
    Ok(runtime)
}

/// How many workers the environment asks for, as it does of every program with this runtime.
fn configured() -> Option<usize> {
    std::env::var("TOKIO_WORKER_THREADS").ok()?.parse().ok().filter(|count| *count > 0)
}

/// How many threads there can be at once beside this one, up to a number. The runtime would panic where it gets none.
fn available(wanted: usize) -> (usize, Option<io::Error>) {
    let before = count();
    let mut error = None;
    let mut threads = Vec::new();
    for _ in 0..wanted {
        // Each waits until the other end is gone.
        let (held, wait) = mpsc::channel::<()>();
        match Builder::new().spawn(move || _ = wait.recv()) {
            Ok(thread) => threads.push((held, thread)),
            Err(refused) => {
                error = Some(refused);
                break;
            }
        }
    }
    let there = threads.len();
    for (held, thread) in threads {
        drop(held);
        let _ = thread.join();
    }
    // A thread counts for a moment longer than it can be waited for.
    let begun = Instant::now();
    while count() > before && begun.elapsed() < GONE {
        thread::sleep(Duration::from_millis(1));
    }
    (there, error)
}

/// How many threads this process has; none where that is not known.
fn count() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Whether the descriptors can be had that the runtime needs. It would panic where it gets none.
#[cfg(unix)]
fn descriptors() -> Result<(), TooFew> {
    let open = || fs::File::open("/dev/null");
    match (0..DESCRIPTORS).map(|_| open()).collect::<Result<Vec<_>, _>>() {
        // Where there is no such file, that says nothing of descriptors.
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(TooFew::Descriptors(error)),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
const fn descriptors() -> Result<(), TooFew> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_there_and_gone_again() {
        let (there, error) = available(3);
        assert_eq!((there, error.is_none()), (3, true));
        assert_eq!(run_aside(|| 3).unwrap(), 3);
        runtime().unwrap().block_on(async { tokio::task::spawn_blocking(|| ()).await.unwrap() });
    }
}
