//! How long the work takes that is done for every target: the bind exchange, the verdict, the page of metrics.

#![allow(clippy::expect_used, reason = "a benchmark whose input is wrong measures nothing")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gracewatch::counters::Counters;
use gracewatch::fleet::known::KnownMachine;
use gracewatch::fleet::{Fleet, Inventory, Moment};
use gracewatch::formats::inventory;
use gracewatch::host::HostPort;
use gracewatch::license::Source;
use gracewatch::metrics::Metrics;
use gracewatch::observation::{Detail, Failure, Observation, Reason, Stage, Value};
use gracewatch::probe::srv::SrvRecord;
use gracewatch::state::{PathReport, State};
use gracewatch::verdict::{self, Reported};
use gracewatch::walk::Walk;
use gracewatch::walk::kms::{self, Discovered, Host, Target};
use gracewatch::wire::rpc::{self, BindAnswer, HEADER_LENGTH, Header};
use jiff::{SignedDuration, Timestamp};
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const TARGETS: u16 = 1000;

const PATHS: u16 = 10_000;

const MACHINES: usize = 100_000;

/// What a server on port 1688 answers that takes NDR32 and rejects the rest.
fn bind_ack() -> Vec<u8> {
    let mut pdu = b"\x05\x00\x0c\x03\x10\x00\x00\x00\x6c\x00\x00\x00\r\n\r\n".to_vec();
    pdu.extend(b"\xd0\x16\xd0\x16\x34\x12\x00\x00\x05\x001688\x00\x00\x03\x00\x00\x00");
    for result in [0, 2, 2] {
        pdu.extend([result, 0, 1, 0]);
        pdu.extend([0; 20]);
    }
    pdu
}

fn bind_exchange(criterion: &mut Criterion) {
    let answer = bind_ack();
    criterion.bench_function("bind: encode, decode the answer", |bencher| {
        bencher.iter(|| {
            let bind = rpc::bind();
            let (header, body) = black_box(&answer).split_first_chunk::<HEADER_LENGTH>().expect("longer than a header");
            let header = Header::decode(header).expect("an answer to the bind");
            let answer = BindAnswer::decode(&header, body).expect("a whole answer");
            assert!(answer.accepted().is_some());
            bind
        });
    });
}

/// A walk over 1,000 hosts, of which every tenth is down.
fn walk() -> Walk {
    let passed = |stage| {
        Observation::new(
            stage,
            Ok(Detail::new("addresses-found", [("count", Value::Number(1))])),
            Duration::from_millis(2),
        )
    };
    let refused = || Failure::new(Reason::Refused, Detail::plain("connection-refused"));
    let mut discovered = Discovered::default();
    let mut targets = Vec::new();
    for number in 0..TARGETS {
        let [high, low] = number.to_be_bytes();
        let name = format!("kms{number:04}.corp.example");
        let mut stages = vec![passed(Stage::Address)];
        if number % 10 == 9 {
            stages.push(Observation::failed(Stage::Tcp, refused(), Duration::from_millis(2)));
        } else {
            stages.extend([passed(Stage::Tcp), passed(Stage::Rpc), passed(Stage::Clock)]);
        }
        let host = name.parse().expect("a DNS name");
        discovered.records.insert(SrvRecord { priority: 0, weight: 0, host, port: 1688 });
        let at = HostPort::parse(&name, 1688).expect("a host");
        let host = Host::new(at, Some(([10, 0, high, low], 1688).into()), stages);
        targets.push(Arc::new(Target::Host(host)));
    }
    Walk::Kms(kms::Walk { targets, discovered: Some(Arc::new(discovered)), own_clock: None })
}

fn verdict_over_many_targets(criterion: &mut Criterion) {
    let walk = walk();
    let mut group = criterion.benchmark_group("verdict");
    group.throughput(Throughput::Elements(TARGETS.into()));
    group.bench_function("1,000 targets", |bencher| {
        bencher.iter(|| verdict::judge(black_box(&walk), Reported::default()));
    });
    group.finish();
}

/// Counts what a walk saw, as the monitor of its path does.
fn count(counters: &Counters, path: &str, walk: &Walk) {
    let counters = counters.path(path);
    walk.targets().iter().flat_map(|target| target.stages).for_each(|observation| counters.count(observation));
}

/// A path and the walk over it, as it is published.
fn report(path: &str, walk: Walk) -> PathReport {
    let verdict = verdict::judge(&walk, Reported::default());
    PathReport::first(path.into(), verdict, walk, SystemTime::now())
}

/// A walk to one address.
fn walk_to(number: u16) -> Walk {
    let [high, low] = number.to_be_bytes();
    let address = SocketAddr::from(([10, 0, high, low], 1688));
    let passed =
        |stage| Observation::new(stage, Ok(Detail::plain("connected")), Duration::from_micros(u64::from(number)));
    let at = HostPort::parse(&address.to_string(), 1688).expect("a host");
    let host = Host::new(at, Some(address), [Stage::Address, Stage::Tcp, Stage::Rpc].map(passed).into());
    Walk::Kms(kms::Walk { targets: vec![Arc::new(Target::Host(host))], discovered: None, own_clock: None })
}

fn page_of_metrics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("metrics");
    let one_path = vec![("corp".to_owned(), walk())];
    let many_paths = (0..PATHS).map(|number| (format!("path{number:05}"), walk_to(number))).collect();
    for (name, walks) in [("1,000 targets", one_path), ("10,000 paths", many_paths)] {
        let (state, counters) = (Arc::new(State::new()), Arc::new(Counters::new().expect("valid names")));
        for (path, walk) in &walks {
            count(&counters, path, walk);
        }
        state.show(walks.into_iter().map(|(path, walk)| report(&path, walk)));
        let metrics = Metrics::new(state, counters).expect("valid names");
        group.throughput(Throughput::Bytes(u64::try_from(metrics.render().expect("a page").len()).expect("a length")));
        group.bench_function(name, |bencher| bencher.iter(|| metrics.render().expect("a page")));
    }
    group.finish();
}

/// A fleet of machines that report, half of which are expected.
fn reporting() -> Fleet {
    let mut fleet = Fleet::default();
    for number in MACHINES / 2..MACHINES + MACHINES / 2 {
        let machine = KnownMachine {
            name: format!("ws{number:06}.corp.example").parse().expect("a name"),
            reported_at: Timestamp::now(),
            received_at: Timestamp::now(),
            source: Source::Slmgr,
            complete_at: None,
            client_machine_id: None,
            remaining_windows_rearms: None,
            service_version: None,
            kms_host: None,
            kms_host_reported_at: None,
            counted_at: std::collections::BTreeMap::new(),
            requests_known_at: None,
            requests_grew_at: None,
            has_short_name: true,
        };
        fleet.put(&machine, [], 0);
    }
    fleet
}

fn expected_machines(criterion: &mut Criterion) {
    let row = |number| {
        format!(
            "\"ws{number:06}.corp.example\",\"True\",\"11/28/2026 9:12:03 AM\",\"WS{number:06}\",\"Windows 11 Enterprise\"\r\n"
        )
    };
    let head = "\"DNSHostName\",\"Enabled\",\"LastLogonDate\",\"Name\",\"OperatingSystem\"\r\n".to_owned();
    let exported = head + &(0..MACHINES).map(row).collect::<String>();
    let read = || inventory::read(black_box(exported.as_bytes()), MACHINES).expect("an inventory").expected;
    let (inventory, fleet) = (Inventory::new(read()), reporting());
    let moment = Moment { now: Timestamp::now(), stale_after: SignedDuration::from_hours(192) };
    let mut group = criterion.benchmark_group("inventory of 100,000 machines");
    group.sample_size(20);
    group.bench_function("read", |bencher| bencher.iter(|| Inventory::new(read())));
    group.bench_function("compared with as many that report", |bencher| {
        bencher.iter(|| {
            let counted = fleet.expectations(black_box(&inventory), moment);
            assert_eq!((counted.missing, counted.unlisted), (MACHINES as u64 / 2, MACHINES as u64 / 2));
        });
    });
    group.finish();
}

criterion_group!(benches, bind_exchange, verdict_over_many_targets, page_of_metrics, expected_machines);
criterion_main!(benches);
