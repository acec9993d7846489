//! What all scenes play in: a network of its own with a nameserver, a KMS host, time servers, a proxy and what lies
//! behind it, and the daemon that watches them for a fleet.
//!
//! Everything stands at the ports at which it usually does, and is found by the names in the files we ship.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use super::fleet;
use crate::servers::certificates::{Authority, Validity};
use crate::servers::chrony::{Chrony, Clock};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::nginx::{Answer, Nginx, Tls};
use crate::servers::place::Place;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::smbd::{Dialects, Smbd};
use crate::servers::squid::{Access, Squid};
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, gracewatch_in, run};

/// How long the daemon may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const NAMESERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 53);
const KMS_HOST: Ipv4Addr = Ipv4Addr::new(127, 0, 16, 1);
const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 31, 1);
const MICROSOFT: Ipv4Addr = Ipv4Addr::new(127, 0, 40, 1);
const TIME_SERVERS: [Ipv4Addr; 3] =
    [Ipv4Addr::new(127, 0, 123, 1), Ipv4Addr::new(127, 0, 123, 2), Ipv4Addr::new(127, 0, 123, 3)];

/// The zone of all but those that activate.
const ZONE: &str = "corp.example";

/// Who activates, at the far end of the proxy.
const ENDPOINTS: [&str; 2] = ["activation.sls.example", "licensing.mp.example"];

/// Whom their certificates are by.
const ISSUER: &str = "Gracewatch Test Root";

/// The record by which clients find the KMS host. It is looked up again each second.
pub const SRV_RECORD: &str = "_vlmcs._tcp 1 SRV 0 0 1688 kms01\n";

/// All that is watched, and the daemon.
pub struct World<'a> {
    // Dropped in this order: who asks before who answers.
    daemon: Option<Daemon<'a>>,
    knot: Knot,
    kms_host: Option<RpcServer>,
    clock: Option<Smbd>,
    proxy: Option<Squid>,
    _time_servers: [Chrony; 3],
    _endpoints: Nginx,
    directory: TemporaryDirectory,
    network: &'a Namespace,
}

impl<'a> World<'a> {
    /// Starts all of it.
    pub fn within(network: &'a Namespace) -> Self {
        let place = |address: Ipv4Addr, port| Place::within(network, SocketAddr::from((address, port)));
        network.resolve_through(NAMESERVER.into());
        network.add_address(KMS_HOST.into());
        let [corp, internet] = [(ZONE, zone(SRV_RECORD)), ("example", internet())];
        let zones = [corp, internet].map(|(name, records)| Zone::new(name, &records));
        let knot = Knot::start_at(&place(NAMESERVER, 53), &zones);
        let authority = Authority::new(ISSUER);
        let certificate = authority.issue(&ENDPOINTS, Validity::Good);
        let tls = Tls { certificate: &certificate, protocols: "TLSv1.2 TLSv1.3" };
        let endpoints = Nginx::tls_at(&place(MICROSOFT, 443), tls, Answer::Page(200, "activated"));
        let time_servers = TIME_SERVERS.map(|address| Chrony::start_at(&place(address, 123), Clock::Right));

        let directory = TemporaryDirectory::new("world");
        let roots = std::fs::read(authority.root()).expect("a root has a file");
        directory.write("roots.pem", roots);
        directory.write("gracewatch.yaml", configuration(&directory));
        let mut world = Self {
            daemon: None,
            knot,
            kms_host: None,
            clock: None,
            proxy: None,
            _time_servers: time_servers,
            _endpoints: endpoints,
            directory,
            network,
        };
        world.open_port();
        world.set_clock(None);
        world.replace_proxy(Access::Open);
        world.import(&fleet::healthy());
        world.start();
        world
    }

    /// Lets the daemon run.
    pub fn start(&mut self) {
        let mut command = self.command("serve");
        command.args(["--listen", &format!("{HERE}:10688")]);
        self.daemon = Some(Daemon::start_unconfigured(self.network, command));
    }

    /// Ends the daemon as its service manager does.
    pub fn stop(&mut self) {
        let mut daemon = self.daemon.take().expect("it runs");
        daemon.signal("TERM");
        assert!(daemon.wait(PATIENCE).is_some_and(|status| status.success()), "{}", daemon.log());
    }

    /// Kills the daemon outright.
    pub fn kill(&mut self) {
        self.daemon = None;
    }

    /// Takes reports of machines in.
    pub fn import(&self, reports: &str) {
        let file = self.directory.write("reports.ndjson", reports);
        let mut command = self.command("import");
        command.arg(file);
        let printed = run(command);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{}", printed.stdout);
    }

    /// Runs a subcommand beside the daemon, as whoever is told of an alert does.
    pub fn run(&self, subcommand: &str, arguments: &[&str]) -> Printed {
        let mut command = self.command(subcommand);
        command.args(arguments);
        run(command)
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = gracewatch_in(self.network);
        command.arg(subcommand).arg("--config").arg(self.directory.path().join("gracewatch.yaml"));
        command
    }

    /// Serves KMS on the KMS host.
    pub fn open_port(&mut self) {
        self.kms_host = Some(RpcServer::start_at(&self.place(KMS_HOST, 1688), Interface::Kms));
    }

    /// Serves it no more.
    pub fn close_port(&mut self) {
        self.kms_host = None;
    }

    /// Shifts the clock of the KMS host, by as much as libfaketime is told to, such as `+5400s`.
    pub fn set_clock(&mut self, offset: Option<&str>) {
        self.clock = None;
        self.clock = Some(Smbd::start_at(&self.place(KMS_HOST, 445), offset, Dialects::Usual));
    }

    /// Runs the proxy anew with other rules.
    pub fn replace_proxy(&mut self, access: Access<'_>) {
        let hosts = ENDPOINTS.map(|name| (name, MICROSOFT.to_string()));
        let hosts = hosts.each_ref().map(|(name, address)| (*name, address.as_str()));
        self.proxy = None;
        self.proxy = Some(Squid::start_at(&self.place(PROXY, 3128), access, &hosts));
    }

    /// Publishes these records in place of the one that leads to the KMS host.
    pub fn publish(&mut self, records: &str) {
        self.knot.replace_zone(ZONE, &zone(records));
    }

    fn place(&self, address: Ipv4Addr, port: u16) -> Place {
        Place::within(self.network, SocketAddr::from((address, port)))
    }
}

/// The zone with these records, and all names that lead anywhere.
fn zone(records: &str) -> String {
    let own =
        ["gracewatch", "alertmanager", "mail", "oncall", "chat", "tickets"].map(|name| address_record(name, HERE));
    let [first, second, third] = TIME_SERVERS;
    let others = [("kms01", KMS_HOST), ("proxy", PROXY), ("ntp1", first), ("ntp2", second), ("ntp3", third)];
    let others = others.map(|(name, address)| address_record(name, address));
    records.to_owned() + &own.concat() + &others.concat()
}

fn address_record(name: &str, address: Ipv4Addr) -> String {
    format!("{name} A {address}\n")
}

/// Where those are that activate.
fn internet() -> String {
    ENDPOINTS.map(|name| address_record(&format!("{name}."), MICROSOFT)).concat()
}

/// Three paths: to the KMS host, to Microsoft by the proxy, and from where there is a way past the proxy as well.
fn configuration(directory: &TemporaryDirectory) -> String {
    let [activation, licensing] = ENDPOINTS;
    let file = |name: &str| directory.path().join(name).display().to_string();
    let online = format!(
        "endpoints: [\"https://{activation}\", {{url: \"https://{licensing}\", role: licensing}}], \
         ca_file: \"{}\", expected_issuers: [\"{ISSUER}\"]",
        file("roots.pem")
    );
    format!(
        "probe: {{interval: 1s, timeout: 1s}}\n\
         paths:\n\
         - {{name: corp, kms: {{domain: corp.example, expected_hosts: [{}]}}}}\n\
         - {{name: microsoft, online: {{{online}, proxies: [\"http://proxy.corp.example:3128\"]}}}}\n\
         - {{name: lab, online: {{{online}, proxies: [direct, \"http://proxy.corp.example:3128\"]}}}}\n\
         clock: {{ntp: [ntp1.corp.example, ntp2.corp.example, ntp3.corp.example]}}\n\
         status: {{store: \"sqlite:{}\"}}\n",
        fleet::KMS_HOST,
        file("gracewatch.db"),
    )
}
