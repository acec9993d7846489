//! The fleet in memory: which machine a report is about, what becomes of it, what all machines add up to, and which are
//! listed. No database is needed for any of it.

#![allow(clippy::unwrap_used, reason = "what is not taken or found fails the test")]

mod aggregate;
mod identity;
mod listing;
mod on_paths;
mod short_names;
mod skus;
mod symptoms;
mod to_come;

use gracewatch::fleet::dependencies::{Reach, ReachKind};
use gracewatch::fleet::known::Received;
use gracewatch::fleet::{Aggregate, Dependencies, Fleet, Moment, Question};
use gracewatch::host::HostPort;
use gracewatch::intake::decide::{Submission, Taken, decide};
use gracewatch::license::{Application, Channel, License, LicenseStatus, Remaining, Report, Source, WINDOWS};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

/// After how long a machine is stale in these tests.
pub(crate) const STALE_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// What to add up.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) now: Timestamp,
    pub(crate) at_risk: usize,
    pub(crate) paths: Vec<(Arc<str>, Reach)>,
}

/// What to add up on a day.
pub(crate) fn question(on: i64) -> Asked {
    Asked { now: day(on), at_risk: 20, paths: Vec::new() }
}

/// Adds a fleet up.
pub(crate) fn aggregate(fleet: &Fleet, asked: &Asked) -> Aggregate {
    let dependencies = Dependencies::new(asked.paths.iter().cloned(), true);
    let (moment, at_risk) = (moment(asked.now), asked.at_risk);
    fleet.aggregate(&Question { moment, at_risk, dependencies: &dependencies, inventory: None })
}

/// The moment for which to judge.
pub(crate) fn moment(now: Timestamp) -> Moment {
    Moment { now, stale_after: STALE_AFTER }
}

/// What leads to these KMS hosts.
pub(crate) fn to_hosts(hosts: &[&str]) -> Reach {
    let hosts = hosts.iter().map(ToString::to_string).collect();
    Reach { kind: ReachKind::Kms { hosts, domains: [].into(), full_names: [].into() }, outages: Vec::new() }
}

/// Takes reports into a fleet, and says what became of each: the name of its machine with `+` where something changed, or a
/// word.
pub(crate) fn take(fleet: &mut Fleet, batch: Vec<Received>) -> Vec<String> {
    let batch: Vec<_> = batch.into_iter().map(|received| submitted(received).bounded()).collect();
    let decision = decide(fleet, &batch);
    fleet.apply(decision.changes, 1);
    fleet.name_skus();
    decision.taken.into_iter().map(in_a_word).collect()
}

/// A report whose sender may speak for every machine.
pub(crate) fn submitted(received: Received) -> Submission {
    Submission { received, grant: None }
}

/// What became of a report.
pub(crate) fn in_a_word(taken: Taken) -> String {
    match taken {
        Taken::Stored { machine, changed } => format!("{machine}{}", if changed { "+" } else { "" }),
        Taken::Unchanged => "unchanged".to_owned(),
        Taken::Outdated => "outdated".to_owned(),
        Taken::Rejected(reason) => reason.to_string(),
    }
}

/// A day, counted from the one on which all began.
pub(crate) fn day(number: i64) -> Timestamp {
    "2026-12-03T12:00:00Z".parse::<Timestamp>().expect("a moment") + SignedDuration::from_hours(24 * number)
}

/// A report of a machine on a day.
pub(crate) fn report(machine: &str, on: i64, licenses: Vec<License>) -> Received {
    let report = Report { licenses, ..Report::new(Source::Wmi) };
    let machine = machine.parse().expect("a name");
    Received { machine, reported_at: day(on), received_at: day(on), report }
}

/// A license of Windows that was activated by KMS and has so many days left.
pub(crate) fn windows(days: u32) -> License {
    License {
        sku: Some(Uuid::from_u128(1)),
        application: Some(WINDOWS),
        product: Some("Windows(R), Enterprise edition".to_owned()),
        ..client(days)
    }
}

/// A license of Office that was activated by KMS and has so many days left.
pub(crate) fn office(days: u32) -> License {
    License {
        sku: Some(Uuid::from_u128(2)),
        application: Some(Application::Office.id()),
        product: Some("Office 16, ProPlus edition".to_owned()),
        ..client(days)
    }
}

/// A license that was activated by KMS and has so many days left.
pub(crate) fn client(days: u32) -> License {
    License {
        channel: Channel::new("VOLUME_KMSCLIENT"),
        status: Some(LicenseStatus::Licensed),
        remaining: Some(Remaining::Minutes(days * 24 * 60)),
        ..License::default()
    }
}

/// The same license, which uses this KMS host.
pub(crate) fn via(host: &str, license: License) -> License {
    License { discovered_host: HostPort::parse(host, 1688).ok(), ..license }
}

/// The same license in another status, with no time left.
pub(crate) fn in_status(status: LicenseStatus, license: License) -> License {
    License { status: Some(status), remaining: Some(Remaining::Minutes(0)), ..license }
}
