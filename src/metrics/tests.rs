//! The page of metrics, read as text.

use super::*;
use crate::clock::Offset;
use crate::clock::comparison::{Clocks, Comparison};
use crate::clock_report::{ClockReport, ClockSource, HostTime, Reference};
use crate::counters::StoreCounters;
use crate::fleet::{Aggregate, ApplicationStatus, KmsHostStatus};
use crate::host::HostPort;
use crate::license::{Application, KmsCounts, KmsHost};
use crate::observation::{Failure, Observation, Reason, Stage};
use crate::online;
use crate::online::endpoint::{Endpoint, Role};
use crate::online::proxy::Proxy;
use crate::probe::online::OnlineAnswer;
use crate::probe::online::http::Answer;
use crate::probe::online::tls::Session;
use crate::probe::srv::SrvRecord;
use crate::state::{PathReport, Pending};
use crate::store::StoreError;
use crate::verdict::{self, Dependents, Reported};
use crate::walk::kms::{self, Discovered, Host, Target};
use crate::walk::online::fixtures::{certificate, session};
use crate::walk::{self, Walk};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

const HOUR: Duration = Duration::from_hours(1);

fn seen(stage: Stage, reason: Option<Reason>) -> Observation {
    let outcome = reason.map_or(Ok(String::new()), |reason| Err(Failure::new(reason, "")));
    Observation::new(stage, outcome, Duration::from_millis(250))
}

fn first_report(name: &str, walk: Walk) -> PathReport {
    PathReport::first(name.into(), verdict::judge(&walk, Reported::default()), walk, SystemTime::UNIX_EPOCH + HOUR)
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
    let stages = vec![seen(Stage::Address, None), seen(Stage::Tcp, Some(Reason::Refused))];
    let at = HostPort::parse("kms01.corp.example", 1688).unwrap();
    let host = Host::new(at, "192.0.2.1:1688".parse().ok(), stages);
    let targets = vec![Arc::new(Target::Host(host))];
    let walk = Walk::Kms(kms::Walk { targets, discovered: Some(Arc::new(discovered)), own_clock: None });
    first_report("corp", walk)
}

/// A path with one host, which works and is half a second behind true time.
fn working_path() -> PathReport {
    let clock = Comparison::new(Clocks::HostAndTrueTime, Offset { seconds: -0.5, bound: 0.375 }, HOUR);
    let stages = vec![seen(Stage::Tcp, None), seen(Stage::Clock, None)];
    let at = HostPort::parse("192.0.2.9", 1688).unwrap();
    let host = Host { clock: Some(clock), ..Host::new(at, "192.0.2.9:1688".parse().ok(), stages) };
    let targets = vec![Arc::new(Target::Host(host))];
    let walk = Walk::Kms(kms::Walk { targets, discovered: None, own_clock: None });
    first_report("named", walk)
}

/// An endpoint over a proxy that demands credentials, and was given some.
fn online_path() -> PathReport {
    let endpoint = Arc::new(Endpoint::parse("https://a.example", Role::Activation, false).unwrap());
    let proxy = Proxy::parse("http://user:secret@proxy:3128").unwrap();
    let target =
        online::Target { endpoint, proxy: proxy.to_string().into(), route: online::Route::Through(Arc::new(proxy)) };
    let ends = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let answer = OnlineAnswer {
        stages: vec![seen(Stage::Proxy, None), seen(Stage::Tls, None), seen(Stage::Http, None)],
        address: "192.0.2.3:3128".parse().ok(),
        demanded: vec!["Basic".into()],
        tls: Some(Session {
            certificates: vec![
                certificate("a.example", ends(0), ends(40_000_000_000)),
                certificate("stray", ends(0), ends(20_000_000_000)),
            ],
            ..session(ends(0), ends(30_000_000_000))
        }),
        proxy_tls: None,
        http: Some(Answer { status: 403, location: None, first_byte: Duration::from_millis(125) }),
    };
    let name = target.to_string().into();
    let (target, answer) = (Arc::new(target), Arc::new(answer));
    let target = walk::online::Target { name, target, answer, intermittent: None };
    let walk = Walk::Online(walk::online::Walk { targets: vec![target], own_clock: None });
    first_report("online", walk)
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
        as_of: None,
        configured: 2,
        reference: Some(Reference {
            offset,
            comparison,
            truechimers: vec!["ntp1:123".into()],
            answered: 2,
            supporter: None,
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

fn page(state: &Arc<State>, counters: &Arc<Counters>) -> String {
    String::from_utf8(Metrics::new(Arc::clone(state), Arc::clone(counters)).unwrap().render().unwrap()).unwrap()
}

/// The page of a blocked path, with one probe counted.
fn full_page() -> (Arc<State>, Arc<Counters>, String) {
    let state = Arc::new(State::new());
    let counters = Arc::new(Counters::new().unwrap());
    counters.path("corp").count(&seen(Stage::Tcp, Some(Reason::Refused)));
    counters.show_store(&StoreCounters::new(&StoreError::REASONS).unwrap()).unwrap();
    state.show([blocked_path(), working_path(), online_path()]);
    state.update(|known| known.clocks = Arc::new(clocks()));
    let page = page(&state, &counters);
    (state, counters, page)
}

#[test]
fn the_page_says_what_the_state_says() {
    let (_, _, page) = full_page();
    for line in [
        r#"gracewatch_path_up{path="corp"} 0"#,
        r#"gracewatch_path_degraded{path="corp"} 0"#,
        r#"gracewatch_path_unknown{path="corp"} 0"#,
        r#"gracewatch_path_blocked_info{path="corp",stage="tcp",reason="refused",code="0xC004F074"} 1"#,
        r#"gracewatch_path_verdict_info{path="corp",verdict="blocked",summary="Path corp is blocked at tcp: kms01.corp.example:1688 (192.0.2.1) refuses connections.",impact="",first_step="On kms01.corp.example, check whether it listens: `Get-NetTCPConnection -State Listen -LocalPort 1688`"} 1"#,
        r#"gracewatch_path_verdict_info{path="named",verdict="ok",summary="Path named works: its KMS host answers.",impact="",first_step=""} 1"#,
        r#"gracewatch_stage_up{path="corp",target="kms01.corp.example:1688",address="192.0.2.1",stage="tcp"} 0"#,
        r#"gracewatch_stage_duration_seconds{path="corp",target="kms01.corp.example:1688",address="192.0.2.1",stage="address"} 0.25"#,
        r#"gracewatch_stage_failure_info{path="corp",target="kms01.corp.example:1688",address="192.0.2.1",stage="tcp",reason="refused"} 1"#,
        r#"gracewatch_probes_total{path="corp",stage="tcp",result="refused"} 1"#,
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
        r#"gracewatch_path_blocked_info{path="online",stage="proxy",reason="auth_required",code="0x8004FE33"} 1"#,
        r#"gracewatch_stage_up{path="online",target="https://a.example via http://proxy:3128",address="",stage="tls"} 1"#,
        r#"gracewatch_target_info{path="online",target="https://a.example via http://proxy:3128",endpoint="https://a.example",proxy="http://proxy:3128",role="activation"} 1"#,
        r#"gracewatch_proxy_demands_credentials{path="online",target="https://a.example via http://proxy:3128"} 1"#,
        r#"gracewatch_ssl_earliest_cert_expiry{path="online",target="https://a.example via http://proxy:3128"} 30000000000"#,
        r#"gracewatch_ssl_last_chain_expiry_timestamp_seconds{path="online",target="https://a.example via http://proxy:3128"} 30000000000"#,
        r#"gracewatch_ssl_last_chain_info{path="online",target="https://a.example via http://proxy:3128",fingerprint_sha256="a.example in hexadecimal",subject="CN=a.example",issuer="CN=root",subjectalternative="a.example,b.example"} 1"#,
        r#"gracewatch_tls_version_info{path="online",target="https://a.example via http://proxy:3128",version="TLS 1.3"} 1"#,
        r#"gracewatch_tls_cipher_info{path="online",target="https://a.example via http://proxy:3128",cipher="TLS_AES_256_GCM_SHA384"} 1"#,
        r#"gracewatch_http_status_code{path="online",target="https://a.example via http://proxy:3128"} 403"#,
        r#"gracewatch_http_first_byte_seconds{path="online",target="https://a.example via http://proxy:3128"} 0.125"#,
        "gracewatch_config_last_reload_successful 1",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line} is not in\n{page}");
    }
    assert!(!page.contains("kms02"), "a host whose clock cannot be read is no failure:\n{page}");
}

/// Those that are lost and those that are late are separate problems of the verdict, and one figure here.
#[test]
fn machines_that_fail_for_one_reason_are_counted_together() {
    let mut path = blocked_path();
    let problem = &path.verdict.problems[0];
    let of = |machines| verdict::Problem { machines: Some(machines), ..problem.clone() };
    path.verdict.problems = [of(5), of(7)].into();
    let state = Arc::new(State::new());
    state.show([path]);
    let page = page(&state, &Arc::new(Counters::new().unwrap()));
    let line = r#"gracewatch_path_problem_machines{path="corp",stage="tcp",reason="refused"} 12"#;
    assert!(page.lines().any(|shown| shown == line), "{page}");
}

#[test]
fn a_verdict_that_lags_behind_shows_why() {
    let state = Arc::new(State::new());
    let since = SystemTime::UNIX_EPOCH + HOUR * 2;
    let pending = Pending {
        status: verdict::Status::Blocked,
        stage: Some(Stage::Tcp),
        reason: Some(Reason::Refused),
        failing_rounds: 1,
        of: 2,
        since,
    };
    let worsening = PathReport { pending: Some(pending), ..working_path() };
    let held = PathReport { held_until: Some(since), ..blocked_path() };
    state.show([worsening, held]);
    let page = page(&state, &Arc::new(Counters::new().unwrap()));
    for line in [
        r#"gracewatch_path_since_timestamp_seconds{path="named"} 3600"#,
        r#"gracewatch_path_last_judged_timestamp_seconds{path="named"} 3600"#,
        r#"gracewatch_path_failing_rounds{path="named"} 1"#,
        r#"gracewatch_path_held{path="named"} 0"#,
        r#"gracewatch_path_failing_rounds{path="corp"} 0"#,
        r#"gracewatch_path_held{path="corp"} 1"#,
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line} is not in\n{page}");
    }
}

/// The words of a verdict are labels, and each change of theirs is another series.
#[test]
fn words_follow_at_once_who_is_hit_and_in_time_figures_and_who_is_next() {
    let verdicts = Verdicts::default();
    let begun = Instant::now();
    let impact = |next: &str, lost, minutes| {
        let mut report = blocked_path();
        report.verdict.dependents = Some(Dependents {
            machines: 412,
            lost,
            next_loss: Some(Timestamp::UNIX_EPOCH),
            next_machine: Some(next.into()),
            within_week: 0,
            soonest: [].into(),
            first_within_week: None,
        });
        let (mut gauges, mut page) = (Gauges::default(), String::new());
        verdicts.set(&mut gauges, &[Arc::new(report)], begun + Duration::from_mins(minutes));
        gauges.write(&mut page);
        let (_, impact) = page.split_once("impact=\"").unwrap();
        impact.split_once('"').unwrap().0.to_owned()
    };
    let next =
        |name: &str| format!("412 machines depend on path corp. The next, {name}, loses activation on 1970-01-01.");
    assert_eq!(impact("ws1", 0, 0), next("ws1"));
    assert_eq!(impact("ws2", 0, 14), next("ws1"), "who is next changes with each renewal");
    assert_eq!(impact("ws2", 0, 15), next("ws2"));
    let lost = impact("ws2", 3, 16);
    assert!(lost.starts_with("412 machines depend on path corp; 3 have already lost activation."), "{lost}");
    verdicts.set(&mut Gauges::default(), &[], begun);
    assert_eq!(impact("ws3", 3, 0).matches("ws3").count(), 1, "a path that was gone begins anew");
}

/// Whoever may report machines makes no series without end.
#[test]
fn words_follow_a_few_times_at_once_which_machines_fail_and_then_now_and_then() {
    use crate::codes::Code;
    use crate::fleet::{Affected, FailingMachines, Symptoms, Urgency};
    let (verdicts, begun) = (Verdicts::default(), Instant::now());
    let page = |name: &str, code, minutes| {
        let affected = Affected { machines: 1, worst: vec![(0, name.to_owned())] };
        let failing =
            vec![FailingMachines { urgency: Urgency::Later, code, cut_off: None, networks: [].into(), affected }];
        let symptoms = Symptoms { failing, ..Symptoms::default() };
        let mut report = working_path();
        report.verdict = verdict::judge(&report.walk, Reported { symptoms: Some(&symptoms), ..Reported::default() });
        let (mut gauges, mut page) = (Gauges::default(), String::new());
        verdicts.set(&mut gauges, &[Arc::new(report)], begun + Duration::from_mins(minutes));
        gauges.write(&mut page);
        page.lines().find(|line| line.starts_with("gracewatch_path_verdict_info")).unwrap().to_owned()
    };
    let codes = [None, Some(Code(0xC004_F074))];
    let named = |round: u64| page(&format!("a{:03}", 999 - round), codes[usize::from(round % 2 == 1)], round / 10);
    let series: Vec<_> = (0..100).map(named).collect();
    assert!(series[0].contains("a999") && series[4].contains("a995"), "{series:?}");
    let distinct: std::collections::BTreeSet<_> = series.iter().collect();
    assert_eq!(distinct.len(), 5, "{distinct:?}");
    // With time they follow again.
    let later: std::collections::BTreeSet<_> = (100..1000).map(named).collect();
    assert!((4..=14).contains(&later.len()), "{later:?}");
}

#[test]
fn what_is_gone_leaves_no_gauge_behind() {
    let (state, counters, _) = full_page();
    state.show([]);
    state.update(|known| known.clocks = Arc::default());
    let page = page(&state, &counters);
    assert!(!page.contains("kms01"), "{page}");
    assert!(!page.contains("gracewatch_path_up") && !page.contains("gracewatch_clock"), "{page}");
    assert!(page.contains("gracewatch_probes_total"), "counters stay");
}

#[test]
#[ignore = "needs promtool"]
fn promtool_finds_nothing_wrong_with_the_page() {
    let (_, _, page) = full_page();
    let mut promtool = Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    assert!(promtool.wait().unwrap().success(), "{page}");
}

#[test]
fn the_documentation_has_every_metric() {
    let document = include_str!("../../docs/metrics.md");
    let (_, _, page) = full_page();
    let names: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names.iter().filter(|name| !name.starts_with("process_")) {
        assert!(document.contains(&format!("| `{name}` |")), "docs/metrics.md does not have {name}");
    }
}

#[test]
fn of_many_kms_hosts_the_first_hundred_have_series_and_the_rest_is_counted() {
    let state = Arc::new(State::new());
    let counts = KmsCounts { current: Some(50), ..KmsCounts::default() };
    let host = |number| KmsHostStatus {
        machine: format!("kms{number:03}").parse().unwrap(),
        targets: Vec::new(),
        facts: KmsHost::default(),
        reported_at: Timestamp::default(),
        stale: false,
        applications: [(
            Application::Windows,
            ApplicationStatus { counts: Some(counts), ..ApplicationStatus::default() },
        )]
        .into(),
        keys: BTreeMap::new(),
        failed_start: None,
        unpublished: BTreeMap::new(),
        idle_since: None,
    };
    // They are in the order in which they matter.
    let kms_hosts = (0..103).rev().map(host).collect();
    state.publish_fleet(Aggregate { kms_hosts, kms_hosts_left_out: 4, ..Aggregate::default() });
    let page = page(&state, &Arc::new(Counters::new().unwrap()));
    let has_series = |name| {
        let labels = format!("{{machine=\"{name}\",application=\"windows\"}}");
        page.contains(&format!("gracewatch_kms_host_current_clients{labels} 50\n"))
    };
    assert_eq!(["kms102", "kms003", "kms002"].map(has_series), [true, true, false], "{page}");
    assert!(page.contains("\ngracewatch_kms_hosts_left_out 7\n"), "{page}");
}
