//! Proxies that are logged in with by Negotiate or NTLM, against what checks tickets and passwords for real.

use crate::servers::apache::{Apache, Credentials};
use crate::servers::kdc::Kdc;
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::port;
use crate::servers::squid::Squid;
use crate::support::check::{self, Report};
use std::fmt::Display;
use std::net::SocketAddr;

const USER: &str = "user@GRACEWATCH.EXAMPLE";

fn origin() -> Nginx {
    Nginx::answering(Answer::Page(404, "nothing here"))
}

/// Checks an endpoint over a proxy that is called `localhost`, with more keys of the proxy.
fn through(proxy: SocketAddr, origin: &Nginx, keys: impl Display) -> Report {
    let (port, origin) = (proxy.port(), origin.address());
    check::configured(&format!(
        "paths: [{{name: corp, online: {{endpoints: [\"http://{origin}\"], proxies: [{{url: \"http://localhost:{port}\", \
         {keys}}}]}}}}]\n"
    ))
}

fn by_kerberos(user: &str, password: &str, kdc: SocketAddr) -> String {
    format!("auth: negotiate, username: \"{user}\", password: {password}, kdc: \"{kdc}\"")
}

fn by_ntlm(user: &str, password: &str) -> String {
    format!("auth: ntlm, username: \"{user}\", password: {password}")
}

/// Insists that the proxy lets us through, and that the verdict says that it would not let Windows through.
fn assert_passes(report: &Report, scheme: &str) {
    assert_eq!(report.outcome(), "2 blocked proxy auth_required 0x8004FE33 -", "{:#}", report.json);
    assert!(report.walk().iter().all(|stage| stage.ends_with(" ok")), "{:?}", report.walk());
    assert!(report.steps().contains("with the credentials configured here, http://"), "{}", report.steps());
    let detail = detail(report, "proxy");
    assert_eq!(detail, format!("forwards the request, with {scheme} credentials"));
}

/// What was seen at a stage of the only target.
fn detail(report: &Report, stage: &str) -> String {
    let stages = report.path()["targets"][0]["stages"].as_array().expect("there are stages");
    let seen = stages.iter().find(|seen| seen["stage"] == stage).expect("it was walked to");
    seen["detail"].as_str().expect("it is text").to_owned()
}

#[test]
#[ignore = "needs apache2-bin, libapache2-mod-auth-gssapi, krb5-kdc, krb5-admin-server, nginx"]
fn a_ticket_lets_through_and_a_wrong_password_gets_none() {
    let kdc = Kdc::with_user("user", "secret");
    let (proxy, origin) = (Apache::checking(Credentials::Kerberos(&kdc)), origin());
    assert_passes(&through(proxy.address(), &origin, by_kerberos(USER, "secret", kdc.address())), "Negotiate");

    for (user, password, complaint) in [
        (USER, "wrong", "the password of user@GRACEWATCH.EXAMPLE is wrong"),
        ("nobody@GRACEWATCH.EXAMPLE", "secret", "the KDC knows no user nobody@GRACEWATCH.EXAMPLE"),
    ] {
        let report = through(proxy.address(), &origin, by_kerberos(user, password, kdc.address()));
        assert_eq!(report.outcome(), "2 blocked proxy auth_rejected 0x8004FE33 -");
        assert_eq!(detail(&report, "proxy"), format!("the proxy requires a login: {complaint}"));
    }
}

#[test]
#[ignore = "needs apache2-bin, libapache2-mod-auth-gssapi, krb5-kdc, krb5-admin-server, nginx"]
fn without_a_kdc_it_is_said_that_the_proxy_demands_a_ticket() {
    let kdc = Kdc::with_user("user", "secret");
    let (proxy, origin) = (Apache::checking(Credentials::Kerberos(&kdc)), origin());
    let dead = port::refusing();
    let report = through(proxy.address(), &origin, by_kerberos(USER, "secret", dead));
    assert_eq!(report.outcome(), "2 blocked proxy auth_required 0x8004FE33 -");
    let detail = detail(&report, "proxy");
    assert!(detail.starts_with(&format!("the proxy requires a login: the KDC {dead} cannot be reached")), "{detail}");
}

#[test]
#[ignore = "needs apache2-bin, libapache2-mod-auth-gssapi, krb5-kdc, krb5-admin-server, nginx"]
fn a_kdc_in_another_time_is_said_to_be() {
    let kdc = Kdc::with_user_faked("user", "secret", "+14700s");
    let (proxy, origin) = (Apache::checking(Credentials::Kerberos(&kdc)), origin());
    let report = through(proxy.address(), &origin, by_kerberos(USER, "secret", kdc.address()));
    assert_eq!(report.outcome(), "2 blocked proxy auth_rejected 0x8004FE33 -");
    let detail = detail(&report, "proxy");
    assert!(detail.ends_with("the clocks of this machine and of the KDC differ by more than it allows"), "{detail}");
}

#[test]
#[ignore = "needs apache2-bin, libapache2-mod-auth-gssapi, gss-ntlmssp, nginx"]
fn an_ntlm_password_lets_through_bare_and_in_negotiate() {
    let proxy = Apache::checking(Credentials::Ntlm { user: "user", password: "secret" });
    let origin = origin();
    assert_passes(&through(proxy.address(), &origin, by_ntlm("GRACEWATCH\\\\user", "secret")), "NTLM");
    let wrapped = "auth: negotiate, username: \"GRACEWATCH\\\\user\", password: secret";
    assert_passes(&through(proxy.address(), &origin, wrapped), "Negotiate");

    let report = through(proxy.address(), &origin, by_ntlm("GRACEWATCH\\\\user", "wrong"));
    assert_eq!(report.outcome(), "2 blocked proxy auth_rejected 0x8004FE33 -");
    assert_eq!(detail(&report, "proxy"), "the proxy does not accept the login");
}

#[test]
#[ignore = "needs squid, nginx"]
fn a_proxy_that_lets_nobody_in_rejects_every_login() {
    let (proxy, origin) = (Squid::negotiate_and_ntlm(), origin());
    let report = through(proxy.address(), &origin, by_ntlm("CORP\\\\user", "secret"));
    assert_eq!(report.outcome(), "2 blocked proxy auth_rejected 0x8004FE33 -", "{:#}", report.json);
    let demands = report.path()["targets"][0]["proxy_demands"].clone();
    assert_eq!(demands, serde_json::json!(["Negotiate", "NTLM", "Basic"]));
}
