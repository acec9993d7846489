//! The `tls` stage: does the endpoint agree on TLS, and is it who it says it is?

mod judgement;

use super::certificate::{self, Certificate};
use super::connection::{Connection, Stream, connection};
use super::interruption::interruption;
use crate::host::Host;
use crate::observation::{Detail, Failure, Reason, detail};
use crate::online::endpoint::Endpoint;
use crate::online::trust::{Demand, Trust};
use crate::words::day;
use rustls::pki_types::ServerName;
use rustls::{CommonState, ProtocolVersion};
use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_rustls::TlsConnector;

/// What both sides agreed on, and what the endpoint showed of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// `TLS 1.3`, as `blackbox_exporter` writes it.
    pub version: &'static str,
    /// The cipher suite, by its name in the registry of IANA.
    pub cipher: String,
    /// The certificates as they were sent: the endpoint's own, then those of its issuers.
    pub certificates: Vec<Certificate>,
    /// When the first of them ends that leads to whom the chain ends at. What else was sent does not count.
    pub ends: SystemTime,
    /// From when on all of these are valid.
    pub begins: SystemTime,
    /// Whether the endpoint asked for a certificate of its client.
    pub demands_certificate: bool,
}

impl Session {
    /// Whether the certificates that count are valid at a moment.
    pub fn is_valid_at(&self, moment: SystemTime) -> bool {
        (self.begins..=self.ends).contains(&moment)
    }
}

/// A handshake that came to its end, whether or not what it showed is believed.
pub(super) struct Handshake {
    pub(super) session: Session,
    /// What was seen of it, or why it is not believed.
    pub(super) judged: Result<Detail, Failure>,
    pub(super) connection: Connection,
}

/// Shakes hands with `host`, and judges the certificates it shows. `endpoint` is there where it is one: nobody in
/// particular is expected to vouch for a proxy.
///
/// # Errors
/// Why there was no handshake.
pub(super) async fn handshake(
    stream: impl Stream + 'static,
    host: &Host,
    trust: &Trust,
    endpoint: Option<&Endpoint>,
) -> Result<Handshake, Failure> {
    let name = match host {
        Host::Name(name) => ServerName::try_from(name.as_str().to_owned()).map_err(|_| {
            Failure::new(Reason::NameMismatch, detail!("certificate-name-impossible", name = name.to_string()))
        })?,
        Host::Address(address) => ServerName::IpAddress(address.ip().into()),
    };
    let demand = Arc::new(Demand::default());
    let connecting = TlsConnector::from(trust.client(&demand)).connect(name.clone(), stream);
    let stream = connecting.await.map_err(|error| refused(broken_off(&error), demand.is_made()))?;
    let (_, state) = stream.get_ref();
    let chain = state.peer_certificates().unwrap_or_default();
    let certificates = certificate::read_all(chain)
        .map_err(|_| Failure::new(Reason::InvalidAnswer, detail!("certificate-unreadable")))?;
    let path = certificate::path(&certificates, |issuer| trust.has_root(issuer));
    let judged = judgement::judge(chain, &path, &name, trust, endpoint, SystemTime::now());
    // The signatures may lead along another path than the names.
    let path = match &judged {
        Ok(judgement::Believed { others: Some(others), .. }) => {
            let is_used = |place: usize| place == 0 || chain.get(place).is_some_and(|sent| others.contains(sent));
            (0..).zip(&certificates).filter(|(place, _)| is_used(*place)).map(|(_, used)| used).collect()
        }
        _ => path,
    };
    let ends = path.iter().map(|certificate| certificate.not_after).min().unwrap_or(UNIX_EPOCH);
    let begins = path.iter().map(|certificate| certificate.not_before).max().unwrap_or(UNIX_EPOCH);
    let judged = judged.map(|judgement::Believed { issuer, .. }| {
        detail!("tls-agreed", version = version(state), issuer = issuer, day = day(ends))
    });
    let (version, cipher, demands_certificate) = (version(state), cipher(state), demand.is_made());
    let session = Session { version, cipher, certificates, ends, begins, demands_certificate };
    Ok(Handshake { session, judged, connection: connection(stream) })
}

fn version(state: &CommonState) -> &'static str {
    match state.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "unknown",
    }
}

fn cipher(state: &CommonState) -> String {
    let suite = state.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    // The library marks those of TLS 1.3 by a 13 that the registry does not have.
    suite.map(|name| name.replace("TLS13_", "TLS_")).unwrap_or_default()
}

/// A refusal is for want of a certificate of ours where the server asked for one: only TLS 1.3 has an alert that says so.
/// Of several servers each has another for it, and some close the connection.
pub(super) fn refused(failure: Failure, demands_certificate: bool) -> Failure {
    let is_refusal = matches!(failure.reason, Reason::Rejected | Reason::NoCommonCipher | Reason::Closed);
    if demands_certificate && is_refusal { Failure { reason: Reason::CertificateRequired, ..failure } } else { failure }
}

/// The same where the handshake seems to be over, and in TLS 1.3 is not for the server, which has still to see our
/// certificate. What the alert `handshake_failure` is about then is no cipher suite.
pub(super) fn refused_later(failure: Failure, demands_certificate: bool) -> Failure {
    match failure.reason {
        Reason::Rejected | Reason::NoCommonCipher if demands_certificate => refused(failure, true),
        Reason::NoCommonCipher => Failure { reason: Reason::Rejected, ..failure },
        _ => failure,
    }
}

/// Why a handshake came to no end.
fn broken_off(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            Failure::new(Reason::ResetInHandshake, detail!("reset-in-handshake"))
        }
        io::ErrorKind::UnexpectedEof => Failure::new(Reason::Closed, detail!("closed-in-handshake")),
        _ => interruption(error),
    }
}
