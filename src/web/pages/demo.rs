//! The bar that `gracewatch demo` has at the top of each page: a button to each fault, which switches it on and off.
//! Whoever runs the demo says which faults there are and switches them; what the bar looks like is the layout's.

use crate::catalogue::message;
use crate::text::Words;
use crate::web::Sources;
use crate::web::language::{in_language, of_request};
use crate::web::rejected::Rejected;
use crate::web::reload::is_of_another_site;
use crate::words::nearest;
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// What the bar shows, and what its buttons do.
pub trait DemoBar: Debug + Send + Sync {
    /// The faults, in order, with their labels in the words of the reader.
    fn faults(&self, words: Words) -> Vec<DemoFault>;

    /// Switches a fault on or off; false where there is none of this name. What that takes is not waited for.
    fn switch(&self, name: &str, is_on: bool) -> bool;
}

/// A fault that can be switched on and off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoFault {
    /// Its name, as `--fault` takes it: lower case letters, digits and hyphens.
    pub name: String,
    /// What the button says.
    pub label: String,
    /// True where the fault is there.
    #[serde(rename = "on")]
    pub is_on: bool,
}

/// What a button sends.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Switch {
    on: bool,
    /// The page that it is on, as an address below the root without its first slash.
    #[serde(default)]
    back: String,
}

/// `GET /demo`: the faults, and which are on.
pub(in crate::web) async fn faults(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let language = of_request(&uri, &headers);
    let faults = known(&sources, language.into());
    in_language(Json(serde_json::json!({ "faults": faults })).into_response(), language)
}

fn known(sources: &Sources, words: Words) -> Vec<DemoFault> {
    sources.pages.demo.as_ref().map(|demo| demo.faults(words)).unwrap_or_default()
}

/// `POST /demo/NAME`: switches a fault, and leads back to the page.
pub(in crate::web) async fn switch(
    State(sources): State<Sources>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    form: Result<Form<Switch>, FormRejection>,
) -> Response {
    // A name that a stranger's DNS leads here may switch what is a play anyway.
    if is_of_another_site(&uri, &headers, true) {
        return Rejected(StatusCode::FORBIDDEN, message!("demo-other-site")).into_response();
    }
    let Switch { on, back } = match form {
        Ok(Form(switch)) => switch,
        Err(rejection) => {
            return Rejected::bad_request(message!("parameters", error = rejection.body_text(), known = "on, back"))
                .into_response();
        }
    };
    if !sources.pages.demo.as_ref().is_some_and(|demo| demo.switch(&name, on)) {
        let known = known(&sources, Words::ENGLISH);
        let names = || known.iter().map(|fault| fault.name.as_str());
        let error = match nearest(&name, names()) {
            Some(near) => message!("demo-no-such-fault", near = near),
            None => message!("demo-fault-unknown", known = names().collect::<Vec<_>>().join(", ")),
        };
        return Rejected(StatusCode::NOT_FOUND, error).into_response();
    }
    // From `/demo/NAME` the root is one up. Whatever is sent stays below it.
    let back = back.trim_start_matches(['/', '\\', '.']);
    let is_plain = back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') && !back.contains("..");
    let location = format!("../{}", if is_plain { back } else { "" });
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
