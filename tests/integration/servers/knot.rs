//! Knot DNS: an authoritative server whose zones a test writes, and rewrites while it runs.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::directory::TemporaryDirectory;
use super::dns_message::{self, SERVER_FAILURE};
use super::place::Place;
use super::process;
use super::program;
use super::server::Server;

/// The serial number of a zone as first served.
const FIRST_SERIAL: u32 = 1;

/// One zone to serve.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    /// `None` for a zone whose file is missing.
    records: Option<String>,
    serial: u32,
}

impl Zone {
    /// A zone of the given records, in the format of zone files, relative to the zone's name.
    ///
    /// The SOA and NS records are added: each new version needs a serial number of its own to be waited for.
    /// Records have a TTL of 60 seconds unless they carry one, and the absence of a record has 1 second.
    pub fn new(name: &str, records: &str) -> Self {
        Self { name: name.to_owned(), records: Some(records.to_owned()), serial: FIRST_SERIAL }
    }

    /// A zone that is configured but has no file, so that every question about it gets SERVFAIL.
    pub fn broken(name: &str) -> Self {
        Self { name: name.to_owned(), records: None, serial: FIRST_SERIAL }
    }

    /// Writes the zone's file, unless it is to be missing.
    fn write(&self, directory: &TemporaryDirectory) {
        let Self { name, records: Some(records), serial } = self else {
            return;
        };
        let text = format!(
            "$ORIGIN {name}.\n\
             $TTL 60\n\
             @ SOA ns hostmaster {serial} 3600 600 86400 1\n\
             @ NS ns\n\
             ns A 127.0.0.1\n\
             {records}\n"
        );
        directory.write(&format!("{name}.zone"), text);
    }

    /// Whether the server answers for this version of the zone.
    fn is_served(&self, place: &Place, address: SocketAddr) -> bool {
        dns_message::ask_for_serial(place, address, &self.name).is_some_and(|answer| match self.records {
            Some(_) => answer.serial == Some(self.serial),
            None => answer.response_code == SERVER_FAILURE,
        })
    }
}

/// A running `knotd`. Questions about zones it does not have get REFUSED.
#[derive(Debug)]
pub struct Knot {
    server: Server,
    place: Place,
    zones: Vec<Zone>,
}

impl Knot {
    /// Serves one zone on 127.0.0.1.
    pub fn start(name: &str, records: &str) -> Self {
        Self::start_at(&Place::loopback(), &[Zone::new(name, records)])
    }

    /// Serves any number of zones, anywhere.
    pub fn start_at(place: &Place, zones: &[Zone]) -> Self {
        let knotd = program::find("knotd", "knot");
        let server = Server::start(
            "knot",
            place,
            |directory, address| {
                for zone in zones {
                    zone.write(directory);
                }
                let configuration = directory.write("knot.conf", configuration(directory.path(), address, zones));
                let mut command = place.server_command(&knotd);
                command.arg("-c").arg(configuration);
                command
            },
            |address| zones.iter().all(|zone| zone.is_served(place, address)),
        );
        Self { server, place: place.clone(), zones: zones.to_vec() }
    }

    /// Where it answers, over UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Replaces a zone's records and returns when the new ones are served. This repairs a broken zone.
    pub fn replace_zone(&mut self, name: &str, records: &str) {
        let zone =
            self.zones.iter_mut().find(|zone| zone.name == name).unwrap_or_else(|| panic!("{name} is not served"));
        zone.records = Some(records.to_owned());
        zone.serial += 1;
        zone.write(&self.server.directory);
        reload(&self.server, name);
        let (zone, complaint) = (&*zone, self.server.process.report("does not serve the zone's new version"));
        process::wait_until(&complaint, || zone.is_served(&self.place, self.server.address));
    }
}

/// Makes the running server read one zone's file again.
fn reload(server: &Server, name: &str) {
    // The control socket is a file, so this works from outside a namespace too.
    let output = Command::new(program::find("knotc", "knot"))
        .arg("-s")
        .arg(server.directory.path().join("control"))
        .args(["-b", "zone-reload", name])
        .output()
        .expect("knotc can be run");
    assert!(
        output.status.success(),
        "knotc: {}{}",
        String::from_utf8_lossy(&output.stderr),
        server.process.report("does not take the zone's new version")
    );
}

/// The whole of `knot.conf`: everything the server writes stays in `directory`.
fn configuration(directory: &Path, address: SocketAddr, zones: &[Zone]) -> String {
    let (ip, port, directory) = (address.ip(), address.port(), directory.display());
    let mut text = format!(
        "server:\n  \
           listen: {ip}@{port}\n  \
           rundir: {directory}\n  \
           udp-workers: 1\n  \
           tcp-workers: 1\n  \
           background-workers: 1\n\
         control:\n  \
           listen: {directory}/control\n\
         database:\n  \
           storage: {directory}\n\
         log:\n  \
           - target: stderr\n    \
             any: info\n\
         template:\n  \
           - id: default\n    \
             storage: {directory}\n    \
             journal-content: none\n    \
             zonefile-load: whole\n\
         zone:\n"
    );
    for Zone { name, .. } in zones {
        writeln!(text, "  - domain: {name}\n    file: {name}.zone").expect("text can be written to a string");
    }
    text
}
