//! What lies in the folder, and whether that is still what it was.

use super::aside::{Progress, Stepping};
use crate::config::Inbox;
use crate::formats::{self, FormatError};
use crate::intake::input::{self, InputError};
use crate::license::product_key;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// The folder for what was imported, and the one for what was not.
pub(super) const DONE: &str = "done";
pub(super) const FAILED: &str = "failed";

/// How many files are listed at one look beside those that were put off. Those beyond follow as these go.
const MAX_LISTED: usize = 10_000;

/// What shows that a file is still the one it was, and unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    identity: (u64, u64),
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self { length: metadata.len(), modified: metadata.modified().ok(), identity }
    }

    /// True where the file of this name is still this one. A link is none, wherever it leads.
    pub(super) fn is_of(&self, file: &Path) -> bool {
        fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_file() && Self::of(&metadata) == *self)
    }

    /// How long it is, in bytes.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// When it was last written, by its file system.
    pub(super) const fn modified(&self) -> Option<SystemTime> {
        self.modified
    }
}

/// Lists the files that may be imported, and counts those that were left out for now. Links could lead anywhere, hidden
/// files and those being written under another name are not complete, and what else there is cannot be read. Those of
/// `put_off` keep no other from being listed. Where there are too many, those are listed that came first: whoever is
/// new takes no place of one that waits.
///
/// # Errors
/// A clause that says why nothing here may be touched, or why it cannot be listed.
pub(super) fn list(
    inbox: &Inbox,
    put_off: &HashSet<OsString>,
    progress: &Progress,
) -> Result<(BTreeMap<OsString, Stamp>, usize), String> {
    let unreadable = |error: io::Error| format!("it cannot be read: {error}");
    let entries = fs::read_dir(&inbox.folder).map_err(unreadable)?;
    inbox.is_apart().map_err(|message| message.to_string())?;
    check(&inbox.folder)?;
    let (mut files, mut others, mut left_out) = (BTreeMap::new(), BTreeSet::new(), 0);
    for entry in entries {
        progress.step();
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        if is_temporary(&name) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Some(metadata) = entry.metadata().ok().filter(Metadata::is_file) else { continue };
        if !put_off.contains(&name) {
            others.insert((came_at(&metadata), name.clone()));
            if others.len() > MAX_LISTED {
                left_out += 1;
                let (_, newest) = others.pop_last().unwrap_or_default();
                files.remove(&newest);
                if newest == name {
                    continue;
                }
            }
        }
        files.insert(name, Stamp::of(&metadata));
    }
    Ok((files, left_out))
}

/// When a file came or was last changed, in seconds and nanoseconds: by a time that nobody sets as he likes, where the
/// system has one.
fn came_at(metadata: &Metadata) -> (i64, i64) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (metadata.ctime(), metadata.ctime_nsec())
    }
    #[cfg(not(unix))]
    {
        let modified = metadata.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        modified.map_or((0, 0), |at| (i64::try_from(at.as_secs()).unwrap_or(0), i64::from(at.subsec_nanos())))
    }
}

/// Whether files can be kept: where the two folders are anything, they are folders. A link could lead to where other
/// files are deleted once they are old.
///
/// # Errors
/// A clause that says what is in the way.
fn check(inbox: &Path) -> Result<(), String> {
    for name in [DONE, FAILED] {
        match fs::symlink_metadata(inbox.join(name)) {
            Ok(metadata) if !metadata.is_dir() => {
                return Err(format!("`{name}` in it is not a folder; move it away"));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("`{name}` in it cannot be read: {error}")),
        }
    }
    Ok(())
}

fn is_temporary(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with(['.', '~']) || [".tmp", ".part", ".partial"].iter().any(|ending| name.ends_with(ending))
}

/// What is in a file.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// When it was last written; now, where that cannot be true.
    pub(super) modified: Timestamp,
    /// True where whole product keys are in it, or may be.
    pub(super) has_keys: bool,
}

/// Why a file was not read.
pub(super) enum Unread {
    /// It is another by now, or was written to meanwhile, or is gone.
    Changed,
    /// Another program has it open, and shares it with nobody.
    InUse(io::Error),
    /// There is nothing in it yet.
    Empty,
    /// It is nothing that could be read: the reason.
    Refused(String),
    /// The system does not let us read it.
    Unreadable(io::Error),
}

/// True where another program keeps others from a file or a part of it, as programs on Windows do while they write one.
pub(super) fn is_in_use(error: &io::Error) -> bool {
    /// `ERROR_SHARING_VIOLATION` and `ERROR_LOCK_VIOLATION`.
    const IN_USE: [i32; 2] = [32, 33];
    cfg!(windows) && error.raw_os_error().is_some_and(|code| IN_USE.contains(&code))
}

/// Reads a file that is still the one it was, and still is once it is read.
pub(super) fn read(file: &Path, known: &Stamp, progress: &Progress) -> Result<Content, Unread> {
    let (opened, metadata) = match input::open(file, input::Links::Refused) {
        Ok(opened) => opened,
        // Not there any more, or a link, a pipe or a folder by now: the next look finds that out.
        Err(InputError::Refused(_)) => return Err(Unread::Changed),
        Err(InputError::Unreadable(error)) if !known.is_of(file) => {
            drop(error);
            return Err(Unread::Changed);
        }
        // Whoever writes it lets nobody read it meanwhile, and is done when it is done.
        Err(InputError::Unreadable(error)) if is_in_use(&error) => return Err(Unread::InUse(error)),
        Err(InputError::Unreadable(error)) => return Err(Unread::Unreadable(error)),
    };
    if Stamp::of(&metadata) != *known {
        return Err(Unread::Changed);
    }
    if metadata.len() == 0 {
        return Err(Unread::Empty);
    }
    let bytes = match input::read(Stepping { reader: &opened, progress }) {
        Ok(bytes) => bytes,
        Err(InputError::Refused(reason)) => return Err(Unread::Refused(reason.to_string())),
        Err(InputError::Unreadable(error)) if is_in_use(&error) => return Err(Unread::InUse(error)),
        Err(InputError::Unreadable(error)) => return Err(Unread::Unreadable(error)),
    };
    if opened.metadata().map_or(true, |metadata| Stamp::of(&metadata) != *known) {
        return Err(Unread::Changed);
    }
    let has_keys = without_whole_keys(&bytes).is_some();
    Ok(Content { bytes, modified: input::written_at(&metadata), has_keys })
}

/// The text with every whole product key in it cut; `None` where there is none in it. In what is no text nobody can look
/// for keys, be it a log of events or an archive: a line says how much it was, and it is not kept.
pub(super) fn without_whole_keys(bytes: &[u8]) -> Option<String> {
    let in_place = |why: &str| {
        Some(format!(
            "A file of {} bytes was not kept, because it may have whole product keys in it: {why}\n",
            bytes.len()
        ))
    };
    let text = match formats::decode(bytes) {
        Ok(text) => text,
        Err(FormatError::Empty) => return None,
        Err(error) => return in_place(&error.to_string()),
    };
    let cut = product_key::cut(&text);
    // Text of several encodings, or UTF-16 that begins with half a unit, reads as other letters.
    let is_misread = bytes.contains(&0) && {
        let units: Vec<_> = cut.encode_utf16().flat_map(u16::to_be_bytes).collect();
        has_keys_between_nuls(&units) || matches!(cut, Cow::Borrowed(_)) && has_keys_between_nuls(bytes)
    };
    match cut {
        _ if is_misread => in_place("its encoding is not clear."),
        Cow::Owned(cut) => Some(cut),
        Cow::Borrowed(_) => None,
    }
}

/// True where whole keys are in the bytes that are not zero.
fn has_keys_between_nuls(bytes: &[u8]) -> bool {
    let others: Vec<_> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    matches!(product_key::cut(&String::from_utf8_lossy(&others)), Cow::Owned(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No key of anyone's: it has the form of one, and letters in an order that none has.
    const TEXT: &str = "Name: Windows\nKey: BCDFG-HJKMN-PQRTV-WXY23-46789\nPartial Product Key: 46789\n";

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn what_cannot_be_read_as_text_is_not_kept() {
        let binary: Vec<_> = (0..=255).cycle().take(4000).collect();
        let nuls: Vec<_> = TEXT.bytes().flat_map(|byte| [byte, 0, 0, 0]).collect();
        for bytes in [
            [b"ElfFile\0", &*binary, &utf16(TEXT)].concat(),
            [&*binary, TEXT.as_bytes()].concat(),
            [b"\xff\xfeA", &*utf16(TEXT)].concat(),
            [b"Name: Windows\n", &*utf16(TEXT)].concat(),
            [b"Name: Windows \n", &*utf16(TEXT)].concat(),
            [b"\xff\xfe\0\0", &*nuls].concat(),
            nuls,
        ] {
            let kept = without_whole_keys(&bytes).unwrap();
            let others: String = kept.chars().filter(|char| *char != '\0').collect();
            assert!(!others.contains("HJKMN"), "{others}");
            assert!(!has_keys_between_nuls(&kept.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()));
        }
    }

    #[cfg(windows)]
    #[test]
    fn a_file_that_is_still_written_is_in_use() {
        use std::os::windows::fs::OpenOptionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ws0417.json");
        let writing = fs::File::options().write(true).create(true).truncate(true).share_mode(0).open(&path).unwrap();
        let known = Stamp::of(&fs::symlink_metadata(&path).unwrap());
        let read = || read(&path, &known, &Progress::default());
        assert!(matches!(read(), Err(Unread::InUse(_))));
        drop(writing);
        assert!(matches!(read(), Err(Unread::Empty)));
    }

    #[test]
    fn of_text_the_rest_is_kept() {
        let cut = TEXT.replace("BCDFG-HJKMN-PQRTV-WXY23-", "");
        for bytes in [TEXT.as_bytes().to_vec(), utf16(TEXT), [b"\xff\xfe", &*utf16(TEXT)].concat()] {
            assert_eq!(without_whole_keys(&bytes).as_deref(), Some(&*cut));
        }
        assert_eq!(
            [cut.as_bytes().to_vec(), utf16(&cut), Vec::new()].map(|bytes| without_whole_keys(&bytes)),
            [const { None }; 3]
        );
    }
}
