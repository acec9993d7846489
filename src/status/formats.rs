//! Reports in the formats in which administrators really have them. Each is recognized by its content.

mod figures;
mod lines;
#[cfg_attr(not(test), expect(dead_code, reason = "called once formats are told apart in one place"))]
mod ospp;
mod reading;
#[cfg(test)]
mod samples;
#[cfg_attr(not(test), expect(dead_code, reason = "called once formats are told apart in one place"))]
mod slmgr;
pub mod text;

pub use reading::{FormatError, Reading, Skipped};
