//! A copy of a store while it is in use.

use super::connect;
use super::{StoreError, StoreUrl};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum BackupError {
    /// A server has its own program for it.
    #[error("{0} is copied by pg_dump: pg_dump --format=custom --file={1} URL; nothing was written")]
    Server(StoreUrl, String),
    /// There is nothing to copy.
    #[error("there is no store at {0}")]
    NoStore(StoreUrl),
    /// There is a file of this name.
    #[error("{0} exists already, and is not overwritten: name another file, or remove it first")]
    Exists(String),
    /// A copy cannot have this name.
    #[error("{0} cannot be the copy: {1}")]
    Name(String, &'static str),
    /// The copy cannot be written.
    #[error("the copy {0} cannot be written: {1}")]
    Unwritable(String, #[source] io::Error),
    /// The store cannot be read, or the copy not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies a store to a file, whole and as of one moment. The copy appears once it is complete.
///
/// # Errors
/// [`BackupError`]; no file of this name was made then.
pub async fn backup(url: &StoreUrl, target: &Path) -> Result<(), BackupError> {
    let StoreUrl::Sqlite(store) = url else {
        return Err(BackupError::Server(url.clone(), target.display().to_string()));
    };
    if !store.is_file() {
        return Err(BackupError::NoStore(url.clone()));
    }
    let unfit = |why| BackupError::Name(target.display().to_string(), why);
    // SQLite takes names as text, and a relative one that begins with `file:` for an address.
    let target = &std::path::absolute(target).map_err(|_| unfit("it has no name"))?;
    if target.to_str().is_none() {
        return Err(unfit("its name is not UTF-8"));
    }
    if is_of_the_store(store, target) {
        return Err(unfit("SQLite keeps a file of this name beside the store"));
    }
    let exists = || BackupError::Exists(target.display().to_string());
    if target.symlink_metadata().is_ok() {
        return Err(exists());
    }
    let unwritable = |error: io::Error| BackupError::Unwritable(target.display().to_string(), error);
    let unfinished = Unfinished::create(target).map_err(unwritable)?;
    connect::copy(url, store, &unfinished.0).await?;
    File::open(&unfinished.0).and_then(|copy| copy.sync_all()).map_err(unwritable)?;
    // To link does not take the place of what came to be there meanwhile, as to rename would.
    match fs::hard_link(&unfinished.0, target) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists()),
        Err(_) if target.symlink_metadata().is_ok() => Err(exists()),
        Err(_) => fs::rename(&unfinished.0, target).map_err(unwritable),
        Ok(()) => Ok(()),
    }
}

/// True for the names of the files that are kept beside a store, whether they are there or not.
fn is_of_the_store(store: &Path, target: &Path) -> bool {
    let store = std::path::absolute(store).unwrap_or_else(|_| store.to_owned());
    ["-journal", "-wal", "-shm", "-revision"].iter().any(|ending| {
        let mut beside = store.as_os_str().to_owned();
        beside.push(ending);
        beside == target.as_os_str()
    })
}

/// A copy that is not complete, and gone with this value.
struct Unfinished(PathBuf);

impl Unfinished {
    fn create(target: &Path) -> io::Result<Self> {
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".{}.unfinished", std::process::id()));
        let path = PathBuf::from(name);
        connect::create_private(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename it is not there any more.
        let _ = fs::remove_file(&self.0);
    }
}
