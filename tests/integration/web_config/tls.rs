//! TLS as clients see it.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Guarded, copy};
use crate::servers::certificates::{Authority, Certificate, Validity};
use crate::servers::program;
use crate::support::curl::Fetched;
use crate::support::program::run_reading;

/// What `openssl s_client` says of a connection made with these arguments.
fn s_client(guarded: &Guarded, arguments: &[&str]) -> String {
    let mut command = Command::new(program::find("openssl", "openssl"));
    command.args(["s_client", "-connect", &guarded.daemon.address().to_string()]).args(arguments);
    let printed = run_reading(command, Stdio::null());
    printed.stdout + &printed.stderr
}

/// `GET`s the health with a client certificate, where there is one.
fn with_certificate(guarded: &Guarded, authority: &Authority, certificate: Option<&Certificate>) -> Fetched {
    let curl = guarded.curl("https", "/-/healthy").trusting(&authority.root());
    match certificate {
        None => curl.fetch(),
        Some(certificate) => {
            let cert: &Path = &certificate.chain;
            curl.with(["--cert".as_ref(), cert.as_os_str(), "--key".as_ref(), certificate.key.as_os_str()]).fetch()
        }
    }
}

fn handshakes(scrape: &str, result: &str) -> u64 {
    let name = format!("gracewatch_tls_handshakes_total{{result=\"{result}\"}} ");
    let value = scrape.lines().find_map(|line| line.strip_prefix(&name)).expect("each result has a series");
    value.parse().expect("a value is a number")
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn versions_suites_and_protocols_are_those_that_are_configured() {
    let authority = Authority::new("Corp Root");
    let both = Guarded::with_tls(&authority, "");
    assert!(s_client(&both, &["-tls1_3"]).contains("New, TLSv1.3, Cipher is TLS_"));
    assert!(s_client(&both, &["-tls1_2"]).contains("New, TLSv1.2, Cipher is ECDHE-ECDSA-"));
    assert!(!s_client(&both, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]).contains("Cipher is ECDHE"));
    assert!(s_client(&both, &["-alpn", "h2,http/1.1"]).contains("ALPN protocol: h2"));

    let more = "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n\
                \x20 curve_preferences: [CurveP384]\nhttp_server_config: {http2: false}\n";
    let narrow = Guarded::with_tls(&authority, more);
    let said = s_client(&narrow, &["-alpn", "h2,http/1.1"]);
    assert!(said.contains("New, TLSv1.2, Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"), "{said}");
    assert!(said.contains("Server Temp Key: ECDH, secp384r1, 384 bits"), "{said}");
    assert!(said.contains("ALPN protocol: http/1.1"), "{said}");
    assert!(!s_client(&narrow, &["-tls1_3"]).contains("New, TLSv1.3"));
    assert!(!s_client(&narrow, &["-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"]).contains("New, TLSv1.2, Cipher is E"));
    assert!(!s_client(&narrow, &["-curves", "P-256"]).contains("New, TLSv1.2, Cipher is E"));
    // Who speaks HTTP/2 without having agreed on it is not understood.
    let fetched = narrow.curl("https", "/-/healthy").trusting(&authority.root());
    assert_ne!(fetched.with(["--http2-prior-knowledge"]).fetch().version, "2");

    let fetched = both.curl("https", "/-/healthy").trusting(&authority.root()).fetch();
    assert_eq!((fetched.status, fetched.version.as_str()), (200, "2"), "{fetched:?}");
    let scrape = narrow.curl("https", "/metrics").trusting(&authority.root()).fetch();
    assert_eq!(scrape.version, "1.1");
    assert!(handshakes(&scrape.body, "ok") >= 2 && handshakes(&scrape.body, "nothing_in_common") >= 2, "{scrape:?}");
    assert!(scrape.body.contains("gracewatch_web_config_last_reload_successful 1\n"), "{scrape:?}");
    assert!(scrape.body.contains("gracewatch_web_certificate_expiry_timestamp_seconds 1"), "{scrape:?}");
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn who_speaks_http_is_asked_to_speak_https() {
    let authority = Authority::new("Corp Root");
    let guarded = Guarded::with_tls(&authority, "");
    let fetched = guarded.curl("http", "/-/healthy").fetch();
    assert_eq!(fetched.status, 400);
    assert!(fetched.body.contains("use https:// instead of http://"), "{fetched:?}");
    let scrape = guarded.curl("https", "/metrics").trusting(&authority.root()).fetch();
    assert_eq!(handshakes(&scrape.body, "not_tls"), 1);
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn clients_are_asked_for_certificates_in_each_of_the_five_ways() {
    let (ours, theirs) = (Authority::new("Corp Root"), Authority::new("Other Root"));
    let good = ours.issue_to_client(&["prometheus.corp.example"], Validity::Good);
    let foreign = theirs.issue_to_client(&["prometheus.corp.example"], Validity::Good);
    let expired = ours.issue_to_client(&["prometheus.corp.example"], Validity::Expired);
    // None, one that is good, one of another authority, one that has expired, and one that is for servers.
    let for_servers = ours.issue(&["prometheus.corp.example"], Validity::Good);
    let shown = [None, Some(&good), Some(&foreign), Some(&expired), Some(&for_servers)];
    let expected = [
        ("NoClientCert", [true, true, true, true, true]),
        ("RequestClientCert", [true, true, true, true, true]),
        ("RequireAnyClientCert", [false, true, true, true, true]),
        ("VerifyClientCertIfGiven", [true, true, false, false, false]),
        ("RequireAndVerifyClientCert", [false, true, false, false, false]),
    ];
    for (auth, admitted) in expected {
        let ca = if auth == "NoClientCert" { "" } else { "  client_ca_file: ca.crt\n" };
        let certificate = ours.issue(&["127.0.0.1"], Validity::Good);
        let guarded = Guarded::start(&format!("{}  client_auth_type: {auth}\n{ca}", super::TLS), |files| {
            super::exchange(files, &certificate);
            copy(&ours.root(), &files.path().join("ca.crt"));
        });
        let answered = shown.map(|certificate| with_certificate(&guarded, &ours, certificate).status == 200);
        assert_eq!(answered, admitted, "{auth}");
        if auth == "RequireAndVerifyClientCert" {
            let curl = guarded.curl("https", "/metrics").trusting(&ours.root());
            let scrape = curl.with([&"--cert".into(), &good.chain, &"--key".into(), &good.key]).fetch();
            let counted = ["ok", "no_certificate", "untrusted", "out_of_date"];
            let counted = counted.map(|result| handshakes(&scrape.body, result));
            assert_eq!(counted, [2, 1, 2, 1], "{scrape:?}");
        }
    }
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_client_certificate_needs_one_of_the_names_that_are_listed() {
    let authority = Authority::new("Corp Root");
    let more = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n\
                \x20 client_allowed_sans: [prometheus.corp.example, 192.0.2.7]\n";
    let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    let guarded = Guarded::start(&format!("{}{more}", super::TLS), |files| {
        super::exchange(files, &certificate);
        copy(&authority.root(), &files.path().join("ca.crt"));
    });
    let admits = |names: &[&str]| {
        let client = authority.issue_to_client(names, Validity::Good);
        with_certificate(&guarded, &authority, Some(&client)).status == 200
    };
    assert!(admits(&["other", "prometheus.corp.example"]) && admits(&["192.0.2.7"]));
    assert!(!admits(&["prometheus"]) && !admits(&["PROMETHEUS.corp.example"]) && !admits(&["192.0.2.70"]));
}

#[test]
#[ignore = "needs curl, openssl, libfaketime"]
fn a_client_that_vouches_for_itself_is_known_by_its_own_certificate() {
    let authority = Authority::new("Corp Root");
    let (known, unknown) =
        (Certificate::self_signed_client("prometheus"), Certificate::self_signed_client("prometheus"));
    let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    let more = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n";
    let guarded = Guarded::start(&format!("{}{more}", super::TLS), |files| {
        super::exchange(files, &certificate);
        copy(&known.leaf, &files.path().join("ca.crt"));
    });
    assert_eq!(with_certificate(&guarded, &authority, Some(&known)).status, 200);
    assert_eq!(with_certificate(&guarded, &authority, Some(&unknown)).status, 0);
}
