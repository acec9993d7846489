//! What Go calls versions, cipher suites and curves of TLS, and which of them this program has.

use crate::config::error::Fault;
use crate::config::raw::{Text, What, suggestion};
use rustls::crypto::SupportedKxGroup;
use rustls::crypto::ring::{cipher_suite as suites, kx_group};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion, version};

/// A name that Go knows; with what it stands for here, or nothing where this program has not got it.
pub(super) type Named<T> = (&'static str, Option<T>);

/// Versions, the oldest first.
pub(super) const VERSIONS: [Named<&SupportedProtocolVersion>; 4] =
    [("TLS10", None), ("TLS11", None), ("TLS12", Some(&version::TLS12)), ("TLS13", Some(&version::TLS13))];

pub(super) const SUITES: [Named<SupportedCipherSuite>; 17] = [
    ("TLS_AES_128_GCM_SHA256", Some(suites::TLS13_AES_128_GCM_SHA256)),
    ("TLS_AES_256_GCM_SHA384", Some(suites::TLS13_AES_256_GCM_SHA384)),
    ("TLS_CHACHA20_POLY1305_SHA256", Some(suites::TLS13_CHACHA20_POLY1305_SHA256)),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Some(suites::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Some(suites::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", Some(suites::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256)),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Some(suites::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Some(suites::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Some(suites::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256)),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", None),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", None),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", None),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", None),
    ("TLS_RSA_WITH_AES_128_CBC_SHA", None),
    ("TLS_RSA_WITH_AES_256_CBC_SHA", None),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", None),
    ("TLS_RSA_WITH_AES_256_GCM_SHA384", None),
];

pub(super) const CURVES: [Named<&dyn SupportedKxGroup>; 4] = [
    ("CurveP256", Some(kx_group::SECP256R1)),
    ("CurveP384", Some(kx_group::SECP384R1)),
    ("CurveP521", None),
    ("X25519", Some(kx_group::X25519)),
];

/// How clients are asked for certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAuth {
    None,
    /// One is welcome, and not verified.
    Requested,
    /// One is needed, and not verified.
    Required,
    /// One is welcome, and verified.
    VerifiedIfGiven,
    /// One is needed, and verified.
    Verified,
}

pub(super) const CLIENT_AUTH: [Named<ClientAuth>; 6] = [
    ("NoClientCert", Some(ClientAuth::None)),
    ("RequestClientCert", Some(ClientAuth::Requested)),
    ("RequireAnyClientCert", Some(ClientAuth::Required)),
    // An old name of the one before.
    ("RequireClientCert", Some(ClientAuth::Required)),
    ("VerifyClientCertIfGiven", Some(ClientAuth::VerifiedIfGiven)),
    ("RequireAndVerifyClientCert", Some(ClientAuth::Verified)),
];

/// The place of a name among those that are known.
pub(super) fn place<T>(text: &Text, what: What, known: &[Named<T>]) -> Result<usize, Fault> {
    known.iter().position(|(name, _)| *name == text.value).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        Fault::of(&text.value, text.referenced, suggestion(what, &text.value, &names))
    })
}
