//! One HTTP GET (RFC 9112), for asking servers that speak it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::place::Place;

/// How long the server may take for any one step.
const PATIENCE: Duration = Duration::from_secs(5);

/// A response's status code and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: String,
}

/// Fetches `path` (with its query, if it has one).
pub fn get(address: SocketAddr, path: &str) -> io::Result<Response> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // Version 1.0 keeps the response from being chunked and ends it with the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    parse(&response).ok_or_else(|| io::Error::other(format!("not an HTTP response: {response:?}")))
}

/// The same, from where a place is.
pub fn get_at(place: &Place, address: SocketAddr, path: &str) -> io::Result<Response> {
    place.run(|| get(address, path))
}

fn parse(response: &str) -> Option<Response> {
    let (head, body) = response.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Response { status, body: body.to_owned() })
}

/// Encodes text for use as the value of a query parameter (RFC 3986, section 2.1).
pub fn encode_parameter(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
