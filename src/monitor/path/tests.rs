//! Paths whose probes end as the tests have it: all permits to probe are held.

use super::*;
use crate::config::System;
use crate::counters::Counters;
use crate::host::{Host, HostPort};
use crate::observation::{Failure, Observation, Reason, detail};
use crate::probe::address::AddressAnswer;
use crate::state::State;
use crate::verdict::Status;
use std::net::IpAddr;

const INTERVAL: Duration = Duration::from_mins(1);
const LIMIT: Duration = Duration::from_secs(5);

struct Bench {
    monitor: PathMonitor,
    state: Arc<State>,
}

/// A path to two hosts, one of which works while the addresses of the other are up to a test.
fn bench() -> Bench {
    let text = "paths: [{name: corp, kms: {hosts: [kms01.corp.example, kms02.corp.example]}}]\n\
                clock: {ntp: [], host_clocks: off}\nverdict: {failing_rounds: 2, hold: 0s}\n\
                probe: {interval: 60s, timeout: 5s, concurrency: 1}\n";
    let config = Config::parse(text.as_bytes(), "test", &System::default(), &|_| None).unwrap();
    let state = Arc::new(State::new());
    let shared = Arc::new(Shared::new(Arc::clone(&state), Arc::new(Counters::new().unwrap()), 1));
    shared.clocks.configure(&config);
    shared.clocks.take_report(Arc::default(), true);
    shared.permits().forget_permits(1);
    let path = &config.paths[0];
    let slot = state.set_paths([&path.name].into_iter()).remove(0);
    let not_measured = || {
        let walk = Walk::empty(&path.kind);
        PathReport::first(Arc::clone(&path.name), Verdict::not_measured(), walk, SystemTime::now())
    };
    state.announce_path(&slot, not_measured);
    Bench { monitor: PathMonitor::new(Assignment::new(path, &config), slot, shared), state }
}

fn host(name: &str) -> HostPort {
    HostPort { host: name.parse::<Host>().unwrap(), port: 1688 }
}

fn at(name: &str, address: [u8; 4]) -> Job {
    Job::Connect(HostAddress { host: host(name), address: (IpAddr::from(address), 1688).into() })
}

fn addresses(of: &[[u8; 4]]) -> Finding {
    Finding::Address(AddressAnswer {
        observation: Observation::new(Stage::Address, Ok(detail!("proxy-tunnels")), Duration::ZERO),
        addresses: of.iter().map(|address| Address::from(IpAddr::from(*address))).collect(),
        left_out: 0,
        ttl: Duration::ZERO,
    })
}

fn passed() -> Finding {
    let stage = |stage| Observation::new(stage, Ok(detail!("proxy-tunnels")), Duration::ZERO);
    Finding::Connect(vec![stage(Stage::Tcp), stage(Stage::Rpc)])
}

fn refused() -> Finding {
    let failure = Failure::new(Reason::Refused, detail!("proxy-tunnels"));
    Finding::Connect(vec![Observation::failed(Stage::Tcp, failure, Duration::ZERO)])
}

impl Bench {
    /// Begins and ends a job that is planned.
    fn finish(&mut self, job: &Job, finding: Finding) {
        let now = Instant::now();
        let mut id = None;
        // Whatever else is due begins with it, and goes on.
        while let Some(due) = self.monitor.runner.timetable.start(now) {
            id = id.or((*due.job == *job).then_some(due.id));
        }
        let id = id.or_else(|| self.monitor.runner.timetable.id(job)).unwrap();
        self.monitor.record(vec![(id, finding)]);
    }

    /// Lets time pass in which no probe ends.
    async fn pass(&mut self, span: Duration) {
        let end = Instant::now() + span;
        while tokio::time::timeout_at(end, self.monitor.step()).await.is_ok() {}
    }

    fn report(&self) -> Arc<PathReport> {
        Arc::clone(&self.state.snapshot().paths[0])
    }

    /// Has the working host answer, and the other have an address that it had not before.
    async fn first_round(&mut self) {
        tokio::time::advance(Duration::from_millis(1)).await;
        self.finish(&Job::Address(host("kms01.corp.example")), addresses(&[[192, 0, 2, 1]]));
        self.finish(&Job::Address(host("kms02.corp.example")), addresses(&[[192, 0, 2, 2]]));
        self.finish(&at("kms01.corp.example", [192, 0, 2, 1]), passed());
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_names_new_addresses_without_end_does_not_freeze_the_verdict() {
    let mut bench = bench();
    bench.first_round().await;
    bench.finish(&at("kms02.corp.example", [192, 0, 2, 2]), passed());
    bench.pass(PAUSE).await;
    assert_eq!(bench.report().verdict.status, Status::Ok);

    let begun = Instant::now();
    let mut judged = vec![bench.report().judged_at];
    for second in 0..240_u8 {
        // None of these is ever probed.
        bench.finish(&Job::Address(host("kms02.corp.example")), addresses(&[[198, 51, 100, second]]));
        if second % 60 == 0 {
            bench.finish(&at("kms01.corp.example", [192, 0, 2, 1]), refused());
        }
        bench.pass(Duration::from_secs(1)).await;
        if judged.last() != Some(&bench.report().judged_at) {
            judged.push(bench.report().judged_at);
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(250));
    let report = bench.report();
    assert_eq!((report.verdict.status, report.verdict.reason), (Status::Blocked, Some(Reason::Refused)), "{report:?}");
    assert_eq!(judged.len(), 3, "once after each round: {judged:?}");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_never_probed_keeps_the_first_verdict_no_longer_than_a_round() {
    let mut bench = bench();
    bench.first_round().await;
    bench.pass(INTERVAL).await;
    assert_eq!(bench.report().verdict.status, Status::Unknown, "no verdict is made of half a round");
    bench.pass(LIMIT * LIMITS_OF_WALK + PAUSE).await;
    let report = bench.report();
    assert_eq!(report.verdict.status, Status::Ok, "{report:?}");
    assert_eq!(report.walk.targets().len(), 1, "what was not probed is no part of it");
    // And once it is, it counts.
    bench.finish(&at("kms02.corp.example", [192, 0, 2, 2]), refused());
    bench.pass(PAUSE).await;
    assert_eq!(bench.report().pending.unwrap().status, Status::Degraded);
}

#[tokio::test(start_paused = true)]
async fn slow_targets_within_their_limits_are_waited_for() {
    let mut bench = bench();
    bench.first_round().await;
    bench.pass(PAUSE).await;
    bench.finish(&at("kms02.corp.example", [192, 0, 2, 2]), passed());
    bench.pass(PAUSE).await;
    // Each takes its limit, and so does what follows from it, beyond the end of the interval.
    bench.finish(&at("kms01.corp.example", [192, 0, 2, 1]), passed());
    bench.pass(INTERVAL + LIMIT).await;
    bench.finish(&Job::Address(host("kms01.corp.example")), addresses(&[[192, 0, 2, 1], [192, 0, 2, 3]]));
    bench.finish(&Job::Address(host("kms02.corp.example")), addresses(&[[192, 0, 2, 2]]));
    bench.finish(&at("kms02.corp.example", [192, 0, 2, 2]), passed());
    let before = bench.report().judged_at;
    bench.pass(LIMIT * 2).await;
    assert_eq!(bench.report().judged_at, before, "one was never probed");
    bench.finish(&at("kms01.corp.example", [192, 0, 2, 3]), refused());
    bench.pass(PAUSE).await;
    let report = bench.report();
    assert!(report.judged_at > before && report.walk.targets().len() == 3, "{report:?}");
}
