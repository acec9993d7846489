//! Why an answer does not show the time.

use super::reader::TooShort;
use crate::observation::{Detail, detail};

/// Why bytes received from a server do not show the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoTime {
    /// So far they are the beginning of an answer, and more is needed.
    Incomplete,
    /// They are not what the protocol answers with.
    Foreign(Detail),
    /// The server refuses to answer.
    Refused(Detail),
    /// The answer is well-formed and has no time in it, or one that is not the server's own.
    Absent(Detail),
    /// The time is before 1970 or after 9999, so no clock shows it, or no calendar has it.
    OutOfRange,
}

impl NoTime {
    /// What is wrong with the answer.
    pub fn detail(self) -> Detail {
        match self {
            Self::Incomplete => detail!("answer-ends-early"),
            Self::Foreign(detail) | Self::Refused(detail) | Self::Absent(detail) => detail,
            Self::OutOfRange => detail!("time-out-of-range"),
        }
    }
}

impl From<TooShort> for NoTime {
    fn from(_: TooShort) -> Self {
        Self::Incomplete
    }
}
