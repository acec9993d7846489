//! Rejected requests, always in the same shape: `{"error": "...", "message": "..."}`. The error is English, for
//! programs and logs; the message is the same in the language of whoever asked.

use super::language::{in_language, of_request};
use crate::catalogue::Message;
use crate::intake::admission::Overloaded;
use crate::text::Words;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Json, Response};

/// A rejected request, and why.
#[derive(Debug, Clone)]
pub(super) struct Rejected(pub(super) StatusCode, pub(super) Message);

impl Rejected {
    /// The request itself is wrong.
    pub(super) fn bad_request(error: Message) -> Self {
        Self(StatusCode::BAD_REQUEST, error)
    }

    /// It may be answered later.
    pub(super) fn unavailable(error: Message) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, error)
    }

    fn body(&self, words: Words) -> Response {
        let Self(status, error) = self;
        let body = serde_json::json!({ "error": error.to_string(), "message": error.in_words(words) });
        (*status, Json(body)).into_response()
    }
}

impl From<Overloaded> for Rejected {
    fn from(overloaded: Overloaded) -> Self {
        Self::unavailable(overloaded.into())
    }
}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        let mut response = self.body(Words::ENGLISH);
        let shown = match self.0 {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Some((header::RETRY_AFTER, "10")),
            _ => None,
        };
        response.headers_mut().extend(shown.map(|(name, value)| (name, HeaderValue::from_static(value))));
        response.extensions_mut().insert(self);
        response
    }
}

/// Words the rejection in the language of whoever asked.
pub(super) async fn in_words(request: Request, next: Next) -> Response {
    let language = of_request(request.uri(), request.headers());
    let mut response = next.run(request).await;
    let Some(rejected) = response.extensions_mut().remove::<Rejected>() else { return response };
    // It is too short to be compressed.
    if !response.headers().contains_key(CONTENT_ENCODING) {
        *response.body_mut() = rejected.body(language.into()).into_body();
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    in_language(response, language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::message;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_rejection_is_in_the_language_of_the_request() {
        let refused = || async { Rejected::unavailable(message!("store-not-read")).into_response() };
        let router = Router::new().route("/", get(refused)).layer(from_fn(in_words));
        for (address, accepted, language, said) in [
            ("/", "de", "en", "the store is unavailable"),
            ("/", "ja,en;q=0.5", "ja", "ストア"),
            ("/?x=1&lang=ja", "en", "ja", "ストア"),
            ("/?lang=en", "ja", "en", "the store is unavailable"),
        ] {
            let request = Request::get(address).header(header::ACCEPT_LANGUAGE, accepted).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.headers()[header::CONTENT_LANGUAGE], language, "{address} {accepted}");
            assert_eq!(response.headers()[header::VARY], "accept-language");
            assert_eq!(response.headers()[header::RETRY_AFTER], "10");
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert!(body["error"].as_str().unwrap().starts_with("the store is unavailable"), "{body}");
            assert!(body["message"].as_str().unwrap().starts_with(said), "{body}");
        }
    }
}
