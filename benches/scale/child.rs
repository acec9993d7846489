//! What a child process has used so far, by proc(5).

use std::fs;
use std::time::Duration;

/// How long a process has used a processor, with all its threads, in hundredths of a second.
pub(crate) fn processor_time(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().ok());
    Some(Duration::from_millis(10 * ticks.sum::<Option<u64>>()?))
}

/// The same to the nanosecond, of the threads there are now.
pub(crate) fn run_time(process: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    // A thread that has just ended is skipped.
    let times = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    Some(Duration::from_nanos(times.filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok()).sum()))
}
