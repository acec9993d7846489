//! Why a connection broke that was made, be it TLS that broke or what is below.

use crate::observation::{Failure, Reason, Value, detail};
use crate::probe::tcp;
use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};
use std::io;

/// Why a connection broke that was made.
pub(super) fn interruption(error: &io::Error) -> Failure {
    if let Some(failure) = of_tls(error) {
        return failure;
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Failure::new(Reason::Closed, detail!("closed-without-answer")),
        _ => tcp::interruption(error, tcp::Awaited::Answer),
    }
}

/// What is wrong where an error is one of TLS; `None` where it is one of the connection below.
fn of_tls(error: &io::Error) -> Option<Failure> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(match error {
        Error::AlertReceived(alert) => alerted(*alert),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => Failure::new(Reason::TlsVersion, detail!("tls-too-old")),
        Error::PeerIncompatible(_) => {
            Failure::new(Reason::NoCommonCipher, detail!("tls-nothing-common", error = quoted(error)))
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            Failure::new(Reason::NotTls, detail!("not-tls"))
        }
        other => Failure::new(Reason::InvalidAnswer, detail!("tls-broken", error = quoted(other))),
    })
}

fn quoted(error: &Error) -> Value {
    Value::quoted(&error.to_string())
}

/// What a server means that ends the handshake by an alert (RFC 8446 section 6.2).
fn alerted(alert: AlertDescription) -> Failure {
    let detail = match alert.as_str() {
        Some(name) => detail!("tls-alert", alert = in_snake_case(name)),
        None => detail!("tls-alert-number", number = u8::from(alert)),
    };
    let reason = match alert {
        AlertDescription::ProtocolVersion => Reason::TlsVersion,
        // What a server says that has no cipher in common: this program offers those with forward secrecy and AEAD alone.
        AlertDescription::InsufficientSecurity | AlertDescription::HandshakeFailure => Reason::NoCommonCipher,
        AlertDescription::UnrecognisedName => Reason::NameMismatch,
        // By TLS 1.3 alone; what others send for it is known by what they asked for: see `tls::refused`.
        AlertDescription::CertificateRequired => Reason::CertificateRequired,
        AlertDescription::CloseNotify | AlertDescription::UserCanceled => Reason::Closed,
        _ => Reason::Rejected,
    };
    Failure::new(reason, detail)
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
            let detail = failure.detail.to_string();
            assert!(detail.starts_with("the server ends TLS with the alert "), "{detail}");
        }
        let alert = |alert| alerted(alert).reason;
        assert_eq!(alert(AlertDescription::ProtocolVersion), Reason::TlsVersion);
        assert_eq!(alert(AlertDescription::UnrecognisedName), Reason::NameMismatch);
        assert_eq!(alert(AlertDescription::HandshakeFailure), Reason::NoCommonCipher);
        assert_eq!(alert(AlertDescription::CertificateRequired), Reason::CertificateRequired);
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
