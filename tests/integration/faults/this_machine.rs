//! Faults of the machine that measures: what a row of `this_machine.md` means, and a check of each, on a machine that
//! lacks what the row says.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use serde_json::Value;

use super::confusion::{Confusion, Outcome};
use super::table::{self, Row};
use super::world::{self, Running, Start, find, list};
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::place::Place;
use crate::servers::program;
use crate::servers::rpc::{Interface, RpcServer};
use crate::support::check;
use crate::support::program::{Printed, gracewatch_in, run};

/// The columns there are.
const COLUMNS: [&str; 6] = ["machine", "nameservers", "domain", "names", "hosts", "endpoints"];

/// The zone in which all names are.
const ZONE: &str = "this-machine.example";

const DNS: u16 = 53;
const HTTP: u16 = 80;
const KMS: u16 = 1688;

/// Whatever may be named, and its port. Its place in this list is the last part of its address.
const PLACES: [(&str, u16); 14] = [
    ("serves", KMS),
    ("refuses", KMS),
    ("discarded", KMS),
    ("knows", DNS),
    ("unaware", DNS),
    ("forbidden", DNS),
    ("list", HTTP),
    ("list-refuses", HTTP),
    ("list-discarded", HTTP),
    ("silent", DNS),
    ("unrouted-dns", DNS),
    ("unrouted", KMS),
    ("prohibited", KMS),
    ("list-unrouted", HTTP),
];

/// More descriptors than the program needs to run.
const MANY: u32 = 64;

/// Why a row without descriptors names one thing alone: a configuration is a file to be opened.
const ALONE: &str = "what is checked without descriptors is given as an argument";

/// All rows.
pub fn rows() -> Vec<Row> {
    table::read("this_machine.md", include_str!("this_machine.md"), &COLUMNS)
}

/// The rows on the way to KMS hosts.
pub fn kms_rows() -> Vec<Row> {
    rows().into_iter().filter(|row| row.cell("endpoints").is_empty()).collect()
}

/// The rows on the way to online endpoints.
pub fn online_rows() -> Vec<Row> {
    rows().into_iter().filter(|row| !row.cell("endpoints").is_empty()).collect()
}

/// Checks every row, over the same servers.
pub fn walk(rows: &[Row]) -> Confusion<'_> {
    let world = World::start();
    let mut machines: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        machines.entry(row.cell("machine")).or_default().push(row);
    }
    let outcomes = machines.into_iter().flat_map(|(machine, rows)| match machine {
        "" => world.check_configured(&rows),
        "no descriptors" => rows.into_iter().map(|row| world.check_without_descriptors(row)).collect(),
        // The last in the order of names: what is reserved stays so.
        "no ports" => {
            world.reserve_ports();
            world.check_configured(&rows)
        }
        other => panic!("{other:?} is no machine"),
    });
    Confusion(outcomes.collect())
}

/// Where a place is.
fn address(word: &str) -> SocketAddr {
    let (place, port) = find(&PLACES, word);
    let [a, b, c] = match word {
        "discarded" | "list-discarded" | "prohibited" => [203, 0, 113],
        "unrouted" | "unrouted-dns" | "list-unrouted" => [198, 51, 100],
        _ => [127, 0, 20],
    };
    SocketAddr::from((Ipv4Addr::new(a, b, c, place), *port))
}

/// The URL of an endpoint.
fn endpoint(words: &str) -> String {
    words
        .strip_suffix(" by name")
        .map_or_else(|| format!("http://{}", address(words).ip()), |word| format!("http://{word}.{ZONE}"))
}

/// The path of a row, as it is configured.
fn path(row: &Row) -> String {
    let nameservers: Vec<_> = match row.list("nameservers").as_slice() {
        [] => vec![address("knows")],
        words => words.iter().map(|word| address(word)).collect(),
    };
    let nameservers = format!("nameservers: {}", list(&nameservers));
    let keys = match (row.cell("domain"), row.list("names").as_slice(), row.list("endpoints").as_slice()) {
        ("", [], []) => {
            let hosts: Vec<_> = row.list("hosts").into_iter().map(address).collect();
            format!("kms: {{hosts: {}}}", list(&hosts))
        }
        ("", [], endpoints) => {
            let endpoints: Vec<_> = endpoints.iter().map(|words| endpoint(words)).collect();
            format!("online: {{endpoints: {}, {nameservers}}}", list(&endpoints))
        }
        ("", names, _) => {
            let hosts: Vec<_> = names.iter().map(|word| format!("{word}.{ZONE}")).collect();
            format!("kms: {{hosts: {}, {nameservers}}}", list(&hosts))
        }
        _ => format!("kms: {{domain: {ZONE}, {nameservers}}}"),
    };
    format!("- {{name: \"{}\", {keys}}}\n", row.name())
}

/// The arguments that say the same as the path of a row.
fn arguments(row: &Row) -> Vec<String> {
    match [row.cell("domain"), row.cell("hosts"), row.cell("endpoints")] {
        [_, "", ""] => vec![ZONE.to_owned(), "--nameserver".to_owned(), address("knows").to_string()],
        ["", host, ""] => vec![address(host).to_string()],
        ["", "", endpoint] => vec![self::endpoint(endpoint)],
        _ => panic!("{row}: {ALONE}"),
    }
}

/// The network and all that is in it.
struct World {
    // Dropped in this order: the servers before the network that they hold.
    _servers: Vec<Running>,
    namespace: Namespace,
}

impl World {
    fn start() -> Self {
        let namespace = Namespace::new();
        for word in ["discarded", "list-discarded"] {
            namespace.discard(address(word).ip());
        }
        namespace.prohibit(address("prohibited").ip());
        namespace.nft(&format!(
            "table inet this_machine {{\nchain leaving {{\ntype filter hook output priority 0\n\
             ip daddr {} reject\n}}\nchain arriving {{\ntype filter hook input priority 0\n\
             ip daddr {} drop\n}}\n}}\n",
            address("forbidden").ip(),
            address("silent").ip()
        ));
        let starts = PLACES.map(|(word, _)| -> Start<'_> {
            let place = Place::within(&namespace, address(word));
            Box::new(move || start(word, &place).into_iter().collect())
        });
        let servers = world::start(starts.into());
        Self { _servers: servers, namespace }
    }

    /// Checks rows at once.
    fn check_configured<'a>(&self, rows: &[&'a Row]) -> Vec<Outcome<'a>> {
        let paths: String = rows.iter().map(|row| path(row)).collect();
        let settings = format!("clock: {{host_clocks: off}}\n{}paths:\n{paths}", world::TIMEOUT);
        let report = check::configured_by(gracewatch_in(&self.namespace), &settings);
        rows.iter().map(|row| Outcome::of(row, report.paths())).collect()
    }

    /// Checks a row with the least number of descriptors with which the program runs, which then has none to spare.
    fn check_without_descriptors<'a>(&self, row: &'a Row) -> Outcome<'a> {
        let printed = (4..MANY).map(|count| run(self.limited(count, row))).find(|printed| !printed.stdout.is_empty());
        let Some(Printed { exit_code, stdout, .. }) = printed else { panic!("{row}: it never runs") };
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error} in {stdout:?}"));
        let [path] = report["paths"].as_array().expect("there is a list of paths").as_slice() else {
            panic!("not one path: {report:#}")
        };
        // What is unknown is no verdict for a plug-in either.
        assert_eq!(exit_code, Some(3), "{row}: {path:#}");
        Outcome::of_path(row, path)
    }

    /// A check of a row with so many descriptors.
    fn limited(&self, count: u32, row: &Row) -> Command {
        let mut command = self.namespace.command(program::find("prlimit", "util-linux"));
        command.arg(format!("--nofile={count}:{count}"));
        command.arg(env!("CARGO_BIN_EXE_gracewatch")).args(["check", "--output", "json"]).args(arguments(row));
        command
    }

    /// Leaves no local port to connect from.
    fn reserve_ports(&self) {
        for setting in ["ip_local_port_range=40000 40001", "ip_local_reserved_ports=40000-40001"] {
            let mut command = self.namespace.command(program::find("sysctl", "procps"));
            command.args(["--quiet", "--write", &format!("net.ipv4.{setting}")]);
            let printed = run(command);
            assert_eq!(printed.exit_code, Some(0), "{printed:?}");
        }
    }
}

/// Starts what is at a place, if anything is.
fn start(word: &str, place: &Place) -> Option<Running> {
    let server: Running = match word {
        "serves" => Box::new(RpcServer::start_at(place, Interface::Kms)),
        "knows" => Box::new(Knot::start_at(place, &[Zone::new(ZONE, &records())])),
        "unaware" => Box::new(Knot::start_at(place, &[Zone::new(ZONE, "")])),
        "list" => Box::new(Nginx::answering_at(place, Answer::Page(200, "a list"))),
        _ => return None,
    };
    Some(server)
}

/// What the nameserver knows that knows.
fn records() -> String {
    let serves = address("serves");
    let (host, list) = (serves.ip(), address("list").ip());
    format!("_vlmcs._tcp SRV 0 0 {} serves\nserves A {host}\nlist A {list}\n", serves.port())
}
