//! The activation status of a fleet: reports in, and what they add up to out.

mod durability;
mod import;
mod inbox;
mod inputs;
mod keys;
mod post;
mod samples;
mod turned_away;
