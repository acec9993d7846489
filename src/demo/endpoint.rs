//! An online endpoint: HTTP over TLS, which says of everything that it is not there. That is what Microsoft's endpoints
//! say to a request for nothing in particular.

use super::serving::{head, serve};
use rustls::ServerConfig;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Answers without end.
pub(super) async fn run(listener: TcpListener, config: Arc<ServerConfig>) {
    let acceptor = TlsAcceptor::from(config);
    serve(listener, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            head(&mut stream).await?;
            let date = httpdate::fmt_http_date(SystemTime::now());
            let answer =
                format!("HTTP/1.1 404 Not Found\r\nDate: {date}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await
        }
    })
    .await;
}
