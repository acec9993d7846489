//! Whether the certificates an endpoint shows are believed.

use crate::observation::{Failure, Reason};
use crate::online::trust::Trust;
use crate::probe::online::certificate::{Certificate, last_issuer};
use crate::words::day;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use std::time::{SystemTime, UNIX_EPOCH};

/// Judges a chain at the moment `now`: who vouches for it, whether all of it is valid, and whether it is for `name`.
///
/// The issuer comes first. Whoever opens what goes by signs with an authority of their own, and whether this machine
/// trusts that one, or what else is wrong with the copy, matters less.
pub(super) fn judge(
    chain: &[CertificateDer<'_>],
    certificates: &[Certificate],
    name: &ServerName<'_>,
    trust: &Trust,
    checks_issuer: bool,
    now: SystemTime,
) -> Result<String, Failure> {
    let (Some((own, intermediates)), Some(certificate)) = (chain.split_first(), certificates.first()) else {
        return Err(Failure::new(Reason::InvalidAnswer, "the server shows no certificate"));
    };
    let issuer = last_issuer(certificates).unwrap_or_default();
    if checks_issuer && !trust.expects(issuer) {
        let expected = trust.expected_issuers().join(" or ");
        let detail = format!("the chain of certificates ends at \"{issuer}\", and not at {expected}");
        return Err(Failure::new(Reason::Intercepted, detail));
    }
    let moment = UnixTime::since_unix_epoch(now.duration_since(UNIX_EPOCH).unwrap_or_default());
    trust.verify(own, intermediates, moment).map_err(|error| distrusted(&error, certificates, issuer, now))?;
    if !is_for(own, certificate, name) {
        let others = match certificate.names.as_slice() {
            [] => certificate.subject.clone(),
            [only] => only.clone(),
            [first, others @ ..] => format!("{first} and {} more", others.len()),
        };
        let detail = format!("the certificate is for {others}, and not for {}", name.to_str());
        return Err(Failure::new(Reason::NameMismatch, detail));
    }
    let ends = certificates.iter().map(|certificate| certificate.not_after).min().unwrap_or(certificate.not_after);
    Ok(format!("issued by {}, valid until {}", common_name(issuer), day(ends)))
}

/// Why a chain is not trusted, and which of its certificates is to blame.
fn distrusted(error: &Error, certificates: &[Certificate], issuer: &str, now: SystemTime) -> Failure {
    let Error::InvalidCertificate(error) = error else {
        return Failure::new(Reason::InvalidAnswer, format!("the chain of certificates cannot be read: {error}"));
    };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let past = certificates.iter().find(|certificate| certificate.not_after < now);
            let which = past.map_or("a certificate of the chain".to_owned(), |past| common_name(&past.subject).into());
            let when = past.map_or(String::new(), |past| format!(" on {}", day(past.not_after)));
            Failure::new(Reason::Expired, format!("the certificate of {which} ended{when}"))
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let early = certificates.iter().find(|certificate| certificate.not_before > now);
            let which = early.map_or("a certificate of the chain", |early| common_name(&early.subject));
            let when = early.map_or(String::new(), |early| format!(" before {}", day(early.not_before)));
            Failure::new(Reason::NotYetValid, format!("the certificate of {which} is not valid{when}"))
        }
        CertificateError::UnknownIssuer if certificates.iter().all(|one| !one.is_self_issued()) => {
            let detail = format!("the chain of certificates ends at \"{issuer}\", which is not trusted here");
            Failure::new(Reason::Untrusted, detail)
        }
        CertificateError::UnknownIssuer => {
            Failure::new(Reason::Untrusted, format!("\"{issuer}\" vouches for itself, and is not trusted here"))
        }
        other => Failure::new(Reason::Untrusted, format!("the chain of certificates is not valid: {other}")),
    }
}

/// Whether a certificate is for `name`. One without any names of its own, as some of Microsoft's are, is for its common
/// name, as Windows takes it.
fn is_for(own: &CertificateDer<'_>, certificate: &Certificate, name: &ServerName<'_>) -> bool {
    let Ok(parsed) = ParsedCertificate::try_from(own) else { return false };
    if verify_server_name(&parsed, name).is_ok() {
        return true;
    }
    let common_name = certificate.common_name.as_deref().filter(|_| certificate.names.is_empty());
    common_name.is_some_and(|pattern| matches_name(pattern, &name.to_str()))
}

/// Whether a name is the pattern, or the pattern has an asterisk for its first label (RFC 6125 section 6.4.3).
fn matches_name(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => name.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain)),
        None => pattern.eq_ignore_ascii_case(name),
    }
}

/// The common name in a distinguished name, or all of it.
fn common_name(name: &str) -> &str {
    name.rsplit_once("CN=").map_or(name, |(_, common_name)| common_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_name_counts_as_windows_takes_it() {
        assert!(matches_name("activation.example", "Activation.Example"));
        assert!(matches_name("*.sls.example", "activation.sls.example"));
        for name in ["sls.example", "a.b.sls.example", "example", ""] {
            assert!(!matches_name("*.sls.example", name), "{name}");
        }
    }

    #[test]
    fn a_distinguished_name_is_told_by_its_common_name() {
        assert_eq!(common_name("C=US, O=Microsoft Corporation, CN=Microsoft Root 2011"), "Microsoft Root 2011");
        assert_eq!(common_name("O=Nobody"), "O=Nobody");
    }
}
