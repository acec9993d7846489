//! squid: the HTTP proxy most networks have, open, asking for credentials, or refusing to be tunnelled through.
//!
//! A TLS-intercepting hop is made of two servers: an [`Nginx`](super::nginx::Nginx) with a certificate for the
//! endpoint's name by an authority that is not the endpoint's, and [`Squid::with_hosts`], which takes that name to be
//! where this nginx is. Whoever asks the proxy for the endpoint then gets the wrong certificate, as from a proxy that
//! opens what it forwards.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;

use super::certificates::Certificate;
use super::directory::TemporaryDirectory;
use super::place::Place;
use super::server::Server;
use super::{ask, names, program};

/// Whom the proxy lets through.
#[derive(Clone, Copy, Debug)]
pub enum Access<'a> {
    /// Everyone to everywhere.
    Open,
    /// Those with this user's password, sent as Basic credentials. Others get 407.
    Basic { user: &'a str, password: &'a str },
    /// Everyone, but CONNECT to no port: 403.
    DenyingConnect,
    /// Nobody. 407 offers Negotiate, NTLM and Basic, in this order, and no credentials are right.
    NegotiateAndNtlm,
}

/// A running `squid` that keeps nothing. To an origin that is not there it answers 503.
///
/// Names are those it was given. For any other it asks this machine, where no name server listens, and answers after
/// a second as it would at once to a name that does not exist: 500 to CONNECT, 502 to the rest.
#[derive(Debug)]
pub struct Squid {
    server: Server,
}

impl Squid {
    /// Forwards for everyone.
    pub fn open() -> Self {
        Self::start_at(&Place::loopback(), Access::Open, &[])
    }

    /// Forwards for whoever has the password.
    pub fn basic(user: &str, password: &str) -> Self {
        Self::start_at(&Place::loopback(), Access::Basic { user, password }, &[])
    }

    /// Forwards plain HTTP alone.
    pub fn denying_connect() -> Self {
        Self::start_at(&Place::loopback(), Access::DenyingConnect, &[])
    }

    /// Asks for credentials as a Windows network's proxy does.
    pub fn negotiate_and_ntlm() -> Self {
        Self::start_at(&Place::loopback(), Access::NegotiateAndNtlm, &[])
    }

    /// Forwards for everyone, and knows these names, each with its address.
    pub fn with_hosts(hosts: &[(&str, &str)]) -> Self {
        Self::start_at(&Place::loopback(), Access::Open, hosts)
    }

    /// Forwards for everyone, and is itself spoken to over TLS: an `https://` proxy. It shows the first certificate of
    /// the chain alone, which therefore is best one [signed by the
    /// root](super::certificates::Authority::issue_by_root).
    pub fn tls(certificate: &Certificate) -> Self {
        Self::tls_at(&Place::loopback(), certificate)
    }

    /// The same, anywhere.
    pub fn tls_at(place: &Place, certificate: &Certificate) -> Self {
        Self::start(place, Access::Open, &[], Some(certificate))
    }

    /// Any of those spoken to in plain HTTP, anywhere.
    pub fn start_at(place: &Place, access: Access<'_>, hosts: &[(&str, &str)]) -> Self {
        Self::start(place, access, hosts, None)
    }

    fn start(place: &Place, access: Access<'_>, hosts: &[(&str, &str)], certificate: Option<&Certificate>) -> Self {
        let squid = program::find("squid", "squid");
        let server = Server::start(
            "squid",
            place,
            |directory, address| {
                let hosts = directory.write("hosts", names::hosts_file(hosts));
                let configuration = format!(
                    "{}\
                     hosts_file {}\n\
                     {COMMON}{}",
                    port(address, certificate),
                    hosts.display(),
                    rules(access, directory),
                );
                let configuration = directory.write("squid.conf", configuration);
                // It refuses to be root.
                let mut command = place.server_command_as("proxy", &squid);
                // The name keeps those that run at once apart; it must be alphanumeric.
                command.args(["-N", "-d", "1", "-n", &format!("port{}", address.port()), "-f"]);
                command.arg(configuration);
                command
            },
            |address| is_ready(place, address, certificate.is_some()),
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

/// The line that says where it listens, and with which certificate if it does over TLS.
fn port(address: SocketAddr, certificate: Option<&Certificate>) -> String {
    certificate.map_or_else(
        || format!("http_port {address}\n"),
        |Certificate { chain, key, .. }| {
            format!("https_port {address} tls-cert={} tls-key={}\n", chain.display(), key.display())
        },
    )
}

fn is_ready(place: &Place, address: SocketAddr, is_over_tls: bool) -> bool {
    if is_over_tls {
        // It has read its certificate before it listens.
        return ask::accepts_connections(place, address);
    }
    // No scheme and no host: whatever its rules are, it answers 400.
    ask::exchange_over_tcp(place, address, b"GET ready HTTP/1.0\r\n\r\n")
        .is_some_and(|answer| answer.starts_with(b"HTTP/1.1 400 "))
}

/// What every proxy has: no files, no cache, no guests from elsewhere, and no patience with what does not answer.
const COMMON: &str = "pid_filename none\n\
     cache_log /dev/null\n\
     access_log none\n\
     cache deny all\n\
     visible_hostname proxy.example\n\
     pinger_enable off\n\
     dns_nameservers 127.0.0.1\n\
     dns_timeout 1 second\n\
     dns_retransmit_interval 1 second\n\
     acl tunnel method CONNECT\n";

/// The rules that let through whom they should.
fn rules(access: Access<'_>, directory: &TemporaryDirectory) -> String {
    match access {
        Access::Open => "http_access allow all\n".to_owned(),
        Access::DenyingConnect => "http_access deny tunnel\nhttp_access allow all\n".to_owned(),
        Access::Basic { user, password } => {
            let checker = program::file("/usr/lib/squid/basic_ncsa_auth", "squid");
            let users = directory.write("users", format!("{user}:{}\n", hash(password)));
            let scheme = ("basic", format!("{} {}", checker.display(), users.display()));
            authentication(&[scheme])
        }
        Access::NegotiateAndNtlm => {
            let refuser = directory.write("refuser", "while read -r line; do echo ERR; done\n");
            let refuser = format!("{} {}", program::find("sh", "dash").display(), refuser.display());
            authentication(&["negotiate", "ntlm", "basic"].map(|scheme| (scheme, refuser.clone())))
        }
    }
}

/// Asks for credentials of these schemes, each checked by its program.
fn authentication(schemes: &[(&str, String)]) -> String {
    let mut rules = String::new();
    for (scheme, checker) in schemes {
        writeln!(rules, "auth_param {scheme} program {checker}\nauth_param {scheme} children 1 startup=1 idle=1")
            .expect("text can be written to a string");
    }
    rules.push_str(
        "acl known proxy_auth REQUIRED\n\
         http_access allow known\n\
         http_access deny all\n",
    );
    rules
}

/// The password as Apache's files keep it.
fn hash(password: &str) -> String {
    let mut command = Command::new(program::find("openssl", "openssl"));
    let output = command.args(["passwd", "-apr1", password]).output().expect("openssl can be run");
    assert!(output.status.success(), "openssl hashes no password");
    String::from_utf8(output.stdout).expect("a hash is text").trim_end().to_owned()
}
