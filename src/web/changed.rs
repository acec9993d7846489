//! What changed since some moment, as it was read last: read once for all who ask for the same at once.

use super::Sources;
use super::data::{self, ChangesData, Missing};
use crate::intake::keeper::PAST_TURN;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How old an answer may be that somebody asks for, and one that is beside something else.
pub(super) const FRESH: Duration = Duration::from_secs(1);
pub(super) const RECENT: Duration = Duration::from_secs(10);

/// How many answers are kept, and for how long.
const KEPT: usize = 4;
const FOR: Duration = Duration::from_mins(1);

/// What is known since one moment, once it was read. Whoever reads it holds it.
type Known = Arc<tokio::sync::Mutex<Option<(Instant, Arc<ChangesData>)>>>;

/// What changed, as it was read last.
#[derive(Debug, Default)]
pub(super) struct Changed(Mutex<Vec<(String, Instant, Known)>>);

impl Changed {
    /// What changed since a moment, or a span before now such as `1d`; read no longer ago than `fresh`.
    ///
    /// # Errors
    /// Why that is not known.
    pub(super) async fn read(
        &self,
        sources: &Sources,
        since: &str,
        fresh: Duration,
    ) -> Result<Arc<ChangesData>, Missing> {
        data::moment_since(since, Timestamp::now())?;
        let known = self.known(since);
        let mut known = timeout(PAST_TURN, known.lock_owned()).await.map_err(|_| data::past_busy(sources))?;
        if let Some((_, changed)) = known.as_ref().filter(|(read_at, _)| read_at.elapsed() < fresh) {
            return Ok(Arc::clone(changed));
        }
        let changed = Arc::new(data::changes(sources, since).await?);
        *known = Some((Instant::now(), Arc::clone(&changed)));
        Ok(changed)
    }

    /// Where it is known what changed since a moment. What nobody asked for lately goes.
    fn known(&self, since: &str) -> Known {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let place = all.iter().position(|(of, ..)| of == since);
        let known = place.map(|place| all.remove(place).2).unwrap_or_default();
        all.retain(|(_, asked_at, _)| asked_at.elapsed() < FOR);
        all.truncate(KEPT - 1);
        all.insert(0, (since.to_owned(), now, Arc::clone(&known)));
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn few_answers_are_kept_and_those_that_are_asked_for_again_stay() {
        let all = Changed::default();
        let usual = all.known("1d");
        for days in 2..20 {
            all.known(&format!("{days}d"));
            assert!(Arc::ptr_eq(&usual, &all.known("1d")));
        }
        assert_eq!(all.0.lock().unwrap().len(), KEPT);
        tokio::time::advance(FOR).await;
        all.known("2d");
        assert_eq!(all.0.lock().unwrap().len(), 1);
    }
}
