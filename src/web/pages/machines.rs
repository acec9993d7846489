//! `GET /machines`: the machines that a filter leaves, a page at a time, or all of them as a sheet.

use super::csv::{self, FORMAT};
use super::fault::Fault;
use super::frame::{Frame, Link, Tab};
use super::missing::{self, views};
use super::parts::{Sign, Time};
use super::{keeper, moment};
use crate::catalogue::message;
use crate::license::LicenseStatus;
use crate::report::licenses;
use crate::report::machines::{MachineJson, MachinesReport};
use crate::report::mark::Mark;
use crate::text::{self, say};
use crate::web::Sources;
use crate::web::aside::aside;
use crate::web::data;
use crate::web::machines::Parameters;
use crate::words::quoted;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

/// What may be asked, as the address has it.
const KNOWN: [&str; 16] = [
    "name", "product", "channel", "status", "path", "within", "lost", "stale", "overdue", "at_risk", "missing",
    "unlisted", "sort", "offset", "limit", FORMAT,
];

/// The orders of a list, by the columns that they belong to.
const SORTS: [(&str, &str); 4] =
    [("machine", "name"), ("left", "expiry"), ("late", "overdue"), ("reported", "reported")];

/// The columns of the list.
const COLUMNS: [&str; 8] = ["machine", "state", "left", "late", "host", "path", "reported", "reason"];

/// What has a box that can be ticked, the last one where an inventory is configured.
const BOXES: [&str; 5] = ["at_risk", "lost", "overdue", "stale", UNLISTED];
const UNLISTED: &str = "unlisted";

/// A machine in the list.
#[derive(Debug)]
struct Row {
    href: String,
    mark: Mark,
    name: String,
    state: String,
    left: String,
    late: String,
    host: String,
    path: Option<Link>,
    reported: Time,
    reason: String,
}

impl Row {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

/// A column, with the address that sorts by it.
#[derive(Debug)]
struct Head {
    text: String,
    href: Option<String>,
    is_sorted: bool,
}

/// A choice of a form.
#[derive(Debug)]
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

#[derive(Debug, Template)]
#[template(path = "machines.html", whitespace = "minimize")]
struct List<'a> {
    frame: &'a Frame,
    views: Vec<Link>,
    /// Why the inventory is not the one that is there now.
    fault: Option<String>,
    boxes: Vec<Choice>,
    statuses: Vec<Choice>,
    paths: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// The numbers of the first and the last, and of all.
    first: u64,
    last: u64,
    total: u64,
    previous: Option<String>,
    next: Option<String>,
    sheet: String,
}

impl List<'_> {
    /// What is asked in a field.
    fn value(&self, name: &str) -> &str {
        self.frame.parameter(name).unwrap_or_default()
    }
}

pub(in crate::web) async fn get(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::Machines);
    answer(&sources, &frame).await.unwrap_or_else(|fault| fault.show(&frame))
}

async fn answer(sources: &Sources, frame: &Frame) -> Result<Response, Fault> {
    let with_help = |fault: Fault| fault.with_help(message!("page-filters"));
    let asked = frame.parameters(&KNOWN).map_err(|error| with_help(error.into()))?;
    let is_sheet = match frame.parameter(FORMAT) {
        None => false,
        Some("csv") => true,
        Some(other) => {
            let error = message!("page-format", value = quoted(other));
            return Err(with_help(Fault::bad_request(error)));
        }
    };
    let parameters = parameters(asked).map_err(with_help)?;
    let (access, keeper) = keeper(sources).await?;
    let (dependencies, moment) = (access.dependencies(), moment(access));
    if parameters.missing {
        return missing::answer(sources, frame, (keeper, moment), parameters, is_sheet).await;
    }
    let (offset, limit) = (parameters.offset, u64::from(parameters.limit));
    let expected = if parameters.unlisted { Some(data::inventory(sources)?) } else { None };
    let mut query = parameters.query(moment, &dependencies).map_err(|error| with_help(Fault::bad_request(error)))?;
    let (unlisted_in, fault) = expected.unzip();
    query.unlisted_in = unlisted_in;
    let fault = fault.flatten().map(|fault| say!(frame.words, "inventory-stays", fault = fault.in_words(frame.words)));
    if is_sheet {
        return csv::answer(sources, keeper, query, dependencies);
    }
    let names: Vec<_> = sources.state.snapshot().paths.iter().map(|path| path.name.to_string()).collect();
    let page = keeper.page(query, dependencies).await;
    let (frame, views) = (frame.clone(), views(sources, frame));
    let made = aside(move || {
        let report = MachinesReport::new(&page, offset, moment.now);
        let list = List { views, fault, ..list(&frame, &report, &names, (offset, limit)) };
        frame.show(StatusCode::OK, &list)
    });
    Ok(made.await.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response()))
}

/// What is asked, as the API reads it.
fn parameters(asked: &[(String, String)]) -> Result<Parameters, Fault> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked.iter().filter(|(name, _)| name != FORMAT));
    let uri = format!("/?{}", query.finish()).parse::<Uri>();
    let refused =
        |error: &str| Fault::bad_request(message!("parameters", error = quoted(error), known = KNOWN.join(", ")));
    let uri = uri.map_err(|error| refused(&error.to_string()))?;
    let read = Query::try_from_uri(&uri).map(|Query(parameters)| parameters);
    read.map_err(|error| refused(&error.body_text()))
}

fn list<'a>(frame: &'a Frame, report: &MachinesReport<'_>, paths: &[String], (offset, limit): (u64, u64)) -> List<'a> {
    let words = frame.words;
    let count = report.machines.len() as u64;
    let sort = frame.parameter("sort").unwrap_or("expiry");
    let head = |column: &&'static str| {
        let order = SORTS.iter().find(|(of, _)| of == column).map(|(_, order)| *order);
        Head {
            text: say!(words, "page-column", column = *column),
            href: order.map(|order| frame.with("sort", Some(order))),
            is_sorted: order == Some(sort),
        }
    };
    let choice = |name: &str, value: String, text: String| {
        let is_chosen = frame.parameter(name) == Some(value.as_str());
        Choice { value, text, is_chosen }
    };
    let ticked = |name: &&'static str| Choice {
        value: (*name).to_owned(),
        text: say!(words, "page-filter", filter = *name),
        is_chosen: frame.parameter(name) == Some("true"),
    };
    let status = |status: LicenseStatus| {
        choice("status", status.number().to_string(), text::license_status(words, Some(status), None))
    };
    let has_inventory = frame.has_inventory;
    let boxes = BOXES.iter().filter(|name| has_inventory || **name != UNLISTED);
    List {
        frame,
        views: Vec::new(),
        fault: None,
        boxes: boxes.map(ticked).collect(),
        statuses: LicenseStatus::ALL.into_iter().map(status).collect(),
        paths: paths.iter().map(|name| choice("path", name.clone(), name.clone())).collect(),
        heads: COLUMNS.iter().map(head).collect(),
        rows: report.machines.iter().map(|machine| row(frame, machine)).collect(),
        first: if count == 0 { 0 } else { offset + 1 },
        last: offset + count,
        total: report.total,
        previous: (offset > 0).then(|| frame.at(offset.saturating_sub(limit))),
        next: (offset + count < report.total && count > 0).then(|| frame.at(offset + count)),
        sheet: frame.with(FORMAT, Some("csv")),
    }
}

fn row(frame: &Frame, machine: &MachineJson<'_>) -> Row {
    let words = frame.words;
    let link = |name: &str| Link { href: frame.path(name), text: name.to_owned(), is_current: false };
    let row = Row {
        href: frame.machine(&machine.machine),
        mark: Mark::Doubtful,
        name: machine.machine.to_string(),
        state: say!(words, "no-license"),
        left: String::new(),
        late: String::new(),
        host: String::new(),
        path: machine.path.as_deref().map(link),
        reported: Time(machine.reported_at.0),
        reason: licenses::stale(words, machine).unwrap_or_default(),
    };
    let Some(license) = licenses::worst(machine, frame.parameter("product")) else { return row };
    Row {
        mark: licenses::mark(license, machine.stale),
        state: licenses::state(words, license),
        left: licenses::left(words, license),
        late: licenses::late(words, license),
        host: licenses::host(license.kms_host.as_deref()),
        reason: licenses::reason(words, machine, license),
        ..row
    }
}
