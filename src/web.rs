//! What the daemon answers over HTTP.

mod answers;
mod aside;
mod client;
mod compression;
mod explain;
mod guard;
mod in_force;
mod language;
mod machines;
pub mod pages;
mod processed;
mod rejected;
mod reload;
mod request;
mod scrape;
mod sd;
mod server;
mod status;
#[cfg(test)]
mod tests;
mod tls;

pub use guard::Guard;
pub use in_force::{InForce, Loaded};

use crate::catalogue::{Message, message};
use crate::config::Web;
use crate::counters::Counters;
use crate::intake::service::Access;
use crate::metrics::Metrics;
use crate::report::{PathJson, Report};
use crate::state::State as Known;
use aside::aside;
use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{get, post};
use language::Asked;
pub use pages::PageSources;
use rejected::Rejected;
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
    let routes = Router::new()
        .route("/", get(index))
        .route("/metrics", get(async move |headers: HeaderMap| scrapes.answer(&headers).await))
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .route("/-/reload", post(reload::post))
        .route("/api/v1/paths", get(paths))
        .route("/api/v1/explain/{*code}", get(explain::get))
        .route("/api/v1/paths/{name}", get(path))
        .route("/api/v1/about", get(about))
        .route("/api/v1/changes", get(machines::changes))
        .route("/api/v1/machines", get(machines::list))
        .route("/api/v1/machines/{name}", get(machines::one))
        .route("/api/v1/runway", get(machines::runway))
        .route("/api/v1/status", post(status::post))
        .route("/sd", get(sd::get));
    // Nothing else has faults to switch.
    let routes = match sources.pages.demo {
        Some(_) => routes.route("/demo", get(pages::faults)).route("/demo/{name}", post(pages::switch)),
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
        .layer(from_fn_with_state(Arc::clone(&sources.guard), guard::set_headers))
        .with_state(sources)
}

async fn index() -> Html<&'static str> {
    Html(include_str!("web/index.html"))
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

async fn paths(
    State(sources): State<Sources>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let language = match language::asked_language(asked, &headers) {
        Ok(language) => language,
        Err(error) => return Rejected::bad_request(error).into_response(),
    };
    let made = aside(move || Json(Report::new(&sources.state.snapshot(), language.into())).into_response()).await;
    let made = made.map(|response| language::in_language(response, language));
    made.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response())
}

async fn path(
    State(sources): State<Sources>,
    name: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let language = match language::asked_language(asked, &headers) {
        Ok(language) => language,
        Err(error) => return Rejected::bad_request(error).into_response(),
    };
    let snapshot = sources.state.snapshot();
    let known = name.ok().and_then(|Path(name)| snapshot.paths.iter().find(|path| *path.name == *name));
    match known {
        Some(path) => language::in_language(Json(PathJson::new(path, language.into())).into_response(), language),
        None => Rejected(StatusCode::NOT_FOUND, message!("path-unknown")).into_response(),
    }
}

/// Which program this is, and which store it keeps: by that a command knows whether it is the daemon of its
/// configuration.
async fn about(State(sources): State<Sources>) -> Response {
    let store = sources.status.as_ref().map(|access| access.settings.borrow().status.store.to_string());
    Json(serde_json::json!({ "program": "gracewatch", "version": env!("CARGO_PKG_VERSION"), "store": store }))
        .into_response()
}
