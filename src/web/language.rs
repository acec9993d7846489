//! The language of an answer: that of `?lang=`, or else the one that the client likes best, or else English.

use crate::catalogue::{Message, message};
use crate::knowledge::Language;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded;

/// The language in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    lang: Option<String>,
}

impl Asked {
    /// The language that an address with other parameters asks for.
    pub(super) const fn of(lang: Option<String>) -> Self {
        Self { lang }
    }
}

/// The language of an answer.
///
/// # Errors
/// A sentence where the address names one that there is not.
pub(super) fn language(asked: &Asked, headers: &HeaderMap) -> Result<Language, Message> {
    match &asked.lang {
        Some(tag) => Language::of(tag).ok_or_else(|| message!("language-parameter", known = Language::tags())),
        None => Ok(accepted(headers).unwrap_or(Language::ENGLISH)),
    }
}

/// What an address names as its language: the last of several, and none that is empty.
pub(super) fn in_address(uri: &Uri) -> Option<String> {
    let asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    asked.filter(|(name, tag)| name == "lang" && !tag.is_empty()).last().map(|(_, tag)| tag.into_owned())
}

/// The language of what is said of a request that is wrong, whatever its address asks for beside the language.
pub(super) fn of_request(uri: &Uri, headers: &HeaderMap) -> Language {
    let asked = in_address(uri).and_then(|tag| Language::of(&tag));
    asked.or_else(|| accepted(headers)).unwrap_or(Language::ENGLISH)
}

/// The same of an address whose only parameter is the language.
///
/// # Errors
/// What is wrong with the address.
pub(super) fn asked_language(
    asked: Result<Query<Asked>, QueryRejection>,
    headers: &HeaderMap,
) -> Result<Language, Message> {
    let Query(asked) = asked.map_err(|_| message!("only-parameter", name = "lang"))?;
    language(&asked, headers)
}

/// Of the languages that a client accepts the one that it likes best (RFC 9110, section 12.5.4); of equals the first.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let values = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let mut best: Option<(f32, Language)> = None;
    for range in values.flat_map(|value| value.split(',')) {
        let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse().ok());
        let language = if tag.trim() == "*" { Some(Language::ENGLISH) } else { Language::of(tag) };
        let Some((weight, language)) = weight.zip(language) else { continue };
        if weight > best.map_or(0.0, |(known, _)| known) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// An answer in a language, which says so.
pub(super) fn in_language(mut response: Response, language: Language) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_decides_and_then_what_is_liked_best() {
        let tag = |lang: Option<&str>, accepted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, accepted.parse().unwrap());
            let language = language(&Asked { lang: lang.map(str::to_owned) }, &headers);
            language.map_or_else(|error| error.to_string(), |language| language.tag().to_owned())
        };
        let accepted = [
            ("ja", "ja"),
            ("ja-JP,ja;q=0.9,en-US;q=0.8", "ja"),
            ("en;q=0.5, ja;q=0.7", "ja"),
            ("de, ja;q=0.1", "ja"),
            ("ja;q=0, en;q=0.1", "en"),
            ("*;q=0.5, ja;q=0.4", "en"),
            ("en, ja", "en"),
            ("ja;q=x", "en"),
            ("ja;q=NaN", "en"),
            ("de", "en"),
            ("", "en"),
        ];
        for (header, expected) in accepted {
            assert_eq!(tag(None, header), expected, "{header}");
        }
        assert_eq!([tag(Some("en"), "ja"), tag(Some("ja"), "en")], ["en", "ja"]);
        let of = |address: &str| of_request(&address.parse().unwrap(), &HeaderMap::new()).tag();
        assert_eq!(of("/?lang=ja&lang=en"), "en", "the last of several");
        assert_eq!(of("/?lang=en&x=1&lang=j%61&lang="), "ja");
        assert_eq!(tag(Some("de"), "ja"), "`lang`: the languages are en, ja");
    }
}
