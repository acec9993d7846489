//! `gracewatch backup`: the store into a file.

use super::{BackupArguments, CommandResult, configuration, errors, print};
use crate::store::{self, BackupError};
use crate::text::{Words, say};
use std::process::ExitCode;

/// What it ends with where another program makes the copy.
const ANOTHER_PROGRAM: u8 = 2;

pub(super) async fn run(arguments: BackupArguments, words: Words) -> CommandResult {
    let status = configuration::load(arguments.file, words)?.status.ok_or_else(|| say!(words, "no-store"))?;
    match store::backup(&status.store, &arguments.target).await {
        Ok(()) => {
            let (store, file) = (status.store.to_string(), arguments.target.display().to_string());
            print(&(say!(words, "store-copied", store = store, file = file) + "\n"))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ BackupError::Server(..)) => {
            anstream::eprintln!("gracewatch: {}", errors::in_words(&error, words));
            Ok(ExitCode::from(ANOTHER_PROGRAM))
        }
        Err(error) => Err(error.into()),
    }
}
