//! HTTP requests to the daemon, from here or from within the network it is in.

use std::net::SocketAddr;
use std::time::Duration;

pub use crate::servers::client::client;
use crate::servers::netns::Namespace;
use crate::servers::program;

use super::program::run;

/// How long an answer may take. A database that is down is waited for, for 5 seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The request for inside a namespace, which a process cannot step into in safe Rust.
const REQUEST: &str = include_str!("request.py");

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// Sends a request without a body.
pub fn send(namespace: Option<&Namespace>, method: &str, address: SocketAddr, path: &str) -> Response {
    let url = format!("http://{address}{path}");
    match namespace {
        None => send_from_here(method, &url),
        Some(namespace) => send_from_inside(namespace, method, &url),
    }
}

fn send_from_here(method: &str, url: &str) -> Response {
    let client = client().timeout(PATIENCE).build();
    let method = method.parse().expect("the method is one");
    let response = client.and_then(|client| client.request(method, url).send());
    let response = response.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    Response {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: response.text().expect("the body is text"),
    }
}

fn send_from_inside(namespace: &Namespace, method: &str, url: &str) -> Response {
    let mut command = namespace.command(program::python());
    command.args(["-c", REQUEST, method, url]);
    let printed = run(command);
    let mut parts = printed.stdout.splitn(3, '\n');
    let mut next = || parts.next().unwrap_or_else(|| panic!("{url}: {}", printed.stderr));
    let status = next().parse().unwrap_or_else(|_| panic!("{url}: {}", printed.stderr));
    Response { status, content_type: next().to_owned(), body: next().to_owned() }
}
