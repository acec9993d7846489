//! How HTTP is served, from raw to checked.

use super::allowed::network;
use super::{Check, count_within, one_of};
use crate::catalogue::{Message, message};
use crate::config::error::Fault;
use crate::config::probe_targets::Pattern;
use crate::config::raw::{RawWeb, Text};
use crate::config::{AllowReload, ProbeTargets, Web};
use ipnet::IpNet;
use serde_saphyr::Spanned;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

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
            probe_targets: ProbeTargets {
                patterns: match &raw.probe_targets {
                    Some(patterns) => self.parse_all(&patterns.value, Pattern::parse)?.into(),
                    None => default.probe_targets.patterns,
                },
                networks: raw.probe_networks.as_ref().map(|list| self.probe_networks(list)).transpose()?,
            },
            config_file: raw.config_file.as_ref().map(|file| self.parse(file, config_file)).transpose()?,
        })
    }
}

impl Check<'_> {
    fn probe_networks(&self, list: &Spanned<Vec<Text>>) -> Result<Arc<[IpNet]>, Fault> {
        if list.value.is_empty() {
            return Err(Fault::at(list.referenced, message!("config-nothing-listed", key = "probe_networks")));
        }
        Ok(self.parse_all(&list.value, network)?.into())
    }
}

fn config_file(text: &str) -> Result<PathBuf, Message> {
    if text.is_empty() { Err(message!("config-no-file")) } else { Ok(PathBuf::from(text)) }
}
