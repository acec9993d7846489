//! `GET /machines/NAME`: everything that is known of one machine.

use super::changes::{self, ChangeRow};
use super::fact::Fact;
use super::fault::Fault;
use super::frame::{Frame, Link, Tab};
use super::parts::Sign;
use crate::catalogue::message;
use crate::fleet::Machine;
use crate::fleet::known::KnownLicense;
use crate::report::licenses::{self, host};
use crate::report::machine::{self, MachineReport};
use crate::report::machines::LicenseJson;
use crate::report::mark::Mark;
use crate::text::{self, say};
use crate::web::Sources;
use crate::web::data;
use crate::words::{day_of, minute_of, quoted};
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use std::time::Duration;

/// A license.
#[derive(Debug)]
struct Card {
    mark: Mark,
    title: String,
    state: String,
    facts: Vec<Fact>,
}

impl Card {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

#[derive(Debug, Template)]
#[template(path = "machine.html", whitespace = "minimize")]
struct Story<'a> {
    frame: &'a Frame,
    name: String,
    mark: Mark,
    state: String,
    reported: String,
    facts: Vec<Fact>,
    licenses: Vec<Card>,
    codes: Vec<(Link, String)>,
    steps: Vec<String>,
    history: Vec<ChangeRow>,
}

impl Story<'_> {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

pub(in crate::web) async fn get(
    State(sources): State<Sources>,
    name: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::Machines);
    let name = name.map(|Path(name)| name).unwrap_or_default();
    answer(&sources, &frame, &name).await.unwrap_or_else(|fault| fault.show(&frame))
}

async fn answer(sources: &Sources, frame: &Frame, name: &str) -> Result<Response, Fault> {
    frame.parameters(&[])?;
    let known = data::machine(sources, name).await.map_err(|missing| Fault::missing(missing, "machines"))?;
    let (Some(found), Some(report)) = (known.found(), known.report(frame.words)) else {
        return Err(Fault::not_found(message!("machine-not-meant", name = quoted(name)), None));
    };
    Ok(frame.show(StatusCode::OK, &story(frame, found, &report)))
}

fn story<'a>(frame: &'a Frame, found: &Machine, report: &MachineReport<'_>) -> Story<'a> {
    let words = frame.words;
    let machine = &report.machine;
    let seconds = report.as_of.0.as_second().saturating_sub(machine.reported_at.0.as_second());
    let ago = text::span(words, Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    let worst = licenses::worst(machine, None);
    let licenses = machine.licenses.iter().zip(&found.licenses);
    let code = |code: &machine::CodeJson<'_>| {
        let link = Link { href: frame.code(code.code), text: code.code.to_string(), is_current: false };
        (link, code.meaning.to_string())
    };
    Story {
        frame,
        name: machine.machine.to_string(),
        mark: worst.map_or(Mark::Doubtful, |license| licenses::mark(license, machine.stale)),
        state: worst.map_or_else(|| say!(words, "no-license"), |license| licenses::state(words, license)),
        reported: say!(
            words,
            "machine-reported",
            moment = minute_of(machine.reported_at.0),
            ago = ago,
            source = machine.source.to_string(),
            stale = if machine.stale { "yes" } else { "no" },
        ),
        facts: facts(frame, found, report),
        licenses: licenses.map(|(license, known)| card(frame, license, known, report)).collect(),
        codes: report.codes.iter().map(code).collect(),
        steps: report.next_steps.clone(),
        history: report.history.iter().map(|change| changes::row(frame, change)).collect(),
    }
}

/// What is known of the machine beside its licenses.
fn facts(frame: &Frame, found: &Machine, report: &MachineReport<'_>) -> Vec<Fact> {
    let words = frame.words;
    let (machine, known) = (&report.machine, &found.machine);
    let path = match (&report.path_status, &machine.path) {
        (Some(status), _) => Fact::new(frame, "path", status.summary.clone())
            .linked(frame.path(&status.name))
            .marked(Mark::of_status(status.verdict)),
        (None, Some(path)) => Fact::new(frame, "path", path.to_string()).linked(frame.path(path)),
        (None, None) => Fact::new(frame, "path", say!(words, "machine-on-no-path")),
    };
    let received = Fact::new(frame, "received", minute_of(known.received_at) + " UTC");
    let complete = known.complete_at.map(|at| Fact::new(frame, "complete", minute_of(at) + " UTC"));
    let rearms = machine.remaining_windows_rearms.map(|count| Fact::new(frame, "rearms", count.to_string()));
    let id = known.client_machine_id.map(|id| Fact::new(frame, "client-machine-id", id.to_string()));
    let service = known.service_version.as_deref().map(|version| Fact::new(frame, "service", version));
    let own = machine.kms_host.iter().flat_map(|own| &own.applications).map(|counts| {
        let text = licenses::counted(words, counts);
        Fact::new(frame, "kms-host", text).linked(frame.to("kms-hosts"))
    });
    [Some(path), Some(received), complete, rearms, id, service].into_iter().flatten().chain(own).collect()
}

fn card(frame: &Frame, license: &LicenseJson<'_>, known: &KnownLicense, report: &MachineReport<'_>) -> Card {
    let words = frame.words;
    let fact = |name: &'static str, text: String| Fact::new(frame, name, text);
    let late = licenses::late(words, license);
    let mut facts = vec![fact("left", licenses::left(words, license))];
    let end = license.expires_at.filter(|_| !license.is_lost());
    facts.extend(end.map(|end| fact("loses", say!(words, "license-until", day = day_of(end.0)))));
    facts.extend(license.last_renewed_at.map(|renewed| fact("renewed", minute_of(renewed.0) + " UTC")));
    let due = known.renewal_due_at().filter(|_| !license.is_lost());
    facts.extend(due.map(|due| fact("due", minute_of(due) + " UTC")));
    facts.extend((!late.is_empty()).then(|| fact("late", late).marked(Mark::Doubtful)));
    let error = license.last_error.filter(|error| error.is_failure());
    facts.extend(error.map(|error| {
        fact("last-error", text::code_with_meaning(words, error)).linked(frame.code(error)).marked(Mark::Failed)
    }));
    if let Some(used) = &license.kms_host {
        let known = report.kms_hosts.iter().filter(|host| host.host == *used);
        let hosts: Vec<_> = known
            .map(|known| {
                let address = known.address.as_ref().map(|address| format!(" ({address})")).unwrap_or_default();
                let name = host(Some(used)) + &address;
                let failure = known.stage.as_deref().zip(known.reason.as_deref());
                let text = if let Some((stage, reason)) = failure {
                    say!(words, "kms-host-fails", host = name, stage = stage, reason = reason)
                } else {
                    say!(words, "kms-host-serves", host = name)
                };
                fact("uses", text).marked(if known.works { Mark::Ok } else { Mark::Failed })
            })
            .collect();
        if hosts.is_empty() {
            facts.push(fact("uses", host(Some(used))));
        }
        facts.extend(hosts);
    }
    if license.activated_by_domain == Some(true) {
        facts.push(fact("activation", say!(words, "license-by-domain")));
    }
    facts.extend(license.partial_product_key.as_ref().map(|key| fact("key", key.to_string())));
    facts.extend(license.sku.clone().map(|sku| fact("sku", sku)));
    facts.push(fact("reported", minute_of(license.reported_at.0) + " UTC, " + known.source.as_str()));
    if license.addon {
        facts.push(fact("addon", say!(words, "license-addon")));
    }
    Card {
        mark: licenses::mark(license, report.machine.stale),
        title: licenses::title(words, license),
        state: licenses::state_and_code(words, license),
        facts,
    }
}
