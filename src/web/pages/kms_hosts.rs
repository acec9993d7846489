//! `GET /kms-hosts`: the KMS hosts, those that paths lead to and those that report: counts, thresholds, requests, their own
//! licenses, clocks, when they were asked last, and what keeps them from starting or from being found.

use super::fault::Fault;
use super::frame::{Frame, Link, Tab};
use super::parts::Sign;
use crate::codes::Code;
use crate::license::LicenseStatus;
use crate::report::kms_hosts::{ApplicationJson, HostKeyJson, KmsHostReport, KmsHostsReport, MOST, ReportedJson};
use crate::report::mark::Mark;
use crate::state::Snapshot;
use crate::text::{self, Words, say};
use crate::web::Sources;
use crate::web::aside::made_aside;
use crate::words::{day_of, minute_of};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use std::time::Duration;

/// The columns of the table, and those that have figures.
const COLUMNS: [&str; 9] =
    ["host", "state", "path", "clock", "application", "count", "required", "requests", "own-license"];
const NUMBERS: [&str; 3] = ["count", "required", "requests"];

/// From which offset on a clock is shown in words.
const OFF: f64 = 60.0;

/// A host, with a row to each application, and where it has several keys for one, to each of these.
#[derive(Debug)]
struct Host {
    name: String,
    /// The machine that reports; none where nothing does.
    href: Option<String>,
    mark: Mark,
    /// When it was asked last, and when it reported.
    notes: Vec<String>,
    /// How it is at each of its addresses, and by what it reports.
    states: Vec<String>,
    paths: Vec<Link>,
    /// How far its clock is from true time.
    clock: String,
    applications: Vec<Row>,
}

/// A host for one application, or one of its keys for that.
#[derive(Debug, Default)]
struct Row {
    application: String,
    /// The key: its product, and its last five characters.
    key: Option<String>,
    count: String,
    required: String,
    requests: String,
    /// How many of the requests failed.
    failed: Option<String>,
    license: String,
    /// True where it activates no client.
    activates_none: bool,
}

impl Host {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

#[derive(Debug, Template)]
#[template(path = "kms_hosts.html", whitespace = "minimize")]
struct Page<'a> {
    frame: &'a Frame,
    /// The columns, and whether they have figures.
    heads: Vec<(String, bool)>,
    hosts: Vec<Host>,
    hidden: u64,
}

pub(in crate::web) async fn get(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::KmsHosts);
    if let Err(error) = frame.parameters(&[]) {
        return Fault::from(error).show(&frame);
    }
    made_aside(move || page(&frame, &sources.state.snapshot())).await
}

fn page(frame: &Frame, snapshot: &Snapshot) -> Response {
    let report = KmsHostsReport::new(snapshot, MOST);
    let head = |column: &&'static str| (say!(frame.words, "page-column", column = *column), NUMBERS.contains(column));
    let hosts: Vec<_> = report.kms_hosts.iter().map(|known| host(frame, known)).collect();
    let hidden = report.total.saturating_sub(hosts.len() as u64);
    frame.show(StatusCode::OK, &Page { frame, heads: COLUMNS.iter().map(head).collect(), hosts, hidden })
}

fn host(frame: &Frame, host: &KmsHostReport<'_>) -> Host {
    let words = frame.words;
    let reported = host.reported.as_ref();
    let applications = reported.map(|reported| reported.applications.as_slice()).unwrap_or_default();
    let fails = applications.iter().any(|application| row(words, application).activates_none);
    let mut applications: Vec<_> = applications.iter().flat_map(|application| rows(words, application)).collect();
    if applications.is_empty() {
        applications.push(Row::default());
    }
    let mut paths: Vec<_> = host.targets.iter().map(|target| target.path).collect();
    paths.dedup();
    let link = |name: &str| Link { href: frame.path(name), text: name.to_owned(), is_current: false };
    let mark = mark(host, fails, applications.iter().any(|row| row.activates_none));
    let clock = host.targets.iter().find_map(|target| target.clock_offset_seconds);
    Host {
        name: host.host.clone(),
        href: reported.map(|_| frame.machine(&host.host)),
        mark,
        notes: reported.map(|reported| notes(words, reported)).unwrap_or_default(),
        states: states(words, host),
        paths: paths.into_iter().map(link).collect(),
        clock: clock.map(|seconds| clock_of(words, seconds)).unwrap_or_default(),
        applications,
    }
}

/// How a host is to be taken.
fn mark(host: &KmsHostReport<'_>, activates_none: bool, has_lapsed: bool) -> Mark {
    let (fails, serves) =
        (host.targets.iter().any(|target| !target.works), host.targets.iter().any(|target| target.works));
    let failed_start = host.reported.as_ref().is_some_and(|reported| reported.failed_start.is_some());
    match &host.reported {
        _ if !serves && (fails || failed_start) || activates_none => Mark::Failed,
        _ if fails || failed_start || has_lapsed => Mark::Doubtful,
        Some(reported) if reported.stale || !reported.unpublished.is_empty() => Mark::Doubtful,
        _ if serves => Mark::Ok,
        _ => Mark::Unknown,
    }
}

/// How it is at each of its addresses, once for all paths that lead there alike; then what it reports of itself.
fn states(words: Words, host: &KmsHostReport<'_>) -> Vec<String> {
    let state = |state: &'static str| say!(words, "page-host", state = state);
    let mut states: Vec<String> = Vec::new();
    for target in &host.targets {
        let failure = target.stage.zip(target.reason).map(|(stage, reason)| format!("{stage} {reason}"));
        let seen = failure.unwrap_or_else(|| state("serves"));
        let seen = target.address.as_ref().map_or_else(|| seen.clone(), |address| format!("{address}: {seen}"));
        if !states.contains(&seen) {
            states.push(seen);
        }
    }
    if host.targets.is_empty() {
        states.push(state("not-probed"));
    }
    let Some(reported) = &host.reported else { return states };
    let code = |code: Option<Code>| code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    states.extend(
        reported
            .failed_start
            .as_ref()
            .map(|failed| say!(words, "page-host-failed-start", day = day_of(failed.at.0), code = code(failed.code))),
    );
    states.extend(reported.unpublished.iter().map(|failed| {
        let day = day_of(failed.failed_at.0);
        say!(words, "page-host-unpublished", domain = failed.domain.as_str(), day = day, code = code(failed.code))
    }));
    states.extend((reported.publishes_dns == Some(false)).then(|| state("publishing-off")));
    states.extend(reported.stale.then(|| state("silent")));
    states
}

/// When it was asked last, and when it reported.
fn notes(words: Words, reported: &ReportedJson) -> Vec<String> {
    let note = |note: &'static str, moment: String| say!(words, "page-host-note", note = note, moment = moment);
    let asked = reported.last_request_at.or(reported.idle_since).map(|asked| note("asked", minute_of(asked.0)));
    asked.into_iter().chain([note("reported", minute_of(reported.reported_at.0))]).collect()
}

/// How far a clock is off: in seconds, and where that is much, in words.
fn clock_of(words: Words, seconds: f64) -> String {
    if seconds.abs() < OFF {
        // There is no minus before nothing.
        let tenths = (seconds * 10.0).round() / 10.0 + 0.0;
        return format!("{tenths:+.1} s");
    }
    let span = text::span(words, Duration::try_from_secs_f64(seconds.abs().round()).unwrap_or(Duration::MAX));
    say!(words, "page-clock-off", span = span, direction = if seconds < 0.0 { "behind" } else { "ahead" })
}

/// A host for one application; by each of its keys, where it has several.
fn rows(words: Words, application: &ApplicationJson) -> Vec<Row> {
    match application.keys.as_slice() {
        [] => vec![row(words, application)],
        [only] => vec![Row { key: named(only), ..row(words, application) }],
        several => several.iter().map(|key| row_of_key(words, application, key)).collect(),
    }
}

/// What a key is called, with its last five characters.
fn named(key: &HostKeyJson) -> Option<String> {
    let name = key.product.as_deref().or(key.sku.as_deref());
    let parts: Vec<_> = name.into_iter().chain(key.partial_product_key.as_deref()).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// One key of several for an application. Clients count for the application, and so does what these need.
fn row_of_key(words: Words, application: &ApplicationJson, key: &HostKeyJson) -> Row {
    let count = |count: Option<u32>| count.map_or_else(String::new, |count| count.to_string());
    let license = key.license_status.and_then(|number| LicenseStatus::from_number(number.into()));
    let of_application = row(words, application);
    let license_words = license.map(|status| text::license_status(words, Some(status), key.reason_code));
    let failed = key.failed_requests.filter(|failed| *failed > 0);
    Row {
        key: named(key),
        count: count(key.current_count),
        required: key.required_count.map_or_else(|| of_application.required.clone(), |required| required.to_string()),
        requests: count(key.requests),
        failed: failed.map(|failed| say!(words, "page-requests-failed", failed = failed)),
        license: license_words.unwrap_or_default(),
        activates_none: of_application.activates_none
            || license.is_some_and(|license| license != LicenseStatus::Licensed),
        ..of_application
    }
}

fn row(words: Words, application: &ApplicationJson) -> Row {
    let count = |count: Option<u32>| count.map_or_else(String::new, |count| count.to_string());
    let license = application.license_status.and_then(|number| LicenseStatus::from_number(number.into()));
    let by_clients = application.required_by_clients.as_ref();
    let least = by_clients.map(|required| required.least).or(application.required_count);
    let counted = application.current_count.filter(|_| !application.stale);
    let is_short = counted.zip(least).is_some_and(|(count, least)| count < least);
    let failed = application.failed_requests.filter(|failed| *failed > 0);
    Row {
        application: say!(words, "page-application", application = application.application),
        key: None,
        count: count(application.current_count),
        required: by_clients
            .filter(|required| required.least != required.most)
            .map_or_else(|| count(least), |required| format!("{} / {}", required.least, required.most)),
        requests: count(application.requests),
        failed: failed.map(|failed| say!(words, "page-requests-failed", failed = failed)),
        license: license
            .map(|status| text::license_status(words, Some(status), application.reason_code))
            .unwrap_or_default(),
        activates_none: is_short || license.is_some_and(|license| license != LicenseStatus::Licensed),
    }
}
