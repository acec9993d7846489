//! Collecting what settings name: each once, in its order, as far as it is any.

use super::System;
use crate::catalogue::{Message, message};
use crate::host::{DnsName, NameError, parse_nameserver};
use crate::words;

/// The most domains that are taken. Each costs a lookup for every name of one label.
const MAX_DOMAINS: usize = 32;

/// The most nameservers that are taken, and the most faults that are reported.
const MAX_NAMESERVERS: usize = 16;
const MAX_FAULTS: usize = 16;

impl System {
    /// Adds a nameserver. `place` says where it is named.
    pub(super) fn add_nameserver(&mut self, text: &str, place: &str) {
        match parse_nameserver(text) {
            Ok(Some(address)) if self.nameservers.contains(&address) || self.nameservers.len() >= MAX_NAMESERVERS => {}
            Ok(Some(address)) => self.nameservers.push(address),
            Ok(None) => self.skip(text, place, message!("config-nameserver")),
            Err(error) => self.skip(text, place, error.into()),
        }
    }

    /// Adds a domain. The root is none, which is how some say that there are none.
    pub(super) fn add_domain(&mut self, text: &[u8], place: &str) {
        if matches!(text, b"." | b"--" | b"") {
            return;
        }
        // One that has no room for a host has none for the records of one.
        match DnsName::from_bytes(text).and_then(|domain| domain.srv().map(|_| domain)) {
            Ok(domain) if self.domains.contains(&domain) || self.domains.len() >= MAX_DOMAINS => {}
            Ok(domain) => self.domains.push(domain),
            Err(error) => self.skip(&String::from_utf8_lossy(text), place, error.into()),
        }
    }

    /// Reports what is skipped.
    pub(super) fn skip(&mut self, text: &str, place: &str, fault: Message) {
        if self.faults.len() < MAX_FAULTS {
            let entry = words::quoted(text);
            self.faults.push(message!("setting-skipped", place = place, entry = entry, fault = fault));
        }
    }
}

impl DnsName {
    /// Reads a word of a file, whose bytes beyond UTF-8 belong to the name.
    ///
    /// # Errors
    /// [`NameError`] where it is no name.
    pub fn from_bytes(word: &[u8]) -> Result<Self, NameError> {
        let mut text = String::with_capacity(word.len());
        for chunk in word.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| format!("\\{byte:03}")));
        }
        text.parse()
    }
}
