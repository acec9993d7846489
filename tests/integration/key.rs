//! `gracewatch key`: a key on stdin, at a terminal, and where it must not be.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{OpenptyResult, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::servers::directory::TemporaryDirectory;
use crate::servers::program;

use crate::support::program::{Printed, gracewatch, run_reading, run_with};

/// No key of anyone's.
const KEY: &str = "GHBTY-2KQWD-7PMRC-X49FV-6JB8N";

/// How long anything may take at a terminal: reached only by what hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `key` with this on stdin.
fn key(arguments: &[&str], input: impl AsRef<[u8]>) -> Printed {
    let directory = TemporaryDirectory::new("key");
    let file = directory.write("key.txt", input);
    let mut command = gracewatch();
    command.arg("key").args(arguments);
    run_reading(command, File::open(file).expect("the file is there"))
}

/// Fails where more than five characters of a key in a row are in what was printed.
fn assert_hidden(key: &str, printed: &str) {
    let printed = printed.to_uppercase();
    let bare = key.to_uppercase().replace('-', "");
    for text in [key.to_uppercase(), bare] {
        for start in 0..text.len() - 5 {
            assert!(!printed.contains(&text[start..start + 6]), "{printed}");
        }
    }
}

#[test]
fn a_key_on_stdin_is_judged() {
    for (input, exit_code, reported) in [
        (KEY.to_owned(), 0, "6JB8N"),
        (format!("\r\nProduct Key: {}\r\nmore\r\n", KEY.to_lowercase()), 0, "lower case"),
        ("BBBBB-BBBBB-BBBBB-BBBBB-T83GX\n".to_owned(), 0, "Windows 10/11 Pro"),
        (KEY.replace("2KQWD", "2KQOD"), 1, "group 2, character 4: no key has the letter O"),
        (KEY.replace("2KQWD", "2KQW"), 1, "group 2 has 4 characters"),
        (String::new(), 1, "no key was typed"),
    ] {
        let printed = key(&[], &input);
        assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(exit_code), ""), "{}", printed.stdout);
        assert!(printed.stdout.contains(reported), "{}", printed.stdout);
        assert!(!printed.stdout.contains('\u{1b}'), "{}", printed.stdout);
        assert_hidden(KEY, &printed.stdout);
    }
}

#[test]
fn json_has_what_the_text_has() {
    let printed = key(&["--output", "json"], KEY.replace("2KQWD", "2K0WD"));
    assert_eq!(printed.exit_code, Some(1), "{}", printed.stderr);
    assert_hidden(KEY, &printed.stdout);
    let report: serde_json::Value = serde_json::from_str(&printed.stdout).expect("it is JSON");
    let fault = serde_json::json!({
        "fault": "impossible", "group": 2, "position": 3, "character": "0", "similar": ["Q", "D", "C", "G"],
        "message": "group 2, character 3: no key has the digit 0; Q, D, C and G look like it"
    });
    assert_eq!((&report["well_formed"], &report["faults"][0]), (&false.into(), &fault));
    assert!(report["partial_product_key"].is_null());

    let printed = key(&["--output", "json"], "bbbbb-bbbbb-bbbbb-bbbbb-dv9bg");
    let report: serde_json::Value = serde_json::from_str(&printed.stdout).expect("it is JSON");
    let expected = serde_json::json!({
        "well_formed": true, "partial_product_key": "DV9BG", "has_n": false, "faults": [], "changes": ["lower_case"],
        "generic": [{"edition": "Windows Server 2022 Datacenter", "kind": "avma"}]
    });
    assert_eq!(report, expected);
}

#[test]
fn what_is_no_line_is_refused_without_being_shown() {
    let printed = key(&[], "B".repeat(100_000));
    assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(1), ""));
    assert!(printed.stderr.contains("1024 bytes") && !printed.stderr.contains("BB"), "{}", printed.stderr);
}

#[test]
fn a_key_as_an_argument_is_refused_and_not_repeated() {
    let dashed = format!("--{KEY}");
    let output = format!("--output={KEY}");
    for arguments in [
        &["key", KEY][..],
        &["key", "--", KEY],
        &["key", "--output", KEY],
        &["key", &output],
        &["key", &dashed],
        &["key", "--key", KEY],
        &["key", "GHBTY", "2KQWD", "7PMRC", "X49FV", "6JB8N"],
        &["key", "--output", "json", KEY],
        &[KEY],
        &["check", "--timeout", KEY],
    ] {
        let printed = run_with(arguments);
        assert_eq!((printed.exit_code, printed.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(printed.stderr.contains("history of the shell"), "{arguments:?}: {}", printed.stderr);
        for group in KEY.split('-') {
            assert!(!printed.stderr.contains(group), "{arguments:?}: {}", printed.stderr);
        }
    }
    let help = run_with(&["key", "--help"]);
    assert_eq!((help.exit_code, help.stderr.as_str()), (Some(0), ""));
}

/// `key` at a terminal of its own.
struct Terminal {
    /// What a person types, and sees.
    person: File,
    /// The other end, by which its settings are known.
    other_end: OwnedFd,
    child: Child,
}

impl Terminal {
    fn start() -> Self {
        let OpenptyResult { master, slave } = openpty(None, None).expect("there are terminals");
        let end = || Stdio::from(slave.try_clone().expect("a terminal can be opened again"));
        let mut command = Command::new(program::find("setsid", "util-linux"));
        command.args(["--ctty", "--wait", env!("CARGO_BIN_EXE_gracewatch"), "key"]).env("NO_COLOR", "1");
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("setsid runs");
        Self { person: master.into(), other_end: slave, child }
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.other_end).expect("a terminal has settings").local_flags.contains(LocalFlags::ECHO)
    }

    /// Types once echo is off, and gives what was on the screen in the end, and the exit code.
    fn type_hidden(mut self, text: &str) -> (String, Option<i32>) {
        let begun = Instant::now();
        while self.echoes() {
            assert!(begun.elapsed() < PATIENCE, "echo stays on");
            thread::sleep(Duration::from_millis(5));
        }
        self.person.write_all(text.as_bytes()).expect("a terminal can be typed at");
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                let _ = self.child.kill();
                panic!("`key` does not end");
            }
            thread::sleep(Duration::from_millis(5));
        };
        assert!(self.echoes(), "echo stays off");
        // What is on the screen is held for the person until it is read; then, with nobody left at the other end, the
        // terminal reports an error in place of an end.
        drop(self.other_end);
        let mut shown = Vec::new();
        let _ = self.person.read_to_end(&mut shown);
        (String::from_utf8(shown).expect("the program prints UTF-8"), status.code())
    }
}

#[test]
#[ignore = "needs util-linux"]
fn nothing_typed_at_a_terminal_shows() {
    let (shown, exit_code) = Terminal::start().type_hidden(&format!("{KEY}\r"));
    assert_eq!(exit_code, Some(0), "{shown}");
    assert!(shown.starts_with("Product key") && shown.contains("The last five characters are 6JB8N."), "{shown}");
    assert_hidden(KEY, &shown);
    for group in KEY.split('-').take(4) {
        assert!(!shown.contains(group), "{shown}");
    }

    let (shown, exit_code) = Terminal::start().type_hidden("GHBTY-2KQWD-7PMRC-X49FV-6JB\r");
    assert_eq!(exit_code, Some(1), "{shown}");
    assert!(shown.contains("group 5 has 3 characters"), "{shown}");
    assert!(!shown.contains("6JB"), "{shown}");
}

#[test]
#[ignore = "needs util-linux"]
fn an_interrupted_terminal_echoes_again() {
    let (shown, exit_code) = Terminal::start().type_hidden("GHBTY-2KQWD\u{3}");
    assert_eq!(exit_code, Some(1), "{shown}");
    assert!(shown.contains("interrupted") && !shown.contains("GHBTY"), "{shown}");
}
