//! What is different on a terminal: colour, and a line that says how far a round is.

use std::process::Command;

use unicode_width::UnicodeWidthStr;

use crate::servers::scripted::Scripted;
use crate::servers::{port, program};
use crate::support::listener;
use crate::support::program::{run, run_with};

const ESCAPE: char = '\u{1b}';
const GREEN: &str = "\u{1b}[32m";

/// Runs `check` with `script`, which gives it a terminal, and returns what stood on it.
fn on_a_terminal(arguments: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(program::find("script", "bsdutils"));
    command.args(["-qec", &format!("{} check {arguments}", env!("CARGO_BIN_EXE_gracewatch")), "/dev/null"]);
    command.env("TERM", "xterm").env_remove("NO_COLOR").env_remove("GRACEWATCH_CONFIG");
    command.envs(environment.iter().copied());
    run(command).stdout
}

/// The text without escape codes of the form that ends with a letter, and without what a terminal adds to line ends.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars().filter(|character| *character != '\r');
    while let Some(character) = characters.next() {
        if character == ESCAPE {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[test]
#[ignore = "needs bsdutils"]
fn colour_is_for_terminals() {
    let host = listener::accepting_binds();
    let target = host.address().to_string();
    let shown = on_a_terminal(&target, &[]);
    assert!(shown.contains(GREEN), "{shown:?}");
    let piped = run_with(&["check", &target]);
    assert!(!piped.stdout.contains(ESCAPE), "{:?}", piped.stdout);
    assert!(plain(&shown).contains(&format!("{target}: ok")), "{shown:?}");
}

#[test]
#[ignore = "needs bsdutils"]
fn no_color_is_respected() {
    let host = listener::accepting_binds();
    let target = host.address().to_string();
    let shown = on_a_terminal(&target, &[("NO_COLOR", "1")]);
    assert!(!shown.contains("\u{1b}[3") && !shown.contains("\u{1b}[2m") && !shown.contains("\u{1b}[1m"), "{shown:?}");
    // An empty value is as good as none, says no-color.org.
    let shown = on_a_terminal(&target, &[("NO_COLOR", "")]);
    assert!(shown.contains(GREEN), "{shown:?}");
}

#[test]
#[ignore = "needs bsdutils"]
fn progress_is_shown_on_a_terminal_and_gone_in_the_end() {
    let silent = Scripted::silent();
    let arguments = format!("{} --timeout 300ms", silent.address());
    let shown = on_a_terminal(&arguments, &[]);
    let progress = shown.rfind("probing: ").unwrap_or_else(|| panic!("there is no progress: {shown:?}"));
    let erased = shown.rfind("\r\u{1b}[K").expect("the line is erased");
    let report = shown.find("blocked").expect("there is a report");
    assert!(progress < erased && erased < report, "{shown:?}");

    let piped = run_with(&["check", &silent.address().to_string(), "--timeout", "300ms"]);
    assert_eq!(piped.stderr, "");
    assert!(!piped.stdout.contains("probing"), "{}", piped.stdout);
}

#[test]
#[ignore = "needs bsdutils"]
fn no_line_is_wider_than_the_terminal() {
    let target = port::refusing().to_string();
    for language in ["en", "ja"] {
        let binary = env!("CARGO_BIN_EXE_gracewatch");
        let line = format!("stty rows 40 cols 50; {binary} check {target} --lang {language}");
        let mut command = Command::new(program::find("script", "bsdutils"));
        command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("COLUMNS");
        command.env_remove("GRACEWATCH_CONFIG");
        let shown = run(command).stdout;
        let report = plain(shown.rsplit("\r\u{1b}[K").next().unwrap_or_default());
        assert!(report.lines().count() > 5, "{shown:?}");
        let wide = report.lines().find(|line| UnicodeWidthStr::width(*line) > 50);
        assert_eq!(wide, None, "{report}");
    }
}
