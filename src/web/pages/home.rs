//! `GET /`: how activation is and what to do now; the paths, the fleet, and what changed since yesterday.

use super::fault::Fault;
use super::frame::{Frame, Tab};
use super::parts::{Sign, Time};
use super::recent::Shown;
use super::strip::{Reach, Strip};
use crate::fleet::{Aggregate, Runway, WITHIN};
use crate::report::mark::Mark;
use crate::report::order::rank;
use crate::state::{InventoryState, PathReport, Snapshot};
use crate::text::{self, Words, say};
use crate::verdict::Status;
use crate::verdict::past::PathHistory;
use crate::web::Sources;
use crate::web::aside::aside;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How many paths are shown unless all are asked for.
const PATHS: usize = 50;

/// How long the store is waited for: the paths are to be seen without it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The days within which a loss is soon, among those that are counted.
const WEEK: &str = "7d";

/// A path, as the first page shows it.
#[derive(Debug)]
struct Card {
    name: Arc<str>,
    href: String,
    mark: Mark,
    status: String,
    since: Time,
    summary: String,
    impact: Option<String>,
    step: Option<String>,
    machines: Option<u64>,
    machines_href: String,
    strips: [Strip; 2],
}

/// A figure of the fleet.
#[derive(Debug)]
struct Tile {
    count: u64,
    label: String,
    href: String,
    class: &'static str,
}

/// What to do first, and where there is more about it.
#[derive(Debug)]
struct Step {
    text: String,
    href: String,
    link: String,
}

#[derive(Debug, Template)]
#[template(path = "home.html", whitespace = "minimize")]
struct Home<'a> {
    frame: &'a Frame,
    is_configured: bool,
    mark: Mark,
    headline: String,
    sentences: Vec<String>,
    step: Option<Step>,
    cards: Vec<Card>,
    /// How many paths are not shown.
    hidden: usize,
    has_store: bool,
    /// Why the inventory is not the one that is there now.
    inventory_fault: Option<String>,
    tiles: Vec<Tile>,
    /// What changed since yesterday; `None` where the store does not answer.
    changes: Option<Arc<Shown>>,
}

impl Home<'_> {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

impl Card {
    fn sign(&self) -> Sign {
        Sign(self.mark)
    }
}

pub(in crate::web) async fn get(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::Overview);
    if let Err(error) = frame.parameters(&["all"]) {
        return Fault::from(error).show(&frame);
    }
    let snapshot = sources.state.snapshot();
    let changes = recent(&sources, &frame).await;
    let is_configured = !sources.config.borrow().paths.is_empty();
    let has_store = sources.status.is_some();
    let made = aside(move || {
        let histories = |path: &str| sources.state.path_history(path).unwrap_or_default();
        page(&frame, &snapshot, histories, changes, (is_configured, has_store))
    });
    made.await.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string() + "\n").into_response())
}

/// What changed since yesterday; `None` where that is not known in time.
async fn recent(sources: &Sources, frame: &Frame) -> Option<Arc<Shown>> {
    timeout(PATIENCE, sources.pages.recent.shown(sources, frame)).await.ok()?
}

fn page(
    frame: &Frame,
    snapshot: &Snapshot,
    histories: impl Fn(&str) -> PathHistory,
    changes: Option<Arc<Shown>>,
    (is_configured, has_store): (bool, bool),
) -> Response {
    let words = frame.words;
    let mut paths: Vec<&PathReport> = snapshot.paths.iter().map(AsRef::as_ref).collect();
    let hurt = |path: &PathReport| path.runway.as_ref().map_or((0, 0), |runway| (runway.lost, within_week(runway)));
    paths.sort_by_key(|path| (rank(path.verdict.status), Reverse(hurt(path))));
    let fleet = snapshot.fleet.as_deref();
    let worst = paths.first().filter(|path| path.verdict.status != Status::Ok && snapshot.ready);
    let (mark, headline) = headline(words, is_configured, snapshot, &paths);
    let mut sentences = Vec::new();
    if let Some(path) = worst {
        sentences.push(text::summary(words, &path.name, &path.verdict));
        sentences.extend(text::impact(words, &path.name, &path.verdict));
    } else if is_configured && !snapshot.ready {
        sentences.push(say!(words, "page-measuring"));
    }
    if worst.is_none_or(|path| path.runway.is_none()) {
        sentences.extend(fleet.and_then(|fleet| losses(words, fleet)));
    }
    let step = match worst {
        Some(path) => text::first_steps(words, &path.verdict).into_iter().next().map(|text| Step {
            text,
            href: frame.path(&path.name),
            link: say!(words, "page-all-steps"),
        }),
        None => fleet.and_then(|fleet| machine_step(frame, &fleet.totals)),
    };
    let shown = if frame.parameter("all").is_some() { usize::MAX } else { PATHS };
    let home = Home {
        frame,
        is_configured,
        mark,
        headline,
        sentences,
        step,
        hidden: paths.len().saturating_sub(shown),
        cards: paths.iter().take(shown).map(|path| card(frame, path, &histories(&path.name))).collect(),
        has_store,
        inventory_fault: snapshot.inventory.as_ref().and_then(|inventory| inventory_fault(words, inventory)),
        tiles: fleet.map(|fleet| tiles(frame, fleet)).unwrap_or_default(),
        changes,
    };
    frame.show(StatusCode::OK, &home)
}

/// How activation is, in a sentence.
fn headline(words: Words, is_configured: bool, snapshot: &Snapshot, paths: &[&PathReport]) -> (Mark, String) {
    let status = paths.first().map(|path| path.verdict.status).filter(|_| snapshot.ready);
    let (mark, state) = match status {
        _ if !is_configured => (Mark::Unknown, "nothing"),
        None => (Mark::Unknown, "measuring"),
        Some(status) => (Mark::of_status(status), status.as_str()),
    };
    let same = paths.iter().filter(|path| Some(path.verdict.status) == status).count();
    (mark, say!(words, "page-headline", state = state, count = paths.len(), bad = same))
}

/// Who lost activation, or does within a week, where anybody does.
fn losses(words: Words, fleet: &Aggregate) -> Option<String> {
    let (lost, soon) = (fleet.totals.lost, within_week(&fleet.totals));
    (lost + soon > 0).then(|| say!(words, "page-losses", lost = lost, soon = soon))
}

/// What to do about machines that are lost, or will be within a week, though no path is to blame.
fn machine_step(frame: &Frame, totals: &Runway) -> Option<Step> {
    let words = frame.words;
    if totals.lost > 0 {
        return Some(Step {
            text: say!(words, "page-step-lost"),
            href: frame.machines("lost", "true"),
            link: say!(words, "page-lost-machines"),
        });
    }
    let machine = totals.first_machine.as_deref().filter(|_| within_week(totals) > 0)?;
    let text = say!(words, "page-step-soon", machine = machine);
    Some(Step { text, href: frame.machine(machine), link: say!(words, "page-this-machine") })
}

fn within_week(runway: &Runway) -> u64 {
    let all = WITHIN.iter().zip(runway.expiring);
    all.filter(|((name, _), _)| *name == WEEK).map(|(_, machines)| machines).sum()
}

fn card(frame: &Frame, path: &PathReport, history: &PathHistory) -> Card {
    let words = frame.words;
    let verdict = &path.verdict;
    let steps = if verdict.status == Status::Ok { Vec::new() } else { text::first_steps(words, verdict) };
    Card {
        name: Arc::clone(&path.name),
        href: frame.path(&path.name),
        mark: Mark::of_status(verdict.status),
        status: super::status(words, verdict),
        since: path.since.into(),
        summary: text::summary(words, &path.name, verdict),
        impact: text::impact(words, &path.name, verdict),
        step: steps.into_iter().next(),
        machines: path.runway.as_ref().map(|runway| runway.machines),
        machines_href: frame.machines("path", &path.name),
        strips: [Reach::Day, Reach::Month].map(|reach| Strip::new(frame, reach, history, frame.now)),
    }
}

/// Why the inventory is not the one that is there now.
fn inventory_fault(words: Words, inventory: &InventoryState) -> Option<String> {
    let fault = inventory.fault.as_ref()?.in_words(words);
    Some(if inventory.inventory.is_some() {
        say!(words, "inventory-stays", fault = fault)
    } else {
        say!(words, "inventory-not-read", fault = fault)
    })
}

/// The figures of the fleet, each with the machines that it counts.
fn tiles(frame: &Frame, fleet: &Aggregate) -> Vec<Tile> {
    let totals = &fleet.totals;
    let tile = |figure: &'static str, count: u64, class: &'static str, href: String| Tile {
        count,
        label: say!(frame.words, "page-tile", figure = figure),
        href,
        class: if count == 0 { "none" } else { class },
    };
    let mut tiles = vec![
        tile("known", totals.machines, "none", frame.to("machines")),
        tile("lost", totals.lost, "failed", frame.machines("lost", "true")),
        tile("soon", within_week(totals), "doubtful", frame.machines("within", "7")),
        tile("late", totals.renewal_overdue, "doubtful", frame.machines("overdue", "true")),
        tile("silent", totals.stale, "doubtful", frame.machines("stale", "true")),
    ];
    if let Some(expected) = fleet.expectations {
        tiles.push(tile("missing", expected.missing, "doubtful", frame.machines("missing", "true")));
        tiles.push(tile("unlisted", expected.unlisted, "none", frame.machines("unlisted", "true")));
    }
    tiles
}
