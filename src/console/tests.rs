//! Whole reports, as files in `tests/golden` that a person can read: one for each language.
//!
//! Where they change on purpose, `GRACEWATCH_WRITE_GOLDEN=1` writes them again.

use super::report;
use crate::clock_report::ClockReport;
use crate::codes::Code;
use crate::fleet::{Affected, FailingMachines, LOST, Runway, Symptoms, Urgency};
use crate::host::HostPort;
use crate::knowledge::Language;
use crate::observation::{Detail, Failure, Observation, Reason, Stage, detail};
use crate::online::DIRECT;
use crate::online::endpoint::Role;
use crate::state::{PathReport, Reload, Snapshot};
use crate::verdict::{self, Reported};
use crate::walk::kms::{self, Discovered, Host, Lookup, Target};
use crate::walk::online::fixtures::{PROXY, demanding, target};
use crate::walk::{Walk, online};
use crate::words::milliseconds;
use jiff::Timestamp;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How wide the terminal is.
const WIDTH: usize = 100;

/// Why something fails, and what was seen.
type Fault = Option<(Reason, Detail)>;

fn seen(stage: Stage, fault: Fault) -> Observation {
    let passes = match stage {
        Stage::Srv => detail!("hosts-found", count = 2_u8),
        Stage::Address => detail!("addresses-found", count = 1_u8),
        Stage::Tcp => detail!("connected"),
        _ => detail!("kms-served-ndr64"),
    };
    let outcome = fault.map_or(Ok(passes), |(reason, detail)| Err(Failure::new(reason, detail)));
    Observation::new(stage, outcome, Duration::from_millis(1))
}

fn lookup(fault: Fault) -> Target {
    Target::Lookup(Lookup {
        domain: "corp.example".parse().unwrap(),
        nameserver: "192.0.2.53:53".parse().unwrap(),
        observation: seen(Stage::Srv, fault),
        intermittent: None,
    })
}

fn host(number: u8, fault: Fault) -> Target {
    let at = HostPort::parse(&format!("kms0{number}.corp.example"), 1688).unwrap();
    let stages = match fault {
        Some(_) => vec![seen(Stage::Address, None), seen(Stage::Tcp, fault)],
        None => [Stage::Address, Stage::Tcp, Stage::Rpc].map(|stage| seen(stage, None)).into(),
    };
    Target::Host(Host::new(at, format!("192.0.2.{number}:1688").parse().ok(), stages))
}

fn kms(targets: Vec<Target>, discovered: Discovered) -> Walk {
    let targets = targets.into_iter().map(Arc::new).collect();
    Walk::Kms(kms::Walk { targets, discovered: Some(Arc::new(discovered)), own_clock: None })
}

pub(super) fn runway() -> Runway {
    let moment: Timestamp = "2026-12-03T04:10:00Z".parse().unwrap();
    let names = ["ws0417.corp.example", "ws0418.corp.example", "ws0419.corp.example"];
    Runway {
        machines: 412,
        lost: 3,
        expiring: [0, 12, 40, 412],
        first_expiry: Some(moment),
        first_machine: Some(names[0].to_owned()),
        soonest: names.map(|name| (moment, name.to_owned())).into(),
        ..Runway::default()
    }
}

fn symptoms() -> Symptoms {
    let machines = |count: u64, name: &str| Affected {
        machines: count,
        worst: (1..=count.min(10)).map(|number| (LOST, format!("{name}{number:02}"))).collect(),
    };
    Symptoms {
        failing: vec![FailingMachines {
            urgency: Urgency::Lost,
            code: Some(Code(0xC004_F00F)),
            cut_off: None,
            networks: [].into(),
            affected: machines(12, "ws"),
        }],
        evaluations: machines(2, "lab"),
        first_evaluation_end: "2026-12-05T00:00:00Z".parse().ok(),
        ..Symptoms::default()
    }
}

fn path(name: &str, walk: Walk, runway: Option<Runway>, symptoms: Option<&Symptoms>) -> Arc<PathReport> {
    let verdict = verdict::judge(&walk, Reported { runway: runway.as_ref(), symptoms, recovered: None });
    let report = PathReport::first(name.into(), verdict, walk, SystemTime::UNIX_EPOCH);
    Arc::new(PathReport { runway, ..report })
}

/// A path that works, both hosts dead, one of two dead beside one that is not expected, machines that fail by
/// themselves, a domain without records, and a proxy that demands a login.
fn snapshot() -> Snapshot {
    let refused = Some((Reason::Refused, detail!("connection-refused")));
    let silent = Some((Reason::TimedOut, detail!("no-answer-within", span = Duration::from_secs(5))));
    let no_name = Some((Reason::Nxdomain, detail!("nameserver-no-name", server = "192.0.2.53:53")));
    let plain = Discovered::default;
    let unexpected = Discovered { unexpected: vec!["kms66.corp.example".parse().unwrap()], ..plain() };
    let activation = |proxy, failed| target("https://activation.example", Role::Activation, proxy, failed);
    let targets = vec![
        demanding(activation(PROXY, None), &["Negotiate", "NTLM"]),
        activation(DIRECT, Some((Stage::Tcp, Reason::TimedOut))),
    ];
    let online = Walk::Online(online::Walk { targets, own_clock: None });
    let dead = vec![lookup(None), host(1, refused.clone()), host(2, refused)];
    Snapshot {
        paths: vec![
            path("main", kms(vec![lookup(None), host(1, None), host(2, None)], plain()), None, None),
            path("dead", kms(dead, plain()), Some(runway()), None),
            path("half", kms(vec![lookup(None), host(1, None), host(2, silent)], unexpected), Some(runway()), None),
            path("fleet", kms(vec![lookup(None), host(1, None)], plain()), Some(runway()), Some(&symptoms())),
            path("nowhere", kms(vec![lookup(no_name)], plain()), None, None),
            path("microsoft", online, None, None),
        ],
        clocks: Arc::new(ClockReport::default()),
        fleet: None,
        inbox_is_healthy: None,
        inbox_waiting: 0,
        inventory: None,
        ready: true,
        reload: Reload { successful: true, succeeded_at: SystemTime::UNIX_EPOCH },
        web_config: None,
    }
}

#[test]
fn reports_are_as_they_are_kept() {
    for language in Language::ALL {
        let text = report((*language).into(), &snapshot(), WIDTH).unwrap();
        let text = anstream::adapter::strip_str(&text).to_string();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/check.{}.txt", language.tag()));
        if std::env::var_os("GRACEWATCH_WRITE_GOLDEN").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(text == kept, "{} differs:\n{text}", file.display());
    }
}

#[test]
fn durations_have_the_digits_that_matter() {
    let shown = |micros| milliseconds(Duration::from_micros(micros));
    assert_eq!([shown(80), shown(1_234), shown(250_400)], ["0.08 ms", "1.2 ms", "250 ms"]);
}
