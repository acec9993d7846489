//! `gracewatch explain` and `/api/v1/explain`: what is said of codes, in which language, and how it ends.

use serde_json::Value;

use crate::servers::directory::TemporaryDirectory;
use crate::servers::port;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, gracewatch, run, run_with};

/// What `explain --output json` says of the given texts, and its exit code.
fn explained(texts: &[&str]) -> (Option<i32>, Vec<Value>) {
    let Printed { exit_code, stdout, stderr, .. } = run_with(&[&["explain", "--output", "json"], texts].concat());
    assert_eq!(stderr, "");
    let json: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error} in {stdout}"));
    (exit_code, json["codes"].as_array().expect("there is a list").clone())
}

#[test]
fn a_code_is_explained_in_text() {
    let printed = run_with(&["explain", "0xC004F074"]);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
    assert!(
        printed.stdout.starts_with("0xC004F074  SL_E_VL_BINDING_SERVICE_UNAVAILABLE  stage: tcp\n\n"),
        "{printed:?}"
    );
    for part in ["\nLikely causes:\n  - ", "\nWhat to do:\n  1. ", "`slmgr /ato`"] {
        assert!(printed.stdout.contains(part), "{part} in {}", printed.stdout);
    }
}

#[test]
fn the_json_has_every_key_of_the_contract() {
    let (exit_code, codes) = explained(&["-1073418160", "hr=0x80072EE7, then 12030"]);
    assert_eq!((exit_code, codes.len()), (Some(0), 2));
    let code = &codes[0];
    assert_eq!((&code["code"], &code["symbol"]), (&"0xC004F050".into(), &"SL_E_INVALID_PRODUCT_KEY".into()));
    assert_eq!((&code["stage"], &code["subject"]), (&Value::Null, &"key".into()));
    assert_eq!((&code["confidence"], &code["language"]), (&"documented".into(), &"en".into()));
    assert_eq!((&code["given"], &code["note"]), (&"-1073418160".into(), &Value::Null));
    assert!(code["meaning"].is_string() && code["did_you_mean"] == Value::Array(Vec::new()));
    assert!(code["causes"].as_array().is_some_and(|causes| !causes.is_empty()));
    assert!(code["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
    assert!(code.get("paths").is_none(), "nothing was probed");
    assert_eq!((&codes[1]["code"], &codes[1]["stage"]), (&"0x80072EE7".into(), &"address".into()));
}

#[test]
fn what_is_no_code_is_said_and_ends_with_1() {
    let (exit_code, codes) = explained(&["0xC004F074", "0xC00G4F074", "hello"]);
    assert_eq!(exit_code, Some(1));
    assert_eq!(codes[1]["code"], Value::Null);
    assert_eq!(codes[1]["did_you_mean"][0], "0xC004F074");
    assert_eq!(codes[2]["did_you_mean"], Value::Array(Vec::new()));
    let (exit_code, codes) = explained(&["0x80241234"]);
    assert_eq!((exit_code, &codes[0]["confidence"]), (Some(0), &"decoded".into()));
}

#[test]
fn a_product_key_is_not_told_again_though_it_came_in_pieces() {
    for texts in [
        &["GHBTY", "2KQWD", "7PMRC", "X49FV", "6JB8N"][..],
        &["0xC004F050", "GHBTY-2KQWD-", "7PMRC-X49FV-6JB8N"],
        &["GHBTY-2KQWD-7PMRC-X49FV-6JB8N"],
    ] {
        let (_, codes) = explained(texts);
        let told = serde_json::to_string(&codes).expect("it is JSON");
        assert!(!["GHBTY", "2KQWD", "7PMRC", "X49FV"].iter().any(|group| told.contains(group)), "{told}");
    }
    let (exit_code, codes) = explained(&["12007", "12029", "12030", "12031", "12175"]);
    assert_eq!((exit_code, codes.len()), (Some(0), 5), "five numbers of five digits are no key");
}

#[test]
fn the_language_is_the_one_asked_for_or_else_of_the_locale() {
    let said = |arguments: &[&str], locale: &str| {
        let mut command = gracewatch();
        command.arg("explain").args(arguments).env("LANG", locale);
        let printed = run(command);
        assert_eq!(printed.exit_code, Some(0), "{printed:?}");
        printed.stdout
    };
    assert!(said(&["0xC004F074"], "ja_JP.UTF-8").contains("対処:"));
    assert!(said(&["0xC004F074", "--lang", "en"], "ja_JP.UTF-8").contains("What to do:"));
    assert!(said(&["0xC004F074", "--lang", "ja"], "C").contains("対処:"));
    let fallback = said(&["0xC004E007"], "ja_JP.UTF-8");
    assert!(fallback.contains("英語で表示します") && fallback.contains("What to do:"), "{fallback}");

    let refused = run_with(&["explain", "0xC004F074", "--lang", "tlh"]);
    assert_eq!(refused.exit_code, Some(3));
    assert!(refused.stderr.contains("the languages are en, ja"), "{refused:?}");
}

#[test]
fn a_configuration_adds_what_is_seen_of_the_stage() {
    let directory = TemporaryDirectory::new("explain");
    let closed = port::refusing();
    let file = directory.write("gracewatch.yaml", config::hosts(&[closed]));
    let file = file.to_str().expect("the path is text");
    let printed = run_with(&["explain", "0x800706BA", "--config", file]);
    assert_eq!(printed.exit_code, Some(0), "{printed:?}");
    assert!(
        printed.stdout.contains("\nWhat the probes see of this:\n\ncorp: blocked at tcp: refused\n  ✗ tcp"),
        "{printed:?}"
    );
    let printed = run_with(&["explain", "0xC004C003", "--config", file]);
    assert!(printed.stdout.ends_with("\nWhat the probes see of this:\n  no path has such a step\n"), "{printed:?}");
}

#[test]
fn the_daemon_explains_with_what_it_sees() {
    let closed = port::refusing();
    let daemon = Daemon::start_ready(&(config::hosts(&[closed]) + EACH_SECOND));
    let get = |path: &str| {
        let response = daemon.get(&format!("/api/v1/explain/{path}"));
        assert_eq!(response.content_type, "application/json", "{path}: {}", response.body);
        let json: Value = serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{error}: {path}"));
        (response.status, json)
    };
    let (status, json) = get("C004F074?lang=ja");
    assert_eq!((status, &json["code"], &json["language"]), (200, &"0xC004F074".into(), &"ja".into()));
    let path = &json["paths"][0];
    assert_eq!(
        (&path["name"], &path["verdict"], &path["reason"]),
        (&"corp".into(), &"blocked".into(), &"refused".into())
    );
    let stage = &path["targets"][0]["stages"];
    assert!(stage.as_array().is_some_and(|stages| stages.iter().any(|stage| stage["reason"] == "refused")), "{path:#}");

    let (status, json) = get("0xC004F050%20(invalid%20key%2Fedition)");
    assert_eq!((status, &json["code"], &json["paths"]), (200, &"0xC004F050".into(), &Value::Array(Vec::new())));
    let (status, json) = get("0xC00G4F074");
    assert_eq!((status, &json["did_you_mean"][0]), (404, &"0xC004F074".into()));
    for (path, expected) in
        [("hello", 404), ("%FF", 400), ("0xC004F074?lang=tlh", 400), ("0xC004F074?language=en", 400)]
    {
        let (status, json) = get(path);
        assert_eq!((status, json["error"].is_string()), (expected, true), "{path}");
    }
}
