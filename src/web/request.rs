//! Around each request, whatever it asks for: its id, its time limit, its line in the log, and its count.

use super::Sources;
use super::client::{Ambiguous, Authenticated, Peer};
use super::processed::{Bearer, Enrolled, Folded, Processed, ReportsAccepted};
use super::rejected::Rejected;
use crate::catalogue::message;
use crate::counters::{LineKind, TimeLimit};
use crate::throttle::Throttle;
use crate::words::cut_keys;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tracing::{debug, error, info, warn};

/// How long the work on a request may take, its body included. Whoever asks has given up by then.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// How long it may take where the request brings reports: its body, its waits and its store have limits of their own.
const REPORTS_TIME_LIMIT: Duration = Duration::from_mins(5);

/// The route of reports.
const REPORTS: &str = "/api/v1/status";

/// The longest id of a request that is taken from the client.
const LONGEST_ID: usize = 64;

/// The route of what has none.
const NO_ROUTE: &str = "none";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request goes by, in the log and in its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestId(Arc<str>);

impl RequestId {
    /// The id that the client gave, or a new one where it gave none that can be quoted.
    fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let is_fit = |id: &&str| {
            let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
            (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(is_plain) && matches!(cut_keys(id), Cow::Borrowed(_))
        };
        given.filter(is_fit).map_or_else(Self::new, |id| Self(id.into()))
    }

    fn new() -> Self {
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(format!("{:016x}", KEY.hash_one(NEXT.fetch_add(1, Ordering::Relaxed))).into())
    }
}

/// Lines in the log that strangers can cause.
#[derive(Debug)]
struct Lines {
    denied: Mutex<Throttle>,
    failed: Mutex<Throttle>,
    refused: Mutex<Throttle>,
    processed: Mutex<Processed>,
}

impl Default for Lines {
    fn default() -> Self {
        let throttle = |kind| Mutex::new(Throttle::of(kind));
        Self {
            denied: throttle(LineKind::DeniedRequest),
            failed: throttle(LineKind::FailedRequest),
            refused: throttle(LineKind::RejectedRequest),
            processed: Mutex::default(),
        }
    }
}

/// Handles a request. Whoever proves users puts [`Authenticated`] into the extensions of the request before this, or
/// into those of the answer after it.
pub(super) async fn handle(State(sources): State<Sources>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = RequestId::of(request.headers());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = request.method().clone();
    let peer = request.extensions().get::<Peer>().copied();
    let user = request.extensions().get::<Authenticated>().cloned();
    request.extensions_mut().insert(id.clone());
    let counters = sources.counters.http();
    let limit = if route == REPORTS { REPORTS_TIME_LIMIT } else { TIME_LIMIT };

    let mut response = if request.extensions().get::<Ambiguous>().is_some() {
        let refused = Rejected::bad_request(message!("two-lengths"));
        let mut response = refused.into_response();
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    } else if let Ok(response) = timeout(limit, next.run(request)).await {
        response
    } else {
        counters.timed_out(TimeLimit::Handler);
        Rejected::unavailable(message!("request-too-slow")).into_response()
    };

    let status = response.status();
    if status == StatusCode::REQUEST_TIMEOUT {
        counters.timed_out(TimeLimit::Body);
    }
    counters.answered(route, status.as_u16(), begun.elapsed());
    let user = response.extensions().get::<Authenticated>().cloned().or(user);
    let reason = response.extensions().get::<Rejected>().map(|rejected| rejected.1.id());
    let token = response.extensions_mut().remove::<Bearer>();
    let shown = Record { id: &id, method: &method, route, status, peer, user, token, reason, elapsed: begun.elapsed() };
    let (reports, enrolled) = (response.extensions_mut().remove(), response.extensions_mut().remove());
    shown.log(reports, enrolled);
    // An id is of letters that a header may have.
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// What the log shows of a request: nothing that its sender wrote but what is checked.
struct Record<'a> {
    id: &'a RequestId,
    method: &'a Method,
    route: &'a str,
    status: StatusCode,
    peer: Option<Peer>,
    user: Option<Authenticated>,
    /// Who sent what is rejected.
    token: Option<Bearer>,
    /// Why it is rejected, by the ID of the message: a closed list, without anything that was sent.
    reason: Option<&'static str>,
    elapsed: Duration,
}

impl Record<'_> {
    fn log(&self, reports: Option<ReportsAccepted>, enrolled: Option<Enrolled>) {
        static LINES: LazyLock<Lines> = LazyLock::new(Lines::default);
        let Self { id, route, status, reason, .. } = self;
        let token = self.token.as_ref().map(|bearer| &*bearer.token);
        let machine = self.token.as_ref().and_then(|bearer| bearer.machine.as_deref());
        let (id, status) = (&*id.0, status.as_u16());
        let method = if is_known(self.method) { self.method.as_str() } else { "other" };
        let peer = self.peer.map(|peer| tracing::field::display(peer.address()));
        let user = self.user.as_ref().map(|user| &*user.0);
        let passes = |throttle: &Mutex<Throttle>| throttle.lock().unwrap_or_else(PoisonError::into_inner).pass();
        let milliseconds = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX);
        debug!(id, method, route, status, peer, user, token, machine, reason, milliseconds, "request");
        let mut processed = LINES.processed.lock().unwrap_or_else(PoisonError::into_inner);
        let has_line = reports.as_ref().is_some_and(|taken| processed.add(taken));
        // Whatever is asked for, as a scrape is every few seconds.
        let due = processed.take_due();
        drop(processed);
        for (token, Folded { requests, accepted, refused, .. }) in due {
            info!(token = &*token, requests, accepted, refused, "more reports are processed");
        }
        if let Some(ReportsAccepted { token, machine, accepted, machines, refused }) = reports {
            let (token, machine) = (&*token, machine.as_deref());
            let done = "reports are processed";
            if has_line {
                info!(id, route, status, peer, user, token, machine, accepted, machines, refused, "{done}");
            } else {
                LineKind::Reports.count_left_out();
                debug!(id, route, status, peer, user, token, machine, accepted, machines, refused, "{done}");
            }
            return;
        }
        // Each machine does once; whoever repeats it may do so as often as they like.
        if let Some(Enrolled { token, machine, is_new }) = enrolled {
            let (token, machine) = (&*token, &*machine);
            if is_new {
                info!(id, route, status, peer, user, token, machine, "a machine is enrolled");
            } else {
                debug!(id, route, status, peer, user, token, machine, "a machine is enrolled already");
            }
            return;
        }
        match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                if let Some(left_out) = passes(&LINES.denied) {
                    warn!(
                        id,
                        method, route, status, peer, user, token, machine, reason, left_out, "a request is denied"
                    );
                }
            }
            // Readiness checks are answered that it is not ready yet.
            StatusCode::SERVICE_UNAVAILABLE if self.method == Method::GET => {}
            refused if refused.is_server_error() => {
                if let Some(left_out) = passes(&LINES.failed) {
                    warn!(id, method, route, status, peer, user, token, machine, reason, left_out, "a request fails");
                }
            }
            refused if refused.is_client_error() => {
                if let Some(left_out) = passes(&LINES.refused) {
                    info!(
                        id,
                        method, route, status, peer, user, token, machine, reason, left_out, "a request is rejected"
                    );
                }
            }
            _ if self.method != Method::GET && self.method != Method::HEAD => {
                info!(id, method, route, status, peer, user, "a request is accepted");
            }
            _ => {}
        }
    }
}

/// True for the methods there are; others are whatever a client made up.
fn is_known(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH]
        .contains(method)
}

/// Answers a request whose handler panicked, which is a fault of this program. Its connection stays.
#[expect(clippy::needless_pass_by_value, reason = "whoever calls it hands the panic over")]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    error!("a request made its handler panic, which is a fault of gracewatch: {}", text.unwrap_or("without a message"));
    Rejected(StatusCode::INTERNAL_SERVER_ERROR, message!("own-fault")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_clients_where_it_can_be_quoted() {
        let id = |given: &str| {
            let value = HeaderValue::from_bytes(given.as_bytes()).unwrap();
            RequestId::of(&HeaderMap::from_iter([(REQUEST_ID, value)])).0
        };
        let longest = "x".repeat(LONGEST_ID);
        for fit in ["a", "2f1e-33_B.7", &longest] {
            assert_eq!(&*id(fit), fit);
        }
        let key = "BCDFG-HJKMN-PQRTV-WXY23-46789";
        for unfit in ["", "a b", "a\tb", "é", "${x}", "<b>", key, &format!("{longest}x")] {
            let given = id(unfit);
            assert!(given.len() == 16 && given.bytes().all(|letter| letter.is_ascii_hexdigit()), "{unfit:?}: {given}");
        }
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
