//! What dashboards name exists: metrics, variables, and each other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

use super::{Dashboard, all, list, strings, text};

/// Of Prometheus itself.
const FOREIGN: [&str; 2] = ["up", "ALERTS"];

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("it can be read")
}

/// All queries of panels and variables.
fn expressions(dashboard: &Dashboard) -> Vec<&str> {
    let of_panels = dashboard.tiles().iter().flat_map(|tile| list(&tile["targets"])).map(|query| text(&query["expr"]));
    let of_variables = dashboard.variables()[1..].iter().map(|variable| text(&variable["query"]["query"]));
    of_panels.chain(of_variables).collect()
}

#[test]
fn every_metric_is_documented_and_what_is_asked_for_is_a_metric() {
    let document = read("docs/metrics.md");
    // A name before braces or a function's closing parenthesis; functions and labels are before an opening one.
    let selector = Regex::new(r"([A-Za-z_:][A-Za-z0-9_:]*)\{").expect("a pattern");
    let own = Regex::new(r"\bgracewatch[A-Za-z0-9_:]+").expect("a pattern");
    let mut used = BTreeSet::new();
    for dashboard in all() {
        for expression in expressions(&dashboard) {
            let selected = selector.captures_iter(expression).map(|found| found.get(1).expect("a name").as_str());
            let named = own.find_iter(expression).map(|found| found.as_str());
            used.extend(selected.chain(named).map(str::to_owned));
        }
    }
    for name in &used {
        let family = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let is_known = [name, family].iter().any(|name| document.contains(&format!("`{name}`")));
        assert!(is_known || FOREIGN.contains(&name.as_str()), "{name} is not in docs/metrics.md");
    }
    assert!(used.len() > 45, "{used:?}");
}

#[test]
fn every_variable_that_is_used_is_defined_and_each_that_is_defined_is_used() {
    let named = Regex::new(r"\$(?:\{([a-z_]\w*)[^}]*\}|([a-z]\w*))").expect("a pattern");
    for dashboard in all() {
        let defined: BTreeSet<_> = dashboard.variables().iter().map(|variable| text(&variable["name"])).collect();
        let strings = strings(&dashboard.json);
        let found = strings.iter().flat_map(|text| named.captures_iter(text));
        let used: BTreeSet<_> = found
            .filter_map(|found| found.get(1).or_else(|| found.get(2)).map(|name| name.as_str()))
            .filter(|name| !name.starts_with("__"))
            .collect();
        assert_eq!(used, defined, "{}", dashboard.file);
    }
}

#[test]
fn every_link_leads_to_a_dashboard_that_is_there_and_each_leads_to_all_others() {
    let dashboards = all();
    let uids: BTreeSet<_> = dashboards.iter().map(|dashboard| text(&dashboard.json["uid"])).collect();
    assert_eq!(uids.len(), dashboards.len(), "{uids:?}");
    let target = Regex::new(r"^/d/([a-z-]+)").expect("a pattern");
    for dashboard in &dashboards {
        let urls: Vec<_> = strings(&dashboard.json).into_iter().filter(|text| text.contains("/d/")).collect();
        for url in urls {
            let uid = target.captures(url).and_then(|found| found.get(1)).unwrap_or_else(|| panic!("{url}"));
            assert!(uids.contains(uid.as_str()), "{}: {url}", dashboard.file);
        }
        let mut linked: BTreeSet<_> = list(&dashboard.json["links"])
            .iter()
            .map(|link| text(&link["url"]).strip_prefix("/d/").expect("a path of Grafana's"))
            .collect();
        linked.insert(text(&dashboard.json["uid"]));
        assert_eq!(linked, uids, "{}", dashboard.file);
    }
}

/// Who follows a link looks at the same data source, instances and time.
#[test]
fn a_link_takes_along_what_the_other_dashboard_asks_for() {
    for dashboard in all() {
        for link in list(&dashboard.json["links"]) {
            assert_eq!((&link["includeVars"], &link["keepTime"]), (&true.into(), &true.into()), "{}", dashboard.file);
        }
        for url in strings(&dashboard.json).into_iter().filter(|text| text.starts_with("/d/") && text.contains('?')) {
            for part in ["${datasource:queryparam}", "${job:queryparam}", "var-instance=", "${__url_time_range}"] {
                assert!(url.contains(part), "{}: no {part} in {url}", dashboard.file);
            }
        }
    }
}
