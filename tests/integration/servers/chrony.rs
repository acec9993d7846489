//! chrony: an NTP server whose clock is right, wrong by a known amount, or not set at all.

use std::net::SocketAddr;

use super::place::Place;
use super::server::Server;
use super::{faketime, ntp_message, program};

/// What time the server says it is.
#[derive(Clone, Copy, Debug)]
pub enum Clock<'a> {
    /// This machine's, at stratum 8.
    Right,
    /// This machine's, shifted as libfaketime writes it: `+14700s`.
    Faked(&'a str),
    /// No time: leap indicator 3 (alarm), stratum 0.
    Unsynchronised,
}

/// A running `chronyd` that leaves this machine's clock alone.
#[derive(Debug)]
pub struct Chrony {
    server: Server,
}

impl Chrony {
    /// Serves the right time on 127.0.0.1.
    pub fn right() -> Self {
        Self::start_at(&Place::loopback(), Clock::Right)
    }

    /// Serves a time shifted by `offset`, such as `+14700s`, on 127.0.0.1.
    pub fn faked(offset: &str) -> Self {
        Self::start_at(&Place::loopback(), Clock::Faked(offset))
    }

    /// Answers on 127.0.0.1 that it does not know the time.
    pub fn unsynchronised() -> Self {
        Self::start_at(&Place::loopback(), Clock::Unsynchronised)
    }

    /// Serves any time, anywhere.
    pub fn start_at(place: &Place, clock: Clock<'_>) -> Self {
        let chronyd = program::find("chronyd", "chrony");
        let server = Server::start(
            "chrony",
            place,
            |directory, address| {
                let (ip, port) = (address.ip(), address.port());
                let mut configuration = format!(
                    "port {port}\nbindaddress {ip}\nallow all\n\
                     cmdport 0\nbindcmdaddress /\npidfile {}/pid\n",
                    directory.path().display()
                );
                if !matches!(clock, Clock::Unsynchronised) {
                    configuration.push_str("local stratum 8\n");
                }
                let configuration = directory.write("chrony.conf", configuration);
                let mut command = place.server_command(&chronyd);
                command.args(["-x", "-d", "-u", "root", "-f"]).arg(configuration);
                if let Clock::Faked(offset) = clock {
                    faketime::shift(&mut command, offset);
                }
                command
            },
            |address| answers_as(place, address, clock),
        );
        Self { server }
    }

    /// Where it answers, over UDP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

/// Asks for the time and looks whether leap indicator and stratum are as they should be.
fn answers_as(place: &Place, address: SocketAddr, clock: Clock<'_>) -> bool {
    let expected = match clock {
        Clock::Right | Clock::Faked(_) => (0, 8),
        Clock::Unsynchronised => (3, 0),
    };
    ntp_message::ask_for_time(place, address).is_some_and(|answer| (answer.leap, answer.stratum) == expected)
}
