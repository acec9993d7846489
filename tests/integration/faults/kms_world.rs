//! The servers that all rows of `kms.md` are tested over: one network, in which every host is at an address of its
//! own, beside nameservers and time servers.

use std::net::{Ipv4Addr, SocketAddr};

use super::kms::{self, Listing};
use super::table::Row;
use super::world::{self, Running, Start, find};
use crate::servers::knot::{Knot, Zone};
use crate::servers::netns::Namespace;
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::place::Place;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::samba::Samba;
use crate::servers::scripted::{End, Scripted};
use crate::servers::smbd::{Dialects, Smbd};

/// A zone whose file is missing.
pub const BROKEN_ZONE: &str = "broken.example";

/// A KMS host, or what is in its place.
#[derive(Clone, Copy, Debug)]
pub struct Host {
    /// Its word in the table, which is its name as well.
    pub word: &'static str,
    /// What is there.
    is: Is,
    /// The port in its SRV records.
    pub port: u16,
    /// How far its clock is off, as libfaketime writes it, where it gives the time.
    clock: Option<&'static str>,
}

/// What is at the address of a host.
#[derive(Clone, Copy, Debug)]
enum Is {
    /// An RPC server with this interface.
    Rpc(Interface),
    /// Nobody.
    Nobody,
    /// A firewall in front of nobody, with this rule.
    Firewall(&'static str),
    /// Samba, which is at every address.
    Samba,
    /// nginx.
    WebServer,
    /// What accepts and says nothing.
    Silent,
    /// What accepts and closes.
    Closing,
    /// What refuses every bind.
    Rejecting,
    /// There is no such place: the records of its name are these.
    Records(&'static [(&'static str, &'static str)]),
    /// In a zone that cannot be loaded.
    InBrokenZone,
    /// Behind questions that get lost.
    Lost,
}

const KMS_PORT: u16 = 1688;
const SMB_PORT: u16 = 445;

/// The refusal of a bind (C706, section 12.6.4.5): a header, and the reason "not specified".
const BIND_NAK: [u8; 18] = [5, 0, 13, 3, 0x10, 0, 0, 0, 18, 0, 0, 0, 0x0d, 0x0a, 0x0d, 0x0a, 0, 0];

const KMS: Is = Is::Rpc(Interface::Kms);

/// Where `serves` and `refuses` are, for those that share their addresses.
const SERVING: &str = "127.0.16.1";
const REFUSING: &str = "127.0.16.2";

/// An IPv6 address that no namespace has a route to.
const IPV6: &str = "2001:db8::1";

const RIGHT: Option<&str> = Some("+0s");

const fn host_at(word: &'static str, is: Is, clock: Option<&'static str>) -> Host {
    Host { word, is, port: KMS_PORT, clock }
}

/// Every host. Its place in this list is the last part of its address.
pub const HOSTS: [Host; 32] = [
    host_at("serves", KMS, None),
    host_at("refuses", Is::Nobody, None),
    host_at("serves-too", KMS, None),
    host_at("right", KMS, RIGHT),
    host_at("90min-ahead", KMS, Some("+5400s")),
    host_at("90min-behind", KMS, Some("-5400s")),
    host_at("5h-ahead", KMS, Some("+18000s")),
    host_at("5h-behind", KMS, Some("-18000s")),
    host_at("refuses-5h-ahead", Is::Nobody, Some("+18000s")),
    host_at("resets", Is::Firewall("reject with tcp reset"), None),
    host_at("dropped", Is::Firewall("drop"), None),
    host_at("prohibited", Is::Firewall("reject with icmpx admin-prohibited"), None),
    host_at("host-off", Is::Firewall("reject with icmpx host-unreachable"), None),
    host_at("network-gone", Is::Firewall("reject with icmpx no-route"), None),
    host_at("silent", Is::Silent, None),
    host_at("closes", Is::Closing, None),
    host_at("web-server", Is::WebServer, None),
    host_at("other-version", Is::Rpc(Interface::KmsOfAnotherVersion), None),
    host_at("rejects", Is::Rejecting, None),
    // Its port is always this.
    Host { port: 135, ..host_at("other-rpc", Is::Samba, None) },
    host_at("two-addresses", Is::Records(&[("A", SERVING), ("A", REFUSING)]), None),
    host_at("dual-stack", Is::Records(&[("A", SERVING), ("AAAA", IPV6)]), None),
    host_at("dual-stack-refuses", Is::Records(&[("A", REFUSING), ("AAAA", IPV6)]), None),
    host_at("no-route", Is::Records(&[("A", "192.0.2.1")]), None),
    host_at("ipv6-only", Is::Records(&[("AAAA", IPV6)]), None),
    host_at("no-name", Is::Records(&[]), None),
    host_at("no-address", Is::Records(&[("TXT", "nothing")]), None),
    host_at("broken-zone", Is::InBrokenZone, None),
    host_at("lost", Is::Lost, None),
    Host { port: 1689, ..host_at("wrong-port", Is::Nobody, None) },
    host_at("alias", Is::Records(&[("CNAME", "gone")]), None),
    host_at("under_score_", Is::Records(&[("A", SERVING)]), None),
];

/// The nameservers, each at the address with the place in this list as its last part, and what they list. Those that
/// list nothing have no such zone, or no file for it, or say nothing.
const NAMESERVERS: [(&str, Option<Listing>); 13] = [
    ("knows", Some(Listing::AsInTheRow)),
    ("knows-too", Some(Listing::AsInTheRow)),
    ("unaware", Some(Listing::Nothing)),
    ("empty", Some(Listing::AnotherRecord)),
    ("differs", Some(Listing::Serves)),
    ("fails", None),
    ("denies", None),
    ("silent", None),
    ("cuts-off", Some(Listing::Many)),
    ("no-edns", Some(Listing::AsInTheRow)),
    ("long", Some(Listing::Several)),
    ("long-no-tcp", Some(Listing::Several)),
    ("loses-long", Some(Listing::Several)),
];

/// The host of a word.
pub fn host(word: &str) -> &'static Host {
    let words = || HOSTS.map(|host| host.word).join(", ");
    HOSTS.iter().find(|host| host.word == word).unwrap_or_else(|| panic!("{word:?} is none of the hosts: {}", words()))
}

/// Where the nameserver of a word is.
pub fn nameserver(word: &str) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::new(127, 0, 53, find(&NAMESERVERS, word).0), 53))
}

impl Host {
    /// Where it is, and the ports of others beside it.
    pub fn at(&self, port: u16) -> SocketAddr {
        let place = (1..).zip(HOSTS).find_map(|(place, host)| (host.word == self.word).then_some(place));
        SocketAddr::from((Ipv4Addr::new(127, 0, 16, place.expect("a host is in the list")), port))
    }

    /// The records of its name, without it.
    pub fn records(&self) -> Vec<String> {
        match self.is {
            Is::Records(records) => records.iter().map(|(kind, value)| format!("{kind} {value}")).collect(),
            Is::InBrokenZone => Vec::new(),
            _ => vec![format!("A {}", self.at(0).ip())],
        }
    }

    /// The zone of its name, where it is not that of its row.
    pub const fn zone(&self) -> Option<&'static str> {
        if matches!(self.is, Is::InBrokenZone) { Some(BROKEN_ZONE) } else { None }
    }

    /// Starts what is there.
    fn start(&self, namespace: &Namespace) -> Vec<Running> {
        let place = Place::within(namespace, self.at(self.port));
        let server: Option<Running> = match self.is {
            Is::Rpc(interface) => Some(Box::new(RpcServer::start_at(&place, interface))),
            Is::WebServer => Some(Box::new(Nginx::answering_at(&place, Answer::Page(404, "not here")))),
            Is::Silent => Some(Box::new(Scripted::silent_at(&place))),
            Is::Closing => Some(Box::new(Scripted::closing_at(&place))),
            Is::Rejecting => Some(Box::new(Scripted::answering_at(&place, &[&BIND_NAK], End::Silence))),
            Is::Nobody | Is::Firewall(_) | Is::Samba | Is::Records(_) | Is::InBrokenZone | Is::Lost => None,
        };
        let clock = self.clock.map(|offset| {
            let place = Place::within(namespace, self.at(SMB_PORT));
            namespace.add_address(self.at(SMB_PORT).ip());
            Box::new(Smbd::start_at(&place, Some(offset), Dialects::Usual)) as Running
        });
        server.into_iter().chain(clock).collect()
    }
}

/// The network and all that is in it.
pub struct World {
    // Dropped in this order: the servers before the network that they hold.
    _servers: Vec<Running>,
    samba: Samba,
}

impl World {
    /// Starts all servers, and returns once each of them answers.
    pub fn start(rows: &[Row]) -> Self {
        let samba = Samba::start();
        let namespace = samba.namespace();
        namespace.resolve_through(nameserver("knows").ip());
        namespace.nft(&firewall());
        let mut starts: Vec<Start<'_>> = Vec::new();
        for (word, listing) in NAMESERVERS {
            starts.push(Box::new(move || start_nameserver(namespace, word, listing, rows)));
        }
        for host in &HOSTS {
            starts.push(Box::new(move || host.start(namespace)));
        }
        starts.extend(world::time_servers(namespace));
        let servers = world::start(starts);
        Self { _servers: servers, samba }
    }

    /// The network, for those who walk.
    pub fn namespace(&self) -> &Namespace {
        self.samba.namespace()
    }
}

fn start_nameserver(namespace: &Namespace, word: &str, listing: Option<Listing>, rows: &[Row]) -> Vec<Running> {
    let broken = Zone::broken(BROKEN_ZONE);
    let zones = match listing {
        Some(listing) => vec![Zone::new(kms::ZONE, &kms::zone(rows, listing)), broken],
        None if word == "fails" => vec![Zone::broken(kms::ZONE)],
        None if word == "denies" => vec![broken],
        // It would read nothing that was sent to it.
        None => return Vec::new(),
    };
    vec![Box::new(Knot::start_at(&Place::within(namespace, nameserver(word)), &zones))]
}

/// What is dropped and refused on the way to hosts and servers.
fn firewall() -> String {
    let hosts = HOSTS.iter().filter_map(|host| match host.is {
        Is::Firewall(rule) => Some(format!("ip daddr {} tcp dport {} {rule}\n", host.at(0).ip(), host.port)),
        _ => None,
    });
    let silent = [nameserver("silent"), world::time_server("silent")];
    let silent = silent.map(|silent| format!("ip daddr {} drop\n", silent.ip()));
    let no_tcp = ["cuts-off", "long-no-tcp"].map(nameserver);
    let no_tcp = no_tcp.map(|at| format!("ip daddr {} tcp dport 53 reject with tcp reset\n", at.ip()));
    // A question with EDNS counts one record, behind the header of UDP and ten bytes.
    let no_edns = format!("ip daddr {} udp dport 53 @th,144,16 != 0 drop\n", nameserver("no-edns").ip());
    let loses_long = format!("ip saddr {} udp sport 53 udp length > 520 drop\n", nameserver("loses-long").ip());
    world::firewall(hosts.chain(silent).chain(no_tcp).chain([no_edns, loses_long]))
}
