//! `POST /api/v1/status`: reports of machines, from whoever holds a token.

use super::Sources;
use super::turned_away::TurnedAway;
use crate::config::NO_STORE;
use crate::config::tokens::Grant;
use crate::intake::importer::Imported;
use crate::intake::service::Access;
use crate::intake::settle::Origin;
use crate::license::MachineName;
use axum::body::{Body, HttpBody};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// The longest body that is taken as it is sent, and what it may become when it is inflated, in bytes.
const MAX_SENT: usize = 8 * 1024 * 1024;
const MAX_INFLATED: usize = 32 * 1024 * 1024;

/// How much of a body that is too long is received before its sender is cut off, in bytes.
const MAX_PASSED_OVER: usize = 64 * 1024 * 1024;

/// How long a body may take to arrive.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How many bodies are taken in at once. The others wait, so that memory is bounded.
static TAKEN_IN: Semaphore = Semaphore::const_new(4);

/// What may be said of a body in the address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// Whom a body is about that does not say so itself.
    machine: Option<String>,
}

/// What became of the reports of a body.
#[derive(Debug, Serialize)]
struct Answer {
    /// On disk.
    accepted: u64,
    /// Of these, what brought something new, what was known, and what is known to be otherwise by now.
    stored: u64,
    unchanged: u64,
    outdated: u64,
    /// How many were refused, and the first of them.
    refused: u64,
    refusals: Vec<Refusal>,
    /// How much was not understood, and the first of it.
    not_understood: u64,
    first_not_understood: Option<String>,
    /// Why the body was not read to its end.
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Refusal {
    /// The number of the report in the body, counted from 1, where that is known.
    report: Option<u64>,
    reason: String,
}

pub(super) async fn post(
    State(sources): State<Sources>,
    query: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match take(&sources, query.map(|Query(parameters)| parameters).ok(), &headers, body).await {
        Ok(imported) => answer(imported),
        Err(turned_away) => turned_away.into_response(),
    }
}

async fn take(
    sources: &Sources,
    parameters: Option<Parameters>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Imported, TurnedAway> {
    let access = sources.status.as_ref().ok_or_else(|| TurnedAway(StatusCode::NOT_FOUND, NO_STORE.to_owned()))?;
    // Before anything is read of the body.
    let grant = grant(access, headers)?;
    let parameters =
        parameters.ok_or_else(|| TurnedAway(StatusCode::BAD_REQUEST, "the only parameter is `machine`".to_owned()))?;
    let machine = parameters.machine.map(|name| name.parse::<MachineName>()).transpose();
    let machine = machine.map_err(|error| TurnedAway(StatusCode::BAD_REQUEST, error.to_string()))?;
    let is_compressed = is_compressed(headers)?;
    if access.keeper().await.is_none() {
        return Err(TurnedAway(StatusCode::SERVICE_UNAVAILABLE, super::machines::STORE_UNAVAILABLE.to_owned()));
    }
    // Never closed.
    let _taken_in = TAKEN_IN.acquire().await;
    let body = timeout(TIME_LIMIT, receive(body)).await;
    let body = body.map_err(|_| TurnedAway(StatusCode::REQUEST_TIMEOUT, "the body took too long".to_owned()))??;
    let body = if is_compressed { inflate_aside(body).await? } else { body };
    let now = Timestamp::now();
    let origin = Origin { machine, reported_at: now, received_at: now, grant: Some(grant) };
    let imported = access.importer.import(body, origin).await;
    imported.map_err(|error| TurnedAway(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
}

/// Receives a body. One that is too long is received for a while longer, to no use but that its sender is still there to
/// hear so.
async fn receive(mut body: Body) -> Result<Vec<u8>, TurnedAway> {
    let mut received = Vec::new();
    let mut passed_over = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| TurnedAway(StatusCode::BAD_REQUEST, "the body broke off".to_owned()))?;
        let Ok(data) = frame.into_data() else { continue };
        if received.len() + data.len() <= MAX_SENT && passed_over == 0 {
            received.extend_from_slice(&data);
            continue;
        }
        received.clear();
        passed_over += data.len();
        if passed_over > MAX_PASSED_OVER {
            break;
        }
    }
    if passed_over > 0 {
        let limit = MAX_SENT / 1024 / 1024;
        return Err(TurnedAway(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {limit} MiB")));
    }
    Ok(received)
}

/// What the bearer of this request may do.
fn grant(access: &Access, headers: &HeaderMap) -> Result<Arc<Grant>, TurnedAway> {
    let unauthorized = |message: &str| TurnedAway(StatusCode::UNAUTHORIZED, message.to_owned());
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = authorization.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let token = bearer.ok_or_else(|| unauthorized("a bearer token is needed"))?;
    let settings = access.settings.borrow();
    settings.status.tokens.grant(token).cloned().ok_or_else(|| unauthorized("the token is not known"))
}

fn is_compressed(headers: &HeaderMap) -> Result<bool, TurnedAway> {
    // A value that is no text is none of those that are known.
    let coding = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    match coding.as_deref() {
        None | Some("" | "identity") => Ok(false),
        Some("gzip" | "x-gzip") => Ok(true),
        Some(_) => {
            let message = "the body may be sent as it is, or compressed by gzip";
            Err(TurnedAway(StatusCode::UNSUPPORTED_MEDIA_TYPE, message.to_owned()))
        }
    }
}

/// Inflates a body where that keeps no other request waiting.
async fn inflate_aside(compressed: Vec<u8>) -> Result<Vec<u8>, TurnedAway> {
    let inflated = spawn_blocking(move || inflate(&compressed)).await;
    // A panic is a fault of this program, and no fault of the body.
    inflated.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

fn inflate(compressed: &[u8]) -> Result<Vec<u8>, TurnedAway> {
    let mut body = Vec::new();
    let read = MultiGzDecoder::new(compressed).take(MAX_INFLATED as u64 + 1).read_to_end(&mut body);
    read.map_err(|_| TurnedAway(StatusCode::BAD_REQUEST, "the body is no gzip, or broke off".to_owned()))?;
    if body.len() > MAX_INFLATED {
        let limit = MAX_INFLATED / 1024 / 1024;
        return Err(TurnedAway(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {limit} MiB inflated")));
    }
    Ok(body)
}

fn answer(imported: Imported) -> Response {
    let reading = &imported.reading;
    let status = if reading.error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else if imported.accepted() > 0 || (reading.rejected.count() == 0 && reading.skipped.count == 0) {
        StatusCode::ACCEPTED
    } else if reading.is_denied {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let answer = Answer {
        accepted: imported.accepted(),
        stored: imported.stored,
        unchanged: imported.unchanged,
        outdated: imported.outdated,
        refused: reading.rejected.count(),
        not_understood: reading.skipped.count,
        error: reading.error.as_ref().map(ToString::to_string),
        first_not_understood: imported.reading.skipped.first,
        refusals: imported
            .reading
            .rejected
            .listed
            .into_iter()
            .map(|(report, reason)| Refusal { report, reason })
            .collect(),
    };
    (status, Json(answer)).into_response()
}
