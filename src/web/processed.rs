//! The lines in the log about reports that came in: the first of a token as it is, and those that follow it as one line
//! a minute, however often it sends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// From one line of a token to the next.
const PERIOD: Duration = Duration::from_mins(1);

/// What became of reports that were sent, for the log: a handler leaves it in the extensions of its answer.
#[derive(Debug, Clone)]
pub(super) struct ReportsAccepted {
    /// The name of the token, or of that by which the machine enrolled that has it for its own.
    pub(super) token: Arc<str>,
    pub(super) machine: Option<Arc<str>>,
    pub(super) accepted: u64,
    /// How many machines they are about.
    pub(super) machines: u64,
    pub(super) refused: u64,
}

/// Who sent a request that is rejected, in the extensions of its answer: the name of the token, and the machine that has
/// it for its own or would enrol.
#[derive(Debug, Clone)]
pub(super) struct Bearer {
    pub(super) token: Arc<str>,
    pub(super) machine: Option<Arc<str>>,
}

/// A machine that enrolled, in the extensions of the answer to it.
#[derive(Debug, Clone)]
pub(super) struct Enrolled {
    /// The name of the token by which it did.
    pub(super) token: Arc<str>,
    pub(super) machine: Arc<str>,
    /// False where it had before, with the same token.
    pub(super) is_new: bool,
}

/// What came in since the last line of each token that sent something within the last minute. There are no more than
/// there are tokens.
#[derive(Debug, Default)]
pub(super) struct Processed {
    by_token: HashMap<Arc<str>, Folded>,
    /// When the first of these has to be looked at.
    due: Option<Instant>,
}

/// What several requests brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Folded {
    since: Instant,
    pub(super) requests: u64,
    pub(super) accepted: u64,
    pub(super) refused: u64,
}

impl Processed {
    /// Adds what one request brought. True where it has a line of its own, since its token had none for a minute.
    pub(super) fn add(&mut self, taken: &ReportsAccepted) -> bool {
        let now = Instant::now();
        let Some(folded) = self.by_token.get_mut(&taken.token) else {
            self.by_token.insert(Arc::clone(&taken.token), Folded::begun(now));
            self.due.get_or_insert(now + PERIOD);
            return true;
        };
        folded.requests += 1;
        folded.accepted += taken.accepted;
        folded.refused += taken.refused;
        false
    }

    /// The tokens whose minute is over, and what came in within it.
    pub(super) fn take_due(&mut self) -> Vec<(Arc<str>, Folded)> {
        let now = Instant::now();
        if self.due.is_none_or(|due| now < due) {
            return Vec::new();
        }
        let mut lines = Vec::new();
        self.by_token.retain(|token, folded| {
            if now < folded.since + PERIOD {
                return true;
            }
            let over = std::mem::replace(folded, Folded::begun(now));
            if over.requests == 0 {
                return false;
            }
            lines.push((Arc::clone(token), over));
            true
        });
        self.due = self.by_token.values().map(|folded| folded.since + PERIOD).min();
        lines
    }
}

impl Folded {
    const fn begun(since: Instant) -> Self {
        Self { since, requests: 0, accepted: 0, refused: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_has_one_line_a_minute_however_often_it_sends() {
        let mut processed = Processed::default();
        let by = |token: &str| ReportsAccepted {
            token: Arc::from(token),
            machine: None,
            accepted: 2,
            machines: 1,
            refused: 1,
        };
        assert!(processed.add(&by("floor2")) && processed.add(&by("floor3")));
        assert!(!(0..1000).any(|_| processed.add(&by("floor2"))));
        assert_eq!(processed.take_due(), []);
        tokio::time::advance(PERIOD).await;
        let lines = processed.take_due();
        let shown: Vec<_> = lines.iter().map(|(token, it)| (&**token, it.requests, it.accepted, it.refused)).collect();
        assert_eq!(shown, [("floor2", 1000, 2000, 1000)]);
        // It goes on, and the other is quiet.
        assert!(!processed.add(&by("floor2")) && processed.add(&by("floor3")));
        tokio::time::advance(PERIOD).await;
        assert_eq!(processed.take_due().len(), 1);
        tokio::time::advance(PERIOD).await;
        assert!(processed.take_due().is_empty() && processed.by_token.is_empty() && processed.due.is_none());
        assert!(processed.add(&by("floor2")));
    }
}
