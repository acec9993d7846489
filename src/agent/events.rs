//! The events of activation since the last run, as `wevtutil` prints them.
//!
//! Where an event was read is known by its time: record numbers begin again where a log is cleared. What comes twice for
//! that counts once.

use super::trouble::{Outcome, Trouble};
use jiff::Timestamp;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The logs with events of activation, and which of these are of use: those of a client, which are among all others, and
/// those of a KMS host.
pub(super) const LOGS: [(&str, &str); 2] = [
    (
        "Application",
        "Provider[@Name='Microsoft-Windows-Security-SPP'] and (EventID=12288 or EventID=12289 or EventID=8198)",
    ),
    ("Key Management Service", "(EventID>=12290 and EventID<=12294)"),
];

/// How far back events are read where none were read before, in days.
const DAYS: i64 = 7;

/// How many events are read at once, and how much text.
const MOST: usize = 5000;
const MAX_LENGTH: u64 = 16 * 1024 * 1024;

/// How long it may take.
const LIMIT: Duration = Duration::from_mins(1);

/// What `wevtutil` ends with where there is no such log: `ERROR_EVT_CHANNEL_NOT_FOUND`.
const NO_LOG: i32 = 15007;

/// The events of one log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Events {
    /// A document of XML; `None` where there are none.
    pub(super) xml: Option<Vec<u8>>,
    /// The time of the last.
    pub(super) until: Option<Timestamp>,
}

/// The program that reads them.
#[cfg(windows)]
pub(super) fn program() -> PathBuf {
    let root = std::env::var_os("SystemRoot").map_or_else(|| PathBuf::from(r"C:\Windows"), PathBuf::from);
    root.join("System32").join("wevtutil.exe")
}

/// Reads the events of a log from `since` on, the oldest first. Blocks.
pub(super) fn read(
    program: &Path,
    log: (&str, &str),
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<Events, Trouble> {
    read_within(program, log, since, now, LIMIT)
}

fn read_within(
    program: &Path,
    (log, which): (&str, &str),
    since: Option<Timestamp>,
    now: Timestamp,
    limit: Duration,
) -> Result<Events, Trouble> {
    let unreadable = |detail: &str| Trouble::new(Outcome::EventsUnreadable, format_args!("{log}: {detail}"));
    // A clock that was set back has events of the past to come.
    let since = since.unwrap_or(now - jiff::SignedDuration::from_hours(24 * DAYS)).min(now);
    let query = format!("*[System[{which} and TimeCreated[@SystemTime>='{since}']]]");
    let mut command = Command::new(program);
    command
        .args(["qe", log, &format!("/q:{query}"), "/f:xml", "/uni:true", &format!("/c:{MOST}")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| unreadable(&error.to_string()))?;
    let printed = printed(&mut child, limit);
    if printed.is_err() {
        // It may have ended meanwhile.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| unreadable(&error.to_string()))?;
    let printed = printed.map_err(&unreadable)?;
    match status.code() {
        Some(0) => Ok(in_document(&printed)),
        Some(NO_LOG) => Ok(Events { xml: None, until: None }),
        Some(5) => Err(unreadable("access denied")),
        code => Err(unreadable(&format!("wevtutil ends with {}", code.unwrap_or(-1)))),
    }
}

/// What a child prints, which is read aside so that it is not waited for without end.
fn printed(child: &mut Child, limit: Duration) -> Result<Vec<u8>, &'static str> {
    let Some(stdout) = child.stdout.take() else { return Ok(Vec::new()) };
    let end = Instant::now() + limit;
    let (sender, read) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = stdout.take(MAX_LENGTH + 1).read_to_end(&mut bytes);
        // Nobody waits any more where that took too long.
        let _ = sender.send(result.map(|_| bytes));
    });
    match read.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(Ok(bytes)) if bytes.len() as u64 > MAX_LENGTH => Err("it prints too much"),
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(Vec::new()),
        Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err("what it prints cannot be read"),
        Err(RecvTimeoutError::Timeout) => Err("wevtutil does not end"),
    }
}

/// One event after another becomes a document.
fn in_document(printed: &[u8]) -> Events {
    let text = crate::formats::decode(printed).unwrap_or_default();
    let events = text.trim_start_matches('\u{feff}').trim();
    if !events.contains("<Event") {
        return Events { xml: None, until: None };
    }
    let times = events.match_indices("SystemTime=").filter_map(|(at, mark)| {
        let rest = events.get(at + mark.len()..)?;
        let quote = rest.chars().next().filter(|char| matches!(char, '\'' | '"'))?;
        rest.get(1..)?.split(quote).next()?.parse::<Timestamp>().ok()
    });
    let until = times.max();
    Events { xml: Some(format!("<Events>{events}</Events>").into_bytes()), until }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    const EVENT: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
        <Provider Name='Microsoft-Windows-Security-SPP'/><EventID>12288</EventID>\
        <TimeCreated SystemTime='2026-11-30T10:00:00.1234567Z'/><Computer>ws01</Computer></System></Event>";

    fn now() -> Timestamp {
        "2026-11-30T12:00:00Z".parse().unwrap()
    }

    /// A program in place of `wevtutil` that does this.
    fn stand_in(script: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("wevtutil");
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        (folder, file)
    }

    #[test]
    fn events_become_one_document_and_the_last_time_is_known() {
        let (folder, program) =
            stand_in(&format!("echo \"$@\" > \"$(dirname $0)/asked\"; printf '%s\\n' \"{EVENT}\" \"{EVENT}\""));
        let since: Timestamp = "2026-11-29T00:00:00Z".parse().unwrap();
        let events = read(&program, LOGS[0], Some(since), now()).unwrap();
        let xml = String::from_utf8(events.xml.unwrap()).unwrap();
        assert!(xml.starts_with("<Events><Event ") && xml.ends_with("</Event></Events>"), "{xml}");
        assert_eq!(xml.matches("<EventID>").count(), 2);
        assert_eq!(events.until, Some("2026-11-30T10:00:00.1234567Z".parse().unwrap()));
        let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
        assert!(
            asked.starts_with("qe Application /q:*[System[Provider") && asked.contains(">='2026-11-29T00:00:00Z']"),
            "{asked}"
        );
    }

    #[test]
    fn utf_16_is_read_as_well() {
        let (folder, program) = stand_in("cat \"$(dirname $0)/out\"");
        let bytes: Vec<u8> = format!("\u{feff}{EVENT}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        fs::write(folder.path().join("out"), bytes).unwrap();
        assert!(read(&program, LOGS[1], None, now()).unwrap().xml.is_some());
    }

    #[test]
    fn a_log_that_is_not_there_has_no_events_and_what_else_is_wrong_is_named() {
        let none = Events { xml: None, until: None };
        assert_eq!(read(&stand_in("exit 0").1, LOGS[1], None, now()), Ok(none));
        let (_folder, program) = stand_in("exit 5");
        let trouble = read(&program, LOGS[0], None, now()).unwrap_err();
        assert_eq!(
            (trouble.outcome, trouble.detail.as_str()),
            (Outcome::EventsUnreadable, "Application: access denied")
        );
        let (_folder, program) = stand_in("exec sleep 60");
        let begun = Instant::now();
        let trouble = read_within(&program, LOGS[0], None, now(), Duration::from_millis(100)).unwrap_err();
        assert_eq!(trouble.detail, "Application: wevtutil does not end");
        assert!(begun.elapsed() < Duration::from_secs(20));
        let trouble = read(Path::new("/does/not/exist"), LOGS[0], None, now()).unwrap_err();
        assert_eq!(trouble.outcome, Outcome::EventsUnreadable);
    }
}
