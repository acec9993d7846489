//! Where the file of a store is, and whether it is still what it was: whoever deletes it, puts another in its place or writes
//! to it leaves this program with one that nobody else will ever read, or can.
//!
//! Nothing is opened here: to close a file lets go of all that this process has locked of it, and `SQLite` with it.

use jiff::Timestamp;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// What `SQLite` keeps beside the file.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";

/// What stands behind the name of a file that was set aside, and how many of them are kept.
const DAMAGED: &str = ".damaged-";
const KEPT: usize = 3;

/// The file of a store as it was when it was opened.
#[derive(Debug, Clone)]
pub(super) struct Place {
    path: PathBuf,
    /// The file, the log and the index beside it.
    files: [Option<Identity>; 3],
    trusted: Seen,
}

/// What tells a file from any other on this machine: its device, and its number there.
type Identity = (u64, u64);

/// What changes with a file: its length, and when it was last changed.
type Stamp = (u64, i64, i64);

/// What was seen of the files of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    file: Option<Stamp>,
    log: Option<Stamp>,
    /// Another program wrote to the file itself, or something did.
    pub file_is_changed: bool,
    /// Another program wrote to the log, or something did.
    pub log_is_changed: bool,
}

impl Seen {
    /// True where nothing wrote to the files.
    pub const fn is_unchanged(self) -> bool {
        !self.file_is_changed && !self.log_is_changed
    }
}

/// What is not where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amiss {
    /// The file was deleted, or another took its place.
    File,
    /// The same of one beside it.
    Beside,
}

impl Place {
    /// The file that was just opened.
    pub(super) fn of(path: &Path) -> Self {
        // Where it is reached through a link, the files beside it are where that leads.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let files = [&path, &beside(&path, LOG), &beside(&path, INDEX)].map(|file| identity(file));
        let mut place = Self { path, files, trusted: Seen::default() };
        if let Ok(seen) = place.look() {
            place.trust(seen);
        }
        place
    }

    /// Looks whether the files are still there, and which of them changed since they were last trusted.
    pub(super) fn look(&self) -> Result<Seen, Amiss> {
        let [file, log, index] = self.files;
        let log_path = beside(&self.path, LOG);
        // One that was gone as soon as it was opened is missed as well.
        if file.is_none() || identity(&self.path) != file {
            return Err(Amiss::File);
        }
        for (path, known) in [(&log_path, log), (&beside(&self.path, INDEX), index)] {
            if known.is_some() && identity(path) != known {
                return Err(Amiss::Beside);
            }
        }
        let (file, log) = (stamp(&self.path), stamp(&log_path));
        let Seen { file: trusted_file, log: trusted_log, .. } = self.trusted;
        Ok(Seen { file, log, file_is_changed: file != trusted_file, log_is_changed: log != trusted_log })
    }

    /// What was seen is what should be.
    pub(super) const fn trust(&mut self, seen: Seen) {
        self.trusted = seen;
    }

    /// Takes away what is left of the old file beside the new one, which would be taken for its own. To be called once
    /// nothing is open any more.
    pub(super) fn tidy(&self) {
        let [file, known_log, _] = self.files;
        let log = beside(&self.path, LOG);
        // A log of another program belongs to the new file.
        if known_log.is_some() && identity(&log) == known_log && identity(&self.path) != file {
            // What cannot be removed is told when the file is opened.
            let _ = fs::remove_file(&log);
            let _ = fs::remove_file(beside(&self.path, INDEX));
        }
    }

    /// Gives the file, with its log, a name that tells when it was found damaged, and says which. The last few are kept. To
    /// be called once nothing is open any more.
    pub(super) fn set_aside(&self, now: Timestamp) -> io::Result<PathBuf> {
        let time = now.strftime("%Y%m%dT%H%M%S.%3fZ").to_string();
        let aside = beside(&self.path, &format!("{DAMAGED}{time}"));
        // Another that was put in its place meanwhile is none of ours, and one of this moment is tried again.
        if identity(&self.path) != self.files[0] || aside.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        // The log first: without it the file is what it was a while ago, and would be taken for whole.
        match fs::rename(beside(&self.path, LOG), beside(&aside, LOG)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let _ = fs::remove_file(beside(&self.path, INDEX));
        fs::rename(&self.path, &aside)?;
        // Where a link leads here, nobody else could make one through it.
        let _ = super::connect::create(&self.path);
        self.forget_older();
        Ok(aside)
    }

    /// Deletes all but the last few of those that were set aside.
    fn forget_older(&self) {
        let (Some(folder), Some(name)) = (self.path.parent(), self.path.file_name()) else { return };
        let prefix = format!("{}{DAMAGED}", name.to_string_lossy());
        let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.file_name());
        let is_aside = |name: &OsString| {
            let name = name.to_string_lossy();
            name.starts_with(&prefix) && !name.ends_with(LOG) && !name.ends_with(INDEX)
        };
        let mut aside: Vec<_> = files.filter(is_aside).collect();
        aside.sort_unstable();
        for old in aside.iter().rev().skip(KEPT).map(|name| folder.join(name)) {
            for file in [&beside(&old, LOG), &beside(&old, INDEX), &old] {
                // What stays for now goes with the next one.
                let _ = fs::remove_file(file);
            }
        }
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let known = fs::metadata(path).ok()?;
    Some((known.dev(), known.ino()))
}

/// Elsewhere a file that is open can be neither deleted nor replaced.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).is_ok().then_some((0, 0))
}

fn stamp(path: &Path) -> Option<Stamp> {
    let known = fs::metadata(path).ok()?;
    let (seconds, nanoseconds) = changed_at(&known);
    Some((known.len(), seconds, nanoseconds))
}

/// When a file was last changed, which nobody can set to what it was.
#[cfg(unix)]
fn changed_at(known: &Metadata) -> (i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (known.ctime(), known.ctime_nsec())
}

#[cfg(not(unix))]
fn changed_at(known: &Metadata) -> (i64, i64) {
    let modified = known.modified().ok().and_then(|time| Timestamp::try_from(time).ok()).unwrap_or_default();
    (modified.as_second(), i64::from(modified.subsec_nanosecond()))
}
