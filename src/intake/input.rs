//! Files as inputs: read whole up to a limit, and refused early where they are no text.

use crate::catalogue::{Message, message};
use crate::formats;
use crate::license::MachineName;
use jiff::Timestamp;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// The longest input, in bytes.
pub const MAX_LENGTH: u64 = 256 * 1024 * 1024;

/// When volume activation began, in seconds since 1970: 2006.
const OLDEST: i64 = 1_136_073_600;

/// How much of an input is looked at before the rest is read, in bytes.
const START: u64 = 64 * 1024;

/// Why an input is not read.
#[derive(Debug)]
pub enum InputError {
    /// It is nothing that could be read: the reason.
    Refused(Message),
    /// The system does not let us read it.
    Unreadable(io::Error),
}

/// Whether a file may be reached by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// It may, as whoever names a file means it.
    Followed,
    /// It may not: the link could be somebody else's, and lead anywhere.
    Refused,
}

/// Opens a file, and nothing else: a pipe or a device is not waited for.
///
/// # Errors
/// [`InputError`] where it is not a file, or cannot be opened.
pub fn open(path: &Path, links: Links) -> Result<(File, Metadata), InputError> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(if links == Links::Refused { O_NONBLOCK | O_NOFOLLOW } else { O_NONBLOCK });
    }
    #[cfg(not(unix))]
    if links == Links::Refused && path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(InputError::Refused(message!("input-not-a-file")));
    }
    let file = options.open(path).map_err(InputError::Unreadable)?;
    let metadata = file.metadata().map_err(InputError::Unreadable)?;
    if !metadata.is_file() {
        return Err(InputError::Refused(message!("input-not-a-file")));
    }
    Ok((file, metadata))
}

/// When a file was last written; now, where that cannot be true.
pub fn written_at(metadata: &Metadata) -> Timestamp {
    let modified = metadata.modified().ok().and_then(|modified| Timestamp::try_from(modified).ok());
    // Archives and copies may have lost it, and say 1980 or 1970.
    modified.filter(|modified| modified.as_second() >= OLDEST).unwrap_or_else(Timestamp::now)
}

/// Reads a file. The moment is when it was last written; now, where that cannot be true.
///
/// # Errors
/// [`InputError`] where it is not a file, is too long, is not text, or cannot be read.
pub fn read_file(path: &Path) -> Result<(Vec<u8>, Timestamp), InputError> {
    let (file, metadata) = open(path, Links::Followed)?;
    Ok((read(file)?, written_at(&metadata)))
}

/// Reads an input to its end.
///
/// # Errors
/// [`InputError`] where it is too long, no text, or cannot be read.
pub fn read(mut input: impl Read) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    input.by_ref().take(START).read_to_end(&mut bytes).map_err(InputError::Unreadable)?;
    // What is not text need not be read to its end to know that, however long it is.
    formats::looks_like_text(&bytes).map_err(|error| InputError::Refused(error.message()))?;
    input.take(MAX_LENGTH - START + 1).read_to_end(&mut bytes).map_err(InputError::Unreadable)?;
    if bytes.len() as u64 > MAX_LENGTH {
        let limit = MAX_LENGTH / 1024 / 1024;
        return Err(InputError::Refused(message!("input-too-long", most = limit)));
    }
    Ok(bytes)
}

/// The machine that a file is named after, as the collectors name theirs: `ws0417.corp.example.json`. The time that was
/// put before the name of one that was imported before is none of it.
pub fn machine_by_name(path: &Path) -> Option<MachineName> {
    let name = path.file_stem()?.to_str()?;
    let is_time = |time: &str| {
        time.len() == 13
            && time.char_indices().all(|(at, char)| if at == 6 { char == '.' } else { char.is_ascii_digit() })
    };
    let name = name.split_once('-').filter(|(time, _)| is_time(time)).map_or(name, |(_, name)| name);
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_named_after_its_machine() {
        let name = |file: &str| machine_by_name(Path::new(file)).map(|name| name.to_string());
        assert_eq!(name("/inbox/WS0417.corp.example.json").as_deref(), Some("ws0417.corp.example"));
        assert_eq!(name("ws0417").as_deref(), Some("ws0417"));
        assert_eq!(name("export of monday.csv"), None);
        // Put back from where it was kept.
        assert_eq!(name("142233.000417-ws0417.json").as_deref(), Some("ws0417"));
        assert_eq!(name("142233-ws0417.json").as_deref(), Some("142233-ws0417"));
    }

    #[test]
    fn an_input_that_never_ends_is_refused_early_or_at_the_limit() {
        let refused = |input| match read(input) {
            Err(InputError::Refused(reason)) => reason.to_string(),
            other => panic!("{:?}", other.map(|bytes| bytes.len())),
        };
        assert!(refused(io::repeat(0)).starts_with("it is no text"), "zeros");
        assert_eq!(refused(io::repeat(b'a')), "it is longer than 256 MiB; split it");
    }
}
