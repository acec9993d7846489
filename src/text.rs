//! Verdicts in words: the one place where sentences and steps are made, from data alone.
//!
//! Each kind of sentence is one `match` over the facts of a verdict, in a file of its own: how much of a path works
//! (`coverage`), what is wrong with paths (`kms`, `online`, `intermittent`) and with machines on them (`machines`), who
//! depends on a path (`dependents`), why it cannot be judged (`unknown`) and what to do (`steps`). `summary` puts them
//! together. A language is added by translating these arms.

mod coverage;
mod dependents;
mod intermittent;
mod kms;
mod left_out;
mod machines;
mod names;
mod online;
mod steps;
mod summary;
mod unknown;

#[cfg(test)]
mod tests;

pub use steps::{first_steps, next_steps};
pub use summary::{clause, summary};

/// How many problems, hosts or endpoints of one kind are named; the rest are counted.
const NAMED: usize = 3;
