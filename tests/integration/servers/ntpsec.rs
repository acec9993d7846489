//! ntpsec: a second NTP server, for what chrony does not do: it says when it is asked too often.

use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::netns::Namespace;
use super::ntp_message::{self, Answer};
use super::place::Place;
use super::program;
use super::server::Server;

/// Makes this machine's clock good enough at stratum 5, for want of another, and at once.
const ON_ITS_OWN: &str = "tos orphan 5 orphanwait 0\n";

/// Takes loopback from under the limit that holds by default: some twenty questions a second, and silence.
const UNLIMITED: &str = "restrict 127.0.0.1\nrestrict ::1\n";

/// A running `ntpd` in a network namespace of its own, for its port is always 123, and without the power to set this
/// machine's clock.
///
/// Its clock cannot be shifted: the kernel writes down when a datagram arrived, and that is not the library's to fake.
#[derive(Debug)]
pub struct Ntpsec {
    // Dropped in this order: the server first, then the network it holds.
    server: Server,
    namespace: Namespace,
}

impl Ntpsec {
    /// Serves the right time at stratum 5. It takes a second to be sure of itself.
    pub fn right() -> Self {
        Self::start(&format!("{ON_ITS_OWN}{UNLIMITED}"), is_sure)
    }

    /// Serves the right time once to each address, from 127.0.0.1 as well; every further question from there gets a
    /// kiss of death: `RATE`, stratum 0, and the question's transmit timestamp in place of all times.
    ///
    /// (Being asked whether it is ready counts for `::1`, which has no limit.)
    pub fn rate_limiting() -> Self {
        // Averaged over three seconds, one question alone is a third of one a second: more than a hundredth, above
        // which it is refused, and less than a hundred, above which the refusal is not worth a kiss. The first one
        // is not measured.
        let configuration = format!(
            "{ON_ITS_OWN}\
             restrict default limited kod\n\
             restrict ::1\n\
             limit average 0.01 burst 3 kod 100\n"
        );
        Self::start(&configuration, is_sure)
    }

    /// Answers that it does not know the time: leap indicator 3 (alarm), stratum 0, reference `INIT`.
    pub fn unsynchronised() -> Self {
        Self::start(UNLIMITED, |answer| (answer.leap, answer.stratum) == (3, 0))
    }

    fn start(configuration: &str, is_ready: impl Fn(Answer) -> bool) -> Self {
        let (setpriv, ntpd) = (program::find("setpriv", "util-linux"), unpacked());
        let namespace = Namespace::new();
        let place = Place::within(&namespace, SocketAddr::from(([127, 0, 0, 1], 123)));
        let server = Server::start(
            "ntpsec",
            &place,
            |directory, _| {
                let configuration = directory.write("ntp.conf", configuration);
                let mut command = place.server_command(&setpriv);
                command.args(["--bounding-set", "-sys_time", "--"]).arg(&ntpd);
                command.arg("-n").arg("-c").arg(configuration);
                command.arg("-f").arg(directory.path().join("drift")).arg("-s").arg(directory.path());
                command
            },
            // Asked over IPv6, which it listens on after IPv4.
            |address| {
                let beside = SocketAddr::from((Ipv6Addr::LOCALHOST, address.port()));
                ntp_message::ask_for_time(&place, beside).is_some_and(&is_ready)
            },
        );
        Self { server, namespace }
    }

    /// Where it answers, over UDP, for programs run by [`Ntpsec::command`].
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

/// Whether the server takes its own clock for good enough.
fn is_sure(answer: Answer) -> bool {
    (answer.leap, answer.stratum) == (0, 5)
}

/// The program where `tests/run` unpacks it: Debian's package cannot be installed beside chrony's.
fn unpacked() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/servers/ntpsec/usr/sbin/ntpd");
    assert!(path.is_file(), "{} is missing: tests/run unpacks it", path.display());
    path
}
