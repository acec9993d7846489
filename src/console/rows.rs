//! What was seen on a path, row by row: what is not as it should be, or all of it.

use super::table::{self, Row, sign};
use crate::report::PathJson;
use crate::report::mark::Mark;
use crate::report::order::TIMELESS;
use crate::report::stages::{StageJson, TargetJson};
use crate::text::{Words, say};
use crate::words::milliseconds;
use std::fmt;
use std::time::Duration;

/// Up to so many endpoints are shown stage by stage.
const STAGE_BY_STAGE: usize = 2;

/// One row, before it is laid out.
struct Seen {
    mark: Mark,
    stage: String,
    time: String,
    target: String,
    address: String,
    detail: String,
    /// How many more are like it.
    more: usize,
}

/// How many stages are as they should be. The addresses of a host are looked up once, and count once.
pub(super) fn passed(path: &PathJson<'_>) -> usize {
    stages(path).filter(|(_, stage)| stage.mark == Mark::Ok).count()
}

/// Writes the rows of a path; unless `is_whole`, those that are not as they should be.
pub(super) fn write(words: Words, out: &mut String, path: &PathJson<'_>, is_whole: bool, width: usize) -> fmt::Result {
    // Many targets that come to a halt alike share a row.
    let are_grouped = path.matrix.is_some() && path.targets.len() > STAGE_BY_STAGE && !is_whole;
    let mut rows: Vec<Seen> = Vec::new();
    for (target, stage) in stages(path).filter(|(_, stage)| is_whole || stage.mark != Mark::Ok) {
        let row = seen(words, target, stage);
        let alike = rows
            .iter_mut()
            .filter(|_| are_grouped)
            .find(|known| (&known.stage, &known.address, &known.detail) == (&row.stage, &row.address, &row.detail));
        match alike {
            Some(known) => known.more += 1,
            None => rows.push(row),
        }
    }
    rows.extend(path.targets.iter().filter(|target| target.clock_unread).map(|target| unread_clock(words, target)));
    let rows = rows.into_iter().map(|row| Row {
        sign: sign(row.mark),
        cells: vec![row.stage, row.time, named(words, row.target, row.more), row.address, row.detail],
    });
    table::write(out, &[], &rows.collect::<Vec<_>>(), width)
}

fn named(words: Words, target: String, more: usize) -> String {
    if more == 0 { target } else { say!(words, "name-and-more", name = target, more = more) }
}

/// Every stage with its target, once.
fn stages<'a>(path: &'a PathJson<'a>) -> impl Iterator<Item = (&'a TargetJson<'a>, &'a StageJson<'a>)> {
    let mut shown: Option<&str> = None;
    let all = path.targets.iter().flat_map(|target| target.stages.iter().map(move |stage| (target, stage)));
    all.filter(move |(target, stage)| {
        let is_of_host = target.online.is_none() && stage.stage == "address";
        !(is_of_host && shown.replace(&target.target) == Some(&target.target))
    })
}

/// A clock that nobody could read is no stage that passed, and none that failed.
fn unread_clock(words: Words, target: &TargetJson<'_>) -> Seen {
    Seen {
        mark: Mark::Unknown,
        stage: format!("{:<7}", "clock"),
        time: " ".repeat(8),
        target: target.target.clone(),
        address: target.address.clone().unwrap_or_default(),
        detail: say!(words, "clock-not-read"),
        more: 0,
    }
}

fn seen(words: Words, target: &TargetJson<'_>, stage: &StageJson<'_>) -> Seen {
    let address = match (&target.online, &target.address) {
        (Some(online), _) => online.via.as_ref().map(|proxy| say!(words, "via-proxy", proxy = proxy.as_str())),
        (None, Some(address)) if target.works.is_none() => Some(format!("@{address}")),
        (None, address) => address.clone().filter(|_| stage.stage != "address"),
    };
    let time = Duration::try_from_secs_f64(stage.duration_seconds).unwrap_or_default();
    let time = if TIMELESS.contains(&&*stage.stage) { String::new() } else { milliseconds(time) };
    Seen {
        mark: stage.mark,
        stage: format!("{:<7}", stage.stage),
        time: format!("{time:>8}"),
        target: target.online.as_ref().map_or(&target.target, |online| &online.endpoint).clone(),
        address: address.unwrap_or_default(),
        detail: stage.detail.to_string(),
        more: 0,
    }
}
