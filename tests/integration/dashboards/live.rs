//! Every query of every panel and variable, with every choice a person has, on a Prometheus that scrapes real daemons.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;

use super::query::{Choice, Series, choices, labels, run};
use super::scene::Scene;
use super::{Dashboard, Panel, all, list, text};
use crate::servers::prometheus::Prometheus;

/// How long a query may stay without result: counters have to rise, and fleets to be added up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Panels that are empty where all is well.
const EMPTY_WHERE_ALL_IS_WELL: [(&str, &str); 4] = [
    ("online.json", "Stage failures"),
    ("overview.json", "Alerts"),
    ("overview.json", "Problems"),
    ("path.json", "Problems"),
];

/// What a single query found, by panel and query.
type Found = BTreeMap<(String, String), Vec<Series>>;

/// Runs every query with every choice until each has found something, and returns all that was found last.
fn fill(dashboard: &Dashboard, prometheus: &Prometheus, instances: &[String]) -> Found {
    let mut found = Found::new();
    let begun = Instant::now();
    loop {
        let choices = choices(dashboard, prometheus, instances);
        let mut missing = Vec::new();
        for panel in dashboard.panels() {
            for query in panel.queries() {
                let key = (text(&panel.json["title"]).to_owned(), text(&query["refId"]).to_owned());
                let results =
                    choices.iter().flat_map(|choice| check(&panel, query, &run(prometheus, query, choice), choice));
                let series: Vec<_> = results.collect();
                if series.is_empty() {
                    missing.push(format!("{}, {}: {}", panel.name(), key.1, text(&query["expr"])));
                }
                found.insert(key, series);
            }
        }
        if missing.is_empty() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "these stay without result:\n{}", missing.join("\n"));
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Insists that an answer is what its panel draws: numbers, with the labels that its legend has, each series once.
fn check(panel: &Panel<'_>, query: &Value, series: &[Series], choice: &Choice) -> Vec<Series> {
    let name = panel.name();
    let in_legend = Regex::new(r"\{\{(\w+)\}\}").expect("a pattern");
    let legend = query["legendFormat"].as_str().unwrap_or_default();
    let wanted: Vec<_> = in_legend.captures_iter(legend).map(|found| found[1].to_owned()).collect();
    let mut shown = BTreeSet::new();
    for one in series {
        assert!(one.values.iter().all(|value| value.is_finite()), "{name}: {one:?} with {choice:?}");
        for label in &wanted {
            // Online, endpoints have ever new addresses, and none is told.
            assert!(label == "address" || one.labels.contains_key(label), "{name}: no {label} in {one:?}");
        }
        if panel.json["type"] != "table" {
            let legend = in_legend.replace_all(legend, |found: &regex::Captures<'_>| {
                one.labels.get(&found[1]).cloned().unwrap_or_default()
            });
            assert!(shown.insert(legend.into_owned()), "{name} has two series of one name: {series:#?}");
        }
    }
    series.to_vec()
}

#[test]
#[ignore = "needs chrony, knot, libfaketime, nginx, openssl, prometheus, squid"]
fn every_query_finds_what_its_panel_shows_and_words_where_there_is_nothing() {
    let scene = Scene::start();
    let [faulty, healthy, bare] =
        [&scene.faulty, &scene.healthy, &scene.bare].map(|daemon| vec![daemon.address().to_string()]);
    for dashboard in all() {
        let found = fill(&dashboard, &scene.prometheus, &faulty);
        for panel in dashboard.panels().filter(|panel| panel.json["type"] == "table") {
            check_table(&panel, &found);
        }
    }
    all_is_well(&scene.prometheus, &healthy);
    what_is_not_known_is_not_told(&scene, &bare);
    figures(&scene);
}

/// Insists that what a table hides, orders and names are its columns, and that it has no others.
fn check_table(panel: &Panel<'_>, found: &Found) {
    let (name, title) = (panel.name(), text(&panel.json["title"]));
    let answers: Vec<_> = panel
        .queries()
        .iter()
        .map(|query| {
            let id = text(&query["refId"]);
            (id, &found[&(title.to_owned(), id.to_owned())])
        })
        .collect();
    let mut columns: BTreeSet<_> = answers.iter().flat_map(|(_, series)| labels(series)).collect();
    let is_merged = answers.len() > 1;
    // Names of metrics differ from query to query, so that no two rows would be of one machine or path.
    assert!(!is_merged || !columns.contains("__name__"), "{name} keeps the names of metrics");
    // Rows of several queries meet where all labels are the same that all of them have.
    let shared = answers.iter().map(|(_, series)| labels(series)).reduce(|some, more| &some & &more);
    assert!(!is_merged || shared.is_some_and(|labels| !labels.is_empty()), "{name} has rows that do not meet");
    columns.insert("Time".to_owned());
    columns.extend(answers.iter().map(|(id, _)| if is_merged { format!("Value #{id}") } else { "Value".to_owned() }));

    let mut organized = false;
    for step in list(&panel.json["transformations"]) {
        let options = &step["options"];
        match text(&step["id"]) {
            "merge" => assert!(is_merged, "{name} merges a single query"),
            "groupingToMatrix" => columns = matrix(&name, options, answers[0].1),
            "organize" => {
                organized = true;
                let keys = |key: &str| options[key].as_object().into_iter().flat_map(|map| map.keys().cloned());
                let hidden: BTreeSet<_> = keys("excludeByName").collect();
                let shown: BTreeSet<_> = keys("indexByName").collect();
                assert!(hidden.is_disjoint(&shown), "{name} hides what it shows");
                let renamed: BTreeSet<_> = keys("renameByName").collect();
                assert!(renamed.is_subset(&shown), "{name} renames what it does not show");
                let is_matrix = columns.iter().any(|column| column.contains('\\'));
                // The columns of a matrix are what is there: proxies, or stages, of which a path has some.
                let named: BTreeSet<_> = hidden.union(&shown).cloned().collect();
                if is_matrix {
                    let corner = columns.iter().find(|column| column.contains('\\')).expect("a corner");
                    assert!(named.contains(corner), "{name} does not name {corner}");
                    assert!(named.len() == 1 || columns.is_subset(&named), "{name} does not know of {columns:?}");
                } else {
                    assert_eq!(columns, named, "{name}");
                }
                let shown = shown.iter().map(|column| options["renameByName"][column].as_str().unwrap_or(column));
                check_overrides(panel, &shown.map(str::to_owned).collect());
            }
            other => panic!("{name} has the transformation {other}"),
        }
    }
    assert!(organized, "{name} shows its columns as they come");
}

/// The columns of a matrix, each cell of which has to have one value.
fn matrix(name: &str, options: &Value, series: &[Series]) -> BTreeSet<String> {
    let [row, column, value] = ["rowField", "columnField", "valueField"].map(|field| text(&options[field]));
    let mut cells = BTreeSet::new();
    let mut columns = BTreeSet::from([format!("{row}\\{column}")]);
    for one in series {
        let [row, column] =
            [row, column].map(|label| one.labels.get(label).unwrap_or_else(|| panic!("{name}: {one:?}")));
        assert!(value == "Value" || one.labels.contains_key(value), "{name}: no {value} in {one:?}");
        assert!(cells.insert((row, column)), "{name} has two values for {column} of {row}");
        columns.insert(column.clone());
    }
    columns
}

/// Insists that what is set for single columns is set for columns that are there.
fn check_overrides(panel: &Panel<'_>, columns: &BTreeSet<String>) {
    for (matcher, property, _) in panel.overrides().filter(|(matcher, _, _)| matcher["id"] == "byName") {
        assert!(columns.contains(text(&matcher["options"])), "{}: {property} of {matcher}", panel.name());
    }
}

/// Where all is well, problems are empty, and no figure is orange or red, nor missing.
fn all_is_well(prometheus: &Prometheus, instances: &[String]) {
    let mut empty = BTreeSet::new();
    for dashboard in all() {
        for choice in choices(&dashboard, prometheus, instances) {
            for panel in dashboard.panels() {
                let answers: Vec<_> = panel.queries().iter().map(|query| run(prometheus, query, &choice)).collect();
                let name = panel.name();
                if EMPTY_WHERE_ALL_IS_WELL.contains(&(panel.file, text(&panel.json["title"]))) {
                    assert!(answers.iter().all(Vec::is_empty), "{name} with {choice:?}: {answers:#?}");
                    empty.insert(name);
                } else if panel.json["type"] == "stat" {
                    for one in answers.iter().flatten() {
                        let colour = colour(&panel, one);
                        assert!(!["orange", "red"].contains(&colour), "{name} is {colour} with {choice:?}: {one:?}");
                    }
                    let is_of_machines = choice.one("path").is_some_and(|path| path == "online");
                    let has_answer = answers.iter().all(|series| !series.is_empty());
                    assert!(has_answer || is_of_machines, "{name} is empty with {choice:?}");
                }
            }
        }
    }
    assert_eq!(empty.len(), EMPTY_WHERE_ALL_IS_WELL.len(), "{empty:?}");
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
fn what_is_not_known_is_not_told(scene: &Scene, instances: &[String]) {
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
                        assert!(series.is_empty(), "{} knows what nobody told: {series:?}", panel.name());
                        empty += 1;
                    } else {
                        shown += usize::from(!series.is_empty());
                    }
                }
            }
        }
    }
    assert!(empty > 60 && shown > 15, "{empty} are empty, {shown} are not");
}

fn is_of_machines_or_clocks(metric: &str) -> bool {
    let parts = ["_machine", "_kms_host", "_first_expiry", "_fleet", "_inbox", "_reports", "_clock", "_ssl", "_http"];
    parts.iter().any(|part| metric.contains(part))
}

/// Some figures whose truth is known from the scene.
fn figures(scene: &Scene) {
    let of = |daemons: &[&crate::support::daemon::Daemon<'_>]| -> Vec<String> {
        daemons.iter().map(|daemon| daemon.address().to_string()).collect()
    };
    let everyone = of(&[&scene.faulty, &scene.healthy, &scene.bare]);
    let dashboards = all();
    let value = |file: &str, title: &str, instances: &[String], path: Option<&str>| {
        let dashboard = dashboards.iter().find(|dashboard| dashboard.file == file).expect("it is there");
        let panel = dashboard.panels().find(|panel| panel.json["title"] == title).expect("it has such a panel");
        let choices = choices(dashboard, &scene.prometheus, instances);
        let choice = choices.iter().find(|choice| choice.one("path") == path).expect("it can be chosen");
        let series = run(&scene.prometheus, &panel.queries()[0], choice);
        let [one] = series.as_slice() else { panic!("{title}: {series:?}") };
        (one.values[0].round(), colour(&panel, one).to_owned())
    };
    let is = |figure: f64, colour: &str| (figure, colour.to_owned());
    let overview = |title: &str| value("overview.json", title, &everyone, None);
    // `branch` and `bare`; `corp` and `microsoft`.
    assert_eq!(overview("Paths that are blocked"), is(2.0, "red"));
    assert_eq!(overview("Paths that are degraded"), is(2.0, "orange"));
    // Who depends on `branch`.
    let depend = scene.faulty.scrape().value("gracewatch_path_machines", &[("path", "branch")]).expect("it is known");
    assert!(depend > 2.0, "{depend}");
    assert_eq!(overview("Machines on blocked paths"), is(depend, "red"));
    assert_eq!(overview("Shortest runway"), is(0.0, "red"));

    let faulty = of(&[&scene.faulty]);
    for (path, figure, colour) in [("branch", 0.0, "red"), ("corp", 1.0, "orange"), ("site", 2.0, "green")] {
        assert_eq!(value("path.json", "Verdict", &faulty, Some(path)), is(figure, colour), "{path}");
    }
    let online = |title: &str| value("online.json", title, &faulty, Some("microsoft"));
    assert_eq!(online("Targets that are intercepted"), is(1.0, "orange"));
    assert_eq!(online("Proxies that demand credentials"), is(1.0, "orange"));
    assert_eq!(online("First certificate to end"), is(20.0, "orange"));
}
