//! The activation status of a fleet: reports are read in whatever format they come, kept in a store, and added up.

pub mod fleet;
pub mod formats;
pub mod store;
