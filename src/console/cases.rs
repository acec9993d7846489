//! The cases in which a reader must see within seconds what is broken, who is hit and what to do first: each a path,
//! and a file in `tests/golden/cases` in each language.
//!
//! To add a case, add its line to [`CASES`], and write all again with `GRACEWATCH_WRITE_GOLDEN=1`.

use super::columns;
use super::report;
use super::tests::runway;
use crate::clock::Offset;
use crate::clock::comparison::{Clocks, Comparison};
use crate::clock_report::{ClockReport, ClockSource, HostTime, Reference};
use crate::codes::Code;
use crate::fleet::{Affected, FailingMachines, LOST, Runway, Symptoms, Urgency};
use crate::host::{DnsName, HostPort};
use crate::knowledge::Language;
use crate::observation::{Detail, Failure, Observation, Reason, Stage, detail};
use crate::online::DIRECT;
use crate::online::endpoint::Role;
use crate::probe::ntp::impossible;
use crate::state::{PathReport, Reload, Snapshot};
use crate::text::MOST_WORDS;
use crate::verdict::{self, Reported};
use crate::walk::kms::{self, Disagreement, Discovered, Host, Lack, Lookup, Target};
use crate::walk::online::fixtures::{PROXY, demanding, target};
use crate::walk::{OwnClock, Walk, online};
use jiff::Timestamp;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How wide the terminal is.
const WIDTH: usize = 100;

/// What is seen in a case.
struct World {
    walk: Walk,
    runway: Option<Runway>,
    symptoms: Option<Symptoms>,
    clocks: ClockReport,
}

/// Each case by the name of its file, what is seen in it, the words its report must have in English, and those it must
/// not.
type Case = (&'static str, fn() -> World, &'static [&'static str], &'static [&'static str]);

const CASES: [Case; 18] = [
    (
        "one_host_of_two_dead",
        one_dead,
        &["works through 1 of 2", "kms02", "Check whether kms02"],
        &["SRV record of kms01"],
    ),
    (
        "both_hosts_dead",
        both_dead,
        &["kms01.corp.example:1688 and kms02.corp.example:1688 refuse connections"],
        &["fails as well"],
    ),
    (
        "both_hosts_dead_differently",
        both_dead_differently,
        &["kms01", "refuses connections; kms02", "fails as well", "Another fault blocks the path, at tcp: kms02"],
        &["Another problem"],
    ),
    (
        "unexpected_host_dead",
        unexpected_dead,
        &["which you do not expect; your expected hosts all answer", "Find the owner of kms66"],
        &["Restart-Service", "On kms66"],
    ),
    ("wrong_port_in_srv", wrong_port, &["the usual port is 1688", "1. Compare the port in the SRV record"], &[]),
    (
        "nameservers_disagree",
        disagreement,
        &["nameserver 127.0.0.1:53 lacks kms02", "1. Find out why 127.0.0.1 lacks kms02"],
        &["disagree"],
    ),
    (
        "one_address_dead",
        one_address_dead,
        &["serves at 192.0.2.10 and does not answer at 2001:db8::10", "1. Remove 2001:db8::10"],
        &["SRV record", "Restart-Service"],
    ),
    (
        "alias_leads_nowhere",
        dangling_alias,
        &["is an alias of old.corp.example, which does not exist", "1. Give kms02.corp.example an address record"],
        &[],
    ),
    ("clock_4_h_5_min_ahead", clock_ahead, &["4 h 5 min ahead of true time", "1. On kms01.corp.example: `w32tm"], &[]),
    (
        "clock_not_read",
        clock_not_read,
        &["but the clock of kms02.corp.example could not be read", "? clock"],
        &["✓ clock kms02"],
    ),
    (
        "proxy_demands_credentials",
        proxy_login,
        &["requires credentials", "without credentials", "netsh winhttp set proxy proxy.corp.example:3128 bypass-list"],
        &["portal"],
    ),
    (
        "tls_intercepted",
        intercepted,
        &["is intercepted", "exempt activation.example from inspection"],
        &["CertificateError"],
    ),
    (
        "fleet_lost_late_evaluation",
        fleet,
        &["lost activation, and report", "not activated or renewed", "the evaluations on lab01 and lab02"],
        &[],
    ),
    (
        "out_of_descriptors",
        out_of_descriptors,
        &["cannot be judged: this machine could not connect", "LimitNOFILE"],
        &["os error", "kms01 refuses"],
    ),
    (
        "time_server_before_build",
        absurd_time_server,
        &["ntp1:123 reports 1999-01-01", "Correct its clock"],
        &["skewed", "27 years"],
    ),
    (
        "old_cipher_suites",
        old_cipher_suites,
        &[
            "unknown at tls: no_common_cipher",
            "Windows offers more and may get through",
            "curl.exe -sv -x http://proxy.corp.example:3128 https://activation",
        ],
        &["blocked", "this machine could not"],
    ),
    (
        "signature_of_another_kind",
        signature_of_another_kind,
        &["unknown at tls: unsupported_signature", "Windows may be able to", "curl.exe -sv https://activation"],
        &["blocked", "intercepted"],
    ),
    (
        "client_certificate_demanded",
        client_certificate_demanded,
        &["blocked at tls: certificate_required", "requires a client certificate", "0x80072F0C"],
        &["cipher"],
    ),
];

/// A stage at which a host fails, and how.
type Fault = Option<(Stage, Reason, Detail)>;

fn seen(stage: Stage, fault: Option<(Reason, Detail)>) -> Observation {
    let passes = match stage {
        Stage::Srv => detail!("hosts-found", count = 2_u8),
        Stage::Address => detail!("addresses-found", count = 1_u8),
        Stage::Tcp => detail!("connected"),
        _ => detail!("kms-served-ndr64"),
    };
    let outcome = fault.map_or(Ok(passes), |(reason, detail)| Err(Failure::new(reason, detail)));
    Observation::new(stage, outcome, Duration::from_millis(1))
}

fn name(text: &str) -> DnsName {
    text.parse().unwrap()
}

fn lookup(nameserver: &str) -> Target {
    Target::Lookup(Lookup {
        domain: name("corp.example"),
        nameserver: nameserver.parse().unwrap(),
        observation: seen(Stage::Srv, None),
        intermittent: None,
    })
}

/// A host at an address, with the stage at which it fails.
fn host_at(at: &str, address: &str, fault: Fault) -> Host {
    let at = HostPort::parse(at, 1688).unwrap();
    let last = fault.as_ref().map_or(Stage::Rpc, |(stage, ..)| *stage);
    let stages = [Stage::Address, Stage::Tcp, Stage::Rpc].into_iter().filter(|stage| *stage < last);
    let mut stages: Vec<_> = stages.map(|stage| seen(stage, None)).collect();
    stages.push(seen(last, fault.map(|(_, reason, detail)| (reason, detail))));
    let address: Option<IpAddr> = address.parse().ok();
    let port = at.port;
    Host::new(at, address.map(|address| (address, port).into()), stages)
}

fn host(number: u8, fault: Fault) -> Host {
    host_at(&format!("kms0{number}.corp.example"), &format!("192.0.2.{number}"), fault)
}

#[expect(clippy::unnecessary_wraps, reason = "a host that answers has none")]
fn refused() -> Fault {
    Some((Stage::Tcp, Reason::Refused, detail!("connection-refused")))
}

#[expect(clippy::unnecessary_wraps, reason = "a host that answers has none")]
fn silent() -> Fault {
    Some((Stage::Tcp, Reason::TimedOut, detail!("no-answer-within", span = Duration::from_secs(5))))
}

/// A path to these hosts, on which 412 machines depend.
fn to_hosts(hosts: Vec<Host>, discovered: Discovered) -> World {
    to_hosts_from(vec![lookup("192.0.2.53:53")], hosts, discovered)
}

fn to_hosts_from(lookups: Vec<Target>, hosts: Vec<Host>, discovered: Discovered) -> World {
    let targets = lookups.into_iter().chain(hosts.into_iter().map(Target::Host)).map(Arc::new).collect();
    let walk = Walk::Kms(kms::Walk { targets, discovered: Some(Arc::new(discovered)), own_clock: None });
    World { walk, runway: Some(runway()), symptoms: None, clocks: ClockReport::default() }
}

fn to_endpoints(targets: Vec<online::Target>) -> World {
    let walk = Walk::Online(online::Walk { targets, own_clock: None });
    World { walk, runway: None, symptoms: None, clocks: ClockReport::default() }
}

fn one_dead() -> World {
    to_hosts(vec![host(1, None), host(2, silent())], Discovered::default())
}

fn both_dead() -> World {
    to_hosts(vec![host(1, refused()), host(2, refused())], Discovered::default())
}

fn both_dead_differently() -> World {
    to_hosts(vec![host(1, refused()), host(2, silent())], Discovered::default())
}

fn unexpected_dead() -> World {
    let rogue = host_at("kms66.corp.example", "192.0.2.66", refused());
    let discovered = Discovered { unexpected: vec!["kms66.corp.example".parse().unwrap()], ..Discovered::default() };
    to_hosts(vec![host(1, None), host(2, None), rogue], discovered)
}

fn wrong_port() -> World {
    to_hosts(vec![host_at("kms01.corp.example:1689", "192.0.2.1", refused())], Discovered::default())
}

fn disagreement() -> World {
    let [local, other] = ["127.0.0.1:53", "192.0.2.53:53"];
    let host = HostPort::parse("kms02.corp.example", 1688).unwrap();
    let lack = Lack { nameserver: local.parse().unwrap(), hosts: vec![host], is_empty: false };
    let pair = Disagreement {
        domain: name("corp.example"),
        one: local.parse().unwrap(),
        other: other.parse().unwrap(),
        lacks: vec![lack],
    };
    let discovered = Discovered { disagreements: vec![pair], ..Discovered::default() };
    let hosts = vec![self::host(1, None), self::host(2, None)];
    to_hosts_from([local, other].map(lookup).into(), hosts, discovered)
}

fn one_address_dead() -> World {
    let at = |address, fault| host_at("kms01.corp.example", address, fault);
    to_hosts(vec![at("192.0.2.10", None), at("2001:db8::10", silent())], Discovered::default())
}

fn dangling_alias() -> World {
    let no_name = Some((Stage::Address, Reason::Nxdomain, detail!("nameserver-no-name", server = "192.0.2.53:53")));
    let mut dead = Host { address: None, ..host(2, no_name) };
    dead.stages.iter_mut().for_each(|seen| seen.alias_of = Some("old.corp.example".into()));
    to_hosts(vec![host(1, None), dead], Discovered::default())
}

/// A clock so far ahead of true time.
fn compared(clocks: Clocks, seconds: f64) -> Comparison {
    Comparison::new(clocks, Offset { seconds, bound: 0.01 }, Duration::from_hours(1))
}

/// Three time servers that agree, with ours.
fn true_time() -> ClockReport {
    let offset = Offset { seconds: 0.0, bound: 0.01 };
    let passed = Observation::new(Stage::Clock, Ok(detail!("stratum", stratum = 2_u8)), Duration::from_millis(1));
    let server = |number: u8| ClockSource {
        source: format!("ntp{number}:123"),
        address: None,
        kind: Some("ntp"),
        observation: passed.clone(),
        offset: Some(offset),
    };
    let reference = Reference {
        offset,
        comparison: compared(Clocks::OursAndTrueTime, 0.0),
        truechimers: vec!["ntp1:123".into(), "ntp2:123".into(), "ntp3:123".into()],
        answered: 3,
        supporter: None,
        observation: passed.clone(),
    };
    let servers = (1..=3).map(server).collect();
    ClockReport { configured: 3, reference: Some(reference), servers, ..ClockReport::default() }
}

/// A host and its clock, which is so far ahead of true time; `None` where it cannot be read.
fn with_clock(host: &mut Host, clocks: &mut ClockReport, seconds: Option<f64>) {
    let comparison = seconds.map(|seconds| compared(Clocks::HostAndTrueTime, seconds));
    let is_skewed = seconds.is_some_and(|seconds| seconds > 14_400.0);
    let failure = |reason, detail: Detail| Err::<Detail, _>(Failure::new(reason, detail));
    let compared = comparison.map(|known| known.detail(&host.name().to_string())).unwrap_or_default();
    let outcome = match comparison {
        Some(_) if is_skewed => failure(Reason::Skewed, compared.clone()),
        Some(_) => Ok(compared.clone()),
        None => failure(Reason::Refused, detail!("connection-refused")),
    };
    let observation = Observation::new(Stage::Clock, outcome, Duration::from_millis(1));
    if comparison.is_some() {
        host.stages.push(observation.clone());
    }
    (host.clock, host.is_clock_unread) = (comparison, comparison.is_none());
    let source = host.name().to_string() + if comparison.is_some() { ":445" } else { "" };
    let observation =
        if is_skewed { Observation::new(Stage::Clock, Ok(compared), Duration::ZERO) } else { observation };
    let kind = comparison.map(|_| "smb2");
    let clock =
        ClockSource { source, address: host.ip(), kind, observation, offset: comparison.map(|known| known.offset) };
    clocks.hosts.insert(host.address.unwrap().into(), HostTime { clock, comparison });
}

fn with_clocks(mut hosts: Vec<(Host, Option<f64>)>) -> World {
    let mut clocks = true_time();
    for (host, seconds) in &mut hosts {
        with_clock(host, &mut clocks, *seconds);
    }
    let mut world = to_hosts(hosts.into_iter().map(|(host, _)| host).collect(), Discovered::default());
    if let Walk::Kms(walk) = &mut world.walk {
        let comparison = compared(Clocks::OursAndTrueTime, 0.0);
        walk.own_clock = Some(OwnClock { comparison, alone: None, supporter: None });
    }
    World { clocks, ..world }
}

fn clock_ahead() -> World {
    with_clocks(vec![(host(1, None), Some(14_700.0))])
}

fn clock_not_read() -> World {
    with_clocks(vec![(host(1, None), Some(0.0)), (host(2, None), None)])
}

fn absurd_time_server() -> World {
    let now = crate::clock::Moment { system: at("2026-11-30T10:00:00Z"), running: Duration::ZERO };
    let said = at("1999-01-01T00:00:00Z");
    let failure = Failure::new(Reason::InvalidAnswer, impossible(said));
    let server = ClockSource {
        source: "ntp1:123".into(),
        address: None,
        kind: Some("ntp"),
        observation: Observation::failed(Stage::Clock, failure, Duration::from_millis(1)),
        offset: None,
    };
    let clocks = ClockReport { as_of: Some(now), configured: 1, servers: vec![server], ..ClockReport::default() };
    World { clocks, ..to_hosts(vec![host(1, None)], Discovered::default()) }
}

fn at(moment: &str) -> SystemTime {
    SystemTime::try_from(moment.parse::<Timestamp>().unwrap()).unwrap()
}

fn activation(proxy: &str, failed: Option<(Stage, Reason)>) -> online::Target {
    target("https://activation.example", Role::Activation, proxy, failed)
}

/// The same, with what was seen where it fails.
fn failing_with(mut target: online::Target, seen: &Detail) -> online::Target {
    let mut answer = (*target.answer).clone();
    answer.stages.iter_mut().filter(|stage| !stage.is_ok()).for_each(|stage| stage.detail = seen.clone());
    target.answer = Arc::new(answer);
    target
}

fn proxy_login() -> World {
    let target = demanding(activation(PROXY, Some((Stage::Proxy, Reason::AuthRequired))), &["Negotiate", "NTLM"]);
    let seen = detail!("proxy-takes", answer = "407 Proxy Authentication Required", schemes = "Negotiate, NTLM");
    to_endpoints(vec![failing_with(target, &seen)])
}

fn intercepted() -> World {
    let seen = detail!("chain-elsewhere", issuer = "CN=Proxy CA", expected = "Microsoft");
    to_endpoints(vec![failing_with(activation(PROXY, Some((Stage::Tls, Reason::Intercepted))), &seen)])
}

fn old_cipher_suites() -> World {
    to_endpoints(vec![activation(PROXY, Some((Stage::Tls, Reason::NoCommonCipher)))])
}

fn signature_of_another_kind() -> World {
    to_endpoints(vec![activation(DIRECT, Some((Stage::Tls, Reason::UnsupportedSignature)))])
}

fn client_certificate_demanded() -> World {
    to_endpoints(vec![activation(DIRECT, Some((Stage::Tls, Reason::CertificateRequired)))])
}

fn fleet() -> World {
    let machines = |count: u64, name: &str| Affected {
        machines: count,
        worst: (1..=count.min(10)).map(|number| (LOST, format!("{name}{number:02}"))).collect(),
    };
    let failing = |urgency, code, affected| FailingMachines {
        urgency,
        code: Some(Code(code)),
        cut_off: None,
        networks: [].into(),
        affected,
    };
    let symptoms = Symptoms {
        failing: vec![
            failing(Urgency::Lost, 0xC004_F00F, machines(3, "ws")),
            failing(Urgency::Later, 0xC004_F050, machines(30, "late")),
        ],
        evaluations: machines(2, "lab"),
        first_evaluation_end: "2026-12-05T00:00:00Z".parse().ok(),
        ..Symptoms::default()
    };
    World { symptoms: Some(symptoms), ..to_hosts(vec![host(1, None), host(2, None)], Discovered::default()) }
}

fn out_of_descriptors() -> World {
    let exhausted = || Some((Stage::Tcp, Reason::LocalError, detail!("system-descriptors")));
    to_hosts(vec![host(1, exhausted()), host(2, exhausted())], Discovered::default())
}

fn snapshot(world: World) -> Snapshot {
    let World { walk, runway, symptoms, clocks } = world;
    let reported = Reported { runway: runway.as_ref(), symptoms: symptoms.as_ref(), recovered: None };
    let verdict = verdict::judge(&walk, reported);
    let report = PathReport::first("corp".into(), verdict, walk, SystemTime::UNIX_EPOCH);
    Snapshot {
        paths: vec![Arc::new(PathReport { runway, ..report })],
        clocks: Arc::new(clocks),
        fleet: None,
        inbox_is_healthy: None,
        inbox_waiting: 0,
        inventory: None,
        ready: true,
        reload: Reload { successful: true, succeeded_at: SystemTime::UNIX_EPOCH },
        web_config: None,
    }
}

fn text(language: Language, world: World) -> String {
    text_within(WIDTH, language, world)
}

fn text_within(width: usize, language: Language, world: World) -> String {
    let text = report(language.into(), &snapshot(world), width).unwrap();
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn no_line_of_a_report_is_wider_than_the_terminal() {
    for (name, world, ..) in CASES {
        for (language, width) in
            Language::ALL.iter().flat_map(|language| [60, 80, WIDTH].map(|width| (language, width)))
        {
            let text = text_within(width, *language, world());
            let too_wide: Vec<_> = text.lines().filter(|line| columns(line) > width).collect();
            assert!(too_wide.is_empty(), "{name} in {language:?} at {width}: {too_wide:#?}");
        }
    }
}

#[test]
fn each_case_is_reported_as_it_is_kept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cases");
    let mut differing = Vec::new();
    for (name, world, ..) in CASES {
        for language in Language::ALL {
            let text = text(*language, world());
            let file = folder.join(format!("{name}.{}.txt", language.tag()));
            if std::env::var_os("GRACEWATCH_WRITE_GOLDEN").is_some() {
                fs::write(&file, &text).unwrap();
            }
            if text != fs::read_to_string(&file).unwrap_or_default() {
                differing.push(format!("{}:\n{text}", file.display()));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.concat());
}

#[test]
fn each_case_says_what_matters() {
    for (name, world, says, never) in CASES {
        // Lines are broken anywhere.
        let text = text(Language::ENGLISH, world()).split_whitespace().collect::<Vec<_>>().join(" ");
        for words in says {
            assert!(text.contains(words), "{name} does not say {words:?}: {text}");
        }
        for words in never.iter().chain(&["Some(", "Err(", "os error", "HOST", "DOMAIN", "PROXY:PORT"]) {
            assert!(!text.contains(words), "{name} says {words:?}: {text}");
        }
        let verdict = &snapshot(world()).paths[0].verdict;
        let summary = crate::text::summary(crate::text::Words::ENGLISH, "corp", verdict);
        assert!(summary.split_whitespace().count() <= MOST_WORDS, "{name}: {summary}");
    }
}
