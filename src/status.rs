//! The activation status of a fleet: reports are read in whatever format they come, kept in a store, and added up.
//!
//! Data flows one way: [`inbox`], `POST /api/v1/status` and `gracewatch import` hand bytes to the [`importer`];
//! [`intake`] reads them with the [`formats`] and settles whom each report is about and when it held; the [`writer`]
//! puts them in the [`store`]; what they add up to is the [`fleet`]. The [`service`] is what runs in the daemon.

pub mod dependents;
pub mod fleet;
pub mod formats;
pub mod importer;
pub mod inbox;
pub mod input;
pub mod intake;
pub mod service;
pub mod store;
pub mod tokens;
pub mod writer;
