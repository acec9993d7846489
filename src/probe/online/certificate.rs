//! What a certificate says of itself (RFC 5280).

use crate::online::trust::{is_weak, rsa_bits};
use crate::words::quoted;
use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

/// The most certificates of a chain that are read: more than anyone needs.
const MAX_CHAIN: usize = 10;

/// The most names of one certificate that are kept.
const MAX_NAMES: usize = 100;

/// A certificate that an endpoint showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it is for: `CN=activation.example`.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The DNS names it is for; empty where it has none, as those of authorities.
    pub names: Vec<String>,
    /// The common name, for certificates without names.
    pub common_name: Option<String>,
    /// SHA-256 over the whole certificate, in lower-case hexadecimal.
    pub sha256: String,
    /// From when on it is valid.
    pub not_before: SystemTime,
    /// Until when.
    pub not_after: SystemTime,
    /// The issuer's name as it is encoded.
    pub issuer_der: Vec<u8>,
    /// What else it is judged by.
    pub traits: Traits,
}

/// What decides beside names and times whether a certificate is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traits {
    /// How long its key is, in bits, where that is one for RSA.
    pub rsa_bits: Option<usize>,
    /// True where its signature is over a hash of SHA-1.
    pub is_sha1_signed: bool,
    /// True where it says where the certificate of its issuer is to be had, as one does that is not signed by a root.
    pub names_issuer: bool,
}

/// Signatures with SHA-1: RSA (RFC 4055), DSA (RFC 3279) and ECDSA.
const SHA1: [&str; 4] = ["1.2.840.113549.1.1.5", "1.3.14.3.2.29", "1.2.840.10040.4.3", "1.2.840.10045.4.1"];

impl Traits {
    fn read(der: &[u8], certificate: &X509Certificate<'_>) -> Self {
        let names_issuer = certificate.extensions().iter().any(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityInfoAccess(access) => {
                access.accessdescs.iter().any(|place| place.access_method.to_id_string() == CA_ISSUERS)
            }
            _ => false,
        });
        let signature = certificate.signature_algorithm.algorithm.to_id_string();
        Self { rsa_bits: rsa_bits(der), is_sha1_signed: SHA1.contains(&signature.as_str()), names_issuer }
    }

    /// True for an RSA key that is too short.
    pub fn has_weak_key(self) -> bool {
        self.rsa_bits.is_some_and(is_weak)
    }
}

/// `id-ad-caIssuers` (RFC 5280, section 4.2.2.1).
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// A certificate that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Reads the certificates of a chain, in their order.
pub(super) fn read_all(chain: &[CertificateDer<'_>]) -> Result<Vec<Certificate>, Unreadable> {
    chain.iter().take(MAX_CHAIN).map(|der| Certificate::read(der)).collect()
}

impl Certificate {
    fn read(der: &[u8]) -> Result<Self, Unreadable> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Unreadable)?;
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        let names = alternatives.iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(quoted(name)),
            _ => None,
        });
        let common_name = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        Ok(Self {
            subject: name(certificate.subject()),
            issuer: name(certificate.issuer()),
            names: names.take(MAX_NAMES).collect(),
            common_name: common_name.map(quoted),
            sha256: hexadecimal(digest(&SHA256, der).as_ref()),
            not_before: moment(certificate.validity().not_before),
            not_after: moment(certificate.validity().not_after),
            issuer_der: certificate.issuer().as_raw().to_vec(),
            traits: Traits::read(der, &certificate),
        })
    }

    /// True where it signed itself, by what it says.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

/// The certificates that lead from the first of a chain to whom it ends at: a root that is trusted, or whoever cannot
/// be followed further. What else was sent with them is left out.
pub(super) fn path(chain: &[Certificate], is_root: impl Fn(&[u8]) -> bool) -> Vec<&Certificate> {
    let Some(first) = chain.first() else { return Vec::new() };
    let mut path = vec![first];
    // Each step is to another certificate, or a chain that closes on itself would have no end.
    while let Some(last) = path.last().copied().filter(|last| !last.is_self_issued() && !is_root(&last.issuer_der)) {
        let signers = chain.iter().filter(|signer| signer.subject == last.issuer && !path.contains(signer));
        // One name may have several certificates, of which an old one is no hindrance.
        let Some(signer) = signers.max_by_key(|signer| signer.not_after) else { break };
        path.push(signer);
    }
    path
}

/// The common name in a distinguished name, or all of it.
pub(super) fn common_name(name: &str) -> &str {
    let Some((_, rest)) = name.rsplit_once("CN=") else { return name };
    // Another attribute may follow: a comma, a space, and its name up to the equals sign.
    let is_attribute =
        |part: &str| part.split_once('=').is_some_and(|(key, _)| key.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let other = rest.match_indices(", ").find(|(at, comma)| rest.get(at + comma.len()..).is_some_and(is_attribute));
    other.and_then(|(at, _)| rest.get(..at)).unwrap_or(rest)
}

fn name(name: &X509Name<'_>) -> String {
    quoted(&name.to_string())
}

/// A moment as this machine counts it. What is before 1970 is taken to be then.
fn moment(time: ASN1Time) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or_default())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rustls::pki_types::pem::PemObject;

    fn microsoft() -> Vec<CertificateDer<'static>> {
        let pem = include_bytes!("../../online/microsoft_roots.pem");
        CertificateDer::pem_slice_iter(pem).map(Result::unwrap).collect()
    }

    fn certificate(subject: &str, issuer: &str) -> Certificate {
        Certificate {
            subject: subject.into(),
            issuer: issuer.into(),
            names: Vec::new(),
            common_name: None,
            sha256: String::new(),
            not_before: UNIX_EPOCH,
            not_after: UNIX_EPOCH,
            issuer_der: issuer.into(),
            traits: Traits::default(),
        }
    }

    #[test]
    fn a_certificate_says_whom_it_is_for_and_from_and_until_when() {
        let roots = read_all(&microsoft()).unwrap();
        let root = roots.iter().find(|root| root.subject.ends_with("Authority 2011")).unwrap();
        assert_eq!(
            root.subject,
            "C=US, ST=Washington, L=Redmond, O=Microsoft Corporation, CN=Microsoft Root Certificate Authority 2011"
        );
        assert!(root.is_self_issued());
        assert_eq!(humantime::format_rfc3339_seconds(root.not_after).to_string(), "2036-03-22T22:13:04Z");
        assert_eq!(root.sha256, "847df6a78497943f27fc72eb93f9a637320a02b561d0a91b09e87a7807ed7c61");
    }

    #[test]
    fn a_path_leads_to_a_root_and_leaves_out_what_strays() {
        let led = |certificates: &[(&str, &str)]| {
            let chain: Vec<_> = certificates.iter().map(|(subject, issuer)| certificate(subject, issuer)).collect();
            let names = path(&chain, |issuer| issuer == b"root").into_iter().map(|one| one.subject.clone());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(led(&[("leaf", "a"), ("a", "root")]), "leaf a");
        assert_eq!(led(&[("leaf", "a"), ("stray", "b"), ("a", "root"), ("root", "other")]), "leaf a");
        assert_eq!(led(&[("leaf", "a"), ("a", "b"), ("b", "b")]), "leaf a b");
        assert_eq!(led(&[("leaf", "leaf")]), "leaf");
        assert_eq!(led(&[("leaf", "a"), ("stray", "b")]), "leaf");
        assert_eq!(led(&[("a", "b"), ("b", "a")]), "a b", "a chain that closes on itself ends all the same");
        assert_eq!(led(&[]), "");
    }

    #[test]
    fn of_two_certificates_of_one_name_the_younger_counts() {
        let later = Certificate { not_after: UNIX_EPOCH + Duration::from_secs(9), ..certificate("a", "root") };
        let chain = [certificate("leaf", "a"), certificate("a", "old root"), later];
        assert_eq!(path(&chain, |_| false)[1].issuer, "root");
    }

    #[test]
    fn a_distinguished_name_is_identified_by_its_common_name() {
        assert_eq!(common_name("C=US, O=Microsoft Corporation, CN=Microsoft Root 2011"), "Microsoft Root 2011");
        assert_eq!(common_name("CN=Inspection, Inc. Root CA, Email=a@example"), "Inspection, Inc. Root CA");
        assert_eq!(common_name("O=Nobody"), "O=Nobody");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(at in 0_usize..1000, with in any::<u8>()) {
            let mut der = microsoft()[0].to_vec();
            if let Some(byte) = der.get_mut(at) {
                *byte ^= with;
            }
            let _ = Certificate::read(&der);
            let _ = Certificate::read(der.get(..at).unwrap_or_default());
        }
    }
}
