//! Unbound: a forwarding resolver, such as sits between most machines and the zones they ask for.

use std::net::SocketAddr;

use super::dns_message;
use super::place::Place;
use super::program;
use super::server::Server;

/// A name the server answers from its own configuration, so that it can be asked with its upstream dead.
const OWN_NAME: &str = "own.gracewatch.invalid";

/// A running `unbound` that forwards every question to one upstream server and caches the answers.
#[derive(Debug)]
pub struct Unbound {
    server: Server,
}

impl Unbound {
    /// Runs on 127.0.0.1. With a dead upstream it gives no answer at all for 10 seconds.
    pub fn forwarding_to(upstream: SocketAddr) -> Self {
        Self::forwarding_to_at(&Place::loopback(), upstream)
    }

    /// The same, anywhere.
    pub fn forwarding_to_at(place: &Place, upstream: SocketAddr) -> Self {
        let unbound = program::find("unbound", "unbound");
        let server = Server::start(
            "unbound",
            place,
            |directory, address| {
                let configuration = directory.write("unbound.conf", configuration(address, upstream));
                let mut command = place.server_command(&unbound);
                command.args(["-d", "-p", "-c"]).arg(configuration);
                command
            },
            |address| {
                dns_message::ask_for_serial(place, address, OWN_NAME).is_some_and(|answer| answer.serial == Some(1))
            },
        );
        Self { server }
    }

    /// Where it answers, over UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

/// The whole of `unbound.conf`: no user to change to, no directory to change root to, no files, no control port.
fn configuration(address: SocketAddr, upstream: SocketAddr) -> String {
    let (ip, port) = (address.ip(), address.port());
    let (upstream_ip, upstream_port) = (upstream.ip(), upstream.port());
    format!(
        "server:\n  \
           interface: {ip}@{port}\n  \
           access-control: 0.0.0.0/0 allow\n  \
           access-control: ::/0 allow\n  \
           so-reuseport: no\n  \
           do-daemonize: no\n  \
           username: \"\"\n  \
           chroot: \"\"\n  \
           directory: \"\"\n  \
           pidfile: \"\"\n  \
           use-syslog: no\n  \
           logfile: \"\"\n  \
           num-threads: 1\n  \
           module-config: \"iterator\"\n  \
           do-not-query-localhost: no\n  \
           local-zone: \"test.\" nodefault\n  \
           local-zone: \"{OWN_NAME}.\" static\n  \
           local-data: \"{OWN_NAME}. 0 SOA {OWN_NAME}. {OWN_NAME}. 1 3600 600 86400 0\"\n\
         remote-control:\n  \
           control-enable: no\n\
         forward-zone:\n  \
           name: \".\"\n  \
           forward-addr: {upstream_ip}@{upstream_port}\n"
    )
}
