//! The shipped dashboards: their form, what they name, and, against a real Prometheus, what every query of them finds.
//!
//! That they fit Grafana's schema, `tests/dashboards/check.py` says.

mod form;
mod live;
mod names;
mod provisioning;
mod query;
mod scene;
mod tables;
mod thresholds;

use std::fs;
use std::path::Path;

use serde_json::Value;

/// One dashboard.
struct Dashboard {
    file: String,
    json: Value,
}

/// One panel of it that shows something. A row of panels shows nothing.
struct Panel<'a> {
    file: &'a str,
    json: &'a Value,
}

/// Everything that is shipped.
fn all() -> Vec<Dashboard> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    let entries = fs::read_dir(folder).expect("the dashboards are there").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    let read = files.iter().map(|path| {
        let text = fs::read_to_string(path).expect("it can be read");
        let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        Dashboard { file, json }
    });
    let dashboards: Vec<_> = read.collect();
    let names: Vec<_> = dashboards.iter().map(|dashboard| dashboard.file.as_str()).collect();
    assert_eq!(names, ["fleet.json", "online.json", "overview.json", "path.json"]);
    dashboards
}

impl Dashboard {
    /// The panels, rows included.
    fn tiles(&self) -> &[Value] {
        list(&self.json["panels"])
    }

    /// The panels that show something.
    fn panels(&self) -> impl Iterator<Item = Panel<'_>> {
        let shown = self.tiles().iter().filter(|tile| tile["type"] != "row");
        shown.map(|json| Panel { file: &self.file, json })
    }

    /// The variables a person chooses with.
    fn variables(&self) -> &[Value] {
        list(&self.json["templating"]["list"])
    }
}

impl Panel<'_> {
    /// By what a complaint names it.
    fn name(&self) -> String {
        format!("{}: {}", self.file, text(&self.json["title"]))
    }

    fn queries(&self) -> &[Value] {
        list(&self.json["targets"])
    }

    /// Properties of a field that are set for some fields: the matcher, and each property with its value.
    fn overrides(&self) -> impl Iterator<Item = (&Value, &str, &Value)> {
        list(&self.json["fieldConfig"]["overrides"]).iter().flat_map(|entry| {
            let properties = list(&entry["properties"]).iter();
            properties.map(|property| (&entry["matcher"], text(&property["id"]), &property["value"]))
        })
    }
}

/// The items of a JSON array; none where there is none.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The text of a JSON string.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Every string anywhere in a value, keys left out.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}
