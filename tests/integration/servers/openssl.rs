//! OpenSSL's own TLS server, for what web servers do in HTTP: it wants a certificate of the client's, and says so in TLS.

use std::net::SocketAddr;

use super::certificates::Certificate;
use super::place::Place;
use super::server::Server;
use super::{ask, program};

/// A running `openssl s_server` that speaks TLS 1.3, in which a client believes to be through before its certificate is
/// missed (RFC 8446, section 4.4.2.4).
#[derive(Debug)]
pub struct Openssl {
    server: Server,
}

impl Openssl {
    /// Wants a certificate of everyone.
    pub fn wanting_certificates_at(place: &Place, certificate: &Certificate) -> Self {
        let openssl = program::find("openssl", "openssl");
        let server = Server::start(
            "openssl",
            place,
            |_, address| {
                let mut command = place.server_command(&openssl);
                command.args(["s_server", "-accept", &address.to_string(), "-tls1_3", "-Verify", "1", "-www"]);
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
