//! Reports as they come in: files, the inbox and request bodies, read by the [`formats`](crate::formats), merged into the
//! fleet and written to the store.

pub mod importer;
pub mod inbox;
pub mod input;
pub mod service;
pub mod settle;
pub mod writer;
