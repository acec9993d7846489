//! The files that a web configuration consists of, and how they were when they were read.

use crate::catalogue::Message;
use crate::config::read;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What distinguishes one state of a file from another; `None` where there is no such file.
type Look = Option<(u64, Option<SystemTime>, u64)>;

/// How a set of files looked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamps(Vec<(PathBuf, Look)>);

impl Stamps {
    /// Whether one of the files looks otherwise by now. Length, time and, on Unix, the inode are looked at: a file that
    /// another one is renamed to shows even where both are as old.
    pub fn are_stale(&self) -> bool {
        self.0.iter().any(|(file, look)| look_at(file) != *look)
    }
}

fn look_at(file: &Path) -> Look {
    let metadata = fs::metadata(file).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Some((metadata.len(), metadata.modified().ok(), inode))
}

/// Reads files, and keeps how each looked.
pub(super) struct Files {
    /// What relative names start from.
    folder: PathBuf,
    seen: RefCell<Stamps>,
}

impl Files {
    /// Files that are named relative to the folder of `file`.
    pub(super) fn beside(file: &Path) -> Self {
        Self { folder: file.parent().map(Path::to_owned).unwrap_or_default(), seen: RefCell::default() }
    }

    /// Reads the file that is named in the configuration.
    pub(super) fn read_named(&self, name: &str) -> Result<Vec<u8>, Message> {
        self.read(self.folder.join(name))
    }

    /// Reads a file. It is looked at before that, so that one that changes meanwhile is stale at once.
    pub(super) fn read(&self, file: PathBuf) -> Result<Vec<u8>, Message> {
        let look = look_at(&file);
        let bytes = read(&file);
        self.seen.borrow_mut().0.push((file, look));
        bytes
    }

    pub(super) fn into_stamps(self) -> Stamps {
        self.seen.into_inner()
    }
}
