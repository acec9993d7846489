//! Which configuration a command uses: the one that is named, or else that of an installed service.

use super::ConfigFile;
use crate::config::{Config, ConfigError};
use crate::places;
use crate::text::{Words, say};
use std::path::PathBuf;

/// The configuration of an installed service, where there is one.
pub(super) fn installed() -> Option<PathBuf> {
    Some(places::configuration()).filter(|file| file.exists())
}

/// The file to use; `None` for the configuration that is built in. The output names one that nobody named, and one that
/// says nothing.
pub(super) fn file(named: ConfigFile, words: Words) -> Option<PathBuf> {
    let found = named.config.or_else(|| {
        let found = installed()?;
        anstream::eprintln!("gracewatch: {}", say!(words, "config-used", file = found.display().to_string()));
        Some(found)
    });
    if let Some(empty) = found.as_ref().filter(|file| Config::is_empty(file)) {
        anstream::eprintln!("gracewatch: {}", say!(words, "config-empty", file = empty.display().to_string()));
    }
    found
}

/// The configuration for a command that takes no reports.
pub(super) fn load(named: ConfigFile, words: Words) -> Result<Config, ConfigError> {
    Config::load_without_tokens(file(named, words).as_deref())
}
