//! A plain web server: something that listens where an RPC server is expected, and speaks another language.

use std::net::SocketAddr;

use super::ask;
use super::place::Place;
use super::program;
use super::server::Server;

/// A running `python3 -m http.server`.
///
/// To an RPC bind it says nothing: it waits for the end of a line, and a bind has none. It answers 400 once a byte
/// 0x0a arrives.
#[derive(Debug)]
pub struct PlainHttp {
    server: Server,
}

impl PlainHttp {
    /// Runs on 127.0.0.1; port 0 means any free one.
    pub fn start(port: u16) -> Self {
        Self::start_at(&Place::at(SocketAddr::from(([127, 0, 0, 1], port))))
    }

    /// The same, anywhere.
    pub fn start_at(place: &Place) -> Self {
        let python = program::python();
        let server = Server::start(
            "http",
            place,
            |directory, address| {
                let mut command = place.server_command(&python);
                command.args(["-m", "http.server", "--bind", &address.ip().to_string()]);
                command.arg("--directory").arg(directory.subdirectory("pages"));
                command.arg(address.port().to_string());
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
