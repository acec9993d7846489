//! Every query of every panel and variable, with every choice a person has, on a Prometheus that scrapes real daemons.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;

use super::query::{Choice, Series, choices, run};
use super::scene::Scene;
use super::tables::{self, Found};
use super::{Dashboard, Panel, all, list, text};
use crate::servers::prometheus::Prometheus;
use crate::support::daemon::Daemon;

/// How long a query may stay without result: counters have to rise, and fleets to be aggregated.
const PATIENCE: Duration = Duration::from_mins(5);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// Panels that are empty where nothing is broken.
const EMPTY_WHERE_ALL_IS_WELL: [(&str, &str); 4] = [
    ("online.json", "Stage failures"),
    ("overview.json", "Alerts"),
    ("overview.json", "Problems"),
    ("path.json", "Problems"),
];

/// Tries until it succeeds, and fails with the last complaint.
fn settle<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let begun = Instant::now();
    loop {
        match attempt() {
            Ok(found) => return found,
            Err(complaint) => assert!(begun.elapsed() < PATIENCE, "{complaint}"),
        }
        thread::sleep(PAUSE);
    }
}

/// Runs every query with every choice, each of which has to find something with one of them at least.
fn find_all(dashboard: &Dashboard, prometheus: &Prometheus, instances: &[String]) -> Result<Found, String> {
    let choices = choices(dashboard, prometheus, instances);
    let (mut found, mut missing) = (Found::new(), Vec::new());
    for panel in dashboard.panels() {
        for query in panel.queries() {
            let key = (text(&panel.json["title"]).to_owned(), text(&query["refId"]).to_owned());
            let runs = choices.iter().map(|choice| check(&panel, query, run(prometheus, query, choice), choice));
            let series: Vec<_> = runs.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            if series.is_empty() {
                missing.push(format!("{}, {}: {}", panel.name(), key.1, text(&query["expr"])));
            }
            found.insert(key, series);
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(format!("these find nothing:\n{}", missing.join("\n"))) }
}

/// Looks whether an answer is what its panel draws: numbers, with the labels that its legend has, each series once. What
/// something is while it changes, it need not stay.
fn check(panel: &Panel<'_>, query: &Value, series: Vec<Series>, choice: &Choice) -> Result<Vec<Series>, String> {
    let name = panel.name();
    let in_legend = Regex::new(r"\{\{(\w+)\}\}").expect("a pattern");
    let legend = query["legendFormat"].as_str().unwrap_or_default();
    let wanted: Vec<_> = in_legend.captures_iter(legend).map(|found| found[1].to_owned()).collect();
    let mut shown = BTreeSet::new();
    for one in &series {
        if !one.values.iter().all(|value| value.is_finite()) {
            return Err(format!("{name}: {one:?} with {choice:?}"));
        }
        for label in &wanted {
            // Online, endpoints have ever new addresses, and none is shown.
            assert!(label == "address" || one.labels.contains_key(label), "{name}: no {label} in {one:?}");
        }
        if panel.json["type"] != "table" {
            let legend = in_legend.replace_all(legend, |found: &regex::Captures<'_>| {
                one.labels.get(&found[1]).cloned().unwrap_or_default()
            });
            if !shown.insert(legend.into_owned()) {
                return Err(format!("{name} has two series of one name: {series:#?}"));
            }
        }
    }
    Ok(series)
}

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, openssl, prometheus, squid"]
fn every_query_finds_what_its_panel_shows_and_words_where_there_is_nothing() {
    let scene = Scene::start();
    let [faulty, healthy, bare] =
        [&scene.faulty, &scene.healthy, &scene.bare].map(|daemon| vec![daemon.address().to_string()]);
    for dashboard in all() {
        let found = settle(|| find_all(&dashboard, &scene.prometheus, &faulty));
        for panel in dashboard.panels().filter(|panel| panel.json["type"] == "table") {
            tables::check(&panel, &found);
        }
    }
    settle(|| all_is_well(&scene.prometheus, &healthy));
    settle(|| what_is_not_known_is_not_reported(&scene, &bare));
    settle(|| figures(&scene));
}

/// Where nothing is broken, problems are empty, and no figure is orange or red, nor missing.
fn all_is_well(prometheus: &Prometheus, instances: &[String]) -> Result<(), String> {
    let (mut empty, mut complaints) = (BTreeSet::new(), Vec::new());
    for dashboard in all() {
        for choice in choices(&dashboard, prometheus, instances) {
            for panel in dashboard.panels() {
                let answers: Vec<_> = panel.queries().iter().map(|query| run(prometheus, query, &choice)).collect();
                let (name, title) = (panel.name(), text(&panel.json["title"]));
                if EMPTY_WHERE_ALL_IS_WELL.contains(&(panel.file, title)) {
                    if answers.iter().any(|series| !series.is_empty()) {
                        complaints.push(format!("{name} with {choice:?}: {answers:?}"));
                    }
                    empty.insert(name);
                } else if panel.json["type"] == "stat" {
                    let colours: Vec<_> = answers.iter().flatten().map(|one| colour(&panel, one)).collect();
                    // Nobody depends on endpoints here, so that nobody counts down.
                    let may_be_empty = title == "Runway" && choice.one("path") == Some("online");
                    let is_missing = answers.iter().any(Vec::is_empty) && !may_be_empty;
                    if is_missing || colours.iter().any(|colour| ["orange", "red"].contains(colour)) {
                        complaints.push(format!("{name} with {choice:?}: {colours:?}, {answers:?}"));
                    }
                }
            }
        }
    }
    assert_eq!(empty.len(), EMPTY_WHERE_ALL_IS_WELL.len(), "{empty:?}");
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

/// The colour in which a figure is shown.
fn colour<'a>(panel: &Panel<'a>, series: &Series) -> &'a str {
    let defaults = &panel.json["fieldConfig"]["defaults"];
    let value = *series.values.last().expect("a value");
    let mapped = &defaults["mappings"][0]["options"][value.to_string()]["color"];
    if let Some(colour) = mapped.as_str() {
        return colour;
    }
    let mut steps = list(&defaults["thresholds"]["steps"]).iter().rev();
    let reached = steps.find(|step| step["value"].as_f64().is_none_or(|from| value >= from));
    text(&reached.expect("there is a first colour")["color"])
}

/// A daemon without a store and without clocks: whatever concerns them is empty, and not zero or green.
fn what_is_not_known_is_not_reported(scene: &Scene, instances: &[String]) -> Result<(), String> {
    let scrape = scene.bare.scrape();
    let named = Regex::new(r"\bgracewatch_\w+").expect("a pattern");
    let (mut empty, mut shown) = (0, 0);
    for dashboard in all() {
        for choice in choices(&dashboard, &scene.prometheus, instances) {
            for panel in dashboard.panels() {
                for query in panel.queries() {
                    let metrics = named.find_iter(text(&query["expr"])).map(|found| found.as_str());
                    let mut unknown = metrics.filter(|name| is_of_machines_or_clocks(name)).peekable();
                    let series = run(&scene.prometheus, query, &choice);
                    if let Some(metric) = unknown.peek() {
                        assert_eq!(scrape.series(metric).count(), 0, "{metric} is known");
                        assert!(series.is_empty(), "{} knows what nobody reported: {series:?}", panel.name());
                        empty += 1;
                    } else {
                        shown += usize::from(!series.is_empty());
                    }
                }
            }
        }
    }
    if empty > 60 && shown > 15 { Ok(()) } else { Err(format!("{empty} are empty, {shown} are not")) }
}

fn is_of_machines_or_clocks(metric: &str) -> bool {
    let parts =
        ["_machine", "_kms_host", "_first_expiry", "_fleet", "_inbox_up", "_reports", "_clock", "_ssl", "_http"];
    parts.iter().any(|part| metric.contains(part))
}

/// Some figures whose truth is known from the scene, with their colours.
fn figures(scene: &Scene) -> Result<(), String> {
    let of = |daemons: &[&Daemon<'_>]| daemons.iter().map(|daemon| daemon.address().to_string()).collect::<Vec<_>>();
    let (everyone, faulty) = (of(&[&scene.faulty, &scene.healthy, &scene.bare]), of(&[&scene.faulty]));
    let depend = scene.faulty.scrape().value("gracewatch_path_machines", &[("path", "branch")]).unwrap_or_default();
    let expected = [
        // `branch` and `bare`; `corp` and `microsoft`.
        ("overview.json", "Paths that are blocked", &everyone, None, 2.0, "red"),
        ("overview.json", "Paths that are degraded", &everyone, None, 2.0, "orange"),
        ("overview.json", "Paths that are unknown", &everyone, None, 0.0, "green"),
        ("overview.json", "Machines on blocked paths", &everyone, None, depend, "red"),
        ("overview.json", "Shortest runway", &everyone, None, 0.0, "red"),
        ("path.json", "Verdict", &faulty, Some("branch"), 0.0, "red"),
        ("path.json", "Verdict", &faulty, Some("corp"), 1.0, "orange"),
        ("path.json", "Verdict", &faulty, Some("site"), 2.0, "green"),
        ("online.json", "Targets that are intercepted", &faulty, Some("microsoft"), 1.0, "orange"),
        ("online.json", "Proxies that demand credentials", &faulty, Some("microsoft"), 1.0, "orange"),
        ("online.json", "First certificate to end", &faulty, Some("microsoft"), 20.0, "orange"),
    ];
    let dashboards = all();
    for (file, title, instances, path, figure, expected_colour) in expected {
        let dashboard = dashboards.iter().find(|dashboard| dashboard.file == file).expect("it is there");
        let panel = dashboard.panels().find(|panel| panel.json["title"] == title).expect("it has such a panel");
        let choices = choices(dashboard, &scene.prometheus, instances);
        let choice = choices.iter().find(|choice| choice.one("path") == path).ok_or("it cannot be chosen")?;
        let series = run(&scene.prometheus, &panel.queries()[0], choice);
        let shown: Vec<_> = series.iter().map(|one| (one.values[0].round(), colour(&panel, one))).collect();
        if shown != [(figure, expected_colour)] {
            return Err(format!("{file}: {title} of {path:?} is {shown:?}, not {figure} in {expected_colour}"));
        }
    }
    Ok(())
}
