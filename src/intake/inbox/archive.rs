//! Where files go from the inbox: `done`, or `failed` with the reason beside them, each in a folder of the day, and away once
//! they are old.

use super::aside::Progress;
use super::folder::{Content, DONE, FAILED, Stamp, Unread, read, without_whole_keys};
use crate::license::product_key;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the name of a file with a reason in it ends with.
const REASON: &str = ".reason.txt";

/// The longest name that a file is given, so that what is put around it stays within the 255 bytes that there are.
const MAX_NAME: usize = 200;

/// How many old files and folders are found at one time, and how many files are deleted at one look.
const MAX_FOUND: usize = 10_000;
const MAX_DELETED: usize = 2000;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What is wrong with it; `None` where all is well.
    pub(super) fault: Option<String>,
    /// True where whole product keys stand in it, which are cut out of what is kept.
    pub(super) has_keys: bool,
    /// True where it ends in the middle, so that more of it may come.
    pub(super) is_cut_off: bool,
}

/// Where a file went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filed {
    /// There, as it was. Whoever still has it open may write to it there.
    Moved(PathBuf),
    /// There, as a copy without its product keys.
    Copied,
    /// Nowhere: it is another by now, or gone.
    Changed,
}

/// Moves a file out of the inbox, to where its verdict belongs, where it still is the one that was read. A reason that
/// cannot be written is handed back: it is all there is to lose.
pub(super) fn file(
    inbox: &Path,
    name: &OsStr,
    known: &Stamp,
    verdict: &Verdict,
    now: Timestamp,
    progress: &Progress,
) -> io::Result<(Filed, Option<io::Error>)> {
    let source = inbox.join(name);
    if !known.is_of(&source) {
        return Ok((Filed::Changed, None));
    }
    let folder = inbox.join(if verdict.fault.is_none() { DONE } else { FAILED });
    create(&folder)?;
    let folder = folder.join(now.strftime("%Y-%m-%d").to_string());
    create(&folder)?;
    progress.step();
    let kept = unused(&folder, &shown(name), now);
    let filed = if verdict.has_keys {
        match read(&source, known, progress) {
            Ok(Content { bytes, .. }) => {
                write_new(&kept, &without_whole_keys(&bytes).map_or(bytes, String::into_bytes))?;
            }
            Err(Unread::Unreadable(error)) => return Err(error),
            Err(_) => return Ok((Filed::Changed, None)),
        }
        progress.step();
        fs::remove_file(&source)?;
        Filed::Copied
    } else {
        match fs::rename(&source, &kept) {
            // Another daemon that looks after the same folder was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Filed::Changed, None)),
            renamed => renamed?,
        }
        Filed::Moved(kept.clone())
    };
    progress.step();
    let unwritten = verdict.fault.as_ref().and_then(|reason| write_reason(&beside(&kept), reason).err());
    Ok((filed, unwritten))
}

/// Writes a reason in place of whatever has its name: what was left of an older file, or what somebody put there, such as a
/// link to a file of ours or a pipe that nobody reads.
fn write_reason(file: &Path, reason: &str) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write_new(file, format!("{reason}\n").as_bytes())
}

/// Writes a file that is not there yet. What is there is left alone, and links are not followed.
fn write_new(file: &Path, content: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(file)?.write_all(content)
}

/// Creates a folder where there is none. What is in its place and is none is in the way.
fn create(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_folder = fs::symlink_metadata(folder)?.is_dir();
            if is_folder { Ok(()) } else { Err(io::Error::other(format!("{} is not a folder", folder.display()))) }
        }
        created => created,
    }
}

/// The file for the reason beside another.
fn beside(kept: &Path) -> PathBuf {
    let mut beside = kept.as_os_str().to_owned();
    beside.push(REASON);
    beside.into()
}

/// The name of a file, as it may be logged and kept: without a whole product key, and not too long.
pub(super) fn shown(name: &OsStr) -> String {
    let name = product_key::cut(&name.to_string_lossy()).into_owned();
    // The end has the ending.
    let excess = name.len().saturating_sub(MAX_NAME);
    let excess = (excess..=name.len()).find(|start| name.is_char_boundary(*start));
    name.get(excess.unwrap_or_default()..).unwrap_or_default().to_owned()
}

/// A name in the folder that no file has yet: its own, or that with the time before it, to the microsecond.
fn unused(folder: &Path, name: &str, now: Timestamp) -> PathBuf {
    let own = folder.join(name);
    if fs::symlink_metadata(&own).is_err() {
        own
    } else {
        folder.join(format!("{}-{name}", now.strftime("%H%M%S.%6f")))
    }
}

/// Files that were moved a while ago, where a program that still has one open may go on writing to it.
#[derive(Debug, Default)]
pub(super) struct Watched(VecDeque<(PathBuf, Stamp, tokio::time::Instant)>);

impl Watched {
    /// How many are watched; beyond, the eldest are not any more.
    const MAX: usize = 1000;

    /// For how long.
    const FOR: Duration = Duration::from_hours(1);

    pub(super) fn add(&mut self, kept: PathBuf, stamp: Stamp, now: tokio::time::Instant) {
        self.0.push_back((kept, stamp, now + Self::FOR));
        while self.0.len() > Self::MAX {
            self.0.pop_front();
        }
    }

    /// Those that are still to be watched.
    pub(super) fn current(&mut self, now: tokio::time::Instant) -> Vec<(PathBuf, Stamp)> {
        self.0.retain(|(_, _, until)| now < *until);
        self.0.iter().map(|(kept, stamp, _)| (kept.clone(), stamp.clone())).collect()
    }

    /// Ends watching these.
    pub(super) fn forget(&mut self, gone: &[PathBuf]) {
        self.0.retain(|(kept, _, _)| !gone.contains(kept));
    }
}

/// Takes files back into the inbox that changed since they were moved. Returns those that need not be watched any more,
/// and the names of those that are back.
pub(super) fn take_back(
    inbox: &Path,
    watched: Vec<(PathBuf, Stamp)>,
    now: Timestamp,
    progress: &Progress,
) -> (Vec<PathBuf>, Vec<String>) {
    let (mut gone, mut back) = (Vec::new(), Vec::new());
    for (kept, stamp) in watched {
        progress.step();
        if stamp.is_of(&kept) {
            continue;
        }
        let is_there = fs::symlink_metadata(&kept).is_ok_and(|metadata| metadata.is_file());
        let name = kept.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_there && fs::rename(&kept, unused(inbox, &name, now)).is_ok() {
            // Where there is none, none was written.
            let _ = fs::remove_file(beside(&kept));
            back.push(name);
        }
        gone.push(kept);
    }
    (gone, back)
}

/// What is old in the two folders: folders of days, and files that older programs put there without one.
pub(super) fn find_old(inbox: &Path, keep: SignedDuration, now: Timestamp, progress: &Progress) -> BTreeSet<PathBuf> {
    let mut old = BTreeSet::new();
    let Ok(oldest) = now.checked_sub(keep) else { return old };
    for folder in [DONE, FAILED].map(|name| inbox.join(name)) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            progress.step();
            let Ok(metadata) = entry.metadata() else { continue };
            let is_old = if metadata.is_dir() {
                let day = entry.file_name().to_str().and_then(day);
                day.is_some_and(|day| day < date(oldest))
            } else {
                metadata.is_file() && filed_at(&metadata).is_some_and(|filed| filed < oldest)
            };
            if is_old && old.len() < MAX_FOUND {
                old.insert(entry.path());
            }
        }
    }
    old
}

/// Deletes what is old, some of it. Returns how many files are gone, and what is left to be deleted.
pub(super) fn delete(mut old: BTreeSet<PathBuf>, progress: &Progress) -> (usize, BTreeSet<PathBuf>) {
    let mut deleted = 0;
    while deleted < MAX_DELETED
        && let Some(path) = old.pop_first()
    {
        let is_day = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if !is_day {
            deleted += usize::from(fs::remove_file(&path).is_ok());
            progress.step();
            continue;
        }
        let files = fs::read_dir(&path).into_iter().flatten().flatten().filter(|entry| {
            progress.step();
            entry.file_type().is_ok_and(|kind| kind.is_file())
        });
        let before = deleted;
        deleted += files.take(MAX_DELETED - deleted).filter(|file| fs::remove_file(file.path()).is_ok()).count();
        // What somebody else put there stays, and so does its folder.
        if fs::remove_dir(&path).is_err() && deleted > before {
            old.insert(path);
        }
    }
    (deleted, old)
}

/// The day that a folder is named after, and nothing else.
fn day(name: &str) -> Option<Date> {
    let day: Date = name.parse().ok()?;
    (day.to_string() == name).then_some(day)
}

fn date(moment: Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(moment).date()
}

/// When a file was put where it is, as far as that is known.
fn filed_at(metadata: &Metadata) -> Option<Timestamp> {
    let modified = metadata.modified().ok().and_then(|modified| Timestamp::try_from(modified).ok());
    #[cfg(unix)]
    let moved = {
        use std::os::unix::fs::MetadataExt;
        Timestamp::from_second(metadata.ctime()).ok()
    };
    #[cfg(not(unix))]
    let moved = metadata.created().ok().and_then(|created| Timestamp::try_from(created).ok());
    modified.max(moved)
}
