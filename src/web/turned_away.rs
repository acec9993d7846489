//! Requests that are turned away, always in the same shape: `{"error": "..."}`.

use crate::intake::admission::Overloaded;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};

/// A request that is turned away, and why.
#[derive(Debug)]
pub(super) struct TurnedAway(pub(super) StatusCode, pub(super) String);

impl TurnedAway {
    /// The request itself is wrong.
    pub(super) fn bad_request(error: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, error.into())
    }

    /// It may be answered later.
    pub(super) fn unavailable(error: impl Into<String>) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, error.into())
    }
}

impl From<Overloaded> for TurnedAway {
    fn from(overloaded: Overloaded) -> Self {
        Self::unavailable(overloaded.to_string())
    }
}

impl IntoResponse for TurnedAway {
    fn into_response(self) -> Response {
        let Self(status, error) = self;
        let mut response = (status, Json(serde_json::json!({ "error": error }))).into_response();
        let told = match status {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Some((header::RETRY_AFTER, "10")),
            _ => None,
        };
        response.headers_mut().extend(told.map(|(name, value)| (name, HeaderValue::from_static(value))));
        response
    }
}
