//! Who sends a request: the token it bears, and what that grants.

use super::data::store_unavailable;
use super::rejected::Rejected;
use crate::catalogue::{Message, message};
use crate::config::tokens::{Digest, Grant, is_made};
use crate::intake::service::Access;
use axum::http::{HeaderMap, StatusCode, header};
use std::collections::HashSet;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::sleep;

/// How long the answer to a token that is not known takes, so that guessing leads nowhere.
const DELAY: Duration = Duration::from_millis(300);

/// How many such answers are under way at once, and looks into the store for tokens that were never seen. Whoever comes
/// then is answered at once.
static GUESSES: Semaphore = Semaphore::const_new(64);

/// How many tokens of machines are remembered that were right when they came last.
const FAMILIAR: usize = 100_000;

/// The digests of the tokens of machines that were right when they came last. Whether they still are is read from the
/// store each time; they only wait for none of those that guess.
static FAMILIARS: LazyLock<Mutex<HashSet<Digest>>> = LazyLock::new(Mutex::default);

/// Who speaks, and what for.
#[derive(Debug, Clone)]
pub(super) struct Speaker {
    pub(super) grant: Arc<Grant>,
    /// The machine that has the token for its own.
    pub(super) machine: Option<Arc<str>>,
}

/// The token that a request bears.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Rejected> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = authorization.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.ok_or_else(|| unauthorized(message!("token-needed")))
}

/// Whom a token lets report: it is in the file of tokens, or a machine has it for its own. One that is known is never kept
/// waiting by those that are not.
pub(super) async fn reporting(access: &Access, token: &str) -> Result<Speaker, Rejected> {
    let tokens = access.settings.borrow().status.tokens.clone();
    if let Some(grant) = tokens.grant(token) {
        return Ok(Speaker { grant: Arc::clone(grant), machine: None });
    }
    if let Some(grant) = tokens.enrolment(token) {
        return Err(Rejected(StatusCode::FORBIDDEN, message!("token-only-enrols", token = &*grant.name)));
    }
    // Nobody but a machine has another one of this form.
    if !is_made(token) {
        return Err(refuse(guess()?).await);
    }
    let digest = Digest::of(token);
    let is_familiar = familiars().contains(&digest);
    let place = if is_familiar { None } else { Some(guess()?) };
    let keeper = access.keeper().await.ok_or_else(store_unavailable)?;
    let found = keeper.enrolled_by_digest(digest, is_familiar).await;
    let Some((machine, enrolled_by)) = found.map_err(|error| Rejected::unavailable((&error).into()))? else {
        familiars().remove(&digest);
        let place = match place {
            Some(place) => place,
            None => guess()?,
        };
        return Err(refuse(place).await);
    };
    if !is_familiar {
        let mut familiars = familiars();
        if familiars.len() < FAMILIAR {
            familiars.insert(digest);
        }
    }
    let grant = Arc::new(Grant::of_machine(enrolled_by, &machine));
    Ok(Speaker { grant, machine: Some(machine.as_str().into()) })
}

/// What a token lets enrol: it has to be in the file of tokens, and for that.
pub(super) async fn enrolling(access: &Access, token: &str) -> Result<Arc<Grant>, Rejected> {
    let tokens = access.settings.borrow().status.tokens.clone();
    if let Some(grant) = tokens.enrolment(token) {
        return Ok(Arc::clone(grant));
    }
    if let Some(grant) = tokens.grant(token) {
        return Err(Rejected(StatusCode::FORBIDDEN, message!("token-only-reports", token = &*grant.name)));
    }
    Err(refuse(guess()?).await)
}

fn familiars() -> MutexGuard<'static, HashSet<Digest>> {
    FAMILIARS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place among those whose tokens are not known.
fn guess() -> Result<SemaphorePermit<'static>, Rejected> {
    GUESSES.try_acquire().map_err(|_| Rejected(StatusCode::TOO_MANY_REQUESTS, message!("too-many-guesses")))
}

/// The answer to a token that is not known.
async fn refuse(_place: SemaphorePermit<'static>) -> Rejected {
    sleep(DELAY).await;
    unauthorized(message!("token-unknown"))
}

fn unauthorized(message: Message) -> Rejected {
    Rejected(StatusCode::UNAUTHORIZED, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn tokens_that_are_not_known_are_slow_and_few_at_once() {
        let begun = Instant::now();
        let guesses: Vec<_> = (0..100)
            .map(|_| {
                tokio::spawn(async {
                    match guess() {
                        Ok(place) => refuse(place).await.0.as_u16(),
                        Err(rejected) => rejected.0.as_u16(),
                    }
                })
            })
            .collect();
        let mut answers = Vec::new();
        for guess in guesses {
            answers.push(guess.await.unwrap());
        }
        let count = |status| answers.iter().filter(|answer| **answer == status).count();
        assert_eq!((count(401), count(429), begun.elapsed()), (64, 36, DELAY));
    }
}
