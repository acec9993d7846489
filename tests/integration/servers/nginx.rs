//! nginx: a web server that wants to know who asks, as `WinRM` does, and says what time it is in the same breath; or
//! one with scripted answers, over TLS too.

use std::net::SocketAddr;

use super::certificates::Certificate;
use super::directory::TemporaryDirectory;
use super::place::Place;
use super::server::Server;
use super::{ask, faketime, program};

/// The shortest question there is.
pub const QUESTION: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// What it says at every URL.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// 401, and that it speaks Negotiate.
    Unauthorized,
    /// A status and a page.
    Page(u16, &'a str),
    /// 302 to another URL.
    Redirect(&'a str),
}

impl Answer<'_> {
    fn status(self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Page(status, _) => status,
            Self::Redirect(_) => 302,
        }
    }

    fn directives(self) -> String {
        match self {
            Self::Unauthorized => "add_header WWW-Authenticate Negotiate always;\nreturn 401;\n".to_owned(),
            Self::Page(status, page) => {
                assert!(!page.contains('$'), "nginx has no way to write a dollar sign in {page:?}");
                let page = page.replace('\\', "\\\\").replace('"', "\\\"");
                format!("default_type text/html;\nreturn {status} \"{page}\";\n")
            }
            Self::Redirect(url) => format!("return 302 {url};\n"),
        }
    }
}

/// What it speaks TLS with.
#[derive(Clone, Copy, Debug)]
pub struct Tls<'a> {
    /// What it shows of itself.
    pub certificate: &'a Certificate,
    /// The versions it speaks, as nginx names them: `TLSv1.2 TLSv1.3`. It speaks `TLSv1` and `TLSv1.1` only with
    /// clients that, like it, take signatures as weak as theirs.
    pub protocols: &'a str,
}

/// How it speaks TLS, its cipher suites of TLS 1.2 as OpenSSL names them, and further directives.
type Speech<'a> = (Tls<'a>, &'a str, String);

/// The usual cipher suites of TLS 1.2, as OpenSSL names them.
const CIPHERS: &str = "DEFAULT";

/// A running `nginx`. Its `Date` goes in whole seconds.
#[derive(Debug)]
pub struct Nginx {
    server: Server,
}

impl Nginx {
    /// Runs on 127.0.0.1 with this machine's clock.
    pub fn right() -> Self {
        Self::start_at(&Place::loopback(), None)
    }

    /// Runs on 127.0.0.1 with a clock shifted by `offset`, such as `+14700s`.
    pub fn faked(offset: &str) -> Self {
        Self::start_at(&Place::loopback(), Some(offset))
    }

    /// Runs on 127.0.0.1 and answers in plain HTTP.
    pub fn answering(answer: Answer<'_>) -> Self {
        Self::answering_at(&Place::loopback(), answer)
    }

    /// Answers in plain HTTP, anywhere.
    pub fn answering_at(place: &Place, answer: Answer<'_>) -> Self {
        Self::start(place, None, answer, None)
    }

    /// Runs on 127.0.0.1 and answers over TLS of the usual versions, 1.2 and 1.3.
    pub fn tls(certificate: &Certificate, answer: Answer<'_>) -> Self {
        Self::tls_at(&Place::loopback(), Tls { certificate, protocols: "TLSv1.2 TLSv1.3" }, answer)
    }

    /// Answers 401 in plain HTTP, anywhere, with a clock that may be shifted.
    pub fn start_at(place: &Place, offset: Option<&str>) -> Self {
        Self::start(place, offset, Answer::Unauthorized, None)
    }

    /// Answers over TLS, anywhere.
    pub fn tls_at(place: &Place, tls: Tls<'_>, answer: Answer<'_>) -> Self {
        Self::start(place, None, answer, Some(&(tls, CIPHERS, String::new())))
    }

    /// The same with these cipher suites of TLS 1.2 alone.
    pub fn with_ciphers_at(place: &Place, tls: Tls<'_>, ciphers: &str, answer: Answer<'_>) -> Self {
        Self::start(place, None, answer, Some(&(tls, ciphers, String::new())))
    }

    /// The same, and it wants a certificate of everyone. It says so in HTTP.
    pub fn wanting_certificates_at(place: &Place, tls: Tls<'_>, answer: Answer<'_>) -> Self {
        let own = tls.certificate.chain.display();
        let more = format!("ssl_verify_client on;\nssl_client_certificate {own};\n");
        Self::start(place, None, answer, Some(&(tls, CIPHERS, more)))
    }

    fn start(place: &Place, offset: Option<&str>, answer: Answer<'_>, tls: Option<&Speech<'_>>) -> Self {
        let nginx = program::find("nginx", "nginx");
        // Over TLS the question is not even one: the answer is plain HTTP.
        let status = if tls.is_some() { 400 } else { answer.status() };
        let readiness = format!("HTTP/1.1 {status} ");
        let server = Server::start(
            "nginx",
            place,
            |directory, address| {
                let configuration = directory.write("nginx.conf", configuration(directory, address, answer, tls));
                let mut command = place.server_command(&nginx);
                command.args(["-e", "stderr", "-c"]).arg(configuration);
                if let Some(offset) = offset {
                    faketime::shift(&mut command, offset);
                }
                command
            },
            |address| {
                ask::exchange_over_tcp(place, address, QUESTION)
                    .is_some_and(|answer| answer.starts_with(readiness.as_bytes()))
            },
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

/// The whole of `nginx.conf`: one process, and every file it makes in the server's own directory.
fn configuration(
    directory: &TemporaryDirectory,
    address: SocketAddr,
    answer: Answer<'_>,
    tls: Option<&Speech<'_>>,
) -> String {
    let path = directory.path().display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("  {kind}_temp_path {path}/{kind};\n"))
        .concat();
    let (listen, tls) = tls.map_or_else(
        || (format!("listen {address};\n"), String::new()),
        |speech| (format!("listen {address} ssl;\n"), tls_directives(speech)),
    );
    let answer = answer.directives();
    format!(
        "daemon off;\n\
         master_process off;\n\
         pid {path}/pid;\n\
         events {{}}\n\
         http {{\n\
           access_log off;\n\
         {temporary}\
           server {{\n\
         {listen}\
         {tls}\
         {answer}\
           }}\n\
         }}\n"
    )
}

fn tls_directives((tls, ciphers, more): &Speech<'_>) -> String {
    let (chain, key) = (tls.certificate.chain.display(), tls.certificate.key.display());
    format!(
        "ssl_certificate {chain};\n\
         ssl_certificate_key {key};\n\
         ssl_protocols {};\n\
         # Debian's OpenSSL does not speak the versions before 1.2 at the level it is set to.\n\
         ssl_ciphers {ciphers}:@SECLEVEL=0;\n\
         {more}",
        tls.protocols
    )
}
