//! What every page has around its subject: the words of the reader, the navigation, and addresses that lead from this
//! page to others. All of them are relative, so that a prefix of the path changes nothing.

use super::demo::DemoFault;
use super::parts::Time;
use crate::catalogue::{Message, message};
use crate::codes::Code;
use crate::knowledge::Language;
use crate::text::{Words, say};
use crate::web::Sources;
use crate::web::language::{in_address, in_language, of_request};
use crate::words::{cut_keys, quoted};
use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write;
use url::form_urlencoded;

/// What is not written as it is in a part of an address.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameter that every page takes.
const LANGUAGE: &str = "lang";

/// The entries of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Machines,
    Runway,
    KmsHosts,
    Changes,
    Explain,
    About,
}

impl Tab {
    const ALL: [Self; 7] =
        [Self::Overview, Self::Machines, Self::Runway, Self::KmsHosts, Self::Changes, Self::Explain, Self::About];

    /// Its address below the root, and the choice of its word.
    const fn address(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Machines => "machines",
            Self::Runway => "runway",
            Self::KmsHosts => "kms-hosts",
            Self::Changes => "changes",
            Self::Explain => "explain",
            Self::About => "about",
        }
    }
}

/// A link with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) text: String,
    /// True where it leads to where the reader is.
    pub(super) is_current: bool,
}

/// What is around the subject of a page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) words: Words,
    /// The moment at which the page is made, by the clock of this machine.
    pub(super) now: Timestamp,
    /// The part of the navigation that the page belongs to.
    tab: Option<Tab>,
    /// What leads from here to the root.
    root: String,
    /// The address of the page below the root, as it was asked for.
    here: String,
    /// What is asked of the page, without the language and what is empty.
    query: Vec<(String, String)>,
    /// The language that the address asks for.
    asked: Option<String>,
    /// The faults of a demo.
    pub(super) faults: Vec<DemoFault>,
    /// True where an inventory is configured.
    pub(super) has_inventory: bool,
}

impl Frame {
    /// The frame of a page that is asked for.
    pub(super) fn new(sources: &Sources, uri: &Uri, headers: &HeaderMap, tab: impl Into<Option<Tab>>) -> Self {
        let words = of_request(uri, headers).into();
        // What is shown again, in links and forms, has no whole product key.
        let here = cut_keys(uri.path().trim_start_matches('/')).into_owned();
        let root = "./".to_owned() + &"../".repeat(uri.path().matches('/').count().saturating_sub(1));
        let given = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let given = given.filter(|(name, value)| !value.is_empty() && name != LANGUAGE);
        let query = given.map(|(name, value)| (cut_keys(&name).into_owned(), cut_keys(&value).into_owned())).collect();
        let asked = in_address(uri);
        let faults = sources.pages.demo.as_ref().map(|demo| demo.faults(words)).unwrap_or_default();
        let has_inventory = sources.state.known().inventory.is_some();
        Self { words, now: Timestamp::now(), tab: tab.into(), root, here, query, asked, faults, has_inventory }
    }

    /// What is asked of the page: these parameters alone are known.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub(super) fn parameters(&self, known: &[&str]) -> Result<&[(String, String)], Message> {
        if self.asked.as_deref().is_some_and(|tag| Language::of(tag).is_none()) {
            return Err(message!("language-parameter", known = Language::tags()));
        }
        match self.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                let known = known.iter().chain([&LANGUAGE]).copied().collect::<Vec<_>>().join(", ");
                Err(message!("page-parameter-unknown", name = quoted(name), known = known))
            }
            None => Ok(&self.query),
        }
    }

    /// The value of a parameter; nothing where it is not given.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The address of a page: the parts of its path, and what is asked of it.
    pub(super) fn address(&self, parts: &[&str], query: &[(&str, &str)]) -> String {
        let mut address = self.root.clone();
        for (number, part) in parts.iter().enumerate() {
            let slash = if number > 0 { "/" } else { "" };
            // A string takes whatever is written to it.
            let _ = write!(address, "{slash}{}", utf8_percent_encode(part, ENCODED));
        }
        let language = self.language().map(|language| (LANGUAGE, language));
        with_query(address, query.iter().copied().chain(language))
    }

    /// The same of a page without parts of its own.
    pub(super) fn to(&self, page: &str) -> String {
        self.address(&[page], &[])
    }

    pub(super) fn machine(&self, name: &str) -> String {
        self.address(&["machines", name], &[])
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.address(&["paths", name], &[])
    }

    pub(super) fn code(&self, code: Code) -> String {
        self.address(&["explain"], &[("code", &code.to_string())])
    }

    /// The list of machines that a filter leaves.
    pub(super) fn machines(&self, filter: &str, value: &str) -> String {
        self.address(&["machines"], &[(filter, value)])
    }

    /// What leads from here to the root, for forms.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// A file that the pages need.
    pub(super) fn asset(&self, name: &str) -> String {
        format!("{}assets/{name}", self.root)
    }

    /// This page with one parameter another, or without it, from the first entry on.
    pub(super) fn with(&self, name: &str, value: Option<&str>) -> String {
        let others = self.query.iter().filter(|(known, _)| known != name && known != "offset");
        let others = others.map(|(name, value)| (name.as_str(), value.as_str()));
        let language = self.language().map(|language| (LANGUAGE, language));
        let changed = value.map(|value| (name, value));
        with_query(format!("{}{}", self.root, self.here), others.chain(changed).chain(language))
    }

    /// This page from another entry on. The place in a list comes last, since any other change begins at its first.
    pub(super) fn at(&self, offset: u64) -> String {
        let address = self.with("offset", None);
        let separator = if address.contains('?') { '&' } else { '?' };
        format!("{address}{separator}offset={offset}")
    }

    /// This page with all that there is.
    pub(super) fn whole(&self) -> String {
        self.with("all", Some("true"))
    }

    /// The language, where the address asks for one: then it goes from page to page.
    pub(super) fn language(&self) -> Option<&str> {
        self.asked.as_deref().filter(|tag| Language::of(tag).is_some())
    }

    /// The tag of the language that the page is in.
    pub(super) fn tag(&self) -> &'static str {
        self.words.language.tag()
    }

    /// Where the buttons of a demo lead to, and back from there.
    pub(super) fn fault(&self, name: &str) -> String {
        self.address(&["demo", name], &[])
    }

    pub(super) fn back(&self) -> String {
        let language = self.language().map(|language| (LANGUAGE, language));
        let query = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        with_query(self.here.clone(), query.chain(language))
    }

    pub(super) fn as_of(&self) -> Time {
        Time(self.now)
    }

    /// The navigation.
    pub(super) fn tabs(&self) -> Vec<Link> {
        let link = |tab: Tab| {
            let choice = if tab == Tab::Overview { "overview" } else { tab.address() };
            let text = say!(self.words, "page-tab", tab = choice);
            Link { href: self.to(tab.address()), text, is_current: self.tab == Some(tab) }
        };
        Tab::ALL.into_iter().map(link).collect()
    }

    /// The same page in each language, with its tag.
    pub(super) fn languages(&self) -> Vec<(&'static str, Link)> {
        let link = |language: &Language| {
            let tag = language.tag();
            let query = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let href = with_query(format!("{}{}", self.root, self.here), query.chain([(LANGUAGE, tag)]));
            let is_current = *language == self.words.language;
            (tag, Link { href, text: language.texts().language.clone(), is_current })
        };
        Language::ALL.iter().map(link).collect()
    }

    /// A page as it is answered.
    pub(super) fn show(&self, status: StatusCode, page: &impl Template) -> Response {
        let response = match page.render() {
            Ok(html) => {
                let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
                (status, headers, html).into_response()
            }
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response(),
        };
        in_language(response, self.words.language)
    }
}

/// An address with what is asked there.
fn with_query<'a>(mut address: String, query: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut sign = '?';
    for (name, value) in query {
        let (name, value) = (utf8_percent_encode(name, ENCODED), utf8_percent_encode(value, ENCODED));
        // A string takes whatever is written to it.
        let _ = write!(address, "{sign}{name}={value}");
        sign = '&';
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(address: &str) -> Frame {
        let sources = crate::web::tests::sources();
        Frame::new(&sources, &address.parse().unwrap(), &HeaderMap::new(), Tab::Machines)
    }

    #[test]
    fn addresses_lead_from_wherever_the_page_is_and_keep_the_language() {
        assert_eq!(frame("/").machine("ws1"), "./machines/ws1");
        assert_eq!(frame("/machines/ws1").to("runway"), "./../runway");
        assert_eq!(frame("/a/b/c?lang=ja").to(""), "./../../?lang=ja");
        assert_eq!(
            frame("/machines?name=a%20b&lang=ja").with("lost", Some("true")),
            "./machines?name=a%20b&lost=true&lang=ja"
        );
        assert_eq!(frame("/machines?lost=true&offset=100").with("lost", None), "./machines");
        assert_eq!(frame("/machines?name=x&lang=ja").back(), "machines?name=x&lang=ja");
        let of_two = frame("/machines?lang=ja&lang=en");
        assert_eq!((of_two.tag(), of_two.language()), ("en", Some("en")));
    }

    #[test]
    fn no_name_leads_elsewhere_than_to_its_page() {
        let hostile = "a/../\"><script>alert(1)</script>?#&\u{202e}";
        let address = frame("/").path(hostile);
        let rest = address.strip_prefix("./paths/").unwrap();
        assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte)), "{address}");
    }

    #[test]
    fn unknown_parameters_and_languages_are_refused_with_those_that_there_are() {
        let said =
            |address: &str| frame(address).parameters(&["name", "lost"]).map_err(|error| error.to_string()).err();
        assert_eq!(said("/machines?name=x&lost=true&lang=ja&sort="), None);
        assert_eq!(said("/machines?nam=x").unwrap(), "`nam`: this page takes name, lost, lang");
        assert_eq!(said("/machines?lang=de").unwrap(), "`lang`: the languages are en, ja");
    }
}
