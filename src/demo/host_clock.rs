//! The clock of a KMS host, as its web server shows it to anyone: the `Date` of an answer, as Windows gives one on the
//! port of `WinRM`.

use super::serving::{head, serve};
use std::time::{Duration, SystemTime};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// The port of `WinRM`.
pub(super) const PORT: u16 = 5985;

/// Shows a clock that is so far behind, without end.
pub(super) async fn run(listener: TcpListener, behind: Duration) {
    serve(listener, move |mut stream| async move {
        head(&mut stream).await?;
        let date = httpdate::fmt_http_date(SystemTime::now().checked_sub(behind).unwrap_or(SystemTime::UNIX_EPOCH));
        let answer = format!(
            "HTTP/1.1 404 Not Found\r\nServer: Microsoft-HTTPAPI/2.0\r\nDate: {date}\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await
    })
    .await;
}
