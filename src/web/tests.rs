//! What is around every route.

use super::*;
use crate::config::System;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use std::future::pending;
use tokio::time::Instant;
use tower::ServiceExt;

pub(super) fn sources() -> Sources {
    let (state, counters) = (Arc::new(Known::new()), Arc::new(Counters::new().unwrap()));
    let metrics = Arc::new(Metrics::new(Arc::clone(&state), Arc::clone(&counters)).unwrap());
    let (_, settings) = watch::channel(Web::default());
    let (_, config) = watch::channel(Arc::new(Config::built_in(&System::default())));
    let (reload, _) = mpsc::channel(1);
    let pages = PageSources::new(None);
    Sources { guard: Guard::open(&counters), state, metrics, status: None, settings, config, counters, reload, pages }
}

/// The status, the id and the body of the answer to a request.
async fn ask(router: &Router, path: &str) -> (u16, String, String) {
    let request = Request::get(path).header("x-request-id", "of-a-test").body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let id = response.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, id, String::from_utf8(body.to_vec()).unwrap())
}

async fn broken() {
    panic!("a fault of this program")
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_and_the_next_request_as_well() {
    let router = surrounded(Router::new().route("/broken", get(broken)).route("/", get(healthy)), sources());
    for _ in 0..2 {
        let (status, id, body) = ask(&router, "/broken").await;
        assert_eq!((status, id.as_str()), (500, "of-a-test"));
        let said = "an internal error of gracewatch; see its log";
        assert_eq!(body, format!(r#"{{"error":"{said}","message":"{said}"}}"#));
        assert_eq!(ask(&router, "/").await.0, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn work_has_a_time_limit() {
    let sources = sources();
    let router = surrounded(Router::new().route("/slow", get(pending::<()>)), sources.clone());
    let begun = Instant::now();
    assert_eq!(ask(&router, "/slow").await.0, 503);
    assert_eq!(begun.elapsed().as_secs(), 60);
    let page = String::from_utf8(sources.metrics.render().unwrap()).unwrap();
    for line in [
        "gracewatch_http_timeouts_total{kind=\"handler\"} 1\n",
        "gracewatch_http_requests_total{route=\"/slow\",status=\"503\"} 1\n",
    ] {
        assert!(page.contains(line), "{line}");
    }
}

#[tokio::test]
async fn where_nothing_is_configured_the_page_says_what_to_write() {
    let router = router(sources());
    let (status, _, body) = ask(&router, "/").await;
    assert_eq!(status, 200);
    for part in ["Nothing is monitored yet", "domain: corp.example", "gracewatch demo", "no store is configured"] {
        assert!(body.contains(part), "{part} in {body}");
    }
    for (page, status) in [
        ("/machines", 404),
        ("/runway", 404),
        ("/about", 200),
        ("/kms-hosts", 200),
        ("/changes", 200),
        ("/explain", 200),
    ] {
        assert_eq!(ask(&router, page).await.0, status, "{page}");
    }
}

#[tokio::test]
async fn no_answer_repeats_a_whole_product_key() {
    const GROUPS: [&str; 5] = ["BCDFG", "HJKMN", "PQRTV", "WXY23", "46789"];
    let router = router(sources());
    for divider in ["-", "%20", "%2D", ""] {
        let key = GROUPS.join(divider);
        for address in [
            format!("/explain?code={key}"),
            format!("/api/v1/explain/{key}"),
            format!("/machines/{key}"),
            format!("/{key}?lang=ja"),
            format!("/about?x={key}"),
        ] {
            let (_, _, body) = ask(&router, &address).await;
            for groups in GROUPS.windows(2) {
                assert!(!body.contains(&groups.join(divider)), "{address}: {body}");
            }
        }
    }
}
