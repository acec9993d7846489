//! Work that takes the processor for long, such as a page of ten thousand paths: done where no probe waits for it, and no
//! more of it at once than leaves room for probes.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// How much of it is done at once, whoever asks for it. The others wait their turn.
const AT_ONCE: usize = 2;

static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Does it. Where whoever asked is gone, it is done to its end all the same.
///
/// # Errors
/// Where it panicked.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    // Never closed.
    let permit = PERMITS.acquire().await.ok();
    let done = spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    });
    done.await
}

/// Makes an answer so.
pub(super) async fn made_aside(make: impl FnOnce() -> Response + Send + 'static) -> Response {
    let answer = aside(make).await;
    answer.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response())
}
