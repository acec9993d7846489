//! The page of metrics, read as text.

use super::*;
use crate::clock::{Reference, Sample};
use crate::observation::{Failure, Reason, Stage};
use crate::path::HostPort;
use crate::probe::srv::SrvRecord;
use crate::state::{ClockReport, ClockSource, PathReport};
use crate::verdict;
use crate::walk::{Discovered, Target, Walk};
use std::time::Duration;

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
    };
    let walk = Walk { targets: vec![target], discovered: Some(discovered), clock: None };
    PathReport { name: "corp".into(), verdict: verdict::judge("corp", &walk), walk }
}

fn clock() -> ClockReport {
    let sample = Sample { offset: -1.5, error: 0.25 };
    let source = ClockSource {
        source: HostPort::parse("ntp1", 123).unwrap(),
        observation: seen(Stage::Clock, None),
        sample: Some(sample),
    };
    ClockReport { reference: Some(Reference { sample, agreeing: 1, heard: 1 }), sources: vec![source] }
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
        known.paths = vec![Arc::new(blocked_path())];
        known.clock = Arc::new(clock());
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
        r#"gracewatch_clock_offset_seconds{source="ntp1:123",kind="ntp"} -1.5"#,
        r#"gracewatch_clock_error_seconds{source="ntp1:123",kind="ntp"} 0.25"#,
        "gracewatch_clock_reference_offset_seconds -1.5",
        "gracewatch_config_last_reload_successful 1",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line} is not in\n{page}");
    }
}

#[test]
fn what_is_gone_leaves_no_gauge_behind() {
    let (state, counters, _) = full_page();
    state.update(|known| known.paths.clear());
    let page = page(&state, &counters);
    assert!(!page.contains("kms01"), "{page}");
    assert!(!page.contains("gracewatch_path_up"), "{page}");
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
