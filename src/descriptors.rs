//! File descriptors: as many as this process may have, and how many probes at once they suffice for.
//!
//! A probe that gets none is a fault of this machine, and says nothing of the path it is for.

use std::fmt;

/// Kept for what is no probe: HTTP connections, the store, files.
const RESERVE: u64 = 64;

/// The most that one probe has open at once: an online one looks up two families of addresses.
const PER_PROBE: u64 = 2;

/// Raises the soft limit of this process to the hard one. Returns the limit in force; `None` where the system has none.
#[cfg(unix)]
pub fn raise_limit() -> Option<u64> {
    use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    // Where the hard limit is beyond what the system gives, the soft one stays.
    let limit = if setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() { hard } else { soft };
    (limit != RLIM_INFINITY).then_some(limit)
}

/// Raises nothing: other systems do not limit it in this way.
#[cfg(not(unix))]
pub fn raise_limit() -> Option<u64> {
    None
}

/// A bound on probes that had to be lowered, as a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowered {
    wanted: usize,
    allowed: usize,
    limit: u64,
}

impl fmt::Display for Lowered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, allowed, limit } = self;
        write!(
            formatter,
            "probe.concurrency is lowered from {wanted} to {allowed}: this process may have {limit} file descriptors, \
             and a probe needs up to {PER_PROBE}; raise the hard limit (LimitNOFILE= in a unit, ulimit -Hn in a shell), \
             or lower probe.concurrency"
        )
    }
}

/// Lowers how many probes may run at once to what `limit` descriptors suffice for. At least one always runs.
pub fn lower(concurrency: &mut usize, limit: Option<u64>) -> Option<Lowered> {
    let limit = limit?;
    let allowed = usize::try_from(limit.saturating_sub(RESERVE) / PER_PROBE).unwrap_or(usize::MAX).max(1);
    let wanted = *concurrency;
    *concurrency = wanted.min(allowed);
    (allowed < wanted).then_some(Lowered { wanted, allowed, limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_are_as_many_as_descriptors_suffice_for() {
        let cases = [
            (256, None, 256, false),
            (256, Some(1024), 256, false),
            (4096, Some(1024), 480, true),
            (256, Some(576), 256, false),
            (256, Some(575), 255, true),
            (256, Some(10), 1, true),
            (1, Some(10), 1, false),
        ];
        for (wanted, limit, expected, is_lowered) in cases {
            let mut concurrency = wanted;
            let lowered = lower(&mut concurrency, limit);
            assert_eq!((concurrency, lowered.is_some()), (expected, is_lowered), "{wanted} of {limit:?}");
        }
    }

    #[test]
    fn the_warning_names_the_numbers_and_what_to_do() {
        let warning = lower(&mut 4096, Some(1024)).unwrap().to_string();
        for part in ["from 4096 to 480", "1024 file descriptors", "LimitNOFILE=", "ulimit -Hn"] {
            assert!(warning.contains(part), "{warning}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        use nix::sys::resource::{Resource, getrlimit};
        raise_limit();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(soft, hard);
    }
}
