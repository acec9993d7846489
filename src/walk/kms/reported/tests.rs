use super::*;
use crate::host::HostPort;
use crate::license::{FailedStart, KmsCounts, KmsHost};
use std::collections::BTreeMap;

type Seen = (Stage, Option<Reason>, String);

/// A host that answers, with what it reports.
fn answering(host: &KmsHostStatus) -> Host {
    let passed = Observation::new(Stage::Rpc, Ok(String::new()), Duration::ZERO);
    let at = HostPort::parse("kms01.corp.example", 1688).unwrap();
    let mut target = Host::new(at, None, vec![passed]);
    add(&mut target, host);
    target
}

fn walked(host: &KmsHostStatus) -> (Vec<Seen>, Option<CountState>) {
    let target = answering(host);
    let shown = target.stages.iter().skip(1).map(|seen| (seen.stage, seen.reason, seen.detail.to_string()));
    (shown.collect(), target.counts().next().map(|count| count.state))
}

/// What is reported for one application: its own license, its count, what clients need, and how many there are.
fn status(
    own_license: Option<LicenseStatus>,
    current: Option<u32>,
    required_by_clients: Option<(u32, u32)>,
    clients: u64,
) -> ApplicationStatus {
    let counts = current.map(|current| KmsCounts { current: Some(current), ..KmsCounts::default() });
    ApplicationStatus { counts, own_license, required_by_clients, clients, ..ApplicationStatus::default() }
}

fn reporting(applications: impl IntoIterator<Item = (Application, ApplicationStatus)>) -> KmsHostStatus {
    KmsHostStatus {
        machine: "kms01.corp.example".parse().unwrap(),
        targets: vec!["kms01.corp.example".to_owned()],
        facts: KmsHost::default(),
        reported_at: "2026-12-03T12:00:00Z".parse().unwrap(),
        stale: false,
        applications: applications.into_iter().collect(),
        keys: BTreeMap::new(),
        failed_start: None,
        unpublished: BTreeMap::new(),
        idle_since: None,
    }
}

fn host(own_license: Option<LicenseStatus>, current: Option<u32>, required: Option<(u32, u32)>) -> KmsHostStatus {
    reporting([(Application::Windows, status(own_license, current, required, u64::from(required.is_some())))])
}

#[test]
fn a_host_that_is_licensed_and_counts_enough_passes() {
    let (stages, count) = walked(&host(Some(LicenseStatus::Licensed), Some(40), Some((5, 25))));
    assert!(matches!(&stages[..], [(Stage::Host, None, _), (Stage::Count, None, _)]), "{stages:?}");
    assert_eq!(count, Some(CountState::Enough));
}

#[test]
fn a_host_that_lost_its_own_license_fails_there() {
    let lapsed = host(Some(LicenseStatus::Notification), Some(40), Some((5, 25)));
    let (stages, _) = walked(&lapsed);
    let detail = "the KMS host license of kms01.corp.example itself for Windows is in the state notification";
    assert_eq!(stages, vec![(Stage::Host, Some(Reason::Unlicensed), detail.to_owned())]);
}

#[test]
fn a_key_that_lapsed_beside_one_in_force_is_known_by_its_name() {
    let key = HostKey { application: Application::Office, sku: Some(uuid::Uuid::from_u128(16)) };
    let status = ApplicationStatus { lapsed: Some(key), ..status(Some(LicenseStatus::Licensed), Some(50), None, 3) };
    let lapsed = |known: Option<KeyStatus>| {
        let keys = known.into_iter().map(|known| (key, known)).collect();
        let target = answering(&KmsHostStatus { keys, ..reporting([(Application::Office, status)]) });
        assert_eq!(target.failure().map(|failure| failure.stage), None, "it activates by the other key");
        target.served[0].lapsed.clone()
    };
    let known = KeyStatus { license: Some(LicenseStatus::Notification), ..KeyStatus::default() };
    let license = OwnLicense { status: LicenseStatus::Notification, reason_code: None };
    let product = "Office 16, Office16KMSHostVL_KMS_Host edition".to_owned();
    let named = KeyStatus { product: Some(product.clone()), ..known.clone() };
    assert_eq!(lapsed(Some(named)), Some(LapsedKey { product, license }));
    let product = "00000000-0000-0000-0000-000000000010".to_owned();
    assert_eq!(lapsed(Some(known)), Some(LapsedKey { product, license }));
    assert_eq!(lapsed(None), None);
}

#[test]
fn a_count_is_compared_with_what_clients_need() {
    let state = |current, required| walked(&host(None, Some(current), required)).1.unwrap();
    let both = Some((5, 25));
    assert_eq!(state(4, both), CountState::TooLow);
    assert_eq!([5, 24].map(|count| state(count, both)), [CountState::TooLowForSome; 2]);
    assert_eq!([25, 29].map(|count| state(count, both)), [CountState::Low; 2]);
    assert_eq!([30, 50].map(|count| state(count, both)), [CountState::Enough; 2]);
    assert_eq!(state(24, Some((25, 25))), CountState::TooLow);
    assert_eq!(
        [4, 5, 6].map(|count| state(count, Some((5, 5)))),
        [CountState::TooLow, CountState::Low, CountState::Enough]
    );
    // Fewer than five are never enough; more may be.
    assert_eq!([4, 6].map(|count| state(count, None)), [CountState::TooLow, CountState::Enough]);
}

#[test]
fn the_clients_of_one_application_care_for_nothing_but_its_count() {
    let licensed = Some(LicenseStatus::Licensed);
    let of = |current, (required, clients)| status(licensed, Some(current), Some((required, required)), clients);
    let fails_at = |windows, office| {
        let target = answering(&reporting([(Application::Windows, windows), (Application::Office, office)]));
        target.failure().map(|failure| failure.stage)
    };
    // Windows is short, and Office is not; and the other way round.
    assert_eq!(fails_at(of(10, (25, 7)), of(50, (5, 7))), None, "Office is activated");
    assert_eq!(fails_at(of(50, (25, 7)), of(3, (5, 7))), None, "Windows is activated");
    assert_eq!(fails_at(of(10, (25, 7)), of(3, (5, 7))), Some(Stage::Count));
    // Where only one is used, the other is of no use to anybody.
    assert_eq!(fails_at(of(10, (25, 7)), of(50, (5, 0))), Some(Stage::Count));
    assert_eq!(fails_at(of(10, (25, 0)), of(50, (5, 7))), None);
    // The one that gets furthest decides where the host fails.
    let lapsed = status(Some(LicenseStatus::Notification), Some(50), None, 7);
    assert_eq!(fails_at(lapsed, of(3, (5, 7))), Some(Stage::Count));
    assert_eq!(fails_at(lapsed, lapsed), Some(Stage::Host));
    assert_eq!(fails_at(lapsed, of(50, (5, 7))), None);
}

#[test]
fn a_count_of_one_is_that_of_one_client() {
    let count = Count::new(Application::Windows, 1, (5, 25));
    assert_eq!(count.detail("kms01".to_owned()), "kms01 counts 1 client for Windows, and 5 are needed");
}

#[test]
fn a_host_is_idle_once_nobody_has_asked_it_for_longer_than_clients_take_to_renew() {
    let since = "2026-12-01T12:00:00Z".parse().unwrap();
    let asked = KmsHostStatus { idle_since: Some(since), ..host(None, None, Some((5, 25))) };
    let after =
        |days: i64| HostReports::new(std::slice::from_ref(&asked), since + SignedDuration::from_hours(days * 24));
    let idle_since =
        |reports: &HostReports| reports.of(&"kms01.corp.example".parse().unwrap()).and_then(|host| host.idle_since);
    assert_eq!([8, 9].map(|days| idle_since(&after(days))), [None, Some(since)]);
    assert!(after(1).agree(&after(8)) && !after(8).agree(&after(9)), "time alone makes it idle");
}

#[test]
fn of_several_that_may_be_the_host_the_one_that_reports_under_its_name_is_or_none() {
    let called = |machine: &str, current| KmsHostStatus {
        machine: machine.parse().unwrap(),
        targets: vec!["kms01".to_owned()],
        ..host(None, Some(current), None)
    };
    let (corp, lab, exact) = (called("kms01.corp.example", 1), called("kms01.lab.example", 2), called("kms01", 3));
    let count = |hosts: &[&KmsHostStatus]| {
        let hosts: Vec<_> = hosts.iter().copied().cloned().collect();
        let reports = HostReports::new(&hosts, Timestamp::UNIX_EPOCH);
        let host = reports.of(&"kms01".parse().unwrap())?;
        host.applications[&Application::Windows].counts?.current
    };
    assert_eq!([count(&[&lab]), count(&[&corp, &lab]), count(&[&corp, &exact, &lab])], [Some(2), None, Some(3)]);
}

#[test]
fn what_was_reported_too_long_ago_says_nothing() {
    let mut stale = host(None, Some(1), None);
    stale.applications.values_mut().for_each(|status| status.stale = true);
    assert_eq!(walked(&stale), (Vec::new(), None));
    assert_eq!(walked(&host(None, None, None)), (Vec::new(), None));
}

#[test]
fn that_a_host_could_not_start_matters_where_it_does_not_answer() {
    let at = "2026-12-03T12:00:00Z".parse().unwrap();
    let failed = KmsHostStatus { failed_start: Some(FailedStart { at, code: None }), ..host(None, None, None) };
    assert_eq!(answering(&failed).failed_start, None, "it runs");
    let silent = |reason| {
        let refused = Observation::failed(Stage::Tcp, Failure::new(reason, Detail::NONE), Duration::ZERO);
        let mut target = Host::new(HostPort::parse("kms01.corp.example", 1688).unwrap(), None, vec![refused]);
        add(&mut target, &failed);
        target.failed_start
    };
    assert_eq!(silent(Reason::Refused), failed.failed_start);
    assert_eq!(silent(Reason::LocalError), None, "nothing was measured");
}
