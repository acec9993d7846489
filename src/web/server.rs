//! Connections: accepted here, each in a task of its own.
//!
//! A connection is bytes in both directions, whatever carries them. So what encrypts wraps the stream between
//! [`Server::accept`] and [`Server::serve_connection`], and nothing below knows of it.

use super::client::{Authenticated, Peer};
use super::guard::Guard;
use super::tls;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tower::ServiceExt;
use tracing::{debug, warn};

/// How long accepting rests after a failure that lasts, such as too few file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What all connections share.
struct Server {
    router: Router,
    guard: Arc<Guard>,
}

/// Serves until `shutdown` is done, and then finishes the requests under way.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    guard: Arc<Guard>,
    shutdown: impl Future<Output = ()>,
) {
    let server = Arc::new(Server { router, guard });
    let connections = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(Arc::clone(&server).accept(stream, peer, connections.watcher()));
            }
            Err(error) => {
                warn!("a connection cannot be accepted: {error}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.shutdown().await;
}

impl Server {
    /// Takes in a connection. What encrypts shakes hands here, in this task, so that nobody else waits for it.
    async fn accept(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // An answer is written whole; waiting for more of it only delays it.
        let _ = stream.set_nodelay(true);
        let web_file = self.guard.in_force().get();
        let Some(tls) = &web_file.tls else {
            return self.serve_connection(stream, peer, None, web_file.http2, watcher).await;
        };
        if let Some((stream, client)) = tls::accept(tls, stream, peer, self.guard.counters()).await {
            self.serve_connection(stream, peer, client, web_file.http2, watcher).await;
        }
    }

    /// Serves the requests of one connection, one after the other or, by HTTP/2, side by side.
    async fn serve_connection<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        client: Option<Authenticated>,
        http2: bool,
        watcher: Watcher,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = self.router.clone().map_request(move |request: Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            if let Some(client) = &client {
                request.extensions_mut().insert(client.clone());
            }
            request
        });
        let builder = Builder::new(TokioExecutor::new());
        let builder = if http2 { builder } else { builder.http1_only() };
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        if let Err(error) = watcher.watch(connection).await {
            debug!(%peer, "the connection ended: {error}");
        }
    }
}
