//! dnsmasq: a small DNS server with habits of its own, such as a TTL of 0 and an NXDOMAIN without SOA.

use std::net::SocketAddr;

use super::dns_message;
use super::place::Place;
use super::program;
use super::server::Server;

/// A running `dnsmasq` that knows its configuration's names and asks nobody else.
#[derive(Debug)]
pub struct Dnsmasq {
    server: Server,
}

impl Dnsmasq {
    /// Runs on 127.0.0.1 with lines such as `srv-host=_vlmcs._tcp.corp.example,kms1.corp.example,1688`.
    ///
    /// A name that is not configured gets REFUSED, below a `local=/corp.example/` NXDOMAIN.
    pub fn start(lines: &[&str]) -> Self {
        Self::start_at(&Place::loopback(), lines)
    }

    /// The same, anywhere.
    pub fn start_at(place: &Place, lines: &[&str]) -> Self {
        let dnsmasq = program::find("dnsmasq", "dnsmasq-base");
        let server = Server::start(
            "dnsmasq",
            place,
            |directory, address| {
                let (ip, port, lines) = (address.ip(), address.port(), lines.join("\n"));
                let configuration = format!(
                    "port={port}\nlisten-address={ip}\nbind-interfaces\n\
                     no-resolv\nno-hosts\nuser=root\ngroup=root\npid-file\nlog-facility=-\n{lines}\n"
                );
                let configuration = directory.write("dnsmasq.conf", configuration);
                let mut command = place.server_command(&dnsmasq);
                command.arg("--keep-in-foreground").arg("-C").arg(configuration);
                command
            },
            // Whatever it answers to a name it has not been given, it is up.
            |address| dns_message::ask_for_serial(place, address, "ready.invalid").is_some(),
        );
        Self { server }
    }

    /// Where it answers, over UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}
