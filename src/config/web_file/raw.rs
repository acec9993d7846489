//! The file as it is written: its keys and their shapes, nothing checked yet.
//!
//! None of it can be printed: it holds keys and hashes.

use crate::catalogue::message;
use crate::config::error::Fault;
use crate::config::raw::{Text, parse_as};
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub(super) tls_server_config: Option<Spanned<RawTls>>,
    pub(super) http_server_config: Option<RawHttp>,
    pub(super) rate_limit: Option<RawRateLimit>,
    pub(super) basic_auth_users: Option<BTreeMap<String, Spanned<Option<String>>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTls {
    pub(super) cert: Option<Text>,
    pub(super) cert_file: Option<Text>,
    pub(super) key: Option<Text>,
    pub(super) key_file: Option<Text>,
    pub(super) client_auth_type: Option<Text>,
    pub(super) client_ca: Option<Text>,
    pub(super) client_ca_file: Option<Text>,
    pub(super) client_allowed_sans: Option<Spanned<Vec<String>>>,
    pub(super) min_version: Option<Text>,
    pub(super) max_version: Option<Text>,
    pub(super) cipher_suites: Option<Spanned<Vec<Option<Text>>>>,
    pub(super) curve_preferences: Option<Spanned<Vec<Option<Text>>>>,
    pub(super) prefer_server_cipher_suites: Option<Spanned<bool>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawHttp {
    pub(super) http2: Option<Spanned<bool>>,
    pub(super) headers: Option<RawHeaders>,
}

/// The headers that may be set. A value may be left out: the key alone stands for an empty one.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawHeaders {
    #[serde(rename = "Strict-Transport-Security")]
    pub(super) strict_transport_security: Option<Text>,
    #[serde(rename = "X-Content-Type-Options")]
    pub(super) content_type_options: Option<Text>,
    #[serde(rename = "X-Frame-Options")]
    pub(super) frame_options: Option<Text>,
    #[serde(rename = "X-XSS-Protection")]
    pub(super) xss_protection: Option<Text>,
    #[serde(rename = "Content-Security-Policy")]
    pub(super) content_security_policy: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRateLimit {
    pub(super) interval: Option<Text>,
    pub(super) burst: Option<i64>,
}

/// Reads YAML as Prometheus' own programs do: `yes`, `on` and the like are booleans.
pub(super) fn parse(bytes: &[u8]) -> Result<Raw, Fault> {
    let raw: Raw = parse_as(bytes, serde_saphyr::options! { strict_booleans: false })?;
    let http2 = raw.http_server_config.as_ref().and_then(|http| http.http2.as_ref());
    let prefer = raw.tls_server_config.as_ref().and_then(|tls| tls.value.prefer_server_cipher_suites.as_ref());
    match http2.into_iter().chain(prefer).find(|value| !is_boolean_to_go(bytes, value)) {
        Some(value) => Err(Fault::at(value.referenced, message!("config-boolean"))),
        None => Ok(raw),
    }
}

/// Whether a boolean is written as Go takes it: without quotes, and in no mixture of cases but `Yes`.
fn is_boolean_to_go(bytes: &[u8], value: &Spanned<bool>) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
    let line = text.trim_start_matches('\u{feff}').lines().nth(place(value.defined.line())).unwrap_or_default();
    let rest = line.chars().skip(place(value.defined.column()));
    let word: String = rest.take_while(|char| char.is_alphabetic() || "'\"".contains(*char)).collect();
    let is_one_case = |rest: &str| rest.chars().all(char::is_lowercase) || rest.chars().all(char::is_uppercase);
    let mut chars = word.chars();
    let has_good_case = match chars.next() {
        Some(first) if first.is_uppercase() => is_one_case(chars.as_str()),
        Some(_) => chars.as_str().chars().all(char::is_lowercase),
        // A tag is before it.
        None => true,
    };
    has_good_case && !word.contains(['\'', '"'])
}
