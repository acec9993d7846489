//! Where colours change is where alerts do. A panel names the threshold it takes in its description, which is where a
//! person looks: "orange from `own_clock_seconds`", "red below 0". Every step of its colours is so named.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::Value;

use super::{Panel, all, list, text};

/// What `deploy/prometheus/thresholds.yml` records as a number.
fn recorded() -> BTreeMap<String, f64> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prometheus/thresholds.yml");
    let text = fs::read_to_string(file).expect("it can be read");
    let rule = Regex::new(r"record: gracewatch:threshold:(\w+)\n\s+expr: vector\(([0-9.* ]+)\)").expect("a pattern");
    let numbers = rule.captures_iter(&text).map(|found| {
        let factors = found[2].split('*').map(|factor| factor.trim().parse::<f64>().expect("a number"));
        (found[1].to_owned(), factors.product())
    });
    numbers.collect()
}

/// A change of colour: to which one, from where on. The first colour of a field has no such place.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    before: String,
    colour: String,
    value: f64,
    is_in_days: bool,
}

/// The steps of a panel, of its fields altogether and of single ones.
fn steps(panel: &Panel<'_>) -> Vec<Step> {
    let defaults = &panel.json["fieldConfig"]["defaults"];
    let mut found = of_field(&defaults["thresholds"], &defaults["unit"]);
    for (matcher, property, value) in panel.overrides() {
        if property == "thresholds" {
            let own = panel.overrides().find(|(other, property, _)| *other == matcher && *property == "unit");
            found.extend(of_field(value, own.map_or(&defaults["unit"], |(_, _, unit)| unit)));
        }
    }
    found
}

fn of_field(thresholds: &Value, unit: &Value) -> Vec<Step> {
    let steps = list(&thresholds["steps"]);
    let pairs = steps.iter().zip(steps.iter().skip(1));
    let steps = pairs.map(|(before, step)| Step {
        before: text(&before["color"]).to_owned(),
        colour: text(&step["color"]).to_owned(),
        value: step["value"].as_f64().unwrap_or_else(|| panic!("no number: {step}")),
        is_in_days: unit == "suffix: days",
    });
    steps.collect()
}

/// What a description says of colours.
#[derive(Debug)]
struct Claim {
    colour: String,
    relation: String,
    value: f64,
    is_in_seconds: bool,
}

fn claims(description: &str, recorded: &BTreeMap<String, f64>) -> Vec<Claim> {
    let claim = Regex::new(r"(?i)\b(red|orange|purple) (from|above|below) (?:`(\w+)`|([0-9.]+))").expect("a pattern");
    let claims = claim.captures_iter(description).map(|found| {
        let name = found.get(3).map_or("", |name| name.as_str());
        let value = found.get(4).map_or_else(
            || *recorded.get(name).unwrap_or_else(|| panic!("{name} is no threshold that is recorded")),
            |number| number.as_str().trim_end_matches('.').parse().expect("a number"),
        );
        let (colour, relation) = (found[1].to_lowercase(), found[2].to_owned());
        Claim { colour, relation, value, is_in_seconds: name.ends_with("_seconds") }
    });
    claims.collect()
}

impl Claim {
    fn is_kept_by(&self, step: &Step) -> bool {
        let value = if step.is_in_days && self.is_in_seconds { self.value / 86_400.0 } else { self.value };
        let (colour, value) = match self.relation.as_str() {
            "below" => (&step.before, value),
            // What is above is counted in whole numbers.
            "above" => (&step.colour, value + 1.0),
            _ => (&step.colour, value),
        };
        *colour == self.colour && (step.value - value).abs() < 1e-9
    }
}

#[test]
fn every_change_of_colour_is_named_in_the_description_and_is_where_the_alerts_have_it() {
    let recorded = recorded();
    assert!(recorded.len() > 15, "{recorded:?}");
    let mut named = 0;
    for dashboard in all() {
        for panel in dashboard.panels() {
            let (steps, claims) = (steps(&panel), claims(text(&panel.json["description"]), &recorded));
            for step in &steps {
                let is_named = claims.iter().any(|claim| claim.is_kept_by(step));
                assert!(is_named, "{} does not name {step:?}: {claims:?}", panel.name());
            }
            for claim in &claims {
                let is_kept = steps.iter().any(|step| claim.is_kept_by(step));
                assert!(is_kept, "{} does not keep {claim:?}: {steps:?}", panel.name());
            }
            named += claims.iter().filter(|claim| claim.is_in_seconds).count();
        }
    }
    assert!(named > 15, "{named}");
}

/// Thresholds of alerts that no panel draws, each for a reason.
#[test]
fn every_threshold_is_in_a_dashboard_or_is_known_not_to_be() {
    let elsewhere = [
        // How many machines make a page of it: shown as a number of machines, beside the runway.
        "blocked_page_many_machines",
        // A difference to the day before.
        "lost_page_machines",
        // A share of the inventory, of which a panel shows the number.
        "missing_ratio",
    ];
    let descriptions: Vec<String> = all()
        .iter()
        .flat_map(|dashboard| {
            dashboard.panels().map(|panel| text(&panel.json["description"]).to_owned()).collect::<Vec<_>>()
        })
        .collect();
    for name in recorded().keys() {
        let is_shown = descriptions.iter().any(|description| description.contains(&format!("`{name}`")));
        assert_ne!(is_shown, elsewhere.contains(&name.as_str()), "{name}");
    }
}
