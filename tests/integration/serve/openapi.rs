//! The `OpenAPI` document is held against what a daemon answers: every route, and every field of every answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gracewatch::config::tokens;
use regex::Regex;
use serde_json::{Value, json};

use crate::demo::Demo;
use crate::servers::port;
use crate::servers::process::wait_until;
use crate::support::daemon::Daemon;
use crate::support::listener;
use crate::support::post::Sender;
use crate::support::reports::{Client, add_office_key, host_event, kms_host_json, lines, minutes_ago, now};
use crate::support::status::{Kept, TOKEN, sender};

/// Fields that neither this daemon nor the demo answers, each with why. Whoever adds a field has it answered here, or adds it
/// to these.
const NOT_SEEN_HERE: &[(&str, &[&str], &str)] = &[
    ("AnswerJson", &["note"], "no code is written so that it has to be read in another way"),
    ("CellJson", &["ends_at", "proxy_ends_at"], "no certificate ends soon"),
    ("ChangeJson", &["instance", "reason_code"], "one instance has the store, and no license changes for a reason"),
    ("FieldJson", &["value"], "no text of an event is explained"),
    ("HttpJson", &["location"], "nothing is redirected"),
    ("KmsHostJson", &["last_asked_at", "last_request_at"], "no KMS host has events of its clients"),
    ("LicenseJson", &["activated_by_domain", "last_error"], "no machine is activated by its domain, or has events"),
    ("PathJson", &["held_until"], "no verdict is held"),
    ("ProblemJson", &["said_with", "subject_left_out", "together"], "no two problems are one, and none is of many"),
    ("RejectedReport", &["message", "reason", "report"], "no report is refused beside others"),
    ("ReportedJson", &["last_request_at"], "no KMS host has events of its clients"),
    ("TargetJson", &["proxy_tls"], "no proxy is spoken to over TLS"),
];

fn json_of(daemon: &Daemon<'_>, address: &str, status: u16) -> Value {
    let response = daemon.get(address);
    assert_eq!(response.status, status, "{address}: {}", response.body);
    serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{address}: {error} in {}", response.body))
}

/// Looks whether a value is what a schema says, and notes which properties were there and not null.
struct Checker<'a> {
    document: &'a Value,
    seen: BTreeSet<String>,
}

impl<'a> Checker<'a> {
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return schema };
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        self.document.pointer(pointer).unwrap_or_else(|| panic!("nothing is at {pointer}"))
    }

    /// Holds an answer of a route against what is said of it.
    fn look_at(&mut self, route: &str, address: &str, status: u16, answer: &Value) {
        let answers = &self.document["paths"][route]["get"]["responses"];
        let schema = &answers[status.to_string()]["content"]["application/json"]["schema"];
        assert!(!schema.is_null(), "{address}: {status} is not described");
        self.check(answer, schema, route).unwrap_or_else(|fault| panic!("{address}: {fault}\n{answer:#}"));
    }

    /// Why a value is not what a schema says; `Ok` where it is.
    fn check(&mut self, value: &Value, schema: &'a Value, place: &str) -> Result<(), String> {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
        let name = name.unwrap_or(place).to_owned();
        let schema = self.resolved(schema);
        let place = &name;
        if schema.as_bool() == Some(true) || schema.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(());
        }
        for alternatives in ["anyOf", "oneOf"] {
            if let Some(alternatives) = schema[alternatives].as_array() {
                let mut faults = Vec::new();
                let fits = alternatives.iter().any(|alternative| match self.check(value, alternative, place) {
                    Ok(()) => true,
                    Err(fault) => {
                        faults.push(fault);
                        false
                    }
                });
                // What is beside the alternatives holds as well.
                if !fits {
                    return Err(format!("{place}: none fits: {}", faults.join("; ")));
                }
                if schema.get("properties").is_none() {
                    return Ok(());
                }
            }
        }
        if let Some(words) = schema["enum"].as_array() {
            return if words.contains(value) { Ok(()) } else { Err(format!("{place}: {value} is none of {words:?}")) };
        }
        if let Some(only) = schema.get("const") {
            return if only == value { Ok(()) } else { Err(format!("{place}: {value} is not {only}")) };
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let is = |kind: &&str| match *kind {
            "null" => value.is_null(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("{place}: {other} is no type"),
        };
        if !kinds.is_empty() && !kinds.iter().any(is) {
            return Err(format!("{place}: {value} is no {kinds:?}"));
        }
        if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
            && !Regex::new(pattern).expect("a pattern").is_match(text)
        {
            return Err(format!("{place}: {text} does not match {pattern}"));
        }
        if schema["format"] == "date-time"
            && value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_err())
        {
            return Err(format!("{place}: {value} is no moment"));
        }
        if let Some(items) = value.as_array() {
            for item in items {
                self.check(item, &schema["items"], place)?;
            }
        }
        if let Some(fields) = value.as_object() {
            self.check_fields(fields, schema, place)?;
        }
        Ok(())
    }

    fn check_fields(
        &mut self,
        fields: &serde_json::Map<String, Value>,
        schema: &'a Value,
        place: &str,
    ) -> Result<(), String> {
        let empty = json!({});
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                return Err(format!("{place}: {name} is missing"));
            }
        }
        for (name, value) in fields {
            if properties.contains_key(name) {
                let known = &schema["properties"][name];
                self.check(value, known, &format!("{place}.{name}"))?;
                if !value.is_null() {
                    self.seen.insert(format!("{place}.{name}"));
                }
            } else if schema.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false)) {
                self.check(value, &schema["additionalProperties"], &format!("{place}.*"))?;
            } else if schema.get("anyOf").is_none() && schema.get("oneOf").is_none() {
                return Err(format!(
                    "{place}: {name} is not described, only {:?}",
                    schema.get("properties").unwrap_or(&empty)
                ));
            }
        }
        Ok(())
    }

    /// The properties of all schemas that have a name.
    fn all(&self) -> BTreeSet<String> {
        let schemas = self.document["components"]["schemas"].as_object().expect("there are schemas");
        let mut all = BTreeSet::new();
        for (name, schema) in schemas {
            let mut variants = vec![schema];
            for alternatives in ["anyOf", "oneOf"] {
                variants.extend(schema[alternatives].as_array().into_iter().flatten());
            }
            for variant in variants {
                let properties = variant["properties"].as_object();
                all.extend(properties.into_iter().flat_map(|known| known.keys()).map(|key| format!("{name}.{key}")));
            }
        }
        all
    }
}

/// A daemon that has something of everything to answer.
fn world(kept: &Kept) -> Daemon<'static> {
    let daemon = kept.serve();
    daemon.wait_until_ready();
    // It has two keys, and says of one why its license is as it is.
    let mut host = kms_host_json("127.0.0.1.corp.example", now(), 1, 50);
    add_office_key(&mut host, 50);
    host["products"][1]["LicenseStatusReason"] = 0x4004_F401_u32.into();
    let host = host.to_string();
    let lost = Client { license_status: 5, minutes: 0, ..Client::new("ws0417.corp.example") };
    let silent = Client { reported_at: minutes_ago(9 * 1440), ..Client::new("ws0418.corp.example") };
    let answer =
        sender(daemon.address()).send(lines(&[lost.clone(), silent, Client::new("ws0419.corp.example")]) + &host);
    assert_eq!(answer.status, 202, "{answer:?}");
    // What a KMS host says of itself by its events: in one domain it could publish itself, in another it could not, and
    // later it could not start.
    let name = "127.0.0.1.corp.example";
    let event = |id, ago, data: &[&str]| host_event(id, name, minutes_ago(ago), data);
    let events = [
        event(12294, 120, &["lab.example"]),
        event(12293, 90, &["0x80072338", "corp.example"]),
        event(12291, 30, &["0xC004F00F"]),
    ];
    assert_eq!(sender(daemon.address()).send(events.concat()).status, 202);
    let renewed = Client { license_status: 1, minutes: 250_000, ..lost };
    assert_eq!(sender(daemon.address()).send(lines(&[renewed])).status, 202);
    wait_until("the fleet is not aggregated", || daemon.get("/api/v1/runway").body.contains("\"machines\":4"));
    daemon
}

/// Looks at what a demo answers: it has clocks, certificates, a proxy, KMS hosts that are used, and faults.
fn look_at_demo(checker: &mut Checker<'_>) {
    let demo = Demo::start(&["--fault", "shared-key", "--fault", "half-load-balancer"]);
    demo.wait_for("online", "degraded client not_activated");
    demo.wait_for("tokyo", "degraded rpc intermittent");
    // Each clock is read once a minute, at the start as well.
    wait_until("no clock is read", || {
        demo.json("/api/v1/kms-hosts").to_string().contains("\"clock_offset_seconds\":-")
            || demo.json("/api/v1/kms-hosts").to_string().contains("\"clock_offset_seconds\":0.")
    });
    for (route, address) in [("/api/v1/paths", "/api/v1/paths"), ("/api/v1/kms-hosts", "/api/v1/kms-hosts")] {
        checker.look_at(route, address, 200, &demo.json(address));
    }
    demo.turn("closed-port", true);
    let pending = "/api/v1/paths/berlin";
    wait_until("the fault is not pending", || {
        let berlin = demo.json(pending);
        let is_pending = !berlin["pending"].is_null();
        checker.look_at("/api/v1/paths/{name}", pending, 200, &berlin);
        is_pending || berlin["verdict"] == "blocked"
    });
    demo.wait_for("berlin", "blocked tcp refused");
    demo.turn("intercepting-proxy", true);
    demo.wait_for("online", "blocked tls intercepted");
    for (route, address) in [
        ("/api/v1/paths", "/api/v1/paths"),
        ("/api/v1/paths/{name}/history", "/api/v1/paths/berlin/history?since=1h"),
        ("/api/v1/machines", "/api/v1/machines?limit=500"),
        ("/api/v1/machines/{name}", "/api/v1/machines/ws0417"),
        ("/api/v1/machines/{name}", "/api/v1/machines/nb0100"),
        // Its KMS host is the one whose port is closed.
        ("/api/v1/machines/{name}", "/api/v1/machines/nb0042"),
        ("/api/v1/machines/{name}", "/api/v1/machines/kms01"),
        ("/api/v1/changes", "/api/v1/changes"),
        ("/api/v1/kms-hosts", "/api/v1/kms-hosts"),
        ("/api/v1/explain/{code}", "/api/v1/explain/0xC004F074"),
        ("/api/v1/explain/{code}", "/api/v1/explain/C004C003"),
        ("/api/v1/explain/{code}", "/api/v1/explain/-1073418124"),
        ("/api/v1/explain/{code}", "/api/v1/explain/12290"),
        ("/sd", "/sd"),
    ] {
        checker.look_at(route, address, 200, &demo.json(address));
    }
}

#[test]
fn every_answer_is_as_the_document_says() {
    let (host, refusing) = (listener::accepting_binds(), port::refusing());
    let kept = Kept::new().with_paths(&format!(
        "paths:\n- {{name: corp, kms: {{hosts: [\"{}\", \"{refusing}\"]}}}}\n\
         - {{name: online, online: {{endpoints: [\"http://{refusing}\"]}}}}\n",
        host.address()
    ));
    let inventory = "Name,LastLogonDate,OperatingSystem\nws0420.corp.example,11/28/2026,Windows 11 Enterprise\n";
    let inventory = kept.directory().write("inventory.csv", inventory);
    let kept = kept.with(&format!("inventory: {}", inventory.display()));
    let all = format!("everything {TOKEN} *\nenrol: site 0123456789abcdef-site ws*\n");
    kept.directory().write_private("tokens", all);
    let daemon = world(&kept);
    let document = json_of(&daemon, "/api/v1/openapi.json", 200);
    assert_eq!(document["openapi"], "3.1.0");
    let mut checker = Checker { document: &document, seen: BTreeSet::new() };
    let mut asked = BTreeSet::new();
    for (path, address, status) in [
        ("/api/v1/about", "/api/v1/about", 200),
        ("/api/v1/paths", "/api/v1/paths", 200),
        ("/api/v1/paths", "/api/v1/paths?x=1", 400),
        ("/api/v1/paths/{name}", "/api/v1/paths/corp", 200),
        ("/api/v1/paths/{name}", "/api/v1/paths/online", 200),
        ("/api/v1/paths/{name}", "/api/v1/paths/corpp", 404),
        ("/api/v1/paths/{name}/history", "/api/v1/paths/corp/history?since=1h", 200),
        ("/api/v1/paths/{name}/history", "/api/v1/paths/corp/history?limit=0", 400),
        ("/api/v1/paths/{name}/history", "/api/v1/paths/other/history", 404),
        ("/api/v1/machines", "/api/v1/machines?sort=name", 200),
        ("/api/v1/machines", "/api/v1/machines?missing=true", 200),
        ("/api/v1/machines", "/api/v1/machines?sort=age", 400),
        ("/api/v1/machines/{name}", "/api/v1/machines/ws0417", 200),
        ("/api/v1/machines/{name}", "/api/v1/machines/ws", 404),
        ("/api/v1/machines/{name}", "/api/v1/machines/wz0417", 404),
        ("/api/v1/runway", "/api/v1/runway", 200),
        ("/api/v1/changes", "/api/v1/changes?since=30d", 200),
        ("/api/v1/changes", "/api/v1/changes?since=soon", 400),
        ("/api/v1/kms-hosts", "/api/v1/kms-hosts", 200),
        ("/api/v1/kms-hosts", "/api/v1/kms-hosts?limit=x", 400),
        ("/api/v1/explain/{code}", "/api/v1/explain/0xC004F074", 200),
        ("/api/v1/explain/{code}", "/api/v1/explain/12288", 200),
        ("/api/v1/explain/{code}", "/api/v1/explain/0xC004F0ZZ", 404),
        ("/api/v1/openapi.json", "/api/v1/openapi.json", 200),
        ("/sd", "/sd", 200),
        ("/sd", "/sd?path=x", 404),
    ] {
        checker.look_at(path, address, status, &json_of(&daemon, address, status));
        asked.insert(path);
    }
    let described = document["paths"].as_object().expect("there are paths");
    let json_routes: BTreeSet<&str> = described
        .iter()
        .filter(|(_, operations)| operations["get"]["responses"]["200"]["content"].get("application/json").is_some())
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(asked, json_routes, "each is asked");
    let stranger = Client::new("d.evil.example").text().replace("d.evil.example", "not a name");
    for body in ["no report\n".to_owned(), stranger] {
        let sent = sender(daemon.address()).send(body);
        let schema = &document["paths"]["/api/v1/status"]["post"]["responses"][sent.status.to_string()];
        let schema = &schema["content"]["application/json"]["schema"];
        checker.check(&sent.json, schema, "sent").unwrap_or_else(|fault| panic!("{fault}\n{sent:?}"));
    }
    let own = tokens::make().expect("there are random numbers");
    for (machine, own, status) in [
        ("ws01", own.reveal(), 201),
        ("ws01", own.reveal(), 200),
        ("ws01", tokens::make().expect("there are more").reveal(), 409),
        ("ws02", "short", 400),
        ("srv01", own.reveal(), 403),
    ] {
        let body = json!({"machine": machine, "token": own}).to_string();
        let sent = Sender::enrolling(daemon.address(), "0123456789abcdef-site").send(body);
        assert_eq!(sent.status, status, "{sent:?}");
        let schema = &document["paths"]["/api/v1/enrol"]["post"]["responses"][status.to_string()];
        let schema = &schema["content"]["application/json"]["schema"];
        checker.check(&sent.json, schema, "enrolled").unwrap_or_else(|fault| panic!("{fault}\n{sent:?}"));
    }
    // An inventory that cannot be read leaves the one before.
    fs::write(inventory, "no,inventory\n").expect("it can be written");
    wait_until("the inventory is still read", || {
        daemon.get("/api/v1/machines?missing=true").body.contains("\"inventory_error\":\"")
    });
    let missing = "/api/v1/machines?missing=true";
    checker.look_at("/api/v1/machines", missing, 200, &json_of(&daemon, missing, 200));
    look_at_demo(&mut checker);
    let named = |(name, fields, _): &(&str, &'static [&str], &str)| -> Vec<String> {
        fields.iter().map(|field| format!("{name}.{field}")).collect()
    };
    let never: BTreeSet<_> = NOT_SEEN_HERE.iter().flat_map(named).collect();
    let unseen: BTreeSet<_> = checker.all().difference(&checker.seen).cloned().collect();
    let unseen: Vec<_> = unseen.difference(&never).collect();
    assert!(unseen.is_empty(), "no answer has these: {unseen:#?}");
    let answered: Vec<_> = never.intersection(&checker.seen).collect();
    assert!(answered.is_empty(), "these are answered after all: {answered:#?}");
}

#[test]
fn every_route_of_the_api_is_described_and_no_other() {
    let host = listener::accepting_binds();
    let daemon = Daemon::start(&crate::support::config::hosts(&[host.address()]));
    let document = json_of(&daemon, "/api/v1/openapi.json", 200);
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web.rs")).expect("it is there");
    let routes = Regex::new(r#"\.route\(\s*"(?<route>[^"]+)",\s*(?<method>get|post)\("#).expect("a pattern");
    let routes: BTreeSet<(String, String)> = routes
        .captures_iter(&source)
        .map(|found| (found["route"].replace("{*code}", "{code}"), found["method"].to_owned()))
        .collect();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("there are paths")
        .iter()
        .flat_map(|(path, operations)| {
            let methods = operations.as_object().expect("there are methods").keys();
            methods.map(|method| (path.clone(), method.clone()))
        })
        .collect();
    let missing: Vec<_> = routes.difference(&described).filter(|(route, _)| route.starts_with("/api/")).collect();
    assert!(missing.is_empty(), "these are not described: {missing:?}");
    let gone: Vec<_> = described.difference(&routes).collect();
    assert!(gone.is_empty(), "these are not there: {gone:?}");
}

#[test]
fn what_is_wrong_is_answered_with_what_is_right() {
    let host = listener::accepting_binds();
    let daemon = Daemon::start_ready(&crate::support::config::hosts(&[host.address()]));
    let error = |address: &str, status| {
        let answer = json_of(&daemon, address, status);
        (answer["error"].as_str().expect("there is an error").to_owned(), answer)
    };
    let (unknown, answer) = error("/api/v1/paths/corpp", 404);
    assert_eq!(
        (unknown.as_str(), &answer["did_you_mean"]),
        ("`corpp`: no path has this name; the nearest is `corp`", &"corp".into())
    );
    assert_eq!(error("/api/v1/paths/elsewhere/history", 404).0, "`elsewhere`: no path has this name");
    let (unknown, answer) = error("/api/v1/paths/corp/history?last=5&lang=ja", 400);
    assert!(
        unknown.contains("unknown field `last`") && unknown.ends_with("the parameters are since, limit, lang"),
        "{unknown}"
    );
    assert!(answer["message"].as_str().is_some_and(|message| message.contains("使用できるパラメーター")), "{answer}");
    let (range, _) = error("/api/v1/changes?limit=10001", 400);
    assert_eq!(range, "`limit=10001`: not from 1 to 10000");
    assert!(error("/api/v1/changes?since=soon", 400).0.starts_with("`since=soon`: "));
}
