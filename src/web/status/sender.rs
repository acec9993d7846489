//! Who sends a request: the token it bears, and what that grants.

use crate::catalogue::{Message, message};
use crate::config::tokens::{Grant, Tokens};
use crate::web::rejected::Rejected;
use axum::http::{HeaderMap, StatusCode, header};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// How long the answer to a token that is not known takes, so that guessing leads nowhere.
const DELAY: Duration = Duration::from_millis(300);

/// How many such answers are under way at once. Whoever comes then is answered at once.
static GUESSES: Semaphore = Semaphore::const_new(64);

/// The token that a request bears.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Rejected> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = authorization.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.ok_or_else(|| unauthorized(message!("token-needed")))
}

/// What a token grants. One that is known is never kept waiting by those that are not.
pub(super) async fn grant(tokens: &Tokens, token: &str) -> Result<Arc<Grant>, Rejected> {
    if let Some(grant) = tokens.grant(token) {
        return Ok(Arc::clone(grant));
    }
    let Ok(_guess) = GUESSES.try_acquire() else {
        return Err(Rejected(StatusCode::TOO_MANY_REQUESTS, message!("too-many-guesses")));
    };
    sleep(DELAY).await;
    Err(unauthorized(message!("token-unknown")))
}

fn unauthorized(message: Message) -> Rejected {
    Rejected(StatusCode::UNAUTHORIZED, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn tokens_that_are_not_known_are_slow_and_the_others_are_not() {
        let tokens = Tokens::parse("a 0123456789abcdef *").unwrap();
        let begun = Instant::now();
        let guesses: Vec<_> = (0..100)
            .map(|_| {
                tokio::spawn({
                    let tokens = tokens.clone();
                    async move { grant(&tokens, "0123456789abcdeg").await.unwrap_err().0.as_u16() }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(&*grant(&tokens, "0123456789abcdef").await.unwrap().name, "a");
        assert_eq!(begun.elapsed(), Duration::ZERO);
        let mut answers = Vec::new();
        for guess in guesses {
            answers.push(guess.await.unwrap());
        }
        let count = |status| answers.iter().filter(|answer| **answer == status).count();
        assert_eq!((count(401), count(429), begun.elapsed()), (64, 36, DELAY));
    }
}
