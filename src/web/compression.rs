//! Answers are compressed by gzip where the client takes that.
//!
//! A page of many paths is megabytes of text, and takes a tenth of a second to compress. So whole bodies are compressed
//! aside, where no probe waits for it; a layer that compresses as it sends would do so where probes run.

use super::aside::aside;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// What is shorter fits in a packet anyway.
const SHORTEST: u64 = 1024;

/// What can be compressed to some use.
const TYPES: [&str; 5] = ["text/", "application/json", "application/javascript", "application/xml", "image/svg+xml"];

pub(super) async fn compress(request: Request, next: Next) -> Response {
    let is_taken = takes_gzip(request.headers());
    let mut response = next.run(request).await;
    if !is_worthwhile(&response) {
        return response;
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    if !is_taken {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // A whole body is in memory already, and is not copied.
    let compressed = match to_bytes(body, usize::MAX).await {
        Ok(body) => aside(move || gzip(&body)).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match compressed {
        Ok(body) => {
            parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.remove(CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(body))
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error + "\n").into_response(),
    }
}

/// True for a body that is whole, long enough, and of a kind that gets shorter.
fn is_worthwhile(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    response.body().size_hint().exact().is_some_and(|length| length >= SHORTEST)
        && TYPES.iter().any(|known| kind.starts_with(known))
        && !response.headers().contains_key(CONTENT_ENCODING)
}

/// True where the client takes gzip (RFC 9110, section 12.5.3): named, or meant by `*`, and not with a weight of 0.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let weights = codings.flat_map(|value| value.split(',')).map(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        (name, weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)))
    });
    let weights: Vec<_> = weights.collect();
    let of =
        |wanted: &[&str]| weights.iter().find(|(name, _)| wanted.contains(&name.as_str())).map(|(_, taken)| *taken);
    of(&["gzip", "x-gzip"]).or_else(|| of(&["*"])).unwrap_or(false)
}

pub(super) fn gzip(body: &Bytes) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
    // Memory takes whatever is written to it.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use flate2::read::GzDecoder;
    use std::io::Read;
    use tower::ServiceExt;

    #[test]
    fn what_the_client_takes_is_read_as_the_rfc_has_it() {
        let takes =
            |value: &str| takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap())]));
        for value in ["gzip", "deflate, GZIP", "gzip;q=0.5", "br;q=1.0, *;q=0.1", "x-gzip", "gzip; q=1"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "identity", "gzip;q=0", "*;q=0", "gzip;q=0, *", "zip", "gzip;q=x"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn long_texts_are_compressed_and_nothing_else_is() {
        let text = "gracewatch_path_up{path=\"corp\"} 1\n".repeat(100);
        let (long, picture) = (text.clone(), text.clone());
        let router = Router::new()
            .route("/long", get(|| async { long }))
            .route("/short", get(|| async { "short" }))
            .route("/picture", get(|| async { ([(CONTENT_TYPE, "image/png")], picture) }))
            .layer(from_fn(compress));
        for (path, is_compressed) in [("/long", true), ("/short", false), ("/picture", false)] {
            for accepted in ["gzip", "identity"] {
                let request = Request::get(path).header(ACCEPT_ENCODING, accepted).body(Body::empty()).unwrap();
                let response = router.clone().oneshot(request).await.unwrap();
                let is_compressed = is_compressed && accepted == "gzip";
                assert_eq!(response.headers().get(CONTENT_ENCODING).is_some(), is_compressed, "{path} {accepted}");
                assert_eq!(response.headers().get(VARY).is_some(), path == "/long", "{path} {accepted}");
                let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
                if is_compressed {
                    let mut inflated = String::new();
                    GzDecoder::new(&*body).read_to_string(&mut inflated).unwrap();
                    assert!(inflated == text && body.len() < text.len() / 5);
                }
            }
        }
    }
}
