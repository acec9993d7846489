//! Time servers that ask to be asked less often, or not at all, and how often they are asked after that.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{OK, assert_read, assert_unread, source};
use crate::servers::ntp_message;
use crate::servers::ntpsec::Ntpsec;
use crate::servers::place::Place;
use crate::servers::process;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::scripted_udp::ScriptedUdp;
use crate::support::check;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;

/// How many rounds are long enough to see whether a server is asked in each.
const ROUNDS: u32 = 3;

/// A time server that counts its questions.
struct Counting {
    server: ScriptedUdp,
    questions: Arc<AtomicU32>,
}

impl Counting {
    /// Gives the time `answers` times, and this kiss to every further question.
    fn kissing(code: [u8; 4], answers: u32) -> Self {
        let questions = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&questions);
        let server = ScriptedUdp::start(move |question| {
            let before = counted.fetch_add(1, Ordering::Relaxed);
            vec![if before < answers {
                ntp_message::answer(question, Duration::ZERO)
            } else {
                ntp_message::kiss(question, code)
            }]
        });
        Self { server, questions }
    }

    fn questions(&self) -> u32 {
        self.questions.load(Ordering::Relaxed)
    }
}

/// What the metrics say of a time server: whether it is up, and the reason if not.
fn state(daemon: &Daemon<'_>, server: SocketAddr) -> (Option<f64>, Option<String>) {
    let (scrape, source) = (daemon.scrape(), server.to_string());
    let mut failures = scrape.series("gracewatch_clock_source_failure_info");
    let reason =
        failures.find(|sample| sample.labels["source"] == source).map(|sample| sample.labels["reason"].clone());
    (scrape.value("gracewatch_clock_source_up", &[("source", &source)]), reason)
}

/// Beside them is a server that does not mind, and from which it is seen that rounds go by.
#[test]
fn servers_that_ask_for_it_are_left_alone() {
    let host = listener::accepting_binds();
    let patient = Counting::kissing(*b"RATE", u32::MAX);
    let [hasty, silent] = [1, 0].map(|answers| Counting::kissing(*b"RATE", answers));
    let [deny, rstr] = [*b"DENY", *b"RSTR"].map(|code| Counting::kissing(code, 0));
    let late = Counting::kissing(*b"DENY", 1);
    let all = [&patient, &hasty, &silent, &deny, &rstr, &late];
    let clock = config::ntp(&all.map(|server| server.server.address()));
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + &clock + EACH_SECOND));
    let asked = || all[1..].iter().map(|server| server.questions()).collect::<Vec<_>>();
    let reasons = || {
        let state = all.map(|server| state(&daemon, server.server.address()));
        state.map(|(up, reason)| reason.unwrap_or_else(|| format!("{up:?}")))
    };
    let expected = ["Some(1.0)", "Some(1.0)", "rate_limited", "denied", "denied", "denied"];

    let first = patient.questions();
    process::wait_until("a server that does not mind is not asked again", || patient.questions() > first);
    assert_eq!(asked(), [2, 1, 1, 1, 2], "each until it kissed");
    assert_eq!(reasons(), expected, "what a server said before it asked for a rest is good meanwhile");
    assert_eq!(daemon.scrape().value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
    assert_eq!(daemon.scrape().value("gracewatch_path_degraded", &[("path", "corp")]), Some(0.0));

    assert_eq!(daemon.post("/-/reload").status, 200);
    process::wait_until("no denial is forgotten with a reload", || asked()[2..] == [2, 2, 3]);
    assert_eq!(asked()[..2], [2, 1], "a rest is a rest, whoever reloads");
    assert_eq!(reasons(), expected);
}

#[test]
fn a_check_asks_a_server_that_kisses_once() {
    for (code, reason) in [(*b"RATE", "rate_limited"), (*b"DENY", "denied"), (*b"RSTR", "denied")] {
        let host = listener::accepting_binds();
        let time = Counting::kissing(code, 0);
        let report = check::configured(&(config::hosts(&[host.address()]) + &config::ntp(&[time.server.address()])));
        assert_eq!(report.outcome(), OK);
        assert_unread(source(&report, Some("ntp")), reason);
        assert_eq!(time.questions(), 1, "{reason}");
    }
}

/// It answers once and then no more, as a real server does it.
#[test]
#[ignore = "needs ntpsec unpacked by tests/run, iproute2, python3-impacket"]
fn a_real_kiss_leaves_the_first_sample_good_and_the_next_program_without() {
    let server = Ntpsec::rate_limiting();
    let host = SocketAddr::from((Ipv4Addr::LOCALHOST, 1688));
    let host = RpcServer::start_at(&Place::within(server.namespace(), host), Interface::Kms);
    let settings = config::hosts(&[host.address()]) + &config::ntp(&[server.address()]);

    let daemon = Daemon::start_in(server.namespace(), &(settings.clone() + EACH_SECOND));
    daemon.wait_until_ready();
    daemon.wait_for_rounds("rpc", ROUNDS);
    assert_eq!(state(&daemon, server.address()), (Some(1.0), None));
    super::assert_metric(&daemon.scrape(), "clock", &[("kind", "ntp")], 0.0);

    let report = check::configured_in(server.namespace(), &settings);
    assert_eq!(report.outcome(), OK);
    assert_unread(source(&report, Some("ntp")), "rate_limited");
}

#[test]
#[ignore = "needs ntpsec unpacked by tests/run, iproute2, python3-impacket"]
fn a_check_has_the_time_of_a_server_that_answers_once() {
    let server = Ntpsec::rate_limiting();
    let host = SocketAddr::from((Ipv4Addr::LOCALHOST, 1688));
    let host = RpcServer::start_at(&Place::within(server.namespace(), host), Interface::Kms);
    let settings = config::hosts(&[host.address()]) + &config::ntp(&[server.address()]);
    let report = check::configured_in(server.namespace(), &settings);
    assert_eq!(report.outcome(), OK);
    // It says of itself that it may be off by some milliseconds.
    assert_read(source(&report, Some("ntp")), 0.0, 2.0);
}
