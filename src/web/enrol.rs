//! `POST /api/v1/enrol`: a machine brings a token that it made for itself, and an enrolment token that lets it.
//!
//! The machine makes the token, so that it has it before the server does: where the answer is lost, it sends the same
//! again, and is answered the same. The server keeps the digest of it alone.

use super::data::{no_store, store_unavailable};
use super::processed::{Bearer, Enrolled};
use super::rejected::Rejected;
use super::{Sources, sender};
use crate::catalogue::message;
use crate::config::tokens::{Digest, is_made};
use crate::counters::{EnrolmentCounters, UNKNOWN_TOKEN};
use crate::intake::service::Access;
use crate::license::MachineName;
use crate::secret::Secret;
use crate::store::Enrolment;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The longest body, in bytes: four times what the longest name and a token take.
const MAX_LENGTH: usize = 4096;

/// How long it may take to arrive.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What a machine sends.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Wanted {
    /// Its name, which is what its reports say: its token will speak for no other.
    machine: String,
    /// The token that it made for itself: `gracewatch_` and 32 random bytes in Base64 for addresses, without padding.
    #[schemars(with = "String")]
    token: Secret,
}

/// What it is answered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EnrolmentAnswer")]
pub(super) struct Answer {
    /// The machine for which the token speaks now.
    machine: String,
}

pub(super) async fn post(State(sources): State<Sources>, headers: HeaderMap, body: Body) -> Response {
    let Some(access) = &sources.status else {
        return no_store().into_response();
    };
    let mut request =
        Request { counters: sources.counters.enrolments(), token: UNKNOWN_TOKEN.into(), machine: None, status: None };
    let response = match enrol(access, &mut request, &headers, body).await {
        Ok((machine, is_new)) => {
            let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
            let mut response = (status, Json(Answer { machine: machine.to_string() })).into_response();
            let (token, machine) = (Arc::clone(&request.token), machine.as_str().into());
            response.extensions_mut().insert(Enrolled { token, machine, is_new });
            response
        }
        Err(rejected) => {
            let mut response = rejected.into_response();
            let bearer = Bearer { token: Arc::clone(&request.token), machine: request.machine.clone() };
            response.extensions_mut().insert(bearer);
            response
        }
    };
    request.status = Some(response.status());
    response
}

/// A request, which is counted once it is answered or dropped.
struct Request<'a> {
    counters: &'a EnrolmentCounters,
    /// The name of its token.
    token: Arc<str>,
    /// The machine that is to be enrolled, once it is known to be a name.
    machine: Option<Arc<str>>,
    status: Option<StatusCode>,
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        let result = match self.status {
            None => "cancelled",
            Some(StatusCode::CREATED) => "enrolled",
            Some(StatusCode::OK) => "repeated",
            Some(StatusCode::CONFLICT) => "taken",
            Some(StatusCode::GONE) => "revoked",
            Some(StatusCode::FORBIDDEN) => "denied",
            Some(StatusCode::UNAUTHORIZED) => "unauthorized",
            Some(StatusCode::TOO_MANY_REQUESTS) => "throttled",
            Some(StatusCode::INSUFFICIENT_STORAGE) => "full",
            Some(StatusCode::SERVICE_UNAVAILABLE) => "unavailable",
            Some(_) => "rejected",
        };
        self.counters.count(&self.token, result);
    }
}

/// Enrols a machine. True where it was not before.
async fn enrol(
    access: &Access,
    request: &mut Request<'_>,
    headers: &HeaderMap,
    body: Body,
) -> Result<(MachineName, bool), Rejected> {
    // Before anything is read of the body.
    let grant = sender::enrolling(access, sender::bearer(headers)?).await?;
    request.token = Arc::clone(&grant.name);
    let wanted = wanted(&read(body).await?)?;
    let machine: MachineName = wanted
        .machine
        .parse()
        .map_err(|error: crate::license::MachineNameError| Rejected::bad_request(error.into()))?;
    request.machine = Some(machine.as_str().into());
    if !grant.covers(&machine) {
        let message = message!("enrol-denied", token = &*grant.name, machine = machine.as_str());
        return Err(Rejected(StatusCode::FORBIDDEN, message));
    }
    let tokens = access.settings.borrow().status.tokens.clone();
    let token = wanted.token.reveal();
    // What is in the file speaks for whom it does there.
    if !is_made(token) || tokens.grant(token).is_some() || tokens.enrolment(token).is_some() {
        return Err(Rejected::bad_request(message!("enrol-token")));
    }
    let keeper = access.keeper().await.ok_or_else(store_unavailable)?;
    let enrolled = keeper.enrol(&machine, Digest::of(token), &grant.name).await;
    let name = machine.as_str();
    match enrolled.map_err(|error| Rejected::unavailable((&error).into()))? {
        Enrolment::New => Ok((machine, true)),
        Enrolment::Again => Ok((machine, false)),
        Enrolment::Taken => Err(Rejected(StatusCode::CONFLICT, message!("enrol-taken", machine = name))),
        Enrolment::TokenTaken => Err(Rejected::bad_request(message!("enrol-token"))),
        Enrolment::Revoked => Err(Rejected(StatusCode::GONE, message!("enrol-revoked", machine = name))),
        Enrolment::Full => Err(Rejected(StatusCode::INSUFFICIENT_STORAGE, message!("enrol-full"))),
    }
}

async fn read(body: Body) -> Result<Bytes, Rejected> {
    let read = timeout(TIME_LIMIT, to_bytes(body, MAX_LENGTH)).await;
    let read = read.map_err(|_| Rejected(StatusCode::REQUEST_TIMEOUT, message!("body-too-slow")))?;
    // It is longer, or broke off.
    read.map_err(|_| Rejected::bad_request(message!("enrol-body")))
}

fn wanted(body: &[u8]) -> Result<Wanted, Rejected> {
    // What is wrong with it may quote the token.
    serde_json::from_slice(body).map_err(|_| Rejected::bad_request(message!("enrol-body")))
}
