//! `POST /api/v1/status`: reports sent as collectors send them.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::Value;

use super::request;

/// How long an answer may take: a body may wait for its turn, and for a store that is slow.
const PATIENCE: Duration = Duration::from_mins(1);

/// A sender of reports, which keeps its connection.
#[derive(Debug, Clone)]
pub struct Sender {
    client: Client,
    url: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<String>,
    pub www_authenticate: Option<String>,
    pub json: Value,
}

impl Sender {
    /// One without a token.
    pub fn anonymous(address: SocketAddr) -> Self {
        let client = request::client().timeout(PATIENCE).build().expect("a client can be built");
        Self { client, url: format!("http://{address}/api/v1/status"), token: None }
    }

    /// One with a token.
    pub fn with_token(address: SocketAddr, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::anonymous(address) }
    }

    /// One that posts to where machines enrol.
    pub fn enrolling(address: SocketAddr, token: &str) -> Self {
        Self { url: format!("http://{address}/api/v1/enrol"), ..Self::with_token(address, token) }
    }

    /// Sends a body as it is.
    pub fn send(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.request("", body).unwrap_or_else(|error| panic!("{}: {error}", self.url))
    }

    /// Sends a body to the address with this query, such as `?machine=ws1`.
    pub fn send_to(&self, query: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.request(query, body).unwrap_or_else(|error| panic!("{}{query}: {error}", self.url))
    }

    /// Sends a body that is said to be encoded in this way.
    pub fn send_encoded(&self, encoding: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.prepare("").header("content-encoding", encoding).body(body.into());
        answer(request).unwrap_or_else(|error| panic!("{}: {error}", self.url))
    }

    /// Sends a body, where it may be that nobody answers any more.
    pub fn try_to_send(&self, body: impl Into<Vec<u8>>) -> Option<Answer> {
        self.request("", body).ok()
    }

    fn request(&self, query: &str, body: impl Into<Vec<u8>>) -> reqwest::Result<Answer> {
        answer(self.prepare(query).body(body.into()))
    }

    fn prepare(&self, query: &str) -> RequestBuilder {
        let request = self.client.post(format!("{}{query}", self.url));
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }
}

impl Answer {
    /// A number in the answer.
    pub fn count(&self, key: &str) -> u64 {
        self.json[key].as_u64().unwrap_or_else(|| panic!("no {key} in {}", self.json))
    }

    /// Status and counts: `202 stored 2 unchanged 0 outdated 0 refused 1`.
    pub fn outcome(&self) -> String {
        let counts = ["stored", "unchanged", "outdated", "refused"].map(|key| format!("{key} {}", self.count(key)));
        format!("{} {}", self.status, counts.join(" "))
    }

    /// Why it was rejected.
    pub fn error(&self) -> &str {
        self.json["error"].as_str().unwrap_or_else(|| panic!("no error in {}", self.json))
    }
}

fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send()?;
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (retry_after, www_authenticate) = (header("retry-after"), header("www-authenticate"));
    let status = response.status().as_u16();
    let text = response.text()?;
    let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text:?}"));
    Ok(Answer { status, retry_after, www_authenticate, json })
}

/// Compresses a body.
pub fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
