//! The daemon: what it answers, what it notices, what it logs, and how it ends.

mod changes;
mod damping;
mod descriptors;
mod discovery;
mod ending;
mod endpoints;
mod log;
mod supervision;
mod unconfigured;
