//! What is sent: one report or text, and what holds for it that it does not say itself.

use crate::license::MachineName;
use crate::report::rfc3339::Rfc3339;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// The longest body, as the server takes it once it is inflated, in bytes.
pub(super) const MAX_LENGTH: usize = 32 * 1024 * 1024;

/// One report or text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) about: About,
    pub(super) text: Vec<u8>,
}

/// What holds for a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// True for one object of JSON that names its machine and its time: several of these are one request.
    pub(super) is_report: bool,
    /// Whom it is about where it does not say so, and since when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) machine: Option<String>,
    pub(super) reported_at: Rfc3339,
}

impl Body {
    /// A report of the agent.
    pub(super) fn report(text: Vec<u8>, now: Timestamp) -> Self {
        Self { about: About { is_report: true, machine: None, reported_at: Rfc3339(now) }, text }
    }

    /// A text in any format, of this machine where it names none.
    pub(super) fn text(text: Vec<u8>, machine: &MachineName, reported_at: Timestamp) -> Self {
        let machine = Some(machine.to_string());
        Self { about: About { is_report: false, machine, reported_at: Rfc3339(reported_at) }, text }
    }

    /// As it is kept: what holds for it on a line, then the text as gzip.
    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(&self.about)?;
        bytes.push(b'\n');
        bytes.extend(compressed(&self.text)?);
        Ok(bytes)
    }

    /// The same back.
    pub(super) fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
        let (about, packed) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let mut text = Vec::new();
        GzDecoder::new(packed).take(MAX_LENGTH as u64 + 1).read_to_end(&mut text)?;
        if text.len() > MAX_LENGTH {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(Self { about: serde_json::from_slice(about)?, text })
    }
}

/// A text as gzip.
pub(super) fn compressed(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text)?;
    encoder.finish()
}

/// Reports as one text.
pub(super) fn joined(bodies: &[Body]) -> Vec<u8> {
    match bodies {
        [only] => only.text.clone(),
        several => {
            let texts: Vec<&[u8]> = several.iter().map(|body| body.text.as_slice()).collect();
            [b"[".as_slice(), &texts.join(b",".as_slice()), b"]"].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let now = Timestamp::from_second(1_764_000_000).unwrap();
        for body in
            [Body::report(b"{}".to_vec(), now), Body::text(vec![0xff, 0, b'\n', 7], &"ws01".parse().unwrap(), now)]
        {
            let bytes = body.to_bytes().unwrap();
            assert_eq!(Body::from_bytes(&bytes).unwrap(), body);
            for length in 0..bytes.len() - 9 {
                assert!(Body::from_bytes(&bytes[..length]).is_err(), "{length}");
            }
        }
    }

    #[test]
    fn several_reports_are_a_list() {
        let report = |text: &str| Body::report(text.as_bytes().to_vec(), Timestamp::UNIX_EPOCH);
        assert_eq!(joined(&[report("{}")]), b"{}");
        assert_eq!(joined(&[report(r#"{"a":1}"#), report("{}")]), br#"[{"a":1},{}]"#);
    }
}
