//! The table of metrics in `docs/metrics.md`: what the catalogue of gauges and the registry of counters have.
//!
//! Where a metric changes, `GRACEWATCH_WRITE_GOLDEN=1` writes the table again.

use super::Metrics;
use crate::counters::{BodyBound, Counters, StoreCounters};
use crate::license::Source;
use crate::observation::{Observation, Stage};
use crate::state::State;
use crate::store::StoreError;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use syn::{Expr, Item, Lit};

/// A metric as it is documented.
#[derive(Default)]
struct Metric {
    kind: String,
    help: String,
    labels: Vec<String>,
}

type Table = BTreeMap<String, Metric>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn literal(expression: &Expr) -> Option<String> {
    let Expr::Lit(literal) = expression else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    Some(text.value())
}

/// The constants of the catalogue.
fn gauges() -> Table {
    let source = fs::read_to_string(root().join("src/metrics/catalogue.rs")).unwrap();
    let mut table = Table::new();
    for item in syn::parse_file(&source).unwrap().items {
        let Item::Const(constant) = item else { continue };
        let Expr::Struct(gauge) = *constant.expr else { continue };
        let mut name = String::new();
        let mut metric = Metric::default();
        for field in gauge.fields {
            let syn::Member::Named(member) = field.member else { continue };
            match (member.to_string().as_str(), field.expr) {
                ("name", text) => name = literal(&text).unwrap(),
                ("help", text) => metric.help = literal(&text).unwrap(),
                (_, Expr::Array(labels)) => metric.labels = labels.elems.iter().filter_map(literal).collect(),
                _ => {}
            }
        }
        metric.kind = if name.ends_with("_total") { "counter" } else { "gauge" }.to_owned();
        table.insert(name, metric);
    }
    table
}

/// What is counted, each at least once, so that it shows.
fn counters() -> Table {
    let counters = Counters::new().unwrap();
    counters.path("corp").count(&Observation::new(Stage::Tcp, Ok(String::new()), Duration::ZERO));
    counters.show_store(&StoreCounters::new(&StoreError::REASONS).unwrap()).unwrap();
    counters.count_reports(Source::Slmgr, "stored", 1);
    counters.bodies().set_limit(BodyBound::Received, 1);
    counters.bodies().set_limit(BodyBound::Processed, 1);
    counters.http().answered("/metrics", 200, Duration::ZERO);
    let page = Metrics::new(Arc::new(State::new()), Arc::new(counters)).unwrap().render().unwrap();
    let label = Regex::new(r#"([a-z_0-9]+)=""#).unwrap();
    let mut table = Table::new();
    for line in String::from_utf8(page).unwrap().lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            table.entry(name.to_owned()).or_default().help = help.to_owned();
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            table.entry(name.to_owned()).or_default().kind = kind.to_owned();
        } else if let Some((series, labels)) = line.split_once('{') {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| series.strip_suffix(end));
            let name = family.filter(|family| table.contains_key(*family)).unwrap_or(series);
            let labels = label.captures_iter(labels).map(|found| found[1].to_owned()).filter(|label| label != "le");
            table.entry(name.to_owned()).or_default().labels = labels.collect();
        }
    }
    table.retain(|name, _| name.starts_with("gracewatch_"));
    table
}

/// The names of metrics that are in the sources of both.
fn names() -> BTreeSet<String> {
    let pattern = Regex::new(r#""(gracewatch_[a-z0-9_]+)""#).unwrap();
    let files = ["src/metrics/catalogue.rs", "src/metrics/paths.rs", "src/counters.rs"].map(|file| root().join(file));
    let folder = fs::read_dir(root().join("src/counters")).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.into_iter().chain(folder).map(|file| fs::read_to_string(file).unwrap());
    texts.flat_map(|text| pattern.captures_iter(&text).map(|found| found[1].to_owned()).collect::<Vec<_>>()).collect()
}

#[test]
fn the_table_of_metrics_is_what_there_is() {
    let mut table = counters();
    table.extend(gauges());
    assert_eq!(table.keys().cloned().collect::<BTreeSet<_>>(), names(), "count each at least once in `counters`");
    let mut rows = "| metric | type | labels | what it shows |\n|---|---|---|---|\n".to_owned();
    for (name, Metric { kind, help, labels }) in table {
        writeln!(rows, "| `{name}` | {kind} | {} | {} |", labels.join(", "), help.replace('|', "\\|")).unwrap();
    }
    let file = root().join("docs/metrics.md");
    let kept = fs::read_to_string(&file).unwrap();
    let (before, rest) = kept.split_once("<!-- generated: metrics -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let due = format!("{before}<!-- generated: metrics -->\n\n{rows}\n<!-- end -->{after}");
    if std::env::var_os("GRACEWATCH_WRITE_GOLDEN").is_some() {
        fs::write(&file, &due).unwrap();
    } else {
        assert!(kept == due, "{} is not what GRACEWATCH_WRITE_GOLDEN=1 writes", file.display());
    }
}
