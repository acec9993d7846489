//! `web.config_file`: TLS, client certificates, users, headers and a rate limit of the listener, in the format that all
//! programs of Prometheus share.
//!
//! What `promtool check web-config` accepts is accepted here, and what it refuses is refused, with a line and a column.
//! The file may name others: a certificate, its key, authorities. All are read at once, and again when one changes.

mod certificates;
mod clients;
mod files;
mod interval;
mod names;
mod notes;
mod raw;
#[cfg(test)]
mod tests;
mod tls;
mod users;

pub use clients::client_name;
pub use files::Stamps;
pub use tls::Tls;
pub use users::{Hash, Users};

use super::error::{ConfigError, Fault};
use super::raw::{Text, What};
use crate::catalogue::message;
use axum::http::{HeaderName, HeaderValue, header};
use files::Files;
use notes::Notes;
use raw::{RawHeaders, RawRateLimit};
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How many requests may be taken at once where the rate of requests is limited, at the most: so many fit in a counter.
const MAX_BURST: i64 = u32::MAX as i64;

/// A checked web configuration. The default is that of a program without one: plain HTTP for everybody.
#[derive(Debug, Clone)]
pub struct WebFile {
    /// TLS on the listener; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Whether HTTP/2 is spoken.
    pub http2: bool,
    /// What each answer says beside its own headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Who may log in; where there are none, nobody has to.
    pub users: Users,
    /// How many requests are taken; `None` for any number.
    pub rate_limit: Option<RateLimit>,
    /// What may not be what was meant.
    pub warnings: Vec<ConfigError>,
}

/// A bound on requests: as many as `burst` at once, and one more in each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// From one request to the next; above zero.
    pub interval: Duration,
    /// How many may come at once; none are taken where it is zero.
    pub burst: u32,
}

impl Default for WebFile {
    fn default() -> Self {
        let (headers, warnings) = (Vec::new(), Vec::new());
        Self { tls: None, http2: true, headers, users: Users::default(), rate_limit: None, warnings }
    }
}

impl WebFile {
    /// Reads and checks a web configuration and the files it names. The stamps are those of all files that were read,
    /// whether or not the configuration is accepted.
    pub fn load(file: &Path) -> (Result<Self, ConfigError>, Stamps) {
        let files = Files::beside(file);
        let origin = file.display().to_string();
        let loaded = match files.read(file.to_owned()) {
            Ok(bytes) => Self::parse(&bytes, &origin, &files),
            Err(message) => Err(ConfigError::new(&origin, None, message)),
        };
        (loaded, files.into_stamps())
    }

    fn parse(bytes: &[u8], origin: &str, files: &Files) -> Result<Self, ConfigError> {
        let mut notes = Notes::default();
        let checked = Self::check(bytes, files, &mut notes).map_err(|fault| fault.into_error(origin))?;
        Ok(Self { warnings: notes.into_warnings(origin), ..checked })
    }

    fn check(bytes: &[u8], files: &Files, notes: &mut Notes) -> Result<Self, Fault> {
        let raw = raw::parse(bytes)?;
        let http = raw.http_server_config.unwrap_or_default();
        let http2 = http.http2.as_ref().is_none_or(|http2| http2.value);
        Ok(Self {
            http2,
            headers: http.headers.map_or(Ok(Vec::new()), |headers| self::headers(&headers))?,
            users: users(raw.basic_auth_users.unwrap_or_default(), notes)?,
            rate_limit: raw.rate_limit.map_or(Ok(None), |limit| rate_limit(&limit, notes))?,
            tls: match &raw.tls_server_config {
                Some(keys) => tls::tls(keys, http2, files, notes)?,
                None => None,
            },
            warnings: Vec::new(),
        })
    }
}

fn headers(raw: &RawHeaders) -> Result<Vec<(HeaderName, HeaderValue)>, Fault> {
    let headers: [(HeaderName, &Option<Text>, &[&str]); 5] = [
        (header::STRICT_TRANSPORT_SECURITY, &raw.strict_transport_security, &[]),
        (header::X_CONTENT_TYPE_OPTIONS, &raw.content_type_options, &["nosniff"]),
        (header::X_FRAME_OPTIONS, &raw.frame_options, &["deny", "sameorigin"]),
        (header::X_XSS_PROTECTION, &raw.xss_protection, &[]),
        (header::CONTENT_SECURITY_POLICY, &raw.content_security_policy, &[]),
    ];
    let mut set = Vec::new();
    for (name, text, allowed) in headers {
        let Some(text) = text else { continue };
        if !allowed.is_empty() && !allowed.contains(&text.value.as_str()) {
            let message = super::raw::suggestion(What::Value, &text.value, allowed);
            return Err(Fault::of(&text.value, text.referenced, message));
        }
        // A line end would begin another header.
        let value = HeaderValue::from_bytes(text.value.replace(['\r', '\n'], " ").as_bytes());
        let value = value.map_err(|_| Fault::at(text.referenced, message!("web-header")))?;
        if !value.is_empty() {
            set.push((name, value));
        }
    }
    Ok(set)
}

fn users(raw: BTreeMap<String, Spanned<Option<String>>>, notes: &mut Notes) -> Result<Users, Fault> {
    let mut users = BTreeMap::new();
    for (name, text) in raw {
        let hash = Hash::new(text.value.as_deref().unwrap_or_default());
        let (hash, warning) = hash.map_err(|message| Fault::at(text.referenced, message))?;
        if let Some(warning) = warning {
            notes.at(text.referenced, warning);
        }
        if name.contains(':') {
            notes.at(text.referenced, message!("web-user-with-colon"));
        }
        users.insert(name, hash);
    }
    Ok(Users::new(users))
}

fn rate_limit(raw: &RawRateLimit, notes: &mut Notes) -> Result<Option<RateLimit>, Fault> {
    let Some(text) = &raw.interval else { return Ok(None) };
    let interval = interval::parse(&text.value).map_err(|message| Fault::of(&text.value, text.referenced, message))?;
    if interval.is_zero() {
        return Ok(None);
    }
    let burst = u32::try_from(raw.burst.unwrap_or(0).clamp(0, MAX_BURST)).unwrap_or(u32::MAX);
    if burst == 0 {
        notes.at(text.referenced, message!("web-no-burst"));
    } else if text.value.parse::<i64>().is_ok() {
        notes.at(text.referenced, message!("web-nanoseconds"));
    }
    Ok(Some(RateLimit { interval, burst }))
}
