//! Dante: a SOCKS5 proxy with rules.

use std::net::SocketAddr;

use super::place::Place;
use super::server::Server;
use super::{ask, names, program, socks};

/// A running `danted`. Its further processes end with it.
///
/// An origin that is not there gets reply 5, one it has a rule against reply 2, and an unknown name reply 4, with that
/// name instead of an address in it.
#[derive(Debug)]
pub struct Dante {
    server: Server,
}

impl Dante {
    /// Forwards to everywhere on this machine.
    pub fn open() -> Self {
        Self::start_at(&Place::loopback(), None, &[])
    }

    /// Forwards to everywhere but there.
    pub fn blocking(target: SocketAddr) -> Self {
        Self::start_at(&Place::loopback(), Some(target), &[])
    }

    /// Either, anywhere, with names it knows beside `localhost`, each with its address.
    pub fn start_at(place: &Place, blocked: Option<SocketAddr>, hosts: &[(&str, &str)]) -> Self {
        let danted = program::find("danted", "dante-server");
        let server = Server::start(
            "dante",
            place,
            |directory, address| {
                let configuration = directory.write("danted.conf", configuration(address, blocked));
                let mut command = names::server_command(place, &danted, directory, hosts);
                command.arg("-f").arg(configuration).arg("-p").arg(directory.path().join("pid"));
                command
            },
            |address| {
                ask::exchange_over_tcp(place, address, &socks::greeting(socks::NO_AUTHENTICATION))
                    .is_some_and(|answer| answer == [socks::VERSION, socks::NO_AUTHENTICATION])
            },
        );
        Self { server }
    }

    /// Where it answers, over TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

/// The whole of `danted.conf`. The first rule that fits counts.
fn configuration(address: SocketAddr, blocked: Option<SocketAddr>) -> String {
    let (ip, port) = (address.ip(), address.port());
    let block = blocked.map_or_else(String::new, |target| {
        format!("socks block {{ from: 0.0.0.0/0 to: {}/32 port = {} }}\n", target.ip(), target.port())
    });
    format!(
        "logoutput: stderr\n\
         internal: {ip} port = {port}\n\
         external: {ip}\n\
         clientmethod: none\n\
         socksmethod: none\n\
         user.privileged: root\n\
         user.unprivileged: root\n\
         client pass {{ from: {ip}/32 to: 0.0.0.0/0 }}\n\
         {block}\
         socks pass {{ from: {ip}/32 to: 0.0.0.0/0 }}\n"
    )
}
