//! tinyproxy: a second HTTP proxy, which answers CONNECT in HTTP/1.0 and distinguishes wrong credentials from missing
//! ones.

use std::net::SocketAddr;

use super::place::Place;
use super::server::Server;
use super::{ask, names, program};

/// A running `tinyproxy`. Missing credentials get 407, wrong ones 401, and these answers are in HTTP/1.0 as well. An
/// origin that is not there gets 500, in HTTP/1.1.
#[derive(Debug)]
pub struct Tinyproxy {
    server: Server,
}

impl Tinyproxy {
    /// Forwards for everyone.
    pub fn open() -> Self {
        Self::start_at(&Place::loopback(), None, &[])
    }

    /// Forwards for whoever has the password.
    pub fn basic(user: &str, password: &str) -> Self {
        Self::start_at(&Place::loopback(), Some((user, password)), &[])
    }

    /// Either, anywhere, with names it knows beside `localhost`, each with its address.
    pub fn start_at(place: &Place, credentials: Option<(&str, &str)>, hosts: &[(&str, &str)]) -> Self {
        let tinyproxy = program::find("tinyproxy", "tinyproxy-bin");
        let server = Server::start(
            "tinyproxy",
            place,
            |directory, address| {
                let (ip, port) = (address.ip(), address.port());
                let credentials =
                    credentials.map_or_else(String::new, |(user, password)| format!("BasicAuth {user} {password}\n"));
                let configuration = format!("Listen {ip}\nPort {port}\nTimeout 60\n{credentials}");
                let configuration = directory.write("tinyproxy.conf", configuration);
                let mut command = names::server_command(place, &tinyproxy, directory, hosts);
                command.args(["-d", "-c"]).arg(configuration);
                command
            },
            // It cannot be understood, or was sent by nobody it knows: either answer is its own.
            |address| {
                ask::exchange_over_tcp(place, address, b"GET ready HTTP/1.0\r\n\r\n")
                    .is_some_and(|answer| answer.starts_with(b"HTTP/1.0 4"))
            },
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}
