//! What do agents cost, on their machines and on the server? One reports from recorded rows to a server with TLS, run by
//! run; then it stays and waits. Then as many reports as ten thousand agents send in a while reach the server, each over a
//! connection of its own, with a handshake of its own.
//!
//! Fails where a report is not accepted, or a bound is broken ([`bounds`]). Processor time depends on what else the machine
//! is busy with: it is to be run on one that is idle.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run measures nothing")]
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../fleet/bounds.rs"]
mod bounds;
#[path = "../../tests/integration/servers/mod.rs"]
mod servers;

use bounds::Bounds;
use nix::sys::resource::{UsageWho, getrusage};
use reqwest::blocking::Client;
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use servers::certificates::{Authority, Validity};
use servers::directory::TemporaryDirectory;
use servers::process::{Process, wait_until};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, thread};

/// How often the agent runs.
const RUNS: u32 = 20;

/// How many agents there are, how often each reports, and how many of their reports are sent.
const AGENTS: f64 = 10_000.0;
const INTERVAL: Duration = Duration::from_mins(15);
const REPORTS: u32 = 1000;

/// How long the agent that waits is left alone before it is looked at.
const REST: Duration = Duration::from_secs(3);

const TOKEN: &str = "0123456789abcdef-agents";

fn main() {
    let directory = TemporaryDirectory::new("agents");
    let authority = Authority::new("Gracewatch Benchmark Root");
    let (server, url) = serve(&directory, &authority);
    let rows = directory.write("rows.json", rows("ws0417").to_string());
    let token = directory.write_private("token", format!("{TOKEN}\n"));
    let config = directory.write("agent.yaml", "clock: {ntp: [], host_clocks: off}\nprobe: {timeout: 500ms}\n");
    let agent = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gracewatch"));
        command.args(["agent", "--server", &url]);
        for (option, file) in
            [("--config", &config), ("--from", &rows), ("--token-file", &token), ("--ca-file", &authority.root())]
        {
            command.arg(option).arg(file);
        }
        command.arg("--folder").arg(directory.path().join("state"));
        command
    };
    let mut bounds = Bounds::default();

    let before = children();
    for _ in 0..RUNS {
        let printed = agent().arg("--once").output().expect("it can be run");
        assert!(printed.status.success(), "{printed:?}");
    }
    let run = children().saturating_sub(before).as_secs_f64() / f64::from(RUNS);
    bounds.at_most("a run of the agent, processor time", run, "s", 0.5);
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("it can be asked");
    bounds.at_most("the most memory of a run", megabytes(usage.max_rss()), "MB", 30.0);

    let waiting = directory.subdirectory("waiting");
    let resting = Process::start("agent", agent(), &waiting);
    wait_until("the agent does not report", || {
        fs::read_to_string(waiting.join("output")).is_ok_and(|log| log.contains("sent"))
    });
    thread::sleep(REST);
    bounds.at_most("private memory of an agent at rest", memory(resting.id(), "RssAnon:"), "MB", 10.0);
    println!(
        "{:<44}{:10.2} MB  (with what it shares of its file)",
        "the same, resident",
        memory(resting.id(), "VmRSS:")
    );
    drop(resting);

    let tls = trusting(&authority.root());
    let begun = Instant::now();
    let used = processor_time(server.id());
    for number in 0..REPORTS {
        report(&url, &tls, number);
    }
    let each = processor_time(server.id()).saturating_sub(used).as_secs_f64() / f64::from(REPORTS);
    println!("\n{:.2} ms of the server's processor time a report", each * 1e3);
    let per_second = f64::from(REPORTS) / begun.elapsed().as_secs_f64();
    bounds.at_least("reports one after the other", per_second, "/s", AGENTS / INTERVAL.as_secs_f64());
    let share = 100.0 * each * AGENTS / INTERVAL.as_secs_f64();
    bounds.at_most("a core for 10,000 agents", share, "%", 5.0);
    bounds.finish();
}

/// A server with TLS and a store, which takes reports of any machine.
fn serve(directory: &TemporaryDirectory, authority: &Authority) -> (Process, String) {
    let certificate = authority.issue(&["127.0.0.1"], Validity::Good);
    for (from, to) in [(&certificate.chain, "server.crt"), (&certificate.key, "server.key")] {
        fs::copy(from, directory.path().join(to)).expect("it can be copied");
    }
    let web = directory.write("web.yaml", "tls_server_config: {cert_file: server.crt, key_file: server.key}\n");
    let tokens = directory.write_private("tokens", format!("agents {TOKEN} *\n"));
    let store = directory.path().join("store.db");
    // Nothing listens there: this is about reports, and no name is looked up elsewhere.
    let config = directory.write(
        "gracewatch.yaml",
        format!(
            "paths: [{{name: corp, kms: {{domain: corp.example, nameservers: [\"127.0.0.1:1\"]}}}}]\n\
             status: {{store: \"sqlite:{}\", tokens_file: \"{}\"}}\nweb: {{config_file: \"{}\"}}\n",
            store.display(),
            tokens.display(),
            web.display()
        ),
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_gracewatch"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(config);
    let mut process = Process::start("gracewatch", command, directory.path());
    let output = directory.path().join("output");
    let mut url = None;
    let is_ready = process.wait_until_ready(|| {
        let log = fs::read_to_string(&output).unwrap_or_default();
        let found = log.split_once("listening on ").and_then(|(_, rest)| rest.split_whitespace().next());
        url = found.map(|url| url.trim_matches('"').to_owned());
        url.is_some()
    });
    assert!(is_ready.is_ok(), "{}", process.report("does not listen"));
    (process, url.expect("it was waited for"))
}

/// How a client speaks TLS that trusts this root. It keeps no tickets: each handshake is a whole one.
fn trusting(root: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root).expect("it is there")).expect("it is one");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder.expect("they are known").with_root_certificates(roots).with_no_client_auth();
    config.resumption = Resumption::disabled();
    config
}

/// Reports as an agent does of which this is the first request in a while.
fn report(url: &str, tls: &ClientConfig, number: u32) {
    let body = rows(&format!("ws{number:05}"));
    let client =
        Client::builder().no_proxy().tls_backend_preconfigured(tls.clone()).build().expect("a client can be made");
    let request = client.post(format!("{url}/api/v1/status")).bearer_auth(TOKEN).body(body.to_string());
    let answer = request.send().and_then(reqwest::blocking::Response::text).expect("it answers");
    assert!(answer.contains("\"refused\":0") && answer.contains("\"not_understood\":0"), "{answer}");
}

/// What WMI shows on a KMS client of this name.
fn rows(machine: &str) -> Value {
    json!({
        "SoftwareLicensingProduct": [{
            "ID": "73111121-5638-40f6-bc11-f1d7b0d64300",
            "ApplicationID": "55c92734-d682-4d71-983e-d6ec3f16059f",
            "Name": "Windows(R), Enterprise edition",
            "Description": "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
            "PartialProductKey": "2YT43",
            "LicenseStatus": 1,
            "LicenseStatusReason": 1_074_066_433,
            "GracePeriodRemaining": 255_000,
        }],
        "SoftwareLicensingService": [{
            "Version": "10.0.19041.4474",
            "ClientMachineID": "a1c8e0a7-0fb9-44a5-9d8c-2f4c6f1d5a01",
        }],
        "Win32_ComputerSystem": [{"DNSHostName": machine, "Domain": "corp.example", "PartOfDomain": true}],
    })
}

/// The processor time of the children that ended.
fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("it can be asked");
    [usage.user_time(), usage.system_time()].into_iter().map(duration).sum()
}

fn duration(time: nix::sys::time::TimeVal) -> Duration {
    Duration::from_micros(u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap_or_default())
}

/// Kibibytes in megabytes.
fn megabytes(kibibytes: i64) -> f64 {
    f64::from(u32::try_from(kibibytes).unwrap_or(u32::MAX)) * 1.024e-3
}

/// What a process that runs has in memory (proc(5)), in megabytes.
fn memory(process: u32, name: &str) -> f64 {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("it is counted");
    megabytes(line.trim().trim_end_matches(" kB").parse().expect("a number"))
}

/// How long a process has used a processor (proc(5)), in hundredths of a second.
fn processor_time(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')').expect("it has a name");
    let ticks = fields.split_whitespace().skip(11).take(2);
    Duration::from_millis(ticks.map(|ticks| 10 * ticks.parse::<u64>().expect("a number")).sum())
}
