//! Changes a file as a whole: whoever reads it finds it as it was, or as it is then.

use crate::catalogue::{Message, message};
use crate::config::read_tokens_file;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long another program that changes the file is waited for, and how often that is looked at.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(20);

/// A file beside the one that is changed, which takes its place. While it is there nobody else changes it.
struct Replacement {
    path: PathBuf,
    file: File,
    has_taken_its_place: bool,
}

impl Replacement {
    fn create(of: &Path, shown: &str) -> Result<Self, Message> {
        let mut path = OsString::from(of);
        path.push(".new");
        let path = PathBuf::from(path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let end = Instant::now() + PATIENCE;
        loop {
            match options.open(&path) {
                Ok(file) => return Ok(Self { path, file, has_taken_its_place: false }),
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(message!("file-unwritable", file = format!("{shown}.new"), error = error.to_string()));
                }
                Err(_) if Instant::now() < end => sleep(LOOK),
                Err(_) => {
                    return Err(message!("tokens-in-use", file = format!("{shown}.new")));
                }
            }
        }
    }

    fn write(&mut self, text: &str, of: &Path) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        keep_owner_and_mode(&self.file, of)?;
        self.file.sync_all()?;
        fs::rename(&self.path, of)?;
        self.has_taken_its_place = true;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // Once it has taken the other's place, a file of this name is of the next program that changes the tokens.
        if !self.has_taken_its_place {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Puts what `change` makes of a file in its place, and names it as `shown` where that fails. Owner and group stay, and so
/// does the mode, but that others have no rights. A new file belongs to the group of its folder, which may read it.
pub(super) fn change<T>(
    file: &Path,
    shown: &str,
    change: impl FnOnce(&str) -> Result<(String, T), Message>,
) -> Result<T, Message> {
    // A link stays one.
    let file = &fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let mut replacement = Replacement::create(file, shown)?;
    let text = match fs::symlink_metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        _ => read_tokens_file(file).map_err(|fault| message!("config-fault-at", place = shown, fault = fault))?,
    };
    let (text, result) = change(&text)?;
    let written = replacement.write(&text, file);
    written.map_err(|error| message!("file-unwritable", file = shown, error = error.to_string()))?;
    Ok(result)
}

#[cfg(unix)]
fn keep_owner_and_mode(new: &File, of: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let mode = if let Ok(old) = fs::metadata(of) {
        let is = new.metadata()?;
        if (is.uid(), is.gid()) != (old.uid(), old.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
        old.mode() & 0o770
    } else {
        let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Whoever may not give it to that group keeps it.
        let _ = fchown(new, None, Some(fs::metadata(folder)?.gid()));
        0o640
    };
    new.set_permissions(fs::Permissions::from_mode(mode))
}

/// Where there are no modes, it has the rights that its folder gives.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "where there are modes, they may not be changed")]
fn keep_owner_and_mode(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}
