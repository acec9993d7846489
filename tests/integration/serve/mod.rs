//! The daemon: what it answers, what it notices, what it logs, and how it ends.

mod access;
mod changes;
mod connections;
mod damping;
mod descriptors;
mod discovery;
mod ending;
mod endpoints;
mod http;
mod log;
mod openapi;
mod supervision;
mod unconfigured;
