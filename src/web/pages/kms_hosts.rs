//! `GET /kms-hosts`: the KMS hosts, those that paths lead to and those that report: counts, thresholds, requests, their own
//! licenses, clocks, and when they were asked last.

use super::fault::Fault;
use super::frame::{Frame, Link, Tab};
use super::parts::{Sign, Time};
use crate::license::LicenseStatus;
use crate::report::kms_hosts::{ApplicationJson, KmsHostReport, KmsHostsReport, MOST};
use crate::report::mark::Mark;
use crate::text::{self, say};
use crate::web::Sources;
use crate::words::minute_of;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

/// The columns of the table, and those that have figures.
const COLUMNS: [&str; 11] = [
    "host",
    "state",
    "path",
    "application",
    "count",
    "required",
    "requests",
    "own-license",
    "clock",
    "asked",
    "reported",
];
const NUMBERS: [&str; 3] = ["count", "required", "requests"];

/// A host for one application.
#[derive(Debug)]
struct Row {
    name: String,
    /// The machine that reports; none where nothing does.
    href: Option<String>,
    mark: Mark,
    /// How it is at each of its addresses, and by what it reports.
    states: Vec<String>,
    paths: Vec<Link>,
    application: String,
    count: String,
    required: String,
    requests: String,
    license: String,
    /// How far its clock is from true time.
    clock: String,
    asked: String,
    reported: Option<Time>,
}

impl Row {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

#[derive(Debug, Template)]
#[template(path = "kms_hosts.html", whitespace = "minimize")]
struct Hosts<'a> {
    frame: &'a Frame,
    /// The columns, and whether they have figures.
    heads: Vec<(String, bool)>,
    rows: Vec<Row>,
    hidden: u64,
}

pub(in crate::web) async fn get(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::KmsHosts);
    if let Err(error) = frame.parameters(&[]) {
        return Fault::from(error).show(&frame);
    }
    let snapshot = sources.state.snapshot();
    let report = KmsHostsReport::new(&snapshot, MOST);
    let head = |column: &&'static str| (say!(frame.words, "page-column", column = *column), NUMBERS.contains(column));
    let rows: Vec<_> = report.kms_hosts.iter().flat_map(|host| rows(&frame, host)).collect();
    let hidden = report.total.saturating_sub(report.kms_hosts.len() as u64);
    frame.show(StatusCode::OK, &Hosts { frame: &frame, heads: COLUMNS.iter().map(head).collect(), rows, hidden })
}

/// A row to each application; one where none is reported.
fn rows(frame: &Frame, host: &KmsHostReport<'_>) -> Vec<Row> {
    let applications = host.reported.as_ref().map(|reported| reported.applications.as_slice()).unwrap_or_default();
    if applications.is_empty() {
        return vec![row(frame, host, None)];
    }
    applications.iter().map(|application| row(frame, host, Some(application))).collect()
}

fn row(frame: &Frame, host: &KmsHostReport<'_>, application: Option<&ApplicationJson>) -> Row {
    let words = frame.words;
    let reported = host.reported.as_ref();
    let count = |count: Option<u32>| count.map_or_else(String::new, |count| count.to_string());
    let license = application.and_then(|own| own.license_status);
    let license = license.and_then(|number| LicenseStatus::from_number(number.into()));
    let by_clients = application.and_then(|own| own.required_by_clients.as_ref());
    let least = by_clients.map(|required| required.least).or(application.and_then(|own| own.required_count));
    let counted = application.filter(|own| !own.stale).and_then(|own| own.current_count);
    let is_short = counted.zip(least).is_some_and(|(count, least)| count < least);
    let activates_none = is_short || license.is_some_and(|license| license != LicenseStatus::Licensed);
    let (fails, serves) =
        (host.targets.iter().any(|target| !target.works), host.targets.iter().any(|target| target.works));
    let mark = match reported {
        _ if fails && !serves || activates_none => Mark::Failed,
        _ if fails => Mark::Doubtful,
        Some(reported) if reported.stale => Mark::Doubtful,
        _ if serves => Mark::Ok,
        _ => Mark::Unknown,
    };
    let mut states: Vec<_> = host
        .targets
        .iter()
        .map(|target| {
            let failure = target.stage.zip(target.reason).map(|(stage, reason)| format!("{stage} {reason}"));
            let state = failure.unwrap_or_else(|| say!(words, "page-host", state = "serves"));
            target.address.as_ref().map_or_else(|| state.clone(), |address| format!("{address}: {state}"))
        })
        .collect();
    if host.targets.is_empty() {
        states.push(say!(words, "page-host", state = "not-probed"));
    }
    if activates_none {
        states.push(say!(words, "page-host", state = "activates-none"));
    }
    if reported.is_some_and(|reported| reported.stale) {
        states.push(say!(words, "page-host", state = "silent"));
    }
    let mut paths: Vec<_> = host.targets.iter().map(|target| target.path).collect();
    paths.dedup();
    let link = |name: &str| Link { href: frame.path(name), text: name.to_owned(), is_current: false };
    let requests = application.map(|own| match (own.requests, own.failed_requests) {
        (Some(requests), Some(failed)) if failed > 0 => say!(words, "page-requests", all = requests, failed = failed),
        (requests, _) => count(requests),
    });
    let asked = reported.and_then(|reported| reported.last_request_at.or(reported.idle_since));
    Row {
        name: host.host.clone(),
        href: reported.map(|_| frame.machine(&host.host)),
        mark,
        states,
        paths: paths.into_iter().map(link).collect(),
        application: application
            .map(|own| say!(words, "page-application", application = own.application))
            .unwrap_or_default(),
        count: count(application.and_then(|own| own.current_count)),
        required: by_clients
            .filter(|required| required.least != required.most)
            .map_or_else(|| count(least), |required| format!("{} / {}", required.least, required.most)),
        requests: requests.unwrap_or_default(),
        license: license
            .map(|status| text::license_status(words, Some(status), application.and_then(|own| own.reason_code)))
            .unwrap_or_default(),
        clock: host
            .targets
            .iter()
            .find_map(|target| target.clock_offset_seconds)
            .map(|seconds| format!("{seconds:+.1} s"))
            .unwrap_or_default(),
        asked: asked.map(|moment| minute_of(moment.0)).unwrap_or_default(),
        reported: reported.map(|reported| Time(reported.reported_at.0)),
    }
}
