//! Time servers that ask to be asked less often, or not at all, and how often they are asked after that.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{OK, assert_told, assert_untold, source};
use crate::servers::ntp_message;
use crate::servers::ntpsec::Ntpsec;
use crate::servers::place::Place;
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

    /// A daemon that asks it, the clocks of the hosts left alone.
    fn daemon(&self, host: SocketAddr) -> Daemon<'static> {
        let clock = config::ntp(&[self.server.address()]);
        Daemon::start_ready(&(config::hosts(&[host]) + &clock + EACH_SECOND))
    }
}

/// What the metrics say of the only time server: whether it is up, and the reason if not.
fn standing(daemon: &Daemon<'_>) -> (Option<f64>, Option<String>) {
    let scrape = daemon.scrape();
    let reason = scrape.series("gracewatch_clock_source_failure_info").next();
    let reason = reason.map(|sample| sample.labels["reason"].clone());
    (scrape.value("gracewatch_clock_source_up", &[("kind", "ntp")]), reason)
}

#[test]
fn a_server_that_wants_to_be_asked_less_often_is_and_its_last_word_is_kept() {
    let host = listener::accepting_binds();
    let time = Counting::kissing(*b"RATE", 1);
    let daemon = time.daemon(host.address());
    assert_eq!(standing(&daemon), (Some(1.0), None));
    daemon.wait_for_rounds("rpc", ROUNDS);
    assert_eq!(time.questions(), 2, "one was answered, one was too many, and then there is a rest");
    assert_eq!(standing(&daemon), (Some(1.0), None));
    assert!(daemon.scrape().value("gracewatch_clock_reference_offset_seconds", &[]).is_some());

    assert_eq!(daemon.post("/-/reload").status, 200);
    daemon.wait_for_rounds("rpc", ROUNDS);
    assert_eq!(time.questions(), 3, "one question a round from now on, and a longer rest");
    assert_eq!(standing(&daemon), (Some(1.0), None), "what it said holds until it may be asked again");
}

#[test]
fn a_server_that_never_gave_the_time_and_asks_for_less_is_left_alone() {
    let host = listener::accepting_binds();
    let time = Counting::kissing(*b"RATE", 0);
    let daemon = time.daemon(host.address());
    daemon.wait_for_rounds("rpc", ROUNDS);
    assert_eq!(time.questions(), 1);
    assert_eq!(standing(&daemon), (Some(0.0), Some("rate_limited".to_owned())));
    assert_eq!(daemon.scrape().value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
    assert_eq!(daemon.scrape().value("gracewatch_path_degraded", &[("path", "corp")]), Some(0.0));
}

#[test]
fn a_server_that_denies_is_asked_no_more_until_a_reload() {
    for code in [*b"DENY", *b"RSTR"] {
        let host = listener::accepting_binds();
        let time = Counting::kissing(code, 0);
        let daemon = time.daemon(host.address());
        daemon.wait_for_rounds("rpc", ROUNDS);
        assert_eq!(time.questions(), 1, "{}", code.escape_ascii());
        assert_eq!(standing(&daemon), (Some(0.0), Some("denied".to_owned())));
        assert_eq!(daemon.scrape().value("gracewatch_path_degraded", &[("path", "corp")]), Some(0.0));

        assert_eq!(daemon.post("/-/reload").status, 200);
        daemon.wait_for_rounds("rpc", ROUNDS);
        assert_eq!(time.questions(), 2, "{}: whoever reloads may have come to terms with it", code.escape_ascii());
        assert_eq!(standing(&daemon), (Some(0.0), Some("denied".to_owned())));
    }
}

#[test]
fn a_check_asks_a_server_that_kisses_once() {
    for (code, reason) in [(*b"RATE", "rate_limited"), (*b"DENY", "denied"), (*b"RSTR", "denied")] {
        let host = listener::accepting_binds();
        let time = Counting::kissing(code, 0);
        let report = check::configured(&(config::hosts(&[host.address()]) + &config::ntp(&[time.server.address()])));
        assert_eq!(report.outcome(), OK);
        assert_untold(source(&report, Some("ntp")), reason);
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
    assert_eq!(standing(&daemon), (Some(1.0), None));
    super::assert_metric(&daemon.scrape(), "clock", &[("kind", "ntp")], 0.0);

    let report = check::configured_in(server.namespace(), &settings);
    assert_eq!(report.outcome(), OK);
    assert_untold(source(&report, Some("ntp")), "rate_limited");
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
    assert_told(source(&report, Some("ntp")), 0.0, 2.0);
}
