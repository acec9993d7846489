//! Whether the certificates an endpoint shows are believed.

use crate::observation::{Detail, Failure, Reason, Value, detail};
use crate::online::endpoint::Endpoint;
use crate::online::trust::Trust;
use crate::probe::online::certificate::{Certificate, common_name};
use crate::words::day;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use std::time::{SystemTime, UNIX_EPOCH};

/// A chain that is believed.
pub(super) struct Believed {
    /// Who it ends at.
    pub(super) issuer: String,
    /// The certificates of the issuers that lead to one that is trusted; `None` where the endpoint's own is.
    pub(super) others: Option<Vec<CertificateDer<'static>>>,
}

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
) -> Result<Believed, Failure> {
    let (Some((own, intermediates)), Some(certificate), Some(last)) = (chain.split_first(), path.first(), path.last())
    else {
        return Err(Failure::new(Reason::InvalidAnswer, detail!("certificate-missing")));
    };
    let issuer = last.issuer.as_str();
    if let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.expects(issuer)) {
        let expected = endpoint.expected_issuers.join(" or ");
        let detail = detail!("chain-elsewhere", issuer = issuer.to_owned(), expected = expected);
        return Err(Failure::new(Reason::Intercepted, detail));
    }
    // With such a key the handshake itself proves nothing: see `Trust::client`.
    if let Some(weak) = path.iter().find(|certificate| certificate.traits.has_weak_key()) {
        let bits = weak.traits.rsa_bits.unwrap_or_default();
        let subject = common_name(&weak.subject).to_string();
        let detail = detail!("certificate-weak-key", subject = subject, bits = bits);
        return Err(Failure::new(Reason::WeakKey, detail));
    }
    let others = if trust.has(own) {
        is_valid(certificate, now)?;
        Ok(None)
    } else {
        let moment = UnixTime::since_unix_epoch(now.duration_since(UNIX_EPOCH).unwrap_or_default());
        let others = trust.verify(own, intermediates, moment).map(Some);
        others.map_err(|error| distrusted(&error, path, issuer, now))
    };
    // What nobody can tell here comes last.
    let others = match others {
        Err(failure) if !failure.reason.is_limit() => return Err(failure),
        others => others,
    };
    if !is_for(own, certificate, name) {
        let name = name.to_str().into_owned();
        let (other, more) = match certificate.names.as_slice() {
            [] => (&certificate.subject, 0),
            [first, others @ ..] => (first, others.len()),
        };
        let detail = match more {
            0 => detail!("certificate-other-name", other = other.clone(), name = name),
            more => detail!("certificate-other-names", other = other.clone(), more = more, name = name),
        };
        return Err(Failure::new(Reason::NameMismatch, detail));
    }
    Ok(Believed { issuer: common_name(issuer).to_owned(), others: others? })
}

/// Whether the time of a certificate has come, and is not over.
fn is_valid(certificate: &Certificate, now: SystemTime) -> Result<(), Failure> {
    let name = || common_name(&certificate.subject).to_owned();
    if certificate.not_after < now {
        let detail = detail!("certificate-ended", name = name(), day = day(certificate.not_after));
        return Err(Failure::new(Reason::Expired, detail));
    }
    if certificate.not_before > now {
        let detail = detail!("certificate-not-yet", name = name(), day = day(certificate.not_before));
        return Err(Failure::new(Reason::NotYetValid, detail));
    }
    Ok(())
}

/// Why a chain is not trusted, and which of its certificates is to blame.
fn distrusted(error: &Error, path: &[&Certificate], issuer: &str, now: SystemTime) -> Failure {
    use CertificateError as E;
    let Error::InvalidCertificate(error) = error else {
        let error = Value::quoted(&error.to_string());
        return Failure::new(Reason::InvalidAnswer, detail!("chain-unreadable", error = error));
    };
    let blamed = || path.iter().find_map(|certificate| is_valid(certificate, now).err());
    let issuer = || issuer.to_owned();
    let detail = match error {
        E::Expired | E::ExpiredContext { .. } => {
            return blamed().unwrap_or_else(|| Failure::new(Reason::Expired, detail!("certificate-ended-unknown")));
        }
        E::NotValidYet | E::NotValidYetContext { .. } => {
            return blamed()
                .unwrap_or_else(|| Failure::new(Reason::NotYetValid, detail!("certificate-not-yet-unknown")));
        }
        E::UnknownIssuer if path.iter().all(|one| !one.is_self_issued()) => {
            let is_incomplete = path.last().is_some_and(|last| last.traits.names_issuer);
            let reason = if is_incomplete { Reason::IncompleteChain } else { Reason::Untrusted };
            return Failure::new(reason, detail!("chain-untrusted", issuer = issuer()));
        }
        E::UnknownIssuer => detail!("chain-self-signed", issuer = issuer()),
        E::UnsupportedSignatureAlgorithmContext { .. } | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
            if path.iter().all(|one| !one.traits.is_sha1_signed || one.is_self_issued()) =>
        {
            let unsupported = Failure::new(Reason::UnsupportedSignature, detail!("chain-signature-kind"));
            return blamed().unwrap_or(unsupported);
        }
        other => match path.iter().find(|one| one.traits.is_sha1_signed && !one.is_self_issued()) {
            Some(weak) => {
                let subject = common_name(&weak.subject).to_string();
                return Failure::new(Reason::WeakSignature, detail!("certificate-sha1", subject = subject));
            }
            None => fault(other),
        },
    };
    Failure::new(Reason::Untrusted, detail)
}

/// What is wrong with a chain.
fn fault(error: &CertificateError) -> Detail {
    use CertificateError as E;
    match error {
        E::BadSignature => detail!("chain-bad-signature"),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => detail!("chain-purpose"),
        E::UnhandledCriticalExtension => detail!("chain-extension"),
        E::Revoked => detail!("chain-revoked"),
        other => detail!("chain-invalid", error = Value::quoted(&other.to_string())),
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
