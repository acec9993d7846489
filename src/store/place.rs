//! Where the file of a store is, and whether it is still what it was: whoever deletes it, puts another in its place or
//! writes to it leaves this program with one that nobody else will ever read, or can.
//!
//! The file itself is not opened here: to close it lets go of all that this process has locked of it, and `SQLite` with
//! it. Nothing of the log is locked. All of this may hang, and is done aside.

use super::connect::create;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// What `SQLite` keeps beside the file.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";

/// Beside the file: the revision that was acknowledged last. Of a log that was damaged while nobody had it open `SQLite`
/// takes what is before the damage, and says nothing.
const ACKNOWLEDGED: &str = "-revision";

/// What is behind the name of a file that was set aside, and how many of them are kept.
const DAMAGED: &str = ".damaged-";
const KEPT: usize = 3;

/// How much of the log is compared at its beginning, where its header is, and at its end.
const MARK: usize = 64;

/// The file of a store as it was when it was opened.
#[derive(Debug, Clone)]
pub(super) struct Place {
    path: PathBuf,
    /// The file, the log and the index beside it.
    files: [Option<Identity>; 3],
    trusted: Seen,
    pub(super) own: Own,
}

/// What this program did to the log since it looked the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Own {
    Nothing,
    /// It began to write. Where that is much the log grows.
    Begun,
    /// It committed, or tried to. What was left of another attempt is written over.
    Ended,
}

/// What identifies a file on this machine: its device, and its number there.
type Identity = (u64, u64);

/// What changes with a file: its length, and when it was last changed.
type Stamp = (u64, (i64, i64));

/// Some bytes of the log; `None` where it is shorter.
type Mark = Option<[u8; MARK]>;

/// What was seen of the files of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    file: Option<Stamp>,
    log: Log,
    /// Another program wrote to the file itself, or something did. This one does that in a checkpoint alone.
    pub file_is_changed: bool,
    /// Another program wrote to the log, or something did.
    pub log_is_changed: bool,
}

/// What was seen of the log. When its owner was last set is none of it: as root, `SQLite` sets it whenever it opens the
/// log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Log {
    length: u64,
    modified_at: (i64, i64),
    begin: Mark,
    end: Mark,
}

impl Seen {
    /// True where nothing wrote to the files but this program, as far as it shows.
    pub const fn is_unchanged(self) -> bool {
        !self.file_is_changed && !self.log_is_changed
    }

    /// How long the log is.
    pub(super) const fn log_length(self) -> u64 {
        self.log.length
    }
}

/// What is not where it was.
#[derive(Debug)]
pub(super) enum Amiss {
    /// The file was deleted, or another took its place.
    File,
    /// The same of one beside it.
    Beside,
    /// Whether it is cannot be seen.
    Unseen(io::Error),
}

impl From<io::Error> for Amiss {
    fn from(error: io::Error) -> Self {
        Self::Unseen(error)
    }
}

impl Place {
    /// The file that was just opened.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        // Where it is reached through a link, the files beside it are where that leads.
        let path = path.canonicalize()?;
        let files = [identity(&path)?, identity(&beside(&path, LOG))?, identity(&beside(&path, INDEX))?];
        let mut place = Self { path, files, trusted: Seen::default(), own: Own::Nothing };
        // What is amiss already is so the next time.
        if let Ok(seen) = place.look() {
            place.trust(seen);
        }
        Ok(place)
    }

    /// Looks whether the files are still there, and which of them changed since they were last trusted. What this
    /// program wrote it wrote to the log, which goes on from what was there.
    pub(super) fn look(&self) -> Result<Seen, Amiss> {
        let [file, log, index] = self.files;
        let log_path = beside(&self.path, LOG);
        // One that was gone as soon as it was opened is missed as well.
        if file.is_none() || identity(&self.path)? != file {
            return Err(Amiss::File);
        }
        for (path, known) in [(&log_path, log), (&beside(&self.path, INDEX), index)] {
            if known.is_some() && identity(path)? != known {
                return Err(Amiss::Beside);
            }
        }
        let trusted = &self.trusted;
        let file = metadata(&self.path)?.map(|known| (known.len(), changed_at(&known)));
        let (log, goes_on) = Log::read(&log_path, &trusted.log)?;
        let is_own = match self.own {
            Own::Nothing => false,
            Own::Begun => goes_on && log.length > trusted.log.length,
            Own::Ended => goes_on,
        };
        let log_is_changed = log != trusted.log && !is_own;
        Ok(Seen { file, log, file_is_changed: file != trusted.file, log_is_changed })
    }

    /// Notes the revision that is acknowledged. This is not forced to disk: where the machine loses its power too little is
    /// known, and never too much.
    pub(super) fn acknowledge(&self, revision: i64) -> io::Result<()> {
        let path = beside(&self.path, ACKNOWLEDGED);
        // Of one length, so that nothing is left of another.
        let text = format!("{revision:020} {:020}\n", self.number());
        let mut options = noted();
        options.write(true);
        let mut file = match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(&path)?;
                options.open(&path)?
            }
            opened => opened?,
        };
        file.write_all(text.as_bytes())
    }

    /// The revision that was acknowledged last; `None` where that is not known, or is known of another file.
    pub(super) fn acknowledged(&self) -> Option<i64> {
        let mut text = String::new();
        noted().read(true).open(beside(&self.path, ACKNOWLEDGED)).ok()?.take(64).read_to_string(&mut text).ok()?;
        let (revision, number) = text.trim_end().split_once(' ')?;
        (number.parse() == Ok(self.number())).then(|| revision.parse().ok())?
    }

    /// The number that the file has on its device. That of the device may be another after a restart.
    fn number(&self) -> u64 {
        self.files[0].map_or(0, |(_, number)| number)
    }

    /// What was seen is what should be.
    pub(super) const fn trust(&mut self, seen: Seen) {
        self.trusted = seen;
        self.own = Own::Nothing;
    }

    /// The same where nothing but this program wrote.
    pub(super) const fn trust_what_was_written(&mut self, seen: Seen) {
        if seen.is_unchanged() {
            self.trust(seen);
        }
        self.own = Own::Nothing;
    }

    /// Takes away what is left of the old file beside the new one, which would be taken for its own. To be called once
    /// nothing is open any more.
    pub(super) fn tidy(&self) -> io::Result<()> {
        let [file, known_log, _] = self.files;
        let log = beside(&self.path, LOG);
        // A log of another program belongs to the new file.
        if known_log.is_some() && identity(&log)? == known_log && identity(&self.path)? != file {
            // Opening the file reports what could not be removed.
            let _ = fs::remove_file(&log);
            let _ = fs::remove_file(beside(&self.path, INDEX));
        }
        Ok(())
    }

    /// Gives the file, with its log, a name with the moment at which it was found damaged, and returns it. The last few
    /// are kept. To be called once nothing is open any more.
    pub(super) fn set_aside(&self, now: Timestamp) -> io::Result<PathBuf> {
        let aside = damaged(&self.path, now);
        // Another that was put in its place meanwhile is none of ours, and one of this moment is tried again.
        if identity(&self.path)? != self.files[0] || aside.symlink_metadata().is_ok() {
            return Err(ErrorKind::ResourceBusy.into());
        }
        // The log first: without it the file is what it was a while ago, and would be taken for whole.
        match fs::rename(beside(&self.path, LOG), beside(&aside, LOG)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let _ = fs::remove_file(beside(&self.path, INDEX));
        let _ = fs::remove_file(beside(&self.path, ACKNOWLEDGED));
        fs::rename(&self.path, &aside)?;
        // Where a link leads here, nobody else could make one through it.
        let _ = create(&self.path);
        self.forget_older();
        Ok(aside)
    }

    /// Deletes all but the last few of those that were set aside.
    fn forget_older(&self) {
        let (Some(folder), Some(name)) = (self.path.parent(), self.path.file_name()) else { return };
        let prefix = format!("{}{DAMAGED}", name.to_string_lossy());
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        // Of some there is nothing but the log.
        let aside: BTreeSet<_> = names
            .filter(|name| name.starts_with(&prefix))
            .map(|name| name.trim_end_matches(LOG).trim_end_matches(INDEX).to_owned())
            .collect();
        for old in aside.iter().rev().skip(KEPT).map(|name| folder.join(name)) {
            for file in [&beside(&old, LOG), &beside(&old, INDEX), &old] {
                // What stays for now goes with the next one.
                let _ = fs::remove_file(file);
            }
        }
    }
}

/// Creates the file of a store where there is none. A log without a file, or beside one that is empty, is of no use to
/// `SQLite`, which deletes it: it is set aside. Says what is lost, where that is not nothing.
pub(super) fn begin(path: &Path, now: Timestamp) -> io::Result<Option<String>> {
    let is_new = metadata(path)?.is_none();
    create(path)?;
    // A link may lead to where nothing is yet.
    let Ok(path) = path.canonicalize() else { return Ok(None) };
    let is_empty =
        |path: &Path| Ok::<_, io::Error>(metadata(path)?.is_none_or(|known| known.is_file() && known.len() == 0));
    if !is_empty(&path)? {
        return Ok(None);
    }
    let log = beside(&path, LOG);
    if is_empty(&log)? {
        return Ok((!is_new).then(|| "the file is empty".to_owned()));
    }
    let aside = beside(&damaged(&path, now), LOG);
    fs::rename(&log, &aside)?;
    let file = if is_new { "the file is not there" } else { "the file is empty" };
    Ok(Some(format!("{file}, and the log beside it is kept as {}", aside.display())))
}

/// The name under which a file is set aside.
fn damaged(path: &Path, now: Timestamp) -> PathBuf {
    beside(path, &format!("{DAMAGED}{}", now.strftime("%Y%m%dT%H%M%S.%3fZ")))
}

impl Log {
    /// What the log is now, and whether it still has what is `known` of it.
    fn read(path: &Path, known: &Self) -> io::Result<(Self, bool)> {
        let mut file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Self::default(), known.length == 0)),
            opened => opened?,
        };
        let metadata = file.metadata()?;
        let (length, modified_at) = (metadata.len(), modified_at(&metadata));
        let mut before = |end: u64| -> io::Result<Mark> {
            let Some(begin) = end.checked_sub(MARK as u64) else { return Ok(None) };
            let mut bytes = [0; MARK];
            file.seek(SeekFrom::Start(begin))?;
            match file.read_exact(&mut bytes) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
                read => read.map(|()| Some(bytes)),
            }
        };
        let (begin, end) = (before(MARK as u64)?, before(length)?);
        let goes_on = known.length == 0 || (begin == known.begin && before(known.length)? == known.end);
        Ok((Self { length, modified_at, begin, end }, goes_on))
    }
}

/// How what is noted is opened: no link is followed, and no pipe waited for.
#[cfg(unix)]
fn noted() -> OpenOptions {
    use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.custom_flags(O_NOFOLLOW | O_NONBLOCK);
    options
}

#[cfg(not(unix))]
fn noted() -> OpenOptions {
    OpenOptions::new()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// What is known of a file; `None` where there is none.
fn metadata(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        known => known.map(Some),
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Option<Identity>> {
    use std::os::unix::fs::MetadataExt;
    Ok(metadata(path)?.map(|known| (known.dev(), known.ino())))
}

/// Elsewhere a file that is open can be neither deleted nor replaced.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Option<Identity>> {
    Ok(metadata(path)?.map(|_| (0, 0)))
}

/// When a file was last changed, which nobody can set to what it was.
#[cfg(unix)]
fn changed_at(known: &Metadata) -> (i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (known.ctime(), known.ctime_nsec())
}

#[cfg(not(unix))]
fn changed_at(known: &Metadata) -> (i64, i64) {
    modified_at(known)
}

/// When a file was last written.
fn modified_at(known: &Metadata) -> (i64, i64) {
    let modified = known.modified().ok().and_then(|time| Timestamp::try_from(time).ok()).unwrap_or_default();
    (modified.as_second(), i64::from(modified.subsec_nanosecond()))
}
