//! The activation status of a fleet: reports in, and what they add up to out.

mod applications;
mod asked;
mod damaged;
mod dependents;
mod diagnosis;
mod durability;
mod expected;
mod file;
mod fleet;
mod hanging;
mod import;
mod inbox;
mod inputs;
mod keys;
mod machines;
mod post;
mod readers;
mod rejected;
mod samples;
mod secrets;
mod senders;
mod shared;
mod stages;
mod tokens;
mod unusable;
mod wrong_clock;
