//! How many bytes of answers are in flight, over all connections.
//!
//! By HTTP/2 a reader that opens no window leaves whole answers waiting in memory, and asks for more of them. So a long
//! one is counted from when it is made until its last byte is handed to the system or dropped: the bytes themselves
//! hold what they count for, wherever they lie meanwhile.

use super::rejected::Rejected;
use crate::catalogue::message;
use crate::counters::HttpCounters;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much there may be, in KiB: a hundred of the longest lists of machines.
const LIMIT: u32 = 64 * 1024;
const KIB: u64 = 1024;

/// What is shorter, in bytes, is bounded by the number of requests.
const SHORT: u64 = 16 * KIB;

/// What watches this program has answers whatever else is asked. They are short, or shared by those who ask.
const EXEMPT: [&str; 3] = ["/metrics", "/-/healthy", "/-/ready"];

/// The answers in flight.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    room: Arc<Semaphore>,
    counters: HttpCounters,
}

/// Bytes that hold what they count for.
struct Held {
    bytes: Bytes,
    counters: HttpCounters,
    _room: Option<OwnedSemaphorePermit>,
}

/// An answer whose bytes hold what they count for.
#[derive(Debug, Clone, Copy)]
struct IsHeld;

impl Held {
    fn of(bytes: Bytes, counters: &HttpCounters, room: Option<OwnedSemaphorePermit>) -> Bytes {
        counters.answer_held(bytes.len());
        Bytes::from_owner(Self { bytes, counters: counters.clone(), _room: room })
    }
}

/// A part of an answer that is bounded elsewhere: it is counted until its last byte is gone.
pub(super) fn counted(part: Bytes, counters: &HttpCounters) -> Bytes {
    Held::of(part, counters, None)
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.counters.answer_gone(self.bytes.len());
    }
}

impl Answers {
    /// None is in flight yet.
    pub(super) fn new(counters: HttpCounters) -> Self {
        Self::of(LIMIT, counters)
    }

    fn of(limit: u32, counters: HttpCounters) -> Self {
        counters.set_most_answers(u64::from(limit) * KIB);
        Self { room: Arc::new(Semaphore::new(limit as usize)), counters }
    }

    /// Holds what an answer counts for; where there is no room for it, another is given.
    async fn hold(&self, response: Response) -> Response {
        // One that was held and is compressed since has other bytes.
        let is_held =
            response.extensions().get::<IsHeld>().is_some() && !response.headers().contains_key(CONTENT_ENCODING);
        let length = response.body().size_hint().exact().filter(|length| *length > SHORT && !is_held);
        let Some(length) = length else { return response };
        // What is longer than all there may be goes alone.
        let wanted = u32::try_from(length.div_ceil(KIB)).unwrap_or(LIMIT).min(LIMIT);
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(wanted) else {
            self.counters.answer_rejected();
            return Rejected::unavailable(message!("too-many-answers")).into_response();
        };
        let (mut parts, body) = response.into_parts();
        match to_bytes(body, usize::MAX).await {
            Ok(bytes) => {
                parts.extensions.insert(IsHeld);
                Response::from_parts(parts, Body::from(Held::of(bytes, &self.counters, Some(room))))
            }
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response(),
        }
    }
}

/// Bounds the answers to what is asked. It is within what compresses, since that waits for its turn, and around it.
pub(super) async fn bound(State(answers): State<Answers>, request: Request, next: Next) -> Response {
    // What is sent is processed by then, and its sender is to know.
    let is_asked = request.method() == Method::GET;
    let route = request.extensions().get::<MatchedPath>();
    let is_bounded = is_asked && route.is_none_or(|route| !EXEMPT.contains(&route.as_str()));
    let response = next.run(request).await;
    if is_bounded { answers.hold(response).await } else { response }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Counters;
    use crate::web::compression;
    use axum::Router;
    use axum::http::header::{ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::{get, post};
    use tower::ServiceExt;

    const LONG: usize = 40 * 1024;

    fn world(limit: u32) -> (Router, Counters, Answers) {
        let counters = Counters::new().unwrap();
        let answers = Answers::of(limit, counters.http().clone());
        let long = || async { ([(CONTENT_TYPE, "text/plain")], "x".repeat(LONG)) };
        let router = Router::new()
            .route("/long", get(long))
            .route("/sent", post(long))
            .route("/metrics", get(long))
            .route("/short", get(|| async { "x".repeat(1000) }))
            .layer(from_fn_with_state(answers.clone(), bound))
            .layer(from_fn(compression::compress))
            .layer(from_fn_with_state(answers.clone(), bound));
        (router, counters, answers)
    }

    async fn ask(router: &Router, path: &str, coding: &str) -> Response {
        let method = if path == "/sent" { Method::POST } else { Method::GET };
        let request = Request::builder().method(method).uri(path).header(ACCEPT_ENCODING, coding);
        router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn value(counters: &Counters, name: &str) -> String {
        let families = counters.registry().gather();
        let metric = &families.iter().find(|family| family.name() == name).unwrap().get_metric()[0];
        (metric.get_gauge().get_value() + metric.get_counter().get_value()).to_string()
    }

    #[tokio::test]
    async fn answers_that_are_not_read_are_bounded_and_nothing_else_is() {
        let (router, counters, answers) = world(100);
        let mut unread = vec![ask(&router, "/long", "identity").await, ask(&router, "/long", "identity").await];
        assert_eq!(value(&counters, "gracewatch_http_answers_bytes"), (2 * LONG).to_string());
        let rejected = ask(&router, "/long", "identity").await;
        assert_eq!(rejected.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(rejected.headers().contains_key(RETRY_AFTER));
        for path in ["/metrics", "/short", "/sent"] {
            assert_eq!(ask(&router, path, "identity").await.status(), StatusCode::OK, "{path}");
        }
        assert_eq!(value(&counters, "gracewatch_http_answers_rejected_total"), "1");
        assert_eq!(value(&counters, "gracewatch_http_answers_limit_bytes"), "102400");

        // Its bytes count for as long as a part of them is anywhere, though the body is gone.
        let mut bytes = to_bytes(unread.remove(0).into_body(), usize::MAX).await.unwrap();
        let part = bytes.split_off(LONG - 1);
        drop(bytes);
        assert_eq!(ask(&router, "/long", "identity").await.status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(part);
        assert_eq!(ask(&router, "/long", "identity").await.status(), StatusCode::OK);
        unread.clear();
        assert_eq!(answers.room.available_permits(), 100);
        assert_eq!(value(&counters, "gracewatch_http_answers_bytes"), "0");
    }

    #[tokio::test]
    async fn a_compressed_answer_counts_for_what_is_sent() {
        let (router, counters, answers) = world(100);
        let compressed = ask(&router, "/long", "gzip").await;
        assert_eq!(
            (compressed.status(), compressed.headers()[CONTENT_ENCODING].as_bytes()),
            (StatusCode::OK, &b"gzip"[..])
        );
        assert_eq!((answers.room.available_permits(), &*value(&counters, "gracewatch_http_answers_bytes")), (100, "0"));
    }
}
