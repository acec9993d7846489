//! The `tls` stage: does the endpoint agree on TLS, and is it who it says it is?

mod judgement;

use super::certificate::{self, Certificate};
use super::connection::{Connection, Stream, connection};
use crate::host::Host;
use crate::observation::{Failure, Reason};
use crate::online::endpoint::Endpoint;
use crate::online::trust::Trust;
use crate::words::told;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CommonState, Error, InvalidMessage, PeerIncompatible, ProtocolVersion};
use std::io;
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
    /// What there is to say of it, or why it is not believed.
    pub(super) judged: Result<String, Failure>,
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
        Host::Name(name) => ServerName::try_from(name.as_str().to_owned())
            .map_err(|_| Failure::new(Reason::NameMismatch, format!("no certificate can be for the name {name}")))?,
        Host::Address(address) => ServerName::IpAddress((*address).into()),
    };
    let connecting = TlsConnector::from(trust.client()).connect(name.clone(), stream);
    let stream = connecting.await.map_err(|error| broken_off(&error))?;
    let (_, state) = stream.get_ref();
    let chain = state.peer_certificates().unwrap_or_default();
    let certificates = certificate::read_all(chain)
        .map_err(|_| Failure::new(Reason::InvalidAnswer, "a certificate of the chain cannot be read"))?;
    let path = certificate::path(&certificates, |issuer| trust.has_root(issuer));
    let judged = judgement::judge(chain, &path, &name, trust, endpoint, SystemTime::now());
    let judged = judged.map(|said| format!("{}, {said}", version(state)));
    let ends = path.iter().map(|certificate| certificate.not_after).min().unwrap_or(UNIX_EPOCH);
    let begins = path.iter().map(|certificate| certificate.not_before).max().unwrap_or(UNIX_EPOCH);
    let session = Session { version: version(state), cipher: cipher(state), certificates, ends, begins };
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

/// Why a handshake came to no end.
fn broken_off(error: &io::Error) -> Failure {
    let reset = |detail| Failure::new(Reason::ResetInHandshake, detail);
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            reset("the connection was reset in the middle of the handshake")
        }
        io::ErrorKind::UnexpectedEof => Failure::new(Reason::Closed, "closed in the middle of the handshake"),
        _ => super::connection::interruption(error),
    }
}

/// What is wrong where an error is one of TLS; `None` where it is one of the connection below.
pub(super) fn interruption(error: &io::Error) -> Option<Failure> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match error {
        Error::AlertReceived(alert) => alerted(*alert),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => Failure::new(Reason::TlsVersion, "the server speaks neither TLS 1.2 nor TLS 1.3"),
        Error::PeerIncompatible(_) => {
            Failure::new(Reason::TlsVersion, format!("nothing that both sides speak: {}", told(&error.to_string())))
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            Failure::new(Reason::NotTls, "what answers does not speak TLS")
        }
        other => Failure::new(Reason::InvalidAnswer, told(&other.to_string())),
    })
}

/// What a server means that ends the handshake by an alert (RFC 8446 section 6.2).
fn alerted(alert: AlertDescription) -> Failure {
    let name = alert.as_str().map_or_else(|| format!("number {}", u8::from(alert)), in_snake_case);
    let reason = match alert {
        // The last is what a server says that has no cipher in common.
        AlertDescription::ProtocolVersion
        | AlertDescription::InsufficientSecurity
        | AlertDescription::HandshakeFailure => Reason::TlsVersion,
        AlertDescription::UnrecognisedName => Reason::NameMismatch,
        AlertDescription::CloseNotify | AlertDescription::UserCanceled => Reason::Closed,
        _ => Reason::Rejected,
    };
    Failure::new(reason, format!("the server ends TLS with the alert {name}"))
}

/// `HandshakeFailure` as the specification writes it: `handshake_failure`. A capital begins a word after a small letter,
/// and before one after capitals: `UnknownPSKIdentity` is `unknown_psk_identity`.
fn in_snake_case(name: &str) -> String {
    let letters: Vec<char> = name.replace("Unrecognised", "Unrecognized").chars().collect();
    let mut text = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let is_small = |letter: Option<&char>| letter.is_some_and(char::is_ascii_lowercase);
        let begins = is_small(before) || (before.is_some() && is_small(letters.get(at + 1)));
        if letter.is_ascii_uppercase() && begins {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alert_has_a_reason() {
        for number in 0..=u8::MAX {
            let failure = alerted(AlertDescription::from(number));
            assert!(failure.detail.starts_with("the server ends TLS with the alert "), "{}", failure.detail);
        }
        let alert = |alert| alerted(alert).reason;
        assert_eq!(alert(AlertDescription::ProtocolVersion), Reason::TlsVersion);
        assert_eq!(alert(AlertDescription::UnrecognisedName), Reason::NameMismatch);
        assert_eq!(alert(AlertDescription::HandshakeFailure), Reason::TlsVersion);
        assert_eq!(alert(AlertDescription::AccessDenied), Reason::Rejected);
        assert_eq!(alert(AlertDescription::from(200)), Reason::Rejected);
    }

    #[test]
    fn alerts_have_the_names_of_the_specification() {
        assert_eq!(in_snake_case("HandshakeFailure"), "handshake_failure");
        assert_eq!(in_snake_case("UnknownCA"), "unknown_ca");
        assert_eq!(in_snake_case("UnrecognisedName"), "unrecognized_name");
        assert_eq!(in_snake_case("UnknownPSKIdentity"), "unknown_psk_identity");
    }
}
