//! What `promtool check web-config` accepts is accepted, and what it refuses is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gracewatch::config::web_file::WebFile;

use super::{HASH, TLS, exchange};
use crate::servers::certificates::Certificate;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::program;
use crate::support::program::run;

/// What is refused here although promtool accepts it: nothing would be left that both sides could speak, or the library
/// has no such keys.
const STRICTER: [&str; 5] = [
    "key_of_unsupported_kind.yaml",
    "no_curve_left.yaml",
    "no_suite_left.yaml",
    "no_version_left.yaml",
    "versions_crossed.yaml",
];

/// Lines below `TLS`, or a whole file.
const ACCEPTED: [&str; 26] = [
    "",
    "# nothing\n",
    "~\n",
    "{}\n",
    "tls_server_config:\n",
    "tls_server_config: {}\nhttp_server_config: ~\nbasic_auth_users: {}\n",
    "tls_server_config: {min_version: TLS12}\n",
    "TLS",
    "TLS  client_auth_type: RequestClientCert\n",
    "TLS  client_auth_type: RequireAnyClientCert\n  client_ca_file: server.crt\n",
    "TLS  client_auth_type: RequireClientCert\n",
    "TLS  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: server.crt\n",
    "TLS  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.key\n",
    "TLS  client_auth_type: RequireAndVerifyClientCert\n",
    "TLS  client_auth_type: ''\n  client_ca_file: ''\n",
    "TLS  min_version: TLS10\n  max_version: TLS12\n",
    "TLS  min_version: ~\n  cipher_suites: [~]\n  curve_preferences: []\n",
    "TLS  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n",
    "TLS  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]\n",
    "TLS  prefer_server_cipher_suites: off\nhttp_server_config: {http2: no}\n",
    "http_server_config: {http2: n, headers: {X-Frame-Options: sameorigin, X-Content-Type-Options: nosniff}}\n",
    "http_server_config: {headers: {X-XSS-Protection: 1, Strict-Transport-Security: true}}\n",
    "http_server_config: {headers: {Content-Security-Policy: \"a\\nb\", X-XSS-Protection: ~}}\n",
    "basic_auth_users: {alice: HASH, 1: HASH, \"\": HASH, \"a:b\": HASH}\n",
    "basic_auth_users: {alice: HASHx}\n",
    "basic_auth_users: &users {alice: HASH}\nhttp_server_config: {headers: {}}\n",
];

/// The same for keys that promtool has since its version 3.
const ACCEPTED_BY_NEWER: [&str; 5] = [
    "TLS  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: server.crt\n  client_allowed_sans: [a, b]\n",
    "tls_server_config: {cert: '', key: ''}\n",
    "rate_limit: {interval: 1s, burst: 20}\n",
    "rate_limit: {interval: 0, burst: 0}\n",
    "rate_limit:\n",
];

/// Whether promtool accepts each of these files, and else why not.
fn promtool(files: &[PathBuf]) -> BTreeMap<PathBuf, Result<(), String>> {
    let mut command = Command::new(program::find("promtool", "prometheus"));
    command.args(["check", "web-config"]).args(files);
    let printed = run(command);
    let said = format!("{}\n{}", printed.stdout, printed.stderr);
    let verdict = |file: &PathBuf| {
        let name = file.display().to_string();
        if said.contains(&format!("{name} SUCCESS")) {
            return Ok(());
        }
        let (_, failed) = said.split_once(&format!("{name} FAILED: ")).unwrap_or_else(|| panic!("{name} in {said}"));
        Err(failed.split("/web").next().unwrap_or_default().to_owned())
    };
    files.iter().map(|file| (file.clone(), verdict(file))).collect()
}

fn written(directory: &TemporaryDirectory, texts: &[&str]) -> Vec<PathBuf> {
    let write = |(number, text): (usize, &&str)| {
        let text = text.replace("TLS  ", &format!("{TLS}  ")).replace("HASH", HASH);
        let text = if text == "TLS" { TLS.to_owned() } else { text };
        directory.write(&format!("web{number}.yaml"), text)
    };
    texts.iter().enumerate().map(write).collect()
}

#[test]
#[ignore = "needs prometheus"]
fn what_promtool_accepts_is_accepted() {
    let directory = TemporaryDirectory::new("web");
    exchange(&directory, &Certificate::self_signed(&["localhost"]));
    let files = written(&directory, &ACCEPTED);
    for (file, verdict) in promtool(&files) {
        let text = fs::read_to_string(&file).expect("it was written");
        assert_eq!(verdict, Ok(()), "{text}");
        assert!(WebFile::load(&file).0.is_ok(), "{}:\n{text}", WebFile::load(&file).0.unwrap_err());
    }
    let files = written(&directory, &ACCEPTED_BY_NEWER);
    for (file, verdict) in promtool(&files) {
        let text = fs::read_to_string(&file).expect("it was written");
        // An older one does not know the key; that is all it may say.
        assert!(verdict.as_ref().err().is_none_or(|why| why.contains("not found in type")), "{verdict:?}:\n{text}");
        assert!(WebFile::load(&file).0.is_ok(), "{}:\n{text}", WebFile::load(&file).0.unwrap_err());
    }
}

#[test]
#[ignore = "needs prometheus"]
fn what_promtool_refuses_is_refused_and_hardly_anything_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/web_file/rejected");
    let files = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read").path());
    let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|name| name == "yaml")).collect();
    let mut accepted = Vec::new();
    for (file, verdict) in promtool(&files) {
        // That each is refused here, and how, is tested beside them.
        if verdict.is_ok() {
            accepted.push(file.file_name().expect("a file").to_string_lossy().into_owned());
        }
    }
    accepted.sort();
    assert_eq!(accepted, STRICTER);
}

/// The example that is shipped, as it is and with all that is commented out in it.
#[test]
#[ignore = "needs prometheus, openssl"]
fn the_example_is_accepted_with_and_without_its_keys() {
    let example = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/web/web.yaml"));
    let example = example.expect("it is there");
    let is_key = |line: &str| {
        let word = line.trim_start().split(':').next().unwrap_or_default();
        line.contains(':') && !word.contains(' ') || line.trim_start().starts_with("- ")
    };
    let uncommented = example.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if is_key(rest) => rest.to_owned(),
        _ => line.to_owned(),
    });
    let uncommented: String = uncommented.map(|line| line + "\n").collect();
    let directory = TemporaryDirectory::new("web");
    let certificate = Certificate::self_signed(&["localhost"]);
    exchange(&directory, &certificate);
    directory.write("clients-ca.crt", fs::read(&certificate.leaf).expect("it was made"));
    let files = [directory.write("web0.yaml", &example), directory.write("web1.yaml", &uncommented)];
    let verdicts = promtool(&files);
    assert_eq!(verdicts[&files[0]], Ok(()));
    assert!(verdicts[&files[1]].as_ref().err().is_none_or(|why| why.contains("not found in type")), "{verdicts:?}");
    let (loaded, _) = WebFile::load(&files[1]);
    let loaded = loaded.unwrap_or_else(|error| panic!("{error}:\n{uncommented}"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert!(loaded.tls.is_some() && loaded.rate_limit.is_some() && loaded.headers.len() == 5);
    assert!(loaded.users.get("prometheus").is_some_and(|hash| hash.verify(b"secret")));
}
