//! Files that are no reports: refused at once, in little memory, in words that help.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::program::{Printed, run};
use crate::support::reports::Client;
use crate::support::status::{Kept, text_of};

/// How long it may take to see that a file is nothing, on a machine that is busy.
const AT_ONCE: Duration = Duration::from_secs(5);

/// The same for one that must be looked at from end to end.
const AFTER_ALL: Duration = Duration::from_secs(20);

/// Imports a file that is to be refused, and returns why.
fn refusal(kept: &Kept, file: &Path) -> String {
    let begun = Instant::now();
    let printed = kept.import(&[text_of(file)]);
    assert!(begun.elapsed() < AFTER_ALL, "{}: it took {:?}", file.display(), begun.elapsed());
    assert_eq!(printed.exit_code, Some(1), "{printed:?}");
    let start = format!("gracewatch: {}: ", file.display());
    let lines: Vec<_> = printed.stderr.lines().filter_map(|line| line.strip_prefix(&start)).collect();
    let [reason] = lines.as_slice() else { panic!("not one reason: {printed:?}") };
    assert!(reason.len() < 400, "{reason}");
    (*reason).to_owned()
}

#[test]
fn what_is_no_report_is_refused_with_a_reason() {
    let kept = Kept::new();
    let big_letter = "Dear all. ".repeat(1 << 20);
    let cases: [(&str, &[u8]); 8] = [
        ("ws01.empty", b""),
        ("ws01.blank", b" \r\n\r\n\t\r\n"),
        ("ws01.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n"),
        ("ws01.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x01\x00\x00\x00\x01\x00\x08\x06\x00\x00\x00"),
        ("ws01.zip", b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x00\x00"),
        ("ws01.evtx", b"ElfFile\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
        ("ws01.txt", b"Dear all,\nplease activate your machines.\n"),
        // Ten megabytes on one line.
        ("ws01.big", big_letter.as_bytes()),
    ];
    for (name, content) in cases {
        let reason = refusal(&kept, &kept.directory().write(name, content));
        assert!(!reason.is_empty() && !reason.chars().any(char::is_control), "{name}: {reason:?}");
    }
    assert_eq!(kept.names(), [""; 0]);
}

#[test]
fn gigabytes_of_zeros_are_refused_at_once_and_in_little_memory() {
    let kept = Kept::new();
    let file = kept.directory().path().join("ws01.bin");
    File::create(&file).and_then(|file| file.set_len(2 << 30)).expect("a sparse file takes no space");
    // A sixteenth of what the file would take; the shell's limit is in KiB.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 1048576; exec \"$@\"", "sh"]);
    let import = kept.command("import");
    command.arg(import.get_program()).args(import.get_args()).arg(&file);
    let Printed { exit_code, stderr, elapsed, .. } = run(command);
    assert_eq!(exit_code, Some(1), "{stderr}");
    assert!(stderr.contains("it is no text"), "{stderr}");
    assert!(elapsed < AT_ONCE, "it took {elapsed:?}");
}

#[test]
fn a_report_on_one_line_of_megabytes_is_read() {
    let kept = Kept::new();
    let fleet = (0..2000).map(|number| {
        let mut report = Client::new(&format!("ws{number:04}")).json();
        // What a report has beside what is read of it.
        report["remarks"] = "five kilobytes ".repeat(350).into();
        report
    });
    let text = serde_json::Value::from(fleet.collect::<Vec<_>>()).to_string();
    assert!(text.len() > 10 << 20 && !text.contains('\n'), "{}", text.len());
    let printed = kept.import_text("fleet.json", &text);
    assert_eq!((printed.exit_code, printed.stderr.as_str()), (Some(0), ""));
    assert!(printed.stdout.ends_with(": 2000 stored, 0 unchanged, 0 outdated\n"), "{}", printed.stdout);
}
