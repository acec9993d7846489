//! Several nameservers: each is asked on its own, and the answers are compared.

use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::Duration;

use crate::servers::knot::{Knot, Zone};
use crate::servers::place::Place;
use crate::servers::port;
use crate::servers::scripted::Scripted;
use crate::support::check;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;

/// Records that list these hosts, all of which are one.
fn listing(names: &[&str], host: &Scripted) -> String {
    let port = host.address().port();
    let listed: Vec<_> = names.iter().map(|name| format!("_vlmcs._tcp 1 SRV 0 0 {port} {name}\n")).collect();
    // Addresses are there for all: only the lists may differ.
    listed.concat() + "kms1 A 127.0.0.1\nkms2 A 127.0.0.1"
}

/// A nameserver that lists these hosts.
fn knowing(names: &[&str], host: &Scripted) -> Knot {
    Knot::start("corp.example", &listing(names, host))
}

/// How many SRV records a nameserver has given, as the daemon shows it.
fn records(daemon: &Daemon<'_>, nameserver: SocketAddr) -> Option<f64> {
    daemon.scrape().value("gracewatch_srv_records", &[("path", "corp"), ("nameserver", &nameserver.to_string())])
}

#[test]
#[ignore = "needs knot"]
fn nameservers_that_agree_are_one_answer() {
    let host = listener::accepting_binds();
    let (one, other) = (knowing(&["kms1", "kms2"], &host), knowing(&["kms2", "kms1"], &host));
    let configuration = config::discovered(&[one.address(), other.address()]);
    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "0 ok - - - -");
    let bound = report.walk().iter().filter(|line| line.ends_with("rpc ok")).count();
    assert_eq!(bound, 2, "each host is one target, whoever names it: {:?}", report.walk());

    let daemon = Daemon::start_ready(&configuration);
    assert_eq!(daemon.scrape().value("gracewatch_srv_consistent", &[("path", "corp")]), Some(1.0));
}

#[test]
#[ignore = "needs knot"]
fn nameservers_that_disagree_degrade_until_they_agree() {
    let host = listener::accepting_binds();
    let one = knowing(&["kms1"], &host);
    let mut other = knowing(&["kms1", "kms2"], &host);
    let configuration = config::discovered(&[one.address(), other.address()]);
    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "1 degraded srv inconsistent - -");
    let lacks = format!("nameserver {} lacks kms2.corp.example:{}", one.address(), host.address().port());
    assert!(report.summary().contains(&lacks), "{}", report.summary());
    // What one of them knows is walked all the same.
    let second = format!("kms2.corp.example:{} @127.0.0.1 rpc ok", host.address().port());
    assert!(report.walk().contains(&second), "{:?}", report.walk());

    let daemon = Daemon::start_ready(&(configuration + EACH_SECOND));
    let scrape = daemon.scrape();
    assert_eq!(scrape.value("gracewatch_srv_consistent", &[("path", "corp")]), Some(0.0));
    assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(1.0));
    assert_eq!((records(&daemon, one.address()), records(&daemon, other.address())), (Some(1.0), Some(2.0)));

    other.replace_zone("corp.example", &listing(&["kms1"], &host));
    let scrape = daemon.scrape_until("the nameservers agree now", |scrape| {
        scrape.value("gracewatch_srv_consistent", &[("path", "corp")]) == Some(1.0)
    });
    assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(0.0));
}

#[test]
#[ignore = "needs knot"]
fn one_nameserver_without_the_records_is_a_disagreement_too() {
    let host = listener::accepting_binds();
    let full = knowing(&["kms1"], &host);
    let empty = Knot::start("corp.example", "kms1 A 127.0.0.1");
    let report = check::configured(&config::discovered(&[full.address(), empty.address()]));
    assert_eq!(report.exit_code, Some(1), "{}", report.outcome());
    assert_eq!(report.path()["stage"], "srv");
    assert!(report.summary().contains(&empty.address().to_string()), "{}", report.summary());
}

#[test]
#[ignore = "needs knot"]
fn a_dead_nameserver_beside_a_live_one_degrades() {
    let host = listener::accepting_binds();
    let live = knowing(&["kms1"], &host);
    let dead = port::refusing();
    // First in the list, so that addresses are asked of it as well.
    let configuration = config::discovered(&[dead, live.address()]) + "probe: {timeout: 1s}\n";
    let report = check::configured(&configuration);
    // Whether a closed port is distinguished from silence is up to the resolver's sockets.
    let outcome = report.outcome();
    assert!(["1 degraded srv refused - -", "1 degraded srv timed_out - -"].contains(&outcome.as_str()), "{outcome}");
    assert!(report.summary().contains(&dead.to_string()), "{}", report.summary());

    let daemon = Daemon::start_ready(&configuration);
    let scrape = daemon.scrape();
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
    // It gave no other answer, it gave none.
    assert_eq!(scrape.value("gracewatch_srv_consistent", &[("path", "corp")]), Some(1.0));
    assert_eq!((records(&daemon, dead), records(&daemon, live.address())), (None, Some(1.0)));
}

#[test]
#[ignore = "needs knot"]
fn a_silent_nameserver_beside_a_live_one_degrades_within_the_time_limit() {
    let host = listener::accepting_binds();
    let live = knowing(&["kms1"], &host);
    let silent = UdpSocket::bind("127.0.0.1:0").expect("127.0.0.1 has a free port");
    let address = silent.local_addr().expect("a socket has an address");
    let configuration = config::discovered(&[address, live.address()]) + "probe: {timeout: 1s}\n";
    let report = check::configured(&configuration);
    assert_eq!(report.outcome(), "1 degraded srv timed_out - -");
    // One limit for the lookup of SRV records and one for that of addresses, which go one after the other.
    assert!(report.elapsed < Duration::from_millis(3500), "it took {:?}", report.elapsed);
}

#[test]
fn a_nameserver_that_talks_nonsense_is_no_danger() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("127.0.0.1 has a free port");
    let address = socket.local_addr().expect("a socket has an address");
    thread::spawn(move || {
        let mut question = [0; 512];
        let mut replies = 0_usize;
        while let Ok((length, client)) = socket.recv_from(&mut question) {
            // In turn: the question itself, half of it, a claim of 65535 answers, and letters.
            let mut claim = question;
            claim[2..8].copy_from_slice(&[0x81, 0x80, 0, 1, 0xff, 0xff]);
            let nonsense = [&question[..length], &question[..length / 2], &claim[..length], &b"nonsense"[..]];
            let _ = socket.send_to(nonsense[replies % nonsense.len()], client);
            replies += 1;
        }
    });
    let configuration = config::discovered(&[address]) + "probe: {timeout: 500ms}\n";
    for _ in 0..4 {
        let report = check::configured(&configuration);
        assert_eq!((report.exit_code, &report.path()["stage"]), (Some(2), &"srv".into()), "{:#}", report.json);
        assert!(report.elapsed < Duration::from_secs(2), "it took {:?}", report.elapsed);
    }
}

#[test]
#[ignore = "needs knot"]
fn a_nameserver_is_reached_over_ipv6() {
    let host = listener::accepting_binds();
    let zone = Zone::new("corp.example", &listing(&["kms1"], &host));
    let dns = Knot::start_at(&Place::at("[::1]:0".parse().expect("an address")), &[zone]);
    let report = check::configured(&config::discovered(&[dns.address()]));
    assert_eq!(report.outcome(), "0 ok - - - -");
}
