//! What all scenes play in: a network of its own with a nameserver, a KMS host, time servers, a proxy and what lies
//! behind it, and the daemon that watches them for a fleet.
//!
//! Everything stands at the ports at which it usually does, and is found by the names in the files we ship.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;

use super::{fleet, shipped};
use crate::servers::certificates::{Authority, Certificate, Validity};
use crate::servers::chrony::{Chrony, Clock};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::faketime;
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
pub const NAMESERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 53, 1);
pub const KMS_HOST: Ipv4Addr = Ipv4Addr::new(127, 0, 16, 1);
const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 31, 1);
const MICROSOFT: Ipv4Addr = Ipv4Addr::new(127, 0, 40, 1);
const INTERCEPTOR: Ipv4Addr = Ipv4Addr::new(127, 0, 40, 2);
const TIME_SERVERS: [Ipv4Addr; 3] =
    [Ipv4Addr::new(127, 0, 123, 1), Ipv4Addr::new(127, 0, 123, 2), Ipv4Addr::new(127, 0, 123, 3)];

/// The zone of all but those that activate.
pub const ZONE: &str = "corp.example";

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
    interceptor: Option<Nginx>,
    time_servers: [Option<Chrony>; 3],
    endpoints: Option<Nginx>,
    authority: Authority,
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
        let time_servers = TIME_SERVERS.map(|address| Some(Chrony::start_at(&place(address, 123), Clock::Right)));

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
            interceptor: None,
            time_servers,
            endpoints: None,
            authority,
            directory,
            network,
        };
        world.open_port();
        world.set_clock(None);
        world.replace_endpoints(Validity::Good);
        world.replace_proxy(Access::Open);
        world.import(&fleet::healthy());
        world.start();
        world
    }

    /// Lets the daemon run.
    pub fn start(&mut self) {
        self.start_by(self.command("serve"));
    }

    /// The same, with a clock of its own that is off by this, as libfaketime writes it.
    pub fn start_shifted(&mut self, offset: &str) {
        let mut command = self.command("serve");
        faketime::shift(&mut command, offset);
        self.start_by(command);
    }

    fn start_by(&mut self, mut command: Command) {
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

    /// Writes its configuration as it was at first, with other words in the places of some, each of which stands there
    /// once.
    pub fn configure(&self, changes: &[(&str, &str)]) {
        let mut text = configuration(&self.directory);
        for (words, other) in changes {
            text = shipped::replace(&text, words, other);
        }
        self.directory.write("gracewatch.yaml", text);
    }

    /// The part of its first configuration that begins and ends so.
    pub fn configured(&self, begins: &str, ends: &str) -> String {
        let text = configuration(&self.directory);
        let (_, rest) = text.split_once(begins).unwrap_or_else(|| panic!("no {begins:?} in\n{text}"));
        let (part, _) = rest.split_once(ends).unwrap_or_else(|| panic!("no {ends:?} in\n{rest}"));
        format!("{begins}{part}{ends}")
    }

    /// Lets the daemon read its configuration again, as its service manager does.
    pub fn reload(&self) {
        self.daemon.as_ref().expect("it runs").signal("HUP");
    }

    /// When its running configuration was loaded, in whole seconds.
    pub fn loaded_at(&self) -> Timestamp {
        let scrape = self.daemon.as_ref().expect("it runs").scrape();
        let seconds =
            scrape.value("gracewatch_config_last_reload_success_timestamp_seconds", &[]).expect("it is shown");
        Timestamp::UNIX_EPOCH + Duration::from_secs_f64(seconds.floor())
    }

    /// What the daemon says of a path: what is broken, and whom it hurts.
    pub fn words(&self, path: &str) -> String {
        let report = self.daemon.as_ref().expect("it runs").report();
        let paths = report["paths"].as_array().expect("there is a list of paths");
        let path = paths.iter().find(|found| found["name"] == path).expect("it is monitored");
        let words = ["summary", "impact"].map(|part| path[part].as_str().unwrap_or_default());
        words.join(" ").trim_end().to_owned()
    }

    /// Where files may be put that last as long as the world.
    pub fn directory(&self) -> &TemporaryDirectory {
        &self.directory
    }

    /// Takes reports of machines in.
    pub fn import(&self, reports: &str) {
        let file = self.directory.write("reports.ndjson", reports);
        let mut command = self.command("import");
        command.arg(file);
        let printed = run(command);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{}", printed.stdout);
    }

    /// The same for many files, each about a site or a part of it.
    pub fn import_all(&self, sites: &[Vec<String>]) {
        sites.iter().flatten().for_each(|reports| self.import(reports));
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
        self.lead_proxy_to(MICROSOFT, access);
    }

    /// Lets the proxy open what it forwards, and show certificates of its own.
    pub fn intercept(&mut self) {
        let certificate = Authority::new("Intercepting Proxy CA").issue(&ENDPOINTS, Validity::Good);
        self.interceptor = Some(self.endpoints_at(INTERCEPTOR, &certificate));
        self.lead_proxy_to(INTERCEPTOR, Access::Open);
    }

    fn lead_proxy_to(&mut self, address: Ipv4Addr, access: Access<'_>) {
        let hosts = ENDPOINTS.map(|name| (name, address.to_string()));
        let hosts = hosts.each_ref().map(|(name, address)| (*name, address.as_str()));
        self.proxy = None;
        self.proxy = Some(Squid::start_at(&self.place(PROXY, 3128), access, &hosts));
    }

    /// Shows a certificate at the endpoints that is valid for so long.
    pub fn replace_endpoints(&mut self, validity: Validity) {
        let certificate = self.authority.issue(&ENDPOINTS, validity);
        self.endpoints = None;
        self.endpoints = Some(self.endpoints_at(MICROSOFT, &certificate));
    }

    fn endpoints_at(&self, address: Ipv4Addr, certificate: &Certificate) -> Nginx {
        let tls = Tls { certificate, protocols: "TLSv1.2 TLSv1.3" };
        Nginx::tls_at(&self.place(address, 443), tls, Answer::Page(200, "activated"))
    }

    /// Runs one of the three time servers anew, with another time.
    pub fn replace_time_server(&mut self, index: usize, clock: Clock<'_>) {
        self.time_servers[index] = None;
        self.time_servers[index] = Some(Chrony::start_at(&self.place(TIME_SERVERS[index], 123), clock));
    }

    /// Publishes these records in place of the one that leads to the KMS host.
    pub fn publish(&mut self, records: &str) {
        self.knot.replace_zone(ZONE, &zone(records));
    }

    /// A place in its network.
    pub fn place(&self, address: Ipv4Addr, port: u16) -> Place {
        Place::within(self.network, SocketAddr::from((address, port)))
    }
}

/// The zone with these records, and all names that lead anywhere.
pub fn zone(records: &str) -> String {
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
        "probe: {{interval: 2s, timeout: 2s}}\n\
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
