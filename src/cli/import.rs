//! `gracewatch import`: files into the store.

use super::{CommandResult, ImportArguments, configuration, print};
use crate::counters::Counters;
use crate::intake::importer::{Imported, Importer};
use crate::intake::input::{self, InputError};
use crate::intake::keeper::Keeper;
use crate::intake::settle::Origin;
use crate::intake::writer::{self, Writer};
use crate::text::{Words, say};
use jiff::Timestamp;
use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use wildmatch::WildMatch;

/// The name by which stdin is a file.
const STDIN: &str = "-";

pub(super) async fn run(arguments: ImportArguments, words: Words) -> CommandResult {
    let config = configuration::load(arguments.file.clone(), words)?;
    let status = config.status.ok_or_else(|| say!(words, "no-store"))?;
    let (files, mut totals) = (files(words, &arguments.files), Totals::default());
    let keeper = Keeper::open(&status.store).await?;
    keeper.set_most_licenses(status.licenses).await;
    keeper.complete().await?;
    let (writer, queue) = Writer::new();
    let writing = tokio::spawn(writer::write(keeper.clone(), queue));
    let importer = Importer::new(writer, Arc::new(Counters::new()?));
    for file in &files.listed {
        match import(words, file, &arguments, &importer).await? {
            Some(outcome) => totals.count(&outcome),
            None => totals.faulty += 1,
        }
    }
    drop(importer);
    writing.await?;
    keeper.close().await;
    if files.listed.len() > 1 || files.has_folder {
        print(&(totals.sentence(words, files.listed.len()) + "\n"))?;
    }
    let is_all_taken = totals.faulty == 0 && files.is_all_read;
    Ok(if is_all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The files to import.
struct Files {
    listed: Vec<PathBuf>,
    has_folder: bool,
    /// False where a folder could not be read.
    is_all_read: bool,
}

/// The files that are named, with those in folders, in the order of their names. What is hidden there is skipped,
/// and so are folders in folders.
fn files(words: Words, named: &[PathBuf]) -> Files {
    let mut files = Files { listed: Vec::new(), has_folder: false, is_all_read: true };
    // Shells of Windows leave patterns to the program.
    let expanded: Vec<_> =
        named.iter().flat_map(|path| if cfg!(windows) { matching(path) } else { vec![path.clone()] }).collect();
    for path in &expanded {
        if !path.is_dir() {
            files.listed.push(path.clone());
            continue;
        }
        files.has_folder = true;
        let entries = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.unwrap_or_else(|error| {
            complain(&path.display().to_string(), &say!(words, "cannot-be-read", error = error.to_string()));
            files.is_all_read = false;
            Vec::new()
        });
        let is_hidden = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
        let found = entries.iter().filter(|entry| !is_hidden(entry)).map(DirEntry::path);
        let mut found: Vec<_> = found.filter(|path| path.is_file()).collect();
        found.sort();
        files.listed.append(&mut found);
    }
    files
}

/// The files that a path stands for whose last part is a pattern, in the order of their names: `*` stands for any
/// characters and `?` for one, whatever the case. One that is none, or that no file matches, stands for itself.
fn matching(path: &Path) -> Vec<PathBuf> {
    let pattern = path.file_name().and_then(OsStr::to_str).filter(|name| name.contains(['*', '?']));
    let Some(pattern) = pattern.filter(|_| !path.exists()) else { return vec![path.to_owned()] };
    let pattern = WildMatch::new_case_insensitive(pattern);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let matches = |entry: &DirEntry| entry.file_name().to_str().is_some_and(|name| pattern.matches(name));
    let mut found: Vec<_> = entries
        .filter(|entry| matches(entry) && entry.path().is_file())
        .map(|entry| path.with_file_name(entry.file_name()))
        .collect();
    found.sort();
    if found.is_empty() { vec![path.to_owned()] } else { found }
}

/// What became of all files.
#[derive(Default)]
struct Totals {
    stored: u64,
    unchanged: u64,
    outdated: u64,
    /// Files of which not all was taken.
    faulty: usize,
}

impl Totals {
    fn count(&mut self, imported: &Imported) {
        self.stored += imported.stored;
        self.unchanged += imported.unchanged;
        self.outdated += imported.outdated;
        self.faulty += usize::from(imported.fault().is_some());
    }

    fn sentence(&self, words: Words, files: usize) -> String {
        let Self { stored, unchanged, outdated, faulty } = *self;
        say!(
            words,
            "import-total",
            count = files,
            stored = stored,
            unchanged = unchanged,
            outdated = outdated,
            faulty = faulty,
        )
    }
}

/// Imports one file; `None` where it cannot be read.
async fn import(
    words: Words,
    file: &Path,
    arguments: &ImportArguments,
    importer: &Importer,
) -> Result<Option<Imported>, Box<dyn Error>> {
    let shown = file.display().to_string();
    let now = Timestamp::now();
    let is_stdin = file == Path::new(STDIN);
    let read = if is_stdin { input::read(std::io::stdin()).map(|bytes| (bytes, now)) } else { input::read_file(file) };
    let (bytes, modified) = match read {
        Ok(read) => read,
        Err(InputError::Refused(reason)) => {
            complain(&shown, &reason.in_words(words));
            return Ok(None);
        }
        Err(InputError::Unreadable(error)) => {
            complain(&shown, &say!(words, "cannot-be-read", error = error.to_string()));
            return Ok(None);
        }
    };
    let by_name = if is_stdin { None } else { input::machine_by_name(file) };
    let origin = Origin {
        machine: arguments.machine.clone().or_else(|| by_name.clone()),
        reported_at: modified,
        received_at: now,
        grant: None,
    };
    let outcome = importer.import(bytes, origin).await?;
    print(&format!("{shown}: {}\n", outcome.outcome().in_words(words)))?;
    show(words, &shown, &outcome, by_name.filter(|_| arguments.machine.is_none()).map(|name| name.to_string()));
    Ok(Some(outcome))
}

/// Tells on stderr what a person should know of an import.
fn show(words: Words, shown: &str, imported: &Imported, by_name: Option<String>) {
    let reading = &imported.reading;
    if let Some(name) = by_name.filter(|_| reading.machine_is_assumed) {
        complain(shown, &say!(words, "machine-assumed", machine = name));
    }
    if reading.replaced.count > 0 {
        let (count, first) = (reading.replaced.count, reading.replaced.first);
        complain(shown, &say!(words, "outputs-replaced", count = count, first = first));
    }
    if let Some(message) = imported.not_understood() {
        complain(shown, &message.in_words(words));
    }
    for fault in imported.faults() {
        complain(shown, &fault.in_words(words));
    }
}

fn complain(shown: &str, message: &str) {
    anstream::eprintln!("gracewatch: {shown}: {message}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_the_files_that_match_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.txt", "A.TXT", "c.csv", "ab.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("d.txt")).unwrap();
        let names = |pattern: &str| {
            let found = matching(&folder.path().join(pattern)).into_iter();
            found.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("*.txt"), ["A.TXT", "ab.txt", "b.txt"]);
        assert_eq!(names("?.txt"), ["A.TXT", "b.txt"]);
        assert_eq!(names("*.xml"), ["*.xml"], "what is not there is said to be missing");
        assert_eq!(names("c.csv"), ["c.csv"]);
        assert_eq!(matching(Path::new("-")), [Path::new("-")]);
    }
}
