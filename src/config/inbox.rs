//! The inbox, as it is configured.

use crate::catalogue::{Message, message};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// How long folders may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// The folder whose files are imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    pub folder: PathBuf,
    /// How long files are kept in its `done` and `failed`: a day to ten years.
    pub keep: Duration,
    /// Files of our own that must not lie where files are taken or deleted, each with the word
    /// for it in the catalogue.
    pub apart_from: Vec<(&'static str, PathBuf)>,
}

impl Inbox {
    /// A month, and the weekend after.
    pub const KEEP: Duration = Duration::from_hours(30 * 24);

    /// Whether none of our own files lies in the folder, or in its folders where files are deleted once they are old.
    /// What is not there yet is nowhere, so that this is asked again while the program runs.
    ///
    /// # Errors
    /// A clause that names the file.
    pub fn is_apart(&self) -> Result<(), Message> {
        let Ok(inbox) = fs::canonicalize(&self.folder) else { return Ok(()) };
        let kept = ["done", "failed"].map(|name| inbox.join(name));
        for (word, file) in &self.apart_from {
            let Some(folder) = folder_of(file) else { continue };
            if folder == inbox || kept.iter().any(|kept| folder.starts_with(kept)) {
                return Err(message!("config-inbox-not-apart", file = *word));
            }
        }
        Ok(())
    }

    /// The same, where folders may hang: what takes too long is no error, and asked again while the program runs.
    ///
    /// # Errors
    /// A clause that names the file.
    pub fn seems_apart(self: &Arc<Self>) -> Result<(), Message> {
        let (reply, answer) = mpsc::channel();
        let inbox = Arc::clone(self);
        // Whoever asked may be gone.
        let looking = thread::Builder::new().spawn(move || _ = reply.send(inbox.is_apart()));
        if looking.is_ok() { answer.recv_timeout(LIMIT).unwrap_or(Ok(())) } else { self.is_apart() }
    }
}

/// Where a file is or would be, with no link in it; `None` where there is no such folder.
fn folder_of(file: &Path) -> Option<PathBuf> {
    let folder = file.parent()?;
    // A file that is a link is where it leads to, too. The inventory may be a folder.
    let file = fs::canonicalize(file).ok();
    if let Some(folder) = file.as_ref().filter(|file| file.is_dir()) {
        return Some(folder.clone());
    }
    let of_file = file.as_deref().and_then(Path::parent).map(Path::to_owned);
    of_file.or_else(|| fs::canonicalize(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inventory may be a folder of lists, and those of its own are no reports.
    #[test]
    fn an_inventory_that_is_the_inbox_or_within_what_it_keeps_is_not_apart() {
        let place = tempfile::tempdir().unwrap();
        let of = |inventory: PathBuf| Inbox {
            folder: place.path().join("inbox"),
            keep: Inbox::KEEP,
            apart_from: vec![("inventory", inventory)],
        };
        let folders = ["inbox", "inbox/done", "inbox/lists", "lists"].map(|name| place.path().join(name));
        for folder in &folders {
            fs::create_dir(folder).unwrap();
        }
        assert_eq!(folders.map(|folder| of(folder).is_apart().is_ok()), [false, false, true, true]);
        let listed = ["inbox/computers.csv", "inbox/done/computers.csv", "computers.csv"];
        assert_eq!(listed.map(|name| of(place.path().join(name)).is_apart().is_ok()), [false, false, true]);
    }
}
