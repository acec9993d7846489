//! What is sent to the server, and what becomes of it.

use super::body::{self, Body};
use super::trouble::{Outcome, Trouble};
use crate::catalogue::{Message, message};
use crate::config::{Agent, read_bounded, read_roots};
use crate::license::product_key;
use crate::online::trust::roots_of_system;
use crate::secret::Secret;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Proxy, Response, StatusCode, redirect};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use serde::Deserialize;
use serde_json::json;
use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long a connection may take, and an answer: the server gives up after two minutes.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(130);

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 256 * 1024;

/// The longest file of a token, a certificate or a key, in bytes.
const MAX_FILE: u64 = 256 * 1024;

/// The longest that a server may ask to be left alone.
const MAX_REST: Duration = Duration::from_mins(15);

/// A server, and who reports to it. Made anew for each run, so that files that were exchanged meanwhile count.
pub(super) struct Sender {
    client: Client,
    server: Url,
    token: Secret,
}

/// What became of bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// All of it is on disk there.
    Accepted { is_name_shared: bool },
    /// The server takes others, and not this, or not all of it: why.
    Refused(Trouble),
    /// It takes nothing for now: why, and how long it asks to be left alone.
    Failed(Trouble, Option<Duration>),
}

/// What the server says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    accepted: Option<u64>,
    refused: u64,
    refusals: Vec<Refusal>,
    error: Option<String>,
    shared_names: Vec<String>,
    /// The machine that is enrolled.
    machine: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    reason: String,
}

impl Sender {
    /// A sender to `server`, as an agent is configured.
    ///
    /// # Errors
    /// What is wrong with a file that it needs.
    pub(super) fn new(agent: &Agent, server: &Url, token: Secret) -> Result<Self, Message> {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls(agent)?)
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            // Whoever leads elsewhere would be given the token.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("gracewatch-agent/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if let Some(known) = agent.proxy_to(server) {
            let address = format!("{}://{}", known.protocol.as_str(), known.host);
            let mut proxy = Proxy::all(address).map_err(|error| other(&error))?;
            if let Some(credentials) = &known.credentials {
                proxy = proxy.basic_auth(&credentials.username, credentials.password.reveal());
            }
            builder = builder.proxy(proxy);
        }
        Ok(Self { client: builder.build().map_err(|error| other(&error))?, server: server.clone(), token })
    }

    /// The address of what is posted to.
    fn url(&self, last: &str) -> Url {
        let mut url = self.server.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1", last]);
        }
        url
    }

    /// Enrols a token that a machine made for itself. Doing so again does no harm.
    ///
    /// # Errors
    /// Why it is not enrolled, and how long the server asks to be left alone.
    pub(super) async fn enrol(&self, machine: &str, token: &Secret) -> Result<(), (Trouble, Option<Duration>)> {
        let body = json!({"machine": machine, "token": token.reveal()}).to_string();
        let request = self.client.post(self.url("enrol")).bearer_auth(self.token.reveal());
        let answer = request.header(CONTENT_TYPE, "application/json").body(body).send().await;
        let answer = answer.map_err(|error| (trouble(&error), None))?;
        let (status, rest) = (answer.status(), retry_after(&answer));
        let said = text(answer).await.map_err(|error| (trouble(&error), None))?;
        judge_enrolment(status, serde_json::from_slice(&said).ok()).map_err(|trouble| (trouble, rest))
    }

    /// Sends one text, or several reports at once.
    pub(super) async fn send(&self, bodies: &[Body]) -> Answer {
        let mut url = self.url("status");
        if let [only] = bodies
            && !only.about.is_report
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(only.about.machine.iter().map(|machine| ("machine", machine)));
            query.append_pair("reported_at", &only.about.reported_at.0.to_string());
        }
        let packed = match body::compressed(&body::joined(bodies)) {
            Ok(packed) => packed,
            Err(error) => return Answer::Refused(Trouble::new(Outcome::ContentRefused, error)),
        };
        let request = self.client.post(url).bearer_auth(self.token.reveal()).header(CONTENT_ENCODING, "gzip");
        let answer = match request.body(packed).send().await {
            Ok(answer) => answer,
            Err(error) => return Answer::Failed(trouble(&error), None),
        };
        let (status, rest) = (answer.status(), retry_after(&answer));
        let said = match text(answer).await {
            Ok(text) => serde_json::from_slice::<Said>(&text).ok(),
            Err(error) => return Answer::Failed(trouble(&error), None),
        };
        judge(status, said, rest)
    }
}

/// What an answer to a machine that enrols means.
fn judge_enrolment(status: StatusCode, said: Option<Said>) -> Result<(), Trouble> {
    let said = said.unwrap_or_default();
    let outcome = match status {
        StatusCode::OK | StatusCode::CREATED if said.machine.is_some() => return Ok(()),
        StatusCode::CONFLICT if said.error.is_some() => Outcome::AlreadyEnrolled,
        StatusCode::GONE if said.error.is_some() => Outcome::MachineRevoked,
        StatusCode::BAD_REQUEST if said.error.is_some() => Outcome::NotEnrolled,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Outcome::NotEnrolled,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Outcome::ServerUnavailable,
        status if status.is_server_error() => Outcome::ServerUnavailable,
        _ => Outcome::NotGracewatch,
    };
    Err(Trouble::new(outcome, why(status, &said)))
}

/// What the server says of what it does not take.
fn why(status: StatusCode, said: &Said) -> String {
    let first = said.refusals.first().map(|refusal| refusal.reason.as_str());
    let why = first.or(said.error.as_deref()).map(|text| product_key::cut(text).into_owned());
    why.unwrap_or_else(|| format!("HTTP {}", status.as_u16()))
}

/// What an answer means.
fn judge(status: StatusCode, said: Option<Said>, rest: Option<Duration>) -> Answer {
    let said = said.unwrap_or_default();
    let why = why(status, &said);
    let failed = |outcome| Answer::Failed(Trouble::new(outcome, &why), rest);
    let refused = |outcome| Answer::Refused(Trouble::new(outcome, &why));
    match status {
        StatusCode::ACCEPTED if said.accepted.is_some() && said.refused == 0 => {
            Answer::Accepted { is_name_shared: !said.shared_names.is_empty() }
        }
        StatusCode::ACCEPTED if said.accepted.is_some() => refused(Outcome::ContentRefused),
        // It is the server's word on these reports, or that of something before it on all.
        StatusCode::FORBIDDEN if said.accepted.is_some() => refused(Outcome::NotAllowed),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => failed(Outcome::TokenRejected),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => failed(Outcome::ServerUnavailable),
        status if status.is_server_error() => failed(Outcome::ServerUnavailable),
        StatusCode::BAD_REQUEST
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY
            if said.error.is_some() || said.accepted.is_some() =>
        {
            refused(Outcome::ContentRefused)
        }
        _ => failed(Outcome::NotGracewatch),
    }
}

async fn text(mut answer: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut text = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        text.extend_from_slice(&chunk);
        if text.len() > MAX_ANSWER {
            break;
        }
    }
    Ok(text)
}

/// How long the server asks to be left alone, in whole seconds.
fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_REST))
}

/// Why no answer came.
fn trouble(error: &reqwest::Error) -> Trouble {
    let mut innermost: &(dyn Error + 'static) = error;
    loop {
        if let Some(fault) = of_tls(innermost) {
            return fault;
        }
        match innermost.source() {
            Some(source) => innermost = source,
            None => break,
        }
    }
    let detail = if error.is_timeout() { "it does not answer in time".to_owned() } else { innermost.to_string() };
    Trouble::new(Outcome::ServerUnreachable, detail)
}

/// What is wrong with the certificate of whoever answers, where that is why.
fn of_tls(error: &(dyn Error + 'static)) -> Option<Trouble> {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    let mut fault = error;
    // What is wrapped in such an error is not its source.
    while let Some(inner) = fault.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        fault = inner;
    }
    let fault = fault.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(why) = fault else { return None };
    let outcome = match why {
        Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. } => Outcome::CertificateInvalid,
        _ => Outcome::Intercepted,
    };
    Some(Trouble::new(outcome, fault))
}

/// Whom TLS trusts, and who this is.
fn tls(agent: &Agent) -> Result<ClientConfig, Message> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(roots_of_system());
    if let Some(file) = &agent.ca_file {
        roots.add_parsable_certificates(read_roots(file).map_err(|fault| of_file(file, fault))?);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| other(&error))?.with_root_certificates(roots);
    let Some((certificate, key)) = &agent.client else { return Ok(config.with_no_client_auth()) };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(certificate)?).collect();
    let chain = chain.map_err(|_| of_file(certificate, message!("file-no-certificates")))?;
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| of_file(key, message!("file-no-key")))?;
    config.with_client_auth_cert(chain, private).map_err(|error| of_file(certificate, other(&error)))
}

/// The first line of a file.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn first_line(file: &Path) -> Result<Secret, Message> {
    let text = String::from_utf8(read(file)?).map_err(|_| of_file(file, message!("file-not-utf8")))?;
    let text = Secret::new(text);
    let line = text.reveal().trim_start_matches('\u{feff}').lines().next().unwrap_or_default().trim();
    if line.is_empty() || !line.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(of_file(file, message!("agent-no-token")));
    }
    Ok(Secret::new(line))
}

fn read(file: &Path) -> Result<Vec<u8>, Message> {
    read_bounded(file, MAX_FILE).map_err(|fault| of_file(file, fault))
}

fn of_file(file: &Path, fault: Message) -> Message {
    message!("config-fault-at", place = file.display().to_string(), fault = fault)
}

fn other(error: &dyn Error) -> Message {
    message!("other-error", error = error.to_string().split(" (os error").next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, answer: &str) -> (&'static str, Option<Outcome>) {
        match judge(StatusCode::from_u16(status).unwrap(), serde_json::from_str(answer).ok(), None) {
            Answer::Accepted { is_name_shared: false } => ("accepted", None),
            Answer::Accepted { is_name_shared: true } => ("shared", None),
            Answer::Refused(trouble) => ("refused", Some(trouble.outcome)),
            Answer::Failed(trouble, _) => ("failed", Some(trouble.outcome)),
        }
    }

    #[test]
    fn an_answer_is_what_the_server_says_and_a_page_of_others_is_none() {
        for (status, answer, expected) in [
            (202, r#"{"accepted": 2, "refused": 0}"#, ("accepted", None)),
            (202, r#"{"accepted": 2, "refused": 0, "shared_names": ["ws01"]}"#, ("shared", None)),
            (202, r#"{"accepted": 1, "refused": 1}"#, ("refused", Some(Outcome::ContentRefused))),
            (202, "<html>", ("failed", Some(Outcome::NotGracewatch))),
            (200, r#"{"accepted": 2}"#, ("failed", Some(Outcome::NotGracewatch))),
            (302, "", ("failed", Some(Outcome::NotGracewatch))),
            (404, r#"{"error": "x"}"#, ("failed", Some(Outcome::NotGracewatch))),
            (401, r#"{"error": "x"}"#, ("failed", Some(Outcome::TokenRejected))),
            (403, r#"{"accepted": 0, "refused": 1}"#, ("refused", Some(Outcome::NotAllowed))),
            (403, "<html>", ("failed", Some(Outcome::TokenRejected))),
            (422, r#"{"accepted": 0, "error": "x"}"#, ("refused", Some(Outcome::ContentRefused))),
            (422, "<html>", ("failed", Some(Outcome::NotGracewatch))),
            (413, r#"{"error": "x"}"#, ("refused", Some(Outcome::ContentRefused))),
            (429, "", ("failed", Some(Outcome::ServerUnavailable))),
            (503, r#"{"error": "x"}"#, ("failed", Some(Outcome::ServerUnavailable))),
        ] {
            assert_eq!(judged(status, answer), expected, "{status} {answer}");
        }
    }

    #[test]
    fn an_answer_to_a_machine_that_enrols_is_what_the_server_says() {
        for (status, answer, expected) in [
            (201, r#"{"machine": "ws01"}"#, None),
            (200, r#"{"machine": "ws01"}"#, None),
            (200, "<html>", Some(Outcome::NotGracewatch)),
            (404, r#"{"error": "x"}"#, Some(Outcome::NotGracewatch)),
            (400, r#"{"error": "x"}"#, Some(Outcome::NotEnrolled)),
            (401, r#"{"error": "x"}"#, Some(Outcome::NotEnrolled)),
            (403, r#"{"error": "x"}"#, Some(Outcome::NotEnrolled)),
            (409, r#"{"error": "x"}"#, Some(Outcome::AlreadyEnrolled)),
            (409, "<html>", Some(Outcome::NotGracewatch)),
            (410, r#"{"error": "x"}"#, Some(Outcome::MachineRevoked)),
            (429, "", Some(Outcome::ServerUnavailable)),
            (503, "", Some(Outcome::ServerUnavailable)),
            (507, r#"{"error": "x"}"#, Some(Outcome::ServerUnavailable)),
        ] {
            let judged = judge_enrolment(StatusCode::from_u16(status).unwrap(), serde_json::from_str(answer).ok());
            assert_eq!(judged.err().map(|trouble| trouble.outcome), expected, "{status} {answer}");
        }
    }

    #[test]
    fn what_the_server_says_holds_no_key() {
        let said = r#"{"error": "BCDFG-HJKMN-PQRTV-WXY23-46789 is no report", "accepted": 0}"#;
        let Answer::Refused(trouble) = judge(StatusCode::UNPROCESSABLE_ENTITY, serde_json::from_str(said).ok(), None)
        else {
            panic!()
        };
        assert!(trouble.detail.contains("46789") && !trouble.detail.contains("HJKMN"), "{}", trouble.detail);
    }
}
