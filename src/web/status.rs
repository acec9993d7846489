//! `POST /api/v1/status`: reports of machines, from whoever holds a token.

mod body;

use super::Sources;
use super::data::{no_store, store_unavailable};
use super::language::{in_language, of_request};
use super::processed::{Bearer, ReportsAccepted};
use super::rejected::Rejected;
use super::sender::{self, Speaker};
use crate::catalogue::message;
use crate::counters::{BodyCounters, UNKNOWN_TOKEN};
use crate::intake::importer::Imported;
use crate::intake::service::Access;
use crate::intake::settle::Origin;
use crate::license::MachineName;
use crate::report::rfc3339::Rfc3339;
use crate::text::Words;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Json, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tracing::debug;

/// What may be said of a body in the address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// Whom a body is about that does not say so itself.
    machine: Option<String>,
    /// When a body was made that does not say so itself. Whoever sends it again later says the same, so that it counts once.
    reported_at: Option<Rfc3339>,
    /// The language of what is said of a request or a report that is wrong.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// What became of the reports of a body.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportsAnswer")]
pub(super) struct Answer {
    /// On disk.
    accepted: u64,
    /// Of these, what brought something new, what was known, and what is known to be otherwise by now.
    stored: u64,
    unchanged: u64,
    outdated: u64,
    /// How many were refused, and the first of them.
    refused: u64,
    refusals: Vec<Refusal>,
    /// The machines by whose names two agents report in turn.
    shared_names: Vec<String>,
    /// How much was understood, and how much does not matter: banners, prompts, unused products, events of other kinds.
    understood: u64,
    noise: u64,
    /// How much was not understood, and the first of the worst of it.
    not_understood: u64,
    first_not_understood: Option<String>,
    /// Why the body was not read to its end, or nothing came of it; and the same in the language of the sender.
    error: Option<String>,
    message: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RejectedReport")]
struct Refusal {
    /// The number of the report in the body, counted from 1, where that is known.
    report: Option<u64>,
    reason: String,
    /// The same in the language of the sender.
    message: String,
}

pub(super) async fn post(
    State(sources): State<Sources>,
    query: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(access) = &sources.status else {
        return no_store().into_response();
    };
    let mut request = Request {
        counters: access.importer.counters().bodies(),
        token: UNKNOWN_TOKEN.into(),
        machine: None,
        status: None,
    };
    let taken = take(access, &mut request, query.map(|Query(parameters)| parameters).ok(), &headers, body).await;
    let response = match taken {
        Ok(mut imported) => {
            let shared = match access.keeper().await {
                Some(keeper) => keeper.shared_names(std::mem::take(&mut imported.names)).await,
                None => Vec::new(),
            };
            let (accepted, refused) = (imported.accepted(), imported.reading.rejected.count());
            let taken = ReportsAccepted {
                token: Arc::clone(&request.token),
                machine: request.machine.clone(),
                accepted,
                machines: imported.machines,
                refused,
            };
            // The ID of the message, and not its words, which may quote what was sent.
            for (number, reason) in &imported.reading.rejected.listed {
                debug!(token = &*request.token, number, reason = reason.id(), "a report is refused");
            }
            let language = of_request(&uri, &headers);
            let mut response = in_language(answer(imported, &shared, language.into()), language);
            response.extensions_mut().insert(taken);
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

/// A request, which is counted once it is answered or dropped: its sender hung up, or it took too long.
struct Request<'a> {
    counters: &'a BodyCounters,
    /// The name of its token, and the machine that has it for its own.
    token: Arc<str>,
    machine: Option<Arc<str>>,
    status: Option<StatusCode>,
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        let result = match self.status {
            None => "cancelled",
            Some(StatusCode::ACCEPTED) => "accepted",
            Some(StatusCode::UNAUTHORIZED) => "unauthorized",
            Some(StatusCode::TOO_MANY_REQUESTS) => "throttled",
            Some(StatusCode::FORBIDDEN) => "denied",
            Some(StatusCode::REQUEST_TIMEOUT) => "too_slow",
            Some(StatusCode::SERVICE_UNAVAILABLE) => "unavailable",
            Some(_) => "rejected",
        };
        self.counters.count_request(&self.token, result);
    }
}

async fn take(
    access: &Access,
    request: &mut Request<'_>,
    parameters: Option<Parameters>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Imported, Rejected> {
    // Before anything is read of the body.
    let token = sender::bearer(headers)?;
    let Speaker { grant, machine } = sender::reporting(access, token).await?;
    (request.token, request.machine) = (Arc::clone(&grant.name), machine);
    let parameters = parameters.ok_or_else(|| Rejected::bad_request(message!("status-parameters")))?;
    let machine = parameters.machine.map(|name| name.parse::<MachineName>()).transpose();
    let machine = machine.map_err(|error| Rejected::bad_request(error.into()))?;
    let is_compressed = is_compressed(headers)?;
    if access.keeper().await.is_none() {
        return Err(store_unavailable());
    }
    let admitted = access.importer.admission().admit(&grant.name);
    let body = body::take(body, &admitted, is_compressed).await?;
    // Whoever waits for the store is counted as well, although the body is read and gone.
    let _held = body.held();
    let now = Timestamp::now();
    let reported_at = parameters.reported_at.map_or(now, |Rfc3339(reported_at)| reported_at.min(now));
    let origin = Origin { machine, reported_at, received_at: now, grant: Some(grant) };
    let imported = access.importer.import(body, origin).await;
    imported.map_err(|error| Rejected::unavailable((&error).into()))
}

fn is_compressed(headers: &HeaderMap) -> Result<bool, Rejected> {
    // A value that is not text is none of those that are known.
    let coding = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    match coding.as_deref() {
        None | Some("" | "identity") => Ok(false),
        Some("gzip" | "x-gzip") => Ok(true),
        Some(_) => Err(Rejected(StatusCode::UNSUPPORTED_MEDIA_TYPE, message!("body-coding"))),
    }
}

fn answer(imported: Imported, shared: &[MachineName], words: Words) -> Response {
    let reading = &imported.reading;
    let status = if reading.error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else if imported.accepted() > 0 {
        StatusCode::ACCEPTED
    } else if reading.is_denied {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    // A body that yields nothing is no success, whatever the reason.
    let is_nothing = imported.accepted() == 0 && reading.rejected.count() == 0;
    let fault = imported.faults().into_iter().next().filter(|_| reading.error.is_some() || is_nothing);
    let answer = Answer {
        accepted: imported.accepted(),
        stored: imported.stored,
        unchanged: imported.unchanged,
        outdated: imported.outdated,
        refused: reading.rejected.count(),
        shared_names: shared.iter().map(ToString::to_string).collect(),
        understood: reading.counts.understood,
        noise: reading.counts.noise,
        not_understood: reading.skipped.count,
        error: fault.as_ref().map(ToString::to_string),
        message: fault.map(|fault| fault.in_words(words)),
        first_not_understood: imported.reading.skipped.first,
        refusals: imported
            .reading
            .rejected
            .listed
            .into_iter()
            .map(|(report, reason)| Refusal { report, reason: reason.to_string(), message: reason.in_words(words) })
            .collect(),
    };
    (status, Json(answer)).into_response()
}
