//! Which machine a report is about, and what becomes of reports that come again, late, or together.

use super::{client, day, in_status, on_both, question, report, take, windows};
use gracewatch::license::{License, LicenseStatus};
use gracewatch::store::{MachineQuery, MachineSort, Store};
use uuid::Uuid;

on_both!(
    a_machine_is_one_by_its_short_name_and_with_its_domain,
    a_machine_keeps_its_licenses_and_its_history_under_its_new_name,
    two_machines_of_one_name_in_two_domains_stay_two,
    reports_that_come_again_or_late_change_nothing,
    reports_of_one_machine_are_taken_in_the_order_in_which_they_held,
    licenses_that_are_gone_are_deleted,
    a_large_batch_is_taken,
);

/// The names of all machines.
async fn names(store: &Store) -> Vec<String> {
    let query = MachineQuery { sort: MachineSort::Name, limit: 1000, ..MachineQuery::new(day(0), super::STALE_AFTER) };
    let page = store.machines(&query).await.unwrap();
    page.machines.iter().map(|machine| machine.machine.name.to_string()).collect()
}

async fn a_machine_is_one_by_its_short_name_and_with_its_domain(store: &Store) {
    assert_eq!(take(store, vec![report("WS1", 0, vec![windows(10)])]).await, ["ws1+"]);
    let batch = vec![report("ws1", 1, vec![windows(10)]), report("Ws1.Corp.Example", 2, vec![windows(10)])];
    assert_eq!(take(store, batch).await, ["ws1.corp.example"; 2]);
    assert_eq!(take(store, vec![report("WS1", 3, vec![windows(10)])]).await, ["ws1.corp.example"]);
    assert_eq!(take(store, vec![report("ws1.corp.example", 3, vec![windows(10)])]).await, ["unchanged"]);
    assert_eq!(names(store).await, ["ws1.corp.example"]);
}

async fn a_machine_keeps_its_licenses_and_its_history_under_its_new_name(store: &Store) {
    take(store, vec![report("ws1", 0, vec![windows(10)])]).await;
    take(store, vec![report("ws1", 1, vec![in_status(LicenseStatus::Notification, windows(0))])]).await;
    take(store, vec![report("ws1.corp.example", 2, vec![])]).await;
    let page = store.machines(&MachineQuery::new(day(2), super::STALE_AFTER)).await.unwrap();
    assert_eq!((page.total, page.machines[0].licenses.len()), (1, 1));
    let license = &page.machines[0].licenses[0];
    assert_eq!((license.license.status, license.reported_at), (Some(LicenseStatus::Notification), day(1)));
}

async fn two_machines_of_one_name_in_two_domains_stay_two(store: &Store) {
    let with_id = |name: &str, on, id| {
        let mut received = report(name, on, vec![windows(100)]);
        received.report.client_machine_id = Some(Uuid::from_u128(id));
        received
    };
    take(store, vec![with_id("ws1.a.example", 0, 1), with_id("ws1.b.example", 0, 2)]).await;
    assert_eq!(take(store, vec![with_id("ws1", 1, 2)]).await, ["ws1.b.example"]);
    assert_eq!(take(store, vec![report("ws1", 2, vec![windows(100)])]).await, ["ws1+"]);
    assert_eq!(names(store).await, ["ws1", "ws1.a.example", "ws1.b.example"]);
}

async fn reports_that_come_again_or_late_change_nothing(store: &Store) {
    let first = vec![report("a", 0, vec![windows(10)]), report("b", 0, vec![windows(10)])];
    let second = vec![report("a", 1, vec![windows(180)])];
    assert_eq!(take(store, first.clone()).await, ["a+", "b+"]);
    assert_eq!(take(store, second.clone()).await, ["a"]);
    let before = store.fleet(&question(1)).await.unwrap();
    assert_eq!(take(store, first).await, ["outdated", "unchanged"]);
    assert_eq!(take(store, second).await, ["unchanged"]);
    assert_eq!(store.fleet(&question(1)).await.unwrap(), before);
}

async fn reports_of_one_machine_are_taken_in_the_order_in_which_they_held(store: &Store) {
    let batch = vec![
        report("a", 3, vec![windows(177)]),
        report("a", 1, vec![windows(1)]),
        report("a", 2, vec![in_status(LicenseStatus::Notification, windows(0))]),
    ];
    assert_eq!(take(store, batch).await, ["a+", "a+", "a+"]);
    let fleet = store.fleet(&question(3)).await.unwrap();
    assert_eq!((fleet.totals.lost, fleet.totals.first_expiry), (0, Some(day(180))));
}

async fn licenses_that_are_gone_are_deleted(store: &Store) {
    let named = |number: usize| License { product: Some(format!("Product {number}")), ..client(100) };
    let complete = |machine: &str, on, products: std::ops::Range<usize>| {
        let mut received = report(machine, on, products.map(named).collect());
        received.report.is_complete = true;
        received
    };
    take(store, vec![complete("a", 0, 0..90), complete("b", 0, 0..3)]).await;
    assert_eq!(take(store, vec![complete("a", 1, 1..2), complete("b", 1, 0..2)]).await, ["a+", "b+"]);
    let counts = store.fleet(&question(1)).await.unwrap().counts;
    let told: Vec<_> = counts.iter().map(|count| (count.product.as_str(), count.licenses)).collect();
    assert_eq!(told, [("Product 1", 2), ("Product 0", 1)]);
}

async fn a_large_batch_is_taken(store: &Store) {
    let batch =
        |on| (0..1300).map(move |number| report(&format!("m{number}"), on, vec![windows(100), super::office(50)]));
    assert_eq!(take(store, batch(0).collect()).await.len(), 1300);
    assert!(take(store, batch(1).collect()).await.iter().all(|taken| taken.starts_with('m')));
    let whole = store.fleet(&question(1)).await.unwrap().totals;
    assert_eq!((whole.machines, whole.expiring), (1300, [0, 0, 0, 1300]));
}
