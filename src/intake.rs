//! Reports as they come in: files, the inbox and request bodies, read by the [`formats`](crate::formats) ([`settle`]),
//! merged into the fleet ([`decide`]) and written to the store ([`keeper`], [`writer`]). [`service`] is what runs of it in
//! the daemon, beside what keeps the verdicts of paths in the same store.

pub mod admission;
mod ambiguous;
pub mod decide;
pub mod health;
pub mod importer;
pub mod inbox;
pub mod input;
pub mod inventory;
pub mod keeper;
pub mod reach;
pub mod service;
pub mod settings;
pub mod settle;
mod share;
pub mod stop;
pub mod timekeeper;
mod upkeep;
mod verdicts;
mod words;
pub mod writer;
