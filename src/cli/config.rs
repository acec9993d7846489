//! `gracewatch config`: check, example, schema.

use super::{CommandResult, ConfigCommand, ConfigFile, configuration, print};
use crate::catalogue::message;
use crate::config::web_file::WebFile;
use crate::config::{self, Config};
use crate::intake::inventory;
use crate::places;
use crate::text::{Words, say};
use std::process::ExitCode;

pub(super) fn run(command: ConfigCommand, words: Words) -> CommandResult {
    match command {
        ConfigCommand::Check { file, default } => {
            let named = ConfigFile { config: file.or(default.config) };
            let file = configuration::file(named, words).ok_or_else(|| say!(words, "name-config-to-check"))?;
            let config = Config::load(Some(&file))?;
            if let Some(web_file) = &config.web.config_file {
                for warning in WebFile::load(web_file).0?.warnings {
                    anstream::eprintln!("{}", warning.message().in_words(words));
                }
            }
            if let Some(place) = config.status.as_ref().and_then(|status| status.inventory.as_ref()) {
                let not_read = |fault| message!("inventory-not-read", fault = fault);
                inventory::read(place).map_err(not_read)?;
            }
            let (file, paths) = (file.display().to_string(), config.paths.len());
            print(&(say!(words, "config-ok", file = file, paths = paths) + "\n"))?;
        }
        ConfigCommand::Example => print(&places::here(config::EXAMPLE))?,
        ConfigCommand::Schema => print(&format!("{:#}\n", config::schema()))?,
    }
    Ok(ExitCode::SUCCESS)
}
