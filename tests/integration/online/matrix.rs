//! The matrix of endpoints and proxies, as JSON and as a table.

use serde_json::Value;

use super::{ACTIVATED, ROOT, assert_says, http, https, socks5};
use crate::servers::certificates::{Authority, Validity};
use crate::servers::directory::TemporaryDirectory;
use crate::servers::microsocks::Microsocks;
use crate::servers::nginx::{Answer, Nginx};
use crate::servers::port;
use crate::servers::squid::Squid;
use crate::support::check;
use crate::support::config::{self, Online};
use crate::support::program::run_with;

/// Four endpoints over three proxies, of which some fail.
struct Scene {
    authority: Authority,
    _endpoints: [Nginx; 3],
    _proxies: (Squid, Microsocks),
    urls: [String; 4],
    via: [String; 3],
}

impl Scene {
    fn new() -> Self {
        let authority = Authority::new(ROOT);
        let good = Nginx::tls(&authority.issue(&["127.0.0.1"], Validity::Good), ACTIVATED);
        let expired = Nginx::tls(&authority.issue(&["127.0.0.1"], Validity::Expired), ACTIVATED);
        let plain = Nginx::answering(Answer::Page(200, "a list"));
        let (squid, microsocks) = (Squid::denying_connect(), Microsocks::with_password("user", "secret"));
        let urls = [
            https(good.address()),
            https(expired.address()),
            format!("{}/pki/a-list-with-a-long-name.crl", http(plain.address())),
            https(port::refusing()),
        ];
        let via = ["direct".to_owned(), http(squid.address()), socks5(microsocks.address())];
        Self { authority, _endpoints: [good, expired, plain], _proxies: (squid, microsocks), urls, via }
    }

    fn path(&self) -> Online {
        let [good, expired, plain, refusing] = &self.urls;
        let endpoints = [
            good.clone(),
            format!("{{url: \"{expired}\", role: licensing}}"),
            format!("{{url: \"{plain}\", role: revocation}}"),
            format!("{{url: \"{refusing}\", role: validation}}"),
        ];
        config::online(&endpoints).via(&self.via).trusting(self.authority.root())
    }
}

/// What comes of each, endpoint by endpoint.
const CELLS: [[&str; 3]; 4] = [
    ["ok", "proxy forbidden_by_proxy", "proxy auth_required"],
    ["tls expired", "proxy forbidden_by_proxy", "proxy auth_required"],
    ["ok", "ok", "proxy auth_required"],
    ["tcp refused", "proxy forbidden_by_proxy", "proxy auth_required"],
];

/// A cell of the JSON in words.
fn words(cell: &Value) -> String {
    let duration = cell["duration_seconds"].as_f64().expect("a duration is a number");
    assert!((0.0..5.0).contains(&duration), "{cell}");
    match (&cell["ok"], &cell["stage"], &cell["reason"]) {
        (Value::Bool(true), Value::Null, Value::Null) => "ok".to_owned(),
        (Value::Bool(false), Value::String(stage), Value::String(reason)) => format!("{stage} {reason}"),
        _ => panic!("neither passed nor failed: {cell}"),
    }
}

#[test]
#[ignore = "needs squid, microsocks, nginx, openssl, libfaketime"]
fn the_matrix_has_a_row_to_each_endpoint_and_a_column_to_each_proxy() {
    let scene = Scene::new();
    let report = check::configured(&scene.path().text());
    // No license of the digital kind is to be had, for its only endpoint is not to be believed.
    assert_eq!(report.outcome(), "2 blocked tls expired 0x80072F8F -");
    assert_says(&report, "blocked for digital and subscription licenses");
    let matrix = &report.path()["matrix"];
    assert_eq!(matrix["proxies"], serde_json::json!(scene.via));
    let rows = matrix["endpoints"].as_array().expect("there is a list of endpoints");
    assert_eq!(rows.len(), 4);
    for (((row, url), role), expected) in
        rows.iter().zip(&scene.urls).zip(["activation", "licensing", "revocation", "validation"]).zip(CELLS)
    {
        assert_eq!((row["endpoint"].as_str(), row["role"].as_str()), (Some(url.as_str()), Some(role)));
        let cells = row["cells"].as_array().expect("there is a list of cells");
        assert_eq!(cells.iter().map(words).collect::<Vec<_>>(), expected, "{url}");
        let targets = scene.via.iter().map(|via| match via.as_str() {
            "direct" => url.clone(),
            via => format!("{url} via {via}"),
        });
        let named: Vec<_> = cells.iter().filter_map(|cell| cell["target"].as_str()).collect();
        assert_eq!(named, targets.collect::<Vec<_>>());
    }
}

#[test]
#[ignore = "needs squid, microsocks, nginx, openssl, libfaketime"]
fn the_matrix_and_the_targets_say_the_same() {
    let scene = Scene::new();
    let report = check::configured(&scene.path().text());
    let targets = report.path()["targets"].as_array().expect("there is a list of targets");
    assert_eq!(targets.len(), 12);
    let cells = report.path()["matrix"]["endpoints"].as_array().expect("there is a list of endpoints").iter();
    let cells: Vec<_> = cells.filter_map(|row| row["cells"].as_array()).flatten().collect();
    assert_eq!(cells.len(), 12);
    for (target, cell) in targets.iter().zip(cells) {
        assert_eq!(target["target"], cell["target"]);
        let stages = target["stages"].as_array().expect("there is a list of stages");
        let last = stages.last().expect("a walk has a stage");
        assert_eq!(last["ok"], cell["ok"], "{target:#}");
        assert_eq!(last["reason"], cell["reason"], "{target:#}");
        assert!(stages.iter().rev().skip(1).all(|stage| stage["ok"] == true), "{target:#}");
        let total: f64 = stages.iter().filter_map(|stage| stage["duration_seconds"].as_f64()).sum();
        let shown = cell["duration_seconds"].as_f64().expect("a duration is a number");
        assert!((total - shown).abs() < 1e-6, "{shown} is not {total}");
    }
}

/// A row of the table, taken apart where there are two spaces or more.
fn columns(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect()
}

/// A cell of the table in the words of the JSON.
fn cell_words(cell: &str) -> String {
    match cell.split_once(' ') {
        Some(("✓", time)) if time.ends_with(" ms") || time.ends_with(" µs") || time.ends_with(" s") => {
            "ok".to_owned()
        }
        Some(("✗", failure)) => failure.to_owned(),
        _ => panic!("not a cell: {cell:?}"),
    }
}

#[test]
#[ignore = "needs squid, microsocks, nginx, openssl, libfaketime"]
fn the_report_for_a_person_draws_the_matrix() {
    let scene = Scene::new();
    let directory = TemporaryDirectory::new("matrix");
    let file = directory.write("gracewatch.yaml", scene.path().text());
    let printed = run_with(&["check", "--all", "--config", file.to_str().expect("the path is text")]);
    assert_eq!(printed.exit_code, Some(2), "{printed:?}");
    let text = printed.stdout;
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.starts_with("corp: blocked at tls: expired\n"), "{text}");
    let mut lines = text.lines().skip_while(|line| columns(line) != scene.via);
    assert_eq!(columns(lines.next().expect("there is a head")), scene.via);
    let [good, expired, plain, refusing] = &scene.urls;
    // What is asked for is left out, for it may be long.
    let plain = format!("{}/...", plain.trim_end_matches("/pki/a-list-with-a-long-name.crl"));
    let mut ends = Vec::new();
    for (url, expected) in [good, expired, &plain, refusing].into_iter().zip(CELLS) {
        let line = lines.next().expect("there is a row to each endpoint");
        let columns = columns(line);
        assert_eq!(columns[0], url, "{text}");
        let words: Vec<_> = columns[1..].iter().map(|cell| cell_words(cell)).collect();
        assert_eq!(words, expected, "{text}");
        // Where the last column begins, in characters.
        let last = columns[3];
        ends.push(line.chars().count() - last.chars().count());
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "the columns do not stand below each other: {text}");
    assert_eq!(lines.next(), Some(""));
    assert!(text.contains("What to do first:\n  1. "), "{text}");
}

/// A row and a column of one each are no table.
#[test]
#[ignore = "needs nginx"]
fn one_endpoint_over_one_proxy_is_reported_stage_by_stage() {
    let endpoint = Nginx::answering(ACTIVATED);
    let url = http(endpoint.address());
    let printed = run_with(&["check", "--all", &url]);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    let lines: Vec<_> = printed.stdout.lines().collect();
    assert_eq!((lines[0], lines[2]), (&*format!("{url}: ok"), ""));
    for (line, stage) in lines[3..].iter().zip(["tcp", "http"]) {
        assert!(line.starts_with(&format!("  ✓ {stage} ")) && line.contains(&url), "{line:?}");
    }
    assert!(!printed.stdout.contains("direct"), "{}", printed.stdout);
}
