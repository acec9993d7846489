//! The files by which Grafana takes the dashboards and their data source without anybody clicking.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::list;

/// A file in YAML, as the keys and values in it.
fn read(file: &str) -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("it can be read");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Grafana ignores keys that it does not know.
fn assert_keys(value: &Value, known: &[&str]) {
    let keys: Vec<_> = value.as_object().expect("a mapping").keys().map(String::as_str).collect();
    assert!(keys.iter().all(|key| known.contains(key)), "{keys:?}");
}

#[test]
fn dashboards_are_taken_from_files() {
    let file = read("dashboards/provisioning/dashboards/gracewatch.yml");
    assert_keys(&file, &["apiVersion", "providers"]);
    let [provider] = list(&file["providers"]) else { panic!("not one provider: {file}") };
    assert_keys(provider, &["name", "folder", "type", "allowUiUpdates", "options"]);
    assert_keys(&provider["options"], &["path"]);
    assert_eq!((&file["apiVersion"], &provider["type"]), (&1.into(), &"file".into()));
    assert!(provider["options"]["path"].as_str().is_some_and(|path| path.starts_with('/')), "{provider}");
}

#[test]
fn the_data_source_is_the_default_one_and_knows_how_often_prometheus_scrapes() {
    let file = read("dashboards/provisioning/datasources/gracewatch.yml");
    assert_keys(&file, &["apiVersion", "datasources"]);
    let [source] = list(&file["datasources"]) else { panic!("not one data source: {file}") };
    assert_keys(source, &["name", "type", "access", "url", "isDefault", "jsonData"]);
    assert_keys(&source["jsonData"], &["httpMethod", "timeInterval"]);
    assert_eq!((&file["apiVersion"], &source["type"]), (&1.into(), &"prometheus".into()));
    assert_eq!(source["isDefault"], true);
    let prometheus = read("deploy/prometheus/prometheus.yml");
    assert_eq!(source["jsonData"]["timeInterval"], prometheus["global"]["scrape_interval"]);
}
