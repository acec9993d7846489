//! What SKUs are called, where only some machines report it: others of their domain, and never strangers.

use super::{aggregate, day, moment, office, question, report, submitted, take, windows};
use gracewatch::config::tokens::Tokens;
use gracewatch::fleet::known::Received;
use gracewatch::fleet::{Dependencies, Fleet, MachineQuery};
use gracewatch::intake::decide::{Submission, decide};
use gracewatch::license::{Channel, License, LicenseStatus};
use uuid::Uuid;

/// What an event says of a license of Windows: that it is lost, and its SKU.
fn event() -> License {
    License { sku: windows(0).sku, status: Some(LicenseStatus::Notification), ..License::default() }
}

/// The same license as a stranger reports it.
fn forged() -> License {
    License {
        product: Some("!owned".to_owned()),
        channel: Channel::new("OEM_COA"),
        application: Some(Uuid::from_u128(1)),
        is_addon: Some(true),
        ..windows(100)
    }
}

/// The product, the channel and whether it is an add-on, of the first license of a machine as it is listed.
fn called(fleet: &Fleet, machine: &str) -> (Option<String>, Option<String>, Option<bool>) {
    let query = MachineQuery { name: Some(machine.to_owned()), ..MachineQuery::new(moment(day(0))) };
    let page = fleet.page(&query, &Dependencies::default());
    let found = page.machines.into_iter().find(|known| known.machine.name.as_str() == machine).unwrap();
    let license = &found.licenses[0].license;
    (license.product.clone(), license.channel.as_ref().map(ToString::to_string), license.is_addon)
}

fn lost(fleet: &Fleet) -> u64 {
    aggregate(fleet, &question(0)).totals.lost
}

#[test]
fn a_stranger_decides_nothing_about_the_machines_of_others() {
    let mut fleet = Fleet::default();
    let events = (0..30).map(|number| report(&format!("c{number}.corp.example"), 0, vec![event()]));
    take(&mut fleet, events.collect());
    assert_eq!(lost(&fleet), 30);
    let strangers = (0..100).map(|number| report(&format!("x{number}.evil.example"), 1, vec![forged()]));
    take(&mut fleet, strangers.chain([report("x", 1, vec![forged()])]).collect());
    assert_eq!(called(&fleet, "c1.corp.example"), (None, None, None));
    assert_eq!(lost(&fleet), 30);
    let one_of_them = report("ok.corp.example", 1, vec![License { is_addon: Some(false), ..windows(100) }]);
    take(&mut fleet, vec![one_of_them]);
    let (product, channel, is_addon) = called(&fleet, "c1.corp.example");
    assert_eq!(product.as_deref(), Some("Windows(R), Enterprise edition"));
    assert_eq!((channel.as_deref(), is_addon), (Some("VOLUME_KMSCLIENT"), Some(false)));
    let product = |machine: &str| fleet.complete(&[(&machine.parse().unwrap(), event())]).remove(0).product;
    let expected = ["Windows(R), Enterprise edition", "!owned", "!owned"].map(|name| Some(name.to_owned()));
    assert_eq!(["new.corp.example", "new.evil.example", "new"].map(product), expected);
    assert_eq!(product("new.lab.example"), None);
}

#[test]
fn a_license_that_says_what_it_is_of_is_no_add_on_since_a_stranger_says_so() {
    let mut fleet = Fleet::default();
    let unlicensed = || License { status: Some(LicenseStatus::Notification), remaining: None, ..windows(0) };
    let machines = (0..30).map(|number| report(&format!("c{number}.corp.example"), 0, vec![unlicensed()]));
    take(&mut fleet, machines.collect());
    take(&mut fleet, vec![report("x.evil.example", 1, vec![forged()])]);
    assert_eq!(lost(&fleet), 30);
}

#[test]
fn in_a_domain_the_name_that_most_machines_report_is_taken() {
    let mut fleet = Fleet::default();
    take(&mut fleet, vec![report("event.corp.example", 0, vec![event()])]);
    let reporting = |name: &str, license: License| report(&format!("{name}.corp.example"), 0, vec![license]);
    take(&mut fleet, ["a", "b"].map(|name| reporting(name, windows(100))).into());
    take(&mut fleet, vec![reporting("z", forged())]);
    let product = |fleet: &Fleet| called(fleet, "event.corp.example").0.unwrap();
    assert_eq!(product(&fleet), "Windows(R), Enterprise edition");
    // However often it is reported, a machine is one.
    for on in 1..5 {
        take(&mut fleet, vec![report("z.corp.example", on, vec![forged()])]);
    }
    assert_eq!(product(&fleet), "Windows(R), Enterprise edition");
    // And what is gone has no say.
    fleet.remove(&"a.corp.example".parse().unwrap());
    fleet.remove(&"b.corp.example".parse().unwrap());
    fleet.name_skus();
    assert_eq!(product(&fleet), "!owned");
    fleet.remove(&"z.corp.example".parse().unwrap());
    fleet.name_skus();
    assert_eq!(called(&fleet, "event.corp.example").0, None);
}

#[test]
fn who_reports_many_skus_leaves_room_for_those_of_others() {
    let mut fleet = Fleet::default();
    for machine in 0..60 {
        let made_up = (0..200).map(|number| License {
            sku: Some(Uuid::from_u128(1000 * machine + number + 1_000_000)),
            product: Some(format!("!{machine} {number}")),
            application: Some(Uuid::from_u128(9)),
            ..office(100)
        });
        take(&mut fleet, vec![report(&format!("f{machine}.evil.example"), 0, made_up.collect())]);
    }
    let event = License { sku: office(0).sku, status: Some(LicenseStatus::Licensed), ..License::default() };
    take(&mut fleet, vec![report("a.corp.example", 0, vec![office(100)]), report("b.corp.example", 0, vec![event])]);
    assert_eq!(called(&fleet, "b.corp.example").0.as_deref(), Some("Office 16, ProPlus edition"));
}

/// What a report costs that names a SKU does not grow with the machines that are called by it.
#[test]
fn a_report_that_names_a_sku_writes_no_other_machine() {
    let tokens = Tokens::parse("floor2 0123456789abcdef ws*.corp.example").unwrap();
    let mut fleet = Fleet::default();
    let events = (0..100).map(|number| report(&format!("c{number}.corp.example"), 0, vec![event()]));
    take(&mut fleet, events.collect());
    let of =
        |received: Received| Submission { grant: tokens.grant("0123456789abcdef").cloned(), ..submitted(received) };
    for on in 0..4 {
        let changes = decide(&fleet, &[of(report("ws1.corp.example", on, vec![windows(100)])).bounded()]).changes;
        assert_eq!(changes.machines.len(), 1);
        fleet.apply(changes, 1);
    }
}
