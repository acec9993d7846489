//! `tls_server_config`: with what certificate, versions and suites the listener speaks TLS.

use super::certificates;
use super::clients::{Clients, Trusted};
use super::files::Files;
use super::names::{self, CLIENT_AUTH, CURVES, ClientAuth, Named, SUITES, VERSIONS};
use super::notes::Notes;
use super::raw::RawTls;
use crate::catalogue::{Message, message};
use crate::config::error::Fault;
use crate::config::raw::{Text, What};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring};
use rustls::pki_types::CertificateDer;
use rustls::server::{NoServerSessionStorage, ServerConfig};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion, version};
use serde_saphyr::Spanned;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// TLS on the listener.
#[derive(Clone)]
pub struct Tls {
    /// What handshakes are made with.
    pub server: Arc<ServerConfig>,
    /// The certificate that the listener shows.
    pub certificate: CertificateDer<'static>,
    /// When the first certificate of the chain ends.
    pub ends: SystemTime,
    /// Whether what a client's certificate says is verified, where it shows one.
    pub verifies_clients: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("ends", &self.ends).finish_non_exhaustive()
    }
}

/// Builds what handshakes are made with; nothing where no certificate is configured, nor anything that needs one.
pub(super) fn tls(raw: &Spanned<RawTls>, http2: bool, files: &Files, notes: &mut Notes) -> Result<Option<Tls>, Fault> {
    let keys = &raw.value;
    // What is written is looked at even where nothing comes of it.
    let versions = versions(keys, notes)?;
    let suites = chosen(keys.cipher_suites.as_ref(), What::Suite, &SUITES, notes)?;
    let curves = chosen(keys.curve_preferences.as_ref(), What::Curve, &CURVES, notes)?;
    let certificate = Pem::new(files, keys.cert_file.as_ref(), keys.cert.as_ref());
    let key = Pem::new(files, keys.key_file.as_ref(), keys.key.as_ref());
    let authorities = Pem::new(files, keys.client_ca_file.as_ref(), keys.client_ca.as_ref());
    let auth_type = keys.client_auth_type.as_ref().filter(|text| !text.value.is_empty());
    if certificate.is_none() && key.is_none() && authorities.is_none() && auth_type.is_none() {
        notes.at(raw.referenced, message!("web-tls-off"));
        return Ok(None);
    }
    let missing =
        |[one, other]: [&str; 2]| Fault::at(raw.referenced, message!("web-key-missing", one = one, other = other));
    let certificate = certificate.ok_or_else(|| missing(["cert_file", "cert"]))?;
    let key = key.ok_or_else(|| missing(["key_file", "key"]))?;
    let auth = match auth_type {
        Some(text) => CLIENT_AUTH.get(names::place(text, What::ClientAuth, &CLIENT_AUTH)?).and_then(|(_, auth)| *auth),
        None => None,
    };
    let auth = auth.unwrap_or(ClientAuth::None);

    let provider = Arc::new(provider(keys, &versions, suites, curves)?);
    let chain = certificates::chain(&certificate.read()?).map_err(|message| certificate.fault(message))?;
    let ends = certificates::ends(&chain).map_err(|message| certificate.fault(message))?;
    if ends < SystemTime::now() {
        notes.add(certificate.fault(message!("web-chain-expired")));
    }
    let private = certificates::private_key(&key.read()?).map_err(|message| key.fault(message))?;
    let shown = chain.first().cloned().ok_or_else(|| certificate.fault(message!("file-no-certificates")))?;
    let pair = CertifiedKey::from_der(chain, private, &provider).map_err(|error| key.fault(unusable(&error)))?;
    let clients = clients(keys, auth, authorities.as_ref(), notes)?;

    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&versions);
    let builder =
        builder.map_err(|error| Fault::at(raw.referenced, message!("config-no-tls", error = error.to_string())))?;
    let builder = match clients {
        Some(clients) => builder.with_client_cert_verifier(Arc::new(clients)),
        None => builder.with_no_client_auth(),
    };
    let mut server = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    server.ignore_client_order = keys.prefer_server_cipher_suites.as_ref().is_none_or(|prefer| prefer.value);
    // Each handshake is to show a certificate that is valid by then.
    server.session_storage = Arc::new(NoServerSessionStorage {});
    server.send_tls13_tickets = 0;
    let protocols: &[&[u8]] = if http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
    server.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let verifies_clients = matches!(auth, ClientAuth::Verified | ClientAuth::VerifiedIfGiven);
    Ok(Some(Tls { server: Arc::new(server), certificate: shown, ends, verifies_clients }))
}

/// What encrypts, restricted to what is chosen.
fn provider(
    keys: &RawTls,
    versions: &[&'static SupportedProtocolVersion],
    suites: Option<Vec<SupportedCipherSuite>>,
    curves: Option<Vec<&'static dyn SupportedKxGroup>>,
) -> Result<CryptoProvider, Fault> {
    let mut provider = ring::default_provider();
    if let Some(suites) = suites {
        // As in Go, the list is about TLS 1.2: those of TLS 1.3 are always there.
        provider.cipher_suites.retain(|suite| suite.version() == &version::TLS13);
        provider.cipher_suites.extend(suites.into_iter().filter(|suite| suite.version() == &version::TLS12));
    }
    provider.cipher_suites.retain(|suite| versions.contains(&suite.version()));
    if let (true, Some(list)) = (provider.cipher_suites.is_empty(), &keys.cipher_suites) {
        return Err(Fault::at(list.referenced, message!("web-no-suite")));
    }
    provider.kx_groups = curves.unwrap_or(provider.kx_groups);
    if let (true, Some(list)) = (provider.kx_groups.is_empty(), &keys.curve_preferences) {
        return Err(Fault::at(list.referenced, message!("web-no-curve")));
    }
    Ok(provider)
}

/// Why a key is of no use. It shows no part of the key.
fn unusable(error: &rustls::Error) -> Message {
    match error {
        rustls::Error::InconsistentKeys(_) => message!("web-key-of-another"),
        rustls::Error::InvalidCertificate(_) => message!("web-certificate-unreadable"),
        _ => message!("web-key-unusable"),
    }
}

/// The place of a piece of PEM: a file, or the configuration itself.
struct Pem<'a> {
    files: &'a Files,
    text: &'a Text,
    is_file: bool,
}

impl<'a> Pem<'a> {
    /// A file comes before what is in the configuration; what is empty is not there.
    fn new(files: &'a Files, file: Option<&'a Text>, inline: Option<&'a Text>) -> Option<Self> {
        let given = |text: &&Text| !text.value.is_empty();
        let pem = |is_file| move |text| Self { files, text, is_file };
        file.filter(given).map(pem(true)).or_else(|| inline.filter(given).map(pem(false)))
    }

    fn read(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        if !self.is_file {
            return Ok(self.text.value.clone().into_bytes().into());
        }
        self.files.read_named(&self.text.value).map(Into::into).map_err(|message| self.fault(message))
    }

    /// A fault that names the file, and shows nothing of what is in the configuration.
    fn fault(&self, message: Message) -> Fault {
        let Text { value, referenced, .. } = self.text;
        if self.is_file { Fault::of(value, *referenced, message) } else { Fault::at(*referenced, message) }
    }
}

/// The versions from `min_version` to `max_version`.
fn versions(keys: &RawTls, notes: &mut Notes) -> Result<Vec<&'static SupportedProtocolVersion>, Fault> {
    let place = |text: Option<&Text>, default| match text {
        Some(text) => names::place(text, What::Version, &VERSIONS),
        None => Ok(default),
    };
    let least = place(keys.min_version.as_ref(), 2)?;
    let most = place(keys.max_version.as_ref(), 3)?;
    let versions: Vec<_> = VERSIONS.iter().take(most + 1).skip(least).filter_map(|(_, version)| *version).collect();
    match (keys.min_version.as_ref(), keys.max_version.as_ref()) {
        (min, max) if versions.is_empty() => {
            let position = max.or(min).map(|text| text.referenced.into());
            Err(Fault { position, message: message!("web-no-version") })
        }
        (Some(min), _) if least < 2 => {
            notes.at(min.referenced, message!("web-old-version"));
            Ok(versions)
        }
        _ => Ok(versions),
    }
}

/// What is listed and supported here; `None` where nothing is listed.
fn chosen<T: Copy>(
    list: Option<&Spanned<Vec<Option<Text>>>>,
    what: What,
    known: &[Named<T>],
    notes: &mut Notes,
) -> Result<Option<Vec<T>>, Fault> {
    let Some(list) = list.filter(|list| !list.value.is_empty()) else { return Ok(None) };
    let mut chosen = Vec::new();
    for text in list.value.iter().flatten() {
        if let Some((_, Some(supported))) = known.get(names::place(text, what, known)?) {
            chosen.push(*supported);
        } else {
            notes.add(Fault::of(&text.value, text.referenced, message!("web-left-out", what = what.as_str())));
        }
    }
    Ok(Some(chosen))
}

/// How clients are asked for certificates; `None` where they are not.
fn clients(
    keys: &RawTls,
    auth: ClientAuth,
    authorities: Option<&Pem<'_>>,
    notes: &mut Notes,
) -> Result<Option<Clients>, Fault> {
    let sans = keys.client_allowed_sans.as_ref();
    if auth == ClientAuth::None {
        if let Some(authorities) = authorities {
            return Err(authorities.fault(message!("web-ca-unused")));
        }
        if let Some(sans) = sans {
            notes.at(sans.referenced, message!("web-sans-unused"));
        }
        return Ok(None);
    }
    let is_verified = matches!(auth, ClientAuth::Verified | ClientAuth::VerifiedIfGiven);
    let pem = authorities.map(Pem::read).transpose()?;
    let trusted = match (is_verified, pem) {
        (false, _) => None,
        (true, Some(pem)) => {
            let trusted = Trusted::new(certificates::all(&pem));
            if let (true, Some(authorities)) = (trusted.is_empty(), authorities) {
                notes.add(authorities.fault(message!("web-no-ca")));
            }
            Some(trusted)
        }
        (true, None) => {
            let place = keys.client_auth_type.as_ref().map(|text| text.referenced);
            notes.add(Fault { position: place.map(Into::into), message: message!("web-system-ca") });
            Some(Trusted::system())
        }
    };
    if let Some(sans) = sans.filter(|sans| sans.value.is_empty()) {
        notes.at(sans.referenced, message!("web-no-san"));
    }
    let sans = sans.map(|sans| sans.value.clone());
    // A certificate that has to have a name has to be there.
    let is_mandatory = matches!(auth, ClientAuth::Verified | ClientAuth::Required) || sans.is_some();
    Ok(Some(Clients::new(is_mandatory, trusted, sans)))
}
