//! Machines listed.

use super::{day, in_status, moment, office, report, take, to_hosts, via, windows};
use gracewatch::codes::Code;
use gracewatch::fleet::{Dependencies, Fleet, MachineQuery, MachineSort};
use gracewatch::license::{License, LicenseStatus};
use std::sync::Arc;
use uuid::Uuid;

fn all() -> MachineQuery {
    MachineQuery::new(moment(day(10)))
}

/// A path to two hosts, and one that leads nowhere.
fn dependencies() -> Dependencies {
    let paths = [("corp", to_hosts(&["kms1", "kms2"])), ("none", to_hosts(&[]))];
    Dependencies::new(paths.map(|(path, reach)| (Arc::from(path), reach)), false)
}

/// The names of the machines that are found, in order.
fn names(fleet: &Fleet, query: &MachineQuery) -> Vec<String> {
    let page = fleet.page(query, &dependencies());
    assert_eq!(page.total, page.machines.len() as u64);
    page.machines.iter().map(|machine| machine.machine.name.to_string()).collect()
}

/// Machines that differ in everything that is asked.
fn fill(fleet: &mut Fleet) {
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
    take(fleet, batch);
}

#[test]
fn machines_are_found_by_what_is_asked_of_them() {
    let mut fleet = Fleet::default();
    fill(&mut fleet);
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
        (MachineQuery { path: text("corp"), ..all() }, &["fine", "week.corp.example"]),
        (MachineQuery { path: text("none"), ..all() }, &[]),
        (MachineQuery { stale: Some(true), ..all() }, &["passed"]),
        (MachineQuery { stale: Some(false), name: text("s"), ..all() }, &["lost", "strange"]),
        (MachineQuery { lost: true, ..all() }, &["lost", "passed"]),
        (MachineQuery { lost: true, product: text("Office"), ..all() }, &[]),
        (MachineQuery { overdue: true, ..all() }, &["lost", "over_due", "strange", "week.corp.example"]),
        (MachineQuery { expiring_within_days: Some(7), ..all() }, &["week.corp.example"]),
        (MachineQuery { at_risk: true, ..all() }, &["lost", "over_due", "passed", "strange", "week.corp.example"]),
    ];
    for (query, expected) in cases {
        let found = names(&fleet, &MachineQuery { sort: MachineSort::Name, ..query.clone() });
        assert_eq!(found, expected, "{query:?}");
    }
}

#[test]
fn machines_come_in_the_order_asked_for() {
    let mut fleet = Fleet::default();
    fill(&mut fleet);
    let in_order = |sort| names(&fleet, &MachineQuery { sort, ..all() });
    let by_end = ["lost", "passed", "week.corp.example", "strange", "over_due", "fine", "nothing"];
    assert_eq!(in_order(MachineSort::Expiry), by_end);
    assert_eq!(in_order(MachineSort::ReportedAt)[..3], ["passed", "nothing", "fine"]);
    let by_overdue = in_order(MachineSort::Overdue);
    assert_eq!(by_overdue[..4], ["week.corp.example", "lost", "strange", "over_due"]);
}

#[test]
fn a_page_is_a_part_of_all_and_shows_how_many_there_are() {
    let mut fleet = Fleet::default();
    let batch = (0..25).map(|number| report(&format!("m{number:02}"), 10, vec![windows(179)]));
    take(&mut fleet, batch.collect());
    let page = |offset, limit| {
        let query = MachineQuery { sort: MachineSort::Name, offset, limit, ..all() };
        let page = fleet.page(&query, &dependencies());
        let first = page.machines.first().map(|machine| machine.machine.name.to_string());
        (page.total, page.machines.len(), first.unwrap_or_default())
    };
    assert_eq!(page(0, 10), (25, 10, "m00".to_owned()));
    assert_eq!(page(20, 10), (25, 5, "m20".to_owned()));
    assert_eq!(page(u64::MAX, 10), (25, 0, String::new()));
    assert_eq!(page(0, 0), (25, 0, String::new()));
    assert_eq!(page(3, u64::MAX), (25, 22, "m03".to_owned()));
}

#[test]
fn a_machine_comes_with_all_that_is_known_of_it() {
    let mut fleet = Fleet::default();
    let mut first = report("a.corp.example", 10, vec![via("[2001:db8::1]:1689", windows(160)), office(100)]);
    first.report.client_machine_id = Some(Uuid::from_u128(5));
    first.report.service_version = Some("10.0.17763.2028".to_owned());
    let event = License { sku: first.report.licenses[0].sku, required_count: Some(25), ..License::default() };
    take(&mut fleet, vec![first.clone(), report("b.corp.example", 10, vec![event])]);
    let page = fleet.page(&MachineQuery { sort: MachineSort::Name, ..all() }, &dependencies());
    let [a, b] = &page.machines[..] else { panic!("two machines") };
    assert_eq!((a.machine.client_machine_id, a.stale), (first.report.client_machine_id, false));
    assert_eq!(a.machine.service_version, first.report.service_version);
    let licenses: Vec<_> = a.licenses.iter().map(|known| known.license.clone()).collect();
    assert_eq!(licenses, first.report.licenses);
    assert_eq!(a.licenses[0].validity().renewal_overdue_seconds(day(10)), Some(13 * 86_400));
    // What its SKU is called is known from the other one.
    let license = &b.licenses[0].license;
    assert_eq!(license.product.as_deref(), Some("Windows(R), Enterprise edition"));
    assert_eq!((license.required_count, license.status), (Some(25), None));
}

#[test]
fn machines_are_found_by_the_code_they_report_the_worst_first() {
    let code = Some(Code(0xC004_F074));
    let mut fleet = Fleet::default();
    let lost = License { reason_code: code, ..in_status(LicenseStatus::Notification, windows(0)) };
    let failing = |days| License { last_error: code, ..windows(days) };
    let other = License { last_error: Some(Code(0xC004_F038)), ..windows(2) };
    let batch = vec![
        report("late", 10, vec![failing(100)]),
        report("later", 10, vec![failing(150)]),
        report("lost", 10, vec![lost]),
        report("other", 10, vec![other]),
        report("well", 10, vec![windows(179)]),
    ];
    take(&mut fleet, batch);
    let query = MachineQuery { reported_code: code, ..all() };
    assert_eq!(names(&fleet, &query), ["lost", "late", "later"]);
    let page = fleet.page(&MachineQuery { limit: 1, ..query }, &dependencies());
    assert_eq!((page.total, page.machines.len()), (3, 1));
}

#[test]
fn a_machine_of_the_very_name_is_the_only_one_on_its_page() {
    let mut fleet = Fleet::default();
    fill(&mut fleet);
    let looked_for = |name: &str| {
        let query = MachineQuery { name: Some(name.to_owned()), ..all() };
        let page = fleet.page_of(name, &query, &dependencies());
        assert_eq!(page.total, page.machines.len() as u64);
        (page.clone(), fleet.page(&query, &dependencies()))
    };
    for name in ["week.corp.example", "lost", "passed"] {
        let (one, all) = looked_for(name);
        assert_eq!((one.machines.len(), &one), (1, &all), "{name}");
    }
    // Also where the name is a part of others.
    take(&mut fleet, vec![report("lost2", 10, vec![windows(160)])]);
    let query = MachineQuery { name: Some("lost".to_owned()), ..all() };
    let page = fleet.page_of("LOST.", &query, &dependencies());
    assert_eq!(page.machines.iter().map(|it| it.machine.name.as_str()).collect::<Vec<_>>(), ["lost"]);
    // A part of a name, and one that none has, are looked for among all.
    for name in ["los", "week", "none"] {
        let query = MachineQuery { name: Some(name.to_owned()), ..all() };
        assert_eq!(fleet.page_of(name, &query, &dependencies()), fleet.page(&query, &dependencies()), "{name}");
    }
}
