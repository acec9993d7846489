//! The `http` stage: does the endpoint answer, and is it the endpoint that does?

use super::connection::{Connection, Received, exchange};
use crate::observation::{Detail, Failure, Reason, detail};
use crate::online::endpoint::{Endpoint, Scheme};
use crate::wire::http::{Body, Head, Request};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use url::Url;

/// How much of a page is looked at, in bytes.
const MAX_PAGE: usize = 1024;

/// What a page names that says what is missing, in whatever case.
const CERTIFICATE: &[u8] = b"certificate";

/// The longest time a page is waited for once its head is there.
const PAGE_PATIENCE: Duration = Duration::from_secs(1);

/// What an endpoint answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status, 200 to 999.
    pub status: u16,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// From the request to the first byte of the answer.
    pub first_byte: Duration,
}

impl Answer {
    /// What is kept of what was received.
    pub(super) fn new(received: &Received) -> Self {
        Self {
            status: received.head.status,
            location: received.head.location(),
            first_byte: received.first_byte.saturating_duration_since(received.sent),
        }
    }
}

/// Asks the endpoint at the other end of a connection.
///
/// # Errors
/// Where no answer comes that is HTTP.
pub(super) async fn ask(connection: &mut Connection, endpoint: &Endpoint) -> Result<Received, Failure> {
    let host = endpoint.authority();
    let request =
        Request { method: "GET", target: &endpoint.path, host: &host, proxy_authorization: None, keep_alive: false };
    exchange(connection, &request.encode(), Reason::NotHttp).await
}

/// An endpoint that was asked, and how.
pub(super) struct Asked<'a> {
    pub(super) endpoint: &'a Endpoint,
    /// True for what came through an HTTP proxy.
    pub(super) is_forwarded: bool,
    /// Whether a certificate of ours was asked for in the handshake.
    pub(super) demands_certificate: bool,
    /// How long a page is waited for.
    pub(super) patience: Duration,
}

impl Asked<'_> {
    /// Whether the answer is the endpoint's own and not an error. Most answer a request for nothing in particular with
    /// 403 or 404, which will do: it is they who say so.
    ///
    /// # Errors
    /// Where something answers in its place, or it cannot serve.
    pub(super) async fn judge(self, connection: &mut Connection, head: &Head) -> Result<Detail, Failure> {
        // So web servers answer that let the handshake come to its end, as nginx does.
        if self.demands_certificate && matches!(head.status, 400 | 403) {
            let page = read_page(connection, head, self.patience, names_certificate).await;
            if names_certificate(&page) {
                let detail = detail!("http-wants-certificate", answer = head.to_string());
                return Err(Failure::new(Reason::CertificateRequired, detail));
            }
            return Ok(detail!("http-answer", answer = head.to_string()));
        }
        judge(connection, self.endpoint, head, self.is_forwarded, self.patience).await
    }
}

async fn judge(
    connection: &mut Connection,
    endpoint: &Endpoint,
    head: &Head,
    is_forwarded: bool,
    patience: Duration,
) -> Result<Detail, Failure> {
    let portal = |detail| Err(Failure::new(Reason::CaptivePortal, detail));
    let answer = || head.to_string();
    match head.status {
        407 => Err(Failure::new(Reason::AuthRequired, detail!("http-unknown-proxy", answer = answer()))),
        // A network that wants to be logged in to says so (RFC 6585 section 6).
        511 => portal(detail!("http-network-login", answer = answer())),
        502..=504 => Err(Failure::new(Reason::ServerFailure, detail!("http-unavailable", answer = answer()))),
        300..=399 => match head.location() {
            Some(location) if !may_redirect(endpoint, &location) => {
                portal(detail!("http-strange-redirect", answer = answer(), location = location))
            }
            Some(location) => Ok(detail!("http-redirect", answer = answer(), location = location)),
            None => Ok(detail!("http-answer", answer = answer())),
        },
        200..=299 if may_be_foreign(endpoint, head) && is_page(connection, head, patience).await => {
            portal(detail!("http-strange-page", answer = answer()))
        }
        // A filter's word, where something in particular was asked for that is anybody's to have.
        403 | 451
            if endpoint.path != "/" && may_be_foreign(endpoint, head) && is_page(connection, head, patience).await =>
        {
            let reason = if is_forwarded { Reason::ForbiddenByProxy } else { Reason::CaptivePortal };
            Err(Failure::new(reason, detail!("http-strange-page", answer = answer())))
        }
        _ => Ok(detail!("http-answer", answer = answer())),
    }
}

/// Whether an endpoint may redirect to `location`: over TLS, where nobody else speaks for it, one that gives pages may
/// anywhere, and any other to its own site; without TLS one that gives pages may to its own site.
fn may_redirect(endpoint: &Endpoint, location: &str) -> bool {
    let host = endpoint.host.host.to_string();
    let stays = match Url::parse(location) {
        Ok(url) => url.host_str().is_some_and(|other| site(other) == site(&host)),
        // Relative to where we are.
        Err(_) => true,
    };
    match endpoint.scheme {
        Scheme::Https => endpoint.gives_pages || stays,
        Scheme::Http => endpoint.gives_pages && stays,
    }
}

/// The last two labels of a name.
fn site(host: &str) -> String {
    let labels: Vec<_> = host.rsplit('.').take(2).collect();
    labels.join(".").to_lowercase()
}

/// Whether an answer may be somebody else's page: over TLS nobody else can give one.
fn may_be_foreign(endpoint: &Endpoint, head: &Head) -> bool {
    let is_html = head.value("Content-Type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    endpoint.scheme == Scheme::Http && !endpoint.gives_pages && is_html && head.status != 204
}

/// Whether the body begins like a page. One that does not come is none.
async fn is_page(connection: &mut Connection, head: &Head, patience: Duration) -> bool {
    has_markup(&read_page(connection, head, patience, has_markup).await)
}

/// The beginning of a body, up to where there `is_enough` of it.
async fn read_page(
    connection: &mut Connection,
    head: &Head,
    patience: Duration,
    is_enough: fn(&[u8]) -> bool,
) -> Vec<u8> {
    let length = match head.body() {
        Some(Body::Length(length)) => usize::try_from(length).unwrap_or(MAX_PAGE).min(MAX_PAGE),
        Some(Body::Chunked) | None => MAX_PAGE,
    };
    let mut page = Vec::with_capacity(length);
    let read = async {
        while page.len() < length && !is_enough(&page) {
            let left = u64::try_from(length - page.len()).unwrap_or_default();
            match connection.take(left).read_buf(&mut page).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    // What was read by then is all there is to judge by.
    let _ = tokio::time::timeout(patience.min(PAGE_PATIENCE), read).await;
    page
}

/// Whether a page is about a certificate.
fn names_certificate(page: &[u8]) -> bool {
    page.to_ascii_lowercase().windows(CERTIFICATE.len()).any(|word| word == CERTIFICATE)
}

/// Whether there is a tag in it, wherever: what precedes it may be the length of a chunk.
fn has_markup(page: &[u8]) -> bool {
    page.windows(2).any(|pair| matches!(pair, [b'<', next] if *next == b'!' || next.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::online::endpoint::Role;

    fn endpoint(url: &str, gives_pages: bool) -> Endpoint {
        Endpoint::parse(url, Role::Revocation, gives_pages).unwrap()
    }

    #[test]
    fn a_page_is_identified_by_its_tags() {
        for page in ["<!DOCTYPE html>", "1f\r\n<html>", "  <a href=x>Log in</a>", "text, then <p>"] {
            assert!(has_markup(page.as_bytes()), "{page}");
        }
        for other in ["", "<", "activated", "1 < 2", "0\u{1}<\u{0}"] {
            assert!(!has_markup(other.as_bytes()), "{other:?}");
        }
    }

    #[test]
    fn a_page_names_what_is_missing() {
        assert!(names_certificate(b"<title>400 No required SSL certificate was sent</title>"));
        assert!(names_certificate(b"403.7 - Client Certificate Required"));
        assert!(!names_certificate(b"<title>403 Forbidden</title>") && !names_certificate(b""));
    }

    #[test]
    fn redirects_are_the_endpoints_own_where_they_stay_or_come_over_tls() {
        let plain = endpoint("http://go.example.com", true);
        assert!(may_redirect(&plain, "https://www.example.com/activation"));
        assert!(may_redirect(&plain, "/elsewhere"));
        assert!(!may_redirect(&plain, "http://portal.example/"));
        assert!(may_redirect(&endpoint("https://go.example.com", true), "http://elsewhere.example/"));
        let service = endpoint("https://go.example.com", false);
        assert!(may_redirect(&service, "/again") && may_redirect(&service, "https://www.example.com/"));
        assert!(!may_redirect(&service, "http://portal.example/"));
        assert!(!may_redirect(&endpoint("http://go.example.com", false), "/again"));
    }
}
