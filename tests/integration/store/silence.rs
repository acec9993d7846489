//! A server that accepts connections and says nothing keeps nobody waiting.

use crate::servers::netns::Namespace;
use crate::support::daemon::Daemon;
use crate::support::status::Kept;
use gracewatch::intake::keeper::Keeper;
use gracewatch::store::StoreError;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// A listener that never answers, and the URL of a store there.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("postgres://gracewatch@{}/gracewatch", listener.local_addr().expect("it has an address"));
    (listener, url)
}

#[tokio::test]
async fn a_silent_server_is_unavailable_within_seconds() {
    let (_listener, url) = silent();
    let begun = Instant::now();
    let error = Keeper::open(&url.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }) && error.is_temporary(), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
#[ignore = "needs iproute2"]
fn a_server_to_which_no_route_leads_is_reported() {
    let namespace = Namespace::new();
    namespace.discard([10, 9, 9, 2].into());
    namespace.prohibit([10, 9, 9, 3].into());
    for last in 1..=3 {
        let kept = Kept::in_store(&format!("postgres://gracewatch@10.9.9.{last}/gracewatch"));
        let daemon = Daemon::start_in(&namespace, &kept.configuration());
        crate::servers::process::wait_until("it is not logged", || {
            !daemon.log_lines("cannot be reached: this machine has no route to its server (").is_empty()
        });
    }
}

#[test]
fn a_daemon_serves_at_once_though_its_server_is_silent() {
    let (_listener, url) = silent();
    let kept = Kept::in_store(&url);
    let begun = Instant::now();
    let daemon = kept.serve();
    daemon.wait_until_ready();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(daemon.get("/api/v1/machines").status, 503);
    crate::servers::process::wait_until("it is not logged", || {
        !daemon.log_lines("the store is unavailable, retrying in 5 s").is_empty()
    });
}
