//! Queries as Grafana sends them: with its variables filled in, for a moment or for a range.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use regex::{Captures, Regex};
use serde_json::Value;

use super::{Dashboard, list, text};
use crate::servers::http;
use crate::servers::prometheus::Prometheus;

/// Four scrape intervals, of a second each, as Grafana reckons it for graphs that are narrow enough.
const RATE_INTERVAL: &str = "4s";

/// One series of an answer.
#[derive(Debug, Clone)]
pub struct Series {
    pub labels: BTreeMap<String, String>,
    pub values: Vec<f64>,
}

/// What is chosen for each variable: one value, or several where a person may choose several.
#[derive(Debug, Clone, Default)]
pub struct Choice(BTreeMap<String, Chosen>);

#[derive(Debug, Clone)]
enum Chosen {
    One(String),
    Several(Vec<String>),
}

impl Choice {
    /// What is chosen for a variable of which one value can be.
    pub fn one(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Chosen::One(value) => Some(value),
            Chosen::Several(_) => None,
        }
    }

    /// A query with all variables filled in.
    pub fn fill(&self, query: &str) -> String {
        let variable = Regex::new(r"\$([a-z_]\w*)").expect("a pattern");
        let filled = variable.replace_all(query, |found: &Captures<'_>| match &found[1] {
            "__rate_interval" => RATE_INTERVAL.to_owned(),
            name => match self.0.get(name).unwrap_or_else(|| panic!("nothing is chosen for {name} in {query}")) {
                Chosen::One(value) => value.replace('\\', r"\\").replace('"', "\\\""),
                Chosen::Several(values) => any_of(values),
            },
        });
        filled.into_owned()
    }
}

/// A pattern that fits these values and no others, as Grafana writes it into the string of a query.
fn any_of(values: &[String]) -> String {
    let special = Regex::new(r"[\\$^*{}\[\]'+?.()|]").expect("a pattern");
    let escaped: Vec<_> = values.iter().map(|value| special.replace_all(value, r"\\$0").into_owned()).collect();
    match escaped.as_slice() {
        [only] => only.clone(),
        several => format!("({})", several.join("|")),
    }
}

/// Everything a person can choose on a dashboard, where several values can be: all of them. Only `instances` are there.
pub fn choices(dashboard: &Dashboard, prometheus: &Prometheus, instances: &[String]) -> Vec<Choice> {
    let mut choices = vec![Choice::default()];
    for variable in &dashboard.variables()[1..] {
        let name = text(&variable["name"]);
        let widened = choices.iter().flat_map(|choice| {
            let mut values = label_values(prometheus, &choice.fill(text(&variable["query"]["query"])));
            if name == "instance" {
                values.retain(|value| instances.contains(value));
            }
            let chosen = if variable["multi"] == true {
                vec![Chosen::Several(values)]
            } else {
                values.into_iter().map(Chosen::One).collect()
            };
            chosen.into_iter().map(|chosen| {
                let mut choice = choice.clone();
                choice.0.insert(name.to_owned(), chosen);
                choice
            })
        });
        choices = widened.collect();
    }
    choices
}

/// The answer to the query of a variable, `label_values(SELECTOR, LABEL)`.
fn label_values(prometheus: &Prometheus, query: &str) -> Vec<String> {
    let form = Regex::new(r"^label_values\((.+), (\w+)\)$").expect("a pattern");
    let parts = form.captures(query).unwrap_or_else(|| panic!("{query}"));
    let path = format!("/api/v1/label/{}/values?match[]={}", &parts[2], http::encode_parameter(&parts[1]));
    list(&ask(prometheus, &path)["data"]).iter().map(|value| text(value).to_owned()).collect()
}

/// What a query of a panel finds.
pub fn run(prometheus: &Prometheus, query: &Value, choice: &Choice) -> Vec<Series> {
    let expression = http::encode_parameter(&choice.fill(text(&query["expr"])));
    let is_range = query["range"] == true;
    assert_ne!(is_range, query["instant"] == true, "neither or both: {query}");
    let answer = if is_range {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is past 1970").as_secs();
        let (start, end) = (now - 120, now);
        ask(prometheus, &format!("/api/v1/query_range?query={expression}&start={start}&end={end}&step=1"))
    } else {
        ask(prometheus, &format!("/api/v1/query?query={expression}"))
    };
    let number = |value: &Value| text(&value[1]).parse().expect("a number");
    let series = list(&answer["data"]["result"]).iter().map(|series| {
        let labels = series["metric"].as_object().expect("labels");
        let labels = labels.iter().map(|(name, value)| (name.clone(), text(value).to_owned()));
        let values = if is_range { list(&series["values"]) } else { std::slice::from_ref(&series["value"]) };
        Series { labels: labels.collect(), values: values.iter().map(number).collect() }
    });
    series.collect()
}

fn ask(prometheus: &Prometheus, path: &str) -> Value {
    let response = http::get(prometheus.address(), path).expect("prometheus answers");
    assert_eq!(response.status, 200, "{path}: {}", response.body);
    let answer: Value = serde_json::from_str(&response.body).expect("it is JSON");
    assert_eq!((&answer["status"], &answer["warnings"]), (&"success".into(), &Value::Null), "{path}");
    answer
}

/// The names of all labels of these series.
pub fn labels(series: &[Series]) -> BTreeSet<String> {
    series.iter().flat_map(|series| series.labels.keys().cloned()).collect()
}
