//! `GET /api/v1/paths`, `/api/v1/paths/NAME` and `/api/v1/paths/NAME/history`: what is known of the paths now, and which
//! verdicts one had.

use super::Sources;
use super::aside::{aside, made_aside};
use super::data::{self, Missing};
use super::language::{Asked, asked_language, in_language, of_request};
use super::openapi;
use super::rejected::Rejected;
use crate::catalogue::message;
use crate::report::history::{MOST, USUAL, USUAL_SINCE};
use crate::report::kms_hosts::{self, KmsHostsReport};
use crate::report::{PathJson, Report};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Json, Response};
use serde::Deserialize;

pub(super) async fn list(
    State(sources): State<Sources>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let language = match asked_language(asked, &headers) {
        Ok(language) => language,
        Err(error) => return Rejected::bad_request(error).into_response(),
    };
    let made = aside(move || Json(Report::new(&sources.state.snapshot(), language.into())).into_response()).await;
    let made = made.map(|response| in_language(response, language));
    made.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response())
}

pub(super) async fn one(
    State(sources): State<Sources>,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let language = match asked_language(asked, &headers) {
        Ok(language) => language,
        Err(error) => return Rejected::bad_request(error).into_response(),
    };
    match named(name).and_then(|name| data::path(&sources, &name)) {
        Ok(path) => in_language(Json(PathJson::new(&path, language.into())).into_response(), language),
        Err(missing) => missing.into_response(language),
    }
}

/// Which of its verdicts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HistoryParameters {
    since: Option<String>,
    limit: Option<u64>,
    /// The language of what is said of a request that is wrong.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

pub(super) async fn history(
    State(sources): State<Sources>,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<HistoryParameters>, QueryRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let answer = || -> Result<Response, Missing> {
        let Query(asked) = asked.map_err(|error| openapi::bad_query("/api/v1/paths/{name}/history", &error))?;
        let most = data::limit(asked.limit, USUAL, MOST)?;
        let since = asked.since.as_deref().unwrap_or(USUAL_SINCE);
        let history = data::history(&sources, &named(name)?, since)?;
        Ok(Json(history.report(most)).into_response())
    };
    answer().unwrap_or_else(|missing| missing.into_response(of_request(&uri, &headers)))
}

/// How many KMS hosts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HostsParameters {
    limit: Option<u64>,
    /// The language of what is said of a request that is wrong.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

pub(super) async fn kms_hosts(
    State(sources): State<Sources>,
    asked: Result<Query<HostsParameters>, QueryRejection>,
) -> Response {
    let most = || -> Result<usize, Rejected> {
        let Query(asked) = asked.map_err(|error| openapi::bad_query("/api/v1/kms-hosts", &error))?;
        data::limit(asked.limit, kms_hosts::MOST, kms_hosts::MOST)
    };
    match most() {
        Ok(most) => {
            made_aside(move || Json(KmsHostsReport::new(&sources.state.snapshot(), most)).into_response()).await
        }
        Err(rejected) => rejected.into_response(),
    }
}

fn named(name: Result<Path<String>, PathRejection>) -> Result<String, Missing> {
    let named = name.map(|Path(name)| name);
    named.map_err(|error| Rejected::bad_request(message!("other-error", error = error.body_text())).into())
}
