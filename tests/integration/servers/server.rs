//! Starting any server: a port, a directory, a process, and an answer from it.

use std::net::SocketAddr;
use std::process::Command;

use super::directory::TemporaryDirectory;
use super::place::Place;
use super::process::{NotReady, Process};
use super::sockets;

/// How many ports are tried before a server that keeps ending is given up.
const ATTEMPTS: u32 = 4;

/// A server that has answered. Dropping it ends the process first, then removes its directory.
#[derive(Debug)]
pub struct Server {
    pub process: Process,
    pub directory: TemporaryDirectory,
    pub address: SocketAddr,
}

impl Server {
    /// Starts a server: `prepare` writes its configuration and says how to run it, `is_ready` asks it something.
    pub fn start(
        name: &str,
        place: &Place,
        prepare: impl Fn(&TemporaryDirectory, SocketAddr) -> Command,
        is_ready: impl Fn(SocketAddr) -> bool,
    ) -> Self {
        let mut complaint = String::new();
        for _ in 0..ATTEMPTS {
            let address = place.choose();
            let directory = TemporaryDirectory::new(name);
            let command = prepare(&directory, address);
            let mut process = Process::start(name, command, directory.path());
            let id = process.id();
            // Asked only once the port is its own: another test's server may have taken the port, and would answer.
            match process.wait_until_ready(|| sockets::holds_port(id, address.port()) && is_ready(address)) {
                Ok(()) => return Self { process, directory, address },
                // Most likely its port was taken between the choice and the start.
                Err(NotReady::Ended(report)) => complaint = report,
                Err(NotReady::Silent(report)) => panic!("{report}"),
            }
        }
        panic!("{complaint}");
    }
}
