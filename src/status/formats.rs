//! Reports in the formats in which administrators really have them. Each is recognized by its content.

#[cfg_attr(not(test), expect(dead_code, reason = "nothing tells the formats apart yet"))]
mod events;
mod reading;

pub use reading::{FormatError, Reading, Skipped};
