//! File systems of a test's own, small or read-only. Mounting needs root.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::program;

/// A file system in memory, unmounted on drop.
#[derive(Debug)]
pub struct Mount {
    folder: PathBuf,
}

impl Mount {
    /// Mounts an empty one over a folder, with options such as `size=1m`.
    pub fn of_memory(folder: &Path, options: &str) -> Self {
        mount(folder, &["-t", "tmpfs", "-o", options, "gracewatch-test"]);
        Self { folder: folder.to_owned() }
    }

    /// Gives it other options, such as `ro`.
    pub fn remount(&self, options: &str) {
        mount(&self.folder, &["-o", &format!("remount,{options}")]);
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Also while a daemon that a failed test leaves still has a file open in it.
        let _ = Command::new(program::find("umount", "mount")).arg("--lazy").arg(&self.folder).status();
    }
}

fn mount(folder: &Path, arguments: &[&str]) {
    let status = Command::new(program::find("mount", "mount")).args(arguments).arg(folder).status();
    assert!(status.is_ok_and(|status| status.success()), "cannot mount {arguments:?} on {}", folder.display());
}
