//! `gracewatch agent`: what machines report of themselves, end to end, to a real server with TLS and tokens.

mod enrolment;
mod outcomes;
mod sending;
mod view;

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::servers::certificates::{Authority, Validity};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::port;
use crate::support::curl::Curl;
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, gracewatch, run};
use crate::support::scrape::Scrape;
use crate::support::status::{Kept, TOKEN};

/// The name of the machine of [`rows`].
const MACHINE: &str = "ws0417.corp.example";

/// A server that can be stopped and started again where it was, and a machine that reports to it.
struct World {
    kept: Kept,
    authority: Authority,
    listen: SocketAddr,
    /// What the machine has.
    machine: TemporaryDirectory,
}

impl World {
    fn new() -> Self {
        Self::with(Kept::new())
    }

    fn with(kept: Kept) -> Self {
        let authority = Authority::new("Gracewatch Test Root");
        let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
        for (from, to) in [(&certificate.chain, "server.crt"), (&certificate.key, "server.key")] {
            fs::copy(from, kept.directory().path().join(to)).expect("it can be copied");
        }
        kept.directory().write("web.yaml", "tls_server_config: {cert_file: server.crt, key_file: server.key}\n");
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let machine = TemporaryDirectory::new("agent");
        machine.write_private("token", format!("{TOKEN}\n"));
        Self { kept, authority, listen: (ip, port::free(ip)).into(), machine }
    }

    /// Starts the server where the agent looks for it.
    fn serve(&self) -> Daemon<'static> {
        let web = self.kept.directory().path().join("web.yaml");
        let more = format!("listen: {}\nweb: {{config_file: {}}}\n", self.listen, web.display());
        Daemon::start_where_configured(&(self.kept.configuration() + &more))
    }

    /// Writes rows as they were recorded, and names the file.
    fn record(&self, rows: &Value) -> PathBuf {
        self.machine.write("rows.json", rows.to_string())
    }

    /// The agent, which trusts the server.
    fn agent(&self) -> Command {
        self.agent_trusting(&self.authority.root())
    }

    fn agent_trusting(&self, root: &Path) -> Command {
        self.agent_with(root, "state", &format!("https://{}", self.listen))
    }

    /// The agent, which reports to this server.
    fn agent_to(&self, server: &str) -> Command {
        self.agent_with(&self.authority.root(), "state", server)
    }

    /// The agent, by what is different about it.
    fn agent_with(&self, root: &Path, folder: &str, server: &str) -> Command {
        let mut command = gracewatch();
        let path = |name: &str| self.machine.path().join(name);
        // The configuration of this machine is not that of a test.
        let config = self.machine.write("agent.yaml", "probe: {timeout: 500ms}\nclock: {host_clocks: off}\n");
        command.arg("agent").arg("--config").arg(config).arg("--server").arg(server);
        command.arg("--token-file").arg(path("token")).arg("--folder").arg(path(folder)).arg("--ca-file").arg(root);
        command
    }

    /// Reports once from a file.
    fn report(&self, file: &Path) -> Printed {
        let mut command = self.agent();
        command.arg("--once").arg("--from").arg(file);
        run(command)
    }

    /// What the server answers to a request.
    fn fetch(&self, path: &str) -> String {
        let request = Curl::new(&format!("https://{}{path}", self.listen));
        request.trusting(&self.authority.root()).fetch().body
    }

    /// How many reports through WMI the server took in this way since it started.
    fn counted(&self, result: &str) -> Option<f64> {
        let scrape = Scrape::parse(self.fetch("/metrics"));
        scrape.value("gracewatch_reports_total", &[("source", "wmi"), ("result", result)]).filter(|count| *count > 0.0)
    }

    /// What the server knows of a machine.
    fn known(&self, machine: &str) -> Value {
        self.json(&format!("/api/v1/machines/{machine}"))
    }

    fn json(&self, path: &str) -> Value {
        let body = self.fetch(path);
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error} in {body:?}"))
    }

    /// The files in a folder of the agent.
    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.machine.path().join("state").join(folder)).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
        files.sort();
        files
    }
}

/// What WMI shows on a KMS client, by its host, its status and its minutes.
fn rows(kms_host: &str, status: u8, minutes: u32) -> Value {
    let (host, port) = kms_host.rsplit_once(':').unwrap_or((kms_host, "1688"));
    json!({
        "SoftwareLicensingProduct": [
            {
                "ID": "9bd77860-9b31-4b7b-96ad-2564017315bf",
                "ApplicationID": "55c92734-d682-4d71-983e-d6ec3f16059f",
                "Name": "Windows(R), ServerStandard edition",
                "Description": "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
                "PartialProductKey": "VDYBN",
                "ProductKeyID": "03612-03762-000-000000-03-1033-17763.0000-3342019",
                "LicenseStatus": status,
                "LicenseStatusReason": if status == 1 { 1_074_066_433_u32 } else { 3_221_549_172 },
                "GracePeriodRemaining": minutes,
                "EvaluationEndDate": "16010101000000.000000-000",
                "KeyManagementServiceMachine": host,
                "KeyManagementServicePort": port.parse::<u16>().expect("a port"),
            },
            {"ID": "2de67392-b7a7-462a-b1ca-108dd189f588", "PartialProductKey": null, "LicenseStatus": 0},
        ],
        "SoftwareLicensingService": [{
            "Version": "10.0.20348.1",
            "ClientMachineID": "a1c8e0a7-0fb9-44a5-9d8c-2f4c6f1d5a01",
            "OA3xOriginalProductKey": KEY,
        }],
        "Win32_ComputerSystem": [{"DNSHostName": "WS0417", "Domain": "corp.example", "PartOfDomain": true}],
    })
}

/// A whole key, which is none that was ever given out, and which nobody may find anywhere.
const KEY: &str = "BCDFG-HJKMN-PQRTV-WXY23-46789";
