//! A running daemon, asked over its API: the one that is named, or the one on this machine whose configuration is used.

mod pinned;

use super::ServerArguments;
use crate::catalogue::{Message, message};
use crate::config::agent::is_here;
use crate::config::web_file::WebFile;
use crate::config::{Config, DEFAULT_PORT, read_bounded, read_roots};
use crate::license::product_key;
use crate::online::trust::roots_of_system;
use crate::secret::Secret;
use crate::text::{Words, joined, say};
use crate::words::plain;
use pinned::Pinned;
use reqwest::header::ACCEPT_LANGUAGE;
use reqwest::{Client, StatusCode, redirect};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::env;
use std::error::Error;
use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use url::Url;

/// How long a connection may take, and an answer: the daemon gives up after a minute.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(65);

/// The same for the daemon on this machine, which is looked for before the store is read.
const CONNECT_HERE: Duration = Duration::from_millis(500);
const ABOUT_HERE: Duration = Duration::from_secs(3);

/// The longest answer that is read, in bytes: more than a thousand machines with two hundred licenses each take.
const MAX_ANSWER: usize = 256 * 1024 * 1024;

/// The longest file of a password, a token, a certificate or a key, in bytes.
const MAX_FILE: u64 = 256 * 1024;

/// Where a password is looked for that no file holds.
const PASSWORD: &str = "GRACEWATCH_PASSWORD";

/// A daemon, and who asks it.
pub(super) struct Daemon {
    client: Client,
    base: Url,
    login: Login,
    words: Words,
}

/// Who asks.
enum Login {
    Nobody,
    User(String, Secret),
    Token(Secret),
}

/// What a daemon says of itself.
#[derive(Deserialize)]
struct About {
    program: String,
    store: Option<String>,
}

/// What a daemon answers that does not do what is asked.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    machines: Vec<String>,
}

type Failure = Box<dyn Error>;

impl Daemon {
    /// The daemon that is named; `None` where none is.
    ///
    /// # Errors
    /// What is wrong with its address, a file or the password.
    pub(super) fn named(arguments: &ServerArguments, words: Words) -> Result<Option<Self>, Failure> {
        let Some(server) = &arguments.server else { return Ok(None) };
        let server = server.reveal();
        // Nothing of what may hold a password is repeated.
        if server.contains('@') {
            return Err(say!(words, "server-credentials").into());
        }
        if server.contains(['?', '#']) {
            return Err(say!(words, "server-query").into());
        }
        // What has no scheme is a host.
        let text = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
        let mut base = Url::parse(&text).map_err(|_| say!(words, "server-url"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none_or(str::is_empty) {
            return Err(say!(words, "server-url").into());
        }
        if base.port().is_none() && !server.contains("://") {
            // It cannot fail for an address with a host.
            _ = base.set_port(Some(DEFAULT_PORT));
        }
        let (is_here, has_login) = (is_here(&base), arguments.user.is_some() || arguments.token_file.is_some());
        if has_login && base.scheme() == "http" && !is_here {
            anstream::eprintln!("gracewatch: {}", say!(words, "server-unencrypted", server = shown(&base)));
        }
        let login = login(arguments, words)?;
        // A proxy is no way to this machine, and is not shown the password either.
        let client = client(tls(arguments, None)?, CONNECT, !is_here)?;
        Ok(Some(Self { client, base, login, words }))
    }

    /// The daemon on this machine, where one answers whose store is that of the configuration. Without a file there is
    /// nothing to compare, and any is meant. It is not given a password: anybody may listen where nobody named a daemon.
    /// Where what listens there cannot be asked, the output says how to name it.
    pub(super) async fn here(config: &Config, has_file: bool, words: Words) -> Option<Self> {
        let ip = match config.listen.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) | IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
            ip => ip,
        };
        let address = SocketAddr::new(ip, config.listen.port());
        let web = config.web.config_file.as_deref().and_then(|file| WebFile::load(file).0.ok()?.tls);
        let scheme = if web.is_some() { "https" } else { "http" };
        let base = Url::parse(&format!("{scheme}://{address}")).ok()?;
        let tls = tls(&ServerArguments::default(), web.map(|web| web.certificate)).ok()?;
        let daemon = Self { client: client(tls, CONNECT_HERE, false).ok()?, base, login: Login::Nobody, words };
        let about = daemon.get::<About>(&["api", "v1", "about"], &[]);
        let Ok(about) = tokio::time::timeout(ABOUT_HERE, about).await.ok()? else {
            if tokio::time::timeout(CONNECT_HERE, TcpStream::connect(address)).await.is_ok_and(|open| open.is_ok()) {
                let hint = say!(words, "daemon-not-asked", address = address.to_string());
                anstream::eprintln!("gracewatch: {hint}");
            }
            return None;
        };
        let store = config.status.as_ref().map(|status| status.store.to_string());
        (about.program == "gracewatch" && (!has_file || about.store == store)).then_some(daemon)
    }

    /// Asks for something, and reads the answer as JSON.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, String)]) -> Result<T, Failure> {
        let body = self.fetch(path, query).await?;
        let answer = serde_json::from_slice(&body).map(plainly);
        answer.and_then(serde_json::from_value).map_err(|_| self.not_a_daemon())
    }

    /// Asks for something, and hands over the answer as it is.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn fetch(&self, path: &[&str], query: &[(&str, String)]) -> Result<Vec<u8>, Failure> {
        let request =
            self.client.get(address(&self.base, path, query)).header(ACCEPT_LANGUAGE, self.words.language.tag());
        let request = match &self.login {
            Login::Nobody => request,
            Login::User(name, password) => request.basic_auth(name, Some(password.reveal())),
            Login::Token(token) => request.bearer_auth(token.reveal()),
        };
        let mut response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(self.not_a_daemon());
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() { Ok(body) } else { Err(self.refused(status, &body)) }
    }

    fn server(&self) -> String {
        shown(&self.base)
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let error = if error.is_timeout() { say!(self.words, "server-timed-out") } else { cause(error) };
        say!(self.words, "server-unreachable", server = self.server(), error = error).into()
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> Failure {
        let server = self.server();
        let refusal = serde_json::from_slice(body).map(plainly).and_then(serde_json::from_value::<Refusal>).ok();
        match (status, refusal) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
                say!(self.words, "server-denied", server = server).into()
            }
            (_, Some(Refusal { error, machines })) if machines.is_empty() => {
                say!(self.words, "server-refused", server = server, error = error).into()
            }
            (_, Some(Refusal { error, machines })) => {
                let names = joined(self.words, machines);
                say!(self.words, "server-refused-with-names", server = server, error = error, names = names).into()
            }
            (status, None) => {
                let error = format!("HTTP {}", status.as_u16());
                say!(self.words, "server-unknown", server = server, error = error).into()
            }
        }
    }

    fn not_a_daemon(&self) -> Failure {
        let error = say!(self.words, "server-not-json");
        say!(self.words, "server-unknown", server = self.server(), error = error).into()
    }
}

/// What is at the bottom of an error, without the number that the system gives it.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// An answer without what would control the terminal it is shown on, and without whole product keys: whoever answers
/// may be anybody.
fn plainly(answer: Value) -> Value {
    match answer {
        Value::String(text) => Value::String(text_plainly(&text)),
        Value::Array(parts) => parts.into_iter().map(plainly).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (text_plainly(&key), plainly(value))).collect(),
        other => other,
    }
}

fn text_plainly(text: &str) -> String {
    product_key::cut(&text.chars().map(plain).collect::<String>()).into_owned()
}

/// Where a daemon is. Of its address nothing else is kept that could be a secret.
fn shown(base: &Url) -> String {
    base.as_str().trim_end_matches('/').to_owned()
}

/// The address of something below a daemon's. Each part stays one, whatever is in it.
fn address(base: &Url, path: &[&str], query: &[(&str, String)]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

fn client(tls: ClientConfig, connect: Duration, over_proxies: bool) -> Result<Client, Failure> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(connect)
        .timeout(ANSWER)
        // Whoever leads elsewhere would be given the password.
        .redirect(redirect::Policy::none())
        .user_agent(concat!("gracewatch/", env!("CARGO_PKG_VERSION")));
    Ok(if over_proxies { builder } else { builder.no_proxy() }.build()?)
}

/// Whom TLS trusts, which is this certificate alone where there is one, and who this is.
fn tls(arguments: &ServerArguments, only: Option<CertificateDer<'static>>) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore::empty();
    if arguments.server.is_some() {
        roots.add_parsable_certificates(roots_of_system());
    }
    if let Some(file) = &arguments.ca_file {
        roots.add_parsable_certificates(read_roots(file).map_err(|error| of_file(file, error))?);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = match only {
        Some(certificate) => config.dangerous().with_custom_certificate_verifier(Arc::new(Pinned::new(certificate))),
        None => config.with_root_certificates(roots),
    };
    let (Some(certificate), Some(key)) = (&arguments.client_cert, &arguments.client_key) else {
        return Ok(config.with_no_client_auth());
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(certificate)?).collect();
    let chain = chain.map_err(|_| of_file(certificate, message!("file-no-certificates")))?;
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| of_file(key, message!("file-no-key")))?;
    let config = config.with_client_auth_cert(chain, private);
    Ok(config.map_err(|error| of_file(certificate, said(&error)))?)
}

fn login(arguments: &ServerArguments, words: Words) -> Result<Login, Failure> {
    if let Some(file) = &arguments.token_file {
        return secret(file).map(Login::Token);
    }
    let Some(user) = &arguments.user else { return Ok(Login::Nobody) };
    if user.contains(':') {
        return Err(say!(words, "server-password-in-sight").into());
    }
    let password = match (&arguments.password_file, env::var(PASSWORD)) {
        (Some(file), _) => secret(file)?,
        (None, Ok(password)) => Secret::new(password),
        (None, Err(_)) if std::io::stdin().is_terminal() => {
            Secret::new(rpassword::prompt_password(say!(words, "server-password", user = user.as_str()))?)
        }
        (None, Err(_)) => return Err(say!(words, "server-no-password", user = user.as_str()).into()),
    };
    Ok(Login::User(user.clone(), password))
}

/// The first line of a file.
fn secret(file: &Path) -> Result<Secret, Failure> {
    let text = String::from_utf8(read(file)?).map_err(|_| of_file(file, message!("file-not-utf8")))?;
    let text = Secret::new(text);
    Ok(Secret::new(text.reveal().lines().next().unwrap_or_default().trim()))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    read_bounded(file, MAX_FILE).map_err(|fault| of_file(file, fault).into())
}

fn of_file(file: &Path, fault: Message) -> Message {
    message!("config-fault-at", place = file.display().to_string(), fault = fault)
}

/// What another says of a file, without the number of the system.
fn said(error: &dyn Error) -> Message {
    let error = error.to_string();
    message!("other-error", error = error.split(" (os error").next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_address_stays_one() {
        let base = Url::parse("https://gracewatch.corp.example:10688/below/").unwrap();
        let path = |name: &str| address(&base, &["api", "v1", "machines", name], &[]).path().to_owned();
        for (name, part) in [
            ("a/b", "a%2Fb"),
            ("../paths", "..%2Fpaths"),
            ("%2e%2e", "%252e%252e"),
            ("a?b#c", "a%3Fb%23c"),
            ("a b", "a%20b"),
        ] {
            assert_eq!(path(name), format!("/below/api/v1/machines/{part}"));
        }
    }

    #[test]
    fn what_is_sent_to_this_machine_leaves_it_for_nowhere() {
        let is_here = |address: &str| is_here(&Url::parse(address).unwrap());
        for here in ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://[::ffff:127.8.8.8]:1"] {
            assert!(is_here(here), "{here}");
        }
        for there in ["http://10.0.0.1", "http://localhost.corp.example", "http://[::]:1", "http://kms01"] {
            assert!(!is_here(there), "{there}");
        }
    }

    #[test]
    fn what_would_control_a_terminal_is_taken_out_of_answers() {
        let answer = serde_json::json!({"machines": [{"machine": "a\u{1b}]0;b\u{7}", "count": 2, "lost": null}]});
        let plain = serde_json::json!({"machines": [{"machine": "a ]0;b ", "count": 2, "lost": null}]});
        assert_eq!(plainly(answer), plain);
        let answer = serde_json::json!({"product": "Windows, BCDFG-HJKMN-PQRTV-WXY23-46789"});
        assert_eq!(plainly(answer), serde_json::json!({"product": "Windows, 46789"}));
    }
}
