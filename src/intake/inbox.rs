//! A folder whose files are imported: each is taken once it is complete, and then moved to `done` or, with the reason
//! beside it, to `failed`.

use super::importer::Importer;
use super::input::{self, InputError};
use super::settle::Origin;
use super::writer::WriteError;
use crate::formats;
use crate::license::product_key;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{io, iter};
use tokio::task;
use tokio::time::Instant;
use tracing::{error, info, warn};

/// From one look at the folder to the next.
pub const LOOK: Duration = Duration::from_secs(1);

/// How long a file must have stood still to be taken for complete.
const STANDS_STILL: Duration = Duration::from_secs(3);

/// How long after a file could not be read or moved that is tried again.
const RETRY: Duration = Duration::from_secs(10);

/// How many files are imported at one look, so that a full folder does not keep a reload waiting.
const AT_ONCE: usize = 100;

/// The folder for what was imported, and the one for what was not.
const DONE: &str = "done";
const FAILED: &str = "failed";

/// The inbox, and the files in it that are not known to be complete yet.
#[derive(Debug)]
pub struct Inbox {
    folder: PathBuf,
    waiting: BTreeMap<PathBuf, Waiting>,
    /// False where the folder could not be read, or files in it not be moved, when it was last looked at.
    is_well: bool,
}

/// A file as it was when it last changed.
#[derive(Debug, Clone)]
struct Waiting {
    length: u64,
    modified: Option<SystemTime>,
    /// From when on it stands still, or is to be tried again.
    since: Instant,
    /// What keeps it from being imported.
    trouble: Option<String>,
}

impl Inbox {
    /// The inbox in this folder.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, waiting: BTreeMap::new(), is_well: true }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Imports the files that are complete. False where the folder fails, which is logged once.
    pub async fn look(&mut self, importer: &Importer) -> bool {
        let looked = self.import_complete(importer).await;
        match &looked {
            Err(error) if self.is_well => {
                error!(inbox = %self.folder.display(), "the inbox cannot be processed: {error}");
            }
            Ok(()) if !self.is_well => info!(inbox = %self.folder.display(), "the inbox can be processed again"),
            _ => {}
        }
        self.is_well = looked.is_ok();
        self.is_well
    }

    async fn import_complete(&mut self, importer: &Importer) -> Result<(), String> {
        let complete = self.complete_files(Instant::now()).map_err(|error| format!("it cannot be read: {error}"))?;
        for file in complete.into_iter().take(AT_ONCE) {
            let shown = name_of(&file);
            match import_file(&file, importer).await {
                Err(Trouble::Store(error)) => return Err(error.to_string()),
                Err(Trouble::File(error)) => self.put_off(&file, format!("{shown} cannot be read: {error}")),
                // What was changed meanwhile is taken once it stands still again.
                Ok(_) if !self.stands_as_known(&file) => {}
                Ok(verdict) => {
                    let is_imported = verdict.fault.is_none();
                    let kept = keep(&self.folder, &file, &verdict);
                    match kept.inspect(|()| importer.counters().count_inbox_file(is_imported)) {
                        Err(error) => self.put_off(&file, format!("{shown} cannot be moved: {error}")),
                        Ok(()) => _ = self.waiting.remove(&file),
                    }
                }
            }
        }
        self.waiting.values().find_map(|waiting| waiting.trouble.clone()).map_or(Ok(()), Err)
    }

    /// Tries a file again later: the others need not wait for one that is in trouble.
    fn put_off(&mut self, file: &Path, trouble: String) {
        if let Some(waiting) = self.waiting.get_mut(file) {
            waiting.since = Instant::now() + RETRY;
            waiting.trouble = Some(trouble);
        }
    }

    /// True where a file is as it was when it was found complete.
    fn stands_as_known(&self, file: &Path) -> bool {
        let now = fs::symlink_metadata(file).ok().map(|metadata| (metadata.len(), metadata.modified().ok()));
        let known = self.waiting.get(file).map(|known| (known.length, known.modified));
        now.is_some() && now == known
    }

    /// The files that have stood still for long enough. Hidden files and those being written under another name are
    /// left alone.
    fn complete_files(&mut self, now: Instant) -> io::Result<Vec<PathBuf>> {
        let mut waiting = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // A link could lead anywhere.
            let Some(metadata) = entry.metadata().ok().filter(Metadata::is_file) else { continue };
            if is_temporary(&entry.file_name()) {
                continue;
            }
            let (length, modified) = (metadata.len(), metadata.modified().ok());
            let known = self.waiting.remove(&entry.path());
            let known = known.filter(|known| (known.length, known.modified) == (length, modified));
            waiting.insert(entry.path(), known.unwrap_or(Waiting { length, modified, since: now, trouble: None }));
        }
        self.waiting = waiting;
        let is_complete = |waiting: &Waiting| now.duration_since(waiting.since) >= STANDS_STILL;
        let complete = self.waiting.iter().filter(|(_, waiting)| is_complete(waiting));
        Ok(complete.map(|(file, _)| file.clone()).collect())
    }
}

fn is_temporary(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with(['.', '~']) || [".tmp", ".part", ".partial"].iter().any(|ending| name.ends_with(ending))
}

/// What became of a file.
struct Verdict {
    /// What is wrong with it; `None` where all is well.
    fault: Option<String>,
    /// What is kept of it in place of the file itself, where whole product keys stand in that.
    cut: Option<String>,
}

/// What keeps a file from being imported and is no fault of what is in it. It is tried again.
enum Trouble {
    /// The file cannot be read.
    File(io::Error),
    /// The store does not take what is in it.
    Store(WriteError),
}

/// Imports one file.
async fn import_file(file: &Path, importer: &Importer) -> Result<Verdict, Trouble> {
    let name = name_of(file);
    let path = file.to_owned();
    let read = task::spawn_blocking(move || {
        let (bytes, modified) = input::read_file(&path)?;
        let cut = without_whole_keys(&bytes);
        Ok((bytes, modified, cut))
    });
    let (bytes, modified, cut) = match read.await.map_err(|error| Trouble::File(error.into()))? {
        Ok(read) => read,
        Err(InputError::Refused(reason)) => {
            warn!(file = name, "the file is refused: {reason}");
            return Ok(Verdict { fault: Some(reason), cut: None });
        }
        Err(InputError::Unreadable(error)) => return Err(Trouble::File(error)),
    };
    let origin = Origin {
        machine: input::machine_by_name(file),
        reported_at: modified,
        received_at: Timestamp::now(),
        grant: None,
    };
    let outcome = importer.import(bytes, origin).await.map_err(Trouble::Store)?;
    let fault = outcome.fault();
    match &fault {
        None => info!(file = name, "imported: {outcome}"),
        Some(fault) => warn!(file = name, "imported in part or not at all: {outcome}: {fault}"),
    }
    if let Some(quote) = &outcome.reading.skipped.first {
        warn!(file = name, count = outcome.reading.skipped.count, "not understood, the first of these: {quote}");
    }
    Ok(Verdict { fault, cut })
}

/// The text with every whole product key in it cut; `None` where there is none in it.
fn without_whole_keys(bytes: &[u8]) -> Option<String> {
    match product_key::cut(&formats::decode(bytes).ok()?) {
        Cow::Owned(cut) => Some(cut),
        Cow::Borrowed(_) => None,
    }
}

/// Moves a file out of the inbox, to where its verdict belongs.
fn keep(inbox: &Path, file: &Path, verdict: &Verdict) -> io::Result<()> {
    let folder = inbox.join(if verdict.fault.is_none() { DONE } else { FAILED });
    fs::create_dir_all(&folder)?;
    let kept = unused(&folder, &name_of(file));
    match &verdict.cut {
        None => match fs::rename(file, &kept) {
            // Another daemon that looks after the same folder was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            renamed => renamed?,
        },
        Some(text) => {
            fs::write(&kept, text)?;
            fs::remove_file(file)?;
        }
    }
    match &verdict.fault {
        None => Ok(()),
        Some(reason) => {
            let mut beside = kept.into_os_string();
            beside.push(".reason.txt");
            fs::write(beside, format!("{reason}\n"))
        }
    }
}

/// A name in the folder that no file has yet: its own, or that with a number before it.
fn unused(folder: &Path, name: &str) -> PathBuf {
    let numbered = (2..).map(|number: u64| folder.join(format!("{number}-{name}")));
    iter::once(folder.join(name)).chain(numbered).find(|path| !path.exists()).unwrap_or_else(|| folder.join(name))
}

/// The name of a file, as it may be logged and kept.
fn name_of(file: &Path) -> String {
    product_key::cut(&file.file_name().unwrap_or_default().to_string_lossy()).into_owned()
}
