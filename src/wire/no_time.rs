//! Why an answer does not tell the time.

use super::reader::TooShort;
use thiserror::Error;

/// Why bytes received from a server do not tell the time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoTime {
    /// So far they are the beginning of an answer, and more is needed.
    #[error("the answer ends early")]
    Incomplete,
    /// They are not what the protocol answers with.
    #[error("{0}")]
    Foreign(&'static str),
    /// The server refuses to answer.
    #[error("the server answers with {0}")]
    Refused(String),
    /// The answer is well-formed and has no time in it, or one that is not the server's own.
    #[error("{0}")]
    Absent(&'static str),
    /// The time is before 1970 or after 9999, so no clock shows it, or no calendar has it.
    #[error("the time it tells is none a clock shows")]
    OutOfRange,
}

impl From<TooShort> for NoTime {
    fn from(_: TooShort) -> Self {
        Self::Incomplete
    }
}
