//! impacket's RPC server with the KMS interface registered and nothing behind it.
//!
//! It says yes to a bind, as a KMS host does, and has no operation that a request could reach: it is no KMS
//! emulator. What clients sent is recorded, so that a test can show that no request was among it.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use std::{fs, io};

use super::ask;
use super::place::Place;
use super::program;
use super::recording::Recording;
use super::server::Server;

/// The server itself.
const PROGRAM: &str = include_str!("rpc_server.py");

/// How long connections still open are waited for before the recording is read as it is.
const SETTLING: Duration = Duration::from_secs(1);

/// The interface a server has registered.
#[derive(Clone, Copy, Debug)]
pub enum Interface {
    /// 51c82175-844e-4750-b0d8-ec255555bc06 v1.0.
    Kms,
    /// The KMS interface in version 2.0, which nobody has ever spoken.
    KmsOfAnotherVersion,
    /// The endpoint mapper's, e1af8308-5d1f-11c9-91a4-08002b14a0fa v3.0.
    EndpointMapper,
}

impl Interface {
    /// UUID and version as impacket wants them.
    fn identity(self) -> [&'static str; 2] {
        match self {
            Self::Kms => ["51c82175-844e-4750-b0d8-ec255555bc06", "1.0"],
            Self::KmsOfAnotherVersion => ["51c82175-844e-4750-b0d8-ec255555bc06", "2.0"],
            Self::EndpointMapper => ["e1af8308-5d1f-11c9-91a4-08002b14a0fa", "3.0"],
        }
    }
}

/// A running RPC server. It serves one client at a time and gives up on one that says nothing for 5 seconds.
#[derive(Debug)]
pub struct RpcServer {
    server: Server,
}

impl RpcServer {
    /// The KMS interface on 127.0.0.1; port 0 means any free one.
    pub fn start(port: u16) -> Self {
        Self::start_at(&Place::at(SocketAddr::from(([127, 0, 0, 1], port))), Interface::Kms)
    }

    /// Any interface, anywhere.
    pub fn start_at(place: &Place, interface: Interface) -> Self {
        // Asked here, because a missing module would otherwise look like a taken port.
        program::file("/usr/lib/python3/dist-packages/impacket/__init__.py", "python3-impacket");
        let python = program::python();
        let server = Server::start(
            "rpc",
            place,
            |directory, address| {
                let script = directory.write("rpc_server.py", PROGRAM);
                let recordings = directory.subdirectory("recordings");
                let mut command = place.server_command(&python);
                command.arg(script).arg(address.ip().to_string()).arg(address.port().to_string());
                command.arg(recordings).args(interface.identity());
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

    /// What clients sent since the server started.
    pub fn received(&self) -> Recording {
        let directory = self.server.directory.path().join("recordings");
        let start = Instant::now();
        loop {
            let files = list(&directory).expect("the recordings can be listed");
            let all_closed = files.iter().all(|name| name.ends_with(".closed"));
            if all_closed || start.elapsed() > SETTLING {
                let read = read_all(&directory, &files);
                // A file renamed while it was about to be read is found under its new name next time.
                if let Ok(connections) = read {
                    return Recording { connections };
                }
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The recordings' names in the order of connections, without the first, which asked whether the server is up.
fn list(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names.split_off(names.len().min(1)))
}

fn read_all(directory: &Path, names: &[String]) -> io::Result<Vec<Vec<u8>>> {
    names.iter().map(|name| fs::read(directory.join(name))).collect()
}
