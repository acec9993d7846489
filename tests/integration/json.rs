//! The JSON that others program against: which keys it has, and what types their values are.

use serde_json::{Map, Value, json};

use crate::servers::chrony::Chrony;
use crate::servers::knot::Knot;
use crate::servers::port;
use crate::servers::rpc::RpcServer;
use crate::support::check::{self, Report};
use crate::support::config;
use crate::support::listener;

fn keys(value: &Value) -> Vec<&str> {
    let object: &Map<String, Value> = value.as_object().unwrap_or_else(|| panic!("not an object: {value}"));
    let mut keys: Vec<_> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// All targets of the only path of a report, and all their stages.
fn stages(report: &Report) -> impl Iterator<Item = (&Value, &Value)> {
    let targets = report.path()["targets"].as_array().expect("there is a list of targets");
    targets.iter().flat_map(|target| {
        let stages = target["stages"].as_array().expect("there is a list of stages");
        stages.iter().map(move |stage| (target, stage))
    })
}

/// What holds for every stage, whether it passed or failed.
fn assert_stage_is_whole(target: &Value, stage: &Value) {
    let of_lookup = ["address", "stages", "target"];
    assert!([&of_lookup[..], &["address", "stages", "target", "works"]].contains(&&*keys(target)), "{target}");
    assert!(target["target"].is_string(), "{target}");
    assert!(target["address"].is_string() || target["address"].is_null(), "{target}");
    assert_eq!(keys(stage), ["detail", "duration_seconds", "mark", "observed_at", "ok", "reason", "stage"]);
    assert!(stage["stage"].is_string() && stage["detail"].is_string(), "{stage}");
    assert_eq!(stage["ok"].as_bool(), Some(stage["reason"].is_null()), "{stage}");
    let duration = stage["duration_seconds"].as_f64().expect("a duration is a number");
    assert!((0.0..5.5).contains(&duration), "{stage}");
    let observed_at = stage["observed_at"].as_str().expect("a time is text");
    let observed_at = humantime::parse_rfc3339(observed_at).expect("a time is as RFC 3339 writes it");
    let age = observed_at.elapsed().unwrap_or_default();
    assert!(age.as_secs() < 60, "observed {age:?} ago: {stage}");
}

#[test]
#[ignore = "needs knot, python3-impacket, chrony"]
fn a_path_that_works_has_every_key_and_null_where_nothing_is_wrong() {
    let (server, time) = (RpcServer::start(0), Chrony::right());
    let records = format!("_vlmcs._tcp SRV 0 0 {} kms1\nkms1 A 127.0.0.1", server.address().port());
    let dns = Knot::start("corp.example", &records);

    let configuration = config::discovered(&[dns.address()]) + &config::ntp(&[time.address()]);
    let report = check::configured(&configuration);
    assert_eq!(keys(&report.json), ["clock", "paths"]);
    let path = report.path();
    assert_eq!(
        keys(path),
        [
            "clients_show",
            "code",
            "first_expiry",
            "held_until",
            "impact",
            "inner_code",
            "kind",
            "machines",
            "name",
            "next_steps",
            "pending",
            "problems",
            "reason",
            "runway",
            "since",
            "stage",
            "summary",
            "targets",
            "unmeasured",
            "verdict"
        ]
    );
    assert_eq!((&path["name"], &path["kind"], &path["verdict"]), (&"corp".into(), &"kms".into(), &"ok".into()));
    for key in [
        "stage",
        "reason",
        "code",
        "inner_code",
        "clients_show",
        "impact",
        "machines",
        "first_expiry",
        "held_until",
        "pending",
    ] {
        assert_eq!(path[key], Value::Null, "{key}");
    }
    assert!(report.summary().contains("corp"), "{}", report.summary());
    assert_eq!([&path["next_steps"], &path["problems"]], [&Value::Array(Vec::new()); 2]);
    let walked: Vec<_> = stages(&report).map(|(_, stage)| stage["stage"].as_str().expect("a word")).collect();
    assert_eq!(walked, ["srv", "address", "tcp", "rpc"]);
    for (target, stage) in stages(&report) {
        assert_stage_is_whole(target, stage);
    }

    let clock = &report.json["clock"];
    assert_eq!(keys(clock), ["error_seconds", "mark", "reference_offset_seconds", "sources", "summary"]);
    assert!(clock["reference_offset_seconds"].as_f64().is_some_and(|offset| offset.abs() < 1.0), "{clock}");
    assert!(clock["error_seconds"].as_f64().is_some_and(|error| error >= 0.0), "{clock}");
    let [source] = clock["sources"].as_array().expect("there is a list of sources").as_slice() else {
        panic!("not one source: {clock}")
    };
    assert_eq!(
        keys(source),
        [
            "address",
            "detail",
            "error_seconds",
            "kind",
            "mark",
            "observed_at",
            "offset_seconds",
            "ok",
            "reason",
            "source"
        ]
    );
    assert_eq!(source["address"], "127.0.0.1");
    assert_eq!(source["source"], time.address().to_string().as_str());
    assert_eq!(source["kind"], "ntp");
}

#[test]
fn a_blocked_path_says_where_why_and_with_which_codes() {
    let host = port::refusing();
    let report = check::configured(&config::hosts(&[host]));
    let path = report.path();
    let problem = &path["problems"][0];
    let expected = ["contributes", "machine_names", "machines", "next_steps", "reason", "stage", "subject", "summary"];
    assert_eq!(keys(problem), expected);
    let facts = json!({"host": host.to_string(), "address": host.ip().to_string(), "discovered": false});
    assert_eq!(problem["subject"], json!({"hosts": [facts]}));
    for (key, expected) in [
        ("verdict", "blocked"),
        ("stage", "tcp"),
        ("reason", "refused"),
        ("code", "0xC004F074"),
        ("inner_code", "0x800706BA"),
    ] {
        assert_eq!(path[key], expected, "{key}");
    }
    assert!(path["next_steps"].as_array().is_some_and(|steps| !steps.is_empty()), "{path:#}");
    for (target, stage) in stages(&report) {
        assert_stage_is_whole(target, stage);
    }
    assert_eq!(stages(&report).count(), 1);
}

#[test]
fn several_paths_keep_their_order_and_the_worst_gives_the_exit_code() {
    let up = listener::accepting_binds();
    let configuration = format!(
        "paths:\n- {{name: up, kms: {{hosts: [\"{}\"]}}}}\n- {{name: down, kms: {{hosts: [\"{}\"]}}}}\n",
        up.address(),
        port::refusing()
    );
    let report = check::configured(&configuration);
    let shown: Vec<_> = report.paths().iter().map(|path| (path["name"].as_str(), check::verdict(path))).collect();
    assert_eq!(
        shown,
        [(Some("up"), "ok - - - -".into()), (Some("down"), "blocked tcp refused 0xC004F074 0x800706BA".into())]
    );
    assert_eq!(report.exit_code, Some(2));
}
