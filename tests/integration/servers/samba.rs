//! Samba's RPC service: a real RPC server without the KMS interface.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::ask;
use super::directory::TemporaryDirectory;
use super::netns::Namespace;
use super::place::Place;
use super::program;
use super::server::Server;

/// A running `samba-dcerpcd` in a network namespace of its own, for its endpoint mapper's port is always 135.
#[derive(Debug)]
pub struct Samba {
    // Dropped in this order: the server first, then the network it holds.
    server: Server,
    namespace: Namespace,
}

impl Samba {
    /// Starts it on the namespace's own 127.0.0.1.
    pub fn start() -> Self {
        let samba = program::find("samba-dcerpcd", "samba");
        let namespace = Namespace::new();
        let place = Place::within(&namespace, SocketAddr::from(([127, 0, 0, 1], 135)));
        let server = Server::start(
            "samba",
            &place,
            |directory, _| {
                let configuration = directory.write("smb.conf", configuration(directory));
                let mut command = place.server_command(&samba);
                command.args(["-F", "--libexec-rpcds", "--debug-stdout", "-s"]).arg(configuration);
                command
            },
            |address| ask::accepts_connections(&place, address),
        );
        Self { server, namespace }
    }

    /// Where it answers, over TCP, for programs run by [`Samba::command`].
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// A command that runs in the server's network.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        self.namespace.command(program)
    }

    /// The server's network.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }
}

/// The whole of `smb.conf`: every directory Samba writes to is below the server's own.
fn configuration(directory: &TemporaryDirectory) -> String {
    let mut text = String::from(
        "[global]\n\
         workgroup = GRACEWATCH\n\
         netbios name = GRACEWATCH\n\
         server role = standalone server\n\
         rpc start on demand helpers = no\n\
         disable netbios = yes\n\
         load printers = no\n\
         log level = 1\n\
         logging = file\n",
    );
    text.push_str(&own_directories(directory));
    text
}

/// The part of `smb.conf` that keeps what Samba writes in a directory of the server's own.
pub(super) fn own_directories(directory: &TemporaryDirectory) -> String {
    let mut text = String::new();
    for (parameter, name) in [
        ("state directory", "state"),
        ("cache directory", "cache"),
        ("lock directory", "lock"),
        ("pid directory", "pid"),
        ("private dir", "private"),
        ("ncalrpc dir", "ncalrpc"),
    ] {
        writeln!(text, "{parameter} = {}", directory.subdirectory(name).display())
            .expect("text can be written to a string");
    }
    text
}
