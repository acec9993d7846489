//! What changed, one line in the log each; none while nothing changes.

use crate::clock_report::{ClockReport, ClockSource};
use crate::counters::LineKind;
use crate::observation::{Observation, Reason, Stage};
use crate::probe::Job;
use crate::state::PathReport;
use crate::text::{self, Words};
use crate::throttle::Budget;
use crate::verdict::Status;
use std::net::IpAddr;
use std::time::Duration;
use tracing::field::DisplayValue;
use tracing::{info, warn};

/// Lines about single targets: so many a minute on one path, or of all clocks. What DNS names may be others at each round.
#[derive(Debug)]
pub(super) struct Lines(Budget);

impl Lines {
    pub(super) const fn of(kind: LineKind) -> Self {
        Self(Budget::new(100, Duration::from_mins(1), kind))
    }
}

/// One line when a stage begins to fail, fails for another reason, or passes again; none while nothing changes.
pub(super) fn log_stage(
    Lines(budget): &mut Lines,
    path: &str,
    job: &Job,
    before: Option<&Observation>,
    now: &Observation,
) {
    if let Some(left_out) = budget.take_left_out() {
        info!(path, left_out, "lines about stages are left out: there were too many in a minute");
    }
    if now.reason == before.and_then(|before| before.reason) || !budget.pass() {
        return;
    }
    let target = job.to_string();
    if let Some(reason) = now.reason {
        warn!(path, stage = now.stage.as_str(), target, reason = reason.as_str(), detail = detail(now), "stage fails");
    } else {
        info!(path, stage = now.stage.as_str(), target, detail = detail(now), "stage passes");
    }
}

/// One line when a clock can no longer be read or believed, or can again; one when true time becomes unknown, or known.
pub(super) fn log_clocks(Lines(budget): &mut Lines, before: &ClockReport, now: &ClockReport) {
    if let Some(left_out) = budget.take_left_out() {
        info!(left_out, "lines about the clocks of KMS hosts are left out: there were too many in a minute");
    }
    for server in &now.servers {
        let known =
            before.servers.iter().find(|known| known.source == server.source && known.address == server.address);
        let (source, address) = clock_fields(server);
        let now = &server.observation;
        match (known.and_then(|known| known.observation.reason), now.reason) {
            (before, now) if before == now => {}
            (_, Some(reason)) => {
                warn!(source, address, reason = reason.as_str(), detail = detail(now), "time server fails");
            }
            (_, None) => info!(source, address, detail = detail(now), "time server gives the time"),
        }
    }
    for (host, clock) in &now.hosts {
        let known = before.hosts.get(host).map(|known| known.comparison.is_some());
        if known == Some(clock.comparison.is_some()) || !budget.pass() {
            continue;
        }
        let (source, address) = clock_fields(&clock.clock);
        if clock.comparison.is_some() {
            info!(source, address, "the clock of a KMS host is read");
        } else {
            let detail = detail(&clock.clock.observation);
            info!(source, address, detail, "the clock of a KMS host cannot be read");
        }
    }
    match (&before.reference, &now.reference) {
        (Some(_), None) => warn!("{}", text::clock_summary(Words::ENGLISH, now)),
        (None, Some(_)) => info!("{}", text::clock_summary(Words::ENGLISH, now)),
        _ => {}
    }
}

fn clock_fields(clock: &ClockSource) -> (&str, Option<DisplayValue<IpAddr>>) {
    (&clock.source, clock.address.map(tracing::field::display))
}

fn detail(seen: &Observation) -> String {
    text::detail(Words::ENGLISH, &seen.detail)
}

/// One line when a verdict changes.
pub(super) fn log_verdict(before: Option<&PathReport>, now: &PathReport) {
    // Once it is known who depends on the path, that is worth a line; how many, at each moment, is not.
    let essence = |report: &PathReport| {
        let verdict = &report.verdict;
        let has_dependents = report.runway.as_ref().is_some_and(|runway| runway.machines > 0);
        (verdict.status, verdict.stage, verdict.reason, verdict.status != Status::Ok && has_dependents)
    };
    if before.map(essence) == Some(essence(now)) {
        return;
    }
    let (path, verdict) = (now.name.as_ref(), now.verdict.status.as_str());
    let words = Words::ENGLISH;
    let summary = text::summary(words, path, &now.verdict);
    let impact = text::impact(words, path, &now.verdict);
    let (codes, first_step) = (text::client_codes(words, &now.verdict), text::first_steps(words, &now.verdict));
    let first_step = first_step.first();
    match now.verdict.status {
        Status::Ok => info!(path, verdict, "{summary}"),
        Status::Degraded | Status::Blocked | Status::Unknown => {
            warn!(path, verdict, impact, codes, first_step, "{summary}");
        }
    }
}

/// One line when a worse verdict waits for more rounds to fail, and one when a better one waits for the end of a hold.
pub(super) fn log_lag(before: Option<&PathReport>, now: &PathReport) {
    let (path, verdict) = (now.name.as_ref(), now.verdict.status.as_str());
    let known = before.and_then(|before| before.pending.as_ref()).map(|pending| pending.status);
    if let Some(pending) = now.pending.as_ref().filter(|pending| known < Some(pending.status)) {
        let stage = pending.stage.map(Stage::as_str);
        let reason = pending.reason.map(Reason::as_str);
        let (worse, of) = (pending.status.as_str(), pending.of);
        info!(path, verdict, stage, reason, "the path counts as {worse} once {of} rounds in a row have failed");
    }
    let was_held = before.is_some_and(|before| before.held_until.is_some());
    if let Some(end) = now.held_until.filter(|_| !was_held) {
        let end = humantime::format_rfc3339_seconds(end);
        info!(path, verdict, "the path is better, but counts as {verdict} until {end} at least");
    }
}
