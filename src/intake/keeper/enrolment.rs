//! Machines that enrol, and whose token one is.

use super::super::health::Use;
use super::{Keeper, TURN};
use crate::config::tokens::Digest;
use crate::fleet::MAX_MACHINES;
use crate::license::MachineName;
use crate::store::{Enrolling, Enrolment, StoreError};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How many machines may be enrolled: as many as are kept, and by one token so many that there is room for others.
const MOST: usize = MAX_MACHINES;
const MOST_OF_TOKEN: usize = MAX_MACHINES / 4 * 3;

/// Tokens are looked up one after the other, so that they take no connection from anything else; and those that were
/// never right do not keep the others waiting.
#[derive(Debug)]
pub(super) struct Lookups {
    familiar: Semaphore,
    others: Semaphore,
}

impl Default for Lookups {
    fn default() -> Self {
        Self { familiar: Semaphore::new(1), others: Semaphore::new(1) }
    }
}

impl Keeper {
    /// Enrols a machine with the digest of a token of its own, by the token of this name. Once this returns, it is on
    /// disk. To enrol with the same token again is right in any case.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn enrol(&self, machine: &MachineName, digest: Digest, token: &str) -> Result<Enrolment, StoreError> {
        let mut seen = self.turn().await?;
        let enrolled = async {
            let mut writing = self.begin(&mut seen).await?;
            let most = i64::try_from(MOST).unwrap_or(i64::MAX);
            let most_of_token = i64::try_from(MOST_OF_TOKEN).unwrap_or(i64::MAX);
            let wanted = Enrolling { machine, digest, token, most, most_of_token };
            let (enrolment, revision) = writing.enrol(wanted, self.inner.time.now()).await?;
            let Some(revision) = revision else {
                writing.cancel().await?;
                return Ok(enrolment);
            };
            let is_sound = writing.commit().await?;
            *seen = revision;
            if !is_sound {
                self.verify(revision).await?;
            }
            Ok(enrolment)
        };
        let enrolled = self.inner.health.promptly(Box::pin(enrolled)).await;
        self.note_write(enrolled, |enrolment| *enrolment == Enrolment::New)
    }

    /// The machine whose own token has this digest, and the name of the token by which it enrolled. It is read from the
    /// store each time, so that what is revoked is so at once, by whichever program. `is_familiar` is true for one that was
    /// right before.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn enrolled_by_digest(
        &self,
        digest: Digest,
        is_familiar: bool,
    ) -> Result<Option<(MachineName, Arc<str>)>, StoreError> {
        let Lookups { familiar, others } = &self.inner.lookups;
        let turn = timeout(TURN, if is_familiar { familiar } else { others }.acquire()).await;
        // It is not the store's fault that many ask.
        let _turn = turn.map_err(|_| StoreError::Unavailable {
            store: self.store().url().to_string(),
            detail: "too many tokens are looked up at once".to_owned(),
        })?;
        self.inner.trouble.assert_readable()?;
        let found = self.inner.health.promptly(Box::pin(self.inner.store.enrolled_by_digest(digest))).await;
        self.note(Use::Reading, found)
    }
}
