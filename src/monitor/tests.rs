//! Paths that monitor themselves, over hosts on this machine that refuse connections or answer binds.

use super::*;
use crate::config::{Config, System};
use crate::fleet::{Affected, Aggregate, FailingMachines, Runway, Symptoms, Urgency};
use crate::observation::Stage;
use crate::state::Snapshot;
use crate::verdict::Status;
use jiff::Timestamp;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What a server answers a bind with that takes the first syntax it is offered.
fn bind_ack() -> Vec<u8> {
    let mut pdu = b"\x05\x00\x0c\x03\x10\x00\x00\x00\x6c\x00\x00\x00\r\n\r\n".to_vec();
    pdu.extend(b"\xd0\x16\xd0\x16\x34\x12\x00\x00\x05\x001688\x00\x00\x03\x00\x00\x00");
    for result in [0, 2, 2] {
        pdu.extend([result, 0, 1, 0]);
        pdu.extend([0; 20]);
    }
    pdu
}

/// A host that answers binds and nothing else.
async fn host() -> SocketAddr {
    host_at((Ipv4Addr::LOCALHOST, 0).into()).await
}

async fn host_at(address: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bind = [0; 512];
                if client.read(&mut bind).await.is_ok() && client.write_all(&bind_ack()).await.is_ok() {
                    // Closed once the client has closed: closing first could take the answer back.
                    let _ = client.read(&mut bind).await;
                }
            });
        }
    });
    address
}

/// A configuration with a path to each of these hosts, called `path0` and so on.
fn config(hosts: &[SocketAddr], rest: &str) -> Arc<Config> {
    let path = |(number, host): (usize, &SocketAddr)| format!("{{name: path{number}, kms: {{hosts: [\"{host}\"]}}}}");
    let paths: Vec<_> = hosts.iter().enumerate().map(path).collect();
    let text = format!("paths: [{}]\nclock: {{ntp: [], host_clocks: off}}\n{rest}", paths.join(", "));
    let system = System::default();
    Arc::new(Config::parse(text.as_bytes(), "test", &system, &|_| None).unwrap())
}

/// Monitors of these paths, once the first round of each is complete.
async fn monitored(config: &Arc<Config>) -> (Monitors, Arc<State>) {
    let (state, counters) = (Arc::new(State::new()), Arc::new(Counters::new().unwrap()));
    let monitors = Monitors::start(Arc::clone(config), Arc::clone(&state), counters);
    state.ready().await;
    (monitors, state)
}

fn report<'a>(snapshot: &'a Snapshot, name: &str) -> &'a PathReport {
    snapshot.paths.iter().find(|path| &*path.name == name).unwrap()
}

#[tokio::test]
async fn a_fault_of_this_program_in_one_path_is_reported_as_that_and_loses_no_other() {
    let hosts = [host().await, host().await];
    let config = config(&hosts, "probe: {interval: 1s, timeout: 1s}\nverdict: {failing_rounds: 1, hold: 0s}\n");
    let (mut monitors, state) = monitored(&config).await;
    let before = state.snapshot();
    assert!(before.paths.iter().all(|path| path.verdict.status == Status::Ok), "{before:?}");

    monitors.paths.get("path0").unwrap().commands.send(path::Command::Panic).await.unwrap();
    while report(&state.snapshot(), "path0").verdict.status == Status::Ok {
        let _ = timeout(Duration::from_millis(20), monitors.supervise()).await;
    }
    let after = state.snapshot();
    let failed = report(&after, "path0");
    assert_eq!((failed.verdict.status, failed.verdict.code), (Status::Unknown, None), "{failed:?}");
    assert_eq!(report(&after, "path1").verdict.status, Status::Ok);
    assert!(after.ready);

    // The other goes on, and this one starts over.
    tokio::time::pause();
    while report(&state.snapshot(), "path0").verdict.status == Status::Unknown {
        let _ = timeout(RESTART, monitors.supervise()).await;
    }
    assert_eq!(report(&state.snapshot(), "path1").verdict.status, Status::Ok);
}

#[tokio::test]
async fn another_configuration_is_in_force_once_it_is_taken_up() {
    let (one, other) = (host().await, host().await);
    let (mut monitors, state) = monitored(&config(&[one], "")).await;
    monitors.reconfigure(config(&[one, other], "")).await;
    // What was known of the first stays known.
    assert_eq!(report(&state.snapshot(), "path0").verdict.status, Status::Ok);
    assert!(state.is_ready());
    while state.snapshot().paths.iter().filter(|path| path.verdict.status == Status::Ok).count() < 2 {
        tokio::task::yield_now().await;
    }
    monitors.reconfigure(config(&[one], "")).await;
    assert_eq!(state.snapshot().paths.len(), 1);
}

#[tokio::test]
async fn no_more_probes_run_at_once_than_there_are_permits() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    // Twelve paths to one host that accepts and says nothing.
    let config = config(&[address; 12], "probe: {interval: 1h, timeout: 1s, concurrency: 3}\n");
    let (state, counters) = (Arc::new(State::new()), Arc::new(Counters::new().unwrap()));
    let _monitors = Monitors::start(config, Arc::clone(&state), Arc::clone(&counters));
    let mut most = 0;
    let mut accepted = Vec::new();
    while !state.is_ready() {
        if let Ok(client) = timeout(Duration::from_millis(5), listener.accept()).await {
            accepted.push(client.unwrap());
        }
        most = most.max(counters.probes_in_flight().get());
    }
    assert_eq!((most, accepted.len()), (3, 12));
    assert_eq!(counters.probes_in_flight().get(), 0);
}

#[tokio::test]
async fn a_configuration_that_asks_the_same_leaves_what_runs_alone() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let text = "probe: {interval: 1h, timeout: 500ms}\n";
    let (state, counters) = (Arc::new(State::new()), Arc::new(Counters::new().unwrap()));
    let first = config(&[address], text);
    let mut monitors = Monitors::start(Arc::clone(&first), Arc::clone(&state), Arc::clone(&counters));
    let (_client, _) = listener.accept().await.unwrap();
    // Damping is no part of what is asked.
    for rounds in [1, 1, 3, 2, 2, 1] {
        let rest = format!("{text}verdict: {{failing_rounds: {rounds}}}\n");
        monitors.reconfigure(config(&[address], &rest)).await;
    }
    timeout(PATIENCE, state.ready()).await.unwrap();
    assert_eq!(report(&state.snapshot(), "path0").verdict.status, Status::Blocked);
    assert!(timeout(Duration::from_millis(50), listener.accept()).await.is_err(), "it is not probed again");
    // Where the time limit is another, it is.
    monitors.reconfigure(config(&[address], "probe: {interval: 1h, timeout: 400ms}\n")).await;
    timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
}

/// A machine on a path that reports no code.
fn fleet_with_a_machine_that_fails(path: &str) -> Aggregate {
    let affected = Affected { machines: 1, worst: vec![(1, "ws1".to_owned())] };
    let failing =
        vec![FailingMachines { urgency: Urgency::Later, code: None, cut_off: None, networks: [].into(), affected }];
    let path: Arc<str> = path.into();
    let runway = Runway { machines: 1, ..Runway::default() };
    Aggregate {
        added_up_at: Timestamp::now(),
        paths: [(Arc::clone(&path), runway)].into(),
        symptoms: [(path, Symptoms { failing, ..Symptoms::default() })].into(),
        ..Aggregate::default()
    }
}

#[tokio::test]
async fn a_path_that_passes_again_is_not_ok_until_it_is_known_that_its_machines_are() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let text = format!(
        "paths: [{{name: path0, kms: {{hosts: [\"{}\", \"{closed}\"]}}}}]\nclock: {{ntp: [], host_clocks: off}}\n\
         probe: {{interval: 1s, timeout: 1s}}\nverdict: {{failing_rounds: 1, hold: 0s}}\n",
        host().await
    );
    let system = System::default();
    let config = Arc::new(Config::parse(text.as_bytes(), "test", &system, &|_| None).unwrap());
    let (_monitors, state) = monitored(&config).await;
    state.publish_fleet(fleet_with_a_machine_that_fails("path0"));
    let mut outages = state.outages();
    // What is known first is no recovery.
    while report(&state.snapshot(), "path0").runway.is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(report(&state.snapshot(), "path0").verdict.status, Status::Degraded);
    host_at(closed).await;
    timeout(PATIENCE, outages.changed()).await.unwrap().unwrap();
    let passed = state.snapshot();
    let passed = report(&passed, "path0");
    assert_eq!((passed.verdict.status, passed.outages.len()), (Status::Degraded, 1), "{passed:?}");
    // What is aggregated from here on knows of it: the machine is not excused, or is.
    state.publish_fleet(fleet_with_a_machine_that_fails("path0"));
    let is_about_the_machine = || {
        let snapshot = state.snapshot();
        let verdict = &report(&snapshot, "path0").verdict;
        assert_eq!(verdict.status, Status::Degraded, "{verdict:?}");
        verdict.stage == Some(Stage::Client)
    };
    while !is_about_the_machine() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    state.publish_fleet(Aggregate { symptoms: [].into(), ..fleet_with_a_machine_that_fails("path0") });
    while report(&state.snapshot(), "path0").verdict.status != Status::Ok {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
