//! How much work it is to read something: the time that a processor spends on it, whatever runs beside.

use std::time::Duration;

/// Far more than what is linear takes, even unoptimized, and far less than what is quadratic.
const LIMIT: Duration = Duration::from_secs(30);

/// Insists that work on a large input is none to speak of.
pub(super) fn assert_takes_no_time(work: impl FnOnce()) {
    let begun = processor_time();
    work();
    let taken = processor_time().saturating_sub(begun);
    assert!(taken < LIMIT, "{taken:?}");
}

/// What the processors spent on this thread so far.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

/// Elsewhere all that passes is counted.
#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    static BEGUN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    BEGUN.elapsed()
}
