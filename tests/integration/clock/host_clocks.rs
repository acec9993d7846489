//! The KMS host's own clock, read in every protocol there is, off its real server.

use std::net::{Ipv4Addr, SocketAddr};

use super::{BUSY, DRIFTED, OK, SKEWED, assert_read, clock_detail, source, source_at, sources, way};
use crate::servers::chrony::{Chrony, Clock};
use crate::servers::domain_controller::DomainController;
use crate::servers::kdc::Kdc;
use crate::servers::nginx::Nginx;
use crate::servers::place::Place;
use crate::servers::rpc::{Interface, RpcServer};
use crate::servers::smbd::{Dialects, Smbd};
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::listener;

/// What the servers that give whole seconds may be off by, and what the way to them may add.
const WHOLE_SECONDS: f64 = 0.7;

/// A clock that is off, by how many seconds, the verdict on its host, and the words.
type Case = (Option<&'static str>, f64, &'static str, &'static str);

const CASES: [Case; 3] = [
    (None, 0.0, OK, "127.0.0.1 is at most "),
    (Some("+14700s"), 14_700.0, SKEWED, "127.0.0.1 is 4 h 5 min ahead of "),
    (Some("-10800s"), -10_800.0, DRIFTED, "127.0.0.1 is 3 h behind "),
];

/// Insists that the host was judged by its own clock against `other`.
fn assert_judged(report: &Report, (shift, _, outcome, words): Case, other: &str) {
    assert_eq!(report.outcome(), outcome, "{shift:?}");
    let detail = clock_detail(report).expect("there is a clock stage");
    assert!(detail.starts_with(words) && detail.ends_with(other), "{shift:?}: {detail}");
    assert!(shift.is_none() || report.summary().contains(&format!("{words}{other}")), "{}", report.summary());
}

/// Reads the clock of a host that is right, ahead and behind, with a time server and without.
fn assert_is_read<S>(kind: &str, most: f64, start: impl Fn(Option<&str>) -> S, address: impl Fn(&S) -> SocketAddr) {
    let (host, time) = (listener::accepting_binds(), Chrony::right());
    for case in CASES {
        let (shift, truth, ..) = case;
        let server = start(shift);
        let address = address(&server);
        for (servers, other) in [(vec![time.address()], "true time"), (vec![], "this machine's clock")] {
            let clock = config::clock(&servers, &[way(kind, address)]);
            let report = check::configured(&(config::hosts(&[host.address()]) + &clock));
            let source = source(&report, Some(kind));
            assert_eq!((&source["source"], &source["address"]), (&address.to_string().into(), &"127.0.0.1".into()));
            assert_read(source, truth, most);
            assert_judged(&report, case, other);
            assert_eq!(sources(&report).len(), 1 + servers.len());
        }
    }
}

#[test]
#[ignore = "needs samba, chrony, libfaketime"]
fn over_smb2() {
    assert_is_read("smb2", BUSY, |shift| Smbd::start_at(&Place::loopback(), shift, Dialects::Usual), Smbd::address);
}

#[test]
#[ignore = "needs nginx, chrony, libfaketime"]
fn over_http() {
    assert_is_read("http_date", WHOLE_SECONDS, |shift| Nginx::start_at(&Place::loopback(), shift), Nginx::address);
}

#[test]
#[ignore = "needs krb5-kdc, chrony, libfaketime"]
fn over_kerberos() {
    assert_is_read("kerberos", WHOLE_SECONDS, |shift| Kdc::start_at(&Place::loopback(), shift), Kdc::address);
}

#[test]
#[ignore = "needs samba, samba-ad-provision, samba-dsdb-modules, samba-vfs-modules, libfaketime, iproute2, chrony, python3-impacket"]
fn of_a_domain_controller_over_ldap_and_kerberos() {
    for case in CASES {
        let (shift, truth, ..) = case;
        let server = shift.map_or_else(DomainController::right, DomainController::faked);
        let at = |port| Place::within(server.namespace(), SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let host = RpcServer::start_at(&at(1688), Interface::Kms);
        let time = Chrony::start_at(&at(123), Clock::Right);
        for (kind, address) in [("ldap", server.address()), ("kerberos", server.kerberos_address())] {
            // Without a port: it listens where it is expected.
            let clock = config::clock(&[time.address()], &[kind.to_owned()]);
            let report = check::configured_in(server.namespace(), &(config::hosts(&[host.address()]) + &clock));
            let source = source(&report, Some(kind));
            assert_eq!(source["source"], address.to_string().as_str());
            assert_read(source, truth, WHOLE_SECONDS);
            assert_judged(&report, case, "true time");
        }
    }
}

#[test]
#[ignore = "needs samba, python3-impacket, libfaketime"]
fn over_ipv6() {
    let place = Place::at("[::1]:0".parse().expect("an address"));
    let host = RpcServer::start_at(&place, Interface::Kms);
    let smb = Smbd::start_at(&place, Some("+14700s"), Dialects::Usual);
    let clock = config::clock(&[], &[way("smb2", smb.address())]);
    let report = check::configured(&(config::hosts(&[host.address()]) + &clock));
    assert_eq!(report.outcome(), SKEWED);
    assert_read(source_at(&report, smb.address()), 14_700.0, BUSY);
    assert!(report.summary().contains("::1 is 4 h 5 min ahead of this machine's clock"), "{}", report.summary());
}

#[test]
#[ignore = "needs samba, chrony, libfaketime"]
fn from_where_on_a_clock_is_reported_is_configured() {
    let host = listener::accepting_binds();
    let (time, smb) = (Chrony::right(), Smbd::faked("+2700s"));
    for (setting, outcome) in [("", OK), (", clock_warn: 30m", DRIFTED), (", clock_warn: 1h", OK)] {
        let clock = format!(
            "clock: {{ntp: [\"{}\"], host_clocks: [\"{}\"]{setting}}}\n",
            time.address(),
            way("smb2", smb.address())
        );
        let report = check::configured(&(config::hosts(&[host.address()]) + &clock));
        assert_eq!(report.outcome(), outcome, "{setting}");
        assert_eq!(clock_detail(&report), Some("127.0.0.1 is 45 min ahead of true time"), "{setting}");
        assert_read(source(&report, Some("smb2")), 2_700.0, BUSY);
    }
}

/// The host is what clients must agree with; what our clock says about it is beside the point where true time is known.
#[test]
#[ignore = "needs samba, chrony, libfaketime"]
fn a_host_is_judged_by_true_time_and_not_by_ours() {
    let host = listener::accepting_binds();
    // Both say that it is two hours later than we think.
    let (time, smb) = (Chrony::faked("+7200s"), Smbd::faked("+7200s"));
    let clock = config::clock(&[time.address()], &[way("smb2", smb.address())]);
    let report = check::configured(&(config::hosts(&[host.address()]) + &clock));
    assert_eq!(report.outcome(), super::OWN_CLOCK);
    let detail = clock_detail(&report).expect("there is a clock stage");
    assert!(detail.starts_with("127.0.0.1 is at most ") && detail.ends_with(" ms off true time"), "{detail}");
}

#[test]
#[ignore = "needs samba, libfaketime"]
fn a_host_of_several_targets_is_read_once_and_judged_at_each() {
    let hosts = [listener::accepting_binds(), listener::accepting_binds()];
    let smb = Smbd::faked("-10800s");
    let clock = config::clock(&[], &[way("smb2", smb.address())]);
    let report = check::configured(&(config::hosts(&[hosts[0].address(), hosts[1].address()]) + &clock));
    assert_eq!(report.outcome(), DRIFTED);
    assert_eq!(sources(&report).len(), 1);
    let judged = report.walk().iter().filter(|line| line.ends_with("@127.0.0.1 clock ok")).count();
    assert_eq!(judged, 2, "{:?}", report.walk());
}
