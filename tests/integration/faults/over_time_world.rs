//! The servers that all rows of `over_time.md` are watched over: one network, in which every member is at an address of
//! its own, and a load balancer in front of those that share one.

use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::table::split;
use super::world::{self, Running, Start, find};
use crate::servers::certificates::{Authority, Validity};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::nginx::{Answer, Nginx, Tls};
use crate::servers::place::Place;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::scripted::Scripted;
use crate::servers::squid::{Access, Squid};
use crate::servers::tinyproxy::Tinyproxy;

/// The root that vouches for endpoints.
pub const ROOT: &str = "Gracewatch Test Root";

/// The zone in which every row has names of its own.
pub const ZONE: &str = "over-time.example";

const DNS: u16 = 53;
const HTTP: u16 = 80;
const HTTPS: u16 = 443;
const KMS: u16 = 1688;
const PROXY: u16 = 3128;

/// Every member and its port. Its place in this list is the last part of its address.
const MEMBERS: [(&str, u16); 21] = [
    ("serves", KMS),
    ("serves-too", KMS),
    ("refuses", KMS),
    ("dropped", KMS),
    ("silent", KMS),
    ("closes", KMS),
    ("web-server", KMS),
    ("knows", DNS),
    ("unaware", DNS),
    ("fails", DNS),
    ("mute", DNS),
    ("lossy", DNS),
    ("list", HTTP),
    ("list-too", HTTP),
    ("list-unavailable", HTTP),
    ("list-refuses", HTTP),
    ("good", HTTPS),
    ("expired", HTTPS),
    ("tinyproxy", PROXY),
    ("squid-no-tunnels", PROXY),
    ("proxy-refuses", PROXY),
];

/// The address and the port of a member.
pub fn member(word: &str) -> (Ipv4Addr, u16) {
    let (place, port) = find(&MEMBERS, word);
    (Ipv4Addr::new(127, 0, 18, place), *port)
}

/// Where a member is.
pub fn address(word: &str) -> SocketAddr {
    SocketAddr::from(member(word))
}

/// Addresses that stand for several members in turn, and names that lead to any address.
#[derive(Debug, Default)]
pub struct Balancer {
    /// The members behind each address. The place in this list is its last part.
    fronts: Vec<Vec<Ipv4Addr>>,
    /// The records of names.
    names: Vec<(String, IpAddr)>,
}

impl Balancer {
    /// Where members are, separated by `/`: one by itself, or the next of several.
    pub fn target(&mut self, members: &str) -> SocketAddr {
        let words = split(members, '/');
        let [first, others @ ..] = words.as_slice() else { panic!("{members:?} has no member") };
        if others.is_empty() {
            return address(first);
        }
        let found: Vec<_> = words.iter().map(|word| member(word)).collect();
        assert!(found.iter().all(|(_, port)| *port == found[0].1), "{members} are at different ports");
        self.fronts.push(found.iter().map(|(address, _)| *address).collect());
        let last = u8::try_from(self.fronts.len()).expect("an address has room for it");
        SocketAddr::from((Ipv4Addr::new(127, 0, 19, last), found[0].1))
    }

    /// Lets a name lead to an address.
    pub fn name(&mut self, name: &str, address: IpAddr) {
        self.names.push((name.to_owned(), address));
    }

    /// Sends each connection, and each question from another port, to the next member.
    fn rules(&self) -> String {
        let rules = (1..).zip(&self.fronts).map(|(last, members)| {
            let turns = (0..).zip(members).map(|(turn, member): (usize, _)| format!("{turn} : {member}"));
            let turns: Vec<_> = turns.collect();
            let (count, turns) = (turns.len(), turns.join(", "));
            format!("ip daddr 127.0.19.{last} dnat to numgen inc mod {count} map {{ {turns} }}\n")
        });
        format!(
            "table ip balancer {{\nchain leaving {{\ntype nat hook output priority -100\n{}}}\n}}\n",
            rules.collect::<String>()
        )
    }
}

/// The network and all that is in it.
pub struct World {
    // Dropped in this order: the servers before the network that they hold.
    _servers: Vec<Running>,
    namespace: Namespace,
    /// A file of the roots that are trusted.
    roots: PathBuf,
    _directory: TemporaryDirectory,
}

impl World {
    /// Starts all servers, with these records at the nameservers that know them, and returns once each of them answers.
    pub fn start(balancer: &Balancer, records: &str) -> Self {
        let namespace = Namespace::new();
        namespace.resolve_through(address("knows").ip());
        let dropped = ["dropped", "mute"].map(|word| format!("ip daddr {} drop\n", address(word).ip()));
        let lossy = format!("ip daddr {} udp dport 53 numgen inc mod 2 0 drop\n", address("lossy").ip());
        namespace.nft(&world::firewall(dropped.into_iter()));
        let authority = Authority::new(ROOT);
        let directory = TemporaryDirectory::new("roots");
        let roots = directory.write("roots.pem", fs::read(authority.root()).expect("a root can be read"));
        let mut records = records.to_owned();
        for (name, address) in &balancer.names {
            writeln!(records, "{name}. 0 A {address}").expect("a string takes it");
        }
        let place = |word: &str| Place::within(&namespace, address(word));
        let zones = [Zone::new(ZONE, &records)];
        let nameservers = ["knows", "lossy"].map(|word| Box::new(Knot::start_at(&place(word), &zones)) as Running);
        let starts = MEMBERS.map(|(word, _)| -> Start<'_> {
            let (place, authority) = (place(word), &authority);
            Box::new(move || start_member(word, &place, authority, &balancer.names).into_iter().collect())
        });
        let mut servers = world::start(starts.into());
        servers.extend(nameservers);
        // Whoever waits until servers answer takes no turns and loses nothing.
        namespace.nft(&balancer.rules());
        namespace
            .nft(&format!("table ip losses {{\nchain arriving {{\ntype filter hook input priority 0\n{lossy}}}\n}}\n"));
        Self { _servers: servers, namespace, roots, _directory: directory }
    }

    /// The network, for those who watch.
    pub const fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// A file of the roots that are trusted.
    pub fn roots(&self) -> &Path {
        &self.roots
    }
}

/// Starts what is at the address of a member, if anything is. Endpoints show certificates of these names, and proxies know
/// their addresses.
fn start_member(word: &str, place: &Place, authority: &Authority, names: &[(String, IpAddr)]) -> Option<Running> {
    let page = |answer| -> Running { Box::new(Nginx::answering_at(place, answer)) };
    let tls = |validity| -> Running {
        let names: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
        let certificate = &authority.issue(&names, validity);
        Box::new(Nginx::tls_at(
            place,
            Tls { certificate, protocols: "TLSv1.2 TLSv1.3" },
            Answer::Page(200, "activated"),
        ))
    };
    let server: Running = match word {
        "serves" | "serves-too" => Box::new(RpcServer::start_at(place, Interface::Kms)),
        "silent" => Box::new(Scripted::silent_at(place)),
        "closes" => Box::new(Scripted::closing_at(place)),
        "web-server" => page(Answer::Page(404, "not here")),
        "unaware" => Box::new(Knot::start_at(place, &[Zone::new(ZONE, "")])),
        "fails" => Box::new(Knot::start_at(place, &[Zone::broken(ZONE)])),
        "list" | "list-too" => page(Answer::Page(200, "a list")),
        "list-unavailable" => page(Answer::Page(503, "busy")),
        "good" => tls(Validity::Good),
        "expired" => tls(Validity::Expired),
        "tinyproxy" => {
            let hosts: Vec<_> = names.iter().map(|(name, address)| (name.as_str(), address.to_string())).collect();
            let hosts: Vec<_> = hosts.iter().map(|(name, address)| (*name, address.as_str())).collect();
            Box::new(Tinyproxy::start_at(place, None, &hosts))
        }
        "squid-no-tunnels" => Box::new(Squid::start_at(place, Access::DenyingConnect, &[])),
        _ => return None,
    };
    Some(server)
}
