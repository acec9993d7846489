//! What the tests share: running the program, and reading what it says.

pub mod check;
pub mod config;
pub mod curl;
pub mod daemon;
pub mod event_log;
pub mod listener;
pub mod post;
pub mod program;
pub mod raw;
pub mod reports;
pub mod request;
pub mod scrape;
pub mod sqlite;
pub mod status;
