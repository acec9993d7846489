//! The store: the same reports give the same figures whichever database keeps them, and whatever happens to it.

#![allow(clippy::unwrap_used, reason = "what a store does not take or tell fails the test")]

mod failures;
mod identity;
mod machines;
mod on_paths;
mod postgres;
mod sums;
mod symptoms;
mod upkeep;

use gracewatch::fleet::dependents::{Claim, Seekers};
use gracewatch::host::HostPort;
use gracewatch::license::{Channel, License, LicenseStatus, Remaining, Report, Source, WINDOWS};
use gracewatch::store::{FleetQuestion, Received, Store, Taken};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// After how long a machine is stale in these tests.
const STALE_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// Runs scenarios on both databases. A scenario is an async function that is given an empty store.
macro_rules! on_both {
    ($($scenario:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $scenario() {
                    let directory = crate::servers::directory::TemporaryDirectory::new("store");
                    let url = format!("sqlite:{}/x.db", directory.path().display()).parse().expect("a URL");
                    let store = gracewatch::store::Store::open(&url).await.expect("a store");
                    super::$scenario(&store).await;
                    store.close().await;
                }
            )*
        }

        mod on_postgres {
            $(
                #[tokio::test]
                #[ignore = "needs postgresql"]
                async fn $scenario() {
                    let server = crate::servers::postgres::Postgres::new();
                    let url = server.url().parse().expect("a URL");
                    let store = gracewatch::store::Store::open(&url).await.expect("a store");
                    super::$scenario(&store).await;
                    store.close().await;
                }
            )*
        }
    };
}
use on_both;

/// A day, counted from the one on which all began.
fn day(number: i64) -> Timestamp {
    "2026-12-03T12:00:00Z".parse::<Timestamp>().expect("a moment") + SignedDuration::from_hours(24 * number)
}

/// A report of a machine on a day.
fn report(machine: &str, on: i64, licenses: Vec<License>) -> Received {
    let report = Report { licenses, ..Report::new(Source::Wmi) };
    Received {
        machine: machine.parse().expect("a name"),
        reported_at: day(on),
        received_at: day(on),
        grant: None,
        report,
    }
}

/// A license of Windows that was activated by KMS and has so many days left.
fn windows(days: u32) -> License {
    License {
        sku: Some(Uuid::from_u128(1)),
        application: Some(WINDOWS),
        product: Some("Windows(R), Enterprise edition".to_owned()),
        ..client(days)
    }
}

/// A license of Office that was activated by KMS and has so many days left.
fn office(days: u32) -> License {
    License {
        sku: Some(Uuid::from_u128(2)),
        application: Some(Uuid::from_u128(0xf)),
        product: Some("Office 16, ProPlus edition".to_owned()),
        ..client(days)
    }
}

/// A license that was activated by KMS and has so many days left.
fn client(days: u32) -> License {
    License {
        channel: Channel::new("VOLUME_KMSCLIENT"),
        status: Some(LicenseStatus::Licensed),
        remaining: Some(Remaining::Minutes(days * 24 * 60)),
        ..License::default()
    }
}

/// The same license, which uses this KMS host.
fn via(host: &str, license: License) -> License {
    License { discovered_host: HostPort::parse(host, 1688).ok(), ..license }
}

/// The same license in another status, with no time left.
fn in_status(status: LicenseStatus, license: License) -> License {
    License { status: Some(status), remaining: Some(Remaining::Minutes(0)), ..license }
}

/// What to add up on a day.
fn question(on: i64) -> FleetQuestion {
    FleetQuestion { at_risk: 20, ..FleetQuestion::new(day(on), STALE_AFTER) }
}

/// A path with the machines that use these KMS hosts.
fn to_hosts(hosts: &[&str]) -> Claim {
    let hosts = hosts.iter().map(ToString::to_string).collect();
    Claim::Kms { hosts, seekers: Seekers::Within(Vec::new()) }
}

/// Takes reports, and tells what became of each: the name of its machine with `+` where something changed, or a word.
async fn take(store: &Store, batch: Vec<Received>) -> Vec<String> {
    let taken = store.take(batch).await.expect("it is taken");
    let told = taken.into_iter().map(|taken| match taken {
        Taken::Stored { machine, changed } => format!("{machine}{}", if changed { "+" } else { "" }),
        Taken::Unchanged => "unchanged".to_owned(),
        Taken::Outdated => "outdated".to_owned(),
        Taken::Refused(reason) => reason,
    });
    told.collect()
}
