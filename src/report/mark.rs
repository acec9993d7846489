//! How what was seen is to be taken, and when that was.

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

/// A moment as RFC 3339 writes it, in UTC, to the millisecond.
pub(super) fn timestamp(moment: SystemTime) -> String {
    humantime::format_rfc3339_millis(moment).to_string()
}
