//! What an agent goes by, from raw to checked.

use super::Check;
use crate::catalogue::{Message, message};
use crate::config::agent::{self, Agent, TokenFile};
use crate::config::error::Fault;
use crate::config::raw::{RawAgent, Text};
use serde_saphyr::Spanned;
use std::path::PathBuf;

impl Check<'_> {
    pub(super) fn agent(&self, raw: &Spanned<RawAgent>) -> Result<Agent, Fault> {
        let usual = Agent::usual(self.variable).map_err(|fault| Fault::at(raw.referenced, fault))?;
        let RawAgent {
            server,
            token_file,
            enrol_token_file,
            ca_file,
            client_cert,
            client_key,
            proxy,
            folder,
            interval,
            spread,
        } = &raw.value;
        let path = |text: &Option<Text>| text.as_ref().map(|text| self.parse(text, path)).transpose();
        let client = match (path(client_cert)?, path(client_key)?) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(Fault::at(raw.referenced, message!("agent-client"))),
        };
        let token_file = TokenFile::named(path(token_file)?, path(enrol_token_file)?);
        let token_file = token_file.map_err(|fault| Fault::at(raw.referenced, fault))?;
        Ok(Agent {
            server: server.as_ref().map(|text| self.secret(text, agent::server)).transpose()?,
            token_file,
            ca_file: path(ca_file)?,
            client,
            proxy: match proxy {
                Some(text) => self.secret(text, |text| agent::proxy(text, self.variable))?,
                None => usual.proxy,
            },
            folder: path(folder)?.unwrap_or(usual.folder),
            interval: interval.as_ref().map_or(Ok(usual.interval), |text| self.parse(text, agent::interval))?,
            spread: spread.as_ref().map_or(Ok(usual.spread), |text| self.parse(text, agent::spread))?,
        })
    }
}

fn path(text: &str) -> Result<PathBuf, Message> {
    if text.is_empty() { Err(message!("config-no-file")) } else { Ok(PathBuf::from(text)) }
}
