//! Which language a person is answered in: what is asked for, or else what the surroundings say.

use std::process::Command;

use serde_json::Value;

use crate::servers::directory::TemporaryDirectory;
use crate::servers::port;
use crate::support::config;
use crate::support::curl::{Curl, Fetched};
use crate::support::daemon::Daemon;
use crate::support::program::{Printed, run};

/// What a blocked path is, in each language.
const ENGLISH: &str = "is blocked at tcp: ";
const JAPANESE: &str = "は tcp の段階で止まっています: ";

/// Runs the program in a locale.
fn run_in(locale: &str, arguments: &[&str]) -> Printed {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gracewatch"));
    command.args(arguments).env_remove("GRACEWATCH_CONFIG").env_remove("LC_MESSAGES").env("LC_ALL", locale);
    run(command)
}

#[test]
fn reports_are_in_the_language_that_is_asked_for_or_else_in_that_of_the_locale() {
    let target = port::refusing().to_string();
    for output in ["text", "json", "nagios"] {
        let reported = |locale: &str, language: &[&str]| {
            let printed = run_in(locale, &[&["check", target.as_str(), "--output", output], language].concat());
            assert_eq!(printed.exit_code, Some(2), "{printed:?}");
            let is_in = [ENGLISH, JAPANESE].map(|words| printed.stdout.contains(words));
            assert_eq!(is_in.iter().filter(|is_in| **is_in).count(), 1, "{}", printed.stdout);
            if is_in[0] { "en" } else { "ja" }
        };
        assert_eq!(reported("C", &[]), "en", "{output}");
        assert_eq!(reported("ja_JP.UTF-8", &[]), "ja", "{output}");
        assert_eq!(reported("ja_JP.UTF-8", &["--lang", "en"]), "en", "{output}");
        assert_eq!(reported("C", &["--lang", "ja"]), "ja", "{output}");
    }
    let printed = run_in("C", &["--lang", "ja", "check", &target, "--output", "nagios"]);
    assert!(printed.stdout.starts_with("GRACEWATCH CRITICAL - 経路 "), "{}", printed.stdout);
}

#[test]
fn what_a_stage_showed_is_in_that_language_as_well() {
    let target = port::refusing().to_string();
    let shown =
        |language: &str, output: &str| run_in("C", &["check", &target, "--lang", language, "--output", output]).stdout;
    for (language, expected) in [("en", "connection refused"), ("ja", "接続が拒否されました")] {
        let text = shown(language, "text");
        assert!(text.lines().any(|line| line.ends_with(expected)), "{text}");
        let json: Value = serde_json::from_str(&shown(language, "json")).expect("it is JSON");
        assert_eq!(json["paths"][0]["targets"][0]["stages"][0]["detail"], expected, "{json:#}");
    }
}

#[test]
fn errors_are_in_that_language_as_well() {
    let reported = |language| run_in("C", &["machines", "--lang", language]).stderr;
    assert!(reported("en").starts_with("gracewatch: no store is configured, "), "{}", reported("en"));
    assert!(reported("ja").starts_with("gracewatch: ストアが設定されていないため、"), "{}", reported("ja"));
    let refused = run_in("C", &["machines", "--lang", "xx"]);
    assert!(refused.stderr.contains("the languages are en, ja"), "{}", refused.stderr);
}

#[test]
fn help_and_what_is_refused_are_in_that_language_as_well() {
    let japanese = |arguments: &[&str]| run_in("ja_JP.UTF-8", arguments);
    for (arguments, reported) in [
        (&["--help"][..], "使用法: gracewatch [オプション] <COMMAND>"),
        (&["check", "-h"], "使用法: gracewatch check [オプション] [TARGET]..."),
        (&["help", "token", "add"], "使用法: gracewatch token add [オプション] <NAME> <PATTERN>..."),
    ] {
        let printed = japanese(arguments);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(printed.stdout.contains(reported) && !printed.stdout.contains("Usage"), "{}", printed.stdout);
        assert!(!printed.stdout.contains('\u{1b}'), "{}", printed.stdout);
    }
    for (arguments, reported) in [
        (&["chekc"][..], "エラー: コマンド 'chekc' はありません\n"),
        (&["check", "--output", "xml"], "エラー: '--output <OUTPUT>' の値 'xml' は無効です\n"),
        (&["check", "--timeout", "soon"], "エラー: '--timeout <TIMEOUT>' の値 'soon' は無効です: "),
        (&["key", "BBBBB"], "gracewatch: プロダクト キーを引数で指定することはできません。"),
        (&["check", "kms1:70000"], "gracewatch: `kms1:70000`: ポートではありません。"),
        (&["config", "check", "/nonexistent/x.yaml"], "gracewatch: /nonexistent/x.yaml: 読み取れません: "),
        (&["--lang", "en", "chekc"], "error: unrecognized command 'chekc'\n"),
    ] {
        let printed = japanese(arguments);
        assert!(printed.exit_code.is_some_and(|code| code > 0), "{arguments:?}");
        assert!(printed.stderr.starts_with(reported), "{arguments:?}: {}", printed.stderr);
    }
}

#[test]
fn what_is_wrong_with_a_configuration_or_a_report_is_in_that_language() {
    let directory = TemporaryDirectory::new("language");
    let wrong = directory.write("wrong.yaml", "probe:\n  intervall: 60s\n");
    let printed = run_in("ja_JP.UTF-8", &["config", "check", wrong.to_str().expect("text")]);
    let reported = ":2:3: `intervall`: 不明なキーです。`interval` の間違いではありませんか\n";
    assert!(printed.stderr.ends_with(reported), "{}", printed.stderr);
    let store = directory.path().join("x.db");
    let right = directory.write("right.yaml", format!("status: {{store: \"sqlite:{}\"}}\n", store.display()));
    let empty = directory.write("empty.json", "");
    let [right, empty] = [&right, &empty].map(|file| file.to_str().expect("text"));
    let printed = run_in("ja_JP.UTF-8", &["import", "--config", right, empty]);
    assert!(printed.stderr.ends_with(": 空です\n"), "{printed:?}");
}

#[test]
#[ignore = "needs curl"]
fn over_http_the_address_decides_and_then_what_the_client_accepts() {
    let daemon = Daemon::start(&(config::hosts(&[port::refusing()]) + "probe: {interval: 1s, timeout: 1s}\n"));
    daemon.wait_until_ready();
    let fetch = |query: &str, accepted: &str| {
        let url = format!("http://{}/api/v1/paths{query}", daemon.address());
        Curl::new(&url).with(["--header".to_owned(), format!("Accept-Language: {accepted}")]).fetch()
    };
    let reported = |fetched: &Fetched| {
        let json: Value = serde_json::from_str(&fetched.body).expect("it is JSON");
        let summary = json["paths"][0]["summary"].as_str().expect("it is text").to_owned();
        let language = fetched.header("content-language").expect("it says its language").to_owned();
        assert!(fetched.headers.contains(&"vary: accept-language".to_owned()), "{fetched:?}");
        assert!(summary.contains(if language == "ja" { JAPANESE } else { ENGLISH }), "{language}: {summary}");
        language
    };
    let cases = [("", "de", "en"), ("", "ja,en;q=0.5", "ja"), ("?lang=en", "ja", "en"), ("?lang=ja", "en", "ja")];
    for (query, accepted, expected) in cases {
        assert_eq!(reported(&fetch(query, accepted)), expected, "{query} {accepted}");
    }
    assert_eq!([fetch("?lang=xx", "ja").status, fetch("?color=red", "ja").status], [400, 400]);
    let refused: Value = serde_json::from_str(&fetch("?color=red", "ja").body).expect("it is JSON");
    assert_eq!(refused["error"], "the only parameter is `lang`");
    assert_eq!(refused["message"], "指定できるパラメーターは `lang` だけです");
    // The log is English, whoever asks for what.
    assert_eq!(daemon.log_lines(JAPANESE), [""; 0]);
    assert_eq!(daemon.log_lines(ENGLISH).len(), 1, "{}", daemon.log());
}
