//! What an agent remembers from run to run: who it is, and how far events were read.

use super::spool::replace;
use crate::report::rfc3339::Rfc3339;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};
use uuid::{Builder, Uuid};

/// The name of the file.
pub(super) const FILE: &str = "agent.json";

/// What is remembered.
#[derive(Debug)]
pub(super) struct Memory {
    file: PathBuf,
    known: Known,
}

#[derive(Debug, Serialize, Deserialize)]
struct Known {
    id: String,
    #[serde(default)]
    events_until: BTreeMap<String, Rfc3339>,
}

impl Memory {
    /// What is in the file; a new identity where nothing is, or nothing that can be read.
    pub(super) fn read(file: &Path) -> (Self, io::Result<()>) {
        let known = fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let is_new = known.is_none();
        let known = known.unwrap_or_else(|| Known { id: new_id(), events_until: BTreeMap::new() });
        let memory = Self { file: file.to_owned(), known };
        let written = if is_new { memory.write() } else { Ok(()) };
        (memory, written)
    }

    fn write(&self) -> io::Result<()> {
        replace(&self.file, &serde_json::to_vec(&self.known)?)
    }

    /// Who this agent is, by what it remembers and by its hardware: a copy of the disk in another machine is another.
    pub(super) fn identity(&self, hardware: Option<&str>) -> Uuid {
        let text = format!("{} {}", self.known.id, hardware.unwrap_or_default());
        let mut bytes = [0; 16];
        for (byte, known) in bytes.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()) {
            *byte = *known;
        }
        Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// How far the events of a log were read.
    #[cfg(any(windows, test))]
    pub(super) fn events_until(&self, log: &str) -> Option<Timestamp> {
        self.known.events_until.get(log).map(|until| until.0)
    }

    /// Notes how far events were read, once they are kept.
    pub(super) fn note_events(&mut self, until: &[(&'static str, Timestamp)]) -> io::Result<()> {
        if until.is_empty() {
            return Ok(());
        }
        self.known.events_until.extend(until.iter().map(|(log, until)| ((*log).to_owned(), Rfc3339(*until))));
        self.write()
    }
}

fn new_id() -> String {
    let mut bytes = [0; 16];
    // Without random numbers two agents are taken for one, and nothing else is lost.
    let _ = SystemRandom::new().fill(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_the_same_after_a_restart_and_another_on_other_hardware() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let (mut first, written) = Memory::read(&file);
        written.unwrap();
        let until: Timestamp = "2026-11-30T10:00:00Z".parse().unwrap();
        first.note_events(&[("Application", until)]).unwrap();
        let (second, _) = Memory::read(&file);
        assert_eq!(first.identity(None), second.identity(None));
        assert_ne!(second.identity(None), second.identity(Some("4C4C4544")));
        assert_eq!((second.events_until("Application"), second.events_until("System")), (Some(until), None));
        fs::write(&file, "half").unwrap();
        assert_ne!(Memory::read(&file).0.identity(None), first.identity(None));
    }
}
