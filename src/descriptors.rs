//! File descriptors: as many as this process may have, and how many probes and connections at once they suffice for.
//!
//! A probe that gets none is a fault of this machine, and says nothing of the path it is for. A scrape that gets none is
//! lost. So what anybody can open is bounded: connections get what probes leave, and a quarter of all at the least.

use crate::catalogue::{Message, message};
use std::fmt;

/// Kept for what is neither a probe nor a connection: the store, files, and connections that are being closed.
const RESERVE: u64 = 64;

/// The most that one probe has open at once: an online one looks up two families of addresses.
const PER_PROBE: u64 = 2;

/// What connections get at the least: a part of what is there, and no fewer than so many.
const SHARE: u64 = 4;
const LEAST: u64 = 8;

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

/// A bound that had to be lowered, as a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowered {
    key: &'static str,
    wanted: usize,
    allowed: usize,
    limit: u64,
}

impl Lowered {
    /// What to say of it.
    pub fn message(&self) -> Message {
        let Self { key, wanted, allowed, limit } = self;
        let [wanted, allowed, limit] = [wanted.to_string(), allowed.to_string(), limit.to_string()];
        message!(
            "descriptors-lowered",
            key = *key,
            wanted = wanted,
            allowed = allowed,
            limit = limit,
            each = PER_PROBE.to_string()
        )
    }
}

impl fmt::Display for Lowered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(formatter)
    }
}

/// Lowers how many probes may run at once, and how many connections may be open where there are any, to what `limit`
/// descriptors suffice for. At least one probe always runs. Returns what was lowered.
pub fn fit(concurrency: &mut usize, connections: Option<&mut usize>, limit: Option<u64>) -> Vec<Lowered> {
    let Some(limit) = limit else { return Vec::new() };
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let available = limit.saturating_sub(RESERVE);
    let mut lowered = Vec::new();
    let mut lower = |key, value: &mut usize, allowed: usize| {
        let wanted = *value;
        *value = wanted.min(allowed);
        if allowed < wanted {
            lowered.push(Lowered { key, wanted, allowed, limit });
        }
    };
    let mut left = available;
    if let Some(connections) = connections {
        let rest = available.saturating_sub(PER_PROBE.saturating_mul(*concurrency as u64));
        lower("web.connections", connections, number(rest.max(available / SHARE).max(LEAST)));
        left = available.saturating_sub(*connections as u64);
    }
    lower("probe.concurrency", concurrency, number(left / PER_PROBE).max(1));
    lowered
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
            let lowered = fit(&mut concurrency, None, limit);
            assert_eq!((concurrency, !lowered.is_empty()), (expected, is_lowered), "{wanted} of {limit:?}");
        }
    }

    #[test]
    fn connections_get_what_probes_leave_and_a_quarter_at_the_least() {
        let cases = [
            ((256, 512), None, (256, 512), 0),
            ((256, 512), Some(1088), (256, 512), 0),
            ((256, 512), Some(1024), (256, 448), 1),
            ((4096, 512), Some(1024), (360, 240), 2),
            ((256, 512), Some(256), (72, 48), 2),
            ((256, 16), Some(256), (88, 16), 1),
            ((256, 512), Some(10), (1, 8), 2),
        ];
        for ((probes, open), limit, expected, lowered) in cases {
            let (mut concurrency, mut connections) = (probes, open);
            let warnings = fit(&mut concurrency, Some(&mut connections), limit);
            assert_eq!(((concurrency, connections), warnings.len()), (expected, lowered), "of {limit:?}");
            let used = 2 * concurrency + connections;
            assert!(limit.is_none_or(|limit| limit < 100 || used as u64 + RESERVE <= limit), "{used} of {limit:?}");
        }
    }

    #[test]
    fn the_warning_names_the_numbers_and_what_to_do() {
        let lowered = fit(&mut 4096, None, Some(1024));
        let warning = lowered.first().unwrap().to_string();
        for part in
            ["probe.concurrency is lowered from 4096 to 480", "1024 file descriptors", "LimitNOFILE=", "ulimit -Hn"]
        {
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
