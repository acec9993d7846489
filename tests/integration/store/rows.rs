//! What is known comes back from the store as it was.

use super::{machines, on_both, take};
use crate::fleet::{client, day, in_status, office, report, via, windows};
use gracewatch::codes::Code;
use gracewatch::fleet::known::Received;
use gracewatch::intake::keeper::{self, Keeper};
use gracewatch::license::{
    Application, Channel, FailedStart, HostKey, KmsCounts, KmsHost, License, LicenseStatus, PartialProductKey,
    Publication, Published, Remaining, Source, WINDOWS,
};
use gracewatch::store::StoreUrl;
use jiff::Timestamp;
use uuid::Uuid;

on_both!(
    every_field_comes_back_as_it_was,
    a_new_name_takes_licenses_and_history_along,
    what_a_host_counts_of_each_application_is_kept_in_whatever_order,
    licenses_that_are_gone_are_deleted,
    what_a_sku_is_called_is_written_nowhere_and_known_again,
    a_large_batch_is_taken,
);

/// A report in which everything is said that can be.
fn everything(machine: &str) -> Received {
    let license = License {
        sku: Some(Uuid::from_u128(9)),
        application: Some(WINDOWS),
        product: Some("Windows(R), \u{30c6}\u{30b9}\u{30c8} edition' %_\"".to_owned()),
        channel: Channel::new("VOLUME_KMSCLIENT"),
        partial_product_key: PartialProductKey::new("2YT43"),
        is_addon: Some(false),
        status: Some(LicenseStatus::Licensed),
        reason_code: Some(Code(0xC004_F00F)),
        remaining: Some(Remaining::Minutes(200_000)),
        evaluation_end: Some(day(100)),
        last_error: Some(Code(u32::MAX)),
        configured_host: gracewatch::host::HostPort::parse("[2001:db8::1]:1689", 1688).ok(),
        discovered_host: gracewatch::host::HostPort::parse("KMS1.corp.example", 1688).ok(),
        activated_by_domain: Some(true),
        activation_interval: Some(15),
        renewal_interval: Some(43_200),
        required_count: Some(25),
        remaining_sku_rearms: Some(0),
        remaining_app_rearms: Some(u32::MAX),
    };
    let host = License { channel: Channel::new("VOLUME_KMS_WS22"), remaining: Some(Remaining::Permanent), ..client(0) };
    let host = License { product: Some("Windows(R), ServerStandard edition".to_owned()), is_addon: Some(true), ..host };
    let nameless = License { application: Some(Uuid::from_u128(7)), ..License::default() };
    let mut received = report(machine, 3, vec![license, host, nameless]);
    let report = &mut received.report;
    report.source = Source::HostEvents;
    report.is_complete = true;
    report.client_machine_id = Some(Uuid::from_u128(u128::MAX));
    report.remaining_windows_rearms = Some(1001);
    report.service_version = Some("10.0.19041.4474".to_owned());
    let counts = KmsCounts {
        current: Some(50),
        required: Some(25),
        requests: Some(u32::MAX),
        failed_requests: Some(0),
        requests_by_status: [Some(1), None, Some(3), None, None, Some(6), Some(7)],
    };
    report.kms_host = Some(KmsHost {
        listening_port: Some(u16::MAX),
        publishes_dns: Some(false),
        last_request_at: Some(day(2)),
        counts: [
            (Application::Windows.into(), counts),
            (HostKey { application: Application::Office, sku: Some(Uuid::from_u128(1)) }, counts),
            (HostKey { application: Application::Office, sku: Some(Uuid::from_u128(2)) }, KmsCounts::default()),
        ]
        .into(),
        counted_for: None,
        failed_start: Some(FailedStart { at: day(1), code: Some(Code(u32::MAX)) }),
        publications: [("corp.example", Published::Succeeded), ("lab", Published::Failed(Some(Code(0x8007_2338))))]
            .map(|(domain, outcome)| (domain.to_owned(), Publication { at: day(1), outcome }))
            .into(),
    });
    received
}

async fn every_field_comes_back_as_it_was(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    let mut later = everything("all.corp.example");
    later.reported_at = day(4);
    let counts = &mut later.report.kms_host.as_mut().unwrap().counts;
    counts.get_mut(&Application::Windows.into()).unwrap().requests = Some(7);
    let batch = vec![
        everything("all.corp.example"),
        later,
        report("none", 0, Vec::new()),
        report("epoch", 0, vec![License { evaluation_end: Some(Timestamp::UNIX_EPOCH), ..windows(0) }]),
    ];
    take(&keeper, batch).await;
    let read = keeper::read(url).await.unwrap();
    for name in ["all.corp.example", "none", "epoch"] {
        let name: gracewatch::license::MachineName = name.parse().unwrap();
        let wanted = name.clone();
        let known = keeper.ask(move |fleet| fleet.known(&wanted)).await;
        assert!(known.machine.is_some());
        assert_eq!(read.known(&name), known, "{name}");
        assert_eq!(read.revision(&name), Some(1));
    }
    keeper.close().await;
}

async fn what_a_host_counts_of_each_application_is_kept_in_whatever_order(url: &StoreUrl) {
    let counting = |machine: &str, application, current, required| {
        let mut received = report(machine, 3, Vec::new());
        let counts = KmsCounts { current: Some(current), required: Some(required), ..KmsCounts::default() };
        received.report.kms_host = Some(KmsHost::counting(application, counts));
        received
    };
    let windows = |machine: &str| counting(machine, Application::Windows, 10, 25);
    let office = |machine: &str| counting(machine, Application::Office, 50, 5);
    let keeper = Keeper::open(url).await.unwrap();
    for batch in [vec![windows("kms1"), office("kms1")], vec![office("kms2")], vec![windows("kms2")]] {
        take(&keeper, batch).await;
    }
    // It published itself in one domain more often than in another, and has another name now.
    let publications = |names: &[&str]| {
        let mut received = report("kms2.corp.example", 4, Vec::new());
        let last = Publication { at: day(4), outcome: Published::Failed(None) };
        let publications = names.iter().map(|name| ((*name).to_owned(), last)).collect();
        received.report.kms_host = Some(KmsHost { publications, ..KmsHost::default() });
        received
    };
    take(&keeper, vec![publications(&["corp.example", "lab.example"])]).await;
    let known = |fleet: &gracewatch::fleet::Fleet, name: &str| fleet.known(&name.parse().unwrap());
    let expected = keeper.ask(move |fleet| ["kms1", "kms2.corp.example"].map(|name| known(fleet, name))).await;
    keeper.close().await;
    let read = keeper::read(url).await.unwrap();
    assert_eq!(["kms1", "kms2.corp.example"].map(|name| known(&read, name)), expected);
    for host in expected.map(|known| known.machine.unwrap().kms_host.unwrap()) {
        let counts = [Application::Windows, Application::Office].map(|application| host.count_of(application));
        assert_eq!(counts.map(|counts| (counts.current, counts.required)), [(Some(10), Some(25)), (Some(50), Some(5))]);
    }
}

async fn a_new_name_takes_licenses_and_history_along(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    take(&keeper, vec![report("ws1", 0, vec![windows(10)])]).await;
    take(&keeper, vec![report("ws1", 1, vec![in_status(LicenseStatus::Notification, windows(0))])]).await;
    take(&keeper, vec![report("ws1.corp.example", 2, vec![])]).await;
    keeper.close().await;
    let read = keeper::read(url).await.unwrap();
    let known = read.known(&"ws1.corp.example".parse().unwrap());
    let license = known.licenses.into_values().next().unwrap();
    assert_eq!((read.len(), license.license.status), (1, Some(LicenseStatus::Notification)));
}

async fn licenses_that_are_gone_are_deleted(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    let named = |number: usize| License { product: Some(format!("Product {number}")), ..client(100) };
    let complete = |machine: &str, on, products: std::ops::Range<usize>| {
        let mut received = report(machine, on, products.map(named).collect());
        received.report.is_complete = true;
        received
    };
    take(&keeper, vec![complete("a", 0, 0..90), complete("b", 0, 0..3)]).await;
    assert_eq!(take(&keeper, vec![complete("a", 1, 1..2), complete("b", 1, 0..2)]).await, ["a+", "b+"]);
    keeper.close().await;
    let read = keeper::read(url).await.unwrap();
    let licenses = |name: &str| read.known(&name.parse().unwrap()).licenses.into_keys().collect::<Vec<_>>();
    assert_eq!(licenses("a"), ["name:product 1"]);
    assert_eq!(licenses("b"), ["name:product 0", "name:product 1"]);
}

async fn what_a_sku_is_called_is_written_nowhere_and_known_again(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    let event = License { sku: windows(0).sku, status: Some(LicenseStatus::Licensed), ..License::default() };
    take(&keeper, vec![report("a", 0, vec![event.clone()])]).await;
    // The batch that brings the name writes no other machine.
    take(&keeper, vec![report("b", 0, vec![windows(100)])]).await;
    let read = keeper::read(url).await.unwrap();
    assert_eq!(read.revision(&"a".parse().unwrap()), Some(1));
    take(&keeper, vec![report("c", 0, vec![event])]).await;
    let read = keeper::read(url).await.unwrap();
    let products = crate::fleet::aggregate(&read, &crate::fleet::question(0)).products;
    assert_eq!((products.len(), products[0].1.machines), (1, 3));
    keeper.close().await;
}

async fn a_large_batch_is_taken(url: &StoreUrl) {
    let keeper = Keeper::open(url).await.unwrap();
    let batch = |on| {
        let fleet = (0..1300).map(move |number| (number, on));
        fleet.map(|(number, on)| report(&format!("m{number}"), on, vec![via("kms1", windows(100)), office(50)]))
    };
    assert_eq!(take(&keeper, batch(0).collect()).await.len(), 1300);
    assert!(take(&keeper, batch(1).collect()).await.iter().all(|taken| taken.starts_with('m')));
    keeper.close().await;
    assert_eq!(machines(&Keeper::open(url).await.unwrap()).await, 1300);
}
