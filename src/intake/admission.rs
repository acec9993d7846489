//! How much of what is sent is received, inflated and processed at once. Over all senders it is bounded, and of that no
//! token has more than half, so that none keeps the others out.
//!
//! A body takes what it needs in this order and gives it back in the end, so that no two wait for one another: the
//! bytes it is received into, its turn to be processed, and the bytes it is inflated into.

use crate::counters::{BodyBound, Counters};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The longest body that is taken as it is sent, in bytes.
pub const MAX_SENT: u32 = 8 * 1024 * 1024;
/// What it may become when it is inflated, in bytes.
pub const MAX_INFLATED: u32 = 32 * 1024 * 1024;

/// What a token may have at once. All together may have twice as much.
const SHARE: Limits = Limits { received: 2 * MAX_SENT, inflated: MAX_INFLATED, processed: 4 };

/// What the shortest body counts for, in bytes: so many bodies are bounded as well.
const LEAST: u32 = 16 * 1024;

/// How long a body waits for what it needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many tokens there are before those are forgotten of which nothing is held.
const REMEMBERED: usize = 1000;

/// How much there may be of each.
#[derive(Debug, Clone, Copy)]
struct Limits {
    received: u32,
    inflated: u32,
    processed: u32,
}

/// What there is to be had, for one token or for all.
#[derive(Debug)]
struct Pool {
    received: Arc<Semaphore>,
    inflated: Arc<Semaphore>,
    processed: Arc<Semaphore>,
}

/// Lets bodies in.
#[derive(Debug)]
pub struct Admission {
    all: Pool,
    shares: Mutex<HashMap<Arc<str>, Arc<Pool>>>,
    counters: Arc<Counters>,
}

/// An admitted sender: what its token may have.
#[derive(Debug, Clone)]
pub struct Admitted {
    admission: Arc<Admission>,
    share: Arc<Pool>,
}

/// What a body holds of a bound, until it is dropped.
#[derive(Debug)]
pub struct Held {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
    count: u32,
    bound: BodyBound,
    counters: Arc<Counters>,
}

/// What a body needs cannot be had for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many reports arrive at once; send this again later")]
pub struct Overloaded;

impl Pool {
    fn new(limits: Limits, times: u32) -> Self {
        let [received, inflated, processed] = [limits.received, limits.inflated, limits.processed]
            // Far below the most that it takes.
            .map(|limit| Arc::new(Semaphore::new(usize::try_from(limit * times).unwrap_or(Semaphore::MAX_PERMITS))));
        Self { received, inflated, processed }
    }

    const fn of(&self, bound: BodyBound) -> &Arc<Semaphore> {
        match bound {
            BodyBound::Received => &self.received,
            BodyBound::Inflated => &self.inflated,
            BodyBound::Processed => &self.processed,
        }
    }
}

impl Admission {
    /// Nobody is in yet. What waits and is rejected is counted in `counters`.
    pub fn new(counters: Arc<Counters>) -> Arc<Self> {
        let all = Pool::new(SHARE, 2);
        for bound in BodyBound::ALL {
            let limit = all.of(bound).available_permits();
            counters.bodies().set_limit(bound, i64::try_from(limit).unwrap_or(i64::MAX));
        }
        Arc::new(Self { all, shares: Mutex::default(), counters })
    }

    /// The share of a token.
    pub fn admit(self: &Arc<Self>, token: &Arc<str>) -> Admitted {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if shares.len() >= REMEMBERED {
            shares.retain(|_, share| Arc::strong_count(share) > 1);
        }
        let share = shares.entry(Arc::clone(token)).or_insert_with(|| Arc::new(Pool::new(SHARE, 1)));
        Admitted { admission: Arc::clone(self), share: Arc::clone(share) }
    }
}

impl Admitted {
    /// Room for a body as it is received; one of more than [`MAX_SENT`] is taken for one of so many.
    ///
    /// # Errors
    /// [`Overloaded`] where it cannot be had in time.
    pub async fn receive(&self, bytes: u32) -> Result<Held, Overloaded> {
        self.hold(BodyBound::Received, bytes.clamp(LEAST, MAX_SENT)).await
    }

    /// Room for a body as it is inflated; one of more than [`MAX_INFLATED`] is taken for one of so many.
    ///
    /// # Errors
    /// [`Overloaded`] where it cannot be had in time.
    pub async fn inflate(&self, bytes: u32) -> Result<Held, Overloaded> {
        self.hold(BodyBound::Inflated, bytes.clamp(LEAST, MAX_INFLATED)).await
    }

    /// The turn of a body to be processed.
    ///
    /// # Errors
    /// [`Overloaded`] where it does not come in time.
    pub async fn process(&self) -> Result<Held, Overloaded> {
        self.hold(BodyBound::Processed, 1).await
    }

    /// First from the token's own share, so that whoever waits for that keeps nothing from the others.
    async fn hold(&self, bound: BodyBound, count: u32) -> Result<Held, Overloaded> {
        let (own, all) = (self.share.of(bound), self.admission.all.of(bound));
        let counters = &self.admission.counters;
        let at_once = Arc::clone(own).try_acquire_many_owned(count).ok().and_then(|own| {
            let all = Arc::clone(all).try_acquire_many_owned(count).ok()?;
            Some((own, all))
        });
        let permits = if at_once.is_some() {
            at_once
        } else {
            counters.bodies().count_waited(bound);
            let both = async {
                let own = Arc::clone(own).acquire_many_owned(count).await.ok()?;
                let all = Arc::clone(all).acquire_many_owned(count).await.ok()?;
                Some((own, all))
            };
            timeout(PATIENCE, both).await.ok().flatten()
        };
        let Some((own, all)) = permits else {
            counters.bodies().count_rejected(bound);
            return Err(Overloaded);
        };
        counters.bodies().hold(bound, count.into());
        Ok(Held { _own: own, _all: all, count, bound, counters: Arc::clone(counters) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.counters.bodies().hold(self.bound, -i64::from(self.count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission() -> Arc<Admission> {
        Admission::new(Arc::new(Counters::new().unwrap()))
    }

    async fn turns(admitted: &Admitted, count: u32) -> Vec<Held> {
        let mut turns = Vec::new();
        for _ in 0..count {
            turns.push(admitted.process().await.unwrap());
        }
        turns
    }

    #[tokio::test(start_paused = true)]
    async fn one_token_has_half_of_what_there_is() {
        let admission = admission();
        let [one, two, three] = ["one", "two", "three"].map(|name| admission.admit(&name.into()));
        let first = turns(&one, SHARE.processed).await;
        assert_eq!(one.process().await.unwrap_err(), Overloaded);
        // Nor has it more by the same name once again.
        assert!(admission.admit(&"one".into()).process().await.is_err());
        let second = turns(&two, SHARE.processed).await;
        assert!(three.process().await.is_err());
        drop((first, second));
        assert!(three.process().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_let_in_once_there_is_room() {
        let one = admission().admit(&"one".into());
        let (first, second) = (one.receive(MAX_SENT).await.unwrap(), one.receive(MAX_SENT).await.unwrap());
        let waiting = tokio::spawn({
            let one = one.clone();
            async move { one.receive(1).await }
        });
        tokio::time::sleep(PATIENCE / 2).await;
        assert!(!waiting.is_finished());
        drop((first, second));
        assert!(waiting.await.unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn small_bodies_are_bounded_as_well() {
        let one = admission().admit(&"one".into());
        let mut held = Vec::new();
        while let Ok(more) = one.receive(1).await {
            held.push(more);
        }
        assert_eq!(held.len(), (SHARE.received / LEAST) as usize);
    }

    #[tokio::test]
    async fn tokens_that_hold_nothing_are_forgotten() {
        let admission = admission();
        let kept = admission.admit(&"kept".into());
        for number in 0..3 * REMEMBERED {
            admission.admit(&number.to_string().into());
        }
        let shares = admission.shares.lock().unwrap();
        assert!(shares.len() <= REMEMBERED && shares.contains_key("kept"), "{}", shares.len());
        drop(kept);
    }
}
