//! The servers that all rows of `online.md` are tested over: one network, in which every endpoint is at an address of
//! its own, beside the proxies, a nameserver and time servers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::world::{self, Running, Start, find};
use crate::servers::certificates::{Authority, Certificate, Odd, Validity};
use crate::servers::dante::Dante;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::knot::{Knot, Zone};
use crate::servers::microsocks::Microsocks;
use crate::servers::netns::Namespace;
use crate::servers::nginx::{Answer, Nginx, Tls};
use crate::servers::openssl::Openssl;
use crate::servers::place::Place;
use crate::servers::port;
use crate::servers::scripted::{End, Scripted};
use crate::servers::squid::{Access, Squid};
use crate::servers::tinyproxy::Tinyproxy;

/// The root that vouches for endpoints.
pub const ROOT: &str = "Gracewatch Test Root";

/// The zones: that of all endpoints but one, that of this one, and one whose file is missing.
const ZONE: &str = "online.example";
const LIVE_ZONE: &str = "live.com";
const BROKEN_ZONE: &str = "broken.example";

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const USER: &str = "user";
const PASSWORD: &str = "secret";

/// An endpoint's port and scheme.
type Scheme = (u16, &'static str);

const HTTPS: Scheme = (443, "https");
const HTTP: Scheme = (80, "http");

/// Every endpoint. Its place in this list is the last part of its address.
const ENDPOINTS: [(&str, Scheme); 48] = [
    ("good", HTTPS),
    ("good-too", HTTPS),
    ("ends-soon", HTTPS),
    ("no-name", HTTPS),
    ("no-address", HTTPS),
    ("broken-zone", HTTPS),
    ("lost", HTTPS),
    ("refuses", HTTPS),
    ("resets", HTTPS),
    ("dropped", HTTPS),
    ("prohibited", HTTPS),
    ("no-route", HTTPS),
    ("login-live-com", HTTPS),
    ("expired", HTTPS),
    ("not-yet-valid", HTTPS),
    ("wrong-name", HTTPS),
    ("untrusted", HTTPS),
    ("unknown-issuer", HTTPS),
    ("self-signed", HTTPS),
    ("intercepted", HTTPS),
    ("old-tls", HTTPS),
    ("no-tls", HTTPS),
    ("resets-in-handshake", HTTPS),
    ("closes-in-handshake", HTTPS),
    ("silent-in-handshake", HTTPS),
    ("rejects-handshake", HTTPS),
    ("garbage-in-handshake", HTTPS),
    ("unavailable", HTTPS),
    ("wants-certificate", HTTPS),
    ("list", HTTP),
    ("redirects", HTTP),
    ("login-page", HTTP),
    ("network-login", HTTP),
    ("list-unavailable", HTTP),
    ("not-http", HTTP),
    ("closes-in-http", HTTP),
    ("silent-in-http", HTTP),
    ("endless-headers", HTTP),
    ("proxy-login", HTTP),
    ("interceptor", HTTPS),
    ("alias", HTTPS),
    ("incomplete-chain", HTTPS),
    ("sha1", HTTPS),
    ("short-key", HTTPS),
    ("old-ciphers", HTTPS),
    ("sha512", HTTPS),
    ("wants-certificate-first", HTTPS),
    ("wants-certificate-in-http", HTTPS),
];

/// Every proxy, and how it is spoken to. All are at 127.0.0.1, each at a port of its own.
const PROXIES: [(&str, &str); 25] = [
    ("squid", "http"),
    ("squid-login", "http"),
    ("squid-no-tunnels", "http"),
    ("squid-intercepting", "http"),
    ("squid-tls", "https"),
    ("squid-tls-ends-soon", "https"),
    ("squid-tls-expired", "https"),
    ("squid-tls-untrusted", "https"),
    ("squid-tls-wrong-name", "https"),
    ("tinyproxy", "http"),
    ("tinyproxy-login", "http"),
    ("dante", "socks5"),
    ("dante-blocking", "socks5"),
    ("microsocks", "socks5"),
    ("microsocks-login", "socks5"),
    ("proxy-refuses", "http"),
    ("proxy-dropped", "http"),
    ("proxy-prohibited", "http"),
    ("web-server", "http"),
    ("silent-proxy", "http"),
    ("closing-proxy", "http"),
    ("portal", "http"),
    ("endless-proxy", "http"),
    ("rejecting-socks", "socks5"),
    ("block-page", "http"),
];

/// Those that are given by a name which leads nowhere.
const NAMED_PROXIES: [&str; 2] = ["proxy-no-name", "proxy-no-address"];

/// The answer of a healthy endpoint: not a page, for it has no tags.
const ACTIVATED: Answer<'_> = Answer::Page(200, "activated");

/// The network and all that is in it.
pub struct World {
    // Dropped in this order: the servers before the network that they hold.
    _servers: Vec<Running>,
    namespace: Namespace,
    proxies: BTreeMap<&'static str, SocketAddr>,
    /// A file of the roots that are trusted.
    roots: PathBuf,
    _authorities: Authorities,
}

/// Whose word is taken, whose word is taken and was not expected, and whose is not.
struct Authorities {
    expected: Authority,
    trusted: Authority,
    unknown: Authority,
    directory: TemporaryDirectory,
}

impl World {
    /// Starts all servers, and returns once each of them answers.
    pub fn start() -> Self {
        let namespace = Namespace::new();
        let nameserver = SocketAddr::new(LOCALHOST, 53);
        namespace.resolve_through(nameserver.ip());
        let proxies: BTreeMap<_, _> =
            PROXIES.into_iter().map(|(word, _)| (word, SocketAddr::new(LOCALHOST, port::free(LOCALHOST)))).collect();
        namespace.nft(&firewall(&proxies));
        let authorities = Authorities {
            expected: Authority::new(ROOT),
            trusted: Authority::new("Intercepting Proxy CA"),
            unknown: Authority::new("Somebody Else"),
            directory: TemporaryDirectory::new("roots"),
        };
        // Proxies ask it while they start.
        let dns = Knot::start_at(&Place::within(&namespace, nameserver), &zones());
        let mut starts: Vec<Start<'_>> = Vec::new();
        for (word, (port, _)) in ENDPOINTS {
            let (place, authorities) = (Place::within(&namespace, SocketAddr::new(address(word), port)), &authorities);
            starts.push(Box::new(move || start_endpoint(word, &place, authorities).into_iter().collect()));
        }
        for (word, address) in &proxies {
            let (place, authorities) = (Place::within(&namespace, *address), &authorities);
            starts.push(Box::new(move || start_proxy(word, &place, authorities).into_iter().collect()));
        }
        starts.extend(world::time_servers(&namespace));
        let mut servers = world::start(starts);
        servers.push(Box::new(dns));
        let roots = authorities.roots();
        Self { _servers: servers, namespace, proxies, roots, _authorities: authorities }
    }

    /// The network, for those who walk.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// A proxy as it is configured.
    pub fn proxy(&self, word: &str) -> String {
        if word == "direct" {
            return word.to_owned();
        }
        if NAMED_PROXIES.contains(&word) {
            return format!("http://{}:3128", name(word));
        }
        let (word, credentials) = if let Some(known) = word.strip_suffix("-known") {
            (known, format!("{USER}:{PASSWORD}@"))
        } else if let Some(wrong) = word.strip_suffix("-wrong") {
            (wrong, format!("{USER}:mistaken@"))
        } else {
            (word, String::new())
        };
        let (_, scheme) = find(&PROXIES, word);
        format!("{scheme}://{credentials}{}", self.proxies[word])
    }

    /// A file of the roots that are trusted.
    pub fn roots(&self) -> &Path {
        &self.roots
    }
}

impl Authorities {
    /// Writes a file of the roots that are trusted.
    fn roots(&self) -> PathBuf {
        let Self { expected, trusted, directory, .. } = self;
        let texts = [expected, trusted].map(|known| fs::read_to_string(known.root()).expect("a root can be read"));
        directory.write("roots.pem", texts.concat())
    }
}

/// The URL of an endpoint.
pub fn endpoint(word: &str) -> String {
    let (_, (_, scheme)) = find(&ENDPOINTS, word);
    match word {
        "login-live-com" => format!("{scheme}://login.{LIVE_ZONE}"),
        "broken-zone" => format!("{scheme}://{word}.{BROKEN_ZONE}"),
        _ => format!("{scheme}://{}", name(word)),
    }
}

/// The name of an endpoint, or of a proxy.
fn name(word: &str) -> String {
    format!("{word}.{ZONE}")
}

/// The address of an endpoint. One has two names.
fn address(word: &str) -> IpAddr {
    let word = if word == "good-too" { "good" } else { word };
    IpAddr::from([127, 0, 17, find(&ENDPOINTS, word).0])
}

fn zones() -> [Zone; 3] {
    let mut records = format!("{} TXT nothing\n", NAMED_PROXIES[1]);
    for (word, _) in ENDPOINTS {
        let record = match word {
            "no-name" => continue,
            "no-address" => "TXT nothing".to_owned(),
            "no-route" => "A 192.0.2.1".to_owned(),
            "alias" => "CNAME gone".to_owned(),
            _ => format!("A {}", address(word)),
        };
        writeln!(records, "{word} {record}").expect("a string takes it");
    }
    let live = format!("login A {}", address("login-live-com"));
    [Zone::new(ZONE, &records), Zone::new(LIVE_ZONE, &live), Zone::broken(BROKEN_ZONE)]
}

/// What is dropped and refused on the way.
fn firewall(proxies: &BTreeMap<&str, SocketAddr>) -> String {
    let (drop, prohibit) = ("drop", "reject with icmpx admin-prohibited");
    let endpoints = [("dropped", drop), ("prohibited", prohibit), ("resets", "reject with tcp reset")];
    let endpoints =
        endpoints.into_iter().map(|(word, rule)| format!("ip daddr {} tcp dport 443 {rule}\n", address(word)));
    let proxies = [("proxy-dropped", drop), ("proxy-prohibited", prohibit)]
        .map(|(word, rule)| format!("tcp dport {} {rule}\n", proxies[word].port()));
    world::firewall(endpoints.chain(proxies))
}

/// Starts what is at the address of an endpoint, if anything is.
fn start_endpoint(word: &str, place: &Place, authorities: &Authorities) -> Option<Running> {
    let Authorities { expected, trusted, unknown, .. } = authorities;
    let own = name(word);
    let show = |certificate: &Certificate, answer| -> Running {
        Box::new(Nginx::tls_at(place, Tls { certificate, protocols: "TLSv1.2 TLSv1.3" }, answer))
    };
    let tls = |certificate| show(&certificate, ACTIVATED);
    let plain = |answer| -> Running { Box::new(Nginx::answering_at(place, answer)) };
    let says = |answers: &[&[u8]], end| -> Running { Box::new(Scripted::answering_at(place, answers, end)) };
    let server = match word {
        "good" => tls(expected.issue(&[&own, &name("good-too")], Validity::Good)),
        "ends-soon" => tls(expected.issue(&[&own], Validity::EndingIn(20))),
        "expired" => tls(expected.issue(&[&own], Validity::Expired)),
        "not-yet-valid" => tls(expected.issue(&[&own], Validity::NotYet)),
        "wrong-name" => tls(expected.issue(&["portal.example"], Validity::Good)),
        "untrusted" => tls(Authority::new(ROOT).issue(&[&own], Validity::Good)),
        "unknown-issuer" => tls(unknown.issue(&[&own], Validity::Good)),
        "self-signed" => tls(Certificate::self_signed(&[&own])),
        "intercepted" => tls(trusted.issue(&[&own], Validity::Good)),
        // Where `squid-intercepting` takes `good` to be.
        "interceptor" => tls(trusted.issue(&[&name("good")], Validity::Good)),
        "unavailable" => show(&expected.issue(&[&own], Validity::Good), Answer::Page(503, "busy")),
        "old-tls" => {
            let certificate = &expected.issue(&[&own], Validity::Good);
            Box::new(Nginx::tls_at(place, Tls { certificate, protocols: "TLSv1.1" }, ACTIVATED))
        }
        "incomplete-chain" => tls(expected.issue_odd(&[&own], Odd::NamingIssuer).without_intermediate()),
        "sha1" => tls(expected.issue_odd(&[&own], Odd::Sha1)),
        "sha512" => tls(expected.issue_odd(&[&own], Odd::Sha512)),
        "short-key" => tls(expected.issue_odd(&[&own], Odd::ShortKey)),
        "old-ciphers" => {
            let certificate = &expected.issue_odd(&[&own], Odd::LongKey);
            let ciphers = "AES128-SHA:DHE-RSA-AES128-SHA:AES128-GCM-SHA256";
            Box::new(Nginx::with_ciphers_at(place, Tls { certificate, protocols: "TLSv1.2" }, ciphers, ACTIVATED))
        }
        "no-tls" => plain(ACTIVATED),
        "resets-in-handshake" => says(&[], End::Reset),
        // The head of a record, which never comes.
        "closes-in-handshake" => says(&[b"\x16\x03\x03\x00\x7a\x02"], End::Close),
        // The alert access_denied (RFC 8446, section 6).
        "rejects-handshake" => says(&[&[21, 3, 3, 0, 2, 2, 49]], End::Close),
        // A record, and in it nothing that TLS knows.
        "garbage-in-handshake" => says(&[b"\x16\x03\x03\x00\x04\x02\xff\xff\xff"], End::Silence),
        "wants-certificate" | "wants-certificate-first" => {
            let certificate = expected.issue(&[&own], Validity::Good);
            let version = if word == "wants-certificate" { "-tls1_3" } else { "-tls1_2" };
            Box::new(Openssl::wanting_certificates_at(place, &certificate, version))
        }
        "wants-certificate-in-http" => {
            let certificate = &expected.issue(&[&own], Validity::Good);
            let tls = Tls { certificate, protocols: "TLSv1.2" };
            Box::new(Nginx::wanting_certificates_at(place, tls, ACTIVATED))
        }
        "silent-in-handshake" | "silent-in-http" => Box::new(Scripted::silent_at(place)),
        "list" => plain(Answer::Page(200, "a list")),
        "redirects" => plain(Answer::Redirect("http://portal.example/login")),
        "login-page" => plain(Answer::Page(200, "<html>Log in</html>")),
        "network-login" => plain(Answer::Page(511, "Log in")),
        "list-unavailable" => plain(Answer::Page(503, "busy")),
        "not-http" => says(&[b"220 mail.example ESMTP\r\n"], End::Silence),
        "closes-in-http" => says(&[b""], End::Close),
        "endless-headers" => {
            says(&[&[b"HTTP/1.1 200 OK\r\n".as_slice(), &b"A: b\r\n".repeat(200_000)].concat()], End::Silence)
        }
        "proxy-login" => says(&[b"HTTP/1.1 407 Login\r\nProxy-Authenticate: NTLM\r\n\r\n"], End::Close),
        _ => return None,
    };
    Some(server)
}

/// Starts a proxy, or what is in its place.
fn start_proxy(word: &str, place: &Place, authorities: &Authorities) -> Option<Running> {
    let squid = |access| -> Running { Box::new(Squid::start_at(place, access, &[])) };
    let squid_tls = |authority: &Authority, name, validity| -> Running {
        Box::new(Squid::tls_at(place, &authority.issue_by_root(&[name], validity)))
    };
    let says = |answers: &[&[u8]], end| -> Running { Box::new(Scripted::answering_at(place, answers, end)) };
    let (expected, at) = (&authorities.expected, "127.0.0.1");
    let server = match word {
        "squid" => squid(Access::Open),
        "squid-login" => squid(Access::Basic { user: USER, password: PASSWORD }),
        "squid-no-tunnels" => squid(Access::DenyingConnect),
        "squid-intercepting" => {
            let hosts = [(name("good"), address("interceptor").to_string())];
            let hosts = hosts.each_ref().map(|(name, address)| (name.as_str(), address.as_str()));
            Box::new(Squid::start_at(place, Access::Open, &hosts))
        }
        "squid-tls" => squid_tls(expected, at, Validity::Good),
        "squid-tls-ends-soon" => squid_tls(expected, at, Validity::EndingIn(20)),
        "squid-tls-expired" => squid_tls(expected, at, Validity::Expired),
        "squid-tls-untrusted" => squid_tls(&authorities.unknown, at, Validity::Good),
        "squid-tls-wrong-name" => squid_tls(expected, "proxy.example", Validity::Good),
        "tinyproxy" => Box::new(Tinyproxy::start_at(place, None, &[])),
        "tinyproxy-login" => Box::new(Tinyproxy::start_at(place, Some((USER, PASSWORD)), &[])),
        "dante" => Box::new(Dante::start_at(place, None, &[])),
        "dante-blocking" => {
            let blocked = SocketAddr::new(address("good"), 443);
            Box::new(Dante::start_at(place, Some(blocked), &[]))
        }
        "microsocks" => Box::new(Microsocks::start_at(place, None, &[])),
        "microsocks-login" => Box::new(Microsocks::start_at(place, Some((USER, PASSWORD)), &[])),
        "web-server" => Box::new(Nginx::answering_at(place, Answer::Page(200, "<html>Welcome</html>"))),
        "silent-proxy" => Box::new(Scripted::silent_at(place)),
        "closing-proxy" => says(&[b"HTTP/1.1 200 Connection esta"], End::Close),
        "portal" => says(&[b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n"], End::Silence),
        "endless-proxy" => says(&[&b"HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000)], End::Silence),
        "block-page" => {
            let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>Blocked</html>";
            says(&[page.as_bytes()], End::Silence)
        }
        // It does not know the command (RFC 1928, section 6).
        "rejecting-socks" => says(&[&[5, 0], &[5, 7, 0, 1, 0, 0, 0, 0, 0, 0]], End::Silence),
        _ => return None,
    };
    Some(server)
}
