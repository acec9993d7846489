//! Moments that are still to come are not believed; and which KMS hosts come first.

use super::{Asked, STALE_AFTER, aggregate, day, moment, question, report, take, to_hosts, via, windows};
use gracewatch::fleet::dependencies::Reach;
use gracewatch::fleet::known::Received;
use gracewatch::fleet::{Dependencies, Fleet, MachineQuery, Outage};
use gracewatch::license::KmsHost;
use gracewatch::observation::Stage;
use jiff::SignedDuration;
use std::sync::Arc;

#[test]
fn a_machine_that_reported_by_a_clock_that_was_ahead_is_stale_and_counts_from_now() {
    let mut fleet = Fleet::default();
    take(&mut fleet, vec![report("ahead", 365, vec![windows(180)]), report("fine", 0, vec![windows(178)])]);
    let sums = aggregate(&fleet, &question(0));
    assert_eq!((sums.totals.machines, sums.totals.stale), (2, 1));
    let ends: Vec<_> = sums.at_risk.iter().map(|risk| (risk.machine.as_str(), risk.expires_at)).collect();
    assert_eq!(ends, [("fine", Some(day(178))), ("ahead", Some(day(180)))]);
    // Once that time has come, it is what it says.
    assert!(sums.changes_at < Some(day(365)));
    let sums = aggregate(&fleet, &question(366));
    assert_eq!(sums.at_risk[1].expires_at, Some(day(365 + 180)), "{:?}", sums.at_risk);

    let page = fleet.page(&MachineQuery::new(moment(day(0))), &Dependencies::default());
    let listed: Vec<_> = page.machines.iter().map(|machine| (machine.machine.name.as_str(), machine.stale)).collect();
    assert_eq!(listed, [("fine", false), ("ahead", true)]);
    assert_eq!(page.machines[1].licenses[0].expires_at(), Some(day(180)));
}

#[test]
fn a_recovery_that_is_still_to_come_excuses_nothing() {
    let mut fleet = Fleet::default();
    take(&mut fleet, vec![report("late", 10, vec![via("kms1", windows(160))])]);
    let failing = |ended_at| {
        let outage = Outage { began_at: day(-300), ended_at, stages: [Stage::Tcp].into() };
        let reach = Reach { outages: vec![outage], ..to_hosts(&["kms1"]) };
        let sums = aggregate(&fleet, &Asked { paths: vec![(Arc::from("corp"), reach)], ..question(10) });
        sums.symptoms.values().map(|symptoms| symptoms.failing.len()).sum::<usize>()
    };
    assert_eq!(failing(day(10) + SignedDuration::from_mins(1)), 0, "clocks differ");
    assert_eq!(failing(day(375)), 1);
    assert!(STALE_AFTER < SignedDuration::from_hours(24 * 365));
}

#[test]
fn the_kms_hosts_that_paths_lead_to_come_first_and_then_those_that_were_asked_last() {
    let host = |machine: &str, asked_on: Option<i64>| {
        let mut received: Received = report(machine, 10, vec![]);
        received.report.kms_host =
            Some(KmsHost { listening_port: Some(1688), last_request_at: asked_on.map(day), ..KmsHost::default() });
        received
    };
    let mut fleet = Fleet::default();
    let mut batch: Vec<_> = (0..1200).map(|number| host(&format!("fake{number:04}.corp.example"), None)).collect();
    batch.push(host("zeta.corp.example", None));
    batch.push(host("yet.corp.example", Some(9)));
    batch.push(host("asked.corp.example", Some(8)));
    take(&mut fleet, batch);
    let paths = vec![(Arc::from("corp"), to_hosts(&["zeta.corp.example"]))];
    let sums = aggregate(&fleet, &Asked { paths, ..question(10) });
    let names: Vec<_> = sums.kms_hosts.iter().take(4).map(|host| host.machine.as_str()).collect();
    assert_eq!(names, ["zeta.corp.example", "yet.corp.example", "asked.corp.example", "fake0000.corp.example"]);
    assert_eq!((sums.kms_hosts.len(), sums.kms_hosts_left_out), (1000, 203));
}
