//! microsocks: a small SOCKS5 proxy, open or with a password.

use std::net::SocketAddr;

use super::place::Place;
use super::server::Server;
use super::{ask, names, program, socks};

/// A running `microsocks`. An origin that is not there gets reply 5, an unknown name reply 1; a wrong password gets
/// status 2.
#[derive(Debug)]
pub struct Microsocks {
    server: Server,
}

impl Microsocks {
    /// Forwards for everyone.
    pub fn open() -> Self {
        Self::start_at(&Place::loopback(), None, &[])
    }

    /// Forwards for whoever has the password.
    pub fn with_password(user: &str, password: &str) -> Self {
        Self::start_at(&Place::loopback(), Some((user, password)), &[])
    }

    /// Forwards for everyone, and knows these names, each with its address.
    pub fn with_hosts(hosts: &[(&str, &str)]) -> Self {
        Self::start_at(&Place::loopback(), None, hosts)
    }

    /// Any of these, anywhere.
    pub fn start_at(place: &Place, credentials: Option<(&str, &str)>, hosts: &[(&str, &str)]) -> Self {
        let microsocks = program::find("microsocks", "microsocks");
        let method = if credentials.is_some() { socks::PASSWORD } else { socks::NO_AUTHENTICATION };
        let server = Server::start(
            "microsocks",
            place,
            |directory, address| {
                let mut command = names::server_command(place, &microsocks, directory, hosts);
                command.args(["-i", &address.ip().to_string(), "-p", &address.port().to_string()]);
                if let Some((user, password)) = credentials {
                    command.args(["-u", user, "-P", password]);
                }
                command
            },
            |address| {
                ask::exchange_over_tcp(place, address, &socks::greeting(method))
                    .is_some_and(|answer| answer == [socks::VERSION, method])
            },
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}
