//! The way to KMS hosts: what a row of `kms.md` means, in DNS, in the configuration and in reports.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::confusion::{Confusion, Outcome};
use super::fleet::{Fleet, Site};
use super::kms_world::{self, HOSTS, World};
use super::table::{self, Row, split};
use super::world::{self, list};
use crate::support::check;
use crate::support::program::gracewatch_in;
use crate::support::status::Kept;

/// The columns there are.
const COLUMNS: [&str; 7] = ["hosts", "nameservers", "expected", "allowed", "time servers", "our clock", "reports"];

/// The zone in which every row has domains of its own.
pub const ZONE: &str = "faults.example";

/// All rows.
pub fn rows() -> Vec<Row> {
    table::read("kms.md", include_str!("kms.md"), &COLUMNS)
}

/// Walks every row over the same servers.
pub fn walk(rows: &[Row]) -> Confusion<'_> {
    let world = World::start(rows);
    // What is configured for all paths at once is configured for all rows that want the same.
    let mut rounds: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let has_reports = !row.cell("reports").is_empty();
        rounds.entry((row.cell("time servers"), row.cell("our clock"), has_reports)).or_default().push(row);
    }
    let outcomes = rounds.into_iter().flat_map(|((time_servers, our_clock, has_reports), rows)| {
        let paths: Vec<_> = rows.iter().map(|row| path(row)).collect();
        let settings = format!("paths:\n{}{}", paths.concat(), world::clock(time_servers));
        let mut command = gracewatch_in(world.namespace());
        world::shift(&mut command, our_clock);
        let report = if has_reports {
            let kept = Kept::new().with_paths(&settings);
            let reports = rows.iter().map(|row| {
                let site = Site { domain: domain(row, 0), host: None, name: &|host| name(host, row, 0) };
                Fleet::read(row.cell("reports"), &site).reports()
            });
            let reports: String = reports.collect();
            let printed = kept.import_text("reports.json", reports);
            assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{printed:?}");
            check::configured_by(command, &kept.configuration())
        } else {
            check::configured_by(command, &(settings + world::TIMEOUT))
        };
        rows.into_iter().map(|row| Outcome::of(row, report.paths())).collect::<Vec<_>>()
    });
    Confusion(outcomes.collect())
}

/// The path of a row, as it is configured.
pub fn path(row: &Row) -> String {
    let nameservers = match row.list("nameservers").as_slice() {
        ["named"] => None,
        [] => Some(vec!["knows"]),
        words => Some(words.to_vec()),
    };
    let keys = match nameservers {
        None => {
            let hosts: Vec<_> = domains(row).concat().into_iter().map(|host| name(host, row, 0)).collect();
            format!("hosts: {}", list(&hosts))
        }
        Some(words) => {
            let domains: Vec<_> = (0..domains(row).len()).map(|number| domain(row, number)).collect();
            let nameservers: Vec<_> = words.into_iter().map(kms_world::nameserver).collect();
            let expected: Vec<_> = row.list("expected").into_iter().map(|host| name(host, row, 0)).collect();
            let expected =
                if expected.is_empty() { String::new() } else { format!(", expected_hosts: {}", list(&expected)) };
            let allowed = match row.cell("allowed") {
                // `other-rpc` is on a port that has to be allowed.
                "" => format!(", allowed_ports: [{}, 1024-65535]", kms_world::host("other-rpc").port),
                "usual ports" => String::new(),
                words => {
                    let host = words.strip_prefix("not ").unwrap_or_else(|| panic!("{row}: {words:?} is not known"));
                    format!(", denied_networks: [{}]", kms_world::host(host).at(0).ip())
                }
            };
            format!("domain: {}, nameservers: {}{expected}{allowed}", list(&domains), list(&nameservers))
        }
    };
    format!("- {{name: \"{}\", kms: {{{keys}}}}}\n", row.name())
}

/// What each domain of a row lists.
fn domains(row: &Row) -> Vec<Vec<&'static str>> {
    split(row.cell("hosts"), '/').into_iter().map(|domain| split(domain, ',')).collect()
}

/// The name of a domain of a row. The first comes first in the order of names as well.
pub fn domain(row: &Row, number: usize) -> String {
    format!("d{number}.line{}.{ZONE}", row.line())
}

/// The name of a host in a domain of a row.
pub fn name(host: &str, row: &Row, number: usize) -> String {
    let own_zone = kms_world::host(host).zone().map(str::to_owned);
    format!("{host}.{}", own_zone.unwrap_or_else(|| domain(row, number)))
}

/// What a nameserver lists for a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// What the row says.
    AsInTheRow,
    /// There is no such name.
    Nothing,
    /// The name has no SRV record.
    AnotherRecord,
    /// One host, whatever the row says.
    Serves,
    /// More hosts than a datagram holds, whatever the row says.
    Many,
    /// More than one without EDNS holds.
    Several,
}

/// The zone of all rows as a nameserver has it.
pub fn zone(rows: &[Row], listing: Listing) -> String {
    let mut records = String::new();
    for row in rows {
        for (number, listed) in domains(row).into_iter().enumerate() {
            let domain = domain(row, number);
            for host in &HOSTS {
                for record in host.records() {
                    writeln!(records, "{}.{domain}. {record}", host.word).expect("a string takes it");
                }
            }
            for record in services(&listed, row, number, listing) {
                writeln!(records, "_vlmcs._tcp.{domain}. {record}").expect("a string takes it");
            }
        }
    }
    records
}

/// The records of a service.
fn services(listed: &[&str], row: &Row, number: usize, listing: Listing) -> Vec<String> {
    let listed = match listing {
        Listing::AsInTheRow => listed,
        Listing::Nothing => &["(nxdomain)"],
        Listing::AnotherRecord => &["(no records)"],
        Listing::Serves => &["serves"],
        Listing::Many | Listing::Several => {
            let host = |host| format!("SRV 0 0 1688 a-host-with-a-long-name-{host}.{}.", domain(row, number));
            return (10..if listing == Listing::Many { 60 } else { 20 }).map(host).collect();
        }
    };
    match listed {
        ["(nxdomain)"] => Vec::new(),
        ["(no records)"] => vec!["TXT \"nothing\"".to_owned()],
        ["(no service)"] => vec!["SRV 0 0 0 .".to_owned()],
        ["(port 0)"] => vec![format!("SRV 0 0 0 {}.", name("serves", row, number))],
        hosts => (0_u16..)
            .zip(hosts)
            .map(|(preference, host)| {
                let (port, target) = match *host {
                    "(port 0)" => (0, name("serves-too", row, number)),
                    "(no service)" => (0, String::new()),
                    "(address)" => (1688, kms_world::host("serves").at(0).ip().to_string()),
                    "(no domain)" => (1688, "serves".to_owned()),
                    "(unknown without domain)" => (1688, "no-name".to_owned()),
                    host => (kms_world::host(host).port, name(host, row, number)),
                };
                format!("SRV {preference} 0 {port} {target}.")
            })
            .collect(),
    }
}
