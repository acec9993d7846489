//! Every subject with every reason at every stage has words of a sane length, and a place in JSON.

use super::half_the_rounds;
use crate::clock::Offset;
use crate::clock::comparison::{Clocks, Comparison};
use crate::codes::Code;
use crate::fleet::Urgency;
use crate::host::HostPort;
use crate::knowledge::Language;
use crate::license::{Application, LicenseStatus, PartialProductKey};
use crate::observation::{Reason, Stage};
use crate::online::endpoint::Role;
use crate::text::{Words, clause, client_codes, impact, next_steps, summary, together, unmeasured};
use crate::verdict::subject::{
    CertificateClock, Certificates, ClientCount, Endpoints, Evaluations, Example, Extent, FailedStart, Failing, Host,
    HostClock, HostLicense, IdleHost, Intermittent, Lookup, Nameserver, OwnClock, PastLogin, Proxy, Reporters,
    SharedIds, Subject, UnexpectedHosts, Unsteady, WrongKey,
};
use crate::verdict::{Coverage, Dependents, Loss, Problem, Status, Verdict};
use crate::walk::kms::{Count, CountState, Disagreement, Fault, Flaw, Lack, LeftOut, Lines, Unpublished};
use crate::walk::online::fixtures::{PROXY, target};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The longest text, in characters.
const SANE: usize = 400;

/// The longest English sentence, in words.
const MOST_WORDS: usize = 25;

fn host() -> Host {
    let host = HostPort::parse("kms01.corp.example", 1688).unwrap();
    Host {
        host,
        address: "192.0.2.1".parse().ok(),
        is_discovered: true,
        serves_at: None,
        alias_of: None,
        replacement: None,
    }
}

fn unpublished(failed: Option<(Timestamp, Option<Code>)>) -> Unpublished {
    Unpublished { host: "kms01.corp.example".into(), domain: "corp.example".parse().unwrap(), failed }
}

fn nameserver() -> Nameserver {
    Nameserver {
        nameserver: "192.0.2.53:53".parse().unwrap(),
        domain: "corp.example".parse().unwrap(),
        host: "kms01.corp.example".parse().ok(),
    }
}

fn endpoints(proxy: &str, extent: Extent) -> Endpoints {
    let target = target("https://activation.example", Role::Activation, proxy, None).target;
    Endpoints { endpoints: [target.endpoint.clone()].into(), target, extent, detail: "what was seen".into() }
}

fn comparison(clocks: Clocks) -> Comparison {
    Comparison::new(clocks, Offset { seconds: 14_700.0, bound: 0.5 }, Duration::from_hours(1))
}

fn left_out() -> LeftOut {
    let host = HostPort::parse("kms66.corp.example:22", 1688).unwrap();
    LeftOut {
        ports: vec![host.clone()],
        addresses: vec![(host.clone(), "127.0.0.1".parse().unwrap())],
        records: vec![("corp.example".parse().unwrap(), "192.0.2.53:53".parse().unwrap(), 236)],
        more_addresses: vec![(host, 8)],
        lines: Lines { ports: "allowed_ports: [22]".to_owned(), address: "allowed_networks: [127.0.0.1]".to_owned() },
    }
}

fn flaws() -> Arc<[Flaw]> {
    let flaw = |fault, target: &str, port| Flaw {
        fault,
        domain: "corp.example".parse().unwrap(),
        target: target.into(),
        port,
    };
    [
        flaw(Fault::NoPort, "kms01.corp.example", 0),
        flaw(Fault::NoService, ".", 0),
        flaw(Fault::NoDomain, "kms01", 1688),
        flaw(Fault::Address, "192.0.2.1", 1688),
    ]
    .into()
}

fn example() -> Example {
    Example { example: Some("ws0417".into()) }
}

fn disagreements() -> [Subject; 4] {
    let pair = Disagreement {
        domain: "corp.example".parse().unwrap(),
        one: "192.0.2.53:53".parse().unwrap(),
        other: "192.0.2.54:53".parse().unwrap(),
        lacks: Vec::new(),
    };
    let lack = |last: u8, hosts: usize| Lack {
        nameserver: format!("192.0.2.{last}:53").parse().unwrap(),
        hosts: (0..hosts).map(|_| host().host).collect(),
        is_empty: false,
    };
    let lacking =
        [Vec::new(), vec![lack(54, 5)], vec![lack(53, 1), lack(54, 1)], vec![lack(53, 5), lack(54, 2), lack(55, 1)]];
    lacking.map(|lacks| Subject::Disagreements([Disagreement { lacks, ..pair.clone() }].into()))
}

/// What KMS hosts report of themselves.
fn reported() -> [Subject; 9] {
    let code = Some(Code(0xC004_F074));
    let since = "2026-12-03T04:10:00Z".parse().unwrap();
    let application = Application::Windows;
    let count = Count { application, current: 1, required: (5, 25), state: CountState::TooLow };
    let of_office = Count { application: Application::Office, ..count };
    let application = Application::Office2010;
    let status = LicenseStatus::Notification;
    let product = Some("Office 21, Office21KMSHostVL_KMS_Host edition".to_owned());
    [
        Subject::HostLicense(HostLicense { host: host(), application, product: None, clients: 12, status, code }),
        Subject::HostLicense(HostLicense { host: host(), application, product, clients: 12, status, code }),
        Subject::ClientCount(ClientCount { host: host(), clients: 12, count }),
        Subject::ClientCount(ClientCount { host: host(), clients: 0, count: of_office }),
        Subject::FailedStart(FailedStart { host: host(), since, code }),
        Subject::FailedStart(FailedStart { host: host(), since, code: None }),
        Subject::Unpublished(unpublished(Some((since, code)))),
        Subject::Unpublished(unpublished(Some((since, None)))),
        Subject::Unpublished(unpublished(None)),
    ]
}

fn subjects() -> Vec<Subject> {
    let own = comparison(Clocks::OursAndTrueTime);
    let moment = "2026-12-03T04:10:00Z".parse().unwrap();
    let code = Some(Code(0xC004_F074));
    let unsteady = [
        Unsteady::Host(host()),
        Unsteady::Nameserver(nameserver()),
        Unsteady::Endpoints(endpoints(PROXY, Extent::One)),
    ];
    let figures = half_the_rounds(Stage::Tcp, Reason::Refused);
    let intermittent = unsteady.map(|target| Subject::Intermittent(Intermittent::new(target, figures)));
    let every_proxy = Extent::Every([(Stage::Tcp, Reason::Refused)].into());
    let reachable = [endpoints("direct", Extent::One), endpoints(PROXY, every_proxy)].map(Subject::Endpoints);
    let proxies = [None, Some(PastLogin::Reached), Some(PastLogin::Failed("what was seen".into()))].map(|beyond| {
        Subject::Proxy(Proxy { demands: ["Basic".to_owned()].into(), beyond, endpoints: endpoints(PROXY, Extent::One) })
    });
    let clocks = [
        CertificateClock::Unknown,
        CertificateClock::Right,
        CertificateClock::Wrong(own),
        CertificateClock::Blamed(own),
    ];
    let certificates = clocks.map(|clock| {
        let endpoints = endpoints(PROXY, Extent::Any);
        Subject::Certificates(Certificates { ends: Some(SystemTime::UNIX_EPOCH), clock, endpoints })
    });
    let clocks = [Clocks::HostAndTrueTime, Clocks::HostAndOurs, Clocks::OursAndTrueTime].map(|clocks| {
        let witness = Some("ntp1:123".to_owned());
        Subject::HostClock(HostClock { host: host(), comparison: comparison(clocks), witness })
    });
    let partly = Host { serves_at: "192.0.2.2".parse().ok(), ..host() };
    let at_port = Host { host: HostPort::parse("kms01.corp.example", 1689).unwrap(), ..host() };
    let alias = Host { alias_of: Some("old.corp.example".into()), ..host() };
    let urgencies =
        [(code, Urgency::Lost), (code, Urgency::WithinWeek), (code, Urgency::Later), (None, Urgency::Later)];
    let failing = urgencies.map(|(code, urgency)| {
        let codes = [Reporters { code, machines: 7, example: example() }].into();
        Subject::Failing(Failing {
            urgency,
            codes,
            more_codes: 0,
            passes_here: true,
            is_host_clock_known: false,
            working_host: None,
            domain: None,
            is_own_view: false,
            networks: [].into(),
        })
    });
    let mut subjects = vec![
        Subject::Nameserver(nameserver()),
        Subject::Host(host()),
        Subject::Host(partly),
        Subject::Host(at_port),
        Subject::Host(alias),
        Subject::IdleHost(IdleHost { host: host(), since: moment }),
        Subject::OwnClock(OwnClock {
            comparison: own,
            witness: None,
            supporter: Some("ntp3:123".to_owned()),
            are_hosts_right: true,
        }),
        Subject::UnexpectedHosts(UnexpectedHosts {
            hosts: ["kms66.corp.example".parse().unwrap()].into(),
            do_expected_serve: true,
        }),
        Subject::MissingHosts(["kms02.corp.example".parse().unwrap()].into()),
        Subject::LeftOut(left_out().into()),
        Subject::Flaws(flaws()),
        Subject::Flaws(flaws()[1..].into()),
        Subject::Flaws(flaws()[2..].into()),
        Subject::Flaws(flaws()[3..].into()),
        Subject::Host(Host { host: HostPort::parse("kms01", 1688).unwrap(), address: None, ..host() }),
        Subject::Lookup(Lookup {
            name: "proxy.corp.example".parse().unwrap(),
            alias_of: None,
            endpoints: endpoints(PROXY, Extent::One),
        }),
        Subject::Lookup(Lookup {
            name: "activation.example".parse().unwrap(),
            alias_of: Some("gone.example".into()),
            endpoints: endpoints("direct", Extent::One),
        }),
        Subject::SharedIds(SharedIds { ids: 2, example: example() }),
        Subject::NotVolume(example()),
        Subject::WrongKey(WrongKey {
            product: "Windows(R), ServerDatacenter edition".to_owned(),
            edition: "Windows Server 2019 Standard",
            last_five: PartialProductKey::new("J464C").unwrap(),
            example: example(),
        }),
        Subject::Evaluations(Evaluations { first_end: Some(moment), example: example() }),
    ];
    let others = [intermittent.to_vec(), reachable.to_vec(), proxies.to_vec(), certificates.to_vec()];
    subjects.extend(reported());
    subjects.extend(others.into_iter().flatten().chain(clocks).chain(failing).chain(disagreements()));
    subjects
}

fn coverages() -> [Coverage; 2] {
    let online = Coverage::Online {
        working: 0,
        measured: 2,
        only: None,
        endpoints: 2,
        proxies: ["direct".into()].into(),
        loss: Loss::Activation,
    };
    [Coverage::Kms { working: 1, expected: 2 }, online]
}

/// A verdict with some problems, the first of which is blamed.
fn verdict(status: Status, coverage: &Coverage, problems: &[Problem]) -> Verdict {
    Verdict {
        status,
        stage: problems.first().map(|problem| problem.stage),
        reason: problems.first().map(|problem| problem.reason),
        coverage: coverage.clone(),
        problems: problems.into(),
        code: Some(Code(0xC004_F074)),
        inner_code: Some(Code(0x8007_06BA)),
        unmeasured: 3,
        unread_clocks: ["kms01.corp.example", "kms02", "kms03", "kms04"].map(Into::into).into(),
        dependents: Some(Dependents {
            machines: 412,
            lost: 3,
            next_loss: "2026-12-03T04:10:00Z".parse().ok(),
            next_machine: Some("ws0417".into()),
            within_week: 12,
            soonest: ["ws0417", "ws0418", "ws0419"].map(Into::into).into(),
            first_within_week: "2026-12-03T04:10:00Z".parse().ok(),
        }),
        ..Verdict::not_measured()
    }
}

/// How many words a text has; a command is one.
fn words_in(text: &str) -> usize {
    let outside = text.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "command" });
    outside.collect::<String>().split_whitespace().count()
}

/// The sentences of a text; a full stop within a command ends none.
fn sentences(text: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            sentences.last_mut().unwrap().push_str("command");
            continue;
        }
        let mut pieces = part.split(". ");
        sentences.last_mut().unwrap().push_str(pieces.next().unwrap_or_default());
        sentences.extend(pieces.map(str::to_owned));
    }
    sentences
}

/// A text that a person is shown has no variable left in it, no name of a message and nothing of a debugger's.
fn assert_is_clean(text: &str) {
    let debugging = ["Some(", "None", "Err(", "Error", "os error", "(\""];
    for sign in ["{ $", "{$", "{?", "  ", "-problem", "step-"].into_iter().chain(debugging) {
        assert!(!text.contains(sign), "`{sign}`: {text}");
    }
    assert!(!text.is_empty() && text.trim() == text, "{text:?}");
}

/// True for what has words for most reasons.
const fn has_reasons(subject: &Subject) -> bool {
    use Subject::{Certificates, Endpoints, Failing, Host, Lookup, Nameserver, Proxy};
    matches!(subject, Certificates(_) | Endpoints(_) | Failing(_) | Host(_) | Lookup(_) | Nameserver(_) | Proxy(_))
}

/// True for what is wrong with machines and not with a path.
const fn is_about_machines(subject: &Subject) -> bool {
    use Subject::{Evaluations, Failing, NotVolume, SharedIds, WrongKey};
    matches!(subject, Failing(_) | SharedIds(_) | NotVolume(_) | WrongKey(_) | Evaluations(_))
}

/// Every subject with every reason at every stage, alone and with others like it, on paths of each kind and status.
fn each_verdict(mut see: impl FnMut(&Problem, &Verdict)) {
    for subject in subjects() {
        for coverage in coverages() {
            let all = Stage::ALL.into_iter().flat_map(|stage| Reason::ALL.map(|reason| (stage, reason)));
            // Few subjects have words of their own for each reason; of the others a share will do.
            for (stage, reason) in all.step_by(if has_reasons(&subject) { 1 } else { 7 }) {
                let machines = is_about_machines(&subject).then_some(12);
                let names = ["ws0417", "ws0418", "ws0419", "ws0420"].map(Into::into).into();
                let problem = Problem { stage, reason, machines, names, subject: subject.clone(), contributes: true };
                for status in [Status::Degraded, Status::Blocked] {
                    see(&problem, &verdict(status, &coverage, &vec![problem.clone(); 5]));
                }
            }
        }
    }
}

#[test]
fn every_subject_has_words_in_every_language() {
    each_verdict(|problem, verdict| {
        for language in Language::ALL {
            let words = Words::from(*language);
            let mut texts = next_steps(words, problem, verdict);
            assert!(!texts.is_empty(), "{} {} {:?}", problem.stage, problem.reason, problem.subject);
            texts.extend([clause(words, problem, verdict), together(words, problem, verdict)]);
            texts.push(summary(words, "corp", verdict));
            for text in &texts {
                assert_is_clean(text);
                assert!((4..SANE).contains(&text.chars().count()), "{} {}: {text}", problem.stage, problem.reason);
            }
        }
    });
}

#[test]
fn no_english_sentence_is_long() {
    let mut long = BTreeSet::new();
    each_verdict(|problem, verdict| {
        let mut reported = vec![summary(Words::ENGLISH, "corp", verdict)];
        let others = [impact(Words::ENGLISH, "corp", verdict), unmeasured(Words::ENGLISH, verdict)];
        reported.extend(others.into_iter().flatten().flat_map(|text| sentences(&text)));
        reported.extend(client_codes(Words::ENGLISH, verdict));
        reported.extend(next_steps(Words::ENGLISH, problem, verdict).iter().flat_map(|step| sentences(step)));
        long.extend(reported.into_iter().filter(|sentence| words_in(sentence) > MOST_WORDS));
    });
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn what_is_put_together_of_many_is_not_long_either() {
    let on = |stage, reason, subject| Problem {
        stage,
        reason,
        machines: None,
        names: [].into(),
        subject,
        contributes: true,
    };
    let host = |number: u8| Host {
        host: HostPort::parse(&format!("kms0{number}.corp.example"), 1688).unwrap(),
        address: Some([192, 0, 2, number].into()),
        is_discovered: true,
        serves_at: None,
        alias_of: None,
        replacement: None,
    };
    for (stage, reason) in Stage::ALL.into_iter().flat_map(|stage| Reason::ALL.map(|reason| (stage, reason))) {
        let hosts: Vec<_> = (1..=5).map(|number| on(stage, reason, Subject::Host(host(number)))).collect();
        for status in [Status::Degraded, Status::Blocked] {
            let summary = summary(Words::ENGLISH, "corp", &verdict(status, &coverages()[0], &hosts));
            assert!(words_in(&summary) <= MOST_WORDS, "{}: {summary}", words_in(&summary));
            let named = "kms01.corp.example:1688, kms02.corp.example:1688, kms03.corp.example:1688 and 2 more";
            assert!(summary.contains(named), "{summary}");
        }
    }
}

#[test]
fn the_knowledge_of_codes_fills_in_what_the_path_knows() {
    let known = Failing {
        urgency: Urgency::Later,
        codes: [Reporters { code: Some(Code(0xC004_F041)), machines: 7, example: example() }].into(),
        more_codes: 0,
        passes_here: true,
        is_host_clock_known: false,
        working_host: HostPort::parse("kms01.corp.example", 1688).ok(),
        domain: "corp.example".parse().ok(),
        is_own_view: false,
        networks: [].into(),
    };
    for code in [0x8007_232B, 0x8007_06BA, 0xC004_F074] {
        let codes = [Reporters { code: Some(Code(code)), machines: 7, example: example() }].into();
        let problem = Problem {
            stage: Stage::Client,
            reason: Reason::NotActivated,
            machines: Some(7),
            names: [].into(),
            subject: Subject::Failing(Failing { codes, ..known.clone() }),
            contributes: false,
        };
        let verdict = verdict(Status::Degraded, &coverages()[0], std::slice::from_ref(&problem));
        let steps = next_steps(Words::ENGLISH, &problem, &verdict).join("\n");
        assert!(!steps.contains("DOMAIN") && !steps.contains("HOST "), "{steps}");
        assert!(steps.contains("kms01.corp.example") || steps.contains("_vlmcs._tcp.corp.example"), "{steps}");
    }
}

#[test]
fn json_names_each_kind_of_subject() {
    let named = subjects().into_iter().map(|subject| {
        let json = serde_json::to_value(subject).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names.len(), 1, "{json}");
        names.concat()
    });
    let expected = [
        "certificates",
        "client_count",
        "disagreements",
        "endpoints",
        "evaluations",
        "failed_start",
        "failing",
        "host_clock",
        "host_license",
        "hosts",
        "idle_host",
        "intermittent",
        "left_out",
        "lookup",
        "missing_hosts",
        "nameservers",
        "not_volume",
        "own_clock",
        "proxy",
        "records",
        "shared_ids",
        "unexpected_hosts",
        "unpublished",
        "wrong_key",
    ];
    assert_eq!(named.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn json_shows_the_facts() {
    let shown = |subject: Subject| serde_json::to_value(subject).unwrap();
    let host = json!({"host": "kms01.corp.example:1688", "address": "192.0.2.1", "discovered": true});
    let cases = [
        (Subject::Host(self::host()), json!({"hosts": [host]})),
        (
            Subject::Nameserver(nameserver()),
            json!({"nameservers": [{"nameserver": "192.0.2.53:53", "domain": "corp.example"}]}),
        ),
        (
            Subject::Proxy(Proxy {
                demands: ["Basic".to_owned()].into(),
                beyond: None,
                endpoints: endpoints(PROXY, Extent::One),
            }),
            json!({"proxy": {"demands": ["Basic"], "endpoints": ["https://activation.example"], "proxy": PROXY,
                             "detail": {"message": "http-answer", "answer": "what was seen"}}}),
        ),
        (
            Subject::ClientCount(ClientCount {
                host: self::host(),
                clients: 12,
                count: Count {
                    application: Application::Office,
                    current: 1,
                    required: (5, 5),
                    state: CountState::TooLow,
                },
            }),
            json!({"client_count": {"host": host, "clients": 12, "application": "office", "current": 1,
                                    "required_for_any": 5, "required_for_all": 5}}),
        ),
        (
            Subject::Unpublished(unpublished(Some((Timestamp::UNIX_EPOCH, Some(Code(0x8007_2338)))))),
            json!({"unpublished": {"host": "kms01.corp.example", "domain": "corp.example",
                                   "failed_at": "1970-01-01T00:00:00Z", "code": "0x80072338"}}),
        ),
        (
            Subject::Flaws(flaws()[2..3].into()),
            json!({"records": [{"fault": "no_domain", "domain": "corp.example", "target": "kms01", "port": 1688}]}),
        ),
        (
            Subject::LeftOut(left_out().into()),
            json!({"left_out": {
                "hosts": [
                    {"host": "kms66.corp.example:22", "address": Value::Null},
                    {"host": "kms66.corp.example:22", "address": "127.0.0.1"},
                ],
                "more_records": 236,
                "more_addresses": 8,
                "allowed_by": {"ports": "allowed_ports: [22]", "address": "allowed_networks: [127.0.0.1]"},
            }}),
        ),
        (
            Subject::Evaluations(Evaluations { first_end: None, example: Example { example: None } }),
            json!({"evaluations": {"first_end": Value::Null, "example": Value::Null}}),
        ),
    ];
    for (subject, expected) in cases {
        assert_eq!(shown(subject), expected);
    }
}
