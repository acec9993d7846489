//! Machines listed.

use super::{STALE_AFTER, day, in_status, office, on_both, report, take, to_hosts, via, windows};
use gracewatch::license::{License, LicenseStatus};
use gracewatch::store::{MachineQuery, MachineSort, Store};
use uuid::Uuid;

on_both!(
    machines_are_found_by_what_is_asked_of_them,
    machines_come_in_the_order_asked_for,
    a_page_is_a_part_of_all_and_tells_how_many_there_are,
    a_machine_comes_with_all_that_is_known_of_it,
);

fn all() -> MachineQuery {
    MachineQuery::new(day(10), STALE_AFTER)
}

/// The names of the machines that are found, in order.
async fn names(store: &Store, query: MachineQuery) -> Vec<String> {
    let page = store.machines(&query).await.unwrap();
    assert_eq!(page.total, page.machines.len() as u64);
    page.machines.iter().map(|machine| machine.machine.name.to_string()).collect()
}

/// Machines that differ in everything that is asked.
async fn fill(store: &Store) {
    let strange = License { product: Some("100% \\ 'quoted' \"X_Y\"".to_owned()), sku: None, ..office(100) };
    let batch = vec![
        report("fine", 10, vec![via("kms1", windows(178))]),
        report("week.corp.example", 10, vec![windows(179), via("kms1", office(6))]),
        report("over_due", 10, vec![windows(160)]),
        report("lost", 10, vec![in_status(LicenseStatus::Notification, windows(0)), office(20)]),
        report("passed", 0, vec![windows(5)]),
        report("strange", 10, vec![strange]),
        report("nothing", 9, vec![]),
    ];
    take(store, batch).await;
}

async fn machines_are_found_by_what_is_asked_of_them(store: &Store) {
    fill(store).await;
    let text = |text: &str| Some(text.to_owned());
    let cases: [(MachineQuery, &[&str]); 21] = [
        (all(), &["fine", "lost", "nothing", "over_due", "passed", "strange", "week.corp.example"]),
        (MachineQuery { name: text("CORP"), ..all() }, &["week.corp.example"]),
        (MachineQuery { name: text("_"), ..all() }, &["over_due"]),
        (MachineQuery { name: text("%"), ..all() }, &[]),
        (MachineQuery { name: text("' OR 1=1 --\0"), ..all() }, &[]),
        (MachineQuery { product: text("office 16"), ..all() }, &["lost", "week.corp.example"]),
        (MachineQuery { product: text("100% \\ 'QUOTED' \"x_y"), ..all() }, &["strange"]),
        (MachineQuery { product: text("xzy"), ..all() }, &[]),
        (MachineQuery { channel: text("volume_kmsclient"), name: text("fine"), ..all() }, &["fine"]),
        (MachineQuery { channel: text("RETAIL"), ..all() }, &[]),
        (MachineQuery { license_status: Some(LicenseStatus::Notification), ..all() }, &["lost"]),
        (MachineQuery { license_status: Some(LicenseStatus::Notification), product: text("Office"), ..all() }, &[]),
        (MachineQuery { path: Some(to_hosts(&["kms1", "kms2"])), ..all() }, &["fine", "week.corp.example"]),
        (MachineQuery { path: Some(to_hosts(&[])), ..all() }, &[]),
        (MachineQuery { stale: Some(true), ..all() }, &["passed"]),
        (MachineQuery { stale: Some(false), name: text("s"), ..all() }, &["lost", "strange"]),
        (MachineQuery { lost: true, ..all() }, &["lost", "passed"]),
        (MachineQuery { lost: true, product: text("Office"), ..all() }, &[]),
        (MachineQuery { overdue: true, ..all() }, &["lost", "over_due", "strange", "week.corp.example"]),
        (MachineQuery { expiring_within_days: Some(7), ..all() }, &["week.corp.example"]),
        (MachineQuery { at_risk: true, ..all() }, &["lost", "over_due", "passed", "strange", "week.corp.example"]),
    ];
    for (query, expected) in cases {
        let found = names(store, MachineQuery { sort: MachineSort::Name, ..query.clone() }).await;
        assert_eq!(found, expected, "{query:?}");
    }
}

async fn machines_come_in_the_order_asked_for(store: &Store) {
    fill(store).await;
    let in_order = async |sort| names(store, MachineQuery { sort, ..all() }).await;
    let by_end = ["lost", "passed", "week.corp.example", "strange", "over_due", "fine", "nothing"];
    assert_eq!(in_order(MachineSort::Expiry).await, by_end);
    assert_eq!(in_order(MachineSort::ReportedAt).await[..3], ["passed", "nothing", "fine"]);
    let by_overdue = in_order(MachineSort::Overdue).await;
    assert_eq!(by_overdue[..4], ["week.corp.example", "lost", "strange", "over_due"]);
}

async fn a_page_is_a_part_of_all_and_tells_how_many_there_are(store: &Store) {
    let batch = (0..25).map(|number| report(&format!("m{number:02}"), 10, vec![windows(179)]));
    take(store, batch.collect()).await;
    let page = async |offset, limit| {
        let query = MachineQuery { sort: MachineSort::Name, offset, limit, ..all() };
        let page = store.machines(&query).await.unwrap();
        let first = page.machines.first().map(|machine| machine.machine.name.to_string());
        (page.total, page.machines.len(), first.unwrap_or_default())
    };
    assert_eq!(page(0, 10).await, (25, 10, "m00".to_owned()));
    assert_eq!(page(20, 10).await, (25, 5, "m20".to_owned()));
    assert_eq!(page(u64::MAX, 10).await, (25, 0, String::new()));
    assert_eq!(page(0, 0).await, (25, 1, "m00".to_owned()));
    assert_eq!(page(0, u32::MAX).await, (25, 25, "m00".to_owned()));
}

async fn a_machine_comes_with_all_that_is_known_of_it(store: &Store) {
    let mut first = report("a.corp.example", 10, vec![via("[2001:db8::1]:1689", windows(160)), office(100)]);
    first.report.client_machine_id = Some(Uuid::from_u128(5));
    first.report.service_version = Some("10.0.17763.2028".to_owned());
    let event = License { sku: first.report.licenses[0].sku, required_count: Some(25), ..License::default() };
    take(store, vec![first.clone(), report("b", 10, vec![event])]).await;
    let page = store.machines(&MachineQuery { sort: MachineSort::Name, ..all() }).await.unwrap();
    let [a, b] = &page.machines[..] else { panic!("two machines") };
    assert_eq!((a.machine.client_machine_id, a.stale), (first.report.client_machine_id, false));
    assert_eq!(a.machine.service_version, first.report.service_version);
    let licenses: Vec<_> = a.licenses.iter().map(|known| known.license.clone()).collect();
    assert_eq!(licenses, first.report.licenses);
    assert_eq!(a.licenses[0].renewal_overdue_seconds(day(10)), Some(13 * 86_400));
    // What its SKU is called is known from the other one.
    let license = &b.licenses[0].license;
    assert_eq!(license.product.as_deref(), Some("Windows(R), Enterprise edition"));
    assert_eq!((license.required_count, license.status), (Some(25), None));
}
