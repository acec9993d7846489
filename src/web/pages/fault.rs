//! What a page says that cannot be shown: why, and where to go instead.

use super::frame::{Frame, Link, Tab};
use crate::catalogue::{Message, message};
use crate::text::say;
use crate::web::Sources;
use crate::web::data::Missing;
use crate::web::rejected::Rejected;
use crate::words::{nearest, quoted};
use askama::Template;
use axum::extract::State;
use axum::http::header::{ACCEPT, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

/// The pages that there are, by the first part of their addresses.
const PAGES: [&str; 6] = ["machines", "runway", "kms-hosts", "changes", "explain", "about"];

/// Why a page cannot be shown.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) message: Message,
    /// What may be meant, by the parts of the address.
    near: Vec<[String; 2]>,
    /// What else there is to know, as which filters there are.
    help: Option<Message>,
}

impl Fault {
    fn new(status: StatusCode, message: Message) -> Self {
        Self { status, message, near: Vec::new(), help: None }
    }

    pub(super) fn bad_request(message: Message) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// There is no such thing; these may be meant, each by its kind and its name.
    pub(super) fn not_found(message: Message, near: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let near = near.into_iter().map(|(kind, name)| [kind.to_owned(), name]).collect();
        Self { near, ..Self::new(StatusCode::NOT_FOUND, message) }
    }

    /// Why something is not there that is of this kind.
    pub(super) fn missing(missing: Missing, kind: &'static str) -> Self {
        match missing {
            Missing::Rejected(rejected) => rejected.into(),
            Missing::Unknown { error, nearest, machines } => {
                Self::not_found(error, nearest.into_iter().chain(machines).map(|name| (kind, name)))
            }
        }
    }

    #[must_use]
    pub(super) fn with_help(self, help: Message) -> Self {
        Self { help: Some(help), ..self }
    }

    /// The page that says so.
    pub(super) fn show(&self, frame: &Frame) -> Response {
        let link = |[kind, name]: &[String; 2]| {
            let parts: &[&str] = if name.is_empty() { &[kind] } else { &[kind, name] };
            let text = if name.is_empty() { format!("/{kind}") } else { name.clone() };
            Link { href: frame.address(parts, &[]), text, is_current: false }
        };
        let page = FaultPage {
            frame,
            status: self.status.as_u16(),
            said: self.message.in_words(frame.words),
            near: self.near.iter().map(link).collect(),
            help: self.help.as_ref().map(|help| help.in_words(frame.words)),
        };
        let mut response = frame.show(self.status, &page);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response
    }
}

impl From<Message> for Fault {
    fn from(message: Message) -> Self {
        Self::bad_request(message)
    }
}

impl From<Rejected> for Fault {
    fn from(rejected: Rejected) -> Self {
        let Rejected(status, message) = rejected;
        Self::new(status, message)
    }
}

impl From<Missing> for Fault {
    fn from(missing: Missing) -> Self {
        Self::missing(missing, "machines")
    }
}

#[derive(Debug, Template)]
#[template(path = "fault.html", whitespace = "minimize")]
struct FaultPage<'a> {
    frame: &'a Frame,
    status: u16,
    said: String,
    near: Vec<Link>,
    help: Option<String>,
}

/// What is answered where there is no page: one that says so to people, with the nearest, and nothing to programs.
pub(in crate::web) async fn not_found(
    State(sources): State<Sources>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let takes_html =
        headers.get_all(ACCEPT).iter().any(|value| value.to_str().is_ok_and(|it| it.contains("text/html")));
    if method != Method::GET || !takes_html || uri.path().starts_with("/api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let first = uri.path().trim_start_matches('/').split('/').next().unwrap_or_default().to_lowercase();
    let near = nearest(&first, PAGES).and_then(|near| PAGES.into_iter().find(|page| *page == near));
    let near = near.map(|page| (page, String::new()));
    let said = message!("page-unknown", address = quoted(uri.path()));
    Fault::not_found(said, near).show(&Frame::new(&sources, &uri, &headers, None::<Tab>))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_may_be_meant_as_text() {
        let sources = crate::web::tests::sources();
        let frame = Frame::new(&sources, &"/paths/x".parse().unwrap(), &HeaderMap::new(), None::<Tab>);
        let name = "<script>\"'&".to_owned();
        let fault = Fault::not_found(message!("machine-not-meant", name = "x"), [("paths", name)]);
        let near = fault.near.iter().map(|[kind, name]| Link {
            href: frame.address(&[kind, name], &[]),
            text: name.clone(),
            is_current: false,
        });
        let near = near.collect();
        let html = FaultPage { frame: &frame, status: 404, said: fault.message.to_string(), near, help: None }.render();
        let html = html.unwrap();
        assert!(html.contains("href=\"./../paths/%3Cscript%3E%22%27%26\""), "{html}");
        assert!(html.contains("&#60;script&#62;") && !html.contains("<script>\""), "{html}");
    }
}
