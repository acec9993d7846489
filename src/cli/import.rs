//! `gracewatch import`: files into the store.

use super::{CommandResult, ImportArguments, print};
use crate::config::{Config, Status};
use crate::counters::Counters;
use crate::intake::importer::{Imported, Importer};
use crate::intake::input::{self, InputError};
use crate::intake::keeper::Keeper;
use crate::intake::settle::Origin;
use crate::intake::writer::{self, Writer};
use crate::text::{Words, say};
use jiff::Timestamp;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// The name by which stdin is a file.
const STDIN: &str = "-";

pub(super) async fn run(arguments: ImportArguments, words: Words) -> CommandResult {
    let status = status(words, &arguments)?;
    let keeper = Keeper::open(&status.store).await?;
    keeper.set_most_licenses(status.licenses).await;
    keeper.complete().await?;
    let (writer, queue) = Writer::new();
    let writing = tokio::spawn(writer::write(keeper.clone(), queue));
    let importer = Importer::new(writer, Arc::new(Counters::new()?));
    let mut all_taken = true;
    for file in &arguments.files {
        all_taken &= import(words, file, &arguments, &importer).await?;
    }
    drop(importer);
    writing.await?;
    keeper.close().await;
    Ok(if all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is configured of the store.
fn status(words: Words, arguments: &ImportArguments) -> Result<Status, Box<dyn Error>> {
    Config::load(arguments.file.config.as_deref())?.status.ok_or_else(|| say!(words, "no-store").into())
}

/// Imports one file. True where all that is in it was taken.
async fn import(
    words: Words,
    file: &Path,
    arguments: &ImportArguments,
    importer: &Importer,
) -> Result<bool, Box<dyn Error>> {
    let shown = file.display().to_string();
    let now = Timestamp::now();
    let is_stdin = file == Path::new(STDIN);
    let read = if is_stdin { input::read(std::io::stdin()).map(|bytes| (bytes, now)) } else { input::read_file(file) };
    let (bytes, modified) = match read {
        Ok(read) => read,
        Err(InputError::Refused(reason)) => {
            complain(&shown, &reason.in_words(words));
            return Ok(false);
        }
        Err(InputError::Unreadable(error)) => {
            complain(&shown, &say!(words, "cannot-be-read", error = error.to_string()));
            return Ok(false);
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
    tell(words, &shown, &outcome, by_name.filter(|_| arguments.machine.is_none()).map(|name| name.to_string()));
    Ok(outcome.faults().is_empty())
}

/// Tells on stderr what a person should know of an import.
fn tell(words: Words, shown: &str, imported: &Imported, by_name: Option<String>) {
    let reading = &imported.reading;
    if let Some(name) = by_name.filter(|_| reading.machine_is_assumed) {
        complain(shown, &say!(words, "machine-assumed", machine = name));
    }
    if let Some(quote) = &reading.skipped.first {
        complain(shown, &say!(words, "not-understood", count = reading.skipped.count, quote = quote.as_str()));
    }
    for fault in imported.faults() {
        complain(shown, &fault.in_words(words));
    }
}

fn complain(shown: &str, message: &str) {
    anstream::eprintln!("gracewatch: {shown}: {message}");
}
