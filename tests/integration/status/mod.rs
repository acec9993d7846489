//! The activation status of a fleet: reports in, and what they add up to out.

mod dependents;
mod diagnosis;
mod durability;
mod fleet;
mod import;
mod inbox;
mod inputs;
mod keys;
mod machines;
mod post;
mod samples;
mod secrets;
mod senders;
mod shared;
mod stages;
mod tokens;
mod turned_away;
