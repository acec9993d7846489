//! `POST /-/reload`: the configuration is read again, for those who may ask for that.

use super::Sources;
use super::client::{Authenticated, Peer};
use super::language::{in_language, of_request};
use crate::catalogue::{Message, message};
use crate::config::AllowReload;
use crate::text::{Words, say};
use axum::Extension;
use axum::extract::State;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use tokio::sync::oneshot;

/// What a browser says of the site that a request comes from.
const FETCH_SITE: &str = "sec-fetch-site";

/// What proxies add.
const FORWARDED: [&str; 9] = [
    "forwarded",
    "via",
    "x-forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
];

pub(super) async fn post(
    State(sources): State<Sources>,
    peer: Option<Extension<Peer>>,
    user: Option<Extension<Authenticated>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let language = of_request(&uri, &headers);
    let (status, text) = reload(&sources, peer, user.is_some(), (&uri, &headers), language.into()).await;
    in_language((status, text + "\n").into_response(), language)
}

async fn reload(
    sources: &Sources,
    peer: Option<Extension<Peer>>,
    is_user: bool,
    (uri, headers): (&Uri, &HeaderMap),
    words: Words,
) -> (StatusCode, String) {
    let allowed = sources.settings.borrow().allow_reload;
    let is_here = peer.is_some_and(|Extension(peer)| peer.is_loopback()) && !is_forwarded(headers);
    if let Err(reason) = permit(allowed, is_here, is_user, uri, headers) {
        return (StatusCode::FORBIDDEN, reason.in_words(words));
    }
    let (reply, answer) = oneshot::channel();
    let stopping = || (StatusCode::SERVICE_UNAVAILABLE, say!(words, "reload-stopping"));
    if sources.reload.send(reply).await.is_err() {
        return stopping();
    }
    match answer.await {
        Ok(Ok(())) => (StatusCode::OK, say!(words, "reload-done")),
        Ok(Err(refused)) => {
            let text = refused.in_words(words) + "\n" + &say!(words, "reload-refused");
            (StatusCode::INTERNAL_SERVER_ERROR, text)
        }
        Err(_) => stopping(),
    }
}

/// Whether a reload may be asked for like this, or why not.
fn permit(allowed: AllowReload, is_here: bool, is_user: bool, uri: &Uri, headers: &HeaderMap) -> Result<(), Message> {
    match allowed {
        AllowReload::Never => {
            return Err(message!("reload-never"));
        }
        AllowReload::Loopback if !is_here => {
            return Err(message!("reload-loopback"));
        }
        AllowReload::Authenticated if !is_here && !is_user => {
            return Err(message!("reload-users"));
        }
        AllowReload::Loopback | AllowReload::Authenticated => {}
    }
    if is_of_another_site(uri, headers, is_user) {
        return Err(message!("reload-other-site"));
    }
    Ok(())
}

/// True where a proxy on this machine passes on what others ask.
fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDED.iter().any(|name| headers.contains_key(*name))
}

/// True where a browser sent it for a page that is not ours. A name that a stranger's DNS leads here is not ours either,
/// which counts where nobody has proven who he is.
pub(super) fn is_of_another_site(uri: &Uri, headers: &HeaderMap, is_user: bool) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text(FETCH_SITE).is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return true;
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return false };
    let asked = uri.authority().map(Authority::as_str).or_else(|| text(header::HOST.as_str()));
    let origin = origin.split_once("://").map(|(_, authority)| authority);
    let parse = |text: Option<&str>| text?.parse::<Authority>().ok();
    match (parse(origin), parse(asked)) {
        (Some(origin), Some(asked)) => origin != asked || !(is_user || is_local_name(&asked)),
        _ => true,
    }
}

/// True for a name that no DNS of a stranger gives: an address, or what this machine calls itself.
fn is_local_name(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn whoever_is_here_or_known_may_as_far_as_it_is_configured() {
        let uri = Uri::from_static("/-/reload");
        let may = |allowed, is_here, is_user| permit(allowed, is_here, is_user, &uri, &HeaderMap::new()).is_ok();
        for (allowed, expected) in [
            (AllowReload::Loopback, [true, true, false, false]),
            (AllowReload::Authenticated, [true, true, true, false]),
            (AllowReload::Never, [false; 4]),
        ] {
            let all = [(true, true), (true, false), (false, true), (false, false)];
            assert_eq!(all.map(|(is_here, is_user)| may(allowed, is_here, is_user)), expected, "{allowed:?}");
        }
    }

    #[test]
    fn a_page_of_another_site_may_not() {
        let uri = Uri::from_static("/-/reload");
        let may = |fields: &[(&'static str, &'static str)], is_user| {
            permit(AllowReload::Authenticated, true, is_user, &uri, &headers(fields)).is_ok()
        };
        let host = ("host", "127.0.0.1:10688");
        for fields in [
            &[host][..],
            &[host, ("origin", "http://127.0.0.1:10688"), ("sec-fetch-site", "same-origin")],
            &[host, ("sec-fetch-site", "none")],
            &[("host", "[::1]:10688"), ("origin", "http://[::1]:10688")],
            &[("host", "localhost:10688"), ("origin", "http://LOCALHOST:10688")],
        ] {
            assert!(may(fields, false), "{fields:?}");
        }
        for fields in [
            &[host, ("origin", "https://page.example")][..],
            &[host, ("origin", "http://127.0.0.1:8080")],
            &[host, ("origin", "null")],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[("origin", "http://127.0.0.1:10688")],
        ] {
            assert!(!may(fields, true), "{fields:?}");
        }
        // A name of its own that leads here.
        let rebound = [("host", "page.example:10688"), ("origin", "http://page.example:10688")];
        assert_eq!((may(&rebound, false), may(&rebound, true)), (false, true));
    }

    #[test]
    fn what_a_proxy_passes_on_is_not_from_here() {
        for header in [
            ("x-forwarded-for", "192.0.2.1"),
            ("forwarded", "for=192.0.2.1"),
            ("via", "1.1 proxy"),
            ("x-real-ip", "192.0.2.1"),
            ("x-forwarded-host", "monitor.corp.example"),
            ("x-forwarded-proto", "https"),
        ] {
            assert!(is_forwarded(&headers(&[header])), "{header:?}");
        }
        assert!(!is_forwarded(&headers(&[("host", "127.0.0.1")])));
    }
}
