//! `GET /api/v1/explain/CODE`: what a Windows activation error or event means, what the probes see of it, and which
//! machines report it.

use super::Sources;
use super::language::{Asked, in_language, language};
use super::rejected::Rejected;
use crate::catalogue::message;
use crate::codes::Code;
use crate::fleet::Moment;
use crate::knowledge::{self, Language};
use crate::report::explain::{AnswerJson, Beside, Reporters};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use std::collections::BTreeMap;

pub(super) async fn get(
    State(sources): State<Sources>,
    code: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let bad_request = |error| Rejected::bad_request(error).into_response();
    let Ok(Path(code)) = code else {
        return bad_request(message!("code-not-text"));
    };
    let Ok(Query(asked)) = asked else {
        return bad_request(message!("only-parameter", name = "lang"));
    };
    let language = match language(&asked, &headers) {
        Ok(language) => language,
        Err(error) => return bad_request(error),
    };
    // A text with several codes is answered by the first of them.
    let Some(answer) = knowledge::answers(&code, language).into_iter().next() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if !answer.is_explained() {
        let body = serde_json::json!({
            "error": Language::ENGLISH.texts().phrases.no_code,
            "message": language.texts().phrases.no_code,
            "given": answer.given,
            "did_you_mean": answer.did_you_mean,
        });
        return in_language((StatusCode::NOT_FOUND, Json(body)).into_response(), language);
    }
    let snapshot = sources.state.snapshot();
    let reporters = match &answer.explanation {
        Some(explanation) => reporters(&sources, explanation.code).await,
        None => None,
    };
    let beside = Beside { snapshot: Some(&snapshot), reporters: reporters.as_ref(), ..Beside::default() };
    in_language(Json(AnswerJson::new(&answer, language, beside)).into_response(), language)
}

/// The machines that report a code; `None` where no reports are kept, or the store was never read.
async fn reporters(sources: &Sources, code: Code) -> Option<BTreeMap<Code, Reporters>> {
    let access = sources.status.as_ref()?;
    let keeper = access.keeper().await?;
    let moment = Moment { now: access.now(), stale_after: access.settings.borrow().status.stale_after() };
    let page = keeper.page(Reporters::query(code, moment), access.dependencies()).await;
    Some(BTreeMap::from([(code, Reporters::new(&page))]))
}
