//! Daemons for the dashboards to show, on one Prometheus with the shipped rules: one with every fault there is, one
//! where nothing is broken, one that knows nothing but a path, and one that does not answer.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};

use crate::servers::certificates::{Authority, Validity};
use crate::servers::chrony::Chrony;
use crate::servers::knot::{Knot, Zone};
use crate::servers::nginx::{Answer, Nginx, Tls};
use crate::servers::place::Place;
use crate::servers::port;
use crate::servers::process;
use crate::servers::prometheus::Prometheus;
use crate::servers::scripted::Scripted;
use crate::servers::squid::{Access, Squid};
use crate::support::config::EACH_SECOND;
use crate::support::daemon::Daemon;
use crate::support::event_log::EventLog;
use crate::support::listener;
use crate::support::reports::{self, Client, kms_host, minutes_ago, now};
use crate::support::status::{Kept, filed, samples, sender};

const DAY: i64 = 1440;
const ROOT: &str = "Gracewatch Test Root";
const NAME: &str = "activation.example";
const ACTIVATED: Answer<'_> = Answer::Page(200, "activated");

/// All that runs, ended with this value.
pub struct Scene {
    pub faulty: Daemon<'static>,
    pub healthy: Daemon<'static>,
    pub bare: Daemon<'static>,
    pub prometheus: Prometheus,
    _kept: [Kept; 2],
    _ways: Ways,
}

/// The servers on the ways that are walked.
struct Ways {
    kms: Scripted,
    dns: Knot,
    other_dns: Knot,
    time: [Chrony; 3],
    wrong_time: Chrony,
    http: Nginx,
    authority: Authority,
    endpoint: Nginx,
    ending: Nginx,
    _interceptor: Nginx,
    intercepting: Squid,
    demanding: Squid,
}

impl Scene {
    pub fn start() -> Self {
        let ways = Ways::start();
        let (faulty_kept, healthy_kept) = (
            kept(&ways.faulty(), "lost.corp.example\nghost.corp.example\n"),
            kept(&ways.healthy(), "ws1.well.example\n"),
        );
        let (faulty, healthy) = (faulty_kept.serve(), healthy_kept.serve());
        let bare = Daemon::start(&format!(
            "paths: [{{name: bare, kms: {{hosts: [\"{}\"]}}}}]\nclock: {{ntp: [], host_clocks: off}}\n{EACH_SECOND}",
            port::refusing()
        ));
        let silent = port::refusing();
        let targets = [faulty.address(), healthy.address(), bare.address(), silent];
        let prometheus = Prometheus::start(&scraping(&targets));
        for daemon in [&faulty, &healthy, &bare] {
            daemon.wait_until_ready();
        }
        // Prometheus has seen the counters of reports at zero, or not at all, before they rise.
        report_well(&healthy);
        report_faults(&faulty, &faulty_kept);
        Self { faulty, healthy, bare, prometheus, _kept: [faulty_kept, healthy_kept], _ways: ways }
    }
}

/// What Prometheus scrapes, and the rules it evaluates.
fn scraping(targets: &[SocketAddr]) -> String {
    let targets: Vec<_> = targets.iter().map(|target| format!("'{target}'")).collect();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prometheus");
    let files = ["thresholds", "recording", "alerts"].map(|name| format!("'{}/{name}.yml'", rules.display()));
    format!(
        "- job_name: gracewatch\n  static_configs:\n    - targets: [{}]\nrule_files: [{}]\n",
        targets.join(", "),
        files.join(", ")
    )
}

/// A store, an inbox, and the machines that are expected.
fn kept(paths: &str, expected: &str) -> Kept {
    let kept = Kept::new().with_paths(paths);
    let inbox = kept.directory().subdirectory("inbox");
    let inventory = kept.directory().write("inventory.txt", expected);
    kept.with(&format!("inbox: {}", inbox.display())).with(&format!("inventory: {}", inventory.display()))
}

impl Ways {
    fn start() -> Self {
        let kms = listener::accepting_binds();
        let (open, closed) = (kms.address().port(), port::refusing().port());
        let both = format!(
            "_vlmcs._tcp SRV 0 0 {open} kms01\n_vlmcs._tcp SRV 0 0 {closed} kms02\n\
             kms01 A 127.0.0.1\nkms02 A 127.0.0.1\nkms03 A 127.0.0.1"
        );
        let one = format!("_vlmcs._tcp SRV 0 0 {open} kms01\nkms01 A 127.0.0.1\nkms02 A 127.0.0.1");
        let well = format!("_vlmcs._tcp SRV 0 0 {open} kms\nkms A 127.0.0.1");
        let zones = [
            Zone::new("corp.example", &both),
            Zone::new("well.example", &well),
            Zone::new("example", "activation A 127.0.0.1"),
        ];
        let authority = Authority::new(ROOT);
        let endpoint = Nginx::tls(&authority.issue(&[NAME, "127.0.0.1"], Validity::Good), ACTIVATED);
        let wrong = Authority::new("Intercepting Proxy CA").issue(&[NAME], Validity::Good);
        let interceptor = Nginx::tls_at(
            // Another address and the same port, so that the name alone decides who is asked.
            &Place::at(SocketAddr::from(([127, 0, 0, 2], endpoint.address().port()))),
            Tls { certificate: &wrong, protocols: "TLSv1.2 TLSv1.3" },
            ACTIVATED,
        );
        let basic = Access::Basic { user: "gracewatch", password: "secret" };
        Self {
            kms,
            dns: Knot::start_at(&Place::loopback(), &zones),
            other_dns: Knot::start("corp.example", &one),
            time: [Chrony::right(), Chrony::right(), Chrony::right()],
            wrong_time: Chrony::faked("+3600s"),
            http: Nginx::right(),
            ending: Nginx::tls(&authority.issue(&["127.0.0.1"], Validity::EndingIn(20)), ACTIVATED),
            authority,
            endpoint,
            _interceptor: interceptor,
            intercepting: Squid::with_hosts(&[(NAME, "127.0.0.2")]),
            demanding: Squid::start_at(&Place::loopback(), basic, &[(NAME, "127.0.0.1")]),
        }
    }

    /// One path of two hosts, of which one is down and not expected; one that is blocked; one that works; and endpoints
    /// directly, through a proxy that demands credentials and one that opens TLS.
    fn faulty(&self) -> String {
        let (dns, other) = (self.dns.address(), self.other_dns.address());
        let (root, named) = (self.authority.root(), format!("https://{NAME}:{}", self.endpoint.address().port()));
        let (ending, intercepting) = (self.ending.address(), self.intercepting.address());
        format!(
            "paths:\n\
             - {{name: corp, kms: {{domain: corp.example, nameservers: [\"{dns}\", \"{other}\"], \
               expected_hosts: [kms01.corp.example]}}}}\n\
             - {{name: branch, kms: {{hosts: [\"kms03.corp.example:{}\"], nameservers: [\"{dns}\"]}}}}\n\
             - {{name: site, kms: {{hosts: [\"{}\"]}}}}\n\
             - {{name: microsoft, online: {{endpoints: [\"{named}\", \"https://{ending}\"], nameservers: [\"{dns}\"], \
               proxies: [direct, \"http://{intercepting}\", \
               {{url: \"http://{}\", username: gracewatch, password: secret}}], \
               ca_file: \"{}\", expected_issuers: [\"{ROOT}\"]}}}}\n{}",
            port::refusing().port(),
            self.kms.address(),
            self.demanding.address(),
            root.display(),
            self.clocks(&self.wrong_time),
        )
    }

    /// Paths of each kind on which nothing is wrong.
    fn healthy(&self) -> String {
        format!(
            "paths:\n\
             - {{name: well, kms: {{domain: well.example, nameservers: [\"{}\"], \
               expected_hosts: [kms.well.example]}}}}\n\
             - {{name: online, online: {{endpoints: [\"https://{}\"], ca_file: \"{}\"}}}}\n{}",
            self.dns.address(),
            self.endpoint.address(),
            self.authority.root().display(),
            self.clocks(&self.time[2]),
        )
    }

    /// Two time servers that are right and one more, and the clocks of hosts read off their HTTP.
    fn clocks(&self, third: &Chrony) -> String {
        let servers = [&self.time[0], &self.time[1], third].map(|server| format!("\"{}\"", server.address()));
        let port = self.http.address().port();
        format!("clock: {{ntp: [{}], host_clocks: [\"http_date:{port}\"]}}\n", servers.join(", "))
    }
}

/// Clients that were renewed in time, and a host that counts more than enough.
fn report_well(daemon: &Daemon<'_>) {
    let clients = ["ws1", "ws2", "ws3"]
        .map(|name| Client { kms_host: "kms.well.example".to_owned(), ..Client::new(&format!("{name}.well.example")) });
    let sender = sender(daemon.address());
    assert_eq!(sender.send(reports::lines(&clients)).status, 202);
    assert_eq!(sender.send(kms_host("kms.well.example", now(), 1, 50)).status, 202);
}

/// A fleet in which every figure is more than nothing, on the paths `corp` and `branch`; hosts that hardly count
/// enough; the events of a host, which clients asked; and files in the inbox, of which one is not a report.
fn report_faults(daemon: &Daemon<'_>, kept: &Kept) {
    let client = |name: &str, host: &str| Client {
        kms_host: format!("{host}.corp.example"),
        ..Client::new(&format!("{name}.corp.example"))
    };
    let clients = [
        client("well", "kms01"),
        Client { minutes: 600, ..client("day", "kms01") },
        Client { minutes: 5 * DAY, ..client("week", "kms03") },
        Client { minutes: 20 * DAY, ..client("month", "kms03") },
        Client { license_status: 5, minutes: 0, ..client("lost", "kms01") },
        Client { license_status: 5, minutes: 0, ..client("lost2", "kms03") },
        Client { reported_at: minutes_ago(9 * DAY), ..client("stale", "kms01") },
    ];
    let sender = sender(daemon.address());
    assert_eq!(sender.send(reports::lines(&clients)).status, 202);
    // Somebody depends on the endpoints as well.
    let mut subscriber = Client { minutes: 60 * DAY, ..Client::new("nb1.corp.example") }.json();
    let license = &mut subscriber["products"][0];
    license["Description"] = json!("Windows(R) Operating System, TIMEBASED_SUB channel");
    license["DiscoveredKeyManagementServiceMachineName"] = Value::Null;
    assert_eq!(sender.send(subscriber.to_string()).status, 202);
    let events = EventLog::of(50, ["kms01.corp.example", "kms03.corp.example"]).xml();
    assert_eq!(sender.send(events).status, 202);
    assert_eq!(sender.send(kms_host("kms01.corp.example", minutes_ago(1), 1, 5)).status, 202);
    let inbox = kept.directory().path().join("inbox");
    let put = |name: &str, text: &[u8]| fs::write(inbox.join(name), text).expect("the inbox takes a file");
    put("kms03.corp.example.txt", &fs::read(samples().join("en-dlv-kmshost.txt")).expect("the sample is there"));
    put("letter.txt", b"Dear all,\nplease activate your machines.\n");
    process::wait_until("the inbox is not worked off", || {
        filed(&inbox, "failed", "letter.txt").is_some() && filed(&inbox, "done", "kms03.corp.example.txt").is_some()
    });
}
