//! `gracewatch backup`: the store into a file.

use super::{BackupArguments, CommandResult, print};
use crate::config::{Config, NO_STORE};
use crate::store::{self, BackupError};
use std::process::ExitCode;

/// What it ends with where another program makes the copy.
const ANOTHER_PROGRAM: u8 = 2;

pub(super) async fn run(arguments: BackupArguments) -> CommandResult {
    let status = Config::load(arguments.file.config.as_deref())?.status.ok_or(NO_STORE)?;
    match store::backup(&status.store, &arguments.target).await {
        Ok(()) => {
            print(&format!("{} is copied to {}\n", status.store, arguments.target.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ BackupError::Server(..)) => {
            anstream::eprintln!("gracewatch: {error}");
            Ok(ExitCode::from(ANOTHER_PROGRAM))
        }
        Err(error) => Err(error.into()),
    }
}
