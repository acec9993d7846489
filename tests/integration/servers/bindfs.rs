//! A file system that is a process of its own: while that is stopped whatever is asked of it hangs, as on a share whose
//! server is gone. Mounting needs root.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::directory::TemporaryDirectory;
use super::process::{Process, wait_until};
use super::program;

/// A folder seen through another. It does not hang yet.
#[derive(Debug)]
pub struct Share {
    // Dropped in this order: what hangs ends with the process.
    process: Process,
    folder: PathBuf,
    _directory: TemporaryDirectory,
}

impl Share {
    /// Mounts it over a folder, which is empty then.
    pub fn over(folder: &Path) -> Self {
        let directory = TemporaryDirectory::new("share");
        let own = directory.subdirectory("own");
        let mut command = Command::new(program::find("bindfs", "bindfs"));
        command.arg("-f").arg(&own).arg(folder);
        let device = || fs::metadata(folder).expect("it is there").dev();
        let before = device();
        let process = Process::start("bindfs", command, directory.path());
        wait_until("it is not mounted", || device() != before);
        Self { process, folder: folder.to_owned(), _directory: directory }
    }

    /// From now on it hangs.
    pub fn hang(&self) {
        self.process.signal("STOP");
    }

    /// From now on it does not hang any more.
    pub fn go_on(&self) {
        self.process.signal("CONT");
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.process.signal("KILL");
        let _ = Command::new(program::find("umount", "mount")).arg("--lazy").arg(&self.folder).status();
    }
}
