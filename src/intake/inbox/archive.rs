//! Where files go from the inbox: `done`, or `failed` with the reason beside them, each in a folder of the day, and
//! away once they are old.

use super::aside::Progress;
use super::folder::{Content, DONE, FAILED, Stamp, Unread, read, without_whole_keys};
use super::held::Held;
use crate::license::product_key;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

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
    /// What is wrong with it; `None` where nothing is.
    pub(super) fault: Option<String>,
    /// True where whole product keys are in it, which are cut out of what is kept.
    pub(super) has_keys: bool,
    /// True where it ends in the middle, so that more of it may come.
    pub(super) is_cut_off: bool,
}

/// Where a file went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filed {
    /// There, as it was, by its way from the inbox. Whoever still has it open may write to it there.
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
    let inbox = Held::inbox(inbox)?;
    let source = inbox.path(name);
    if !known.is_of(&source) {
        return Ok((Filed::Changed, None));
    }
    let (folder, day) = (if verdict.fault.is_none() { DONE } else { FAILED }, now.strftime("%Y-%m-%d").to_string());
    let held = inbox.create(folder)?.create(&day)?;
    progress.step();
    let name = unused(&held, shown(name), now);
    let kept = held.path(&name);
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
        Filed::Moved([folder, &day, &name].iter().collect())
    };
    progress.step();
    let unwritten = verdict.fault.as_ref().and_then(|reason| write_reason(&beside(&kept), reason).err());
    Ok((filed, unwritten))
}

/// Writes a reason in place of whatever has its name: what was left of an older file, or what somebody put there, such
/// as a link to a file of ours or a pipe that nobody reads.
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
fn unused(folder: &Held, name: String, now: Timestamp) -> String {
    if fs::symlink_metadata(folder.path(&name)).is_err() {
        name
    } else {
        format!("{}-{name}", now.strftime("%H%M%S.%6f"))
    }
}

/// Takes files back into the inbox that changed since they were moved. Returns those that need not be watched any more,
/// and the names of those that are back.
pub(super) fn take_back(
    inbox: &Path,
    watched: Vec<(PathBuf, Stamp)>,
    now: Timestamp,
    progress: &Progress,
) -> (HashSet<PathBuf>, Vec<String>) {
    let (mut gone, mut back) = (HashSet::new(), Vec::new());
    let mut folders: HashMap<PathBuf, Option<Held>> = HashMap::new();
    let Ok(held) = Held::inbox(inbox) else { return (gone, back) };
    for (kept, stamp) in watched {
        progress.step();
        let (day, name) = (kept.parent().unwrap_or(&kept), kept.file_name().unwrap_or_default());
        let folder = folders.entry(day.to_owned()).or_insert_with(|| Held::within(inbox, day).ok());
        if let Some(folder) = folder {
            let file = folder.path(name);
            if stamp.is_of(&file) {
                continue;
            }
            let is_there = fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_file());
            let name = name.to_string_lossy().into_owned();
            if is_there && fs::rename(&file, held.path(unused(&held, name.clone(), now))).is_ok() {
                // Where there is none, none was written.
                let _ = fs::remove_file(beside(&file));
                back.push(name);
            }
        }
        gone.insert(kept);
    }
    (gone, back)
}

/// What is old in the two folders: folders of days, and files that older programs put there without one. Each by its
/// way from the inbox.
pub(super) fn find_old(inbox: &Path, keep: SignedDuration, now: Timestamp, progress: &Progress) -> BTreeSet<PathBuf> {
    let mut old = BTreeSet::new();
    let Ok(oldest) = now.checked_sub(keep) else { return old };
    for folder in [DONE, FAILED] {
        let Ok(held) = Held::within(inbox, folder.as_ref()) else { continue };
        for entry in fs::read_dir(held.itself()).into_iter().flatten().flatten() {
            progress.step();
            let Ok(metadata) = entry.metadata() else { continue };
            let is_old = if metadata.is_dir() {
                let day = entry.file_name().to_str().and_then(day);
                day.is_some_and(|day| day < date(oldest))
            } else {
                metadata.is_file() && filed_at(&metadata).is_some_and(|filed| filed < oldest)
            };
            if is_old && old.len() < MAX_FOUND {
                old.insert(Path::new(folder).join(entry.file_name()));
            }
        }
    }
    old
}

/// Deletes what is old, some of it. Returns how many files are gone, and what is left to be deleted.
pub(super) fn delete(inbox: &Path, mut old: BTreeSet<PathBuf>, progress: &Progress) -> (usize, BTreeSet<PathBuf>) {
    let mut deleted = 0;
    while deleted < MAX_DELETED
        && let Some(path) = old.pop_first()
    {
        let Some((folder, name)) = path.parent().zip(path.file_name()) else { continue };
        let Ok(folder) = Held::within(inbox, folder) else { continue };
        let Ok(day) = folder.folder(name) else {
            deleted += usize::from(fs::remove_file(folder.path(name)).is_ok());
            progress.step();
            continue;
        };
        let files = fs::read_dir(day.itself()).into_iter().flatten().flatten().filter(|entry| {
            progress.step();
            entry.file_type().is_ok_and(|kind| kind.is_file())
        });
        let before = deleted;
        deleted += files.take(MAX_DELETED - deleted).filter(|file| fs::remove_file(file.path()).is_ok()).count();
        // What somebody else put there stays, and so does its folder.
        if fs::remove_dir(folder.path(name)).is_err() && deleted > before {
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
