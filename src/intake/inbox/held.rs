//! A folder that is held open, so that what is done in it is done there, whatever somebody puts in its place meanwhile, such
//! as a link to a folder of ours.
//!
//! Linux leads to what is held by a name of its own in `/proc`. Elsewhere, or where there is none, a folder is looked at
//! before it is used.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A folder that is held.
#[derive(Debug)]
pub(super) struct Held {
    /// Leads to it for as long as it is open.
    path: PathBuf,
    _open: Option<File>,
}

impl Held {
    /// The inbox, wherever its path leads.
    pub(super) fn inbox(path: &Path) -> io::Result<Self> {
        hold(path, 0)
    }

    /// A folder within the inbox, on the way to which there is no link.
    pub(super) fn within(inbox: &Path, folders: &Path) -> io::Result<Self> {
        folders.iter().try_fold(Self::inbox(inbox)?, |held, name| held.folder(name))
    }

    /// A folder in this one that is no link.
    pub(super) fn folder(&self, name: impl AsRef<Path>) -> io::Result<Self> {
        let path = self.path(&name);
        let is_folder = fs::symlink_metadata(&path)?.is_dir();
        let held = if is_folder { hold(&path, NO_LINK) } else { Err(io::ErrorKind::NotADirectory.into()) };
        held.map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => io::Error::other(format!("`{}` is not a folder", name.as_ref().display())),
            _ => error,
        })
    }

    /// The same, which is created where there is none.
    pub(super) fn create(&self, name: impl AsRef<Path>) -> io::Result<Self> {
        match fs::create_dir(self.path(&name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => self.folder(name),
        }
    }

    /// Leads to what has this name in it.
    pub(super) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Leads to the folder itself.
    pub(super) fn itself(&self) -> &Path {
        &self.path
    }
}

#[cfg(target_os = "linux")]
const NO_LINK: i32 = nix::libc::O_NOFOLLOW;

#[cfg(target_os = "linux")]
fn hold(path: &Path, flags: i32) -> io::Result<Held> {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    let open = File::options().read(true).custom_flags(nix::libc::O_DIRECTORY | flags).open(path)?;
    let held = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()));
    let path = if held.is_dir() { held } else { path.to_owned() };
    Ok(Held { path, _open: Some(open) })
}

#[cfg(not(target_os = "linux"))]
const NO_LINK: i32 = 0;

#[cfg(not(target_os = "linux"))]
fn hold(path: &Path, _: i32) -> io::Result<Held> {
    fs::metadata(path).map(|_| Held { path: path.to_owned(), _open: None })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_the_folder_and_not_what_is_in_its_place_later() {
        let place = std::env::temp_dir().join(format!("gracewatch-held-{}", std::process::id()));
        let day = Path::new("done/2026-11-30");
        fs::create_dir_all(place.join(day)).unwrap();
        let held = Held::within(&place, day).unwrap();
        fs::rename(place.join(day), place.join("moved")).unwrap();
        fs::create_dir(place.join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(place.join("elsewhere"), place.join(day)).unwrap();
        fs::write(held.path("ws01.json"), "{}").unwrap();
        assert!(place.join("moved/ws01.json").exists() && !place.join("elsewhere/ws01.json").exists());
        let refused = Held::within(&place, day).unwrap_err();
        assert_eq!(refused.to_string(), "`2026-11-30` is not a folder");
        fs::remove_dir_all(&place).unwrap();
    }
}
