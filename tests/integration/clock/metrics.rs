//! Clocks in the metrics of a daemon.

use super::{assert_metric, way};
use crate::servers::chrony::Chrony;
use crate::servers::nginx::Nginx;
use crate::servers::port;
use crate::servers::smbd::Smbd;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::listener;

#[test]
#[ignore = "needs chrony, libfaketime"]
fn the_daemon_shows_every_clock_it_reads_and_none_it_does_not() {
    let host = listener::accepting_binds();
    let (time, refusing) = (Chrony::faked("+7200s"), port::refusing());
    let servers = [time.address(), refusing];
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + &config::ntp(&servers) + EACH_SECOND));
    let scrape = daemon.scrape();
    let [answering, silent] = servers.map(|server| server.to_string());
    let labels = [("source", answering.as_str()), ("kind", "ntp"), ("address", "127.0.0.1")];
    assert_metric(&scrape, "clock", &labels, 7200.0);
    assert_metric(&scrape, "clock_reference", &[], 7200.0);
    assert_eq!(scrape.series("gracewatch_clock_offset_seconds").count(), 1, "{}", scrape.text);
    assert_eq!(scrape.value("gracewatch_clock_source_up", &labels), Some(1.0));
    assert_eq!(scrape.value("gracewatch_clock_source_up", &[("source", &silent)]), Some(0.0));
    let failing = [("source", silent.as_str()), ("reason", "refused")];
    assert_eq!(scrape.value("gracewatch_clock_source_failure_info", &failing), Some(1.0), "{}", scrape.text);
    assert_eq!(scrape.series("gracewatch_clock_source_failure_info").count(), 1, "{}", scrape.text);
    assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(1.0));
    assert_eq!(scrape.series("gracewatch_kms_host_clock_offset_seconds").count(), 0, "it is not read");

    // Where nobody gives the time, it is unknown, which is no fault.
    drop(time);
    let scrape = daemon.scrape_until("the clock is still judged", |scrape| {
        scrape.value("gracewatch_path_degraded", &[("path", "corp")]) == Some(0.0)
    });
    for name in ["gracewatch_clock_reference_offset_seconds", "gracewatch_clock_offset_seconds"] {
        assert_eq!(scrape.series(name).count(), 0, "{}", scrape.text);
    }
    assert_eq!(scrape.value("gracewatch_clock_source_up", &[("source", &answering)]), Some(0.0));
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
}

#[test]
#[ignore = "needs chrony, samba, libfaketime"]
fn the_clock_of_a_host_is_shown_against_true_time() {
    let host = listener::accepting_binds();
    // It is three hours later than we think, and the host is an hour and five minutes ahead of that.
    let (time, smb) = (Chrony::faked("+10800s"), Smbd::faked("+14700s"));
    let clock = config::clock(&[time.address()], &[way("smb2", smb.address())]);
    let daemon = Daemon::start_ready(&(config::hosts(&[host.address()]) + &clock + EACH_SECOND));
    let scrape = daemon.scrape();
    let target = host.address().to_string();
    let labels = [("path", "corp"), ("target", target.as_str()), ("address", "127.0.0.1")];
    assert_metric(&scrape, "kms_host_clock", &labels, 3_900.0);
    let source = smb.address().to_string();
    let labels = [("source", source.as_str()), ("kind", "smb2"), ("address", "127.0.0.1")];
    assert_metric(&scrape, "clock", &labels, 14_700.0);
    // It is no time server.
    assert_eq!(scrape.value("gracewatch_clock_source_up", &labels), None);
    assert_eq!(scrape.value("gracewatch_path_degraded", &[("path", "corp")]), Some(1.0));
    assert_eq!(scrape.value("gracewatch_path_up", &[("path", "corp")]), Some(1.0));
}

#[test]
#[ignore = "needs samba, libfaketime"]
fn a_skewed_host_blocks_the_path_and_without_true_time_it_has_no_offset_from_it() {
    let (host, smb) = (listener::accepting_binds(), Smbd::faked("+14700s"));
    let clock = config::clock(&[], &[way("smb2", smb.address())]);
    let scrape = Daemon::start_ready(&(config::hosts(&[host.address()]) + &clock + EACH_SECOND)).scrape();
    let blamed = [("path", "corp"), ("stage", "clock"), ("reason", "skewed"), ("code", "0xC004F074")];
    assert_eq!(scrape.value("gracewatch_path_blocked_info", &blamed), Some(1.0), "{}", scrape.text);
    assert_metric(&scrape, "clock", &[("kind", "smb2")], 14_700.0);
    assert_eq!(scrape.series("gracewatch_kms_host_clock_offset_seconds").count(), 0, "{}", scrape.text);
    let failing = [("stage", "clock"), ("reason", "skewed")];
    assert_eq!(scrape.value("gracewatch_stage_failure_info", &failing), Some(1.0), "{}", scrape.text);
}

#[test]
#[ignore = "needs nginx"]
fn a_host_clock_that_is_no_longer_configured_leaves_no_series_behind() {
    let (host, http) = (listener::accepting_binds(), Nginx::right());
    let settings = config::hosts(&[host.address()]) + EACH_SECOND;
    let daemon = Daemon::start_ready(&(settings.clone() + &config::clock(&[], &[way("http_date", http.address())])));
    assert_metric(&daemon.scrape(), "clock", &[("kind", "http_date")], 0.0);
    assert_eq!(
        daemon.scrape().series("gracewatch_stage_up").filter(|stage| stage.labels["stage"] == "clock").count(),
        1
    );

    daemon.rewrite(settings + "clock: {host_clocks: off}\n");
    assert_eq!(daemon.post("/-/reload").status, 200);
    let scrape =
        daemon.scrape_until("the clock stays", |scrape| scrape.series("gracewatch_clock_offset_seconds").count() == 0);
    let stages = scrape.series("gracewatch_stage_up").filter(|stage| stage.labels["stage"] == "clock");
    assert_eq!(stages.count(), 0, "{}", scrape.text);
}
