//! `gracewatch config`: check, example, schema.

use super::{CommandResult, ConfigCommand, print};
use crate::config::web_file::WebFile;
use crate::config::{self, Config};
use crate::words::counted;
use std::process::ExitCode;

pub(super) fn run(command: ConfigCommand) -> CommandResult {
    match command {
        ConfigCommand::Check { file, default } => {
            let file =
                file.or(default.config).ok_or("name the file to check, by argument, --config or GRACEWATCH_CONFIG")?;
            let config = Config::load(Some(&file))?;
            if let Some(web_file) = &config.web.config_file {
                for warning in WebFile::load(web_file).0?.warnings {
                    anstream::eprintln!("{warning}");
                }
            }
            print(&format!("{}: ok, {}\n", file.display(), counted(config.paths.len(), "path")))?;
        }
        ConfigCommand::Example => print(config::EXAMPLE)?,
        ConfigCommand::Schema => print(&format!("{:#}\n", config::schema()))?,
    }
    Ok(ExitCode::SUCCESS)
}
