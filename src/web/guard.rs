//! Who has access: a limit of requests, users with passwords, and the headers that the web configuration sets.
//!
//! Users guard everything but `/-/healthy` and `/-/ready`, which say nothing of anybody and which a supervisor asks for
//! without a password. `POST /api/v1/status` and `POST /api/v1/enrol` take a bearer token instead of a password: a request
//! has room for one of them only, and what a token allows is less than what a user may do. The handler insists on the
//! token.

mod passwords;
mod places;
mod rate;

use super::client::{Authenticated, Peer};
use super::in_force::InForce;
use super::rejected::Rejected;
use crate::catalogue::{Message, message};
use crate::counters::{GuardCounters, Login};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use passwords::{Passwords, Proof};
use rate::Bucket;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// What is open to everybody, at any rate.
const OPEN: [&str; 2] = ["/-/healthy", "/-/ready"];

/// What takes a token in place of a password, where it is posted to.
const FOR_TOKENS: [&str; 2] = ["/api/v1/status", "/api/v1/enrol"];

/// How whoever has to log in is asked to.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"gracewatch\", charset=\"UTF-8\"");

/// Decides who has access.
#[derive(Debug)]
pub struct Guard {
    in_force: Arc<InForce>,
    counters: GuardCounters,
    passwords: Passwords,
    bucket: Mutex<Bucket>,
}

impl Guard {
    /// Accepts whom the configuration in force accepts.
    ///
    /// # Errors
    /// Where the system provides no random numbers.
    pub fn new(in_force: Arc<InForce>, counters: GuardCounters) -> Result<Self, ring::error::Unspecified> {
        Ok(Self { in_force, counters, passwords: Passwords::new()?, bucket: Mutex::default() })
    }

    /// One that lets everybody in.
    #[cfg(test)]
    pub(super) fn open(counters: &crate::counters::Counters) -> Arc<Self> {
        use crate::config::web_file::{Stamps, WebFile};
        let in_force = InForce::new(Arc::default(), None, WebFile::default(), Stamps::default());
        Arc::new(Self::new(Arc::new(in_force), counters.guard().clone()).unwrap())
    }

    /// What decides.
    pub(super) fn in_force(&self) -> &InForce {
        &self.in_force
    }

    pub(super) const fn counters(&self) -> &GuardCounters {
        &self.counters
    }

    fn take_token(&self) -> Result<(), Duration> {
        let Some(limit) = self.in_force.get().rate_limit else { return Ok(()) };
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(limit, Instant::now())
    }

    /// The user who logs in with a request; `None` where nobody has to. A body is no other's to look at meanwhile.
    async fn user_of(&self, request: &mut Request) -> Result<Option<Authenticated>, Response> {
        if OPEN.contains(&request.uri().path()) {
            return Ok(None);
        }
        self.take_token().map_err(|wait| {
            self.counters.count_rate_limited();
            too_many(wait)
        })?;
        let web_file = self.in_force.get();
        if web_file.users.is_empty() || brings_a_token(request) {
            return Ok(None);
        }
        let (name, password) =
            credentials(request.headers()).ok_or_else(|| unauthorized(message!("password-needed")))?;
        let peer = request.extensions().get().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer: &Peer| peer.origin());
        match self.passwords.verify(&web_file.users, &name, password, peer).await {
            Proof::Right => {
                self.counters.count_login(Login::Accepted);
                Ok(Some(Authenticated(name.into())))
            }
            Proof::Wrong => {
                self.counters.count_login(Login::Rejected);
                Err(unauthorized(message!("password-wrong")))
            }
            Proof::Busy => {
                self.counters.count_login(Login::Busy);
                Err(Rejected::unavailable(message!("too-many-passwords")).into_response())
            }
        }
    }
}

/// Sets the headers of the configuration on an answer.
pub(super) async fn set_headers(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let web_file = guard.in_force.get();
    let mut response = next.run(request).await;
    for (name, value) in &web_file.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

/// Accepts or rejects a request. Its user is shown in the answer as well, for the log.
pub(super) async fn admit(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    match guard.user_of(&mut request).await {
        Err(refusal) => refusal,
        Ok(None) => next.run(request).await,
        Ok(Some(user)) => {
            request.extensions_mut().insert(user.clone());
            let mut response = next.run(request).await;
            response.extensions_mut().insert(user);
            response
        }
    }
}

/// Whether a request is to report the status of machines, or to enrol one, and has a token for that.
fn brings_a_token(request: &Request) -> bool {
    let is_for_tokens = request.method() == Method::POST && FOR_TOKENS.contains(&request.uri().path());
    is_for_tokens && authorization(request.headers(), "bearer").is_some()
}

/// What comes after a scheme in the header for it.
fn authorization<'a>(headers: &'a HeaderMap, expected: &str) -> Option<&'a str> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(expected).then_some(value.trim())
}

/// The user and the password of a request (RFC 7617).
fn credentials(headers: &HeaderMap) -> Option<(String, Zeroizing<Vec<u8>>)> {
    let decoded = Zeroizing::new(STANDARD.decode(authorization(headers, "basic")?).ok()?);
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (name, password) = decoded.split_at_checked(colon)?;
    let name = std::str::from_utf8(name).ok()?.to_owned();
    Some((name, Zeroizing::new(password.get(1..)?.to_vec())))
}

fn unauthorized(message: Message) -> Response {
    let mut response = Rejected(StatusCode::UNAUTHORIZED, message).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, CHALLENGE);
    response
}

fn too_many(wait: Duration) -> Response {
    let mut response = Rejected(StatusCode::TOO_MANY_REQUESTS, message!("too-many-requests")).into_response();
    // Whole seconds, rounded up: whoever asks before is refused again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
