//! The log of a host that five hundred clients ask for weeks: what is made of it, against what is known of each.

use super::*;
use crate::license::{LicenseStatus, Source, VOLUME_VALIDITY};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const CLIENTS: usize = 500;
const WEEKS: i64 = 6;

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % bound
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for index in (1..values.len()).rev() {
            values.swap(index, self.below(u32::try_from(index).unwrap() + 1) as usize);
        }
    }
}

/// What the newest record of a license says, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    at: Timestamp,
    minutes: i64,
    status: u8,
    required_count: u32,
}

fn in_some_case(name: &str, numbers: &mut Numbers) -> String {
    match numbers.below(3) {
        0 => name.to_uppercase(),
        1 => name.to_owned(),
        _ => name[..1].to_uppercase() + &name[1..],
    }
}

fn record(name: &str, cmid: usize, sku: &str, known: &Known, error: bool, numbers: &mut Numbers) -> String {
    let code = if error { "0xC004F06C" } else { "0x0" };
    let time = known.at.to_string().replace('-', "/").replace('T', " ")[..16].to_owned();
    let name = in_some_case(name, numbers);
    let cmid = format!("08c3bda0-c556-4b61-9e4e-{cmid:012}");
    let Known { minutes, status, required_count, .. } = known;
    let fields =
        [code, &required_count.to_string(), &name, &cmid, &time, "0", &status.to_string(), &minutes.to_string(), sku];
    if numbers.below(2) == 0 {
        event(12290, &known.at.to_string(), "KMS01.corp.example", &[&[""], &fields[..]].concat())
    } else {
        event(12290, &known.at.to_string(), "kms01.corp.example", &[&fields.join(", ")])
    }
}

/// The records of a host, in order, and what is known in the end.
fn fleet(numbers: &mut Numbers) -> (Vec<String>, BTreeMap<(String, String), Known>) {
    let start: Timestamp = "2026-10-12T00:00:00Z".parse().unwrap();
    let (mut records, mut last) = (Vec::new(), BTreeMap::new());
    for client in 0..CLIENTS {
        let name = if client % 3 == 0 { format!("srv{client:04}") } else { format!("ws{client:04}.corp.example") };
        let os = if client % 3 == 0 { (SERVER_SKU, 5) } else { (WINDOWS_SKU, 25) };
        // Some never come back; some are refused from some week on, and go on asking with what is left.
        let silent_after = if client % 10 == 0 { i64::from(numbers.below(6)) } else { WEEKS };
        let refused_after = if client % 17 == 0 { i64::from(numbers.below(6)) } else { WEEKS };
        for (sku, required_count) in [Some(os), (client % 2 == 0).then_some((OFFICE_SKU, 5))].into_iter().flatten() {
            let phase = i64::from(numbers.below(7 * 24 * 60));
            let mut renewed_at = None;
            for week in 0..WEEKS.min(silent_after + 1) {
                let at = start + SignedDuration::from_mins(phase + week * 7 * 24 * 60) + SignedDuration::from_secs(7);
                let is_refused = week >= refused_after;
                let known = match renewed_at {
                    // It was never activated, and its first grace period of 30 days runs, or is over.
                    None if week <= 4 => Known { at, minutes: 43_200 - week * 10_080, status: 2, required_count },
                    None => Known { at, minutes: 0, status: 5, required_count },
                    Some(renewed_at) => {
                        let minutes = i64::from(VOLUME_VALIDITY) - at.duration_since(renewed_at).as_mins();
                        Known { at, minutes, status: 1, required_count }
                    }
                };
                records.push(record(&name, client, sku, &known, is_refused, numbers));
                last.insert((name.clone(), sku.to_owned()), known);
                if !is_refused {
                    renewed_at = Some(at);
                }
            }
        }
    }
    (records, last)
}

#[test]
fn the_runway_of_a_fleet_is_right_whatever_the_order_of_the_log() {
    let mut numbers = Numbers(20_261_124);
    let (mut records, known) = fleet(&mut numbers);
    let now: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
    let mut first = None;
    for _ in 0..3 {
        let outcome = of_xml(&records.concat());
        assert_eq!((&outcome.result, &outcome.skipped), (&Ok(()), &Skipped::default()));
        assert_eq!(outcome.reports.len(), known.len() + 1);
        let mut overdue = 0;
        for report in outcome.reports.iter().filter(|report| report.kms_host.is_none()) {
            let license = license(report);
            let key = (report.machine.as_ref().unwrap().to_string(), license.sku.unwrap().to_string());
            let known = &known[&key];
            assert_eq!(report.reported_at, Some(known.at));
            assert_eq!(license.status.map(LicenseStatus::number), Some(known.status));
            let expected = (known.status != 5).then(|| known.at + SignedDuration::from_mins(known.minutes));
            assert_eq!(license.expires_at(known.at), expected);
            let since = license.renewal_overdue_since(known.at, Source::HostEvents);
            overdue += usize::from(since.is_some_and(|since| since < now));
        }
        let expected = known.values().filter(|known| is_overdue(known, now)).count();
        assert!(expected > 40, "{expected}");
        assert_eq!(overdue, expected);
        let host = outcome.reports.last().unwrap().kms_host.as_ref().unwrap().last_request_at;
        assert_eq!(host, known.values().map(|known| known.at).max());
        assert_eq!(*first.get_or_insert_with(|| outcome.reports.clone()), outcome.reports);
        numbers.shuffle(&mut records);
    }
}

/// By hand: a client that was activated 180 days less its minutes before it asked has a week from then, or from when it
/// asked, since the host would have had another request.
fn is_overdue(known: &Known, now: Timestamp) -> bool {
    let week = SignedDuration::from_hours(7 * 24);
    let renewed_at = known.at - SignedDuration::from_mins(i64::from(VOLUME_VALIDITY) - known.minutes);
    // One that missed a whole renewal was overdue when it asked; any is after a week of silence.
    let due = if renewed_at + week + week < known.at { renewed_at + week } else { known.at + week };
    known.status == 1 && due < now
}

#[test]
fn more_licenses_than_are_kept_are_handed_over_in_between() {
    let mut text = String::new();
    for round in 0..2 {
        for client in 0..10_050 {
            write!(
                text,
                "<Event><System><EventID>12290</EventID><TimeCreated SystemTime='2026-11-24T0{round}:00:00Z'/><Computer>\
                 kms{client}</Computer></System><EventData><Data>0x0,25,ws{client},{CMID},2026/11/24 9:00,0,1,5,\
                 {WINDOWS_SKU}</Data></EventData></Event>"
            )
            .unwrap();
        }
    }
    let reports = of_xml(&text).reports;
    let hosts = reports.iter().filter(|report| report.kms_host.is_some()).count();
    assert_eq!((reports.len() - hosts, hosts), (10_050, 20_100));
}
