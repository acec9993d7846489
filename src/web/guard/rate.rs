//! A limit of requests: a bucket of tokens that one is put into at each interval.

use crate::config::web_file::RateLimit;
use std::time::{Duration, Instant};

/// The tokens there are.
#[derive(Debug, Default)]
pub(super) struct Bucket(Option<Filled>);

#[derive(Debug)]
struct Filled {
    limit: RateLimit,
    /// Fractions of a token count as well.
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// Takes a token at `now`; where there is none, how long until there is. Another limit begins with a full bucket.
    pub(super) fn take(&mut self, limit: RateLimit, now: Instant) -> Result<(), Duration> {
        let burst = f64::from(limit.burst);
        let filled = match &mut self.0 {
            Some(filled) if filled.limit == limit => filled,
            other => other.insert(Filled { limit, tokens: burst, at: now }),
        };
        let elapsed = now.saturating_duration_since(filled.at);
        filled.tokens = burst.min(filled.tokens + elapsed.as_secs_f64() / limit.interval.as_secs_f64());
        filled.at = now;
        if filled.tokens >= 1.0 {
            filled.tokens -= 1.0;
            return Ok(());
        }
        Err(limit.interval.mul_f64(1.0 - filled.tokens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_is_taken_and_then_one_in_each_interval() {
        let limit = RateLimit { interval: SECOND, burst: 3 };
        let (mut bucket, start) = (Bucket::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(bucket.take(limit, start), Ok(()));
        }
        assert_eq!(bucket.take(limit, start), Err(SECOND));
        assert_eq!(bucket.take(limit, start + SECOND / 4), Err(SECOND * 3 / 4));
        assert_eq!(bucket.take(limit, start + SECOND), Ok(()));
        assert!(bucket.take(limit, start + SECOND).is_err());
        // However long nobody asks, no more than a burst is saved up.
        let later = start + SECOND * 1000;
        assert_eq!((0..10).filter(|_| bucket.take(limit, later).is_ok()).count(), 3);
        let other = RateLimit { interval: SECOND, burst: 0 };
        assert_eq!(bucket.take(other, later), Err(SECOND));
    }
}
