//! Spans of time, as a configuration and arguments write them.

use crate::catalogue::{Message, message};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Reads a span within these bounds, such as `15m`.
pub(super) fn duration_within(text: &str, range: RangeInclusive<Duration>) -> Result<Duration, Message> {
    let shown = |duration: &Duration| humantime::format_duration(*duration).to_string();
    let duration = humantime::parse_duration(text).map_err(|_| message!("config-duration"))?;
    if range.contains(&duration) {
        Ok(duration)
    } else {
        Err(message!("config-range", least = shown(range.start()), most = shown(range.end())))
    }
}
