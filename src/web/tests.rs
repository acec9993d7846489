//! What is around every route.

use super::*;
use crate::config::{Config, System};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use std::future::pending;
use std::time::SystemTime;
use tokio::time::Instant;
use tower::ServiceExt;

fn sources() -> Sources {
    let (state, counters) = (Arc::new(Known::new()), Arc::new(Counters::new().unwrap()));
    let metrics = Arc::new(Metrics::new(Arc::clone(&state), Arc::clone(&counters)).unwrap());
    let (_, settings) = watch::channel(Web::default());
    let (reload, _) = mpsc::channel(1);
    let (_, config) = watch::channel(Arc::new(Config::built_in(&System::default())));
    let pages = PageSources { config, begun: SystemTime::UNIX_EPOCH, demo: None };
    Sources { guard: Guard::open(&counters), state, metrics, status: None, settings, counters, reload, pages }
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
