//! TLS on connections that clients make.

use super::client::Authenticated;
use crate::config::web_file::{Tls, client_name};
use crate::counters::{GuardCounters, Handshake};
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

/// Shakes hands with a client; `None` where that fails. With the stream comes the name in the client's certificate, where
/// that is verified.
pub(super) async fn accept(
    tls: &Tls,
    stream: TcpStream,
    peer: SocketAddr,
    counters: &GuardCounters,
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
