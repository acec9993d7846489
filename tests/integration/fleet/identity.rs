//! Which machine a report is about, and what becomes of reports that come again, late, or together.

use super::{aggregate, client, day, in_status, moment, question, report, take, windows};
use gracewatch::fleet::known::Received;
use gracewatch::fleet::{Dependencies, Fleet, MachineQuery, MachineSort};
use gracewatch::license::{License, LicenseStatus};
use uuid::Uuid;

/// The names of all machines.
fn names(fleet: &Fleet) -> Vec<String> {
    let query = MachineQuery { sort: MachineSort::Name, limit: 1000, ..MachineQuery::new(moment(day(0))) };
    let page = fleet.page(&query, &Dependencies::default());
    page.machines.iter().map(|machine| machine.machine.name.to_string()).collect()
}

#[test]
fn a_machine_is_one_by_its_short_name_and_with_its_domain() {
    let mut fleet = Fleet::default();
    assert_eq!(take(&mut fleet, vec![report("WS1", 0, vec![windows(10)])]), ["ws1+"]);
    let batch = vec![report("ws1", 1, vec![windows(10)]), report("Ws1.Corp.Example", 2, vec![windows(10)])];
    assert_eq!(take(&mut fleet, batch), ["ws1.corp.example"; 2]);
    assert_eq!(take(&mut fleet, vec![report("WS1", 3, vec![windows(10)])]), ["ws1.corp.example"]);
    assert_eq!(take(&mut fleet, vec![report("ws1.corp.example", 3, vec![windows(10)])]), ["unchanged"]);
    assert_eq!(names(&fleet), ["ws1.corp.example"]);
}

#[test]
fn a_machine_keeps_its_licenses_and_its_history_under_its_new_name() {
    let mut fleet = Fleet::default();
    take(&mut fleet, vec![report("ws1", 0, vec![windows(10)])]);
    take(&mut fleet, vec![report("ws1", 1, vec![in_status(LicenseStatus::Notification, windows(0))])]);
    take(&mut fleet, vec![report("ws1.corp.example", 2, vec![])]);
    let page = fleet.page(&MachineQuery::new(moment(day(2))), &Dependencies::default());
    assert_eq!((page.total, page.machines[0].licenses.len()), (1, 1));
    let license = &page.machines[0].licenses[0];
    assert_eq!((license.license.status, license.reported_at), (Some(LicenseStatus::Notification), day(1)));
}

#[test]
fn two_machines_of_one_name_in_two_domains_stay_two() {
    let mut fleet = Fleet::default();
    let with_id = |name: &str, on, id| {
        let mut received = report(name, on, vec![windows(100)]);
        received.report.client_machine_id = Some(Uuid::from_u128(id));
        received
    };
    take(&mut fleet, vec![with_id("ws1.a.example", 0, 1), with_id("ws1.b.example", 0, 2)]);
    assert_eq!(take(&mut fleet, vec![with_id("ws1", 1, 2)]), ["ws1.b.example"]);
    assert_eq!(take(&mut fleet, vec![report("ws1", 2, vec![windows(100)])]), ["ws1+"]);
    assert_eq!(names(&fleet), ["ws1", "ws1.a.example", "ws1.b.example"]);
}

#[test]
fn reports_that_come_again_or_late_change_nothing() {
    let mut fleet = Fleet::default();
    let first = vec![report("a", 0, vec![windows(10)]), report("b", 0, vec![windows(10)])];
    let second = vec![report("a", 1, vec![windows(180)])];
    assert_eq!(take(&mut fleet, first.clone()), ["a+", "b+"]);
    assert_eq!(take(&mut fleet, second.clone()), ["a"]);
    let before = aggregate(&fleet, &question(1));
    let late = first.into_iter().map(|received| Received { received_at: day(1), ..received });
    assert_eq!(take(&mut fleet, late.collect()), ["outdated", "unchanged"]);
    assert_eq!(take(&mut fleet, second), ["unchanged"]);
    assert_eq!(aggregate(&fleet, &question(1)), before);
}

#[test]
fn reports_of_one_machine_are_taken_in_the_order_in_which_they_held() {
    let mut fleet = Fleet::default();
    let batch = vec![
        report("a", 3, vec![windows(177)]),
        report("a", 1, vec![windows(1)]),
        report("a", 2, vec![in_status(LicenseStatus::Notification, windows(0))]),
    ];
    assert_eq!(take(&mut fleet, batch), ["a+", "a+", "a+"]);
    let sums = aggregate(&fleet, &question(3));
    assert_eq!((sums.totals.lost, sums.totals.first_expiry), (0, Some(day(180))));
}

#[test]
fn licenses_that_are_gone_are_deleted() {
    let mut fleet = Fleet::default();
    let named = |number: usize| License { product: Some(format!("Product {number}")), ..client(100) };
    let complete = |machine: &str, on, products: std::ops::Range<usize>| {
        let mut received = report(machine, on, products.map(named).collect());
        received.report.is_complete = true;
        received
    };
    take(&mut fleet, vec![complete("a", 0, 0..90), complete("b", 0, 0..3)]);
    assert_eq!(take(&mut fleet, vec![complete("a", 1, 1..2), complete("b", 1, 0..2)]), ["a+", "b+"]);
    let counts = aggregate(&fleet, &question(1)).counts;
    let reported: Vec<_> = counts.iter().map(|count| (count.product.as_str(), count.licenses)).collect();
    assert_eq!(reported, [("Product 1", 2), ("Product 0", 1)]);
}

#[test]
fn a_large_batch_is_taken() {
    let mut fleet = Fleet::default();
    let batch =
        |on| (0..1300).map(move |number| report(&format!("m{number}"), on, vec![windows(100), super::office(50)]));
    assert_eq!(take(&mut fleet, batch(0).collect()).len(), 1300);
    assert!(take(&mut fleet, batch(1).collect()).iter().all(|taken| taken.starts_with('m')));
    let whole = aggregate(&fleet, &question(1)).totals;
    assert_eq!((whole.machines, whole.expiring), (1300, [0, 0, 0, 1300]));
}
