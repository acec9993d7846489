//! How HTTP is served, from raw to checked.

use super::{Check, count_within, one_of};
use crate::catalogue::{Message, message};
use crate::config::error::Fault;
use crate::config::raw::RawWeb;
use crate::config::{AllowReload, Web};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// A few are needed for Prometheus and for people beside it.
const CONNECTIONS: RangeInclusive<i64> = 8..=65536;

impl Check<'_> {
    pub(super) fn web(&self, raw: &RawWeb) -> Result<Web, Fault> {
        let default = Web::default();
        let allow_reload = |text: &str| {
            let words = [
                ("loopback", AllowReload::Loopback),
                ("authenticated", AllowReload::Authenticated),
                ("never", AllowReload::Never),
            ];
            one_of(text, &words)
        };
        Ok(Web {
            connections: match &raw.connections {
                Some(count) => count_within(count, CONNECTIONS)?,
                None => default.connections,
            },
            allow_reload: match &raw.allow_reload {
                Some(text) => self.parse(text, allow_reload)?,
                None => default.allow_reload,
            },
            config_file: raw.config_file.as_ref().map(|file| self.parse(file, config_file)).transpose()?,
        })
    }
}

fn config_file(text: &str) -> Result<PathBuf, Message> {
    if text.is_empty() { Err(message!("config-no-file")) } else { Ok(PathBuf::from(text)) }
}
