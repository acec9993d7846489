//! curl: a client of HTTP and TLS that shows what it got.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use super::program::run;
use crate::servers::program;

/// What curl got; a status of zero where there was no answer.
#[derive(Debug)]
pub struct Fetched {
    /// `2` or `1.1`, where there was an answer.
    pub version: String,
    pub status: u16,
    /// The lines of the header, names in lower case.
    pub headers: Vec<String>,
    pub body: String,
}

impl Fetched {
    /// The value of a header; `None` where there is none.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }
}

/// A request by curl.
#[derive(Debug)]
pub struct Curl(Command);

impl Curl {
    /// Of a URL.
    pub fn new(url: &str) -> Self {
        let mut command = Command::new(program::find("curl", "curl"));
        command.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20", "--include", url]);
        Self(command)
    }

    /// With more arguments.
    pub fn with<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.0.args(arguments);
        self
    }

    /// With a root that vouches for the server.
    pub fn trusting(self, root: &Path) -> Self {
        self.with(["--cacert".as_ref(), root.as_os_str()])
    }

    /// Fetches it.
    pub fn fetch(self) -> Fetched {
        let printed = run(self.0);
        let (head, body) = printed.stdout.split_once("\r\n\r\n").unwrap_or_default();
        let mut lines = head.lines();
        let mut words = lines.next().unwrap_or_default().trim_start_matches("HTTP/").split(' ');
        let version = words.next().unwrap_or_default().to_owned();
        let status = words.next().and_then(|status| status.parse().ok()).unwrap_or_default();
        let lower = |line: &str| match line.split_once(": ") {
            Some((name, value)) => format!("{}: {value}", name.to_lowercase()),
            None => line.to_owned(),
        };
        let headers = lines.map(lower).collect();
        Fetched { version, status, headers, body: body.to_owned() }
    }
}
