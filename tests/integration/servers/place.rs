//! Where a server runs: in which network namespace, on which address and port.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::resume_unwind;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::netns::{self, Namespace};
use super::port;
use super::program;

/// A listening address, and the network namespace it is in.
#[derive(Clone, Debug)]
pub struct Place {
    namespace: Option<String>,
    address: SocketAddr,
}

impl Place {
    /// 127.0.0.1, on any free port.
    pub fn loopback() -> Self {
        Self::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// The given loopback address; port 0 means any free one.
    pub fn at(address: SocketAddr) -> Self {
        assert!(address.ip().is_loopback(), "{address} would listen beyond this machine; use a namespace");
        Self { namespace: None, address }
    }

    /// An address inside `namespace`; port 0 means any free one, and the real ports are there for the taking.
    pub fn within(namespace: &Namespace, address: SocketAddr) -> Self {
        Self { namespace: Some(namespace.name().to_owned()), address }
    }

    /// The address to listen on, of which the port may be 0.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address with a port that is not 0 any more.
    pub(super) fn choose(&self) -> SocketAddr {
        match (self.address.port(), &self.namespace) {
            (0, None) => SocketAddr::new(self.address.ip(), port::free(self.address.ip())),
            // A namespace's ports cannot be tried from here; any port free outside is as good as another.
            (0, Some(_)) => {
                let outside = IpAddr::V4(Ipv4Addr::LOCALHOST);
                SocketAddr::new(self.address.ip(), port::free(outside))
            }
            _ => self.address,
        }
    }

    /// Does something as a program here would: what it binds and connects is in this place's network.
    pub fn run<T: Send>(&self, action: impl FnOnce() -> T + Send) -> T {
        match &self.namespace {
            // A thread has a network of its own, so this one stays where it is.
            Some(namespace) => thread::scope(|scope| {
                let inside = scope.spawn(|| {
                    netns::enter(namespace);
                    action()
                });
                inside.join().unwrap_or_else(|panic| resume_unwind(panic))
            }),
            None => action(),
        }
    }

    /// A command that runs a server's program here and dies with the test, even one killed outright.
    ///
    /// The kernel sends the signal when the *thread* that started the program ends, which is why
    /// programs are started by [`super::process`] from a thread that lasts.
    pub fn server_command(&self, program: &Path) -> Command {
        let mut command = Command::new(program::find("setpriv", "util-linux"));
        command.args(["--pdeathsig", "KILL", "--"]);
        if let Some(namespace) = &self.namespace {
            command.arg(program::find("ip", "iproute2"));
            command.args(["netns", "exec", namespace]);
        }
        command.arg(program);
        command
    }

    /// The same for a program that is to run as this user, and to be in the group of the same name.
    ///
    /// One that changes its user by itself would no longer die with the test: the kernel then forgets the signal.
    pub fn server_command_as(&self, user: &str, program: &Path) -> Command {
        let setpriv = program::find("setpriv", "util-linux");
        let mut command = self.server_command(&setpriv);
        command.args(["--reuid", user, "--regid", user, "--clear-groups", "--pdeathsig", "KILL", "--"]).arg(program);
        command
    }

    /// A command that runs a short-lived program here.
    pub(super) fn command(&self, program: &Path) -> Command {
        let Some(namespace) = &self.namespace else {
            return Command::new(program);
        };
        let mut command = Command::new(program::find("ip", "iproute2"));
        command.args(["netns", "exec", namespace]).arg(program);
        command
    }
}
