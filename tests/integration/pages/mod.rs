//! The pages: what they answer, and how a browser shows them.

mod answers;
mod browser;

use crate::servers::port;
use crate::servers::scripted::Scripted;
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::reports::{Client, kms_host, lines, minutes_ago, now};
use crate::support::status::Kept;

const DAY: i64 = 1440;

/// A product that would be a script, were it markup.
const HOSTILE: &str = "\"><script>window.hacked=1</script><img src=x onerror=window.hacked=1> '&amp; \u{202e}evil";

/// A machine whose name is as long as names may be, and one whose name is written from right to left.
fn longest() -> String {
    let label = "x".repeat(61);
    [label.as_str(); 4].join(".") + ".exam"
}
const RIGHT_TO_LEFT: &str = "שלום.corp.example";

/// A path that is not configured as anybody would.
const HOSTILE_PATH: &str = "<b>\"'&branch";

/// The machines that are expected: two that never reported, of which one has a system that would be markup.
const INVENTORY: &str = "\"DNSHostName\",\"Enabled\",\"LastLogonDate\",\"Name\",\"OperatingSystem\"\n\
    \"good.corp.example\",\"True\",\"2026-11-28\",\"GOOD\",\"Windows 11 Enterprise\"\n\
    \"silent.corp.example\",\"True\",\"2026-11-20\",\"SILENT\",\"Windows 11 Enterprise\"\n\
    \"never.corp.example\",\"True\",\"2026-11-28\",\"NEVER\",\"=1+1 Windows <script>window.hacked=1</script>\"\n\
    \"newest.corp.example\",\"True\",\"\",\"NEWEST\",\"\"\n";

/// A daemon with paths of every kind and machines of every state.
struct World {
    daemon: Daemon<'static>,
    _kept: Kept,
    _host: Scripted,
}

impl World {
    fn new() -> Self {
        Self::with(&[])
    }

    /// The same with more machines.
    fn with(more: &[Client]) -> Self {
        let host = listener::accepting_binds();
        let refused = port::refusing();
        let paths = format!(
            "paths:\n- {{name: corp, kms: {{hosts: [\"{}\"]}}}}\n- {{name: '<b>\"''&branch', kms: {{hosts: [\"{refused}\", \
             \"{}\"]}}}}\n- {{name: microsoft, online: {{endpoints: [\"http://{refused}/a\", \"http://{refused}/b\"], \
             proxies: [direct, \"http://{refused}\"]}}}}\nclock: {{ntp: [], host_clocks: off}}\n",
            host.address(),
            port::refusing(),
        );
        let kept = Kept::new();
        let inventory = kept.directory().write("computers.csv", INVENTORY);
        let kept = kept.with_paths(&paths).with(&format!("inventory: {}", inventory.display()));
        let client =
            |name: &str, minutes: i64| Client { minutes, kms_host: "127.0.0.1".to_owned(), ..Client::new(name) };
        let mut clients = vec![
            client("good.corp.example", 180 * DAY - 60),
            client("soon.corp.example", 5 * DAY),
            client("later.corp.example", 60 * DAY),
            Client { license_status: 5, minutes: 0, ..Client::new("lost.corp.example") },
            Client { reported_at: minutes_ago(9 * DAY), ..Client::new("silent.corp.example") },
            Client { product: HOSTILE.to_owned(), ..Client::new("hostile.corp.example") },
            Client::new(&longest()),
            Client::new(RIGHT_TO_LEFT),
        ];
        clients.extend_from_slice(more);
        let reports = lines(&clients) + &kms_host("kms01.corp.example", now(), 1, 31) + "\n";
        let printed = kept.import_text("fleet.ndjson", reports);
        assert_eq!(printed.exit_code, Some(0), "{}", printed.stderr);
        let daemon = kept.serve();
        daemon.wait_until_ready();
        daemon.scrape_until("the fleet is not aggregated", |scrape| {
            scrape.value("gracewatch_machines_known", &[]).is_some_and(|machines| machines > 0.0)
        });
        Self { daemon, _kept: kept, _host: host }
    }

    fn address(&self, page: &str) -> String {
        format!("http://{}{page}", self.daemon.address())
    }
}

/// Every page there is.
fn pages() -> Vec<String> {
    let escaped = percent_encoding::percent_encode(HOSTILE_PATH.as_bytes(), percent_encoding::NON_ALPHANUMERIC);
    let fixed = [
        "/",
        "/machines",
        "/machines?sort=name&lost=true",
        "/machines?missing=true",
        "/machines?unlisted=true",
        "/machines/hostile.corp.example",
        "/machines/soon.corp.example",
        "/machines/kms01.corp.example",
        "/paths/corp",
        "/paths/microsoft",
        "/runway",
        "/kms-hosts",
        "/changes",
        "/changes?since=30d",
        "/explain",
        "/explain?code=0xC004F074%20and%20event%2012288",
        "/about",
    ];
    fixed.map(str::to_owned).into_iter().chain([format!("/paths/{escaped}")]).collect()
}
