//! Reports in the formats in which administrators really have them. Each is recognized by its content.

mod fields;
#[cfg_attr(not(test), allow(dead_code, unused_imports, reason = "the reading of any format will call it"))]
mod json;
mod reading;
mod table;
mod values;
#[cfg_attr(not(test), allow(dead_code, unused_imports, reason = "the reading of any format will call it"))]
mod vamt;
#[cfg_attr(not(test), allow(dead_code, unused_imports, reason = "the reading of any format will call it"))]
mod wmi;

#[cfg(test)]
mod testing;

pub use reading::{FormatError, Reading, Skipped};
