//! Debian's prometheus-blackbox-exporter as a child, asked by HTTP for probes at a rate.

use crate::child;
use crate::servers::directory::TemporaryDirectory;
use crate::servers::process::Process;
use crate::servers::program;
use reqwest::blocking::{Client, ClientBuilder};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const PACKAGE: &str = "prometheus-blackbox-exporter";

/// How many connections the probes are asked for on, each by a thread of its own.
const CONNECTIONS: u32 = 16;

/// The name that the module `srv` asks for.
const SRV_NAME: &str = "_vlmcs._tcp.site0.corp.example";

/// What it probes with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Module {
    /// Connects.
    Tcp,
    /// Asks a nameserver for an SRV record.
    Srv,
}

impl Module {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Srv => "srv",
        }
    }
}

/// The exporter.
pub(crate) struct Blackbox {
    process: Process,
    url: String,
    /// Has its configuration.
    _directory: TemporaryDirectory,
}

impl Blackbox {
    /// Starts it on a free port.
    pub(crate) fn start() -> Self {
        let directory = TemporaryDirectory::new("blackbox");
        let configuration = format!(
            "modules:\n  tcp: {{prober: tcp, timeout: 5s}}\n  srv: {{prober: dns, timeout: 5s, dns: {{query_name: \
             {SRV_NAME}, query_type: SRV, transport_protocol: udp}}}}\n"
        );
        let configuration = directory.write("blackbox.yml", configuration);
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let mut command = Command::new(program::find(PACKAGE, PACKAGE));
        command.arg(format!("--config.file={}", configuration.display()));
        command.arg(format!("--web.listen-address={address}"));
        let mut process = Process::start("blackbox", command, directory.path());
        let (url, client) = (format!("http://{address}"), client());
        let ready = process.wait_until_ready(|| client.get(format!("{url}/-/healthy")).send().is_ok());
        ready.expect("it answers");
        Self { process, url, _directory: directory }
    }

    /// Has the targets probed in turn, so many a second for so long. Returns the processor time of one probe, which it
    /// spends as a whole: it is for nothing else.
    pub(crate) fn probe_at_rate(
        &self,
        module: Module,
        per_second: u32,
        duration: Duration,
        targets: &[SocketAddr],
    ) -> Duration {
        let begun = child::processor_time(self.process.id()).expect("it runs");
        let interval = Duration::from_secs(1) * CONNECTIONS / per_second;
        let start = Instant::now();
        let probes = thread::scope(|scope| {
            let workers: Vec<_> = (0..CONNECTIONS)
                .map(|worker| {
                    scope.spawn(move || {
                        let client = client();
                        let mut due = start + interval * worker / CONNECTIONS;
                        let mut probes = 0;
                        while due < start + duration {
                            thread::sleep(due.saturating_duration_since(Instant::now()));
                            let number = usize::try_from(probes * CONNECTIONS + worker).expect("a few");
                            self.probe(&client, module, targets[number % targets.len()]);
                            probes += 1;
                            due += interval;
                        }
                        probes
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().expect("it does not panic")).sum::<u32>()
        });
        let used = child::processor_time(self.process.id()).expect("it runs").saturating_sub(begun);
        used / probes
    }

    fn probe(&self, client: &Client, module: Module, target: SocketAddr) {
        let url = format!("{}/probe?module={}&target={target}", self.url, module.as_str());
        let page = client.get(url).send().and_then(reqwest::blocking::Response::text).expect("it answers");
        assert!(page.contains("\nprobe_success 1\n"), "{page}");
    }
}

fn client() -> Client {
    plain_client().build().expect("a client can be built")
}

/// What a client is made of, which asks no proxy.
fn plain_client() -> ClientBuilder {
    // Of the library's features the program takes the one that has no cryptography of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy()
}
