//! `GET /machines?missing=true`: the machines of the inventory that never reported; and the lists of machines that an
//! inventory adds to the usual one.

use super::csv::{self, FORMAT};
use super::fault::Fault;
use super::frame::{Frame, Link};
use crate::catalogue::message;
use crate::fleet::Moment;
use crate::intake::keeper::Keeper;
use crate::report::expected::{MissingJson, MissingReport};
use crate::text::say;
use crate::web::Sources;
use crate::web::data;
use crate::web::machines::Parameters;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

/// The columns of the list, by their words.
const COLUMNS: [&str; 3] = ["machine", "logon", "system"];

#[derive(Debug, Template)]
#[template(path = "missing.html", whitespace = "minimize")]
struct Missing<'a> {
    frame: &'a Frame,
    views: Vec<Link>,
    fault: Option<String>,
    heads: Vec<String>,
    rows: Vec<MissingJson<'a>>,
    first: u64,
    last: u64,
    total: u64,
    previous: Option<String>,
    next: Option<String>,
    sheet: String,
}

/// The usual list of machines and those that an inventory adds, with how many they have; nothing where none is configured.
pub(super) fn views(sources: &Sources, frame: &Frame) -> Vec<Link> {
    if !frame.has_inventory {
        return Vec::new();
    }
    let counted = sources.state.known().fleet.and_then(|fleet| fleet.expectations).unwrap_or_default();
    let is_asked = |name: &str| frame.parameter(name) == Some("true");
    let own = |view: &'static str, count: u64| Link {
        href: frame.machines(view, "true"),
        text: say!(frame.words, "page-view", view = view, count = count),
        is_current: is_asked(view),
    };
    let all = Link {
        href: frame.to("machines"),
        text: say!(frame.words, "page-view", view = "all", count = 0_u64),
        is_current: !is_asked("missing") && !is_asked("unlisted"),
    };
    vec![all, own("missing", counted.missing), own("unlisted", counted.unlisted)]
}

/// What is answered: a page of them, or all as a sheet.
pub(super) async fn answer(
    sources: &Sources,
    frame: &Frame,
    (keeper, moment): (Keeper, Moment),
    parameters: Parameters,
    is_sheet: bool,
) -> Result<Response, Fault> {
    let limit = parameters.missing_limit();
    let limit = limit.map_err(|error| Fault::bad_request(error).with_help(message!("page-filters")))?;
    let (inventory, fault) = data::inventory(sources)?;
    let (name, offset) = (parameters.name, parameters.offset);
    if is_sheet {
        return csv::missing(sources, keeper, inventory, name);
    }
    let (frame, views) = (frame.clone(), views(sources, frame));
    let answer = keeper.ask_among_few(move |fleet| {
        let (missing, counted) = (fleet.missing(&inventory), fleet.expectations(&inventory, moment));
        let report = MissingReport::new(&missing, name.as_deref(), (offset, limit), counted, None);
        let count = report.machines.len() as u64;
        let page = Missing {
            frame: &frame,
            views,
            fault: fault.map(|fault| say!(frame.words, "inventory-stays", fault = fault.in_words(frame.words))),
            heads: COLUMNS.iter().map(|column| say!(frame.words, "page-missing-column", column = *column)).collect(),
            first: if count == 0 { 0 } else { offset + 1 },
            last: offset + count,
            total: report.total,
            previous: (offset > 0).then(|| frame.at(offset.saturating_sub(limit))),
            next: (offset + count < report.total && count > 0).then(|| frame.at(offset + count)),
            sheet: frame.with(FORMAT, Some("csv")),
            rows: report.machines,
        };
        frame.show(StatusCode::OK, &page)
    });
    Ok(answer.await)
}
