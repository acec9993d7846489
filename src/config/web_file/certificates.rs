//! Certificates and keys in PEM.

use crate::catalogue::{Message, message};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_parser::certificate::X509Certificate;
use x509_parser::parse_x509_certificate;
use x509_parser::time::ASN1Time;

/// The chain that a server shows: its own certificate first.
pub(super) fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Message> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = chain.map_err(|_| message!("pem-broken"))?;
    if chain.is_empty() { Err(message!("pem-nothing")) } else { Ok(chain) }
}

/// The certificates that can be read; what else is there is skipped, as Go does.
pub(super) fn all(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect()
}

/// When the first certificate of a chain ends.
pub(super) fn ends(chain: &[CertificateDer<'_>]) -> Result<SystemTime, Message> {
    let mut ends = None;
    for certificate in chain {
        let (_, parsed) = parse_x509_certificate(certificate).map_err(|_| message!("pem-unreadable"))?;
        let end = end(&parsed);
        ends = Some(ends.map_or(end, |first: SystemTime| first.min(end)));
    }
    Ok(ends.unwrap_or(UNIX_EPOCH))
}

pub(super) fn end(certificate: &X509Certificate<'_>) -> SystemTime {
    moment(certificate.validity().not_after)
}

/// From when on a certificate is valid.
pub(super) fn begins(certificate: &X509Certificate<'_>) -> SystemTime {
    moment(certificate.validity().not_before)
}

fn moment(time: ASN1Time) -> SystemTime {
    // What is before 1970 is long over.
    UNIX_EPOCH + Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or(0))
}

/// The key of a server. Its errors show no part of it.
pub(super) fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, Message> {
    match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) => Ok(key),
        Err(_) if pem.windows(9).any(|part| part == b"ENCRYPTED") => Err(message!("pem-encrypted-key")),
        Err(_) => Err(message!("pem-no-key")),
    }
}
