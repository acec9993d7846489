//! The page of metrics, read as text.

use super::*;
use crate::clock::Offset;
use crate::clock::comparison::{Clocks, Comparison};
use crate::clock_report::{ClockReport, ClockSource, HostTime, Reference};
use crate::observation::{Failure, Reason, Stage};
use crate::probe::srv::SrvRecord;
use crate::state::PathReport;
use crate::verdict;
use crate::walk::Walk;
use crate::walk::kms::{self, Discovered, Target};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn seen(stage: Stage, reason: Option<Reason>) -> Observation {
    let outcome = reason.map_or(Ok(String::new()), |reason| Err(Failure::new(reason, "")));
    Observation::new(stage, outcome, Duration::from_millis(250))
}

/// A path with one host found by DNS, whose connection is refused.
fn blocked_path() -> PathReport {
    let host = "kms01.corp.example".parse().unwrap();
    let nameserver = "192.0.2.53:53".parse().unwrap();
    let discovered = Discovered {
        records: [SrvRecord { priority: 5, weight: 7, host, port: 1688 }].into(),
        counts: [(nameserver, 1)].into(),
        ..Discovered::default()
    };
    let target = Target {
        target: "kms01.corp.example:1688".into(),
        address: "192.0.2.1:1688".parse().ok(),
        stages: vec![seen(Stage::Address, None), seen(Stage::Tcp, Some(Reason::Refused))],
        clock: None,
    };
    let walk = Walk::Kms(kms::Walk { targets: vec![target], discovered: Some(discovered), own_clock: None });
    PathReport { name: "corp".into(), verdict: verdict::judge("corp", &walk), walk }
}

/// A path with one host, which works and is half a second behind true time.
fn working_path() -> PathReport {
    let clock = Comparison::new(Clocks::HostAndTrueTime, Offset { seconds: -0.5, bound: 0.375 }, HOUR);
    let target = Target {
        target: "192.0.2.9:1688".into(),
        address: "192.0.2.9:1688".parse().ok(),
        stages: vec![seen(Stage::Tcp, None), seen(Stage::Clock, None)],
        clock: Some(clock),
    };
    let walk = Walk::Kms(kms::Walk { targets: vec![target], discovered: None, own_clock: None });
    PathReport { name: "named".into(), verdict: verdict::judge("named", &walk), walk }
}

/// One time server that is right, one that lies, one host that can be read and one that cannot.
fn clocks() -> ClockReport {
    let offset = Offset { seconds: -1.5, bound: 0.25 };
    let source = |source: &str, kind, reason, offset| ClockSource {
        source: source.into(),
        address: "192.0.2.7".parse().ok(),
        kind,
        observation: seen(Stage::Clock, reason),
        offset,
    };
    let lie = Offset { seconds: 14_700.0, bound: 0.5 };
    let comparison = Comparison::new(Clocks::OursAndTrueTime, offset.reversed(), HOUR);
    let host = |clock| HostTime { clock, comparison: Some(comparison) };
    ClockReport {
        configured: 2,
        reference: Some(Reference {
            offset,
            comparison,
            truechimers: vec!["ntp1:123".into()],
            heard: 2,
            observation: seen(Stage::Clock, None),
        }),
        servers: vec![
            source("ntp1:123", Some("ntp"), None, Some(offset)),
            source("ntp2:123", Some("ntp"), Some(Reason::Falseticker), Some(lie)),
        ],
        hosts: [
            ("192.0.2.9".parse().unwrap(), host(source("kms01:445", Some("smb2"), None, Some(offset)))),
            ("192.0.2.8".parse().unwrap(), host(source("kms02", None, Some(Reason::Refused), None))),
        ]
        .into(),
    }
}

fn page(state: &Arc<State>, counters: &Counters) -> String {
    String::from_utf8(Metrics::new(Arc::clone(state), counters).unwrap().render().unwrap()).unwrap()
}

/// The page of a blocked path, with one probe counted.
fn full_page() -> (Arc<State>, Counters, String) {
    let state = Arc::new(State::new());
    let counters = Counters::new().unwrap();
    counters.count("corp", &seen(Stage::Tcp, Some(Reason::Refused)));
    state.update(|known| {
        known.paths = vec![Arc::new(blocked_path()), Arc::new(working_path())];
        known.clocks = Arc::new(clocks());
    });
    let page = page(&state, &counters);
    (state, counters, page)
}

#[test]
fn the_page_says_what_the_state_says() {
    let (_, _, page) = full_page();
    for line in [
        r#"gracewatch_path_up{path="corp"} 0"#,
        r#"gracewatch_path_degraded{path="corp"} 0"#,
        r#"gracewatch_path_blocked_info{path="corp",stage="tcp",reason="refused",code="0xC004F074"} 1"#,
        r#"gracewatch_stage_up{path="corp",target="kms01.corp.example:1688",address="192.0.2.1",stage="tcp"} 0"#,
        r#"gracewatch_stage_duration_seconds{path="corp",target="kms01.corp.example:1688",address="192.0.2.1",stage="address"} 0.25"#,
        r#"gracewatch_stage_failure_info{path="corp",target="kms01.corp.example:1688",address="192.0.2.1",stage="tcp",reason="refused"} 1"#,
        r#"gracewatch_probes_total{path="corp",result="refused",stage="tcp"} 1"#,
        r#"gracewatch_srv_records{path="corp",nameserver="192.0.2.53:53"} 1"#,
        r#"gracewatch_srv_target_info{path="corp",host="kms01.corp.example",port="1688",priority="5",weight="7",expected="true"} 1"#,
        r#"gracewatch_srv_consistent{path="corp"} 1"#,
        r#"gracewatch_clock_offset_seconds{source="ntp1:123",kind="ntp",address="192.0.2.7"} -1.5"#,
        r#"gracewatch_clock_error_seconds{source="ntp1:123",kind="ntp",address="192.0.2.7"} 0.25"#,
        r#"gracewatch_clock_offset_seconds{source="kms01:445",kind="smb2",address="192.0.2.7"} -1.5"#,
        r#"gracewatch_clock_source_up{source="ntp1:123",kind="ntp",address="192.0.2.7"} 1"#,
        r#"gracewatch_clock_source_up{source="ntp2:123",kind="ntp",address="192.0.2.7"} 0"#,
        r#"gracewatch_clock_source_failure_info{source="ntp2:123",kind="ntp",address="192.0.2.7",reason="falseticker"} 1"#,
        "gracewatch_clock_reference_offset_seconds -1.5",
        "gracewatch_clock_reference_error_seconds 0.25",
        r#"gracewatch_kms_host_clock_offset_seconds{path="named",target="192.0.2.9:1688",address="192.0.2.9"} -0.5"#,
        r#"gracewatch_kms_host_clock_error_seconds{path="named",target="192.0.2.9:1688",address="192.0.2.9"} 0.375"#,
        "gracewatch_config_last_reload_successful 1",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line} is not in\n{page}");
    }
    assert!(!page.contains("kms02"), "a host whose clock cannot be read is no failure:\n{page}");
}

#[test]
fn what_is_gone_leaves_no_gauge_behind() {
    let (state, counters, _) = full_page();
    state.update(|known| {
        known.paths.clear();
        known.clocks = Arc::default();
    });
    let page = page(&state, &counters);
    assert!(!page.contains("kms01"), "{page}");
    assert!(!page.contains("gracewatch_path_up") && !page.contains("gracewatch_clock"), "{page}");
    assert!(page.contains("gracewatch_probes_total"), "counters stay");
}

#[test]
fn the_readme_explains_every_metric() {
    let readme = include_str!("../../README.md");
    let (_, _, page) = full_page();
    let names: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names.iter().filter(|name| !name.starts_with("process_")) {
        assert!(readme.contains(&format!("| `{name}` |")), "the README does not explain {name}");
    }
}
