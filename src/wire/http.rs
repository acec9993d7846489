//! HTTP/1.1 (RFC 9112): a request, the head of whatever is answered, and the challenges of a proxy in it.

use crate::observation::{Detail, detail};
use crate::words::quoted;
use std::fmt;

/// The longest head of an answer that is read, in bytes: as much as the proxies in use send, and more.
pub const MAX_HEAD: usize = 65_536;

/// The most header fields of an answer.
const MAX_FIELDS: usize = 128;

/// The most challenges of a proxy that are shown.
const MAX_CHALLENGES: usize = 8;

/// How we introduce ourselves.
const USER_AGENT: &str = concat!("gracewatch/", env!("CARGO_PKG_VERSION"));

/// A request without a body.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `HEAD` or `CONNECT`.
    pub method: &'a str,
    /// What is asked for: a path, a whole URL of a proxy, or `host:port` for a tunnel (RFC 9112 section 3.2).
    pub target: &'a str,
    /// The host it is asked of, with the port unless that is the usual one.
    pub host: &'a str,
    /// The value of `Proxy-Authorization`, where there is one.
    pub proxy_authorization: Option<&'a str>,
    /// True where the connection is to stay open after the answer.
    pub keep_alive: bool,
}

impl Request<'_> {
    /// The request as it is sent.
    pub fn encode(&self) -> Vec<u8> {
        let Self { method, target, host, .. } = self;
        let connection = if self.keep_alive { "keep-alive" } else { "close" };
        let mut text = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\nConnection: \
             {connection}\r\n"
        );
        if let Some(authorization) = self.proxy_authorization {
            // Proxies older than HTTP/1.1 go by their own field, and keep the connection for a login in several steps.
            let fields = ["Proxy-Connection: ", connection, "\r\nProxy-Authorization: ", authorization, "\r\n"];
            text.extend(fields);
        }
        text += "\r\n";
        text.into_bytes()
    }
}

/// The head of an answer: its status line and its header fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Status, 100 to 999.
    pub status: u16,
    /// What the server calls the status; may be empty.
    pub phrase: String,
    /// True for HTTP/1.0, where connections are closed unless said otherwise.
    pub is_old: bool,
    fields: Vec<(String, String)>,
}

/// Why bytes are no head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoHead {
    /// Not HTTP.
    Foreign,
    /// HTTP that cannot be read.
    Malformed,
    /// More header fields than anyone needs.
    TooManyFields,
    /// No end within [`MAX_HEAD`].
    TooLong,
}

impl NoHead {
    /// What is wrong with it.
    pub const fn detail(self) -> Detail {
        match self {
            Self::Foreign => detail!("not-http"),
            Self::Malformed => detail!("http-head-malformed"),
            Self::TooManyFields => detail!("http-head-fields"),
            Self::TooLong => detail!("http-head-long"),
        }
    }
}

impl Head {
    /// Reads a head from the front of `bytes`, and says how long it is. `None` where it is not all there yet.
    ///
    /// # Errors
    /// [`NoHead`] where more bytes would not make it one.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, NoHead> {
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut response = httparse::Response::new(&mut fields);
        // Appliances are not all as exact as the specification.
        let parsed = httparse::ParserConfig::default()
            .allow_spaces_after_header_name_in_responses(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_multiple_spaces_in_response_status_delimiters(true)
            .ignore_invalid_headers_in_responses(true)
            .parse_response(&mut response, bytes);
        let parsed = parsed.map_err(|error| match error {
            httparse::Error::TooManyHeaders => NoHead::TooManyFields,
            _ if bytes.starts_with(b"HTTP/1.") => NoHead::Malformed,
            _ => NoHead::Foreign,
        })?;
        let httparse::Status::Complete(length) = parsed else {
            return if bytes.len() >= MAX_HEAD { Err(NoHead::TooLong) } else { Ok(None) };
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let head = Self {
            status: response.code.unwrap_or_default(),
            phrase: quoted(response.reason.unwrap_or_default()),
            is_old: response.version == Some(0),
            fields: response.headers.iter().map(|field| (field.name.to_owned(), text(field.value))).collect(),
        };
        Ok(Some((head, length)))
    }

    /// The values of a header field, whatever the case of its name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The first value of a header field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Where a redirect leads, in a length that can be shown.
    pub fn location(&self) -> Option<String> {
        let is_redirect = (300..400).contains(&self.status);
        self.value("Location").filter(|_| is_redirect).map(quoted)
    }

    /// The authentication schemes a proxy offers (RFC 9110 section 11.7.1), each once, in its order.
    pub fn schemes(&self) -> Vec<String> {
        let mut schemes: Vec<String> = Vec::new();
        for challenge in self.challenges() {
            let scheme = quoted(challenge.split(' ').next().unwrap_or_default());
            if schemes.len() < MAX_CHALLENGES && !schemes.iter().any(|known| known.eq_ignore_ascii_case(&scheme)) {
                schemes.push(scheme);
            }
        }
        schemes
    }

    /// What a scheme's challenge carries beside its name; `None` where the scheme is not offered.
    pub fn challenge(&self, scheme: &str) -> Option<&str> {
        let mut challenges = self.challenges();
        let is_of_scheme =
            |challenge: &&str| challenge.split(' ').next().unwrap_or_default().eq_ignore_ascii_case(scheme);
        let challenge = challenges.find(is_of_scheme)?;
        Some(challenge.split_once(' ').map_or("", |(_, rest)| rest.trim()))
    }

    /// The challenges, one or several to a field. A comma divides challenges, and the parameters of one.
    fn challenges(&self) -> impl Iterator<Item = &str> {
        let parts = self.all("Proxy-Authenticate").flat_map(unquoted_commas).map(str::trim);
        // After the first word of a parameter comes an equals sign, with or without space; after a scheme none does.
        let is_parameter = |part: &str| match part.split_once('=') {
            Some((before, _)) => !before.trim_end().contains(' '),
            None => false,
        };
        parts.filter(move |part| !part.is_empty() && !is_parameter(part))
    }

    /// How the body ends, where the connection stays open after it and can be used again.
    pub fn body(&self) -> Option<Body> {
        let says = |word: &str| {
            let fields = self.all("Connection").chain(self.all("Proxy-Connection"));
            fields.map(str::to_ascii_lowercase).any(|value| value.contains(word))
        };
        if says("close") || (self.is_old && !says("keep-alive")) {
            return None;
        }
        match self.value("Transfer-Encoding") {
            Some(coding) if coding.eq_ignore_ascii_case("chunked") => Some(Body::Chunked),
            Some(_) => None,
            None => self.value("Content-Length")?.parse().ok().map(Body::Length),
        }
    }
}

/// How a body ends (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// After so many bytes.
    Length(u64),
    /// With a chunk of no length.
    Chunked,
}

/// The length of a chunk, from the line before it (RFC 9112 section 7.1). `None` where it is no such line.
pub fn chunk_length(line: &str) -> Option<u64> {
    let digits = line.split(';').next().unwrap_or_default().trim();
    u64::from_str_radix(digits, 16).ok()
}

/// The status and what the server calls it: `403 Forbidden`.
impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.phrase.as_str() {
            "" => self.status.fmt(formatter),
            phrase => write!(formatter, "{} {phrase}", self.status),
        }
    }
}

/// The parts of a header field between the commas that stand outside of quotes.
fn unquoted_commas(value: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value.split(move |character| {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        character == ',' && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head(text: &str) -> Head {
        let (head, length) = Head::decode(text.as_bytes()).unwrap().unwrap();
        assert_eq!(length, text.len());
        head
    }

    fn offering(offers: &[&str]) -> Head {
        let offers: Vec<_> = offers.iter().map(|offer| format!("Proxy-Authenticate: {offer}\r\n")).collect();
        head(&format!("HTTP/1.1 407 Proxy Authentication Required\r\n{}\r\n", offers.concat()))
    }

    #[test]
    fn a_request_has_a_host_and_credentials_only_where_there_are_some() {
        let request = Request {
            method: "CONNECT",
            target: "a.example:443",
            host: "a.example:443",
            proxy_authorization: None,
            keep_alive: true,
        };
        let text = String::from_utf8(request.encode()).unwrap();
        assert!(text.starts_with("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nUser-Agent: gracewatch/"));
        assert!(text.ends_with("\r\nConnection: keep-alive\r\n\r\n") && !text.contains("Proxy-"), "{text}");
        let request = Request { proxy_authorization: Some("Basic eA=="), keep_alive: false, ..request };
        let text = String::from_utf8(request.encode()).unwrap();
        assert!(text.ends_with("\r\nProxy-Connection: close\r\nProxy-Authorization: Basic eA==\r\n\r\n"), "{text}");
    }

    #[test]
    fn a_head_is_read_up_to_its_end_and_no_further() {
        let bytes = b"HTTP/1.0 200 Connection established\r\nVia: 1.0 tinyproxy\r\n\r\n\x16\x03\x01";
        let (head, length) = Head::decode(bytes).unwrap().unwrap();
        assert_eq!((head.to_string().as_str(), head.is_old), ("200 Connection established", true));
        assert_eq!(&bytes[length..], b"\x16\x03\x01");
        for length in 0..length {
            assert_eq!(Head::decode(&bytes[..length]), Ok(None), "{length} bytes");
        }
    }

    #[test]
    fn what_is_no_head_is_reported_at_once() {
        for bytes in [b"SSH-2.0-OpenSSH_9.2\r\n".as_slice(), b"\x05\x00", b"220 smtp ready\r\n", b"\x16\x03\x01\x02"] {
            assert_eq!(Head::decode(bytes), Err(NoHead::Foreign), "{bytes:?}");
        }
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(129));
        assert_eq!(Head::decode(many.as_bytes()), Err(NoHead::TooManyFields));
        let long = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(MAX_HEAD));
        assert_eq!(Head::decode(long.as_bytes()), Err(NoHead::TooLong));
    }

    #[test]
    fn schemes_are_found_in_one_field_and_in_several() {
        assert_eq!(offering(&["Negotiate", "NTLM", "Basic realm=\"x\""]).schemes(), ["Negotiate", "NTLM", "Basic"]);
        let together =
            offering(&["Negotiate, NTLM, Basic realm=\"a, Digest b\", charset=\"UTF-8\", Digest nonce=\"\\\",\""]);
        assert_eq!(together.schemes(), ["Negotiate", "NTLM", "Basic", "Digest"]);
        assert_eq!(offering(&["Digest realm=\"a\", nonce = \"b\", qop=auth"]).schemes(), ["Digest"]);
        assert_eq!(offering(&["NEGOTIATE", "negotiate oYG2MIGzoAMKAQGhCwYJKoZIgvcSAQIC=="]).schemes(), ["NEGOTIATE"]);
        assert_eq!(offering(&[]).schemes(), Vec::<String>::new());
        assert_eq!(offering(&["A, B, C, D, E, F, G, H, I, J"]).schemes().len(), MAX_CHALLENGES);
        let long = offering(&["x".repeat(5000).as_str()]).schemes();
        assert!(long[0].len() < 300, "{}", long[0]);
    }

    #[test]
    fn a_challenge_carries_what_follows_the_name() {
        let head = offering(&["Negotiate", "NTLM TlRMTVNTUAACAAAA=="]);
        assert_eq!(head.challenge("ntlm"), Some("TlRMTVNTUAACAAAA=="));
        assert_eq!((head.challenge("Negotiate"), head.challenge("Basic")), (Some(""), None));
    }

    #[test]
    fn a_connection_can_be_used_again_only_where_the_body_has_an_end() {
        let body = |fields: &str| head(&format!("{fields}\r\n\r\n")).body();
        assert_eq!(body("HTTP/1.1 407 x\r\nContent-Length: 12"), Some(Body::Length(12)));
        assert_eq!(body("HTTP/1.1 407 x\r\nContent-Length: 12\r\nConnection: Close"), None);
        assert_eq!(body("HTTP/1.1 407 x\r\nContent-Length: 12\r\nProxy-Connection: close"), None);
        assert_eq!(body("HTTP/1.1 407 x\r\nTransfer-Encoding: Chunked"), Some(Body::Chunked));
        assert_eq!(body("HTTP/1.1 407 x\r\nTransfer-Encoding: gzip, chunked"), None);
        assert_eq!(body("HTTP/1.0 407 x\r\nContent-Length: 12"), None);
        assert_eq!(
            body("HTTP/1.0 407 x\r\nContent-Length: 12\r\nProxy-Connection: keep-alive"),
            Some(Body::Length(12))
        );
        assert_eq!(body("HTTP/1.1 407 x\r\nContent-Length: -1"), None);
        assert_eq!(body("HTTP/1.1 407 x"), None);
    }

    #[test]
    fn a_chunk_says_how_long_it_is() {
        assert_eq!([chunk_length("1a\r\n"), chunk_length("0;name=value\r\n")], [Some(26), Some(0)]);
        assert_eq!([chunk_length(""), chunk_length("-1"), chunk_length("<html>")], [None; 3]);
    }

    #[test]
    fn what_is_not_quite_http_is_read_all_the_same() {
        let sloppy = head("HTTP/1.1  407  Who are you\r\nProxy-Authenticate : Basic realm=\"x\"\r\nno field\r\n\r\n");
        assert_eq!((sloppy.status, sloppy.schemes()), (407, vec!["Basic".to_owned()]));
        assert_eq!(Head::decode(b"HTTP/1.1 4o7 x\r\n\r\n"), Err(NoHead::Malformed));
    }

    #[test]
    fn a_location_counts_in_a_redirect_alone() {
        assert_eq!(head("HTTP/1.1 302 Found\r\nLocation: http://a/\r\n\r\n").location().as_deref(), Some("http://a/"));
        assert_eq!(head("HTTP/1.1 201 Created\r\nLocation: http://a/\r\n\r\n").location(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Head::decode(&bytes);
        }

        #[test]
        fn any_challenge_is_read_without_panic(value in "[ -~]{0,60}") {
            let offered = offering(&[&value]);
            prop_assert!(offered.schemes().iter().all(|scheme| !scheme.is_empty()));
            offered.challenge("Basic");
        }
    }
}
