//! Connections: accepted here, each in a task of its own, and bounded in number and in time.
//!
//! A connection is bytes in both directions, whatever carries them. So what encrypts wraps the stream between
//! [`Server::accept`] and [`Server::serve_connection`], and nothing below knows of it.

mod bounds;
mod head;
mod pulse;
mod refusal;
mod stream;
#[cfg(test)]
mod tests;

use super::client::{Ambiguous, Authenticated, Peer};
use super::guard::Guard;
use super::tls;
use crate::config::Web;
use crate::config::web_file::WebFile;
use crate::counters::{HttpCounters, LineKind};
use crate::throttle::Throttle;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::response::Response;
use bounds::{Bounds, Seat};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use pulse::Pulse;
use refusal::Refusals;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use stream::{Answer, Noted};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tower::ServiceExt;
use tracing::{trace, warn};

/// How long accepting backs off after a failure that lasts, such as too few file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The longest head of a request, in bytes, and the most fields in it.
const MAX_HEAD: u32 = 32 * 1024;
const MAX_FIELDS: usize = 100;

/// How many requests one connection has under way at once by HTTP/2.
const MAX_STREAMS: u32 = 8;

/// How many bytes it may send by HTTP/2 before they are asked for: on one request, and on all of them. They lie in
/// memory while their requests wait.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 128 * 1024;

/// How many bytes of an answer are taken ahead of its reader by HTTP/2.
const SEND_AHEAD: usize = 16 * 1024;

/// What all connections share.
struct Server {
    router: Router,
    guard: Arc<Guard>,
    settings: watch::Receiver<Web>,
    bounds: Arc<Bounds>,
    counters: HttpCounters,
    refusals: Refusals,
}

/// Serves until `shutdown` is done, and then finishes the requests under way.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    guard: Arc<Guard>,
    settings: watch::Receiver<Web>,
    counters: HttpCounters,
    shutdown: impl Future<Output = ()>,
) {
    let bounds = Arc::new(Bounds::new(counters.clone()));
    let server = Arc::new(Server { router, guard, settings, bounds, counters, refusals: Refusals::default() });
    let connections = GracefulShutdown::new();
    tokio::select! {
        never = server.accept_all(&listener, &connections) => match never {},
        () = shutdown => {}
    }
    drop(listener);
    connections.shutdown().await;
}

impl Server {
    async fn accept_all(self: &Arc<Self>, listener: &TcpListener, connections: &GracefulShutdown) -> Infallible {
        let mut throttle = Throttle::of(LineKind::Connection);
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.take_in(stream, peer, connections.watcher()),
                // It is gone before it was accepted, which says nothing about the next.
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    self.counters.accept_failed();
                    if let Some(left_out) = throttle.pass() {
                        warn!(left_out, "a connection cannot be accepted, which is tried again: {error}");
                    }
                    self.bounds.make_room();
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn take_in(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        let most = self.settings.borrow().connections;
        match self.bounds.admit(Peer(peer), most) {
            Ok(seat) => drop(tokio::spawn(Arc::clone(self).accept(stream, peer, seat, watcher))),
            Err(bound) => {
                trace!(%peer, bound = bound.as_str(), "a connection is rejected");
                self.counters.rejected(bound);
                // Who expects TLS would not understand it.
                if self.guard.in_force().get().tls.is_none() {
                    self.refusals.refuse(stream);
                }
            }
        }
    }

    /// Serves a connection that has its place. What encrypts shakes hands here, in this task, so that nobody else waits
    /// for it.
    async fn accept(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, seat: Seat, watcher: Watcher) {
        // An answer is written whole; waiting for more of it only delays it.
        let _ = stream.set_nodelay(true);
        let web_file = self.guard.in_force().get();
        let Some(tls) = &web_file.tls else {
            return self.serve_connection(stream, peer, None, &web_file, &seat, watcher).await;
        };
        let shaken = tokio::select! {
            shaken = tls::accept(tls, stream, peer, self.guard.counters(), &self.counters) => shaken,
            () = seat.pulse.displaced() => None,
        };
        if let Some((stream, user)) = shaken {
            self.serve_connection(stream, peer, user, &web_file, &seat, watcher).await;
        }
    }

    /// Serves the requests of one connection, one after the other or, by HTTP/2, side by side. `user` is known by the
    /// connection itself. It ends once `web_file`, by which it came about, is in force no more.
    async fn serve_connection<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        user: Option<Authenticated>,
        web_file: &Arc<WebFile>,
        seat: &Seat,
        watcher: Watcher,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pulse = &seat.pulse;
        let service = service_fn(|request| {
            let from = From { peer: Peer(peer), user: user.clone() };
            answer(self.router.clone(), Arc::clone(pulse), from, request)
        });
        let mut builder = Builder::new(TokioExecutor::new());
        if !web_file.http2 {
            builder = builder.http1_only();
        }
        // The time for a head is seen to here, beside all else.
        builder.http1().header_read_timeout(None).max_buf_size(MAX_HEAD as usize).max_headers(MAX_FIELDS);
        builder
            .http2()
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEAD)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_AHEAD);
        let stream = TokioIo::new(Noted::new(stream, Arc::clone(pulse)));
        let mut connection = pin!(watcher.watch(builder.serve_connection(stream, service)));
        let mut displaced = pin!(pulse.displaced());
        let mut superseded = pin!(self.guard.in_force().superseded(web_file));
        let mut is_superseded = false;
        let mut alarm = pin!(sleep_until(Instant::now()));
        poll_fn(|context| {
            if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                if let Err(error) = ended {
                    trace!(%peer, "the connection ended: {error}");
                }
                return Poll::Ready(());
            }
            if displaced.as_mut().poll(context).is_ready() {
                trace!(%peer, "the connection is closed for another");
                return Poll::Ready(());
            }
            is_superseded = is_superseded || superseded.as_mut().poll(context).is_ready();
            if is_superseded && pulse.quiet_since().is_some() {
                trace!(%peer, "the connection is closed: the web configuration is another");
                return Poll::Ready(());
            }
            // What was just done may have moved it.
            let Some((deadline, limit)) = pulse.deadline() else { return Poll::Pending };
            if alarm.deadline() != deadline {
                alarm.as_mut().reset(deadline);
            }
            alarm.as_mut().poll(context).map(|()| {
                trace!(%peer, limit = limit.as_str(), "the connection is closed after a time limit");
                self.counters.timed_out(limit);
            })
        })
        .await;
    }
}

/// Whom a connection is from.
struct From {
    peer: Peer,
    /// Where the connection itself says so.
    user: Option<Authenticated>,
}

/// Answers one request.
async fn answer(
    router: Router,
    pulse: Arc<Pulse>,
    from: From,
    request: hyper::Request<hyper::body::Incoming>,
) -> Result<Response, Infallible> {
    let under_way = pulse.begin();
    let mut request: Request = request.map(Body::new);
    request.extensions_mut().insert(from.peer);
    if let Some(user) = from.user {
        request.extensions_mut().insert(user);
    }
    if pulse.is_ambiguous() {
        request.extensions_mut().insert(Ambiguous);
    }
    // Where such a body ends nobody but the parser knows. So nothing may follow it that could be taken for a part of
    // it.
    let is_last = request.version() < Version::HTTP_2 && request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = router.oneshot(request).await?;
    if is_last {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|body| Body::new(Answer::new(body, under_way))))
}

/// True for a failure to accept that is over with the connection it is about.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
