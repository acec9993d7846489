//! What the daemon answers over HTTP.

mod answers;
mod aside;
mod changed;
mod client;
mod compression;
mod data;
mod enrol;
mod explain;
mod guard;
mod in_force;
mod language;
mod machines;
mod openapi;
pub mod pages;
mod paths;
mod probe;
mod processed;
mod rejected;
mod reload;
mod request;
mod scrape;
mod sd;
mod sender;
mod server;
mod status;
#[cfg(test)]
mod tests;
mod tls;

pub use guard::Guard;
pub use in_force::{InForce, Loaded};

use crate::catalogue::Message;
use crate::config::{Config, Web};
use crate::counters::Counters;
use crate::intake::service::Access;
use crate::metrics::Metrics;
use crate::state::State as Known;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use client::Peer;
pub use pages::PageSources;
use probe::Probes;
use schemars::JsonSchema;
use serde::Serialize;
use socket2::{Domain, Protocol, Socket, Type};
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tower_http::catch_panic::CatchPanicLayer;

/// A request to read the configuration again, and where the answer goes: nothing, or why it was refused.
pub type ReloadRequest = oneshot::Sender<Result<(), Message>>;

/// What the handlers read.
#[derive(Debug, Clone)]
pub struct Sources {
    pub state: Arc<Known>,
    /// The page of metrics.
    pub metrics: Arc<Metrics>,
    /// The reports of machines; `None` where none are kept.
    pub status: Option<Access>,
    /// How HTTP is served.
    pub settings: watch::Receiver<Web>,
    /// All that is configured.
    pub config: watch::Receiver<Arc<Config>>,
    pub counters: Arc<Counters>,
    /// Where reloads are asked for.
    pub reload: mpsc::Sender<ReloadRequest>,
    /// Who has access.
    pub guard: Arc<Guard>,
    pub pages: PageSources,
}

/// Opens the socket. An unspecified IPv6 address takes IPv4 as well, on every system; where the machine has no IPv6,
/// it takes IPv4 alone.
///
/// # Errors
/// Where the address is in use, not this machine's, or not permitted.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    // These two would fail IPv4 as well, and their error says more than that of IPv4.
    let is_final =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied);
    match open(address) {
        Err(error) if address.ip() == Ipv6Addr::UNSPECIFIED && !is_final(&error) => {
            open((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        opened => opened,
    }
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // Lets a restarted daemon bind at once. On Windows the option would let another process bind beside us.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Serves until `shutdown` is done, and then finishes the requests under way.
pub async fn serve(listener: TcpListener, sources: Sources, shutdown: impl Future<Output = ()> + Send) {
    let (settings, counters) = (sources.settings.clone(), sources.counters.http().clone());
    let guard = Arc::clone(&sources.guard);
    server::serve(listener, router(sources), guard, settings, counters, shutdown).await;
}

fn router(sources: Sources) -> Router {
    let scrapes = scrape::Scrapes::new(Arc::clone(&sources.metrics), sources.counters.http().clone());
    let scrapes = Arc::new(scrapes);
    let probes = Arc::new(Probes::new(sources.counters.http().clone()));
    let routes = Router::new()
        .route("/", get(pages::home::get))
        .route("/machines", get(pages::machines::get))
        .route("/machines/{name}", get(pages::machine::get))
        .route("/paths/{name}", get(pages::path::get))
        .route("/runway", get(pages::runway::get))
        .route("/kms-hosts", get(pages::kms_hosts::get))
        .route("/changes", get(pages::changes::get))
        .route("/explain", get(pages::explain::get))
        .route("/about", get(pages::about::get))
        .route("/assets/{name}", get(pages::assets::get))
        .route("/metrics", get(async move |headers: HeaderMap| scrapes.answer(&headers).await))
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .route("/-/reload", post(reload::post))
        .route("/api/v1/paths", get(paths::list))
        .route("/api/v1/paths/{name}", get(paths::one))
        .route("/api/v1/paths/{name}/history", get(paths::history))
        .route("/api/v1/explain/{*code}", get(explain::get))
        .route("/api/v1/about", get(about))
        .route("/api/v1/changes", get(machines::changes))
        .route("/api/v1/machines", get(machines::list))
        .route("/api/v1/machines/{name}", get(machines::one))
        .route("/api/v1/runway", get(machines::runway))
        .route("/api/v1/kms-hosts", get(paths::kms_hosts))
        .route("/api/v1/openapi.json", get(openapi::get))
        .route("/api/v1/status", post(status::post))
        .route("/api/v1/enrol", post(enrol::post))
        .route(
            "/probe",
            get(
                async move |state: State<Sources>,
                            peer: Option<Extension<Peer>>,
                            asked: probe::Asked,
                            headers: HeaderMap| {
                    probe::get(state, probes, peer, asked, headers).await
                },
            ),
        )
        .route("/sd", get(sd::get))
        .fallback(pages::fault::not_found);
    // Nothing else has faults to switch.
    let routes = match sources.pages.demo {
        Some(_) => routes.route("/demo", get(pages::demo::faults)).route("/demo/{name}", post(pages::demo::switch)),
        None => routes,
    };
    surrounded(routes, sources)
}

/// What is around every route, from within outwards: what panics is answered as well, and every answer is counted and
/// logged.
fn surrounded(routes: Router<Sources>, sources: Sources) -> Router {
    let answers = answers::Answers::new(sources.counters.http().clone());
    routes
        .layer(CatchPanicLayer::custom(request::panicked))
        .layer(from_fn_with_state(answers.clone(), answers::bound))
        .layer(from_fn(compression::compress))
        .layer(from_fn_with_state(answers, answers::bound))
        .layer(from_fn_with_state(Arc::clone(&sources.guard), guard::admit))
        .layer(from_fn_with_state(sources.clone(), request::handle))
        .layer(from_fn(rejected::in_words))
        .layer(from_fn(pages::headers::set))
        .layer(from_fn_with_state(Arc::clone(&sources.guard), guard::set_headers))
        .with_state(sources)
}

async fn healthy() -> &'static str {
    "gracewatch is healthy.\n"
}

async fn ready(State(sources): State<Sources>) -> (StatusCode, &'static str) {
    if sources.state.snapshot().ready {
        (StatusCode::OK, "gracewatch is ready.\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "The first round is not complete.\n")
    }
}

/// The commit that the program was built of; see `build.rs`.
const COMMIT: &str = match option_env!("GRACEWATCH_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// Which program this is, and which store it keeps: by that a command knows whether it is the daemon of its
/// configuration.
#[derive(Debug, Serialize, JsonSchema)]
struct About {
    /// `gracewatch`.
    program: &'static str,
    version: &'static str,
    /// The commit that it was built of, or `unknown`.
    commit: &'static str,
    /// Where reports are kept, without a password; null where none are.
    store: Option<String>,
    /// What this instance is called among those that share the store; null where there is none.
    instance: Option<String>,
}

async fn about(State(sources): State<Sources>) -> Response {
    let settings = sources.status.as_ref().map(|access| access.settings.borrow().clone());
    let store = settings.as_ref().map(|settings| settings.status.store.to_string());
    let instance = settings.map(|settings| settings.config.instance());
    Json(About { program: "gracewatch", version: env!("CARGO_PKG_VERSION"), commit: COMMIT, store, instance })
        .into_response()
}
