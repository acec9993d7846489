//! TLS on connections that clients make.

use super::client::Authenticated;
use crate::config::web_file::{Tls, client_name};
use crate::counters::{GuardCounters, Handshake, HttpCounters, TimeLimit};
use rustls::{AlertDescription, CertificateError, Error};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::debug;

/// How long a handshake may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What TLS begins with: a record of a handshake.
const HANDSHAKE_RECORD: u8 = 0x16;

/// What whoever speaks HTTP here is answered, as other programs in Go answer it.
const SPEAK_TLS: &[u8] = b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n\
                           This is a listener for HTTPS; use https:// instead of http://.\n";

/// Shakes hands with a client; `None` where that fails. With the stream comes the name in the client's certificate,
/// where that is verified.
pub(super) async fn accept(
    tls: &Tls,
    stream: TcpStream,
    peer: SocketAddr,
    counters: &GuardCounters,
    limits: &HttpCounters,
) -> Option<(TlsStream<TcpStream>, Option<Authenticated>)> {
    let shaken = timeout(TIME_LIMIT, shake_hands(tls, stream)).await;
    let result = match shaken {
        Ok(Ok(stream)) => {
            counters.count_handshake(Handshake::Ok);
            let certificates = stream.get_ref().1.peer_certificates().filter(|_| tls.verifies_clients);
            let name = certificates.and_then(<[_]>::first).and_then(client_name);
            return Some((stream, name.map(|name| Authenticated(name.into()))));
        }
        Ok(Err(error)) => {
            let result = classify(&error);
            debug!(%peer, reason = result.as_str(), "the TLS handshake failed: {error}");
            result
        }
        Err(_) => {
            limits.timed_out(TimeLimit::Handshake);
            debug!(%peer, reason = Handshake::TimedOut.as_str(), "the TLS handshake took too long");
            Handshake::TimedOut
        }
    };
    counters.count_handshake(result);
    None
}

async fn shake_hands(tls: &Tls, mut stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first != [HANDSHAKE_RECORD] {
        // What is unread when the socket is closed would take the answer away with it.
        stream.write_all(SPEAK_TLS).await?;
        stream.shutdown().await?;
        let _ = stream.readable().await;
        let _ = stream.try_read(&mut [0; 4096]);
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the client does not speak TLS"));
    }
    TlsAcceptor::from(Arc::clone(&tls.server)).accept(stream).await
}

fn classify(error: &io::Error) -> Handshake {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return match error.kind() {
            io::ErrorKind::InvalidData => Handshake::NotTls,
            _ => Handshake::Closed,
        };
    };
    match error {
        Error::InvalidMessage(_) => Handshake::NotTls,
        Error::PeerIncompatible(_) => Handshake::NothingInCommon,
        Error::NoCertificatesPresented => Handshake::NoCertificate,
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Handshake::OutOfDate,
            CertificateError::ApplicationVerificationFailure => Handshake::NameNotAllowed,
            _ => Handshake::Untrusted,
        },
        Error::AlertReceived(AlertDescription::CloseNotify) => Handshake::Closed,
        Error::AlertReceived(_) => Handshake::RefusedByClient,
        _ => Handshake::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::web_file::WebFile;
    use crate::counters::Counters;
    use std::path::Path;
    use tokio::net::TcpListener;

    fn tls() -> Tls {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/web_file/accepted/tls.yaml");
        WebFile::load(&file).0.unwrap().tls.unwrap()
    }

    /// What is counted once a client did this.
    async fn result_of(client: impl AsyncFnOnce(TcpStream)) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connecting = TcpStream::connect(listener.local_addr().unwrap());
        let (connected, accepted) = tokio::join!(connecting, listener.accept());
        let (stream, peer) = accepted.unwrap();
        let counters = Counters::new().unwrap();
        let (tls, connected) = (tls(), connected.unwrap());
        let ((), shaken) =
            tokio::join!(client(connected), accept(&tls, stream, peer, counters.guard(), counters.http()));
        assert!(shaken.is_none());
        let counted = counters.registry().gather();
        let results = counted.iter().filter(|family| family.name() == "gracewatch_tls_handshakes_total");
        let results = results.flat_map(prometheus::proto::MetricFamily::get_metric);
        let mut counted = results.filter(|result| result.get_counter().get_value() > 0.0);
        counted.next().unwrap().get_label().first().unwrap().value().to_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_not_waited_for_without_end() {
        let silent = async |stream: TcpStream| {
            tokio::time::sleep(TIME_LIMIT * 2).await;
            drop(stream);
        };
        assert_eq!(result_of(silent).await, "timed_out");
        let begins = async |mut stream: TcpStream| {
            stream.write_all(&[HANDSHAKE_RECORD, 3, 1]).await.unwrap();
            tokio::time::sleep(TIME_LIMIT * 2).await;
        };
        assert_eq!(result_of(begins).await, "timed_out");
    }

    #[tokio::test]
    async fn what_is_no_handshake_is_identified_by_its_reason() {
        assert_eq!(result_of(async |stream: TcpStream| drop(stream)).await, "closed");
        let http = async |mut stream: TcpStream| {
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.0 400 ") && answer.ends_with("use https:// instead of http://.\n"));
        };
        assert_eq!(result_of(http).await, "not_tls");
        let garbage = async |mut stream: TcpStream| {
            stream.write_all(&[HANDSHAKE_RECORD; 64]).await.unwrap();
            let mut answer = Vec::new();
            let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
        };
        assert_eq!(result_of(garbage).await, "not_tls");
    }
}
