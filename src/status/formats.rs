//! Reports in the formats in which administrators really have them. Each is recognized by its content.

mod reading;

pub use reading::{FormatError, Reading, Skipped};
