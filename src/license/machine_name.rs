//! The name of a machine.

use std::borrow::Borrow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;

/// The longest name of a machine, in bytes: that of a DNS name.
const MAX_LENGTH: usize = 253;

/// The name by which a machine reports, in lower case: a DNS name, or the short name in front of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MachineName(Arc<str>);

/// Why a text is no name of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MachineNameError {
    /// Nothing is there.
    #[error("the name of the machine is empty")]
    Empty,
    #[error("the name of the machine is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// It is an address, which others may have tomorrow.
    #[error("an address is not a machine name")]
    Address,
    /// It has characters that no name of a machine has.
    #[error("this is not a machine name: use only letters, digits, `-`, `_` and `.`")]
    Characters,
}

impl MachineName {
    /// A name that was checked when it was written down.
    pub(crate) fn known(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part in front of the first dot.
    pub fn short(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// What follows the first dot; nothing where there is none.
    pub fn domain(&self) -> &str {
        self.0.split_once('.').map_or("", |(_, domain)| domain)
    }

    /// True where a domain follows the short name.
    pub fn is_qualified(&self) -> bool {
        self.0.contains('.')
    }
}

impl FromStr for MachineName {
    type Err = MachineNameError;

    /// Reads a name as people and tools write it: in any case, with a dot at its end, or with `\\` before it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let text = text.strip_prefix(r"\\").unwrap_or(text);
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(MachineNameError::Empty);
        }
        // No letter becomes so much shorter in lower case.
        if text.len() > 4 * MAX_LENGTH {
            return Err(MachineNameError::TooLong);
        }
        // The dot that a Turkish capital leaves behind is none of its own.
        let name = text.to_lowercase().replace('\u{307}', "");
        if name.len() > MAX_LENGTH {
            return Err(MachineNameError::TooLong);
        }
        if name.parse::<IpAddr>().is_ok() {
            return Err(MachineNameError::Address);
        }
        let belongs = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.');
        let has_empty_label = name.split('.').any(str::is_empty);
        // What is kept is read again: it must be the same then.
        let is_stable = name.to_lowercase() == name;
        if has_empty_label || !name.chars().all(belongs) || !is_stable || super::product_key::cut(text) != text {
            return Err(MachineNameError::Characters);
        }
        Ok(Self(Arc::from(name)))
    }
}

impl Borrow<str> for MachineName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MachineName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_one_name_however_it_is_written() {
        for text in ["WS0417.corp.example", " ws0417.CORP.example.\r\n", r"\\WS0417.corp.example"] {
            assert_eq!(text.parse::<MachineName>().unwrap().as_str(), "ws0417.corp.example");
        }
        let name: MachineName = "WS_04-17".parse().unwrap();
        assert_eq!((name.as_str(), name.short(), name.is_qualified()), ("ws_04-17", "ws_04-17", false));
    }

    #[test]
    fn what_is_kept_of_a_name_is_a_name() {
        for text in ["\u{130}STANBUL-01", "STRASSE\u{1e9e}", "\u{23a}\u{23a}", "WS\u{3a3}", "\u{0130}.x"] {
            let name: MachineName = text.parse().unwrap();
            assert_eq!(name.as_str().parse::<MachineName>().as_ref(), Ok(&name), "{text}");
        }
        // In lower case it is longer.
        assert_eq!("\u{23a}".repeat(126).parse::<MachineName>(), Err(MachineNameError::TooLong));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let parse = |text: &str| text.parse::<MachineName>().unwrap_err();
        assert_eq!(parse(" . "), MachineNameError::Empty);
        assert_eq!([parse("192.0.2.1"), parse("2001:db8::1")], [MachineNameError::Address; 2]);
        assert_eq!(parse(&"a".repeat(254)), MachineNameError::TooLong);
        for text in
            ["a b", "x'; DROP TABLE machine; --", "a..b", "<script>", "a\u{0}b", "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"]
        {
            assert_eq!(parse(text), MachineNameError::Characters, "{text}");
        }
    }
}
