//! Files that are accepted, and files that are refused, each with its exact message.

use super::*;
use std::fs;
use std::path::PathBuf;

/// `secret`, hashed.
const HASH: &str = "$2y$05$vX9yyyS7WAgb9RSJsrSDl.O.FDqahZJaILQj/1kJFhqmI8vhqW1Ga";

/// The lines that every configuration with TLS begins with.
const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

/// Refused configurations, and certificates and keys beside them.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/web_file/rejected")
}

fn check(text: &str) -> Result<WebFile, ConfigError> {
    let files = Files::beside(&folder().join("web.yaml"));
    WebFile::parse(text.as_bytes(), "web.yaml", &files)
}

fn accepted(text: &str) -> WebFile {
    check(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

fn warnings(text: &str) -> Vec<String> {
    accepted(text).warnings.iter().map(ToString::to_string).collect()
}

/// Each file ends with a comment that says where and why it is refused.
#[test]
fn every_rejected_file_says_where_and_why() {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|file| file.extension().is_some_and(|name| name == "yaml")).collect();
    files.sort();
    assert!(files.len() >= 40, "only {} files", files.len());
    // Each system has words of its own for it.
    let missing = fs::read(folder().join("nonexistent")).unwrap_err().to_string();
    let missing = missing.split(" (os error").next().unwrap_or_default();
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let expected = text.lines().last().unwrap_or_default().trim_start_matches("# refused: ");
        let expected = expected.replace("{missing}", missing);
        let (loaded, stamps) = WebFile::load(&file);
        let said = match loaded {
            Ok(_) => "accepted".to_owned(),
            Err(error) => error.to_string(),
        };
        let said = said.replace(&format!("{}:", file.display()), "").trim_start().to_owned();
        if said != expected || said.contains("hunter2") || said.contains("FDqahZJ") {
            wrong.push(format!("{}\n  said:     {said}\n  expected: {expected}", file.display()));
        }
        assert!(!stamps.are_stale());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_empty_is_plain_http_for_everybody() {
    for text in
        ["", "~", "{}", "# nothing", "---\n", "tls_server_config:", "tls_server_config: {}", "basic_auth_users: {}"]
    {
        let file = accepted(text);
        assert!(file.tls.is_none() && file.users.is_empty() && file.rate_limit.is_none(), "{text}");
        assert_eq!(file.headers, [], "{text}");
    }
}

#[test]
fn all_five_ways_to_ask_clients_for_certificates_are_there() {
    let asks = |auth: &str, more: &str| {
        let tls = accepted(&format!("{TLS}  client_auth_type: {auth}\n{more}")).tls.unwrap();
        tls.verifies_clients
    };
    let ca = "  client_ca_file: server.crt\n";
    assert!(!asks("NoClientCert", "") && !asks("RequestClientCert", ca) && !asks("RequireAnyClientCert", ca));
    assert!(!asks("RequireClientCert", "") && !asks("~", "") && !asks("''", ""));
    assert!(asks("VerifyClientCertIfGiven", ca) && asks("RequireAndVerifyClientCert", ca));
}

#[test]
fn values_are_read_as_prometheus_reads_them() {
    for text in ["no", "off", "False", "n"] {
        let tls = accepted(&format!("{TLS}http_server_config: {{http2: {text}}}")).tls.unwrap();
        assert_eq!(tls.server.alpn_protocols, [b"http/1.1".to_vec()], "{text}");
    }
    let tls = accepted(&format!("{TLS}  prefer_server_cipher_suites: no\n  min_version: ~\n  cipher_suites: []\n")).tls;
    let server = tls.unwrap().server;
    assert_eq!(server.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    assert!(!server.ignore_client_order && accepted(TLS).tls.unwrap().server.ignore_client_order);
    let headers = accepted("http_server_config: {headers: {X-XSS-Protection: 1, Content-Security-Policy: \"a\\nb\"}}");
    let headers: Vec<_> = headers.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    assert_eq!(headers, [("x-xss-protection", &b"1"[..]), ("content-security-policy", b"a b")]);
    assert_eq!(accepted("http_server_config: {headers: {X-XSS-Protection: ~}}").headers, []);
    let users = accepted(&format!("basic_auth_users: {{1: {HASH}, on: {HASH}}}")).users;
    assert!(users.get("1").is_some() && users.get("on").is_some_and(|hash| hash.verify(b"secret")));
    let limit = |text: &str| accepted(&format!("rate_limit: {text}")).rate_limit;
    assert_eq!(limit("{interval: 0, burst: 0}"), None);
    assert_eq!(limit("{burst: 3}"), None);
    assert_eq!(limit("{interval: -1s, burst: 3}"), None);
    let second = Duration::from_secs(1);
    assert_eq!(limit("{interval: 1s, burst: 20}"), Some(RateLimit { interval: second, burst: 20 }));
    assert_eq!(limit("{interval: 1s}"), Some(RateLimit { interval: second, burst: 0 }));
}

#[test]
fn a_certificate_and_its_key_may_be_in_the_file() {
    let inline = |name: &str| fs::read_to_string(folder().join(name)).unwrap().replace('\n', "\n    ");
    let text = format!(
        "tls_server_config:\n  cert: |\n    {}\n  key: |\n    {}\n",
        inline("server.crt"),
        inline("server.key")
    );
    assert!(accepted(&text).tls.is_some());
}

#[test]
fn what_may_not_be_meant_is_accepted_with_a_warning() {
    let expected = [
        ("tls_server_config: {min_version: TLS12}", "1:20: no certificate is named, so TLS is off"),
        (
            &format!("{TLS}  min_version: TLS10"),
            "4:16: only TLS 1.2 and TLS 1.3 are supported here; older versions are refused",
        ),
        (
            &format!("{TLS}  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA, TLS_AES_128_GCM_SHA256]"),
            "4:19: `TLS_RSA_WITH_AES_128_CBC_SHA`: this cipher suite is not supported here, and is left out",
        ),
        (
            &format!("{TLS}  curve_preferences: [X25519, CurveP521]"),
            "4:31: `CurveP521`: this curve is not supported here, and is left out",
        ),
        (
            &format!("{TLS}  client_auth_type: RequireAndVerifyClientCert"),
            "4:21: `client_ca_file` is not set, so client certificates of every CA that this system trusts are accepted",
        ),
        (
            &format!("{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.key"),
            "5:19: `server.key`: contains no certificate of a CA, so no client certificate is accepted",
        ),
        (
            &format!("{TLS}  client_allowed_sans: [a]"),
            "4:24: `client_auth_type` asks clients for no certificate, so this list has no effect",
        ),
        (
            &format!("{TLS}  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []"),
            "5:24: no name is listed, so no client certificate is accepted",
        ),
        (
            &format!("basic_auth_users: {{\"a:b\": {HASH}}}"),
            "1:27: a user with a colon in the name cannot log in: the colon ends the name",
        ),
        ("rate_limit: {interval: 1s}", "1:24: `burst` is 0, so every request is refused"),
        ("rate_limit: {interval: 5, burst: 1}", "1:24: a number without a unit is taken as nanoseconds"),
    ];
    for (text, warning) in expected {
        assert_eq!(warnings(text), [format!("web.yaml:{warning}")], "{text}");
    }
    assert_eq!(warnings(&format!("{TLS}basic_auth_users: {{a: {HASH}}}")), Vec::<String>::new());
}

#[test]
fn a_file_that_is_exchanged_is_stale() {
    let folder = std::env::temp_dir().join(format!("gracewatch-web-file-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for name in ["server.crt", "server.key"] {
        fs::copy(self::folder().join(name), folder.join(name)).unwrap();
    }
    let file = folder.join("web.yaml");
    let (loaded, stamps) = WebFile::load(&file);
    assert!(loaded.unwrap_err().to_string().contains("web.yaml: cannot be read: "));
    assert!(!stamps.are_stale());
    fs::write(&file, TLS).unwrap();
    assert!(stamps.are_stale(), "a file that was not there is");
    let (loaded, stamps) = WebFile::load(&file);
    assert!(loaded.is_ok() && !stamps.are_stale());
    // The same bytes under another inode, which Windows has none of; and a copy is as old there as what is copied.
    fs::copy(folder.join("server.key"), folder.join("new.key")).unwrap();
    fs::rename(folder.join("new.key"), folder.join("server.key")).unwrap();
    assert_eq!(stamps.are_stale(), cfg!(unix));
    fs::remove_dir_all(&folder).unwrap();
}
