//! A secret in each place that the schema knows, and what is wrong with it: no message holds it, and no value shows it.

use super::*;
use serde_json::{Map, Value, json};

const SECRET: &str = "hunter2Zq9Zq9";

/// One step into a document.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    First,
}

/// Every place that a schema knows: where a mapping, a list or a value is.
fn places(schema: &Value, root: &Value, at: &[Step], found: &mut Vec<Vec<Step>>) {
    if at.len() > 10 {
        return;
    }
    if let Some(name) = schema["$ref"].as_str() {
        return places(root.pointer(name.trim_start_matches('#')).unwrap(), root, at, found);
    }
    found.push(at.to_vec());
    let with = |step| [at, &[step]].concat();
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        places(value, root, &with(Step::Key(key.clone())), found);
    }
    if let Some(items) = schema.get("items") {
        places(items, root, &with(Step::First), found);
    }
    for other in ["anyOf", "oneOf"].iter().flat_map(|key| schema[*key].as_array().into_iter().flatten()) {
        places(other, root, at, found);
    }
}

/// What has to be beside another key.
fn beside(steps: &[Step]) -> Map<String, Value> {
    let keys: Vec<_> = steps.iter().map(|step| if let Step::Key(key) = step { key.as_str() } else { "" }).collect();
    let beside = match keys.as_slice() {
        ["paths", ""] => json!({"name": "corp"}),
        ["paths", "", "online"] => json!({"endpoints": ["https://activation.example"]}),
        ["paths", "", "online", "endpoints", ..] => json!({"url": "https://activation.example"}),
        ["paths", "", "online", "proxies", ..] => {
            json!({"url": "http://proxy.example:3128", "username": "user", "password": "word"})
        }
        ["status"] => json!({"store": "sqlite:/nonexistent/x.db"}),
        _ => json!({}),
    };
    beside.as_object().unwrap().clone()
}

/// A document with this value at this place, and what is needed around it.
fn document(place: &[Step], depth: usize, value: &Value) -> Value {
    match place.get(depth) {
        None => value.clone(),
        Some(Step::First) => json!([document(place, depth + 1, value)]),
        Some(Step::Key(key)) => {
            let mut keys = beside(place.get(..depth).unwrap_or_default());
            keys.insert(key.clone(), document(place, depth + 1, value));
            Value::Object(keys)
        }
    }
}

/// A secret as it may be written anywhere: as a reference, with something before or behind it.
fn references() -> Vec<Value> {
    let texts = [
        "${TOKEN}",
        "x${TOKEN}",
        "${TOKEN}:1",
        "${TOKEN}:99999",
        "[${TOKEN}",
        "${TOKEN}..x",
        "https://${TOKEN}",
        "https://u:${TOKEN}@h",
        "https://${TOKEN}/${TOKEN}?${TOKEN}",
        "postgres://u:${TOKEN}@h:port/d",
        "postgres://u:1/${TOKEN}@h/d",
        "sqlite:${TOKEN}?x",
        "${TOKEN}${",
        "${TOKEN}${nothing}",
    ];
    texts.map(Value::from).into()
}

/// A secret as it may be where secrets do, and where something else belongs.
fn literals() -> Vec<Value> {
    vec![
        json!(format!("postgres://u:{SECRET}@h:port/d")),
        json!(format!("postgres://u:1/{SECRET}@h/d")),
        json!(format!("postgres://u:x#{SECRET}@h/d")),
        json!(format!("postgres://u:${{{SECRET}@h/d")),
        json!(format!("postgres://u:${{-{SECRET}}}@h/d")),
        json!(format!("mysql://u:{SECRET}@h/d")),
        json!(format!("http://u:{SECRET}@h")),
        json!(format!("http://u:x/{SECRET}@h:1")),
        json!({format!("url:http://u:{SECRET}@h"): null}),
        json!({format!("store:{SECRET}"): null}),
        json!({SECRET: SECRET}),
        json!({"is": SECRET}),
        json!([SECRET]),
        json!([[SECRET]]),
    ]
}

/// A secret with a user name, an address or a word for it beside it: whoever pastes that in the wrong place.
fn credentials() -> Vec<Value> {
    let texts = [
        "user:SECRET@host",
        "user:SECRET@host:1688",
        "user:p@SECRET@host",
        "https://user:SECRET@host",
        "https://user:SECRET@host:1/x",
        "https://SECRET@host",
        "https://:SECRET@host",
        "postgres://user:SECRET@host:port/database",
        "postgres://user:1/SECRET@host/database",
        "postgres://host/database?password=SECRET",
        "host:SECRET",
        "192.0.2.1:SECRET",
        "[2001:db8::1]:SECRET",
        "2001:db8::SECRET",
        "smb2:SECRET",
        "http://host:SECRET",
        "user:SECRET",
        "user: SECRET",
        "password=SECRET",
        "SECRET@host",
        "${file:user:SECRET@host}",
        "${file:/nonexistent/user:SECRET@host}",
        "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n",
    ];
    texts.map(|text| Value::from(text.replace("SECRET", SECRET))).into()
}

fn read(text: &str) -> Result<Config, ConfigError> {
    let variable = |name: &str| (name == "TOKEN").then(|| SECRET.to_owned());
    Config::parse(text.as_bytes(), "test.yaml", &system(), &variable)
}

fn assert_keeps_it(text: &str, read: &Result<Config, ConfigError>) {
    let (Err(ConfigError { .. }), said) = (read, format!("{:?}", read.as_ref().err())) else { return };
    assert!(!said.to_lowercase().contains(&SECRET.to_lowercase()), "{text}\n{said}");
}

#[test]
fn no_message_holds_what_a_reference_stands_for() {
    let schema = schema();
    let mut all = Vec::new();
    places(&schema, &schema, &[], &mut all);
    assert!(all.len() > 50, "{all:?}");
    let mut rejected = 0;
    for place in &all {
        for value in references() {
            let text = document(place, 0, &value).to_string();
            let read = read(&text);
            rejected += usize::from(read.is_err());
            assert_keeps_it(&text, &read);
        }
    }
    assert!(rejected > 500, "{rejected}");
    // What is around a value is as it should be, so that the value is looked at.
    let is_taken = |text: &str| read(text).is_ok();
    for place in ["username", "password"] {
        let mut with = all.iter().filter(|at| matches!(at.last(), Some(Step::Key(key)) if key == place));
        assert!(with.all(|at| is_taken(&document(at, 0, &json!("${TOKEN}")).to_string())), "{place}");
    }
}

#[test]
fn no_message_holds_a_secret_that_is_where_it_should_or_where_something_else_should() {
    let schema = schema();
    let mut all = Vec::new();
    places(&schema, &schema, &[], &mut all);
    // Elsewhere a text is no secret, and is quoted.
    let may_hold_one = |place: &&Vec<Step>| {
        let last =
            place.iter().rev().find_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None });
        let secret = ["store", "proxies", "endpoints", "url", "username", "password"];
        last.is_none_or(|key| secret.contains(&key))
            || ["status", "paths", "online", "kms", "probe", "log"].contains(&last.unwrap_or_default())
    };
    for place in all.iter().filter(may_hold_one) {
        for value in literals() {
            let text = document(place, 0, &value).to_string();
            assert_keeps_it(&text, &read(&text));
        }
    }
}

#[test]
fn no_message_holds_a_secret_that_anything_in_its_place_shows_for_one() {
    let schema = schema();
    let mut all = Vec::new();
    places(&schema, &schema, &[], &mut all);
    let mut rejected = 0;
    for place in &all {
        for value in credentials() {
            let text = document(place, 0, &value).to_string();
            let read = read(&text);
            rejected += usize::from(read.is_err());
            assert_keeps_it(&text, &read);
        }
    }
    assert!(rejected > 500, "{rejected}");
}

#[test]
fn credentials_are_taken_nowhere_but_where_they_belong() {
    let schema = schema();
    let mut all = Vec::new();
    places(&schema, &schema, &[], &mut all);
    for place in &all {
        for value in ["https://user:hunter2Zq9Zq9@host:3128", "user:hunter2Zq9Zq9@host"] {
            let Ok(config) = read(&document(place, 0, &json!(value)).to_string()) else { continue };
            let shown = format!("{config:?}");
            assert!(!shown.contains(SECRET), "{place:?}: {shown}");
        }
    }
}

#[test]
fn what_is_no_secret_is_quoted() {
    let read = |text: &str| read(text).unwrap_err().to_string();
    for (text, quoted) in [
        ("listen: '127.0.0.1:70000'", "127.0.0.1:70000"),
        ("listen: '[2001:db8::1]:70000'", "[2001:db8::1]:70000"),
        ("paths: [{name: a, kms: {hosts: ['::ffff:192.0.2.300']}}]", "::ffff:192.0.2.300"),
        ("paths: [{name: a, online: {endpoints: ['ftp://a.example:21/x']}}]", "ftp://a.example:21/x"),
        ("web: {config_file: ''}", "``"),
        (r"status: {store: 'sqlite:x', tokens_file: 'C:\nowhere\tokens'}", r"C:\nowhere\tokens"),
    ] {
        assert!(read(text).contains(quoted), "{}", read(text));
    }
}

#[test]
fn no_message_holds_a_secret_in_yaml_that_is_broken() {
    for text in [
        format!("status: {{store: *{SECRET}}}"),
        format!("status: {{store: &{SECRET} a, inbox: !{SECRET} b}}"),
        format!("status: {{store: !<{SECRET}> b}}"),
        format!("status: {{store: \"\\{SECRET}\"}}"),
        format!("status: {{store: '{SECRET}"),
        format!("status:\n  store: postgres://u:{SECRET}@h: d\n"),
        format!("status:\n  store: a\n {SECRET}\n"),
        format!("status:\n  store: a\n  {SECRET}: a\n  {SECRET}: b\n"),
        format!("status:\n  store:postgres://u:{SECRET}@h/d\n"),
        format!("status:\n\t store: {SECRET}\n"),
        format!("%{SECRET} 1\n---\nstatus: 1"),
        format!("<<: *{SECRET}\n"),
        format!("<<: {SECRET}\n"),
        SECRET.to_owned(),
        format!("? {SECRET}"),
        format!("status: {{store: !!binary {SECRET}}}"),
        format!("status: {{store: !!int {SECRET}}}"),
        format!("status: {{at_risk: !!int {SECRET}}}"),
        format!("status: {{at_risk: !include {SECRET}}}"),
        format!("status: {{store: a, at_risk: {SECRET}}}"),
        format!(
            "paths: [{{name: a, online: {{endpoints: microsoft, proxies: [{{url: 'http://p:1', gives_pages: {SECRET}}}]}}}}]"
        ),
    ] {
        let read = read(&text);
        assert!(read.is_err(), "{text}");
        assert_keeps_it(&text, &read);
    }
}

#[test]
fn a_configuration_does_not_show_its_secrets() {
    let text = "status: {store: 'postgres://u:${TOKEN}@h/d?password=${TOKEN}'}\n\
                paths:\n- name: corp\n  online:\n    endpoints: ['https://a.example']\n    proxies:\n\
                \x20   - {url: 'http://p:1', username: '${TOKEN}', password: '${TOKEN}'}\n\
                \x20   - 'http://${TOKEN}:${TOKEN}@p:2'\n";
    let config = read(text).unwrap();
    assert!(!format!("{config:?}{config:#?}").contains(SECRET), "{config:?}");
}
