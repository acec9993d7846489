//! chrony: an NTP server whose clock is right, wrong by a known amount, or not set at all.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::ask;
use super::place::Place;
use super::program;
use super::server::Server;

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
                    command.env("LD_PRELOAD", faketime());
                    command.env("FAKETIME", offset);
                    // Its own timers run on the monotonic clock, and a jump there would stop them.
                    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
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

/// The library that shifts a program's clock. (The `faketime` command forks: its process id is not the server's.)
fn faketime() -> PathBuf {
    let path = format!("/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH);
    program::file(path, "libfaketime")
}

/// Asks for the time (RFC 5905, section 7.3) and looks whether leap indicator and stratum are as they should be.
fn answers_as(place: &Place, address: SocketAddr, clock: Clock<'_>) -> bool {
    let mut question = [0; 48];
    // Leap indicator 0, version 4, mode 3 (client).
    question[0] = 4 << 3 | 3;
    // A transmit timestamp that is not zero, as a client's is.
    question[40..48].copy_from_slice(b"readying");
    let Some(answer) = ask::exchange_datagrams(place, address, &question) else {
        return false;
    };
    let [first, stratum, ..] = answer[..] else {
        return false;
    };
    let expected = match clock {
        Clock::Right | Clock::Faked(_) => (0, 8),
        Clock::Unsynchronised => (3, 0),
    };
    answer.len() >= 48 && first & 0b111 == 4 && (first >> 6, stratum) == expected
}
