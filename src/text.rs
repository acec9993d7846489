//! Verdicts in words: the one place where sentences and steps are made, from data alone.
//!
//! A verdict has three parts: the `summary` says what is broken, the `impact` whom that hurts and when, and the
//! `steps` what to do. The words themselves are in the catalogues, a folder to each language: see [`crate::catalogue`]. What is
//! here decides what is said, and hands over the facts.

mod clocks;
mod codes;
mod coverage;
mod details;
mod flaws;
mod impact;
mod intermittent;
pub(crate) mod key;
mod kms;
mod left_out;
mod machines;
mod names;
mod online;
mod spans;
mod steps;
mod summary;
mod unknown;

#[cfg(test)]
mod tests;

pub use crate::catalogue::Words;
pub(crate) use crate::catalogue::say;
pub use clocks::summary as clock_summary;
pub use codes::client_codes;
pub(crate) use codes::{status as license_status, with_meaning as code_with_meaning};
pub use details::detail;
pub use impact::impact;
pub(crate) use names::joined;
pub(crate) use spans::span;
pub use steps::{first_steps, next_steps};
pub(crate) use summary::{are_alike, unmeasured};
pub use summary::{clause, summary, together};

/// How many hosts, endpoints or machines are named; the rest are counted.
pub(crate) const NAMED: usize = 3;

/// The longest sentence, in words.
pub(crate) const MOST_WORDS: usize = 25;
