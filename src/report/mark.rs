//! How what was seen is to be taken, and when that was.

use crate::verdict::Status;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// How something that was seen is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// As it should be.
    #[default]
    Ok,
    /// In doubt, or excused.
    Doubtful,
    /// Broken.
    Failed,
    /// Nothing was seen.
    Unknown,
}

impl Mark {
    /// How the status of a path is to be taken.
    pub const fn of_status(status: Status) -> Self {
        match status {
            Status::Ok => Self::Ok,
            Status::Degraded => Self::Doubtful,
            Status::Blocked => Self::Failed,
            Status::Unknown => Self::Unknown,
        }
    }

    /// The word for it in names of classes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Doubtful => "doubtful",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The sign that stands for it where there is no room for a word.
    pub const fn sign(self) -> char {
        match self {
            Self::Ok => '✓',
            Self::Doubtful => '!',
            Self::Failed => '✗',
            Self::Unknown => '?',
        }
    }
}

/// A moment as RFC 3339 writes it, in UTC, to the millisecond.
pub(super) fn timestamp(moment: SystemTime) -> String {
    humantime::format_rfc3339_millis(moment).to_string()
}
