//! Where the file of a store is, and whether it is still the one that is open: whoever deletes it, or puts another in its
//! place, leaves this program with one that nobody else will ever read.

use std::fs;
use std::path::{Path, PathBuf};

/// What `SQLite` keeps beside the file.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";

/// The file of a store as it was when it was opened.
#[derive(Debug, Clone)]
pub(super) struct Place {
    path: PathBuf,
    file: Option<Identity>,
    /// The log beside it, while the file was last seen in its place.
    log: Option<Identity>,
}

/// What tells a file from any other on this machine: its device, and its number there.
type Identity = (u64, u64);

impl Place {
    /// The file that was just opened.
    pub(super) fn of(path: &Path) -> Self {
        let mut place = Self { path: path.to_owned(), file: identity(path), log: None };
        place.is_kept();
        place
    }

    /// True where the file is still there.
    pub(super) fn is_kept(&mut self) -> bool {
        // One that was gone as soon as it was opened is missed as well.
        let is_kept = self.file.is_some() && identity(&self.path) == self.file;
        if is_kept {
            self.log = identity(&self.beside(LOG)).or(self.log);
        }
        is_kept
    }

    /// Takes away what is left of the old file beside the new one, which would be taken for its own. To be called once
    /// nothing is open any more.
    pub(super) fn tidy(&self) {
        let log = self.beside(LOG);
        // A log of another program belongs to the new file.
        if self.log.is_some() && identity(&log) == self.log && identity(&self.path) != self.file {
            // What cannot be removed is told when the file is opened.
            let _ = fs::remove_file(&log);
            let _ = fs::remove_file(self.beside(INDEX));
        }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }
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
