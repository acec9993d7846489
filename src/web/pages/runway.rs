//! `GET /runway`: how many machines lose activation on each of the next days if none is renewed from now on.

use super::fault::Fault;
use super::frame::{Frame, Tab};
use super::{keeper, moment};
use crate::fleet::countdown::{Countdown, DAYS, Losses};
use crate::text::say;
use crate::web::Sources;
use crate::words::day_of;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::sync::Arc;

/// How many colours there are: the last is shared where there are more paths.
const COLOURS: usize = 6;

/// The drawing, in its own units: how wide a day is, how high all is, and the room for what is written beside it.
const DAY_WIDTH: usize = 5;
const HEIGHT: u64 = 200;
const LEFT: usize = 48;
const TOP: u64 = 12;

/// From one date under the drawing to the next, in days.
const DATES: usize = 30;

/// A path with its colour.
#[derive(Debug)]
struct Series {
    name: String,
    class: usize,
    machines: u64,
    lost: u64,
}

/// A day on which machines lose activation.
#[derive(Debug)]
struct Day {
    date: String,
    machines: u64,
    /// How many have lost it by then, those before today among them.
    sum: u64,
    /// By path.
    paths: Vec<u64>,
    x: usize,
    bars: Vec<Bar>,
    /// What the bars show, as text.
    title: String,
}

#[derive(Debug)]
struct Bar {
    class: usize,
    y: u64,
    height: u64,
}

#[derive(Debug, Template)]
#[template(path = "runway.html", whitespace = "minimize")]
struct Chart<'a> {
    frame: &'a Frame,
    machines: u64,
    lost: u64,
    losing: u64,
    later: u64,
    without_end: u64,
    series: Vec<Series>,
    days: Vec<Day>,
    /// Lines across, with what they stand for.
    lines: Vec<(u64, u64)>,
    dates: Vec<(usize, String)>,
    width: usize,
    bottom: u64,
}

pub(in crate::web) async fn get(State(sources): State<Sources>, uri: Uri, headers: HeaderMap) -> Response {
    let frame = Frame::new(&sources, &uri, &headers, Tab::Runway);
    answer(&sources, &frame).await.unwrap_or_else(|fault| fault.show(&frame))
}

async fn answer(sources: &Sources, frame: &Frame) -> Result<Response, Fault> {
    frame.parameters(&[])?;
    let (access, keeper) = keeper(sources).await?;
    let moment = moment(access);
    let countdown = keeper.countdown(moment, access.dependencies()).await;
    Ok(frame.show(StatusCode::OK, &chart(frame, &countdown, moment.now)))
}

fn chart<'a>(frame: &'a Frame, countdown: &Countdown, now: Timestamp) -> Chart<'a> {
    let paths = sets(frame, countdown);
    let class = |number: usize| number + 1;
    let series = paths.iter().enumerate().map(|(number, (name, losses))| Series {
        name: name.clone(),
        class: class(number),
        machines: losses.machines,
        lost: losses.lost,
    });
    let series: Vec<_> = series.collect();
    let totals = &countdown.totals;
    let most = totals.days.iter().copied().max().unwrap_or(0).max(1);
    let scale = |machines: u64| machines * HEIGHT / ceiling(most);
    let date = |day: usize| {
        let days = SignedDuration::from_hours(24) * i32::try_from(day).unwrap_or(i32::MAX);
        day_of(now.checked_add(days).unwrap_or(now))
    };
    let mut sum = totals.lost;
    let mut days = Vec::new();
    for (number, machines) in totals.days.iter().copied().enumerate().filter(|(_, machines)| *machines > 0) {
        sum += machines;
        let of = |losses: &Losses| losses.days.get(number).copied().unwrap_or(0);
        let by_path: Vec<u64> = paths.iter().map(|(_, losses)| of(losses)).collect();
        let (mut below, mut bars) = (0, Vec::new());
        for (place, machines) in by_path.iter().copied().enumerate().filter(|(_, machines)| *machines > 0) {
            let (from, to) = (scale(below), scale(below + machines));
            below += machines;
            // One machine of very many is seen as well.
            let height = (to - from).max(u64::from(from == to));
            bars.push(Bar { class: class(place), y: TOP + HEIGHT - from - height, height });
        }
        let parts = series.iter().zip(&by_path).filter(|(_, machines)| **machines > 0);
        let parts: Vec<_> = parts.map(|(series, machines)| format!("{} {machines}", series.name)).collect();
        let title = format!("{}: {} ({})", date(number), machines, parts.join(", "));
        days.push(Day { date: date(number), machines, sum, paths: by_path, x: LEFT + number * DAY_WIDTH, bars, title });
    }
    Chart {
        frame,
        machines: totals.machines,
        lost: totals.lost,
        losing: totals.days.iter().sum(),
        later: totals.later,
        without_end: totals.without_end(),
        series,
        days,
        lines: lines(most).into_iter().map(|machines| (TOP + HEIGHT - scale(machines), machines)).collect(),
        dates: (0..DAYS).step_by(DATES).map(|day| (LEFT + day * DAY_WIDTH, date(day))).collect(),
        width: LEFT + DAYS * DAY_WIDTH + 8,
        bottom: TOP + HEIGHT,
    }
}

/// The machines of each path, the most first; those of many small paths together.
fn sets(frame: &Frame, countdown: &Countdown) -> Vec<(String, Losses)> {
    let mut paths: Vec<_> = countdown.paths.iter().collect();
    paths.sort_by_key(|(name, losses)| (name.is_none(), Reverse(losses.machines)));
    let name =
        |name: &Option<Arc<str>>| name.as_ref().map_or_else(|| say!(frame.words, "page-no-path"), ToString::to_string);
    let alone = if paths.len() > COLOURS { COLOURS - 1 } else { COLOURS };
    let mut sets: Vec<_> = paths.iter().take(alone).map(|(path, losses)| (name(path), (*losses).clone())).collect();
    let others = paths.iter().skip(alone);
    if others.len() > 0 {
        let mut sum = Losses::default();
        others.for_each(|(_, losses)| sum.merge(losses));
        sets.push((say!(frame.words, "page-other-paths"), sum));
    }
    sets
}

/// The largest figure that the drawing has room for: a round one.
fn ceiling(most: u64) -> u64 {
    lines(most).last().copied().unwrap_or(1)
}

/// Round figures from none to no less than the most, at even distances.
fn lines(most: u64) -> Vec<u64> {
    let mut power = 1_u64;
    let step = loop {
        if let Some(step) = [1, 2, 5].map(|first| first * power).into_iter().find(|step| step.saturating_mul(4) >= most)
        {
            break step;
        }
        power = power.saturating_mul(10);
    };
    (0..=most.div_ceil(step)).map(|number| number * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_beside_the_drawing_are_round_and_enough() {
        assert_eq!(lines(1), [0, 1]);
        assert_eq!(lines(7), [0, 2, 4, 6, 8]);
        assert_eq!(lines(412), [0, 200, 400, 600]);
        assert_eq!(lines(100_000), [0, 50_000, 100_000]);
        assert_eq!(ceiling(17), 20);
    }
}
