//! Whether the certificates an endpoint shows are believed.

use crate::observation::{Failure, Reason};
use crate::online::endpoint::Endpoint;
use crate::online::trust::Trust;
use crate::probe::online::certificate::{Certificate, common_name};
use crate::words::day;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use std::time::{SystemTime, UNIX_EPOCH};

/// Judges a chain at the moment `now`: who vouches for it, whether all of it is valid, and whether it is for `name`.
/// `path` are those of its certificates that count.
///
/// The issuer comes first. Whoever opens what goes by signs with an authority of their own, and whether this machine
/// trusts that one, or what else is wrong with the copy, matters less.
pub(super) fn judge(
    chain: &[CertificateDer<'_>],
    path: &[&Certificate],
    name: &ServerName<'_>,
    trust: &Trust,
    endpoint: Option<&Endpoint>,
    now: SystemTime,
) -> Result<String, Failure> {
    let (Some((own, intermediates)), Some(certificate), Some(last)) = (chain.split_first(), path.first(), path.last())
    else {
        return Err(Failure::new(Reason::InvalidAnswer, "the server shows no certificate"));
    };
    let issuer = last.issuer.as_str();
    if let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.expects(issuer)) {
        let expected = endpoint.expected_issuers.join(" or ");
        let detail = format!("the chain of certificates ends at \"{issuer}\", and not at {expected}");
        return Err(Failure::new(Reason::Intercepted, detail));
    }
    // With such a key the handshake itself proves nothing: see `Trust::client`.
    if let Some(weak) = path.iter().find(|certificate| certificate.traits.has_weak_key()) {
        let bits = weak.traits.rsa_bits.unwrap_or_default();
        let detail = format!("the RSA key of {} has {bits} bits", common_name(&weak.subject));
        return Err(Failure::new(Reason::WeakKey, detail));
    }
    if trust.has(own) {
        is_valid(certificate, now)?;
    } else {
        let moment = UnixTime::since_unix_epoch(now.duration_since(UNIX_EPOCH).unwrap_or_default());
        trust.verify(own, intermediates, moment).map_err(|error| distrusted(&error, path, issuer, now))?;
    }
    if !is_for(own, certificate, name) {
        let others = match certificate.names.as_slice() {
            [] => certificate.subject.clone(),
            [only] => only.clone(),
            [first, others @ ..] => format!("{first} and {} more", others.len()),
        };
        let detail = format!("the certificate is for {others}, and not for {}", name.to_str());
        return Err(Failure::new(Reason::NameMismatch, detail));
    }
    let ends = path.iter().map(|certificate| certificate.not_after).min().unwrap_or(certificate.not_after);
    Ok(format!("issued by {}, valid until {}", common_name(issuer), day(ends)))
}

/// Whether the time of a certificate has come, and is not over.
fn is_valid(certificate: &Certificate, now: SystemTime) -> Result<(), Failure> {
    let which = common_name(&certificate.subject);
    if certificate.not_after < now {
        let detail = format!("the certificate of {which} ended on {}", day(certificate.not_after));
        return Err(Failure::new(Reason::Expired, detail));
    }
    if certificate.not_before > now {
        let detail = format!("the certificate of {which} is not valid before {}", day(certificate.not_before));
        return Err(Failure::new(Reason::NotYetValid, detail));
    }
    Ok(())
}

/// Why a chain is not trusted, and which of its certificates is to blame.
fn distrusted(error: &Error, path: &[&Certificate], issuer: &str, now: SystemTime) -> Failure {
    let Error::InvalidCertificate(error) = error else {
        return Failure::new(Reason::InvalidAnswer, format!("the chain of certificates cannot be read: {error}"));
    };
    let blamed = || path.iter().find_map(|certificate| is_valid(certificate, now).err());
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => blamed()
            .unwrap_or_else(|| Failure::new(Reason::Expired, "a certificate that the chain is built on has ended")),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => blamed().unwrap_or_else(|| {
            Failure::new(Reason::NotYetValid, "a certificate that the chain is built on is not valid yet")
        }),
        CertificateError::UnknownIssuer if path.iter().all(|one| !one.is_self_issued()) => {
            let detail = format!("the chain of certificates ends at \"{issuer}\", which is not trusted here");
            let is_incomplete = path.last().is_some_and(|last| last.traits.names_issuer);
            Failure::new(if is_incomplete { Reason::IncompleteChain } else { Reason::Untrusted }, detail)
        }
        CertificateError::UnknownIssuer => {
            Failure::new(Reason::Untrusted, format!("\"{issuer}\" vouches for itself, and is not trusted here"))
        }
        other => match path.iter().find(|one| one.traits.is_sha1_signed && !one.is_self_issued()) {
            Some(weak) => {
                let detail = format!("the certificate of {} is signed with SHA-1", common_name(&weak.subject));
                Failure::new(Reason::WeakSignature, detail)
            }
            None => {
                Failure::new(Reason::Untrusted, format!("the chain of certificates is not valid: {}", fault(other)))
            }
        },
    }
}

/// What is wrong with a chain, in a few words.
const fn fault(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::BadSignature => "a signature does not match",
        CertificateError::BadEncoding => "a certificate is malformed",
        CertificateError::Revoked => "a certificate is revoked",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "a certificate is not for servers"
        }
        CertificateError::UnhandledCriticalExtension => "a certificate has a critical extension that is not known",
        _ => "it breaks a rule of X.509",
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
}
