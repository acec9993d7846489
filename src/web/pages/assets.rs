//! The files that the pages need: what they look like, what refreshes them, and their icon. The name of each holds a
//! hash of its content, so that a browser keeps it for as long as it likes.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ring::digest;
use std::sync::LazyLock;

/// A year: what is named by its content never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// How many bytes of a hash a name has.
const HASH: usize = 6;

/// A file.
#[derive(Debug)]
struct Asset {
    /// Its name, with the hash in it.
    name: String,
    kind: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, content: &'static str) -> Self {
        let hash = digest::digest(&digest::SHA256, content.as_bytes());
        let hash = hash.as_ref().iter().take(HASH).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        Self { name: format!("{stem}-{hash:012x}.{extension}"), kind, content }
    }
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_str!("assets/style.css")));
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("refresh", "js", "text/javascript; charset=utf-8", include_str!("assets/refresh.js")));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("assets/icon.svg")));

/// The names of the files.
pub(super) fn style() -> &'static str {
    &STYLE.name
}

pub(super) fn script() -> &'static str {
    &SCRIPT.name
}

pub(super) fn icon() -> &'static str {
    &ICON.name
}

/// `GET /assets/NAME`.
pub(in crate::web) async fn get(Path(name): Path<String>) -> Response {
    let known = [&STYLE, &SCRIPT, &ICON].into_iter().find(|asset| asset.name == name);
    match known {
        Some(asset) => ([(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, FOREVER)], asset.content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_files_is_loaded_from_elsewhere() {
        for asset in [&STYLE, &SCRIPT, &ICON] {
            let content = asset.content.replace("http://www.w3.org/2000/svg", "");
            assert!(
                !content.contains("://") && !content.contains("@import") && !content.contains("url("),
                "{}",
                asset.name
            );
        }
    }
}
