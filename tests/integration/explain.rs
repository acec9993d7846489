//! `gracewatch explain` and `/api/v1/explain`: what is said of codes, in which language, and how it ends.

use serde_json::Value;

use crate::servers::directory::TemporaryDirectory;
use crate::servers::port;
use crate::support::config::{self, EACH_SECOND};
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, gracewatch, run, run_reading, run_with};
use crate::support::reports::Client;
use crate::support::status::Kept;
use std::fs::File;

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
    for part in [
        "\nLikely causes:\n  - ",
        "\nWhat to do:\n  1. ",
        "`slmgr /ato` (`Invoke-OSLicense",
        "the PowerShell module OSLicense",
    ] {
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
    assert!(code.get("machines").is_none() && code.get("machine_names").is_none(), "no store was read");
    assert_eq!((&code["event"], &code["candidates"]), (&Value::Null, &Value::Array(Vec::new())));
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
fn events_are_explained_as_events() {
    for id in ["12288", "12289", "12290", "12291", "12292", "12293", "12294", "8198", "1003"] {
        let (exit_code, codes) = explained(&[id]);
        assert_eq!((exit_code, codes.len(), &codes[0]["code"]), (Some(0), 1, &Value::Null), "{id}");
        let event = &codes[0]["event"];
        let log = if id == "12290" { "Key Management Service" } else { "Application" };
        assert_eq!((event["id"].to_string().as_str(), event["log"].as_str()), (id, Some(log)));
        assert!(codes[0]["meaning"].is_string() && codes[0]["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
    }
    let (_, codes) = explained(&["0x12290"]);
    assert_eq!((&codes[0]["event"], &codes[0]["code"]), (&Value::Null, &"0x00012290".into()));
}

#[test]
fn a_copied_event_gives_the_event_its_fields_and_the_code_in_it() {
    let copied = "Log Name: Application\r\nEvent ID: 12288\r\nThe client has sent an activation request to the key \
                  management service machine.\r\nInfo:\r\n0xC004F06C, 0x00000000, kms01.corp.example:1688, \
                  36f27b39-2fd5-440b-be67-a09996d27a38, 2026/09/29 17:52, 0, 2, 41760, \
                  68531fb9-5511-4989-97be-d11a0f55633f, 5\r\n";
    for (language, host) in [("en", "the KMS host and its port"), ("ja", "KMS ホストとポート")] {
        let (exit_code, codes) = explained(&[copied, "--lang", language]);
        assert_eq!((exit_code, codes.len()), (Some(0), 2));
        let fields = &codes[0]["event"]["fields"];
        assert_eq!((&codes[0]["event"]["id"], &codes[1]["code"]), (&12288.into(), &"0xC004F06C".into()));
        assert_eq!((&fields[2]["name"], &fields[2]["meaning"]), (&"server".into(), &host.into()));
        assert_eq!((&fields[2]["value"], &fields[7]["value"]), (&"kms01.corp.example:1688".into(), &"41760".into()));
    }
    for texts in [&["EventID 8198: it failed, hr=0xC004F074"][..], &["EventID", "8198", "hr=0xC004F074"]] {
        let (exit_code, codes) = explained(texts);
        assert_eq!((exit_code, codes.len()), (Some(0), 2), "{texts:?}");
        assert_eq!((&codes[0]["event"]["id"], &codes[1]["code"]), (&8198.into(), &"0xC004F074".into()));
    }
    let printed = run_with(&["explain", "12290", "--lang", "ja"]);
    assert!(printed.stdout.starts_with("イベント 12290  "), "{printed:?}");
}

#[test]
fn messages_find_their_code() {
    for (text, code) in [
        (
            "The Software Licensing Service reported that the computer could not be activated. No Key Management Service \
             (KMS) could be contacted",
            "0xC004F074",
        ),
        ("キー管理サービス(KMS)に\n接続できませんでした", "0xC004F074"),
        ("ソフトウェア保護サービスで、プロダクト キーが無効であることが報告されました。", "0xC004F050"),
        ("a NETWORKING problem has occurred  while activating your copy of windows", "0xC004FC03"),
    ] {
        let (exit_code, codes) = explained(&[text]);
        assert_eq!((exit_code, codes.len(), &codes[0]["code"]), (Some(0), 1, &code.into()), "{text}");
        assert_eq!(codes[0]["note"], "found by the text of its message");
    }
    let (_, codes) = explained(&["DNS name does not exist"]);
    assert_eq!(codes[0]["candidates"], serde_json::json!(["0x8007232B", "0x80092328"]));
    let printed = run_with(&["explain", "DNS name does not exist"]);
    assert!(printed.stdout.contains("\nThe same words are also used for: 0x8007232B, 0x80092328\n"), "{printed:?}");
    for text in ["It does not work", "could not be activated"] {
        assert_eq!(explained(&[text]).0, Some(1), "{text}");
    }
}

#[test]
fn stdin_is_read_in_any_encoding_and_each_code_is_explained_once_in_its_order() {
    let text = "ws0417: エラー 0xC004F038\r\nws0418: 0x80072EE7\r\nws0419: 0xC004F038\r\nイベント 12293\r\n";
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let (japanese, ..) = encoding_rs::SHIFT_JIS.encode(text);
    let directory = TemporaryDirectory::new("explain");
    for (name, bytes) in [("utf-8", text.as_bytes()), ("utf-16", &utf16), ("932", &japanese)] {
        let file = directory.write(name, bytes);
        for arguments in [&["explain", "--output", "json"][..], &["explain", "-", "--output", "json"]] {
            let mut command = gracewatch();
            command.args(arguments);
            let printed = run_reading(command, File::open(&file).expect("it was written"));
            assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{name}");
            let json: Value = serde_json::from_str(&printed.stdout).expect("it is JSON");
            let shown: Vec<_> = (0..4).map(|index| &json["codes"][index]).collect();
            assert_eq!(
                (&shown[0]["code"], &shown[1]["code"], &shown[2]["event"]["id"], shown[3]),
                (&"0xC004F038".into(), &"0x80072EE7".into(), &12293.into(), &Value::Null),
                "{name}"
            );
        }
    }
    let many = directory.write("long", "0xC004F074 and more\n".repeat(200_000));
    let mut command = gracewatch();
    command.arg("explain");
    let printed = run_reading(command, File::open(many).expect("it was written"));
    assert_eq!((printed.exit_code, printed.stdout.matches("0xC004F074  SL_E").count()), (Some(0), 1));
    assert!(printed.stderr.contains("only the first 1 MiB are read"), "{}", printed.stderr);

    let nothing = run_with(&["explain"]);
    assert_eq!((nothing.exit_code, nothing.stdout.as_str()), (Some(1), ""));
    assert_eq!(nothing.stderr, "gracewatch: stdin: it is empty\n");
}

/// What a collector reports of a machine that is not activated for 0xC004F074, with so many minutes left.
fn failing(name: &str, minutes: i64) -> String {
    let client = Client {
        license_status: if minutes == 0 { 5 } else { 3 },
        minutes,
        kms_host: String::new(),
        ..Client::new(name)
    };
    let mut report = client.json();
    report["products"][0]["LicenseStatusReason"] = 0xC004_F074_u32.into();
    report.to_string()
}

#[test]
fn a_store_says_which_machines_report_the_code_the_worst_first() {
    let kept = Kept::new();
    let store = format!("sqlite:{}", kept.file().display());
    // The seventh is lost; of the others, the last ends first.
    let minutes = |number: i64| if number == 7 { 0 } else { 20_000 - number * 1000 };
    let reports = (1..=12).map(|number| failing(&format!("ws{number:02}.corp.example"), minutes(number)) + "\n");
    let imported = kept.import_text("fleet.json", reports.collect::<String>());
    assert_eq!(imported.exit_code, Some(0), "{imported:?}");
    let (exit_code, codes) = explained(&["0xC004F074", "0xC004F050", "--store", &store]);
    assert_eq!((exit_code, &codes[0]["machines"], &codes[1]["machines"]), (Some(0), &12.into(), &0.into()));
    let names = codes[0]["machine_names"].as_array().expect("there is a list");
    assert_eq!((names.len(), &names[0], &names[1]), (10, &"ws07.corp.example".into(), &"ws12.corp.example".into()));
    assert!(codes[0].get("paths").is_none(), "a store alone is not probed for");

    let printed = run_with(&["explain", "0xC004F074", "--store", &store]);
    let text = printed.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Machines that report it (12): ws07.corp.example, ws12.corp.example,"), "{text}");
    assert!(text.contains("and 2 more"), "{text}");
    let printed = run_with(&["explain", "0xC004F074", "--store", &store, "--lang", "ja"]);
    assert!(printed.stdout.contains("このコードを報告しているコンピューター (12): ws07"), "{printed:?}");

    let mut command = kept.command("explain");
    command.args(["0xC004F074", "--output", "json"]);
    let printed = run(command);
    let json: Value = serde_json::from_str(&printed.stdout).unwrap_or_else(|error| panic!("{error}: {printed:?}"));
    assert_eq!((&json["codes"][0]["machines"], json["codes"][0]["paths"].is_array()), (&12.into(), true));

    let daemon = kept.serve();
    daemon.wait_until_ready();
    let json: Value = serde_json::from_str(&daemon.get("/api/v1/explain/0xC004F074").body).expect("it is JSON");
    assert_eq!((&json["machines"], &json["machine_names"][0]), (&12.into(), &"ws07.corp.example".into()));
    let json: Value = serde_json::from_str(&daemon.get("/api/v1/explain/12290").body).expect("it is JSON");
    assert_eq!((&json["event"]["id"], json.get("machines")), (&12290.into(), None));
}

#[test]
fn a_code_is_explained_though_the_store_cannot_be_read() {
    let directory = TemporaryDirectory::new("explain");
    let store = format!("sqlite:{}", directory.path().join("none/gracewatch.db").display());
    let printed = run_with(&["explain", "0xC004F074", "--store", &store]);
    assert_eq!(printed.exit_code, Some(0));
    assert!(
        printed.stdout.starts_with("0xC004F074  ") && !printed.stdout.contains("Machines that report"),
        "{printed:?}"
    );
    assert!(printed.stderr.contains("which machines report it is not known"), "{printed:?}");
    let refused = run_with(&["explain", "0xC004F074", "--store", "mysql://user:hidden@db/gracewatch"]);
    assert!(refused.exit_code == Some(1) && !refused.stderr.contains("hidden"), "{refused:?}");
}

#[test]
fn a_product_key_is_not_shown_again_though_it_came_in_pieces() {
    for texts in [
        &["GHBTY", "2KQWD", "7PMRC", "X49FV", "6JB8N"][..],
        &["0xC004F050", "GHBTY-2KQWD-", "7PMRC-X49FV-6JB8N"],
        &["GHBTY-2KQWD-7PMRC-X49FV-6JB8N"],
    ] {
        let (_, codes) = explained(texts);
        let shown = serde_json::to_string(&codes).expect("it is JSON");
        assert!(!["GHBTY", "2KQWD", "7PMRC", "X49FV"].iter().any(|group| shown.contains(group)), "{shown}");
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
