//! `gracewatch config`: check, example, schema.

use super::{CommandResult, ConfigCommand};
use crate::config::{self, Config};
use crate::probe::counted;
use std::process::ExitCode;

pub(super) fn run(command: ConfigCommand) -> CommandResult {
    match command {
        ConfigCommand::Check { file, default } => {
            let file =
                file.or(default.config).ok_or("name the file to check, by argument, --config or GRACEWATCH_CONFIG")?;
            let config = Config::load(Some(&file))?;
            anstream::println!("{}: ok, {}", file.display(), counted(config.paths.len(), "path"));
        }
        ConfigCommand::Example => anstream::print!("{}", config::EXAMPLE),
        ConfigCommand::Schema => anstream::println!("{:#}", config::schema()),
    }
    Ok(ExitCode::SUCCESS)
}
