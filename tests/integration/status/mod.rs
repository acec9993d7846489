//! The activation status of a fleet: reports in, and what they add up to out.

mod import;
mod inputs;
mod keys;
mod samples;
