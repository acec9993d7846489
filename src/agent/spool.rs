//! What waits to be sent: a folder of files, bounded in number and bytes, the oldest first. A file is whole or not there,
//! and goes once the server has acknowledged it, so that nothing is lost between the two.

use super::body::Body;
use super::trouble::{Outcome, Trouble};
use jiff::Timestamp;
use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How much may wait: eight days of a report every quarter of an hour.
const MAX_FILES: usize = 800;
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// How much is kept aside that the server refused.
const MAX_ASIDE: usize = 20;

/// How much waits in memory where the disk takes nothing.
const MAX_HELD: usize = 20;

/// How many reports are sent at once, and how long they are together, in bytes.
const MAX_REPORTS: usize = 100;
const MAX_BATCH: usize = 4 * 1024 * 1024;

/// The longest file, in bytes. What is longer is none of ours.
const MAX_FILE: u64 = 40 * 1024 * 1024;

/// The ends of the names of files that are whole, and of those that are not.
const WHOLE: &str = ".report";
const PART: &str = ".part";

/// How much may wait.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    files: usize,
    bytes: u64,
}

/// The folder, which one agent at a time uses.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    bounds: Bounds,
    /// Where the disk takes nothing.
    held: VecDeque<Body>,
    /// Held while the folder is used; the system takes it back where the program ends.
    _lock: File,
}

/// One thing that waits, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    File(PathBuf),
    /// In memory, from its beginning.
    Held(usize),
}

impl Place {
    /// True for what is on disk, whose place is the same whatever else goes.
    pub(super) const fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

impl Spool {
    /// Opens the folder, which is made where it is not there, for this machine's administrators alone.
    pub(super) fn open(folder: &Path) -> Result<Self, Trouble> {
        Self::open_with(folder, Bounds { files: MAX_FILES, bytes: MAX_BYTES })
    }

    fn open_with(folder: &Path, bounds: Bounds) -> Result<Self, Trouble> {
        let at = |error: io::Error| {
            let trouble = Trouble::of_folder(&error);
            Trouble::new(trouble.outcome, format_args!("{}: {}", folder.display(), trouble.detail))
        };
        for folder in [folder.to_owned(), folder.join("spool"), folder.join("refused")] {
            make_private(&folder).map_err(at)?;
        }
        let lock = File::options().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(at)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Trouble::new(Outcome::AlreadyRunning, folder.display()));
            }
            Err(fs::TryLockError::Error(error)) => return Err(at(error)),
        }
        let spool = Self { folder: folder.to_owned(), bounds, held: VecDeque::new(), _lock: lock };
        // What was being written when a program ended was never counted on.
        for (path, _) in spool.files(PART) {
            let _ = fs::remove_file(path);
        }
        Ok(spool)
    }

    /// The file in the folder that this is for.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Keeps a body until it is sent. Where the disk takes nothing it waits in memory.
    pub(super) fn add(&mut self, body: Body) -> Result<(), Trouble> {
        let written = body.to_bytes().and_then(|bytes| self.write(&bytes));
        let Err(error) = written else { return self.make_room() };
        if self.held.len() == MAX_HELD {
            self.held.pop_front();
        }
        self.held.push_back(body);
        Err(Trouble::of_folder(&error))
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let newest = self.files(WHOLE).last().and_then(|(path, _)| number(path)).unwrap_or_default();
        // By the clock no name is that of a file that is gone, and a clock that is set back changes no order.
        let now = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default();
        let name = format!("{:016}", now.max(newest + 1));
        replace(&self.folder.join("spool").join(name + WHOLE), bytes)
    }

    /// Drops the oldest where too much waits.
    fn make_room(&self) -> Result<(), Trouble> {
        let mut files: VecDeque<_> = self.files(WHOLE).into();
        let mut bytes: u64 = files.iter().map(|(_, length)| length).sum();
        let mut dropped = 0;
        while files.len() > 1 && (files.len() > self.bounds.files || bytes > self.bounds.bytes) {
            let Some((path, length)) = files.pop_front() else { break };
            // What cannot be removed counts on.
            if fs::remove_file(path).is_ok() {
                dropped += 1;
            }
            bytes -= length;
        }
        if dropped == 0 { Ok(()) } else { Err(Trouble::new(Outcome::ReportsDropped, dropped)) }
    }

    /// The files that are whole or not, the oldest first, with their lengths.
    fn files(&self, end: &str) -> Vec<(PathBuf, u64)> {
        let entries = fs::read_dir(self.folder.join("spool")).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .filter(|entry| entry.file_name().as_encoded_bytes().ends_with(end.as_bytes()))
            .filter_map(|entry| Some((entry.path(), entry.metadata().ok().filter(fs::Metadata::is_file)?.len())))
            .collect();
        files.sort();
        files
    }

    /// How much waits.
    pub(super) fn waiting(&self) -> usize {
        self.files(WHOLE).len() + self.held.len()
    }

    /// What is sent next, without what is passed over: one text, or as many reports as one request takes.
    pub(super) fn next(&self, passed_over: &BTreeSet<Place>) -> Vec<(Place, Body)> {
        let mut batch: Vec<(Place, Body)> = Vec::new();
        let mut length = 0;
        let files = self.files(WHOLE).into_iter().map(|(path, _)| Place::File(path));
        let held = (0..self.held.len()).map(Place::Held);
        for place in files.chain(held).filter(|place| !passed_over.contains(place)) {
            let Some(body) = self.read(&place) else { continue };
            length += body.text.len();
            let fits = body.about.is_report && length <= MAX_BATCH && batch.len() < MAX_REPORTS;
            if !batch.is_empty() && !fits {
                break;
            }
            let is_report = body.about.is_report;
            batch.push((place, body));
            if !is_report {
                break;
            }
        }
        batch
    }

    /// What is there; a file that cannot be read is put aside, so that it keeps nothing back.
    fn read(&self, place: &Place) -> Option<Body> {
        match place {
            Place::Held(at) => self.held.get(*at).cloned(),
            Place::File(path) => {
                let is_ours = fs::metadata(path).is_ok_and(|metadata| metadata.len() <= MAX_FILE);
                let body = fs::read(path).ok().filter(|_| is_ours).and_then(|bytes| Body::from_bytes(&bytes).ok());
                if body.is_none() {
                    self.put_aside(path);
                }
                body
            }
        }
    }

    /// Forgets what was acknowledged.
    pub(super) fn remove(&mut self, places: &[Place]) {
        for place in places {
            if let Place::File(path) = place {
                let _ = fs::remove_file(path);
            }
        }
        let mut at = 0;
        self.held.retain(|_| {
            at += 1;
            !places.contains(&Place::Held(at - 1))
        });
    }

    /// Keeps what the server refused out of the way, for a person to look at.
    pub(super) fn refuse(&mut self, place: &Place) {
        match place {
            Place::File(path) => self.put_aside(path),
            Place::Held(_) => self.remove(std::slice::from_ref(place)),
        }
    }

    fn put_aside(&self, path: &Path) {
        let aside = self.folder.join("refused");
        let name = path.file_name().unwrap_or_default();
        if fs::rename(path, aside.join(name)).is_err() {
            let _ = fs::remove_file(path);
        }
        let mut kept: Vec<_> = fs::read_dir(&aside).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        kept.sort();
        for path in kept.iter().take(kept.len().saturating_sub(MAX_ASIDE)) {
            let _ = fs::remove_file(path);
        }
    }
}

fn number(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.parse().ok()
}

/// Writes a file so that nobody finds half of it under its name, not even where the power fails.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension(PART.trim_start_matches('.'));
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let written = written.and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Makes a folder that others cannot read, unless it is there. On Windows it has the rights of the folder it is in.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(number: usize) -> Body {
        Body::report(format!("{{\"number\":{number}}}").into_bytes(), Timestamp::UNIX_EPOCH)
    }

    fn text() -> Body {
        Body::text(b"Name: Windows".to_vec(), &"ws01".parse().unwrap(), Timestamp::UNIX_EPOCH)
    }

    fn texts(batch: &[(Place, Body)]) -> Vec<String> {
        batch.iter().map(|(_, body)| String::from_utf8(body.text.clone()).unwrap()).collect()
    }

    #[test]
    fn what_waits_is_there_after_a_restart_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(folder.path()).unwrap();
        for number in 0..12 {
            spool.add(report(number)).unwrap();
        }
        spool.add(text()).unwrap();
        spool.add(report(12)).unwrap();
        assert_eq!(Spool::open(folder.path()).unwrap_err().outcome, Outcome::AlreadyRunning);
        drop(spool);
        fs::write(folder.path().join("spool/0000000000000099.part"), "half").unwrap();
        let mut spool = Spool::open(folder.path()).unwrap();
        let none = BTreeSet::new();
        let first = spool.next(&none);
        assert_eq!((first.len(), texts(&first)[11].as_str()), (12, r#"{"number":11}"#));
        spool.remove(&first.into_iter().map(|(place, _)| place).collect::<Vec<_>>());
        let second = spool.next(&none);
        assert_eq!(texts(&second), ["Name: Windows"]);
        // What is passed over waits on.
        let third = spool.next(&second.iter().map(|(place, _)| place.clone()).collect());
        assert_eq!(texts(&third), [r#"{"number":12}"#]);
        assert_eq!(spool.waiting(), 2);
        assert!(spool.files(PART).is_empty());
    }

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open_with(folder.path(), Bounds { files: 3, bytes: 10_000 }).unwrap();
        let added: Vec<_> =
            (0..5).map(|number| spool.add(report(number)).map_err(|it| (it.outcome, it.detail))).collect();
        let dropped = Err((Outcome::ReportsDropped, "1".to_owned()));
        assert_eq!(added, [Ok(()), Ok(()), Ok(()), dropped.clone(), dropped]);
        assert_eq!(texts(&spool.next(&BTreeSet::new())), [r#"{"number":2}"#, r#"{"number":3}"#, r#"{"number":4}"#]);
        // By their lengths as well, but for the newest.
        drop(spool);
        let mut spool = Spool::open_with(folder.path(), Bounds { files: 30, bytes: 10 }).unwrap();
        assert!(spool.add(report(5)).is_err());
        assert_eq!(texts(&spool.next(&BTreeSet::new())), [r#"{"number":5}"#]);
    }

    #[test]
    fn what_is_refused_or_damaged_is_out_of_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(folder.path()).unwrap();
        spool.add(report(1)).unwrap();
        spool.add(report(2)).unwrap();
        fs::write(&spool.files(WHOLE)[0].0, "no report").unwrap();
        let batch = spool.next(&BTreeSet::new());
        assert_eq!(texts(&batch), [r#"{"number":2}"#]);
        spool.refuse(&batch[0].0);
        assert_eq!(spool.waiting(), 0);
        assert_eq!(fs::read_dir(folder.path().join("refused")).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn where_the_disk_takes_nothing_it_waits_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(folder.path()).unwrap();
        // Nobody can write in a folder that is a file, not even root.
        fs::remove_dir(folder.path().join("spool")).unwrap();
        fs::write(folder.path().join("spool"), "").unwrap();
        for number in 0..MAX_HELD + 2 {
            assert_eq!(spool.add(report(number)).unwrap_err().outcome, Outcome::FolderUnusable);
        }
        let batch = spool.next(&BTreeSet::new());
        assert_eq!((batch.len(), texts(&batch)[0].as_str()), (MAX_HELD, r#"{"number":2}"#));
        spool.remove(&batch.into_iter().map(|(place, _)| place).collect::<Vec<_>>());
        assert_eq!(spool.waiting(), 0);
    }
}
