//! Certificates of clients: which are asked for, and which are accepted.

use super::certificates;
use crate::online::trust::roots_of_system;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

/// Asks clients for certificates.
pub(super) struct Clients {
    is_mandatory: bool,
    /// Who vouches for them; `None` where they are not verified.
    trusted: Option<Trusted>,
    /// The names of which a certificate has to have one; `None` where any will do.
    sans: Option<Vec<String>>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// Who vouches for clients.
pub(super) struct Trusted {
    certificates: Vec<CertificateDer<'static>>,
    /// `None` where there is nobody.
    verifier: Option<Arc<dyn ClientCertVerifier>>,
}

impl Trusted {
    pub(super) fn new(certificates: Vec<CertificateDer<'static>>) -> Self {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates.iter().cloned());
        let provider = Arc::new(ring::default_provider());
        // It is refused only where there is nobody to trust.
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider).build().ok();
        Self { certificates, verifier }
    }

    /// Whom this system trusts.
    pub(super) fn system() -> Self {
        Self::new(roots_of_system())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.verifier.is_none()
    }

    fn verify(
        &self,
        own: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        // One that is listed itself vouches for itself, even where it is that of an authority, as `openssl req -x509`
        // makes them.
        if self.certificates.contains(own) {
            return is_good_by_itself(own, now);
        }
        let verifier = self.verifier.as_ref().ok_or(CertificateError::UnknownIssuer)?;
        verifier.verify_client_cert(own, intermediates, now).map(|_| ())
    }
}

/// Whether a certificate is valid at a moment, and may be one of a client.
fn is_good_by_itself(own: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let (_, certificate) = parse_x509_certificate(own).map_err(|_| CertificateError::BadEncoding)?;
    let now = UNIX_EPOCH + Duration::from_secs(now.as_secs());
    if certificates::begins(&certificate) > now {
        return Err(CertificateError::NotValidYet.into());
    }
    if certificates::end(&certificate) < now {
        return Err(CertificateError::Expired.into());
    }
    match certificate.extended_key_usage() {
        Ok(Some(usage)) if !usage.value.client_auth && !usage.value.any => Err(CertificateError::InvalidPurpose.into()),
        _ => Ok(()),
    }
}

impl Clients {
    pub(super) fn new(is_mandatory: bool, trusted: Option<Trusted>, sans: Option<Vec<String>>) -> Self {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        Self { is_mandatory, trusted, sans, algorithms }
    }
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        // Which certificate a client shows is for the client to know: many have but one.
        &[]
    }

    fn verify_client_cert(
        &self,
        own: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        ParsedCertificate::try_from(own)?;
        if let Some(trusted) = &self.trusted {
            trusted.verify(own, intermediates, now)?;
        }
        if let Some(allowed) = &self.sans {
            let (_, certificate) = parse_x509_certificate(own).map_err(|_| CertificateError::BadEncoding)?;
            if !names(&certificate).any(|name| allowed.contains(&name)) {
                return Err(CertificateError::ApplicationVerificationFailure.into());
            }
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Clients").field("sans", &self.sans).finish_non_exhaustive()
    }
}

/// The name by which a client's certificate is known: the first of its alternative names, or else its common name.
pub fn client_name(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    let common_name = || {
        let mut names = certificate.subject().iter_common_name();
        names.find_map(|name| name.as_str().ok().map(str::to_owned))
    };
    names(&certificate).next().or_else(common_name)
}

/// The alternative names of a certificate, as Go writes them.
fn names<'a>(certificate: &'a X509Certificate<'_>) -> impl Iterator<Item = String> + 'a {
    let alternative = certificate.subject_alternative_name().ok().flatten();
    alternative.into_iter().flat_map(|extension| &extension.value.general_names).filter_map(|name| match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_canonical().to_string()),
        _ => None,
    })
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(bytes).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}
