//! OpenSSL's own TLS server, for what web servers do in HTTP: it wants a certificate of the client's, and says so in TLS.
//! In TLS 1.3 a client believes to be through before its certificate is missed (RFC 8446, section 4.4.2.4).

use std::net::SocketAddr;

use super::certificates::Certificate;
use super::place::Place;
use super::server::Server;
use super::{ask, program};

/// A running `openssl s_server`.
#[derive(Debug)]
pub struct Openssl {
    server: Server,
}

impl Openssl {
    /// Speaks one version of TLS, such as `-tls1_3`, and wants a certificate of everyone.
    pub fn wanting_certificates_at(place: &Place, certificate: &Certificate, version: &str) -> Self {
        Self::start(place, certificate, &[version, "-Verify", "1"])
    }

    /// Speaks as these arguments have it.
    pub fn start(place: &Place, certificate: &Certificate, arguments: &[&str]) -> Self {
        let openssl = program::find("openssl", "openssl");
        let server = Server::start(
            "openssl",
            place,
            |_, address| {
                let mut command = place.server_command(&openssl);
                command.args(["s_server", "-accept", &address.to_string(), "-www"]).args(arguments);
                command.arg("-cert").arg(&certificate.leaf).arg("-key").arg(&certificate.key);
                command.arg("-cert_chain").arg(&certificate.chain);
                command
            },
            |address| ask::accepts_connections(place, address),
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}
