//! `GET /changes`: what changed: licenses, machines that appeared, fell silent or are gone, and verdicts.

use super::fault::Fault;
use super::frame::{Frame, Link, Tab};
use super::parts::{Sign, Time};
use crate::report::change_words::{Line, Shown, lines, shown, shown_together};
use crate::report::changes::{self, ChangeJson, ChangesReport};
use crate::text::say;
use crate::web::Sources;
use crate::web::aside::aside;
use crate::web::changed::FRESH;
use crate::words::minute_of;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

/// How many changes are counted at the most.
pub(super) const MOST: usize = changes::MOST as usize;

/// How many lines are on a page, and how many machines one line names.
const ROWS: usize = 500;
const NAMED: usize = 500;

/// The spans that are offered, with their days.
const SPANS: [(&str, u32); 4] = [("1d", 1), ("7d", 7), ("30d", 30), ("90d", 90)];

/// A change, with the address of what changed.
#[derive(Debug)]
pub(super) struct ChangeRow {
    pub(super) at: Time,
    pub(super) href: String,
    pub(super) shown: Shown,
    /// How many changes this is.
    pub(super) count: usize,
    /// The machines of which it is; none where it is of one.
    machines: Vec<Link>,
}

impl ChangeRow {
    pub(super) fn sign(&self) -> Sign {
        Sign(self.shown.mark)
    }
}

#[derive(Debug, Template)]
#[template(path = "changes.html", whitespace = "minimize")]
struct Changes<'a> {
    frame: &'a Frame,
    title: String,
    spans: Vec<Link>,
    rows: Vec<ChangeRow>,
    hidden: usize,
    /// Since when verdicts are known, where that is later than what was asked for.
    verdicts: Option<String>,
}

pub(in crate::web) async fn get(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::Changes);
    answer(&sources, &frame).await.unwrap_or_else(|fault| fault.show(&frame))
}

async fn answer(sources: &Sources, frame: &Frame) -> Result<Response, Fault> {
    frame.parameters(&["since"])?;
    let since = frame.parameter("since").unwrap_or(changes::USUAL);
    let changed = sources.pages.changed.read(sources, since, FRESH).await.map_err(Fault::from)?;
    let frame = frame.clone();
    let made = aside(move || frame.show(StatusCode::OK, &page(&frame, &changed.report(MOST))));
    Ok(made.await.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response()))
}

fn page<'a>(frame: &'a Frame, report: &ChangesReport<'_>) -> Changes<'a> {
    let words = frame.words;
    let asked = frame.parameter("since").unwrap_or(changes::USUAL);
    let span = |(span, days): &(&'static str, u32)| Link {
        href: frame.with("since", Some(span)),
        text: say!(words, "page-changes-span", count = *days),
        is_current: asked == *span,
    };
    let rows: Vec<_> = lines(&report.changes).take(ROWS).filter_map(|line| row_of(frame, line, NAMED)).collect();
    let listed: usize = rows.iter().map(|row| row.count).sum();
    let later = report.verdicts_since.filter(|known| *known > report.since);
    Changes {
        frame,
        title: say!(words, "changes-title", count = report.changes.len(), since = minute_of(report.since.0)),
        spans: SPANS.iter().map(span).collect(),
        hidden: report.changes.len().saturating_sub(listed),
        rows,
        verdicts: later.map(|known| say!(words, "changes-verdicts-since", since = minute_of(known.0))),
    }
}

/// A line of changes, with so many of the machines of which it is.
pub(super) fn row_of(frame: &Frame, line: Line<'_>, most: usize) -> Option<ChangeRow> {
    let changes = match line {
        Line::One(change) => return Some(row(frame, change)),
        Line::Many(changes) => changes,
    };
    let named = changes.iter().take(most).map(|change| {
        let ChangeRow { href, shown, .. } = row(frame, change);
        Link { href, text: shown.who, is_current: false }
    });
    let at = Time(changes.first()?.at().0);
    let shown = shown_together(frame.words, changes)?;
    Some(ChangeRow { at, href: frame.to("changes"), shown, count: changes.len(), machines: named.collect() })
}

/// A change, with the address of what changed.
pub(super) fn row(frame: &Frame, change: &ChangeJson<'_>) -> ChangeRow {
    let href = match change {
        ChangeJson::License { machine, .. }
        | ChangeJson::Silent { machine, .. }
        | ChangeJson::Appeared { machine, .. }
        | ChangeJson::Gone { machine, .. } => frame.machine(machine),
        ChangeJson::Verdict { path, .. } => frame.path(path),
    };
    ChangeRow { at: Time(change.at().0), href, shown: shown(frame.words, change), count: 1, machines: Vec::new() }
}
