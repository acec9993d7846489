//! The token that a machine has for its own: made here, and enrolled at the server by a token that lets it.
//!
//! It is on disk before the server hears of it. So where the answer is lost, or the agent ends, it is enrolled again with
//! the same token, which the server takes for the same.

use super::spool::replace;
use super::trouble::{Outcome, Trouble};
use crate::config::tokens;
use crate::license::MachineName;
use crate::secret::Secret;
use serde::Deserialize;
use serde_json::json;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The name of the file.
pub(super) const FILE: &str = "enrolled.json";

/// The machine's own token, as it is kept.
#[derive(Debug)]
pub(super) struct Own {
    file: PathBuf,
    known: Option<Known>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Known {
    /// The name for which it speaks.
    pub(super) machine: String,
    pub(super) token: Secret,
    /// True once the server has it.
    pub(super) is_enrolled: bool,
}

impl Own {
    /// What is in the file.
    ///
    /// # Errors
    /// Where there is one that cannot be read. What is not understood of it is none.
    pub(super) fn read(file: &Path) -> Result<Self, Trouble> {
        let known = match fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).ok(),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Trouble::of_folder(&error)),
        };
        Ok(Self { file: file.to_owned(), known })
    }

    /// The token of this machine, or, where its name is not known now, the one that there is. It is made where there is
    /// none, or one of another name: a machine that was renamed is another to the server.
    ///
    /// # Errors
    /// Where no name is known, or a new token cannot be kept.
    pub(super) fn of(&mut self, machine: Option<&MachineName>) -> Result<Known, Trouble> {
        let is_right = |known: &&Known| machine.is_none_or(|machine| machine.as_str() == known.machine);
        if let Some(known) = self.known.as_ref().filter(is_right) {
            return Ok(known.clone());
        }
        let machine =
            machine.ok_or_else(|| Trouble::new(Outcome::NotEnrolled, "the name of this machine is not known"))?;
        let token = tokens::make().map_err(|fault| Trouble::new(Outcome::NotEnrolled, fault))?;
        let known = Known { machine: machine.to_string(), token, is_enrolled: false };
        self.write(&known).map_err(|error| Trouble::of_folder(&error))?;
        self.known = Some(known.clone());
        Ok(known)
    }

    /// Notes that the server has it. Where that cannot be written, it is enrolled again by the next run.
    pub(super) fn note_enrolled(&mut self) {
        let Some(known) = &mut self.known else { return };
        known.is_enrolled = true;
        let known = known.clone();
        let _ = self.write(&known);
    }

    /// Notes that the server may not have it any more. True where it was thought to.
    pub(super) fn doubt(&mut self) -> bool {
        self.known.as_mut().is_some_and(|known| std::mem::replace(&mut known.is_enrolled, false))
    }

    fn write(&self, Known { machine, token, is_enrolled }: &Known) -> io::Result<()> {
        let text = json!({"machine": machine, "token": token.reveal(), "is_enrolled": is_enrolled});
        replace(&self.file, text.to_string().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_before_it_is_used_and_is_that_of_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let [one, other]: [MachineName; 2] = ["ws1.corp.example", "ws2.corp.example"].map(|name| name.parse().unwrap());
        let mut own = Own::read(&file).unwrap();
        assert_eq!(own.of(None).unwrap_err().outcome, Outcome::NotEnrolled);
        let made = own.of(Some(&one)).unwrap();
        assert!(tokens::is_made(made.token.reveal()) && !made.is_enrolled);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(&file).unwrap()) & 0o777, 0o600);
        // The same after a restart, and where the name is not known.
        let mut own = Own::read(&file).unwrap();
        assert_eq!((own.of(Some(&one)).unwrap(), own.of(None).unwrap()), (made.clone(), made.clone()));
        own.note_enrolled();
        let mut own = Own::read(&file).unwrap();
        assert!(own.of(Some(&one)).unwrap().is_enrolled && own.doubt() && !own.doubt());
        assert_eq!(own.of(Some(&one)).unwrap(), made);
        let renamed = own.of(Some(&other)).unwrap();
        assert!(renamed.token != made.token && !renamed.is_enrolled);
    }

    #[test]
    fn where_a_token_cannot_be_kept_none_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let machine = "ws1".parse().unwrap();
        let mut own = Own::read(&folder.path().join("none").join(FILE)).unwrap();
        assert_eq!(own.of(Some(&machine)).unwrap_err().outcome, Outcome::FolderUnusable);
        assert!(own.of(None).is_err());
        // Nobody can read a folder as a file.
        assert_eq!(Own::read(folder.path()).unwrap_err().outcome, Outcome::FolderUnusable);
        fs::write(folder.path().join(FILE), "half").unwrap();
        assert!(!Own::read(&folder.path().join(FILE)).unwrap().of(Some(&machine)).unwrap().is_enrolled);
    }
}
