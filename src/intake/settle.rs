//! From the bytes of one input to reports that can be kept: each with its machine, its moment, and the right to speak
//! for that machine.

use super::decide::Submission;
use crate::catalogue::{Message, message};
use crate::config::tokens::Grant;
use crate::fleet::known::Received;
use crate::formats::{self, Counts, FormatError, Nothing, Reading, Replaced, Skipped};
use crate::license::{MachineName, Report, Source};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How many rejections are listed one by one.
const LISTED: usize = 20;

/// What holds for all reports of one input that do not say it themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Whom they are about.
    pub machine: Option<MachineName>,
    /// When they held: the time of the file, or of the request.
    pub reported_at: Timestamp,
    /// Now.
    pub received_at: Timestamp,
    /// What the sender may speak for; everything where there is no such limit.
    pub grant: Option<Arc<Grant>>,
}

/// How the reading of one input went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// How many reports it held, those that were rejected included.
    pub reports: u64,
    /// True where a report did not name its machine, and was taken for one about the machine of the origin.
    pub machine_is_assumed: bool,
    /// True where a report was rejected because its sender may not speak for the machine.
    pub is_denied: bool,
    /// Reports that were rejected.
    pub rejected: Rejections,
    /// What was understood in it, and what does not matter.
    pub counts: Counts,
    /// What was not understood in it.
    pub skipped: Skipped,
    /// Outputs in it that do not count, since later ones of the same machine do.
    pub replaced: Replaced,
    /// Why nothing came of it, where that is known and nothing did.
    pub nothing: Option<Nothing>,
    /// Why reading ended before the end; what came before was taken.
    pub error: Option<FormatError>,
}

/// Reports that were rejected: how many, and the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rejections {
    /// How many from each source.
    pub counts: BTreeMap<Source, u64>,
    /// Why, and the number of each in its input, counted from 1, where that is known.
    pub listed: Vec<(Option<u64>, Message)>,
}

impl Rejections {
    /// Adds one more.
    pub fn add(&mut self, source: Source, number: Option<u64>, reason: Message) {
        *self.counts.entry(source).or_default() += 1;
        self.list(number, reason);
    }

    /// Adds others.
    pub fn append(&mut self, others: Self) {
        for (source, count) in others.counts {
            *self.counts.entry(source).or_default() += count;
        }
        for (number, reason) in others.listed {
            self.list(number, reason);
        }
    }

    fn list(&mut self, number: Option<u64>, reason: Message) {
        if self.listed.len() < LISTED {
            self.listed.push((number, reason));
        }
    }

    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}

/// Reads an input, and hands over each report that can be kept. What is wrong with one does not keep the others. The
/// reading ends soon after `stop` has become true.
pub fn read(bytes: &[u8], origin: &Origin, stop: &AtomicBool, take: &mut dyn FnMut(Submission)) -> Outcome {
    let mut rejected = Rejections::default();
    let (mut number, mut machine_is_assumed, mut is_denied) = (0, false, false);
    let mut settle = |report: Report| {
        number += 1;
        machine_is_assumed |= report.machine.is_none() && origin.machine.is_some();
        let source = report.source;
        match settle(report, origin) {
            Ok(submission) => take(submission),
            Err(rejection) => {
                is_denied |= matches!(rejection, Rejection::Denied { .. });
                rejected.add(source, Some(number), rejection.message());
            }
        }
    };
    let mut reading = Reading::stoppable(&mut settle, stop);
    let error = formats::read(bytes, &mut reading).err();
    let (skipped, counts) = (reading.skipped().clone(), reading.counts());
    let (replaced, nothing) = (reading.replaced(), reading.nothing());
    Outcome { reports: number, machine_is_assumed, is_denied, rejected, counts, skipped, replaced, nothing, error }
}

/// Why a report is rejected.
#[derive(Debug, PartialEq, Eq)]
enum Rejection {
    NoMachine,
    Denied { token: Arc<str>, machine: MachineName },
}

impl Rejection {
    fn message(&self) -> Message {
        match self {
            Self::NoMachine => message!("report-of-nobody"),
            Self::Denied { token, machine } => {
                message!("report-denied", token = &**token, machine = machine.as_str())
            }
        }
    }
}

/// Fills in what a report does not say, and rejects one that must not be kept.
fn settle(report: Report, origin: &Origin) -> Result<Submission, Rejection> {
    let Some(machine) = report.machine.clone().or_else(|| origin.machine.clone()) else {
        return Err(Rejection::NoMachine);
    };
    if let Some(grant) = origin.grant.as_ref().filter(|grant| !grant.covers(&machine)) {
        return Err(Rejection::Denied { token: Arc::clone(&grant.name), machine });
    }
    let reported_at = report.reported_at.unwrap_or(origin.reported_at);
    let received = Received { machine, reported_at, received_at: origin.received_at, report };
    Ok(Submission { received, grant: origin.grant.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tokens::Tokens;
    use jiff::SignedDuration;

    fn origin() -> Origin {
        let now: Timestamp = "2026-12-03T12:00:00Z".parse().unwrap();
        Origin { machine: None, reported_at: now - SignedDuration::from_hours(1), received_at: now, grant: None }
    }

    fn report(machine: Option<&str>, reported_at: Option<&str>) -> Report {
        Report {
            machine: machine.map(|name| name.parse().unwrap()),
            reported_at: reported_at.map(|moment| moment.parse().unwrap()),
            ..Report::new(Source::Wmi)
        }
    }

    #[test]
    fn what_a_report_does_not_say_comes_from_its_origin() {
        let origin = Origin { machine: Some("ws1".parse().unwrap()), ..origin() };
        let settled = settle(report(None, None), &origin).unwrap().received;
        assert_eq!((settled.machine.as_str(), settled.reported_at), ("ws1", origin.reported_at));
        let settled = settle(report(Some("ws2"), Some("2026-12-01T00:00:00Z")), &origin).unwrap().received;
        assert_eq!(
            (settled.machine.as_str(), settled.reported_at.to_string().as_str()),
            ("ws2", "2026-12-01T00:00:00Z")
        );
    }

    #[test]
    fn a_report_about_nobody_or_about_another_is_rejected() {
        assert_eq!(settle(report(None, None), &origin()).unwrap_err().message().to_string(), "it names no machine");
        let tokens = Tokens::parse("floor2 0123456789abcdef ws2*").unwrap();
        let origin = Origin { grant: tokens.grant("0123456789abcdef").cloned(), ..origin() };
        assert!(settle(report(Some("ws21"), None), &origin).is_ok());
        assert_eq!(
            settle(report(Some("ws11"), None), &origin).unwrap_err().message().to_string(),
            "the token `floor2` may not report for ws11"
        );
    }
}
