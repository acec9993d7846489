//! A web server that keeps what is posted to it, as programs do that Alertmanager notifies.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::http::header::{HOST, HeaderMap};
use tokio::runtime::{self, Runtime};

use super::place::Place;

/// One request.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The host it was meant for and the path there: `oncall.corp.example/alertmanager`.
    pub to: String,
    pub body: String,
}

type Kept = Arc<Mutex<Vec<Posted>>>;

/// A listening web server. It says yes to everything, and is there until it is dropped.
#[derive(Debug)]
pub struct Webhook {
    kept: Kept,
    _runtime: Runtime,
}

impl Webhook {
    /// Listens at an address, for whichever names lead there.
    pub fn start_at(place: &Place, address: SocketAddr) -> Self {
        let kept = Kept::default();
        let runtime = runtime();
        let listener = listen(place, address);
        let router = Router::new().fallback(keep).with_state(Arc::clone(&kept));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener can be waited on");
            axum::serve(listener, router).await.expect("a web server serves");
        });
        Self { kept, _runtime: runtime }
    }

    /// What was posted so far.
    pub fn posted(&self) -> Vec<Posted> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn keep(State(kept): State<Kept>, uri: Uri, headers: HeaderMap, body: String) -> &'static str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let posted = Posted { to: format!("{host}{}", uri.path()), body };
    kept.lock().unwrap_or_else(PoisonError::into_inner).push(posted);
    "ok"
}

/// What such a server runs in: a thread of its own.
pub(super) fn runtime() -> Runtime {
    runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime can be made")
}

/// A socket stays in the network in which it was made, wherever it is waited on.
pub(super) fn listen(place: &Place, address: SocketAddr) -> TcpListener {
    let listener = place.run(|| TcpListener::bind(address));
    let listener = listener.unwrap_or_else(|error| panic!("cannot listen on {address}: {error}"));
    listener.set_nonblocking(true).expect("a listener can be set not to block");
    listener
}
