//! Prometheus, which scrapes over TLS with a client certificate and as a user.

use super::{Guarded, HASH, TLS, copy, exchange};
use crate::servers::certificates::{Authority, Validity};
use crate::servers::prometheus::Prometheus;

#[test]
#[ignore = "needs prometheus, openssl, libfaketime"]
fn prometheus_scrapes_over_tls_with_a_certificate_and_a_password() {
    let authority = Authority::new("Corp Root");
    let (server, client) = (
        authority.issue(&["127.0.0.1"], Validity::Good),
        authority.issue_to_client(&["prometheus.corp.example"], Validity::Good),
    );
    let web = format!(
        "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n\
         \x20 client_allowed_sans: [prometheus.corp.example]\nbasic_auth_users: {{alice: {HASH}}}\n"
    );
    let guarded = Guarded::start(&web, |files| {
        exchange(files, &server);
        copy(&authority.root(), &files.path().join("ca.crt"));
    });
    let job = |name: &str, more: &str| {
        format!(
            "- job_name: {name}\n  scheme: https\n  static_configs:\n    - targets: ['{}']\n  tls_config:\n\
             \x20   ca_file: {}\n{more}",
            guarded.daemon.address(),
            authority.root().display(),
        )
    };
    let certificate = format!("    cert_file: {}\n    key_file: {}\n", client.chain.display(), client.key.display());
    let user = "  basic_auth: {username: alice, password: secret}\n";
    let configs = [
        job("both", &format!("{certificate}{user}")),
        job("certificate", &certificate),
        job("user", user),
        job("stranger", &format!("{certificate}  basic_auth: {{username: alice, password: wrong}}\n")),
    ];
    let prometheus = Prometheus::start(&configs.concat());
    prometheus.query_until_found(r#"up{job="both"} == 1"#);
    prometheus.query_until_found(r#"gracewatch_tls_handshakes_total{job="both", result="ok"} > 0"#);
    prometheus.query_until_found(r#"gracewatch_web_certificate_expiry_timestamp_seconds{job="both"} > time()"#);
    // None of the others gets in.
    prometheus.query_until_found(r#"count(up{job!="both"} == 0) == 3"#);
}
