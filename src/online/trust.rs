//! Whom TLS trusts on an online path.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fmt, fs};
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

/// The roots of Microsoft under which the endpoints of activation have their certificates.
const MICROSOFT_ROOTS: &[u8] = include_bytes!("microsoft_roots.pem");

/// The longest list of a system's roots that is read, in bytes: a hundred times as long as they are.
const MAX_ROOTS: u64 = 32 * 1024 * 1024;

/// Who may vouch for endpoints.
#[derive(Clone)]
pub struct Trust {
    /// Trusted roots, beside those of Microsoft, in lists that others share.
    roots: Vec<Arc<[CertificateDer<'static>]>>,
    store: Arc<RootCertStore>,
    client: Arc<ClientConfig>,
}

impl Trust {
    /// Trusts `roots` and Microsoft's.
    ///
    /// # Errors
    /// Where the library has no TLS version it supports, which is ruled out by how it is built.
    pub fn new(roots: Vec<CertificateDer<'static>>) -> Result<Self, Error> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(microsoft_roots());
        // What a machine trusts and the library cannot read vouches for nobody here.
        store.add_parsable_certificates(roots.iter().cloned());
        Ok(Self { roots: vec![roots.into()], store: Arc::new(store), client: Arc::new(client()?) })
    }

    /// Trusts the roots that this machine trusts, and Microsoft's. Reading them takes a while.
    ///
    /// # Errors
    /// As [`Trust::new`] has them.
    pub fn of_system() -> Result<Self, Error> {
        // Empty where this machine has no list of them.
        Self::new(roots_of_system())
    }

    /// Trusts `roots` as well.
    #[must_use]
    pub fn and(mut self, roots: Vec<CertificateDer<'static>>) -> Self {
        Arc::make_mut(&mut self.store).add_parsable_certificates(roots.iter().cloned());
        self.roots.push(roots.into());
        self
    }

    /// What a connection is made with. It takes every certificate: they are judged once they are known, so that there
    /// is more to say of a bad one than that it is bad. `demand` notes whether the server asks for one of ours.
    pub fn client(&self, demand: &Arc<Demand>) -> Arc<ClientConfig> {
        let mut client = ClientConfig::clone(&self.client);
        client.client_auth_cert_resolver = Arc::<Demand>::clone(demand);
        Arc::new(client)
    }

    /// Whether a root of this name is trusted. `name` is a distinguished name as a certificate encodes it.
    pub fn has_root(&self, name: &[u8]) -> bool {
        // The library keeps names without the tag and length before them.
        self.store.roots.iter().any(|root| name.ends_with(root.subject.as_ref()))
    }

    /// Whether this very certificate is among the trusted ones, as that of an appliance may be that vouches for itself.
    pub fn has(&self, certificate: &CertificateDer<'_>) -> bool {
        self.roots.iter().any(|roots| roots.contains(certificate))
    }

    /// Verifies that a certificate is vouched for by one that is trusted, and that every one on the way there is valid
    /// at `now`. Gives the intermediates on that path.
    ///
    /// # Errors
    /// What is wrong with the chain.
    pub fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Vec<CertificateDer<'static>>, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let algorithms = ring::default_provider().signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&parsed, &self.store, intermediates, now, algorithms)?;
        // The library above does not say which path it took; the one below it does.
        let path = EndEntityCert::try_from(certificate).and_then(|certificate| {
            let roots = &self.store.roots;
            let usage = KeyUsage::server_auth();
            let path = certificate.verify_for_usage(algorithms, roots, intermediates, now, usage, None, None)?;
            Ok(path.intermediate_certificates().map(|issuer| issuer.der().into_owned()).collect())
        });
        path.map_err(|_| CertificateError::UnknownIssuer.into())
    }
}

/// Whether a server asks for a certificate of its client, which has none.
#[derive(Debug, Default)]
pub struct Demand(AtomicBool);

impl Demand {
    /// True once the server has asked.
    pub fn is_made(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Demand {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// What is wrong with a file of roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    /// A certificate is cut short or is not base64.
    #[error("contains broken PEM")]
    Broken,
    /// What is at this place, counted from 1, is something else.
    #[error("contains something other than a certificate at place {0}")]
    NoCertificate(usize),
    /// There is none.
    #[error("contains no certificate in PEM")]
    Nothing,
}

/// The roots that this machine trusts; none where it has no list of them.
pub fn roots_of_system() -> Vec<CertificateDer<'static>> {
    // The library reads what this variable names to its end, also where that never comes.
    let is_endless = |file: OsString| {
        fs::metadata(file).is_ok_and(|known| known.len() > MAX_ROOTS || !known.is_file() && !known.is_dir())
    };
    if env::var_os("SSL_CERT_FILE").is_some_and(is_endless) {
        return Vec::new();
    }
    rustls_native_certs::load_native_certs().certs
}

/// The roots in PEM text; text between them is skipped.
///
/// # Errors
/// [`RootsError`] where a certificate is cut short or is not base64, or there is none.
pub fn read_roots(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, RootsError> {
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let roots = roots.map_err(|_| RootsError::Broken)?;
    let mut store = RootCertStore::empty();
    for (number, root) in (1..).zip(&roots) {
        store.add(root.clone()).map_err(|_| RootsError::NoCertificate(number))?;
    }
    if roots.is_empty() { Err(RootsError::Nothing) } else { Ok(roots) }
}

fn microsoft_roots() -> impl Iterator<Item = CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(MICROSOFT_ROOTS).filter_map(Result::ok)
}

fn client() -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(JudgedLater(provider)))
        .with_no_client_auth();
    // Each handshake is to show the whole chain.
    client.resumption = Resumption::disabled();
    Ok(client)
}

/// How long the key of a certificate is, in bits, where that is one for RSA.
pub fn rsa_bits(certificate: &[u8]) -> Option<usize> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    match certificate.public_key().parsed().ok()? {
        PublicKey::RSA(key) => Some(key.key_size()),
        _ => None,
    }
}

/// True for an RSA key that is too short, by its length in bits.
pub const fn is_weak(rsa_bits: usize) -> bool {
    rsa_bits < 2048
}

/// Takes every certificate, and insists that its key is the one that signed the handshake. Only of an RSA key that is
/// too short for the library that cannot be verified; whoever judges the certificate does not take such a key.
#[derive(Debug)]
struct JudgedLater(Arc<CryptoProvider>);

/// A signature that is verified, or by a key that is not taken in any case.
fn unless_weak(
    verified: Result<HandshakeSignatureValid, Error>,
    certificate: &CertificateDer<'_>,
) -> Result<HandshakeSignatureValid, Error> {
    verified.or_else(|error| {
        if rsa_bits(certificate).is_some_and(is_weak) { Ok(HandshakeSignatureValid::assertion()) } else { Err(error) }
    })
}

impl ServerCertVerifier for JudgedLater {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        unless_weak(verify_tls12_signature(message, certificate, signed, algorithms), certificate)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        unless_weak(verify_tls13_signature(message, certificate, signed, algorithms), certificate)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Two are the same that trust the same.
impl PartialEq for Trust {
    fn eq(&self, other: &Self) -> bool {
        self.roots == other.roots
    }
}

impl Eq for Trust {}

impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Trust {{ {} roots }}", self.roots.iter().map(|roots| roots.len()).sum::<usize>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_roots_are_read_by_the_library() {
        assert_eq!(read_roots(MICROSOFT_ROOTS).map(|roots| roots.len()), Ok(4));
        assert_eq!(Trust::new(Vec::new()).unwrap().store.len(), 4);
    }

    #[test]
    fn roots_are_added_to_a_copy_alone() {
        let base = Trust::new(Vec::new()).unwrap();
        let root: Vec<_> = microsoft_roots().take(1).collect();
        let more = base.clone().and(root.clone());
        assert!(more.has(&root[0]) && !base.has(&root[0]));
        assert_eq!((base.store.len(), more.store.len()), (4, 5));
        assert_ne!(base, more);
        assert!(Arc::ptr_eq(&base.roots[0], &more.roots[0]));
    }

    #[test]
    fn what_holds_no_root_is_refused() {
        assert_eq!(read_roots(b"").unwrap_err(), RootsError::Nothing);
        let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
        assert_eq!(read_roots(broken).unwrap_err(), RootsError::Broken);
        let foreign = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(read_roots(foreign).unwrap_err(), RootsError::NoCertificate(1));
    }
}
