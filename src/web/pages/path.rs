//! `GET /paths/NAME`: the path as a client takes it, what is wrong with it and what to do, every target, and how it was.

use super::chain::{Chain, WIDTH};
use super::fault::Fault;
use super::frame::{Frame, Tab};
use super::parts::{Sign, Time};
use super::strip::{Reach, Strip};
use super::timing::{HEIGHT, Timing};
use crate::report::PathJson;
use crate::report::cells::cell;
use crate::report::change_words::status_at;
use crate::report::mark::Mark;
use crate::report::order::{TIMELESS, besides, machines_listed};
use crate::report::stages::{StageJson, TargetJson};
use crate::state::{Durations, PathReport};
use crate::text::{self, say};
use crate::verdict::past::PathHistory;
use crate::walk::Walk;
use crate::web::Sources;
use crate::web::aside::aside;
use crate::web::data;
use crate::words::{milliseconds, minute_of};
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::time::Duration;

/// How many rows of targets, endpoints and verdicts are shown.
const ROWS: usize = 300;
const VERDICTS: usize = 100;

/// How many problems are shown with their steps beside the one that is blamed.
const PROBLEMS: usize = 20;

/// How far back verdicts are listed.
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

/// One thing that is wrong beside what is blamed.
#[derive(Debug)]
struct Trouble {
    title: String,
    machines: Option<String>,
    steps: Vec<String>,
}

/// A stage of a target.
#[derive(Debug)]
struct Row {
    mark: Mark,
    target: String,
    address: String,
    stage: String,
    reason: String,
    time: String,
    detail: String,
    is_failing: bool,
}

impl Row {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

/// An endpoint over every proxy.
#[derive(Debug)]
struct Line {
    endpoint: String,
    cells: Vec<(Mark, String)>,
}

impl Line {
    fn signed(&self) -> Vec<(Mark, Sign, &str)> {
        self.cells.iter().map(|(mark, text)| (*mark, Sign(*mark), text.as_str())).collect()
    }
}

/// A verdict that the path had.
#[derive(Debug)]
struct Past {
    at: Time,
    mark: Mark,
    what: String,
    length: String,
}

impl Past {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

#[derive(Debug, Template)]
#[template(path = "path.html", whitespace = "minimize")]
struct PathPage<'a> {
    frame: &'a Frame,
    name: &'a str,
    mark: Mark,
    status: String,
    since: Time,
    sentences: Vec<String>,
    steps: Vec<String>,
    machines: Option<u64>,
    notes: Vec<String>,
    troubles: Vec<Trouble>,
    more_troubles: usize,
    chain: Chain,
    strips: [Strip; 2],
    proxies: Vec<String>,
    matrix: Vec<Line>,
    rows: Vec<Row>,
    /// How many rows are not shown.
    hidden: usize,
    timing: Timing,
    history: Vec<Past>,
}

impl PathPage<'_> {
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
    let frame = Frame::new(&sources, &uri, &headers, Tab::Overview);
    if let Err(error) = frame.parameters(&["all"]) {
        return Fault::from(error).show(&frame);
    }
    let name = name.map(|Path(name)| name).unwrap_or_default();
    let path = match data::path(&sources, &name) {
        Ok(path) => path,
        Err(missing) => return Fault::missing(missing, "paths").show(&frame),
    };
    let history = sources.state.path_history(&name).unwrap_or_default();
    let durations = sources.state.path_durations(&name).unwrap_or_default();
    let made = aside(move || frame.show(StatusCode::OK, &page(&frame, &path, &history, &durations)));
    made.await.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response())
}

fn page<'a>(frame: &'a Frame, path: &'a PathReport, history: &PathHistory, durations: &Durations) -> PathPage<'a> {
    let words = frame.words;
    let json = PathJson::new(path, words);
    let verdict = &json.verdict;
    let blamed = verdict.problems.first();
    let sentences =
        [Some(&verdict.summary), verdict.impact.as_ref(), verdict.clients_show.as_ref(), verdict.unmeasured.as_ref()];
    let machines = blamed.and_then(|blamed| machines_listed(words, blamed));
    let (others, more_troubles) = besides(&json, PROBLEMS);
    let troubles = others.into_iter().map(|problem| {
        let clause = problem.together.as_deref().unwrap_or(&problem.summary);
        let contributes = if problem.contributes { "yes" } else { "no" };
        Trouble {
            title: say!(words, "besides-title", contributes = contributes, stage = &*problem.stage, problem = clause),
            machines: machines_listed(words, problem),
            steps: problem.next_steps.clone(),
        }
    });
    let mut rows = rows(frame, &json);
    let shown = if frame.parameter("all").is_some() { usize::MAX } else { ROWS };
    if rows.len() > shown {
        // What is not as it should be is to be seen in any case.
        rows.sort_by_key(|row| Reverse(row.is_failing));
    }
    let hidden = rows.len().saturating_sub(shown);
    rows.truncate(shown);
    let matrix = json.matrix.as_ref();
    let line = |row: &crate::report::online::RowJson<'_>| Line {
        endpoint: row.endpoint.clone(),
        cells: row.cells.iter().map(|found| cell(words, found.as_ref())).collect(),
    };
    PathPage {
        frame,
        name: &path.name,
        mark: Mark::of_status(path.verdict.status),
        status: super::status(words, &path.verdict),
        since: path.since.into(),
        sentences: sentences.into_iter().flatten().chain(&machines).cloned().collect(),
        steps: verdict.next_steps.clone(),
        machines: path.runway.as_ref().map(|runway| runway.machines),
        notes: notes(frame, path),
        troubles: troubles.collect(),
        more_troubles,
        chain: Chain::new(frame, &json, matches!(path.walk, Walk::Kms(_))),
        strips: [Reach::Day, Reach::Month].map(|reach| Strip::new(frame, reach, history, frame.now)),
        proxies: matrix.map(|matrix| matrix.proxies.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        matrix: matrix.map(|matrix| matrix.endpoints.iter().take(ROWS).map(line).collect()).unwrap_or_default(),
        rows,
        hidden,
        timing: Timing::new(frame, durations),
        history: past(frame, history),
    }
}

/// What waits to become the verdict, and what keeps it.
fn notes(frame: &Frame, path: &PathReport) -> Vec<String> {
    let words = frame.words;
    let pending = path.pending.as_ref().map(|pending| {
        let blamed = pending.stage.zip(pending.reason).map(|(stage, reason)| (stage.as_str(), reason.as_str()));
        let status = status_at(words, pending.status, blamed);
        say!(words, "page-pending", status = status, rounds = pending.failing_rounds, of = pending.of)
    });
    let minute = |moment| Timestamp::try_from(moment).map(minute_of).unwrap_or_default();
    let held = path.held_until.map(|until| say!(words, "page-held", moment = minute(until)));
    pending.into_iter().chain(held).collect()
}

fn rows(frame: &Frame, path: &PathJson<'_>) -> Vec<Row> {
    path.targets.iter().flat_map(|target| target.stages.iter().map(|stage| row(frame, target, stage))).collect()
}

fn row(frame: &Frame, target: &TargetJson<'_>, stage: &StageJson<'_>) -> Row {
    let via = target.online.as_ref().and_then(|online| online.via.as_deref());
    let address = via.map(|proxy| say!(frame.words, "via-proxy", proxy = proxy)).or_else(|| target.address.clone());
    let time = Duration::try_from_secs_f64(stage.duration_seconds).unwrap_or_default();
    Row {
        mark: stage.mark,
        target: target.online.as_ref().map_or(&target.target, |online| &online.endpoint).clone(),
        address: address.unwrap_or_default(),
        stage: stage.stage.to_string(),
        reason: stage.reason.as_deref().unwrap_or_default().to_owned(),
        time: if TIMELESS.contains(&&*stage.stage) { String::new() } else { milliseconds(time) },
        detail: stage.detail.to_string(),
        is_failing: stage.mark != Mark::Ok,
    }
}

/// The verdicts of the last month, the last first.
fn past(frame: &Frame, history: &PathHistory) -> Vec<Past> {
    let spans = history.spans(frame.now.checked_sub(MONTH).unwrap_or(Timestamp::MIN), frame.now);
    let known = spans.iter().rev().filter_map(|span| Some((span, span.verdict?)));
    let shown = known.take(VERDICTS).map(|(span, verdict)| {
        let blamed = verdict.stage.zip(verdict.reason).map(|(stage, reason)| (stage.as_str(), reason.as_str()));
        let length = span.until.duration_since(verdict.at).unsigned_abs();
        Past {
            at: Time(verdict.at),
            mark: Mark::of_status(verdict.status),
            what: status_at(frame.words, verdict.status, blamed),
            length: text::span(frame.words, length),
        }
    });
    shown.collect()
}
