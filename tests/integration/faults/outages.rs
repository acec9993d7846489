//! Failures from an outage that is over: what a row of `outages.md` means, and the verdict on its path. No server is
//! needed for it.

use std::sync::Arc;
use std::time::Duration;

use gracewatch::codes::Code;
use gracewatch::fleet::known::Received;
use gracewatch::fleet::{Fleet, Outage, Symptoms};
use gracewatch::host::HostPort;
use gracewatch::license::{License, LicenseStatus};
use gracewatch::observation::{Detail, Observation, Stage};
use gracewatch::verdict::{self, Reported};
use gracewatch::walk::kms::{self, Host, Target};
use gracewatch::walk::{OwnClock, Walk};
use jiff::{SignedDuration, Timestamp};

use super::table::{self, Row};
use crate::fleet::{Asked, aggregate, day, in_status, question, report, take, to_hosts, via, windows};

/// The columns there are.
const COLUMNS: [&str; 5] = ["failed at", "outage", "tried", "code", "left"];

const HOST: &str = "kms1";

/// The day on which all rows are judged.
const TODAY: i64 = 10;

/// All rows.
pub fn rows() -> Vec<Row> {
    table::read("outages.md", include_str!("outages.md"), &COLUMNS)
}

/// The verdict on the path of a row: status, stage, reason, code and inner code.
pub fn judge(row: &Row) -> String {
    let mut fleet = Fleet::default();
    take(&mut fleet, vec![machine(row)]);
    let path = [("corp".into(), gracewatch::fleet::dependencies::Reach { outages: outages(row), ..to_hosts(&[HOST]) })];
    let totals = aggregate(&fleet, &Asked { paths: path.into(), ..question(TODAY) });
    let symptoms: Option<&Symptoms> = totals.symptoms.get("corp");
    let verdict = verdict::judge(&healthy(), Reported { symptoms, ..Reported::default() });
    let shown = |word: Option<String>| word.unwrap_or_else(|| "-".to_owned());
    let parts = [
        verdict.status.as_str().to_owned(),
        shown(verdict.stage.map(|stage| stage.to_string())),
        shown(verdict.reason.map(|reason| reason.to_string())),
        shown(verdict.code.map(|code| code.to_string())),
        shown(verdict.inner_code.map(|code| code.to_string())),
    ];
    parts.join(" ")
}

/// So many hours ago.
fn ago(hours: &str) -> Timestamp {
    let hours = hours.parse().unwrap_or_else(|_| panic!("hours: {hours}"));
    day(TODAY) - SignedDuration::from_hours(hours)
}

fn outages(row: &Row) -> Vec<Outage> {
    let stage = Stage::ALL.into_iter().find(|stage| stage.as_str() == row.cell("failed at"));
    let between = row.cell("outage").split_once(" to ");
    let outage = |(stage, (from, to))| Outage { began_at: ago(from), ended_at: ago(to), stages: [stage].into() };
    stage.zip(between).map(outage).into_iter().collect()
}

/// A machine that tried, failed and reported that at once.
fn machine(row: &Row) -> Received {
    let left: u32 = row.cell("left").parse().expect("days");
    let license = via(HOST, windows(left));
    let license = if left == 0 { in_status(LicenseStatus::Notification, license) } else { license };
    let digits = row.cell("code").trim_start_matches("0x");
    let code = Code(u32::from_str_radix(digits, 16).expect("a code"));
    let tried = ago(row.cell("tried"));
    let received = report("ws1", TODAY, vec![License { last_error: Some(code), ..license }]);
    Received { reported_at: tried, received_at: tried, ..received }
}

/// A path on which all passes.
fn healthy() -> Walk {
    let seen = |stage| Observation::new(stage, Ok(Detail::NONE), Duration::from_millis(1));
    let stages = [Stage::Address, Stage::Tcp, Stage::Rpc].map(seen).into();
    let host = HostPort::parse(HOST, 1688).expect("a host");
    let host = Host::new(host, Some(([192, 0, 2, 1], 1688).into()), stages);
    let own_clock: Option<OwnClock> = None;
    Walk::Kms(kms::Walk { targets: vec![Arc::new(Target::Host(host))], discovered: None, own_clock })
}
